use super::*;
use crate::iti57;
use crate::testing::{read, valid, written};
use crate::update::UpdateBuilder;
use proptest::prelude::*;
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use renkei_arbitrary::arbitrary;
use renkei_metadata::ids::{EntryUuid, HomeCommunityId};
use renkei_metadata::update::Propagation;
use uuid::Uuid;

/// New versions of documents with the community that they are of.
fn restricted() -> impl Strategy<Value = Update> {
    (arbitrary::submission(), any::<u128>()).prop_map(|(submission, seed)| {
        let mut builder = UpdateBuilder::new(submission.submission_set);
        for (n, mut entry) in submission.entries.into_iter().enumerate() {
            entry.lid = Some(EntryUuid(Uuid::from_u128(seed.wrapping_add(n as u128))));
            entry.version = Some(1);
            entry.home = HomeCommunityId::parse("urn:oid:2.999.1").ok();
            builder = builder.entry(entry, Propagation::Yes).unwrap();
        }
        builder.build()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn requests_written_are_read(update in restricted()) {
        let xml = written(|w| write_request(w, &update));
        let checked = read(&xml, read_request).unwrap();
        prop_assert_eq!(checked.findings, vec![]);
        prop_assert_eq!(checked.value.as_ref(), Some(&update));
        // The two transactions share their message.
        prop_assert_eq!(xml, written(|w| iti57::write_request(w, &update)));
    }
}

#[test]
fn messages_are_valid_by_the_schema() {
    let mut runner = TestRunner::deterministic();
    for _ in 0..4 {
        let update = restricted().new_tree(&mut runner).unwrap().current();
        valid("ebRS30/lcm.xsd", &written(|w| write_request(w, &update)));
    }
}

#[test]
fn what_belongs_to_a_full_update_is_refused_by_name() {
    let mut runner = TestRunner::deterministic();
    let update = renkei_arbitrary::update::arbitrary::update();
    let update = update.prop_filter("folders", |u| !u.folders.is_empty() && !u.statuses.is_empty());
    let update = update.new_tree(&mut runner).unwrap().current();
    let xml = written(|w| write_request(w, &update));
    let findings = read(&xml, read_request).unwrap().findings;
    let told = |object: &str| {
        findings.iter().any(|f| f.rule.id == "restricted-content" && f.object.starts_with(object))
    };
    assert!(told("Folder ") && told("Association status"), "{findings:?}");
}
