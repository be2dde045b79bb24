//! Objects as rows: pure functions, so that whoever loads objects in bulk makes the same rows.
//!
//! Everything that needs no database is done here, on the caller's thread: the one writer has others
//! waiting.

use super::columns::{EncryptedColumn, framed};
use super::key::{Id, Key};
use super::schema::{document_entry, folder, fragment, submission_set};
use super::vault::Vault;
use super::{availability_number, status_number, type_number};
use crate::change::lifecycle::State;
use diesel::Insertable;
use renkei_context::Labels;
use renkei_metadata::fragment::Fragment;
use renkei_metadata::ids::{Dtm, Sha1Hash};
use renkei_metadata::model::{
    Author, AvailabilityStatus, Code, DocumentAvailability, DocumentEntry, Folder, ObjectKind,
    RegistryObject, SubmissionSet,
};
use renkei_metadata::organization;
use renkei_sealing::SealError;
use renkei_xds::catalogue::{CodeAttribute, TextAttribute, comparable};
use std::collections::BTreeSet;

/// Which version of what a new object is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Version {
    /// logicalID.
    pub(crate) lid: Id,
    pub(crate) number: i32,
    pub(crate) state: State,
}

impl Version {
    /// The first version of an object is its own logicalID (ITI TF-2: 3.57.4.1.3.1).
    pub(crate) const fn first(id: Id) -> Self {
        Self { lid: id, number: 1, state: State::Approved }
    }
}

/// The ebRIM of an object.
#[derive(Debug, Insertable)]
#[diesel(table_name = fragment)]
pub(crate) struct FragmentRow {
    key: Key,
    sealed: Vec<u8>,
}

/// A DocumentEntry, but for the patient it is filed under.
#[derive(Debug, Insertable)]
#[diesel(table_name = document_entry, treat_none_as_default_value = false)]
pub(crate) struct EntryRow {
    pub(super) key: Key,
    pub(super) id: Id,
    pub(super) unique_id: String,
    lid: Id,
    version: i32,
    latest: i16,
    status: i16,
    object_type: i16,
    availability: i16,
    home: Option<String>,
    repository: String,
    hash: Option<Vec<u8>>,
    size: Option<i64>,
    class_code: Option<String>,
    type_code: Option<String>,
    practice_setting_code: Option<String>,
    facility_type_code: Option<String>,
    format_code: Option<String>,
    event_codes: Option<String>,
    confidentiality_codes: Option<String>,
    creation_time: Option<String>,
    service_start: Option<String>,
    service_stop: Option<String>,
    author_institution: Option<String>,
    recipient: Option<String>,
    audience: Option<String>,
    author_persons: Option<Vec<u8>>,
    reference_ids: Option<Vec<u8>>,
    submitter: Option<String>,
}

/// A SubmissionSet, but for the patient it is filed under.
#[derive(Debug, Insertable)]
#[diesel(table_name = submission_set, treat_none_as_default_value = false)]
pub(crate) struct SetRow {
    pub(super) key: Key,
    pub(super) id: Id,
    pub(super) unique_id: String,
    status: i16,
    home: Option<String>,
    source_id: String,
    submission_time: String,
    content_type_code: Option<String>,
    author_institution: Option<String>,
    recipient: Option<String>,
    audience: Option<String>,
    author_persons: Option<Vec<u8>>,
    submitter: Option<String>,
}

/// Where a document comes from, which none of its own attributes say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Origin {
    /// To whom its SubmissionSet was sent, framed.
    pub(crate) recipient: Option<String>,
    /// The node that submitted it; `None` for the house itself.
    pub(crate) submitter: Option<String>,
}

impl Origin {
    /// That of what `submitter` sent in `set`.
    pub(crate) fn of(set: &SubmissionSet, submitter: Option<&str>) -> Self {
        Self { recipient: recipients(set), submitter: submitter.map(str::to_owned) }
    }

    /// That of a new version which came in `set`: whoever knew of the document still does, whoever
    /// updated it.
    pub(crate) fn of_version(&self, set: &SubmissionSet) -> Self {
        let values = |framed: &Option<String>| {
            let framed = framed.clone().unwrap_or_default();
            framed.split('\n').filter(|v| !v.is_empty()).map(str::to_owned).collect::<BTreeSet<_>>()
        };
        let all: BTreeSet<String> = &values(&self.recipient) | &values(&recipients(set));
        Self { recipient: framed(all), submitter: self.submitter.clone() }
    }
}

