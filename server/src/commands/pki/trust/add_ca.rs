//! `renkei pki trust add-ca`: a CA of others is trusted.

use super::super::super::house::HouseArguments;
use super::super::record;
use crate::pki::{
    CrlSource, NodeName, NotAName, NotASource, Pki, read_authority, read_crl, take_crl,
};
use crate::show;
use anyhow::Context;
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
    /// Where it publishes what it revoked (CRL): a file that is looked at every half second, or a URL (http, https) that is
    /// fetched at an interval. Without it, nobody asks. 失効リスト(CRL)のファイルまたはURL。
    #[arg(long, value_name = "FILE|URL", value_parser = |s: &str| s.parse::<CrlSource>().map_err(|e: NotASource| e))]
    crl: Option<CrlSource>,
    #[command(flatten)]
    house: HouseArguments,
    /// Tell it as JSON. JSONで出力する。
    #[arg(long)]
    json: bool,
}

/// Status 0 when it is trusted; it is on record before it is done.
pub(super) fn run(arguments: &AddCaArguments) -> anyhow::Result<u8> {
    let AddCaArguments { file, name, house, json, .. } = arguments;
    let certificate = read_authority(file, Utc::now())?;
    let source = source(arguments)?;
    let settings = house.settings()?;
    let pki = Pki::open(&house.data_dir)?;
    let authority = pki.trusting(name, certificate.clone(), source.clone())?;
    let told = source.as_ref().map_or("-".to_owned(), ToString::to_string);
    let words = format!(
        "認証局を信頼 / CA trusted: {} (SHA-256 {}) CRL {told}",
        authority.subject, authority.fingerprint
    );
    let first = match &source {
        Some(CrlSource::File(path)) => {
            let read = read_crl(path, settings.tls.crl_bytes).map_err(anyhow::Error::msg);
            Some(read.with_context(|| path.display().to_string())?)
        }
        Some(CrlSource::Url(_)) | None => None,
    };
    record::on_record(house, name.as_str(), &words, || {
        if let Some(bytes) = &first {
            take_crl(&pki, name.as_str(), &certificate, bytes)?;
        }
        Ok(pki.trust(&authority)?)
    })?;
    if *json {
        show::json_line(&json!({
            "name": name.as_str(),
            "subject": authority.subject,
            "fingerprint": authority.fingerprint,
            "expires": authority.expires.to_rfc3339(),
            "crl": source.map(|source| source.to_string()),
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

/// Where its list is, a file by its whole path: the server runs elsewhere.
fn source(arguments: &AddCaArguments) -> anyhow::Result<Option<CrlSource>> {
    Ok(match &arguments.crl {
        Some(CrlSource::File(path)) => {
            let whole = path.canonicalize().with_context(|| path.display().to_string())?;
            Some(CrlSource::File(whole))
        }
        other => other.clone(),
    })
}
