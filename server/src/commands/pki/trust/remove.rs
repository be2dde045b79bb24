//! `renkei pki trust remove`: a CA of others is trusted no more.

use super::super::super::house::HouseArguments;
use super::super::record;
use crate::pki::{NodeName, NotAName, Pki};
use crate::show;
use anyhow::Context;
use serde_json::json;

/// Which.
#[derive(Debug, clap::Args)]
pub(crate) struct RemoveArguments {
    /// Name of the CA. 認証局の名前。
    #[arg(value_name = "NAME", value_parser = |s: &str| s.parse::<NodeName>().map_err(|e: NotAName| e))]
    name: NodeName,
    #[command(flatten)]
    house: HouseArguments,
    /// Tell it as JSON. JSONで出力する。
    #[arg(long)]
    json: bool,
}

/// Status 0 when there was such a CA; it is on record before it is done. Its nodes stay entered, and are let in by it no
/// more.
pub(super) fn run(arguments: &RemoveArguments) -> anyhow::Result<u8> {
    let RemoveArguments { name, house, json } = arguments;
    // A folder that is not there is no house, and is not made one.
    let dir = &house.data_dir;
    dir.canonicalize().with_context(|| dir.display().to_string())?;
    let pki = Pki::open(dir)?;
    let authority = pki.authority(name)?;
    let words = format!(
        "認証局の信頼を取り消し / CA no longer trusted: {} (SHA-256 {})",
        authority.subject, authority.fingerprint
    );
    record::on_record(house, name.as_str(), &words, || Ok(pki.distrust(&authority)?))?;
    if *json {
        show::json_line(&json!({
            "name": name.as_str(),
            "subject": authority.subject,
            "fingerprint": authority.fingerprint,
        }))?;
    } else {
        show::line(&format!(
            "{name}  信頼を取り消しました。稼働中の拠点は1秒以内に接続を切断します / is trusted no more; a running house ends the connections of its nodes within a second"
        ))?;
    }
    Ok(0)
}
