//! `renkei pki list`: who may connect, and what they are entitled to.

use crate::pki::{self, Earlier, Ending, Entitlement, Kept, NodeName, Peer, Pki, Row, Strangers};
use crate::ready;
use chrono::{DateTime, SecondsFormat, Utc};
use renkei_context::Role;
use serde::Serialize;
use serde_json::json;
use std::collections::BTreeSet;
use std::io::{self, Write};
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

/// A node that may connect.
#[derive(Serialize)]
struct Listed {
    name: String,
    subject: String,
    /// `null` for a node that is known by its subject under a CA.
    fingerprint: Option<String>,
    /// That CA.
    #[serde(skip_serializing_if = "Option::is_none")]
    ca: Option<String>,
    roles: Vec<&'static str>,
    #[serde(flatten)]
    entitlement: Entitlement,
    expires: String,
    /// The certificate before it, while that is let in, too.
    #[serde(skip_serializing_if = "Option::is_none")]
    earlier: Option<Earlier>,
    /// Whole days until that, where they are few.
    #[serde(skip_serializing_if = "Option::is_none")]
    days: Option<i64>,
    /// Whether its certificate is let in as it is, whoever signed it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pinned: bool,
    /// Whether it is a part of the house itself.
    own: bool,
    /// When it was let in last, and how often it was refused.
    #[serde(flatten)]
    seen: Seen,
}

/// What a house wrote down of a node; nothing before it ran.
#[derive(Default, Serialize)]
struct Seen {
    seen: Option<String>,
    refused: u64,
    refused_since: Option<String>,
    last_refused: Option<String>,
}

/// A name that is let in no more, and that was refused.
#[derive(Serialize)]
struct Former {
    name: String,
    #[serde(flatten)]
    seen: Seen,
}

fn second(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

impl From<&Row> for Seen {
    fn from(row: &Row) -> Self {
        Self {
            seen: row.seen.map(second),
            refused: row.refused,
            refused_since: Some(second(row.since)),
            last_refused: row.last_refused.map(second),
        }
    }
}

impl Seen {
    /// For people.
    fn told(&self) -> String {
        let (seen_ja, seen_en) = match &self.seen {
            Some(at) => (format!("最終接続 {at}"), format!("last seen {at}")),
            None => ("接続なし".to_owned(), "never seen".to_owned()),
        };
        let since = self.refused_since.as_ref().filter(|_| self.refused > 0);
        let refused = since.map(|since| {
            let day = since.get(..10).unwrap_or(since);
            let times = self.refused;
            (format!("、{day} から拒否 {times} 回"), format!(", refused {times} times since {day}"))
        });
        let (refused_ja, refused_en) = refused.unwrap_or_default();
        format!("（{seen_ja}{refused_ja} / {seen_en}{refused_en}）")
    }
}

impl Listed {
    fn new(peer: Peer, kept: &Kept) -> Self {
        Self {
            seen: kept.nodes.get(&peer.name).map(Seen::from).unwrap_or_default(),
            own: peer.is_own(),
            pinned: peer.pinned,
            days: Ending::of(&peer.name, peer.expires, Utc::now()).map(|ending| ending.days),
            roles: peer.roles.iter().map(Role::name).collect(),
            expires: peer.expires.to_rfc3339(),
            earlier: peer.earlier.filter(|earlier| earlier.until > Utc::now()),
            name: peer.name,
            subject: peer.subject,
            fingerprint: Some(peer.fingerprint).filter(|print| !print.is_empty()),
            ca: peer.ca,
            entitlement: peer.entitlement,
        }
    }
}

pub(super) fn run(arguments: &ListArguments) -> anyhow::Result<u8> {
    let pki = Pki::open(&arguments.data_dir)?;
    let kept = Kept::read(&pki)?;
    let ends = |peer: Peer| {
        let ca = peer.ca.as_ref().and_then(|ca| ca.parse::<NodeName>().ok());
        // A CA that was renewed under its name ends later than when the node was entered.
        let expires = ca.and_then(|ca| pki.authority(&ca).ok()).map(|ca| ca.expires);
        Peer { expires: expires.unwrap_or(peer.expires), ..peer }
    };
    let peers = pki::list(&pki.peers_dir())?.into_iter().map(ends);
    let nodes: Vec<Listed> = peers.map(|peer| Listed::new(peer, &kept)).collect();
    let former = former(&kept, &nodes);
    if arguments.json {
        ready::print(&json!({ "nodes": nodes, "former": former, "strangers": kept.strangers }))?;
        return Ok(0);
    }
    let mut out = io::stdout();
    for node in nodes {
        writeln!(out, "{}", line(&node))?;
    }
    for Former { name, seen } in former {
        writeln!(out, "{name}  登録なし / not entered any more  {}", seen.told())?;
    }
    if let Some(told) = kept.strangers.as_ref().and_then(strangers) {
        writeln!(out, "{told}")?;
    }
    Ok(0)
}

/// Those who were refused since they are let in no more, or before.
fn former(kept: &Kept, nodes: &[Listed]) -> Vec<Former> {
    let entered: BTreeSet<&str> = nodes.iter().map(|node| node.name.as_str()).collect();
    let rows = kept.nodes.iter();
    let rows = rows.filter(|(name, row)| row.refused > 0 && !entered.contains(name.as_str()));
    rows.map(|(name, row)| Former { name: name.clone(), seen: row.into() }).collect()
}

fn line(node: &Listed) -> String {
    let Listed { name, roles, entitlement, expires, .. } = node;
    let (roles, day) = (roles.join(", "), expires.get(..10).unwrap_or(expires));
    let left = node.days.map(|days| match days {
        ..0 => "（期限切れ / ended）".to_owned(),
        _ => format!("（残り{days}日 / {days} days left）"),
    });
    let left = left.unwrap_or_default();
    let earlier = node.earlier.as_ref().map(|earlier| {
        let until = earlier.until.format("%Y-%m-%d");
        format!("（旧証明書は{until}まで併用 / the earlier one until {until}）")
    });
    let (earlier, seen) = (earlier.unwrap_or_default(), node.seen.told());
    let ca = node.ca.as_ref().map(|ca| format!("（CA {ca}: {}）", node.subject));
    let ca = ca.unwrap_or_default();
    format!("{name}  {roles}  ～{day}{left}{earlier}{ca}  {entitlement}  {seen}")
}

/// Of strangers, where there were any.
fn strangers(strangers: &Strangers) -> Option<String> {
    let Strangers { since, refused, last } = strangers;
    let last = last.as_ref()?;
    Some(format!(
        "未登録の証明書の拒否 {refused} 回、最後は {at} の {subject}(SHA-256 {print}) / certificates that nobody entered were refused {refused} times since {since}, {subject} at {at} last",
        at = second(last.at),
        subject = last.subject,
        print = last.fingerprint,
        since = second(*since),
    ))
}
