//! What is registered around the documents of a checkup.

use super::carry::Withdrawer;
use super::found::Found;
use super::reasons::Trouble;
use renkei_metadata::ids::{EntryUuid, ObjectId, Oid};
use renkei_metadata::model::{
    Association, AssociationType, DocumentEntry, RegistryObject, SubmissionSet,
};
use renkei_xds::iti18::QueryBuilder;
use std::collections::{BTreeMap, BTreeSet};

/// Submissions and Associations, each once.
#[derive(Debug, Default)]
pub(super) struct Surroundings {
    pub(super) sets: BTreeMap<ObjectId, SubmissionSet>,
    pub(super) links: BTreeMap<ObjectId, Association>,
}

impl Surroundings {
    pub(super) fn add(&mut self, objects: Vec<RegistryObject>) {
        for object in objects {
            match object {
                RegistryObject::SubmissionSet(set) => {
                    self.sets.insert(set.id.clone(), *set);
                }
                RegistryObject::Association(link) => {
                    self.links.insert(link.id.clone(), *link);
                }
                RegistryObject::Entry(_) | RegistryObject::Folder(_) | RegistryObject::Ref(..) => {}
            }
        }
    }

    /// The submissions that hold an object.
    pub(super) fn holders<'s>(
        &'s self,
        object: &'s ObjectId,
    ) -> impl Iterator<Item = &'s SubmissionSet> {
        self.memberships(object).filter_map(|link| self.sets.get(&link.source))
    }

    /// The memberships of an object.
    pub(super) fn memberships<'s>(
        &'s self,
        object: &'s ObjectId,
    ) -> impl Iterator<Item = &'s Association> {
        let links = self.links.values();
        links.filter(move |l| {
            l.target == *object && l.association_type == AssociationType::HasMember
        })
    }

    /// What a submission or a Folder holds.
    pub(super) fn members<'s>(
        &'s self,
        holder: &'s ObjectId,
    ) -> impl Iterator<Item = &'s Association> {
        let links = self.links.values();
        links.filter(move |l| {
            l.source == *holder && l.association_type == AssociationType::HasMember
        })
    }
}

impl Withdrawer<'_> {
    /// The submissions that hold these entries.
    pub(super) async fn sets_of(&self, entries: &[DocumentEntry]) -> Result<Surroundings, Trouble> {
        let ids = uuids(entries.iter().map(|e| &e.id));
        let mut sets = Surroundings::default();
        sets.add(self.ask(QueryBuilder::get_submission_sets(&ids).everything()).await?);
        Ok(sets)
    }

    /// All that a removal of these entries has to look at: the submissions that hold them and the
    /// Folders they are in, the notes of earlier attempts, what else these hold, and who holds the
    /// memberships.
    pub(super) async fn surroundings(
        &self,
        found: &Found,
        source: &Oid,
    ) -> Result<Surroundings, Trouble> {
        let mut around = self.sets_of(&found.entries).await?;
        around.add(self.notes(found, source).await?);
        around.add(self.links(found.entries.iter().map(|e| &e.id).cloned().collect()).await?);
        let entries = found.entries.iter().flat_map(|e| around.memberships(&e.id));
        let folders = entries.map(|l| &l.source).filter(|id| !around.sets.contains_key(id));
        let folders: BTreeSet<ObjectId> = folders.cloned().collect();
        let ids = uuids(folders.iter());
        if !ids.is_empty() {
            around.add(self.ask(QueryBuilder::get_submission_sets(&ids).everything()).await?);
        }
        let further = around.sets.keys().chain(&folders).chain(around.links.keys());
        around.add(self.links(further.cloned().collect()).await?);
        Ok(around)
    }

    /// The SubmissionSets by which this source deprecated something of the person before.
    async fn notes(&self, found: &Found, source: &Oid) -> Result<Vec<RegistryObject>, Trouble> {
        let query = QueryBuilder::find_submission_sets(&found.patient)
            .set("$XDSSubmissionSetSourceId", [source.as_str()]);
        let mut sets = self.ask(query).await?;
        sets.retain(|o| matches!(o, RegistryObject::SubmissionSet(set) if self.is_note(set)));
        Ok(sets)
    }

    /// Whatever begins or ends at one of these objects.
    async fn links(&self, ids: BTreeSet<ObjectId>) -> Result<Vec<RegistryObject>, Trouble> {
        let ids = uuids(ids.iter());
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        self.ask(QueryBuilder::get_associations(&ids).everything()).await
    }
}

pub(super) fn uuids<'i>(ids: impl Iterator<Item = &'i ObjectId>) -> Vec<EntryUuid> {
    ids.filter_map(ObjectId::uuid).collect()
}
