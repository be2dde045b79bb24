//! The rows of new objects, made before the one writer is asked: it has others waiting.

use crate::rules;
use crate::store::key::{Id, Key};
use crate::store::rows::{self, EntryRow, FolderRow, FragmentRow, Origin, SetRow, Version};
use crate::store::vault::Vault;
use renkei_metadata::finding::Finding;
use renkei_metadata::model::{
    Association, AssociationType, DocumentEntry, Folder, ObjectKind, RegistryObject, SubmissionSet,
    SubmissionSetStatus,
};
use renkei_sealing::SealError;

/// The two names of a new object.
pub(crate) type Names = (Key, Id);

/// A DocumentEntry.
#[derive(Debug)]
pub(crate) struct NewEntry {
    pub(crate) row: EntryRow,
    pub(crate) ebrim: FragmentRow,
    /// The keyed hashes of its reference ids.
    pub(crate) references: Vec<Vec<u8>>,
}

impl NewEntry {
    /// A version of `e`, which comes from `origin`.
    pub(crate) fn new(
        vault: &Vault,
        names: Names,
        version: Version,
        e: &DocumentEntry,
        origin: &Origin,
    ) -> Result<Self, SealError> {
        let object = RegistryObject::Entry(Box::new(e.clone()));
        let ebrim = rows::fragment(vault, names.0, ObjectKind::DocumentEntry, &object)?;
        let mut references: Vec<Vec<u8>> =
            e.reference_ids.iter().map(|id| vault.reference_hash(id)).collect();
        references.sort_unstable();
        references.dedup();
        Ok(Self { row: EntryRow::new(vault, names, version, e, origin)?, ebrim, references })
    }
}

/// A SubmissionSet.
#[derive(Debug)]
pub(crate) struct NewSet {
    pub(crate) row: SetRow,
    pub(crate) ebrim: FragmentRow,
}

impl NewSet {
    /// The rows of `set`, which brings `entries` and was sent by `submitter`.
    pub(crate) fn new(
        vault: &Vault,
        names: Names,
        set: &SubmissionSet,
        entries: &[DocumentEntry],
        submitter: Option<&str>,
    ) -> Result<Self, SealError> {
        let object = RegistryObject::SubmissionSet(Box::new(set.clone()));
        let ebrim = rows::fragment(vault, names.0, ObjectKind::SubmissionSet, &object)?;
        Ok(Self { row: SetRow::new(vault, names, set, entries, submitter)?, ebrim })
    }
}

/// A Folder.
#[derive(Debug)]
pub(crate) struct NewFolder {
    pub(crate) row: FolderRow,
    pub(crate) ebrim: FragmentRow,
}

impl NewFolder {
    /// A version of `folder`. Its lastUpdateTime is `now`, 14 digits, whatever it says itself (ITI
    /// TF-2: 3.42.4.1.3.6).
    pub(crate) fn new(
        vault: &Vault,
        names: Names,
        version: Version,
        folder: &Folder,
        now: &str,
    ) -> Result<Self, SealError> {
        let object = RegistryObject::Folder(Box::new(folder.clone()));
        let ebrim = rows::fragment(vault, names.0, ObjectKind::Folder, &object)?;
        Ok(Self { row: FolderRow::new(names, version, folder, now), ebrim })
    }
}

/// An Association, whose row waits for its ends.
#[derive(Debug)]
pub(crate) struct NewAssociation {
    pub(crate) names: Names,
    pub(crate) association_type: AssociationType,
    pub(crate) set_status: Option<SubmissionSetStatus>,
    pub(crate) home: Option<String>,
    pub(crate) ebrim: FragmentRow,
}

impl NewAssociation {
    pub(crate) fn new(vault: &Vault, names: Names, a: &Association) -> Result<Self, SealError> {
        let object = RegistryObject::Association(Box::new(a.clone()));
        let ebrim = rows::fragment(vault, names.0, ObjectKind::Association, &object)?;
        Ok(Self {
            names,
            association_type: a.association_type,
            set_status: a.submission_set_status,
            home: a.home.as_ref().map(|h| h.as_str().to_owned()),
            ebrim,
        })
    }
}

/// The finding for an object, called `label` in findings, whose rows could not be made.
pub(crate) fn not_sealed(error: &SealError, label: &str) -> Finding {
    let rule = match error {
        SealError::TooLong(_) => &rules::OBJECT_TOO_LARGE,
        _ => &rules::INTERNAL,
    };
    tracing::warn!(%error, "an object was not sealed");
    Finding::new(rule, label)
}
