//! Each rule of the conversion on small exports.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by a panic, its helpers included"
)]

mod boundaries;
mod bounds;
mod invariant;
mod long;
mod numbers;
mod own_items;
mod people;
mod reading;
mod titles;
mod words;

use std::io::{self, Read};

use chrono::NaiveDate;
use renkei_checkup::Record;
use renkei_source_adapter::{
    Accepted, ConvertError, Finding, Mapping, Mode, Outcome, Rules, Sink, convert,
};

const MAP: &str = r##"map_version = "1"
profile = "kcsv/1.0.0"
[source]
encoding = "utf-8"
trailer_prefix = "#END"
[const]
report_category = "40"
program_code = "030"
inst_no = "1419900129"
inst_name = "架空健診所"
[null]
blank = ["", "-"]
not_performed = ["未実施"]
not_measurable = ["*"]
[[col]]
from = "ID"
to = "patient_id"
as = "text"
[[col]]
from = "KANA"
to = "name_kana"
as = "kana"
[[col]]
from = "NAME"
to = "name_kanji"
as = "name"
[[col]]
from = "SEX"
to = "sex"
as = "term"
vocab = "sex"
[[col]]
from = "DOB"
to = "birth_date"
as = "date"
[[col]]
from = "DATE"
to = "exam_date"
as = "date"
[[col]]
from = "HR"
to = "pulse"
as = "num"
[vocab.sex]
"1" = "男"
"2" = "女"
[vocab.judge]
"A" = "異常なし"
[vocab.hear]
"0" = "所見なし"
"1" = "所見あり"
"##;

const HEADER: &str = "ID,KANA,NAME,SEX,DOB,DATE,HR";
const PERSON: &str = "P1,ﾔﾏ ﾊﾅ,山　 花,2,S55.4.1,2025-05-12,72";

#[derive(Default)]
struct Kept {
    records: Vec<Record>,
    findings: Vec<(u64, String, &'static str, String)>,
    /// The Japanese and the English text of each finding.
    said: Vec<String>,
    /// Rows as a spreadsheet counts them, of each finding.
    sheet_rows: Vec<u64>,
    /// The bytes of the accepted rows.
    bytes: Vec<Vec<u8>>,
    /// Their lines of the standard CSV.
    lines: Vec<String>,
    discarded: bool,
}

impl Kept {
    /// The findings without their values.
    fn told(&self) -> Vec<(u64, &str, &str)> {
        self.findings.iter().map(|(row, column, code, _)| (*row, column.as_str(), *code)).collect()
    }

    /// The numbers of the accepted rows.
    fn numbers(&self) -> Vec<u64> {
        self.records.iter().map(|record| record.get("record_no").parse().unwrap()).collect()
    }

    /// An item of every accepted row.
    fn all(&self, id: &str) -> Vec<&str> {
        self.records.iter().map(|record| record.get(id)).collect()
    }

    /// Whether a text of a finding holds all of these words.
    fn says(&self, words: &[&str]) -> bool {
        self.said.iter().any(|text| words.iter().all(|word| text.contains(word)))
    }
}

impl Sink for Kept {
    fn accepted(&mut self, accepted: &Accepted<'_>) -> io::Result<()> {
        self.records.push(accepted.record.clone());
        self.bytes.push(accepted.source.row.to_vec());
        self.lines.push(accepted.line.to_owned());
        Ok(())
    }

    fn findings(&mut self, findings: &[Finding]) -> io::Result<()> {
        for f in findings {
            assert!(!f.ja().is_empty() && !f.en().is_empty());
            self.findings.push((f.row, f.column.clone(), f.code.name(), f.value.clone()));
            self.said.extend([f.ja(), f.en()]);
            self.sheet_rows.push(f.sheet_row);
        }
        Ok(())
    }

    fn file_findings(&mut self, findings: &[Finding]) -> io::Result<()> {
        let rows = std::mem::take(&mut self.findings);
        self.findings(findings)?;
        self.findings.extend(rows);
        Ok(())
    }

