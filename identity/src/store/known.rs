//! As whom persons are known: all identifiers of a cluster in one sealed row, and what changed of them for those who
//! want to be told.

use super::desk::Desk;
use super::persons;
use super::schema::{changed, known_as};
use super::vault::Vault;
use crate::changes::{Change, Changed};
use crate::error::IdentityError;
use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl};
use renkei_database::{Db, each};
use renkei_metadata::ids::PatientId;
use std::collections::{BTreeMap, BTreeSet};

/// A person, as it is now.
#[derive(Default)]
pub(crate) struct Person {
    /// The clusters in which its records were before.
    pub(crate) before: BTreeSet<i64>,
    /// Its records.
    pub(crate) roots: BTreeSet<i64>,
}

/// All identifiers of a cluster, those of the affinity domain first.
pub(crate) fn of(
    db: &mut Db,
    vault: &Vault,
    cluster: i64,
) -> Result<Option<Vec<PatientId>>, IdentityError> {
    let query = known_as::table.find(cluster).select(known_as::sealed);
    let sealed: Option<Vec<u8>> = each!(db, |c| query.first(c).optional())?;
    let Some(sealed) = sealed else { return Ok(None) };
    let texts: Vec<String> = vault.open_content(&context(cluster), &sealed)?;
    read(&texts).map(Some)
}

/// All identifiers of each of these clusters that is known.
fn of_all(
    db: &mut Db,
    vault: &Vault,
    clusters: &BTreeSet<i64>,
) -> Result<BTreeMap<i64, Vec<PatientId>>, IdentityError> {
    let mut all = BTreeMap::new();
    let list: Vec<i64> = clusters.iter().copied().collect();
    for part in list.chunks(persons::LIST) {
        let query = known_as::table.filter(known_as::cluster.eq_any(part));
        let rows: Vec<(i64, Vec<u8>)> = each!(db, |c| query.load(c))?;
        for (cluster, sealed) in rows {
            let texts: Vec<String> = vault.open_content(&context(cluster), &sealed)?;
            all.insert(cluster, read(&texts)?);
        }
    }
    Ok(all)
}

/// Writes down as whom persons are known, and what changed.
pub(crate) fn write(
    desk: &mut Desk<'_>,
    persons: &BTreeMap<i64, Person>,
) -> Result<(), IdentityError> {
    let old: BTreeSet<i64> = persons.values().flat_map(|person| person.before.clone()).collect();
    // Who came into being just now was known as nobody.
    let old = old.into_iter().filter(|cluster| !desk.is_alone(*cluster)).collect();
    let before = of_all(desk.db, &desk.inner.vault, &old)?;
    let gone: Vec<i64> = before.keys().filter(|old| !persons.contains_key(old)).copied().collect();
    if !gone.is_empty() {
        let gone = diesel::delete(known_as::table.filter(known_as::cluster.eq_any(gone)));
        each!(desk.db, |c| gone.execute(c))?;
    }
    for (cluster, person) in persons {
        let now = identifiers(desk, &person.roots)?;
        if before.get(cluster) != Some(&now) {
            keep(desk, *cluster, &now)?;
        }
        let before = person.before.iter().filter_map(|cluster| before.get(cluster)).cloned();
        tell(desk, Changed { before: before.collect(), now })?;
    }
    Ok(())
}

/// The identifiers of these records, and those that communities share of them.
fn identifiers(
    desk: &mut Desk<'_>,
    roots: &BTreeSet<i64>,
) -> Result<Vec<PatientId>, IdentityError> {
    let mut all = BTreeMap::new();
    let rules = &desk.inner.rules;
    for row in desk.by_keys(roots)? {
        let found = &row.found;
        let shared = found.person.identifiers.iter().map(|i| &i.id);
        let shared = shared.filter(|id| rules.shared.has(&id.authority));
        for id in shared.chain([&found.id]) {
            all.insert((id.authority != rules.home, id.to_string()), id.clone());
        }
    }
    Ok(all.into_values().collect())
}

fn keep(desk: &mut Desk<'_>, cluster: i64, ids: &[PatientId]) -> Result<(), IdentityError> {
    let sealed = desk.inner.vault.seal_content(&context(cluster), &texts(ids))?;
    let news = known_as::sealed.eq(sealed);
    each!(desk.db, |c| diesel::insert_into(known_as::table)
        .values((known_as::cluster.eq(cluster), news.clone()))
        .on_conflict(known_as::cluster)
        .do_update()
        .set(news)
        .execute(c))?;
    Ok(())
}

/// Puts a change down for those who want to be told. An identifier that stands alone refers to nothing.
fn tell(desk: &mut Desk<'_>, changed: Changed) -> Result<(), IdentityError> {
    let is_news = changed.before != [changed.now.clone()];
    let refers = changed.now.len() > 1 || changed.before.iter().any(|ids| ids.len() > 1);
    if !desk.inner.tells_changes || !is_news || !refers {
        return Ok(());
    }
    let before: Vec<Vec<String>> = changed.before.iter().map(|ids| texts(ids)).collect();
    let sealed = desk.inner.vault.seal_content(b"changed", &(before, texts(&changed.now)))?;
    let row = (changed::at.eq(desk.at), changed::sealed.eq(sealed));
    each!(desk.db, |c| diesel::insert_into(changed::table).values(row).execute(c))?;
    Ok(())
}

/// The oldest changes of whom nobody was told.
pub(crate) fn changes(db: &mut Db, vault: &Vault, most: i64) -> Result<Vec<Change>, IdentityError> {
    let query = changed::table.filter(changed::key.gt(0)).order(changed::key).limit(most).select((
        changed::key,
        changed::at,
        changed::sealed,
    ));
    let rows: Vec<(i64, i64, Vec<u8>)> = each!(db, |c| query.load(c))?;
    let change = |(key, at, sealed): (i64, i64, Vec<u8>)| {
        let (before, now): (Vec<Vec<String>>, Vec<String>) =
            vault.open_content(b"changed", &sealed)?;
        let before = before.iter().map(|ids| read(ids)).collect::<Result<_, _>>()?;
        let at = chrono::DateTime::from_timestamp_micros(at).ok_or(IdentityError::Content)?;
        Ok(Change { key, at, changed: Changed { before, now: read(&now)? } })
    };
    rows.into_iter().map(change).collect()
}

/// Forgets a change: everybody who wanted to be told was.
pub(crate) fn forget(db: &mut Db, keys: &[i64]) -> Result<(), IdentityError> {
    let told = diesel::delete(changed::table.filter(changed::key.eq_any(keys)));
    each!(db, |c| told.execute(c))?;
    Ok(())
}

fn texts(ids: &[PatientId]) -> Vec<String> {
    ids.iter().map(ToString::to_string).collect()
}

fn read(texts: &[String]) -> Result<Vec<PatientId>, IdentityError> {
    let read = |text: &String| PatientId::parse(text).map_err(|_| IdentityError::Content);
    texts.iter().map(read).collect()
}

fn context(cluster: i64) -> Vec<u8> {
    format!("known_as:{cluster}").into_bytes()
}
