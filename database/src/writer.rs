//! Writers: group commit on SQLite, a few independent connections on PostgreSQL.

use crate::Options;
use crate::connect::{Link, REPEATS_LOCK, Source, Use, unwind_to};
use crate::db::{Db, Dialect};
use crate::error::{DatabaseError, OpenError};
use crate::job::{Outcome, WriteJob};
use crate::log::Log;
use crate::pool::Pool;
use crate::queue::Queue;
use diesel::connection::{AnsiTransactionManager, TransactionManager};
use diesel::{QueryResult, RunQueryDsl, sql_query};
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

type Jobs = Queue<Box<dyn WriteJob>>;

/// How often a PostgreSQL job is tried when it loses against others, loses its connection, or fails
/// for a reason that has no name.
const TRIES: u32 = 5;

/// Starts the writer threads; `first` is the connection that ran the migrations.
pub(crate) fn start(
    source: &Arc<Source>,
    queue: &Arc<Jobs>,
    first: Link,
    options: &Options,
    dialect: Dialect,
) -> Result<Vec<JoinHandle<()>>, OpenError> {
    let queue = Arc::clone(queue);
    let thread = |n: usize| thread::Builder::new().name(format!("db-write-{n}"));
    match dialect {
        Dialect::Sqlite => {
            let mut link = first;
            let log = Log::new(source.log_file().unwrap_or_default(), &mut link);
            Ok(vec![thread(0).spawn(move || write_groups(&queue, link, log))?])
        }
        Dialect::Postgres => {
            let mut links = vec![first];
            for _ in 1..options.writers.max(1) {
                links.push(source.link(Use::Write)?);
            }
            let count = links.len();
            let pool = Arc::new(Pool::new(links));
            let patience = Duration::from_millis(options.statement_ms.into());
            let spawn = |n| {
                let (queue, pool) = (Arc::clone(&queue), Arc::clone(&pool));
                thread(n).spawn(move || write_singly(&queue, &pool, patience))
            };
            Ok((0..count).map(spawn).collect::<Result<_, _>>()?)
        }
    }
}

/// The SQLite writer: what is queued becomes one commit, and while its disk flush runs the next
/// group gathers by itself.
fn write_groups(queue: &Jobs, mut link: Link, mut log: Log) {
    while let Some(mut jobs) = queue.next_batch() {
        let result = commit_group(&mut link, &mut jobs);
        if let Err(error) = &result {
            tracing::error!(%error, jobs = jobs.len(), "a commit failed");
            // SQLite may have ended the transaction by itself; a new connection knows where it is.
            link.drop_connection();
        }
        log.after_commit(&mut link, jobs.iter().any(|job| job.erases()));
        for job in jobs {
            job.answer(result.as_ref().copied().map_err(repeat));
        }
    }
}

fn commit_group(link: &mut Link, jobs: &mut [Box<dyn WriteJob>]) -> Result<(), DatabaseError> {
    let db = link.get()?;
    // A deferred transaction that reads before it writes fails at once when somebody else wrote in
    // between; an immediate one waits its turn.
    crate::each!(db, |c| AnsiTransactionManager::begin_transaction_sql(c, "BEGIN IMMEDIATE"))?;
    if let [job] = jobs {
        // Nobody shares its transaction: it needs no savepoint.
        let outcome = job.run(db);
        unwind_to(db, 1)?;
        return Ok(end(db, outcome)?);
    }
    for job in jobs {
        crate::each!(db, |c| AnsiTransactionManager::begin_transaction(c))?;
        let outcome = job.run(db);
        // A job that panicked may have left savepoints of its own.
        unwind_to(db, 2)?;
        end(db, outcome)?;
    }
    end(db, Outcome::Keep)?;
    Ok(())
}

fn end(db: &mut Db, outcome: Outcome) -> QueryResult<()> {
    crate::each!(db, |c| match outcome {
        Outcome::Keep => AnsiTransactionManager::commit_transaction(c),
        Outcome::Undo => AnsiTransactionManager::rollback_transaction(c),
    })
}

