//! A document on its way through, and whether it is what its entry said.

use super::{Asked, Expecting, Mismatch, Tell};
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;
use futures_util::stream;
use renkei_client::{Body, Document};
use renkei_metadata::ids::Sha1Hash;
use renkei_soap::document::Octets;
use renkei_xds::iti43::DocumentRequest;
use sha1::{Digest, Sha1};
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A piece of fewer octets is joined with those beside it.
const SHORT: usize = 4096;

/// A reader who asks for the next octets so late has kept the sender waiting.
const READER: Duration = Duration::from_secs(10);

/// The octets of a document, as its entry has them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Expected {
    /// How many.
    pub(crate) size: Option<u64>,
    /// SHA-1 of them.
    pub(crate) hash: Option<Sha1Hash>,
}

/// A document that arrives, compared with what was expected of it.
pub(crate) struct Arriving {
    pub(super) mime_type: String,
    /// What came already.
    pub(super) came: Came,
    pub(super) octets: Octets,
    pub(super) check: Check,
    request: DocumentRequest,
}

impl Arriving {
    pub(super) fn new(document: Document, expecting: &Expecting) -> Self {
        let Expecting { request, expected, .. } = expecting.clone();
        Self {
            mime_type: document.mime_type,
            came: Came::default(),
            octets: document.body.into_stream(),
            check: Check { size: 0, sha1: Sha1::new(), expected },
            request,
        }
    }

    /// The document, which ends with an error if it is not what was expected.
    pub(super) fn document(self, tell: Tell, asked: Arc<dyn Asked>) -> Document {
        let Self { mime_type, came, octets, check, request } = self;
        let state = Some((octets, check, request, tell, asked, Instant::now()));
        let rest = stream::unfold(state, |state| async move {
            let (mut octets, mut check, request, tell, asked, last) = state?;
            let waited = last.elapsed();
            let differs = match octets.next().await {
                Some(Ok(piece)) => match check.take(&piece) {
                    None => {
                        let state = (octets, check, request, tell, asked, Instant::now());
                        return Some((Ok(piece), Some(state)));
                    }
                    Some(differs) => differs,
                },
                Some(Err(error)) => {
                    // Who waits long for a reader gives up for good reason.
                    if waited < READER {
                        asked.failed();
                    }
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
    use super::super::testing::{self, pieces};
    use super::*;
    use futures_util::TryStreamExt;
    use std::sync::Mutex;

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

    /// The octets that pass, and in what the document differs from what was expected of it.
    async fn passing(content: &str, expected: Expected) -> (Option<usize>, Vec<&'static str>) {
        let told: Arc<Mutex<Vec<&'static str>>> = Arc::default();
        let kept = Arc::clone(&told);
        let tell: Tell = Arc::new(move |mismatch: Mismatch| {
            kept.lock().unwrap().push(mismatch.differs);
            Box::pin(async {})
        });
        // What is behind a bar does not come any more.
        let came = content.split('|').next().unwrap_or_default();
        let then = content.contains('|').then_some("breaks");
        let arriving = Arriving {
            check: Check { size: 0, sha1: Sha1::new(), expected },
            ..testing::arriving(pieces(&[came]), then, 0)
        };
        let octets = arriving.document(tell, Arc::new(())).body.into_stream();
        let passed = octets.try_fold(0, |n, piece| async move { Ok(n + piece.len()) }).await.ok();
        let told = told.lock().unwrap().clone();
        (passed, told)
    }

    #[tokio::test]
    async fn a_document_is_what_its_entry_said_or_breaks_off() {
        // SHA-1 of "abc" (FIPS 180).
        let hash = Sha1Hash::parse("a9993e364706816aba3e25717850c26c9cd0d89d").ok();
        let expected = Expected { size: Some(3), hash };
        assert_eq!(passing("abc", expected.clone()).await, (Some(3), vec![]));
        assert_eq!(passing("abd", expected.clone()).await, (None, vec!["hash"]));
        assert_eq!(passing("ab", expected.clone()).await, (None, vec!["size"]));
        assert_eq!(passing("abcd", expected.clone()).await, (None, vec!["size"]));
        assert_eq!(passing("ab|c", expected).await, (None, vec!["end"]));
        assert_eq!(passing("anything", Expected::default()).await, (Some(8), vec![]));
    }
}
