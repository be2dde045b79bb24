//! The beginning of an export as text: which encoding its bytes are in, and what is no text at all.

use std::io::{self, Read};

use encoding_rs::{EUC_JP, Encoding, SHIFT_JIS, UTF_8, UTF_16BE, UTF_16LE};

use super::ProposeError;

/// Bytes that are looked at.
const SAMPLE_BYTES: u64 = 8 * 1024 * 1024;
/// Bytes of the end of the file that are looked at for a trailer.
const TAIL_BYTES: usize = 4096;

/// The beginning and the end of an export.
#[derive(Debug)]
pub(super) struct Text {
    /// As `encoding` of a mapping names it.
    pub(super) encoding: &'static str,
    /// Whether it begins with a byte order mark.
    pub(super) mark: bool,
    /// Its beginning, whole lines only.
    pub(super) text: String,
    /// The lines at the end that are not in `text`.
    pub(super) tail: Vec<String>,
}

impl Text {
    pub(super) fn read(mut input: impl Read) -> Result<Self, ProposeError> {
        let mut bytes = Vec::new();
        input.by_ref().take(SAMPLE_BYTES).read_to_end(&mut bytes).map_err(ProposeError::Read)?;
        refuse_other_files(&bytes)?;
        let is_whole = u64::try_from(bytes.len()).unwrap_or(u64::MAX) < SAMPLE_BYTES;
        let rest = if is_whole { Vec::new() } else { tail(input).map_err(ProposeError::Read)? };
        let (name, encoding, mark) = find(&bytes, is_whole)?;
        if !is_whole {
            bytes.truncate(last_line_end(&bytes, encoding));
        }
        let body = bytes.get(mark..).unwrap_or_default();
        let text = encoding
            .decode_without_bom_handling_and_without_replacement(body)
            .ok_or(ProposeError::Encoding)?
            .into_owned();
        // where a piece of UTF-16 begins is not known
        let rest = if name == "utf-16" { Vec::new() } else { rest };
        let (rest, _) = encoding.decode_without_bom_handling(&rest);
        let tail = rest.lines().skip(1).map(str::to_owned).collect();
        Ok(Self { encoding: name, mark: mark > 0, text, tail })
    }
}

/// Files that are no text are told by what they are.
fn refuse_other_files(bytes: &[u8]) -> Result<(), ProposeError> {
    const WORKBOOKS: [&[u8]; 2] = [b"PK\x03\x04", b"\xD0\xCF\x11\xE0"];
    const OTHERS: [&[u8]; 4] = [b"%PDF", b"\x1F\x8B", b"7z\xBC\xAF", b"\x89PNG"];
    let begins = |marks: &[&[u8]]| marks.iter().any(|mark| bytes.starts_with(mark));
    if begins(&WORKBOOKS) {
        return Err(ProposeError::Workbook);
    }
    if begins(&OTHERS) {
        return Err(ProposeError::NoText);
    }
    let escapes = |mark: &[u8]| memchr::memmem::find(bytes, mark).is_some();
    if bytes.is_ascii() && (escapes(b"\x1B$B") || escapes(b"\x1B$@")) {
        return Err(ProposeError::Iso2022);
    }
    Ok(())
}

/// The encoding, its name in a mapping, and the length of the byte order mark.
fn find(
    bytes: &[u8],
    is_whole: bool,
) -> Result<(&'static str, &'static Encoding, usize), ProposeError> {
    if bytes.starts_with(b"\xEF\xBB\xBF") {
        return Ok(("utf-8", UTF_8, 3));
    }
    if bytes.starts_with(b"\xFF\xFE") {
        return Ok(("utf-16", UTF_16LE, 2));
    }
    if bytes.starts_with(b"\xFE\xFF") {
        return Ok(("utf-16", UTF_16BE, 2));
    }
    if let Some((name, encoding)) = utf_16_without_mark(bytes) {
        return Ok((name, encoding, 0));
    }
    let decoded = |encoding: &'static Encoding| {
        let end = if is_whole { bytes.len() } else { last_line_end(bytes, encoding) };
        let bytes = bytes.get(..end).unwrap_or_default();
        encoding.decode_without_bom_handling_and_without_replacement(bytes)
    };
    if decoded(UTF_8).is_some() {
        return Ok(("utf-8", UTF_8, 0));
    }
    match (decoded(SHIFT_JIS), decoded(EUC_JP)) {
        (Some(one), Some(other)) if likelihood(&other) > likelihood(&one) => {
            Ok(("euc-jp", EUC_JP, 0))
        }
        (Some(_), _) => Ok(("cp932", SHIFT_JIS, 0)),
        (None, Some(_)) => Ok(("euc-jp", EUC_JP, 0)),
        (None, None) => Err(ProposeError::Encoding),
    }
}

