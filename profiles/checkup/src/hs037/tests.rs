//! Written documents are read back, and equal the expected one.

use std::fs;
use std::path::{Path, PathBuf};

use chrono::DateTime;
use proptest::prelude::*;
use serde_json::Value;

use super::{
    Options, Practice, ReferenceRange, Report, View, bundle, carried, document, read, read_record,
    systems,
};
use crate::decimal::Decimal;
use crate::record::Record;
use crate::tables::tables;
use crate::{generated, kcsv};

pub(crate) fn options(practice: &Practice, view: View) -> Options<'_> {
    let created_at = DateTime::parse_from_rfc3339("2025-06-20T10:15:30+09:00").unwrap();
    Options { view, created_at, practice, report_no: None }
}

pub(crate) fn person(programme: &str) -> Record {
    let mut record = Record::new();
    for (id, value) in [
        ("record_no", "7"),
        ("program_code", programme),
        ("checkup_name", "定期健康診断"),
        ("inst_no", "1319900013"),
        ("inst_name", "架空健診所"),
        ("insurer_no", "06139992"),
        ("card_symbol", "１２３"),
        ("card_number", "4107"),
        ("insured_kind", "被保険者"),
        ("patient_id", "P7"),
        ("name_kanji", "架空 太郎"),
        ("name_kana", "カクウ タロウ"),
        ("sex", "男"),
        ("birth_date", "1980-04-01"),
        ("exam_date", "2025-05-12"),
        ("dr_name", "港 健太郎"),
    ] {
        record.set_id(id, value);
    }
    record
}

/// The path of the first difference; numbers are compared by value, objects in any order.
fn difference(one: &Value, other: &Value, path: &str) -> Option<String> {
    let here = || Some(format!("{path}: {one} is not {other}"));
    match (one, other) {
        (Value::Number(a), Value::Number(b)) if a.as_f64() == b.as_f64() => None,
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => a
            .iter()
            .zip(b)
            .enumerate()
            .find_map(|(index, (a, b))| difference(a, b, &format!("{path}[{index}]"))),
        (Value::Object(a), Value::Object(b)) if a.len() == b.len() => {
            a.iter().find_map(|(key, value)| {
                let path = format!("{path}.{key}");
                b.get(key).map_or_else(
                    || Some(format!("{path} is not expected")),
                    |other| difference(value, other, &path),
                )
            })
        }
        _ if one == other => None,
        _ => here(),
    }
}

pub(crate) fn shared_practice() -> Practice {
    let mut practice = Practice::default();
    for (id, code) in [
        ("hba1c", "3D046000001927102"),
        ("fpg", "3D010000001927201"),
        ("cpg", "3D010129901927201"),
        ("u_sugar", "1A020000000190111"),
        ("u_prot", "1A010000000190111"),
    ] {
        practice.set_code(tables().column(id).unwrap(), code);
    }
    for (id, sex, low, high) in [
        ("hdl", None, Some("40"), Some("96")),
        ("ldl", None, Some("60"), Some("119")),
        ("tg_fast", None, Some("30"), Some("149")),
        ("ast", None, None, Some("30")),
        ("alt", None, None, Some("30")),
        ("ggt", None, None, Some("50")),
        ("fpg", None, None, Some("99")),
        ("hba1c", None, None, Some("5.5")),
        ("hb", Some("女"), Some("12.1"), Some("14.5")),
        ("ua", None, Some("2.1"), Some("7.0")),
    ] {
        practice.add_range(ReferenceRange {
            item: tables().column(id).unwrap(),
            sex: sex.map(str::to_owned),
            low: low.and_then(Decimal::parse),
            high: high.and_then(Decimal::parse),
        });
    }
    practice
}

/// The record that the expected documents show, and the folder they lie in.
pub(crate) fn shared_record() -> Option<(PathBuf, Record)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/checkup");
    let Ok(csv) = fs::File::open(folder.join("inst-b-expected.csv")) else {
        eprintln!("skipped: {} is not there", folder.display());
        return None;
    };
    let mut reader = kcsv::Reader::new(csv).unwrap();
    loop {
        let record = reader.next_record().unwrap().expect("record 9");
        if record.get("record_no") == "9" {
            return Some((folder, record));
        }
    }
}

