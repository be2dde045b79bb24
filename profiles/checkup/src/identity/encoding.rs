//! Lists of fields as bytes, of which no two are alike.

use std::fmt;

use sha2::{Digest, Sha256};

/// The first half of a SHA-256: short enough to keep one for each row of a long export, long enough
/// that no two meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key([u8; 16]);

impl Key {
    /// The octets.
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|octet| write!(f, "{octet:02x}"))
    }
}

/// Fields one after the other, each behind its length: whatever stands in a field, it cannot pass for
/// two, nor two for one. The first field says what the list is a key of.
///
/// The bytes are collected and hashed at once, which costs a fraction of hashing them field by field.
#[derive(Clone)]
pub struct Encoder(Vec<u8>);

/// Octets that the lists of a few fields have room in.
const USUAL: usize = 512;

impl Encoder {
    /// A list for one purpose.
    pub fn new(purpose: &str) -> Self {
        let mut encoder = Self(Vec::with_capacity(USUAL));
        encoder.field(purpose);
        encoder
    }

    /// Adds a field.
    pub fn field(&mut self, field: &str) -> &mut Self {
        push(field, &mut self.0);
        self
    }

    /// The key of the list.
    pub fn finish(self) -> Key {
        let mut key = [0; 16];
        for (octet, hashed) in key.iter_mut().zip(self.digest()) {
            *octet = hashed;
        }
        Key(key)
    }

    /// The whole hash of the list.
    pub(super) fn digest(self) -> [u8; 32] {
        Sha256::digest(&self.0).into()
    }
}

/// The same list as bytes, for whoever hashes it otherwise.
pub(super) fn encode<'a>(purpose: &'a str, fields: impl IntoIterator<Item = &'a str>) -> Vec<u8> {
    let mut bytes = Vec::new();
    for field in std::iter::once(purpose).chain(fields) {
        push(field, &mut bytes);
    }
    bytes
}

fn push(field: &str, bytes: &mut Vec<u8>) {
    // a length of 64 bits holds every length
    bytes.extend_from_slice(&(field.len() as u64).to_le_bytes());
    bytes.extend_from_slice(field.as_bytes());
}
