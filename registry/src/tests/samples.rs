//! Each row of the error tables of the registry, with a test that provokes it.

use renkei_hl7v2::ack::{Nak, rows};
use std::collections::BTreeSet;
use std::io::Write;
use std::process::Command;
use std::thread;

/// Has a test say which rows it sees; set for the tests that [`SAMPLES`] names.
const TELL: &str = "RENKEI_TELL_ROWS";

/// Called where the registry refuses something.
pub(crate) fn seen(rows: impl Iterator<Item = &'static str>) {
    if std::env::var_os(TELL).is_some() {
        let test = thread::current().name().unwrap_or_default().to_owned();
        let mut out = std::io::stdout().lock();
        rows.for_each(|row| writeln!(out, "\nrow {row} {test}").unwrap());
    }
}

/// Called where the registry refuses a message of the feed.
pub(crate) fn seen_in(nak: &Nak) {
    let of = |problem| rows::all().iter().find(|row| row.is(problem)).map(|row| row.id);
    seen(nak.problems.iter().filter_map(of));
}

/// Rows and the tests that see them.
static SAMPLES: &[(&str, &str)] = &[
    ("patient-unknown", "updating::patients::an_update_is_of_one_patient_that_is_known_and_active"),
    ("repository-not-own", "entitled::a_repository_registers_for_itself_and_for_this_community"),
    ("community-not-own", "entitled::a_repository_registers_for_itself_and_for_this_community"),
    (
        "registered-source-not-own",
        "entitled::nobody_registers_under_a_source_id_that_another_node_was_issued_for",
    ),
    (
        "registered-institution-not-own",
        "entitled::a_node_of_an_institution_registers_its_own_authors_alone",
    ),
    ("patient-subsumed", "feeding::a_merged_patient_is_found_under_the_surviving_id"),
    ("patient-authority", "registering::patients_are_known_as_the_policy_says"),
    ("entry-uuid-used", "updating::refusals::each_breach_is_refused_by_name_and_changes_nothing"),
    (
        "set-unique-id-used",
        "updating::refusals::each_breach_is_refused_by_name_and_changes_nothing",
    ),
    ("folder-unique-id-used", "filing::a_folder_is_of_one_patient_and_holds_documents"),
    ("document-unique-id-used", "registering::ids_of_objects_are_never_used_again"),
    (
        "document-type-differs",
        "on_demand::an_on_demand_entry_is_registered_without_content_and_found_by_its_type",
    ),
    ("document-hash-differs", "registering::a_unique_id_stands_for_one_content"),
    ("document-size-differs", "registering::a_unique_id_stands_for_one_content"),
    ("target-unknown", "filing::a_folder_is_of_one_patient_and_holds_documents"),
    ("target-not-a-document", "filing::a_folder_is_of_one_patient_and_holds_documents"),
    ("source-not-a-folder", "filing::a_folder_is_of_one_patient_and_holds_documents"),
    ("target-deprecated", "relating::nothing_is_related_to_what_is_no_longer_current"),
    ("target-replaced-twice", "updating::associations::a_submitted_replacement_replaces"),
    ("target-joined", "relating::a_document_is_joined_in_one_way_once"),
    ("target-of-other-patient", "filing::a_folder_is_of_one_patient_and_holds_documents"),
    (
        "snapshot-of-stable",
        "updating::associations::both_ends_are_registered_current_and_of_the_right_kind",
    ),
    ("object-too-large", "registering::an_object_that_is_too_large_is_named"),
    ("asked-unknown", "finding::a_patient_for_whom_nothing_can_be_there_is_named"),
    ("asked-subsumed", "finding::a_patient_for_whom_nothing_can_be_there_is_named"),
    ("asked-another-domain", "finding::a_patient_for_whom_nothing_can_be_there_is_named"),
    ("too-many-results", "finding::large_answers_come_in_pages_and_complete"),
    (
        "not-single-patient",
        "updating::patients::a_document_goes_to_another_patient_and_both_versions_are_found",
    ),
    ("removal-of-unknown", "removing::what_is_not_there_cannot_go"),
    ("removal-of-removed", "removing::what_is_not_there_cannot_go"),
    ("removal-of-referenced", "removing::nothing_loses_an_end_and_nothing_is_left_alone"),
    ("removal-leaves-unreferenced", "removing::nothing_loses_an_end_and_nothing_is_left_alone"),
    ("removal-leaves-empty-set", "removing::nothing_loses_an_end_and_nothing_is_left_alone"),
    ("removal-breaks-relation", "removing::an_addendum_that_stays_keeps_what_it_adds_to"),
    (
        "removal-breaks-replacement",
        "removing::a_replaced_document_that_stays_keeps_its_replacement",
    ),
    (
        "update-version-unknown",
        "updating::refusals::each_breach_is_refused_by_name_and_changes_nothing",
    ),
    (
        "update-version-differs",
        "updating::refusals::each_breach_is_refused_by_name_and_changes_nothing",
    ),
    ("update-version-deprecated", "updating::refusals::a_deprecated_object_is_not_updated"),
    (
        "update-identity-changed",
        "updating::refusals::each_breach_is_refused_by_name_and_changes_nothing",
    ),
    (
        "update-status-differs",
        "updating::refusals::each_breach_is_refused_by_name_and_changes_nothing",
    ),
    (
        "update-status-not-latest",
        "updating::statuses::the_status_of_a_version_before_the_latest_never_changes",
    ),
    (
        "update-status-of-submission",
        "updating::refusals::each_breach_is_refused_by_name_and_changes_nothing",
    ),
    (
        "update-end-unknown",
        "updating::refusals::each_breach_is_refused_by_name_and_changes_nothing",
    ),
    (
        "update-end-of-other-kind",
        "updating::associations::both_ends_are_registered_current_and_of_the_right_kind",
    ),
    (
        "update-end-not-current",
        "updating::associations::both_ends_are_registered_current_and_of_the_right_kind",
    ),
    (
        "update-association-exists",
        "updating::associations::of_two_associations_that_are_alike_one_becomes_approved_again",
    ),
    ("update-association-ring", "updating::associations::no_relationship_closes_a_ring"),
    (
        "update-other-patient",
        "updating::patients::an_update_is_of_one_patient_that_is_known_and_active",
    ),
    (
        "restricted-community-unknown",
        "updating::restricted::each_breach_is_refused_by_name_and_changes_nothing",
    ),
    (
        "restricted-object-type",
        "updating::restricted::the_patient_stays_and_folders_are_no_documents",
    ),
    (
        "restricted-unmodifiable",
        "updating::restricted::each_breach_is_refused_by_name_and_changes_nothing",
    ),
    (
        "restricted-identifier",
        "updating::restricted::each_breach_is_refused_by_name_and_changes_nothing",
    ),
    ("update-content-shared", "octets::what_others_have_an_entry_of_keeps_its_hash"),
    ("restricted-patient", "updating::restricted::the_patient_stays_and_folders_are_no_documents"),
    (
        "restricted-by-policy",
        "updating::restricted::what_the_house_protects_only_its_administrator_changes",
    ),
    (
        "update-still-connected",
        "updating::patients::a_folder_and_its_document_go_together_or_the_folder_goes_alone",
    ),
    ("query-too-wide", "querying::several_patients_or_none_are_asked_for_at_once"),
    ("feed-patient-unknown", "feeding::merges_make_chains_and_never_circles"),
    ("feed-patient-subsumed", "feeding::merges_make_chains_and_never_circles"),
    ("feed-merged-before", "feeding::merges_make_chains_and_never_circles"),
];