#[test]
fn equals_the_expected_document() {
    let Some((folder, record)) = shared_record() else { return };
    let expected = fs::read(folder.join("hs037-expected-bundle.json")).unwrap();
    let practice = shared_practice();
    let mut made = bundle(&record, &options(&practice, View::Full));
    let mut expected: Value = serde_json::from_slice(&expected).unwrap();
    // whose numbers are no other program's to derive
    for pointer in ["/identifier/value", "/entry/0/resource/identifier/value"] {
        for document in [&mut made, &mut expected] {
            let number = document.pointer_mut(pointer).unwrap().take();
            assert!(number.as_str().unwrap().starts_with("0119900025"), "{number}");
        }
    }
    assert_eq!(difference(&made, &expected, "Bundle"), None);
}

#[test]
fn six_digits_of_an_insurer_are_padded() {
    let mut record = person("010");
    record.set_id("insurer_no", "013995");
    record.set_id("card_number", "1");
    let practice = Practice::default();
    let bundle = super::bundle(&record, &options(&practice, View::Full));
    assert!(bundle.to_string().contains("\"00013995:"), "the member id wants eight");
    assert!(bundle.to_string().contains("\"00013995\""));
    assert_eq!(super::check::check(&bundle), []);
}

#[test]
fn two_views_are_two_documents_with_nothing_in_common() {
    let practice = Practice::default();
    for insurer in ["", "06139992"] {
        let mut record = person("030");
        for (id, value) in [("insurer_no", insurer), ("record_no", "7"), ("height", "170.0")] {
            record.set_id(id, value);
        }
        let [full, statutory] = [View::Full, View::Statutory]
            .map(|view| super::bundle(&record, &options(&practice, view)));
        let urls = |bundle: &Value| -> Vec<String> {
            let entries = bundle["entry"].as_array().unwrap();
            entries.iter().map(|entry| entry["fullUrl"].to_string()).collect()
        };
        let of_full = urls(&full);
        assert!(urls(&statutory).iter().all(|url| !of_full.contains(url)), "{insurer}");
        let number = |bundle: &Value| {
            let number = bundle["entry"][0]["resource"]["identifier"]["value"].to_string();
            number.rsplit('-').next().unwrap().trim_end_matches('"').to_owned()
        };
        assert!(number(&statutory).starts_with('9') && !number(&full).starts_with('9'));
        assert_ne!(full["identifier"]["value"], statutory["identifier"]["value"]);
    }
}

#[test]
fn documents_are_numbered_by_what_they_say() {
    let practice = Practice::default();
    let numbers = |record: &Record, report_no, view| {
        let bundle = bundle(record, &Options { report_no, ..options(&practice, view) });
        assert_eq!(super::check::check(&bundle), [], "{report_no:?}");
        ["/identifier/value", "/entry/0/resource/identifier/value"]
            .map(|pointer| bundle.pointer(pointer).unwrap().as_str().unwrap().to_owned())
    };
    let mut record = person("030");
    record.set_id("height", "170.0");
    for view in [View::Full, View::Statutory] {
        let [document, composition] = numbers(&record, None, view);
        let mut moved = record.clone();
        moved.set_id("record_no", "8");
        moved.set_id("employer_name", "架空商事");
        assert_eq!(numbers(&moved, None, view), [document.clone(), composition.clone()]);
        let mut corrected = record.clone();
        corrected.set_id("height", "171.0");
        let [other, same] = numbers(&corrected, None, view);
        assert_eq!(same, composition);
        assert_ne!(other, document);
        let mut old = record.clone();
        old.set_id("exam_date", "2015-05-12");
        let [document, composition] = numbers(&old, None, view);
        assert!(document.starts_with("1319900013^2020^"), "{document}");
        assert!(composition.starts_with("1319900013-2015-"), "{composition}");
        let [_, odd] = numbers(&record, Some("R-12/A"), view);
        assert_ne!(odd, composition);
    }
    for (report_no, full, statutory) in
        [("4711", "00004711", "90004711"), (" 20250001 ", "20250001", "9")]
    {
        let number = |view| numbers(&record, Some(report_no), view)[1].clone();
        assert_eq!(number(View::Full), format!("1319900013-2025-{full}"));
        assert!(number(View::Statutory).starts_with(&format!("1319900013-2025-{statutory}")));
    }
    // what the document hides is no part of its number
    let mut other = record.clone();
    other.set_id("card_number", "4108");
    other.set_id("remarks", "秘密");
    assert_eq!(numbers(&other, None, View::Statutory), numbers(&record, None, View::Statutory));
    assert_ne!(numbers(&other, None, View::Full), numbers(&record, None, View::Full));
}

