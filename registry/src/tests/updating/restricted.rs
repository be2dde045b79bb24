//! The rules of ITI-92, a row each.

use super::super::world::code;
use super::*;
use renkei_atna::record::{Action, Outcome};
use renkei_metadata::ids::{HomeCommunityId, RepositoryUniqueId, UniqueId};
use renkei_metadata::model::{DocumentAvailability, EntryType, ExtraSlot, LocalizedText};

fn home() -> HomeCommunityId {
    HomeCommunityId::parse("urn:oid:1.2.3.99").unwrap()
}

/// Registers a document of a community.
async fn at_home(w: &World, p: &PatientId) -> DocumentEntry {
    let (mut e, id) = with_uuid(entry(p));
    e.home = Some(home());
    w.accept(submission(p, vec![e])).await;
    newest(w, p, id).await
}

fn restricted(update: UpdateBuilder) -> (Submission, Form) {
    (update.build().message(), Form::Restricted)
}

#[tokio::test]
async fn a_restricted_update_makes_a_new_version() {
    for w in World::each() {
        let p = patient("1");
        let mut e = at_home(&w, &p).await;
        e.title = Some(LocalizedText::ja("訂正"));
        (e.availability, e.type_code) = (None, Some(code("other")));
        accept(&w, restricted(of(&p, e.clone()))).await;
        let found = newest(&w, &p, e.lid.unwrap()).await;
        let expected = DocumentEntry {
            id: found.id.clone(),
            version: Some(2),
            availability: Some(DocumentAvailability::Online),
            ..e
        };
        assert_eq!(found, expected);
    }
}

#[tokio::test]
async fn the_registered_version_is_named_by_its_id_where_there_are_no_logical_ids() {
    for w in World::each() {
        let p = patient("1");
        let first = at_home(&w, &p).await;
        let by_id = |e: &DocumentEntry| {
            let mut m = of(&p, e.clone()).build().message();
            m.entries[0].lid = None;
            m.entries[0].id = e.id.clone();
            m.associations[0].target = e.id.clone();
            (m, Form::Restricted)
        };
        accept(&w, by_id(&first)).await;
        let second = newest(&w, &p, first.lid.unwrap()).await;
        assert_eq!(second.version, Some(2));
        assert_ne!(second.id, first.id);
        assert_eq!(codes(&w, by_id(&first)).await, ["XDSMetadataVersionError"]);
        accept(&w, by_id(&second)).await;
        // Both names lead to one object.
        let third = newest(&w, &p, first.lid.unwrap()).await;
        let mut twice =
            of(&p, third.clone()).entry(third.clone(), Propagation::Yes).unwrap().build().message();
        twice.entries[1].lid = None;
        let old = std::mem::replace(&mut twice.entries[1].id, third.id.clone());
        twice.associations.iter_mut().find(|a| a.target == old).unwrap().target = third.id.clone();
        assert_eq!(codes(&w, (twice, Form::Restricted)).await, ["XDSMetadataUpdateOperationError"]);
    }
}

/// NIST tests 12319, 12320.
#[tokio::test]
async fn a_deprecated_document_stays_deprecated() {
    for w in World::each() {
        let p = patient("1");
        let e = at_home(&w, &p).await;
        accept(&w, by(&p).status(e.id.uuid().unwrap(), APPROVED, DEPRECATED)).await;
        let mut e = newest(&w, &p, e.lid.unwrap()).await;
        accept(&w, restricted(of(&p, e.clone()))).await;
        let found = newest(&w, &p, e.lid.unwrap()).await;
        assert_eq!((found.version, found.status), (Some(2), Some(DEPRECATED)));
        e.type_code = Some(code("other"));
        let stale = restricted(of(&p, e));
        assert_eq!(codes(&w, stale).await, ["XDSMetadataVersionError"]);
    }
}

type Breach = (&'static str, &'static str, fn(&mut Submission));

const UNMODIFIABLE: &str = "UnmodifiableMetadataError";
const ANNOTATION: &str = "XDSMetadataAnnotationError";
const INVALID: &str = "XDSInvalidRequestException";
const VERSION: &str = "XDSMetadataVersionError";

fn propagation(m: &mut Submission, value: &str) {
    let values = vec![value.to_owned()];
    m.associations[0].extra = vec![ExtraSlot { name: "AssociationPropagation".into(), values }];
}

