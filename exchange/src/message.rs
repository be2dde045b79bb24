//! What names a message, and what was answered to it.

use renkei_context::Message;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Names the message that `peer` sent under this wsa:MessageID. Another envelope under the same id is
/// another message that must not pass for this one.
pub fn message(peer: &str, message_id: &str, envelope: &str) -> Message {
    // No name of a peer has a NUL in it.
    let key = Sha256::new().chain_update(peer).chain_update([0]).chain_update(message_id);
    Message { key: key.finalize().into(), digest: Sha256::digest(envelope).into() }
}

/// An answer as it went out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// Content-Type.
    pub content_type: String,
    /// The entity.
    pub body: Vec<u8>,
}
