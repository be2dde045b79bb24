//! ITI-42: what is accepted, what is refused and why.

use super::world::{
    World, code, entry, hash, link, member, patient, replacement, submission, with_uuid,
};
use crate::change::Change;
use crate::register::Registration;
use crate::{PatientPolicy, RegistryLimits};
use diesel::connection::SimpleConnection;
use renkei_atna::record::Outcome;
use renkei_database::{DatabaseError, Db, Dialect, each};
use renkei_metadata::ids::{EntryUuid, ObjectId, Oid, PatientId, UniqueId};
use renkei_metadata::model::{
    AssociationType, AvailabilityStatus, ExtraSlot, RegistryObject, SubmissionSetStatus,
};
use renkei_xds::iti18::{QueryBuilder, ReturnType};
use renkei_xds::response::Status;
use std::sync::Arc;
use uuid::Uuid;

const APPROVED: &[AvailabilityStatus] = &[AvailabilityStatus::Approved];
const DEPRECATED: &[AvailabilityStatus] = &[AvailabilityStatus::Deprecated];

#[tokio::test]
async fn a_document_is_found_as_it_was_registered() {
    for w in World::each() {
        let p = patient("1");
        let (e, id) = with_uuid(entry(&p));
        w.accept(submission(&p, vec![e.clone()])).await;
        let found = w.entries(&QueryBuilder::find_documents(&p, APPROVED).build()).await;
        let mut expected = e;
        expected.lid = Some(id);
        expected.version = Some(1);
        expected.status = Some(AvailabilityStatus::Approved);
        expected.availability = found[0].availability;
        assert_eq!(found, [expected]);
    }
}

#[tokio::test]
async fn symbols_become_uuids_everywhere() {
    for w in World::each() {
        let p = patient("1");
        let s = submission(&p, vec![entry(&p), entry(&p)]);
        let set = s.submission_set.unique_id.clone();
        w.accept(s).await;
        let query = QueryBuilder::get_submission_set_and_contents_by_unique_id(&set).build();
        let objects = w.query(&query).await.objects;
        // The set, two entries, two memberships: every end of a membership is one of the others.
        assert_eq!(objects.len(), 5);
        let text = format!("{objects:?}");
        assert!(!text.contains("Symbol"), "{text}");
        for object in &objects {
            // A registry assigns lid = id where the submitter gave none (ebRIM 3.0: 2.5).
            let (id, lid, version) = match object {
                RegistryObject::Entry(e) => (&e.id, e.lid, e.version),
                RegistryObject::SubmissionSet(s) => (&s.id, s.lid, s.version),
                RegistryObject::Folder(f) => (&f.id, f.lid, f.version),
                RegistryObject::Association(a) => (&a.id, a.lid, a.version),
                RegistryObject::Ref(..) => unreachable!("asked for objects"),
            };
            assert_eq!((lid, version), (id.uuid(), Some(1)));
        }
    }
}

#[tokio::test]
async fn a_replaced_document_is_deprecated_and_stays_so() {
    for w in World::each() {
        let p = patient("1");
        let (old, old_id) = with_uuid(entry(&p));
        w.accept(submission(&p, vec![old])).await;
        let (new, new_id) = with_uuid(entry(&p));
        w.accept(replacement(&p, new, old_id)).await;
        let current = w.entries(&QueryBuilder::find_documents(&p, APPROVED).build()).await;
        assert_eq!(
            current.iter().map(|e| e.id.clone()).collect::<Vec<_>>(),
            [ObjectId::Uuid(new_id)]
        );
        let former = w.entries(&QueryBuilder::find_documents(&p, DEPRECATED).build()).await;
        assert_eq!(former[0].id, ObjectId::Uuid(old_id));
        assert_eq!(
            w.refuse(replacement(&p, entry(&p), old_id)).await,
            ["XDSRegistryDeprecatedDocumentError"]
        );
    }
}

/// What the statuses of these documents are.
async fn statuses<const N: usize>(w: &World, ids: [EntryUuid; N]) -> [AvailabilityStatus; N] {
    let found = w.entries(&QueryBuilder::get_documents(&ids).build()).await;
    let status = |id| found.iter().find(|e| e.id.uuid() == Some(id)).and_then(|e| e.status);
    ids.map(|id| status(id).unwrap())
}

