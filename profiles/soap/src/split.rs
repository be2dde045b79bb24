//! Splits a multipart entity at its boundary (RFC 2046, 5.1.1), chunk by chunk.
//!
//! Whatever the chunks, the pieces put together are the same. At most one chunk and one delimiter
//! are held, except for a header block, which is held whole up to its limit.

use crate::fault::Fault;
use crate::limits::MessageLimits;
use bytes::{Buf, Bytes, BytesMut};
use memchr::memmem::Finder;

/// White space after a boundary; a line with more is not a delimiter line.
const MAX_PADDING: usize = 256;

/// The octets between delimiters, typed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    /// Nothing more without another chunk.
    NeedMore,
    /// The header block of the next part, with neither the line break before nor the one after it.
    Headers(Bytes),
    /// Octets of the current part, never empty.
    Data(Bytes),
    /// The current part is complete.
    PartEnd,
    /// The closing delimiter was seen and the entity has ended.
    End,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Before the first delimiter.
    Preamble,
    /// The buffer starts with a delimiter.
    Delimiter,
    /// The buffer starts with the line break that ends the delimiter line.
    Headers,
    /// The buffer starts with the line break of the empty line after the headers. It is not part of
    /// the content, yet it may be the line break of a delimiter that follows at once.
    BodyStart,
    Body,
    Epilogue,
}

pub(crate) struct Splitter {
    buffer: BytesMut,
    /// CRLF, two hyphens, boundary.
    delimiter: Finder<'static>,
    state: State,
    /// Octets passed over in preamble or epilogue, or searched in a header block.
    passed: usize,
    ended: bool,
    max_header: usize,
}

impl Splitter {
    pub(crate) fn new(boundary: &str, limits: &MessageLimits) -> Self {
        let delimiter = format!("\r\n--{boundary}");
        Self {
            // The line break before the first delimiter may be missing if nothing precedes it.
            buffer: BytesMut::from("\r\n"),
            delimiter: Finder::new(delimiter.as_bytes()).into_owned(),
            state: State::Preamble,
            passed: 0,
            ended: false,
            max_header: limits.part_header_bytes,
        }
    }

    pub(crate) fn push(&mut self, chunk: &[u8]) {
        self.buffer.extend_from_slice(chunk);
    }

    pub(crate) fn finish(&mut self) {
        self.ended = true;
    }

    pub(crate) fn next(&mut self) -> Result<Piece, Fault> {
        loop {
            let piece = match self.state {
                State::Preamble => self.preamble()?,
                State::Delimiter => self.delimiter_line()?,
                State::Headers => self.headers()?,
                State::BodyStart => self.body_start(),
                State::Body => self.body(),
                State::Epilogue => return self.epilogue(),
            };
            match piece {
                Some(Piece::NeedMore) if self.ended => return Err(truncated()),
                Some(piece) => return Ok(piece),
                None => {}
            }
        }
    }

    fn preamble(&mut self) -> Result<Option<Piece>, Fault> {
        let found = self.delimiter.find(&self.buffer);
        let passed = found.unwrap_or_else(|| self.surely_content());
        self.buffer.advance(passed);
        self.pass(passed)?;
        Ok(match found {
            Some(_) => self.enter(State::Delimiter),
            None => Some(Piece::NeedMore),
        })
    }

    /// After the boundary: two hyphens if it is the last; else white space up to the line's end.
    fn delimiter_line(&mut self) -> Result<Option<Piece>, Fault> {
        let length = self.delimiter.needle().len();
        let after = self.buffer.get(length..).unwrap_or_default();
        if after.starts_with(b"--") {
            self.buffer.advance(length + 2);
            return Ok(self.enter(State::Epilogue));
        }
        let padding = after.iter().take_while(|b| matches!(b, b' ' | b'\t')).count();
        match after.get(padding..).unwrap_or_default() {
            [b'\r', b'\n', ..] if padding <= MAX_PADDING => {
                self.buffer.advance(length + padding);
                Ok(self.enter(State::Headers))
            }
            [] | [b'\r'] if padding <= MAX_PADDING => Ok(Some(Piece::NeedMore)),
            [b'-'] if padding == 0 => Ok(Some(Piece::NeedMore)),
            _ => Err(Fault::sender(
                "A line starts with the multipart boundary and goes on with other characters. Use a boundary that the content does not contain.",
                "multipart の境界で始まり、他の文字が続く行があります。内容に含まれない境界を使用してください。",
            )),
        }
    }

    fn headers(&mut self) -> Result<Option<Piece>, Fault> {
        const EMPTY_LINE: &[u8] = b"\r\n\r\n";
        let searched = self.passed.min(self.buffer.len());
        let rest = self.buffer.get(searched..).unwrap_or_default();
        let Some(end) = memchr::memmem::find(rest, EMPTY_LINE).map(|at| at + searched) else {
            self.passed = self.buffer.len().saturating_sub(EMPTY_LINE.len() - 1);
            if self.passed > self.max_header + 1 {
                return Err(self.too_long());
            }
            return Ok(Some(Piece::NeedMore));
        };
        if end > self.max_header {
            return Err(self.too_long());
        }
        let mut block = self.buffer.split_to(end + 2);
        block.truncate(end);
        let start = block.len().min(2);
        self.state = State::BodyStart;
        Ok(Some(Piece::Headers(block.split_off(start).freeze())))
    }

    fn body_start(&mut self) -> Option<Piece> {
        let needle = self.delimiter.needle();
        if self.buffer.starts_with(needle) {
            self.state = State::Delimiter;
            return Some(Piece::PartEnd);
        }
        if needle.starts_with(&self.buffer) {
            return Some(Piece::NeedMore);
        }
        self.buffer.advance(2);
        self.enter(State::Body)
    }

    fn body(&mut self) -> Option<Piece> {
        let found = self.delimiter.find(&self.buffer);
        let content = found.unwrap_or_else(|| self.surely_content());
        if content > 0 {
            return Some(Piece::Data(self.buffer.split_to(content).freeze()));
        }
        if found.is_none() {
            return Some(Piece::NeedMore);
        }
        self.state = State::Delimiter;
        Some(Piece::PartEnd)
    }

    fn epilogue(&mut self) -> Result<Piece, Fault> {
        let passed = self.buffer.len();
        self.buffer.clear();
        self.pass(passed)?;
        Ok(if self.ended { Piece::End } else { Piece::NeedMore })
    }

    /// How much of a buffer without a delimiter cannot be the beginning of one.
    fn surely_content(&self) -> usize {
        let needle = self.delimiter.needle();
        let from = self.buffer.len().saturating_sub(needle.len() - 1);
        (from..self.buffer.len())
            .find(|at| self.buffer.get(*at..).is_some_and(|tail| needle.starts_with(tail)))
            .unwrap_or(self.buffer.len())
    }

    fn enter(&mut self, state: State) -> Option<Piece> {
        self.state = state;
        self.passed = 0;
        None
    }

    fn pass(&mut self, octets: usize) -> Result<(), Fault> {
        self.passed = self.passed.saturating_add(octets);
        if self.passed > self.max_header + 2 { Err(self.too_long()) } else { Ok(()) }
    }

    fn too_long(&self) -> Fault {
        Fault::limit("limits.part_header_bytes", self.max_header)
    }
}

fn truncated() -> Fault {
    Fault::sender(
        "The message ends before its closing multipart delimiter.",
        "multipart の終端の境界より前でメッセージが終わっています。",
    )
}