const BREACHES: &[Breach] = &[
    ("no homeCommunityId", "XDSMissingHomeCommunityId", |m| m.entries[0].home = None),
    ("an unknown community", "XDSUnknownCommunity", |m| {
        m.entries[0].home = HomeCommunityId::parse("urn:oid:1.2.3.98").ok();
    }),
    ("no membership", ANNOTATION, |m| m.associations.clear()),
    ("no PreviousVersion", ANNOTATION, |m| m.associations[0].previous_version = None),
    ("no propagation", ANNOTATION, |m| propagation(m, "no")),
    ("propagation that is neither", ANNOTATION, |m| propagation(m, "perhaps")),
    ("its own logicalID", INVALID, |m| {
        let own = EntryUuid(uuid::Uuid::new_v4());
        (m.entries[0].id, m.entries[0].lid) = (ObjectId::Uuid(own), Some(own));
        m.associations[0].target = ObjectId::Uuid(own);
    }),
    ("neither logicalID nor id", INVALID, |m| m.entries[0].lid = None),
    ("an unknown logicalID", VERSION, |m| {
        m.entries[0].lid = Some(EntryUuid(uuid::Uuid::new_v4()));
    }),
    ("an older version", VERSION, |m| m.associations[0].previous_version = Some(0)),
    ("a required attribute missing", "XDSRegistryMetadataError", |m| {
        m.entries[0].type_code = None;
    }),
    ("another objectType", UNMODIFIABLE, |m| {
        let e = &mut m.entries[0];
        (e.object_type, e.creation_time) = (EntryType::OnDemand, None);
        (e.hash, e.size) = (None, None);
    }),
    ("another uniqueId", "XDSMetadataIdentifierError", |m| {
        m.entries[0].unique_id = UniqueId::from(new_oid());
    }),
    ("another repository", UNMODIFIABLE, |m| {
        m.entries[0].repository = Some(RepositoryUniqueId(new_oid()));
    }),
    ("another sourcePatientId", UNMODIFIABLE, |m| {
        m.entries[0].source_patient_id = Some("other^^^&1.2.3.9&ISO".into());
    }),
    ("another documentAvailability", UNMODIFIABLE, |m| {
        m.entries[0].availability = Some(DocumentAvailability::Offline);
    }),
    ("another availabilityStatus", UNMODIFIABLE, |m| m.entries[0].status = Some(DEPRECATED)),
    ("a change of status", INVALID, |m| {
        let kind = AssociationType::UpdateAvailabilityStatus;
        let mut operation =
            link(kind, &m.submission_set.id, &ObjectId::Uuid(m.entries[0].lid.unwrap()));
        for (name, status) in [("OriginalStatus", APPROVED), ("NewStatus", DEPRECATED)] {
            let values = vec![status.urn().to_owned()];
            operation.extra.push(ExtraSlot { name: name.into(), values });
        }
        m.associations.push(operation);
    }),
    ("two updates of one object", "XDSMetadataUpdateOperationError", |m| {
        let mut second = m.entries[0].clone();
        second.id = ObjectId::Symbol("second".into());
        let mut of = m.associations[0].clone();
        (of.id, of.target) = (ObjectId::Symbol("of".into()), second.id.clone());
        m.entries.push(second);
        m.associations.push(of);
    }),
];

#[tokio::test]
async fn each_breach_is_refused_by_name_and_changes_nothing() {
    for w in World::each() {
        let p = patient("1");
        let e = at_home(&w, &p).await;
        let before = everything(&w, &p).await;
        for (name, code, breach) in BREACHES {
            let mut message = of(&p, e.clone()).build().message();
            breach(&mut message);
            let mut found = codes(&w, (message, Form::Restricted)).await;
            found.dedup();
            assert_eq!(found, [*code], "{name}");
            let record = w.records.0.lock().unwrap().pop().unwrap();
            assert_eq!((record.action, record.outcome), (Action::Update, Outcome::SeriousFailure));
            assert_eq!(record.event_type.as_ref().map(|t| t.code.as_ref()), Some("ITI-92"));
        }
        assert_eq!(everything(&w, &p).await, before);
    }
}

#[tokio::test]
async fn the_patient_stays_and_folders_are_no_documents() {
    for w in World::each() {
        let (p, q) = (patient("1"), patient("2"));
        registered(&w, &q).await;
        let e = at_home(&w, &p).await;
        let moved = DocumentEntry { patient_id: Some(q.clone()), ..e.clone() };
        let update = restricted(of(&q, moved));
        assert_eq!(codes(&w, update).await, ["XDSPatientIDReconciliationError"]);
        let (folder, _) = filed(&w, &p).await;
        let of_folder = DocumentEntry { lid: folder.lid, ..e };
        assert_eq!(codes(&w, restricted(of(&p, of_folder))).await, ["XDSObjectTypeError"]);
        let folder = by(&p).folder(folder, Propagation::Yes).unwrap();
        let mut found = codes(&w, restricted(folder)).await;
        found.dedup();
        assert_eq!(found, [INVALID]);
    }
}

#[tokio::test]
async fn what_the_house_protects_only_its_administrator_changes() {
    for w in World::each_protecting(&["typeCode", "author"]) {
        let p = patient("1");
        let mut e = at_home(&w, &p).await;
        (e.type_code, e.title) = (Some(code("other")), None);
        let update = restricted(of(&p, e.clone()));
        let errors = errors(&w, update).await;
        let codes: Vec<&str> = errors.iter().map(|e| e.code.as_str()).collect();
        assert_eq!(codes, ["LocalPolicyRestrictionError"]);
        assert!(errors[0].context.contains("registry.protected_attributes"));
        accept(&w, of(&p, e)).await;
    }
}
