//! The one thread that appends: what is queued is written and flushed once, then all are answered.
//!
//! While the disk flushes, the next group gathers by itself; a lone document waits for nobody. The
//! segment of a failed flush is left alone, because nobody knows what of it is on disk.

use super::Shared;
use super::directory::error;
use crate::content::location::measure;
use crate::content::under_way::Span;
use crate::content::{Arrival, ContentError, Location, Place, SealedBytes};
use crate::store::key::{ContentId, SegmentId};
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot};
use uuid::Uuid;

/// Above this size the next document begins a new segment. Small enough to be copied and moved in
/// one piece, large enough for some thousand records.
const SEGMENT_BYTES: u64 = 64 << 20;

/// Bytes that one flush takes at most, so that the first of a group does not wait for ever.
const GROUP_BYTES: u64 = 16 << 20;

/// A short document to be appended.
pub(super) struct Append {
    pub(super) id: ContentId,
    pub(super) chunks: Vec<SealedBytes>,
    pub(super) answer: oneshot::Sender<Result<Arrival, ContentError>>,
}

/// The segment that grows.
struct Growing {
    segment: SegmentId,
    file: File,
    end: u64,
}

pub(super) struct Appender {
    shared: Arc<Shared>,
    growing: Option<Growing>,
}

impl Appender {
    pub(super) fn new(shared: Arc<Shared>) -> Self {
        Self { shared, growing: None }
    }

    /// Works until the queue is closed and empty.
    pub(super) fn run(mut self, mut queue: mpsc::Receiver<Append>) {
        while let Some(first) = queue.blocking_recv() {
            let mut bytes = size(&first);
            let mut group = vec![first];
            while bytes < GROUP_BYTES
                && let Ok(next) = queue.try_recv()
            {
                bytes += size(&next);
                group.push(next);
            }
            self.append(group);
        }
        self.shared.stop_appending(None);
    }

    fn append(&mut self, group: Vec<Append>) {
        let mut waiting = Vec::new();
        let mut failed = None;
        for Append { id, chunks, answer } in group {
            let arrival = match &failed {
                None => self.write(id, &chunks),
                Some(error) => Err(again(error)),
            };
            if let Err(error) = &arrival {
                failed = Some(again(error));
            }
            waiting.push((arrival, answer));
        }
        if failed.is_none()
            && let Err(error) = self.flush()
        {
            failed = Some(error);
        }
        if let Some(error) = &failed {
            tracing::error!(%error, "a segment of the content is given up");
            self.growing = None;
            self.shared.stop_appending(None);
        }
        for (arrival, answer) in waiting {
            let told = match &failed {
                None => arrival,
                Some(error) => Err(again(error)),
            };
            // Who stopped waiting gives the document up with the answer, and it is swept.
            drop(answer.send(told));
        }
    }

    fn write(&mut self, id: ContentId, chunks: &[SealedBytes]) -> Result<Arrival, ContentError> {
        let (length, stride) = measure(chunks).ok_or(ContentError::Missing)?;
        let shared = Arc::clone(&self.shared);
        let growing = self.growing()?;
        let span = Span { segment: growing.segment, position: growing.end, length };
        let under_way = shared.arrivals.enter(id, Some(span));
        growing.end += length;
        shared.grown(growing.segment, growing.end);
        let mut at = span.position;
        for chunk in chunks {
            let written = growing.file.write_all_at(chunk, at);
            written.map_err(error(&growing.segment.file_name()))?;
            at += chunk.len() as u64;
        }
        let place = Place::Segment { segment: span.segment, position: span.position };
        Ok(Arrival { location: Location { place, length, stride }, _under_way: under_way })
    }

    /// The segment to append to: a new one where there is none or it is full.
    fn growing(&mut self) -> Result<&mut Growing, ContentError> {
        let growing = match self.growing.take() {
            Some(growing) if growing.end < SEGMENT_BYTES => growing,
            full => {
                if let Some(full) = full {
                    // What this group wrote there has to be durable, too.
                    full.file.sync_data().map_err(error(&full.segment.file_name()))?;
                }
                let segment = SegmentId(Uuid::now_v7());
                // Said first, so that no sweep takes the empty file for one that was left behind.
                self.shared.stop_appending(Some(segment));
                let file = self.shared.begin_segment(segment)?;
                Growing { segment, file, end: 0 }
            }
        };
        Ok(self.growing.insert(growing))
    }

    fn flush(&self) -> Result<(), ContentError> {
        let Some(growing) = &self.growing else { return Ok(()) };
        growing.file.sync_data().map_err(error(&growing.segment.file_name()))
    }
}

fn size(append: &Append) -> u64 {
    append.chunks.iter().map(|c| c.len() as u64).sum()
}

/// The same error for another document of the group.
fn again(error: &ContentError) -> ContentError {
    match error {
        ContentError::File { name, source } => {
            let source = match source.raw_os_error() {
                Some(code) => io::Error::from_raw_os_error(code),
                None => source.kind().into(),
            };
            ContentError::File { name: name.clone(), source }
        }
        ContentError::Missing => ContentError::Missing,
        ContentError::CutShort => ContentError::CutShort,
        ContentError::Swept => ContentError::Swept,
        ContentError::Closed | ContentError::Database(_) => ContentError::Closed,
    }
}
