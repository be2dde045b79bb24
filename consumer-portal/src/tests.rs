//! Documents as vendors deliver them, good and bad, become years: without the calls.

use crate::gathering::Gathering;
use crate::trouble::Trouble;
use crate::years::Years;
use chrono::DateTime;
use renkei_checkup::hs037::{self, Practice, View};
use renkei_checkup::{Record, kcsv};
use renkei_client::{ClientError, Connection};
use renkei_metadata::ids::{
    Dtm, HomeCommunityId, LanguageCode, MimeType, ObjectId, Oid, PatientId, Sha1Hash,
};
use renkei_metadata::model::{Author, Code, DocumentEntry, EntryType, LocalizedText};
use renkei_xds::response::Status;
use serde_json::Value;
use sha1::{Digest, Sha1};
use std::collections::BTreeMap;

const HS037: &str = "hs037-fhir-r4";
const KCSV: &str = "kcsv-1.0";

fn code(code: &str) -> Code {
    Code { code: code.into(), scheme: "2.999".into(), display: LocalizedText::ja(code) }
}

/// A document and its entry.
#[derive(Clone)]
struct SampleDocument {
    entry: DocumentEntry,
    content: Result<Vec<u8>, Trouble>,
}

/// A document of a checkup, with an entry that goes with it.
fn sample(number: u32, format: &str, date: &str, content: Vec<u8>) -> SampleDocument {
    let xon = format!("架空健診所{number}^^^^^&1.2.392.200119.6.102&ISO^^^^13199000{number:02}");
    let patient = PatientId { id: "1".into(), authority: Oid::parse("2.999").unwrap() };
    let entry = DocumentEntry {
        id: ObjectId::Symbol("Document01".into()),
        lid: None,
        version: None,
        home: None,
        status: None,
        object_type: EntryType::Stable,
        mime_type: MimeType::parse("text/csv").unwrap(),
        title: Some(LocalizedText::ja("健康診断結果")),
        comments: None,
        authors: vec![Author { institutions: vec![xon], ..Author::default() }],
        class_code: Some(code("CHECKUP")),
        confidentiality_codes: Vec::new(),
        event_codes: Vec::new(),
        format_code: Some(code(format)),
        facility_type_code: None,
        practice_setting_code: None,
        type_code: None,
        creation_time: Some(Dtm::parse(&format!("202506200000{:02}", number % 60)).unwrap()),
        availability: None,
        hash: Some(Sha1Hash::from_digest(Sha1::digest(&content).into())),
        size: Some(content.len() as u64),
        language: Some(LanguageCode::parse("ja-JP").unwrap()),
        legal_authenticator: None,
        reference_ids: Vec::new(),
        repository: None,
        service_start: Some(Dtm::parse(&date.replace('-', "")).unwrap()),
        service_stop: None,
        source_patient_id: None,
        source_patient_info: vec![
            "PID-5|架空^太郎^^^^^L^I".into(),
            "PID-5|カクウ^タロウ^^^^^L^P".into(),
            "PID-7|19800401".into(),
            "PID-8|M".into(),
        ],
        uri: None,
        patient_id: Some(patient),
        unique_id: Oid::parse(&format!("2.999.{number}")).unwrap().into(),
        extra: Vec::new(),
    };
    SampleDocument { entry, content: Ok(content) }
}

fn record(date: &str, more: &[(&str, &str)]) -> Record {
    let mut record = Record::new();
    for (id, value) in [
        ("profile_ver", kcsv::PROFILE),
        ("program_code", "030"),
        ("inst_no", "1319900013"),
        ("inst_name", "架空健診所"),
        ("name_kanji", "架空 太郎"),
        ("name_kana", "カクウ タロウ"),
        ("sex", "男"),
        ("birth_date", "1980-04-01"),
        ("height", "170.0"),
        ("exam_date", date),
    ] {
        record.set_id(id, value);
    }
    for (id, value) in more {
        record.set_id(id, value);
    }
    record
}

fn bundle(date: &str, more: &[(&str, &str)]) -> Vec<u8> {
    let practice = Practice::default();
    let created_at = DateTime::UNIX_EPOCH.fixed_offset();
    let options =
        hs037::Options { view: View::Full, created_at, practice: &practice, report_no: None };
    hs037::document(&record(date, more), &options)
}

/// A good document of this year.
fn good(number: u32, year: u32) -> SampleDocument {
    let date = format!("{year}-05-12");
    sample(number, HS037, &date, bundle(&date, &[]))
}

/// A change of the document's JSON, with an entry that fits.
fn changed(number: u32, year: u32, from: &str, to: &str) -> SampleDocument {
    let date = format!("{year}-05-12");
    let text = String::from_utf8(bundle(&date, &[])).unwrap();
    assert!(text.contains(from), "{from}");
    sample(number, HS037, &date, text.replacen(from, to, 1).into_bytes())
}

