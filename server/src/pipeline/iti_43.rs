//! ITI-43 Retrieve Document Set at the Document Repository.

use super::answer::{Answer, Body, Record};
use super::audit;
use super::documents::Documents;
use super::exchange::Exchange;
use super::iti_18::result;
use super::on_demand;
use super::unfinished::Unfinished;
use super::work::Work;
use crate::actors::OnDemandSource;
use futures_util::{StreamExt, TryStreamExt};
use renkei_atna::record::{Object, Outcome};
use renkei_context::Ctx;
use renkei_metadata::finding::{Checked, Finding};
use renkei_on_demand::DocumentResponse;
use renkei_repository::{OpenDocument, Repository};
use renkei_soap::document::Document;
use renkei_soap::fault::Fault;
use renkei_xds::iti43::{self, DocumentPart, DocumentRequest, Made};
use renkei_xds::response::{RegistryResponse, Status};
use renkei_xds::transaction::{ITI_43, Transaction};
use std::io;

/// Opens every document before the first byte of the answer, then streams them.
pub(super) async fn run(mut exchange: Exchange<'_>) -> Result<Work, Fault> {
    let limits = &exchange.house.limits;
    let (reader, body) = (&mut exchange.reader, &exchange.body);
    let requests = iti43::read_request_within(&ITI_43, reader, body, limits)?;
    exchange.finish().await?;
    let repository = exchange.house.repository.clone().ok_or_else(Fault::endpoint_unavailable)?;
    let source = exchange.house.on_demand.clone();
    let unfinished = Unfinished::of(exchange.house, &exchange.ctx, &ITI_43);
    let ctx = exchange.ctx;
    Ok(Work::new(&ctx.clone(), async move {
        Ok(answer(&ctx, &repository, source.as_ref(), requests, unfinished).await)
    }))
}

async fn answer(
    ctx: &Ctx,
    repository: &Repository,
    source: Option<&OnDemandSource>,
    requests: Checked<Vec<DocumentRequest>>,
    unfinished: Unfinished,
) -> Answer {
    let asked = requests.value.unwrap_or_default();
    let (opened, refused) = opened(&ITI_43, ctx, repository, source, &asked).await;
    let mut findings = requests.findings;
    findings.extend(refused);
    let mut parts = Vec::new();
    let mut documents = Vec::new();
    for (number, (part, document)) in (1..).zip(opened) {
        let content_id = format!("document{number}@{}", ctx.request_id);
        parts.push(DocumentPart { content_id: content_id.clone(), ..part });
        documents.push((content_id, document));
    }
    let response = RegistryResponse::answer(&findings, !parts.is_empty(), ITI_43.reporter);
    let given: Vec<&DocumentRequest> = parts.iter().map(|part| &part.request).collect();
    let records = records(&asked, &given, &response, |r| repository.document_object(r));
    unfinished.expect(&parts, |request| repository.document_object(request));
    let result = result(response.status);
    let body = Body::whole(move |w| iti43::write_response(w, &response, &parts));
    let documents = unfinished.watch(Documents::Known(documents));
    Answer { body, documents, records, headers: Vec::new(), result }
}

/// The documents of the repository, stored or made for this, whose Content-IDs are still to be given,
/// and what is said of those that are not there.
pub(crate) async fn opened(
    transaction: &'static Transaction,
    ctx: &Ctx,
    repository: &Repository,
    source: Option<&OnDemandSource>,
    asked: &[DocumentRequest],
) -> (Vec<(DocumentPart, Document)>, Vec<Finding>) {
    let mut retrieved = repository.retrieve_by(transaction, ctx, asked.to_vec()).await;
    let made = on_demand::made(ctx, source, asked, &mut retrieved).await;
    let stored = retrieved.documents.into_iter().map(stored);
    (stored.chain(made.into_iter().map(given)).collect(), retrieved.findings)
}

/// A document of the repository as it goes into an answer.
fn stored(document: OpenDocument) -> (DocumentPart, Document) {
    let OpenDocument { request, mime_type, size, stream } = document;
    let body = renkei_soap::document::Body::Stream {
        length: Some(size),
        stream: stream.map_err(io::Error::other).boxed(),
    };
    (part(request, None, &mime_type), Document { mime_type, body })
}

/// A document that was made for the answer.
fn given(document: DocumentResponse) -> (DocumentPart, Document) {
    let DocumentResponse { request, made, mime_type, content } = document;
    let body = renkei_soap::document::Body::Bytes(content);
    (part(request, Some(made), &mime_type), Document { mime_type, body })
}

fn part(request: DocumentRequest, made: Option<Made>, mime_type: &str) -> DocumentPart {
    DocumentPart { request, made, mime_type: mime_type.to_owned(), content_id: String::new() }
}

/// What was given in one record, what was refused in another (ITI TF-2: 3.43.6.1, 3.39.6.1).
pub(super) fn records(
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
