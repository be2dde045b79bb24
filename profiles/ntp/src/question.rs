//! What a client sends.

use crate::LENGTH;

/// Version 4, mode 3 (client), no leap second announced.
const CLIENT: u8 = 0x23;

/// A question for the time.
///
/// Where a client's time would stand is a number that nobody can guess: it tells the answer to this question
/// from any other, and discloses no clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Question {
    pub(crate) nonce: u64,
}

impl Question {
    /// A question with this number, which has to be random.
    pub const fn new(nonce: u64) -> Self {
        Self { nonce }
    }

    /// As it is sent (RFC 4330, 5): everything zero but the first octet and the Transmit Timestamp.
    pub fn octets(&self) -> [u8; LENGTH] {
        let mut octets = [0; LENGTH];
        octets[0] = CLIENT;
        if let Some(transmit) = octets.last_chunk_mut() {
            *transmit = self.nonce.to_be_bytes();
        }
        octets
    }
}
