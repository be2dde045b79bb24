//! Each kind of finding, on a small mapping.

use std::io::Read;

use chrono::NaiveDate;

use super::{CheckReport, Kind, Law, OpenExport, check};

const MAP: &str = r#"map_version = "1"
profile = "kcsv/1.0.0"
[source]
encoding = "utf-8"
ignore = ["FEE", "GONE"]
[const]
report_category = "40"
program_code = "030"
inst_no = "1419900129"
[null]
not_performed = ["NT", "SKIP"]
[jlac10]
hba1c = "3D046000001927102"
[[range]]
id = "hdl"
low = 40
[[col]]
from = "ID"
to = "patient_id"
as = "text"
[[col]]
from = "SEX"
to = "sex"
as = "term"
vocab = "sex"
[[col]]
from = "J"
to = "j_total"
as = "term"
vocab = "judge"
strict = false
[[col]]
from = "BP"
as = "regex"
pattern = '(?P<sbp1>\d+)/(?P<dbp1>\d+)'
[[col]]
from = "MED"
as = "flags"
flags = { "BP" = "q01" }
[[col]]
from = "TG"
as = "route"
by = "FAST"
table = { "Y" = "tg_fast", "N" = "tg_casual", "n" = "tg_casual" }
[[col]]
from = "WAIST"
to = "vfa"
as = "num"
[vocab.sex]
"M" = "男"
"F" = "女"
[vocab.judge]
"A" = "異常なし"
[vocab.other]
"x" = "y"
"#;

const EXPORT: &str = "ID,SEX,J,BP,MED,TG,FAST,FEE,NEW,WAIST\n\
    1,M,A,120/80,BP,NT,Y,0,,\n\
    2,X,Z,12080,DM,90,?,0,,\n\
    3,Ｘ,Z,120/80,,90,N,0,,\n\
    4,M\n";

/// Checks a mapping alone, or against the bytes of an export.
fn check_bytes(map: &str, export: Option<&'static [u8]>) -> CheckReport {
    let as_of = NaiveDate::from_ymd_opt(2025, 12, 31).unwrap();
    let mut open = export.map(|bytes| move || Ok(Box::new(bytes) as Box<dyn Read>));
    let open: Option<OpenExport<'_>> = open.as_mut().map(|open| open as OpenExport<'_>);
    check("map.toml", map, open, as_of).unwrap()
}

fn checked(export: Option<&'static str>) -> CheckReport {
    check_bytes(MAP, export.map(str::as_bytes))
}

fn told(report: &CheckReport, kind: Kind) -> Vec<(&str, &str, u64, bool)> {
    let of_kind = report.findings.iter().filter(|finding| finding.kind == kind);
    of_kind.map(|f| (f.place.as_str(), f.value.as_str(), f.count, f.refuses)).collect()
}

#[test]
fn a_mapping_is_checked_alone() {
    let report = checked(None);
    assert_eq!(told(&report, Kind::UnusedVocabulary), [("vocab.other", "", 0, false)]);
    let unused = told(&report, Kind::UnusedPractice);
    assert_eq!(unused, [("jlac10.hba1c", "hba1c", 0, false), ("range[1].id", "hdl", 0, false)]);
    let required: Vec<&str> = told(&report, Kind::Required).iter().map(|t| t.0).collect();
    assert_eq!(required, ["birth_date", "exam_date", "inst_name", "name_kana", "name_kanji"]);
    assert!(report.refuses());
    assert!(told(&report, Kind::UnusedTerm).is_empty(), "nothing was read");
}

#[test]
fn constants_that_cannot_be_right_are_told() {
    let map = MAP
        .replace("inst_no = \"1419900129\"", "inst_no = \"1419900120\"\ninsurer_no = \"013994\"")
        .replace("program_code = \"030\"", "program_code = \"031\"")
        .replace("report_category = \"40\"", "report_category = \"99\"");
    let report = check_bytes(&map, None);
    let told = told(&report, Kind::Constant);
    let expected = [
        ("insurer_no", "013994", 0, true),
        ("inst_no", "1419900120", 0, true),
        ("program_code", "031", 0, false),
        ("report_category", "99", 0, false),
    ];
    assert_eq!(told, expected);
}

