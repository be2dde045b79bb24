//! ITI-38 Cross Gateway Query at the Responding Gateway.

use super::answer::BrokenOff;
use super::exchange::Exchange;
use super::iti_18;
use super::work::Work;
use futures_util::StreamExt;
use renkei_soap::fault::Fault;
use renkei_xds::catalogue::QUERY_VALUES;
use renkei_xds::iti18;
use renkei_xds::transaction::ITI_38;

/// Reads the query, has the gateway answer it from this community, and streams what that finds. The
/// query is on record when the gateway answers.
pub(super) async fn run(mut exchange: Exchange<'_>) -> Result<Work, Fault> {
    let (reader, body) = (&mut exchange.reader, &exchange.body);
    let query = iti18::read_request_within(&ITI_38, reader, body, QUERY_VALUES)?;
    exchange.finish().await?;
    let gateway = exchange.house.responding.clone().ok_or_else(Fault::endpoint_unavailable)?;
    let ctx = exchange.ctx;
    Ok(Work::new(&ctx.clone(), async move {
        let found = gateway.query(&ctx, &query).await;
        let objects = found.objects.map(|c| c.map_err(|e| BrokenOff(e.to_string())));
        Ok(iti_18::answer(found.status, &found.errors, objects.boxed_local()))
    }))
}
