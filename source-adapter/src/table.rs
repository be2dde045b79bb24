//! The table of an export, as its mapping describes it: a header and rows of one checkup each.

use std::io::{self, Read};

use renkei_checkup::hash::Sha256Hex;

use crate::convert::ConvertError;
use crate::findings::{Code, Finding};
use crate::headers::Headers;
use crate::long_table::LongTable;
use crate::mapping::{Charset, Mapping, ShortRows, Title};
use crate::one_table::OneTable;
use crate::quotes::{self, Broken, BrokenKind};
use crate::rows::{Lines, RowText, Rows};

/// Why the reading of a file ends early.
#[derive(Debug)]
pub(crate) enum Stop {
    /// The file is refused for these findings.
    Refused(Vec<Finding>),
    /// It could not be read.
    Failed(ConvertError),
}

/// What stands above the rows.
#[derive(Clone, Debug, Default)]
pub(crate) struct Header {
    /// The titles of the rows to come.
    pub(crate) headers: Headers,
    /// The titles as the file has them.
    pub(crate) of_file: Headers,
    /// The bytes of the header, behind the byte order mark if the file has one.
    pub(crate) raw: Vec<u8>,
}

/// The table.
pub(crate) struct Table<'m, R> {
    mapping: &'m Mapping,
    rows: Rows<'m, R>,
    one_table: Option<OneTable>,
    headers: Headers,
    number: u64,
    long: Option<LongTable>,
}

impl<'m, R: Read> Table<'m, R> {
    pub(crate) fn new(input: R, mapping: &'m Mapping) -> Self {
        Self {
            mapping,
            rows: Rows::new(input, &mapping.source),
            one_table: None,
            headers: Headers::default(),
            number: 0,
            long: None,
        }
    }

    /// Reads the header; of a table with one row a test all of its rows, since the tests are its
    /// columns.
    ///
    /// # Errors
    /// When the file cannot be read or is refused.
    pub(crate) fn header(&mut self) -> Result<Header, Stop> {
        let mut rows = self.rows.header()?;
        self.mark_first_title(&mut rows);
        let of_file = Headers::of(&rows);
        let broken: Vec<Finding> = rows
            .iter()
            .flat_map(|row| row.broken.iter().map(|broken| quoting(0, row, broken, &of_file)))
            .collect();
        if !broken.is_empty() {
            return Err(Stop::Refused(broken));
        }
        if let Some(finding) = OneTable::fixed_width(&of_file) {
            return Err(Stop::Refused(vec![finding]));
        }
        self.one_table = Some(OneTable::new(&rows, &of_file));
        let mut raw = self.rows.byte_order_mark_bytes().to_vec();
        rows.iter().for_each(|row| raw.extend_from_slice(&row.raw));
        self.headers = of_file.clone();
        let Some(long) = &self.mapping.long else {
            return Ok(Header { headers: of_file.clone(), of_file, raw });
        };
        let mut table = LongTable::new(long, self.mapping, &of_file).map_err(Stop::Refused)?;
        while let Some((findings, row)) = self.next_of_file()? {
            if !findings.is_empty() {
                return Err(Stop::Refused(findings));
            }
            let row = std::mem::take(row);
            table.add(row, self.number)?;
        }
        let headers = table.headers();
        self.long = Some(table);
        Ok(Header { headers, of_file, raw })
    }

    /// The next row, and the findings that say why its cells cannot be looked at; none behind the last
    /// one.
    ///
    /// # Errors
    /// When the file cannot be read or is refused.
    pub(crate) fn next_row(&mut self) -> Result<Option<(Vec<Finding>, &RowText)>, Stop> {
        if self.long.is_none() {
            return Ok(self.next_of_file()?.map(|(findings, row)| (findings, &*row)));
        }
        Ok(self.long.as_mut().and_then(LongTable::next_row))
    }

    /// Titles that the mapping does not read and that hold a value which no row of [`Self::next_row`]
    /// shows: of a table with one row a test only the first row of a checkup is seen.
    pub(crate) fn filled_unseen(&self) -> Vec<Title> {
        self.long.iter().flat_map(LongTable::filled_later).collect()
    }

