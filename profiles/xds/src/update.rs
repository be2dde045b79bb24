//! Updates for clients: what a query answered, changed, becomes the message that carries the change
//! (ITI TF-2: 3.57.4.1.2, 3.92.4.1.2).

use renkei_metadata::ids::{EntryUuid, ObjectId};
use renkei_metadata::model::{
    Association, AvailabilityStatus, DocumentEntry, Folder, SubmissionSet,
};
use renkei_metadata::update::{NewAssociation, NewVersion, Propagation, StatusChange, Update};

/// Builds an update. Objects and operations get symbolic ids, those of registered objects stay.
#[derive(Clone, Debug)]
pub struct UpdateBuilder {
    update: Update,
    made: u32,
}

/// An object that no registry has answered: it has no logicalID or no version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the object has no logicalID and version; it has to be the answer of a registry")]
pub struct NotRegistered;

impl UpdateBuilder {
    /// An update by `set`, without operations yet.
    pub fn new(set: SubmissionSet) -> Self {
        let update = Update {
            submission_set: set,
            entries: Vec::new(),
            folders: Vec::new(),
            associations: Vec::new(),
            statuses: Vec::new(),
        };
        Self { update, made: 0 }
    }

    /// A new version of a DocumentEntry: `entry` is what a query answered, changed.
    pub fn entry(
        mut self,
        mut entry: DocumentEntry,
        propagation: Propagation,
    ) -> Result<Self, NotRegistered> {
        let previous = entry.version.filter(|_| entry.lid.is_some()).ok_or(NotRegistered)?;
        entry.id = self.symbol("Document");
        (entry.version, entry.status) = (None, None);
        let member = self.symbol("member");
        let set = &self.update.submission_set.id;
        let version = NewVersion::of_entry(entry, previous, propagation, (set, member));
        self.update.entries.push(version);
        Ok(self)
    }

    /// A new version of a Folder: `folder` is what a query answered, changed.
    pub fn folder(
        mut self,
        mut folder: Folder,
        propagation: Propagation,
    ) -> Result<Self, NotRegistered> {
        let previous = folder.version.filter(|_| folder.lid.is_some()).ok_or(NotRegistered)?;
        folder.id = self.symbol("Folder");
        (folder.version, folder.status) = (None, None);
        let member = self.symbol("member");
        let set = &self.update.submission_set.id;
        let version = NewVersion::of_folder(folder, previous, propagation, (set, member));
        self.update.folders.push(version);
        Ok(self)
    }

    /// Another availabilityStatus of a registered object.
    #[must_use]
    pub fn status(
        mut self,
        target: EntryUuid,
        original: AvailabilityStatus,
        new: AvailabilityStatus,
    ) -> Self {
        let id = self.symbol("status");
        let set = &self.update.submission_set.id;
        let change = StatusChange::new(&ObjectId::Uuid(target), [original, new], (set, id));
        self.update.statuses.push(change);
        self
    }

    /// An association between registered objects.
    #[must_use]
    pub fn association(mut self, mut association: Association) -> Self {
        association.id = self.symbol("association");
        let id = self.symbol("submit");
        let set = &self.update.submission_set.id;
        self.update.associations.push(NewAssociation::new(association, (set, id)));
        self
    }

    /// The update.
    #[must_use]
    pub fn build(self) -> Update {
        self.update
    }

    fn symbol(&mut self, name: &str) -> ObjectId {
        self.made = self.made.saturating_add(1);
        ObjectId::Symbol(format!("{name}{}", self.made))
    }
}
