//! Room and time for what is given together: on disk for all answers and for each, and until each begins.

use renkei_sealing::CHUNK;
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Whoever asks takes no more than a fourth of the room: nobody waits for whoever asks for the most.
const CALLERS: usize = 4;

/// Where documents of several senders wait until all that one answer gives are whole. Clones are the same place.
#[derive(Clone, Debug)]
pub struct Spool {
    pub(super) directory: Arc<PathBuf>,
    /// Chunks that may still be written.
    room: Arc<Semaphore>,
    most: usize,
    time: Duration,
    /// Chunks that each of those who ask now may still write.
    callers: Arc<Mutex<HashMap<String, Weak<Semaphore>>>>,
}

/// What whoever asks may take of it for an answer, and until when that waits.
#[derive(Debug)]
pub struct Share {
    pub(crate) deadline: Instant,
    pub(super) spool: Spool,
    room: Arc<Semaphore>,
}

/// Room that is taken.
pub(super) struct Taken {
    of_all: OwnedSemaphorePermit,
    of_caller: OwnedSemaphorePermit,
}

impl Spool {
    /// In `directory`, which is made when it is needed; of all answers together no more than so many octets, and
    /// of those for one caller a fourth of them. `time` is how long an answer waits for what is given in it.
    pub fn new(directory: PathBuf, octets: u64, time: Duration) -> Self {
        let chunks = usize::try_from(octets / CHUNK as u64).unwrap_or(usize::MAX);
        let most = chunks.min(Semaphore::MAX_PERMITS);
        let (directory, room) = (Arc::new(directory), Arc::new(Semaphore::new(most)));
        Self { directory, room, most, time, callers: Arc::default() }
    }

    /// Room and time of an answer for `caller`; the time counts from now.
    pub fn share(&self, caller: &str) -> Share {
        let mut callers = self.callers.lock().unwrap_or_else(PoisonError::into_inner);
        callers.retain(|_, room| room.strong_count() > 0);
        let room = callers.get(caller).and_then(Weak::upgrade).unwrap_or_else(|| {
            let room = Arc::new(Semaphore::new(self.most.div_ceil(CALLERS)));
            callers.insert(caller.to_owned(), Arc::downgrade(&room));
            room
        });
        Share { deadline: Instant::now() + self.time, spool: self.clone(), room }
    }

    /// The same for an answer to another gateway, which waits for it as long as we do for others: half the time, so
    /// that what comes of it is there in time.
    pub fn share_for_gateway(&self, caller: &str) -> Share {
        Share { deadline: Instant::now() + self.time / 2, ..self.share(caller) }
    }

    /// Chunks that may still be written.
    #[cfg(test)]
    pub(super) fn free(&self) -> usize {
        self.room.available_permits()
    }
}

impl Share {
    /// When the answer begins with whatever is there.
    pub fn deadline(&self) -> Instant {
        self.deadline
    }

    /// Room for a chunk, which is free for others when it is dropped.
    pub(super) fn chunk(&self) -> Option<Taken> {
        let of_caller = Arc::clone(&self.room).try_acquire_owned().ok()?;
        let of_all = Arc::clone(&self.spool.room).try_acquire_owned().ok()?;
        Some(Taken { of_all, of_caller })
    }
}

impl Taken {
    /// Both as one.
    pub(super) fn merge(&mut self, more: Self) {
        self.of_all.merge(more.of_all);
        self.of_caller.merge(more.of_caller);
    }
}
