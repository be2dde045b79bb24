//! Whole exports against exact expected files.

use std::fs;
use std::path::{Path, PathBuf};

use chrono::{DateTime, NaiveDate};
use renkei_source_adapter::{ConvertReport, Mode, Options, convert_file};

fn shared() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/checkup");
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!("skipped: {} is not there", folder.display());
    None
}

fn options(mode: Mode) -> Options {
    Options {
        mode,
        as_of: NaiveDate::from_ymd_opt(2025, 12, 31).unwrap(),
        created_at: DateTime::parse_from_rfc3339("2025-06-20T10:15:30+09:00").unwrap(),
        documents: true,
        file_set: None,
    }
}

fn convert(folder: &Path, letter: &str, out: &Path, mode: Mode) -> ConvertReport {
    let export = folder.join(format!("inst-{letter}-original.csv"));
    let mapping = folder.join(format!("inst-{letter}-map.toml"));
    convert_file(&export, &mapping, out, &options(mode)).unwrap_or_else(|error| panic!("{error}"))
}

/// The lines of the expected hashes that belong to one institution, under our file names.
fn expected_hashes(folder: &Path, letter: &str) -> String {
    let all = fs::read_to_string(folder.join("expected-hashes.csv")).unwrap();
    let ours =
        |line: &&str| line.starts_with("file,") || line.starts_with(&format!("inst-{letter}-"));
    let mut text: String = all.lines().filter(ours).map(|line| format!("{line}\r\n")).collect();
    text = text.replace(&format!("inst-{letter}-expected.csv"), "standard.csv");
    text
}

#[test]
fn three_institutions_give_exactly_the_expected_files() {
    let Some(folder) = shared() else { return };
    for (letter, rows, accepted, errors, warnings) in
        [("a", 20, 14, 6, 2), ("b", 20, 15, 5, 2), ("c", 20, 13, 7, 1)]
    {
        let out = tempfile::tempdir().unwrap();
        let report = convert(&folder, letter, out.path(), Mode::RejectRow);
        let same = |ours: &str, theirs: &str| {
            let made = fs::read_to_string(out.path().join(ours)).unwrap();
            let expected = fs::read_to_string(folder.join(theirs)).unwrap();
            for (made, expected) in made.lines().zip(expected.lines()) {
                assert_eq!(made, expected, "institution {letter}, {ours}");
            }
            assert!(made == expected, "institution {letter}, {ours}: {made}");
        };
        same("findings.csv", &format!("inst-{letter}-expected-findings.csv"));
        same("standard.csv", &format!("inst-{letter}-expected.csv"));
        let hashes = fs::read_to_string(out.path().join("hashes.csv")).unwrap();
        assert_eq!(hashes, expected_hashes(&folder, letter));
        assert_eq!(
            (report.rows, report.accepted, report.errors, report.warnings),
            (rows, accepted, errors, warnings),
            "institution {letter}"
        );
        let specific = letter == "b";
        assert_eq!(report.documents, accepted * if specific { 1 } else { 2 });
    }
}

#[test]
fn the_document_of_a_converted_record_is_the_expected_one() {
    let Some(folder) = shared() else { return };
    let out = tempfile::tempdir().unwrap();
    convert(&folder, "b", out.path(), Mode::RejectRow);
    let made = fs::read(out.path().join("documents/9/hs037.json")).unwrap();
    let expected = fs::read(folder.join("hs037-expected-bundle.json")).unwrap();
    let value = |bytes: &[u8]| {
        // 7 and 7.0 are one number
        let text = String::from_utf8(bytes.to_vec()).unwrap().replace(": 7.0", ": 7");
        let text = text.replace(":7.0", ":7");
        let mut document: serde_json::Value = serde_json::from_str(&text).unwrap();
        // the numbers of a document are no other program's to derive
        for pointer in ["/identifier/value", "/entry/0/resource/identifier/value"] {
            let number = document.pointer_mut(pointer).unwrap().take();
            assert!(number.as_str().unwrap().starts_with("0119900025"), "{number}");
        }
        document
    };
    assert_eq!(value(&made), value(&expected));
    assert!(!out.path().join("documents/9/hs037-stat.json").exists());
}

#[test]
fn one_error_rejects_the_file_and_leaves_what_it_tells_and_the_hash_only() {
    let Some(folder) = shared() else { return };
    let out = tempfile::tempdir().unwrap();
    convert(&folder, "a", out.path(), Mode::RejectRow);
    assert!(out.path().join("standard.csv").exists());
    let report = convert(&folder, "a", out.path(), Mode::RejectFile);
    assert!(report.rejected && report.standard_sha256.is_none());
    let mut left: Vec<_> =
        fs::read_dir(out.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    left.sort();
    assert_eq!(left, ["findings.csv", "hashes.csv", "refusals.csv", "refusals.json"]);
    let hashes = fs::read_to_string(out.path().join("hashes.csv")).unwrap();
    assert_eq!(
        hashes,
        expected_hashes(&folder, "a")
            .lines()
            .take(2)
            .map(|l| format!("{l}\r\n"))
            .collect::<String>()
    );
}

#[test]
fn a_wrong_code_page_is_one_finding_for_the_file() {
    let Some(folder) = shared() else { return };
    let place = tempfile::tempdir().unwrap();
    let map = fs::read_to_string(folder.join("inst-a-map.toml")).unwrap();
    let map_path = place.path().join("map.toml");
    fs::write(&map_path, map.replace("encoding = \"cp932\"", "encoding = \"utf-8\"")).unwrap();
    let export = folder.join("inst-a-original.csv");
    let out = place.path().join("out");
    let report = convert_file(&export, &map_path, &out, &options(Mode::RejectRow)).unwrap();
    assert!(report.rejected);
    let findings = fs::read_to_string(out.join("findings.csv")).unwrap();
    assert_eq!(findings, "row,column,code,severity,value\r\n0,,E001,E,\r\n");
    assert_eq!(fs::read_dir(&out).unwrap().count(), 4);
}
