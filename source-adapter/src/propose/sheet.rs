//! The beginning of an export, read without a mapping: its encoding, its delimiter, the lines around
//! its table, and the cells of each column.

use std::io::{self, Read};

use encoding_rs::{SHIFT_JIS, UTF_8};
use serde::Serialize;

use super::ProposeError;
use crate::cells::trim;

/// Rows that are looked at.
pub const SAMPLE_ROWS: usize = 2000;
/// Bytes that are looked at.
const SAMPLE_BYTES: u64 = 8 * 1024 * 1024;
/// Bytes of the end of the file that are looked at for a trailer.
const TAIL_BYTES: usize = 4096;
/// Columns that are looked at.
const MOST_COLUMNS: usize = 1000;
const DELIMITERS: [u8; 4] = [b',', b'\t', b';', b'|'];

/// How the file is laid out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Layout {
    /// `cp932` or `utf-8`.
    pub encoding: &'static str,
    /// Whether it begins with a byte order mark.
    pub bom: bool,
    /// Between the fields.
    pub delimiter: char,
    /// `crlf` or `lf`.
    pub newline: &'static str,
    /// Lines before the header.
    pub skip_rows: u64,
    /// How the line after the data begins.
    pub trailer_prefix: Option<String>,
}

/// The beginning of an export.
#[derive(Debug)]
pub(super) struct Sheet {
    pub(super) layout: Layout,
    /// Rows that were looked at.
    pub(super) rows: usize,
    pub(super) columns: Vec<SheetColumn>,
    /// Columns that were not looked at.
    pub(super) columns_left_out: usize,
}

/// A column and its trimmed cells, row by row.
#[derive(Debug)]
pub(super) struct SheetColumn {
    pub(super) header: String,
    pub(super) cells: Vec<String>,
}

impl Sheet {
    pub(super) fn read(mut input: impl Read) -> Result<Self, ProposeError> {
        let mut bytes = Vec::new();
        input.by_ref().take(SAMPLE_BYTES).read_to_end(&mut bytes).map_err(ProposeError::Read)?;
        let whole = u64::try_from(bytes.len()).unwrap_or(u64::MAX) < SAMPLE_BYTES;
        let tail = if whole { Vec::new() } else { tail(input).map_err(ProposeError::Read)? };
        if !whole {
            // the last line may be cut
            let end = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
            bytes.truncate(end);
        }
        let bom = bytes.starts_with(b"\xEF\xBB\xBF");
        let decoded = match UTF_8.decode_without_bom_handling_and_without_replacement(&bytes) {
            Some(text) => Some((text, "utf-8", UTF_8)),
            None => SHIFT_JIS
                .decode_without_bom_handling_and_without_replacement(&bytes)
                .map(|text| (text, "cp932", SHIFT_JIS)),
        };
        let (text, encoding, decoder) = decoded.ok_or(ProposeError::Encoding)?;
        let text = text.strip_prefix('\u{FEFF}').unwrap_or(&text);
        let (delimiter, width) = delimiter(text).ok_or(ProposeError::NoTable)?;
        let mut layout = Layout {
            encoding,
            bom,
            delimiter: char::from(delimiter),
            newline: if text.contains("\r\n") { "crlf" } else { "lf" },
            skip_rows: 0,
            trailer_prefix: None,
        };
        let mut sheet_rows = Vec::new();
        let mut last = None;
        for record in records(text, delimiter) {
            if sheet_rows.is_empty() && record.len() != width {
                continue;
            }
            if sheet_rows.is_empty() {
                layout.skip_rows = record.position().map_or(0, |at| lines_before(text, at));
            }
            if record.len() == width && sheet_rows.len() <= SAMPLE_ROWS {
                sheet_rows.push(record.clone());
            }
            last = Some(record);
        }
        if let Some((tail, _)) =
            decoder.decode(&tail).0.trim_end().rsplit_once('\n').map(|(_, line)| (line, ()))
        {
            last = records(tail, delimiter).next();
        }
        layout.trailer_prefix = last.and_then(|last| trailer(&last, width, &sheet_rows));
        let mut rows = sheet_rows.into_iter();
        let header = rows.next().ok_or(ProposeError::NoTable)?;
        let mut columns: Vec<SheetColumn> = header
            .iter()
            .take(MOST_COLUMNS)
            .map(|header| SheetColumn { header: header.to_owned(), cells: Vec::new() })
            .collect();
        let mut count = 0;
        for row in rows {
            count += 1;
            for (column, cell) in columns.iter_mut().zip(row.iter()) {
                column.cells.push(trim(cell).to_owned());
            }
        }
        let columns_left_out = header.len().saturating_sub(columns.len());
        Ok(Self { layout, rows: count, columns, columns_left_out })
    }
}

