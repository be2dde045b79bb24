//! New associations between objects that are registered (ITI TF-2: 3.57.4.1.3.3.6).

use super::look::Look;
use super::rings::Pairs;
use super::rules;
use super::versions::Successors;
use crate::change::effect::Effect;
use crate::change::lifecycle::{Event, State, after};
use crate::register::outdated::fallen;
use crate::register::targets::replaces;
use crate::rules::{SNAPSHOT_OF_STABLE, TARGET_REPLACED_TWICE};
use crate::store::association_number;
use crate::store::key::Id;
use crate::store::lookup::{self, Held, Place};
use crate::store::versions;
use crate::store::write::WriteError;
use renkei_metadata::finding::Rule;
use renkei_metadata::ids::ObjectId;
use renkei_metadata::model::{Association, AssociationType, EntryType, ObjectKind};
use renkei_metadata::rules::{APPENDED_TO_TRANSFORMATION, may_join};
use renkei_metadata::update::Propagation;
use renkei_metadata::update::rows::UPDATE_PROPAGATED;
use std::collections::BTreeSet;

/// The new associations that may be.
#[derive(Debug, Default)]
pub(super) struct Joined {
    /// Their ids and what each joins, in the order of the update.
    pub(super) ends: Vec<(ObjectId, [Place; 2])>,
    /// The documents that they replace.
    replaced: Vec<Held>,
    /// The documents that replace them.
    replacing: BTreeSet<Place>,
    /// What they join.
    pub(super) pairs: Pairs,
}

/// One end of a new association.
#[derive(Clone, Copy, Debug)]
struct End {
    place: Place,
    id: Id,
    state: State,
    root: Option<i64>,
    /// Whether it comes with this update.
    is_new: bool,
}

