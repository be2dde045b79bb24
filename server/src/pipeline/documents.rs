//! The documents of an answer, each in a part of its own under its Content-ID.

use super::answer::BrokenOff;
use super::buffers::{Buffers, Octets};
use futures_util::stream::{self, LocalBoxStream};
use futures_util::{StreamExt, TryStreamExt};
use renkei_soap::document::Document;
use renkei_soap::multipart::MultipartWriter;

/// The documents of an answer.
pub(super) enum Documents {
    /// All of them are known.
    Known(Vec<(String, Document)>),
    /// Somebody else is sending them, and they are handed on as they come.
    Arriving(LocalBoxStream<'static, Result<(String, Document), BrokenOff>>),
}

impl Documents {
    /// There are none.
    pub(super) const fn none() -> Self {
        Self::Known(Vec::new())
    }

    /// Whether there are none.
    pub(super) fn is_none(&self) -> bool {
        match self {
            Self::Known(documents) => documents.is_empty(),
            Self::Arriving(_) => false,
        }
    }

    /// Adds the parts to an answer. Nothing of a document is held that can be asked for later.
    pub(super) fn write(self, parts: &MultipartWriter, buffers: &mut Buffers) {
        match self {
            Self::Known(documents) => {
                for (content_id, Document { mime_type, body }) in documents {
                    buffers.octets(&parts.part_start(&content_id, &mime_type));
                    buffers.stream(body.length(), ours(body.into_stream()));
                }
            }
            Self::Arriving(documents) => {
                let parts = parts.clone();
                let octets = documents.map_ok(move |(content_id, document)| {
                    let start = parts.part_start(&content_id, &document.mime_type);
                    stream::iter([Ok(start)]).chain(ours(document.body.into_stream()))
                });
                buffers.stream(None, octets.try_flatten().boxed_local());
            }
        }
    }
}

fn ours(octets: renkei_soap::document::Octets) -> Octets {
    octets.map_err(|error| BrokenOff(error.to_string())).boxed_local()
}
