//! A record made ready to be kept: encoded and compressed once, with what it is searched by beside it.

use crate::error::AuditError;
use crate::wire::{Reader, put_text};
use renkei_atna::record::AuditRecord;
use std::cell::RefCell;
use uuid::Uuid;

/// The longest record, a fixed bound. A query of a record is cut long before.
pub(crate) const MAX_BYTES: usize = 16 << 20;

/// What most records have in common. Never changed: it opens every entry of version 1.
const DICTIONARY: &[u8] = include_bytes!("dictionary-1.bin");

/// The length of the record before compression stands in front of it.
const LENGTH: usize = 4;

/// What an entry shows without its key: none of it says whom the record is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct About {
    /// EventDateTime, microseconds since 1970.
    pub(crate) at: i64,
    pub(crate) id: Uuid,
    /// EventOutcomeIndicator.
    pub(crate) outcome: u8,
    /// EventID code.
    pub(crate) event: String,
    /// EventTypeCode code, empty for none.
    pub(crate) event_type: String,
    /// AuditSourceID.
    pub(crate) source: String,
}

impl About {
    fn of(record: &AuditRecord) -> Self {
        let event_type = record.event_type.as_ref().map(|t| t.code.clone());
        Self {
            at: record.at.timestamp_micros(),
            id: record.id,
            outcome: record.outcome.code(),
            event: record.event.code.clone(),
            event_type: event_type.unwrap_or_default(),
            source: record.source_id.clone(),
        }
    }

    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.at.to_be_bytes());
        out.extend_from_slice(self.id.as_bytes());
        out.push(self.outcome);
        put_text(out, &self.event);
        put_text(out, &self.event_type);
        put_text(out, &self.source);
    }

    pub(crate) fn read(reader: &mut Reader<'_>) -> Option<Self> {
        Some(Self {
            at: i64::from_be_bytes(reader.array()?),
            id: Uuid::from_bytes(reader.array()?),
            outcome: reader.byte()?,
            event: reader.text()?,
            event_type: reader.text()?,
            source: reader.text()?,
        })
    }
}

/// A record that needs nothing more but a key and a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Draft {
    pub(crate) about: About,
    /// The record, encoded and compressed.
    pub(crate) packed: Vec<u8>,
}

impl Draft {
    /// Encodes and compresses a record.
    pub(crate) fn of(record: &AuditRecord) -> Result<Self, AuditError> {
        Ok(Self { about: About::of(record), packed: pack(record)? })
    }

    /// The draft as it waits in an outbox.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.packed.len() + 128);
        self.about.write(&mut out);
        out.extend_from_slice(&self.packed);
        out
    }

    /// What [`Self::to_bytes`] wrote.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Result<Self, AuditError> {
        let mut reader = Reader::new(bytes);
        let about = About::read(&mut reader).ok_or(AuditError::Format)?;
        Ok(Self { about, packed: reader.rest().to_vec() })
    }
}

thread_local! {
    /// The encoded record before compression; most are of a few hundred octets.
    static SCRATCH: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// A scratch buffer above this size is given back.
const SCRATCH_KEPT: usize = 64 << 10;

/// `lz4_flex` keeps no table of a dictionary, see `Sealer::seal_compressed`: that costs 1.5 µs a record.
fn pack(record: &AuditRecord) -> Result<Vec<u8>, AuditError> {
    SCRATCH.with_borrow_mut(|scratch| {
        let mut plain = std::mem::take(scratch);
        plain.clear();
        let plain = postcard::to_extend(record, plain).map_err(|_| AuditError::Format)?;
        let length = u32::try_from(plain.len()).unwrap_or(u32::MAX);
        if plain.len() > MAX_BYTES {
            return Err(AuditError::TooLong(plain.len()));
        }
        let mut packed = length.to_be_bytes().to_vec();
        packed.extend(lz4_flex::block::compress_with_dict(&plain, DICTIONARY));
        if plain.capacity() <= SCRATCH_KEPT {
            *scratch = plain;
        }
        Ok(packed)
    })
}

/// The record that was packed.
pub(crate) fn unpack(packed: &[u8]) -> Result<AuditRecord, AuditError> {
    let (length, block) = packed.split_first_chunk::<LENGTH>().ok_or(AuditError::Format)?;
    let length = usize::try_from(u32::from_be_bytes(*length)).unwrap_or(usize::MAX);
    if length > MAX_BYTES {
        return Err(AuditError::TooLong(length));
    }
    let plain = lz4_flex::block::decompress_with_dict(block, length, DICTIONARY)
        .map_err(|_| AuditError::Format)?;
    postcard::from_bytes(&plain).map_err(|_| AuditError::Format)
}
