//! ITI-41 Provide and Register Document Set-b at the Document Repository.

use super::answer::{Answer, Body, Record};
use super::audit;
use super::documents::Documents;
use super::exchange::{self, Exchange};
use super::iti_18::result;
use super::on_demand;
use super::work::Work;
use renkei_atna::build;
use renkei_atna::record::{Object, Outcome};
use renkei_metadata::model::Submission;
use renkei_repository::Provided;
use renkei_soap::envelope;
use renkei_soap::fault::Fault;
use renkei_soap::message::Event;
use renkei_xds::iti41;
use renkei_xds::response::{RegistryError, Status};

/// Reads the metadata, seals each part as it arrives, and has the repository register the set.
pub(super) async fn run(mut exchange: Exchange<'_>) -> Result<Work, Fault> {
    let house = exchange.house;
    let repository = house.repository.clone().ok_or_else(Fault::endpoint_unavailable)?;
    let request = iti41::read_request(
        &mut exchange.reader,
        &exchange.body,
        &house.limits,
        exchange.tolerances,
    )?;
    envelope::close(&mut exchange.reader)?;
    let mut references = request.references();
    let mut upload = match exchange.early.take() {
        Some(mut upload) => {
            for part in upload.parts() {
                let name = references.take(&part, exchange.tolerances)?;
                upload.rename(&part, &name);
            }
            upload
        }
        None => repository.begin(&exchange.ctx),
    };
    loop {
        match exchange.request.next().await? {
            Event::PartStart(part) => {
                let name = references.take(&part.content_id, exchange.tolerances)?;
                let rest = &mut *exchange.request;
                exchange::store_part(&exchange.ctx, rest, &mut upload, &part.content_id, &name)
                    .await?;
            }
            Event::End => break,
            Event::Root(_) | Event::Data(_) | Event::PartEnd | Event::NeedMore => {}
        }
    }
    exchange.arrived();
    let parts = renkei_exchange::parts(upload.arrived());
    let mut ctx = exchange.ctx;
    if let Some(message) = &mut ctx.message {
        message.parts = Some(parts);
    }
    let submission = request.submission.value.as_ref();
    let about = submission.map(|s| build::submission(&s.submission_set)).unwrap_or_default();
    let set = submission.map(set_id);
    let source = house.on_demand.clone().filter(|source| source.is_automatic);
    let entries = source.as_ref().zip(submission).map(|(source, s)| source.source.readers(s));
    let work = Work::new(&ctx.clone(), async move {
        let Provided { response, open } =
            repository.provide_and_register(&ctx, upload, request).await;
        if let Some(source) = source.filter(|_| response.status == Status::Success) {
            on_demand::announce(&ctx, &source, entries.unwrap_or_default()).await;
        }
        let records = match response.status {
            Status::Success => Vec::new(),
            // The repository records the outcome when it knows it: one request has one.
            Status::PartialSuccess | Status::Failure if open => Vec::new(),
            Status::PartialSuccess | Status::Failure => {
                vec![refusal_record(about, &response.errors)]
            }
        };
        let result = result(response.status);
        let body = Body::whole(move |w| response.write(w));
        Ok(Answer { body, documents: Documents::none(), records, headers: Vec::new(), result })
    });
    Ok(work.about(set).with_parts(parts))
}

/// By what the outcome of a submission can be asked for.
pub(super) fn set_id(submission: &Submission) -> String {
    submission.submission_set.unique_id.to_string()
}

/// The record of a refused submission: what it was about, as far as that could be read.
fn refusal_record(about: Vec<Object>, errors: &[RegistryError]) -> Record {
    Record { outcome: Outcome::SeriousFailure, objects: about, description: audit::codes(errors) }
}
