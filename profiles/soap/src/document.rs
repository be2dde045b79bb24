//! A document on its way: from a repository into an answer, from an answer to whoever asked, from one
//! community to another. Nobody on the way has to hold it.

use bytes::Bytes;
use futures_util::stream::{self, BoxStream, StreamExt};
use std::io;

/// Octets that come one piece after the other, each when it is asked for. After an error there are no
/// more, and what came before it must not be taken for the whole.
pub type Octets = BoxStream<'static, io::Result<Bytes>>;

/// A document: of what type it is, and its octets.
pub struct Document {
    /// Its media type.
    pub mime_type: String,
    /// Its octets.
    pub body: Body,
}

/// The octets of a document.
pub enum Body {
    /// In memory.
    Bytes(Bytes),
    /// Read when they are asked for.
    Stream {
        /// How many octets it will be, where that is known; a message has a Content-Length when that of
        /// all its documents is. A stream of another length breaks the message.
        length: Option<u64>,
        /// The octets.
        stream: Octets,
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

    /// The octets, wherever they are.
    pub fn into_stream(self) -> Octets {
        match self {
            Self::Bytes(bytes) => stream::iter([Ok(bytes)]).boxed(),
            Self::Stream { stream, .. } => stream,
        }
    }
}

// What a document holds is no matter for a log.
impl std::fmt::Debug for Document {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Document")
            .field("mime_type", &self.mime_type)
            .field("length", &self.body.length())
            .finish_non_exhaustive()
    }
}