    fn discard(&mut self) -> io::Result<()> {
        *self = Self { discarded: true, ..Self::default() };
        Ok(())
    }
}

fn run(map: &str, export: &[u8], mode: Mode) -> (Result<Outcome, ConvertError>, Kept) {
    run_opened(map, || Ok(export), mode)
}

fn run_opened<R: Read>(
    map: &str,
    open: impl FnMut() -> io::Result<R>,
    mode: Mode,
) -> (Result<Outcome, ConvertError>, Kept) {
    let mapping = Mapping::read("map.toml", map).unwrap_or_else(|errors| panic!("{errors}"));
    let as_of = NaiveDate::from_ymd_opt(2025, 12, 31).unwrap();
    let mut kept = Kept::default();
    let outcome = convert(open, &mapping, &Rules { mode, as_of }, &mut kept);
    (outcome, kept)
}

/// Converts one person with more columns: their mapping, their headers, their cells.
fn with(columns: &str, headers: &str, cells: &str) -> Kept {
    let (head, vocabularies) = MAP.split_once("[vocab.sex]").unwrap();
    let map = format!("{head}{columns}\n[vocab.sex]{vocabularies}");
    let export = format!("{HEADER},{headers}\r\n{PERSON},{cells}\r\n");
    let (outcome, kept) = run(&map, export.as_bytes(), Mode::RejectRow);
    outcome.unwrap();
    kept
}

/// The map with more keys in `[source]`.
fn source(keys: &str) -> String {
    MAP.replace("[const]", &format!("{keys}\n[const]"))
}

/// A map with more columns.
fn more(map: &str, columns: &str) -> String {
    let (head, vocabularies) = map.split_once("[vocab.sex]").unwrap();
    format!("{head}{columns}\n[vocab.sex]{vocabularies}")
}

/// The export with the plain header and these rows, refused row by row.
fn export(map: &str, rows: &[&str]) -> (Outcome, Kept) {
    text(map, &format!("{HEADER}\r\n{}\r\n", rows.join("\r\n")))
}

/// A whole export.
fn text(map: &str, export: &str) -> (Outcome, Kept) {
    let (outcome, kept) = run(map, export.as_bytes(), Mode::RejectRow);
    (outcome.unwrap(), kept)
}

/// A person of the plain columns.
fn person(number: &str, kana: &str) -> String {
    format!("{number},{kana},山 花,2,S55.4.1,2025-05-12,72")
}

/// Where the lines went: total, skipped, header, rows, blank, trailer.
fn lines(outcome: &Outcome) -> [u64; 6] {
    let lines = outcome.lines.unwrap();
    assert!(lines.add_up());
    [lines.total, lines.skipped, lines.header, lines.rows, lines.blank, lines.trailer]
}

/// The mistakes of a map, all in one text.
fn mistakes(map: &str) -> String {
    match Mapping::read("map.toml", map) {
        Ok(_) => panic!("no mistake is told of:\n{map}"),
        Err(errors) => errors.to_string(),
    }
}

fn column(from: &str, to: &str, form: &str) -> String {
    format!("[[col]]\nfrom = \"{from}\"\nto = {to}\nas = \"{form}\"\n")
}

/// The value and the source cell of an item, or the finding.
fn item(columns: &str, cell: &str, id: &str) -> Result<(String, String), (String, String)> {
    let kept = with(columns, "X", cell);
    match kept.records.first() {
        Some(record) => {
            let column = renkei_checkup::tables().column(id).unwrap();
            Ok((record.value(column).to_owned(), record.original(column).to_owned()))
        }
        None => Err((kept.findings[0].2.to_owned(), kept.findings[0].3.clone())),
    }
}

fn ok(value: &str, original: &str) -> Result<(String, String), (String, String)> {
    Ok((value.to_owned(), original.to_owned()))
}

fn refused(code: &str, value: &str) -> Result<(String, String), (String, String)> {
    Err((code.to_owned(), value.to_owned()))
}

#[test]
fn numbers() {
    let hb = column("X", "\"hb\"", "num");
    assert_eq!(item(&hb, "１３．４５", "hb"), ok("13.5", "１３．４５"));
    assert_eq!(item(&hb, "\" 5.0未満 \"", "hb"), ok("<5.0", " 5.0未満 "));
    assert_eq!(item(&hb, "-", "hb"), ok("", "-"));
    assert_eq!(item(&hb, "未実施", "hb"), ok("未実施", "未実施"));
    assert_eq!(item(&hb, "*", "hb"), ok("測定不能", "*"));
    assert_eq!(item(&hb, "13..4", "hb"), refused("E012", "13..4"));
    assert_eq!(item(&hb, "30.04", "hb"), ok("30.0", "30.04"), "plausible after rounding");
    assert_eq!(item(&hb, "30.05", "hb"), refused("E013", "30.05"));
    assert_eq!(item(&hb, "0000000000000015", "hb"), ok("15.0", "0000000000000015"));
    assert_eq!(item(&hb, "1111111111111111", "hb"), refused("E013", "1111111111111111"));
    let scaled = format!("{hb}factor = 0.1");
    assert_eq!(item(&scaled, "158", "hb"), ok("15.8", "158"));
}

#[test]
fn identifiers_and_dates() {
    let insurer = format!("{}pad = 8", column("X", "\"insurer_no\"", "digits"));
    assert_eq!(item(&insurer, "０１３-９９５", "insurer_no"), ok("00013995", ""));
    assert_eq!(item(&insurer, "01399A", "insurer_no"), refused("E012", "01399A"));
    assert_eq!(item(&insurer, "013994", "insurer_no"), refused("E016", "00013994"));
    let postal = column("X", "\"postal\"", "postal");
    assert_eq!(item(&postal, "２３１－００９８", "postal"), ok("231-0098", ""));
    assert_eq!(item(&postal, "23100", "postal"), refused("E012", "23100"));
    assert_eq!(item(&postal, "231 0098", "postal"), refused("E012", "231 0098"));
    let unpadded = column("X", "\"insurer_no\"", "digits");
    assert_eq!(item(&unpadded, "013995", "insurer_no"), ok("013995", ""));
    assert_eq!(item(&unpadded, "013994", "insurer_no"), refused("E016", "00013994"));
    let film = column("X", "\"cxr_date\"", "date");
    assert_eq!(item(&film, "R07.05.12", "cxr_date"), ok("2025-05-12", "R07.05.12"));
    assert_eq!(item(&film, "R07.02.29", "cxr_date"), refused("E011", "R07.02.29"));
}

#[test]
fn terms_and_texts() {
    let strict = format!("{}vocab = \"judge\"", column("X", "\"j_total\"", "term"));
    assert_eq!(item(&strict, "Ａ", "j_total"), ok("異常なし", "Ａ"));
    assert_eq!(item(&strict, "Z", "j_total"), refused("E014", "Z"));
    let kept = with(&format!("{strict}\nstrict = false"), "X", "Z");
    assert_eq!(kept.findings, [(1, "X".to_owned(), "W101", "Z".to_owned())]);
    assert_eq!(kept.records[0].get("j_total"), "");

    let multi =
        format!("{}split = \"／;\"\nnone = [\"なし\"]", column("X", "\"work_hist\"", "multi"));
    assert_eq!(item(&multi, "a／ b;;なし", "work_hist"), ok("a、b", "a／ b;;なし"));
    let finding = format!(
        "{}split = \"／\"\nnone = [\"なし\"]",
        column("X", "[\"ecg\", \"ecg_txt\"]", "finding")
    );
    assert_eq!(item(&finding, "洞性徐脈", "ecg"), ok("所見あり", "洞性徐脈"));
    assert_eq!(item(&finding, "なし", "ecg"), ok("所見なし", "なし"));
    assert_eq!(item(&finding, "なし", "ecg_txt"), ok("", "なし"));
    assert_eq!(item(&finding, "未実施", "ecg"), ok("未実施", "未実施"));
    assert_eq!(item(&finding, "未実施", "ecg_txt"), ok("", "未実施"));
}

#[test]
fn cells_that_are_standard_already() {
    let text = |id: &str| column("X", &format!("\"{id}\""), "text");
    assert_eq!(item(&text("hr_r1k"), " 所見なし", "hr_r1k"), ok("所見なし", " 所見なし"));
    assert_eq!(item(&text("hr_r1k"), "なし", "hr_r1k"), refused("E014", "なし"));
    assert_eq!(item(&text("hb"), "<5.0", "hb"), ok("<5.0", "<5.0"));
    assert_eq!(item(&text("hb"), "五", "hb"), refused("E012", "五"));
    assert_eq!(item(&text("hb"), "99", "hb"), refused("E013", "99"));
    assert_eq!(item(&text("cxr_date"), "2025-05-12", "cxr_date"), ok("2025-05-12", "2025-05-12"));
    assert_eq!(item(&text("cxr_date"), "R7.5.12", "cxr_date"), refused("E011", "R7.5.12"));
    let whole = column("X", "\"height\"", "int");
    assert_eq!(item(&whole, "０170", "height"), ok("170.0", "０170"));
    let vocabulary = format!(
        "{}vocab = \"eye\"\n[vocab.eye]\n\"/\" = \"未実施\"",
        column("X", "\"cxr\"", "term")
    );
    assert_eq!(item(&vocabulary, "/", "cxr"), ok("未実施", "/"));
}

#[test]
fn one_cell_for_several_items() {
    let flags = "[[col]]\nfrom = \"X\"\nas = \"flags\"\nsplit = \"・\"\nnone = [\"なし\"]\nflags = { \"血圧\" = \"q01\", \"糖\" = \"q02\" }";
    assert_eq!(item(flags, "糖", "q01"), ok("いいえ", "糖"));
    assert_eq!(item(flags, "糖・血圧", "q01"), ok("はい", "糖・血圧"));
    assert_eq!(item(flags, "なし", "q02"), ok("いいえ", "なし"));
    assert_eq!(item(flags, "糖・謎", "q02"), refused("E014", "糖・謎"));
    assert_eq!(item(&flags.replace("糖", "A"), "Ａ", "q02"), ok("はい", "Ａ"));

    let pattern = "[[col]]\nfrom = \"X\"\nas = \"regex\"\npattern = '(?P<sbp1>\\d+)/(?P<dbp1>\\d+)(?P<hr_r1k>[019])?'\nvocab = \"hear\"";
    assert_eq!(item(pattern, "128/82", "sbp1"), ok("128", "128/82"));
    assert_eq!(item(pattern, "128/82", "hr_r1k"), ok("", "128/82"));
    assert_eq!(item(pattern, "128/821", "hr_r1k"), refused("E013", "128/821"));
    let eye = "[[col]]\nfrom = \"X\"\nas = \"regex\"\npattern = '(?P<va_r>[0-9.]+)\\((?P<va_rc>[0-9.]*)\\)'";
    assert_eq!(item(eye, "0.3()", "va_r"), ok("0.30", "0.3()"), "an empty group is no value");
    assert_eq!(item(pattern, "128 82", "sbp1"), refused("E019", "128 82"));
    assert_eq!(item(pattern, "x128/82", "sbp1"), refused("E019", "x128/82"), "the whole cell");
}

#[test]
fn a_second_column_routes_a_number() {
    let route = "[[col]]\nfrom = \"TG\"\nas = \"route\"\nby = \"F\"\ntable = { \"Y\" = \"tg_fast\", \"N\" = \"tg_casual\" }";
    let fasting = with(route, "TG,F", "120, Y");
    assert_eq!(fasting.records[0].get("tg_fast"), "120");
    assert_eq!(fasting.records[0].get("tg_casual"), "");
    let unknown = with(route, "TG,F", "120,?");
    assert_eq!(unknown.findings, [(1, "TG".to_owned(), "E014", "?".to_owned())]);
    let folded = with(route, "TG,F", "120,Ｙ");
    assert_eq!(folded.records[0].get("tg_fast"), "120", "as a vocabulary would read it");
    let nothing = with(route, "TG,F", ",?");
    assert!(nothing.findings.is_empty(), "an empty number needs no route");
    let not_performed = with(route, "TG,F", "未実施,N");
    assert_eq!(not_performed.records[0].get("tg_casual"), "未実施");
    assert_eq!(not_performed.records[0].get("tg_fast"), "");
}

#[test]
fn names_keep_their_letters() {
    let kept = with("", "X", "1");
    assert_eq!(kept.findings, [(0, "X".to_owned(), "W108", String::new())]);
    assert_eq!(kept.records[0].get("name_kanji"), "山 花");
    assert_eq!(kept.records[0].get("name_kana"), "ヤマ ハナ");
    assert_eq!(kept.records[0].get("profile_ver"), "kcsv/1.0.0");
    assert_eq!(kept.records[0].get("exam_age"), "45");
}

/// Runs rows below the plain header.
fn rows(rows: &str) -> Kept {
    let (outcome, kept) = run(MAP, format!("{HEADER}\r\n{rows}").as_bytes(), Mode::RejectRow);
    outcome.unwrap();
    kept
}

#[test]
fn whole_record_checks() {
    let height = column("H", "\"height\"", "num")
        + &column("W", "\"weight\"", "num")
        + &column("B", "\"bmi\"", "num");
    let wrong = with(&height, "H,W,B", "170.0,65.0,23.5");
    assert_eq!(wrong.findings, [(1, "bmi".to_owned(), "W104", "23.5".to_owned())]);
    assert!(with(&height, "H,W,B", "170.0,65.0,22.5").findings.is_empty());

    let pressure = column("S", "\"sbp1\"", "num") + &column("D", "\"dbp1\"", "num");
    let wrong = with(&pressure, "S,D", "78,124");
    assert_eq!(wrong.findings, [(1, "sbp1".to_owned(), "W102", "78/124".to_owned())]);

    let age = column("A", "\"exam_age\"", "int");
    assert_eq!(with(&age, "A", "44").findings[0].2, "W105");
    assert!(with(&age, "A", "０45").findings.is_empty());

    let long = "あ".repeat(200);
    let remarks = column("R", "\"remarks\"", "text");
    let wrong = with(&remarks, "R", &long);
    assert_eq!(wrong.findings, [(1, "remarks".to_owned(), "E015", "600".to_owned())]);
}

#[test]
fn required_items_and_dates_in_order() {
    let kept = rows(
        "P1,,山 花,2,S55.4.1,2025-05-12,72\r\n\
         ,ﾔﾏ,山 花,9,S55.4.1,2025-05-12,72\r\n\
         P3,ﾔﾏ,山 花,2,2025-06-01,2025-05-12,72\r\n\
         P4,ﾔﾏ,山 花,2,S55.4.1,2026-01-15,72\r\n",
    );
    let found: Vec<_> =
        kept.findings.iter().map(|(r, c, code, v)| (*r, c.as_str(), *code, v.as_str())).collect();
    assert_eq!(
        found,
        [
            (1, "name_kana", "E010", ""),
            (2, "patient_id", "E010", ""),
            (2, "SEX", "E014", "9"),
            (3, "birth_date", "E018", "2025-06-01"),
            (4, "exam_date", "E018", "2026-01-15"),
        ]
    );
    assert!(kept.records.is_empty());
}

#[test]
fn duplicates_count_against_accepted_rows_only() {
    let card = column("N", "\"card_number\"", "text");
    let (head, vocabularies) = MAP.split_once("[vocab.sex]").unwrap();
    let map = format!("{head}{card}[vocab.sex]{vocabularies}");
    let other_sex = PERSON.replace(",2,", ",9,");
    let export = format!(
        "{HEADER},N\r\n{other_sex},１２-３\r\n{PERSON},１２-３\r\n{PERSON},123\r\n{PERSON},124\r\n"
    );
    let (outcome, kept) = run(&map, export.as_bytes(), Mode::RejectRow);
    assert_eq!(outcome.unwrap().accepted, 2);
    let found: Vec<_> =
        kept.findings.iter().map(|(r, _, code, v)| (*r, *code, v.as_str())).collect();
    assert_eq!(found, [(1, "E014", "9"), (3, "E017", "P1")]);
    assert_eq!(kept.records[0].get("card_number"), "１２-３", "as on the card");
}

#[test]
fn rows_are_counted_as_data() {
    let kept = rows(&format!("\r\n\r\n{PERSON}\r\n\r\nP2,x\r\n\"#END 2\"\r\n"));
    assert_eq!(kept.findings, [(2, String::new(), "E003", "2".to_owned())]);
    assert_eq!(kept.records[0].get("record_no"), "1");
    let kept = rows("P1,ﾔﾏ,\"山\r\n花\",2,S55.4.1,2025-05-12,72");
    assert_eq!(kept.records[0].get("name_kanji"), "山\r\n花", "a line break inside quotes is data");
}

#[test]
fn headers_must_fit_the_mapping() {
    let (outcome, kept) = run(MAP, &b"ID,KANA,NAME,SEX,DOB,HR\r\n"[..], Mode::RejectRow);
    assert!(outcome.unwrap().rejected);
    assert_eq!(kept.findings, [(0, "DATE".to_owned(), "E002", String::new())]);

    let marked = format!("\u{FEFF}{HEADER}\r\n{PERSON}\r\n");
    let (outcome, kept) = run(MAP, marked.as_bytes(), Mode::RejectRow);
    assert!(outcome.unwrap().rejected);
    assert_eq!(kept.findings[0], (0, "ID".to_owned(), "E002", String::new()));
    let with_mark = MAP.replace("[const]", "bom = true\n[const]");
    let (outcome, kept) = run(&with_mark, marked.as_bytes(), Mode::RejectRow);
    assert!(!outcome.unwrap().rejected);
    assert_eq!(kept.records.len(), 1);

    let twice = format!("{HEADER},SEX\r\n");
    let (outcome, kept) = run(MAP, twice.as_bytes(), Mode::RejectRow);
    assert!(outcome.unwrap().rejected);
    assert_eq!(kept.findings, [(0, "SEX".to_owned(), "E002", String::new())]);

    let (outcome, kept) = run(MAP, &b"\r\n"[..], Mode::RejectRow);
    assert!(outcome.unwrap().rejected);
    assert_eq!(kept.findings.len(), 7);
}

#[test]
fn another_delimiter_and_another_encoding_are_named() {
    let tabs = format!("{HEADER}\r\n{PERSON}\r\n").replace(',', "\t");
    for (export, name) in
        [(tabs.as_bytes(), "delimiter = '\\t'"), (&b"\x1b$B;aL>\x1b(B,ID\r\n"[..], "iso-2022-jp")]
    {
        let mapping = Mapping::read("map.toml", MAP).unwrap();
        let as_of = NaiveDate::from_ymd_opt(2025, 12, 31).unwrap();
        let mut said = Said::default();
        let rules = Rules { mode: Mode::RejectRow, as_of };
        assert!(convert(|| Ok(export), &mapping, &rules, &mut said).unwrap().rejected);
        assert!(said.0.iter().any(|text| text.contains(name)), "{:?}", said.0);
    }
}

/// What findings say.
#[derive(Default)]
struct Said(Vec<String>);

impl Sink for Said {
    fn accepted(&mut self, _: &Accepted<'_>) -> io::Result<()> {
        Ok(())
    }

