//! Each row is broken once, in a message that is right but for that.

use super::arbitrary;
use super::*;
use crate::ebrim::tests::told;
use crate::finding::{Checked, Finding, IheCode, Reporter};
use crate::ids::{EntryUuid, HomeCommunityId, ObjectId};
use crate::model::{
    Association, AssociationType, AvailabilityStatus, ExtraSlot, SubmissionSetStatus,
};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use uuid::Uuid;

const SET: &str = "SubmissionSet";
const ENTRY: &str = "DocumentEntry Document";
const MEMBER: &str = "Association member";
const STATUS: &str = "Association status";
const APPROVED: AvailabilityStatus = AvailabilityStatus::Approved;
const DEPRECATED: AvailabilityStatus = AvailabilityStatus::Deprecated;

fn sample<T: std::fmt::Debug>(strategy: impl Strategy<Value = T>) -> T {
    strategy.new_tree(&mut TestRunner::deterministic()).unwrap().current()
}

fn symbol(name: &str) -> ObjectId {
    ObjectId::Symbol(name.to_owned())
}

fn uuid(n: u128) -> ObjectId {
    ObjectId::Uuid(EntryUuid(Uuid::from_u128(n)))
}

/// A new version of a document, one of a folder, a submitted association and a change of status.
fn update() -> Update {
    let mut set = sample(crate::arbitrary::submission_set());
    set.id = symbol("Set");
    let id = set.id.clone();
    let mut entry = sample(crate::arbitrary::entry());
    (entry.id, entry.lid) = (symbol("Document"), Some(EntryUuid(Uuid::from_u128(1))));
    entry.home = HomeCommunityId::parse("urn:oid:1.2.3").ok();
    let mut folder = sample(crate::arbitrary::folder());
    (folder.id, folder.lid) = (symbol("Folder"), Some(EntryUuid(Uuid::from_u128(2))));
    let mut association = sample(crate::arbitrary::association());
    association.id = symbol("new");
    association.association_type = AssociationType::Apnd;
    (association.source, association.target) = (uuid(3), uuid(4));
    (association.previous_version, association.submission_set_status) = (None, None);
    let yes = Propagation::Yes;
    Update {
        submission_set: set,
        entries: vec![NewVersion::of_entry(entry, 1, yes, (&id, symbol("member")))],
        folders: vec![NewVersion::of_folder(folder, 4, Propagation::No, (&id, symbol("of")))],
        associations: vec![NewAssociation::new(association, (&id, symbol("submit")))],
        statuses: vec![StatusChange::new(
            &uuid(5),
            [APPROVED, DEPRECATED],
            (&id, symbol("status")),
        )],
    }
}

/// The part of it that a restricted update may have.
fn restricted() -> Update {
    let all = update();
    Update { folders: Vec::new(), associations: Vec::new(), statuses: Vec::new(), ..all }
}

fn slot(name: &str, values: &[&str]) -> ExtraSlot {
    let values = values.iter().map(|v| (*v).to_owned()).collect();
    ExtraSlot { name: name.to_owned(), values }
}

fn association<'m>(message: &'m mut Submission, id: &str) -> &'m mut Association {
    message.associations.iter_mut().find(|a| a.id == symbol(id)).unwrap()
}

/// What is told of the message after `change`.
fn findings(form: Form, from: &Update, change: impl FnOnce(&mut Submission)) -> Vec<Finding> {
    let mut message = from.message();
    change(&mut message);
    read(Checked::good(message), form).findings
}

proptest! {
    #[test]
    fn an_update_is_read_from_its_message(update in arbitrary::update()) {
        let read = read(Checked::good(update.message()), Form::Full);
        prop_assert_eq!(read.value, Some(update));
    }
}

#[test]
fn the_sample_keeps_every_rule() {
    for (form, update) in [(Form::Full, update()), (Form::Restricted, restricted())] {
        assert_eq!(findings(form, &update, |_| ()), []);
        let read = read(Checked::good(update.message()), form).value.unwrap();
        assert_eq!(read, update);
    }
}

