//! Reading a journal, also while its process writes it.

use super::Durable;
use super::entry::{Entry, Header, KeyPlace, Payload};
use super::files::{Dir, read_range, read_up_to, slot_place, wrapper};
use super::frame::{self, HASH, MAX_PAYLOAD, Piece, Pieces};
use crate::draft::About;
use crate::error::AuditError;
use renkei_atna::record::AuditRecord;
use renkei_sealing::{EntryKey, KeyRing, KeyWrapper, WRAPPED_ENTRY_KEY};
use std::collections::BTreeMap;
use std::fs::File;
use std::ops::RangeInclusive;
use uuid::Uuid;

/// How far somebody has read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Position {
    pub(crate) segment: u64,
    /// Octets of that segment.
    pub(crate) offset: u64,
    /// The number that comes next.
    pub(crate) next: u64,
}

/// The octets of a segment before a position, which are the leaf hash of the last frame before it:
/// whoever comes back knows by them whether the journal is still the one that was read. Empty at the
/// start of a segment.
pub(crate) fn mark(dir: &Dir, position: Position) -> Result<Vec<u8>, AuditError> {
    let from = position.offset.saturating_sub(HASH as u64);
    read_range(&dir.segment(position.segment), from, Some(position.offset))
}

/// Whether a journal still has at `position` what left this mark there. It has not when its end moved
/// back, even if it grew again since: it was cut, or an older copy was put in its place.
pub(crate) fn stands(dir: &Dir, position: Position, left: &[u8]) -> Result<bool, AuditError> {
    let segments = dir.segments()?;
    if segments.first().is_none_or(|oldest| position.segment < *oldest) {
        // It has expired.
        return Ok(true);
    }
    Ok(segments.contains(&position.segment) && mark(dir, position)? == left)
}

/// What was found on the way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// An entry and where it stands.
    Entry { segment: u64, offset: u64, number: u64, key: KeyPlace, about: About, octets: Vec<u8> },
    /// Entries that should be there and are not, or not whole.
    Missing { segment: u64, numbers: RangeInclusive<u64> },
    /// Octets of a segment that are no entry.
    Damage { segment: u64, octets: u64, offset: u64 },
}

/// What was found in one segment from a position on.
pub(crate) struct Batch {
    pub(crate) found: Vec<Found>,
    pub(crate) position: Position,
    /// Octets at the end that are no whole entry: still being written if the journal has a writer,
    /// else left by a crash. They are looked at again next time.
    pub(crate) torn: Option<Found>,
    /// There may be more.
    pub(crate) more: bool,
}

/// Reads on from `position`, or from the oldest entry, to the end of a segment; of the journal that
/// this process writes only what is durable, by `live`. `None` when there is no segment.
pub(crate) fn read_on(
    dir: &Dir,
    position: Option<Position>,
    live: Option<Durable>,
) -> Result<Option<Batch>, AuditError> {
    let segments = dir.segments()?;
    let (Some(&oldest), Some(&newest)) = (segments.first(), segments.last()) else {
        return Ok(None);
    };
    let start = Position { segment: oldest, offset: 0, next: dir.first() };
    let mut position = position.unwrap_or(start);
    if let Some(next) = segments.iter().copied().find(|s| *s >= position.segment)
        && next != position.segment
    {
        // What was between has expired.
        let expected = position.next.max(dir.first());
        position = Position { segment: next, offset: 0, next: expected };
    }
    // A segment that is not the last is whole. Of our own journal, what was last heard of it decides:
    // between hearing and looking it may have grown.
    let closed = position.segment < newest && live.is_none_or(|l| position.segment < l.segment);
    let end = live.filter(|l| l.segment == position.segment).map(|l| l.end);
    let path = dir.segment(position.segment);
    if live.is_none() && position.segment == newest {
        let length = std::fs::metadata(&path).map_err(AuditError::file(&path))?.len();
        if length <= position.offset {
            return Ok(Some(Batch { found: Vec::new(), position, torn: None, more: false }));
        }
        // What another process has written may not be durable yet.
        let synced = File::open(&path).and_then(|file| file.sync_data());
        synced.map_err(AuditError::file(&path))?;
    }
    let bytes = read_range(&path, position.offset, end)?;
    let mut batch = Batch { found: Vec::new(), position, torn: None, more: false };
    for piece in Pieces::new(&bytes) {
        batch.take(piece, &bytes, position.offset, closed);
    }
    if closed && let Some(follower) = segments.iter().copied().find(|s| *s > position.segment) {
        batch.expect(follower);
        batch.position = Position { segment: follower, offset: 0, next: batch.position.next };
        batch.more = true;
    }
    Ok(Some(batch))
}

impl Batch {
    fn take(&mut self, piece: Piece<'_>, bytes: &[u8], base: u64, closed: bool) {
        let segment = self.position.segment;
        match piece {
            Piece::Frame { payload, from, to } => {
                self.payload(Payload::read(payload), base + from as u64);
                self.position.offset = base + to as u64;
            }
            Piece::Damage { from, to } => {
                let offset = base + from as u64;
                let damage = Found::Damage { segment, offset, octets: (to - from) as u64 };
                if !closed && to == bytes.len() {
                    self.torn = Some(damage);
                } else {
                    self.found.push(damage);
                    self.position.offset = base + to as u64;
                }
            }
        }
    }

