//! What follows from an update that may be.

use super::Updating;
use super::associations::Joined;
use super::carried::Carried;
use super::versions::{Successor, Successors};
use crate::change::effect::Effect;
use crate::change::objects::{Names, NewAssociation, NewEntry, NewFolder, NewSet, not_sealed};
use crate::store::key::{Id, Keys};
use crate::store::labels::Labelled;
use crate::store::lookup::Place;
use crate::store::rows::Version;
use crate::store::write::WriteError;
use renkei_metadata::finding::Finding;
use renkei_metadata::ids::{EntryUuid, ObjectId};
use renkei_metadata::model::{Association, AssociationType, ObjectKind};
use renkei_sealing::SealError;
use std::collections::BTreeSet;
use std::sync::Arc;

/// The effects so far.
pub(super) struct Made<'a> {
    updating: &'a Updating,
    patient_key: i64,
    keys: Keys<'a>,
    findings: &'a mut Vec<Finding>,
    effects: Vec<Effect>,
    /// Registered folders that get a document.
    touched: BTreeSet<Place>,
    /// By what the documents are known from now on.
    labelled: Vec<Labelled>,
}

impl<'a> Made<'a> {
    pub(super) fn new(
        updating: &'a Updating,
        patient_key: i64,
        findings: &'a mut Vec<Finding>,
    ) -> Self {
        let keys = Keys::new(updating.at, updating.ids.as_ref());
        let (effects, touched, labelled) = (Vec::new(), BTreeSet::new(), Vec::new());
        Self { updating, patient_key, keys, findings, effects, touched, labelled }
    }

    /// The SubmissionSet.
    pub(super) fn set(&mut self) -> Result<(), WriteError> {
        let s = &self.updating.resolved.submission;
        let (_, names) = self.place(&s.submission_set.id)?;
        let Updating { vault, submitter, .. } = self.updating;
        let new = NewSet::new(vault, names, &s.submission_set, &s.entries, submitter.as_deref());
        if let Some(new) = self.sealed(&s.submission_set.id, new) {
            self.effects.push(Effect::Set(self.patient_key, new));
        }
        Ok(())
    }

    /// Each new version, what becomes of the one it follows, and its membership of the SubmissionSet.
    pub(super) fn versions(&mut self, successors: &Successors) -> Result<(), WriteError> {
        let s = &self.updating.resolved.submission;
        for (successor, entry) in successors.entries.iter().zip(&s.entries) {
            let (_, names) = self.place(&entry.id)?;
            let version = version(successor)?;
            let mut entry = entry.clone();
            entry.availability = Some(successor.availability);
            let vault = &self.updating.vault;
            let origin = successor.old.origin.of_version(&s.submission_set);
            let new = NewEntry::new(vault, names, version, &entry, &origin);
            self.labelled.push(Labelled::new(version.lid, &entry));
            if let Some(new) = self.sealed(&entry.id, new) {
                self.effects.push(Effect::Entry(self.patient_key, new));
            }
            self.effects.push(successor.superseded.clone());
        }
        for (successor, folder) in successors.folders.iter().zip(&s.folders) {
            let (_, names) = self.place(&folder.id)?;
            let version = version(successor)?;
            // It never goes back, whatever the clock says.
            let before = successor.old.last_update.as_deref().unwrap_or_default();
            let now = self.updating.now.as_str().max(before);
            let new = NewFolder::new(&self.updating.vault, names, version, folder, now);
            if let Some(new) = self.sealed(&folder.id, new) {
                self.effects.push(Effect::Folder(self.patient_key, new));
            }
            self.effects.push(successor.superseded.clone());
        }
        let count = s.entries.len().saturating_add(s.folders.len());
        for member in s.associations.iter().take(count) {
            let (_, names) = self.place(&member.id)?;
            let (source, _) = self.place(&member.source)?;
            let (target, _) = self.place(&member.target)?;
            self.association(member, names, [source, target]);
        }
        Ok(())
    }

