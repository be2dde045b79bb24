//! Documents on their way through: which are passed on, and whether they are what their entries said.

use super::seen::Expected;
use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use futures_util::stream::{self, BoxStream};
use renkei_client::{Body, Document, Retrieval};
use renkei_metadata::ids::Sha1Hash;
use renkei_xds::iti43::DocumentRequest;
use sha1::{Digest, Sha1};
use std::collections::HashMap;
use std::io;
use std::sync::Arc;
use tokio::sync::OwnedSemaphorePermit;

/// A document that is not what its entry said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mismatch {
    /// Which.
    pub request: DocumentRequest,
    /// In what: `size` or `hash`.
    pub differs: &'static str,
}

/// Who hears of it, before the answer breaks off.
pub type Tell = Arc<dyn Fn(Mismatch) -> BoxFuture<'static, ()> + Send + Sync>;

/// A document that is to come.
pub(super) struct Expecting {
    /// Under which Content-ID it goes out.
    pub(super) name: String,
    pub(super) request: DocumentRequest,
    pub(super) expected: Expected,
}

/// The documents of one community.
pub(super) struct CommunityDocuments {
    pub(super) retrieval: Retrieval,
    /// By the Content-IDs under which they come.
    pub(super) names: HashMap<String, Expecting>,
    pub(super) _room: OwnedSemaphorePermit,
}

impl CommunityDocuments {
    /// Those that are passed on. What else comes is passed over.
    pub(super) fn documents(
        self,
        tell: Tell,
    ) -> BoxStream<'static, Result<(String, Document), String>> {
        stream::unfold(Some((self, tell)), |state| async move {
            let (mut incoming, tell) = state?;
            while let Some((theirs, document)) = incoming.retrieval.next().await {
                if let Some(Expecting { name, request, expected }) = incoming.names.remove(&theirs)
                {
                    let document = checked(document, request, expected, tell.clone());
                    return Some((Ok((name, document)), Some((incoming, tell))));
                }
            }
            let is_whole = incoming.names.is_empty();
            match incoming.retrieval.end().await {
                Ok(_) if is_whole => None,
                Ok(_) => Some((Err("a document is missing".to_owned()), None)),
                Err(error) => Some((Err(error.to_string()), None)),
            }
        })
        .boxed()
    }
}

/// The document, which ends with an error if it is not what was expected.
pub(super) fn checked(
    document: Document,
    request: DocumentRequest,
    expected: Expected,
    tell: Tell,
) -> Document {
    let Document { mime_type, body } = document;
    let check = Check { size: 0, sha1: Sha1::new(), request, expected, tell };
    let octets = stream::unfold(Some((body.into_stream(), check)), |state| async move {
        let (mut octets, mut check) = state?;
        match octets.next().await {
            Some(Ok(piece)) => match check.take(&piece) {
                None => Some((Ok(piece), Some((octets, check)))),
                Some(differs) => Some((Err(check.broken(differs).await), None)),
            },
            Some(Err(error)) => Some((Err(error), None)),
            None => match check.ended() {
                None => None,
                Some(differs) => Some((Err(check.broken(differs).await), None)),
            },
        }
    });
    Document { mime_type, body: Body::Stream { length: None, stream: octets.boxed() } }
}

struct Check {
    size: u64,
    sha1: Sha1,
    request: DocumentRequest,
    expected: Expected,
    tell: Tell,
}

impl Check {
    fn take(&mut self, octets: &Bytes) -> Option<&'static str> {
        self.size = self.size.saturating_add(octets.len() as u64);
        if self.expected.hash.is_some() {
            self.sha1.update(octets);
        }
        self.expected.size.is_some_and(|size| self.size > size).then_some("size")
    }

    fn ended(&self) -> Option<&'static str> {
        if self.expected.size.is_some_and(|size| self.size != size) {
            return Some("size");
        }
        let found = || Sha1Hash::from_digest(self.sha1.clone().finalize().into());
        self.expected.hash.as_ref().is_some_and(|hash| *hash != found()).then_some("hash")
    }

    async fn broken(self, differs: &'static str) -> io::Error {
        (self.tell)(Mismatch { request: self.request, differs }).await;
        io::Error::other(format!("the document is not what its entry said ({differs})"))
    }
}
