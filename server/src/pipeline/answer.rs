//! What a transaction answers, and how that becomes bytes.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::CONTENT_TYPE;
use bytes::Bytes;
use futures_util::stream::{self, LocalBoxStream};
use futures_util::{Stream, StreamExt};
use renkei_atna::record::{Object, Outcome};
use renkei_repository::OpenDocument;
use renkei_soap::envelope;
use renkei_soap::fault::Fault;
use renkei_soap::message::Framing;
use renkei_soap::multipart::MultipartWriter;
use renkei_xds::transaction::Transaction;
use std::fmt;

/// Simple SOAP.
const SOAP_XML: &str = "application/soap+xml; charset=UTF-8";

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
    /// The body's one child, whole.
    Whole(String),
    /// Its beginning, what streams in between, and its end.
    Streamed {
        /// From the start tag on.
        head: String,
        /// Objects, as they are read from the database.
        objects: LocalBoxStream<'static, Result<Bytes, BrokenOff>>,
        /// Up to the end tag.
        tail: String,
    },
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
    /// Documents, each in a part of its own, with its Content-ID.
    pub(super) documents: Vec<(String, OpenDocument)>,
    /// Records to be durable before the first byte leaves. Changes that succeeded are recorded by
    /// the actor with their effect and leave this empty.
    pub(super) records: Vec<Record>,
    /// The word for the metrics: success, partial or failure.
    pub(super) result: &'static str,
}

/// The bytes of an answer, on their way.
type Bytestream = LocalBoxStream<'static, Result<Bytes, BrokenOff>>;

impl Answer {
    /// The HTTP response. Framing is that of the request unless documents need parts.
    pub(super) fn into_response(
        self,
        transaction: &Transaction,
        framing: Framing,
        relates_to: Option<&str>,
        boundary: uuid::Uuid,
    ) -> HttpResponse {
        let action = transaction.response_action;
        let (head, objects, tail): (String, Option<Bytestream>, String) = match self.body {
            Body::Whole(xml) => {
                let text = envelope::write_response(action, relates_to, |w| {
                    w.raw(&xml);
                });
                (text, None, String::new())
            }
            Body::Streamed { head, objects, tail } => {
                let (before, after) = envelope::response_frame(action, relates_to);
                (before + &head, Some(objects), tail + &after)
            }
        };
        if framing == Framing::Simple && self.documents.is_empty() {
            let body = whole(head).chain(objects.unwrap_or_else(|| stream::empty().boxed_local()));
            return respond(SOAP_XML.to_owned(), body.chain(whole(tail)));
        }
        let parts = MultipartWriter::new(boundary);
        let length = objects.is_none().then(|| exact_length(&parts, &head, &self.documents));
        let mut body: Bytestream = match objects {
            None => once(parts.root(&head)).boxed_local(),
            Some(objects) => {
                once(parts.root(&head)).chain(objects).chain(whole(tail)).boxed_local()
            }
        };
        for (content_id, document) in self.documents {
            let start = once(parts.part_start(&content_id, &document.mime_type));
            let content = document.stream.map(|c| c.map_err(|e| BrokenOff(e.to_string())));
            body = body.chain(start).chain(content).boxed_local();
        }
        let body = body.chain(once(parts.close()));
        let content_type = parts.content_type(Some(action));
        match length.flatten() {
            Some(length) => HttpResponse::Ok()
                .insert_header((CONTENT_TYPE, content_type))
                .no_chunking(length)
                .streaming(body),
            None => respond(content_type, body),
        }
    }
}

/// The answer to a message that could not be understood or was not allowed.
pub(super) fn fault(fault: &Fault, relates_to: Option<&str>) -> HttpResponse {
    let status = StatusCode::from_u16(fault.http_status()).unwrap_or(StatusCode::BAD_REQUEST);
    HttpResponse::build(status)
        .insert_header((CONTENT_TYPE, SOAP_XML))
        // What the peer still sends is not a next request.
        .force_close()
        .body(fault.write(relates_to))
}

fn respond(
    content_type: String,
    body: impl Stream<Item = Result<Bytes, BrokenOff>> + 'static,
) -> HttpResponse {
    HttpResponse::Ok().insert_header((CONTENT_TYPE, content_type)).streaming(body)
}

fn once(bytes: Bytes) -> impl Stream<Item = Result<Bytes, BrokenOff>> {
    stream::once(std::future::ready(Ok(bytes)))
}

fn whole(text: String) -> impl Stream<Item = Result<Bytes, BrokenOff>> {
    stream::iter((!text.is_empty()).then(|| Ok(Bytes::from(text))))
}

/// Bytes of a multipart answer, so that a peer can tell a broken answer from a whole one.
fn exact_length(
    parts: &MultipartWriter,
    root: &str,
    documents: &[(String, OpenDocument)],
) -> Option<u64> {
    let mut length = (parts.root(root).len() + parts.close().len()) as u64;
    for (content_id, document) in documents {
        let start = parts.part_start(content_id, &document.mime_type).len() as u64;
        length = length.checked_add(start)?.checked_add(document.size)?;
    }
    Some(length)
}
