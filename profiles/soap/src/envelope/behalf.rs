//! On whose behalf a request is made. A repository that asks a registry in another process is known there by its own
//! certificate; who asked it first stands in a header block of ours, which nobody has to understand (SOAP 1.2 Part 1:
//! 5.2.3).

use super::{HeaderBlock, HeaderBlocks, HeaderElement};
use crate::fault::Fault;
use crate::xml::{Reader, Writer, XmlError, XmlLimits};

/// The namespace of the block.
pub const ON_BEHALF: &str = "urn:renkei:on-behalf:1.0";

const NAME: &str = "OnBehalfOf";
const FOR: &str = "for";
const CHANGE: &str = "change";

/// The block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OnBehalfOf {
    /// The name of the node that asked first.
    pub node: String,
    /// Whether what is asked for is what the node may change, and not what it may know of.
    pub to_change: bool,
}

impl OnBehalfOf {
    /// The header block of a message that is sent.
    ///
    /// # Errors
    /// Where the name holds what XML does not.
    pub fn header(&self) -> Result<HeaderElement, XmlError> {
        let mut w = Writer::new();
        w.start("b:OnBehalfOf").attr("xmlns:b", ON_BEHALF);
        if self.to_change {
            w.attr(FOR, CHANGE);
        }
        w.text(&self.node);
        HeaderElement::parse(&w.finish())
    }

    /// Reads it from a message that came; `reader` is the one of the envelope. `None` where nothing of ours is there.
    ///
    /// # Errors
    /// The fault of who may not speak for anybody, where there is anything of this namespace but one block that can be
    /// read: what is not understood may be what narrows the request.
    pub fn in_header(reader: &Reader<'_>, blocks: &HeaderBlocks) -> Result<Option<Self>, Fault> {
        let mut ours = blocks.iter().filter(|block| block.name.namespace == ON_BEHALF);
        match (ours.next(), ours.next()) {
            (None, _) => Ok(None),
            (Some(block), None) if block.name.local == NAME => {
                let read = Self::read(reader, blocks, block).ok().flatten();
                read.map(Some).ok_or_else(Fault::not_spoken_for)
            }
            (Some(_), _) => Err(Fault::not_spoken_for()),
        }
    }

    fn read(
        reader: &Reader<'_>,
        blocks: &HeaderBlocks,
        block: &HeaderBlock,
    ) -> Result<Option<Self>, XmlError> {
        let xml = blocks.alone(reader, block);
        let mut r = Reader::new(&xml, XmlLimits::default());
        r.root()?;
        let Some(element) = r.next_child()? else { return Ok(None) };
        let to_change = match element.attr(FOR) {
            None => false,
            Some(CHANGE) => true,
            Some(_) => return Ok(None),
        };
        let node = r.value()?;
        Ok((!node.is_empty()).then_some(Self { node, to_change }))
    }
}
