use super::*;
use crate::testing::{read, valid, written};
use crate::update::UpdateBuilder;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use renkei_arbitrary::arbitrary;
use renkei_metadata::ids::EntryUuid;
use renkei_metadata::model::AvailabilityStatus;
use renkei_metadata::update::Propagation;

/// An update as it comes over the wire: the objects of a submission, the association replaced.
fn message(lid: &str, associations: &str) -> String {
    const SAMPLE: &str = include_str!("../../../metadata/samples/submission.xml");
    let objects: Vec<&str> = SAMPLE.lines().filter(|l| !l.contains("<rim:Association")).collect();
    let objects =
        objects.join("\n").replacen("id=\"Document01\"", &format!("id=\"Document01\"{lid}"), 1);
    let objects = objects.replace("</rim:RegistryObjectList>", associations);
    format!(
        "<lcm:SubmitObjectsRequest xmlns:lcm=\"urn:oasis:names:tc:ebxml-regrep:xsd:lcm:3.0\">{objects}</rim:RegistryObjectList></lcm:SubmitObjectsRequest>"
    )
}

const LID: &str = " lid=\"urn:uuid:5d7e2f3a-1c0b-4f6d-8a9e-2b3c4d5e6f01\"";

fn member(slots: &str) -> String {
    format!(
        "<rim:Association id=\"as1\" associationType=\"urn:oasis:names:tc:ebxml-regrep:AssociationType:HasMember\" sourceObject=\"SubmissionSet01\" targetObject=\"Document01\"><rim:Slot name=\"SubmissionSetStatus\"><rim:ValueList><rim:Value>Original</rim:Value></rim:ValueList></rim:Slot>{slots}</rim:Association>"
    )
}

fn slot(name: &str, value: &str) -> String {
    format!(
        "<rim:Slot name=\"{name}\"><rim:ValueList><rim:Value>{value}</rim:Value></rim:ValueList></rim:Slot>"
    )
}

fn deprecation(target: &str) -> String {
    let slots = AvailabilityStatus::ALL.map(AvailabilityStatus::urn);
    format!(
        "<rim:Association id=\"as2\" associationType=\"urn:ihe:iti:2010:AssociationType:UpdateAvailabilityStatus\" sourceObject=\"SubmissionSet01\" targetObject=\"{target}\">{}{}</rim:Association>",
        slot("OriginalStatus", slots[0]),
        slot("NewStatus", slots[1])
    )
}

#[test]
fn an_update_of_the_wire_becomes_its_operations() {
    let slots = slot("PreviousVersion", "3") + &slot("AssociationPropagation", "no");
    let xml = message(LID, &(member(&slots) + &deprecation("Document01")));
    valid("ebRS30/lcm.xsd", &xml);
    let checked = read(&xml, read_request).unwrap();
    assert_eq!(checked.findings, []);
    let update = checked.value.unwrap();
    let version = &update.entries[0];
    assert_eq!((version.previous(), version.propagation()), (Some(3), Propagation::No));
    let lid = EntryUuid::parse("urn:uuid:5d7e2f3a-1c0b-4f6d-8a9e-2b3c4d5e6f01").unwrap();
    assert_eq!(version.of().map(|of| of.id()), Some(lid));
    let status = &update.statuses[0];
    assert_eq!(status.target(), &version.object.id);
    let statuses = [status.original(), status.new_status()];
    assert_eq!(statuses, AvailabilityStatus::ALL);
}

#[test]
fn faults_of_the_wire_are_told_by_name() {
    let version = slot("PreviousVersion", "1");
    for (lid, associations, rule) in [
        ("", member(&version), "update-initial"),
        (" lid=\"Document00\"", member(&version), "update-logical-id"),
        (LID, member(""), "update-operation"),
        (LID, member(&slot("PreviousVersion", "one")), "update-operation"),
        (LID, member(&version.repeat(2)), "update-operation"),
        (LID, member(&(version.clone() + &slot("Strange", "1"))), "update-operation"),
        (LID, member(&(version.clone() + &slot("urn:ihe:strange", "1"))), "update-operation"),
        (LID, String::new(), "update-membership"),
        (LID, member(&version).replace("Original", "New"), "update-operation"),
    ] {
        let checked = read(&message(lid, &associations), read_request).unwrap();
        let rules: Vec<&str> = checked.findings.iter().map(|f| f.rule.id).collect();
        assert_eq!(rules, [rule], "{lid} {associations}");
    }
}

#[test]
fn another_element_is_refused() {
    let fault = read("<x xmlns='urn:x'/>", read_request).unwrap_err();
    assert_eq!(fault.subcode, Some(renkei_soap::fault::Subcode::ActionNotSupported));
}

#[test]
fn the_builder_makes_an_update_of_what_a_query_answered() {
    let mut runner = TestRunner::deterministic();
    let mut sample = || arbitrary::submission().new_tree(&mut runner).unwrap().current();
    let submission = sample();
    let mut entry = submission.entries[0].clone();
    let builder = || UpdateBuilder::new(submission.submission_set.clone());
    assert!(builder().entry(entry.clone(), Propagation::Yes).is_err());
    let lid = EntryUuid(uuid::Uuid::from_u128(7));
    (entry.lid, entry.version) = (Some(lid), Some(2));
    (entry.status, entry.title) = (Some(AvailabilityStatus::Approved), None);
    let [original, new] = AvailabilityStatus::ALL;
    let update = builder().entry(entry.clone(), Propagation::No).unwrap();
    let update = update.status(EntryUuid(uuid::Uuid::from_u128(8)), original, new).build();
    let checked = read(&written(|w| write_request(w, &update)), read_request).unwrap();
    assert_eq!((checked.findings, checked.value.as_ref()), (vec![], Some(&update)));
    let version = &update.entries[0];
    assert_eq!((version.previous(), version.propagation()), (Some(2), Propagation::No));
    assert_eq!(version.of().map(|of| of.id()), Some(lid));
    assert_ne!(version.object.id, entry.id);
    assert_eq!((version.object.status, version.object.version), (None, None));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn requests_written_are_read(update in renkei_arbitrary::update::arbitrary::update()) {
        let xml = written(|w| write_request(w, &update));
        prop_assert_eq!(read(&xml, read_request).unwrap().value, Some(update));
    }
}

#[test]
fn messages_are_valid_by_the_schema() {
    let mut runner = TestRunner::deterministic();
    for _ in 0..4 {
        let update = renkei_arbitrary::update::arbitrary::update();
        let update = update.new_tree(&mut runner).unwrap().current();
        valid("ebRS30/lcm.xsd", &written(|w| write_request(w, &update)));
    }
}
