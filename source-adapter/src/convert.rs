//! The conversion: an export goes in, standard records and findings come out, one row at a time.

use std::io::{self, Read};

use chrono::NaiveDate;
use renkei_checkup::hash::Sha256Hex;
use renkei_checkup::{Record, kcsv, tables};
use serde::Serialize;

use crate::cells::{Cell, Row};
use crate::checks::{self, Seen};
use crate::decode::{BYTE_ORDER_MARK, DecodeError};
use crate::file_set::FileSetError;
use crate::findings::{Code, Finding};
use crate::mapping::{ColumnRule, Form, Item, Mapping};
use crate::rows::{Cells, Rows};

/// What one error does to the rest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// One error refuses the file: the institution corrects it and delivers again.
    #[default]
    RejectFile,
    /// An error refuses its row only.
    RejectRow,
}

impl std::str::FromStr for Mode {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "reject_file" => Ok(Self::RejectFile),
            "reject_row" => Ok(Self::RejectRow),
            _ => Err("reject_file or reject_row expected".to_owned()),
        }
    }
}

/// How to convert.
#[derive(Clone, Copy, Debug)]
pub struct Rules {
    /// What one error does.
    pub mode: Mode,
    /// "Today" of the check for dates in the future.
    pub as_of: NaiveDate,
}

/// An accepted row.
#[derive(Clone, Copy, Debug)]
pub struct Accepted<'r> {
    /// The standard record.
    pub record: &'r Record,
    /// Its line of the standard CSV, without line end.
    pub line: &'r str,
    /// Where it comes from.
    pub source: Source<'r>,
}

/// A row as the institution exported it: bytes in the original encoding, line ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Source<'r> {
    /// The header row, behind the byte order mark if the file has one.
    pub header: &'r [u8],
    /// The row.
    pub row: &'r [u8],
}

impl Source<'_> {
    /// An export of this row alone.
    pub fn document(&self) -> Vec<u8> {
        [self.header, self.row].concat()
    }
}

/// Takes what the conversion gives.
///
/// In [`Mode::RejectFile`] rows arrive until the first error; what was taken may be used only
/// when [`Outcome::rejected`] is false at the end.
pub trait Sink {
    /// An accepted row.
    fn accepted(&mut self, accepted: &Accepted<'_>) -> io::Result<()>;

    /// The findings of one row in the order of findings.csv.
    fn findings(&mut self, findings: &[Finding]) -> io::Result<()>;

    /// The file turned out to be unreadable: everything taken so far is void.
    fn discard(&mut self) -> io::Result<()>;
}

/// Only counts.
impl Sink for () {
    fn accepted(&mut self, _: &Accepted<'_>) -> io::Result<()> {
        Ok(())
    }

    fn findings(&mut self, _: &[Finding]) -> io::Result<()> {
        Ok(())
    }

