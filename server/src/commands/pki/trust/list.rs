//! `renkei pki trust list`: the CAs of others that are trusted.

use crate::pki::{self, Authority, Crl, Ending, Looked, Peer, Pki};
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
        let told: Vec<Value> = authorities.iter().map(|ca| json(ca, &peers, &pki)).collect();
        show::json_line(&json!({ "authorities": told }))?;
        return Ok(0);
    }
    for authority in &authorities {
        show::line(&line(authority, &peers, &pki))?;
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

fn json(authority: &Authority, peers: &[Peer], pki: &Pki) -> Value {
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
    if let (Some(crl), Some(told)) = (&authority.crl, told.as_object_mut()) {
        let list = crl.list.as_ref();
        let looked = Looked::read(pki, name);
        let crl = json!({
            "source": crl.source.to_string(),
            "state": state(crl),
            "this_update": list.map(|list| list.this_update.to_rfc3339()),
            "next_update": list.and_then(|list| list.next_update).map(|next| next.to_rfc3339()),
            "revoked": list.map(|list| list.revoked),
            "looked": looked.as_ref().map(|looked| looked.at.to_rfc3339()),
            "failure": looked.and_then(|looked| looked.failure),
        });
        told.insert("crl".to_owned(), crl);
    }
    told
}

/// Whether its list is `good`, past its time (`stale`), or not there (`none`).
fn state(crl: &Crl) -> &'static str {
    match &crl.list {
        Some(list) if list.is_stale(Utc::now()) => "stale",
        Some(_) => "good",
        None => "none",
    }
}

/// What is told of its list, for people.
fn list(crl: &Crl, failure: Option<String>) -> String {
    let next = crl.list.as_ref().and_then(|list| list.next_update);
    let next = next.map_or("-".to_owned(), |next| next.format("%Y-%m-%dT%H:%MZ").to_string());
    let count = crl.list.as_ref().map_or(0, |list| list.revoked);
    let state = match state(crl) {
        "good" => format!("次回 {next}、失効 {count} 件 / next {next}, {count} revoked"),
        "stale" => format!("期限切れ {next} / past its nextUpdate {next}"),
        _ => "なし / none yet".to_owned(),
    };
    let failure = failure.map(|failure| format!("; {failure}")).unwrap_or_default();
    format!("  CRL {}（{state}{failure}）", crl.source)
}

fn line(authority: &Authority, peers: &[Peer], pki: &Pki) -> String {
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
    let failure = Looked::read(pki, name).and_then(|looked| looked.failure);
    let crl = authority.crl.as_ref().map(|crl| list(crl, failure)).unwrap_or_default();
    format!("{name}  {subject} (SHA-256 {fingerprint})  ～{day}{left}  {nodes}{crl}")
}
