//! The documents of a submission as they are sent.

use renkei_soap::document::Body;

/// One document of a submission.
pub struct Attachment {
    /// The id of its DocumentEntry in the submission.
    pub entry_id: String,
    /// Its media type.
    pub mime_type: String,
    /// Its octets.
    pub body: Body,
}

impl Attachment {
    /// The same once more, if it is in memory.
    pub(crate) fn again(&self) -> Option<Self> {
        let Body::Bytes(bytes) = &self.body else { return None };
        Some(Self {
            entry_id: self.entry_id.clone(),
            mime_type: self.mime_type.clone(),
            body: Body::Bytes(bytes.clone()),
        })
    }
}
