//! Identifiers derived from what they name, so that a repeat is recognised without local state.

use renkei_checkup::Record;
use renkei_metadata::ids::{Invalid, Oid, UniqueId};
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// The root of the project's code systems and identifiers; a real affinity domain has its own arc.
pub const PROJECT_ROOT: &str = "2.25.185732698166007113028036616671757965052";

/// CXi type of the reference id that carries the record's SHA-256.
const RECORD_HASH: &str = "urn:kcsv:record-sha256";
/// CXi type of the reference id that all versions of one checkup share.
const CHECKUP: &str = "urn:kcsv:checkup";

/// One checkup of one person as its source knows it: what all its versions have in common.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkup {
    source_id: Oid,
    institution: String,
    patient: String,
    date: String,
    programme: String,
}

impl Checkup {
    /// The checkup that a record tells of.
    pub fn of(record: &Record, source_id: &Oid) -> Self {
        Self {
            source_id: source_id.clone(),
            institution: record.get("inst_no").to_owned(),
            patient: record.get("patient_id").to_owned(),
            date: record.get("exam_date").to_owned(),
            programme: record.get("program_code").to_owned(),
        }
    }

    /// The reference id that finds every version of this checkup.
    pub fn reference_id(&self) -> String {
        let key = hex::encode(Sha256::digest(self.identity()));
        format!("{key}^^^&{PROJECT_ROOT}.9&ISO^{CHECKUP}")
    }

    /// The uniqueId of the document in a `slot` (format and audience) whose content has this `key`;
    /// `generation` counts how often the same content came back after it had been replaced.
    pub fn document_id(&self, slot: &str, key: &str, generation: u32) -> UniqueId {
        let mut name = format!("{}|{key}|{slot}", self.identity());
        if generation > 0 {
            name.push_str(&format!("|{generation}"));
        }
        derived(&name).into()
    }

    /// The uniqueId of the submission set that brings these documents.
    pub fn submission_id<'a>(&self, documents: impl Iterator<Item = &'a UniqueId>) -> Oid {
        let documents: Vec<&str> = documents.map(UniqueId::as_str).collect();
        derived(&format!("{}|set|{}", self.identity(), documents.join("|")))
    }

    fn identity(&self) -> String {
        // One source may send for several institutions, each with patient numbers of its own.
        let institution = self.institution.as_str();
        [self.source_id.as_str(), institution, &self.patient, &self.date, &self.programme].join("|")
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

fn derived(name: &str) -> Oid {
    Oid::from_uuid(Uuid::new_v5(&Uuid::NAMESPACE_OID, name.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checkup() -> Checkup {
        Checkup {
            source_id: default_source_id("1319900013").unwrap(),
            institution: "1319900013".into(),
            patient: "P1".into(),
            date: "2025-05-12".into(),
            programme: "030".into(),
        }
    }

    #[test]
    fn slot_content_and_generation_make_the_document() {
        let checkup = checkup();
        let first = checkup.document_id("f|FULL", "a", 0);
        assert_eq!(first, checkup.document_id("f|FULL", "a", 0));
        for (slot, key, generation) in [("f|FULL", "b", 0), ("f|STAT", "a", 0), ("f|FULL", "a", 1)]
        {
            assert_ne!(first, checkup.document_id(slot, key, generation));
        }
    }

    #[test]
    fn institutions_that_share_a_source_do_not_meet() {
        let elsewhere = Checkup { institution: "1419900011".into(), ..checkup() };
        assert_ne!(checkup().reference_id(), elsewhere.reference_id());
    }
}
