//! ITI-43: documents arrive before or after the list that says which they are.

use super::SoapClient;
use super::record::endings;
use crate::answer::{DocumentSink, Received, Retrieved};
use crate::error::ClientError;
use crate::incoming::{malformed, put};
use bytes::Bytes;
use futures_util::future::BoxFuture;
use renkei_atna::build;
use renkei_atna::record::{Object, Outcome};
use renkei_soap::xml::Writer;
use renkei_xds::iti41::Content;
use renkei_xds::iti43::{self, DocumentRequest};
use renkei_xds::response::{RegistryResponse, Status};
use renkei_xds::transaction::ITI_43;
use std::collections::HashMap;
use std::io;
use url::Url;
use uuid::Uuid;

/// Retrieves, and records the documents that came and those that did not.
pub(super) async fn recorded(
    client: &SoapClient,
    repository: &Url,
    requests: &[DocumentRequest],
    sink: &mut dyn DocumentSink,
) -> Result<Retrieved, ClientError> {
    let result = retrieve(client, repository, requests, sink).await;
    for ending in endings(&result, |r| (r.response.status, &r.response.errors)) {
        let objects = match &result {
            Ok(retrieved) if ending.outcome == Outcome::Success => {
                retrieved.documents.iter().map(|d| object(&d.request)).collect()
            }
            Ok(retrieved) if retrieved.response.status == Status::PartialSuccess => {
                missing(requests, &retrieved.documents)
            }
            _ => requests.iter().map(object).collect(),
        };
        client.record(&ITI_43, repository, ending, objects).await?;
    }
    result
}

fn missing(requests: &[DocumentRequest], received: &[Received]) -> Vec<Object> {
    let came = |request: &DocumentRequest| received.iter().any(|d| same(&d.request, request));
    requests.iter().filter(|r| !came(r)).map(object).collect()
}

fn object(request: &DocumentRequest) -> Object {
    let home = request.home.as_ref().map(|h| h.as_str());
    build::document(request.unique_id.as_str(), request.repository.as_str(), home)
}

/// A repository may leave out the community, or fill it in.
fn same(a: &DocumentRequest, b: &DocumentRequest) -> bool {
    a.unique_id == b.unique_id && a.repository == b.repository
}

async fn retrieve(
    client: &SoapClient,
    repository: &Url,
    requests: &[DocumentRequest],
    sink: &mut dyn DocumentSink,
) -> Result<Retrieved, ClientError> {
    let limits = &client.options.limits;
    let write = |w: &mut Writer| iti43::write_request(w, requests);
    let (answer, mut parts) = client
        .call(&ITI_43, repository, write, vec![], sink, |r, e, tolerances| {
            iti43::read_response(r, e, limits, tolerances)
        })
        .await?;
    let mut open: Vec<Option<&DocumentRequest>> = requests.iter().map(Some).collect();
    let mut documents = Vec::new();
    for document in answer.documents {
        let place = open.iter().position(|r| r.is_some_and(|r| same(r, &document.request)));
        let request = place.and_then(|at| open.get_mut(at).and_then(Option::take));
        let (Some(at), Some(request)) = (place, request) else {
            return Err(malformed("it holds a document twice, or one that was not asked for"));
        };
        let (content_id, measured) = match document.content {
            Content::Include(content_id) => {
                let measured = parts.remove(&content_id);
                let measured = measured.ok_or_else(|| malformed("a document is missing"))?;
                (content_id, measured)
            }
            Content::Inline(octets) => {
                let content_id = format!("inline.{}@renkei", Uuid::new_v4().simple());
                let measured = put(sink, &content_id, octets).await?;
                (content_id, measured)
            }
        };
        documents.push((at, received(request, document.mime_type, content_id, measured)));
    }
    documents.sort_by_key(|(at, _)| *at);
    let documents = documents.into_iter().map(|(_, document)| document).collect();
    Ok(Retrieved { response: answer.registry, documents })
}

fn received(
    request: &DocumentRequest,
    mime_type: String,
    content_id: String,
    measured: crate::incoming::Measured,
) -> Received {
    let request = request.clone();
    Received { request, mime_type, content_id, size: measured.size, sha1: measured.sha1 }
}

/// Retrieves into memory.
pub(super) async fn whole(
    client: &SoapClient,
    repository: &Url,
    requests: &[DocumentRequest],
    most_bytes: usize,
) -> Result<(RegistryResponse, Vec<Vec<u8>>), ClientError> {
    let mut memory = Memory::with_room(most_bytes);
    let retrieved = recorded(client, repository, requests, &mut memory).await?;
    let ids = retrieved.documents.iter().map(|d| d.content_id.as_str());
    let contents = ids.filter_map(|id| memory.documents.remove(id)).collect();
    Ok((retrieved.response, contents))
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
