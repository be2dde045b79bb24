//! A bounded queue with three lanes between asynchronous callers and database threads.

use crate::error::DatabaseError;
use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How long a patient job waits for others to go with.
const PATIENCE: Duration = Duration::from_millis(100);

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
    patient: VecDeque<J>,
    /// When the first of the patient ones has waited long enough.
    due: Option<Instant>,
    closed: bool,
}

impl<J> Lanes<J> {
    fn is_empty(&self) -> bool {
        self.ordinary.is_empty() && self.bulk.is_empty() && self.patient.is_empty()
    }

    /// How long there is still nothing to do but patient jobs; `None` when something is due.
    fn rest(&self) -> Option<Duration> {
        if self.closed || !self.ordinary.is_empty() || !self.bulk.is_empty() {
            return None;
        }
        let left = self.due?.saturating_duration_since(Instant::now());
        (!left.is_zero()).then_some(left)
    }
}

impl<J> Queue<J> {
    /// A queue of at most `limit` ordinary jobs; `limit_name` is what a refusal says.
    pub(crate) fn new(limit_name: &'static str, limit: usize) -> Arc<Self> {
        let (ordinary, bulk, patient) = (VecDeque::new(), VecDeque::new(), VecDeque::new());
        let lanes = Lanes { ordinary, bulk, patient, due: None, closed: false };
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

    /// Queues a job that goes with the next batch, or alone when none comes for a while.
    pub(crate) fn push_patient(&self, job: J) -> Result<(), DatabaseError> {
        let mut lanes = self.lock();
        if lanes.closed {
            return Err(DatabaseError::Closed);
        }
        if lanes.patient.len() >= self.limit {
            return Err(DatabaseError::Busy(self.limit_name));
        }
        lanes.patient.push_back(job);
        lanes.due.get_or_insert_with(|| Instant::now() + PATIENCE);
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
        loop {
            if lanes.is_empty() {
                if lanes.closed {
                    return None;
                }
                lanes = self.filled.wait(lanes).unwrap_or_else(PoisonError::into_inner);
            } else if let Some(rest) = lanes.rest() {
                let waited = self.filled.wait_timeout(lanes, rest);
                lanes = waited.unwrap_or_else(PoisonError::into_inner).0;
            } else {
                return Some(lanes);
            }
        }
    }

    /// The next job, ordinary before bulk; `None` when the queue is closed and empty. Whoever takes jobs one
    /// by one has no batch with which a patient one could go: they are not to be queued there.
    pub(crate) fn next(&self) -> Option<J> {
        let mut lanes = self.wait()?;
        let next = lanes.ordinary.pop_front().or_else(|| lanes.bulk.pop_front());
        next.or_else(|| lanes.patient.pop_front())
    }

    /// Everything ordinary and patient that waits, up to a bound each, and one bulk job; `None` when the
    /// queue is closed and empty.
    pub(crate) fn next_batch(&self) -> Option<Vec<J>> {
        let mut lanes = self.wait()?;
        let count = lanes.ordinary.len().min(BATCH);
        let mut batch: Vec<J> = lanes.ordinary.drain(..count).collect();
        batch.extend(lanes.bulk.pop_front());
        let patient = lanes.patient.len().min(BATCH);
        batch.extend(lanes.patient.drain(..patient));
        lanes.due = (!lanes.patient.is_empty()).then(Instant::now);
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

    #[test]
    fn a_patient_job_goes_with_others_or_when_it_has_waited() {
        let queue = Queue::new("limits.write_queue", 2);
        queue.push_patient(1).unwrap();
        queue.push(2).unwrap();
        assert_eq!(queue.next_batch().unwrap(), [2, 1], "with the next batch");
        let queued = Instant::now();
        queue.push_patient(3).unwrap();
        queue.push_patient(4).unwrap();
        assert!(matches!(queue.push_patient(5), Err(DatabaseError::Busy("limits.write_queue"))));
        assert_eq!(queue.next_batch().unwrap(), [3, 4], "without one");
        assert!(queued.elapsed() >= PATIENCE, "it waited for one");
        queue.push_patient(6).unwrap();
        queue.close();
        assert_eq!(queue.next_batch().unwrap(), [6], "nothing waits for what will not come");
        assert!(queue.next_batch().is_none());
    }
}
