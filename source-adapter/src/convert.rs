//! The conversion: an export goes in, standard records and findings come out, one row at a time.

use std::io::{self, Read};
use std::sync::Arc;

use chrono::NaiveDate;
use renkei_checkup::hash::Sha256Hex;
use renkei_checkup::{Record, kcsv};
use serde::Serialize;

use crate::cells::Row;
use crate::checks;
use crate::decode::{DecodeError, ISO_2022_JP};
use crate::file_set::FileSetError;
use crate::findings::{Code, Finding};
use crate::layout;
use crate::mapping::Mapping;
use crate::one_table::{OneRowEach, is_titles, refused};
use crate::rows::{Lines, RowText};
use crate::seen::{Known, Seen};
use crate::steps::{self, Steps};
use crate::table::{Stop, Table};
use crate::workbook::NotAnExport;

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
    /// The institution's own number of the checkup (`[source] report_no`); empty where there is none.
    pub report_no: &'r str,
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

    /// The findings of the file as a whole, which stand before those of the rows; told once, when
    /// everything else is known.
    fn file_findings(&mut self, findings: &[Finding]) -> io::Result<()> {
        self.findings(findings)
    }

    /// Everything taken so far is void: the file turned out to be unreadable, or a later row refuses
    /// an earlier one, and the rows come again.
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
    /// Where every physical line went; none where the file was refused before its end.
    pub lines: Option<Lines>,
    /// What only the whole file could tell.
    pub(crate) known: Arc<Known>,
}

/// Why a file could not be converted at all.
#[derive(Debug, thiserror::Error)]
pub enum ConvertError {
    /// The mapping has mistakes.
    #[error(transparent)]
    Mapping(#[from] crate::mapping::MappingErrors),
    /// A record is longer than [`RECORD_BYTES`](crate::decode::RECORD_BYTES), or the file is no export at all.
    #[error(transparent)]
    Decode(DecodeError),
    /// The account of the lines does not close: nothing may be delivered.
    #[error(
        "行数の合計が合いません（{0:?}）。変換を中止しました。このファイルの形を添えてお知らせください / the account of the lines does not add up ({0:?}); nothing was delivered; please report it with the form of the file"
    )]
    Lines(Lines),
    /// A table of one row a test is too large to be put together.
    #[error(
        "1検査1行のファイルが大きすぎます（上限は {0} バイトで固定）。期間や団体で分けて出力してください / a file of one row a test is too large (the bound is fixed at {0} bytes); export it in parts"
    )]
    LongTable(usize),
    /// The export or the mapping lies where the conversion writes.
    #[error(
        "{0} は、出力先で上書きされるファイルです。--out に別のフォルダーを指定してください / {0} would be overwritten by the output; give another folder by --out"
    )]
    Overwrites(String),
    /// The export was changed while it was read.
    #[error(
        "読み込み中にファイルが変わりました。もう一度実行してください / the export changed while it was read; run it again"
    )]
    Changed,
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

/// Converts an export by a mapping. `open` opens the export; it is opened again when a row refuses an
/// earlier one (E017, E020), and everything that the sink has taken is void then.
///
/// Memory does not grow with the file, but for about a hundred bytes per accepted row (duplicates), and
/// the whole of a table of one row a test (`[long]`), up to 512 MiB.
///
/// # Errors
/// When the export cannot be read or the sink fails. What is wrong with the export's content is a
/// finding.
pub fn convert<R: Read>(
    mut open: impl FnMut() -> io::Result<R>,
    mapping: &Mapping,
    rules: &Rules,
    sink: &mut dyn Sink,
) -> Result<Outcome, ConvertError> {
    let mut known = Known::default();
    let mut before: Option<Sha256Hex> = None;
    loop {
        let input = open().map_err(input_failed)?;
        let (outcome, found) = read_once(input, mapping, rules, &known, sink)?;
        if before.as_ref().is_some_and(|hash| *hash != outcome.input_sha256) {
            return Err(ConvertError::Changed);
        }
        let Some(next) = known.next(found) else {
            return Ok(Outcome { known: Arc::new(known), ..outcome });
        };
        known = next;
        before = Some(outcome.input_sha256);
        sink.discard().map_err(sink_failed)?;
    }
}

/// Converts an export again of which an earlier conversion has told everything but its rows.
///
/// # Errors
/// As [`convert`], and when the export is not the same any more.
pub fn convert_again(
    input: impl Read,
    mapping: &Mapping,
    rules: &Rules,
    earlier: &Outcome,
    sink: &mut dyn Sink,
) -> Result<Outcome, ConvertError> {
    let (outcome, _) = read_once(input, mapping, rules, &earlier.known, sink)?;
    if outcome.input_sha256 != earlier.input_sha256 {
        return Err(ConvertError::Changed);
    }
    Ok(Outcome { known: Arc::clone(&earlier.known), ..outcome })
}

