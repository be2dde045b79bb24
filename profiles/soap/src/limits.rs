//! The bounds of one message. Each has the name of its setting, which a refusal shows.

use crate::xml::XmlLimits;

/// What one message may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MessageLimits {
    /// `limits.root_bytes`: the SOAP envelope, in bytes; it is held in memory.
    pub root_bytes: usize,
    /// `limits.parts`: parts of one multipart message, the root included.
    pub parts: usize,
    /// `limits.part_header_bytes`: the header block of one part, and likewise the preamble, the
    /// epilogue and the `Content-Type` of the message, in bytes.
    pub part_header_bytes: usize,
    /// `limits.message_bytes`: the whole entity, in bytes.
    pub message_bytes: u64,
    /// `limits.inline_document_bytes`: a document inside the envelope, in bytes after decoding.
    pub inline_document_bytes: usize,
    /// `limits.removals`: objects or documents that one request may remove.
    pub removals: usize,
    /// Limits of the envelope as XML.
    pub xml: XmlLimits,
}

impl Default for MessageLimits {
    fn default() -> Self {
        Self {
            root_bytes: 32 << 20,
            parts: 1000,
            part_header_bytes: 8 << 10,
            message_bytes: 2 << 30,
            inline_document_bytes: 16 << 20,
            removals: 10_000,
            xml: XmlLimits::default(),
        }
    }
}
