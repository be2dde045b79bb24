//! What a payload of a segment says: the head of the segment, an entry, or an end in order.

use crate::draft::{self, About, Draft};
use crate::error::AuditError;
use crate::wire::{Reader, put_text};
use renkei_atna::record::AuditRecord;
use renkei_sealing::EntryKey;
use uuid::Uuid;

/// Versions of an entry count upwards from 1, the other kinds downwards.
const ENTRY: u8 = 1;
const STOPPED: u8 = 0xfe;
const HEADER: u8 = 0xfd;

/// Where the sequence number stands.
const SEQUENCE: usize = 1;
/// Where that begins which is sealed with the record: the writer fills in the number last.
const SEALED_FROM: usize = SEQUENCE + 8;

/// Where the key of an entry is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct KeyPlace {
    /// The segment whose key file holds it.
    pub(crate) segment: u64,
    /// Its place in the file.
    pub(crate) slot: u32,
}

/// The first payload of a segment and of its key file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) journal: Uuid,
    /// The number of its first entry, which is also its name.
    pub(crate) segment: u64,
    /// The segment before it, whose keys its first entries may have; its own for the first.
    pub(crate) previous: u64,
    /// When it was begun, microseconds since 1970: everything in the segments before is older.
    pub(crate) begun: i64,
    /// Tells the wrapping keys of key files apart.
    pub(crate) salt: [u8; 16],
    /// The key-encryption key of its key file.
    pub(crate) key_name: String,
}

impl Header {
    pub(crate) fn payload(&self) -> Vec<u8> {
        let mut out = vec![HEADER];
        out.extend_from_slice(self.journal.as_bytes());
        out.extend_from_slice(&self.segment.to_be_bytes());
        out.extend_from_slice(&self.previous.to_be_bytes());
        out.extend_from_slice(&self.begun.to_be_bytes());
        out.extend_from_slice(&self.salt);
        put_text(&mut out, &self.key_name);
        out
    }

    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        Some(Self {
            journal: Uuid::from_bytes(reader.array()?),
            segment: reader.u64()?,
            previous: reader.u64()?,
            begun: i64::from_be_bytes(reader.array()?),
            salt: reader.array()?,
            key_name: reader.text()?,
        })
    }
}

/// A payload, read as far as that goes without a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Payload<'a> {
    Header(Header),
    Entry(Entry<'a>),
    /// The journal was closed in order before the entry with this number was written.
    Stopped {
        next: u64,
    },
    /// Of a later version.
    Unknown,
}

impl<'a> Payload<'a> {
    pub(crate) fn read(payload: &'a [u8]) -> Self {
        let mut reader = Reader::new(payload);
        let read = match reader.byte() {
            Some(ENTRY) => Entry::read(payload, reader).map(Self::Entry),
            Some(HEADER) => Header::read(&mut reader).map(Self::Header),
            Some(STOPPED) => reader.u64().map(|next| Self::Stopped { next }),
            Some(_) | None => None,
        };
        read.unwrap_or(Self::Unknown)
    }
}

/// The payload that ends a journal in order.
pub(crate) fn stopped(next: u64) -> Vec<u8> {
    let mut out = vec![STOPPED];
    out.extend_from_slice(&next.to_be_bytes());
    out
}

/// An entry as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry<'a> {
    pub(crate) number: u64,
    pub(crate) key: KeyPlace,
    pub(crate) about: About,
    /// All of it, as it was hashed.
    pub(crate) octets: &'a [u8],
    sealed: &'a [u8],
}

impl<'a> Entry<'a> {
    fn read(octets: &'a [u8], mut reader: Reader<'a>) -> Option<Self> {
        let number = reader.u64()?;
        let key = KeyPlace { segment: reader.u64()?, slot: reader.u32()? };
        let about = About::read(&mut reader)?;
        Some(Self { number, key, about, octets, sealed: reader.rest() })
    }

    /// Opens the record.
    pub(crate) fn open(&self, journal: Uuid, key: &EntryKey) -> Result<AuditRecord, AuditError> {
        let clear = self.octets.len().saturating_sub(self.sealed.len());
        let head = self.octets.get(SEALED_FROM..clear).unwrap_or_default();
        draft::unpack(&key.open(&context(journal, head), self.sealed)?)
    }
}

/// An entry without its number, which the writer gives it.
pub(crate) struct Unnumbered {
    pub(crate) key: KeyPlace,
    octets: Vec<u8>,
}

impl Unnumbered {
    pub(crate) fn seal(
        journal: Uuid,
        place: KeyPlace,
        key: &EntryKey,
        draft: &Draft,
    ) -> Result<Self, AuditError> {
        let mut octets = Vec::with_capacity(draft.packed.len() + 160);
        octets.push(ENTRY);
        octets.extend_from_slice(&[0; 8]);
        octets.extend_from_slice(&place.segment.to_be_bytes());
        octets.extend_from_slice(&place.slot.to_be_bytes());
        draft.about.write(&mut octets);
        let context = context(journal, octets.get(SEALED_FROM..).unwrap_or_default());
        key.seal(&context, &draft.packed, &mut octets)?;
        Ok(Self { key: place, octets })
    }

    /// The payload of the entry as the `number`-th.
    pub(crate) fn numbered(&mut self, number: u64) -> &[u8] {
        if let Some(place) = self.octets.get_mut(SEQUENCE..SEALED_FROM) {
            place.copy_from_slice(&number.to_be_bytes());
        }
        &self.octets
    }

    pub(crate) fn len(&self) -> usize {
        self.octets.len()
    }
}

/// A record opens only in its own journal, behind its own head.
fn context(journal: Uuid, head: &[u8]) -> Vec<u8> {
    [journal.as_bytes(), head].concat()
}
