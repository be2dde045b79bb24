use super::document_set::{Converted, DocumentSet, prepare};
use super::identifiers::default_source_id;
use super::patient::{KeyedHash, PatientIds};
use super::plan::{Decision, Plan};
use crate::convert::{Accepted, Mode, Rules, Sink, convert};
use crate::findings::Finding;
use crate::mapping::Mapping;
use crate::samples;
use chrono::{DateTime, NaiveDate, Utc};
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
        self.0.push((Converted { record, source }, accepted.line.to_owned()));
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
    let source = default_source_id(row.record.get("inst_no")).unwrap();
    let at = DateTime::parse_from_rfc3339("2025-06-20T10:15:30+09:00").unwrap();
    prepare(row, practice, patient, &source, at).unwrap()
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
        let title = &entry.title.as_ref().unwrap().value;
        assert!(title.starts_with("健康診断結果 2025-05-19"), "{title}");
        let events: Vec<_> =
            entry.event_codes.iter().map(|c| (c.code.as_str(), c.display.value.as_str())).collect();
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
        let submission = plan.set.submission(&plan.sent(), Utc::now());
        // A repository adds its id, hash and size; the source has given the latter already.
        assert_eq!(check(&submission, Column::XdsDs, Some(&codes), &[]), []);
        assert_eq!(submission.associations.len(), 7);
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
    let replaced: Vec<ObjectId> = plan.sent().into_iter().filter_map(|(_, old)| old).collect();
    assert_eq!(replaced, present.iter().map(|e| e.id.clone()).collect::<Vec<_>>());
    let submission = plan.set.submission(&plan.sent(), Utc::now());
    let replacing = |t| submission.associations.iter().filter(|a| a.association_type == t).count();
    assert_eq!((replacing(AssociationType::HasMember), replacing(AssociationType::Rplc)), (5, 5));
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
    assert_eq!(plan.decisions[0], Decision::Correction(present[0].id.clone()));
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
        assert_eq!(*decision, Decision::Correction(old.id.clone()));
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