    fn discard(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What happened to the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Data rows read.
    pub rows: u64,
    /// Rows without an error.
    pub accepted: u64,
    /// Findings that refuse.
    pub errors: u64,
    /// Findings that do not.
    pub warnings: u64,
    /// Whether nothing may be delivered.
    pub rejected: bool,
    /// Hash of the export.
    pub input_sha256: Sha256Hex,
}

/// Why a file could not be converted at all.
#[derive(Debug, thiserror::Error)]
pub enum ConvertError {
    /// The mapping has mistakes.
    #[error(transparent)]
    Mapping(#[from] crate::mapping::MappingErrors),
    /// Two columns of the export have the same header.
    #[error(
        "見出し {header:?} が{first}列目と{second}列目にあります。別の名前にしてください / the header {header:?} stands in columns {first} and {second} of the export; give them different names"
    )]
    DuplicateHeader {
        /// The header.
        header: String,
        /// 1-based column.
        first: usize,
        /// 1-based column.
        second: usize,
    },
    /// A record is longer than `limits.csv_record_bytes`.
    #[error(transparent)]
    Decode(DecodeError),
    /// An archive of 特定健診 files cannot be made.
    #[error(transparent)]
    FileSet(#[from] FileSetError),
    /// A file could not be read or written.
    #[error("{what}")]
    Io {
        /// What was done with which file.
        what: String,
        /// Why it failed.
        source: io::Error,
    },
}

impl ConvertError {
    /// Reading or writing failed; an archive that cannot be made is told by its own error.
    pub(crate) fn io(what: String, source: io::Error) -> Self {
        match FileSetError::inside(source) {
            Ok(error) => Self::FileSet(error),
            Err(source) => Self::Io { what, source },
        }
    }
}

/// Converts an export by a mapping.
///
/// Memory does not grow with the file, but for 16 bytes per accepted row (duplicates).
pub fn convert(
    input: impl Read,
    mapping: &Mapping,
    rules: &Rules,
    sink: &mut dyn Sink,
) -> Result<Outcome, ConvertError> {
    let mut rows = Rows::new(input, mapping);
    let mut conversion = Conversion { rules, sink, tally: Tally::default(), seen: Seen::default() };
    let result = conversion.rows(&mut rows, mapping);
    let Conversion { mut tally, sink, .. } = conversion;
    match result {
        Ok(()) => {}
        Err(RowError::Decode(DecodeError::Undecodable { line, encoding })) => {
            sink.discard().map_err(sink_failed)?;
            tally = Tally { errors: 1, fatal: true, ..Tally::default() };
            let finding = Finding::new(0, "", Code::E001, "").expected(
                format!("{encoding} on every line; line {line} is not"),
                format!("全行が {encoding}（{line}行目が違います）"),
            );
            sink.findings(&[finding]).map_err(sink_failed)?;
        }
        Err(RowError::Decode(error)) => return Err(ConvertError::Decode(error)),
        Err(RowError::Other(error)) => return Err(error),
    }
    let input_sha256 = rows.into_hash().map_err(input_failed)?;
    Ok(Outcome {
        rows: tally.rows,
        accepted: tally.accepted,
        errors: tally.errors,
        warnings: tally.warnings,
        rejected: tally.fatal || (rules.mode == Mode::RejectFile && tally.errors > 0),
        input_sha256,
    })
}

fn sink_failed(source: io::Error) -> ConvertError {
    ConvertError::io("結果を書き込めません / the result cannot be written".to_owned(), source)
}

fn input_failed(source: io::Error) -> ConvertError {
    ConvertError::Io {
        what: "出力ファイルを読み込めません / the export cannot be read".to_owned(),
        source,
    }
}

/// What stops the loop over the rows.
enum RowError {
    Decode(DecodeError),
    Other(ConvertError),
}

impl From<DecodeError> for RowError {
    fn from(error: DecodeError) -> Self {
        match error {
            DecodeError::Read(error) => Self::Other(input_failed(error)),
            other => Self::Decode(other),
        }
    }
}

impl From<ConvertError> for RowError {
    fn from(error: ConvertError) -> Self {
        Self::Other(error)
    }
}

#[derive(Default)]
struct Tally {
    rows: u64,
    accepted: u64,
    errors: u64,
    warnings: u64,
    fatal: bool,
}

/// One `[[col]]` with the places of its cells.
struct Step<'m> {
    rule: &'m ColumnRule,
    items: Vec<Item>,
    cell: usize,
    by: Option<usize>,
}

struct Conversion<'c> {
    rules: &'c Rules,
    sink: &'c mut dyn Sink,
    tally: Tally,
    seen: Seen,
}

impl Conversion<'_> {
    fn rows<R: Read>(&mut self, rows: &mut Rows<R>, mapping: &Mapping) -> Result<(), RowError> {
        let (headers, header_row) = headers(rows, mapping)?;
        let steps = self.plan(&headers, mapping)?;
        if self.tally.fatal {
            return Ok(());
        }
        let sources = sources(&steps);
        let mut row = Row { mapping, number: 0, record: Record::new(), findings: Vec::new() };
        let mut line = String::new();
        while rows.next_row()? {
            let cells = rows.cells();
            if is_trailer(mapping, cells) {
                continue;
            }
            self.tally.rows += 1;
            row.begin(self.tally.rows);
            match width_finding(rows, row.number, headers.len()) {
                Some(finding) => row.add(finding),
                None => {
                    fill(&mut row, &steps, &headers, cells);
                    checks::derive(&mut row, self.rules.as_of);
                    checks::check(&mut row, self.rules.as_of, &mut self.seen, |row, item| {
                        is_marked(row, &sources, &headers, item)
                    });
                }
            }
            let source = Source { header: &header_row, row: rows.raw() };
            self.emit(&mut row, source, &mut line)?;
        }
        Ok(())
    }

    /// Finds the cells of every rule; tells missing headers and headers nobody uses.
    fn plan<'m>(
        &mut self,
        headers: &[String],
        mapping: &'m Mapping,
    ) -> Result<Vec<Step<'m>>, ConvertError> {
        let place = |header: &str| headers.iter().position(|other| other == header);
        let mut steps = Vec::new();
        let mut used: Vec<&str> = mapping.ignore.iter().map(String::as_str).collect();
        let mut missing: Vec<&str> = Vec::new();
        for rule in &mapping.columns {
            let by = match &rule.form {
                Form::Route { by, .. } => Some(by.as_str()),
                _ => None,
            };
            let wanted = || std::iter::once(rule.header.as_str()).chain(by);
            used.extend(wanted());
            missing.extend(wanted().filter(|header| place(header).is_none()));
            if let Some(cell) = place(&rule.header) {
                steps.push(Step { rule, items: rule.form.items(), cell, by: by.and_then(place) });
            }
        }
        missing.sort_unstable();
        missing.dedup();
        let mut findings: Vec<Finding> =
            missing.iter().map(|header| missing_header(header, headers)).collect();
        for header in headers.iter().filter(|header| !used.contains(&header.as_str())) {
            findings.push(Finding::new(0, header, Code::W108, ""));
        }
        self.tally.fatal = !missing.is_empty();
        self.tell(&mut findings)?;
        Ok(steps)
    }

    fn tell(&mut self, findings: &mut [Finding]) -> Result<(), ConvertError> {
        if findings.is_empty() {
            return Ok(());
        }
        findings.sort_by(|one, other| one.order().cmp(&other.order()));
        for finding in findings.iter() {
            if finding.is_error() {
                self.tally.errors += 1;
            } else {
                self.tally.warnings += 1;
            }
        }
        self.sink.findings(findings).map_err(sink_failed)
    }

    fn emit(
        &mut self,
        row: &mut Row<'_>,
        source: Source<'_>,
        line: &mut String,
    ) -> Result<(), ConvertError> {
        let refused = row.findings.iter().any(Finding::is_error);
        for finding in &mut row.findings {
            row.record.get("patient_id").clone_into(&mut finding.person);
        }
        self.tell(&mut row.findings)?;
        if refused {
            return Ok(());
        }
        self.tally.accepted += 1;
        if self.rules.mode == Mode::RejectFile && self.tally.errors > 0 {
            return Ok(());
        }
        line.clear();
        kcsv::write_line(&row.record, line);
        let accepted = Accepted { record: &row.record, line, source };
        self.sink.accepted(&accepted).map_err(sink_failed)
    }
}

