//! The embedded export of a fictitious institution: four broken rows, a person with three years.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by a panic, its helpers included"
)]

use std::io;

use chrono::NaiveDate;
use renkei_checkup::{Record, dates};
use renkei_source_adapter::{Accepted, Finding, Mapping, Mode, Rules, Sample, Sink, convert};

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

fn mapping() -> Mapping {
    let map = Sample::find("minato", "map.toml").unwrap();
    let text = std::str::from_utf8(map.bytes).unwrap();
    Mapping::read("map.toml", text).unwrap_or_else(|errors| panic!("{errors}"))
}

fn converted(name: &str) -> Kept {
    let export = Sample::find("minato", name).unwrap();
    let as_of = NaiveDate::from_ymd_opt(2025, 12, 31).unwrap();
    let mut kept = Kept::default();
    let rules = Rules { mode: Mode::RejectRow, as_of };
    convert(export.bytes, &mapping(), &rules, &mut kept).unwrap();
    kept
}

#[test]
fn the_broken_rows_are_the_planted_ones() {
    let found: Vec<(&str, u64, String, &str, String)> = ["2023.csv", "2024.csv", "2025.csv"]
        .into_iter()
        .flat_map(|name| converted(name).findings.into_iter().map(move |f| (name, f)))
        .map(|(name, f)| (name, f.row, f.column, f.code.name(), f.value))
        .collect();
    let expected = [
        ("2023.csv", 3, "生年月日", "E011", "S64.02.30"),
        ("2024.csv", 2, "身長", "E013", "1693"),
        ("2025.csv", 10, "insurer_no", "E016", "06149994"),
        ("2025.csv", 12, "", "E003", "78"),
    ];
    let expected: Vec<_> = expected
        .into_iter()
        .map(|(name, row, column, code, value)| {
            (name, row, column.to_owned(), code, value.to_owned())
        })
        .collect();
    assert_eq!(found, expected);
}

#[test]
fn one_person_was_examined_in_three_years() {
    let years: Vec<Record> = ["2023.csv", "2024.csv", "2025.csv"]
        .into_iter()
        .map(|name| converted(name).records.swap_remove(0))
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
fn dialect_becomes_standard() {
    let records = converted("2025.csv").records;
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
