//! ITI-41 Provide and Register Document Set-b at the Document Repository.

use super::answer::{Answer, Body, Record};
use super::audit;
use super::exchange::{self, Exchange};
use super::iti_18::result;
use renkei_atna::build;
use renkei_atna::record::{Object, Outcome};
use renkei_soap::envelope;
use renkei_soap::fault::Fault;
use renkei_soap::message::Event;
use renkei_soap::xml::Writer;
use renkei_xds::iti41;
use renkei_xds::response::{RegistryError, RegistryResponse, Status};

/// Reads the metadata, seals each part as it arrives, and has the repository register the set.
pub(super) async fn run(mut exchange: Exchange<'_>) -> Result<Answer, Fault> {
    let house = exchange.house;
    let repository = house.repository.as_ref().ok_or_else(Fault::endpoint_unavailable)?;
    let request = iti41::read_request(
        &mut exchange.reader,
        &exchange.body,
        &house.limits,
        exchange.tolerances,
    )?;
    envelope::close(&mut exchange.reader)?;
    let mut upload = match exchange.early.take() {
        Some(upload) => upload,
        None => repository.begin(&exchange.ctx),
    };
    loop {
        match exchange.incoming.next().await? {
            Event::PartStart(part) => {
                let incoming = &mut *exchange.incoming;
                exchange::store_part(&exchange.ctx, incoming, &mut upload, &part.content_id)
                    .await?;
            }
            Event::End => break,
            Event::Root(_) | Event::Data(_) | Event::PartEnd | Event::NeedMore => {}
        }
    }
    exchange.arrived();
    let submission = request.submission.value.as_ref();
    let about = submission.map(|s| build::submission(&s.submission_set)).unwrap_or_default();
    let response = repository.provide_and_register(&exchange.ctx, upload, request).await;
    let records = match response.status {
        Status::Success => Vec::new(),
        _ => vec![refusal_record(about, &response.errors)],
    };
    let result = result(response.status);
    Ok(Answer { body: Body::Whole(xml(&response)), documents: Vec::new(), records, result })
}

/// The record of a refused submission: what it was about, as far as that could be read.
fn refusal_record(about: Vec<Object>, errors: &[RegistryError]) -> Record {
    Record { outcome: Outcome::SeriousFailure, objects: about, description: audit::codes(errors) }
}

/// A registry response as text.
pub(super) fn xml(response: &RegistryResponse) -> String {
    let mut w = Writer::new();
    response.write(&mut w);
    w.finish()
}
