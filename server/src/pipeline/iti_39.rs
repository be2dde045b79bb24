//! ITI-39 Cross Gateway Retrieve at the Responding Gateway.

use super::answer::{Answer, Body, BrokenOff};
use super::documents::Documents;
use super::exchange::Exchange;
use super::iti_18::result;
use super::iti_43::records;
use super::work::Work;
use crate::house::House;
use futures_util::stream::{self, StreamExt, TryStreamExt};
use renkei_atna::build;
use renkei_atna::record::{Object, Outcome};
use renkei_atna::sink::Sink;
use renkei_audit::AuditContext;
use renkei_context::Ctx;
use renkei_gateway::responding::{Arriving, Responding, Retrieved};
use renkei_metadata::finding::Checked;
use renkei_soap::document::{Body as Octets, Document};
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
    let break_off = BreakOff::of(exchange.house, &exchange.ctx);
    let ctx = exchange.ctx;
    Ok(Work::new(
        &ctx.clone(),
        async move { Ok(answer(&ctx, &gateway, break_off, requests).await) },
    ))
}

async fn answer(
    ctx: &Ctx,
    gateway: &Responding,
    break_off: BreakOff,
    requests: Checked<Vec<DocumentRequest>>,
) -> Answer {
    let asked = requests.value.clone().unwrap_or_default();
    let Retrieved { response, parts, held, arriving } = gateway.retrieve(ctx, requests).await;
    let given: Vec<&DocumentRequest> = parts.iter().map(|part| &part.request).collect();
    let records = records(&asked, &given, &response, |request| object(gateway, request));
    let documents = match arriving {
        None => Documents::Known(held),
        Some(arriving) => {
            let others = given.iter().skip(held.len());
            let objects = others.map(|request| object(gateway, request)).collect();
            let arriving = BreakOff { objects, ..break_off }.watch(arriving);
            let held = stream::iter(held).map(Ok);
            let all = held.chain(arriving).map_err(|e| BrokenOff(e.to_string()));
            Documents::Arriving(all.boxed_local())
        }
    };
    let result = result(response.status);
    let body = Body::whole(move |w| iti43::write_response(w, &response, &parts));
    Answer { body, documents, records, headers: Vec::new(), result }
}

/// A document of the answer: it is of this community, unless its request says otherwise.
fn object(gateway: &Responding, request: &DocumentRequest) -> Object {
    let home = request.home.as_ref().unwrap_or(gateway.home());
    let (id, repository) = (request.unique_id.as_str(), request.repository.as_str());
    build::document(id, repository, Some(home.as_str()))
}

/// What is recorded when documents that were announced do not come to their end.
struct BreakOff {
    sink: Arc<dyn Sink>,
    own: AuditContext,
    ctx: Ctx,
    objects: Vec<Object>,
}

impl BreakOff {
    fn of(house: &House, ctx: &Ctx) -> Self {
        let own = AuditContext { local: house.local.clone() };
        Self { sink: Arc::clone(&house.audit), own, ctx: ctx.clone(), objects: Vec::new() }
    }

    async fn record(&self) {
        let Self { sink, own, ctx, objects } = self;
        let text = Some("the answer was broken off".to_owned());
        let failed = Outcome::SeriousFailure;
        let record = own.server(ctx, &ITI_39.audit, failed, objects.clone(), text);
        if let Err(error) = sink.record(record).await {
            tracing::error!(%error, "that an answer was broken off is not on record");
        }
    }

    /// The same documents; the first error among them is recorded. There is none after it.
    fn watch(self, arriving: Arriving) -> Arriving {
        let this = Arc::new(self);
        arriving
            .then(move |next| {
                let this = Arc::clone(&this);
                async move {
                    if next.is_err() {
                        this.record().await;
                    }
                    next.map(|(content_id, document)| (content_id, this.watch_octets(document)))
                }
            })
            .boxed()
    }

    fn watch_octets(self: Arc<Self>, document: Document) -> Document {
        let Document { mime_type, body } = document;
        let length = body.length();
        let stream = body.into_stream().then(move |octets| {
            let this = Arc::clone(&self);
            async move {
                if octets.is_err() {
                    this.record().await;
                }
                octets
            }
        });
        Document { mime_type, body: Octets::Stream { length, stream: stream.boxed() } }
    }
}
