//! The home in the data directory: sealed documents behind each other in segment files.
//!
//! A short document is appended to the segment that all share, and one flush is for all who wait
//! ([`appender`]). A long one, which arrives piece by piece beside others, has a segment of its own
//! ([`long`]). Either way it is in one piece, and its row says where; the segment itself says
//! nothing. What lies between the documents of the rows is left over, and swept ([`sweep`]).
//!
//! Several processes may share the folder on one machine: each appends to its own segments, all
//! read and erase in any.

mod appender;
mod directory;
mod erase;
mod long;
mod read;
mod sweep;

pub(crate) use directory::Directory;

use super::under_way::Arrivals;
use super::{Arrival, ContentError, ContentStore, Location, LongArrival, Place, SealedBytes, Span};
use crate::store::key::{ContentId, SegmentId};
use appender::{Append, Appender};
use directory::{Marker, error};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use std::collections::HashMap;
use std::fs::File;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use tokio::sync::{mpsc, oneshot};

/// Short documents that may wait for the appender; further ones wait outside.
const QUEUE: usize = 64;

/// Segments kept open for reading.
const FILES: usize = 256;

/// The documents of the rows, as the repository's database has them.
pub(crate) trait References: Send + Sync {
    /// What the documents that are not being removed take of a segment.
    fn within(&self, segment: SegmentId) -> BoxFuture<'_, Result<Vec<Span>, ContentError>>;
}

/// Segment files.
pub(crate) struct SegmentStore {
    shared: Arc<Shared>,
    /// `None` after [`ContentStore::close`].
    queue: Mutex<Option<mpsc::Sender<Append>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

/// What the appender, long arrivals, readers and the sweep share.
struct Shared {
    directory: Directory,
    references: Arc<dyn References>,
    arrivals: Arrivals,
    /// The segments that this process has to sweep.
    marked: Mutex<HashMap<SegmentId, Marker>>,
    appending: Mutex<Option<(SegmentId, u64)>>,
    files: Mutex<HashMap<SegmentId, Arc<File>>>,
}

// What the locks hold is whole after any panic: nothing is half done under them.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    fn begin_segment(&self, segment: SegmentId) -> Result<File, ContentError> {
        let (file, marker) = self.directory.create(segment)?;
        lock(&self.marked).insert(segment, marker);
        Ok(file)
    }

    /// The segment that the appender turns to, if any; the one before is complete.
    fn stop_appending(&self, next: Option<SegmentId>) {
        *lock(&self.appending) = next.map(|segment| (segment, 0));
    }

    fn grown(&self, segment: SegmentId, end: u64) {
        *lock(&self.appending) = Some((segment, end));
    }

    /// Where the appender is in the segment; `None` when it does not append there.
    fn appended(&self, segment: SegmentId) -> Option<u64> {
        lock(&self.appending).filter(|(s, _)| *s == segment).map(|(_, end)| end)
    }

    /// The segment for reading.
    fn reading(&self, segment: SegmentId) -> Result<Arc<File>, ContentError> {
        if let Some(file) = lock(&self.files).get(&segment) {
            return Ok(Arc::clone(file));
        }
        let file = self.directory.file(segment, false)?.ok_or(ContentError::Missing)?;
        let file = Arc::new(file);
        let mut files = lock(&self.files);
        if files.len() >= FILES {
            files.clear();
        }
        files.insert(segment, Arc::clone(&file));
        Ok(file)
    }

    /// Removes a segment and what points to it. What was read from it goes on.
    fn remove(&self, segment: SegmentId) -> Result<(), ContentError> {
        lock(&self.files).remove(&segment);
        self.directory.remove(segment)?;
        self.directory.unmark(segment)
    }
}

/// Work that waits for the disk, on a thread that may.
async fn on_disk<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, ContentError> + Send + 'static,
) -> Result<T, ContentError> {
    tokio::task::spawn_blocking(work).await.unwrap_or(Err(ContentError::Closed))
}

