//! Documents in chunks, each document under a key of its own.

use crate::aead::{self, Gcm, Key, OVERHEAD};
use crate::error::SealError;
use openssl::error::ErrorStack;
use std::ops::Range;
use uuid::Uuid;
use zeroize::Zeroizing;

/// The size of every chunk of a document but its last, in bytes before sealing.
pub const CHUNK: usize = 256 * 1024;

/// Version of the sealed chunk, authenticated with it.
const FORMAT: u8 = 1;
const WRAPPING: &str = "AES-256-GCM/HKDF-SHA-256";

/// A document's key as it is kept: encrypted with the key-encryption key called `key_name`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrappedKey {
    /// The key-encryption key.
    pub key_name: String,
    /// How the key is wrapped.
    pub algorithm: String,
    /// The wrapped key.
    pub bytes: Vec<u8>,
}

/// The key of one document.
pub struct ContentKey(Gcm);

/// What wraps the keys of documents: derived once from a key-encryption key.
pub(crate) struct Wrapping(Gcm);

impl Wrapping {
    pub(crate) fn of(kek: &Key) -> Result<Self, ErrorStack> {
        Ok(Self(Gcm::new(aead::derive(kek, &["wrap"])?)))
    }

    /// A new key, and its wrapped form; `kek_name` names the key-encryption key.
    pub(crate) fn new_key(&self, kek_name: &str) -> Result<(ContentKey, WrappedKey), SealError> {
        let key = Gcm::new(aead::random_key()?);
        let mut bytes = Vec::with_capacity(OVERHEAD + key.key().len());
        self.0.seal(&[WRAPPING.as_bytes()], key.key().as_slice(), &mut bytes)?;
        let (key_name, algorithm) = (kek_name.to_owned(), WRAPPING.to_owned());
        Ok((ContentKey(key), WrappedKey { key_name, algorithm, bytes }))
    }

    pub(crate) fn unwrap(&self, wrapped: &WrappedKey) -> Result<ContentKey, SealError> {
        if wrapped.algorithm != WRAPPING {
            return Err(SealError::Format);
        }
        let mut bytes = Zeroizing::new(wrapped.bytes.clone());
        let place = self.0.open(&[WRAPPING.as_bytes()], &mut bytes)?;
        let mut key = Key::default();
        match bytes.get(place) {
            Some(opened) if opened.len() == key.len() => key.copy_from_slice(opened),
            _ => return Err(SealError::Format),
        }
        Ok(ContentKey(Gcm::new(key)))
    }
}

impl ContentKey {
    /// A new random key that is kept nowhere: what it sealed ends with it.
    ///
    /// # Errors
    /// When OpenSSL fails.
    pub fn kept_nowhere() -> Result<Self, SealError> {
        Ok(Self(Gcm::new(aead::random_key()?)))
    }

    /// Seals chunk `number` (from 0) of the document `content_id`; `last` marks its end, so that a
    /// document cut short does not open.
    ///
    /// # Errors
    /// When OpenSSL fails.
    pub fn seal_chunk(
        &self,
        content_id: Uuid,
        number: u32,
        last: bool,
        plain: &[u8],
    ) -> Result<Vec<u8>, SealError> {
        let mut out = Vec::new();
        self.seal_chunk_into(content_id, number, last, plain, &mut out)?;
        Ok(out)
    }

    /// As [`Self::seal_chunk`], appended to `out`, which may have been used before.
    ///
    /// # Errors
    /// When OpenSSL fails; `out` then ends with octets that mean nothing.
    pub fn seal_chunk_into(
        &self,
        content_id: Uuid,
        number: u32,
        last: bool,
        plain: &[u8],
        out: &mut Vec<u8>,
    ) -> Result<(), SealError> {
        self.0.seal(&[&chunk_aad(content_id, number, last)], plain, out)
    }

    /// Opens a chunk that was sealed with the same id, number and end mark.
    ///
    /// # Errors
    /// When the bytes were changed or belong to another place.
    pub fn open_chunk(
        &self,
        content_id: Uuid,
        number: u32,
        last: bool,
        sealed: &[u8],
    ) -> Result<Vec<u8>, SealError> {
        let mut opened = sealed.to_vec();
        let place = self.open_chunk_in_place(content_id, number, last, &mut opened)?;
        opened.truncate(place.end);
        opened.drain(..place.start);
        Ok(opened)
    }

    /// As [`Self::open_chunk`], where the chunk lies: the document's octets are then at the range
    /// that comes back, and nothing was copied.
    ///
    /// # Errors
    /// As [`Self::open_chunk`]; `sealed` then holds octets that mean nothing.
    pub fn open_chunk_in_place(
        &self,
        content_id: Uuid,
        number: u32,
        last: bool,
        sealed: &mut [u8],
    ) -> Result<Range<usize>, SealError> {
        self.0.open(&[&chunk_aad(content_id, number, last)], sealed)
    }
}

fn chunk_aad(content_id: Uuid, number: u32, last: bool) -> [u8; 22] {
    let mut aad = [0; 22];
    let fields = [FORMAT]
        .into_iter()
        .chain(content_id.into_bytes())
        .chain(number.to_be_bytes())
        .chain([u8::from(last)]);
    for (place, byte) in aad.iter_mut().zip(fields) {
        *place = byte;
    }
    aad
}
