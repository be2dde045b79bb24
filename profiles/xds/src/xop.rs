//! A document in a message: referred to by xop:Include, or inline as base64 (ITI TF-2: V.8).

use crate::refusal::unreadable;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use renkei_soap::fault::{Fault, rows};
use renkei_soap::limits::MessageLimits;
use renkei_soap::tolerance::{Tolerance, Tolerances};
use renkei_soap::xml::{Element, Node, Reader, Writer, ns};
use renkei_soap::{decode_cid, encode_cid};
use std::collections::HashSet;

/// Where the octets of a document are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// In the part with this Content-ID (without angle brackets).
    Include(String),
    /// Here.
    Inline(Vec<u8>),
}

/// The parts that an envelope refers to, ticked off as they arrive.
#[derive(Debug, Default)]
pub struct References(HashSet<String>);

impl References {
    /// Those of the documents of a message.
    pub fn of<'c>(contents: impl IntoIterator<Item = &'c Content>) -> Self {
        let cid = |content: &Content| match content {
            Content::Include(cid) => Some(cid.clone()),
            Content::Inline(_) => None,
        };
        Self(contents.into_iter().filter_map(cid).collect())
    }

    /// The Content-ID by which the envelope refers to the part that has this one. A part to which
    /// nothing refers is a fault.
    ///
    /// Only the URL is written in percent (RFC 2392, 2). Where a header is, too, and nothing else has the
    /// name that it stands for, it is clear what is meant.
    pub fn take(&mut self, part: &str, tolerances: &mut Tolerances) -> Result<String, Fault> {
        if self.0.remove(part) {
            return Ok(part.to_owned());
        }
        let decoded = decode_cid(&format!("cid:{part}")).filter(|cid| self.0.remove(cid));
        let cid = decoded.ok_or_else(|| Fault::part_unreferred(part))?;
        tolerances.add(Tolerance::EncodedContentId);
        Ok(cid)
    }
}

/// Reads the documents of one message.
pub(crate) struct ContentReader<'l> {
    limits: &'l MessageLimits,
    seen: HashSet<String>,
    count: usize,
}

impl<'l> ContentReader<'l> {
    pub(crate) fn new(limits: &'l MessageLimits) -> Self {
        Self { limits, seen: HashSet::new(), count: 0 }
    }

    /// Reads the content of the xs:base64Binary element that the reader is in, to its end.
    pub(crate) fn read(
        &mut self,
        r: &mut Reader<'_>,
        tolerances: &mut Tolerances,
    ) -> Result<Content, Fault> {
        self.count += 1;
        if self.count > self.limits.parts {
            return Err(Fault::limit("limits.parts", self.limits.parts));
        }
        let mut include = None;
        let mut text = String::new();
        loop {
            match r.next_node().map_err(unreadable)? {
                Node::Text(run) => text.push_str(&run),
                Node::Element(e) if e.is(ns::XOP, "Include") && include.is_none() => {
                    include = Some(self.include(&e)?);
                    r.skip().map_err(unreadable)?;
                }
                Node::Element(_) => return Err(not_alone()),
                Node::End => break,
            }
        }
        match include {
            // XOP 1.0, 3.2: the element has xop:Include as its only child.
            Some(_) if !text.trim_ascii().is_empty() => Err(not_alone()),
            Some(cid) => Ok(Content::Include(cid)),
            None => {
                tolerances.add(Tolerance::InlineBase64);
                self.decode(text).map(Content::Inline)
            }
        }
    }

    fn include(&mut self, include: &Element) -> Result<String, Fault> {
        let cid = include
            .attr("href")
            .and_then(decode_cid)
            .ok_or_else(|| Fault::of(&rows::INCLUDE_HREF, &[]))?;
        if !self.seen.insert(cid.clone()) {
            return Err(Fault::of(&rows::INCLUDE_TWICE, &[]));
        }
        Ok(cid)
    }

    fn decode(&self, text: String) -> Result<Vec<u8>, Fault> {
        let blank = |c: &u8| matches!(c, b' ' | b'\t' | b'\r' | b'\n');
        let symbols = text.bytes().filter(|c| !blank(c) && *c != b'=').count();
        let limit = self.limits.inline_document_bytes;
        // Four symbols are three octets; measured before anything is allocated for them.
        if symbols.saturating_mul(3) / 4 > limit {
            return Err(Fault::limit("limits.inline_document_bytes", limit));
        }
        let mut symbols = text.into_bytes();
        symbols.retain(|c| !blank(c));
        STANDARD.decode(symbols).map_err(|_| Fault::of(&rows::INLINE_MALFORMED, &[]))
    }
}

fn not_alone() -> Fault {
    Fault::of(&rows::INCLUDE_NOT_ALONE, &[])
}

/// Writes xop:Include with its namespace.
pub(crate) fn write_include(w: &mut Writer, cid: &str) {
    w.start("xop:Include").attr("xmlns:xop", ns::XOP).attr("href", &encode_cid(cid)).end();
}
