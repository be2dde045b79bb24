//! Folders: made, extended, inherited, and when they changed (ITI TF-2: 3.42.4.1.3.4 to .6).

use super::searching::{asking, find, named, of_patients};
use super::world::{
    World, bring, dtm, entry, file, folder, patient, replacement, submission, with_uuid,
};
use crate::store::key::Id;
use diesel::connection::SimpleConnection;
use renkei_context::Scope;
use renkei_database::{DatabaseError, Db, each};
use renkei_metadata::ids::{EntryUuid, ObjectId, PatientId};
use renkei_metadata::model::{
    Association, AssociationType, AvailabilityStatus, Folder, RegistryObject, Submission,
};
use renkei_xds::iti18::QueryBuilder;

const APRIL: &str = "2026-04-01T00:00:00Z";
const MAY: &str = "2026-05-01T01:02:03Z";

async fn everything(w: &World, p: &PatientId) -> Vec<RegistryObject> {
    find(w, &asking(named("GetAll"), of_patients([p]), []), &Scope::Everything).await
}

async fn folders(w: &World, p: &PatientId) -> Vec<Folder> {
    let only = |o| match o {
        RegistryObject::Folder(f) => Some(*f),
        _ => None,
    };
    everything(w, p).await.into_iter().filter_map(only).collect()
}

/// The memberships of a folder: those in it, and how many of them are part of a SubmissionSet.
async fn members(w: &World, p: &PatientId, folder: EntryUuid) -> (Vec<ObjectId>, usize) {
    let only = |o| match o {
        RegistryObject::Association(a) => Some(*a),
        _ => None,
    };
    let all: Vec<Association> = everything(w, p).await.into_iter().filter_map(only).collect();
    let folder = ObjectId::Uuid(folder);
    let of_folder: Vec<&Association> = all.iter().filter(|a| a.source == folder).collect();
    let of_sets = all.iter().filter(|a| of_folder.iter().any(|m| m.id == a.target)).count();
    (of_folder.iter().map(|a| a.target.clone()).collect(), of_sets)
}

/// A submission of a new folder with a new document.
fn filed(p: &PatientId) -> (Submission, EntryUuid, EntryUuid) {
    let ((e, id), (f, folder_id)) = (with_uuid(entry(p)), folder(p));
    let mut s = submission(p, vec![e]);
    bring(&mut s, f);
    file(&mut s, folder_id, &ObjectId::Uuid(id));
    (s, folder_id, id)
}

#[tokio::test]
async fn a_folder_is_registered_alone_and_as_it_was_sent() {
    for w in World::each() {
        let p = patient("1");
        let (mut f, id) = folder(&p);
        // What the source says of it is not to be trusted.
        f.last_update_time = Some(dtm("20200101"));
        f.status = Some(AvailabilityStatus::Deprecated);
        let mut s = submission(&p, Vec::new());
        bring(&mut s, f.clone());
        w.accept_at(MAY, s).await;
        let (lid, version) = (Some(id), Some(1));
        let (status, now) = (Some(AvailabilityStatus::Approved), Some(dtm("20260501010203")));
        let expected = Folder { lid, version, status, last_update_time: now, ..f };
        assert_eq!(folders(&w, &p).await, [expected]);
    }
}

#[tokio::test]
async fn documents_go_into_new_folders_and_into_registered_ones() {
    for w in World::each() {
        let p = patient("1");
        let (s, folder, first) = filed(&p);
        w.accept_at(APRIL, s).await;
        let ((new, new_id), (other, other_id)) = (with_uuid(entry(&p)), with_uuid(entry(&p)));
        let mut s = submission(&p, vec![new]);
        file(&mut s, folder, &ObjectId::Uuid(new_id));
        w.accept_at("2026-04-02T00:00:00Z", s).await;
        assert_eq!(folders(&w, &p).await[0].last_update_time, Some(dtm("20260402000000")));
        w.accept_at("2026-04-03T00:00:00Z", submission(&p, vec![other])).await;
        assert_eq!(folders(&w, &p).await[0].last_update_time, Some(dtm("20260402000000")));
        // A registered document into a registered folder.
        let mut s = submission(&p, Vec::new());
        file(&mut s, folder, &ObjectId::Uuid(other_id));
        w.accept_at(MAY, s).await;
        assert_eq!(folders(&w, &p).await[0].last_update_time, Some(dtm("20260501010203")));
        let ids = [first, new_id, other_id].map(ObjectId::Uuid);
        assert_eq!(members(&w, &p, folder).await, (ids.to_vec(), 3));
        // A server whose clock is behind takes nothing back.
        let mut s = submission(&p, vec![entry(&p)]);
        let id = s.entries[0].id.clone();
        file(&mut s, folder, &id);
        w.accept_at(APRIL, s).await;
        assert_eq!(folders(&w, &p).await[0].last_update_time, Some(dtm("20260501010203")));
    }
}