#[test]
fn what_is_stored_is_everything_but_the_operations() {
    let stored = update().stored();
    let ids: Vec<String> = stored.associations.iter().map(|a| a.id.to_string()).collect();
    assert_eq!(ids, ["member", "of", "new"]);
    assert_eq!((stored.entries.len(), stored.folders.len()), (1, 1));
}

type Breach = (fn(&mut Submission), &'static str, &'static str, &'static str);

/// A change to the sample, and the one finding that it makes.
const BREACHES: &[Breach] = &[
    (|m| m.entries[0].lid = None, "update-initial", ENTRY, "logicalID"),
    (
        |m| {
            let lid = m.entries[0].lid.unwrap();
            m.entries[0].id = ObjectId::Uuid(lid);
            association(m, "member").target = ObjectId::Uuid(lid);
        },
        "update-initial",
        "DocumentEntry urn:uuid:00000000-0000-0000-0000-000000000001",
        "logicalID",
    ),
    (|m| m.folders[0].lid = None, "update-initial", "Folder Folder", "logicalID"),
    (
        |m| association(m, "member").previous_version = None,
        "update-operation",
        MEMBER,
        "PreviousVersion",
    ),
    (
        |m| association(m, "member").submission_set_status = None,
        "update-operation",
        MEMBER,
        "SubmissionSetStatus",
    ),
    (
        |m| {
            let reference = SubmissionSetStatus::Reference;
            association(m, "of").submission_set_status = Some(reference);
        },
        "update-operation",
        "Association of",
        "SubmissionSetStatus",
    ),
    (
        |m| association(m, "member").extra = vec![slot("AssociationPropagation", &["maybe"])],
        "update-operation",
        MEMBER,
        "AssociationPropagation",
    ),
    (
        |m| association(m, "member").extra = vec![slot("AssociationPropagation", &["yes", "no"])],
        "update-operation",
        MEMBER,
        "AssociationPropagation",
    ),
    (
        |m| association(m, "member").extra = vec![slot("urn:x-kenshin:a", &["b"])],
        "update-operation",
        MEMBER,
        "urn:x-kenshin:a",
    ),
    (
        |m| association(m, "member").extra = vec![slot("NewStatus", &["x"])],
        "update-operation",
        MEMBER,
        "NewStatus",
    ),
    (
        |m| m.associations.retain(|a| a.id != symbol("member")),
        "update-membership",
        ENTRY,
        "HasMember",
    ),
    (
        |m| {
            let mut second = association(m, "member").clone();
            second.id = symbol("second");
            m.associations.push(second);
        },
        "update-membership",
        ENTRY,
        "HasMember",
    ),
    (
        |m| association(m, "status").extra.retain(|s| s.name != "OriginalStatus"),
        "update-operation",
        STATUS,
        "OriginalStatus",
    ),
    (
        |m| association(m, "status").extra.retain(|s| s.name != "NewStatus"),
        "update-operation",
        STATUS,
        "NewStatus",
    ),
    (
        |m| association(m, "status").extra[1].values = vec!["Deprecated".to_owned()],
        "update-operation",
        STATUS,
        "NewStatus",
    ),
    (
        |m| {
            let both = AvailabilityStatus::ALL.map(|s| s.urn().to_owned());
            association(m, "status").extra[0].values = both.to_vec();
        },
        "update-operation",
        STATUS,
        "OriginalStatus",
    ),
    (
        |m| association(m, "status").extra[0].values = vec![DEPRECATED.urn().to_owned()],
        "update-status-unchanged",
        STATUS,
        "NewStatus",
    ),
    (
        |m| association(m, "status").extra.push(slot("urn:x-kenshin:a", &["b"])),
        "update-operation",
        STATUS,
        "urn:x-kenshin:a",
    ),
    (
        |m| association(m, "status").previous_version = Some(1),
        "update-operation",
        STATUS,
        "PreviousVersion",
    ),
    (
        |m| association(m, "status").target = symbol("nothing"),
        "reference-unresolved",
        STATUS,
        "targetObject",
    ),
    (
        |m| {
            let mut second = association(m, "status").clone();
            second.id = symbol("second");
            m.associations.push(second);
        },
        "update-repeated",
        "Association second",
        "targetObject",
    ),
    (
        |m| association(m, "submit").extra = vec![slot("NewStatus", &["x"])],
        "update-operation",
        "Association submit",
        "NewStatus",
    ),
    (
        |m| association(m, "submit").target = symbol("nothing"),
        "reference-unresolved",
        "Association submit",
        "targetObject",
    ),
    (
        |m| association(m, "new").source = symbol("nothing"),
        "reference-unresolved",
        "Association new",
        "sourceObject",
    ),
    (
        |m| association(m, "new").source = symbol("Document"),
        "update-propagated",
        "Association new",
        "sourceObject",
    ),
    (
        |m| association(m, "new").previous_version = Some(3),
        "update-operation",
        "Association new",
        "PreviousVersion",
    ),
    (
        |m| {
            let mut second = m.entries[0].clone();
            second.id = symbol("Document2");
            let mut member = association(m, "member").clone();
            (member.id, member.target) = (symbol("member2"), second.id.clone());
            m.entries.push(second);
            m.associations.push(member);
        },
        "update-repeated",
        "DocumentEntry Document2",
        "logicalID",
    ),
    (
        |m| association(m, "status").source = symbol("Document"),
        "update-no-operation",
        STATUS,
        "associationType",
    ),
];

#[test]
fn each_breach_is_told_where_it_is() {
    for (n, (change, rule, object, attribute)) in BREACHES.iter().enumerate() {
        let found = findings(Form::Full, &update(), *change);
        let mut told = told(&found);
        // A submission of nothing leaves its association behind, too.
        told.retain(|t| t != &("update-no-operation", "Association new", "associationType"));
        assert_eq!(told, [(*rule, *object, *attribute)], "breach {n}");
        let context = found[0].context();
        let id = object.split_once(' ').map(|(_, id)| id).unwrap();
        assert!(context.contains(id), "{context}");
    }
}

#[test]
fn an_association_that_nothing_submits_belongs_to_no_operation() {
    let found =
        findings(Form::Full, &update(), |m| m.associations.retain(|a| a.id != symbol("submit")));
    assert_eq!(told(&found), [("update-no-operation", "Association new", "associationType")]);
}

#[test]
fn an_update_without_operations_is_refused() {
    for (form, rule) in [(Form::Full, "update-empty"), (Form::Restricted, "restricted-empty")] {
        let found = findings(form, &update(), |m| {
            m.entries.clear();
            m.folders.clear();
            m.associations.clear();
        });
        assert_eq!(told(&found), [(rule, format!("{SET} Set").as_str(), "")]);
    }
}

const RESTRICTED: &[Breach] = &[
    (|m| m.entries[0].home = None, "restricted-community-missing", ENTRY, "homeCommunityId"),
    (|m| m.entries[0].lid = None, "restricted-initial", ENTRY, "logicalID"),
    (
        |m| association(m, "member").previous_version = None,
        "restricted-annotation",
        MEMBER,
        "PreviousVersion",
    ),
    (
        |m| association(m, "member").extra = vec![slot("AssociationPropagation", &["no"])],
        "restricted-annotation",
        MEMBER,
        "AssociationPropagation",
    ),
    (
        |m| m.associations.retain(|a| a.id != symbol("member")),
        "restricted-annotation",
        ENTRY,
        "HasMember",
    ),
    (
        |m| m.associations.push(update().statuses[0].operation().clone()),
        "restricted-content",
        STATUS,
        "",
    ),
    (
        |m| {
            let folder = update().folders.remove(0);
            m.associations.push(folder.member().clone());
            association(m, "of").extra.clear();
            m.folders.push(folder.object);
        },
        "restricted-content",
        "Folder Folder",
        "",
    ),
    (
        |m| {
            let new = update().associations.remove(0);
            m.associations.extend([new.operation().clone(), new.association]);
        },
        "restricted-content",
        "Association new",
        "",
    ),
];

#[test]
fn a_restricted_update_has_errors_of_its_own() {
    for (n, (change, rule, object, attribute)) in RESTRICTED.iter().enumerate() {
        let found = findings(Form::Restricted, &restricted(), *change);
        assert_eq!(told(&found), [(*rule, *object, *attribute)], "breach {n}");
    }
}

#[test]
fn without_a_logical_id_a_restricted_update_names_the_version() {
    let id = EntryUuid(Uuid::from_u128(9));
    let mut message = restricted().message();
    message.entries[0].lid = None;
    message.entries[0].id = ObjectId::Uuid(id);
    association(&mut message, "member").target = ObjectId::Uuid(id);
    let read = read(Checked::good(message.clone()), Form::Restricted);
    assert_eq!(read.findings, []);
    let version = &read.value.unwrap().entries[0];
    assert_eq!(version.of(), Some(Predecessor::Version(id)));
    // The id stays that of the registered version; the new one is called by it in this message alone.
    assert_eq!(version.object.id, symbol(&id.to_string()));
    assert_eq!(version.member().target, version.object.id);
    let found = super::read(Checked::good(message), Form::Full).findings;
    let object = format!("DocumentEntry {id}");
    assert_eq!(told(&found), [("update-initial", object.as_str(), "logicalID")]);
}

/// What the reader of ebRIM finds in an operation has the operation's error.
#[test]
fn faults_of_the_reader_are_told_as_those_of_the_operation() {
    for (form, update, version, lid) in [
        (Form::Full, update(), "update-operation", "update-logical-id"),
        (Form::Restricted, restricted(), "restricted-annotation", "restricted-initial"),
    ] {
        let mut message = update.message();
        association(&mut message, "member").previous_version = None;
        message.entries[0].lid = None;
        let malformed = |object: &str, attribute: &'static str| {
            Finding::new(&crate::rules::VALUE_MALFORMED, object).attribute(attribute)
        };
        let findings = vec![
            malformed(MEMBER, "PreviousVersion"),
            malformed(ENTRY, "logicalID"),
            malformed(ENTRY, "creationTime"),
        ];
        let read = read(Checked { value: Some(message), findings }, form);
        let expected = [
            (version, MEMBER, "PreviousVersion"),
            (lid, ENTRY, "logicalID"),
            ("value-malformed", ENTRY, "creationTime"),
        ];
        assert_eq!(told(&read.findings), expected);
    }
}

