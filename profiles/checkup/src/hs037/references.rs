//! `fullUrl`s: version-5 UUIDs, so that the same checkup gives the same document.

use uuid::Uuid;

use super::View;
use super::insurance::insurer_number;
use crate::record::Record;

/// The URLs of one document.
pub(super) struct References {
    prefix: String,
}

impl References {
    /// The URLs are named after the checkup: institution, insured person, day. Where the document
    /// shows no insurance, the person is known by the institution's number: a name made of a hidden
    /// number could be used to guess it.
    pub(super) fn of(record: &Record, view: View) -> Self {
        let is_insured = ["insurer_no", "card_number"].iter().all(|id| !record.get(id).is_empty());
        let parts: &[&str] = match view {
            View::Full if is_insured => &["inst_no", "insurer_no", "card_number", "exam_date"],
            View::Full | View::Statutory => &["inst_no", "patient_id", "exam_date"],
        };
        // the same resource with more in it is another one
        let mut prefix = match view {
            View::Full => String::new(),
            View::Statutory => "stat|".to_owned(),
        };
        for id in parts {
            match *id {
                "insurer_no" => prefix.push_str(&insurer_number(record.get(id))),
                id => prefix.push_str(record.get(id)),
            }
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
