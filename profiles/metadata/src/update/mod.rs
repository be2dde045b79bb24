//! A metadata update: what one SubmissionSet changes about what is registered (ITI TF-2: 3.57, 3.92).
//!
//! On the wire it is a submission whose associations say what is to be done. Here each operation is a
//! value of its own, and the lists of [`Update`] are in the order in which they are carried out.

// Compiled again in `profiles/arbitrary`, for the tests of other crates.
#[cfg(test)]
pub mod arbitrary;
mod changes;
mod operation;
mod read;
pub mod rows;
mod slots;
#[cfg(test)]
mod tests;
mod whole;

pub use changes::{EntryAttribute, changed_in_entry, changed_in_folder};
pub use operation::{NewAssociation, NewVersion, Predecessor, Propagation, StatusChange};
pub use read::read;

use crate::finding::Rule;
use crate::model::{DocumentEntry, Folder, Submission, SubmissionSet};

/// Which of the two transactions carries an update: they know the same operation by other rules and
/// other errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Update Document Set (ITI TF-2: 3.57): every operation.
    Full,
    /// Restricted Update Document Set (ITI TF-2: 3.92): new versions of DocumentEntries alone.
    Restricted,
}

impl Form {
    /// An object that is no new version of a registered one.
    const fn initial(self) -> &'static Rule {
        match self {
            Self::Full => &rows::UPDATE_INITIAL,
            Self::Restricted => &rows::RESTRICTED_INITIAL,
        }
    }

    /// A logicalID that is none.
    const fn logical_id(self) -> &'static Rule {
        match self {
            Self::Full => &rows::UPDATE_LOGICAL_ID,
            Self::Restricted => &rows::RESTRICTED_INITIAL,
        }
    }

    /// An operation that is not said as it has to be.
    const fn malformed(self) -> &'static Rule {
        match self {
            Self::Full => &rows::UPDATE_OPERATION,
            Self::Restricted => &rows::RESTRICTED_ANNOTATION,
        }
    }
}

/// One metadata update.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Update {
    /// The SubmissionSet that carries it.
    pub submission_set: SubmissionSet,
    /// New versions of DocumentEntries.
    pub entries: Vec<NewVersion<DocumentEntry>>,
    /// New versions of Folders.
    pub folders: Vec<NewVersion<Folder>>,
    /// New associations between objects that are registered already.
    pub associations: Vec<NewAssociation>,
    /// Changes of availabilityStatus. They come last: that of an object which has a new version in this
    /// update applies to the new version.
    pub statuses: Vec<StatusChange>,
}

impl Update {
    /// What a registry stores of it: everything but the operations themselves. Memberships come first,
    /// those of entries before those of folders, then the new associations.
    pub fn stored(&self) -> Submission {
        let of_entries = self.entries.iter().map(|v| v.member());
        let of_folders = self.folders.iter().map(|v| v.member());
        let new = self.associations.iter().map(|a| &a.association);
        Submission {
            submission_set: self.submission_set.clone(),
            entries: self.entries.iter().map(|v| v.object.clone()).collect(),
            folders: self.folders.iter().map(|v| v.object.clone()).collect(),
            associations: of_entries.chain(of_folders).chain(new).cloned().collect(),
        }
    }

    /// The message that carries it.
    pub fn message(&self) -> Submission {
        let mut message = self.stored();
        message.associations.extend(self.associations.iter().map(|a| a.operation().clone()));
        message.associations.extend(self.statuses.iter().map(|s| s.operation().clone()));
        message
    }

    /// Whether nothing is to be done.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
            && self.folders.is_empty()
            && self.associations.is_empty()
            && self.statuses.is_empty()
    }
}
