//! `renkei pki trust list`: the CAs of others that are trusted.

use crate::pki::{self, Authority, Ending, Peer, Pki};
use crate::show;
use chrono::Utc;
use serde_json::{Value, json};
use std::path::PathBuf;

/// Of which house.
#[derive(Debug, clap::Args)]
pub(crate) struct ListArguments {
    /// Data directory of the house. データディレクトリ。
    #[arg(long, value_name = "D")]
    data_dir: PathBuf,
    /// Tell it as JSON. JSONで出力する。
    #[arg(long)]
    json: bool,
}

pub(super) fn run(arguments: &ListArguments) -> anyhow::Result<u8> {
    let pki = Pki::open(&arguments.data_dir)?;
    let (authorities, peers) = (pki.authorities()?, pki::list(&pki.peers_dir())?);
    if arguments.json {
        let told: Vec<Value> = authorities.iter().map(|ca| json(ca, &peers)).collect();
        show::json_line(&json!({ "authorities": told }))?;
        return Ok(0);
    }
    for authority in &authorities {
        show::line(&line(authority, &peers))?;
    }
    Ok(0)
}

/// The nodes that are entered under a CA.
fn nodes<'p>(authority: &Authority, peers: &'p [Peer]) -> Vec<&'p str> {
    let under = peers.iter().filter(|peer| peer.ca.as_ref() == Some(&authority.name));
    under.map(|peer| peer.name.as_str()).collect()
}

fn days(authority: &Authority) -> Option<i64> {
    Ending::of(&authority.name, authority.expires, Utc::now()).map(|ending| ending.days)
}

fn json(authority: &Authority, peers: &[Peer]) -> Value {
    let Authority { name, subject, fingerprint, expires, .. } = authority;
    let mut told = json!({
        "name": name,
        "subject": subject,
        "fingerprint": fingerprint,
        "expires": expires.to_rfc3339(),
        "nodes": nodes(authority, peers),
    });
    if let (Some(days), Some(told)) = (days(authority), told.as_object_mut()) {
        told.insert("days".to_owned(), days.into());
    }
    told
}

fn line(authority: &Authority, peers: &[Peer]) -> String {
    let Authority { name, subject, fingerprint, expires, .. } = authority;
    let left = days(authority).map(|days| match days {
        ..0 => "（期限切れ / ended）".to_owned(),
        _ => format!("（残り{days}日 / {days} days left）"),
    });
    let (left, day) = (left.unwrap_or_default(), expires.format("%Y-%m-%d"));
    let nodes = match nodes(authority, peers) {
        nodes if nodes.is_empty() => "ノードなし / no nodes".to_owned(),
        nodes => nodes.join(", "),
    };
    format!("{name}  {subject} (SHA-256 {fingerprint})  ～{day}{left}  {nodes}")
}