/// ITI TF-3: 4.2.2.2.3 deprecates the transformations and addenda that a replaced document has. What
/// replaces it, or comes with its replacement, is none of these.
#[tokio::test]
async fn a_replacement_is_born_approved_whatever_comes_with_it() {
    use AssociationType::{Rplc, Xfrm};
    use AvailabilityStatus::{Approved, Deprecated};
    for w in World::each() {
        let p = patient("1");
        for links in [vec![(0, Rplc), (0, Xfrm)], vec![(0, Rplc), (1, Xfrm)]] {
            let ((old, old_id), (t, t_id)) = (with_uuid(entry(&p)), with_uuid(entry(&p)));
            let mut s = submission(&p, vec![old, t]);
            s.associations.push(link(Xfrm, &ObjectId::Uuid(t_id), &ObjectId::Uuid(old_id)));
            w.accept(s).await;
            let ((a, a_id), (b, b_id)) = (with_uuid(entry(&p)), with_uuid(entry(&p)));
            let mut s = submission(&p, vec![a, b]);
            for (n, association) in &links {
                let source = s.entries[*n].id.clone();
                s.associations.push(link(*association, &source, &ObjectId::Uuid(old_id)));
            }
            w.accept(s).await;
            let found = statuses(&w, [old_id, t_id, a_id, b_id]).await;
            assert_eq!(found, [Deprecated, Deprecated, Approved, Approved], "{links:?}");
        }
    }
}

#[tokio::test]
async fn the_targets_of_replacements_are_checked() {
    for w in World::each() {
        let (p, other) = (patient("1"), patient("2"));
        let (old, old_id) = with_uuid(entry(&p));
        let s = submission(&p, vec![old]);
        let set = s.submission_set.unique_id.clone();
        w.accept(s).await;
        let unknown = EntryUuid(Uuid::new_v4());
        assert_eq!(
            w.refuse(replacement(&p, entry(&p), unknown)).await,
            ["UnresolvedReferenceException"]
        );
        assert_eq!(
            w.refuse(replacement(&other, entry(&other), old_id)).await,
            ["XDSPatientIdDoesNotMatch"]
        );
        let mut twice = submission(&p, vec![entry(&p), entry(&p)]);
        for n in 0..2 {
            let rplc = link(AssociationType::Rplc, &twice.entries[n].id, &ObjectId::Uuid(old_id));
            twice.associations.push(rplc);
        }
        assert_eq!(w.refuse(twice).await, ["XDSRegistryDeprecatedDocumentError"]);
        let query = QueryBuilder::get_submission_set_and_contents_by_unique_id(&set).build();
        let set_id = w.query(&query).await.objects.into_iter().find_map(|o| match o {
            renkei_metadata::model::RegistryObject::SubmissionSet(s) => s.id.uuid(),
            _ => None,
        });
        assert_eq!(
            w.refuse(replacement(&p, entry(&p), set_id.unwrap())).await,
            ["XDSRegistryMetadataError"]
        );
        let still = w.entries(&QueryBuilder::find_documents(&p, APPROVED).build()).await;
        assert_eq!(still.len(), 1);
    }
}

#[tokio::test]
async fn a_unique_id_stands_for_one_content() {
    for w in World::each() {
        let p = patient("1");
        let first = entry(&p);
        w.accept(submission(&p, vec![first.clone()])).await;
        let mut changed = first.clone();
        (changed.hash, changed.size) = (Some(hash(2)), Some(101));
        assert_eq!(
            w.refuse(submission(&p, vec![changed])).await,
            ["XDSNonIdenticalHash", "XDSNonIdenticalSize"]
        );
        // The same again is one more entry.
        w.accept(submission(&p, vec![first.clone()])).await;
        let ids = [first.unique_id.clone()];
        let found = w.entries(&QueryBuilder::get_documents_by_unique_id(&ids).build()).await;
        assert_eq!(found.len(), 2);
    }
}

