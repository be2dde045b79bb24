//! Splits a multipart entity at its boundary (RFC 2046, 5.1.1), chunk by chunk.
//!
//! Whatever the chunks, the pieces put together are the same. At most one chunk and one delimiter
//! are held, except for a header block, which is held whole up to its limit.
//!
//! Lines end in CRLF. Some stacks end theirs in a line feed alone; the first delimiter tells, and all
//! others have to follow it, since nobody could say otherwise to which side of a delimiter a carriage
//! return before it belongs. Lines inside a header block may end either way.

use crate::fault::{Fault, rows};
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

/// How the lines of a message end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ending {
    CrLf,
    Lf,
}

impl Ending {
    const fn octets(self) -> &'static [u8] {
        match self {
            Self::CrLf => b"\r\n",
            Self::Lf => b"\n",
        }
    }
}

pub(crate) struct Splitter {
    buffer: BytesMut,
    /// A line break, two hyphens, boundary. The line break is a line feed until the first delimiter
    /// has shown which one it is.
    delimiter: Finder<'static>,
    state: State,
    /// The line break of this message, once it is known.
    ending: Option<Ending>,
    /// Whether a line ended in a line feed alone.
    bare: bool,
    /// Whether the last octet handed out was a carriage return.
    after_return: bool,
    /// Octets passed over in preamble or epilogue, or searched in a header block.
    passed: usize,
    ended: bool,
    max_header: usize,
}

impl Splitter {
    pub(crate) fn new(boundary: &str, limits: &MessageLimits) -> Self {
        let delimiter = format!("\n--{boundary}");
        Self {
            // The line break before the first delimiter may be missing if nothing precedes it.
            buffer: BytesMut::from("\n"),
            delimiter: Finder::new(delimiter.as_bytes()).into_owned(),
            state: State::Preamble,
            ending: None,
            bare: false,
            after_return: false,
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

    /// Whether a line so far ended in a line feed alone.
    pub(crate) fn has_bare_line_feeds(&self) -> bool {
        self.bare
    }

    pub(crate) fn next(&mut self) -> Result<Piece, Fault> {
        loop {
            let piece = match self.state {
                State::Preamble => self.preamble()?,
                State::Delimiter => self.delimiter_line()?,
                State::Headers => self.headers()?,
                State::BodyStart => self.body_start()?,
                State::Body => self.body()?,
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
                self.ends_in(Ending::CrLf);
                Ok(self.enter(State::Headers))
            }
            [b'\n', ..] if padding <= MAX_PADDING => {
                self.buffer.advance(length + padding);
                self.ends_in(Ending::Lf);
                Ok(self.enter(State::Headers))
            }
            [] | [b'\r'] if padding <= MAX_PADDING => Ok(Some(Piece::NeedMore)),
            [b'-'] if padding == 0 => Ok(Some(Piece::NeedMore)),
            _ => Err(Fault::of(&rows::BOUNDARY_CONTINUED, &[])),
        }
    }

    /// The end of a delimiter line: the first one says how all of them end.
    fn ends_in(&mut self, ending: Ending) {
        self.bare |= ending == Ending::Lf;
        if self.ending.replace(self.ending.unwrap_or(ending)).is_none() && ending == Ending::CrLf {
            let delimiter = [b"\r", self.delimiter.needle()].concat();
            self.delimiter = Finder::new(&delimiter).into_owned();
        }
    }

    fn headers(&mut self) -> Result<Option<Piece>, Fault> {
        let searched = self.passed.min(self.buffer.len());
        let Some(end) = empty_line(&self.buffer, searched) else {
            // A line feed may be the last octet but one, and the end of the block all the same.
            self.passed = self.buffer.len().saturating_sub(2);
            if self.passed > self.max_header + 1 {
                return Err(self.too_long());
            }
            return Ok(Some(Piece::NeedMore));
        };
        if end > self.max_header + 1 {
            return Err(self.too_long());
        }
        let block = self.buffer.split_to(end + 1).freeze();
        self.bare |= has_bare_line_feed(&block);
        self.state = State::BodyStart;
        Ok(Some(Piece::Headers(without_breaks(block))))
    }

    /// The buffer starts with a line break, perhaps with its first half only.
    fn body_start(&mut self) -> Result<Option<Piece>, Fault> {
        let needle = self.delimiter.needle();
        if self.buffer.starts_with(needle) {
            self.state = State::Delimiter;
            return Ok(Some(Piece::PartEnd));
        }
        if needle.starts_with(&self.buffer) || *self.buffer == *b"\r" {
            return Ok(Some(Piece::NeedMore));
        }
        let ending = self.ending.unwrap_or(Ending::CrLf).octets();
        if !self.buffer.starts_with(ending) {
            return Err(mixed());
        }
        self.buffer.advance(ending.len());
        self.after_return = false;
        Ok(self.enter(State::Body))
    }

    fn body(&mut self) -> Result<Option<Piece>, Fault> {
        let found = self.delimiter.find(&self.buffer);
        let content = found.unwrap_or_else(|| self.surely_content());
        if content > 0 {
            let octets = self.buffer.split_to(content).freeze();
            self.after_return = octets.ends_with(b"\r");
            return Ok(Some(Piece::Data(octets)));
        }
        if found.is_none() {
            return Ok(Some(Piece::NeedMore));
        }
        if self.ending == Some(Ending::Lf) && self.after_return {
            return Err(mixed());
        }
        self.state = State::Delimiter;
        Ok(Some(Piece::PartEnd))
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

/// Where the line feed is that is followed by an empty line.
fn empty_line(buffer: &[u8], from: usize) -> Option<usize> {
    let searched = buffer.get(from..).unwrap_or_default();
    memchr::memchr_iter(b'\n', searched).map(|at| at + from).find(|at| {
        let rest = buffer.get(at + 1..).unwrap_or_default();
        rest.starts_with(b"\n") || rest.starts_with(b"\r\n")
    })
}

fn has_bare_line_feed(block: &[u8]) -> bool {
    let before = |at: usize| at.checked_sub(1).and_then(|at| block.get(at));
    memchr::memchr_iter(b'\n', block).any(|at| before(at) != Some(&b'\r'))
}

/// A header block without the line breaks around it.
fn without_breaks(block: Bytes) -> Bytes {
    let rest = block.strip_prefix(b"\r\n").or_else(|| block.strip_prefix(b"\n"));
    let inner = rest.unwrap_or_default();
    let inner = inner.strip_suffix(b"\n").unwrap_or(inner);
    let inner = inner.strip_suffix(b"\r").unwrap_or(inner);
    block.slice_ref(inner)
}

fn mixed() -> Fault {
    Fault::of(&rows::LINE_ENDINGS, &[])
}

fn truncated() -> Fault {
    Fault::of(&rows::MULTIPART_TRUNCATED, &[])
}
