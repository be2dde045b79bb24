//! ITI-92 Restricted Update Document Set at the Document Registry, and at the Responding Gateway.

use super::answer::{Answer, Body};
use super::documents::Documents;
use super::exchange::Exchange;
use super::iti_18::result;
use super::work::Work;
use renkei_context::Ctx;
use renkei_metadata::finding::Checked;
use renkei_metadata::update::Update;
use renkei_soap::fault::Fault;
use renkei_xds::iti92;
use renkei_xds::response::RegistryResponse;

/// Reads a restricted metadata update and has it carried out. The registry has audited success and refusal alike when
/// it answers.
pub(super) async fn run(exchange: Exchange<'_>) -> Result<Work, Fault> {
    let registry = exchange.house.registry.clone().ok_or_else(Fault::endpoint_unavailable)?;
    carried_out(exchange, async move |ctx, update| registry.update_restricted(&ctx, update).await)
        .await
}

/// The same at the Responding Gateway, from another community (ITI TF-1: 50, RMU).
pub(super) async fn across(exchange: Exchange<'_>) -> Result<Work, Fault> {
    let gateway = exchange.house.responding.clone().ok_or_else(Fault::endpoint_unavailable)?;
    carried_out(exchange, async move |ctx, update| gateway.update(&ctx, update).await).await
}

async fn carried_out(
    mut exchange: Exchange<'_>,
    update_by: impl AsyncFnOnce(Ctx, Checked<Update>) -> RegistryResponse + 'static,
) -> Result<Work, Fault> {
    let update = iti92::read_request(&mut exchange.reader, &exchange.body)?;
    exchange.finish().await?;
    let ctx = exchange.ctx;
    let set = update.value.as_ref().map(|u| u.submission_set.unique_id.to_string());
    let work = Work::new(&ctx.clone(), async move {
        let response = update_by(ctx, update).await;
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
