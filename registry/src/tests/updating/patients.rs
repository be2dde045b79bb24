//! Changes of patientId.

use super::*;
use renkei_xds::iti18::{QueryBuilder, ReturnType};

fn moved(mut e: DocumentEntry, to: &PatientId) -> DocumentEntry {
    e.patient_id = Some(to.clone());
    e
}

/// NIST test 21002.
#[tokio::test]
async fn a_document_goes_to_another_patient_and_both_versions_are_found() {
    for w in World::each() {
        let (p, q) = (patient("1"), patient("2"));
        let first = registered(&w, &p).await;
        registered(&w, &q).await;
        accept(&w, of(&q, moved(first.clone(), &q))).await;
        let old = newest(&w, &p, first.lid.unwrap()).await;
        let new = newest(&w, &q, first.lid.unwrap()).await;
        assert_eq!((old.version, old.status), (Some(1), Some(DEPRECATED)));
        assert_eq!((new.version, new.status), (Some(2), Some(APPROVED)));
        assert_eq!((old.patient_id, new.patient_id.as_ref()), (Some(p.clone()), Some(&q)));
        // Approved documents of the one and of the other.
        for (patient, count) in [(&p, 0), (&q, 2)] {
            let query = QueryBuilder::find_documents(patient, &[APPROVED]).build();
            assert_eq!(w.entries(&query).await.len(), count);
        }
        let ids = [&old.id, &new.id].map(|id| id.uuid().unwrap());
        let mut both = QueryBuilder::get_documents(&ids).build();
        both.params.push(("$MetadataLevel".to_owned(), vec!["2".to_owned()]));
        let answer = w.query(&both).await;
        assert_eq!(answer.errors[0].code, "XDSResultNotSinglePatient");
        both.return_type = ReturnType::ObjectRef.name().to_owned();
        assert_eq!(w.query(&both).await.objects.len(), 2);
        // And on from there.
        accept(&w, of(&q, new)).await;
        assert_eq!(newest(&w, &q, first.lid.unwrap()).await.version, Some(3));
    }
}

/// NIST test 21003.
#[tokio::test]
async fn a_folder_and_its_document_go_together_or_the_folder_goes_alone() {
    for w in World::each() {
        let (p, q) = (patient("1"), patient("2"));
        registered(&w, &q).await;
        let (folder, document) = filed(&w, &p).await;
        let other = Folder { patient_id: Some(q.clone()), ..folder.clone() };
        let alone = by(&q).folder(other.clone(), Propagation::Yes).unwrap();
        assert_eq!(codes(&w, alone).await, ["XDSPatientIDReconciliationError"]);
        let alone = of(&q, moved(document.clone(), &q));
        assert_eq!(codes(&w, alone).await, ["XDSPatientIDReconciliationError"]);
        let both = of(&q, moved(document.clone(), &q)).folder(other, Propagation::Yes).unwrap();
        accept(&w, both).await;
        let (f, d) =
            (folders(&w, &q).await.pop().unwrap(), newest(&w, &q, document.lid.unwrap()).await);
        let all = associations(&w, &q).await;
        assert_eq!(between(&all, AssociationType::HasMember, &f.id, &d.id).len(), 1);
        assert_eq!(f.unique_id, folder.unique_id);

        let (folder, _) = filed(&w, &p).await;
        let other = Folder { patient_id: Some(q.clone()), ..folder };
        accept(&w, by(&q).folder(other, Propagation::No).unwrap()).await;
    }
}

#[tokio::test]
async fn an_update_is_of_one_patient_that_is_known_and_active() {
    use crate::{PatientPolicy, RegistryLimits};
    for w in World::each_with(PatientPolicy::KnownOnly, RegistryLimits::default()) {
        let unknown = patient("9");
        let (e, id) = with_uuid(entry(&unknown));
        assert_eq!(w.refuse(submission(&unknown, vec![e.clone()])).await, ["XDSUnknownPatientId"]);
        let lid = Some(id);
        let update = of(&unknown, DocumentEntry { lid, version: Some(1), ..e });
        let mut found = codes(&w, update).await;
        found.sort();
        assert_eq!(found, ["XDSMetadataVersionError", "XDSUnknownPatientId"]);
    }
    for w in World::each() {
        let (p, q) = (patient("1"), patient("2"));
        let document = registered(&w, &p).await;
        registered(&w, &q).await;
        // The document says one patient, its SubmissionSet another.
        let reconcile = "XDSPatientIDReconciliationError";
        assert_eq!(codes(&w, of(&q, document.clone())).await, [reconcile]);
        let id = document.id.uuid().unwrap();
        assert_eq!(codes(&w, by(&q).status(id, APPROVED, DEPRECATED)).await, [reconcile]);
    }
}

/// What moves with a local identifier (ITI TF-2: 3.64.4.1.3) is not what is current alone.
#[tokio::test]
async fn a_document_that_is_no_longer_current_moves_with_its_local_identifier() {
    use super::super::feeding;
    for w in World::each() {
        let (p, q) = (patient("1"), patient("2"));
        let document = registered(&w, &p).await;
        registered(&w, &q).await;
        let id = document.id.uuid().unwrap();
        accept(&w, by(&p).status(id, APPROVED, DEPRECATED)).await;
        w.registry.feed(&ctx(), &feeding::link(["1", "2"], "9", None)).await.unwrap();
        let moved = newest(&w, &q, document.lid.unwrap()).await;
        assert_eq!((moved.version, moved.status), (Some(2), Some(DEPRECATED)));
        let left = QueryBuilder::find_documents(&p, &AvailabilityStatus::ALL).build();
        assert_eq!(w.entries(&left).await, []);
        accept(&w, by(&q).status(moved.id.uuid().unwrap(), DEPRECATED, APPROVED)).await;
        assert_eq!(super::super::inspecting::contradictions(&w).await, Vec::<String>::new());
    }
}