#[test]
fn a_member_id_that_is_not_shown_says_why() {
    let practice = Practice::default();
    let mut record = person("030");
    record.set_id("height", "170.0");
    let why = |record: &Record, view| {
        let bundle = bundle(record, &options(&practice, view));
        let member = bundle["entry"][1]["resource"]["identifier"][1].clone();
        assert_eq!(member["system"], systems::MEMBER_ID);
        assert!(member.get("value").is_none());
        let extension = &member["_value"]["extension"][0];
        assert_eq!(extension["url"], systems::ABSENT_EXTENSION);
        extension["valueCode"].as_str().unwrap().to_owned()
    };
    assert_eq!(why(&record, View::Statutory), "masked");
    record.set_id("insurer_no", "");
    assert_eq!(why(&record, View::Statutory), "masked", "nor is it told that there is none");
    assert_eq!(why(&record, View::Full), "unknown");
}

#[test]
fn what_has_no_place_is_left_out() {
    let practice = Practice::default();
    let mut record = person("030");
    record.set_id("tc", "180");
    let statutory = super::bundle(&record, &options(&practice, View::Statutory));
    assert!(statutory["entry"][0]["resource"].get("section").is_none(), "no empty array");
    for (id, value) in [("insurer_no", "00013995"), ("card_number", "1"), ("card_branch", "1")] {
        record.set_id(id, value);
    }
    record.set_id("remarks", "R\u{1}D\u{FFFE}");
    record.set_id("dr_name", "北岡　丘子");
    let full = super::bundle(&record, &options(&practice, View::Full)).to_string();
    assert!(full.contains(":1:01\""), "a branch has two digits");
    assert!(full.contains("\"valueString\":\"RD\""), "no control characters");
    assert!(full.contains("\"given\":[\"丘子\"]"));
    record.set_id("card_branch", "AB");
    let full = super::bundle(&record, &options(&practice, View::Full)).to_string();
    assert!(full.contains(":1:\""), "what is no branch is none");
}

#[test]
fn the_statutory_view_shows_nothing_else() {
    let mut record = person("030");
    for (id, value) in [
        ("height", "170.0"),
        ("tc", "180"),
        ("ua", "6.2"),
        ("q08", "はい"),
        ("ecg", "所見あり"),
        ("ecg_txt", "洞性徐脈"),
        ("cxr", "所見なし"),
        ("remarks", "秘密の備考"),
    ] {
        record.set_id(id, value);
    }
    let practice = Practice::default();
    let text = String::from_utf8(document(&record, &options(&practice, View::Statutory))).unwrap();
    for hidden in
        ["06139992", "4107", "４１０７", "総コレステロール", "尿酸", "喫煙", "秘密", "Coverage"]
    {
        assert!(!text.contains(hidden), "{hidden}");
    }
    let report = read(text.as_bytes()).unwrap();
    let ids: Vec<&str> = report.results.iter().map(|line| line.id()).collect();
    assert_eq!(ids, ["height", "ecg", "ecg_txt", "cxr"]);
    assert!(text.contains("（法定項目）"));
    assert!(text.contains("\"01031\"") && text.contains("\"41\""));
    let full = document(&record, &options(&practice, View::Full));
    let url = |document: &[u8]| {
        let bundle: serde_json::Value = serde_json::from_slice(document).unwrap();
        bundle["entry"][0]["fullUrl"].to_string()
    };
    assert_ne!(url(&full), url(text.as_bytes()), "two documents, two Compositions");
}

#[test]
fn every_reference_is_an_entry_and_every_entry_is_unique() {
    let mut record = person("030");
    record.set_id("hb", "15.0");
    record.set_id("past_hist", "特記すべきことあり");
    record.set_id("past_hist_txt", "高血圧");
    let practice = Practice::default();
    let made = bundle(&record, &options(&practice, View::Full));
    let urls: Vec<&str> =
        made["entry"].as_array().unwrap().iter().map(|e| e["fullUrl"].as_str().unwrap()).collect();
    let text = made.to_string();
    for (place, _) in text.match_indices("\"reference\":\"") {
        let url = text.get(place + 13..place + 13 + 45).unwrap();
        assert!(urls.contains(&url), "{url}");
    }
    let mut unique = urls.clone();
    unique.sort_unstable();
    unique.dedup();
    assert_eq!(unique.len(), urls.len());
}

