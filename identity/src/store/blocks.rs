//! Which records are compared with which: those that a lead has in common.
//!
//! What too many records have is divided by finer leads, when the one comes that is too many, and what is too much even
//! so is left out and counted: a record is compared with a bounded number of others.

use super::desk::Desk;
use super::leads::Hash;
use super::schema::{crowd, lead};
use crate::error::IdentityError;
use crate::find::Found;
use crate::force::InForce;
use diesel::dsl::count_star;
use diesel::{ExpressionMethods, QueryDsl, QueryResult, RunQueryDsl};
use renkei_database::{Db, each};
use renkei_matching::{Form, block};
use renkei_person::Person;
use std::collections::{BTreeMap, BTreeSet};

/// A key as it is kept, and those that stand for it where too many have it.
struct Key {
    hash: Hash,
    finer: Vec<Hash>,
}

/// A record in the forms in which it is compared: with its own identifier, which others may have told of.
pub(crate) fn form(found: &Found, force: &InForce) -> Form {
    let mut identifiers = found.person.identifiers.clone();
    identifiers.push(found.id.clone().into());
    Form::of(&Person { identifiers, ..found.person.clone() }, &force.rules)
}

/// The leads of a record to those with which it is compared, and who they are.
pub(crate) fn of(
    desk: &mut Desk<'_>,
    key: i64,
    form: &Form,
) -> Result<(BTreeSet<Hash>, BTreeSet<i64>), IdentityError> {
    let keys = keys(desk, form);
    let crowded = crowded(desk.db, &keys)?;
    let mut leads = chosen(&keys, &crowded);
    let mut others = members(desk.db, &leads)?;
    let most = desk.inner.in_force().rules.block;
    let full: Vec<Hash> = leads
        .iter()
        .filter(|hash| others.get(*hash).is_some_and(|all| count_without(all, key) >= most))
        .cloned()
        .collect();
    for hash in full {
        leads.remove(&hash);
        let Some(all) = others.remove(&hash) else { continue };
        match keys.iter().find(|key| key.hash == hash) {
            Some(divided) => {
                divide(desk, &hash, &all)?;
                let finer: BTreeSet<Hash> = divided.finer.iter().cloned().collect();
                others.extend(members(desk.db, &finer)?);
                leads.extend(finer);
            }
            None => leave_out(desk.db, &hash)?,
        }
    }
    // A finer lead may be full at once; what it has is still bounded, and the next one to come leaves it out.
    let others = others.into_values().flatten().filter(|other| *other != key).collect();
    Ok((leads, others))
}

/// How many leads were left out: whoever has nothing else in common was not compared.
pub(crate) fn left_out(db: &mut Db) -> QueryResult<i64> {
    let query = crowd::table.filter(crowd::is_left_out.eq(true)).select(count_star());
    each!(db, |c| query.first(c))
}

/// The other records with which one is to be compared, by the leads that there are.
pub(crate) fn others(
    desk: &mut Desk<'_>,
    key: i64,
    form: &Form,
) -> Result<BTreeSet<i64>, IdentityError> {
    let keys = keys(desk, form);
    let crowded = crowded(desk.db, &keys)?;
    let found = members(desk.db, &chosen(&keys, &crowded))?;
    Ok(found.into_values().flatten().filter(|other| *other != key).collect())
}

fn keys(desk: &Desk<'_>, form: &Form) -> Vec<Key> {
    let vault = &desk.inner.vault;
    let hash = |text: &String| vault.lead_hash(&format!("block\n{text}"));
    let key = |key: block::Key| Key {
        hash: hash(&key.text),
        finer: key.finer.iter().map(hash).collect(),
    };
    block::keys(form).into_iter().map(key).collect()
}

/// The leads of these that too many have; those that are left out with `true`.
fn crowded(db: &mut Db, keys: &[Key]) -> QueryResult<BTreeMap<Hash, bool>> {
    let coarse: Vec<&Hash> = keys.iter().map(|key| &key.hash).collect();
    let query = crowd::table.filter(crowd::hash.eq_any(coarse));
    let mut found: Vec<(Hash, bool)> = each!(db, |c| query.load(c))?;
    if !found.is_empty() {
        let divided: BTreeSet<Hash> = found.iter().map(|(hash, _)| hash.clone()).collect();
        let finer: Vec<&Hash> = keys
            .iter()
            .filter(|key| divided.contains(&key.hash))
            .flat_map(|key| &key.finer)
            .collect();
        let query = crowd::table.filter(crowd::hash.eq_any(finer));
        found.extend(each!(db, |c| query.load::<(Hash, bool)>(c))?);
    }
    Ok(found.into_iter().collect())
}

fn chosen(keys: &[Key], crowded: &BTreeMap<Hash, bool>) -> BTreeSet<Hash> {
    let mut chosen = BTreeSet::new();
    for key in keys {
        match crowded.contains_key(&key.hash) {
            false => chosen.extend([key.hash.clone()]),
            true => {
                let finer = key.finer.iter().filter(|hash| !crowded.contains_key(*hash));
                chosen.extend(finer.cloned());
            }
        }
    }
    chosen
}

fn members(db: &mut Db, leads: &BTreeSet<Hash>) -> QueryResult<BTreeMap<Hash, BTreeSet<i64>>> {
    let list: Vec<&Hash> = leads.iter().collect();
    let query = lead::table.filter(lead::hash.eq_any(list)).select((lead::hash, lead::person_key));
    let rows: Vec<(Hash, i64)> = each!(db, |c| query.load(c))?;
    let mut members: BTreeMap<Hash, BTreeSet<i64>> = BTreeMap::new();
    for (hash, key) in rows {
        members.entry(hash).or_default().insert(key);
    }
    Ok(members)
}

fn count_without(all: &BTreeSet<i64>, key: i64) -> usize {
    all.len() - usize::from(all.contains(&key))
}

/// All who have this lead have finer ones in its place from now on.
fn divide(desk: &mut Desk<'_>, hash: &Hash, all: &BTreeSet<i64>) -> Result<(), IdentityError> {
    for row in desk.by_keys(all)? {
        let form = desk.form(&row);
        let own = keys(desk, &form);
        let finer = own.iter().filter(|own| own.hash == *hash).flat_map(|own| &own.finer);
        for new in finer {
            let row = (lead::hash.eq(new), lead::person_key.eq(row.key));
            let insert = diesel::insert_into(lead::table).values(row);
            each!(desk.db, |c| insert.on_conflict_do_nothing().execute(c))?;
        }
    }
    crowds(desk.db, hash, false)
}

fn leave_out(db: &mut Db, hash: &Hash) -> Result<(), IdentityError> {
    crowds(db, hash, true)
}

fn crowds(db: &mut Db, hash: &Hash, is_left_out: bool) -> Result<(), IdentityError> {
    let all = diesel::delete(lead::table.filter(lead::hash.eq(hash)));
    each!(db, |c| all.execute(c))?;
    let row = (crowd::hash.eq(hash), crowd::is_left_out.eq(is_left_out));
    let insert = diesel::insert_into(crowd::table).values(row);
    each!(db, |c| insert.on_conflict_do_nothing().execute(c))?;
    Ok(())
}