/// ITI TF-2: 3.42.4.1.3.3.1 speaks of hash and size alone: a document that was filed under the wrong
/// person can be filed again under the right one.
#[tokio::test]
async fn the_same_content_may_be_of_another_patient_too() {
    for w in World::each() {
        let (wrong, right) = (patient("1"), patient("2"));
        let first = entry(&wrong);
        w.accept(submission(&wrong, vec![first.clone()])).await;
        let mut again = first.clone();
        again.patient_id = Some(right.clone());
        w.accept(submission(&right, vec![again.clone()])).await;
        for p in [&wrong, &right] {
            let found = w.entries(&QueryBuilder::find_documents(p, APPROVED).build()).await;
            assert_eq!(found.len(), 1);
            assert_eq!(found[0].unique_id, first.unique_id);
            assert_eq!(found[0].patient_id.as_ref(), Some(p));
        }
        let ids = [first.unique_id.clone()];
        let both = QueryBuilder::get_documents_by_unique_id(&ids).returning(ReturnType::ObjectRef);
        assert_eq!(w.query(&both.build()).await.objects.len(), 2);
        // Everybody's entry has the one content.
        again.hash = Some(hash(2));
        assert_eq!(w.refuse(submission(&right, vec![again])).await, ["XDSNonIdenticalHash"]);
    }
}

#[tokio::test]
async fn ids_of_objects_are_never_used_again() {
    for w in World::each() {
        let p = patient("1");
        let (e, id) = with_uuid(entry(&p));
        let s = submission(&p, vec![e.clone()]);
        w.accept(s.clone()).await;
        let mut again = submission(&p, vec![entry(&p)]);
        again.submission_set.unique_id = s.submission_set.unique_id.clone();
        assert_eq!(w.refuse(again).await, ["XDSDuplicateUniqueIdInRegistry"]);
        let mut of_a_document = submission(&p, vec![entry(&p)]);
        of_a_document.submission_set.unique_id = Oid::parse(e.unique_id.as_str()).unwrap();
        assert_eq!(w.refuse(of_a_document).await, ["XDSDuplicateUniqueIdInRegistry"]);
        let mut of_a_set = entry(&p);
        of_a_set.unique_id = UniqueId::from(s.submission_set.unique_id.clone());
        let answer = w.register(submission(&p, vec![of_a_set])).await;
        assert_eq!(answer.errors.len(), 1);
        assert!(answer.errors[0].context.contains("SubmissionSet"), "{:?}", answer.errors);
        let mut taken = entry(&p);
        taken.id = ObjectId::Uuid(id);
        assert_eq!(w.refuse(submission(&p, vec![taken])).await, ["XDSRegistryMetadataError"]);
    }
}

/// What a removal will do to the tables.
async fn remove_everything(w: &World) {
    let done = w.registry.database().write(|db: &mut Db| {
        for sql in [
            "UPDATE object SET patient_key = NULL, key = NULL",
            "UPDATE unique_id SET patient_key = NULL, key = NULL",
            "DELETE FROM document_entry",
            "DELETE FROM submission_set",
            "DELETE FROM association",
            "DELETE FROM fragment",
        ] {
            each!(db, |c| c.batch_execute(sql)).map_err(DatabaseError::from)?;
        }
        Ok::<_, DatabaseError>(())
    });
    done.await.unwrap();
}

#[tokio::test]
async fn ids_of_removed_objects_are_never_used_again() {
    for w in World::each() {
        let p = patient("1");
        let (e, id) = with_uuid(entry(&p));
        let s = submission(&p, vec![e.clone()]);
        w.accept(s.clone()).await;
        remove_everything(&w).await;
        let mut taken = entry(&p);
        taken.id = ObjectId::Uuid(id);
        assert_eq!(w.refuse(submission(&p, vec![taken])).await, ["XDSRegistryMetadataError"]);
        let mut again = submission(&p, vec![entry(&p)]);
        again.submission_set.unique_id = s.submission_set.unique_id;
        assert_eq!(w.refuse(again).await, ["XDSDuplicateUniqueIdInRegistry"]);
        let unresolved = w.refuse(replacement(&p, entry(&p), id)).await;
        assert_eq!(unresolved, ["UnresolvedReferenceException"]);
        // A document may come back, with whatever content.
        let mut back = e;
        (back.id, back.hash) = (ObjectId::Symbol("Document".into()), Some(hash(9)));
        w.accept(submission(&p, vec![back.clone()])).await;
        let ids = [back.unique_id];
        let found = w.entries(&QueryBuilder::get_documents_by_unique_id(&ids).build()).await;
        assert_eq!(found.len(), 1);
    }
}

