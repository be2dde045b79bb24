//! ITI-39 Cross Gateway Retrieve at the Responding Gateway.

use super::answer::{Answer, Body, BrokenOff};
use super::documents::Documents;
use super::exchange::Exchange;
use super::iti_18::result;
use super::iti_43::records;
use super::unfinished::Unfinished;
use super::work::Work;
use futures_util::stream::{self, StreamExt, TryStreamExt};
use renkei_atna::build;
use renkei_atna::record::Object;
use renkei_context::Ctx;
use renkei_gateway::responding::{Responding, Retrieved};
use renkei_metadata::finding::Checked;
use renkei_soap::fault::Fault;
use renkei_xds::iti43::{self, DocumentRequest};
use renkei_xds::transaction::ITI_39;
use std::sync::Arc;

/// Has the gateway open every document before the first byte of the answer, then streams them: those of
/// the repository here, and those that other repositories of the community are sending.
pub(super) async fn run(mut exchange: Exchange<'_>) -> Result<Work, Fault> {
    let limits = &exchange.house.limits;
    let (reader, body) = (&mut exchange.reader, &exchange.body);
    let requests = iti43::read_request_within(&ITI_39, reader, body, limits)?;
    exchange.finish().await?;
    let gateway = exchange.house.responding.clone().ok_or_else(Fault::endpoint_unavailable)?;
    let unfinished = Unfinished::of(exchange.house, &exchange.ctx, &ITI_39);
    let ctx = exchange.ctx;
    Ok(Work::new(
        &ctx.clone(),
        async move { Ok(answer(&ctx, &gateway, unfinished, requests).await) },
    ))
}

async fn answer(
    ctx: &Ctx,
    gateway: &Responding,
    unfinished: Unfinished,
    requests: Checked<Vec<DocumentRequest>>,
) -> Answer {
    let asked = requests.value.clone().unwrap_or_default();
    let Retrieved { response, parts, held, arriving } = gateway.retrieve(ctx, requests, None).await;
    let given: Vec<&DocumentRequest> = parts.iter().map(|part| &part.request).collect();
    let records = records(&asked, &given, &response, |request| object(gateway, request));
    unfinished.expect(&parts, |request| object(gateway, request));
    let documents = if arriving.is_empty() {
        Documents::Known(held)
    } else {
        let tell = unfinished.teller();
        let held = stream::iter(held).map(Ok);
        let arriving = stream::iter(arriving).flat_map(move |i| i.documents(Arc::clone(&tell)));
        Documents::Arriving(held.chain(arriving).map_err(BrokenOff).boxed_local())
    };
    let result = result(response.status);
    let body = Body::whole(move |w| iti43::write_response(w, &response, &parts));
    let documents = unfinished.watch(documents);
    Answer { body, documents, records, headers: Vec::new(), result }
}

/// A document of the answer: it is of this community, unless its request says otherwise.
fn object(gateway: &Responding, request: &DocumentRequest) -> Object {
    let home = request.home.as_ref().unwrap_or(gateway.home());
    let (id, repository) = (request.unique_id.as_str(), request.repository.as_str());
    build::document(id, repository, Some(home.as_str()))
}
