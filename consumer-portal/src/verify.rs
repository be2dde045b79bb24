//! Whether retrieved bytes are those that were registered.

use renkei_metadata::ids::Sha1Hash;
use renkei_metadata::model::DocumentEntry;
use sha1::{Digest, Sha1};

/// How a document differs from its entry.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Mismatch {
    /// Another number of octets.
    #[error("{found} octets, {registered} registered")]
    Size {
        /// Octets received.
        found: u64,
        /// Octets registered.
        registered: u64,
    },
    /// Another SHA-1.
    #[error("SHA-1 {found}, {registered} registered")]
    Hash {
        /// Of what was received.
        found: Sha1Hash,
        /// As registered.
        registered: Sha1Hash,
    },
}

/// Compares octets with the size and hash of their entry (ITI TF-2: 3.43.4.1.3); what the entry
/// does not tell is not compared.
pub fn verify(entry: &DocumentEntry, content: &[u8]) -> Result<(), Mismatch> {
    let found = content.len() as u64;
    if let Some(registered) = entry.size.filter(|s| *s != found) {
        return Err(Mismatch::Size { found, registered });
    }
    let found = Sha1Hash::from_digest(Sha1::digest(content).into());
    match &entry.hash {
        Some(registered) if *registered != found => {
            Err(Mismatch::Hash { found, registered: registered.clone() })
        }
        _ => Ok(()),
    }
}