    fn findings(&mut self, findings: &[Finding]) -> io::Result<()> {
        self.0.extend(findings.iter().flat_map(|finding| [finding.ja(), finding.en()]));
        Ok(())
    }

    fn discard(&mut self) -> io::Result<()> {
        self.0.clear();
        Ok(())
    }
}

#[test]
fn what_is_no_export_is_named() {
    for (bytes, name) in [
        (&b""[..], "空のファイル"),
        (b"PK\x03\x04\x14\0\x06\0\x08\0\0\0!\0xl/workbook.xml", "CSV UTF-8"),
        (b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", "CSV UTF-8"),
        (b"%PDF-1.7", "PDF"),
    ] {
        let (outcome, kept) = run(MAP, bytes, Mode::RejectRow);
        let error = outcome.unwrap_err().to_string();
        assert!(error.contains(name) && kept.records.is_empty(), "{error}");
    }
}

#[test]
fn undecodable_bytes_void_everything() {
    let mut bytes = format!("{HEADER}\r\n{PERSON}\r\n").into_bytes();
    bytes.extend_from_slice(b"P2,\xFF\r\n");
    let (outcome, kept) = run(MAP, &bytes, Mode::RejectRow);
    let outcome = outcome.unwrap();
    assert!(outcome.rejected && outcome.errors == 1 && outcome.accepted == 0);
    assert!(kept.discarded && kept.records.is_empty());
    assert_eq!(kept.findings, [(0, String::new(), "E001", String::new())]);
    assert_eq!(outcome.input_sha256, renkei_checkup::hash::Sha256Hex::of(&bytes));
}

#[test]
fn one_error_rejects_the_file_in_the_strict_mode() {
    let export = format!("{HEADER}\r\n{PERSON}\r\nP2,x\r\n");
    let (outcome, _) = run(MAP, export.as_bytes(), Mode::RejectFile);
    let outcome = outcome.unwrap();
    assert!(outcome.rejected);
    assert_eq!((outcome.rows, outcome.accepted, outcome.errors), (2, 1, 1));
    let (outcome, _) = run(MAP, export.as_bytes(), Mode::RejectRow);
    assert!(!outcome.unwrap().rejected);
}

#[test]
fn the_check_digit_of_the_institution_can_be_switched_off() {
    let wrong = MAP.replace("1419900129", "1419900120");
    let export = format!("{HEADER}\r\n{PERSON}\r\n");
    let (_, kept) = run(&wrong, export.as_bytes(), Mode::RejectRow);
    assert_eq!(kept.findings, [(1, "inst_no".to_owned(), "E016", "1419900120".to_owned())]);
    let off = wrong.replace("[null]", "[checks]\ninstitution_check_digit = false\n[null]");
    let (_, kept) = run(&off, export.as_bytes(), Mode::RejectRow);
    assert_eq!(kept.records.len(), 1);
}

#[test]
fn what_never_ends_is_refused_by_name() {
    let endless = |begin: &str| {
        let export = format!("{HEADER}\r\n{begin}");
        run_opened(
            MAP,
            || Ok(io::Cursor::new(export.clone()).chain(io::repeat(b'x'))),
            Mode::RejectRow,
        )
    };
    let (outcome, _) = endless("");
    let error = outcome.unwrap_err();
    assert!(error.to_string().contains("a fixed bound"), "{error}");
}

proptest::proptest! {
    #[test]
    fn no_export_breaks_the_conversion(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..200), text in "[\\PC,\"\r\n]{0,200}") {
        for tail in [bytes.as_slice(), text.as_bytes()] {
            let export = [HEADER.as_bytes(), b"\r\n", tail].concat();
            let (_, _) = run(MAP, export.as_slice(), Mode::RejectRow);
            let (_, _) = run(MAP, tail, Mode::RejectFile);
        }
    }

    #[test]
    fn no_mapping_breaks_the_reader(rest in "\\PC{0,80}", value in "[a-z_]{1,12}") {
        let texts = [
            rest.clone(),
            format!("{MAP}\n[[col]]\nfrom = \"Y\"\nas = \"{value}\"\nto = [\"{value}\"]\npattern = '{rest}'"),
        ];
        for text in texts {
            if let Err(errors) = Mapping::read("map.toml", &text) {
                assert!(!errors.errors.is_empty());
            }
        }
    }
}

#[test]
fn the_tolerance_of_the_bmi_is_exact() {
    let columns =
        ["height", "weight", "bmi"].map(|id| column(id, &format!("\"{id}\""), "num")).concat();
    let codes = |cells: &str| {
        let kept = with(&columns, "height,weight,bmi", cells);
        kept.findings.iter().map(|finding| finding.2).collect::<Vec<_>>()
    };
    assert_eq!(codes("200,80.6,20.3"), [""; 0], "0.15 is still right");
    assert_eq!(codes("200,80.6,20.0"), [""; 0]);
    assert_eq!(codes("200,80.6,20.4"), ["W104"]);
    assert_eq!(codes("200,80.6,19.9"), ["W104"]);
}

#[test]
fn a_quote_that_is_never_closed_refuses_the_file() {
    let other = PERSON.replace("P1", "P2").replace(",ﾔﾏ", ",\"ﾔﾏ");
    let export = format!("{HEADER}\r\n{PERSON}\r\n{other}\r\n{PERSON}\r\n");
    let (outcome, kept) = run(MAP, export.as_bytes(), Mode::RejectRow);
    let outcome = outcome.unwrap();
    assert!(outcome.rejected && outcome.lines.is_none());
    assert!(kept.records.is_empty());
    assert_eq!((kept.findings[0].0, kept.findings[0].2), (2, "E004"));
}
