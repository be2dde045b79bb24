//! ITI-62 Remove Metadata at the Document Registry.

use super::answer::{Answer, Body};
use super::documents::Documents;
use super::exchange::Exchange;
use super::iti_18::result;
use super::work::Work;
use renkei_soap::fault::Fault;
use renkei_xds::iti62;

/// Reads which objects are to go and has the registry remove them. It has audited success and refusal
/// alike when it answers.
pub(super) async fn run(mut exchange: Exchange<'_>) -> Result<Work, Fault> {
    let limits = &exchange.house.limits;
    let request = iti62::read_request_within(&mut exchange.reader, &exchange.body, limits)?;
    exchange.finish().await?;
    let registry = exchange.house.registry.clone().ok_or_else(Fault::endpoint_unavailable)?;
    let ctx = exchange.ctx;
    Ok(Work::new(&ctx.clone(), async move {
        let response = registry.remove_metadata(&ctx, request).await;
        let result = result(response.status);
        let body = Body::whole(move |w| response.write(w));
        Ok(Answer {
            body,
            documents: Documents::none(),
            records: Vec::new(),
            headers: Vec::new(),
            result,
        })
    }))
}
