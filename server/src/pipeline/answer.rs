//! What a transaction answers, and how that becomes bytes.

use super::buffers::{Buffers, Octets};
use super::documents::Documents;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::CONTENT_TYPE;
use renkei_atna::record::{Object, Outcome};
use renkei_soap::envelope::{self, AnswerHeaders, HeaderElement};
use renkei_soap::fault::Fault;
use renkei_soap::message::Framing;
use renkei_soap::multipart::{MultipartWriter, simple_content_type};
use renkei_soap::xml::Writer;
use renkei_xds::transaction::Transaction;
use std::fmt;

/// Why an answer broke off after its first byte. The peer sees a broken connection.
#[derive(Debug)]
pub(super) struct BrokenOff(pub(super) String);

impl fmt::Display for BrokenOff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "answer broken off: {}", self.0)
    }
}

impl std::error::Error for BrokenOff {}

/// The body of an answer.
pub(super) enum Body {
    /// The body's one child, as it is written into the envelope.
    Whole(Box<dyn FnOnce(&mut Writer)>),
    /// Its beginning, what streams in between, and its end.
    Streamed {
        /// From the start tag on.
        head: String,
        /// Objects, as they are read from the database.
        objects: Octets,
        /// Up to the end tag.
        tail: String,
    },
}

impl Body {
    /// A body that is written whole.
    pub(super) fn whole(write: impl FnOnce(&mut Writer) + 'static) -> Self {
        Self::Whole(Box::new(write))
    }
}

/// One record about this exchange, on our side.
pub(super) struct Record {
    /// How it went.
    pub(super) outcome: Outcome,
    /// What it was about.
    pub(super) objects: Vec<Object>,
    /// Error codes, if any.
    pub(super) description: Option<String>,
}

/// A transaction's answer.
pub(super) struct Answer {
    /// The SOAP body.
    pub(super) body: Body,
    /// Its documents.
    pub(super) documents: Documents,
    /// Records to be durable before the first byte leaves. Changes that succeeded are recorded by
    /// the actor with their effect and leave this empty.
    pub(super) records: Vec<Record>,
    /// What its header has besides the addresses.
    pub(super) headers: Vec<HeaderElement>,
    /// The word for the metrics: success, partial or failure.
    pub(super) result: &'static str,
}

impl Answer {
    /// One without documents, whose header says no more than where it belongs.
    pub(super) const fn whole(body: Body, records: Vec<Record>, result: &'static str) -> Self {
        Self { body, documents: Documents::none(), records, headers: Vec::new(), result }
    }

    /// The HTTP response.
    #[cfg(test)]
    pub(super) fn into_response(
        self,
        transaction: &Transaction,
        framing: Framing,
        relates_to: Option<&str>,
        boundary: uuid::Uuid,
    ) -> HttpResponse {
        let (kind, buffers) = self.into_message(transaction, framing, relates_to.into(), boundary);
        buffers.respond(kind)
    }

    /// The message, and its Content-Type. Framing is that of the request unless documents need parts.
    pub(super) fn into_message(
        self,
        transaction: &Transaction,
        framing: Framing,
        addressing: AnswerHeaders<'_>,
        boundary: uuid::Uuid,
    ) -> (String, Buffers) {
        let action = transaction.response_action;
        let headers = AnswerHeaders { blocks: &self.headers, ..addressing };
        let parts = match framing {
            Framing::Simple if self.documents.is_none() => None,
            Framing::Simple | Framing::Mtom => Some(MultipartWriter::new(boundary)),
        };
        let before = parts.as_ref().map(MultipartWriter::root_start).unwrap_or_default();
        let mut buffers = match self.body {
            Body::Whole(write) => {
                Buffers::new(envelope::write_response_after(before, action, headers, write))
            }
            Body::Streamed { head, objects, tail } => {
                let (mut start, end) = envelope::response_frame_after(before, action, headers);
                start.push_str(&head);
                let mut buffers = Buffers::new(start);
                buffers.stream(None, objects);
                buffers.octets(tail.as_bytes());
                buffers.octets(end.as_bytes());
                buffers
            }
        };
        let Some(parts) = parts else { return (simple_content_type(None), buffers) };
        self.documents.write(&parts, &mut buffers);
        buffers.octets(&parts.close());
        (parts.content_type(Some(action)), buffers)
    }
}

/// The answer to a message that could not be understood or was not allowed.
pub(super) fn fault(fault: &Fault, relates_to: Option<&str>) -> HttpResponse {
    let status = StatusCode::from_u16(fault.http_status()).unwrap_or(StatusCode::BAD_REQUEST);
    HttpResponse::build(status)
        .insert_header((CONTENT_TYPE, simple_content_type(None)))
        // What the peer still sends is not a next request.
        .force_close()
        .body(fault.write(relates_to))
}
