//! What changes who is let in goes on record first.

use super::super::house::HouseArguments;
use super::super::runtime;
use super::super::trail::Trail;
use super::member::Owners;
use crate::pki::{Entitlement, NodeName};
use crate::site::Site;
use anyhow::Context;
use renkei_atna::build::{self, Local, Peer};
use renkei_context::Roles;
use renkei_sealing::KeyRing;

/// Does `work` of what is called `name`, when it is on record in these words.
pub(super) fn on_record<T>(
    house: &HouseArguments,
    name: &str,
    words: &str,
    work: impl FnOnce() -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let settings = house.settings()?;
    let dir = &house.data_dir;
    let dir = dir.canonicalize().with_context(|| dir.display().to_string())?;
    let keys = KeyRing::open_or_create(&Site::keys_dir_of(&dir))?;
    let trail = Trail::open(&dir, &settings, &keys)?;
    let record = |at, id, operator: &Peer, local: &Local| {
        build::node_changed(at, id, operator, name, words, local)
    };
    runtime()?.block_on(trail.on_record(record, async { work() }))
}

/// Lets a node in by `work`, on record in these words and, of a node of a member, in the member's history.
pub(super) fn let_in<T>(
    house: &HouseArguments,
    owners: Option<&Owners>,
    (name, roles, entitlement): (&NodeName, &Roles, &Entitlement),
    words: &str,
    work: impl FnOnce() -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let member = match owners {
        Some(owners) => owners.member(name, roles, entitlement)?,
        None => None,
    };
    match owners.zip(member.as_ref()) {
        Some((owners, member)) => owners.let_in(member, name, work),
        None => on_record(house, name.as_str(), words, work),
    }
}
