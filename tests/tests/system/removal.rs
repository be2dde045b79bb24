//! ITI-86 and ITI-62: what an administrator removes is gone, and nothing else (ITI TF-2: 3.62, 3.86).

use crate::expect::{codes, fault, plain, refused};
use anyhow::{Result, ensure};
use renkei_metadata::ids::{EntryUuid, RepositoryUniqueId, UniqueId};
use renkei_metadata::model::{RegistryObject, Submission};
use renkei_soap::fault::FaultCode;
use renkei_tests::world::{REGISTRY, REPOSITORY};
use renkei_tests::{Form, Start, World, message, sample, whole};
use renkei_xds::iti18::QueryBuilder;
use renkei_xds::iti43::DocumentRequest;
use renkei_xds::response::Status;
use std::time::Duration;

on_every_database! {
    documents_are_removed_and_can_no_longer_be_retrieved
    of_another_repository_or_unknown_nothing_is_removed
    of_a_mixture_the_rest_is_removed
    only_an_administrator_removes_documents
    a_request_for_nothing_is_refused
    metadata_goes_as_a_whole_or_not_at_all
    only_an_administrator_removes_metadata
    a_list_that_names_nothing_is_refused
}

/// A new document of a new patient.
fn submit(w: &World, content: &[u8]) -> Result<UniqueId> {
    let sent = sample::one(&w.patient(), content);
    w.submitted(&sent, &[content])?;
    Ok(sent.entries[0].unique_id.clone())
}

/// Whether the document can be retrieved; if not, as one that never was.
fn is_there(w: &World, id: &UniqueId) -> Result<bool> {
    let got = w.retrieve(&[w.request(id)?])?;
    if got.response.status == Status::Success {
        return Ok(true);
    }
    refused(&got.response, &["XDSDocumentUniqueIdError"])?;
    Ok(false)
}

fn documents_are_removed_and_can_no_longer_be_retrieved(w: &World) -> Result<()> {
    let (one, two, other) = (submit(w, b"one")?, submit(w, b"two")?, submit(w, b"other")?);
    let response = w.remove_documents(&[w.request(&one)?, w.request(&two)?])?;
    assert_eq!((response.status, response.errors.len()), (Status::Success, 0));
    ensure!(!is_there(w, &one)? && !is_there(w, &two)? && is_there(w, &other)?);
    let response = w.remove_documents(&[w.request(&one)?])?;
    refused(&response, &["XDSDocumentUniqueIdError"])
}

fn of_another_repository_or_unknown_nothing_is_removed(w: &World) -> Result<()> {
    let there = submit(w, b"there")?;
    let repository = RepositoryUniqueId::parse("1.2.3.4.5")?;
    let elsewhere = DocumentRequest { repository, ..w.request(&there)? };
    refused(&w.remove_documents(&[elsewhere])?, &["XDSUnknownRepositoryId"])?;
    let unknown = w.request(&sample::new_unique_id())?;
    let response = w.remove_documents(std::slice::from_ref(&unknown))?;
    refused(&response, &["XDSDocumentUniqueIdError"])?;
    ensure!(response.errors[0].context.contains(unknown.unique_id.as_str()), "{response:?}");
    ensure!(is_there(w, &there)?);
    Ok(())
}

fn of_a_mixture_the_rest_is_removed(w: &World) -> Result<()> {
    let there = submit(w, b"there")?;
    let missing = sample::new_unique_id();
    let response = w.remove_documents(&[w.request(&missing)?, w.request(&there)?])?;
    assert_eq!(response.status, Status::PartialSuccess);
    assert_eq!(codes(&response), ["XDSDocumentUniqueIdError"]);
    assert_eq!(response.errors[0].location, missing.as_str());
    ensure!(response.errors[0].context.contains(missing.as_str()));
    plain(&response.errors[0].context)?;
    ensure!(!is_there(w, &there)?);
    Ok(())
}

