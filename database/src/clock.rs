//! The clock that all processes on one database share.

use crate::db::Db;
use crate::error::DatabaseError;
use diesel::sql_types::BigInt;
use diesel::{QueryableByName, RunQueryDsl, sql_query};
use std::time::UNIX_EPOCH;

#[derive(QueryableByName)]
struct Now {
    #[diesel(sql_type = BigInt)]
    now: i64,
}

/// What the database's clock shows, in microseconds since 1970: for leases, which processes on
/// several machines compare. PostgreSQL is asked for its server's clock, which goes on inside a
/// transaction; a file of SQLite is used on one machine alone, whose clock this is.
///
/// # Errors
/// When the database does not answer.
pub fn now_micros(db: &mut Db) -> Result<i64, DatabaseError> {
    match db {
        Db::Sqlite(_) => {
            let now = UNIX_EPOCH.elapsed().map_or(0, |d| d.as_micros());
            Ok(i64::try_from(now).unwrap_or(i64::MAX))
        }
        Db::Pg(c) => {
            let sql = "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint AS now";
            Ok(sql_query(sql).get_result::<Now>(c)?.now)
        }
    }
}
