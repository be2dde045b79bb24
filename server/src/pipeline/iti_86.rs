//! ITI-86 Remove Documents at the Document Repository.

use super::answer::{Answer, Body, Record};
use super::audit;
use super::documents::Documents;
use super::exchange::Exchange;
use super::iti_18::result;
use super::work::Work;
use renkei_atna::record::Outcome;
use renkei_context::Ctx;
use renkei_metadata::finding::Checked;
use renkei_repository::{Removed, Repository};
use renkei_soap::fault::Fault;
use renkei_xds::iti43::DocumentRequest;
use renkei_xds::iti86;
use renkei_xds::response::{RegistryResponse, Status};
use renkei_xds::transaction::ITI_86;
use std::collections::HashSet;

/// Reads the names and has the repository remove the documents. It has audited what it removed when it
/// answers.
pub(super) async fn run(mut exchange: Exchange<'_>) -> Result<Work, Fault> {
    let limits = &exchange.house.limits;
    let requests = iti86::read_request_within(&mut exchange.reader, &exchange.body, limits)?;
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
    let Removed { findings, documents } = repository.remove_documents(ctx, asked.clone()).await;
    let findings = [requests.findings, findings].concat();
    let response = RegistryResponse::answer(&findings, !documents.is_empty(), ITI_86.reporter);
    let mut records = Vec::new();
    if response.status != Status::Success {
        let gone: HashSet<&DocumentRequest> = documents.iter().collect();
        let kept = asked.iter().filter(|r| !gone.contains(r));
        records.push(Record {
            outcome: Outcome::SeriousFailure,
            objects: kept.map(|r| repository.erased_object(r)).collect(),
            description: audit::codes(&response.errors),
        });
    }
    let result = result(response.status);
    let body = Body::whole(move |w| response.write(w));
    Answer { body, documents: Documents::none(), records, headers: Vec::new(), result }
}
