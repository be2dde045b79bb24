//! ITI-57 Update Document Set at the Document Registry.

use super::answer::{Answer, Body};
use super::documents::Documents;
use super::exchange::Exchange;
use super::iti_18::result;
use super::work::Work;
use renkei_soap::fault::Fault;
use renkei_xds::iti57;

/// Reads a metadata update and has it carried out. The registry has audited success and refusal alike when
/// it answers.
pub(super) async fn run(mut exchange: Exchange<'_>) -> Result<Work, Fault> {
    let update = iti57::read_request(&mut exchange.reader, &exchange.body)?;
    exchange.finish().await?;
    let registry = exchange.house.registry.clone().ok_or_else(Fault::endpoint_unavailable)?;
    let ctx = exchange.ctx;
    let set = update.value.as_ref().map(|u| u.submission_set.unique_id.to_string());
    let work = Work::new(&ctx.clone(), async move {
        let response = registry.update(&ctx, update).await;
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
