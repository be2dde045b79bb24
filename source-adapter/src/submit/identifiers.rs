//! Identifiers derived from what they name, so that a repeat is recognised without local state.

use renkei_checkup::{Record, identity};
use renkei_metadata::ids::{Invalid, Oid, UniqueId};

/// The root of the project's code systems and identifiers; a real affinity domain has its own arc.
pub const PROJECT_ROOT: &str = "2.25.185732698166007113028036616671757965052";

/// CXi type of the reference id that carries the record's SHA-256.
const RECORD_HASH: &str = "urn:kcsv:record-sha256";
/// CXi type of the reference id that all versions of one checkup share.
const CHECKUP: &str = "urn:kcsv:checkup";

/// One checkup of one person as its source knows it: what all its versions have in common.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkup(identity::Checkup);

impl Checkup {
    /// The checkup that a record tells of; `report_no` is the institution's own number of it.
    pub fn of(record: &Record, report_no: Option<&str>, source_id: &Oid) -> Self {
        Self(identity::Checkup::of(record, report_no, source_id.as_str()))
    }

    /// The reference id that finds every version of this checkup.
    pub fn reference_id(&self) -> String {
        format!("{}^^^&{PROJECT_ROOT}.9&ISO^{CHECKUP}", self.0.reference())
    }

    /// The uniqueId of the document in a `slot` (format and audience) whose content has this `key`;
    /// `generation` counts how often the same content came back after it had been replaced.
    pub fn document_id(&self, slot: &str, key: &str, generation: u32) -> UniqueId {
        Oid::from_uuid(self.0.document(slot, key, generation)).into()
    }

    /// The uniqueId of the submission set that brings these documents.
    pub fn submission_id<'a>(&self, documents: impl Iterator<Item = &'a UniqueId>) -> Oid {
        Oid::from_uuid(self.0.submission(documents.map(UniqueId::as_str)))
    }
}

/// The reference id that carries a record's hash, by which whoever holds the record finds it.
pub(super) fn record_reference(sha256: &str) -> String {
    format!("{sha256}^^^&{PROJECT_ROOT}.9&ISO^{RECORD_HASH}")
}

/// The sourceId of an institution's system when none is configured. The 1 before the institution
/// number keeps the arc free of a leading zero.
pub fn default_source_id(institution: &str) -> Result<Oid, Invalid> {
    Oid::parse(&format!("{PROJECT_ROOT}.10.1{institution}"))
}
