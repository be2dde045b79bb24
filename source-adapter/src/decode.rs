//! The export as UTF-8 text: decoded while it is read, hashed on the way, bounded per record.

use std::io::{self, Read};

use encoding_rs::{Decoder, DecoderResult, Encoding};
use renkei_checkup::hash::{RunningHash, Sha256Hex};

/// Longest record of an export in bytes of UTF-8: `limits.csv_record_bytes`. A quote that is never
/// closed would otherwise take the rest of the file into memory.
pub const RECORD_BYTES: u64 = 1024 * 1024;

const RAW_BYTES: usize = 64 * 1024;
const BYTE_ORDER_MARK: &str = "\u{FEFF}";

/// Why the text ends early.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// Bytes that the declared encoding does not have.
    #[error("line {line}: bytes that are not {encoding}")]
    Undecodable {
        /// 1-based line of the file.
        line: u64,
        /// Name of the declared encoding.
        encoding: &'static str,
    },
    /// A record that never ends.
    #[error("line {line}: a record is longer than limits.csv_record_bytes = {RECORD_BYTES}")]
    RecordTooLong {
        /// 1-based line of the file.
        line: u64,
    },
}

impl DecodeError {
    /// The error inside one of a reader above.
    pub fn inside(error: &io::Error) -> Option<&Self> {
        error.get_ref().and_then(|inner| inner.downcast_ref())
    }
}

impl From<DecodeError> for io::Error {
    fn from(error: DecodeError) -> Self {
        Self::new(io::ErrorKind::InvalidData, error)
    }
}

/// A reader of UTF-8 over a reader of bytes.
pub struct Decoded<R> {
    input: R,
    encoding: &'static Encoding,
    decoder: Decoder,
    hash: RunningHash,
    raw: Vec<u8>,
    raw_at: usize,
    text: String,
    text_at: usize,
    begun: bool,
    ended: bool,
    had_mark: bool,
    skip_lines: u64,
    line: u64,
    of_record: u64,
}

impl<R: Read> Decoded<R> {
    /// Decodes `input`; a byte order mark is taken off, and the first `skip_lines` lines are left
    /// out.
    pub fn new(input: R, encoding: &'static Encoding, skip_lines: u64) -> Self {
        Self {
            input,
            encoding,
            decoder: encoding.new_decoder_without_bom_handling(),
            hash: RunningHash::default(),
            raw: Vec::new(),
            raw_at: 0,
            text: String::with_capacity(RAW_BYTES),
            text_at: 0,
            begun: false,
            ended: false,
            had_mark: false,
            skip_lines,
            line: 1,
            of_record: 0,
        }
    }

    /// Whether the text began with a byte order mark.
    pub fn had_byte_order_mark(&self) -> bool {
        self.had_mark
    }

    /// Starts counting the bytes of a record anew.
    pub fn begin_record(&mut self) {
        self.of_record = 0;
    }

    /// The hash over all bytes of the file, the unread ones included.
    pub fn into_hash(mut self) -> io::Result<Sha256Hex> {
        let mut rest = vec![0; RAW_BYTES];
        loop {
            let read = self.input.read(&mut rest)?;
            if read == 0 {
                return Ok(self.hash.finish());
            }
            self.hash.update(rest.get(..read).unwrap_or_default());
        }
    }

    fn fill_raw(&mut self) -> io::Result<()> {
        self.raw.clear();
        self.raw_at = 0;
        let wanted = u64::try_from(RAW_BYTES).unwrap_or(u64::MAX);
        self.input.by_ref().take(wanted).read_to_end(&mut self.raw)?;
        self.hash.update(&self.raw);
        self.ended = self.raw.len() < RAW_BYTES;
        Ok(())
    }

    /// Decodes the next piece; an empty piece may be followed by more.
    fn fill_text(&mut self) -> io::Result<()> {
        self.text.clear();
        self.text_at = 0;
        if self.raw_at >= self.raw.len() && !self.ended {
            self.fill_raw()?;
        }
        let source = self.raw.get(self.raw_at..).unwrap_or_default();
        let (result, read) =
            self.decoder.decode_to_string_without_replacement(source, &mut self.text, self.ended);
        self.raw_at += read;
        self.line += newlines(&self.text);
        if let DecoderResult::Malformed(_, _) = result {
            let encoding = self.encoding.name();
            return Err(DecodeError::Undecodable { line: self.line, encoding }.into());
        }
        if !self.begun && !self.text.is_empty() {
            self.begun = true;
            if self.text.starts_with(BYTE_ORDER_MARK) {
                self.had_mark = true;
                self.text_at = BYTE_ORDER_MARK.len();
            }
        }
        self.leave_out_lines();
        Ok(())
    }