#[tokio::test]
async fn patients_are_known_as_the_policy_says() {
    for w in World::each_with(PatientPolicy::KnownOnly, RegistryLimits::default()) {
        let p = patient("1");
        let answer = w.register(submission(&p, vec![entry(&p)])).await;
        assert_eq!(answer.errors[0].code, "XDSUnknownPatientId");
        assert!(answer.errors[0].context.contains(&p.to_string()));
    }
    for w in World::each() {
        let foreign =
            PatientId::parse("1^^^&9.9.9&ISO".replace("9.9.9", "2.9.9").as_str()).unwrap();
        let codes = w.refuse(submission(&foreign, vec![entry(&foreign)])).await;
        assert_eq!(codes, ["XDSUnknownPatientId"]);
    }
}

#[tokio::test]
async fn every_reason_is_told_at_once_and_nothing_is_stored() {
    for w in World::each() {
        let p = patient("1");
        let (old, old_id) = with_uuid(entry(&p));
        let first = submission(&p, vec![old.clone()]);
        w.accept(first.clone()).await;
        let mut changed = old.clone();
        changed.hash = Some(hash(9));
        let mut s = submission(&p, vec![entry(&p), changed]);
        s.entries[0].type_code = None;
        s.submission_set.unique_id = first.submission_set.unique_id;
        let nowhere = ObjectId::Uuid(EntryUuid(Uuid::new_v4()));
        s.associations.push(link(AssociationType::Rplc, &s.entries[0].id, &nowhere));
        let mut codes = w.refuse(s.clone()).await;
        codes.sort();
        assert_eq!(
            codes,
            [
                "UnresolvedReferenceException",
                "XDSDuplicateUniqueIdInRegistry",
                "XDSNonIdenticalHash",
                "XDSRegistryMetadataError",
                "XDSRegistryMetadataError",
            ]
        );
        let all = w.entries(&QueryBuilder::find_documents(&p, APPROVED).build()).await;
        assert_eq!(all.len(), 1);
        assert_eq!(all[0].id, ObjectId::Uuid(old_id));
        let (set, gone) = (s.submission_set.unique_id.clone(), s.entries[0].unique_id.clone());
        assert!(!w.registry.took(&set, None, &[gone]).await.unwrap());
    }
}

#[tokio::test]
async fn documents_are_included_by_reference_across_patients() {
    for w in World::each() {
        let (mother, child) = (patient("1"), patient("2"));
        let (e, id) = with_uuid(entry(&mother));
        w.accept(submission(&mother, vec![e])).await;
        let mut s = submission(&child, vec![entry(&child)]);
        let reference = SubmissionSetStatus::Reference;
        s.associations.push(member(&s.submission_set, &ObjectId::Uuid(id), reference));
        let set = s.submission_set.unique_id.clone();
        w.accept(s).await;
        let contents = QueryBuilder::get_submission_set_and_contents_by_unique_id(&set);
        let answer = w.query(&contents.clone().build()).await;
        assert_eq!(answer.status, Status::Failure);
        assert_eq!(answer.errors[0].code, "XDSResultNotSinglePatient");
        let refs = contents.returning(ReturnType::ObjectRef).build();
        assert_eq!(w.query(&refs).await.objects.len(), 5);
    }
}

