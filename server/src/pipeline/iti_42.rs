//! ITI-42 Register Document Set-b at the Document Registry.

use super::answer::{Answer, Body};
use super::exchange::Exchange;
use super::iti_18::result;
use super::iti_41::xml;
use renkei_soap::fault::Fault;
use renkei_xds::iti42;

/// Reads the metadata and registers it. The registry has audited success and refusal alike when it
/// answers.
pub(super) async fn run(mut exchange: Exchange<'_>) -> Result<Answer, Fault> {
    let submission = iti42::read_request(&mut exchange.reader, &exchange.body)?;
    exchange.finish().await?;
    let registry = exchange.house.registry.as_ref().ok_or_else(Fault::endpoint_unavailable)?;
    let response = registry.register(&exchange.ctx, submission).await;
    let body = Body::Whole(xml(&response));
    let result = result(response.status);
    Ok(Answer { body, documents: Vec::new(), records: Vec::new(), result })
}