#[test]
fn an_unknown_doctor_is_said_to_be_unknown() {
    let mut record = person("030");
    record.set_id("dr_name", "");
    let practice = Practice::default();
    let text = document(&record, &options(&practice, View::Full));
    assert_eq!(read(&text).unwrap().doctor, "");
    assert!(String::from_utf8(text).unwrap().contains("data-absent-reason"));
}

#[test]
fn what_is_no_document_is_refused() {
    assert!(read(b"<ClinicalDocument/>").is_err());
    assert!(read(b"{}").is_err());
    assert!(read(br#"{"resourceType":"Bundle","type":"document","entry":[]}"#).is_err());
    assert!(read("[".repeat(100_000).as_bytes()).is_err());
}

/// A record with something in every part of the document.
pub(super) fn complete() -> Record {
    let mut record = person("010");
    for (id, value) in [
        ("profile_ver", kcsv::PROFILE),
        ("report_category", "10"),
        ("insurer_no", "00013995"),
        ("insurer_name", "架空市国民健康保険"),
        ("card_branch", "01"),
        ("ticket_no", "25100000371"),
        ("ticket_until", "2026-03-31"),
        ("inst_addr", "架空市１丁目"),
        ("inst_postal", "060-0099"),
        ("address", "架空市２丁目"),
        ("postal", "060-0098"),
        ("tel", "011-000-0001"),
        ("visit_kind", "集団受診"),
        ("height", "161.0"),
        ("tg_fast", "<30"),
        ("hba1c", "5.6"),
        ("u_prot", "±"),
        ("past_hist", "特記すべきことあり"),
        ("past_hist_txt", "高血圧、糖尿病"),
        ("ua", "未実施"),
        ("hb", "測定不能"),
        ("ht", "40.1"),
        ("anemia_reason", "既往"),
        ("q08", "いいえ"),
        ("dr_judge", "異常なし"),
    ] {
        record.set_id(id, value);
    }
    record
}

#[test]
fn an_institution_s_own_items_stand_among_the_added_ones() {
    let own = crate::own::tests::items();
    let mut record = Record::with_own(&own);
    for (column, field) in complete().iter() {
        record.set(column, &field.value);
    }
    for (column, value) in own.iter().zip(["<0.12", "3", "未実施", "脂肪肝、腎嚢胞"]) {
        record.set(column, value);
    }
    let practice = Practice::default();
    let made = bundle(&record, &options(&practice, View::Full));
    let entries = made["entry"].as_array().unwrap();
    let own = |id: &str| {
        let system = "urn:oid:2.25.185732698166007113028036616671757965052.11.11319900013";
        let coding = |c: &Value| c["system"] == system && c["code"] == id;
        let is_it = |e: &&Value| {
            e["resource"]["code"]["coding"].as_array().is_some_and(|all| all.iter().any(coding))
        };
        entries.iter().find(is_it).unwrap()
    };
    let crp = &own("crp")["resource"];
    let first = &crp["code"]["coding"][0];
    assert_eq!(first["system"], "urn:oid:1.2.392.200119.4.504");
    assert_eq!((&first["code"], &first["display"]), (&"5C070000002306201".into(), &"CRP".into()));
    let quantity = serde_json::json!({
        "value": 0.12, "comparator": "<", "unit": "mg/dl", "system": systems::UCUM, "code": "mg/dL"
    });
    assert_eq!(crp["valueQuantity"], quantity);
    assert!(crp.get("category").is_none());
    let psa = serde_json::json!({ "value": 3, "unit": "ng/ml" });
    assert_eq!(own("psa")["resource"]["valueQuantity"], psa, "a unit that the table does not have");
    assert_eq!(own("psa")["resource"]["code"]["coding"].as_array().unwrap().len(), 1);
    assert_eq!(own("memo")["resource"]["status"], "cancelled");
    assert_eq!(own("us_abdomen_txt")["resource"]["valueString"], "脂肪肝、腎嚢胞");
    let sections = made["entry"][0]["resource"]["section"].as_array().unwrap();
    let added = sections.last().unwrap();
    assert_eq!(added["code"]["coding"][0]["code"], "01990");
    let urls: Vec<&Value> =
        added["entry"].as_array().unwrap().iter().map(|e| &e["reference"]).collect();
    for id in ["crp", "psa", "memo", "us_abdomen_txt"] {
        assert!(urls.contains(&&own(id)["fullUrl"]), "{id}");
    }
    assert!(added["text"]["div"].as_str().unwrap().contains("<li>CRP: &lt;0.12 mg/dl</li>"));
    let other = bundle(&complete(), &options(&practice, View::Full));
    assert_ne!(other["identifier"], made["identifier"], "another content is another document");
    // each declared item has a name of its own
    let mut all: Vec<String> = entries.iter().map(|e| e["fullUrl"].to_string()).collect();
    all.sort();
    all.dedup();
    assert_eq!(all.len(), entries.len());
}

#[test]
fn other_vendors_forms_are_read_the_same() {
    let record = complete();
    let practice = Practice::default();
    let ours = String::from_utf8(document(&record, &options(&practice, View::Full))).unwrap();
    assert_eq!(read_record(ours.as_bytes()).unwrap(), carried(&record, View::Full));
    for (what, from, to) in [
        (
            "versions of profiles",
            "JP_CoverageService_eCheckupGeneral",
            "JP_CoverageService_eCheckupGeneral|1.5.0",
        ),
        ("category of 1.2.1", "urn:oid:2.16.840.1.113883.2.2.1.6.1001", "1.2.392.200119.6.1001"),
        (
            "category of the element definition",
            "urn:oid:2.16.840.1.113883.2.2.1.6.1001",
            "http://jpfhir.jp/fhir/eCheckup/CodeSystem/checkup-report-category",
        ),
        ("JLAC10", systems::ITEM_CODE, "urn:oid:1.2.392.200119.4.504"),
        ("JLAC10 of clinical laboratories", systems::ITEM_CODE, "urn:oid:1.2.392.100495.100.1051"),
        ("method of another laboratory", "3D046000001920402", "3D046000001906202"),
        ("OIDs without urn", "urn:oid:1.2.392.200119.6.2102", "1.2.392.200119.6.2102"),
        ("postal codes without hyphen", "060-0098", "0600098"),
        ("insurer with six digits", "\"00013995\"", "\"013995\""),
        ("OID of insurers", systems::INSURER, "urn:oid:1.2.392.100495.20.3.61"),
        ("names in full width", "架空 太郎", "架空　太郎"),
        ("numbers with fewer decimals", "161.0", "161"),
        (
            "patient number of the guide's sample",
            "urn:oid:1.2.392.100495.20.3.51.1",
            "urn:oid:1.2.392.200119.6.102.1",
        ),
    ] {
        let theirs = ours.replace(from, to);
        assert_ne!(theirs, ours, "{what}");
        assert_eq!(read_record(theirs.as_bytes()).unwrap(), carried(&record, View::Full), "{what}");
    }
}

#[test]
fn a_text_of_its_own_is_read_like_a_component() {
    let record = complete();
    let practice = Practice::default();
    let mut bundle = bundle(&record, &options(&practice, View::Full));
    let entries = bundle["entry"].as_array_mut().unwrap();
    let history = entries.iter_mut().find(|e| !e["resource"]["component"].is_null()).unwrap();
    let mut text = history["resource"]["component"][0].take();
    history["resource"].as_object_mut().unwrap().remove("component");
    text["resourceType"] = "Observation".into();
    entries.push(serde_json::json!({ "fullUrl": "urn:uuid:1", "resource": text }));
    assert_eq!(read_record(bundle.to_string().as_bytes()).unwrap(), carried(&record, View::Full));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_document_gives_the_record_back(record in generated::record()) {
        let practice = shared_practice();
        for view in [View::Full, View::Statutory] {
            let options = options(&practice, view);
            let written = document(&record, &options);
            let read = read_record(&written).unwrap();
            let expected = carried(&record, view);
            for ((column, found), (_, expected)) in read.iter().zip(expected.iter()) {
                prop_assert_eq!(found, expected, "{}", &column.id);
            }
            let again = document(&read, &options);
            prop_assert_eq!(String::from_utf8(again), String::from_utf8(written));
        }
    }

    #[test]
    fn a_report_has_the_results_of_the_record(record in generated::record()) {
        let practice = shared_practice();
        let report = read(&document(&record, &options(&practice, View::Full))).unwrap();
        let of_record = Report::of_record(&record);
        let values = |report: &Report| {
            let mut values: Vec<_> = report
                .results
                .iter()
                .map(|line| (line.id(), line.value.clone(), line.unit.clone()))
                .collect();
            values.sort();
            values
        };
        prop_assert_eq!(values(&report), values(&of_record));
        prop_assert_eq!(&report.person, &of_record.person);
        prop_assert_eq!(report.exam_date, of_record.exam_date);
        prop_assert_eq!(&report.institution_number, &of_record.institution_number);
        prop_assert_eq!(report.institution, of_record.institution);
    }
}
