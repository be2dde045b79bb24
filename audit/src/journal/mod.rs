//! The journal: one append-only sequence of sealed records, in segments of files (ITI TF-2: 3.20).
//!
//! A segment begins with a header and holds frames (`frame`), each an entry with its number, what it
//! can be searched by, and the record sealed under a key of its own (`entry`). The keys stand wrapped
//! in a file beside the segment (`keys`): destroying one erases one record, while the entry, its place
//! and its hash stay. Nothing in a segment is ever changed; expiry drops whole segments.
//!
//! A journal has one writer. Each process that records has a journal of its own: the house `house`,
//! and whoever comes beside it the first of `guest-1`, `guest-2` ... that nobody holds.

mod entry;
mod files;
mod frame;
mod keys;
mod queue;
mod reading;
mod recovery;
mod writer;

pub(crate) use entry::KeyPlace;
pub(crate) use files::Dir;
pub(crate) use reading::{
    Batch, Found, JournalReader, Position, entry_at, entry_id, key_place, mark, open_with, read_on,
    stands,
};
pub(crate) use writer::destroy_key;

use crate::draft::Draft;
use crate::error::AuditError;
use chrono::{DateTime, Utc};
use entry::Unnumbered;
use keys::KeyPool;
use queue::{Append, Appended, Queue};
use renkei_atna::record::AuditRecord;
use renkei_atna::sink::{BoxFuture, NotRecorded, Sink};
use renkei_sealing::KeyRing;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::sync::oneshot;
use uuid::Uuid;
use writer::Writer;

/// Whose journal it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// The process that serves a data directory.
    House,
    /// Any other process: a client, or a command beside the house.
    Guest,
}

/// Sizes of a journal's files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Shape {
    /// A segment of this size is followed by the next one.
    pub(crate) segment_bytes: u64,
    /// How many keys are made at a time.
    pub(crate) key_block: u32,
}

impl Shape {
    const fn of(owner: Owner) -> Self {
        let key_block = match owner {
            Owner::House => 1024,
            Owner::Guest => 32,
        };
        Self { segment_bytes: 16 << 20, key_block }
    }
}

/// How far a journal is on disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Durable {
    pub(crate) segment: u64,
    /// Octets of that segment.
    pub(crate) end: u64,
    /// The number of the next entry.
    pub(crate) next: u64,
}

impl Durable {
    /// The same as a position.
    pub(crate) fn position(self) -> Position {
        Position { segment: self.segment, offset: self.end, next: self.next }
    }
}

/// How often the house tries to take its journal, which a reader holds for a moment only.
const HOUSE_TRIES: u32 = 100;

/// The most guests of one directory at a time.
const GUESTS: u32 = 1000;

/// How often a record is sealed again when its key became too old while it waited.
const TRIES: u32 = 3;

/// A journal and its writer. Clones share it; the last one to go ends the thread.
#[derive(Clone)]
pub struct Journal {
    inner: Arc<Inner>,
}

struct Inner {
    dir: Dir,
    id: Uuid,
    queue: Arc<Queue>,
    pool: Arc<KeyPool>,
    durable: Arc<Mutex<Durable>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.queue.close();
    }
}

impl Journal {
    /// Opens the journal of `owner` in the directory of journals `root`, or begins it. Blocks; call it
    /// at start-up.
    ///
    /// # Errors
    /// When another process writes it, or its files or keys cannot be used.
    pub fn open(root: &Path, owner: Owner, ring: &KeyRing) -> Result<Self, AuditError> {
        let shape = Shape::of(owner);
        match owner {
            Owner::House => {
                let dir = Dir::new(root.join("house"));
                for _ in 0..HOUSE_TRIES {
                    if let Some(journal) = Self::at(&dir, shape, ring)? {
                        return Ok(journal);
                    }
                    std::thread::sleep(Duration::from_millis(20));
                }
                Err(AuditError::InUse(dir.path().to_owned()))
            }
            Owner::Guest => {
                for number in 1..=GUESTS {
                    let dir = Dir::new(root.join(format!("guest-{number}")));
                    if let Some(journal) = Self::at(&dir, shape, ring)? {
                        return Ok(journal);
                    }
                }
                Err(AuditError::InUse(root.to_owned()))
            }
        }
    }

    /// The journal in `dir`, unless another process writes it.
    pub(crate) fn at(dir: &Dir, shape: Shape, ring: &KeyRing) -> Result<Option<Self>, AuditError> {
        dir.make()?;
        let Some(lock) = dir.lock()? else { return Ok(None) };
        let resumed = recovery::resume(dir, ring)?;
        let (segment, next) = (resumed.segment, resumed.next);
        let id = segment.header.journal;
        let block = shape.key_block;
        let pool = KeyPool::resume(ring, dir, &segment.header, resumed.unused, block)?;
        let pool = Arc::new(pool);
        let durable = Durable { segment: segment.header.segment, end: segment.end, next };
        let durable = Arc::new(Mutex::new(durable));
        let queue = Arc::new(Queue::default());
        let writer = Writer {
            dir: dir.clone(),
            ring: ring.clone(),
            shape,
            segment,
            next,
            pool: Arc::clone(&pool),
            durable: Arc::clone(&durable),
            spoilt: false,
            buffer: Vec::new(),
        };
        let work = Arc::clone(&queue);
        let thread = std::thread::Builder::new().name("audit-journal".to_owned());
        let thread = thread.spawn(move || writer.run(&work, lock));
        let thread = thread.map_err(AuditError::file(dir.path()))?;
        let thread = Mutex::new(Some(thread));
        let dir = dir.clone();
        Ok(Some(Self { inner: Arc::new(Inner { dir, id, queue, pool, durable, thread }) }))
    }

