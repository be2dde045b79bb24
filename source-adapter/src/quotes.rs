//! Quoted cells (RFC 4180: 2.5-2.7), taken strictly: a quote that closes in the wrong place could join
//! the rows of two people.

use std::io::Read;

use crate::decode::{DecodeError, Decoded, LineEnd};
use crate::mapping::ShortRows;
use crate::rows::RowText;

/// A cell whose quotes are none of RFC 4180.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Broken {
    /// The place of the cell, from 0.
    pub(crate) cell: usize,
    /// The beginning of the cell as it stands in the file.
    pub(crate) raw: String,
    pub(crate) kind: BrokenKind,
}

/// What is wrong with the quotes of a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BrokenKind {
    /// Text behind the closing quote. The end of the row is known.
    TextBehind,
    /// The same in a cell that goes over a line end.
    TextBehindLines,
    /// No closing quote.
    Open,
    /// The cell holds a line that could be a row of its own.
    Swallows,
}

impl BrokenKind {
    /// Whether no later row boundary can be trusted.
    pub(crate) fn refuses_file(self) -> bool {
        self != Self::TextBehind
    }
}

/// Letters of a broken cell that are told.
pub(crate) const SHOWN: usize = 60;

/// The physical lines of a record as far as they were read, and the file behind them.
pub(crate) struct Physical<'p, R> {
    pub(crate) decoded: &'p mut Decoded<R>,
    pub(crate) text: &'p mut String,
    /// How the last of the lines ends.
    pub(crate) end: LineEnd,
}