/// One reading, and what it found out that no row alone can tell.
fn read_once<R: Read>(
    input: R,
    mapping: &Mapping,
    rules: &Rules,
    known: &Known,
    sink: &mut dyn Sink,
) -> Result<(Outcome, Known), ConvertError> {
    let mut table = Table::new(input, mapping);
    let mut conversion =
        Conversion { rules, known, sink, counts: RowCounts::default(), seen: Seen::default() };
    let stopped = match conversion.rows(&mut table, mapping) {
        Ok(()) => false,
        Err(Stop::Refused(mut findings)) => {
            conversion.sink.discard().map_err(sink_failed)?;
            conversion.counts = RowCounts::default();
            conversion.seen = Seen::default();
            conversion.tell_of_file(&mut findings)?;
            true
        }
        Err(Stop::Failed(error)) => return Err(error),
    };
    let Conversion { counts, seen, .. } = conversion;
    let lines = table.lines();
    if !stopped && !lines.add_up() {
        return Err(ConvertError::Lines(lines));
    }
    let input_sha256 = table.into_hash().map_err(input_failed)?;
    let outcome = Outcome {
        rows: counts.rows,
        accepted: counts.accepted,
        errors: counts.errors,
        warnings: counts.warnings,
        rejected: stopped || (rules.mode == Mode::RejectFile && counts.errors > 0),
        input_sha256,
        lines: (!stopped).then_some(lines),
        known: Arc::default(),
    };
    Ok((outcome, seen.found))
}

fn sink_failed(source: io::Error) -> ConvertError {
    ConvertError::io("結果を書き込めません / the result cannot be written".to_owned(), source)
}

pub(crate) fn input_failed(source: io::Error) -> ConvertError {
    if source.kind() == io::ErrorKind::IsADirectory {
        return ConvertError::Decode(NotAnExport::Folder.into());
    }
    ConvertError::Io {
        what: "出力ファイルを読み込めません / the export cannot be read".to_owned(),
        source,
    }
}

impl From<DecodeError> for Stop {
    fn from(error: DecodeError) -> Self {
        match error {
            DecodeError::Read(error) => Self::Failed(input_failed(error)),
            DecodeError::Undecodable { line, declared, found } => {
                Self::Refused(vec![undecodable(line, declared, found)])
            }
            other @ (DecodeError::RecordTooLong { .. } | DecodeError::NotAnExport(_)) => {
                Self::Failed(ConvertError::Decode(other))
            }
        }
    }
}

impl From<ConvertError> for Stop {
    fn from(error: ConvertError) -> Self {
        Self::Failed(error)
    }
}

/// A row of titles where the first table has days: another table of the same width begins there, and
/// what follows would be read under the wrong titles.
fn other_titles(row: &Row<'_>, text: &RowText, steps: &Steps<'_>) -> Result<(), Stop> {
    if !row.findings.iter().any(|finding| finding.code == Code::E011) {
        return Ok(());
    }
    let cells = text.cells();
    let days = ["birth_date", "exam_date"].map(|id| steps.columns_of(id));
    let is_title = |column: &usize| {
        let cell = cells.get(*column).unwrap_or_default();
        !cell.is_empty() && !cell.chars().any(char::is_numeric)
    };
    let titles = days.iter().all(|columns| !columns.is_empty() && columns.iter().all(is_title));
    if titles && is_titles(cells) && cells.filled() * 2 > cells.len() {
        let place = text.sheet_row;
        return Err(Stop::Refused(vec![refused(
            format!(
                "another table seems to begin in row {place} of the file (as a spreadsheet counts), with other titles; give one table a file"
            ),
            format!(
                "ファイルの{place}行目（Excelでの行）から、見出しの異なる別の表が始まっているようです。1つのファイルを1つの表にしてください"
            ),
        )]));
    }
    Ok(())
}

/// E001, with the encoding that the bytes have where it is plain.
fn undecodable(line: u64, declared: &str, found: Option<&str>) -> Finding {
    let finding = Finding::new(0, "", Code::E001, "");
    match found {
        Some(ISO_2022_JP) => finding.expected(
            format!("{declared}; the file is {ISO_2022_JP} (JIS), which is not read: save it as UTF-8 or Shift_JIS"),
            format!("{declared}。このファイルは {ISO_2022_JP}（JIS）で、読めません。UTF-8 か Shift_JIS で保存し直してください"),
        ),
        Some(found) => finding.expected(
            format!("{declared} on every line; line {line} is not; the file seems to be {found}: encoding = {found:?}"),
            format!("全行が {declared}（{line}行目が違います）。このファイルは {found} のようです: encoding = {found:?}"),
        ),
        None => finding.expected(
            format!("{declared} on every line; line {line} is not"),
            format!("全行が {declared}（{line}行目が違います）"),
        ),
    }
}

