//! Persons: looked up.
//!
//! `survivor` leads to the person that it is now at once, never over another row. What was known of a person
//! who became another is in the row of the other, too, and leads there.

use super::leads::Hash;
use super::schema::{clue, person};
use super::vault::Vault;
use crate::compare::Clue;
use crate::error::IdentityError;
use crate::find::{Found, Pool};
use crate::spoken::Spoken;
use crate::whence::Whence;
use diesel::{
    ExpressionMethods, NullableExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl,
};
use renkei_database::{Db, each};
use renkei_metadata::ids::PatientId;
use std::collections::BTreeSet;

/// The most persons who are looked at for one question.
const POOL: i64 = 50;

/// The most keys that one statement names.
pub(crate) const LIST: usize = 500;

/// A record.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) key: i64,
    pub(crate) hash: Vec<u8>,
    /// The record that it is now.
    pub(crate) root: i64,
    pub(crate) told: i64,
    pub(crate) cluster: i64,
    /// By which rules its pairs were judged last.
    pub(crate) epoch: i64,
    pub(crate) found: Found,
    pub(crate) spoken: Spoken,
    pub(crate) whence: Whence,
}

impl Row {
    /// What is kept of it.
    pub(crate) fn sealed(&self, vault: &Vault) -> Result<Vec<u8>, IdentityError> {
        // The usual case is not written: everything was told at once, under its own identifier.
        let whence = Some(&self.whence).filter(|w| **w != Whence::all(true, self.told));
        vault.seal(&self.hash, (&self.found, &self.spoken, whence))
    }
}

/// What is known under an identifier.
pub(crate) fn person(
    db: &mut Db,
    vault: &Vault,
    id: &PatientId,
) -> Result<Option<Found>, IdentityError> {
    let Some(row) = by_hash(db, vault, &vault.id_hash(id))? else { return Ok(None) };
    Ok(Some(by_key(db, vault, row.root)?.found))
}

/// The persons who have one of these clues, each once.
pub(crate) fn with_clues(
    db: &mut Db,
    vault: &Vault,
    clues: &BTreeSet<Clue>,
) -> Result<Pool, IdentityError> {
    let mut roots = BTreeSet::new();
    let mut is_cut = false;
    for hash in clues.iter().map(|clue| vault.clue_hash(clue)) {
        let query = clue::table
            .inner_join(person::table)
            .filter(clue::hash.eq(hash))
            .select((person::key, person::survivor))
            .limit(POOL + 1);
        let rows: Vec<(i64, Option<i64>)> = each!(db, |c| query.load(c))?;
        is_cut |= i64::try_from(rows.len()).is_ok_and(|n| n > POOL);
        roots.extend(rows.into_iter().map(|(key, root)| root.unwrap_or(key)));
    }
    // Several clues may lead to more persons than each of them alone.
    is_cut |= i64::try_from(roots.len()).is_ok_and(|n| n > POOL);
    let found = roots.into_iter().take(usize::try_from(POOL).unwrap_or(0));
    let found = found.map(|key| by_key(db, vault, key).map(|row| (row.cluster, row.found)));
    Ok(Pool { found: found.collect::<Result<_, IdentityError>>()?, is_cut })
}

/// The records of a cluster that did not become others, each with its key.
pub(crate) fn of_cluster(
    db: &mut Db,
    vault: &Vault,
    cluster: i64,
) -> Result<Vec<(i64, Found)>, IdentityError> {
    let query = person::table
        .filter(person::cluster.eq(cluster))
        .filter(person::survivor.eq(person::key.nullable()))
        .order(person::key);
    let rows: Vec<Columns> = each!(db, |c| query.load(c))?;
    let open = |row| opened(vault, row).map(|row| (row.key, row.found));
    rows.into_iter().map(open).collect()
}

type Columns = (i64, Vec<u8>, Option<i64>, i64, Vec<u8>, bool, i64, i64);

pub(crate) fn by_hash(
    db: &mut Db,
    vault: &Vault,
    hash: &[u8],
) -> Result<Option<Row>, IdentityError> {
    let query = person::table.filter(person::id_hash.eq(hash));
    let row: Option<Columns> = each!(db, |c| query.first(c).optional())?;
    row.map(|row| opened(vault, row)).transpose()
}

pub(crate) fn by_key(db: &mut Db, vault: &Vault, key: i64) -> Result<Row, IdentityError> {
    let query = person::table.find(key);
    opened(vault, each!(db, |c| query.first(c))?)
}

/// The records of these hashes, as far as there are such.
pub(crate) fn by_hashes(
    db: &mut Db,
    vault: &Vault,
    hashes: &[Hash],
) -> Result<Vec<Row>, IdentityError> {
    let mut all = Vec::with_capacity(hashes.len());
    for part in hashes.chunks(LIST) {
        let query = person::table.filter(person::id_hash.eq_any(part));
        let rows: Vec<Columns> = each!(db, |c| query.load(c))?;
        for row in rows {
            all.push(opened(vault, row)?);
        }
    }
    Ok(all)
}

/// These records.
pub(crate) fn by_keys(
    db: &mut Db,
    vault: &Vault,
    keys: &BTreeSet<i64>,
) -> Result<Vec<Row>, IdentityError> {
    let list: Vec<i64> = keys.iter().copied().collect();
    let mut all = Vec::with_capacity(list.len());
    for part in list.chunks(LIST) {
        let query = person::table.filter(person::key.eq_any(part)).order(person::key);
        let rows: Vec<Columns> = each!(db, |c| query.load(c))?;
        for row in rows {
            all.push(opened(vault, row)?);
        }
    }
    Ok(all)
}

/// The first records behind `after`, those alone that were judged by other rules than these if an epoch is given.
pub(crate) fn behind(
    db: &mut Db,
    vault: &Vault,
    (after, not_by): (i64, Option<i64>),
    limit: i64,
) -> Result<Vec<Row>, IdentityError> {
    let query = person::table.filter(person::key.gt(after)).order(person::key).limit(limit);
    let rows: Vec<Columns> = match not_by {
        Some(epoch) => {
            let query = query.filter(person::epoch.ne(epoch));
            each!(db, |c| query.load(c))?
        }
        None => each!(db, |c| query.load(c))?,
    };
    rows.into_iter().map(|row| opened(vault, row)).collect()
}

fn opened(vault: &Vault, row: Columns) -> Result<Row, IdentityError> {
    let (key, hash, root, told, sealed, _, cluster, epoch) = row;
    let (found, spoken, whence) = vault.open(&hash, &sealed)?;
    let whence = whence.unwrap_or(Whence::all(true, told));
    let root = root.unwrap_or(key);
    Ok(Row { key, hash, root, told, cluster, epoch, found, spoken, whence })
}
