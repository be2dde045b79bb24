//! The rows of an export: its physical lines split by RFC 4180, cell by cell, each with its bytes in
//! the file; and the account of where every physical line went.

use std::collections::VecDeque;
use std::io::{self, Read};

use renkei_checkup::hash::Sha256Hex;
use serde::Serialize;

use crate::cells::trim;
use crate::decode::{BYTE_ORDER_MARK, DecodeError, Decoded, LineEnd};
use crate::mapping::{ShortRows, Source};
use crate::quotes::{self, Broken};

/// Lines at the end of the file that may be none of the table.
const MOST_TRAILERS: usize = 100;

/// Where the physical lines of an export went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Lines {
    /// All of them.
    pub total: u64,
    /// Before the header.
    pub skipped: u64,
    /// Of the header.
    pub header: u64,
    /// Of data rows.
    pub rows: u64,
    /// Empty, or with nothing but delimiters and blanks.
    pub blank: u64,
    /// Behind the table.
    pub trailer: u64,
}

impl Lines {
    /// The account in one sentence, Japanese and English.
    pub fn sentence(&self) -> String {
        let Self { total, skipped, header, rows, blank, trailer } = self;
        format!(
            "ファイルの全{total}行 = 見出しの前 {skipped} + 見出し {header} + データ {rows} + 空白 {blank} + 末尾 {trailer} / \
             {total} lines of the file: before the header {skipped}, header {header}, rows {rows}, blank {blank}, trailer {trailer}"
        )
    }

    /// Whether every line is accounted for.
    pub fn add_up(&self) -> bool {
        self.total == self.skipped + self.header + self.rows + self.blank + self.trailer
    }
}

/// One row of the table.
#[derive(Clone, Debug, Default)]
pub(crate) struct RowText {
    /// The content of the cells, one behind the other.
    pub(crate) text: String,
    /// Where each begins and ends.
    pub(crate) bounds: Vec<(usize, usize)>,
    /// As it stands in the file, line end included.
    pub(crate) raw: Vec<u8>,
    /// Its place in a spreadsheet, which counts every line but no line break inside a cell; from 1.
    pub(crate) sheet_row: u64,
    /// Physical lines it has.
    pub(crate) lines: u64,
    /// Cells whose quotes are none of RFC 4180.
    pub(crate) broken: Vec<Broken>,
}

impl RowText {
    pub(crate) fn cells(&self) -> Cells<'_> {
        Cells { text: &self.text, bounds: &self.bounds }
    }

    /// Fills a row that ends early.
    pub(crate) fn fill_up(&mut self, width: usize) {
        while self.bounds.len() < width {
            self.bounds.push((self.text.len(), self.text.len()));
        }
    }

    /// Whether it holds nothing but delimiters and blanks.
    fn is_blank(&self) -> bool {
        self.broken.is_empty() && self.cells().is_blank()
    }

    /// Whether its quotes leave it open where it ends.
    pub(crate) fn refuses_file(&self) -> bool {
        self.broken.iter().any(|broken| broken.kind.refuses_file())
    }

    fn clear(&mut self) {
        self.text.clear();
        self.bounds.clear();
        self.raw.clear();
        self.broken.clear();
        self.lines = 0;
    }
}

/// The cells of one row.
#[derive(Clone, Copy)]
pub(crate) struct Cells<'r> {
    text: &'r str,
    bounds: &'r [(usize, usize)],
}

impl<'r> Cells<'r> {
    /// How many there are.
    pub(crate) fn len(self) -> usize {
        self.bounds.len()
    }

    /// One of them, by its place from 0.
    pub(crate) fn get(self, index: usize) -> Option<&'r str> {
        let (start, end) = *self.bounds.get(index)?;
        self.text.get(start..end)
    }

    /// All of them.
    pub(crate) fn iter(self) -> impl Iterator<Item = &'r str> {
        self.bounds.iter().filter_map(move |(start, end)| self.text.get(*start..*end))
    }

    /// How many hold more than blanks.
    pub(crate) fn filled(self) -> usize {
        self.iter().filter(|cell| !trim(cell).is_empty()).count()
    }

    fn is_blank(self) -> bool {
        self.iter().all(|cell| trim(cell).is_empty())
    }
}

