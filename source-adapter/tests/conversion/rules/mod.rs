//! Each rule of the conversion on small exports.

mod boundaries;
mod bounds;
mod cells;
mod files;
mod invariant;
mod long;
mod numbers;
mod own_items;
mod people;
mod reading;
mod records;
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

/// Runs rows below the plain header.
fn rows(rows: &str) -> Kept {
    let (outcome, kept) = run(MAP, format!("{HEADER}\r\n{rows}").as_bytes(), Mode::RejectRow);
    outcome.unwrap();
    kept
}
