//! A bounded queue with two lanes between asynchronous callers and database threads.

use crate::error::DatabaseError;
use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

/// The most ordinary jobs one commit holds: bounds how long the first of them waits.
const BATCH: usize = 256;

/// A queue whose consumers block and whose producers never do.
pub(crate) struct Queue<J> {
    limit_name: &'static str,
    limit: usize,
    lanes: Mutex<Lanes<J>>,
    filled: Condvar,
}

struct Lanes<J> {
    ordinary: VecDeque<J>,
    bulk: VecDeque<J>,
    closed: bool,
}

impl<J> Queue<J> {
    /// A queue of at most `limit` ordinary jobs; `limit_name` is what a refusal says.
    pub(crate) fn new(limit_name: &'static str, limit: usize) -> Arc<Self> {
        let lanes = Lanes { ordinary: VecDeque::new(), bulk: VecDeque::new(), closed: false };
        Arc::new(Self { limit_name, limit, lanes: Mutex::new(lanes), filled: Condvar::new() })
    }

    // A panic while the lock is held is impossible: nothing of a job runs under it.
    fn lock(&self) -> MutexGuard<'_, Lanes<J>> {
        self.lanes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Queues an ordinary job, or says at once why not.
    pub(crate) fn push(&self, job: J) -> Result<(), DatabaseError> {
        let mut lanes = self.lock();
        if lanes.closed {
            return Err(DatabaseError::Closed);
        }
        if lanes.ordinary.len() >= self.limit {
            return Err(DatabaseError::Busy(self.limit_name));
        }
        lanes.ordinary.push_back(job);
        self.filled.notify_one();
        Ok(())
    }

    /// Queues a bulk job; the caller bounds their number.
    pub(crate) fn push_bulk(&self, job: J) -> Result<(), DatabaseError> {
        let mut lanes = self.lock();
        if lanes.closed {
            return Err(DatabaseError::Closed);
        }
        lanes.bulk.push_back(job);
        self.filled.notify_one();
        Ok(())
    }

    /// No further jobs; what is queued is still handed out.
    pub(crate) fn close(&self) {
        self.lock().closed = true;
        self.filled.notify_all();
    }

    fn wait(&self) -> Option<MutexGuard<'_, Lanes<J>>> {
        let mut lanes = self.lock();
        while lanes.ordinary.is_empty() && lanes.bulk.is_empty() {
            if lanes.closed {
                return None;
            }
            lanes = self.filled.wait(lanes).unwrap_or_else(PoisonError::into_inner);
        }
        Some(lanes)
    }

    /// The next job, ordinary before bulk; `None` when the queue is closed and empty.
    pub(crate) fn next(&self) -> Option<J> {
        let mut lanes = self.wait()?;
        lanes.ordinary.pop_front().or_else(|| lanes.bulk.pop_front())
    }

    /// Everything ordinary that waits, up to a bound, and one bulk job; `None` when the queue is
    /// closed and empty.
    pub(crate) fn next_batch(&self) -> Option<Vec<J>> {
        let mut lanes = self.wait()?;
        let count = lanes.ordinary.len().min(BATCH);
        let mut batch: Vec<J> = lanes.ordinary.drain(..count).collect();
        batch.extend(lanes.bulk.pop_front());
        Some(batch)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_all_ordinary_jobs_and_one_bulk_job() {
        let queue = Queue::new("limits.write_queue", 3);
        queue.push_bulk(100).unwrap();
        queue.push_bulk(101).unwrap();
        for n in 0..3 {
            queue.push(n).unwrap();
        }
        assert!(matches!(queue.push(3), Err(DatabaseError::Busy("limits.write_queue"))));
        assert_eq!(queue.next_batch().unwrap(), [0, 1, 2, 100]);
        queue.push(4).unwrap();
        queue.close();
        assert!(matches!(queue.push(5), Err(DatabaseError::Closed)));
        assert_eq!(queue.next(), Some(4));
        assert_eq!(queue.next_batch().unwrap(), [101]);
        assert!(queue.next_batch().is_none());
    }
}
