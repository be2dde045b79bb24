//! What names a message, and what was answered to it.

use crate::store::answered::Found;
use renkei_context::Message;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Names the message that `peer` sent under this wsa:MessageID. Another envelope under the same id, or
/// the same with other parts, is another message that must not pass for this one.
pub fn message(peer: &str, message_id: &str, envelope: &str) -> Message {
    // No name of a peer has a NUL in it.
    let key = Sha256::new().chain_update(peer).chain_update([0]).chain_update(message_id);
    Message { key: key.finalize().into(), envelope: Sha256::digest(envelope).into(), parts: None }
}

/// What is noted of a message before its effect, where that is in another database and cannot be committed with
/// it: a row beside that of the message, by which a repeat is known whose first left no answer.
pub(crate) fn begun(message: &Message) -> Message {
    let key = Sha256::new().chain_update(message.key).chain_update("begun");
    Message { key: key.finalize().into(), ..*message }
}

/// The digest of the parts of a message: of each, in the order in which they came, the Content-ID and
/// the SHA-256 of its octets.
pub fn parts<'p>(parts: impl IntoIterator<Item = (&'p str, [u8; 32])>) -> [u8; 32] {
    let mut digest = Sha256::new();
    for (content_id, octets) in parts {
        digest.update(Sha256::digest(content_id));
        digest.update(octets);
    }
    digest.finalize().into()
}

/// What is known of a message that was carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Done {
    /// What was answered; `None` when the process ended before that was remembered.
    pub answer: Option<Answer>,
    parts: Option<[u8; 32]>,
}

impl Done {
    /// Whether the parts that came with the repeat are those that came first. Of a message that is
    /// carried out without looking at parts there are none: any is refused.
    pub fn had(&self, came: [u8; 32]) -> bool {
        self.parts.unwrap_or_else(|| parts([])) == came
    }
}

impl From<Found> for Done {
    fn from(found: Found) -> Self {
        Self { answer: found.answer, parts: found.parts }
    }
}

/// An answer as it went out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// Content-Type.
    pub content_type: String,
    /// The entity.
    pub body: Vec<u8>,
}
