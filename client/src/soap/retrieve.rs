//! ITI-43: documents arrive before or after the list that says which they are.

use super::SoapClient;
use super::call::{Called, Node, Request};
use super::record::{Ending, endings};
use crate::answer::{DocumentSink, Listed, Listing, Received, Retrieved};
use crate::error::ClientError;
use crate::options::CallOptions;
use crate::response::{Measured, Parts, malformed, put};
use bytes::Bytes;
use futures_util::future::BoxFuture;
use renkei_atna::build;
use renkei_atna::record::{AuditRecord, Object, Outcome};
use renkei_soap::envelope::Envelope;
use renkei_soap::tolerance::Tolerances;
use renkei_soap::xml::{Reader, Writer};
use renkei_xds::iti41::Content;
use renkei_xds::iti43::{self, DocumentRequest};
use renkei_xds::response::Status;
use renkei_xds::transaction::{ITI_39, Transaction};
use std::collections::HashMap;
use std::io;
use std::sync::Arc;
use url::Url;
use uuid::Uuid;

/// A retrieval that is to be made.
pub(super) struct RetrieveCall {
    node: Arc<Node>,
    call: CallOptions,
    transaction: &'static Transaction,
    repository: Url,
    requests: Vec<DocumentRequest>,
}

/// EventOutcomeDescription of documents that are not in an answer which says that nothing is missing.
const UNANSWERED: &str = "unanswered";

/// Octets that stood in the envelope, under the Content-ID that was made up for them.
type Inline = Vec<(String, Vec<u8>)>;

impl RetrieveCall {
    pub(super) fn new(
        client: &SoapClient,
        transaction: &'static Transaction,
        repository: &Url,
        requests: &[DocumentRequest],
    ) -> Self {
        Self {
            transaction,
            node: Arc::clone(&client.node),
            call: client.call.clone(),
            repository: repository.clone(),
            requests: requests.to_vec(),
        }
    }

    /// Retrieves into `sink`, and records the documents that came and those that did not. `listed` hears
    /// of the list when it comes.
    pub(super) async fn run(
        self,
        sink: &mut dyn DocumentSink,
        listed: impl FnOnce(&Listing),
    ) -> Result<Retrieved, ClientError> {
        let all: Vec<Object> = self.requests.iter().map(object).collect();
        let on_record = self.node.on_record(&self.called(), vec![all]);
        let result = self.retrieve(sink, listed).await;
        let mut endings = endings(&result, |r| (r.response.status, &r.response.errors));
        if let Ok(retrieved) = &result
            && retrieved.response.status == Status::Success
            && !missing(&self.requests, &retrieved.documents).is_empty()
        {
            if retrieved.documents.is_empty() {
                endings.clear();
            }
            let description = Some(UNANSWERED.to_owned());
            endings.push(Ending { outcome: Outcome::SeriousFailure, description });
        }
        let records = endings.into_iter().map(|ending| self.record(ending, &result)).collect();
        on_record.settle(records).await?;
        result
    }

    fn record(&self, ending: Ending, result: &Result<Retrieved, ClientError>) -> AuditRecord {
        let objects = match result {
            Ok(retrieved) if ending.outcome == Outcome::Success => {
                retrieved.documents.iter().map(|d| object(&d.request)).collect()
            }
            Ok(retrieved) => missing(&self.requests, &retrieved.documents),
            Err(_) => self.requests.iter().map(object).collect(),
        };
        self.node.record(&self.called(), ending, objects)
    }

    fn called(&self) -> Called {
        let reply_to = self.call.answers.as_ref().map(|answers| answers.address().to_string());
        Called { transaction: self.transaction, url: self.repository.clone(), reply_to }
    }

    async fn retrieve(
        &self,
        sink: &mut dyn DocumentSink,
        listed: impl FnOnce(&Listing),
    ) -> Result<Retrieved, ClientError> {
        let limits = self.node.options.limits;
        let write = |w: &mut Writer| iti43::write_request(w, &self.requests);
        let request = Request::new(self.transaction, &self.repository, &self.call, write, vec![]);
        let read = |r: &mut Reader<'_>, e: &Envelope, tolerances: &mut Tolerances| {
            let answer = iti43::read_response(r, &e.body, &limits, tolerances)
                .map_err(|fault| ClientError::unreadable(&fault, &limits))?;
            let (listing, inline) = matched(&self.requests, answer, self.transaction == &ITI_39)?;
            listed(&listing);
            Ok((listing, inline))
        };
        let ((listing, inline), mut parts) = self.node.call(request, sink, read).await?;
        for (content_id, octets) in inline {
            let measured = put(sink, &content_id, octets).await?;
            parts.insert(content_id, measured);
        }
        let Listing { response, documents, .. } = listing;
        let documents = documents.into_iter().map(|listed| received(listed, &mut parts));
        Ok(Retrieved { response, documents: documents.collect::<Result<_, _>>()? })
    }
}

