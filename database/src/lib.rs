//! Diesel for SQLite and PostgreSQL in one binary: one URL decides.
//!
//! [`Database`] owns a pool of reader threads and its writers. Callers are asynchronous, Diesel is
//! not; between them stand bounded queues, so that no worker of a server ever waits for a disk.
//!
//! - [`Database::read`] runs a short job on a reader thread, in autocommit.
//! - [`Database::read_short`] does so on the thread of the caller, where the database is a file of
//!   this machine: a look-up by key takes less than the two trips between threads.
//! - [`Database::write`] runs a job that changes rows and answers after the COMMIT that holds it.
//!   On SQLite one writer thread takes everything that is queued, gives each of several jobs a
//!   savepoint of its own, and commits once for all of them: under load the disk is flushed once for
//!   many jobs, and a lone job waits for nobody. On PostgreSQL each job is a transaction on one of
//!   several writer connections, repeated a few times when it loses against another or fails for a
//!   reason that has no name.
//! - [`Database::write_erasing`] is for what has to be gone from the files, too.
//! - [`Database::write_bulk`] is for the large pieces of documents: behind the ordinary jobs, one a
//!   commit, and it waits for a place instead of refusing.
//!
//! Migrations run at [`Database::open`]. Table definitions and queries belong to the crates above.

mod clock;
mod column;
mod connect;
mod db;
mod error;
mod explain;
mod job;
mod log;
mod owner;
mod pool;
mod queue;
mod reader;
pub mod statement;
pub mod testing;
mod url;
mod writer;

pub use clock::now_micros;
pub use column::KeyBackend;
pub use db::{Db, Dialect};
pub use error::{DatabaseError, OpenError};
pub use explain::explain_on;
pub use url::{DatabaseUrl, UrlError};

use connect::Use;
use diesel_migrations::EmbeddedMigrations;
use pool::Pool;
use queue::Queue;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use tokio::sync::Semaphore;

/// The tables that one crate defines, for both dialects with the same directory names.
pub struct Tables {
    /// For SQLite.
    pub sqlite: EmbeddedMigrations,
    /// For PostgreSQL.
    pub postgres: EmbeddedMigrations,
}

/// The tables of one database.
pub struct Migrations {
    /// The actor, as its setting `<actor>.database` names it. A database holds the tables of one; several
    /// processes of that actor share it.
    pub actor: &'static str,
    /// Its own tables, and those that other crates keep beside them. No two migrations have the same version.
    pub tables: Vec<Tables>,
}

/// Sizes of one database's pools and queues.
#[derive(Clone, Debug)]
pub struct Options {
    /// Reader threads, each with a connection.
    pub readers: usize,
    /// Writer connections on PostgreSQL; SQLite always has one writer.
    pub writers: usize,
    /// Jobs that may wait for a reader: no setting.
    pub read_queue: usize,
    /// Ordinary jobs that may wait for the writer (`limits.write_queue`).
    pub write_queue: usize,
    /// Bulk jobs that may wait for the writer; further ones wait outside. No setting.
    pub bulk_queue: usize,
    /// SQLite's page cache of one connection, KiB.
    pub cache_kib: u32,
    /// The longest a statement may run on PostgreSQL, milliseconds; no setting.
    pub statement_ms: u32,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            readers: 4,
            writers: 4,
            read_queue: 1024,
            write_queue: 1024,
            bulk_queue: 16,
            cache_kib: 8 * 1024,
            statement_ms: 30_000,
        }
    }
}

/// A database with its threads. Clones share it; the last one to go ends the threads.
#[derive(Clone)]
pub struct Database {
    inner: Arc<Inner>,
}

struct Inner {
    dialect: Dialect,
    reads: Arc<Queue<Box<dyn reader::ReadJob>>>,
    /// The connections for reading.
    pool: Arc<Pool>,
    writes: Arc<Queue<Box<dyn job::WriteJob>>>,
    bulk: Arc<Semaphore>,
    readers: Threads,
    writers: Threads,
}

impl Inner {
    fn stop(&self) {
        self.reads.close();
        self.writes.close();
    }
}

/// Threads until somebody waits for them.
struct Threads(Mutex<Vec<JoinHandle<()>>>);

impl Threads {
    /// Waits for all of them; how many did not end in order.
    fn join(&self) -> usize {
        let threads = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        threads.into_iter().filter_map(|t| t.join().err()).count()
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.stop();
    }
}

impl Database {
    /// Connects, runs the pending migrations and starts the threads. Blocks; call it at start-up.
    ///
    /// # Errors
    /// When the database cannot be reached or a migration fails.
    pub fn open(
        url: &DatabaseUrl,
        migrations: Migrations,
        options: Options,
    ) -> Result<Self, OpenError> {
        let source = connect::Source::new(url.clone(), &options);
        let first = source.open_and_migrate(migrations)?;
        let reads = Queue::new("read_queue, a fixed bound", options.read_queue.max(1));
        let writes = Queue::new("limits.write_queue", options.write_queue.max(1));
        let writers = writer::start(&source, &writes, first, &options, url.dialect())?;
        let count = options.readers.max(1);
        let links = (0..count).map(|_| source.link(Use::Read)).collect::<Result<_, _>>()?;
        let pool = Arc::new(Pool::new(links));
        let readers = reader::start(&pool, &reads, count)?;
        Ok(Self {
            inner: Arc::new(Inner {
                dialect: url.dialect(),
                reads,
                pool,
                writes,
                bulk: Arc::new(Semaphore::new(options.bulk_queue.max(1))),
                readers: Threads(Mutex::new(readers)),
                writers: Threads(Mutex::new(writers)),
            }),
        })
    }

    /// Which database it is.
    pub fn dialect(&self) -> Dialect {
        self.inner.dialect
    }

