//! The 特定健診 files of a conversion, as archives to send.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use chrono::{DateTime, NaiveDate};
use renkei_checkup::archive::PartyKind;
use renkei_source_adapter::{
    ConvertError, ConvertReport, FileSetOptions, FileSetRequest, Mode, Options, convert_file,
};

fn shared(folder: &str) -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared").join(folder);
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!("skipped: {} is not there", folder.display());
    None
}

fn request(receiver: &str) -> FileSetRequest {
    FileSetRequest { receiver: receiver.to_owned(), ..FileSetRequest::default() }
}

fn options(mode: Mode, request: FileSetRequest) -> Options {
    Options {
        mode,
        as_of: NaiveDate::from_ymd_opt(2025, 12, 31).unwrap(),
        created_at: DateTime::parse_from_rfc3339("2025-06-20T10:15:30+09:00").unwrap(),
        documents: true,
        file_set: Some(FileSetOptions::check(request).unwrap()),
    }
}

/// An export of a clinic, small enough to read: one column for each item that differs.
const EXPORT: &str = "保険者番号,番号,受診者,カナ,性別,生年月日,受診日,健診,身長\r\n\
    00013995,1001,P1,カクウ ハナコ,女,1970-01-02,2025-06-03,010,156.2\r\n\
    00013995,1002,P2,カクウ タロウ,男,1971-01-02,2025-06-03,030,170.0\r\n\
    00013995,1003,P3,カクウ ジロウ,男,1972-01-02,2025-06-04,010,171.0\r\n\
    00013995,1004,P4,カクウ サブロウ,男,1973-01-02,2025-06-04,990,172.0\r\n";

const MAPPING: &str = r#"
map_version = "1.0.0"
profile = "kcsv/1.0.0"
[source]
encoding = "utf-8"
bom = false
delimiter = ","
newline = "crlf"
skip_rows = 0
header_rows = 1
ignore = []
[const]
report_category = "10"
inst_no = "0119900025"
inst_name = "北の丘クリニック（架空）"
name_kanji = "架空 花子"
postal = "060-8009"
address = "北海道札幌市中央区架空条９丁目"
[vocab.sex]
"男" = "男"
"女" = "女"
"#;

fn columns() -> String {
    [
        ("保険者番号", "insurer_no", "text", ""),
        ("番号", "card_number", "text", ""),
        ("受診者", "patient_id", "text", ""),
        ("カナ", "name_kana", "kana", ""),
        ("性別", "sex", "term", "vocab = \"sex\"\n"),
        ("生年月日", "birth_date", "date", ""),
        ("受診日", "exam_date", "date", ""),
        ("健診", "program_code", "text", ""),
        ("身長", "height", "num", ""),
    ]
    .map(|(from, to, kind, more)| {
        format!("[[col]]\nfrom = \"{from}\"\nto = \"{to}\"\nas = \"{kind}\"\n{more}")
    })
    .concat()
}

fn convert(export: &str, out: &Path, options: &Options) -> Result<ConvertReport, ConvertError> {
    let folder = tempfile::tempdir().unwrap();
    let [file, mapping] = ["export.csv", "map.toml"].map(|name| folder.path().join(name));
    fs::write(&file, export).unwrap();
    fs::write(&mapping, format!("{MAPPING}{}", columns())).unwrap();
    convert_file(&file, &mapping, out, options)
}

fn names(folder: &Path) -> Vec<String> {
    let name = |entry: fs::DirEntry| entry.file_name().into_string().unwrap();
    let mut names: Vec<_> = fs::read_dir(folder).unwrap().map(|e| name(e.unwrap())).collect();
    names.sort();
    names
}

#[test]
fn each_programme_has_an_archive_with_index_summary_and_files() {
    let out = tempfile::tempdir().unwrap();
    let report = convert(EXPORT, out.path(), &options(Mode::RejectRow, request("00013995")));
    let report = report.unwrap();
    assert_eq!((report.accepted, report.errors), (4, 0), "{:?}", report.findings);
    assert_eq!(report.without_cda, 1, "その他 has no form");
    let specific = "0119900025_00013995_202506200_1";
    let employer = "0119900025_00013995_202506200_4";
    let made: Vec<_> = report.file_sets.iter().map(|s| (s.folder.as_str(), s.records)).collect();
    assert_eq!(made, [(specific, 2), (employer, 1)]);
    let told = ["findings.csv", "hashes.csv", "refusals.csv", "refusals.json"];
    let listed = [&told[..], &["documents", specific, employer, "standard.csv"]].concat();
    assert_eq!(report.files, listed);
    let specific = out.path().join(specific);
    assert_eq!(names(&specific), ["DATA", "ix08_V08.xml", "su08_V08.xml"]);
    let files = ["h01199000252025062001000001.xml", "h01199000252025062001000002.xml"];
    assert_eq!(names(&specific.join("DATA")), files);
    let index = fs::read_to_string(specific.join("ix08_V08.xml")).unwrap();
    assert!(index.contains("<totalRecordCount value=\"2\"/>"), "{index}");
    assert!(index.contains("<interactionType code=\"6\"/>"), "{index}");
    let summary = fs::read_to_string(specific.join("su08_V08.xml")).unwrap();
    assert!(summary.contains("<totalSubjectCount value=\"2\"/>"), "{summary}");
    let document = fs::read(specific.join("DATA").join(files[1])).unwrap();
    assert_eq!(document, fs::read(out.path().join("documents/3/cda.xml")).unwrap());
    let hashes = fs::read_to_string(out.path().join("hashes.csv")).unwrap();
    let line = format!("0119900025_00013995_202506200_1/DATA/{},document,3,", files[1]);
    assert!(hashes.contains(&line), "which record a file holds: {hashes}");
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&specific), mode(&specific.join("DATA").join(files[0]))), (0o700, 0o600));
    assert!(names(out.path()).iter().all(|name| !name.ends_with(".part")), "no leftovers");
}