#[test]
fn one_of_several_items_is_enough() {
    let report = checked(None);
    let [industrial, specific] = report.coverage.as_slice() else { panic!("two laws") };
    assert_eq!((industrial.law, industrial.applies), (Law::Industrial, true));
    assert!(!specific.applies);
    let missing = &industrial.conditional.missing;
    assert!(!missing.iter().any(|ids| ids.contains("waist") || ids.contains("tg_fast")));
    assert!(missing.contains(&"ldl|ldl_calc|nonhdl".to_owned()), "{missing:?}");
    assert!(missing.contains(&"va_r|va_rc".to_owned()));
    assert!(industrial.basic.missing.contains(&"height".to_owned()));
    assert!(!industrial.basic.missing.iter().any(|ids| ids.contains("sbp1")));
}

#[test]
fn a_mapping_is_checked_against_an_export() {
    let report = checked(Some(EXPORT));
    assert_eq!(report.rows, 4);
    assert_eq!(told(&report, Kind::UnusedHeader), [("NEW", "", 1, false)]);
    assert_eq!(told(&report, Kind::UnusedIgnore), [("GONE", "", 0, false)]);
    assert_eq!(told(&report, Kind::RowWidth), [("", "2", 1, true)]);
    assert_eq!(told(&report, Kind::Pattern), [("BP", "12080", 1, true)]);
    let mut unknown = told(&report, Kind::UnknownTerm);
    unknown.sort_unstable();
    assert_eq!(
        unknown,
        [
            ("J", "Z", 2, false),
            ("MED", "DM", 1, true),
            ("SEX", "X", 1, true),
            ("SEX", "Ｘ", 1, true),
            ("TG", "?", 1, true),
        ]
    );
    assert_eq!(told(&report, Kind::UnusedTerm), [("vocab.sex", "F", 0, false)]);
    assert_eq!(told(&report, Kind::UnusedNull), [("null.not_performed", "SKIP", 0, false)]);
    assert!(report.findings.iter().all(|f| !f.ja.is_empty() && !f.en.is_empty()));
    assert_eq!(report.lines.unwrap().total, 5);
}

#[test]
fn what_refuses_the_file_is_told_first() {
    let export = "ID,SEX,J,BP,MED,TG,FAST,FEE,ID\n1,M,A,120/80,BP,NT,Y,0,\n";
    let report = checked(Some(export));
    let missing = told(&report, Kind::MissingHeader);
    assert_eq!(missing, [("ID", "", 1, true), ("WAIST", "", 1, true)]);
    assert!(report.findings.iter().any(|f| f.ja.contains("ID#1") && f.en.contains("ID#2")));
    assert!(told(&report, Kind::UnusedTerm).is_empty(), "no row was converted");
}

#[test]
fn mistakes_come_before_everything() {
    let report = check_bytes("profile = 1", None);
    assert!(report.refuses() && report.findings.is_empty());
    assert_eq!(report.mistakes[0].line, 1);
}

#[test]
fn the_wrong_encoding_is_a_finding() {
    let report = check_bytes(MAP, Some(&b"ID\n\x82\xA0\n"[..]));
    assert_eq!(told(&report, Kind::Undecodable).len(), 1);
}

#[test]
fn the_samples_are_clean() {
    let sample = |name| crate::Sample::find("hibari", name).unwrap().bytes;
    let map = std::str::from_utf8(sample("map.toml")).unwrap();
    let report = check_bytes(map, Some(sample("2025.csv")));
    let missing: Vec<_> = report
        .findings
        .iter()
        .filter(|f| matches!(f.kind, Kind::MissingHeader | Kind::Required))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}
