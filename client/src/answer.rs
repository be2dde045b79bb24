//! What comes back from a repository: where the octets go, and what is said of them.

use bytes::Bytes;
use futures_util::future::BoxFuture;
use renkei_metadata::ids::Sha1Hash;
use renkei_xds::iti43::{DocumentRequest, Made};
use renkei_xds::response::RegistryResponse;
use std::io;

/// Takes the documents of an answer as they arrive, one after the other.
///
/// A document may come before the message says which it is, so that all it has is its Content-ID;
/// [`Retrieved`] tells afterwards. What that does not name is to be thrown away, and everything when
/// the call fails. An error of the kind `FileTooLarge` says that a bound of the sink is reached.
pub trait DocumentSink: Send {
    /// A document begins.
    fn begin<'a>(&'a mut self, content_id: &'a str) -> BoxFuture<'a, io::Result<()>>;
    /// The next octets of it.
    fn data(&mut self, octets: Bytes) -> BoxFuture<'_, io::Result<()>>;
    /// It is complete.
    fn end(&mut self) -> BoxFuture<'_, io::Result<()>>;
    /// Whether SHA-1 is computed of what it takes. A sink whose reader does so has no use for it twice.
    fn is_hashed(&self) -> bool {
        true
    }
}

/// A document that was received whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    /// Which of those asked for.
    pub request: DocumentRequest,
    /// What was made of it, if it is an On-Demand document.
    pub made: Option<Made>,
    /// Its media type as registered.
    pub mime_type: String,
    /// Under which id the sink got it.
    pub content_id: String,
    /// Its octets, counted.
    pub size: u64,
    /// Its SHA-1, computed; `None` where the sink had no use for it.
    pub sha1: Option<Sha1Hash>,
}

/// The answer to a retrieval.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Retrieved {
    /// How it ended.
    pub response: RegistryResponse,
    /// What came, in the order of the requests.
    pub documents: Vec<Received>,
}

/// A document that an answer lists; its octets may be on their way still.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Which of those asked for.
    pub request: DocumentRequest,
    /// What was made of it, if it is an On-Demand document.
    pub made: Option<Made>,
    /// Its media type as registered.
    pub mime_type: String,
    /// Under which id its octets come.
    pub content_id: String,
}

/// What an answer says before, between or behind its documents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listing {
    /// How the retrieval ended at the other side.
    pub response: RegistryResponse,
    /// What is in the answer, in the order of the requests.
    pub documents: Vec<Listed>,
    /// What is in it, too, and was not asked for; only another community's answer may be such. Its octets
    /// come under ids that nothing lists.
    pub unasked: Vec<DocumentRequest>,
}
