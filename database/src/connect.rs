//! Connections: how they are made, kept and replaced.

use crate::db::Db;
use crate::error::{DatabaseError, OpenError};
use crate::owner;
use crate::url::DatabaseUrl;
use crate::{Migrations, Options};
use diesel::backend::Backend;
use diesel::connection::{
    AnsiTransactionManager, InstrumentationEvent, SimpleConnection, TransactionManager,
};
use diesel::migration::MigrationSource;
use diesel::pg::{Pg, PgConnection};
use diesel::result::{DatabaseErrorKind, Error};
use diesel::sqlite::{Sqlite, SqliteConnection};
use diesel::{Connection, sql_query};
use diesel::{QueryResult, RunQueryDsl};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness};
use std::collections::BTreeMap;
use std::fs::{DirBuilder, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// A connection that rested this long is asked for a sign of life before it gets a job.
const REST: Duration = Duration::from_secs(1);

/// How long a statement of SQLite waits for another process, milliseconds.
pub(crate) const BUSY_MS: u32 = 10_000;

/// The advisory lock under which migrations run. PostgreSQL knows such locks by number, for every
/// program on the same database; this number and [`REPEATS_LOCK`] are used for nothing else.
const MIGRATIONS_LOCK: i64 = 7_367_203;

/// The advisory lock under which jobs are repeated, one at a time.
pub(crate) const REPEATS_LOCK: i64 = 7_367_204;

/// What a connection is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Use {
    /// Autocommitted reads; the session refuses writes.
    Read,
    /// Everything.
    Write,
}

/// Makes connections to one database.
pub(crate) struct Source {
    url: DatabaseUrl,
    cache_kib: u32,
    statement_ms: u32,
}

/// What PostgreSQL said during a job, seen beside the job's own error type. Nothing is concluded from
/// the words of a message: `lc_messages` decides their language.
#[derive(Default)]
pub(crate) struct Watch {
    /// Some statement failed, whatever the job made of it.
    failed: AtomicBool,
    /// Some statement failed for a reason that may be gone the next time.
    passing: AtomicBool,
}

impl Watch {
    fn see(&self, error: &Error) {
        self.failed.store(true, Ordering::Relaxed);
        if may_pass(error) {
            self.passing.store(true, Ordering::Relaxed);
        }
    }

    fn clear(&self) {
        self.failed.store(false, Ordering::Relaxed);
        self.passing.store(false, Ordering::Relaxed);
    }

    /// Whether some statement failed.
    pub(crate) fn failed(&self) -> bool {
        self.failed.load(Ordering::Relaxed)
    }

    /// Whether one of them may succeed if the job is run again.
    pub(crate) fn passing(&self) -> bool {
        self.passing.load(Ordering::Relaxed)
    }
}

/// Whether the same statement may succeed later. Diesel names the SQLSTATEs of constraints and of
/// serialisation failures (40001); all others, deadlocks (40P01) and an administrator's shutdown
/// (57P01) among them, reach us as unknown.
fn may_pass(error: &Error) -> bool {
    let Error::DatabaseError(kind, _) = error else { return false };
    match kind {
        DatabaseErrorKind::UniqueViolation
        | DatabaseErrorKind::ForeignKeyViolation
        | DatabaseErrorKind::NotNullViolation
        | DatabaseErrorKind::CheckViolation
        | DatabaseErrorKind::RestrictViolation
        | DatabaseErrorKind::ExclusionViolation
        | DatabaseErrorKind::ReadOnlyTransaction => false,
        // Serialisation failures, lost connections (on which a command cannot be sent), what has no
        // name, and what a later Diesel names.
        _ => true,
    }
}

/// One place for a connection, refilled when the connection is lost.
pub(crate) struct Link {
    source: Arc<Source>,
    purpose: Use,
    db: Option<Db>,
    watch: Arc<Watch>,
    used: Instant,
}

