//! A SOAP message as it arrives, chunk by chunk: the envelope whole, the documents as streams
//! (ITI TF-2: V.8; XOP 1.0, 4.1; RFC 2387).

use crate::charset::Charset;
use crate::fault::{Fault, rows};
use crate::limits::MessageLimits;
use crate::mime::{Base64Decoder, MediaType, PartHeader, TransferEncoding, content_id};
use crate::split::{Piece, Splitter};
use crate::tolerance::{Tolerance, Tolerances};
use crate::xml::{Reader, XmlLimits, ns};
use bytes::Bytes;
use std::collections::HashSet;

/// How the message is framed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    /// `application/soap+xml`: the entity is the envelope.
    Simple,
    /// `multipart/related` with XOP.
    Mtom,
}

/// The header of a part that is not the root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartHeaders {
    /// Without angle brackets; no two parts of a message have the same.
    pub content_id: String,
    /// As sent, unfolded.
    pub content_type: Option<String>,
}

/// What the reader has found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// Push another chunk, or finish.
    NeedMore,
    /// The envelope, complete; once. Parts may come before it.
    Root(String),
    /// A part begins.
    PartStart(PartHeaders),
    /// Octets of the part, with their transfer encoding undone; never empty.
    Data(Bytes),
    /// The part is complete.
    PartEnd,
    /// The message is complete. Any number of times.
    End,
}

/// Reads one message. It does no input itself: the caller pushes what it received whenever
/// [`MessageReader::next`] says [`Event::NeedMore`], and finishes at the end of the entity.
///
/// After a fault the reader only repeats it.
pub struct MessageReader {
    limits: MessageLimits,
    tolerances: Tolerances,
    source: Source,
    received: u64,
    ended: bool,
    failed: Option<Fault>,
}

enum Source {
    Simple { envelope: Vec<u8>, essence: String, charset: Charset, done: bool },
    Mtom(Box<Multipart>),
}

struct Multipart {
    splitter: Splitter,
    start: Option<String>,
    part: Part,
    seen: HashSet<String>,
    parts: usize,
    root_done: bool,
}

/// The part that the splitter is in.
enum Part {
    None,
    Root(Vec<u8>, Charset, Option<Base64Decoder>),
    Document(Option<Base64Decoder>),
}

impl MessageReader {
    /// A reader for an entity with this `Content-Type`.
    pub fn new(content_type: &str, limits: &MessageLimits) -> Result<Self, Fault> {
        if content_type.len() > limits.part_header_bytes {
            return Err(Fault::limit("limits.part_header_bytes", limits.part_header_bytes));
        }
        let mut tolerances = Tolerances::new();
        let kind = MediaType::read(content_type, &mut tolerances)?;
        let source = match kind.essence.as_str() {
            // text/xml is the media type of SOAP 1.1. It is read so that the envelope can tell
            // whether a wrong version or a wrong media type is to be named.
            "application/soap+xml" | "text/xml" => {
                let charset = Charset::of(&kind)?;
                let (envelope, essence) = (Vec::new(), kind.essence);
                Source::Simple { envelope, essence, charset, done: false }
            }
            "multipart/related" => {
                Source::Mtom(Box::new(Multipart::new(&kind, limits, &mut tolerances)?))
            }
            _ => return Err(unsupported_media_type()),
        };
        Ok(Self { limits: *limits, tolerances, source, received: 0, ended: false, failed: None })
    }

    /// How the message is framed.
    pub fn framing(&self) -> Framing {
        match self.source {
            Source::Simple { .. } => Framing::Simple,
            Source::Mtom(_) => Framing::Mtom,
        }
    }

    /// Adds a chunk. What is pushed after [`MessageReader::finish`] is dropped.
    pub fn push(&mut self, chunk: Bytes) {
        if self.ended || self.failed.is_some() {
            return;
        }
        self.received = self.received.saturating_add(chunk.len() as u64);
        if self.received > self.limits.message_bytes {
            self.failed = Some(Fault::limit("limits.message_bytes", self.limits.message_bytes));
            return;
        }
        match &mut self.source {
            Source::Mtom(multipart) => multipart.splitter.push(&chunk),
            Source::Simple { envelope, .. } => {
                self.failed = collect(envelope, &chunk, &self.limits).err();
            }
        }
    }

    /// Says that the entity has ended.
    pub fn finish(&mut self) {
        self.ended = true;
        if let Source::Mtom(multipart) = &mut self.source {
            multipart.splitter.finish();
        }
    }