fn only_an_administrator_removes_documents(w: &World) -> Result<()> {
    let there = submit(w, b"there")?;
    let message = message::remove_documents(&[w.request(&there)?]);
    for caller in [&w.source, &w.consumer, &w.repository] {
        fault(&caller.post(REPOSITORY, &message)?, FaultCode::Sender)?;
    }
    ensure!(is_there(w, &there)?);
    Ok(())
}

fn a_request_for_nothing_is_refused(w: &World) -> Result<()> {
    refused(&w.remove_documents(&[])?, &["XDSRemoveDocumentsError"])
}

/// Every object of a submission, by the answer to GetSubmissionSetAndContents: the SubmissionSet first.
fn contents(w: &World, sent: &Submission) -> Result<Vec<EntryUuid>> {
    let set = &sent.submission_set.unique_id;
    let query = QueryBuilder::get_submission_set_and_contents_by_unique_id(set).build();
    let answer = w.query(&query)?;
    ensure!(answer.status == Status::Success, "{answer:?}");
    let id = |object: &RegistryObject| match object {
        RegistryObject::SubmissionSet(set) => set.id.uuid(),
        RegistryObject::Entry(entry) => entry.id.uuid(),
        RegistryObject::Folder(folder) => folder.id.uuid(),
        RegistryObject::Association(association) => association.id.uuid(),
        RegistryObject::Ref(..) => None,
    };
    let mut objects = answer.objects;
    objects.sort_by_key(|o| !matches!(o, RegistryObject::SubmissionSet(_)));
    Ok(objects.iter().filter_map(id).collect())
}

fn metadata_goes_as_a_whole_or_not_at_all(w: &World) -> Result<()> {
    let patient = w.patient();
    let sent = sample::one(&patient, b"x");
    w.submitted(&sent, &[b"x"])?;
    let all = contents(w, &sent)?;
    assert_eq!(all.len(), 3, "SubmissionSet, DocumentEntry, HasMember");
    refused(&w.remove_metadata(&all[..1])?, &["ReferencesExistException"])?;
    let unknown = EntryUuid(uuid::Uuid::new_v4());
    let response = w.remove_metadata(&[unknown])?;
    refused(&response, &["UnresolvedReferenceException"])?;
    assert_eq!(response.errors[0].location, unknown.to_string());
    assert_eq!(w.documents_of(&patient)?.len(), 1);
    let response = w.remove_metadata(&all)?;
    assert_eq!((response.status, response.errors.len()), (Status::Success, 0));
    ensure!(w.documents_of(&patient)?.is_empty() && contents(w, &sent)?.is_empty());
    refused(&w.remove_metadata(&all[..1])?, &["UnresolvedReferenceException"])?;
    // The repository keeps the document until it is told by ITI-86.
    let id = &sent.entries[0].unique_id;
    ensure!(is_there(w, id)?);
    ensure!(w.remove_documents(&[w.request(id)?])?.status == Status::Success);
    Ok(())
}

fn only_an_administrator_removes_metadata(w: &World) -> Result<()> {
    let sent = sample::one(&w.patient(), b"x");
    w.submitted(&sent, &[b"x"])?;
    let message = message::remove_metadata(&contents(w, &sent)?);
    for caller in [&w.source, &w.consumer, &w.repository] {
        fault(&caller.post(REGISTRY, &message)?, FaultCode::Sender)?;
    }
    assert_eq!(contents(w, &sent)?.len(), 3);
    Ok(())
}

fn a_list_that_names_nothing_is_refused(w: &World) -> Result<()> {
    refused(&w.remove_metadata(&[])?, &["XDSRegistryMetadataError"])
}

/// Entries whose document an administrator removed lack nothing.
#[test]
fn a_house_is_whole_after_a_removal() -> Result<()> {
    for form in Form::all() {
        let w = World::start(Start::new(form))?;
        let id = submit(&w, b"gone")?;
        submit(&w, b"stays")?;
        ensure!(w.remove_documents(&[w.request(&id)?])?.status == Status::Success);
        let settled = Duration::from_secs(10);
        let counts = whole::settled(w.renkei.place(), &w.renkei.settings(), settled)?;
        ensure!(counts.faults() == [0; 4] && counts.documents == 2, "{form:?}: {counts:?}");
    }
    Ok(())
}
