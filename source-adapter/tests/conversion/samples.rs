//! The embedded exports of three fictitious institutions: the broken rows, one person at all three.

use std::collections::BTreeMap;
use std::io;

use chrono::NaiveDate;
use renkei_checkup::{Record, dates};
use renkei_metadata::ids::Oid;
use renkei_source_adapter::submit::{KeyedHash, PatientIds};
use renkei_source_adapter::{
    Accepted, Finding, Mapping, Mode, Rules, Sample, Sink, convert, samples,
};

/// Keeps everything.
#[derive(Default)]
struct Kept {
    records: Vec<Record>,
    findings: Vec<Finding>,
}

impl Sink for Kept {
    fn accepted(&mut self, accepted: &Accepted<'_>) -> io::Result<()> {
        self.records.push(accepted.record.clone());
        Ok(())
    }

    fn findings(&mut self, findings: &[Finding]) -> io::Result<()> {
        self.findings.extend_from_slice(findings);
        Ok(())
    }

    fn discard(&mut self) -> io::Result<()> {
        *self = Self::default();
        Ok(())
    }
}

fn mapping(institution: &str) -> Mapping {
    let map = Sample::find(institution, "map.toml").unwrap();
    let text = std::str::from_utf8(map.bytes).unwrap();
    Mapping::read("map.toml", text).unwrap_or_else(|errors| panic!("{errors}"))
}

fn converted(institution: &str, name: &str) -> Kept {
    let export = Sample::find(institution, name).unwrap();
    let as_of = NaiveDate::from_ymd_opt(2025, 12, 31).unwrap();
    let mut kept = Kept::default();
    let rules = Rules { mode: Mode::RejectRow, as_of };
    convert(|| Ok(export.bytes), &mapping(institution), &rules, &mut kept).unwrap();
    kept
}

/// Every export beside its mapping.
fn exports() -> impl Iterator<Item = &'static Sample> {
    samples().iter().filter(|sample| sample.name.ends_with(".csv"))
}

#[test]
fn the_broken_rows_are_the_planted_ones() {
    let found: Vec<(String, u64, String, &str, String)> = exports()
        .flat_map(|export| {
            let file = format!("{}/{}", export.institution, export.name);
            let findings = converted(export.institution, export.name).findings;
            findings.into_iter().map(move |f| (file.clone(), f))
        })
        .map(|(file, f)| (file, f.row, f.column, f.code.name(), f.value))
        .collect();
    let expected = [
        ("minato/2023.csv", 3, "生年月日", "E011", "S64.02.30"),
        ("minato/2024.csv", 2, "身長", "E013", "1693"),
        ("minato/2025.csv", 10, "insurer_no", "E016", "06149994"),
        ("minato/2025.csv", 12, "", "E003", "78"),
        ("hamakaze/2024.csv", 4, "BP_1st", "E019", "11874"),
        ("hamakaze/2024.csv", 6, "exam_age", "W105", "36"),
        ("hamakaze/2024.csv", 8, "RBC(10^12/L)", "E013", "480"),
        ("hamakaze/2024.csv", 9, "ExamDate", "E011", "20240931"),
        ("hibari/2025.csv", 4, "性別区分", "E014", "3"),
        ("hibari/2025.csv", 6, "card_number", "E010", ""),
        ("hibari/2025.csv", 7, "fpg", "W103", "88"),
        ("hibari/2025.csv", 7, "tg_fast", "W103", "61"),
    ];
    let expected: Vec<_> = expected
        .into_iter()
        .map(|(file, row, column, code, value)| {
            (file.to_owned(), row, column.to_owned(), code, value.to_owned())
        })
        .collect();
    assert_eq!(found, expected);
}

#[test]
fn one_person_was_examined_in_three_years() {
    let years: Vec<Record> = ["2023.csv", "2024.csv", "2025.csv"]
        .into_iter()
        .map(|name| converted("minato", name).records.swap_remove(0))
        .collect();
    let values = |id: &str| years.iter().map(|r| r.get(id).to_owned()).collect::<Vec<_>>();
    assert_eq!(values("patient_id"), ["M0001", "M0001", "M0001"]);
    assert_eq!(values("name_kanji"), ["潮見 航平", "潮見 航平", "潮見 航平"]);
    assert_eq!(values("name_kana"), ["シオミ コウヘイ", "シオミ コウヘイ", "シオミ コウヘイ"]);
    assert_eq!(values("hba1c"), ["5.5", "5.9", "6.4"]);
    assert_eq!(values("sbp1"), ["128", "137", "146"]);
    for exam in values("exam_date") {
        assert!(dates::parse_standard(&exam).is_some(), "{exam}");
    }
}

