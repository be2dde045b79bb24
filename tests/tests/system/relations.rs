//! Associations, folders and On-Demand entries over the wire (ITI TF-2: 3.42.4.1.3, 3.61.4.1.3).

use crate::expect::refused_with;
use anyhow::{Context, Result, ensure};
use renkei_metadata::ids::{ObjectId, Oid, PatientId};
use renkei_metadata::model::{
    Association, AssociationType, AvailabilityStatus, EntryType, Folder, RegistryObject, Submission,
};
use renkei_tests::world::REGISTRY;
use renkei_tests::{World, message, sample};
use renkei_xds::iti18::QueryBuilder;
use renkei_xds::response::Status;

in_every_form! {
    a_folder_is_made_and_extended
    every_relationship_is_kept
    a_folder_of_another_patient_takes_nothing
    an_on_demand_entry_is_registered_and_its_snapshot_related
}

/// Adds a new folder and, as part of the submission, the membership of its first document.
fn file_in_new_folder(s: &mut Submission, patient: &PatientId) {
    sample::bring(s, sample::folder(patient, 2025));
    file(s, &sample::symbol("Folder01"));
}

fn file(s: &mut Submission, folder: &ObjectId) {
    sample::file(s, folder, &sample::symbol("Document01"));
}

/// What a submission brought: its folders and its associations.
fn brought(w: &World, set: &Oid) -> Result<(Vec<Folder>, Vec<Association>)> {
    let query = QueryBuilder::get_submission_set_and_contents_by_unique_id(set).build();
    let (mut folders, mut links) = (Vec::new(), Vec::new());
    for object in w.query(&query)?.objects {
        match object {
            RegistryObject::Folder(f) => folders.push(*f),
            RegistryObject::Association(a) => links.push(*a),
            RegistryObject::SubmissionSet(_)
            | RegistryObject::Entry(_)
            | RegistryObject::Ref(..) => {}
        }
    }
    Ok((folders, links))
}

fn a_folder_is_made_and_extended(w: &World) -> Result<()> {
    let patient = w.patient();
    let mut sent = sample::one(&patient, b"first");
    file_in_new_folder(&mut sent, &patient);
    w.submitted(&sent, &[b"first"])?;
    let (folders, links) = brought(w, &sent.submission_set.unique_id)?;
    let folder = folders.first().context("no folder")?;
    assert_eq!((folder.status, folder.lid), (Some(AvailabilityStatus::Approved), folder.id.uuid()));
    ensure!(folder.last_update_time.is_some(), "{folder:?}");
    assert_eq!(links.len(), 4);

    // Another document goes into it, and the correction of the first one.
    let folder = folder.id.clone();
    let old = w.document_of(&patient)?;
    let mut more = sample::one(&patient, b"more");
    file(&mut more, &folder);
    w.submitted(&more, &[b"more"])?;
    let mut correction = sample::replacement(&patient, b"second", &old.id);
    file(&mut correction, &folder);
    w.submitted(&correction, &[b"second"])?;
    let found = w.documents_of(&patient)?.into_iter();
    let current = found.filter(|e| e.status == Some(AvailabilityStatus::Approved));
    assert_eq!(current.count(), 2);
    // A folder holds documents, no folders.
    let mut wrong = sample::one(&patient, b"wrong");
    file(&mut wrong, &old.id);
    refused_with(&w.submit(&wrong, &[b"wrong"])?, "XDSRegistryMetadataError")?;
    Ok(())
}

