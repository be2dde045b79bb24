//! The export as UTF-8 text: decoded piece by piece while it is read, hashed on the way, with the
//! bytes of the file kept until their row is done.
//!
//! CR and LF are never part of a longer character in the encodings of exports, so the n-th line end of
//! the text is the n-th line end of the bytes. That is how a row finds its bytes again.

use std::io::{self, Read};

use encoding_rs::{Decoder, DecoderResult, EUC_JP, Encoding, SHIFT_JIS, UTF_8, UTF_16BE, UTF_16LE};
use memchr::memchr2;
use renkei_checkup::hash::{RunningHash, Sha256Hex};

use crate::mapping::Charset;
use crate::workbook::{self, NotAnExport};

/// Longest record of an export in bytes of UTF-8, a fixed bound. A line without an end
/// would otherwise take the rest of the file into memory.
pub const RECORD_BYTES: usize = 1024 * 1024;

const RAW_BYTES: usize = 64 * 1024;
/// As it stands in a file of UTF-8.
pub(crate) const BYTE_ORDER_MARK: &str = "\u{FEFF}";

/// What JIS (ISO-2022-JP) writes before Japanese letters: to any other encoding it is plain ASCII.
const JIS: [&[u8]; 2] = [b"\x1b$B", b"\x1b$@"];
/// An encoding that mappings do not know.
pub(crate) const ISO_2022_JP: &str = "iso-2022-jp";

/// Why the text ends early.
#[derive(Debug, thiserror::Error)]
pub enum DecodeError {
    /// Bytes that the declared encoding does not have.
    #[error(
        "{line}行目: {declared} でないバイトがあります / line {line}: bytes that are not {declared}"
    )]
    Undecodable {
        /// 1-based line of the file.
        line: u64,
        /// The declared encoding, as mappings name it.
        declared: &'static str,
        /// Another encoding that the bytes have, as mappings name it.
        found: Option<&'static str>,
    },
    /// Something else than an export: a workbook, a page, an archive, nothing.
    #[error(transparent)]
    NotAnExport(#[from] NotAnExport),
    /// A record that never ends.
    #[error(
        "{line}行目: 1行が {RECORD_BYTES} バイト（固定の上限）を超えています / line {line}: a record is longer than {RECORD_BYTES} bytes, a fixed bound"
    )]
    RecordTooLong {
        /// 1-based line of the file.
        line: u64,
    },
    /// The file could not be read.
    #[error("出力ファイルを読み込めません / the export cannot be read")]
    Read(#[from] io::Error),
}

/// How a physical line ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LineEnd {
    CrLf,
    Lf,
    Cr,
    /// With the file.
    File,
}

impl LineEnd {
    /// As it stands in the file.
    pub(crate) const fn text(self) -> &'static str {
        match self {
            Self::CrLf => "\r\n",
            Self::Lf => "\n",
            Self::Cr => "\r",
            Self::File => "",
        }
    }
}

/// The text of an export over a reader of its bytes.
pub(crate) struct Decoded<R> {
    input: R,
    charset: Charset,
    encoding: &'static Encoding,
    decoder: Decoder,
    hash: RunningHash,
    /// Bytes of the row that is not done, and those behind them.
    raw: Vec<u8>,
    /// Where in `raw` the row begins whose text is being consumed.
    row_at: usize,
    /// Where in `raw` the bytes begin that are not decoded.
    undecoded_at: usize,
    /// Decoded text.
    text: String,
    /// How much of `text` was consumed.
    consumed: usize,
    /// Line ends, each CR and each LF, in the consumed text of the row.
    line_ends: usize,
    /// Physical lines that were consumed.
    lines: u64,
    begun: bool,
    ended: bool,
    had_mark: bool,
}

impl<R: Read> Decoded<R> {
    /// Decodes `input`; a byte order mark is taken off.
    pub(crate) fn new(input: R, charset: Charset) -> Self {
        let encoding = charset.encoding();
        Self {
            input,
            charset,
            encoding,
            decoder: encoding.new_decoder_without_bom_handling(),
            hash: RunningHash::default(),
            raw: Vec::new(),
            row_at: 0,
            undecoded_at: 0,
            text: String::with_capacity(RAW_BYTES),
            consumed: 0,
            line_ends: 0,
            lines: 0,
            begun: false,
            ended: false,
            had_mark: false,
        }
    }