#[test]
fn one_person_was_examined_at_all_three_institutions() {
    let authority = Oid::parse("2.999.1").unwrap();
    let patients = KeyedHash::new([7; 32], authority);
    let mut visits: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
    for export in exports() {
        for record in converted(export.institution, export.name).records {
            let visit = (export.institution.to_owned(), record.get("exam_date").to_owned());
            visits.entry(patients.patient_id(&record).id).or_default().push(visit);
        }
    }
    // Each writes symbol, number, kana and birth date in its own way.
    let expected = [
        ("minato", "2023-05-22"),
        ("minato", "2025-05-19"),
        ("hamakaze", "2024-09-12"),
        ("hibari", "2025-10-07"),
    ];
    let expected = expected.map(|(place, day)| (place.to_owned(), day.to_owned()));
    let most: Vec<_> = visits.values().filter(|v| v.len() > 3).collect();
    assert_eq!(most, [&expected]);
}

#[test]
fn dialect_becomes_standard() {
    let records = converted("minato", "2025.csv").records;
    let person = |id: &str| records.iter().find(|r| r.get("patient_id") == id).unwrap();
    assert_eq!(person("M0004").get("name_kanji"), "髙浜 湊");
    assert_eq!(person("M0007").get("ggt"), "<=5");
    assert_eq!(person("M0005").get("hba1c"), "測定不能");
    assert_eq!(person("M0009").get("cxr"), "未実施");
    assert_eq!(person("M0009").get("cxr_txt"), "");
    assert_eq!(person("M0003").get("ecg_txt"), "洞性徐脈、不完全右脚ブロック");
    assert_eq!(person("M0003").get("hr_r4k"), "所見あり");
    assert_eq!(person("M0001").get("exam_age"), "53");
    assert_eq!(person("M0001").get("fy_age"), "54");
}

#[test]
fn the_mobile_provider_s_dialect_becomes_standard() {
    let records = converted("hamakaze", "2024.csv").records;
    let person = |id: &str| records.iter().find(|r| r.get("employee_no") == id).unwrap();
    let values = |id: &str, items: &[&str]| {
        items.iter().map(|item| person(id).get(item).to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(values("5102", &["name_kanji", "birth_date"]), ["波止場澄子", "1983-11-02"]);
    assert_eq!(values("5102", &["sbp1", "dbp1", "sbp2", "dbp2"]), ["122", "78", "118", "76"]);
    assert_eq!(values("5102", &["rbc", "hb", "wbc", "plt"]), ["426", "12.9", "5800", "20.1"]);
    assert_eq!(
        values("6102", &["va_r", "va_rc", "va_l", "va_lc"]),
        ["0.30", "1.20", "0.40", "1.00"]
    );
    assert_eq!(values("6102", &["tg_fast", "tg_casual", "fpg", "cpg"]), ["", "94", "", "92"]);
    assert_eq!(values("6101", &["hr_r1k", "hr_r4k"]), ["所見なし", "所見あり"]);
    assert_eq!(values("6106", &["hba1c", "past_hist_txt"]), ["測定不能", "鉄欠乏性貧血"]);
    assert_eq!(values("6105", &["cxr", "cxr_txt"]), ["未実施", ""]);
    assert_eq!(values("6104", &["cxr_txt"]), ["陳旧性炎症性変化、胸膜肥厚"]);
}

#[test]
fn the_clinic_s_dialect_becomes_standard() {
    let records = converted("hibari", "2025.csv").records;
    let person = |id: &str| records.iter().find(|r| r.get("patient_id") == id).unwrap();
    let values = |id: &str, items: &[&str]| {
        items.iter().map(|item| person(id).get(item).to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(values("H-0020", &["insurer_no", "birth_date"]), ["00149971", "1958-04-01"]);
    assert_eq!(values("H-0012", &["insurer_no", "ticket_no"]), ["06149991", "25140000127"]);
    let reasons = ["cre_reason", "anemia_reason", "ecg_reason", "fundus_reason"];
    assert!(values("H-0020", &reasons).iter().all(|reason| !reason.is_empty()));
    assert_eq!(values("H-0020", &["ecg_txt", "fundus_wm"]), ["ST-T異常、左室肥大", "軽度"]);
    assert_eq!(values("H-0031", &["tg_casual", "cpg", "cre"]), ["133", "104", "未実施"]);
    assert_eq!(values("H-0059", &["hba1c", "ldl", "nonhdl"]), ["測定不能", "", "151"]);
    assert_eq!(values("H-0070", &["name_kanji", "u_prot"]), ["𠮷野 こころ", "未実施"]);
    assert_eq!(values("H-0070", &["j_total", "q08"]), ["異常なし", "いいえ"]);
}
