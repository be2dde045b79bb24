//! What registers and updates metadata, answered elsewhere: ITI-61, ITI-57 and ITI-92.

use super::*;
use renkei_metadata::model::{DocumentEntry, EntryType, LocalizedText};
use renkei_metadata::update::{Propagation, Update};
use renkei_xds::transaction::{ITI_57, ITI_61, ITI_92, Transaction};
use renkei_xds::update::UpdateBuilder;

/// Sends a request to a door whose answer goes to the receiver, and answers how it ended.
fn elsewhere(
    receiver: &Receiver,
    (caller, door): (&Caller, &str),
    transaction: &Transaction,
    message: Message,
) -> Result<Status> {
    let there = receiver.url("/replies/updates");
    let message = to(message, &there)?;
    accepted(caller, door, &message)?;
    let received = receiver.next(PATIENCE)?;
    let addressing = received.reply.addressing()?;
    ensure!(addressing.action == transaction.response_action, "{addressing:?}");
    ensure!(addressing.relates_to == Some(id_of(&message)?), "{addressing:?}");
    ensure!(addressing.to.as_deref() == Some(there.as_str()), "{addressing:?}");
    let status = received.reply.registry()?.status;
    // The same message again does nothing, and gets the same answer.
    accepted(caller, door, &message)?;
    ensure!(receiver.next(PATIENCE)?.reply.registry()?.status == status);
    Ok(status)
}

/// The newest version of a document under another title.
fn retitled(entry: &DocumentEntry, title: &str) -> Result<Update> {
    let patient = entry.patient_id.as_ref().context("no patient")?;
    let set = sample::submission(patient, Vec::new()).submission_set;
    let entry = DocumentEntry { title: Some(LocalizedText::ja(title)), ..entry.clone() };
    Ok(UpdateBuilder::new(set).entry(entry, Propagation::Yes)?.build())
}

pub(super) fn metadata_is_registered_and_updated_by_answers_elsewhere(form: Form) -> Result<()> {
    let Some((w, receiver, _)) = both(form)? else { return Ok(()) };
    let patient = w.patient();
    let mut sent = sample::one(&patient, b"");
    let entry = &mut sent.entries[0];
    entry.object_type = EntryType::OnDemand;
    (entry.creation_time, entry.hash, entry.size) = (None, None, None);
    entry.repository = Some(RepositoryUniqueId(sample::new_oid()));
    let message = message::register_on_demand(&sent);
    ensure!(elsewhere(&receiver, (&w.repository, REGISTRY), &ITI_61, message)? == Status::Success);
    let query = QueryBuilder::find_documents(&patient, &AvailabilityStatus::ALL);
    let found = w.entries(query.set("$XDSDocumentEntryType", [EntryType::OnDemand.urn()]))?;
    ensure!(found.len() == 1, "{found:?}");

    let document = sample::one(&patient, b"updated");
    w.submitted(&document, &[b"updated"])?;
    let first = w.document_of(&patient)?;
    let administrator = (&w.administrator, REGISTRY);
    let message = message::update(&retitled(&first, "訂正後")?);
    ensure!(elsewhere(&receiver, administrator, &ITI_57, message)? == Status::Success);
    let second = w.document_of(&patient)?;
    ensure!((second.version, second.lid) == (Some(2), first.lid), "{second:?}");
    let message = message::update_restricted(&retitled(&second, "再訂正")?);
    ensure!(elsewhere(&receiver, administrator, &ITI_92, message)? == Status::Success);
    let third = w.document_of(&patient)?;
    ensure!(third.version == Some(3), "{third:?}");
    ensure!(third.title == Some(LocalizedText::ja("再訂正")), "{third:?}");

    // A refusal is a reply like any other: these follow a version that is no longer the newest.
    let late = retitled(&first, "遅い訂正")?;
    let message = message::update(&late);
    ensure!(elsewhere(&receiver, administrator, &ITI_57, message)? == Status::Failure);
    let message = message::update_restricted(&late);
    ensure!(elsewhere(&receiver, administrator, &ITI_92, message)? == Status::Failure);
    ensure!(w.document_of(&patient)? == third);

    // So it is at the Responding Gateway, for the gateway of another community (ITI TF-2: 3.92.4.1.2).
    let gateway = (&w.gateway, RESPONDING_GATEWAY);
    let message = message::update_restricted(&retitled(&third, "他のコミュニティから")?);
    ensure!(elsewhere(&receiver, gateway, &ITI_92, message)? == Status::Success);
    let fourth = w.document_of(&patient)?;
    ensure!(fourth.version == Some(4), "{fourth:?}");
    ensure!(fourth.title == Some(LocalizedText::ja("他のコミュニティから")), "{fourth:?}");
    let message = message::update_restricted(&retitled(&third, "遅い訂正")?);
    ensure!(elsewhere(&receiver, gateway, &ITI_92, message)? == Status::Failure);
    ensure!(w.document_of(&patient)? == fourth);
    Ok(())
}