    /// The next event.
    #[expect(clippy::should_implement_trait, reason = "an iterator would end where this waits")]
    pub fn next(&mut self) -> Result<Event, Fault> {
        if let Some(fault) = &self.failed {
            return Err(fault.clone());
        }
        let event = match &mut self.source {
            Source::Simple { .. } if !self.ended => Ok(Event::NeedMore),
            Source::Simple { done: true, .. } => Ok(Event::End),
            Source::Simple { envelope, essence, charset, done } => {
                *done = true;
                let bytes = std::mem::take(envelope);
                charset
                    .text(bytes, &mut self.tolerances)
                    .and_then(|text| check_version(text, essence, self.limits.xml))
                    .map(Event::Root)
            }
            Source::Mtom(multipart) => multipart.next(&self.limits, &mut self.tolerances),
        };
        self.failed = event.as_ref().err().cloned();
        event
    }

    /// The deviations met so far.
    pub fn tolerances(&self) -> &Tolerances {
        &self.tolerances
    }
}

impl Multipart {
    fn new(
        kind: &MediaType,
        limits: &MessageLimits,
        tolerances: &mut Tolerances,
    ) -> Result<Self, Fault> {
        let boundary = kind.parameter("boundary").filter(|b| is_boundary(b));
        let boundary = boundary.ok_or_else(bad_boundary)?;
        match kind.parameter("type").map(str::to_ascii_lowercase).as_deref() {
            Some("application/xop+xml") => {}
            None | Some("application/soap+xml") => tolerances.add(Tolerance::RootTypeVariant),
            Some(_) => return Err(bad_root_type()),
        }
        if kind.parameter("start-info") != Some("application/soap+xml") {
            tolerances.add(Tolerance::StartInfoVariant);
        }
        let start = match kind.parameter("start") {
            Some(start) => Some(content_id(start, tolerances)?),
            None => {
                tolerances.add(Tolerance::MissingStart);
                None
            }
        };
        Ok(Self {
            splitter: Splitter::new(boundary, limits),
            start,
            part: Part::None,
            seen: HashSet::new(),
            parts: 0,
            root_done: false,
        })
    }

    fn next(
        &mut self,
        limits: &MessageLimits,
        tolerances: &mut Tolerances,
    ) -> Result<Event, Fault> {
        loop {
            let piece = self.splitter.next()?;
            if self.splitter.has_bare_line_feeds() {
                tolerances.add(Tolerance::BareLineFeed);
            }
            match piece {
                Piece::NeedMore => return Ok(Event::NeedMore),
                Piece::Headers(block) => {
                    if let Some(headers) = self.begin(&block, limits, tolerances)? {
                        return Ok(Event::PartStart(headers));
                    }
                }
                Piece::Data(octets) => {
                    if let Some(octets) = self.data(octets, limits)? {
                        return Ok(Event::Data(octets));
                    }
                }
                Piece::PartEnd => return self.end_part(tolerances),
                Piece::End if self.root_done => return Ok(Event::End),
                Piece::End => return Err(missing_root()),
            }
        }
    }

    /// Begins a part; `None` for the root.
    fn begin(
        &mut self,
        block: &[u8],
        limits: &MessageLimits,
        tolerances: &mut Tolerances,
    ) -> Result<Option<PartHeaders>, Fault> {
        self.parts += 1;
        if self.parts > limits.parts {
            return Err(Fault::limit("limits.parts", limits.parts));
        }
        let header = PartHeader::read(block, tolerances)?;
        if let Some(id) = &header.content_id
            && !self.seen.insert(id.clone())
        {
            return Err(duplicate_content_id());
        }
        let decoder = match header.encoding {
            TransferEncoding::Identity => None,
            TransferEncoding::Base64 => {
                tolerances.add(Tolerance::EncodedPart);
                Some(Base64Decoder::default())
            }
        };
        let is_root = match &self.start {
            Some(start) => header.content_id.as_ref() == Some(start),
            None => self.parts == 1,
        };
        if is_root {
            let charset = root_charset(header.content_type.as_deref(), tolerances)?;
            self.part = Part::Root(Vec::new(), charset, decoder);
            return Ok(None);
        }
        check_document_type(header.content_type.as_deref().unwrap_or_default())?;
        let content_id = header.content_id.ok_or_else(missing_content_id)?;
        self.part = Part::Document(decoder);
        Ok(Some(PartHeaders { content_id, content_type: header.content_type }))
    }