    /// Whether the text began with a byte order mark.
    pub(crate) fn had_byte_order_mark(&self) -> bool {
        self.had_mark
    }

    /// The byte order mark in the encoding of the file.
    pub(crate) fn byte_order_mark(&self) -> &'static [u8] {
        match self.encoding {
            e if e == UTF_16LE => &[0xFF, 0xFE],
            e if e == UTF_16BE => &[0xFE, 0xFF],
            e if e == UTF_8 => BYTE_ORDER_MARK.as_bytes(),
            _ => &[],
        }
    }

    /// Physical lines so far.
    pub(crate) fn lines(&self) -> u64 {
        self.lines
    }

    /// Appends the next physical line to `into`, without its end; none behind the last one.
    ///
    /// # Errors
    /// When the next bytes cannot be read or are not of the encoding, or `into` would grow beyond
    /// [`RECORD_BYTES`].
    pub(crate) fn next_line(&mut self, into: &mut String) -> Result<Option<LineEnd>, DecodeError> {
        let mut begun = false;
        loop {
            let text = self.text()?;
            if text.is_empty() {
                self.lines += u64::from(begun);
                return Ok(begun.then_some(LineEnd::File));
            }
            begun = true;
            let end = memchr2(b'\r', b'\n', text.as_bytes());
            let piece = text.get(..end.unwrap_or(text.len())).unwrap_or_default();
            if into.len() + piece.len() > RECORD_BYTES {
                return Err(DecodeError::RecordTooLong { line: self.lines + 1 });
            }
            into.push_str(piece);
            let Some(at) = end else {
                let whole = text.len();
                self.consumed += whole;
                continue;
            };
            let is_cr = text.as_bytes().get(at) == Some(&b'\r');
            self.consume_line_end(at + 1);
            self.lines += 1;
            if !is_cr {
                return Ok(Some(LineEnd::Lf));
            }
            if self.text()?.starts_with('\n') {
                self.consume_line_end(1);
                return Ok(Some(LineEnd::CrLf));
            }
            return Ok(Some(LineEnd::Cr));
        }
    }

    fn consume_line_end(&mut self, length: usize) {
        self.consumed += length;
        self.line_ends += 1;
    }

    /// The bytes of the lines consumed since the last call, ends included; what was consumed ends
    /// with a line end or with the file.
    pub(crate) fn take_row(&mut self, is_at_end: bool) -> &[u8] {
        let start = self.row_at;
        let rest = self.raw.get(start..).unwrap_or_default();
        let length = match self.line_ends.checked_sub(1) {
            Some(earlier) if !is_at_end => self.nth_line_end(rest, earlier).unwrap_or(rest.len()),
            _ => rest.len(),
        };
        self.row_at += length;
        self.line_ends = 0;
        self.raw.get(start..self.row_at).unwrap_or_default()
    }

    /// Where the n-th line end (from 0) of these bytes is over.
    fn nth_line_end(&self, bytes: &[u8], n: usize) -> Option<usize> {
        let is_end = |unit: u16| matches!(unit, 0x0A | 0x0D);
        if self.charset != Charset::Utf16 {
            return memchr::memchr2_iter(b'\r', b'\n', bytes).nth(n).map(|place| place + 1);
        }
        let unit = |pair: &[u8]| match *pair {
            [low, high] if self.encoding == UTF_16LE => u16::from_le_bytes([low, high]),
            [high, low] => u16::from_be_bytes([high, low]),
            _ => 0,
        };
        let ends = bytes.chunks(2).enumerate().filter(|(_, pair)| is_end(unit(pair)));
        ends.map(|(place, _)| 2 * place + 2).nth(n)
    }

    /// The hash over all bytes of the file, the unread ones included.
    pub(crate) fn into_hash(mut self) -> io::Result<Sha256Hex> {
        let mut rest = vec![0; RAW_BYTES];
        loop {
            let read = self.input.read(&mut rest)?;
            if read == 0 {
                return Ok(self.hash.finish());
            }
            self.hash.update(rest.get(..read).unwrap_or_default());
        }
    }

    /// Text that is decoded and not consumed; empty only at the end of the file.
    fn text(&mut self) -> Result<&str, DecodeError> {
        while self.consumed >= self.text.len() && !self.is_finished() {
            self.decode()?;
        }
        Ok(self.text.get(self.consumed..).unwrap_or_default())
    }

    fn is_finished(&self) -> bool {
        self.ended && self.undecoded_at >= self.raw.len()
    }

    /// Reads more bytes behind those of the row that is not done.
    fn read(&mut self) -> io::Result<()> {
        self.raw.drain(..self.row_at.min(self.raw.len()));
        self.row_at = 0;
        let before = self.raw.len();
        let wanted = u64::try_from(RAW_BYTES).unwrap_or(u64::MAX);
        self.input.by_ref().take(wanted).read_to_end(&mut self.raw)?;
        let new = self.raw.get(before..).unwrap_or_default();
        self.hash.update(new);
        self.ended = new.len() < RAW_BYTES;
        self.undecoded_at = before;
        Ok(())
    }

    /// Decodes the next piece; an empty piece may be followed by more.
    fn decode(&mut self) -> Result<(), DecodeError> {
        self.text.clear();
        self.consumed = 0;
        if self.undecoded_at >= self.raw.len() {
            self.read()?;
        }
        if !self.begun
            && let Some(other) = workbook::refuse(&self.raw)
        {
            return Err(other.into());
        }
        if !self.begun && self.raw.windows(3).any(|bytes| JIS.contains(&bytes)) {
            let declared = self.charset.name();
            return Err(DecodeError::Undecodable { line: 1, declared, found: Some(ISO_2022_JP) });
        }
        if !self.begun && self.charset == Charset::Utf16 && self.raw.starts_with(&[0xFE, 0xFF]) {
            self.encoding = UTF_16BE;
            self.decoder = UTF_16BE.new_decoder_without_bom_handling();
        }
        let source = self.raw.get(self.undecoded_at..).unwrap_or_default();
        let (result, read) =
            self.decoder.decode_to_string_without_replacement(source, &mut self.text, self.ended);
        self.undecoded_at += read;
        if let DecoderResult::Malformed(_, _) = result {
            let before = memchr::memchr_iter(b'\n', self.text.as_bytes()).count();
            let line = self.lines + 1 + u64::try_from(before).unwrap_or(u64::MAX);
            let found = sniff(&self.raw, self.charset);
            return Err(DecodeError::Undecodable { line, declared: self.charset.name(), found });
        }
        if !self.begun && !self.text.is_empty() {
            self.begun = true;
            self.had_mark = self.text.starts_with(BYTE_ORDER_MARK);
            if self.had_mark {
                self.consumed = BYTE_ORDER_MARK.len();
                self.row_at = self.byte_order_mark().len();
            }
        }
        Ok(())
    }
}

