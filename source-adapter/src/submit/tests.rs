use super::document_set::{DocumentSet, prepare};
use super::identifiers::default_source_id;
use super::patient::{KeyedHash, PatientIds};
use super::plan::{Decision, Plan};
use crate::convert::{Accepted, Mode, Rules, Sink, convert};
use crate::findings::Finding;
use crate::mapping::Mapping;
use crate::samples;
use chrono::{DateTime, NaiveDate, Utc};
use renkei_checkup::{Record, hs037, kcsv};
use renkei_metadata::codes::{self, CodeList};
use renkei_metadata::ids::{EntryUuid, ObjectId, Oid};
use renkei_metadata::model::{AssociationType, AvailabilityStatus, DocumentEntry};
use renkei_metadata::rules::{Column, check};
use sha1::{Digest, Sha1};
use std::io;
use uuid::Uuid;

struct Keep(Vec<(Record, String)>);

impl Sink for Keep {
    fn accepted(&mut self, accepted: &Accepted<'_>) -> io::Result<()> {
        self.0.push((accepted.record.clone(), accepted.line.to_owned()));
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

fn records() -> Vec<(Record, String)> {
    let as_of = NaiveDate::from_ymd_opt(2025, 12, 31).unwrap();
    let mut keep = Keep(Vec::new());
    convert(sample("2025.csv"), &mapping(), &Rules { mode: Mode::RejectRow, as_of }, &mut keep)
        .unwrap();
    keep.0
}

fn set(record: &Record) -> DocumentSet {
    let patient = KeyedHash::new([1; 32], Oid::parse("2.999.1").unwrap()).patient_id(record);
    let source = default_source_id(record.get("inst_no")).unwrap();
    let at = DateTime::parse_from_rfc3339("2025-06-20T10:15:30+09:00").unwrap();
    prepare(record, mapping().practice(), patient, &source, at).unwrap()
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

fn corrected(record: &Record) -> Record {
    let mut other = record.clone();
    other.set_id("weight", "70.5");
    other
}

#[test]
fn a_set_holds_the_record_the_bundle_and_the_statutory_bundle() {
    let (record, line) = &records()[0];
    let set = set(record);
    let slots: Vec<&str> = set.documents.iter().map(|d| d.slot.as_str()).collect();
    assert_eq!(slots, ["kcsv-1.0|FULL", "hs037-fhir-r4|FULL", "hs037-fhir-r4|STAT"]);
    let csv = String::from_utf8(set.documents[0].content.clone()).unwrap();
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
    let statutory = hs037::read(&set.documents[2].content).unwrap();
    assert!(statutory.result("hba1c").is_some() && statutory.result("q08").is_none());
}

#[test]
fn a_submission_keeps_every_rule_of_the_registry() {
    let codes = CodeList::read(codes::default_xml()).unwrap();
    for (record, _) in records() {
        let plan = Plan::new(set(&record), &[]);
        let submission = plan.set.submission(&plan.sent(), Utc::now());
        // A repository adds its id, hash and size; the source has given the latter already.
        assert_eq!(check(&submission, Column::XdsDs, Some(&codes), &[]), []);
        assert_eq!(submission.associations.len(), 3);
    }
}

#[test]
fn what_is_there_is_a_repeat() {
    let set = set(&records()[0].0);
    let plan = Plan::new(set.clone(), &registered(&set, AvailabilityStatus::Approved, 1));
    assert!(plan.decisions.iter().all(|d| *d == Decision::Repeat));
    assert!(plan.sent().is_empty());
}

#[test]
fn other_content_of_the_same_checkup_replaces_document_by_document() {
    let (record, _) = &records()[0];
    let first = registered(&set(record), AvailabilityStatus::Approved, 1);
    let plan = Plan::new(set(&corrected(record)), &first);
    let replaced: Vec<ObjectId> = plan.sent().into_iter().filter_map(|(_, old)| old).collect();
    assert_eq!(replaced, first.iter().map(|e| e.id.clone()).collect::<Vec<_>>());
    let submission = plan.set.submission(&plan.sent(), Utc::now());
    let replacing = |t| submission.associations.iter().filter(|a| a.association_type == t).count();
    assert_eq!((replacing(AssociationType::HasMember), replacing(AssociationType::Rplc)), (3, 3));
}

#[test]
fn content_that_comes_back_is_a_new_version_under_a_new_id() {
    let (record, _) = &records()[0];
    let mut present = registered(&set(record), AvailabilityStatus::Deprecated, 1);
    let current = registered(&set(&corrected(record)), AvailabilityStatus::Approved, 2);
    present.extend(current.clone());
    let plan = Plan::new(set(record), &present);
    for (decision, old) in plan.decisions.iter().zip(&current) {
        assert_eq!(*decision, Decision::Correction(old.id.clone()));
    }
    for (document, _) in plan.sent() {
        assert!(present.iter().all(|e| e.unique_id != document.entry.unique_id));
    }
}

#[test]
fn another_checkup_of_the_same_person_and_day_is_left_alone() {
    let (record, _) = &records()[0];
    let mut other = record.clone();
    other.set_id("program_code", "010");
    let present = registered(&set(&other), AvailabilityStatus::Approved, 1);
    assert!(Plan::new(set(record), &present).decisions.iter().all(|d| *d == Decision::New));
}
