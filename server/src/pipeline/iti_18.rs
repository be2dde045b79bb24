//! ITI-18 Registry Stored Query and ITI-51 Multi-Patient Stored Query at the Document Registry.

use super::answer::{Answer, Body, BrokenOff};
use super::buffers::Octets;
use super::documents::Documents;
use super::exchange::Exchange;
use super::work::Work;
use futures_util::StreamExt;
use renkei_soap::fault::Fault;
use renkei_xds::catalogue::QUERY_VALUES;
use renkei_xds::iti18;
use renkei_xds::response::{RegistryError, Status};
use renkei_xds::transaction::{ITI_51, Transaction};

/// Reads the query, has the registry answer it, and streams what it finds. The registry has audited
/// the query when it answers.
pub(super) async fn run(
    transaction: &'static Transaction,
    mut exchange: Exchange<'_>,
) -> Result<Work, Fault> {
    let (reader, body) = (&mut exchange.reader, &exchange.body);
    let query = iti18::read_request_within(transaction, reader, body, QUERY_VALUES)?;
    exchange.finish().await?;
    let registry = exchange.house.registry.clone().ok_or_else(Fault::endpoint_unavailable)?;
    let ctx = exchange.ctx;
    Ok(Work::new(&ctx.clone(), async move {
        let found = if transaction == &ITI_51 {
            registry.query_patients(&ctx, &query).await
        } else {
            registry.query(&ctx, &query).await
        };
        let objects = found.body.map(|c| c.map_err(|e| BrokenOff(e.to_string())));
        Ok(answer(found.status, &found.errors, objects.boxed_local()))
    }))
}

/// The answer to a query that is on record.
pub(super) fn answer(status: Status, errors: &[RegistryError], objects: Octets) -> Answer {
    let (head, tail) = iti18::response_frame(status, errors);
    let body = Body::Streamed { head, objects, tail };
    let (documents, records) = (Documents::none(), Vec::new());
    Answer { body, documents, records, headers: Vec::new(), result: result(status) }
}

/// The word for the metrics.
pub(super) const fn result(status: Status) -> &'static str {
    match status {
        Status::Success => "success",
        Status::PartialSuccess => "partial",
        Status::Failure => "failure",
    }
}
