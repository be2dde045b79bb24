//! Writers: group commit on SQLite, a few independent connections on PostgreSQL.

use crate::Options;
use crate::connect::{Link, Source, Use, unwind_to};
use crate::db::{Db, Dialect};
use crate::error::{DatabaseError, OpenError};
use crate::job::{Outcome, WriteJob};
use crate::queue::Queue;
use diesel::connection::{AnsiTransactionManager, SimpleConnection, TransactionManager};
use diesel::{QueryResult, RunQueryDsl, sql_query};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread::{self, JoinHandle};

type Jobs = Queue<Box<dyn WriteJob>>;

/// How often a PostgreSQL job is tried when it loses against others or loses its connection.
const TRIES: u32 = 5;

/// Above this size of the write-ahead log the writer waits for the readers and empties it.
const LOG_BYTES: u64 = 32 * 1024 * 1024;

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
            let log = source.log_file();
            Ok(vec![thread(0).spawn(move || write_groups(&queue, first, log.as_deref()))?])
        }
        Dialect::Postgres => {
            let mut links = vec![first];
            for _ in 1..options.writers.max(1) {
                links.push(source.link(Use::Write)?);
            }
            let spawn = |(n, link)| {
                let queue = Arc::clone(&queue);
                thread(n).spawn(move || write_singly(&queue, link))
            };
            Ok(links.into_iter().enumerate().map(spawn).collect::<Result<_, _>>()?)
        }
    }
}

/// The SQLite writer: what is queued becomes one commit, and while its disk flush runs the next
/// group gathers by itself.
fn write_groups(queue: &Jobs, mut link: Link, log: Option<&Path>) {
    while let Some(mut jobs) = queue.next_batch() {
        let result = commit_group(&mut link, &mut jobs);
        if let Err(error) = &result {
            tracing::error!(%error, jobs = jobs.len(), "a commit failed");
            // SQLite may have ended the transaction by itself; a new connection knows where it is.
            link.drop_connection();
        }
        for job in jobs {
            job.answer(result.as_ref().copied().map_err(repeat));
        }
        if let Some(log) = log {
            shorten(&mut link, log);
        }
    }
}

fn commit_group(link: &mut Link, jobs: &mut [Box<dyn WriteJob>]) -> Result<(), DatabaseError> {
    let db = link.get()?;
    // A deferred transaction that reads before it writes fails at once when somebody else wrote in
    // between; an immediate one waits its turn.
    crate::each!(db, |c| AnsiTransactionManager::begin_transaction_sql(c, "BEGIN IMMEDIATE"))?;
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

/// Readers that follow each other without a gap keep the automatic checkpoint from starting the log
/// again; this one waits for them. Without success it is tried after the next commit.
fn shorten(link: &mut Link, log: &Path) {
    let long = std::fs::metadata(log).is_ok_and(|m| m.len() > LOG_BYTES);
    if long
        && let Ok(Db::Sqlite(c)) = link.get()
        && let Err(error) = c.batch_execute("PRAGMA wal_checkpoint(TRUNCATE)")
    {
        tracing::warn!(%error, "the write-ahead log could not be emptied");
    }
}

/// A PostgreSQL writer: the server groups the commits of several connections by itself.
fn write_singly(queue: &Jobs, mut link: Link) {
    while let Some(mut job) = queue.next() {
        let result = commit_one(&mut link, job.as_mut());
        if let Err(error) = &result {
            tracing::error!(%error, "a commit failed");
        }
        job.answer(result);
    }
}

fn commit_one(link: &mut Link, job: &mut dyn WriteJob) -> Result<(), DatabaseError> {
    for attempt in 1..=TRIES {
        let db = link.get()?;
        let Ok(outcome) = try_job(db, job, attempt) else {
            // Nothing was committed yet, so the job may run again on another connection.
            link.drop_connection();
            continue;
        };
        let ended = commit_or_undo(link, outcome);
        let conflict = link.watch().conflict.load(Ordering::Relaxed);
        let lost = link.watch().lost.load(Ordering::Relaxed);
        if ended.is_err() || lost {
            link.drop_connection();
        }
        let again = match outcome {
            // Without an answer to COMMIT nobody knows whether it happened: that is not repeated.
            Outcome::Keep => ended.is_err() && conflict,
            Outcome::Undo => conflict || lost || ended.is_err(),
        };
        if !again || attempt == TRIES {
            return match outcome {
                Outcome::Keep => ended,
                Outcome::Undo => Ok(()),
            };
        }
    }
    Err(DatabaseError::Unavailable)
}

fn commit_or_undo(link: &mut Link, outcome: Outcome) -> Result<(), DatabaseError> {
    let failed = link.watch().failed.load(Ordering::Relaxed);
    let db = link.current()?;
    // After a failed statement PostgreSQL answers COMMIT without an error, and rolls back.
    if outcome == Outcome::Keep && failed {
        sql_query("SELECT 1").execute(db)?;
    }
    Ok(end(db, outcome)?)
}

fn try_job(db: &mut Db, job: &mut dyn WriteJob, attempt: u32) -> QueryResult<Outcome> {
    crate::each!(db, |c| AnsiTransactionManager::begin_transaction(c))?;
    if attempt > 1 {
        // Repeats go one at a time, or two jobs could go on stopping each other. The lock is the
        // first that a repeat takes, so it closes no circle; the number is ours.
        sql_query("SELECT pg_advisory_xact_lock(7367204)").execute(db)?;
    }
    let outcome = job.run(db);
    unwind_to(db, 1)?;
    Ok(outcome)
}
