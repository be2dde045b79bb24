//! SQLite's write-ahead log, kept short, and emptied after erasures: until a checkpoint has cut it, it
//! holds the earlier versions of every page, and with them what was erased.

use crate::connect::{BUSY_MS, Link};
use crate::db::Db;
use diesel::connection::SimpleConnection;
use diesel::sql_types::Integer;
use diesel::{QueryResult, QueryableByName, RunQueryDsl, sql_query};
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// Above this size the writer waits for the readers and empties the log. Readers that follow each
/// other without a gap keep the automatic checkpoint from starting it again.
const LONG: u64 = 32 * 1024 * 1024;

/// How long the writer, and with it every write, waits for readers, milliseconds.
const WAIT_MS: u32 = 500;

/// After waiting in vain the log is tried after each commit without waiting, for this long: a backup
/// may hold its snapshot for minutes.
const REST: Duration = Duration::from_secs(10);

/// The log of one database, as its writer sees it.
pub(crate) struct Log {
    path: PathBuf,
    /// Something was erased that may still lie in it.
    owed: bool,
    waited_in_vain: Option<Instant>,
}

#[derive(QueryableByName)]
struct Checkpoint {
    #[diesel(sql_type = Integer)]
    busy: i32,
}

impl Log {
    /// The log at `path`; what an earlier process erased may lie in it.
    pub(crate) fn new(path: PathBuf, link: &mut Link) -> Self {
        let mut log = Self { path, owed: true, waited_in_vain: None };
        log.empty(link);
        log
    }

    /// Empties the log if a job of the last commit erased something, if an earlier one did and
    /// readers were in the way, or if it is long.
    pub(crate) fn after_commit(&mut self, link: &mut Link, erased: bool) {
        self.owed |= erased;
        if self.owed || std::fs::metadata(&self.path).is_ok_and(|m| m.len() > LONG) {
            self.empty(link);
        }
    }

    fn empty(&mut self, link: &mut Link) {
        let resting = self.waited_in_vain.is_some_and(|at| at.elapsed() < REST);
        let wait = if resting { 0 } else { WAIT_MS };
        match truncate(link, wait) {
            Ok(true) => (self.owed, self.waited_in_vain) = (false, None),
            Ok(false) if resting => {}
            Ok(false) => self.waited_in_vain = Some(Instant::now()),
            Err(error) => {
                tracing::warn!(%error, "the write-ahead log could not be emptied");
                self.waited_in_vain = Some(Instant::now());
                link.drop_connection();
            }
        }
    }
}

/// Brings everything into the database and cuts the log to nothing; `false` when a reader was in the
/// way for longer than `wait` milliseconds.
fn truncate(link: &mut Link, wait: u32) -> QueryResult<bool> {
    let Ok(Db::Sqlite(c)) = link.get() else { return Ok(false) };
    c.batch_execute(&format!("PRAGMA busy_timeout={wait}"))?;
    let row: Checkpoint = sql_query("PRAGMA wal_checkpoint(TRUNCATE)").get_result(c)?;
    c.batch_execute(&format!("PRAGMA busy_timeout={BUSY_MS}"))?;
    Ok(row.busy == 0)
}
