//! The spool: a database of its own for records of events that change nothing else.

use crate::error::AuditError;
use crate::outbox;
use diesel_migrations::{EmbeddedMigrations, embed_migrations};
use renkei_atna::record::AuditRecord;
use renkei_atna::sink::{BoxFuture, NotRecorded, Sink};
use renkei_database::{Database, DatabaseUrl, Db, Migrations, Options};
use renkei_sealing::{KeyRing, Sealer};
use std::path::Path;

const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/outbox/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/outbox/postgres");

/// Records on their way, in one SQLite file. Records that come together share a commit.
#[derive(Clone)]
pub struct Spool {
    database: Database,
    sealer: Sealer,
}

impl Spool {
    /// Opens or makes the spool at `path`. Blocks; call it at start-up.
    ///
    /// # Errors
    /// When the file or the keys cannot be opened.
    pub fn open(path: &Path, keys: &KeyRing) -> Result<Self, AuditError> {
        let url = DatabaseUrl::Sqlite(path.to_owned());
        let migrations = Migrations { sqlite: SQLITE, postgres: POSTGRES };
        let options = Options { readers: 1, ..Options::default() };
        let database = Database::open(&url, migrations, options)?;
        Ok(Self { database, sealer: outbox::sealer(keys)? })
    }

    /// The database, for the [`Deliverer`](crate::Deliverer).
    pub fn database(&self) -> &Database {
        &self.database
    }
}

impl Sink for Spool {
    fn record<'a>(&'a self, record: AuditRecord) -> BoxFuture<'a, Result<(), NotRecorded>> {
        Box::pin(async move {
            let row = outbox::seal(&self.sealer, &record)?;
            let insert = move |db: &mut Db| outbox::insert_sealed(db, &row);
            Ok(self.database.write(insert).await?)
        })
    }
}