    /// The new associations, as members of the SubmissionSet.
    pub(super) fn associations(&mut self, joined: &Joined) -> Result<(), WriteError> {
        let all = &self.updating.resolved.submission.associations;
        for (id, ends) in &joined.ends {
            let association = all.iter().find(|a| a.id == *id);
            let association = association.ok_or(WriteError::Missing("a new association"))?;
            let (_, names) = self.place(id)?;
            self.association(association, names, *ends);
            self.touch(ends);
            self.hold(association)?;
        }
        Ok(())
    }

    /// What the new versions take over, under ids of its own, as members of the SubmissionSet.
    pub(super) fn carried(&mut self, carried: &[Carried]) -> Result<(), WriteError> {
        for one in carried {
            let id = self.keys.new_id();
            let names = (self.keys.next(), Id(id));
            let association =
                Association { id: ObjectId::Uuid(EntryUuid(id)), ..one.association.clone() };
            self.association(&association, names, one.ends);
            self.touch(&one.ends);
            self.hold_at(&association, names)?;
        }
        Ok(())
    }

    /// All of it, in the order in which it is carried out.
    pub(super) fn end(self, replaced: Vec<Effect>, statuses: Vec<Effect>) -> Vec<Effect> {
        let mut effects = self.effects;
        let now = &self.updating.now;
        effects.extend(self.touched.into_iter().map(|f| Effect::Touched(f, now.clone())));
        effects.extend(replaced);
        effects.extend(statuses);
        effects.extend((!self.labelled.is_empty()).then_some(Effect::Labelled(self.labelled)));
        effects
    }

    fn touch(&mut self, [source, target]: &[Place; 2]) {
        if source.kind == ObjectKind::Folder && target.kind == ObjectKind::DocumentEntry {
            self.touched.insert(*source);
        }
    }

    fn hold(&mut self, association: &Association) -> Result<(), WriteError> {
        let (_, names) = self.place(&association.id)?;
        self.hold_at(association, names)
    }

    /// Makes an association a member of the SubmissionSet that brings it.
    fn hold_at(&mut self, association: &Association, of: Names) -> Result<(), WriteError> {
        let set = &self.updating.resolved.submission.submission_set.id;
        let (source, _) = self.place(set)?;
        let target =
            Place { kind: ObjectKind::Association, patient_key: self.patient_key, key: of.0 };
        let id = self.keys.new_id();
        let names = (self.keys.next(), Id(id));
        let mut member = association.clone();
        member.id = ObjectId::Uuid(EntryUuid(id));
        member.association_type = AssociationType::HasMember;
        (member.source, member.target) = (set.clone(), association.id.clone());
        (member.submission_set_status, member.documentation) = (None, None);
        member.extra = Vec::new();
        self.association(&member, names, [source, target]);
        Ok(())
    }

    fn association(&mut self, a: &Association, names: Names, ends: [Place; 2]) {
        let new = NewAssociation::new(&self.updating.vault, names, a);
        if let Some(new) = self.sealed(&a.id, new) {
            self.effects.push(Effect::Association(self.patient_key, new, ends));
        }
    }

    /// Where an object of the update is going to be, and its names.
    fn place(&self, id: &ObjectId) -> Result<(Place, Names), WriteError> {
        let object = self.updating.resolved.object(id);
        let (id, object) = object.ok_or(WriteError::Missing("an object of the update"))?;
        let place = Place { kind: object.kind, patient_key: self.patient_key, key: object.key };
        Ok((place, (object.key, id)))
    }

    fn sealed<T>(&mut self, id: &ObjectId, made: Result<T, SealError>) -> Option<Arc<T>> {
        match made {
            Ok(made) => Some(Arc::new(made)),
            Err(error) => {
                self.findings.push(not_sealed(&error, &self.updating.resolved.label(id)));
                None
            }
        }
    }
}

/// The row's version: one more than that which it follows.
fn version(successor: &Successor) -> Result<Version, WriteError> {
    let number = successor.old.version.checked_add(1);
    let number = number.ok_or(WriteError::Missing("a number for a new version"))?;
    Ok(Version { lid: successor.old.lid, number, state: successor.state })
}