impl Source {
    pub(crate) fn new(url: DatabaseUrl, options: &Options) -> Arc<Self> {
        Arc::new(Self { url, cache_kib: options.cache_kib, statement_ms: options.statement_ms })
    }

    /// The file of SQLite's write-ahead log.
    pub(crate) fn log_file(&self) -> Option<PathBuf> {
        match &self.url {
            DatabaseUrl::Sqlite(path) => {
                let mut name = path.clone().into_os_string();
                name.push("-wal");
                Some(name.into())
            }
            DatabaseUrl::Postgres(_) => None,
        }
    }

    /// A connection in its place. On PostgreSQL, where each is a process of the server, it is made when there is
    /// work for it: a house at rest holds two of each database, not all that it may have.
    pub(crate) fn link(self: &Arc<Self>, purpose: Use) -> Result<Link, OpenError> {
        match &self.url {
            DatabaseUrl::Sqlite(_) => self.open(purpose),
            DatabaseUrl::Postgres(_) => Ok(self.place(purpose)),
        }
    }

    fn open(self: &Arc<Self>, purpose: Use) -> Result<Link, OpenError> {
        let mut link = self.place(purpose);
        link.connect().map_err(|e| self.connect_error(&e))?;
        Ok(link)
    }

    fn place(self: &Arc<Self>, purpose: Use) -> Link {
        Link {
            source: Arc::clone(self),
            purpose,
            db: None,
            watch: Arc::default(),
            used: Instant::now(),
        }
    }

    /// The first writer, after it ran the pending migrations.
    pub(crate) fn open_and_migrate(
        self: &Arc<Self>,
        migrations: Migrations,
    ) -> Result<Link, OpenError> {
        if let DatabaseUrl::Sqlite(path) = &self.url
            && let Some(dir) = path.parent()
        {
            private(dir, path).map_err(|e| self.connect_error(&e))?;
        }
        let mut link = self.open(Use::Write)?;
        let db = link.get().map_err(|e| self.connect_error(&e))?;
        let url = self.url.to_string();
        let actor = migrations.actor;
        migrate(db, migrations).map_err(|obstacle| match obstacle {
            Obstacle::Failed(reason) => OpenError::Migration { url, reason },
            Obstacle::OfAnother(owner) => OpenError::OfAnother { actor, owner, url },
        })?;
        Ok(link)
    }

    fn connect_error(&self, reason: &dyn std::fmt::Display) -> OpenError {
        OpenError::Connect { url: self.url.to_string(), reason: reason.to_string() }
    }

    fn connect(&self, purpose: Use, watch: &Arc<Watch>) -> Result<Db, String> {
        match &self.url {
            DatabaseUrl::Sqlite(path) => self.connect_sqlite(path, purpose).map(Db::Sqlite),
            DatabaseUrl::Postgres(url) => self.connect_postgres(url, purpose, watch).map(Db::Pg),
        }
    }

    fn connect_sqlite(&self, path: &Path, purpose: Use) -> Result<SqliteConnection, String> {
        let path = path.to_str().ok_or("the path is not UTF-8")?;
        let mut c = SqliteConnection::establish(path).map_err(|e| e.to_string())?;
        // busy_timeout first: a second process may be switching the file to WAL right now.
        // Nothing is mapped and caches are small, so that the process does not grow with the file.
        // LIKE is made to compare as PostgreSQL does. What is deleted is overwritten at once.
        let session = format!(
            "PRAGMA busy_timeout={BUSY_MS};
             PRAGMA page_size=4096;
             PRAGMA journal_mode=WAL;
             PRAGMA synchronous=FULL;
             PRAGMA secure_delete=ON;
             PRAGMA foreign_keys=ON;
             PRAGMA case_sensitive_like=ON;
             PRAGMA trusted_schema=OFF;
             PRAGMA cache_size=-{cache_kib};
             PRAGMA mmap_size=0;
             PRAGMA temp_store=MEMORY;
             PRAGMA wal_autocheckpoint=2000;
             PRAGMA journal_size_limit=16777216;",
            cache_kib = self.cache_kib
        );
        c.batch_execute(&session).map_err(|e| e.to_string())?;
        if purpose == Use::Read {
            c.batch_execute("PRAGMA query_only=ON;").map_err(|e| e.to_string())?;
        }
        Ok(c)
    }

