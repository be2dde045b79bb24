//! Many rows at once. On PostgreSQL each statement is a trip to another process, so that a list goes as one, which is
//! prepared once whatever its length; SQLite is in this process, and takes rows one by one as fast.

use super::leads::Hash;
use super::pairs::Edge;
use super::schema::{lead, pair};
use diesel::sql_types::{Array, BigInt, Binary, Integer, Nullable, SingleValue};
use diesel::{ExpressionMethods, IntoSql, QueryResult, RunQueryDsl, define_sql_function};
use renkei_database::Db;

define_sql_function! {
    /// The elements of a list, each a row.
    fn unnest<T: SingleValue>(list: Array<T>) -> T;
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

fn column<T>(pairs: &[(Edge, Vec<u8>)], of: fn(&Edge) -> T) -> Vec<T> {
    pairs.iter().map(|(edge, _)| of(edge)).collect()
}
