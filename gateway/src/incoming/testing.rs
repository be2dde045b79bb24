//! Documents that arrive as a test wants them to.

use super::arriving::Arriving;
use super::{Expected, Expecting};
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use renkei_client::{Body, Document};
use renkei_metadata::ids::{RepositoryUniqueId, UniqueId};
use renkei_xds::iti43::DocumentRequest;
use std::io;

/// Pieces of text.
pub(super) fn pieces(texts: &[&str]) -> Vec<Bytes> {
    texts.iter().map(|text| Bytes::copy_from_slice(text.as_bytes())).collect()
}

/// A document of which these pieces arrive, an error after them if it breaks, and nothing ever if it hangs.
pub(super) fn arriving(pieces: Vec<Bytes>, then: Option<&str>, size: u64) -> Arriving {
    let came = stream::iter(pieces.into_iter().map(Ok));
    let stream = match then {
        None => came.boxed(),
        Some("breaks") => came.chain(stream::iter([Err(io::Error::other("broken"))])).boxed(),
        Some(_) => came.chain(stream::pending()).boxed(),
    };
    let document = Document {
        mime_type: "text/plain".to_owned(),
        body: Body::Stream { length: None, stream },
    };
    let expecting = Expecting {
        name: "d@here".to_owned(),
        request: DocumentRequest {
            home: None,
            repository: RepositoryUniqueId::parse("1.2.3.4").unwrap(),
            unique_id: UniqueId::parse("1.2.3.5").unwrap(),
        },
        expected: Expected { size: Some(size), hash: None },
    };
    Arriving::new(document, &expecting)
}
