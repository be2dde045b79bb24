//! The operations, each with the association that says it on the wire.

use super::slots;
use crate::ids::{EntryUuid, ObjectId};
use crate::model::{
    Association, AssociationType, AvailabilityStatus, DocumentEntry, ExtraSlot, Folder,
    SubmissionSetStatus,
};

/// Whether the new version takes over the associations of the one before it (ITI TF-2:
/// 3.57.4.1.3.3.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Propagation {
    /// It does; what is meant when nothing is said.
    #[default]
    Yes,
    /// It starts without any.
    No,
}

impl Propagation {
    /// The slot value.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::No => "no",
        }
    }

    pub(super) fn parse(text: &str) -> Option<Self> {
        [Self::Yes, Self::No].into_iter().find(|p| p.name() == text)
    }
}

/// What an object is a new version of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Predecessor {
    /// The latest version of the object with this logicalID.
    Logical(EntryUuid),
    /// The version with this entryUUID: ITI-92 does without logicalIDs (ITI TF-2: 3.92.4.1.2).
    Version(EntryUuid),
}

impl Predecessor {
    /// The id it is named by.
    pub fn id(self) -> EntryUuid {
        match self {
            Self::Logical(id) | Self::Version(id) => id,
        }
    }
}

/// A new version of an object (ITI TF-2: 3.57.4.1.3.3.1, .3.3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewVersion<T> {
    /// The object, all of it, in its new form.
    pub object: T,
    pub(super) of: Option<Predecessor>,
    pub(super) previous: Option<u32>,
    pub(super) propagation: Propagation,
    pub(super) member: Association,
}

impl<T> NewVersion<T> {
    /// What it is a version of. Absent in a refused message alone, which says so.
    pub fn of(&self) -> Option<Predecessor> {
        self.of
    }

    /// PreviousVersion, the number of the version that it follows. Absent as above.
    pub fn previous(&self) -> Option<u32> {
        self.previous
    }

    /// AssociationPropagation.
    pub fn propagation(&self) -> Propagation {
        self.propagation
    }

    /// Its membership of the SubmissionSet, which says that it is a new version.
    pub fn member(&self) -> &Association {
        &self.member
    }
}

impl NewVersion<DocumentEntry> {
    /// A version of `entry`, which has the logicalID of the registered object and an id of its own, in
    /// place of version `previous`. `member` is the id of its membership of the SubmissionSet `set`.
    pub fn of_entry(
        entry: DocumentEntry,
        previous: u32,
        propagation: Propagation,
        (set, member): (&ObjectId, ObjectId),
    ) -> Self {
        let of = entry.lid.map(Predecessor::Logical);
        let mut member = membership(set, member, &entry.id, previous, propagation);
        member.submission_set_status = Some(SubmissionSetStatus::Original);
        Self { object: entry, of, previous: Some(previous), propagation, member }
    }
}

impl NewVersion<Folder> {
    /// The same of a Folder.
    pub fn of_folder(
        folder: Folder,
        previous: u32,
        propagation: Propagation,
        (set, member): (&ObjectId, ObjectId),
    ) -> Self {
        let of = folder.lid.map(Predecessor::Logical);
        let member = membership(set, member, &folder.id, previous, propagation);
        Self { object: folder, of, previous: Some(previous), propagation, member }
    }
}

/// What is left unsaid is `yes`.
fn membership(
    set: &ObjectId,
    id: ObjectId,
    object: &ObjectId,
    previous: u32,
    propagation: Propagation,
) -> Association {
    let mut member = Association::joining(id, AssociationType::HasMember, set, object);
    member.previous_version = Some(previous);
    if propagation == Propagation::No {
        member.extra.push(slot(slots::PROPAGATION, propagation.name()));
    }
    member
}

/// A change of availabilityStatus (ITI TF-2: 3.57.4.1.3.3.2, .3.4, .3.5).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusChange {
    pub(super) operation: Association,
    pub(super) original: AvailabilityStatus,
    pub(super) new: AvailabilityStatus,
}

impl StatusChange {
    /// `target` goes from the first status to the second; `id` is that of the operation by `set`.
    pub fn new(
        target: &ObjectId,
        [original, new]: [AvailabilityStatus; 2],
        (set, id): (&ObjectId, ObjectId),
    ) -> Self {
        let mut operation =
            Association::joining(id, AssociationType::UpdateAvailabilityStatus, set, target);
        operation.extra.push(slot(slots::ORIGINAL_STATUS, original.urn()));
        operation.extra.push(slot(slots::NEW_STATUS, new.urn()));
        Self { operation, original, new }
    }

    /// What changes: a registered object, or one of this update.
    pub fn target(&self) -> &ObjectId {
        &self.operation.target
    }

    /// The status it has.
    pub fn original(&self) -> AvailabilityStatus {
        self.original
    }

    /// The status it gets.
    pub fn new_status(&self) -> AvailabilityStatus {
        self.new
    }

    /// The association that says so.
    pub fn operation(&self) -> &Association {
        &self.operation
    }
}

/// An association between objects that are registered already (ITI TF-2: 3.57.4.1.3.3.6).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewAssociation {
    /// The association.
    pub association: Association,
    pub(super) operation: Association,
}

impl NewAssociation {
    /// `association` is submitted; `id` is that of the operation by `set`.
    pub fn new(association: Association, (set, id): (&ObjectId, ObjectId)) -> Self {
        let operation =
            Association::joining(id, AssociationType::SubmitAssociation, set, &association.id);
        Self { association, operation }
    }

    /// The association that submits it.
    pub fn operation(&self) -> &Association {
        &self.operation
    }
}

fn slot(name: &str, value: &str) -> ExtraSlot {
    ExtraSlot { name: name.to_owned(), values: vec![value.to_owned()] }
}