impl Look<'_> {
    /// What ceases to be current by new associations, whichever transaction brings the replacement (ITI
    /// TF-3: 4.2.2.2.3). A document that depends on a replaced one, and has a new version in this
    /// update, falls as that version, if it takes its relationships over.
    pub(super) fn replaced(
        &mut self,
        joined: &Joined,
        successors: &Successors,
    ) -> Result<Vec<Effect>, WriteError> {
        let (updating, patient) = (self.updating, self.patient);
        let Joined { replaced, replacing, .. } = joined;
        fallen(self.db, replaced.clone(), replacing, |held| match successors.of(&held.0) {
            None => Some(held),
            Some(s) if s.propagation == Propagation::No => None,
            Some(s) => Some((s.place(updating, patient)?, s.id, s.state)),
        })
    }

    /// Checks the new associations of the update.
    pub(super) fn associations(&mut self, successors: &Successors) -> Result<Joined, WriteError> {
        let stored = &self.updating.resolved.submission.associations;
        let update = &self.updating.update;
        let members = update.entries.len().saturating_add(update.folders.len());
        let mut joined = Joined::default();
        for a in stored.iter().skip(members) {
            let label = self.updating.resolved.label(&a.id);
            let source = self.end(&label, "sourceObject", &a.source, successors)?;
            let target = self.end(&label, "targetObject", &a.target, successors)?;
            let (Some(source), Some(target)) = (source, target) else { continue };
            self.kinds(&label, a, &source, &target);
            let (from, to) = (source.place.key, target.place.key);
            let is_joined = versions::is_joined(self.db, a.association_type, from, to)?;
            let number = association_number(a.association_type).unwrap_or_default();
            if !joined.pairs.insert((number, from, to)) || is_joined {
                let rule = &rules::ASSOCIATION_EXISTS;
                self.tell(rule, &label, "associationType", |f| f.value(a.target.to_string()));
            }
            self.relationship(&label, a, &source, &target, &mut joined)?;
            if a.association_type != AssociationType::HasMember {
                self.ring(&label, [from, to], &joined.pairs, successors)?;
            }
            joined.ends.push((a.id.clone(), [source.place, target.place]));
        }
        Ok(joined)
    }

    fn end(
        &mut self,
        label: &str,
        attribute: &'static str,
        id: &ObjectId,
        successors: &Successors,
    ) -> Result<Option<End>, WriteError> {
        // A symbol that names nothing was told.
        let Some(uuid) = id.uuid().map(Id::from) else { return Ok(None) };
        if let Some((_, object)) = self.updating.resolved.object(id) {
            return Ok(self.new_end(label, attribute, (uuid, object.kind), successors));
        }
        let told = id.to_string();
        let Some(known) = self.registered(uuid)? else {
            self.tell(&rules::END_UNKNOWN, label, attribute, |f| f.value(told));
            return Ok(None);
        };
        let place = Place::from(&known);
        if let Some(successor) = successors.of(&place)
            && successor.propagation == Propagation::Yes
        {
            self.tell(&UPDATE_PROPAGATED, label, attribute, |f| f.value(told));
            return Ok(None);
        }
        let state = match successors.of(&place) {
            Some(_) => State::Superseded,
            None => lookup::state(self.db, &place)?.unwrap_or(State::Removed),
        };
        let is_versioned = matches!(known.kind, ObjectKind::DocumentEntry | ObjectKind::Folder);
        if is_versioned && after(known.kind, state, Event::Joined).is_none() {
            self.tell(&rules::END_NOT_CURRENT, label, attribute, |f| f.value(told));
        } else if !self.is_own(known.root) {
            self.tell(&rules::OTHER_PATIENT, label, attribute, |f| f.value(told));
        }
        Ok(Some(End { place, id: uuid, state, root: Some(known.root), is_new: false }))
    }

    /// An end that comes with the update: a new version, or what no association joins.
    fn new_end(
        &mut self,
        label: &str,
        attribute: &'static str,
        (id, kind): (Id, ObjectKind),
        successors: &Successors,
    ) -> Option<End> {
        let object = self.updating.resolved.objects.get(&id)?;
        let patient_key = self.patient.map(|p| p.key).unwrap_or_default();
        let place = Place { kind, patient_key, key: object.key };
        let root = self.patient.map(|p| p.root);
        if let Some(successor) = successors.with_id(id) {
            return Some(End { place, id, state: successor.state, root, is_new: true });
        }
        // A new version that is refused has been told so.
        if !matches!(kind, ObjectKind::DocumentEntry | ObjectKind::Folder) {
            let value = object.label.clone();
            self.tell(&rules::END_OF_OTHER_KIND, label, attribute, |f| f.value(value));
        }
        None
    }

    fn kinds(&mut self, label: &str, a: &Association, source: &End, target: &End) {
        if !may_join(a.association_type, source.place.kind, target.place.kind) {
            let rule = &rules::END_OF_OTHER_KIND;
            self.tell(rule, label, "associationType", |f| f.value(a.target.to_string()));
        } else if source.root != target.root {
            let rule = &rules::OTHER_PATIENT;
            self.tell(rule, label, "targetObject", |f| f.value(a.target.to_string()));
        }
    }

    /// What some relationships ask of their ends, as when they are registered (ITI TF-2: 3.42.4.1.3.5).
    fn relationship(
        &mut self,
        label: &str,
        a: &Association,
        source: &End,
        target: &End,
        joined: &mut Joined,
    ) -> Result<(), WriteError> {
        if replaces(a.association_type) {
            let held = (target.place, target.id, target.state);
            if joined.replaced.contains(&held) {
                self.told_of(&TARGET_REPLACED_TWICE, label, a);
            }
            joined.replaced.push(held);
            joined.replacing.insert(source.place);
        }
        if a.association_type == AssociationType::IsSnapshotOf {
            let [of_source, of_target] = [source, target].map(|e| self.is_on_demand(e));
            if of_source? || !of_target? {
                self.told_of(&SNAPSHOT_OF_STABLE, label, a);
            }
        }
        if a.association_type == AssociationType::Apnd
            && !target.is_new
            && lookup::is_transformation(self.db, target.place.key)?
        {
            self.told_of(&APPENDED_TO_TRANSFORMATION, label, a);
        }
        Ok(())
    }

    fn told_of(&mut self, rule: &'static Rule, label: &str, a: &Association) {
        self.tell(rule, label, "targetObject", |f| f.value(a.target.to_string()));
    }

    fn is_on_demand(&mut self, end: &End) -> Result<bool, WriteError> {
        if end.is_new {
            let entries = &self.updating.resolved.submission.entries;
            let entry = entries.iter().find(|e| e.id.uuid().map(Id::from) == Some(end.id));
            return Ok(entry.is_some_and(|e| e.object_type == EntryType::OnDemand));
        }
        Ok(lookup::is_on_demand(self.db, &end.place)?)
    }
}