/// Splits an export row by row.
pub(crate) struct Rows<'m, R> {
    decoded: Decoded<R>,
    source: &'m Source,
    /// The physical lines of the record that is being split.
    physical: String,
    current: RowText,
    /// Rows that are the end of the table unless another row follows.
    held: VecDeque<RowText>,
    /// How many of `held` are rows after all.
    released: usize,
    /// The prefixes of trailers, by their places, with which rows of the table begin, too.
    row_prefixes: Vec<usize>,
    /// Columns of the header, once it was read.
    width: Option<usize>,
    sheet_rows: u64,
    lines: Lines,
}

impl<'m, R: Read> Rows<'m, R> {
    /// Reads `input` in the dialect of the mapping.
    pub(crate) fn new(input: R, source: &'m Source) -> Self {
        Self {
            decoded: Decoded::new(input, source.charset),
            source,
            physical: String::new(),
            current: RowText::default(),
            held: VecDeque::new(),
            released: 0,
            row_prefixes: Vec::new(),
            width: None,
            sheet_rows: 0,
            lines: Lines::default(),
        }
    }

    /// Skips the lines before the header and reads its rows; fewer where the file ends.
    ///
    /// # Errors
    /// When the file cannot be read, has bytes that its encoding does not allow, or a row that is
    /// longer than [`RECORD_BYTES`](crate::decode::RECORD_BYTES).
    pub(crate) fn header(&mut self) -> Result<Vec<RowText>, DecodeError> {
        let mut line = String::new();
        for _ in 0..self.source.skip_lines {
            line.clear();
            let Some(end) = self.decoded.next_line(&mut line)? else { break };
            self.decoded.take_row(end == LineEnd::File);
            self.lines.skipped += 1;
            self.sheet_rows += 1;
        }
        let mut rows: Vec<RowText> = Vec::new();
        while rows.len() < self.source.header_rows && self.record()? {
            if rows.is_empty() && self.current.is_blank() {
                self.lines.blank += self.current.lines;
                continue;
            }
            self.lines.header += self.current.lines;
            rows.push(std::mem::take(&mut self.current));
        }
        let width = rows.iter().map(|row| row.bounds.len()).max().unwrap_or_default();
        self.width = Some(width);
        Ok(rows)
    }

    /// Reads the next row of the table; none behind the last one. Blank rows are passed over, and the
    /// lines behind the table.
    ///
    /// # Errors
    /// As [`Self::header`].
    pub(crate) fn next_row(&mut self) -> Result<Option<&mut RowText>, DecodeError> {
        loop {
            if self.released > 0
                && let Some(row) = self.held.pop_front()
            {
                self.released -= 1;
                self.lines.rows += row.lines;
                self.current = row;
                return Ok(Some(&mut self.current));
            }
            if !self.record()? {
                if self.people_begin_so() {
                    self.released = self.held.len();
                    self.row_prefixes.clear();
                    continue;
                }
                self.lines.trailer += self.held.drain(..).map(|row| row.lines).sum::<u64>();
                return Ok(None);
            }
            if self.current.is_blank() {
                self.lines.blank += self.current.lines;
            } else if self.may_be_trailer() {
                self.held.push_back(std::mem::take(&mut self.current));
                self.released = self.held.len().saturating_sub(MOST_TRAILERS);
            } else if self.held.is_empty() {
                self.note_prefix();
                self.lines.rows += self.current.lines;
                return Ok(Some(&mut self.current));
            } else {
                self.held.push_back(std::mem::take(&mut self.current));
                self.released = self.held.len();
            }
        }
    }