/// The cells of the header row, and its bytes. Where the mapping says there is no byte order mark,
/// one that is there belongs to the first header.
fn headers<R: Read>(
    rows: &mut Rows<R>,
    mapping: &Mapping,
) -> Result<(Vec<String>, Vec<u8>), RowError> {
    rows.next_row()?;
    let mut headers: Vec<String> = rows.cells().iter().map(str::to_owned).collect();
    let mark = rows.byte_order_mark();
    if let Some(first) = headers.first_mut()
        && !mapping.byte_order_mark
        && mapping.skip_lines == 0
    {
        first.insert_str(0, mark);
    }
    for (second, header) in headers.iter().enumerate() {
        let first = headers.iter().position(|other| other == header).unwrap_or(second);
        if first != second {
            let header = header.clone();
            let error =
                ConvertError::DuplicateHeader { header, first: first + 1, second: second + 1 };
            return Err(error.into());
        }
    }
    Ok((headers, [mark.as_bytes(), rows.raw()].concat()))
}

/// A header that is not there; or only not seen, since a byte order mark stands before it.
fn missing_header(header: &str, headers: &[String]) -> Finding {
    let finding = Finding::new(0, header, Code::E002, "");
    let first = headers.first().and_then(|first| first.strip_prefix(BYTE_ORDER_MARK));
    if first != Some(header) {
        return finding;
    }
    finding.expected(
        "bom = true in [source], since the file begins with a byte order mark",
        "ファイルの先頭にBOMがあるため、[source] に bom = true",
    )
}

/// E003: another number of cells than of headers, or one that only an open quote makes right.
fn width_finding<R: Read>(rows: &Rows<R>, number: u64, wanted: usize) -> Option<Finding> {
    let found = rows.cells().len();
    let finding = || Finding::new(number, "", Code::E003, &found.to_string());
    if rows.is_unclosed() {
        let en = "a closing quote; the file ends inside the quotes of this row";
        let ja = "閉じる引用符（この行の引用符が閉じないまま終わっています）";
        return Some(finding().expected(en, ja));
    }
    (found != wanted).then(|| finding().expected(wanted.to_string(), wanted.to_string()))
}

fn is_trailer(mapping: &Mapping, cells: Cells<'_>) -> bool {
    mapping
        .trailer_prefix
        .as_ref()
        .is_some_and(|prefix| cells.get(0).is_some_and(|first| first.starts_with(prefix)))
}

fn fill(row: &mut Row<'_>, steps: &[Step<'_>], headers: &[String], cells: Cells<'_>) {
    let cell = |index: usize| cells.get(index).unwrap_or_default();
    for step in steps {
        let header = headers.get(step.cell).map_or("", String::as_str);
        let by = step.by.map_or("", cell);
        row.apply(&step.rule.form, &step.items, Cell { header, raw: cell(step.cell), by });
    }
}

/// Which columns of the export feed an item.
fn sources(steps: &[Step<'_>]) -> Vec<Vec<usize>> {
    let mut sources = vec![Vec::new(); tables().columns().len()];
    for step in steps {
        for item in &step.items {
            if let Some(columns) = sources.get_mut(item.position) {
                columns.push(step.cell);
            }
        }
    }
    sources
}

fn is_marked(row: &Row<'_>, sources: &[Vec<usize>], headers: &[String], item: usize) -> bool {
    let columns = sources.get(item).map_or(&[][..], Vec::as_slice);
    columns
        .iter()
        .filter_map(|column| headers.get(*column))
        .any(|header| row.findings.iter().any(|finding| finding.column == *header))
}