    /// Where the physical lines went that were read so far.
    pub(crate) fn lines(&self) -> Lines {
        self.rows.lines()
    }

    /// The hash over all bytes of the file, the unread ones included.
    pub(crate) fn into_hash(self) -> io::Result<Sha256Hex> {
        self.rows.into_hash()
    }

    fn next_of_file(&mut self) -> Result<Option<(Vec<Finding>, &mut RowText)>, Stop> {
        let Some(row) = self.rows.next_row()? else { return Ok(None) };
        self.number += 1;
        if let Some(finding) = self.one_table.as_mut().and_then(|table| table.see(row)) {
            return Err(Stop::Refused(vec![finding]));
        }
        let width = self.headers.width();
        if self.mapping.source.short_rows == ShortRows::Blank && row.broken.is_empty() {
            row.fill_up(width);
        }
        let broken = row.broken.iter();
        let mut findings: Vec<Finding> =
            broken.map(|broken| quoting(self.number, row, broken, &self.headers)).collect();
        let found = row.cells().len();
        if findings.is_empty() && found != width {
            let finding = Finding::new(self.number, "", Code::E003, &found.to_string());
            findings.push(finding.expected(width.to_string(), width.to_string()));
        }
        findings.iter_mut().for_each(|finding| finding.sheet_row = row.sheet_row);
        if row.refuses_file() { Err(Stop::Refused(findings)) } else { Ok(Some((findings, row))) }
    }

    /// Where the mapping says that there is no byte order mark, one that is there belongs to the first
    /// title.
    fn mark_first_title(&self, rows: &mut [RowText]) {
        let source = &self.mapping.source;
        if source.byte_order_mark || source.skip_lines > 0 || source.charset == Charset::Utf16 {
            return;
        }
        let mark = self.rows.byte_order_mark();
        if let Some(row) = rows.first_mut().filter(|_| !mark.is_empty()) {
            row.text.insert_str(0, mark);
            for (index, (start, end)) in row.bounds.iter_mut().enumerate() {
                *start += if index == 0 { 0 } else { mark.len() };
                *end += mark.len();
            }
        }
    }
}

/// E004 with what is wrong.
fn quoting(number: u64, row: &RowText, broken: &Broken, headers: &Headers) -> Finding {
    let title =
        if broken.cell < headers.width() { headers.name(broken.cell) } else { String::new() };
    // a quote that is open in the header makes a title of the rows behind it
    let title = match title.split_once(['\r', '\n']) {
        Some((first_line, _)) if number == 0 => first_line.chars().take(quotes::SHOWN).collect(),
        _ => title,
    };
    let lines = row.lines;
    let (en, ja) = match broken.kind {
        BrokenKind::TextBehind => (
            "a delimiter or the end of the line behind the closing quote".to_owned(),
            "閉じる引用符の後は、区切り文字か行末".to_owned(),
        ),
        BrokenKind::TextBehindLines => (
            format!(
                "a delimiter or the end of the line behind the closing quote; the cell goes over {lines} lines, so the whole file is refused"
            ),
            format!(
                "閉じる引用符の後は、区切り文字か行末（{lines}行にまたがるため、ファイル全体を受け付けません）"
            ),
        ),
        BrokenKind::Open => (
            "a closing quote; none follows to the end of the file, so the whole file is refused"
                .to_owned(),
            "閉じる引用符（ファイルの終わりまで閉じていないため、ファイル全体を受け付けません）"
                .to_owned(),
        ),
        BrokenKind::Swallows => (
            format!(
                "a closing quote on the line of the opening one: the cell holds {lines} lines, one of which looks like a row of its own, so the whole file is refused"
            ),
            format!(
                "開いた引用符を同じ行で閉じること（この値は{lines}行にまたがり、別の行を取り込んでいるように見えるため、ファイル全体を受け付けません）"
            ),
        ),
    };
    Finding::new(number, &title, Code::E004, &broken.raw).expected(en, ja)
}