    /// The account of the lines read so far.
    pub(crate) fn lines(&self) -> Lines {
        Lines { total: self.decoded.lines(), ..self.lines }
    }

    /// The byte order mark of the file, as a header that is not told of it would have it.
    pub(crate) fn byte_order_mark(&self) -> &'static str {
        if self.decoded.had_byte_order_mark() { BYTE_ORDER_MARK } else { "" }
    }

    /// The byte order mark as it stands in the file.
    pub(crate) fn byte_order_mark_bytes(&self) -> &'static [u8] {
        if self.decoded.had_byte_order_mark() { self.decoded.byte_order_mark() } else { &[] }
    }

    /// The hash over all bytes of the file, the unread ones included.
    pub(crate) fn into_hash(self) -> io::Result<Sha256Hex> {
        self.decoded.into_hash()
    }

    /// A line that begins as the mapping says and holds less than half of the header's columns; one of
    /// full width (or wider, or filled up to it) holds two cells at most. Anything more could be a
    /// person, and so could what stands behind a quote that does not close where it should.
    fn may_be_trailer(&self) -> bool {
        if self.current.refuses_file() {
            return false;
        }
        let cells = self.current.cells();
        let begins = cells.get(0).is_some_and(|first| {
            self.source.trailers.iter().any(|prefix| first.starts_with(prefix.as_str()))
        });
        let width = self.width.unwrap_or_default();
        let filled = if begins { cells.filled() } else { 0 };
        let is_whole = cells.len() >= width || self.source.short_rows == ShortRows::Blank;
        begins && filled * 2 < width && !(is_whole && filled > 2)
    }

    /// Notes that a row of the table begins as its trailer does.
    fn note_prefix(&mut self) {
        let prefix = prefix_of(self.source, &self.current);
        if let Some(prefix) = prefix.filter(|prefix| !self.row_prefixes.contains(prefix)) {
            self.row_prefixes.push(prefix);
        }
    }

    /// Whether a line held as a trailer begins as rows of the table do: it could be a person, whose
    /// row was broken off.
    fn people_begin_so(&self) -> bool {
        self.held.iter().any(|row| {
            prefix_of(self.source, row).is_some_and(|prefix| self.row_prefixes.contains(&prefix))
        })
    }

    /// Reads one record into `current`; false behind the last one.
    fn record(&mut self) -> Result<bool, DecodeError> {
        self.physical.clear();
        self.current.clear();
        let Some(end) = self.decoded.next_line(&mut self.physical)? else { return Ok(false) };
        self.sheet_rows += 1;
        self.current.sheet_row = self.sheet_rows;
        self.current.lines = 1;
        let delimiter = self.source.delimiter;
        let end = if self.source.quote && memchr::memchr(b'"', self.physical.as_bytes()).is_some() {
            let delimiters = self.width.map(|width| width.saturating_sub(1));
            let mut physical =
                quotes::Physical { decoded: &mut self.decoded, text: &mut self.physical, end };
            let short_rows = self.source.short_rows;
            let like = quotes::RowLike { delimiter, delimiters, short_rows };
            quotes::split(&mut physical, like, &mut self.current)?;
            physical.end
        } else {
            split(&self.physical, delimiter, &mut self.current);
            end
        };
        let raw = self.decoded.take_row(end == LineEnd::File);
        self.current.raw.extend_from_slice(raw);
        Ok(true)
    }
}

/// The prefix with which a row begins, by its place among those of trailers.
fn prefix_of(source: &Source, row: &RowText) -> Option<usize> {
    let first = row.cells().get(0)?;
    source.trailers.iter().position(|prefix| first.starts_with(prefix.as_str()))
}

/// Splits a line without quotes.
fn split(line: &str, delimiter: u8, row: &mut RowText) {
    row.text.push_str(line);
    let mut start = 0;
    for end in memchr::memchr_iter(delimiter, line.as_bytes()) {
        row.bounds.push((start, end));
        start = end + 1;
    }
    row.bounds.push((start, line.len()));
}
