//! Documents in chunks, each document under a key of its own.

use crate::aead::{self, Key};
use crate::error::SealError;
use uuid::Uuid;

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
pub struct ContentKey(Key);

pub(crate) fn new_key(kek_name: &str, kek: &Key) -> Result<(ContentKey, WrappedKey), SealError> {
    let key = aead::random_key()?;
    let wrapping = aead::derive(kek, &["wrap"])?;
    let mut bytes = Vec::new();
    aead::seal(&wrapping, WRAPPING.as_bytes(), key.as_slice(), &mut bytes)?;
    let wrapped =
        WrappedKey { key_name: kek_name.to_owned(), algorithm: WRAPPING.to_owned(), bytes };
    Ok((ContentKey(key), wrapped))
}

pub(crate) fn unwrap(kek: &Key, wrapped: &WrappedKey) -> Result<ContentKey, SealError> {
    if wrapped.algorithm != WRAPPING {
        return Err(SealError::Format);
    }
    let wrapping = aead::derive(kek, &["wrap"])?;
    let bytes = aead::open(&wrapping, WRAPPING.as_bytes(), &wrapped.bytes)
        .map(zeroize::Zeroizing::new)
        .ok_or(SealError::NotAuthentic)?;
    let mut key = Key::default();
    if bytes.len() != key.len() {
        return Err(SealError::Format);
    }
    key.copy_from_slice(&bytes);
    Ok(ContentKey(key))
}

impl ContentKey {
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
        aead::seal(&self.0, &chunk_aad(content_id, number, last), plain, &mut out)?;
        Ok(out)
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
        aead::open(&self.0, &chunk_aad(content_id, number, last), sealed)
            .ok_or(SealError::NotAuthentic)
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
