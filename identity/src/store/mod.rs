//! The tables. Nothing outside this folder knows Diesel or SQL.

pub(crate) mod persons;
pub(crate) mod schema;
pub(crate) mod vault;

use crate::error::IdentityError;
use diesel_migrations::{EmbeddedMigrations, embed_migrations};
use renkei_database::{Migrations, Tables};

const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// The tables of both databases.
pub(crate) fn migrations() -> Migrations {
    let own = Tables { sqlite: SQLITE, postgres: POSTGRES };
    Migrations { actor: "identity", tables: vec![own] }
}

impl From<diesel::result::Error> for IdentityError {
    fn from(error: diesel::result::Error) -> Self {
        Self::Database(error.into())
    }
}