/// The list of an answer in the order of the requests, each of which is answered at most once. What was not
/// asked for spoils an answer of our own community; that of another one loses it, and is told of it.
fn matched(
    requests: &[DocumentRequest],
    answer: iti43::Response,
    is_lenient: bool,
) -> Result<(Listing, Inline), ClientError> {
    let mut open: Vec<Option<&DocumentRequest>> = requests.iter().map(Some).collect();
    let (mut documents, mut inline, mut unasked) = (Vec::new(), Inline::new(), Vec::new());
    for document in answer.documents {
        let place = open.iter().position(|r| r.is_some_and(|r| same(r, &document.request)));
        let request = place.and_then(|at| open.get_mut(at).and_then(Option::take));
        let (Some(at), Some(request)) = (place, request) else {
            if is_lenient {
                unasked.push(document.request);
                continue;
            }
            return Err(malformed("it holds a document twice, or one that was not asked for"));
        };
        let content_id = match document.content {
            Content::Include(content_id) => content_id,
            Content::Inline(octets) => {
                let content_id = format!("inline.{}@renkei", Uuid::new_v4().simple());
                inline.push((content_id.clone(), octets));
                content_id
            }
        };
        let (request, made, mime_type) = (request.clone(), document.made, document.mime_type);
        documents.push((at, Listed { request, made, mime_type, content_id }));
    }
    documents.sort_by_key(|(at, _)| *at);
    let documents = documents.into_iter().map(|(_, document)| document).collect();
    Ok((Listing { response: answer.registry, documents, unasked }, inline))
}

fn received(listed: Listed, parts: &mut Parts) -> Result<Received, ClientError> {
    let Listed { request, made, mime_type, content_id } = listed;
    let measured = parts.remove(&content_id);
    let Measured { size, sha1 } = measured.ok_or_else(|| malformed("a document is missing"))?;
    Ok(Received { request, made, mime_type, content_id, size, sha1 })
}

fn missing(requests: &[DocumentRequest], received: &[Received]) -> Vec<Object> {
    let came = |request: &DocumentRequest| received.iter().any(|d| same(&d.request, request));
    requests.iter().filter(|r| !came(r)).map(object).collect()
}

pub(super) fn object(request: &DocumentRequest) -> Object {
    let home = request.home.as_ref().map(|h| h.as_str());
    build::document(request.unique_id.as_str(), request.repository.as_str(), home)
}

/// A repository may leave out the community, or fill it in.
fn same(a: &DocumentRequest, b: &DocumentRequest) -> bool {
    a.unique_id == b.unique_id && a.repository == b.repository
}

/// Documents in memory.
#[derive(Default)]
pub(super) struct Memory {
    left: usize,
    open: (String, Vec<u8>),
    documents: HashMap<String, Vec<u8>>,
}

impl Memory {
    /// Room for `left` octets.
    pub(super) fn with_room(left: usize) -> Self {
        Self { left, ..Self::default() }
    }

    /// The documents that were received, in their order.
    pub(super) fn take_all(&mut self, received: &[Received]) -> Vec<Vec<u8>> {
        let ids = received.iter().map(|d| d.content_id.as_str());
        ids.filter_map(|id| self.documents.remove(id)).collect()
    }

    fn take(&mut self, octets: &Bytes) -> io::Result<()> {
        let left = self.left.checked_sub(octets.len());
        self.left = left.ok_or(io::ErrorKind::FileTooLarge)?;
        self.open.1.extend_from_slice(octets);
        Ok(())
    }
}

impl DocumentSink for Memory {
    fn begin<'a>(&'a mut self, content_id: &'a str) -> BoxFuture<'a, io::Result<()>> {
        self.open = (content_id.to_owned(), Vec::new());
        Box::pin(async { Ok(()) })
    }

    fn data(&mut self, octets: Bytes) -> BoxFuture<'_, io::Result<()>> {
        let taken = self.take(&octets);
        Box::pin(async { taken })
    }

    fn end(&mut self) -> BoxFuture<'_, io::Result<()>> {
        let (content_id, octets) = std::mem::take(&mut self.open);
        self.documents.insert(content_id, octets);
        Box::pin(async { Ok(()) })
    }
}