/// Another encoding that these bytes plainly have.
fn sniff(bytes: &[u8], declared: Charset) -> Option<&'static str> {
    let zeros = memchr::memchr_iter(0, bytes).count();
    let marked = bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]);
    if declared != Charset::Utf16 && (marked || zeros * 4 > bytes.len()) {
        return Some(Charset::Utf16.name());
    }
    // the last character of a piece may be cut
    let is = |encoding: &'static Encoding| {
        (0..4).any(|cut| {
            let (piece, rest) = bytes.split_at(bytes.len().saturating_sub(cut));
            !rest.iter().any(u8::is_ascii)
                && !piece.is_ascii()
                && encoding.decode_without_bom_handling_and_without_replacement(piece).is_some()
        })
    };
    [(Charset::Utf8, UTF_8), (Charset::EucJp, EUC_JP), (Charset::Cp932, SHIFT_JIS)]
        .into_iter()
        .filter(|(charset, _)| *charset != declared && declared != Charset::Utf16)
        .find(|(_, encoding)| is(encoding))
        .map(|(charset, _)| charset.name())
}

#[cfg(test)]
mod tests {
    use super::{DecodeError, Decoded, LineEnd};
    use crate::mapping::Charset;
    use encoding_rs::{EUC_JP, SHIFT_JIS};
    use proptest::prelude::*;

