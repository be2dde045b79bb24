//! The one thread that writes a journal: what is queued becomes one write and one flush, and while
//! the flush runs the next group gathers by itself. There is no timer.

use super::entry::{self, Header};
use super::files::{Dir, slot_place, slots};
use super::keys::KeyPool;
use super::queue::{Append, Appended, Queue, Work};
use super::{Durable, Shape, frame};
use crate::error::AuditError;
use chrono::{DateTime, Utc};
use renkei_sealing::KeyRing;
use std::fs::{self, File, OpenOptions};
use std::os::unix::fs::FileExt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use uuid::Uuid;

/// The segment that is being written.
pub(crate) struct Segment {
    pub(crate) header: Header,
    pub(crate) path: PathBuf,
    pub(crate) file: File,
    /// Where the next frame goes: everything before is durable.
    pub(crate) end: u64,
}

impl Segment {
    /// Begins the segment whose first entry is `next`: its key file, then itself, each whole or not
    /// at all.
    pub(crate) fn begin(
        dir: &Dir,
        ring: &KeyRing,
        journal: Uuid,
        previous: u64,
        next: u64,
    ) -> Result<Self, AuditError> {
        let header = Header {
            journal,
            segment: next,
            previous,
            begun: Utc::now().timestamp_micros(),
            salt: Uuid::new_v4().into_bytes(),
            key_name: ring.current().to_owned(),
        };
        KeyPool::write_file(dir, &header)?;
        let mut head = Vec::new();
        frame::write(&mut head, &header.payload());
        let path = dir.segment(next);
        dir.publish(&path, &head)?;
        Self::open(dir, header, head.len() as u64)
    }

    pub(crate) fn open(dir: &Dir, header: Header, end: u64) -> Result<Self, AuditError> {
        let path = dir.segment(header.segment);
        let file = OpenOptions::new().read(true).write(true).open(&path);
        let file = file.map_err(AuditError::file(&path))?;
        Ok(Self { header, path, file, end })
    }

    /// Appends octets durably, or not at all.
    fn append(&mut self, octets: &[u8]) -> Result<(), AuditError> {
        let written = self.file.write_all_at(octets, self.end);
        renkei_context::reached("audit.written");
        written.and_then(|()| self.file.sync_data()).map_err(AuditError::file(&self.path))?;
        renkei_context::reached("audit.flushed");
        self.end += octets.len() as u64;
        Ok(())
    }

    /// Takes back what a failed write may have left; says whether that is certain.
    fn take_back(&self) -> bool {
        self.file.set_len(self.end).and_then(|()| self.file.sync_all()).is_ok()
    }
}

/// The writer.
pub(crate) struct Writer {
    pub(crate) dir: Dir,
    pub(crate) ring: KeyRing,
    pub(crate) shape: Shape,
    pub(crate) segment: Segment,
    /// The number of the next entry.
    pub(crate) next: u64,
    pub(crate) pool: Arc<KeyPool>,
    pub(crate) durable: Arc<Mutex<Durable>>,
    /// The segment cannot be gone on with.
    pub(crate) spoilt: bool,
    pub(crate) buffer: Vec<u8>,
}

/// A buffer above this size is given back.
const BUFFER_KEPT: usize = 1 << 20;

impl Writer {
    /// Works until the queue is closed and empty, then notes that this end was in order.
    pub(crate) fn run(mut self, queue: &Queue, lock: File) {
        let first = self.next;
        while let Some(work) = queue.next() {
            match work {
                Work::Group(group) => self.write(group),
                Work::Behind(next, answer) => {
                    self.next = self.next.max(next);
                    drop(answer.send(Ok(())));
                }
                Work::Expire(limit, answer) => drop(answer.send(self.expire(limit))),
            }
            if let Err(error) = self.pool.top_up() {
                tracing::error!(%error, "no keys for the next audit records");
            }
        }
        if self.next > first {
            let mut end = Vec::new();
            frame::write(&mut end, &entry::stopped(self.next));
            if let Err(error) = self.segment.append(&end) {
                tracing::error!(%error, "the audit journal was not closed in order");
            }
            self.publish();
        }
        drop(lock);
    }

