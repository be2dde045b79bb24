//! `renkei pki revoke`: a node is let in no more.

use super::super::community::recorded::Trail;
use super::super::runtime;
use crate::pki::{NodeName, NotAName, Pki};
use crate::settings::{Settings, Sources};
use crate::show;
use crate::site::Site;
use anyhow::{Context, ensure};
use renkei_atna::build::{self, Local, Peer};
use renkei_sealing::KeyRing;
use serde_json::json;
use std::path::PathBuf;

/// Whom.
#[derive(Debug, clap::Args)]
pub(crate) struct RevokeArguments {
    /// Name of the node. ノード名。
    #[arg(value_name = "NAME", value_parser = |s: &str| s.parse::<NodeName>().map_err(|e: NotAName| e))]
    name: NodeName,
    /// Data directory of the house. データディレクトリ。
    #[arg(long, value_name = "D")]
    data_dir: PathBuf,
    /// Settings that go before D/renkei.toml, as for serve. 追加の設定ファイル。
    #[arg(long, value_name = "F")]
    config: Option<PathBuf>,
    /// A setting that goes before all files, as for serve. 個別の設定。
    #[arg(long, value_name = "key=value")]
    set: Vec<String>,
    /// Tell what was revoked as JSON. JSONで出力する。
    #[arg(long)]
    json: bool,
}

/// Status 0 when there was such a node; it is on record before it is done.
pub(super) fn run(arguments: &RevokeArguments) -> anyhow::Result<u8> {
    let RevokeArguments { name, data_dir, config, set, json } = arguments;
    ensure!(
        !name.is_own(),
        "{name}: 拠点自身のノードは失効できません / a node of the house itself cannot be revoked"
    );
    let dir = data_dir.canonicalize().with_context(|| data_dir.display().to_string())?;
    let sources = Sources { data_dir: dir.clone(), config: config.clone(), set: set.clone() };
    let settings = Settings::load(&sources)?;
    let pki = Pki::open(&dir)?;
    let peer = pki.peer(name)?.with_context(|| {
        format!(
            "{name}: 登録されていません(`renkei pki list` で確認できます) / is not registered (see `renkei pki list`)"
        )
    })?;
    let keys = KeyRing::open_or_create(&Site::keys_dir_of(&dir))?;
    let trail = Trail::open(&dir, &settings, &keys)?;
    let told = format!("失効 / revoked: {} (SHA-256 {})", peer.subject, peer.fingerprint);
    runtime()?.block_on(async {
        let record = |at, id, operator: &Peer, local: &Local| {
            build::node_changed(at, id, operator, name.as_str(), &told, local)
        };
        trail.on_record(record, async { pki.revoke(name) }).await
    })?;
    if *json {
        show::json_line(&json!({
            "name": name.as_str(),
            "subject": peer.subject,
            "fingerprint": peer.fingerprint,
        }))?;
    } else {
        show::line(&format!(
            "{name}  失効しました。稼働中の拠点は1秒以内に接続を切断します / revoked; a running house ends its connections within a second"
        ))?;
    }
    Ok(0)
}
