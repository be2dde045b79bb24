//! Many rows at once. On PostgreSQL each statement is a trip to another process, so that a list goes as one, which is
//! prepared once whatever its length; SQLite is in this process, and takes rows one by one as fast.

use super::leads::Hash;
use super::pairs::Edge;
use super::persons::Row;
use super::records::SealedRow;
use super::schema::{clue, domain, lead, pair, person};
use diesel::dsl::max;
use diesel::sql_types::{Array, BigInt, Binary, Bool, Integer, Nullable, SingleValue, Text};
use diesel::{ExpressionMethods, IntoSql, QueryDsl, QueryResult, RunQueryDsl, define_sql_function};
use renkei_database::Db;
use renkei_metadata::ids::Oid;
use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

define_sql_function! {
    /// The elements of a list, each a row.
    fn unnest<T: SingleValue>(list: Array<T>) -> T;
}

define_sql_function! {
    /// The sequence of which the keys of a table are.
    fn pg_get_serial_sequence(table: Text, column: Text) -> Text;
}

define_sql_function! {
    /// The next number of a sequence.
    fn nextval(sequence: Text) -> BigInt;
}

/// Keys that this process drew from the sequence of PostgreSQL ahead of the records that take them: what is drawn is
/// nobody else's, whatever becomes of the transaction.
#[derive(Debug, Default)]
pub(crate) struct Keys(Mutex<Vec<i64>>);

/// Keys that are drawn at once.
const DRAWN: i64 = 100;

impl Keys {
    /// A key for a record that is written later; `last` was given before, and may not be written yet either.
    pub(super) fn new_key(&self, db: &mut Db, last: Option<i64>) -> QueryResult<i64> {
        match db {
            // A writer is alone, and no record is ever deleted.
            Db::Sqlite(c) => {
                let highest: Option<i64> = person::table.select(max(person::key)).first(c)?;
                Ok(highest.max(last).unwrap_or(0) + 1)
            }
            Db::Pg(c) => {
                let mut drawn = self.0.lock().unwrap_or_else(PoisonError::into_inner);
                if let Some(key) = drawn.pop() {
                    return Ok(key);
                }
                let next = nextval(pg_get_serial_sequence("person", "key"));
                let rows: Vec<i64> = (0..DRAWN).collect();
                let draw = diesel::select((next, unnest::<BigInt, _>(rows)));
                *drawn =
                    draw.load::<(i64, i64)>(c)?.into_iter().rev().map(|(key, _)| key).collect();
                drawn.pop().ok_or(diesel::result::Error::NotFound)
            }
        }
    }
}

/// New records, each with what is sealed of it.
pub(super) fn insert_persons(db: &mut Db, home: &Oid, rows: &[SealedRow]) -> QueryResult<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let is_home = |row: &Row| row.found.id.authority == *home;
    match db {
        Db::Sqlite(c) => {
            for (row, sealed) in rows {
                let values = (
                    person::key.eq(row.key),
                    person::id_hash.eq(&row.hash),
                    person::survivor.eq(row.root),
                    person::told.eq(row.told),
                    person::sealed.eq(sealed),
                    person::is_home.eq(is_home(row)),
                    person::cluster.eq(row.cluster),
                    person::epoch.eq(row.epoch),
                );
                diesel::insert_into(person::table).values(values).execute(c)?;
            }
        }
        Db::Pg(c) => {
            let sealed: Vec<&Vec<u8>> = rows.iter().map(|(_, sealed)| sealed).collect();
            let hashes: Vec<&Hash> = rows.iter().map(|(row, _)| &row.hash).collect();
            let all = diesel::select((
                unnest::<BigInt, _>(column(rows, |row| row.key)),
                unnest::<Binary, _>(hashes),
                unnest::<Nullable<BigInt>, _>(column(rows, |row| Some(row.root))),
                unnest::<BigInt, _>(column(rows, |row| row.told)),
                unnest::<Binary, _>(sealed),
                unnest::<Bool, _>(column(rows, |row| is_home(row))),
                unnest::<BigInt, _>(column(rows, |row| row.cluster)),
                unnest::<BigInt, _>(column(rows, |row| row.epoch)),
            ));
            let columns = person::all_columns;
            diesel::insert_into(person::table).values(all).into_columns(columns).execute(c)?;
        }
    }
    Ok(())
}

