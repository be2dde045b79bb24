//! What waits for the writer of a journal.

use super::entry::Unnumbered;
use crate::error::AuditError;
use chrono::{DateTime, Utc};
use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use tokio::sync::oneshot;

/// A fixed bound: jobs that may wait; further ones are refused at once.
const JOBS: usize = 4096;
/// Sealed octets that may wait.
const BYTES: usize = 64 << 20;
/// Octets of one group: bounds how long the first of its jobs waits.
const GROUP_BYTES: usize = 4 << 20;

/// Where an answer goes.
pub(crate) type Answer<T> = oneshot::Sender<Result<T, AuditError>>;

/// Entries that belong together, and who waits for them.
pub(crate) struct Append {
    pub(crate) entries: Vec<Unnumbered>,
    pub(crate) answer: Answer<Appended>,
}

/// What became of entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Appended {
    /// They are durable.
    Durable,
    /// Their keys are of a segment too long ago; they have to be sealed again. Nothing was written.
    Stale,
}

impl Append {
    fn bytes(&self) -> usize {
        self.entries.iter().map(Unnumbered::len).sum()
    }
}

/// What the writer does next.
pub(crate) enum Work {
    /// Appends all of these, with one flush.
    Group(Vec<Append>),
    /// Gives no number below this one any more.
    Behind(u64, Answer<()>),
    /// Drops segments of which everything is older.
    Expire(DateTime<Utc>, Answer<usize>),
}

#[derive(Default)]
struct Waiting {
    appends: VecDeque<Append>,
    bytes: usize,
    behind: Option<(u64, Answer<()>)>,
    expire: Option<(DateTime<Utc>, Answer<usize>)>,
    closed: bool,
}

/// A queue whose one consumer blocks and whose producers never do.
#[derive(Default)]
pub(crate) struct Queue {
    waiting: Mutex<Waiting>,
    filled: Condvar,
}

impl Queue {
    // Nothing that can panic runs while the lock is held: a poisoned one is used on.
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn push(&self, append: Append) -> Result<(), AuditError> {
        let mut waiting = self.lock();
        if waiting.closed {
            return Err(AuditError::Ending);
        }
        if waiting.appends.len() >= JOBS || waiting.bytes >= BYTES {
            return Err(AuditError::Busy("audit_queue, a fixed bound"));
        }
        waiting.bytes += append.bytes();
        waiting.appends.push_back(append);
        self.filled.notify_one();
        Ok(())
    }

    pub(crate) fn expire(&self, limit: DateTime<Utc>, answer: Answer<usize>) {
        let mut waiting = self.lock();
        if !waiting.closed {
            waiting.expire = Some((limit, answer));
            self.filled.notify_one();
        }
    }

    pub(crate) fn behind(&self, next: u64, answer: Answer<()>) {
        let mut waiting = self.lock();
        if !waiting.closed {
            waiting.behind = Some((next, answer));
            self.filled.notify_one();
        }
    }

    /// No further work; what is queued is still handed out.
    pub(crate) fn close(&self) {
        self.lock().closed = true;
        self.filled.notify_all();
    }

    /// Everything that waits, up to a bound; `None` when the queue is closed and empty.
    pub(crate) fn next(&self) -> Option<Work> {
        let mut waiting = self.lock();
        loop {
            if let Some((next, answer)) = waiting.behind.take() {
                return Some(Work::Behind(next, answer));
            }
            if let Some((limit, answer)) = waiting.expire.take() {
                return Some(Work::Expire(limit, answer));
            }
            if !waiting.appends.is_empty() {
                return Some(Work::Group(group(&mut waiting)));
            }
            if waiting.closed {
                return None;
            }
            waiting = self.filled.wait(waiting).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

fn group(waiting: &mut Waiting) -> Vec<Append> {
    let mut group = Vec::new();
    let mut bytes = 0;
    while let Some(next) = waiting.appends.front() {
        let next = next.bytes();
        if bytes > 0 && bytes + next > GROUP_BYTES {
            break;
        }
        bytes += next;
        group.extend(waiting.appends.pop_front());
    }
    waiting.bytes = waiting.bytes.saturating_sub(bytes);
    group
}
