//! Taking up a journal where the process before left it.

use super::entry::{Header, Payload};
use super::files::{Dir, read_range};
use super::frame::{Piece, Pieces};
use super::writer::Segment;
use crate::error::AuditError;
use renkei_sealing::KeyRing;
use std::fs::OpenOptions;
use uuid::Uuid;

/// Where a journal is gone on with.
pub(crate) struct Resumed {
    pub(crate) segment: Segment,
    pub(crate) next: u64,
    /// The first slot of its key file that no entry uses.
    pub(crate) unused: u32,
}

/// Finds the end of the journal in `dir`, or begins one. What a crash left behind the last whole
/// frame was never acknowledged: it is cut off, told, and kept in a file of its own.
pub(crate) fn resume(dir: &Dir, ring: &KeyRing) -> Result<Resumed, AuditError> {
    let segments = dir.segments()?;
    let Some(&last) = segments.last() else {
        let first = dir.first();
        let segment = Segment::begin(dir, ring, Uuid::new_v4(), first, first)?;
        return Ok(Resumed { segment, next: first, unused: 0 });
    };
    let bytes = read_range(&dir.segment(last), 0, None)?;
    let end = End::of(&bytes, last);
    let header = dir.header(last)?;
    let usable = end.headed && dir.keys(last).is_file();
    let header = match header {
        Some(header) if usable => header,
        // Its head or its keys are damaged: what it holds stays, what comes goes elsewhere.
        damaged => {
            tracing::error!(journal = dir.name(), segment = last, "an audit segment is damaged");
            let journal = damaged.map_or_else(|| journal_of(dir, &segments), |h| Ok(h.journal))?;
            let next = end.next.max(last + 1);
            let segment = Segment::begin(dir, ring, journal, last, next)?;
            return Ok(Resumed { segment, next, unused: 0 });
        }
    };
    if end.at < bytes.len() {
        cut(dir, &header, &bytes, &end)?;
    }
    let segment = Segment::open(dir, header, end.at as u64)?;
    Ok(Resumed { segment, next: end.next, unused: end.unused })
}

/// The name of the journal, from whichever segment still tells it.
fn journal_of(dir: &Dir, segments: &[u64]) -> Result<Uuid, AuditError> {
    for segment in segments.iter().rev() {
        if let Some(header) = dir.header(*segment)? {
            return Ok(header.journal);
        }
    }
    Ok(Uuid::new_v4())
}

struct End {
    /// Behind the last whole frame.
    at: usize,
    next: u64,
    unused: u32,
    headed: bool,
}

impl End {
    fn of(bytes: &[u8], segment: u64) -> Self {
        let mut end = Self { at: 0, next: segment, unused: 0, headed: false };
        for piece in Pieces::new(bytes) {
            let Piece::Frame { payload, to, from } = piece else { continue };
            end.at = to;
            match Payload::read(payload) {
                Payload::Header(_) => end.headed |= from == 0,
                Payload::Entry(entry) => {
                    end.next = end.next.max(entry.number + 1);
                    if entry.key.segment == segment {
                        end.unused = end.unused.max(entry.key.slot + 1);
                    }
                }
                Payload::Stopped { next } => end.next = end.next.max(next),
                Payload::Unknown => {}
            }
        }
        end
    }
}

fn cut(dir: &Dir, header: &Header, bytes: &[u8], end: &End) -> Result<(), AuditError> {
    let path = dir.segment(header.segment);
    let tail = bytes.get(end.at..).unwrap_or_default();
    tracing::warn!(
        journal = dir.name(),
        segment = header.segment,
        octets = tail.len(),
        next = end.next,
        "the end of the audit journal was not written whole; it is cut off and kept beside it"
    );
    dir.publish(&dir.cut(header.segment, end.at as u64), tail)?;
    let truncate = || {
        let file = OpenOptions::new().write(true).open(&path)?;
        file.set_len(end.at as u64)?;
        file.sync_all()
    };
    truncate().map_err(AuditError::file(&path))
}