/// Domains of which records came.
pub(super) fn insert_domains(db: &mut Db, oids: BTreeSet<String>) -> QueryResult<()> {
    if oids.is_empty() {
        return Ok(());
    }
    let rows: Vec<_> = oids.into_iter().map(|oid| domain::oid.eq(oid)).collect();
    match db {
        Db::Sqlite(c) => {
            for row in rows {
                diesel::insert_or_ignore_into(domain::table).values(row).execute(c)?;
            }
        }
        Db::Pg(c) => {
            let insert = diesel::insert_into(domain::table).values(rows);
            insert.on_conflict_do_nothing().execute(c)?;
        }
    }
    Ok(())
}

/// What persons are found by from now on, too.
pub(super) fn insert_clues(db: &mut Db, rows: &[(Hash, i64)]) -> QueryResult<()> {
    if rows.is_empty() {
        return Ok(());
    }
    match db {
        Db::Sqlite(c) => {
            for (hash, key) in rows {
                let row = (clue::hash.eq(hash), clue::person_key.eq(key));
                diesel::insert_into(clue::table).values(row).execute(c)?;
            }
        }
        Db::Pg(c) => {
            let (hashes, keys): (Vec<&Hash>, Vec<i64>) = rows.iter().map(|(h, k)| (h, *k)).unzip();
            let all = diesel::select((unnest::<Binary, _>(hashes), unnest::<BigInt, _>(keys)));
            let columns = (clue::hash, clue::person_key);
            diesel::insert_into(clue::table).values(all).into_columns(columns).execute(c)?;
        }
    }
    Ok(())
}

/// What leads to a person from now on, too.
pub(super) fn insert_leads(db: &mut Db, key: i64, hashes: &[&Hash]) -> QueryResult<()> {
    if hashes.is_empty() {
        return Ok(());
    }
    match db {
        Db::Sqlite(c) => {
            for hash in hashes {
                let row = (lead::hash.eq(hash), lead::person_key.eq(key));
                diesel::insert_into(lead::table).values(row).execute(c)?;
            }
        }
        Db::Pg(c) => {
            let all = diesel::select((unnest::<Binary, _>(hashes), key.into_sql::<BigInt>()));
            let columns = (lead::hash, lead::person_key);
            diesel::insert_into(lead::table).values(all).into_columns(columns).execute(c)?;
        }
    }
    Ok(())
}

/// Pairs of whom nothing was known, each with what is sealed of it.
pub(super) fn insert_pairs(db: &mut Db, pairs: &[(Edge, Vec<u8>)]) -> QueryResult<()> {
    if pairs.is_empty() {
        return Ok(());
    }
    match db {
        Db::Sqlite(c) => {
            for (edge, sealed) in pairs {
                let row = (
                    pair::low.eq(edge.two.low),
                    pair::high.eq(edge.two.high),
                    pair::told.eq(edge.told),
                    pair::line.eq(edge.line),
                    pair::score.eq(edge.score),
                    pair::decided.eq(edge.decided),
                    pair::waiting.eq(edge.waiting),
                    pair::sealed.eq(sealed),
                );
                diesel::insert_into(pair::table).values(row).execute(c)?;
            }
        }
        Db::Pg(c) => {
            let sealed: Vec<&Vec<u8>> = pairs.iter().map(|(_, sealed)| sealed).collect();
            let all = diesel::select((
                unnest::<BigInt, _>(column(pairs, |edge| edge.two.low)),
                unnest::<BigInt, _>(column(pairs, |edge| edge.two.high)),
                unnest::<Integer, _>(column(pairs, |edge| edge.told)),
                unnest::<Integer, _>(column(pairs, |edge| edge.line)),
                unnest::<Integer, _>(column(pairs, |edge| edge.score)),
                unnest::<Nullable<Integer>, _>(column(pairs, |edge| edge.decided)),
                unnest::<Nullable<BigInt>, _>(column(pairs, |edge| edge.waiting)),
                unnest::<Binary, _>(sealed),
            ));
            let columns = pair::all_columns;
            diesel::insert_into(pair::table).values(all).into_columns(columns).execute(c)?;
        }
    }
    Ok(())
}

fn column<R, T>(rows: &[(R, Vec<u8>)], of: impl Fn(&R) -> T) -> Vec<T> {
    rows.iter().map(|(row, _)| of(row)).collect()
}
