//! The rows of answers and replies.

pub(crate) mod answered;
pub(crate) mod reply;
mod schema;

use crate::error::ExchangeError;
use diesel_migrations::{EmbeddedMigrations, embed_migrations};
use renkei_database::{DatabaseError, Tables};

const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// The tables of answers and replies, for the database of an actor.
pub fn tables() -> Tables {
    Tables { sqlite: SQLITE, postgres: POSTGRES }
}

impl From<diesel::result::Error> for ExchangeError {
    fn from(error: diesel::result::Error) -> Self {
        DatabaseError::from(error).into()
    }
}
