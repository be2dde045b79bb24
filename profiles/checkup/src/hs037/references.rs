//! `fullUrl`s: version-5 UUIDs, so that the same checkup gives the same document.

use uuid::Uuid;

use crate::record::Record;

/// The URLs of one document.
pub(super) struct References {
    prefix: String,
}

impl References {
    /// The URLs are named after the checkup: institution, insured person, day.
    pub(super) fn of(record: &Record) -> Self {
        let parts = ["inst_no", "insurer_no", "card_number", "exam_date"];
        let mut prefix = String::new();
        for id in parts {
            prefix.push_str(record.get(id));
            prefix.push('|');
        }
        Self { prefix }
    }

    /// The URL of a place in the document.
    pub(super) fn url(&self, slot: &str) -> String {
        let name = format!("{}{slot}", self.prefix);
        format!("urn:uuid:{}", Uuid::new_v5(&Uuid::NAMESPACE_OID, name.as_bytes()))
    }
}
