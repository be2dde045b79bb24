//! A request as it goes out: framed, with its documents as a stream of known or unknown length.

use crate::attachment::Attachment;
use crate::progress::Progress;
use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::stream::{self, BoxStream};
use renkei_soap::document::Body;
use renkei_soap::message::Framing;
use renkei_soap::multipart::{MultipartWriter, simple_content_type};
use renkei_xds::transaction::Transaction;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use uuid::Uuid;

/// Octets handed over at once, so that a document in memory shows its progress too.
const PIECE: usize = 64 * 1024;

type Pieces = BoxStream<'static, io::Result<Bytes>>;

/// A request, ready to be sent.
pub(crate) struct Outgoing {
    /// Its Content-Type.
    pub(crate) content_type: String,
    /// Its length, when those of all documents are known.
    pub(crate) length: Option<u64>,
    pieces: Pieces,
}

/// Why the documents of a request could not be read, once they could not.
#[derive(Clone, Default)]
pub(crate) struct Failure(Arc<Mutex<Option<io::Error>>>);

impl Failure {
    /// The error, once.
    pub(crate) fn take(&self) -> Option<io::Error> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Keeps the error and gives one that stops the transfer.
    fn keep(&self, error: io::Error) -> io::Error {
        let kind = error.kind();
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
        kind.into()
    }
}

impl Outgoing {
    /// Frames `envelope` as the transaction wants it. Each document goes under its Content-ID; a failure
    /// to read one is left in `failure`.
    pub(crate) fn new(
        transaction: &Transaction,
        envelope: Bytes,
        documents: Vec<(String, Attachment)>,
        failure: Failure,
    ) -> Self {
        let action = Some(transaction.request_action);
        match transaction.framing {
            Framing::Simple => Self {
                content_type: simple_content_type(action),
                length: Some(envelope.len() as u64),
                pieces: whole(envelope),
            },
            Framing::Mtom => {
                let frame = MultipartWriter::new(Uuid::new_v4());
                Self::multipart(frame.content_type(action), &frame, envelope, documents, &failure)
            }
        }
    }

    fn multipart(
        content_type: String,
        frame: &MultipartWriter,
        envelope: Bytes,
        documents: Vec<(String, Attachment)>,
        failure: &Failure,
    ) -> Self {
        let head = Bytes::from(frame.root_start());
        let mut length = Some((head.len() + envelope.len()) as u64);
        let mut pieces = vec![whole(head), whole(envelope)];
        let mut add = |of: Option<u64>, part: Pieces| {
            length = length.zip(of).and_then(|(a, b)| a.checked_add(b));
            pieces.push(part);
        };
        for (content_id, attachment) in documents {
            let head = frame.part_start(&content_id, &attachment.mime_type);
            add(Some(head.len() as u64), whole(head));
            add(attachment.body.length(), octets(attachment.body, failure.clone()));
        }
        let close = frame.close();
        add(Some(close.len() as u64), whole(close));
        Self { content_type, length, pieces: stream::iter(pieces).flatten().boxed() }
    }

    /// The body, each piece of which is progress.
    pub(crate) fn body(self, progress: Progress) -> reqwest::Body {
        reqwest::Body::wrap_stream(self.pieces.inspect(move |_| progress.moved()))
    }
}

fn whole(octets: Bytes) -> Pieces {
    let cut = |mut rest: Bytes| async move {
        if rest.is_empty() {
            return None;
        }
        let piece = rest.split_to(rest.len().min(PIECE));
        Some((Ok(piece), rest))
    };
    stream::unfold(octets, cut).boxed()
}

fn octets(body: Body, failure: Failure) -> Pieces {
    match body {
        Body::Bytes(octets) => whole(octets),
        Body::Stream { length, stream } => {
            let checked = Checked { stream, left: length, failure, ended: false };
            stream::unfold(checked, Checked::next).boxed()
        }
    }
}

/// A stream held to the length it was announced with: HTTP would cut off what is more, and the next
/// part would begin in the middle of what is less.
struct Checked {
    stream: Pieces,
    left: Option<u64>,
    failure: Failure,
    ended: bool,
}

impl Checked {
    async fn next(mut self) -> Option<(io::Result<Bytes>, Self)> {
        if self.ended {
            return None;
        }
        let piece = match self.stream.next().await {
            Some(Ok(piece)) => self.count(piece),
            Some(Err(error)) => Err(error),
            None if self.left.is_some_and(|left| left > 0) => Err(wrong_length()),
            None => return None,
        };
        let piece = piece.map_err(|error| {
            self.ended = true;
            self.failure.keep(error)
        });
        Some((piece, self))
    }

    fn count(&mut self, piece: Bytes) -> io::Result<Bytes> {
        if let Some(left) = &mut self.left {
            *left = left.checked_sub(piece.len() as u64).ok_or_else(wrong_length)?;
        }
        Ok(piece)
    }
}

fn wrong_length() -> io::Error {
    io::Error::new(
        io::ErrorKind::InvalidData,
        "a document has not the length it was announced with",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use renkei_xds::transaction::ITI_41;

    fn streamed(length: Option<u64>, pieces: &[&'static str]) -> Attachment {
        let pieces: Vec<_> = pieces.iter().map(|p| Ok(Bytes::from(*p))).collect();
        Attachment {
            entry_id: "Document01".into(),
            mime_type: "text/xml".into(),
            body: Body::Stream { length, stream: stream::iter(pieces).boxed() },
        }
    }

    async fn sent(attachment: Attachment) -> (Option<u64>, Result<Vec<u8>, String>) {
        let failure = Failure::default();
        let documents = vec![("c@d".into(), attachment)];
        let out = Outgoing::new(&ITI_41, "<a/>".into(), documents, failure.clone());
        let length = out.length;
        let mut all = Vec::new();
        let mut pieces = out.pieces;
        while let Some(piece) = pieces.next().await {
            match piece {
                Ok(piece) => all.extend_from_slice(&piece),
                Err(_) => return (length, Err(failure.take().unwrap().to_string())),
            }
        }
        (length, Ok(all))
    }

    #[tokio::test]
    async fn the_length_is_told_when_it_is_known() {
        let (length, all) = sent(streamed(Some(5), &["ab", "cde"])).await;
        let all = all.unwrap();
        assert_eq!(length, Some(all.len() as u64));
        let text = String::from_utf8(all).unwrap();
        assert!(text.contains("Content-ID: <c@d>\r\n\r\nabcde\r\n--"), "{text}");
        assert_eq!(sent(streamed(None, &["ab"])).await.0, None);
    }

    #[tokio::test]
    async fn a_stream_of_another_length_fails() {
        for pieces in [&["ab"][..], &["ab", "cdef"], &[]] {
            let error = sent(streamed(Some(5), pieces)).await.1.unwrap_err();
            assert!(error.contains("length"), "{error}");
        }
    }

    #[tokio::test]
    async fn large_documents_go_in_pieces() {
        let mut pieces = whole(Bytes::from(vec![7; 3 * PIECE + 1]));
        let mut sizes = Vec::new();
        while let Some(piece) = pieces.next().await {
            sizes.push(piece.unwrap().len());
        }
        assert_eq!(sizes, [PIECE, PIECE, PIECE, 1]);
    }
}
