//! The tables. Nothing outside this folder knows Diesel or SQL.

pub(crate) mod abandoned;
pub(crate) mod chunks;
pub(crate) mod inspect;
pub(crate) mod key;
pub(crate) mod lease;
pub(crate) mod read;
pub(crate) mod removal;
pub(crate) mod schema;
pub(crate) mod settle;
pub(crate) mod source;
pub(crate) mod write;

use crate::failure::Failure;
use diesel::RunQueryDsl;
use diesel_migrations::{EmbeddedMigrations, embed_migrations};
use renkei_database::statement::Sql;
use renkei_database::{Db, Migrations, Tables, each};

const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");

impl From<diesel::result::Error> for Failure {
    fn from(error: diesel::result::Error) -> Self {
        Self::Database(error.into())
    }
}

/// Runs an update that is prepared once; Diesel's own never is.
fn run(db: &mut Db, sql: Sql) -> Result<(), Failure> {
    let update = sql.rows::<()>(true);
    each!(db, |c| update.execute(c))?;
    Ok(())
}

/// The tables of both databases, with those that other crates keep beside these.
pub(crate) fn migrations() -> Migrations {
    let own = Tables { sqlite: SQLITE, postgres: POSTGRES };
    let tables = vec![own, renkei_audit::outbox::tables(), renkei_exchange::tables()];
    Migrations { actor: "repository", tables }
}

/// Where a content is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// Durable and retrievable; whether it is registered is not settled.
    Stored,
    /// Registered.
    Confirmed,
    /// Without key and name; its bytes are being overwritten.
    Removing,
}

impl State {
    pub(crate) const fn number(self) -> i16 {
        match self {
            Self::Stored => 1,
            Self::Confirmed => 2,
            Self::Removing => 3,
        }
    }
}

/// The states in which a document can be retrieved.
pub(crate) const RETRIEVABLE: [i16; 2] = [State::Stored.number(), State::Confirmed.number()];
