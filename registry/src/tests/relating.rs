//! Relationships between documents (ITI TF-3: 4.2.2.2, ITI TF-2: 3.42.4.1.3.5).

use super::searching::{asking, find, named, of_patients};
use super::world::{
    World, bring, code, entry, file, folder, link, member, patient, replacement, submission,
    with_uuid,
};
use renkei_context::Scope;
use renkei_metadata::ids::{EntryUuid, ObjectId, PatientId};
use renkei_metadata::model::{
    Association, AssociationType, AvailabilityStatus, ExtraSlot, RegistryObject, Submission,
    SubmissionSetStatus,
};
use renkei_xds::iti18::QueryBuilder;
use uuid::Uuid;

/// What may relate a new document to a registered one.
const RELATIONS: [AssociationType; 5] = [
    AssociationType::Rplc,
    AssociationType::XfrmRplc,
    AssociationType::Xfrm,
    AssociationType::Apnd,
    AssociationType::Signs,
];

async fn links(w: &World, p: &PatientId) -> Vec<Association> {
    let query = asking(named("GetAll"), of_patients([p]), []);
    let only = |o| match o {
        RegistryObject::Association(a) => Some(*a),
        _ => None,
    };
    find(w, &query, &Scope::Everything).await.into_iter().filter_map(only).collect()
}

async fn statuses(w: &World, p: &PatientId, id: EntryUuid) -> Vec<AvailabilityStatus> {
    let query = QueryBuilder::find_documents(p, &AvailabilityStatus::ALL).build();
    let entries = w.entries(&query).await;
    let same = entries.into_iter().filter(|e| e.id.uuid() == Some(id));
    same.filter_map(|e| e.status).collect()
}

/// A submission of a new document that is related to a registered one.
fn related(p: &PatientId, association_type: AssociationType, to: EntryUuid) -> Submission {
    let mut s = submission(p, vec![entry(p)]);
    s.associations.push(link(association_type, &s.entries[0].id, &ObjectId::Uuid(to)));
    s
}

#[tokio::test]
async fn each_relationship_is_kept_and_two_of_them_replace() {
    for w in World::each() {
        let p = patient("1");
        for kind in RELATIONS {
            let (old, id) = with_uuid(entry(&p));
            w.accept(submission(&p, vec![old])).await;
            w.accept(related(&p, kind, id)).await;
            let kept = links(&w, &p).await;
            assert!(kept.iter().any(|a| {
                a.association_type == kind
                    && a.target == ObjectId::Uuid(id)
                    && a.status == Some(AvailabilityStatus::Approved)
            }));
            let replaces = matches!(kind, AssociationType::Rplc | AssociationType::XfrmRplc);
            let expected = match replaces {
                true => AvailabilityStatus::Deprecated,
                false => AvailabilityStatus::Approved,
            };
            assert_eq!(statuses(&w, &p, id).await, [expected], "{kind:?}");
        }
    }
}

#[tokio::test]
async fn nothing_is_related_to_what_is_no_longer_current() {
    for w in World::each() {
        let p = patient("1");
        let (old, id) = with_uuid(entry(&p));
        w.accept(submission(&p, vec![old])).await;
        w.accept(replacement(&p, entry(&p), id)).await;
        for kind in RELATIONS {
            let codes = w.refuse(related(&p, kind, id)).await;
            assert_eq!(codes, ["XDSRegistryDeprecatedDocumentError"], "{kind:?}");
        }
    }
}

#[tokio::test]
async fn nothing_is_related_to_another_patient_s_document_but_included_it_may_be() {
    for w in World::each() {
        let (p, other) = (patient("1"), patient("2"));
        let (old, id) = with_uuid(entry(&other));
        w.accept(submission(&other, vec![old])).await;
        for kind in RELATIONS {
            let codes = w.refuse(related(&p, kind, id)).await;
            assert_eq!(codes, ["XDSPatientIdDoesNotMatch"], "{kind:?}");
        }
        let mut s = submission(&p, vec![entry(&p)]);
        let reference = SubmissionSetStatus::Reference;
        s.associations.push(member(&s.submission_set, &ObjectId::Uuid(id), reference));
        w.accept(s).await;
        assert_eq!(statuses(&w, &other, id).await, [AvailabilityStatus::Approved]);
    }
}

#[tokio::test]
async fn one_target_is_replaced_once() {
    for w in World::each() {
        let p = patient("1");
        let (old, id) = with_uuid(entry(&p));
        w.accept(submission(&p, vec![old])).await;
        let mut s = submission(&p, vec![entry(&p), entry(&p)]);
        for (e, kind) in s.entries.iter().zip([AssociationType::Rplc, AssociationType::XfrmRplc]) {
            s.associations.push(link(kind, &e.id, &ObjectId::Uuid(id)));
        }
        assert_eq!(w.refuse(s).await, ["XDSRegistryDeprecatedDocumentError"]);
        assert_eq!(statuses(&w, &p, id).await, [AvailabilityStatus::Approved]);
    }
}