    /// Octets of a document; `None` if they were the root's, or not enough to decode.
    fn data(&mut self, octets: Bytes, limits: &MessageLimits) -> Result<Option<Bytes>, Fault> {
        let decode = |decoder: &mut Option<Base64Decoder>| match decoder {
            Some(decoder) => decoder.push(&octets),
            None => Ok(octets.clone()),
        };
        match &mut self.part {
            Part::None => Ok(None),
            Part::Root(envelope, _, decoder) => {
                collect(envelope, &decode(decoder)?, limits)?;
                Ok(None)
            }
            Part::Document(decoder) => Ok(Some(decode(decoder)?).filter(|o| !o.is_empty())),
        }
    }

    fn end_part(&mut self, tolerances: &mut Tolerances) -> Result<Event, Fault> {
        match std::mem::replace(&mut self.part, Part::None) {
            Part::Root(envelope, charset, decoder) => {
                decoder.map_or(Ok(()), |d| d.finish())?;
                self.root_done = true;
                charset.text(envelope, tolerances).map(Event::Root)
            }
            Part::Document(decoder) => {
                decoder.map_or(Ok(()), |d| d.finish())?;
                Ok(Event::PartEnd)
            }
            // The splitter ends only parts that it began.
            Part::None => Ok(Event::PartEnd),
        }
    }
}

fn collect(envelope: &mut Vec<u8>, octets: &[u8], limits: &MessageLimits) -> Result<(), Fault> {
    if envelope.len().saturating_add(octets.len()) > limits.root_bytes {
        return Err(Fault::limit("limits.root_bytes", limits.root_bytes));
    }
    envelope.extend_from_slice(octets);
    Ok(())
}

/// Refuses SOAP 1.2 in the media type of SOAP 1.1.
fn check_version(text: String, essence: &str, limits: XmlLimits) -> Result<String, Fault> {
    let soap12 = || Reader::new(&text, limits).root().is_ok_and(|e| e.namespace == ns::SOAP12);
    if essence == "text/xml" && soap12() { Err(unsupported_media_type()) } else { Ok(text) }
}

/// The encoding of the root part as far as its media type says it.
fn root_charset(value: Option<&str>, tolerances: &mut Tolerances) -> Result<Charset, Fault> {
    let Some(value) = value else {
        tolerances.add(Tolerance::RootTypeVariant);
        return Ok(Charset::Unsaid);
    };
    let kind = MediaType::read(value, tolerances)?;
    match kind.essence.as_str() {
        "application/xop+xml" => {}
        "application/soap+xml" | "text/xml" => tolerances.add(Tolerance::RootTypeVariant),
        _ => return Err(bad_root_type()),
    }
    Charset::of(&kind)
}

/// A part has to be the document, not a way to it (RFC 2046, 5.1 and 5.2).
fn check_document_type(value: &str) -> Result<(), Fault> {
    let kind = value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match kind.as_str() {
        "message/partial" | "message/external-body" => Err(elsewhere()),
        kind if kind.starts_with("multipart/") => Err(nested_multipart()),
        _ => Ok(()),
    }
}

/// RFC 2046, 5.1.1: boundary.
fn is_boundary(text: &str) -> bool {
    (1..=70).contains(&text.len())
        && !text.ends_with(' ')
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"'()+_,-./:=? ".contains(&b))
}

fn unsupported_media_type() -> Fault {
    Fault::of(&rows::CONTENT_TYPE_OTHER, &[])
}

fn bad_boundary() -> Fault {
    Fault::of(&rows::BOUNDARY_MALFORMED, &[])
}

fn bad_root_type() -> Fault {
    Fault::of(&rows::ROOT_TYPE, &[])
}

fn missing_root() -> Fault {
    Fault::of(&rows::ROOT_MISSING, &[])
}

fn duplicate_content_id() -> Fault {
    Fault::of(&rows::CONTENT_ID_TWICE, &[])
}

fn missing_content_id() -> Fault {
    Fault::of(&rows::CONTENT_ID_MISSING, &[])
}

fn nested_multipart() -> Fault {
    Fault::of(&rows::PART_NESTED, &[])
}

fn elsewhere() -> Fault {
    Fault::of(&rows::PART_ELSEWHERE, &[])
}

#[cfg(test)]
mod tests;