    fn write(&mut self, group: Vec<Append>) {
        let result = self.roll_if_due();
        let oldest = self.segment.header.previous;
        let fresh = |append: &Append| append.entries.iter().all(|e| e.key.segment >= oldest);
        let (mut group, stale): (Vec<_>, Vec<_>) = group.into_iter().partition(fresh);
        for append in stale {
            drop(append.answer.send(Ok(Appended::Stale)));
        }
        let result = result.and_then(|()| self.append(&mut group));
        if let Err(error) = &result {
            tracing::error!(%error, records = group.len(), "audit records were not written");
        }
        for append in group {
            let answer = result.as_ref().copied().map_err(AuditError::repeat);
            // Who stopped waiting does not need it.
            drop(append.answer.send(answer.map(|()| Appended::Durable)));
        }
    }

    fn append(&mut self, group: &mut [Append]) -> Result<(), AuditError> {
        self.buffer.clear();
        let mut next = self.next;
        for entry in group.iter_mut().flat_map(|append| &mut append.entries) {
            frame::write(&mut self.buffer, entry.numbered(next));
            next += 1;
        }
        let result = self.segment.append(&self.buffer);
        self.buffer.shrink_to(BUFFER_KEPT);
        match &result {
            Ok(()) => {
                self.next = next;
                self.publish();
            }
            // After a failed flush nobody knows what is on disk: these numbers may be taken, and
            // the gap they leave is told.
            Err(_) => {
                if !self.segment.take_back() {
                    self.next = next;
                }
                self.spoilt = true;
            }
        }
        result
    }

    fn publish(&self) {
        let mut durable = self.durable.lock().unwrap_or_else(PoisonError::into_inner);
        *durable = Durable {
            segment: self.segment.header.segment,
            end: self.segment.end,
            next: self.next,
        };
    }

    /// Begins a new segment when the current one is full, of another day, or spoilt.
    fn roll_if_due(&mut self) -> Result<(), AuditError> {
        let begun = day(self.segment.header.begun);
        let due = self.spoilt
            || self.segment.end >= self.shape.segment_bytes
            || begun != day(Utc::now().timestamp_micros());
        if due && self.next > self.segment.header.segment {
            self.roll()?;
        }
        Ok(())
    }

    fn roll(&mut self) -> Result<(), AuditError> {
        let Header { journal, segment, .. } = self.segment.header;
        let begun = Segment::begin(&self.dir, &self.ring, journal, segment, self.next)?;
        self.pool.follow(&self.ring, &self.dir, &begun.header)?;
        self.segment = begun;
        self.spoilt = false;
        self.publish();
        Ok(())
    }

    /// Drops the segments that were followed before `limit`, and the key files that nothing needs any
    /// more. Returns how many segments went.
    fn expire(&mut self, limit: DateTime<Utc>) -> Result<usize, AuditError> {
        let limit = limit.timestamp_micros();
        if self.segment.header.begun < limit && self.next > self.segment.header.segment {
            self.roll()?;
        }
        let segments = self.dir.segments()?;
        let mut gone = Vec::new();
        for pair in segments.windows(2) {
            let [old, follower] = pair else { break };
            // Everything in a segment is older than the one that follows it.
            let follower = self.dir.header(*follower)?;
            if follower.is_none_or(|header| header.begun >= limit) {
                break;
            }
            gone.push(*old);
        }
        if gone.is_empty() {
            return Ok(0);
        }
        let kept = segments.get(gone.len()).copied().unwrap_or(self.segment.header.segment);
        self.dir.note_expired(kept)?;
        for segment in &gone {
            remove(&self.dir.segment(*segment))?;
        }
        // The first entries of a segment may have keys of the one before.
        let previous = self.dir.header(kept)?.map_or(0, |header| header.previous);
        for file in self.dir.key_files()?.into_iter().filter(|file| *file < previous) {
            remove(&self.dir.keys(file))?;
        }
        Ok(gone.len())
    }
}

fn remove(path: &std::path::Path) -> Result<(), AuditError> {
    fs::remove_file(path).map_err(AuditError::file(path))
}

fn day(micros: i64) -> i64 {
    micros.div_euclid(24 * 3600 * 1_000_000)
}

/// Destroys the key in `slot` of a key file: what was sealed with it opens no more.
pub(crate) fn destroy_key(dir: &Dir, segment: u64, slot: u32) -> Result<(), AuditError> {
    let path = dir.keys(segment);
    let destroy = || {
        let file = OpenOptions::new().write(true).open(&path)?;
        if slot < slots(file.metadata()?.len()) {
            let nothing = [0; renkei_sealing::WRAPPED_ENTRY_KEY];
            file.write_all_at(&nothing, slot_place(slot))?;
        }
        file.sync_all()
    };
    destroy().map_err(AuditError::file(&path))
}