#[tokio::test]
async fn a_transformation_is_replaced_but_not_appended_to() {
    for w in World::each() {
        let p = patient("1");
        let ((old, id), (made, made_id)) = (with_uuid(entry(&p)), with_uuid(entry(&p)));
        let mut s = submission(&p, vec![old, made]);
        let ends = [made_id, id].map(ObjectId::Uuid);
        s.associations.push(link(AssociationType::Xfrm, &ends[0], &ends[1]));
        w.accept(s).await;
        let codes = w.refuse(related(&p, AssociationType::Apnd, made_id)).await;
        assert_eq!(codes, ["XDSRegistryMetadataError"]);
        w.accept(related(&p, AssociationType::Rplc, made_id)).await;
        assert_eq!(statuses(&w, &p, id).await, [AvailabilityStatus::Approved]);
    }
}

#[tokio::test]
async fn what_is_said_of_a_relationship_comes_back() {
    for w in World::each() {
        let p = patient("1");
        let (old, id) = with_uuid(entry(&p));
        w.accept(submission(&p, vec![old])).await;
        let mut s = replacement(&p, entry(&p), id);
        let rplc = s.associations.last_mut().unwrap();
        rplc.documentation = Some(code("reason"));
        let extra = ExtraSlot { name: "urn:x-test:why".into(), values: vec!["訂正".into()] };
        rplc.extra = vec![extra.clone()];
        w.accept(s).await;
        let kept = links(&w, &p).await;
        let rplc = kept.iter().find(|a| a.association_type == AssociationType::Rplc).unwrap();
        assert_eq!(rplc.documentation, Some(code("reason")));
        assert_eq!(rplc.extra, [extra]);
        let mut s = submission(&p, vec![entry(&p)]);
        s.associations[0].documentation = Some(code("reason"));
        assert_eq!(w.refuse(s).await, ["XDSRegistryMetadataError"]);
    }
}

#[tokio::test]
async fn a_document_is_joined_in_one_way_once() {
    let joined = ["XDSRegistryMetadataError"];
    for w in World::each() {
        let p = patient("1");
        let ((e, id), (f, folder_id)) = (with_uuid(entry(&p)), folder(&p));
        let document = ObjectId::Uuid(id);
        let mut s = submission(&p, vec![e]);
        bring(&mut s, f);
        file(&mut s, folder_id, &document);
        w.accept(s).await;
        // Into its folder by another submission, or twice into another folder by one.
        let mut again = submission(&p, vec![entry(&p)]);
        file(&mut again, folder_id, &document);
        assert_eq!(w.refuse(again).await, joined);
        let (f, other) = folder(&p);
        let mut twice = submission(&p, Vec::new());
        bring(&mut twice, f);
        file(&mut twice, other, &document);
        let once = twice.clone();
        file(&mut twice, other, &document);
        assert_eq!(w.refuse(twice).await, joined);
        w.accept(once).await;
        // Referred to twice by one SubmissionSet, and transformed twice by one document.
        let reference = |s: &mut Submission| {
            let status = SubmissionSetStatus::Reference;
            s.associations.push(member(&s.submission_set, &document, status));
        };
        let mut s = submission(&p, vec![entry(&p)]);
        reference(&mut s);
        w.accept(s).await;
        let mut s = submission(&p, vec![entry(&p)]);
        reference(&mut s);
        reference(&mut s);
        assert_eq!(w.refuse(s).await, joined);
        let mut s = related(&p, AssociationType::Xfrm, id);
        s.associations.push(link(AssociationType::Xfrm, &s.entries[0].id, &document));
        assert_eq!(w.refuse(s).await, joined);
        // A replacement is put where it comes by itself, once.
        let mut s = replacement(&p, entry(&p), id);
        let new = s.entries[0].id.clone();
        file(&mut s, folder_id, &new);
        w.accept(s).await;
    }
}

/// A metadata update has a transaction of its own (ITI TF-2: 3.57); what a registry gave out under
/// its ids does not come back in a submission.
#[tokio::test]
async fn updates_and_returned_objects_are_no_submission() {
    for w in World::each() {
        let p = patient("1");
        let (old, id) = with_uuid(entry(&p));
        let first = submission(&p, vec![old.clone()]);
        w.accept(first).await;
        let mut again = old;
        again.unique_id = entry(&p).unique_id;
        assert_eq!(w.refuse(submission(&p, vec![again])).await, ["XDSRegistryMetadataError"]);
        let mut newer = entry(&p);
        newer.id = ObjectId::Uuid(EntryUuid(Uuid::new_v4()));
        newer.lid = Some(id);
        assert_eq!(w.refuse(submission(&p, vec![newer])).await, ["XDSRegistryMetadataError"]);
        let mut s = submission(&p, vec![entry(&p)]);
        s.associations[0].previous_version = Some(1);
        assert_eq!(w.refuse(s).await, ["XDSRegistryMetadataError"]);
        for kind in [AssociationType::UpdateAvailabilityStatus, AssociationType::SubmitAssociation]
        {
            let mut s = submission(&p, vec![entry(&p)]);
            s.associations.push(link(kind, &s.submission_set.id, &ObjectId::Uuid(id)));
            assert_eq!(w.refuse(s).await, ["XDSRegistryMetadataError"]);
        }
    }
}
