//! Documents on their way through: which are passed on, and whether they are what their entries said.

use super::seen::Expected;
use crate::logged::logged;
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use futures_util::stream::{self, BoxStream};
use renkei_client::{Body, Document, Retrieval};
use renkei_metadata::ids::Sha1Hash;
use renkei_soap::document::Octets;
use renkei_xds::iti43::DocumentRequest;
use sha1::{Digest, Sha1};
use std::collections::HashMap;
use std::io;
use std::sync::Arc;
use tokio::sync::OwnedSemaphorePermit;

/// A piece of fewer octets is joined with those beside it.
const SHORT: usize = 4096;

/// A document that is not what its entry said, or broke off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mismatch {
    /// Which.
    pub request: DocumentRequest,
    /// In what: `size`, `hash`, or `end` where it did not come to one.
    pub differs: &'static str,
}

/// Who hears of it, before the answer breaks off.
pub type Tell = Arc<dyn Fn(Mismatch) -> BoxFuture<'static, ()> + Send + Sync>;

/// A document that is to come.
#[derive(Clone, Debug)]
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
    /// The one that is arriving, under its name.
    pub(super) open: Option<(String, Arriving)>,
    _room: OwnedSemaphorePermit,
}

impl CommunityDocuments {
    /// What `retrieval` brings.
    pub(super) fn new(
        retrieval: Retrieval,
        names: HashMap<String, Expecting>,
        room: OwnedSemaphorePermit,
    ) -> Self {
        Self { retrieval, names, open: None, _room: room }
    }

    /// The next that is passed on. What else comes is passed over.
    pub(super) async fn next(&mut self) -> Option<(Expecting, Document)> {
        while let Some((theirs, document)) = self.retrieval.next().await {
            if let Some(expecting) = self.names.remove(&theirs) {
                return Some((expecting, document));
            }
        }
        None
    }

    /// Those that are passed on.
    pub(super) fn documents(
        self,
        tell: Tell,
    ) -> BoxStream<'static, Result<(String, Document), String>> {
        stream::unfold(Some((self, tell)), |state| async move {
            let (mut incoming, tell) = state?;
            if let Some((name, arriving)) = incoming.open.take() {
                let document = arriving.document(tell.clone());
                return Some((Ok((name, document)), Some((incoming, tell))));
            }
            if let Some((expecting, document)) = incoming.next().await {
                let name = expecting.name.clone();
                let document = Arriving::new(document, expecting).document(tell.clone());
                return Some((Ok((name, document)), Some((incoming, tell))));
            }
            let is_whole = incoming.names.is_empty();
            match incoming.retrieval.end().await {
                Ok(_) if is_whole => None,
                Ok(_) => Some((Err("a document is missing".to_owned()), None)),
                Err(error) => Some((Err(logged(&error)), None)),
            }
        })
        .boxed()
    }
}

/// A document that arrives, compared with what was expected of it.
pub(super) struct Arriving {
    pub(super) mime_type: String,
    /// What came already.
    pub(super) came: Came,
    pub(super) octets: Octets,
    pub(super) check: Check,
    request: DocumentRequest,
}

impl Arriving {
    pub(super) fn new(document: Document, expecting: Expecting) -> Self {
        let Expecting { request, expected, .. } = expecting;
        Self {
            mime_type: document.mime_type,
            came: Came::default(),
            octets: document.body.into_stream(),
            check: Check { size: 0, sha1: Sha1::new(), expected },
            request,
        }
    }

    /// The document, which ends with an error if it is not what was expected.
    pub(super) fn document(self, tell: Tell) -> Document {
        let Self { mime_type, came, octets, check, request } = self;
        let rest = stream::unfold(Some((octets, check, request, tell)), |state| async move {
            let (mut octets, mut check, request, tell) = state?;
            let differs = match octets.next().await {
                Some(Ok(piece)) => match check.take(&piece) {
                    None => return Some((Ok(piece), Some((octets, check, request, tell)))),
                    Some(differs) => differs,
                },
                Some(Err(error)) => {
                    tell(Mismatch { request, differs: "end" }).await;
                    return Some((Err(error), None));
                }
                None => check.ended()?,
            };
            tell(Mismatch { request, differs }).await;
            let error = format!("the document is not what its entry said ({differs})");
            Some((Err(io::Error::other(error)), None))
        });
        let stream = stream::iter(came.pieces().into_iter().map(Ok)).chain(rest).boxed();
        Document { mime_type, body: Body::Stream { length: None, stream } }
    }
}

/// Octets in the pieces in which they came, but for short ones, which are joined: what is held costs as much as it
/// is long.
#[derive(Default)]
pub(super) struct Came {
    pieces: Vec<Bytes>,
    short: BytesMut,
}

impl Came {
    /// One more.
    pub(super) fn push(&mut self, piece: Bytes) {
        if piece.len() < SHORT {
            self.short.extend_from_slice(&piece);
        }
        if piece.len() >= SHORT || self.short.len() >= SHORT {
            self.join();
        }
        if piece.len() >= SHORT {
            self.pieces.push(piece);
        }
    }

    /// All that came.
    pub(super) fn pieces(mut self) -> Vec<Bytes> {
        self.join();
        self.pieces
    }

    fn join(&mut self) {
        if !self.short.is_empty() {
            self.pieces.push(std::mem::take(&mut self.short).freeze());
        }
    }
}

/// What the octets of a document are compared with, and how far.
pub(super) struct Check {
    size: u64,
    sha1: Sha1,
    expected: Expected,
}

impl Check {
    /// In what a document differs whose next octets are these.
    pub(super) fn take(&mut self, octets: &Bytes) -> Option<&'static str> {
        self.size = self.size.saturating_add(octets.len() as u64);
        if self.expected.hash.is_some() {
            self.sha1.update(octets);
        }
        self.expected.size.is_some_and(|size| self.size > size).then_some("size")
    }

    /// In what it differs if it ends here.
    pub(super) fn ended(&self) -> Option<&'static str> {
        if self.expected.size.is_some_and(|size| self.size != size) {
            return Some("size");
        }
        let found = || Sha1Hash::from_digest(self.sha1.clone().finalize().into());
        self.expected.hash.as_ref().is_some_and(|hash| *hash != found()).then_some("hash")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_pieces_are_joined_and_long_ones_pass() {
        let mut came = Came::default();
        let long = Bytes::from(vec![b'l'; SHORT]);
        for _ in 0..2 * SHORT {
            came.push(Bytes::from_static(b"s"));
        }
        came.push(Bytes::from_static(b"s"));
        came.push(long.clone());
        came.push(Bytes::from_static(b"e"));
        let lengths: Vec<usize> = came.pieces().iter().map(Bytes::len).collect();
        assert_eq!(lengths, [SHORT, SHORT, 1, SHORT, 1]);
    }
}
