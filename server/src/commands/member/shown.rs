//! Members as they are shown: one object for machines, a table or lines for people.

use super::desk::Desk;
use crate::members::{Deed, Due, Event, Member};
use crate::pki::{self, Ending, Peer, Pki};
use crate::show;
use chrono::{DateTime, SecondsFormat, Utc};
use renkei_context::{Role, day_in_japan};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// The nodes that may connect, by their names, and by what members are measured.
pub(super) struct Nodes {
    peers: BTreeMap<String, Peer>,
    months: u32,
    pub(super) now: DateTime<Utc>,
}

impl Nodes {
    /// Those of one member alone. An entry that cannot be read lets nobody in.
    pub(super) fn of_one(member: &Member, dir: &Path, months: u32) -> anyhow::Result<Self> {
        let pki = Pki::open(dir)?;
        let names = member.nodes().into_iter().filter_map(|name| name.parse().ok());
        let peers = names.filter_map(|name| pki.peer(&name).ok().flatten());
        let peers = peers.map(|peer| (peer.name.clone(), peer)).collect();
        Ok(Self { peers, months, now: Utc::now() })
    }

    /// The same of a member that somebody changes.
    pub(super) fn at(desk: &Desk, member: &Member) -> anyhow::Result<Self> {
        Self::of_one(member, &desk.dir, desk.settings.members.review_months)
    }

    pub(super) fn of(dir: &Path, months: u32) -> anyhow::Result<Self> {
        let peers = pki::list(&Pki::open(dir)?.peers_dir())?;
        let peers = peers.into_iter().map(|peer| (peer.name.clone(), peer)).collect();
        Ok(Self { peers, months, now: Utc::now() })
    }

    /// Those of a member that are let in.
    pub(super) fn let_in<'a>(&'a self, member: &'a Member) -> impl Iterator<Item = &'a Peer> {
        member.nodes().into_iter().filter_map(|name| self.peers.get(name))
    }

    /// Those of others than the house that belong to none of `members`.
    pub(super) fn of_nobody(&self, members: &[Member]) -> Vec<&Peer> {
        let taken: BTreeSet<&str> = members.iter().flat_map(Member::nodes).collect();
        let others = self.peers.values().filter(|peer| !peer.is_own());
        others.filter(|peer| !taken.contains(peer.name.as_str())).collect()
    }

    pub(super) fn due(&self, member: &Member) -> Option<Due> {
        Due::of(member, self.months, self.now)
    }
}

/// A member without its history.
pub(super) fn as_json(member: &Member, nodes: &Nodes) -> Value {
    let (about, state, due) = (&member.about, member.state(), nodes.due(member));
    let reviewed = member.last(|event| event.what == Deed::Review);
    let node = |name: &str| match nodes.peers.get(name) {
        Some(peer) => node_json(peer, nodes.now),
        None => json!({ "name": name, "let_in": false }),
    };
    json!({
        "id": member.id,
        "kind": about.kind,
        "name": about.name,
        "number": about.number,
        "parent": about.parent,
        "contact": about.contact,
        "state": state,
        "state_ja": state.words().ja,
        "due": due.map(|due| due.on),
        "overdue": due.is_some_and(Due::is_over),
        "soon": due.is_some_and(Due::is_soon),
        "reviewed": reviewed.map(event_json),
        "nodes": member.nodes().into_iter().map(node).collect::<Vec<_>>(),
    })
}

/// A node that is let in, as far as its entry tells.
pub(super) fn node_json(peer: &Peer, now: DateTime<Utc>) -> Value {
    json!({
        "name": peer.name,
        "let_in": true,
        "roles": peer.roles.iter().map(Role::name).collect::<Vec<_>>(),
        "scope": peer.entitlement.scope,
        "source_id": peer.entitlement.source_id,
        "repository_id": peer.entitlement.repository_id,
        "institution": peer.entitlement.institution,
        "speaks_for": peer.entitlement.speaks_for,
        "expires": time(peer.expires),
        "days": Ending::of(&peer.name, peer.expires, now).map(|ending| ending.days),
        "to_approve": peer.unapproved(),
        "approved": peer.approved,
    })
}

pub(super) fn event_json(event: &Event) -> Value {
    json!({
        "at": time(event.at),
        "what": event.what,
        "by": event.by,
        "account": event.account,
        "node": event.node,
        "note": event.note,
    })
}

fn time(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// A node that is let in, for people.
pub(super) fn node_line(peer: &Peer) -> String {
    let roles: Vec<&str> = peer.roles.iter().map(Role::name).collect();
    let (roles, day) = (roles.join(", "), day_in_japan(peer.expires));
    let words = peer.unapproved();
    let approval = match (words.is_empty(), &peer.approved) {
        (false, _) => format!("  未承認 / not approved: {}", words.join(", ")),
        (true, Some(approved)) if !approved.words.is_empty() => {
            format!("  承認 / approved: {} ({})", approved.by, approved.words.join(", "))
        }
        (true, _) => String::new(),
    };
    format!("{}  {roles}  ～{day}  {}{approval}", peer.name, peer.entitlement)
}

/// When it is to be reviewed, for people.
pub(super) fn due(due: Option<Due>) -> String {
    match due {
        None => "-".to_owned(),
        Some(due) if due.is_over() => format!("{} 期限超過 / overdue", due.on),
        Some(due) if due.is_soon() => format!("{} あと{}日 / {} days", due.on, due.days, due.days),
        Some(due) => due.on.to_string(),
    }
}

/// Members in rows, under titles in both languages.
pub(super) fn table<'a>(members: impl Iterator<Item = &'a Member>, nodes: &Nodes) -> String {
    let head = ["会員", "状態", "種別", "番号", "棚卸期限", "ノード", "名称"];
    let english = ["member", "state", "kind", "number", "review by", "nodes", "name"];
    let mut rows = vec![head.map(str::to_owned), english.map(str::to_owned)];
    rows.extend(members.map(|member| {
        let (about, state) = (&member.about, member.state().words());
        let (in_now, all) = (nodes.let_in(member).count(), member.nodes().len());
        [
            member.id.to_string(),
            format!("{} / {}", state.ja, state.en),
            about.kind.row().ja.to_owned(),
            about.number.clone().unwrap_or_else(|| "-".to_owned()),
            due(nodes.due(member)),
            format!("{in_now}/{all}"),
            about.name.clone(),
        ]
    }));
    show::aligned(&rows)
}