#[test]
fn documents_include_the_form_and_the_row() {
    let out = tempfile::tempdir().unwrap();
    convert(EXPORT, out.path(), &options(Mode::RejectRow, request("00013995"))).unwrap();
    let folder = |number: &str| out.path().join("documents").join(number);
    assert_eq!(names(&folder("1")), ["cda.xml", "hs037.json", "source.csv"]);
    assert_eq!(names(&folder("2")), ["cda.xml", "hs037-stat.json", "hs037.json", "source.csv"]);
    assert_eq!(names(&folder("4")), ["hs037.json", "source.csv"], "その他 has no form");
    let mut lines = EXPORT.split_inclusive('\n');
    let expected = [lines.next().unwrap(), lines.nth(1).unwrap()].concat();
    assert_eq!(fs::read_to_string(folder("2").join("source.csv")).unwrap(), expected);
}

#[test]
fn the_service_event_can_be_chosen_and_the_summary_left_out() {
    let out = tempfile::tempdir().unwrap();
    let request =
        FileSetRequest { service_event: Some(1), results_only: true, ..request("00013995") };
    let report = convert(EXPORT, out.path(), &options(Mode::RejectRow, request)).unwrap();
    let made: Vec<_> = report.file_sets.iter().map(|s| (s.folder.as_str(), s.records)).collect();
    assert_eq!(made, [("0119900025_00013995_202506200_1", 3)]);
    let folder = out.path().join("0119900025_00013995_202506200_1");
    assert_eq!(names(&folder), ["DATA", "ix08_V08.xml"]);
}

#[test]
fn people_insured_elsewhere_are_counted() {
    let out = tempfile::tempdir().unwrap();
    let export = EXPORT.replacen("00013995,1003", "06139992,1003", 1);
    let report = convert(&export, out.path(), &options(Mode::RejectRow, request("00013995")));
    assert_eq!(report.unwrap().other_insurer, 1);
}

#[test]
fn a_rejected_file_leaves_no_archive_not_even_an_earlier_one() {
    let out = tempfile::tempdir().unwrap();
    let options = options(Mode::RejectFile, request("00013995"));
    convert(EXPORT, out.path(), &options).unwrap();
    let other = "0119900025_00013995_202506191_1";
    fs::create_dir(out.path().join(other)).unwrap();
    // as a conversion leaves it that was killed
    let part = out.path().join(".file-sets.part/0119900025_00013995_202506200_1/DATA");
    fs::create_dir_all(&part).unwrap();
    fs::write(part.join("h01199000252025062001000001.xml"), "half").unwrap();
    let broken = EXPORT.replace("1973-01-02", "1973-02-31");
    let report = convert(&broken, out.path(), &options).unwrap();
    assert!(report.rejected && report.file_sets.is_empty());
    let told = ["findings.csv", "hashes.csv", "refusals.csv", "refusals.json"];
    assert_eq!(names(out.path()), [&[other], &told[..]].concat(), "another delivery stays");
}

#[test]
fn what_no_conversion_made_is_in_the_way_and_stays() {
    let out = tempfile::tempdir().unwrap();
    let options = options(Mode::RejectFile, request("00013995"));
    convert(EXPORT, out.path(), &options).unwrap();
    let archive = out.path().join("0119900025_00013995_202506200_1");
    fs::write(archive.join("note.txt"), "by hand").unwrap();
    let error = convert(EXPORT, out.path(), &options).unwrap_err().to_string();
    assert!(error.contains("0119900025_00013995_202506200_1") && error.contains("変換以外"));
    assert_eq!(names(&archive), ["note.txt"]);
}

