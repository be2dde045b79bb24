//! The rules of ITI-57, a row each: what breaks it, and the error that names it.

use super::*;
use renkei_atna::record::{Action, Outcome};
use renkei_metadata::ids::UniqueId;
use renkei_metadata::model::{EntryType, ExtraSlot};
use renkei_xds::response::Status;

/// What is registered before each breach.
struct Registered {
    document: DocumentEntry,
    folder: Folder,
}

type Breach = (&'static str, &'static str, fn(&Registered, &mut Submission));

/// A change to a message, and the error that it makes.
type Fault = (&'static str, fn(&mut Submission));

fn member(m: &mut Submission) -> &mut Association {
    let document = m.entries[0].id.clone();
    m.associations.iter_mut().find(|a| a.target == document).unwrap()
}

fn slot(name: &str, values: &[&str]) -> ExtraSlot {
    ExtraSlot { name: name.into(), values: values.iter().map(|v| (*v).to_owned()).collect() }
}

/// Exchanges the operation for a change of the document's status.
fn status(given: &Registered, m: &mut Submission, slots: Vec<ExtraSlot>) {
    m.entries.clear();
    m.associations.clear();
    let kind = AssociationType::UpdateAvailabilityStatus;
    let mut operation = link(kind, &m.submission_set.id, &given.document.id);
    operation.extra = slots;
    m.associations.push(operation);
}

fn statuses(original: &str, new: &str) -> Vec<ExtraSlot> {
    vec![slot("OriginalStatus", &[original]), slot("NewStatus", &[new])]
}

const UPDATE: &str = "XDSMetadataUpdateError";
const OPERATION: &str = "XDSMetadataUpdateOperationError";
const VERSION: &str = "XDSMetadataVersionError";
const METADATA: &str = "XDSRegistryMetadataError";

const BREACHES: &[Breach] = &[
    ("no operation", UPDATE, |_, m| {
        m.entries.clear();
        m.associations.clear();
    }),
    ("no logicalID", UPDATE, |_, m| m.entries[0].lid = None),
    ("its own logicalID", UPDATE, |_, m| {
        let own = EntryUuid(uuid::Uuid::new_v4());
        member(m).target = ObjectId::Uuid(own);
        (m.entries[0].id, m.entries[0].lid) = (ObjectId::Uuid(own), Some(own));
    }),
    ("unknown logicalID", VERSION, |_, m| {
        m.entries[0].lid = Some(EntryUuid(uuid::Uuid::new_v4()));
    }),
    ("logicalID of a folder", VERSION, |given, m| m.entries[0].lid = given.folder.lid),
    ("an older version", VERSION, |_, m| member(m).previous_version = Some(0)),
    ("a later version", VERSION, |_, m| member(m).previous_version = Some(2)),
    ("no PreviousVersion", OPERATION, |_, m| member(m).previous_version = None),
    ("another uniqueId", UPDATE, |_, m| {
        m.entries[0].unique_id = UniqueId::from(new_oid());
    }),
    ("another objectType", UPDATE, |_, m| {
        let e = &mut m.entries[0];
        (e.object_type, e.creation_time) = (EntryType::OnDemand, None);
        (e.hash, e.size) = (None, None);
    }),
    ("a required attribute missing", METADATA, |_, m| m.entries[0].class_code = None),
    ("an id that is taken", METADATA, |given, m| {
        member(m).target = given.folder.id.clone();
        m.entries[0].id = given.folder.id.clone();
    }),
    ("two updates of one object", OPERATION, |_, m| {
        let mut second = m.entries[0].clone();
        second.id = ObjectId::Symbol("second".into());
        let mut of = member(m).clone();
        (of.id, of.target) = (ObjectId::Symbol("of".into()), second.id.clone());
        m.entries.push(second);
        m.associations.push(of);
    }),
    ("an unknown slot", OPERATION, |_, m| member(m).extra.push(slot("urn:x-a:b", &["c"]))),
    ("propagation that is neither", OPERATION, |_, m| {
        member(m).extra.push(slot("AssociationPropagation", &["perhaps"]));
    }),
    ("no SubmissionSetStatus", OPERATION, |_, m| member(m).submission_set_status = None),
    ("no membership", OPERATION, |_, m| m.associations.clear()),
    ("no OriginalStatus", OPERATION, |given, m| {
        status(given, m, vec![slot("NewStatus", &[DEPRECATED.urn()])]);
    }),
    ("no NewStatus", OPERATION, |given, m| {
        status(given, m, vec![slot("OriginalStatus", &[APPROVED.urn()])]);
    }),
    ("two values of NewStatus", OPERATION, |given, m| {
        let mut slots = statuses(APPROVED.urn(), DEPRECATED.urn());
        slots[1].values.push(APPROVED.urn().to_owned());
        status(given, m, slots);
    }),
    ("a status that is none", OPERATION, |given, m| {
        status(given, m, statuses(APPROVED.urn(), "Withdrawn"));
    }),
    ("the status that it has", OPERATION, |given, m| {
        status(given, m, statuses(APPROVED.urn(), APPROVED.urn()));
    }),
    ("an unknown slot of a status", OPERATION, |given, m| {
        let mut slots = statuses(APPROVED.urn(), DEPRECATED.urn());
        slots.push(slot("urn:x-a:b", &["c"]));
        status(given, m, slots);
    }),
    ("another status than it has", UPDATE, |given, m| {
        status(given, m, statuses(DEPRECATED.urn(), APPROVED.urn()));
    }),
    ("the status of nothing", "UnresolvedReferenceException", |given, m| {
        status(given, m, statuses(APPROVED.urn(), DEPRECATED.urn()));
        m.associations[0].target = ObjectId::Uuid(EntryUuid(uuid::Uuid::new_v4()));
    }),
    ("the status of this SubmissionSet", UPDATE, |given, m| {
        status(given, m, statuses(APPROVED.urn(), DEPRECATED.urn()));
        m.associations[0].target = m.submission_set.id.clone();
    }),
    ("an association that nothing submits", OPERATION, |given, m| {
        m.associations.push(link(AssociationType::HasMember, &given.folder.id, &given.document.id));
    }),
    ("the association of nothing", "UnresolvedReferenceException", |_, m| {
        let nothing = ObjectId::Symbol("nothing".into());
        let kind = AssociationType::SubmitAssociation;
        let submit = link(kind, &m.submission_set.id, &nothing);
        m.associations.push(submit);
    }),
    ("an association besides propagation", OPERATION, |given, m| {
        // NIST test 20006; the end is called as it is registered.
        let apnd = link(AssociationType::HasMember, &given.folder.id, &given.document.id);
        let kind = AssociationType::SubmitAssociation;
        let submit = link(kind, &m.submission_set.id, &apnd.id);
        m.associations.extend([apnd, submit]);
    }),
    ("a SubmissionSet that is there already", "XDSDuplicateUniqueIdInRegistry", |given, m| {
        m.submission_set.unique_id = given.folder.unique_id.clone();
    }),
];

#[tokio::test]
async fn each_breach_is_refused_by_name_and_changes_nothing() {
    for w in World::each() {
        let p = patient("1");
        let (folder, document) = filed(&w, &p).await;
        let given = Registered { document, folder };
        let (before, outbox) = (everything(&w, &p).await, w.outbox().await);
        for (name, code, breach) in BREACHES {
            let mut message = of(&p, given.document.clone()).build().message();
            breach(&given, &mut message);
            let answer = answer(&w, (message.clone(), Form::Full)).await;
            assert_eq!(answer.status, Status::Failure, "{name}");
            let codes: Vec<&str> = answer.errors.iter().map(|e| e.code.as_str()).collect();
            assert!(codes.contains(code), "{name}: {codes:?}");
            assert_eq!(codes.iter().filter(|c| *c != code).count(), 0, "{name}: {codes:?}");
            for error in &answer.errors {
                assert!(names_an_object(&message, &error.context), "{name}: {}", error.context);
            }
            let record = w.records.0.lock().unwrap().pop().unwrap();
            assert_eq!((record.action, record.outcome), (Action::Update, Outcome::SeriousFailure));
            assert_eq!(record.outcome_description.as_deref(), Some(*code), "{name}");
        }
        assert_eq!(everything(&w, &p).await, before);
        assert_eq!(w.outbox().await, outbox);
    }
}

/// Whether a text has the id of an object of the message (ITI TF-2: 3.57.4.1.3.1).
fn names_an_object(m: &Submission, text: &str) -> bool {
    let ids = m.entries.iter().map(|e| &e.id).chain(m.associations.iter().map(|a| &a.id));
    ids.chain([&m.submission_set.id]).any(|id| text.contains(&id.to_string()))
}

/// What cannot be seen without the registry is told beside what can.
#[tokio::test]
async fn everything_is_told_at_once() {
    for w in World::each() {
        let p = patient("1");
        let document = registered(&w, &p).await;
        let mut message = of(&p, document).build().message();
        member(&mut message).previous_version = Some(7);
        (message.entries[0].class_code, message.entries[0].unique_id) =
            (None, UniqueId::from(new_oid()));
        let mut codes: Vec<String> = codes(&w, (message, Form::Full)).await;
        codes.sort();
        assert_eq!(codes, [UPDATE, VERSION, METADATA]);
    }
}

#[tokio::test]
async fn a_deprecated_object_is_not_updated() {
    for w in World::each() {
        let p = patient("1");
        let (folder, document) = filed(&w, &p).await;
        for id in [&document.id, &folder.id] {
            accept(&w, by(&p).status(id.uuid().unwrap(), APPROVED, DEPRECATED)).await;
        }
        assert_eq!(codes(&w, of(&p, document)).await, [UPDATE]);
        let of_folder = by(&p).folder(folder, Propagation::Yes).unwrap();
        assert_eq!(codes(&w, of_folder).await, [UPDATE]);
    }
}

/// NIST tests 20000b, 20000c, 20000f.
#[tokio::test]
async fn folders_are_refused_by_the_same_names() {
    for w in World::each() {
        let p = patient("1");
        let (folder, _) = filed(&w, &p).await;
        let message = || by(&p).folder(folder.clone(), Propagation::Yes).unwrap().build().message();
        let breaches: [Fault; 4] = [
            (UPDATE, |m| m.folders[0].lid = None),
            (VERSION, |m| m.associations[0].previous_version = Some(3)),
            (METADATA, |m| m.folders[0].codes.clear()),
            (UPDATE, |m| m.folders[0].unique_id = new_oid()),
        ];
        for (code, breach) in breaches {
            let mut m = message();
            breach(&mut m);
            assert_eq!(codes(&w, (m, Form::Full)).await, [code]);
        }
    }
}

#[tokio::test]
async fn an_update_by_itself_is_refused_where_the_first_submission_belongs() {
    for w in World::each() {
        let p = patient("1");
        let document = registered(&w, &p).await;
        let update = of(&p, document).build().message();
        let mut codes = w.refuse(update).await;
        codes.dedup();
        assert_eq!(codes, [METADATA]);
    }
}