/// A house that calls one of the communities which it asks by a name.
fn connection() -> Connection {
    Connection {
        home_community_id: Some("urn:oid:2.999.1".into()),
        communities: BTreeMap::from([("urn:oid:2.999.2".into(), "北のPHR".into())]),
        ..Connection::default()
    }
}

/// What becomes of documents, and which were asked for, in order.
fn years_and_calls(all: &[SampleDocument]) -> (Years, Vec<String>) {
    let mut gathering = Gathering::new(all.iter().map(|given| given.entry.clone()).collect());
    let mut calls = Vec::new();
    while let Some(entry) = gathering.next() {
        calls.push(entry.unique_id.to_string());
        let found = all.iter().find(|given| given.entry.unique_id == entry.unique_id).unwrap();
        gathering.give(found.content.clone());
    }
    (Years::of(gathering.finish(), Vec::new(), &connection()), calls)
}

fn years(all: &[SampleDocument]) -> Years {
    years_and_calls(all).0
}

fn remarks(years: &Years) -> Vec<(&str, &str)> {
    years.remarks.iter().map(|r| (r.about.document.as_str(), r.code)).collect()
}

#[test]
fn one_document_that_cannot_be_shown_hides_no_year_and_is_named() {
    let text = |date: &str| String::from_utf8(bundle(date, &[])).unwrap();
    let bad = |content: &[u8]| sample(9, HS037, "2023-05-12", content.to_vec());
    let mut altered = good(9, 2023);
    altered.content = Ok(text("2023-05-12").replace("170", "180").into_bytes());
    let mut cut = good(9, 2023);
    cut.content = Ok(b"{".to_vec());
    let failed = |trouble: Trouble| SampleDocument { content: Err(trouble), ..good(9, 2023) };
    let refusal = renkei_xds::response::RegistryError {
        code: "XDSUnknownRepositoryId".into(),
        context: String::new(),
        severity: renkei_metadata::finding::Severity::Error,
        location: String::new(),
    };
    let of_call = |error: &ClientError| Trouble::of_call(error, 4);
    let several = format!("{}x\r\n", kcsv::document(&record("2023-05-12", &[])));
    for (case, code) in [
        (altered, "altered"),
        (cut, "altered"),
        (bad(b"{\"resourceType\":\"Bundle\""), "not-json"),
        (bad(b"<Bundle/>"), "xml"),
        (bad(b"{}"), "not-a-document"),
        (changed(9, 2023, "\"type\":\"document\"", "\"type\":\"searchset\""), "bundle-type"),
        (
            changed(9, 2023, "\"status\":\"final\"", "\"status\":\"entered-in-error\""),
            "entered-in-error",
        ),
        (sample(9, KCSV, "2023-05-12", b"a,b\r\n".to_vec()), "not-kcsv"),
        (sample(9, KCSV, "2023-05-12", several.into_bytes()), "not-kcsv"),
        (sample(9, "urn:ihe:iti:xds-sd:pdf:2008", "2023-05-12", b"%PDF".to_vec()), "format"),
        (failed(Trouble::NoRepository), "no-repository"),
        (failed(Trouble::NotGiven), "not-given"),
        (failed(Trouble::Refused(vec![refusal])), "refused"),
        (failed(Trouble::TooLarge(4)), "too-large"),
        (failed(of_call(&ClientError::TooLarge("limits.document_bytes"))), "too-large"),
        (failed(of_call(&ClientError::Malformed("x".into()))), "malformed"),
        (failed(of_call(&ClientError::Http(500))), "http"),
    ] {
        let years = years(&[good(1, 2022), case, good(2, 2024)]);
        assert_eq!(years.table.dates, ["2022-05-12", "2024-05-12"], "{code}");
        assert_eq!((years.status(), years.found), (Status::PartialSuccess, 3), "{code}");
        let [named] = years.not_shown.as_slice() else { panic!("{code}: {:?}", years.not_shown) };
        assert_eq!((named.code, named.about.document.as_str()), (code, "2.999.9"));
        assert_eq!(named.about.institution, "架空健診所9");
        assert_eq!(named.about.date, "2023-05-12");
        assert!(!named.ja.is_ascii() && !named.en.is_empty(), "{named:?}");
        let text = years.to_string();
        for told in ["2.999.9", "架空健診所9", &*named.ja, &*named.en] {
            assert!(text.contains(told), "{told} is not in:\n{text}");
        }
    }
}