#[derive(Default)]
struct RowCounts {
    rows: u64,
    accepted: u64,
    errors: u64,
    warnings: u64,
}

struct Conversion<'c> {
    rules: &'c Rules,
    known: &'c Known,
    sink: &'c mut dyn Sink,
    counts: RowCounts,
    seen: Seen,
}

impl Conversion<'_> {
    fn rows<R: Read>(&mut self, table: &mut Table<'_, R>, mapping: &Mapping) -> Result<(), Stop> {
        let header = table.header()?;
        let planned = steps::plan(mapping, &header.headers, mapping.long.is_some());
        let mut steps = planned.steps;
        let mut one_row_each = OneRowEach::new(&steps).filter(|_| mapping.long.is_none());
        let mut refusing = layout::differences(mapping, &header.of_file);
        refusing.extend(planned.refusing);
        if !refusing.is_empty() {
            // columns are missing, too, where each test has a row
            one_row_each.map_or(Ok(()), |sample| sample.see_all(table))?;
            refusing.extend(planned.unread);
            return Err(Stop::Refused(refusing));
        }
        let mut of_file = planned.unread;
        let record = Record::with_own(&mapping.own);
        let mut row = Row { mapping, number: 0, record, findings: Vec::new() };
        let mut line = String::new();
        while let Some((findings, text)) = table.next_row()? {
            if let Some(sample) = &mut one_row_each {
                sample.see(text.cells())?;
            }
            self.counts.rows += 1;
            row.begin(self.counts.rows);
            let report_no = steps.report_no(text.cells());
            let conflicts = mapping.long.is_some();
            if findings.is_empty() || conflicts {
                self.convert(&mut row, &mut steps, text, findings, report_no);
                other_titles(&row, text, &steps)?;
            } else {
                row.findings = findings;
                steps.name_person(&mut row, text.cells());
            }
            let source = Source { header: &header.raw, row: &text.raw };
            self.emit(&mut row, text.sheet_row, (source, report_no.1), &mut line)?;
        }
        if let Some(sample) = one_row_each {
            sample.judge()?;
        }
        for title in table.filled_unseen() {
            steps.watch_title(&title, &header.headers);
        }
        of_file.extend(steps.undecided());
        self.tell_of_file(&mut of_file)?;
        Ok(())
    }

    /// Converts and checks one row that has its cells; `findings` say under which titles the rows of a
    /// checkup differ.
    fn convert(
        &mut self,
        row: &mut Row<'_>,
        steps: &mut Steps<'_>,
        text: &RowText,
        findings: Vec<Finding>,
        report_no: (&str, &str),
    ) {
        let cells = text.cells();
        steps.fill(row, cells);
        for mut finding in findings {
            row.record.get("patient_id").clone_into(&mut finding.value);
            row.add(finding);
        }
        steps.watch(cells);
        let as_of = self.rules.as_of;
        checks::derive(row, as_of);
        checks::check(
            row,
            as_of,
            |row, item| steps.is_marked(row, item),
            |item| steps.source_of(cells, item),
        );
        checks::among_rows(row, report_no, &mut self.seen, self.known);
    }

    fn count(&mut self, findings: &mut [Finding]) {
        findings.sort_by(|one, other| one.order().cmp(&other.order()));
        let errors = findings.iter().filter(|finding| finding.is_error()).count() as u64;
        self.counts.errors += errors;
        self.counts.warnings += findings.len() as u64 - errors;
    }

    fn tell_of_file(&mut self, findings: &mut [Finding]) -> Result<(), ConvertError> {
        if findings.is_empty() {
            return Ok(());
        }
        self.count(findings);
        self.sink.file_findings(findings).map_err(sink_failed)
    }

    fn emit(
        &mut self,
        row: &mut Row<'_>,
        sheet_row: u64,
        (source, report_no): (Source<'_>, &str),
        line: &mut String,
    ) -> Result<(), ConvertError> {
        let refused = row.findings.iter().any(Finding::is_error);
        if !row.findings.is_empty() {
            for finding in &mut row.findings {
                finding.sheet_row = sheet_row;
                if finding.person.is_empty() {
                    row.record.get("patient_id").clone_into(&mut finding.person);
                }
            }
            self.count(&mut row.findings);
            self.sink.findings(&row.findings).map_err(sink_failed)?;
        }
        if refused {
            return Ok(());
        }
        self.counts.accepted += 1;
        if self.rules.mode == Mode::RejectFile && self.counts.errors > 0 {
            return Ok(());
        }
        line.clear();
        kcsv::write_line(&row.record, line);
        let accepted = Accepted { record: &row.record, line, source, report_no };
        self.sink.accepted(&accepted).map_err(sink_failed)
    }
}
