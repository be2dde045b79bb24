//! The export as UTF-8 text: decoded piece by piece while it is read, hashed on the way, with the
//! bytes of the file kept until their row is done.
//!
//! CR and LF are single bytes in both encodings and never part of a longer character, so the n-th
//! line end of the text is the n-th line end of the bytes. That is how a row finds its bytes again.

use std::io::{self, Read};
use std::ops::Range;

use encoding_rs::{Decoder, DecoderResult, Encoding};
use memchr::{memchr_iter, memchr2_iter};
use renkei_checkup::hash::{RunningHash, Sha256Hex};

/// Longest record of an export in bytes of UTF-8: `limits.csv_record_bytes`. A quote that is never
/// closed would otherwise take the rest of the file into memory.
pub const RECORD_BYTES: usize = 1024 * 1024;

const RAW_BYTES: usize = 64 * 1024;
/// As it stands in a file of UTF-8.
pub(crate) const BYTE_ORDER_MARK: &str = "\u{FEFF}";

/// Why the text ends early.
#[derive(Debug, thiserror::Error)]
pub enum DecodeError {
    /// Bytes that the declared encoding does not have.
    #[error(
        "{line}行目: {encoding} でないバイトがあります / line {line}: bytes that are not {encoding}"
    )]
    Undecodable {
        /// 1-based line of the file.
        line: u64,
        /// Name of the declared encoding.
        encoding: &'static str,
    },
    /// A record that never ends.
    #[error(
        "{line}行目: 1行が {RECORD_BYTES} バイト（limits.csv_record_bytes）を超えています。閉じられていない引用符がないか確認してください / line {line}: a record is longer than limits.csv_record_bytes = {RECORD_BYTES}; look for a quote that is never closed"
    )]
    RecordTooLong {
        /// 1-based line of the file.
        line: u64,
    },
    /// The file could not be read.
    #[error("出力ファイルを読み込めません / the export cannot be read")]
    Read(#[from] io::Error),
}

/// The text of an export over a reader of its bytes.
pub(crate) struct Decoded<R> {
    input: R,
    encoding: &'static Encoding,
    decoder: Decoder,
    hash: RunningHash,
    /// Bytes of the rows that are not done, and those behind them.
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
    /// Whether the consumed text ends with one.
    at_line_end: bool,
    line: u64,
    begun: bool,
    ended: bool,
    had_mark: bool,
}

impl<R: Read> Decoded<R> {
    /// Decodes `input`; a byte order mark is taken off.
    pub(crate) fn new(input: R, encoding: &'static Encoding) -> Self {
        Self {
            input,
            encoding,
            decoder: encoding.new_decoder_without_bom_handling(),
            hash: RunningHash::default(),
            raw: Vec::new(),
            row_at: 0,
            undecoded_at: 0,
            text: String::with_capacity(RAW_BYTES),
            consumed: 0,
            line_ends: 0,
            at_line_end: false,
            line: 1,
            begun: false,
            ended: false,
            had_mark: false,
        }
    }

    /// Whether the text began with a byte order mark.
    pub(crate) fn had_byte_order_mark(&self) -> bool {
        self.had_mark
    }

    /// 1-based line of the text that comes next.
    pub(crate) fn line(&self) -> u64 {
        self.line
    }

    /// Text that is decoded and not consumed; empty only at the end of the file.
    ///
    /// # Errors
    /// When the next bytes cannot be read or are not of the encoding.
    pub(crate) fn text(&mut self) -> Result<&[u8], DecodeError> {
        while self.consumed >= self.text.len() && !self.is_finished() {
            self.decode()?;
        }
        Ok(self.unconsumed())
    }

    /// Goes on behind `length` bytes of the text.
    pub(crate) fn consume(&mut self, length: usize) {
        let piece = self.unconsumed();
        let piece = piece.get(..length).unwrap_or(piece);
        let Some(last) = piece.last() else { return };
        let at_line_end = is_line_end(*last);
        let line_ends = memchr2_iter(b'\r', b'\n', piece).count();
        let lines = lines(piece);
        self.consumed += length;
        self.at_line_end = at_line_end;
        self.line_ends += line_ends;
        self.line += lines;
    }

