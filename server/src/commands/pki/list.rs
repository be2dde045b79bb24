//! `renkei pki list`: who may connect, and what they are entitled to.

use crate::pki::{self, Earlier, Ending, Entitlement, Peer, Pki};
use crate::ready;
use chrono::Utc;
use renkei_context::Role;
use serde::Serialize;
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
    fingerprint: String,
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
}

impl Listed {
    fn new(peer: Peer) -> Self {
        Self {
            own: peer.is_own(),
            pinned: peer.pinned,
            days: Ending::of(&peer.name, peer.expires, Utc::now()).map(|ending| ending.days),
            roles: peer.roles.iter().map(Role::name).collect(),
            expires: peer.expires.to_rfc3339(),
            earlier: peer.earlier.filter(|earlier| earlier.until > Utc::now()),
            name: peer.name,
            subject: peer.subject,
            fingerprint: peer.fingerprint,
            entitlement: peer.entitlement,
        }
    }
}

pub(super) fn run(arguments: &ListArguments) -> anyhow::Result<u8> {
    let pki = Pki::open(&arguments.data_dir)?;
    let nodes: Vec<Listed> = pki::list(&pki.peers_dir())?.into_iter().map(Listed::new).collect();
    if arguments.json {
        ready::print(&serde_json::json!({ "nodes": nodes }))?;
        return Ok(0);
    }
    let mut out = io::stdout();
    for node in nodes {
        let Listed { name, roles, entitlement, expires, .. } = &node;
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
        let earlier = earlier.unwrap_or_default();
        writeln!(out, "{name}  {roles}  ～{day}{left}{earlier}  {entitlement}")?;
    }
    Ok(0)
}
