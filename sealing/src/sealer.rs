//! Sealed rows: `version | length of the key's name | key's name | nonce | ciphertext | tag`.
//!
//! Version, name and the caller's context (table and id of the row) are authenticated.

use crate::aead::{Gcm, Key, OVERHEAD};
use crate::error::SealError;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

const PLAIN: u8 = 1;
const COMPRESSED: u8 = 2;
/// The original length stands in front of the compressed block.
const LENGTH: usize = 4;

/// Where values are opened one after the other, see [`Sealer::open_compressed_in`].
#[derive(Default)]
pub struct Room {
    /// What was sealed, still compressed.
    opened: Vec<u8>,
    /// The value; behind it may stand what is left of a longer one.
    plain: Vec<u8>,
}

/// Seals and opens the rows of one purpose. Clones share the keys.
#[derive(Clone)]
pub struct Sealer {
    current: Arc<str>,
    keys: Arc<BTreeMap<String, Gcm>>,
}

impl Sealer {
    pub(crate) fn new(current: String, keys: BTreeMap<String, Key>) -> Self {
        let keys = keys.into_iter().map(|(name, key)| (name, Gcm::new(key))).collect();
        Self { current: current.into(), keys: Arc::new(keys) }
    }

    /// Seals `plain`; `context` names the row (table and id) and must be given again to open.
    ///
    /// # Errors
    /// When OpenSSL fails.
    pub fn seal(&self, context: &[u8], plain: &[u8]) -> Result<Vec<u8>, SealError> {
        self.seal_as(PLAIN, context, plain)
    }

    /// Opens what [`Self::seal`] made.
    ///
    /// # Errors
    /// When the bytes were changed, belong to another context, or their key is not in the ring.
    pub fn open(&self, context: &[u8], sealed: &[u8]) -> Result<Vec<u8>, SealError> {
        self.open_as(PLAIN, context, sealed)
    }

    /// Compresses `plain` against `dictionary`, then seals it. The same dictionary opens it.
    ///
    /// The dictionary is entered into a fresh table of matches each time: `lz4_flex` reuses a table
    /// (`compress_into_with_table`) only where there is no dictionary. That costs 1.5 µs for 4 kB and
    /// 3.6 µs for the 14 kB of a fragment (`examples/cost.rs`), when something is written; opening
    /// needs no table.
    ///
    /// # Errors
    /// When `plain` is longer than 4 GiB or OpenSSL fails.
    pub fn seal_compressed(
        &self,
        context: &[u8],
        plain: &[u8],
        dictionary: &[u8],
    ) -> Result<Vec<u8>, SealError> {
        let length =
            u32::try_from(plain.len()).map_err(|_| SealError::TooLong(u32::MAX as usize))?;
        let most = lz4_flex::block::get_maximum_output_size(plain.len());
        let mut packed = vec![0; LENGTH + most];
        let (head, block) = packed.split_first_chunk_mut::<LENGTH>().ok_or(SealError::Format)?;
        *head = length.to_le_bytes();
        let used = lz4_flex::block::compress_into_with_dict(plain, block, dictionary)
            .map_err(|_| SealError::Format)?;
        packed.truncate(LENGTH + used);
        self.seal_as(COMPRESSED, context, &packed)
    }

    /// Opens what [`Self::seal_compressed`] made, if it is at most `max_len` bytes long.
    ///
    /// # Errors
    /// As [`Self::open`]; also when the value is longer than `max_len`.
    pub fn open_compressed(
        &self,
        context: &[u8],
        sealed: &[u8],
        dictionary: &[u8],
        max_len: usize,
    ) -> Result<Vec<u8>, SealError> {
        let mut room = Room::default();
        self.open_compressed_in(context, sealed, dictionary, max_len, &mut room)?;
        Ok(room.plain)
    }

    /// As [`Self::open_compressed`], in `room`, which may have been used before: of many values that
    /// are opened one after the other none needs memory of its own.
    ///
    /// # Errors
    /// As [`Self::open_compressed`].
    pub fn open_compressed_in<'r>(
        &self,
        context: &[u8],
        sealed: &[u8],
        dictionary: &[u8],
        max_len: usize,
        room: &'r mut Room,
    ) -> Result<&'r [u8], SealError> {
        let Room { opened, plain } = room;
        let place = self.open_in(COMPRESSED, context, sealed, opened)?;
        let packed = opened.get(place).unwrap_or_default();
        let (length, block) = packed.split_first_chunk::<LENGTH>().ok_or(SealError::Format)?;
        let length = usize::try_from(u32::from_le_bytes(*length)).map_err(|_| SealError::Format)?;
        if length > max_len {
            return Err(SealError::TooLong(max_len));
        }
        // What was there before is written over, and only what is longer has to be made.
        if plain.len() < length {
            plain.resize(length, 0);
        }
        let out = plain.get_mut(..length).unwrap_or_default();
        match lz4_flex::block::decompress_into_with_dict(block, out, dictionary) {
            Ok(written) if written == length => Ok(out),
            Ok(_) | Err(_) => Err(SealError::Format),
        }
    }

    fn seal_as(&self, version: u8, context: &[u8], plain: &[u8]) -> Result<Vec<u8>, SealError> {
        let name = self.current.as_ref();
        let key = self.keys.get(name).ok_or_else(|| SealError::UnknownKey(name.to_owned()))?;
        let length = u8::try_from(name.len()).map_err(|_| SealError::Format)?;
        let head = [version, length];
        let mut out = Vec::with_capacity(head.len() + name.len() + OVERHEAD + plain.len());
        out.extend_from_slice(&head);
        out.extend_from_slice(name.as_bytes());
        key.seal(&[&head, name.as_bytes(), context], plain, &mut out)?;
        Ok(out)
    }

    fn open_as(&self, version: u8, context: &[u8], sealed: &[u8]) -> Result<Vec<u8>, SealError> {
        let mut opened = Vec::new();
        let place = self.open_in(version, context, sealed, &mut opened)?;
        opened.truncate(place.end);
        opened.drain(..place.start);
        Ok(opened)
    }

    /// Opens in `room`, whose content it replaces; answers where there the value is.
    fn open_in(
        &self,
        version: u8,
        context: &[u8],
        sealed: &[u8],
        room: &mut Vec<u8>,
    ) -> Result<Range<usize>, SealError> {
        let [found, length, rest @ ..] = sealed else { return Err(SealError::Format) };
        if *found != version {
            return Err(SealError::Format);
        }
        let (name, body) = rest.split_at_checked(usize::from(*length)).ok_or(SealError::Format)?;
        let key_name = std::str::from_utf8(name).map_err(|_| SealError::Format)?;
        let key =
            self.keys.get(key_name).ok_or_else(|| SealError::UnknownKey(key_name.to_owned()))?;
        room.clear();
        room.extend_from_slice(body);
        key.open(&[&[*found, *length], name, context], room)
    }
}