/// A Folder, but for the patient it is filed under.
#[derive(Debug, Insertable)]
#[diesel(table_name = folder, treat_none_as_default_value = false)]
pub(crate) struct FolderRow {
    pub(super) key: Key,
    pub(super) id: Id,
    pub(super) unique_id: String,
    lid: Id,
    pub(super) version: i32,
    latest: i16,
    status: i16,
    home: Option<String>,
    codes: Option<String>,
    last_update_time: String,
}

/// Seals the ebRIM of an object whose ids are final.
pub(crate) fn fragment(
    vault: &Vault,
    key: Key,
    kind: ObjectKind,
    object: &RegistryObject,
) -> Result<FragmentRow, SealError> {
    let sealed = vault.seal_fragment(kind, key, &Fragment::of(object))?;
    Ok(FragmentRow { key, sealed })
}

impl EntryRow {
    /// The row of a version of `e`, which comes from `origin`.
    pub(crate) fn new(
        vault: &Vault,
        (key, id): (Key, Id),
        version: Version,
        e: &DocumentEntry,
        origin: &Origin,
    ) -> Result<Self, SealError> {
        let kind = ObjectKind::DocumentEntry;
        let compared = |id: &String| TextAttribute::ReferenceId.compared(id).into_owned();
        let references: Vec<String> = e.reference_ids.iter().map(compared).collect();
        Ok(Self {
            key,
            id,
            unique_id: e.unique_id.as_str().to_owned(),
            lid: version.lid,
            version: version.number,
            latest: i16::from(version.state.is_latest()),
            status: status_number(version.state.status()),
            object_type: type_number(e.object_type),
            availability: availability_number(
                e.availability.unwrap_or(DocumentAvailability::Online),
            ),
            home: e.home.as_ref().map(|h| h.as_str().to_owned()),
            // Without a repository the rules refuse a stable document (ITI TF-3: Table 4.3.1-3).
            repository: e.repository.as_ref().map_or("", |r| r.as_str()).to_owned(),
            hash: e.hash.as_ref().map(digest),
            size: e.size.map(stored_size),
            class_code: e.class_code.as_ref().map(code_key),
            type_code: e.type_code.as_ref().map(code_key),
            practice_setting_code: e.practice_setting_code.as_ref().map(code_key),
            facility_type_code: e.facility_type_code.as_ref().map(code_key),
            format_code: e.format_code.as_ref().map(code_key),
            event_codes: framed(e.event_codes.iter().map(Code::key)),
            confidentiality_codes: framed(e.confidentiality_codes.iter().map(Code::key)),
            creation_time: e.creation_time.as_ref().map(Dtm::lowest),
            service_start: e.service_start.as_ref().map(Dtm::lowest),
            service_stop: e.service_stop.as_ref().map(Dtm::lowest),
            author_institution: institutions(&e.authors),
            recipient: origin.recipient.clone(),
            audience: audience([e]),
            author_persons: vault.seal_values(
                kind,
                EncryptedColumn::AuthorPersons.name(),
                key,
                persons(&e.authors),
            )?,
            reference_ids: vault.seal_values(
                kind,
                EncryptedColumn::ReferenceIds.name(),
                key,
                references.iter().map(String::as_str),
            )?,
            submitter: origin.submitter.clone(),
        })
    }
}

impl EntryRow {
    /// The codes by which documents of all patients are found.
    pub(crate) fn leading_codes(&self) -> [(CodeAttribute, Option<&str>); 3] {
        [
            (CodeAttribute::Class, self.class_code.as_deref()),
            (CodeAttribute::FacilityType, self.facility_type_code.as_deref()),
            (CodeAttribute::Event, self.event_codes.as_deref()),
        ]
    }
}