    fn leave_out_lines(&mut self) {
        while self.skip_lines > 0 {
            let rest = self.text.get(self.text_at..).unwrap_or_default();
            match rest.find('\n') {
                Some(end) => {
                    self.text_at += end + 1;
                    self.skip_lines -= 1;
                }
                None => {
                    self.text_at = self.text.len();
                    return;
                }
            }
        }
    }

    fn is_finished(&self) -> bool {
        self.ended && self.raw_at >= self.raw.len()
    }
}

fn newlines(text: &str) -> u64 {
    text.bytes().map(|byte| u64::from(byte == b'\n')).sum()
}

impl<R: Read> Read for Decoded<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while self.text_at >= self.text.len() {
            if self.is_finished() && self.begun {
                return Ok(0);
            }
            self.fill_text()?;
            if self.text.is_empty() && self.is_finished() {
                self.begun = true;
            }
        }
        let rest = self.text.as_bytes().get(self.text_at..).unwrap_or_default();
        let read = Read::read(&mut &*rest, out)?;
        self.text_at += read;
        self.of_record += u64::try_from(read).unwrap_or(u64::MAX);
        if self.of_record > RECORD_BYTES {
            return Err(DecodeError::RecordTooLong { line: self.line }.into());
        }
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::{DecodeError, Decoded};
    use encoding_rs::{SHIFT_JIS, UTF_8};
    use std::io::Read;

    fn text(bytes: &[u8], encoding: &'static encoding_rs::Encoding, skip: u64) -> String {
        let mut text = String::new();
        Decoded::new(bytes, encoding, skip).read_to_string(&mut text).unwrap();
        text
    }

    #[test]
    fn decodes_the_extensions_of_windows() {
        assert_eq!(text(b"\xFB\xFC\x81|\x87@", SHIFT_JIS, 0), "髙－①");
    }

    #[test]
    fn leaves_out_lines_and_the_mark() {
        assert_eq!(text("\u{FEFF}one\r\ntwo\r\nthree".as_bytes(), UTF_8, 2), "three");
        assert_eq!(text("one".as_bytes(), UTF_8, 2), "");
        assert_eq!(text(b"", UTF_8, 0), "");
    }

    #[test]
    fn says_on_which_line_the_bytes_are_wrong() {
        let mut decoded = Decoded::new(&b"a\nb\x81 c\n"[..], SHIFT_JIS, 0);
        let error = decoded.read_to_string(&mut String::new()).unwrap_err();
        let expected = DecodeError::Undecodable { line: 2, encoding: "Shift_JIS" };
        assert_eq!(DecodeError::inside(&error), Some(&expected));
        assert!(
            Decoded::new(&b"\x82"[..], SHIFT_JIS, 0).read_to_string(&mut String::new()).is_err()
        );
    }

    #[test]
    fn long_texts_pass_through_whole() {
        let long = "健診結果\n".repeat(60_000);
        let (bytes, _, _) = SHIFT_JIS.encode(&long);
        let mut decoded = Decoded::new(&*bytes, SHIFT_JIS, 0);
        let mut read = String::new();
        let mut piece = [0; 4096];
        let mut held = Vec::new();
        loop {
            decoded.begin_record();
            match decoded.read(&mut piece).unwrap() {
                0 => break,
                n => held.extend_from_slice(&piece[..n]),
            }
        }
        read.push_str(std::str::from_utf8(&held).unwrap());
        assert_eq!(read, long);
        assert_eq!(decoded.into_hash().unwrap(), renkei_checkup::hash::Sha256Hex::of(&bytes));
    }

    #[test]
    fn a_record_that_never_ends_is_refused_by_name() {
        let endless = vec![b'x'; 2_000_000];
        let error =
            Decoded::new(&*endless, UTF_8, 0).read_to_string(&mut String::new()).unwrap_err();
        assert!(error.to_string().contains("limits.csv_record_bytes"), "{error}");
    }
}