impl SegmentStore {
    /// Opens the folder and starts the appender.
    pub(crate) fn open(
        directory: Directory,
        references: Arc<dyn References>,
    ) -> Result<Self, ContentError> {
        let shared = Arc::new(Shared {
            directory,
            references,
            arrivals: Arrivals::default(),
            marked: Mutex::default(),
            appending: Mutex::default(),
            files: Mutex::default(),
        });
        let (queue, jobs) = mpsc::channel(QUEUE);
        let appender = Appender::new(Arc::clone(&shared));
        let thread = thread::Builder::new()
            .name("content".to_owned())
            .spawn(move || appender.run(jobs))
            .map_err(error("thread"))?;
        Ok(Self { shared, queue: Mutex::new(Some(queue)), thread: Mutex::new(Some(thread)) })
    }
}

impl Drop for SegmentStore {
    fn drop(&mut self) {
        // The thread has the locks of its segments until it ends, which it does when nobody can
        // give it more.
        lock(&self.queue).take();
        if let Some(thread) = lock(&self.thread).take()
            && thread.join().is_err()
        {
            tracing::error!("the thread of the content did not end in order");
        }
    }
}

impl ContentStore for SegmentStore {
    fn put(
        &self,
        id: ContentId,
        chunks: Vec<SealedBytes>,
    ) -> BoxFuture<'_, Result<Arrival, ContentError>> {
        let queue = lock(&self.queue).clone();
        async move {
            let (answer, told) = oneshot::channel();
            let queue = queue.ok_or(ContentError::Closed)?;
            let sent = queue.send(Append { id, chunks, answer }).await;
            sent.map_err(|_| ContentError::Closed)?;
            drop(queue);
            told.await.unwrap_or(Err(ContentError::Closed))
        }
        .boxed()
    }

    fn begin(&self, id: ContentId) -> BoxFuture<'_, Result<Box<dyn LongArrival>, ContentError>> {
        let shared = Arc::clone(&self.shared);
        let begun = on_disk(move || long::begin(&shared, id));
        async { Ok(Box::new(begun.await?) as Box<dyn LongArrival>) }.boxed()
    }

    fn read<'a>(
        &'a self,
        _id: ContentId,
        location: &'a Location,
        number: u32,
    ) -> BoxFuture<'a, Result<SealedBytes, ContentError>> {
        async move {
            let Place::Segment { segment, position } = location.place else {
                return Err(ContentError::Missing);
            };
            let (offset, length) = location.chunk(number).ok_or(ContentError::CutShort)?;
            let position = position.checked_add(offset).ok_or(ContentError::CutShort)?;
            let file = self.shared.reading(segment)?;
            let mut bytes = vec![0; length];
            if read::cached(&file, &mut bytes, position).is_some() {
                return Ok(bytes);
            }
            on_disk(move || {
                let name = segment.file_name();
                let whole = read::waiting(&file, &mut bytes, position).map_err(error(&name))?;
                if whole { Ok(bytes) } else { Err(ContentError::CutShort) }
            })
            .await
        }
        .boxed()
    }

    fn erase<'a>(
        &'a self,
        _id: ContentId,
        location: &'a Location,
    ) -> BoxFuture<'a, Result<(), ContentError>> {
        self.shared.erase(location).boxed()
    }

    fn sweep(&self) -> BoxFuture<'_, Result<(), ContentError>> {
        self.shared.sweep().boxed()
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        lock(&self.queue).take();
        let thread = lock(&self.thread).take();
        async move {
            let joined = on_disk(move || {
                thread.map_or(Ok(()), JoinHandle::join).map_err(|_| ContentError::Closed)
            });
            if joined.await.is_err() {
                tracing::error!("the thread of the content did not end in order");
            }
            // A start after an orderly stop finds nothing left behind. What others left is not
            // touched: whoever only reads may close, too.
            if let Err(error) = self.shared.sweep_own().await {
                tracing::warn!(%error, "segments are swept at the next start");
            }
        }
        .boxed()
    }
}
