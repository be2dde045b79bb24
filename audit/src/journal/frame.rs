//! How entries stand in a segment: `marker | length | payload | hash`.
//!
//! The hash is that of a Merkle tree's leaf (RFC 6962, 2.1): SHA-256 over a zero octet and the
//! payload. It needs no key, and it stays what it is when the entry's key is destroyed. Whoever looks
//! for the next frame behind damage finds it by its marker.

use memchr::memmem;
use sha2::{Digest, Sha256};

const MARKER: [u8; 4] = [0xa5, b'R', b'K', b'J'];
const HEAD: usize = 8;
/// Octets of a hash.
pub(crate) const HASH: usize = 32;

/// The longest payload: the longest record, which compression may lengthen a little, and its head.
pub(crate) const MAX_PAYLOAD: usize = 18 << 20;

/// The hash of a payload as a leaf of a Merkle tree.
pub(crate) fn leaf_hash(payload: &[u8]) -> [u8; HASH] {
    let mut hasher = Sha256::new();
    hasher.update([0]);
    hasher.update(payload);
    hasher.finalize().into()
}

/// Appends a frame around `payload`.
pub(crate) fn write(out: &mut Vec<u8>, payload: &[u8]) {
    let length = u32::try_from(payload.len()).unwrap_or(u32::MAX);
    out.extend_from_slice(&MARKER);
    out.extend_from_slice(&length.to_be_bytes());
    out.extend_from_slice(payload);
    out.extend_from_slice(&leaf_hash(payload));
}

/// One piece of a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Piece<'a> {
    /// A whole frame that begins at `from` and ends before `to`.
    Frame { payload: &'a [u8], from: usize, to: usize },
    /// Octets that are no frame.
    Damage { from: usize, to: usize },
}

/// The payload of the frame at `at`, and where it ends.
pub(crate) fn parse(bytes: &[u8], at: usize) -> Option<(&[u8], usize)> {
    let rest = bytes.get(at..)?.strip_prefix(MARKER.as_slice())?;
    let (length, rest) = rest.split_first_chunk::<4>()?;
    let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
    if length > MAX_PAYLOAD {
        return None;
    }
    let (payload, rest) = rest.split_at_checked(length)?;
    let hash = rest.first_chunk::<HASH>()?;
    (leaf_hash(payload) == *hash).then_some((payload, at + HEAD + length + HASH))
}

/// The pieces of a segment, or of its end, one after the other.
pub(crate) struct Pieces<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Pieces<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// Where the next whole frame begins behind `at`, or the end.
    fn next_frame(&self, at: usize) -> usize {
        let end = self.bytes.len();
        let behind = self.bytes.get(at + 1..).unwrap_or_default();
        memmem::find_iter(behind, &MARKER)
            .map(|found| at + 1 + found)
            .find(|place| parse(self.bytes, *place).is_some())
            .unwrap_or(end)
    }
}

impl<'a> Iterator for Pieces<'a> {
    type Item = Piece<'a>;

    fn next(&mut self) -> Option<Piece<'a>> {
        let from = self.at;
        if from >= self.bytes.len() {
            return None;
        }
        let piece = match parse(self.bytes, from) {
            Some((payload, to)) => Piece::Frame { payload, from, to },
            None => Piece::Damage { from, to: self.next_frame(from) },
        };
        self.at = match piece {
            Piece::Frame { to, .. } | Piece::Damage { to, .. } => to,
        };
        Some(piece)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_leaf_is_hashed_as_certificate_transparency_does() {
        // RFC 6962, 2.1.3: the leaf hash of the empty entry.
        let expected = "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d";
        let hash: String = leaf_hash(b"").iter().map(|b| format!("{b:02x}")).collect();
        assert_eq!(hash, expected);
    }

    #[test]
    fn what_follows_damage_is_found() {
        let mut bytes = Vec::new();
        for payload in [&b"one"[..], &MARKER, b"three"] {
            write(&mut bytes, payload);
        }
        let whole: Vec<Piece<'_>> = Pieces::new(&bytes).collect();
        for place in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[place] ^= 1;
            let pieces: Vec<Piece<'_>> = Pieces::new(&changed).collect();
            let damaged = pieces.iter().filter(|p| matches!(p, Piece::Damage { .. })).count();
            assert_eq!((pieces.len(), damaged), (whole.len(), 1), "{place}");
        }
    }
}