#[tokio::test]
async fn acceptance_and_refusal_are_on_record() {
    for w in World::each() {
        let p = patient("1");
        let s = submission(&p, vec![entry(&p)]);
        w.accept(s.clone()).await;
        assert_eq!(w.records.0.lock().unwrap().len(), 0);
        assert_eq!(w.outbox().await, 1);
        w.refuse(s.clone()).await;
        assert_eq!(w.outbox().await, 1);
        let records = w.records.0.lock().unwrap();
        assert_eq!(records.len(), 1);
        assert_eq!(records[0].outcome, Outcome::SeriousFailure);
        assert_eq!(
            records[0].outcome_description.as_deref(),
            Some("XDSDuplicateUniqueIdInRegistry")
        );
        let ids: Vec<&str> = records[0].objects.iter().map(|o| o.id.as_str()).collect();
        assert_eq!(ids, [p.to_string().as_str(), s.submission_set.unique_id.as_str()]);
    }
}

async fn is_done(w: &World, change: &Arc<Registration>) -> bool {
    let change = Arc::clone(change);
    w.registry.database().read(move |db| change.is_done(db)).await.unwrap()
}

/// After a lost connection the registry asks itself. Another submission under the same id, or the
/// same one sent before, is not this one.
#[tokio::test]
async fn a_submission_is_known_again_by_its_own_key() {
    for w in World::each() {
        let p = patient("1");
        let mut s = submission(&p, vec![entry(&p)]);
        s.submission_set.id = ObjectId::Uuid(EntryUuid(Uuid::new_v4()));
        s.associations.iter_mut().for_each(|a| a.source = s.submission_set.id.clone());
        let prepared = w.registry.registration(&super::world::ctx(), s.clone(), Vec::new());
        let change = Arc::new(prepared.change);
        assert!(!is_done(&w, &change).await);
        w.accept(s).await;
        assert!(!is_done(&w, &change).await);
        let columns = "UPDATE object SET key = ";
        let hex = change.resolved.set().unwrap().1.0.simple();
        let sql = match w.registry.database().dialect() {
            Dialect::Sqlite => format!("{columns} x'{hex}' WHERE kind = 1"),
            Dialect::Postgres => format!("{columns} '\\x{hex}'::bytea WHERE kind = 1"),
        };
        let write =
            move |db: &mut Db| each!(db, |c| c.batch_execute(&sql)).map_err(DatabaseError::from);
        w.registry.database().write(write).await.unwrap();
        assert!(is_done(&w, &change).await);
    }
}

#[tokio::test]
async fn an_object_that_is_too_large_is_named() {
    let limits = RegistryLimits { object_bytes: 20_000, ..RegistryLimits::default() };
    for w in World::each_with(PatientPolicy::AcceptAny, limits) {
        let p = patient("1");
        let mut e = entry(&p);
        let values = vec!["長".repeat(250); 40];
        e.extra.push(ExtraSlot { name: "urn:x-test:long".into(), values });
        let answer = w.register(submission(&p, vec![e, entry(&p)])).await;
        assert_eq!(answer.errors.len(), 1);
        assert_eq!(answer.errors[0].code, "XDSRegistryOutOfResources");
        assert!(answer.errors[0].context.contains("a fixed bound"));
        assert!(answer.errors[0].context.contains("Document0"));
    }
}

#[tokio::test]
async fn nothing_personal_is_readable_in_the_files() {
    let w = World::each().remove(0);
    let p = patient("VERY-SECRET-ID");
    let mut e = entry(&p);
    e.event_codes = vec![code("event")];
    w.accept(submission(&p, vec![e])).await;
    let renkei_database::DatabaseUrl::Sqlite(path) = w.database.url().clone() else {
        panic!("SQLite comes first");
    };
    w.registry.database().close().await;
    // The write-ahead log may or may not have been moved into the database file by now.
    let directory = std::fs::read_dir(path.parent().unwrap()).unwrap();
    let bytes: Vec<u8> =
        directory.flat_map(|entry| std::fs::read(entry.unwrap().path()).unwrap()).collect();
    for secret in ["山田", "花子", "健診結果", "VERY-SECRET-ID", "産業医事務所"] {
        assert!(position(&bytes, secret.as_bytes()).is_none(), "{secret}");
    }
    assert!(position(&bytes, b"event^^1.2.3").is_some(), "codes are searched");
}

fn position(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|w| w == needle)
}