/// The same error for another job of the group.
fn repeat(error: &DatabaseError) -> DatabaseError {
    match error {
        DatabaseError::Full => DatabaseError::Full,
        _ => DatabaseError::Unavailable,
    }
}

/// A PostgreSQL writer: the server groups the commits of several connections by itself.
/// Whichever thread has the job, it goes over the connection that was used last.
fn write_singly(queue: &Jobs, pool: &Pool, patience: Duration) {
    while let Some(mut job) = queue.next() {
        let Some(mut link) = pool.take() else { return };
        let result = commit_one(&mut link, job.as_mut(), patience);
        if let Err(error) = &result {
            tracing::error!(%error, "a commit failed");
        }
        pool.put(link);
        job.answer(result);
    }
}

/// How one try of a job ended.
struct Tried {
    /// What the job is told if it is not tried again.
    result: Result<(), DatabaseError>,
    /// Whether nothing of it was kept and another try may succeed.
    again: bool,
}

/// Runs a job until it is done or not worth repeating: [`TRIES`] times at most, and no further try
/// begins when `patience` is over (a statement that ran into its time limit is not repeated).
fn commit_one(
    link: &mut Link,
    job: &mut dyn WriteJob,
    patience: Duration,
) -> Result<(), DatabaseError> {
    let begun = Instant::now();
    let mut attempt = 1;
    loop {
        let tried = try_once(link, job, attempt)?;
        if !tried.again || attempt == TRIES || begun.elapsed() >= patience {
            return tried.result;
        }
        attempt += 1;
    }
}

fn try_once(link: &mut Link, job: &mut dyn WriteJob, attempt: u32) -> Result<Tried, DatabaseError> {
    let db = link.get()?;
    let outcome = match run_job(db, job, attempt) {
        Ok(outcome) => outcome,
        Err(error) => {
            // Nothing was committed, so the job may run again on another connection.
            link.drop_connection();
            return Ok(Tried { result: Err(error.into()), again: true });
        }
    };
    match outcome {
        Outcome::Undo => {
            let ended = link.current().and_then(|db| Ok(end(db, Outcome::Undo)?));
            let again = ended.is_err() || link.watch().passing();
            if ended.is_err() {
                link.drop_connection();
            }
            // The job has an error of its own to tell.
            Ok(Tried { result: Ok(()), again })
        }
        Outcome::Keep => Ok(keep(link)),
    }
}

/// Commits. What the server refused is not stored and may be tried again; without an answer to COMMIT
/// nobody knows whether it happened, and that is not repeated.
fn keep(link: &mut Link) -> Tried {
    let (failed, passing) = (link.watch().failed(), link.watch().passing());
    let committed = link.current().and_then(|db| {
        if failed {
            // PostgreSQL answers COMMIT without an error after a failed statement, and rolls back.
            sql_query("SELECT 1").execute(db)?;
        }
        Ok(end(db, Outcome::Keep)?)
    });
    if committed.is_ok() {
        return Tried { result: committed, again: false };
    }
    // After a failed statement COMMIT was not sent. Else only the server's own word, on a connection
    // that goes on, says that it did not happen.
    let again = if failed { passing } else { link.watch().passing() && link.alive() };
    link.drop_connection();
    Tried { result: committed, again }
}

fn run_job(db: &mut Db, job: &mut dyn WriteJob, attempt: u32) -> QueryResult<Outcome> {
    crate::each!(db, |c| AnsiTransactionManager::begin_transaction(c))?;
    if attempt > 1 {
        // Repeats go one at a time, or two jobs could go on stopping each other. A repeat takes this
        // lock before any other, so that it cannot be part of a deadlock.
        sql_query(format!("SELECT pg_advisory_xact_lock({REPEATS_LOCK})")).execute(db)?;
    }
    let outcome = job.run(db);
    unwind_to(db, 1)?;
    Ok(outcome)
}
