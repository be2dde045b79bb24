//! The one pass over a document: hashes, size and sealing while its octets arrive.

use crate::content::SealedBytes;
use crate::store::key::ContentId;
use renkei_sealing::{CHUNK, ContentKey, KeyRing, SealError, WrappedKey};
use sha1::Sha1;
use sha2::{Digest, Sha256};

/// A document on its way in.
pub(crate) struct Intake {
    id: ContentId,
    key: ContentKey,
    wrapped: WrappedKey,
    sha1: Sha1,
    sha256: Sha256,
    size: u64,
    number: u32,
    buffer: Vec<u8>,
}

/// What is known of a document after the intake.
#[derive(Clone, Debug)]
pub(crate) struct Measured {
    /// Names its content; chunks are bound to it.
    pub(crate) id: ContentId,
    /// Its key.
    pub(crate) key: WrappedKey,
    /// Octets.
    pub(crate) size: u64,
    /// Of the octets.
    pub(crate) sha1: [u8; 20],
    /// Of the octets.
    pub(crate) sha256: [u8; 32],
    /// How many chunks.
    pub(crate) chunks: u32,
}

impl Intake {
    /// Begins a document under a new key.
    pub(crate) fn new(keys: &KeyRing, id: ContentId) -> Result<Self, SealError> {
        let (key, wrapped) = keys.new_content_key()?;
        Ok(Self {
            id,
            key,
            wrapped,
            sha1: Sha1::new(),
            sha256: Sha256::new(),
            size: 0,
            number: 0,
            buffer: Vec::new(),
        })
    }

    /// Takes octets up to the end of a chunk. Returns a chunk that is full and followed by more, if
    /// there is one, and the octets that were not taken: call again until none are left.
    pub(crate) fn push<'b>(
        &mut self,
        bytes: &'b [u8],
    ) -> Result<(Option<SealedBytes>, &'b [u8]), SealError> {
        let full = if self.buffer.len() == CHUNK && !bytes.is_empty() {
            Some(self.seal(false)?)
        } else {
            None
        };
        let room = CHUNK.saturating_sub(self.buffer.len()).min(bytes.len());
        let (taken, rest) = bytes.split_at_checked(room).unwrap_or((bytes, &[]));
        self.sha1.update(taken);
        self.sha256.update(taken);
        self.size += taken.len() as u64;
        self.buffer.extend_from_slice(taken);
        Ok((full, rest))
    }

    /// The last chunk, which may be empty, and the sum of it all.
    pub(crate) fn finish(mut self) -> Result<(Measured, SealedBytes), SealError> {
        let last = self.seal(true)?;
        let measured = Measured {
            id: self.id,
            key: self.wrapped,
            size: self.size,
            sha1: self.sha1.finalize().into(),
            sha256: self.sha256.finalize().into(),
            chunks: self.number,
        };
        Ok((measured, last))
    }

    fn seal(&mut self, last: bool) -> Result<SealedBytes, SealError> {
        let number = self.number;
        let bytes = self.key.seal_chunk(self.id.0, number, last, &self.buffer)?;
        self.number = number.checked_add(1).ok_or(SealError::TooLong(usize::MAX))?;
        self.buffer.clear();
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::sync::LazyLock;
    use uuid::Uuid;

    static KEYS: LazyLock<KeyRing> =
        LazyLock::new(|| KeyRing::open_or_create(tempfile::tempdir().unwrap().path()).unwrap());

    fn run(document: &[u8], piece: usize) -> (Measured, Vec<SealedBytes>) {
        let mut intake = Intake::new(&KEYS, ContentId(Uuid::from_u128(7))).unwrap();
        let mut chunks = Vec::new();
        for mut bytes in document.chunks(piece) {
            while !bytes.is_empty() {
                let (full, rest) = intake.push(bytes).unwrap();
                chunks.extend(full);
                bytes = rest;
            }
        }
        let (measured, last) = intake.finish().unwrap();
        chunks.push(last);
        (measured, chunks)
    }

    fn open(measured: &Measured, chunks: &[SealedBytes]) -> Vec<u8> {
        let key = KEYS.unwrap(&measured.key).unwrap();
        let open = |(n, chunk): (usize, &SealedBytes)| {
            let last = n + 1 == chunks.len();
            key.open_chunk(measured.id.0, u32::try_from(n).unwrap(), last, chunk).unwrap()
        };
        chunks.iter().enumerate().flat_map(open).collect()
    }

    #[test]
    fn the_sums_of_the_empty_document_are_the_known_ones() {
        let (measured, chunks) = run(b"", 1);
        assert_eq!(hex::encode(measured.sha1), "da39a3ee5e6b4b0d3255bfef95601890afd80709");
        assert!(hex::encode(measured.sha256).starts_with("e3b0c44298fc1c149afbf4c8996fb924"));
        assert_eq!((measured.size, measured.chunks, chunks.len()), (0, 1, 1));
    }

    #[test]
    fn a_document_of_whole_chunks_has_no_empty_one() {
        for (size, expected) in [(CHUNK, 1), (CHUNK + 1, 2), (2 * CHUNK, 2), (2 * CHUNK - 1, 2)] {
            let (measured, chunks) = run(&vec![3; size], 100_000);
            assert_eq!(measured.chunks as usize, expected, "{size}");
            assert_eq!(chunks.len(), expected, "{size}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn any_cutting_gives_the_same_document(
            size in 0..(3 * CHUNK),
            piece in 1..(CHUNK * 2),
        ) {
            let document: Vec<u8> = (0..size).map(|n| (n % 251) as u8).collect();
            let (measured, chunks) = run(&document, piece);
            prop_assert_eq!(open(&measured, &chunks), document.as_slice());
            prop_assert_eq!(measured.size, size as u64);
            prop_assert_eq!(measured.chunks as usize, chunks.len());
            let sha1: [u8; 20] = Sha1::digest(&document).into();
            let sha256: [u8; 32] = Sha256::digest(&document).into();
            prop_assert_eq!(measured.sha1, sha1);
            prop_assert_eq!(measured.sha256, sha256);
        }
    }
}
