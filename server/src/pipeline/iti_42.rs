//! ITI-42 Register Document Set-b at the Document Registry.

use super::answer::{Answer, Body};
use super::documents::Documents;
use super::exchange::Exchange;
use super::iti_18::result;
use super::iti_41::set_id;
use super::work::Work;
use renkei_soap::fault::Fault;
use renkei_xds::iti42;

/// Reads the metadata and registers it. The registry has audited success and refusal alike when it
/// answers.
pub(super) async fn run(mut exchange: Exchange<'_>) -> Result<Work, Fault> {
    let submission = iti42::read_request(&mut exchange.reader, &exchange.body)?;
    exchange.finish().await?;
    let registry = exchange.house.registry.clone().ok_or_else(Fault::endpoint_unavailable)?;
    let ctx = exchange.ctx;
    let set = submission.value.as_ref().map(set_id);
    let work = Work::new(&ctx.clone(), async move {
        let response = registry.register(&ctx, submission).await;
        let result = result(response.status);
        let body = Body::whole(move |w| response.write(w));
        Ok(Answer {
            body,
            documents: Documents::none(),
            records: Vec::new(),
            headers: Vec::new(),
            result,
        })
    });
    Ok(work.about(set))
}