/// A table in UTF-16 has a zero byte in every delimiter and line end. Without a mark, the conversion
/// takes the least significant byte for the first.
fn utf_16_without_mark(bytes: &[u8]) -> Option<(&'static str, &'static Encoding)> {
    let head = bytes.get(..4096).unwrap_or(bytes);
    let zeros = |odd: usize| head.iter().skip(odd).step_by(2).filter(|byte| **byte == 0).count();
    let many = |zeros: usize| zeros.saturating_mul(16) > head.len();
    (!many(zeros(0)) && many(zeros(1))).then_some(("utf-16", UTF_16LE))
}

/// Letters of the titles of a checkup.
const COMMON: &str = "氏名番号性別生年月日身長体重受診健検査判定所見血圧尿視聴力右左男女保険者";

/// How much a text looks like Japanese: bytes of EUC-JP read as CP932 are katakana of half width.
fn likelihood(text: &str) -> i64 {
    text.chars()
        .map(|letter| match letter {
            _ if COMMON.contains(letter) => 3,
            '\u{3041}'..='\u{30FF}' => 2,
            '\u{4E00}'..='\u{9FFF}' => 1,
            '\u{FF61}'..='\u{FF9F}' => -1,
            _ => 0,
        })
        .sum()
}

/// Where the last whole line ends.
fn last_line_end(bytes: &[u8], encoding: &'static Encoding) -> usize {
    let wide = encoding == UTF_16LE || encoding == UTF_16BE;
    let even = bytes.len() - bytes.len() % 2;
    if !wide {
        return bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    }
    let end: &[u8; 2] = if encoding == UTF_16LE { b"\n\0" } else { b"\0\n" };
    let pieces = bytes.get(..even).unwrap_or_default().chunks_exact(2);
    pieces.into_iter().rposition(|piece| piece == end).map_or(0, |at| 2 * at + 2)
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

#[cfg(test)]
mod tests {
    use super::{ProposeError, Text};

    fn encoding(bytes: &[u8]) -> (&'static str, bool, String) {
        let text = Text::read(bytes).unwrap();
        (text.encoding, text.mark, text.text)
    }

    #[test]
    fn tells_the_encodings_apart() {
        let table = "氏名,ﾌﾘｶﾞﾅ,身長\r\n見本 太郎,ﾐﾎﾝ ﾀﾛｳ,170\r\n";
        let utf_16 = |bytes: fn(u16) -> [u8; 2]| -> Vec<u8> {
            table.encode_utf16().flat_map(bytes).collect()
        };
        let marked = |mark: &[u8], bytes: &[u8]| [mark, bytes].concat();
        let (cp932, _, _) = encoding_rs::SHIFT_JIS.encode(table);
        let (euc, _, _) = encoding_rs::EUC_JP.encode(table);
        for (bytes, name, mark) in [
            (table.as_bytes().to_vec(), "utf-8", false),
            (marked(b"\xEF\xBB\xBF", table.as_bytes()), "utf-8", true),
            (cp932.into_owned(), "cp932", false),
            (euc.into_owned(), "euc-jp", false),
            (utf_16(u16::to_le_bytes), "utf-16", false),
            (marked(b"\xFF\xFE", &utf_16(u16::to_le_bytes)), "utf-16", true),
            (marked(b"\xFE\xFF", &utf_16(u16::to_be_bytes)), "utf-16", true),
        ] {
            assert_eq!(encoding(&bytes), (name, mark, table.to_owned()), "{name} {mark}");
        }
    }

    #[test]
    fn what_is_no_table_of_text_is_refused_by_name() {
        let refused = |bytes: &[u8]| Text::read(bytes).unwrap_err();
        assert!(matches!(refused(b"PK\x03\x04rest"), ProposeError::Workbook));
        assert!(matches!(refused(b"\xD0\xCF\x11\xE0rest"), ProposeError::Workbook));
        assert!(matches!(refused(b"%PDF-1.7"), ProposeError::NoText));
        assert!(matches!(refused(b"ID,\x1B$B;aL>\x1B(B\r\n"), ProposeError::Iso2022));
        assert!(matches!(refused(b"\x80\xFF\xFE\xA0,"), ProposeError::Encoding));
    }
}
