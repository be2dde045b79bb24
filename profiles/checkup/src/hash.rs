//! Hashes that let the holder of a file or a record prove where it came from.

use sha2::{Digest, Sha256};

/// SHA-256 in lower-case hexadecimal.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Sha256Hex(String);

impl Sha256Hex {
    /// The hash of these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        let mut running = RunningHash::default();
        running.update(bytes);
        running.finish()
    }

    /// 64 hexadecimal digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for Sha256Hex {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// A hash that grows with a stream.
#[derive(Clone, Default)]
pub struct RunningHash(Sha256);

impl RunningHash {
    /// Adds bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The hash of all bytes.
    pub fn finish(self) -> Sha256Hex {
        let mut digits = vec![0; 64];
        // 32 octets always fit
        hex::encode_to_slice(self.0.finalize(), &mut digits).unwrap_or_default();
        Sha256Hex(String::from_utf8(digits).unwrap_or_default())
    }
}
