//! ITI-43 Retrieve Document Set at the Document Repository.

use super::answer::{Answer, Body, Record};
use super::audit;
use super::documents::Documents;
use super::exchange::Exchange;
use super::iti_18::result;
use super::work::Work;
use futures_util::{StreamExt, TryStreamExt};
use renkei_atna::record::{Object, Outcome};
use renkei_context::Ctx;
use renkei_metadata::finding::Checked;
use renkei_repository::{OpenDocument, Repository};
use renkei_soap::document::Document;
use renkei_soap::fault::Fault;
use renkei_xds::iti43::{self, DocumentRequest};
use renkei_xds::response::{RegistryResponse, Status};
use renkei_xds::transaction::ITI_43;
use std::io;

/// Opens every document before the first byte of the answer, then streams them.
pub(super) async fn run(mut exchange: Exchange<'_>) -> Result<Work, Fault> {
    let limits = &exchange.house.limits;
    let requests = iti43::read_request_within(&mut exchange.reader, &exchange.body, limits)?;
    exchange.finish().await?;
    let repository = exchange.house.repository.clone().ok_or_else(Fault::endpoint_unavailable)?;
    let ctx = exchange.ctx;
    Ok(Work::new(&ctx.clone(), async move { Ok(answer(&ctx, &repository, requests).await) }))
}

async fn answer(
    ctx: &Ctx,
    repository: &Repository,
    requests: Checked<Vec<DocumentRequest>>,
) -> Answer {
    let asked = requests.value.unwrap_or_default();
    let retrieved = repository.retrieve(ctx, asked.clone()).await;
    let mut findings = requests.findings;
    findings.extend(retrieved.findings);
    let found = !retrieved.documents.is_empty();
    let response = RegistryResponse::answer(&findings, found, ITI_43.reporter);
    let documents: Vec<_> = retrieved
        .documents
        .into_iter()
        .enumerate()
        .map(|(n, d)| (format!("document{}@{}", n + 1, ctx.request_id), d))
        .collect();
    let parts: Vec<(DocumentRequest, String, String)> = documents
        .iter()
        .map(|(cid, d)| (d.request.clone(), d.mime_type.clone(), cid.clone()))
        .collect();
    let given: Vec<&DocumentRequest> = parts.iter().map(|(r, _, _)| r).collect();
    let records = records(&asked, &given, &response, |r| repository.document_object(r));
    let result = result(response.status);
    let body = Body::whole(move |w| iti43::write_response(w, &response, &parts));
    let documents = documents.into_iter().map(|(cid, d)| (cid, stored(d))).collect();
    Answer { body, documents: Documents::Known(documents), records, result }
}

/// A document of the repository as it goes into an answer.
fn stored(document: OpenDocument) -> Document {
    let body = renkei_soap::document::Body::Stream {
        length: Some(document.size),
        stream: document.stream.map_err(io::Error::other).boxed(),
    };
    Document { mime_type: document.mime_type, body }
}

/// What was given in one record, what was refused in another (ITI TF-2: 3.43.6.1).
fn records(
    asked: &[DocumentRequest],
    given: &[&DocumentRequest],
    response: &RegistryResponse,
    object: impl Fn(&DocumentRequest) -> Object,
) -> Vec<Record> {
    let mut records = Vec::new();
    if !given.is_empty() {
        let objects = given.iter().map(|r| object(r)).collect();
        records.push(Record { outcome: Outcome::Success, objects, description: None });
    }
    if response.status != Status::Success {
        let refused = asked.iter().filter(|r| !given.contains(r));
        records.push(Record {
            outcome: Outcome::SeriousFailure,
            objects: refused.map(&object).collect(),
            description: audit::codes(&response.errors),
        });
    }
    records
}
