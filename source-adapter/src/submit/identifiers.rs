//! Identifiers derived from what they name, so that a repeat is recognised without local state.

use super::domain::Domain;
use renkei_checkup::{Record, identity};
use renkei_metadata::ids::{Oid, UniqueId};
use renkei_metadata::model::DocumentEntry;

/// CXi type of the reference id that carries the record's SHA-256.
const RECORD_HASH: &str = "urn:kcsv:record-sha256";
/// CXi type of the reference id that all versions of one person's checkup of one day share.
const CHECKUP: &str = "urn:kcsv:checkup";
/// CXi type of the reference id that all versions of a checkup share to which the institution gave a
/// number, whatever day it is entered under.
const REPORT_NO: &str = "urn:kcsv:report-no";

/// One checkup of one person as its source knows it: what all its versions have in common.
///
/// By the institution's own number of it, where there is one: then its day and programme may be
/// corrected. Else by the person, the day and the programme.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkup {
    by_day: identity::Checkup,
    /// Whether the day is one of a person who has a number there.
    has_person: bool,
    by_number: Option<identity::Checkup>,
    authority: String,
}

impl Checkup {
    /// The checkup that a record tells of; `report_no` is the institution's own number of it, empty if
    /// there is none.
    pub fn of(record: &Record, report_no: &str, source_id: &Oid, domain: &Domain) -> Self {
        let by = |number| identity::Checkup::of(record, number, source_id.as_str());
        Self {
            by_day: by(None),
            has_person: !record.get("patient_id").trim().is_empty(),
            by_number: (!report_no.trim().is_empty()).then(|| by(Some(report_no))),
            authority: domain.reference_authority(),
        }
    }

    /// Whether the institution gave it a number of its own.
    pub fn is_numbered(&self) -> bool {
        self.by_number.is_some()
    }

    /// The reference ids of every version: the one of the day, and the one of the number, if any.
    pub fn reference_ids(&self) -> impl Iterator<Item = String> {
        let by_number = self.by_number.as_ref().map(|c| self.reference(c, REPORT_NO));
        std::iter::once(self.reference(&self.by_day, CHECKUP)).chain(by_number)
    }

    /// Whether an entry is one of a version of this checkup. Where both have a number, the number
    /// says so: two numbers are two checkups, even of one day.
    pub fn is_version(&self, entry: &DocumentEntry) -> bool {
        self.same_number(entry).unwrap_or_else(|| self.is_same_day(entry))
    }

    /// The same of an entry that may be anybody's. What has neither a number nor a person who has one is
    /// known again within one patient alone.
    pub fn is_version_of_anybody(&self, entry: &DocumentEntry) -> bool {
        let by_day = || self.has_person && self.is_same_day(entry);
        self.same_number(entry).unwrap_or_else(by_day)
    }

    /// Whether an entry has the institution's number of this checkup; nothing where one of the two has none.
    pub fn same_number(&self, entry: &DocumentEntry) -> Option<bool> {
        let numbers = self.cxi("", REPORT_NO);
        let theirs = entry.reference_ids.iter().find(|id| id.ends_with(&numbers))?;
        let own = self.by_number.as_ref()?;
        Some(*theirs == self.reference(own, REPORT_NO))
    }

    fn is_same_day(&self, entry: &DocumentEntry) -> bool {
        entry.reference_ids.contains(&self.reference(&self.by_day, CHECKUP))
    }

    /// The uniqueId of the document in a `slot` (format and audience) whose content has this `key`;
    /// `generation` counts how often the same content came back after it had been replaced.
    ///
    /// Day and programme stand in the metadata: under another one even a document with the same
    /// content, such as a row whose programme the mapping says, is another.
    pub fn document_id(&self, slot: &str, key: &str, generation: u32) -> UniqueId {
        let uuid = match &self.by_number {
            None => self.by_day.document(slot, key, generation),
            Some(numbered) => {
                let key = format!("{key}|{}", self.by_day.reference());
                numbered.document(slot, &key, generation)
            }
        };
        Oid::from_uuid(uuid).into()
    }

    /// The uniqueId of the submission set that brings these documents.
    pub fn submission_id<'a>(&self, documents: impl Iterator<Item = &'a UniqueId>) -> Oid {
        Oid::from_uuid(self.key().submission(documents.map(UniqueId::as_str)))
    }

    /// A checkup that got a number later has other documents from then on, so that each tells it.
    fn key(&self) -> &identity::Checkup {
        self.by_number.as_ref().unwrap_or(&self.by_day)
    }

    fn reference(&self, checkup: &identity::Checkup, kind: &str) -> String {
        self.cxi(&checkup.reference(), kind)
    }

    fn cxi(&self, id: &str, kind: &str) -> String {
        cxi(id, &self.authority, kind)
    }
}

/// The reference id that carries a record's hash, by which whoever holds the record finds it.
pub(super) fn record_reference(sha256: &str, domain: &Domain) -> String {
    cxi(sha256, &domain.reference_authority(), RECORD_HASH)
}

/// CXi (ITI TF-3: Table 4.2.3.1.7-2).
fn cxi(id: &str, authority: &str, kind: &str) -> String {
    format!("{id}^^^&{authority}&ISO^{kind}")
}
