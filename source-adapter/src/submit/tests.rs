use super::document_set::{Converted, DocumentSet, prepare};
use super::domain::Domain;
use super::filing::Filing;
use super::look;
use super::patient::{KeyedHash, PatientIds};
use super::plan::{Decision, Plan};
use crate::convert::{Accepted, Mode, Rules, Sink, convert};
use crate::findings::Finding;
use crate::mapping::Mapping;
use crate::samples;
use chrono::{DateTime, NaiveDate, Utc};
use proptest::prelude::*;
use renkei_checkup::{hs037, kcsv};
use renkei_metadata::codes::{self, CodeList};
use renkei_metadata::ids::{EntryUuid, ObjectId, Oid};
use renkei_metadata::model::{AssociationType, AvailabilityStatus, Code, DocumentEntry};
use renkei_metadata::rules::{Column, check};
use sha1::{Digest, Sha1};
use std::io;
use uuid::Uuid;

struct Keep(Vec<(Converted, String)>);

impl Sink for Keep {
    fn accepted(&mut self, accepted: &Accepted<'_>) -> io::Result<()> {
        let (record, source) = (accepted.record.clone(), accepted.source.document());
        let converted = Converted { record, source, report_no: accepted.report_no.to_owned() };
        self.0.push((converted, accepted.line.to_owned()));
        Ok(())
    }

    fn findings(&mut self, _: &[Finding]) -> io::Result<()> {
        Ok(())
    }