#[test]
fn nothing_that_can_be_shown_is_a_failure_and_nothing_at_all_is_none() {
    let years_of_bad = years(&[sample(9, HS037, "2023-05-12", b"{}".to_vec())]);
    assert_eq!(years_of_bad.status(), Status::Failure);
    assert!(years_of_bad.table.is_empty());
    let none = years(&[]);
    assert_eq!((none.status(), none.found), (Status::Success, 0));
}

#[test]
fn a_repository_that_is_not_there_is_not_asked_for_every_document() {
    let down = Trouble::of_call(&ClientError::Timeout, 4);
    let all: Vec<SampleDocument> = (1..20)
        .map(|n| SampleDocument { content: Err(down.clone()), ..good(n, 2000 + n) })
        .collect();
    let (years, calls) = years_and_calls(&all);
    assert_eq!((calls.len(), years.not_shown.len()), (1, 19));
    assert!(years.not_shown.iter().all(|one| one.code == "timeout"));
}

#[test]
fn another_document_of_the_checkup_is_shown_instead_but_not_of_a_withdrawn_one() {
    let reference = |mut given: SampleDocument| {
        given.entry.reference_ids = vec!["1^^^&2.999&ISO^urn:kcsv:checkup".into()];
        given
    };
    let csv = kcsv::document(&record("2023-05-12", &[])).into_bytes();
    let csv = reference(sample(8, KCSV, "2023-05-12", csv));
    let broken = reference(sample(9, HS037, "2023-05-12", b"{}".to_vec()));
    let both = years(&[csv.clone(), broken]);
    assert_eq!(both.table.dates, ["2023-05-12"]);
    assert_eq!(both.status(), Status::PartialSuccess);
    assert_eq!(both.not_shown[0].shown_instead.as_deref(), Some("2.999.8"));
    assert!(both.to_string().contains("2.999.8 を表示"), "{both}");

    let withdrawn = changed(9, 2023, "\"status\":\"final\"", "\"status\":\"entered-in-error\"");
    let (none, calls) = years_and_calls(&[csv, reference(withdrawn)]);
    assert!(none.table.is_empty(), "its standard CSV holds what was withdrawn");
    assert_eq!(calls, ["2.999.9"]);
}

#[test]
fn documents_that_are_there_twice_are_shown_once_and_told_when_they_differ() {
    let one = good(1, 2024);
    let twice = years(&[one.clone(), one.clone()]);
    assert_eq!((twice.found, twice.table.dates.len(), twice.remarks.len()), (1, 1, 0));
    let mut copy = good(2, 2024);
    copy.entry.authors.clone_from(&one.entry.authors);
    let same = years(&[one.clone(), copy.clone()]);
    assert_eq!((same.table.dates.len(), same.remarks.len()), (1, 0), "the same octets");
    let mut other = sample(2, HS037, "2024-05-12", bundle("2024-05-12", &[("height", "171.0")]));
    other.entry.authors.clone_from(&one.entry.authors);
    let differing = years(&[one, other]);
    assert_eq!(differing.table.dates.len(), 1);
    assert_eq!(remarks(&differing), [("2.999.1", "passed-over")]);
    assert_eq!(differing.table.rows[0].cells[0].as_ref().unwrap().value, "171.0", "the later one");
}

fn of_person(number: u32, year: u32, more: &[(&str, &str)]) -> SampleDocument {
    let date = format!("{year}-05-12");
    sample(number, HS037, &date, bundle(&date, more))
}

#[test]
fn another_person_s_document_never_stands_among_the_person_s_own() {
    for more in [
        &[("birth_date", "1980-01-04")][..],
        &[("sex", "女")],
        &[("name_kanji", "架空 次郎"), ("name_kana", "カクウ ジロウ")],
    ] {
        let all = [good(1, 2022), of_person(9, 2023, more), good(2, 2024)];
        let years = years(&all);
        assert_eq!(years.table.dates, ["2022-05-12", "2024-05-12"], "{more:?}");
        assert_eq!(years.others.len(), 1);
        assert_eq!(years.others[0].table.dates, ["2023-05-12"]);
        assert_eq!(
            remarks(&years),
            [("2.999.9", "not-as-registered"), ("2.999.9", "other-person")]
        );
        assert_eq!(years.status(), Status::Success, "everything is shown");
        let text = years.to_string();
        assert!(text.contains("別人の可能性") && text.contains("[別人？]"), "{text}");
        let json = serde_json::to_value(&years.others).unwrap();
        assert!(json[0]["person"]["name"].is_string(), "{json}");
    }
    let tie = years(&[good(1, 2022), of_person(9, 2023, &[("sex", "女")])]);
    let told: Vec<_> = remarks(&tie).into_iter().filter(|r| r.1 == "other-person").collect();
    assert_eq!(told, [("2.999.9", "other-person"), ("2.999.1", "other-person")]);
    assert!(tie.to_string().contains("どちらが本人の文書かは分かりません"));
}

