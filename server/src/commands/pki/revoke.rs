//! `renkei pki revoke`: a node is let in no more.

use super::super::house::HouseArguments;
use super::super::member::desk::Desk;
use super::super::runtime;
use super::super::trail::Trail;
use crate::members::{Deed, Members};
use crate::pki::{NodeName, NotAName, Pki};
use crate::show;
use crate::site::Site;
use anyhow::{Context, ensure};
use renkei_atna::build::{self, Local, Peer};
use renkei_sealing::KeyRing;
use serde_json::json;

/// Whom.
#[derive(Debug, clap::Args)]
pub(crate) struct RevokeArguments {
    /// Name of the node. ノード名。
    #[arg(value_name = "NAME", value_parser = |s: &str| s.parse::<NodeName>().map_err(|e: NotAName| e))]
    name: NodeName,
    #[command(flatten)]
    house: HouseArguments,
    /// Tell what was revoked as JSON. JSONで出力する。
    #[arg(long)]
    json: bool,
}

/// Status 0 when there was such a node; it is on record before it is done.
pub(super) fn run(arguments: &RevokeArguments) -> anyhow::Result<u8> {
    let RevokeArguments { name, house, json } = arguments;
    ensure!(
        !name.is_own(),
        "{name}: 拠点自身のノードは失効できません / a node of the house itself cannot be revoked"
    );
    // A folder that is not there is no house, and is not made one.
    let dir = &house.data_dir;
    let dir = dir.canonicalize().with_context(|| dir.display().to_string())?;
    let settings = house.settings()?;
    let pki = Pki::open(&dir)?;
    let peer = pki.peer(name)?.with_context(|| {
        format!(
            "{name}: 登録されていません(`renkei pki list` で確認できます) / is not registered (see `renkei pki list`)"
        )
    })?;
    let keys = KeyRing::open_or_create(&Site::keys_dir_of(&dir))?;
    let trail = Trail::open(&dir, &settings, &keys)?;
    let told = format!("失効 / revoked: {}", peer.known_by());
    runtime()?.block_on(async {
        let record = |at, id, operator: &Peer, local: &Local| {
            build::node_changed(at, id, operator, name.as_str(), &told, local)
        };
        trail.on_record(record, async { pki.revoke(name) }).await
    })?;
    remember(house, name)?;
    if *json {
        show::json_line(&json!({
            "name": name.as_str(),
            "subject": peer.subject,
            "fingerprint": Some(peer.fingerprint).filter(|print| !print.is_empty()),
            "ca": peer.ca,
        }))?;
    } else {
        show::line(&format!(
            "{name}  失効しました。稼働中の拠点は1秒以内に接続を切断します / revoked; a running house ends its connections within a second"
        ))?;
    }
    Ok(0)
}

/// Of a node of a member, its history tells it, too.
fn remember(house: &HouseArguments, name: &NodeName) -> anyhow::Result<()> {
    if Members::of(&house.data_dir).is_empty()? {
        return Ok(());
    }
    let desk = Desk::open(house, None)?;
    // It is revoked, whether or not every member can be read.
    let members = desk.held.members().read()?.members;
    let owner = members.into_iter().find(|member| member.nodes().contains(name.as_str()));
    let Some(member) = owner else { return Ok(()) };
    let member = member.after(desk.event(Deed::Revoke, Some(name.as_str()), None))?;
    Ok(desk.held.put(&member)?)
}