/// Rows that no test provokes, and why.
static UNPROVOKED: &[(&str, &str)] = &[
    (
        "folder-of-other-patient",
        "no operation leaves a document in the folder of another patient: it guards what is stored",
    ),
    ("condition-not-offered", "every condition that the catalogue makes is offered"),
    (
        "query-overtaken",
        "an object that goes while an answer is read, which is a matter of moments",
    ),
    ("registry-busy", "more at once than the database takes, which is a matter of moments"),
    ("registry-out-of-space", "a full disk"),
    ("registry-query-failed", "a database that fails"),
    ("registry-internal", "a database that fails"),
    ("update-too-many-associations", "10,001 associations take too long to be made"),
    ("feed-not-moved", "a move of more documents than limits.query_results"),
];

/// The rows that the tests of the samples see, each with the test.
fn provoked() -> BTreeSet<(String, String)> {
    let tests: BTreeSet<String> =
        SAMPLES.iter().map(|(_, test)| format!("tests::{test}")).collect();
    let this = std::env::current_exe().unwrap();
    let mut run = Command::new(this);
    run.args(tests).args(["--exact", "--nocapture"]).env(TELL, "1");
    let output = run.output().unwrap();
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{told}");
    let row = |line: &str| {
        let (row, test) = line.strip_prefix("row ")?.split_once(' ')?;
        Some((row.to_owned(), test.strip_prefix("tests::")?.to_owned()))
    };
    told.lines().filter_map(row).collect()
}

#[test]
fn every_row_has_a_failing_sample() {
    let provoked = provoked();
    for (row, test) in SAMPLES {
        let seen = provoked.contains(&((*row).to_owned(), (*test).to_owned()));
        assert!(seen, "{test} does not see {row}");
    }
    let tables = [crate::rules::all(), crate::update::rules::all()];
    for rule in tables.into_iter().flatten() {
        let listed = [SAMPLES, UNPROVOKED].map(|list| list.iter().any(|(row, _)| *row == rule.id));
        assert_eq!(
            listed.iter().filter(|is| **is).count(),
            1,
            "{} is provoked by no test",
            rule.id
        );
    }
}
