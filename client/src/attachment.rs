//! The documents of a submission as they are sent: from memory, or as streams.

use bytes::Bytes;
use futures_util::stream::BoxStream;
use std::io;

/// The octets of a document.
pub enum Body {
    /// In memory.
    Bytes(Bytes),
    /// Read while it is sent.
    Stream {
        /// How many octets it will be; with the lengths of all documents the message has a
        /// Content-Length. A stream of another length fails the call.
        length: Option<u64>,
        /// The octets.
        stream: BoxStream<'static, io::Result<Bytes>>,
    },
}

impl Body {
    /// The length, where it is known before the end.
    pub fn length(&self) -> Option<u64> {
        match self {
            Self::Bytes(bytes) => Some(bytes.len() as u64),
            Self::Stream { length, .. } => *length,
        }
    }
}

/// One document of a submission.
pub struct Attachment {
    /// The id of its DocumentEntry in the submission.
    pub entry_id: String,
    /// Its media type.
    pub mime_type: String,
    /// Its octets.
    pub body: Body,
}
