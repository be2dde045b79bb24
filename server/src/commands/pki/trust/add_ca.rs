//! `renkei pki trust add-ca`: a CA of others is trusted.

use super::super::super::house::HouseArguments;
use super::super::record;
use crate::pki::{NodeName, NotAName, Pki, read_authority};
use crate::show;
use chrono::Utc;
use serde_json::json;
use std::path::PathBuf;

/// Which.
#[derive(Debug, clap::Args)]
pub(crate) struct AddCaArguments {
    /// Certificate of the CA that signs those of nodes: PEM or DER. 認証局の証明書のファイル。
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// What it is called here; an earlier CA of that name is trusted no more. 認証局の名前。
    #[arg(long, value_name = "N", value_parser = |s: &str| s.parse::<NodeName>().map_err(|e: NotAName| e))]
    name: NodeName,
    #[command(flatten)]
    house: HouseArguments,
    /// Tell it as JSON. JSONで出力する。
    #[arg(long)]
    json: bool,
}

/// Status 0 when it is trusted; it is on record before it is done.
pub(super) fn run(arguments: &AddCaArguments) -> anyhow::Result<u8> {
    let AddCaArguments { file, name, house, json } = arguments;
    let certificate = read_authority(file, Utc::now())?;
    house.settings()?;
    let pki = Pki::open(&house.data_dir)?;
    let authority = pki.trusting(name, certificate)?;
    let words = format!(
        "認証局を信頼 / CA trusted: {} (SHA-256 {})",
        authority.subject, authority.fingerprint
    );
    record::on_record(house, name.as_str(), &words, || Ok(pki.trust(&authority)?))?;
    if *json {
        show::json_line(&json!({
            "name": name.as_str(),
            "subject": authority.subject,
            "fingerprint": authority.fingerprint,
            "expires": authority.expires.to_rfc3339(),
        }))?;
    } else {
        show::line(&format!(
            "{name}  認証局 {subject} を信頼します(SHA-256 {print}、有効期限 {day})。ノードは renkei pki trust add-node で登録します / is trusted (good until {day}); enter its nodes by renkei pki trust add-node",
            subject = authority.subject,
            print = authority.fingerprint,
            day = authority.expires.format("%Y-%m-%d"),
        ))?;
    }
    Ok(0)
}