    fn discard(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn sample(name: &str) -> &'static [u8] {
    samples().iter().find(|s| s.institution == "minato" && s.name == name).unwrap().bytes
}

fn mapping() -> Mapping {
    Mapping::read("map.toml", std::str::from_utf8(sample("map.toml")).unwrap()).unwrap()
}

fn rows() -> Vec<(Converted, String)> {
    let as_of = NaiveDate::from_ymd_opt(2025, 12, 31).unwrap();
    let mut keep = Keep(Vec::new());
    convert(
        || Ok(sample("2025.csv")),
        &mapping(),
        &Rules { mode: Mode::RejectRow, as_of },
        &mut keep,
    )
    .unwrap();
    keep.0
}

fn first() -> Converted {
    rows().swap_remove(0).0
}

fn set(row: &Converted) -> DocumentSet {
    set_by(row, mapping().practice())
}

fn set_by(row: &Converted, practice: &hs037::Practice) -> DocumentSet {
    let authority = Oid::parse("2.999.1").unwrap();
    let patient = KeyedHash::new([1; 32], authority).patient_id(&row.record);
    let domain = Domain::of_project().unwrap();
    let source = domain.default_source_id(row.record.get("inst_no")).unwrap();
    let at = DateTime::parse_from_rfc3339("2025-06-20T10:15:30+09:00").unwrap();
    prepare(row, practice, patient, &source, at, &domain).unwrap()
}

/// An entry as the registry gives it back.
pub(crate) fn an_entry() -> DocumentEntry {
    registered(&set(&first()), AvailabilityStatus::Approved, 1).swap_remove(0)
}

/// The entries as the registry gives them back.
fn registered(set: &DocumentSet, status: AvailabilityStatus, number: u128) -> Vec<DocumentEntry> {
    let mut entries: Vec<DocumentEntry> = set.documents.iter().map(|d| d.entry.clone()).collect();
    for (n, entry) in entries.iter_mut().enumerate() {
        entry.id = ObjectId::Uuid(EntryUuid(Uuid::from_u128(number * 16 + n as u128)));
        entry.status = Some(status);
    }
    entries
}

/// The Folder that a plan brings when there is none.
fn brought(plan: &Plan) -> Filing {
    plan.set.year.filing(&[], 0)
}

/// The row as a correction of the weight leaves it.
fn corrected(row: &Converted) -> Converted {
    let mut other = row.clone();
    other.record.set_id("weight", "70.5");
    other.source.splice(..0, *b"x");
    other
}

#[test]
fn a_set_holds_the_row_the_record_the_bundles_and_the_cda_document() {
    let (row, line) = &rows()[0];
    let set = set(row);
    let slots: Vec<&str> = set.documents.iter().map(|d| d.slot.as_str()).collect();
    let source = "urn:ihe:iti:xds:2017:mimeTypeSufficient|FULL";
    let (bundle, extract) = ("hs037-fhir-r4|FULL", "hs037-fhir-r4|STAT");
    assert_eq!(slots, [source, "kcsv-1.0|FULL", bundle, extract, "cdar2_hc08_v08|FULL"]);
    let csv = String::from_utf8(set.documents[1].content.clone()).unwrap();
    assert_eq!(csv.lines().nth(1), Some(line.as_str()));
    let hash = kcsv::record_hash(line).to_string();
    for document in &set.documents {
        let entry = &document.entry;
        assert_eq!(entry.size, Some(document.content.len() as u64));
        let sha1 = hex::encode(Sha1::digest(&document.content));
        assert_eq!(entry.hash.as_ref().unwrap().as_str(), sha1);
        assert!(entry.reference_ids[0].starts_with(&hash));
        let title = entry.title.as_ref().unwrap().text();
        assert!(title.starts_with("健康診断結果 2025-05-19"), "{title}");
        let events: Vec<_> =
            entry.event_codes.iter().map(|c| (c.code.as_str(), c.display.text())).collect();
        assert_eq!(events, [("030", "事業者健診"), ("40", "特定健診以外の健診結果を送付")]);
    }
    let statutory = hs037::read(&set.documents[3].content).unwrap();
    assert!(statutory.result("hba1c").is_some() && statutory.result("q08").is_none());
}

#[test]
fn the_original_is_the_person_s_own_row_byte_for_byte() {
    let export = sample("2025.csv");
    let lines: Vec<&[u8]> = export.split_inclusive(|byte| *byte == b'\n').collect();
    let set = set(&first());
    let original = &set.documents[0];
    assert_eq!(original.content, [lines[0], lines[1]].concat());
    let codes = |codes: &[Code]| codes.iter().map(|c| c.code.clone()).collect::<Vec<_>>();
    assert_eq!(codes(original.entry.class_code.as_slice()), ["SOURCE"]);
    assert_eq!(codes(&original.entry.confidentiality_codes), ["R", "FULL"]);
    assert_eq!(original.entry.mime_type.to_string(), "text/csv");
    let format = original.entry.format_code.as_ref().unwrap();
    assert_eq!(format.scheme, "1.3.6.1.4.1.19376.1.2.3");
}

#[test]
fn a_submission_keeps_every_rule_of_the_registry() {
    let codes = CodeList::read(codes::default_xml()).unwrap();
    for (row, _) in rows() {
        let plan = Plan::new(set(&row), &[]);
        let submission = plan.set.submission(&plan.sent(), &brought(&plan), Utc::now());
        // A repository adds its id, hash and size; the source has given the latter already.
        assert_eq!(check(&submission, Column::XdsDs, Some(&codes), &[]), []);
        // Five memberships, two transformations; the folder, and five memberships in it.
        assert_eq!(submission.associations.len(), 7 + 1 + 2 * 5);
        let links: Vec<(String, String)> = submission
            .associations
            .iter()
            .filter(|a| a.association_type == AssociationType::Xfrm)
            .map(|a| (a.source.to_string(), a.target.to_string()))
            .collect();
        let link = |from: &str, to: &str| (from.to_owned(), to.to_owned());
        // the statutory Bundle and the CDA document are made of what the whole Bundle holds
        assert_eq!(links, [link("Document04", "Document03"), link("Document05", "Document03")]);
    }
}

#[test]
fn what_is_there_is_a_repeat() {
    let set = set(&first());
    let plan = Plan::new(set.clone(), &registered(&set, AvailabilityStatus::Approved, 1));
    assert!(plan.decisions.iter().all(|d| *d == Decision::Repeat));
    assert!(plan.sent().is_empty());
}

#[test]
fn other_content_of_the_same_checkup_replaces_document_by_document() {
    let row = first();
    let present = registered(&set(&row), AvailabilityStatus::Approved, 1);
    let plan = Plan::new(set(&corrected(&row)), &present);
    let replaced: Vec<ObjectId> = plan.sent().into_iter().flat_map(|(_, old)| old).collect();
    assert_eq!(replaced, present.iter().map(|e| e.id.clone()).collect::<Vec<_>>());
    let submission = plan.set.submission(&plan.sent(), &brought(&plan), Utc::now());
    let replacing = |t| submission.associations.iter().filter(|a| a.association_type == t).count();
    let members = 5 + 1 + 2 * 5;
    assert_eq!(
        (replacing(AssociationType::HasMember), replacing(AssociationType::Rplc)),
        (members, 5)
    );
}

#[test]
fn an_original_that_gives_the_same_record_is_corrected_alone() {
    let row = first();
    let present = registered(&set(&row), AvailabilityStatus::Approved, 1);
    let mut other = row.clone();
    let end = other.source.len() - 2;
    other.source[end - 1] = b'9'; // the column that the mapping ignores
    let plan = Plan::new(set(&other), &present);
    let sent: Vec<&str> = plan.sent().iter().map(|(d, _)| d.slot.as_str()).collect();
    assert_eq!(sent, ["urn:ihe:iti:xds:2017:mimeTypeSufficient|FULL"]);
    assert_eq!(plan.decisions[0], Decision::Correction(vec![present[0].id.clone()]));
    assert!(plan.decisions[1..].iter().all(|d| *d == Decision::Repeat));

    // Whether the file ends with a line end is nobody's result.
    let mut last = row;
    last.source.truncate(end);
    let plan = Plan::new(set(&last), &present);
    assert!(plan.sent().is_empty(), "{:?}", plan.decisions);
}

#[test]
fn other_reference_ranges_correct_the_documents_that_show_them() {
    let row = first();
    let present = registered(&set(&row), AvailabilityStatus::Approved, 1);
    let plan = Plan::new(set_by(&row, &hs037::Practice::default()), &present);
    let sent: Vec<&str> = plan.sent().iter().map(|(d, _)| d.slot.as_str()).collect();
    assert_eq!(sent, ["hs037-fhir-r4|FULL", "hs037-fhir-r4|STAT", "cdar2_hc08_v08|FULL"]);
    assert!(plan.corrects());
}

#[test]
fn content_that_comes_back_is_a_new_version_under_a_new_id() {
    let row = first();
    let mut present = registered(&set(&row), AvailabilityStatus::Deprecated, 1);
    let current = registered(&set(&corrected(&row)), AvailabilityStatus::Approved, 2);
    present.extend(current.clone());
    let plan = Plan::new(set(&row), &present);
    for (decision, old) in plan.decisions.iter().zip(&current) {
        assert_eq!(*decision, Decision::Correction(vec![old.id.clone()]));
    }
    for (document, _) in plan.sent() {
        assert!(present.iter().all(|e| e.unique_id != document.entry.unique_id));
    }
}

#[test]
fn another_checkup_of_the_same_person_and_day_is_left_alone() {
    let row = first();
    let mut other = row.clone();
    other.record.set_id("program_code", "010");
    let present = registered(&set(&other), AvailabilityStatus::Approved, 1);
    assert!(Plan::new(set(&row), &present).decisions.iter().all(|d| *d == Decision::New));
}

/// The row as its institution numbers it, on another day or in another programme.
fn numbered(row: &Converted, number: &str, changes: &[(&str, &str)]) -> Converted {
    let mut other = Converted { report_no: number.to_owned(), ..row.clone() };
    for (item, value) in changes {
        other.record.set_id(item, value);
        // The mapping, not the row, says the programme.
        if *item != "program_code" {
            other.source.extend(value.bytes());
        }
    }
    other
}

/// The entries once a plan was carried out, as a registry does it (ITI TF-3: 4.2.2.2.3).
fn carried_out(plan: &Plan, mut present: Vec<DocumentEntry>, number: u128) -> Vec<DocumentEntry> {
    let replaced: Vec<ObjectId> = plan.sent().into_iter().flat_map(|(_, old)| old).collect();
    for (place, old) in replaced.iter().enumerate() {
        assert!(!replaced[..place].contains(old), "a document is replaced once");
        let entry = present.iter_mut().find(|e| e.id == *old).unwrap();
        assert_eq!(entry.status, Some(AvailabilityStatus::Approved), "and only when in force");
        entry.status = Some(AvailabilityStatus::Deprecated);
    }
    // With a whole Bundle goes what was made of it.
    let bundle = |e: &DocumentEntry| {
        let code = |codes: &[Code], code| codes.iter().any(|c| c.code == code);
        code(e.format_code.as_slice(), "hs037-fhir-r4") && code(&e.confidentiality_codes, "FULL")
    };
    let submission = |id: &ObjectId| id.uuid().unwrap().0.as_u128() / 16;
    let gone = present.iter().filter(|e| replaced.contains(&e.id) && bundle(e));
    let gone: Vec<u128> = gone.map(|e| submission(&e.id)).collect();
    for entry in &mut present {
        let format = entry.format_code.as_ref().unwrap().code.as_str();
        let made_of = ["hs037-fhir-r4", "cdar2_hc08_v08"].contains(&format);
        if made_of && gone.contains(&submission(&entry.id)) {
            entry.status = Some(AvailabilityStatus::Deprecated);
        }
    }
    let sent = plan.sent();
    let new = registered(&plan.set, AvailabilityStatus::Approved, number).into_iter();
    present.extend(new.filter(|e| sent.iter().any(|(d, _)| d.entry.unique_id == e.unique_id)));
    present
}

/// Day and programme of each document in force.
fn days_in_force(entries: &[DocumentEntry]) -> Vec<(String, &str)> {
    let in_force = entries.iter().filter(|e| e.status == Some(AvailabilityStatus::Approved));
    let day = |e: &DocumentEntry| e.service_start.as_ref().unwrap().to_string();
    in_force.map(|e| (day(e), e.event_codes[0].code.as_str())).collect()
}

#[test]
fn a_numbered_checkup_moves_to_another_day_with_all_its_documents() {
    let row = numbered(&first(), "R1", &[]);
    let present = registered(&set(&row), AvailabilityStatus::Approved, 1);
    let moved = numbered(&row, "R1", &[("exam_date", "2025-05-20")]);
    let plan = Plan::new(set(&moved), &present);
    assert!(plan.corrects());
    let after = carried_out(&plan, present, 2);
    let in_force = days_in_force(&after);
    assert_eq!(in_force.len(), 5);
    assert!(in_force.iter().all(|(day, _)| day == "20250520"), "{in_force:?}");
    // and nothing is left to be done
    assert!(Plan::new(set(&moved), &after).sent().is_empty());
}

#[test]
fn slots_that_another_programme_has_not_do_not_stay() {
    let row = numbered(&first(), "R1", &[]);
    let present = registered(&set(&row), AvailabilityStatus::Approved, 1);
    // a checkup beyond the law: neither a statutory document nor a 特定健診 form
    let moved = numbered(&row, "R1", &[("program_code", "080"), ("report_category", "40")]);
    let new = set(&moved);
    assert!(new.documents.len() < present.len(), "{}", new.documents.len());
    let plan = Plan::new(new, &present);
    let after = carried_out(&plan, present, 2);
    assert_eq!(days_in_force(&after).len(), plan.set.documents.len());
    let submission = plan.set.submission(&plan.sent(), &brought(&plan), Utc::now());
    let codes = CodeList::read(codes::default_xml()).unwrap();
    assert_eq!(check(&submission, Column::XdsDs, Some(&codes), &[]), []);
    let replacing = submission.associations.iter();
    let replacing = replacing.filter(|a| a.association_type == AssociationType::Rplc);
    assert_eq!(replacing.count(), 5);
    // the other way round, the slots come back
    let back = Plan::new(set(&row), &after);
    assert_eq!(days_in_force(&carried_out(&back, after, 3)).len(), 5);
}

#[test]
fn without_a_number_another_day_is_another_checkup_and_told() {
    let row = first();
    let present = registered(&set(&row), AvailabilityStatus::Approved, 1);
    let other = numbered(&row, "", &[("exam_date", "2025-07-18")]);
    let new = set(&other);
    let close = look::close(&other.record, &new, &present);
    let told: Vec<&str> = close.iter().map(|c| c.other_day.as_str()).collect();
    assert_eq!(told, ["2025-05-19"]);
    assert!(close[0].ja.contains("2025-05-19") && close[0].en.contains("2025-05-19"));
    assert!(Plan::new(new, &present).decisions.iter().all(|d| *d == Decision::New));
    let told = |changes: &[(&str, &str)]| {
        let other = numbered(&row, "", changes);
        look::close(&other.record, &set(&other), &present).len()
    };
    assert_eq!(told(&[("exam_date", "2025-07-19")]), 0, "61 days");
    assert_eq!(told(&[("exam_date", "2025-03-20")]), 1, "60 days before");
    assert_eq!(told(&[("exam_date", "2025-05-20"), ("program_code", "010")]), 0);
    assert_eq!(told(&[]), 0, "the same checkup");
}

#[test]
fn two_numbers_are_two_checkups_and_one_that_got_its_number_later_is_the_same() {
    let row = first();
    let present = registered(&set(&row), AvailabilityStatus::Approved, 1);
    let one = numbered(&row, "R1", &[]);
    let plan = Plan::new(set(&one), &present);
    // sent again, so that the registry knows the number
    assert_eq!(plan.sent().len(), 5);
    let present = carried_out(&plan, present, 2);
    assert_eq!(days_in_force(&present).len(), 5);
    let two = numbered(&row, "R2", &[]);
    let plan = Plan::new(set(&two), &present);
    assert!(plan.decisions.iter().all(|d| *d == Decision::New), "{:?}", plan.decisions);
    assert_eq!(look::close(&two.record, &plan.set, &present).len(), 1);
    let none = Plan::new(set(&row), &present);
    assert!(none.corrects(), "a map that lost the number still finds the day");
}

#[test]
fn two_days_that_got_into_force_at_once_are_mended() {
    let row = numbered(&first(), "R1", &[]);
    let moved = numbered(&row, "R1", &[("exam_date", "2025-05-20")]);
    let mut present = registered(&set(&row), AvailabilityStatus::Approved, 1);
    present.extend(registered(&set(&moved), AvailabilityStatus::Approved, 2));
    let plan = Plan::new(set(&moved), &present);
    let after = carried_out(&plan, present, 3);
    assert_eq!(days_in_force(&after).len(), 5);
    assert!(days_in_force(&after).iter().all(|(day, _)| day == "20250520"));
    assert!(Plan::new(set(&moved), &after).sent().is_empty());
}

proptest! {
    /// Whatever is corrected in whatever order: afterwards the last version is in force, and nothing else.
    #[test]
    fn the_last_version_alone_is_in_force(
        steps in proptest::collection::vec((0_usize..3, 0_usize..3, 0_usize..2), 1..7),
    ) {
        let row = first();
        let mut present = Vec::new();
        for (number, (day, programme, weight)) in steps.into_iter().enumerate() {
            let version = numbered(&row, "R1", &[
                ("exam_date", ["2025-05-19", "2025-05-20", "2024-05-19"][day]),
                ("program_code", ["030", "010", "080"][programme]),
                ("weight", ["70.5", "71.5"][weight]),
            ]);
            let plan = Plan::new(set(&version), &present);
            present = carried_out(&plan, present, number as u128 + 1);
            let in_force = days_in_force(&present);
            prop_assert_eq!(in_force.len(), plan.set.documents.len());
            let day = version.record.get("exam_date").replace('-', "");
            let is_of = |(d, p): &(String, &str)| *d == day && *p == version.record.get("program_code");
            prop_assert!(in_force.iter().all(is_of), "{:?}", in_force);
            prop_assert!(Plan::new(set(&version), &present).sent().is_empty());
        }
    }
}