    /// The whole text, line by line, and the bytes that were given for it.
    fn read(bytes: &[u8], charset: Charset) -> Result<(String, Vec<u8>, u64), DecodeError> {
        let mut decoded = Decoded::new(bytes, charset);
        let (mut text, mut raw) = (String::new(), Vec::new());
        loop {
            let mut line = String::new();
            let Some(end) = decoded.next_line(&mut line)? else { break };
            text.push_str(&line);
            text.push_str(end.text());
            raw.extend_from_slice(decoded.take_row(end == LineEnd::File));
        }
        Ok((text, raw, decoded.lines()))
    }

    fn utf16(text: &str, big: bool) -> Vec<u8> {
        let mark = "\u{FEFF}".encode_utf16();
        mark.chain(text.encode_utf16())
            .flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() })
            .collect()
    }

    #[test]
    fn decodes_the_extensions_of_windows() {
        assert_eq!(read(b"\xFB\xFC\x81|\x87@", Charset::Cp932).unwrap().0, "髙－①");
    }

    #[test]
    fn takes_off_the_mark() {
        let (text, raw, lines) = read("\u{FEFF}one\r\ntwo".as_bytes(), Charset::Utf8).unwrap();
        assert_eq!((text.as_str(), raw.as_slice(), lines), ("one\r\ntwo", &b"one\r\ntwo"[..], 2));
        assert!(matches!(read(b"", Charset::Utf8), Err(DecodeError::NotAnExport(_))));
    }

    #[test]
    fn says_where_the_bytes_are_wrong_and_what_they_are() {
        let told = |bytes: &[u8], charset| match read(bytes, charset).unwrap_err() {
            DecodeError::Undecodable { line, found, .. } => (line, found),
            other => panic!("{other}"),
        };
        assert_eq!(told(b"a\nb\x81 c\n", Charset::Cp932), (2, None));
        assert!(read(b"\x82", Charset::Cp932).is_err());
        let (euc, _, _) = EUC_JP.encode("氏名,身長\n髙橋,170\n");
        assert_eq!(told(&euc, Charset::Utf8).1, Some("euc-jp"));
        let (sjis, _, _) = SHIFT_JIS.encode("氏名,身長\n山田,170\n");
        assert_eq!(told(&sjis, Charset::Utf8).1, Some("cp932"));
        assert_eq!(told(&utf16("氏名,身長\n山田,170\n", false), Charset::Utf8).1, Some("utf-16"));
        assert_eq!(told("氏名,身長\n㐂田,170\n".as_bytes(), Charset::EucJp).1, Some("utf-8"));
    }

    #[test]
    fn long_texts_pass_through_whole() {
        let long = "健診結果\r\n,一行\rだけ\n".repeat(30_000);
        let (bytes, _, _) = SHIFT_JIS.encode(&long);
        let (text, raw, _) = read(&bytes, Charset::Cp932).unwrap();
        assert!(text == long && raw == *bytes, "the bytes of the text, and all of them");
        let mut decoded = Decoded::new(&*bytes, Charset::Cp932);
        decoded.next_line(&mut String::new()).unwrap();
        let hash = renkei_checkup::hash::Sha256Hex::of(&bytes);
        assert_eq!(
            decoded.into_hash().unwrap(),
            hash,
            "also of a file that was not read to its end"
        );
    }

    #[test]
    fn a_line_without_end_is_refused() {
        let long = "あ".repeat(400_000);
        assert!(matches!(
            read(long.as_bytes(), Charset::Utf8),
            Err(DecodeError::RecordTooLong { line: 1 })
        ));
    }

    proptest! {
        #[test]
        fn the_bytes_of_the_lines_are_those_of_the_file(text in "([あ-ん亜髙,\"\r\n]|\r\n){1,40}") {
            for big in [false, true] {
                let bytes = utf16(&text, big);
                let (read_text, raw, _) = read(&bytes, Charset::Utf16).unwrap();
                prop_assert_eq!(&read_text, &text);
                prop_assert_eq!(&raw, &bytes[2..]);
            }
            let (bytes, _, unmappable) = SHIFT_JIS.encode(&text);
            prop_assume!(!unmappable);
            let (read_text, raw, _) = read(&bytes, Charset::Cp932).unwrap();
            prop_assert_eq!(&read_text, &text);
            prop_assert_eq!(raw, bytes.to_vec());
        }
    }
}