#[test]
fn the_objects_of_an_update_are_complete_and_of_one_patient() {
    let mut complete = update();
    let code = sample(crate::arbitrary::code());
    complete.submission_set.patient_id = Some(sample(crate::arbitrary::patient_id()));
    let found = |u: &Update| {
        let checked = crate::rules::check_update(u, None, &[]);
        checked.into_iter().map(|f| f.rule.id).collect::<Vec<_>>()
    };
    complete.entries[0].object.class_code = None;
    assert!(found(&complete).contains(&"attribute-missing"));
    complete.entries[0].object.class_code = Some(code);
    let other =
        crate::ids::PatientId { id: "other".to_owned(), ..sample(crate::arbitrary::patient_id()) };
    complete.folders[0].object.patient_id = Some(other);
    assert!(found(&complete).contains(&"update-patient"));
    let target = complete.associations[0].association.target.clone();
    complete.associations[0].association.source = target;
    assert!(found(&complete).contains(&"association-to-itself"));
}

/// The codes that the two transactions answer with are theirs alone.
#[test]
fn the_rows_have_the_codes_of_their_transaction() {
    let codes = |prefix: &str| {
        let rows = rows::all().iter().filter(|r| r.id.starts_with(prefix));
        let mut codes: Vec<&str> = rows.map(|r| r.code.name(Reporter::Registry)).collect();
        codes.sort_unstable();
        codes.dedup();
        codes
    };
    assert_eq!(
        codes("update-"),
        [
            "XDSMetadataUpdateError",
            "XDSMetadataUpdateOperationError",
            "XDSPatientIDReconciliationError"
        ]
    );
    assert_eq!(
        codes("restricted-"),
        ["XDSInvalidRequestException", "XDSMetadataAnnotationError", "XDSMissingHomeCommunityId"]
    );
    assert_eq!(IheCode::MetadataVersionError.name(Reporter::Registry), "XDSMetadataVersionError");
}