impl<R: Read> Physical<'_, R> {
    /// Appends the line end and the next line, and answers where that line begins; none where the file
    /// ends or the record grows too long.
    fn next_line(&mut self) -> Result<Option<usize>, DecodeError> {
        if self.end == LineEnd::File {
            return Ok(None);
        }
        let before = self.text.len();
        self.text.push_str(self.end.text());
        let start = self.text.len();
        match self.decoded.next_line(self.text) {
            Ok(Some(end)) => {
                self.end = end;
                Ok(Some(start))
            }
            Ok(None) => {
                self.text.truncate(before);
                self.end = LineEnd::File;
                Ok(None)
            }
            Err(DecodeError::RecordTooLong { .. }) => {
                self.end = LineEnd::File;
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    fn byte(&self, at: usize) -> Option<u8> {
        self.text.as_bytes().get(at).copied()
    }

    fn find(&self, byte: u8, from: usize) -> Option<usize> {
        let rest = self.text.as_bytes().get(from..)?;
        memchr::memchr(byte, rest).map(|at| from + at)
    }

    fn piece(&self, from: usize, to: usize) -> &str {
        self.text.get(from..to).unwrap_or_default()
    }
}

/// A quoted cell that goes over a line end.
struct LongCell {
    /// Its place, from 0.
    cell: usize,
    /// Its opening and its closing quote.
    quotes: (usize, usize),
    /// Where its later physical lines begin.
    later_lines: Vec<usize>,
}

/// What a line holds that could be a row of its own.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RowLike {
    pub(crate) delimiter: u8,
    /// Delimiters of the header; none where this is the header.
    pub(crate) delimiters: Option<usize>,
    /// Whether rows may end early.
    pub(crate) short_rows: ShortRows,
}

/// Splits a record whose first physical line holds a quote.
pub(crate) fn split<R: Read>(
    physical: &mut Physical<'_, R>,
    like: RowLike,
    row: &mut RowText,
) -> Result<(), DecodeError> {
    let RowLike { delimiter, delimiters, short_rows } = like;
    let mut at = 0;
    let mut long_cells = Vec::new();
    loop {
        let next = if physical.byte(at) == Some(b'"') {
            quoted(physical, at, delimiter, &mut long_cells, row)?
        } else {
            let end = physical.find(delimiter, at);
            let start = row.text.len();
            row.text.push_str(physical.piece(at, end.unwrap_or(physical.text.len())));
            row.bounds.push((start, row.text.len()));
            end.map(|end| end + 1)
        };
        match next {
            Some(next) => at = next,
            None => break,
        }
    }
    let wanted = delimiters.unwrap_or(row.bounds.len().saturating_sub(1));
    for long in
        long_cells.iter().filter(|long| swallows(physical, long, delimiter, (wanted, short_rows)))
    {
        let (begin, close) = long.quotes;
        let raw = physical.piece(begin, close + 1).chars().take(SHOWN).collect();
        row.broken.push(Broken { cell: long.cell, raw, kind: BrokenKind::Swallows });
    }
    row.broken.sort_by_key(|broken| broken.cell);
    Ok(())
}

/// Reads the quoted cell that begins at `begin`, and answers where the next one begins.
fn quoted<R: Read>(
    physical: &mut Physical<'_, R>,
    begin: usize,
    delimiter: u8,
    long_cells: &mut Vec<LongCell>,
    row: &mut RowText,
) -> Result<Option<usize>, DecodeError> {
    let start = row.text.len();
    let mut later_lines: Vec<usize> = Vec::new();
    let mut at = begin + 1;
    let close = loop {
        match physical.find(b'"', at) {
            Some(quote) if physical.byte(quote + 1) == Some(b'"') => {
                row.text.push_str(physical.piece(at, quote + 1));
                at = quote + 2;
            }
            Some(quote) => {
                row.text.push_str(physical.piece(at, quote));
                break Some(quote);
            }
            None => {
                let known = physical.text.len();
                row.text.push_str(physical.piece(at, known));
                let Some(line) = physical.next_line()? else { break None };
                row.text.push_str(physical.piece(known, line));
                row.lines += 1;
                later_lines.push(line);
                at = line;
            }
        }
    };
    row.bounds.push((start, row.text.len()));
    let cell = row.bounds.len() - 1;
    let mut tell = |kind, raw: &str| {
        row.broken.push(Broken { cell, raw: raw.chars().take(SHOWN).collect(), kind });
    };
    let Some(close) = close else {
        tell(BrokenKind::Open, physical.piece(begin, physical.text.len()));
        return Ok(None);
    };
    let behind = close + 1;
    let end = physical.find(delimiter, behind);
    let cell_end = end.unwrap_or(physical.text.len());
    if cell_end > behind {
        let kind = if later_lines.is_empty() {
            BrokenKind::TextBehind
        } else {
            BrokenKind::TextBehindLines
        };
        tell(kind, physical.piece(begin, cell_end));
    } else if !later_lines.is_empty() {
        long_cells.push(LongCell { cell, quotes: (begin, close), later_lines });
    }
    Ok(end.map(|end| end + 1))
}

/// Whether a cell with a line break and a delimiter in it has a later physical line which, counted
/// whole, holds as many delimiters as the header or more; where rows may end early, also one which
/// inside the quotes alone holds half of them.
fn swallows<R: Read>(
    physical: &Physical<'_, R>,
    long: &LongCell,
    delimiter: u8,
    (wanted, short_rows): (usize, ShortRows),
) -> bool {
    let (begin, close) = long.quotes;
    let count =
        |from, to| memchr::memchr_iter(delimiter, physical.piece(from, to).as_bytes()).count();
    let last_end =
        memchr::memchr2(b'\r', b'\n', physical.piece(close, physical.text.len()).as_bytes())
            .map_or(physical.text.len(), |at| close + at);
    let short = match short_rows {
        ShortRows::Refuse => wanted,
        ShortRows::Blank => wanted.div_ceil(2).max(2),
    };
    let ends = long.later_lines.iter().skip(1).copied().chain([last_end]);
    count(begin, close) > 0
        && long.later_lines.iter().zip(ends).any(|(start, end)| {
            count(*start, end) >= wanted || count(*start, end.min(close)) >= short
        })
}

#[cfg(test)]
mod tests;