impl SetRow {
    /// The row of `set`; what its entries say of their audience is said of it, too.
    pub(crate) fn new(
        vault: &Vault,
        (key, id): (Key, Id),
        set: &SubmissionSet,
        entries: &[DocumentEntry],
        submitter: Option<&str>,
    ) -> Result<Self, SealError> {
        Ok(Self {
            key,
            id,
            unique_id: set.unique_id.as_str().to_owned(),
            status: status_number(AvailabilityStatus::Approved),
            home: set.home.as_ref().map(|h| h.as_str().to_owned()),
            source_id: set.source_id.as_str().to_owned(),
            submission_time: set.submission_time.lowest(),
            content_type_code: set.content_type_code.as_ref().map(code_key),
            author_institution: institutions(&set.authors),
            recipient: recipients(set),
            audience: audience(entries),
            author_persons: vault.seal_values(
                ObjectKind::SubmissionSet,
                EncryptedColumn::AuthorPersons.name(),
                key,
                persons(&set.authors),
            )?,
            submitter: submitter.map(str::to_owned),
        })
    }
}

impl FolderRow {
    /// The row of a version of `folder`, which is entered or changed `now`, 14 digits.
    pub(crate) fn new((key, id): (Key, Id), version: Version, folder: &Folder, now: &str) -> Self {
        Self {
            key,
            id,
            unique_id: folder.unique_id.as_str().to_owned(),
            lid: version.lid,
            version: version.number,
            latest: i16::from(version.state.is_latest()),
            status: status_number(version.state.status()),
            home: folder.home.as_ref().map(|h| h.as_str().to_owned()),
            codes: framed(folder.codes.iter().map(Code::key)),
            last_update_time: now.to_owned(),
        }
    }
}

impl FolderRow {
    /// The codes by which folders of all patients are found.
    pub(crate) fn leading_codes(&self) -> [(CodeAttribute, Option<&str>); 1] {
        [(CodeAttribute::Folder, self.codes.as_deref())]
    }
}

/// The persons among the authors.
pub(crate) fn persons(authors: &[Author]) -> impl Iterator<Item = &str> {
    authors.iter().filter_map(|a| a.person.as_deref())
}

/// The organizations of the authors, framed.
pub(super) fn institutions(authors: &[Author]) -> Option<String> {
    framed(authors.iter().flat_map(|a| &a.institutions).filter_map(|i| organization::id_of(i)))
}

/// The organizations among intendedRecipient values `XON|XCN|XTN`, framed. Persons are left out.
pub(super) fn recipients(set: &SubmissionSet) -> Option<String> {
    let xon = |v: &String| organization::id_of(v.split('|').next().unwrap_or_default());
    framed(set.intended_recipients.iter().filter_map(xon))
}

/// The codes that say for whom the documents are meant, framed, each once.
pub(super) fn audience<'a>(entries: impl IntoIterator<Item = &'a DocumentEntry>) -> Option<String> {
    let codes = entries.into_iter().flat_map(DocumentEntry::audience);
    let mut keys: Vec<String> = codes.map(Code::key).collect();
    keys.sort_unstable();
    keys.dedup();
    framed(keys)
}

/// What `entry`, submitted in `set`, carries to say who may know of it: the labels that its columns
/// hold, for whoever decides on an entry in memory. Which node submitted it is in none of its attributes.
pub fn labels(entry: &DocumentEntry, set: &SubmissionSet) -> Labels {
    let values = |framed: Option<String>| {
        let framed = framed.unwrap_or_default();
        framed.split('\n').filter(|v| !v.is_empty()).map(str::to_owned).collect()
    };
    Labels {
        recipients: values(recipients(set)),
        institutions: values(institutions(&entry.authors)),
        audiences: values(audience([entry])),
        submitters: BTreeSet::new(),
        repositories: entry.repository.iter().map(|id| id.as_str().to_owned()).collect(),
    }
}

fn code_key(code: &Code) -> String {
    comparable(&code.key()).into_owned()
}

/// The octets of a hash.
pub(crate) fn digest(hash: &Sha1Hash) -> Vec<u8> {
    // The type holds 40 hexadecimal digits and nothing else.
    hex::decode(hash.as_str()).unwrap_or_default()
}

/// No document of more than 8 EiB has been seen.
pub(crate) fn stored_size(size: u64) -> i64 {
    i64::try_from(size).unwrap_or(i64::MAX)
}
