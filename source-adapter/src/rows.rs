//! The rows of an export: its text split by the rules of RFC 4180, each with its bytes in the file.

use std::io::{self, Read};
use std::ops::Range;

use csv_core::ReadRecordResult;
use renkei_checkup::hash::Sha256Hex;

use crate::decode::{BYTE_ORDER_MARK, DecodeError, Decoded, RECORD_BYTES, is_line_end};
use crate::mapping::Mapping;

/// Splits an export row by row. What is between the rows, empty lines, belongs to none.
pub(crate) struct Rows<R> {
    decoded: Decoded<R>,
    csv: csv_core::Reader,
    skip_lines: u64,
    /// The cells of the row one behind the other.
    cells: Vec<u8>,
    /// Where each ends.
    ends: Vec<usize>,
    cell_bytes: usize,
    cell_count: usize,
    raw: Range<usize>,
    at_end: bool,
}

/// The cells of one row.
#[derive(Clone, Copy)]
pub(crate) struct Cells<'r> {
    text: &'r str,
    ends: &'r [usize],
}

impl<'r> Cells<'r> {
    /// How many there are.
    pub(crate) fn len(self) -> usize {
        self.ends.len()
    }

    /// One of them, by its place from 0.
    pub(crate) fn get(self, index: usize) -> Option<&'r str> {
        let start = match index.checked_sub(1) {
            Some(before) => *self.ends.get(before)?,
            None => 0,
        };
        self.text.get(start..*self.ends.get(index)?)
    }

    /// All of them.
    pub(crate) fn iter(self) -> impl Iterator<Item = &'r str> {
        (0..self.len()).filter_map(move |index| self.get(index))
    }
}

impl<R: Read> Rows<R> {
    /// Reads `input` in the dialect of the mapping.
    pub(crate) fn new(input: R, mapping: &Mapping) -> Self {
        Self {
            decoded: Decoded::new(input, mapping.encoding),
            csv: csv_core::ReaderBuilder::new().delimiter(mapping.delimiter).build(),
            skip_lines: mapping.skip_lines,
            cells: vec![0; 4096],
            ends: vec![0; 256],
            cell_bytes: 0,
            cell_count: 0,
            raw: 0..0,
            at_end: false,
        }
    }

    /// Reads the next row; false at the end of the file.
    ///
    /// # Errors
    /// When the file cannot be read, has bytes that its encoding does not allow, or a row that is
    /// longer than [`RECORD_BYTES`].
    pub(crate) fn next_row(&mut self) -> Result<bool, DecodeError> {
        while self.skip_lines > 0 {
            self.skip_line()?;
            self.skip_lines -= 1;
        }
        self.skip_line_ends()?;
        let found = self.split()?;
        self.raw = self.decoded.take_row();
        Ok(found)
    }

    /// The cells of the row.
    pub(crate) fn cells(&self) -> Cells<'_> {
        // delimiters and quotes are ASCII: what stands between them is text as the whole is
        let bytes = self.cells.get(..self.cell_bytes).unwrap_or_default();
        let text = std::str::from_utf8(bytes).unwrap_or_default();
        Cells { text, ends: self.ends.get(..self.cell_count).unwrap_or_default() }
    }

    /// The row as it stands in the file, line end included.
    pub(crate) fn raw(&self) -> &[u8] {
        self.decoded.raw(self.raw.clone())
    }

    /// Whether the file ends inside quotes: the row then holds all the lines behind the quote.
    pub(crate) fn is_unclosed(&self) -> bool {
        let raw = self.raw();
        let quotes = || memchr::memchr_iter(b'"', raw).count();
        self.at_end && !quotes().is_multiple_of(2) && raw.iter().any(|byte| is_line_end(*byte))
    }

    /// The byte order mark of the file; empty if it has none.
    pub(crate) fn byte_order_mark(&self) -> &'static str {
        if self.decoded.had_byte_order_mark() { BYTE_ORDER_MARK } else { "" }
    }

    /// The hash over all bytes of the file, the unread ones included.
    pub(crate) fn into_hash(self) -> io::Result<Sha256Hex> {
        self.decoded.into_hash()
    }

    fn skip_line(&mut self) -> Result<(), DecodeError> {
        let mut length = Length::starting(&self.decoded);
        loop {
            let text = self.decoded.text()?;
            let line_end = memchr::memchr(b'\n', text);
            let piece = line_end.map_or(text.len(), |place| place + 1);
            length.add(piece)?;
            self.decoded.consume(piece);
            if line_end.is_some() || piece == 0 {
                self.decoded.take_row();
                return Ok(());
            }
        }
    }

    /// Passes over empty lines, and the line feed of a CRLF.
    fn skip_line_ends(&mut self) -> Result<(), DecodeError> {
        loop {
            let text = self.decoded.text()?;
            let blank = text.iter().take_while(|byte| is_line_end(**byte)).count();
            if blank == 0 {
                return Ok(());
            }
            self.decoded.consume(blank);
            self.decoded.take_row();
        }
    }

    fn split(&mut self) -> Result<bool, DecodeError> {
        let mut length = Length::starting(&self.decoded);
        (self.cell_bytes, self.cell_count) = (0, 0);
        loop {
            let text = self.decoded.text()?;
            self.at_end = text.is_empty();
            let cells = self.cells.get_mut(self.cell_bytes..).unwrap_or_default();
            let ends = self.ends.get_mut(self.cell_count..).unwrap_or_default();
            let (result, read, written, ended) = self.csv.read_record(text, cells, ends);
            let closed_by_cr = read > 0 && text.get(read - 1) == Some(&b'\r');
            length.add(read)?;
            self.decoded.consume(read);
            self.cell_bytes += written;
            self.cell_count += ended;
            match result {
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull => self.cells.resize(self.cells.len() * 2, 0),
                ReadRecordResult::OutputEndsFull => self.ends.resize(self.ends.len() * 2, 0),
                ReadRecordResult::Record => {
                    if closed_by_cr && self.decoded.text()?.first() == Some(&b'\n') {
                        self.decoded.consume(1);
                    }
                    return Ok(true);
                }
                ReadRecordResult::End => return Ok(false),
            }
        }
    }
}

/// Counts the bytes of a row.
struct Length {
    line: u64,
    bytes: usize,
}

impl Length {
    fn starting<R: Read>(at: &Decoded<R>) -> Self {
        Self { line: at.line(), bytes: 0 }
    }

    fn add(&mut self, bytes: usize) -> Result<(), DecodeError> {
        self.bytes += bytes;
        if self.bytes > RECORD_BYTES {
            return Err(DecodeError::RecordTooLong { line: self.line });
        }
        Ok(())
    }
}