    fn connect_postgres(
        &self,
        url: &str,
        purpose: Use,
        watch: &Arc<Watch>,
    ) -> Result<PgConnection, String> {
        let mut c = PgConnection::establish(url).map_err(|e| e.to_string())?;
        let read_only = if purpose == Use::Read { "on" } else { "off" };
        let session = format!(
            "SET client_min_messages = warning;
             SET statement_timeout = {ms};
             SET lock_timeout = {ms};
             SET idle_in_transaction_session_timeout = {ms};
             SET synchronous_commit = on;
             SET default_transaction_read_only = {read_only};",
            ms = self.statement_ms
        );
        c.batch_execute(&session).map_err(|e| e.to_string())?;
        let watch = Arc::clone(watch);
        c.set_instrumentation(move |event: InstrumentationEvent<'_>| {
            if let InstrumentationEvent::FinishQuery { error: Some(error), .. } = event {
                watch.see(error);
            }
        });
        Ok(c)
    }
}

/// Makes the directory and the file of a new database, both for their owner alone. SQLite gives the
/// files it puts beside a database the mode of the database.
fn private(dir: &Path, path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(dir)?;
    OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(path)?;
    Ok(())
}

/// Why the tables of an actor are not there.
enum Obstacle {
    /// What the database said.
    Failed(String),
    /// The tables of this one are.
    OfAnother(String),
}

impl Obstacle {
    fn failed(error: impl std::fmt::Display) -> Self {
        Self::Failed(error.to_string())
    }
}

fn migrate(db: &mut Db, migrations: Migrations) -> Result<(), Obstacle> {
    lock_migrations(db, "lock")?;
    let owner = owner::claim(db, migrations.actor).map_err(Obstacle::failed);
    let done = match owner {
        Ok(owner) if owner == migrations.actor => run(db, migrations),
        Ok(owner) => Err(Obstacle::OfAnother(owner)),
        Err(failed) => Err(failed),
    };
    lock_migrations(db, "unlock")?;
    done
}

/// Several processes may start at once. SQLite has one writer anyway.
fn lock_migrations(db: &mut Db, verb: &str) -> Result<(), Obstacle> {
    if let Db::Pg(c) = db {
        let lock = sql_query(format!("SELECT pg_advisory_{verb}({MIGRATIONS_LOCK})"));
        lock.execute(c).map_err(Obstacle::failed)?;
    }
    Ok(())
}

/// What runs is known by its version alone, so that of two with one version the second would never run, without a word.
fn are_distinct<'t, DB: Backend>(
    tables: impl Iterator<Item = &'t EmbeddedMigrations>,
) -> Result<(), Obstacle>
where
    EmbeddedMigrations: MigrationSource<DB>,
{
    let mut seen = BTreeMap::new();
    for table in tables {
        for migration in table.migrations().map_err(Obstacle::failed)? {
            let name = migration.name().to_string();
            if let Some(other) = seen.insert(migration.name().version().to_string(), name.clone()) {
                return Err(Obstacle::Failed(format!("{other} and {name} have one version")));
            }
        }
    }
    Ok(())
}