    fn payload(&mut self, payload: Payload<'_>, offset: u64) {
        let segment = self.position.segment;
        match payload {
            Payload::Entry(entry) => {
                self.expect(entry.number);
                self.position.next = self.position.next.max(entry.number + 1);
                let Entry { number, key, about, octets, .. } = entry;
                let octets = octets.to_vec();
                self.found.push(Found::Entry { segment, offset, number, key, about, octets });
            }
            Payload::Stopped { next } => self.expect(next),
            Payload::Header(header) => self.expect(header.segment),
            Payload::Unknown => {
                self.found.push(Found::Damage { segment, offset, octets: 0 });
            }
        }
    }

    /// Tells of the numbers before `number` that did not come.
    fn expect(&mut self, number: u64) {
        let next = self.position.next;
        if number > next {
            let segment = self.position.segment;
            self.found.push(Found::Missing { segment, numbers: next..=number - 1 });
            self.position.next = number;
        }
    }
}

/// Opens entries of one journal.
pub(crate) struct JournalReader {
    dir: Dir,
    ring: KeyRing,
    id: Uuid,
    key_files: BTreeMap<u64, (File, KeyWrapper)>,
}

/// Key files that are kept open.
const KEY_FILES: usize = 16;

impl JournalReader {
    /// A reader of the journal in `dir`; `None` when no segment tells which it is.
    pub(crate) fn new(dir: &Dir, ring: &KeyRing) -> Result<Option<Self>, AuditError> {
        for segment in dir.segments()? {
            if let Some(Header { journal, .. }) = dir.header(segment)? {
                let (dir, ring) = (dir.clone(), ring.clone());
                return Ok(Some(Self { dir, ring, id: journal, key_files: BTreeMap::new() }));
            }
        }
        Ok(None)
    }

    /// Which journal it is.
    pub(crate) fn id(&self) -> Uuid {
        self.id
    }

    /// The directory.
    pub(crate) fn dir(&self) -> &Dir {
        &self.dir
    }

    /// The octets of the entry at a place.
    pub(crate) fn octets(&self, segment: u64, offset: u64) -> Result<Vec<u8>, AuditError> {
        entry_at(&self.dir, segment, offset)
    }

    /// Opens the record of an entry.
    pub(crate) fn open(&mut self, octets: &[u8]) -> Result<AuditRecord, AuditError> {
        let Payload::Entry(entry) = Payload::read(octets) else { return Err(AuditError::Format) };
        let key = self.key(entry.key)?;
        entry.open(self.id, &key)
    }

    /// The key at a place.
    pub(crate) fn key(&mut self, place: KeyPlace) -> Result<EntryKey, AuditError> {
        let path = self.dir.keys(place.segment);
        if !self.key_files.contains_key(&place.segment) {
            if self.key_files.len() >= KEY_FILES {
                self.key_files.pop_first();
            }
            let header = self.dir.header(place.segment)?.ok_or(AuditError::Format)?;
            let file = File::open(&path).map_err(AuditError::file(&path))?;
            self.key_files.insert(place.segment, (file, wrapper(&self.ring, &header)?));
        }
        let Some((file, wrapper)) = self.key_files.get(&place.segment) else {
            return Err(AuditError::Format);
        };
        let mut wrapped = [0; WRAPPED_ENTRY_KEY];
        let read = read_up_to(file, &mut wrapped, slot_place(place.slot));
        if read.map_err(AuditError::file(&path))? < WRAPPED_ENTRY_KEY {
            return Err(AuditError::Format);
        }
        if wrapped.iter().all(|octet| *octet == 0) {
            return Err(AuditError::Erased);
        }
        Ok(wrapper.unwrap(place.slot, &wrapped)?)
    }
}

/// The octets of the entry at a place.
pub(crate) fn entry_at(dir: &Dir, segment: u64, offset: u64) -> Result<Vec<u8>, AuditError> {
    let path = dir.segment(segment);
    let head = read_range(&path, offset, Some(offset.saturating_add(8)))?;
    let length = head.get(4..8).and_then(|l| l.try_into().ok()).map(u32::from_be_bytes);
    let length = u64::from(length.ok_or(AuditError::Lost)?);
    if length > MAX_PAYLOAD as u64 {
        return Err(AuditError::Lost);
    }
    let end = offset.saturating_add(8 + length + HASH as u64);
    let bytes = read_range(&path, offset, Some(end))?;
    let (payload, _) = frame::parse(&bytes, 0).ok_or(AuditError::Lost)?;
    Ok(payload.to_vec())
}

/// The id of the record that an entry holds.
pub(crate) fn entry_id(octets: &[u8]) -> Option<Uuid> {
    match Payload::read(octets) {
        Payload::Entry(entry) => Some(entry.about.id),
        Payload::Header(_) | Payload::Stopped { .. } | Payload::Unknown => None,
    }
}

/// Where the key of an entry is kept.
pub(crate) fn key_place(octets: &[u8]) -> Option<KeyPlace> {
    match Payload::read(octets) {
        Payload::Entry(entry) => Some(entry.key),
        Payload::Header(_) | Payload::Stopped { .. } | Payload::Unknown => None,
    }
}

/// The record of an entry that is kept elsewhere with its key.
pub(crate) fn open_with(
    journal: Uuid,
    octets: &[u8],
    key: &EntryKey,
) -> Result<AuditRecord, AuditError> {
    match Payload::read(octets) {
        Payload::Entry(entry) => entry.open(journal, key),
        Payload::Header(_) | Payload::Stopped { .. } | Payload::Unknown => Err(AuditError::Format),
    }
}
