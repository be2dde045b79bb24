//! What the fuzzers share: an input that is a text, and an XML message in it.

use renkei_soap::xml::{Element, Reader, XmlLimits};

/// The input as text, and nothing for what no reader would be given.
pub fn text(data: &[u8]) -> Option<&str> {
    std::str::from_utf8(data).ok()
}

/// Opens the root of an XML text and hands the reader, inside it, to `read`.
pub fn inside<T>(text: &str, read: impl FnOnce(&mut Reader<'_>, &Element) -> T) -> Option<T> {
    let mut reader = Reader::new(text, XmlLimits::default());
    let root = reader.root().ok()?;
    Some(read(&mut reader, &root))
}