#[tokio::test]
async fn a_replacement_is_in_the_folders_of_what_it_replaces() {
    for w in World::each() {
        let p = patient("1");
        let (s, folder, old) = filed(&p);
        w.accept_at(APRIL, s).await;
        let (new, new_id) = with_uuid(entry(&p));
        w.accept_at(MAY, replacement(&p, new, old)).await;
        let ids = [old, new_id].map(ObjectId::Uuid);
        assert_eq!(members(&w, &p, folder).await, (ids.to_vec(), 2));
        assert_eq!(folders(&w, &p).await[0].last_update_time, Some(dtm("20260501010203")));
        // What the submission files itself is not filed twice.
        let (newest, newest_id) = with_uuid(entry(&p));
        let mut s = replacement(&p, newest, new_id);
        file(&mut s, folder, &ObjectId::Uuid(newest_id));
        w.accept_at(MAY, s).await;
        let ids = [old, new_id, newest_id].map(ObjectId::Uuid);
        assert_eq!(members(&w, &p, folder).await, (ids.to_vec(), 3));
        // Nor is a document that replaces two of one folder.
        let (one, one_id) = with_uuid(entry(&p));
        let mut s = replacement(&p, one, newest_id);
        let (two, two_id) = with_uuid(entry(&p));
        let mut filing = submission(&p, vec![two]);
        file(&mut filing, folder, &ObjectId::Uuid(two_id));
        w.accept(filing).await;
        let end = ObjectId::Uuid(two_id);
        let one_end = ObjectId::Uuid(one_id);
        s.associations.push(super::world::link(AssociationType::Rplc, &one_end, &end));
        w.accept(s).await;
        assert_eq!(members(&w, &p, folder).await.1, 5);
    }
}

/// Sets a status by hand.
async fn deprecate(w: &World, table: &str, id: EntryUuid) {
    let hex = Id::from(id).0.simple();
    let literal = match w.registry.database().dialect() {
        renkei_database::Dialect::Sqlite => format!("x'{hex}'"),
        renkei_database::Dialect::Postgres => format!("'\\x{hex}'::bytea"),
    };
    let sql = format!("UPDATE {table} SET status = 1 WHERE id = {literal}");
    let write =
        move |db: &mut Db| each!(db, |c| c.batch_execute(&sql)).map_err(DatabaseError::from);
    w.registry.database().write(write).await.unwrap();
}

#[tokio::test]
async fn nothing_goes_into_a_folder_that_is_no_longer_current() {
    for w in World::each() {
        let p = patient("1");
        let (s, folder, old) = filed(&p);
        w.accept(s).await;
        deprecate(&w, "folder", folder).await;
        let mut s = submission(&p, vec![entry(&p)]);
        let id = s.entries[0].id.clone();
        file(&mut s, folder, &id);
        assert_eq!(w.refuse(s).await, ["XDSRegistryDeprecatedDocumentError"]);
        // It is not inherited either.
        w.accept(replacement(&p, entry(&p), old)).await;
        assert_eq!(members(&w, &p, folder).await.1, 1);
        // Nor does what is no longer current go into a folder.
        let (s, folder, _) = filed(&p);
        w.accept(s).await;
        let mut s = submission(&p, Vec::new());
        file(&mut s, folder, &ObjectId::Uuid(old));
        assert_eq!(w.refuse(s).await, ["XDSRegistryDeprecatedDocumentError"]);
    }
}

#[tokio::test]
async fn a_folder_is_of_one_patient_and_holds_documents() {
    for w in World::each() {
        let (p, other) = (patient("1"), patient("2"));
        let (s, folder_id, document) = filed(&p);
        let unique_id = s.folders[0].unique_id.clone();
        w.accept(s).await;
        let (s, other_folder, other_document) = filed(&other);
        w.accept(s).await;
        let codes = async |s| w.refuse(s).await;
        let mut s = submission(&other, vec![entry(&other)]);
        let id = s.entries[0].id.clone();
        file(&mut s, folder_id, &id);
        assert_eq!(codes(s).await, ["XDSPatientIdDoesNotMatch"]);
        let mut s = submission(&p, Vec::new());
        file(&mut s, folder_id, &ObjectId::Uuid(other_document));
        assert_eq!(codes(s).await, ["XDSPatientIdDoesNotMatch"]);
        let mut s = submission(&p, Vec::new());
        file(&mut s, other_folder, &ObjectId::Uuid(other_document));
        assert_eq!(codes(s).await, ["XDSPatientIdDoesNotMatch"; 2]);
        // No folder, no document.
        let mut s = submission(&p, Vec::new());
        file(&mut s, document, &ObjectId::Uuid(folder_id));
        assert_eq!(codes(s).await, ["XDSRegistryMetadataError"; 2]);
        let mut s = submission(&p, Vec::new());
        file(&mut s, EntryUuid(uuid::Uuid::new_v4()), &ObjectId::Uuid(document));
        assert_eq!(codes(s).await, ["UnresolvedReferenceException"]);
        // A uniqueId is a folder's own.
        let (mut f, _) = folder(&p);
        f.unique_id = unique_id;
        let mut s = submission(&p, Vec::new());
        bring(&mut s, f);
        assert_eq!(codes(s).await, ["XDSDuplicateUniqueIdInRegistry"]);
        assert_eq!(folders(&w, &p).await.len(), 1);
    }
}

#[tokio::test]
async fn a_patient_that_only_a_folder_names_is_checked_too() {
    let policy = crate::PatientPolicy::KnownOnly;
    for w in World::each_with(policy, crate::RegistryLimits::default()) {
        let p = patient("1");
        let mut s = submission(&p, Vec::new());
        bring(&mut s, folder(&p).0);
        assert_eq!(w.refuse(s).await, ["XDSUnknownPatientId"]);
        let query = QueryBuilder::find_documents(&p, &AvailabilityStatus::ALL).build();
        assert!(w.query(&query).await.objects.is_empty());
    }
}