    /// The bytes of the text consumed since the last call, for [`Decoded::raw`]; that text ends
    /// with a line end or with the file.
    pub(crate) fn take_row(&mut self) -> Range<usize> {
        let start = self.row_at;
        let rest = self.raw.get(start..).unwrap_or_default();
        let line_end = self.line_ends.checked_sub(1).filter(|_| self.at_line_end);
        let length = line_end
            .and_then(|earlier| memchr2_iter(b'\r', b'\n', rest).nth(earlier))
            .map_or(rest.len(), |place| place + 1);
        self.row_at += length;
        self.line_ends = 0;
        start..self.row_at
    }

    /// Bytes of the file, as long as no more text was asked for.
    pub(crate) fn raw(&self, place: Range<usize>) -> &[u8] {
        self.raw.get(place).unwrap_or_default()
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

    fn unconsumed(&self) -> &[u8] {
        self.text.as_bytes().get(self.consumed..).unwrap_or_default()
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
        let source = self.raw.get(self.undecoded_at..).unwrap_or_default();
        let (result, read) =
            self.decoder.decode_to_string_without_replacement(source, &mut self.text, self.ended);
        self.undecoded_at += read;
        if let DecoderResult::Malformed(_, _) = result {
            let line = self.line + lines(self.text.as_bytes());
            return Err(DecodeError::Undecodable { line, encoding: self.encoding.name() });
        }
        if !self.begun && !self.text.is_empty() {
            self.begun = true;
            self.had_mark = self.text.starts_with(BYTE_ORDER_MARK);
            if self.had_mark {
                self.consumed = BYTE_ORDER_MARK.len();
                self.row_at = BYTE_ORDER_MARK.len();
            }
        }
        Ok(())
    }
}

/// Whether a byte ends a line, alone or as half of CRLF.
pub(crate) fn is_line_end(byte: u8) -> bool {
    matches!(byte, b'\r' | b'\n')
}

fn lines(text: &[u8]) -> u64 {
    u64::try_from(memchr_iter(b'\n', text).count()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::{DecodeError, Decoded};
    use encoding_rs::{Encoding, SHIFT_JIS, UTF_8};

    /// The whole text, and the bytes that were given for it.
    fn read(bytes: &[u8], encoding: &'static Encoding) -> Result<(String, Vec<u8>), DecodeError> {
        let mut decoded = Decoded::new(bytes, encoding);
        let (mut text, mut raw) = (Vec::new(), Vec::new());
        loop {
            let line = match decoded.text()? {
                [] => break,
                piece => piece.split_inclusive(|byte| *byte == b'\n').next().unwrap().to_vec(),
            };
            decoded.consume(line.len());
            text.extend_from_slice(&line);
            if line.ends_with(b"\n") {
                let place = decoded.take_row();
                raw.extend_from_slice(decoded.raw(place));
            }
        }
        let place = decoded.take_row();
        raw.extend_from_slice(decoded.raw(place));
        Ok((String::from_utf8(text).unwrap(), raw))
    }

    #[test]
    fn decodes_the_extensions_of_windows() {
        assert_eq!(read(b"\xFB\xFC\x81|\x87@", SHIFT_JIS).unwrap().0, "髙－①");
    }

    #[test]
    fn takes_off_the_mark() {
        let (text, raw) = read("\u{FEFF}one\r\ntwo".as_bytes(), UTF_8).unwrap();
        assert_eq!((text.as_str(), raw.as_slice()), ("one\r\ntwo", &b"one\r\ntwo"[..]));
        assert_eq!(read(b"", UTF_8).unwrap().0, "");
    }

    #[test]
    fn says_on_which_line_the_bytes_are_wrong() {
        let error = read(b"a\nb\x81 c\n", SHIFT_JIS).unwrap_err();
        assert!(
            matches!(error, DecodeError::Undecodable { line: 2, encoding: "Shift_JIS" }),
            "{error}"
        );
        assert!(read(b"\x82", SHIFT_JIS).is_err());
    }

    #[test]
    fn long_texts_pass_through_whole() {
        let long = "健診結果\r\n,一行\rだけ\n".repeat(30_000);
        let (bytes, _, _) = SHIFT_JIS.encode(&long);
        let (text, raw) = read(&bytes, SHIFT_JIS).unwrap();
        assert!(text == long && raw == *bytes, "the bytes of the text, and all of them");
        let mut decoded = Decoded::new(&*bytes, SHIFT_JIS);
        decoded.text().unwrap();
        let hash = renkei_checkup::hash::Sha256Hex::of(&bytes);
        assert_eq!(
            decoded.into_hash().unwrap(),
            hash,
            "also of a file that was not read to its end"
        );
    }
}