/// The last bytes of the rest of a file.
fn tail(mut input: impl Read) -> io::Result<Vec<u8>> {
    let mut kept: Vec<u8> = Vec::new();
    let mut piece = vec![0; 64 * 1024];
    loop {
        let read = input.read(&mut piece)?;
        if read == 0 {
            return Ok(kept);
        }
        kept.extend_from_slice(piece.get(..read).unwrap_or_default());
        let surplus = kept.len().saturating_sub(TAIL_BYTES);
        kept.drain(..surplus);
    }
}

fn records(text: &str, delimiter: u8) -> impl Iterator<Item = csv::StringRecord> {
    csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes())
        .into_records()
        .filter_map(Result::ok)
}

/// Lines before a record. A record may be said to begin at the line feed that ended the one before.
fn lines_before(text: &str, at: &csv::Position) -> u64 {
    let start = usize::try_from(at.byte()).unwrap_or(usize::MAX);
    let bytes = text.as_bytes();
    let rest = bytes.get(start..).unwrap_or_default();
    let blank = rest.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
    let before = bytes.get(..start.saturating_add(blank)).unwrap_or_default();
    u64::try_from(memchr::memchr_iter(b'\n', before).count()).unwrap_or(u64::MAX)
}

/// The delimiter under which most lines have the same number of fields, and that number.
fn delimiter(text: &str) -> Option<(u8, usize)> {
    const LINES: usize = 50;
    let mut best: Option<(usize, u8, usize)> = None;
    for delimiter in DELIMITERS {
        let widths: Vec<usize> =
            records(text, delimiter).take(LINES).map(|record| record.len()).collect();
        for width in widths.iter().copied().filter(|width| *width > 1) {
            let fits = widths.iter().filter(|other| **other == width).count();
            let score = fits.saturating_mul(width);
            if best.is_none_or(|(found, _, _)| score > found) {
                best = Some((score, delimiter, width));
            }
        }
    }
    best.map(|(_, delimiter, width)| (delimiter, width))
}

/// How a last line that is no row begins, up to its first digit or blank.
fn trailer(last: &csv::StringRecord, width: usize, rows: &[csv::StringRecord]) -> Option<String> {
    if last.len() == width {
        return None;
    }
    let first = last.get(0)?;
    let is_end = |letter: char| letter.is_whitespace() || letter.is_numeric();
    let prefix = first.split(is_end).next().filter(|prefix| !prefix.is_empty())?;
    let is_data = |row: &csv::StringRecord| row.get(0).is_some_and(|cell| cell.starts_with(prefix));
    (!rows.iter().any(is_data)).then(|| prefix.to_owned())
}

#[cfg(test)]
mod tests {
    use super::Sheet;

    #[test]
    fn finds_the_table_between_other_lines() {
        let text = "#EXPORT 1\n#SITE, A\nID;NAME;HT\n1;a;170\n2;b;160\n#END 2\n";
        let sheet = Sheet::read(text.as_bytes()).unwrap();
        assert_eq!((sheet.layout.delimiter, sheet.layout.skip_rows), (';', 2));
        assert_eq!(sheet.layout.trailer_prefix.as_deref(), Some("#END"));
        assert_eq!((sheet.rows, sheet.layout.newline), (2, "lf"));
        let headers: Vec<&str> = sheet.columns.iter().map(|c| c.header.as_str()).collect();
        assert_eq!(headers, ["ID", "NAME", "HT"]);
    }

    #[test]
    fn counts_the_lines_before_the_header_whatever_ends_them() {
        let table = "ID;NAME;HT\n1;a;170\n2;b;160\n";
        for (above, lines) in [
            ("", 0),
            ("#EXPORT 1\n", 1),
            ("sep=;\n", 1),
            ("#EXPORT 1\n#SITE, A\n", 2),
            ("one\n\n#three\n", 3),
        ] {
            for end in ["\n", "\r\n"] {
                let text = format!("{above}{table}").replace('\n', end);
                let layout = Sheet::read(text.as_bytes()).unwrap().layout;
                assert_eq!(layout.skip_rows, lines, "{above:?} {end:?}");
                let marked = format!("\u{FEFF}{text}");
                assert_eq!(Sheet::read(marked.as_bytes()).unwrap().layout.skip_rows, lines);
            }
        }
    }

    #[test]
    fn tells_the_encodings_apart() {
        let (bytes, _, _) = encoding_rs::SHIFT_JIS.encode("氏名,身長\r\n髙橋,170\r\n");
        assert_eq!(Sheet::read(&*bytes).unwrap().layout.encoding, "cp932");
        let marked = "\u{FEFF}氏名,身長\r\n髙橋,170\r\n";
        let layout = Sheet::read(marked.as_bytes()).unwrap().layout;
        assert_eq!((layout.encoding, layout.bom, layout.newline), ("utf-8", true, "crlf"));
        assert!(Sheet::read(&b"\xFF\xFE\x00"[..]).is_err());
        assert!(Sheet::read(&b""[..]).is_err());
    }
}
