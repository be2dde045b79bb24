//! Header blocks as they stand in the envelope, so that what is inside one, or a signature over it, can
//! be read later (SOAP 1.2 Part 1, 5.2.1; WS-Security 1.1.1, 5).

use crate::fault::{Fault, QName, rows};
use crate::xml::{Element, Reader, Writer, XmlError, XmlLimits};
use std::ops::Range;

/// The most blocks an envelope may have for one receiver; the profiles know fewer than ten.
const MOST: usize = 64;

/// A header block that is meant for us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeaderBlock {
    /// Its name.
    pub name: QName,
    /// `soap12:mustUnderstand`.
    pub must_understand: bool,
    /// The bytes from its start tag to its end tag; [`Reader::span`](crate::xml::Reader::span) gives
    /// them. What prefixes in it stand for may be declared around it: [`HeaderBlocks::namespaces`].
    pub span: Range<usize>,
}

/// The header blocks that are meant for us, in the order in which they came.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HeaderBlocks {
    blocks: Vec<HeaderBlock>,
    /// Prefix (empty for the default namespace) and namespace, as declared on the Envelope and the
    /// Header.
    pub namespaces: Vec<(String, String)>,
}

impl HeaderBlocks {
    /// All blocks.
    pub fn iter(&self) -> impl Iterator<Item = &HeaderBlock> {
        self.blocks.iter()
    }

    /// The blocks of this name. Whoever reads one that may occur once has to look for a second.
    pub fn named<'a>(
        &'a self,
        namespace: &'a str,
        local: &'a str,
    ) -> impl Iterator<Item = &'a HeaderBlock> {
        self.iter().filter(move |b| b.name.local == local && b.name.namespace == namespace)
    }

    /// A block as XML that can be read without the envelope: the child of an element that declares what was declared
    /// around the block. `reader` is the one of the envelope.
    pub fn alone(&self, reader: &Reader<'_>, block: &HeaderBlock) -> String {
        let mut w = Writer::new();
        w.start("block");
        let declared = self.namespaces.iter();
        for (prefix, namespace) in declared.filter(|(p, _)| p != "xml" && p != "xmlns") {
            let name =
                if prefix.is_empty() { "xmlns".to_owned() } else { format!("xmlns:{prefix}") };
            w.attr(&name, namespace);
        }
        w.raw(reader.span(block.span.clone()).unwrap_or_default());
        w.finish()
    }

    pub(super) fn within(namespaces: Vec<(String, String)>) -> Self {
        Self { blocks: Vec::new(), namespaces }
    }

    pub(super) fn add(
        &mut self,
        block: &Element,
        must_understand: bool,
        end: usize,
    ) -> Result<(), Fault> {
        if self.blocks.len() >= MOST {
            return Err(Fault::of(&rows::HEADER_BLOCKS, &[("max", &MOST.to_string())]));
        }
        let name = QName { namespace: block.namespace.to_string(), local: block.local.clone() };
        self.blocks.push(HeaderBlock { name, must_understand, span: block.offset..end });
        Ok(())
    }
}

/// An element for the header of a message that is sent, as XML that needs nothing around it.
#[derive(Clone, PartialEq, Eq)]
pub struct HeaderElement(String);

impl HeaderElement {
    /// Takes one element that declares every prefix it uses. It goes out octet by octet as it is here, so
    /// that a signature over it stays true.
    ///
    /// # Errors
    /// When it is not one well-formed element.
    pub fn parse(xml: &str) -> Result<Self, XmlError> {
        let mut reader = Reader::new(xml, XmlLimits::default());
        let start = reader.root()?.offset;
        while reader.depth() > 0 {
            reader.next_node()?;
        }
        let element = reader.span(start..reader.end()).unwrap_or_default().to_owned();
        reader.finish()?;
        Ok(Self(element))
    }

    /// The element.
    pub fn as_xml(&self) -> &str {
        &self.0
    }
}

// It may be an assertion, which says who somebody is.
impl std::fmt::Debug for HeaderElement {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("HeaderElement")
    }
}
