//! An answer that comes as a message of its own (ITI TF-2: V.5): read as it arrives, its documents into a
//! sink.

use crate::answer::DocumentSink;
use crate::error::ClientError;
use crate::response::{Measured, Meter, Parts, bounded, malformed, put};
use crate::soap::{Ending, endings};
use bytes::Bytes;
use futures_util::stream::{Stream, StreamExt};
use renkei_soap::envelope;
use renkei_soap::fault::Fault;
use renkei_soap::limits::MessageLimits;
use renkei_soap::message::{Event, MessageReader};
use renkei_soap::tolerance::Tolerances;
use renkei_soap::xml::{Element, Reader, ns};
use renkei_xds::iti18::{self, QueryResponse};
use renkei_xds::iti41::Content;
use renkei_xds::iti43;
use renkei_xds::response::RegistryResponse;
use std::io;
use uuid::Uuid;

/// What an answer says.
#[derive(Debug)]
pub enum Answered {
    /// To a submission.
    Registry(RegistryResponse),
    /// To a query.
    Query(QueryResponse),
    /// To a retrieval; the documents went into the sink.
    Retrieved(crate::Retrieved),
    /// The request failed altogether.
    Fault(Fault),
}

/// An answer that came, whole.
#[derive(Debug)]
pub struct Reply {
    /// The wsa:MessageID of the request.
    pub relates_to: String,
    /// Its own wsa:MessageID.
    pub message_id: Option<String>,
    /// Its envelope, as it came.
    pub envelope: String,
    /// What it says.
    pub answer: Answered,
}

impl Answered {
    pub(crate) fn endings(&self) -> Vec<Ending> {
        match self {
            Self::Registry(r) => endings(&Ok(r), |r| (r.status, &r.errors)),
            Self::Query(q) => endings(&Ok(q), |q| (q.status, &q.errors)),
            Self::Retrieved(r) => endings(&Ok(r), |r| (r.response.status, &r.response.errors)),
            Self::Fault(fault) => {
                let failed: Result<(), _> = Err(ClientError::Fault(fault.clone()));
                endings(&failed, |()| (renkei_xds::response::Status::Failure, &[]))
            }
        }
    }
}

/// What the envelope says, before the documents are here.
enum Said {
    Registry(RegistryResponse),
    Query(QueryResponse),
    Retrieved(iti43::Response),
    Fault(Fault),
}

/// Reads a reply. `awaits` says whether an answer to the request with this wsa:MessageID is awaited, and is
/// asked before any document behind the envelope is taken.
///
/// # Errors
/// When the message is no reply, or none that is awaited, or the sink fails.
pub async fn read_reply<S>(
    content_type: &str,
    mut body: S,
    limits: &MessageLimits,
    sink: &mut dyn DocumentSink,
    awaits: impl Fn(&str) -> bool,
) -> Result<Reply, ClientError>
where
    S: Stream<Item = io::Result<Bytes>> + Unpin,
{
    let unreadable = |fault: Fault| ClientError::unreadable(&fault, limits);
    let mut reader = MessageReader::new(content_type, limits).map_err(unreadable)?;
    let mut meter = Meter::new(sink);
    let (mut head, mut parts) = (None, Parts::new());
    loop {
        match reader.next().map_err(unreadable)? {
            Event::NeedMore => match body.next().await {
                Some(Ok(chunk)) => reader.push(chunk),
                Some(Err(_)) => return Err(malformed("the connection broke inside the reply")),
                None => reader.finish(),
            },
            Event::Root(text) => {
                let opened = open(&text, limits)?;
                if !awaits(&opened.0) {
                    return Err(malformed(
                        "its wsa:RelatesTo names no request that awaits an answer",
                    ));
                }
                head = Some((opened, text));
            }
            Event::PartStart(part) => meter.begin(part.content_id).await?,
            Event::Data(octets) => meter.data(octets).await?,
            Event::PartEnd => parts.extend(meter.end().await?),
            Event::End => break,
        }
    }
    let ((relates_to, message_id, said), envelope) =
        head.ok_or_else(|| malformed("it has no envelope"))?;
    let answer = match said {
        Said::Registry(response) => Answered::Registry(response),
        Said::Query(response) => Answered::Query(response),
        Said::Fault(fault) => Answered::Fault(bounded(fault)),
        Said::Retrieved(response) => Answered::Retrieved(whole(response, parts, sink).await?),
    };
    Ok(Reply { relates_to, message_id, envelope, answer })
}

/// wsa:RelatesTo, wsa:MessageID and the body of an envelope.
fn open(text: &str, limits: &MessageLimits) -> Result<(String, Option<String>, Said), ClientError> {
    let unreadable = |fault: Fault| ClientError::unreadable(&fault, limits);
    let mut reader = Reader::new(text, limits.xml);
    let mut tolerances = Tolerances::default();
    let opened = envelope::open(&mut reader, &mut tolerances).map_err(unreadable)?;
    let addressing = opened.addressing;
    let relates_to = addressing.relates_to.ok_or_else(|| malformed("it has no wsa:RelatesTo"))?;
    let said = said(&mut reader, &opened.body, limits, &mut tolerances).map_err(unreadable)?;
    envelope::close(&mut reader).map_err(unreadable)?;
    Ok((relates_to, addressing.message_id, said))
}

fn said(
    reader: &mut Reader<'_>,
    body: &Element,
    limits: &MessageLimits,
    tolerances: &mut Tolerances,
) -> Result<Said, Fault> {
    if Fault::is_fault(body) {
        Fault::read(reader).map(Said::Fault).map_err(|e| Fault::xml(&e))
    } else if body.is(ns::QUERY, "AdhocQueryResponse") {
        iti18::read_response(reader, body).map(Said::Query)
    } else if body.is(ns::XDSB, "RetrieveDocumentSetResponse") {
        iti43::read_response(reader, body, limits, tolerances).map(Said::Retrieved)
    } else {
        RegistryResponse::read(reader, body).map(Said::Registry)
    }
}

/// Joins the list of a retrieval with the documents that came.
async fn whole(
    response: iti43::Response,
    mut parts: Parts,
    sink: &mut dyn DocumentSink,
) -> Result<crate::Retrieved, ClientError> {
    let mut documents = Vec::new();
    for document in response.documents {
        let (content_id, measured) = match document.content {
            Content::Include(content_id) => {
                let measured = parts.remove(&content_id);
                (content_id, measured.ok_or_else(|| malformed("a document is missing"))?)
            }
            Content::Inline(octets) => {
                let content_id = format!("inline.{}@renkei", Uuid::new_v4().simple());
                let measured = put(sink, &content_id, octets).await?;
                (content_id, measured)
            }
        };
        let (request, made, mime_type) = (document.request, document.made, document.mime_type);
        let Measured { size, sha1 } = measured;
        documents.push(crate::Received { request, made, mime_type, content_id, size, sha1 });
    }
    Ok(crate::Retrieved { response: response.registry, documents })
}