#[test]
fn a_programme_without_a_service_event_asks_for_one() {
    let out = tempfile::tempdir().unwrap();
    let export = EXPORT.replace(",990,", ",020,");
    let asked = options(Mode::RejectRow, request("00013995"));
    let error = convert(&export, out.path(), &asked).unwrap_err().to_string();
    assert!(error.contains("\"020\"") && error.contains("--service-event"), "{error}");
    assert!(names(out.path()).is_empty(), "{:?}", names(out.path()));
}

#[test]
fn everything_wrong_with_a_request_is_told_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let request = FileSetRequest {
        sequence: 10,
        service_event: Some(0),
        schemas: Some(folder.path().to_owned()),
        ..request("1234567")
    };
    let text = FileSetOptions::check(request).unwrap_err().to_string();
    for part in ["1234567", "保険者番号", "sequence 10", "実施区分 0", "ix08_V08.xsd", "voc_hcgv08"]
    {
        assert!(text.contains(part), "{part} in {text}");
    }
    let error = FileSetOptions::check(self::request("00013994")).unwrap_err();
    assert!(error.to_string().contains("check digit"), "{error}");
    let agency =
        FileSetRequest { receiver_kind: Some(PartyKind::Agency), ..self::request("91399010") };
    assert!(FileSetOptions::check(agency).is_ok());
}

/// The XML of every archive in a folder, by its schema.
fn validate(out: &Path, schemas: &Path, report: &ConvertReport) {
    for set in &report.file_sets {
        let folder = out.join(&set.folder);
        let data = folder.join("DATA");
        let documents: Vec<_> = names(&data).into_iter().map(|name| data.join(name)).collect();
        assert_eq!(documents.len(), set.records as usize);
        for (schema, files) in [
            ("hc08_V08.xsd", documents),
            ("ix08_V08.xsd", vec![folder.join("ix08_V08.xml")]),
            ("su08_V08.xsd", vec![folder.join("su08_V08.xml")]),
        ] {
            let mut command = Command::new("xmllint");
            command.args(["--noout", "--nonet", "--schema"]).arg(schemas.join(schema));
            let Ok(output) = command.args(files).output() else {
                eprintln!("skipped: xmllint is not installed");
                return;
            };
            let errors = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "{errors}");
        }
    }
}

#[test]
fn every_record_of_three_institutions_is_valid() {
    let (Some(data), Some(schemas)) = (shared("data/checkup"), shared("schemas/tokutei-v08"))
    else {
        return;
    };
    for (letter, receiver, records) in
        [("a", "06139992", 14), ("b", "00013995", 15), ("c", "06349997", 13)]
    {
        let out = tempfile::tempdir().unwrap();
        let request = FileSetRequest { schemas: Some(schemas.clone()), ..request(receiver) };
        let export = data.join(format!("inst-{letter}-original.csv"));
        let mapping = data.join(format!("inst-{letter}-map.toml"));
        let options = options(Mode::RejectRow, request);
        let report = convert_file(&export, &mapping, out.path(), &options).unwrap();
        let made: Vec<_> = report.file_sets.iter().map(|set| set.records).collect();
        assert_eq!(made, [records], "institution {letter}");
        let copied = out.path().join(&report.file_sets[0].folder).join("XSD");
        assert!(names(&copied).contains(&"coreschemas".to_owned()));
        validate(out.path(), &copied, &report);
    }
}

#[test]
fn one_record_gives_exactly_the_expected_archive() {
    let Some(data) = shared("data/checkup") else { return };
    let out = tempfile::tempdir().unwrap();
    let text = fs::read_to_string(data.join("inst-b-original.csv")).unwrap();
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let export = out.path().join("one.csv");
    fs::write(&export, [lines[0], lines[9]].concat()).unwrap();
    let request = FileSetRequest { results_only: true, ..request("00013995") };
    let options = options(Mode::RejectFile, request);
    let mapping = data.join("inst-b-map.toml");
    let report = convert_file(&export, &mapping, out.path(), &options).unwrap();
    let name = "0119900025_00013995_202506200_1";
    assert_eq!(report.file_sets[0].folder, name);
    let (made, expected) = (out.path().join(name), data.join("fileset").join(name));
    assert_eq!(names(&made), names(&expected));
    for file in ["ix08_V08.xml", "DATA/h01199000252025062001000001.xml"] {
        let Some(made) = canonical(&made.join(file)) else { return };
        assert_eq!(Some(made), canonical(&expected.join(file)), "{file}");
    }
}

/// Canonical XML without white space between elements; nothing without xmllint.
fn canonical(file: &Path) -> Option<String> {
    let output = Command::new("xmllint").args(["--noblanks", "--c14n"]).arg(file).output();
    let Ok(output) = output else {
        eprintln!("skipped: xmllint is not installed");
        return None;
    };
    assert!(output.status.success());
    Some(String::from_utf8(output.stdout).unwrap())
}