    /// Runs `work` on a reader thread. Statements are autocommitted and must not write; a group of
    /// them that has to see one state belongs into `transaction`. Keep it short: readers are few,
    /// and a read transaction that stays open keeps SQLite's write-ahead log from shrinking.
    ///
    /// # Errors
    /// Those of `work`, and [`DatabaseError`] when the queue is full, the database cannot be
    /// reached, or `work` panics.
    pub async fn read<T, E>(
        &self,
        work: impl FnOnce(&mut Db) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<DatabaseError> + Send + 'static,
    {
        let (job, answer) = reader::job(work);
        self.inner.reads.push(job)?;
        answer.wait().await
    }

    /// As [`Self::read`], for a look-up of a few rows by an index: on SQLite `work` runs on the
    /// calling thread when a connection is free. On PostgreSQL it would hold that thread for a trip
    /// to the server, and goes to a reader thread.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub async fn read_short<T, E>(
        &self,
        work: impl FnOnce(&mut Db) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<DatabaseError> + Send + 'static,
    {
        match self.inner.dialect {
            Dialect::Postgres => self.read(work).await,
            Dialect::Sqlite => match reader::at_once(&self.inner.pool, work) {
                Ok(result) => result,
                Err(work) => self.read(work).await,
            },
        }
    }

    /// Runs `work` on a writer and answers after the commit that holds its changes. An error of
    /// `work` undoes its own changes and nobody else's. On PostgreSQL `work` may run again, when it
    /// lost against another transaction or failed for a reason without a name, so it must not consume
    /// what it captured.
    ///
    /// # Errors
    /// Those of `work`, and [`DatabaseError`] when the queue is full, the commit failed, or `work`
    /// panics. After such an error nothing of this job is stored, except that an
    /// [`DatabaseError::Unavailable`] during a PostgreSQL commit leaves it open.
    pub async fn write<T, E>(
        &self,
        work: impl FnMut(&mut Db) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<DatabaseError> + Send + 'static,
    {
        self.queue(work, false).await
    }

    /// As [`Self::write`], for what has to be gone for good: on SQLite deleted rows are overwritten
    /// in the file, and before the answer the write-ahead log, which still holds them, is emptied. A
    /// reader may be in the way; then that is made up for after the next writes. PostgreSQL keeps old
    /// versions of rows until VACUUM: overwrite a key there before its row is deleted.
    ///
    /// # Errors
    /// As [`Self::write`].
    pub async fn write_erasing<T, E>(
        &self,
        work: impl FnMut(&mut Db) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<DatabaseError> + Send + 'static,
    {
        self.queue(work, true).await
    }

    /// As [`Self::write`], for what nobody waits for: on SQLite `work` goes with the next commit, or has one of
    /// its own when there is none for a tenth of a second. A commit of its own would cost a flush each time.
    /// PostgreSQL groups commits by itself, there it is an ordinary write.
    ///
    /// # Errors
    /// As [`Self::write`].
    pub async fn write_later<T, E>(
        &self,
        work: impl FnMut(&mut Db) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<DatabaseError> + Send + 'static,
    {
        let (job, answer) = job::work(work, false);
        match self.inner.dialect {
            Dialect::Sqlite => self.inner.writes.push_patient(job)?,
            Dialect::Postgres => self.inner.writes.push(job)?,
        }
        answer.wait().await
    }

    async fn queue<T, E>(
        &self,
        work: impl FnMut(&mut Db) -> Result<T, E> + Send + 'static,
        erases: bool,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<DatabaseError> + Send + 'static,
    {
        let (job, answer) = job::work(work, erases);
        self.inner.writes.push(job)?;
        answer.wait().await
    }

    /// Empties the write-ahead log of SQLite after erasures, as [`Self::write_erasing`] does.
    ///
    /// # Errors
    /// As [`Self::write`].
    pub async fn checkpoint(&self) -> Result<(), DatabaseError> {
        self.write_erasing(|_| Ok(())).await
    }

    /// As [`Self::write`] for a large piece of data (at most about 256 KiB): goes behind ordinary
    /// jobs, at most one a commit, and waits here while too many others wait.
    ///
    /// # Errors
    /// As [`Self::write`].
    pub async fn write_bulk<T, E>(
        &self,
        mut work: impl FnMut(&mut Db) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<DatabaseError> + Send + 'static,
    {
        let bulk = Arc::clone(&self.inner.bulk);
        let place = bulk.acquire_owned().await.map_err(|_| DatabaseError::Closed)?;
        // The job has the place, not the caller, who may go away while the job still waits.
        let work = move |db: &mut Db| {
            let _place = &place;
            work(db)
        };
        let (job, answer) = job::work(work, false);
        self.inner.writes.push_bulk(job)?;
        answer.wait().await
    }

    /// The plan of a statement with literal values, one line a step; for plan tests and diagnosis.
    ///
    /// # Errors
    /// When the database refuses the statement.
    pub async fn explain(&self, sql: &str) -> Result<String, DatabaseError> {
        let sql = sql.to_owned();
        self.read(move |db| explain_on(db, &sql)).await
    }

    /// Ends the threads after they finished what is queued, and waits for them; later jobs are
    /// answered [`DatabaseError::Closed`]. On SQLite this leaves one file, without a log beside it.
    pub async fn close(&self) {
        let inner = Arc::clone(&self.inner);
        let joined = tokio::task::spawn_blocking(move || {
            // SQLite's writer goes last: of two connections that close at the same moment, each may
            // leave the log to the other.
            inner.reads.close();
            let failed = inner.readers.join();
            inner.pool.close();
            inner.writes.close();
            failed + inner.writers.join()
        });
        if !matches!(joined.await, Ok(0)) {
            tracing::error!("a database thread did not end in order");
        }
    }
}