fn every_relationship_is_kept(w: &World) -> Result<()> {
    let patient = w.patient();
    for kind in [
        AssociationType::Xfrm,
        AssociationType::Apnd,
        AssociationType::Signs,
        AssociationType::XfrmRplc,
        AssociationType::Rplc,
    ] {
        let old = sample::one(&patient, b"old");
        w.submitted(&old, &[b"old"])?;
        let of_old = QueryBuilder::get_documents_by_unique_id(&[old.entries[0].unique_id.clone()]);
        let id = w.entries(of_old.clone())?.swap_remove(0).id;
        let mut new = sample::one(&patient, b"new");
        let mut link = sample::association("link", kind, &sample::symbol("Document01"), &id);
        link.documentation = Some(sample::project_code("CONVERSION", 12, "形式変換"));
        new.associations.push(link.clone());
        w.submitted(&new, &[b"new"])?;
        let (_, links) = brought(w, &new.submission_set.unique_id)?;
        // The relationship leads out of the submission and is none of its members.
        assert_eq!(links.len(), 1, "{kind:?}");
        let replaces = matches!(kind, AssociationType::Rplc | AssociationType::XfrmRplc);
        let expected = match replaces {
            true => AvailabilityStatus::Deprecated,
            false => AvailabilityStatus::Approved,
        };
        assert_eq!(w.entries(of_old)?[0].status, Some(expected), "{kind:?}");
        if replaces {
            let mut late = sample::one(&patient, b"late");
            link.association_type = AssociationType::Apnd;
            late.associations.push(link);
            refused_with(&w.submit(&late, &[b"late"])?, "XDSRegistryDeprecatedDocumentError")?;
        }
    }
    Ok(())
}

fn a_folder_of_another_patient_takes_nothing(w: &World) -> Result<()> {
    let (patient, other) = (w.patient(), w.patient());
    let mut sent = sample::one(&patient, b"x");
    file_in_new_folder(&mut sent, &patient);
    w.submitted(&sent, &[b"x"])?;
    let (folders, _) = brought(w, &sent.submission_set.unique_id)?;
    let folder = folders.first().context("no folder")?;
    let mut wrong = sample::one(&other, b"y");
    file(&mut wrong, &folder.id);
    refused_with(&w.submit(&wrong, &[b"y"])?, "XDSPatientIdDoesNotMatch")?;
    w.nothing_of(&wrong)?;
    // The same folder again is another folder.
    let mut again = sample::one(&patient, b"z");
    file_in_new_folder(&mut again, &patient);
    again.folders[0].unique_id = folder.unique_id.clone();
    refused_with(&w.submit(&again, &[b"z"])?, "XDSDuplicateUniqueIdInRegistry")?;
    assert_eq!(w.documents_of(&patient)?.len(), 1);
    Ok(())
}

fn an_on_demand_entry_is_registered_and_its_snapshot_related(w: &World) -> Result<()> {
    let patient = w.patient();
    let mut sent = sample::one(&patient, b"");
    let e = &mut sent.entries[0];
    e.object_type = EntryType::OnDemand;
    (e.creation_time, e.hash, e.size) = (None, None, None);
    e.repository = Some(renkei_metadata::ids::RepositoryUniqueId(sample::new_oid()));
    let post = |s: &Submission| -> Result<_> {
        w.repository.post(REGISTRY, &message::register_on_demand(s))?.registry()
    };
    let response = post(&sent)?;
    ensure!(response.status == Status::Success, "{response:?}");
    let found = QueryBuilder::find_documents(&patient, &[AvailabilityStatus::Approved])
        .set("$XDSDocumentEntryType", [EntryType::OnDemand.urn()]);
    let entries = w.entries(found)?;
    let entry = entries.first().context("not found")?;
    assert_eq!((entry.object_type, &entry.hash, entry.size), (EntryType::OnDemand, &None, None));
    ensure!(w.documents_of(&patient)?.is_empty(), "it is no stable document");

    let mut snapshot = sample::one(&patient, b"as it was");
    let kind = AssociationType::IsSnapshotOf;
    let new = sample::symbol("Document01");
    snapshot.associations.push(sample::association("of", kind, &new, &entry.id));
    w.submitted(&snapshot, &[b"as it was"])?;
    // Each transaction brings its own type of document.
    let response = post(&snapshot)?;
    ensure!(response.status == Status::Failure, "{response:?}");
    sent.submission_set.unique_id = sample::new_oid();
    let response = w.register(&sent)?;
    ensure!(response.errors.iter().any(|e| e.context.contains("ITI-61")), "{response:?}");
    Ok(())
}