    /// Appends records, in order; resolves when they are durable.
    ///
    /// # Errors
    /// When one is too long or cannot be sealed, and then none is written; when they cannot be made
    /// durable.
    pub async fn append(&self, records: &[AuditRecord]) -> Result<(), AuditError> {
        let drafts: Result<Vec<Draft>, AuditError> = records.iter().map(Draft::of).collect();
        self.append_drafts(&drafts?).await
    }

    pub(crate) async fn append_drafts(&self, drafts: &[Draft]) -> Result<(), AuditError> {
        for _ in 0..TRIES {
            let entries: Result<Vec<Unnumbered>, AuditError> =
                drafts.iter().map(|draft| self.seal(draft)).collect();
            let (answer, waiting) = oneshot::channel();
            self.inner.queue.push(Append { entries: entries?, answer })?;
            match waiting.await.map_err(|_| AuditError::Ending)?? {
                Appended::Durable => return Ok(()),
                Appended::Stale => {}
            }
        }
        Err(AuditError::Busy("audit_queue, a fixed bound"))
    }

    pub(crate) fn seal(&self, draft: &Draft) -> Result<Unnumbered, AuditError> {
        let (place, key) = self.inner.pool.draw()?;
        Unnumbered::seal(self.inner.id, place, &key, draft)
    }

    /// Drops the segments of which everything was recorded before `limit` (`retention.audit_days`).
    /// Returns how many.
    ///
    /// # Errors
    /// When the files cannot be removed.
    pub async fn expire(&self, limit: DateTime<Utc>) -> Result<usize, AuditError> {
        let (answer, waiting) = oneshot::channel();
        self.inner.queue.expire(limit, answer);
        waiting.await.map_err(|_| AuditError::Ending)?
    }

    /// Gives no number below `next` any more. The gap that this may leave is told to whoever reads.
    pub(crate) async fn continue_behind(&self, next: u64) -> Result<(), AuditError> {
        let (answer, waiting) = oneshot::channel();
        self.inner.queue.behind(next, answer);
        waiting.await.map_err(|_| AuditError::Ending)?
    }

    pub(crate) fn dir(&self) -> &Dir {
        &self.inner.dir
    }

    pub(crate) fn id(&self) -> Uuid {
        self.inner.id
    }

    pub(crate) fn durable(&self) -> Durable {
        *self.inner.durable.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends the writer after it wrote what is queued, and waits for it. Later records are refused.
    pub async fn close(&self) {
        let inner = Arc::clone(&self.inner);
        let joined = tokio::task::spawn_blocking(move || {
            inner.queue.close();
            let thread = inner.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
            thread.is_none_or(|thread| thread.join().is_ok())
        });
        if !matches!(joined.await, Ok(true)) {
            tracing::error!("the writer of the audit journal did not end in order");
        }
    }
}

impl Sink for Journal {
    fn record<'a>(&'a self, record: AuditRecord) -> BoxFuture<'a, Result<(), NotRecorded>> {
        Box::pin(async move { Ok(self.append(&[record]).await?) })
    }
}

/// Drops old segments of the guests' journals below `root` that nobody is writing.
///
/// # Errors
/// When files cannot be read or removed.
pub async fn expire_guests(
    root: &Path,
    ring: &KeyRing,
    limit: DateTime<Utc>,
) -> Result<usize, AuditError> {
    let mut gone = 0;
    for dir in journals(root)?.into_iter().filter(|d| d.name().starts_with("guest-")) {
        if let Some(journal) = Journal::at(&dir, Shape::of(Owner::Guest), ring)? {
            gone += journal.expire(limit).await?;
            journal.close().await;
        }
    }
    Ok(gone)
}

/// The journals below `root`.
pub(crate) fn journals(root: &Path) -> Result<Vec<Dir>, AuditError> {
    let mut found = Vec::new();
    if !root.is_dir() {
        return Ok(found);
    }
    for entry in std::fs::read_dir(root).map_err(AuditError::file(root))? {
        let path = entry.map_err(AuditError::file(root))?.path();
        let name = path.file_name().and_then(|n| n.to_str()).unwrap_or_default();
        if path.is_dir() && (name == "house" || name.starts_with("guest-")) {
            found.push(Dir::new(path));
        }
    }
    found.sort();
    Ok(found)
}

#[cfg(test)]
mod tests;