#[test]
fn a_person_who_married_stays_one_and_is_marked() {
    let married = [("name_kanji", "港 太郎"), ("name_kana", "ミナト タロウ")];
    let years = years(&[good(1, 2022), of_person(9, 2024, &married)]);
    assert_eq!(years.table.dates, ["2022-05-12", "2024-05-12"]);
    assert_eq!(remarks(&years), [("2.999.9", "not-as-registered"), ("2.999.1", "name-differs")]);
    assert!(years.to_string().contains("[氏名相違]"));
}

/// A foreign document in JSON, with an entry that names the person.
fn foreign(number: u32, date: &str, bundle: &Value) -> SampleDocument {
    sample(number, HS037, date, bundle.to_string().into_bytes())
}

#[test]
fn what_a_document_leaves_open_is_told_beside_it() {
    let observation = serde_json::json!({
        "resourceType": "Observation", "status": "final", "code": { "text": "握力" },
        "valueQuantity": { "value": 41, "unit": "kg" },
    });
    let unshown = serde_json::json!({
        "resourceType": "Observation", "status": "final", "code": { "text": "波形\u{1b}[2J" },
        "valueSampledData": { "data": "1" },
    });
    let composition = |status: &str| serde_json::json!({ "resourceType": "Composition", "status": status, "title": "健診" });
    let bundle = |kind: &str, resources: &[&Value]| {
        let entries: Vec<Value> =
            resources.iter().map(|resource| serde_json::json!({ "resource": resource })).collect();
        serde_json::json!({ "resourceType": "Bundle", "type": kind, "entry": entries })
    };
    let preliminary = bundle("collection", &[&composition("preliminary"), &observation, &unshown]);
    let empty = bundle("document", &[&composition("final")]);
    let all =
        [good(1, 2022), foreign(8, "2023-10-02", &preliminary), foreign(9, "2024-10-02", &empty)];
    let years = years(&all);
    assert_eq!(years.table.dates, ["2022-05-12", "2023-10-02", "2024-10-02"], "of the entries");
    assert_eq!(years.table.institutions[1], "架空健診所8");
    let of = |document: &str| -> Vec<&str> {
        remarks(&years).into_iter().filter(|r| r.0 == document).map(|r| r.1).collect()
    };
    assert_eq!(of("2.999.8"), ["no-person", "not-final", "bundle-type", "unshown"]);
    assert_eq!(of("2.999.9"), ["no-person", "no-results"]);
    let text = years.to_string();
    for told in ["[暫定]", "[受診者の記載なし]", "握力", "41", "波形 [2J", "valueSampledData"]
    {
        assert!(text.contains(told), "{told} is not in:\n{text}");
    }
    assert!(!text.contains('\u{1b}'), "nothing steers the terminal");
}

#[test]
fn a_day_that_is_not_as_registered_is_told() {
    let years = years(&[sample(1, HS037, "2023-05-13", bundle("2023-05-12", &[]))]);
    assert_eq!(years.table.dates, ["2023-05-12"]);
    assert_eq!(remarks(&years), [("2.999.1", "date-differs")]);
}

#[test]
fn each_year_names_the_community_that_has_it() {
    let homes = [None, Some("urn:oid:2.999.1"), Some("urn:oid:2.999.2"), Some("urn:oid:2.999.3")];
    let of = |(number, home): (u32, &Option<&str>)| {
        let mut document = good(number, 2020 + number);
        document.entry.home = home.map(|home| HomeCommunityId::parse(home).unwrap());
        document
    };
    let all: Vec<SampleDocument> = (1..).zip(&homes).map(of).collect();
    let years = years(&all);
    let own = "自コミュニティ / own";
    let names: Vec<&str> = years.table.columns.iter().map(|c| c.community.name.as_str()).collect();
    assert_eq!(
        names,
        ["", own, "北のPHR", "urn:oid:2.999.3"],
        "its own id where nobody told a name"
    );
    let text = years.table.to_string();
    for name in ["自コミュニティ", "北のPHR", "urn:oid:2.999."] {
        assert!(text.contains(name), "{name}: {text}");
    }
    let column = serde_json::to_value(&years.table.columns[2]).unwrap();
    assert_eq!((&column["home"], &column["community"]), (&homes[2].into(), &"北のPHR".into()));
    let column = serde_json::to_value(&years.table.columns[0]).unwrap();
    assert!(column.get("home").is_none(), "{column}");
}

#[test]
fn whoever_asks_one_community_reads_of_none() {
    let mut document = good(1, 2021);
    document.entry.home = Some(HomeCommunityId::parse("urn:oid:2.999.1").unwrap());
    let text = years(&[document]).table.to_string();
    assert!(!text.contains("自コミュニティ"), "{text}");
}
