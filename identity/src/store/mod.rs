//! The tables. Nothing outside this folder knows Diesel or SQL.

pub(crate) mod blocks;
pub(crate) mod bulk;
pub(crate) mod clusters;
pub(crate) mod desk;
pub(crate) mod domains;
pub(crate) mod known;
pub(crate) mod leads;
mod pairing;
pub(crate) mod pairs;
pub(crate) mod persons;
mod records;
pub(crate) mod rules;
pub(crate) mod schema;
pub(crate) mod vault;

use crate::error::IdentityError;
use diesel::{QueryResult, RunQueryDsl, sql_query};
use diesel_migrations::{EmbeddedMigrations, embed_migrations};
use renkei_database::{Db, Migrations, Tables};

const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// The tables of both databases.
pub(crate) fn migrations() -> Migrations {
    let own = Tables { sqlite: SQLITE, postgres: POSTGRES };
    Migrations { actor: "identity", tables: vec![own] }
}

/// The advisory lock under which news are taken. PostgreSQL knows such locks by number; `renkei_database` has
/// the two before it.
const NEWS_LOCK: i64 = 7_367_205;

/// The advisory lock under which questions to other communities are put.
const QUESTIONS_LOCK: i64 = 7_367_206;

/// Waits until nobody else takes news, until the end of the transaction. A person is read, changed and
/// written back: PostgreSQL would let two processes do so at once, and the later one would undo what the earlier
/// one learnt. SQLite has one writer.
pub(crate) fn alone(db: &mut Db) -> QueryResult<()> {
    lock(db, NEWS_LOCK)
}

/// Waits until nobody else puts a question, until the end of the transaction. Whether one is awaited is looked up
/// before the next is kept: PostgreSQL would let two of them see that none is, and both would go out.
pub(crate) fn asking_alone(db: &mut Db) -> QueryResult<()> {
    lock(db, QUESTIONS_LOCK)
}

fn lock(db: &mut Db, number: i64) -> QueryResult<()> {
    match db {
        Db::Pg(c) => {
            sql_query(format!("SELECT pg_advisory_xact_lock({number})")).execute(c).map(drop)
        }
        Db::Sqlite(_) => Ok(()),
    }
}

impl From<diesel::result::Error> for IdentityError {
    fn from(error: diesel::result::Error) -> Self {
        Self::Database(error.into())
    }
}
