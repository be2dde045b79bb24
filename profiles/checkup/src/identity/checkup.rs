//! One checkup of one person as its source knows it: what all its versions have in common.

use uuid::Uuid;

use super::encoding::encode;
use crate::Record;
use crate::hash::Sha256Hex;

/// A checkup, known by its source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkup(Vec<u8>);

impl Checkup {
    /// The checkup that a record of this source tells of. A checkup that the institution has numbered
    /// stays the same one when its day or its programme is corrected; without a number another day is
    /// another checkup. One source may send for several institutions, each with numbers of its own.
    pub fn of(record: &Record, report_no: Option<&str>, source_id: &str) -> Self {
        let mut encoded = encode("source", [source_id]);
        encoded.extend(by_institution(record, report_no));
        Self(encoded)
    }

    /// What the versions of the checkup are found by: 64 hexadecimal digits.
    pub fn reference(&self) -> String {
        Sha256Hex::of(&self.0).to_string()
    }

    /// The document in a `slot` (format and audience) whose content has this `key`; `generation` counts
    /// how often the same content came back after it had been replaced.
    pub fn document(&self, slot: &str, key: &str, generation: u32) -> Uuid {
        self.name("document", &[slot, key, &generation.to_string()])
    }

    /// The submission that brings these documents.
    pub fn submission<'a>(&self, documents: impl IntoIterator<Item = &'a str>) -> Uuid {
        let documents: Vec<&str> = documents.into_iter().collect();
        self.name("submission", &documents)
    }

    fn name(&self, purpose: &str, fields: &[&str]) -> Uuid {
        let mut name = self.0.clone();
        name.extend(encode(purpose, fields.iter().copied()));
        Uuid::new_v5(&Uuid::NAMESPACE_OID, &name)
    }
}

/// The checkup as its institution knows it.
pub(super) fn by_institution(record: &Record, report_no: Option<&str>) -> Vec<u8> {
    let institution = record.get("inst_no");
    match given(report_no) {
        Some(number) => encode("checkup by number", [institution, number]),
        None => {
            let items = ["patient_id", "exam_date", "program_code"].map(|id| record.get(id));
            encode("checkup by day", std::iter::once(institution).chain(items))
        }
    }
}

/// The number, unless the cell was blank.
pub(super) fn given(report_no: Option<&str>) -> Option<&str> {
    report_no.map(str::trim).filter(|number| !number.is_empty())
}