/// The check and the change are one transaction in SQLite, and under the lock in PostgreSQL.
fn run(db: &mut Db, migrations: Migrations) -> Result<(), Obstacle> {
    let tables = migrations.tables.iter();
    match db {
        Db::Sqlite(_) => are_distinct::<Sqlite>(tables.map(|t| &t.sqlite))?,
        Db::Pg(_) => are_distinct::<Pg>(tables.map(|t| &t.postgres))?,
    }
    match db {
        Db::Sqlite(c) => c
            .immediate_transaction::<(), Box<dyn std::error::Error + Send + Sync>, _>(|c| {
                let mut tables = migrations.tables.into_iter();
                tables.try_for_each(|t| c.run_pending_migrations(t.sqlite).map(drop))
            })
            .map_err(Obstacle::failed),
        Db::Pg(c) => {
            let mut tables = migrations.tables.into_iter();
            let done = tables.try_for_each(|t| c.run_pending_migrations(t.postgres).map(drop));
            done.map_err(Obstacle::failed)
        }
    }
}

impl Link {
    fn connect(&mut self) -> Result<&mut Db, String> {
        let db = self.source.connect(self.purpose, &self.watch)?;
        self.used = Instant::now();
        Ok(self.db.insert(db))
    }

    /// The connection, made anew when it was lost.
    pub(crate) fn get(&mut self) -> Result<&mut Db, DatabaseError> {
        if self.used.elapsed() > REST && !self.alive() {
            self.db = None;
        }
        self.watch.clear();
        self.used = Instant::now();
        if self.db.is_none() {
            self.connect().map_err(|reason| {
                tracing::error!(%reason, "cannot connect to the database");
                DatabaseError::Unavailable
            })?;
        }
        self.current()
    }

    /// The connection that the last [`Self::get`] gave.
    pub(crate) fn current(&mut self) -> Result<&mut Db, DatabaseError> {
        self.db.as_mut().ok_or(DatabaseError::Unavailable)
    }

    /// What was seen since the last [`Self::get`].
    pub(crate) fn watch(&self) -> &Watch {
        &self.watch
    }

    /// Gives the connection up; the next [`Self::get`] makes another.
    pub(crate) fn drop_connection(&mut self) {
        self.db = None;
    }

    /// Whether the server answers on this connection.
    pub(crate) fn alive(&mut self) -> bool {
        match &mut self.db {
            Some(Db::Pg(c)) => sql_query("SELECT 1").execute(c).is_ok(),
            Some(Db::Sqlite(_)) => true,
            None => false,
        }
    }

    /// After a read: no transaction may stay open, as one does when the job panicked inside it, and
    /// a connection on which something failed is asked whether it is still there.
    pub(crate) fn tidy(&mut self) {
        self.used = Instant::now();
        let unwound = self.db.as_mut().is_none_or(|db| unwind_to(db, 0).is_ok());
        if !unwound || (self.watch.passing() && !self.alive()) {
            self.db = None;
        }
    }
}

/// Rolls back until `depth` transactions and savepoints are open.
pub(crate) fn unwind_to(db: &mut Db, depth: u32) -> QueryResult<()> {
    while open_depth(db)? > depth {
        crate::each!(db, |c| AnsiTransactionManager::rollback_transaction(c))?;
    }
    Ok(())
}

fn open_depth(db: &mut Db) -> QueryResult<u32> {
    let depth = crate::each!(db, |c| {
        AnsiTransactionManager::transaction_manager_status_mut(c).transaction_depth()
    })?;
    Ok(depth.map_or(0, std::num::NonZeroU32::get))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(kind: DatabaseErrorKind, text: &str) -> Error {
        Error::DatabaseError(kind, Box::new(text.to_owned()))
    }

    #[test]
    fn a_failure_is_known_by_its_kind_and_never_by_its_words() {
        for text in ["deadlock detected", "デッドロックを検出しました", "Verklemmung entdeckt"]
        {
            assert!(may_pass(&error(DatabaseErrorKind::Unknown, text)));
            assert!(!may_pass(&error(DatabaseErrorKind::UniqueViolation, text)));
        }
        assert!(may_pass(&error(DatabaseErrorKind::SerializationFailure, "")));
        assert!(may_pass(&error(DatabaseErrorKind::ClosedConnection, "")));
        assert!(may_pass(&error(DatabaseErrorKind::UnableToSendCommand, "")));
        assert!(!may_pass(&Error::NotFound));
    }
}
