//! Room and time for what is given together: on disk for all answers and for each, and until each begins.

use renkei_sealing::CHUNK;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// One answer takes no more than a fourth of the room: nobody waits for whoever asks for the most.
const ANSWERS: usize = 4;

/// Where documents of several senders wait until all that one answer gives are whole. Clones are the same place.
#[derive(Clone, Debug)]
pub struct Spool {
    pub(super) directory: Arc<PathBuf>,
    /// Chunks that may still be written.
    room: Arc<Semaphore>,
    most: usize,
    time: Duration,
}

/// What one answer may take of it, and until when.
#[derive(Debug)]
pub struct Share {
    pub(crate) deadline: Instant,
    pub(super) spool: Spool,
    room: Semaphore,
}

impl Spool {
    /// In `directory`, which is made when it is needed; of all answers together no more than so many octets, and
    /// of one a fourth of them. `time` is how long an answer waits for what is given in it.
    pub fn new(directory: PathBuf, octets: u64, time: Duration) -> Self {
        let chunks = usize::try_from(octets / CHUNK as u64).unwrap_or(usize::MAX);
        let most = chunks.min(Semaphore::MAX_PERMITS);
        let (directory, room) = (Arc::new(directory), Arc::new(Semaphore::new(most)));
        Self { directory, room, most, time }
    }

    /// Room and time of one answer, which counts from now.
    pub fn share(&self) -> Share {
        let room = Semaphore::new(self.most.div_ceil(ANSWERS));
        Share { deadline: Instant::now() + self.time, spool: self.clone(), room }
    }

    /// Chunks that may still be written.
    #[cfg(test)]
    pub(super) fn free(&self) -> usize {
        self.room.available_permits()
    }
}

impl Share {
    /// Room for a chunk, which is free for others when it is dropped.
    pub(super) fn chunk(&self) -> Option<OwnedSemaphorePermit> {
        let own = self.room.try_acquire().ok()?;
        let room = Arc::clone(&self.spool.room).try_acquire_owned().ok()?;
        own.forget();
        Some(room)
    }
}
