//! Changes of availabilityStatus (ITI TF-2: 3.57.4.1.3.3.2, .3.4, .3.5).

use super::associations::Joined;
use super::look::Look;
use super::rings::Pairs;
use super::rules;
use super::versions::Successors;
use crate::change::effect::{Effect, happens};
use crate::change::lifecycle::{Event, State};
use crate::store::key::Id;
use crate::store::lookup::{self, Place};
use crate::store::versions;
use crate::store::write::WriteError;
use renkei_metadata::finding::Rule;
use renkei_metadata::model::{AvailabilityStatus, ObjectKind};
use renkei_metadata::update::StatusChange;
use renkei_metadata::update::rows::UPDATE_REPEATED;
use std::collections::HashSet;

/// What a change of status is about, as it is when everything else of the update is done.
struct Target {
    place: Place,
    id: Id,
    state: State,
}

impl Look<'_> {
    /// Checks the changes of status, and says what follows.
    pub(super) fn statuses(
        &mut self,
        successors: &Successors,
        joined: &Joined,
    ) -> Result<Vec<Effect>, WriteError> {
        let updating = self.updating;
        let mut effects = Vec::new();
        let (mut changed, mut pairs) = (HashSet::new(), joined.pairs.clone());
        for change in &updating.update.statuses {
            let operation = change.operation();
            let label = format!("{} {}", ObjectKind::Association, operation.id);
            match self.target(change, successors)? {
                Ok(None) => {}
                Ok(Some(target)) if !changed.insert(target.place) => {
                    self.of_target(&UPDATE_REPEATED, &label, change);
                }
                Ok(Some(target)) => {
                    let sure = (&mut pairs, successors);
                    effects.extend(self.status(&label, change, &target, sure)?)
                }
                Err(rule) => self.of_target(rule, &label, change),
            }
        }
        Ok(effects)
    }

    fn of_target(&mut self, rule: &'static Rule, label: &str, change: &StatusChange) {
        self.tell(rule, label, "targetObject", |f| f.value(change.target().to_string()));
    }

    /// What changes; nothing where that was refused already, or the row that refuses it.
    fn target(
        &mut self,
        change: &StatusChange,
        successors: &Successors,
    ) -> Result<Result<Option<Target>, &'static Rule>, WriteError> {
        let Some(id) = self.updating.id_of(change.target()) else { return Ok(Ok(None)) };
        if let Some(object) = self.updating.resolved.objects.get(&id) {
            return Ok(self.new_target((id, object.kind), successors));
        }
        let Some(known) = self.registered(id)? else { return Ok(Err(&rules::END_UNKNOWN)) };
        let place = Place::from(&known);
        // The new version is made first (ITI TF-2: 3.57.4.1.3.1).
        if let Some(successor) = successors.of(&place) {
            return Ok(self.new_target((successor.id, known.kind), successors));
        }
        if self.is_of_submission(&place)? {
            return Ok(Err(&rules::STATUS_OF_SUBMISSION));
        }
        if !self.is_own(known.root) {
            return Ok(Err(&rules::OTHER_PATIENT));
        }
        Ok(match lookup::state(self.db, &place)? {
            None => Err(&rules::END_UNKNOWN),
            Some(State::Superseded) => Err(&rules::STATUS_NOT_LATEST),
            Some(state) => Ok(Some(Target { place, id, state })),
        })
    }

    /// A SubmissionSet, or what it holds.
    fn is_of_submission(&mut self, place: &Place) -> Result<bool, WriteError> {
        Ok(match place.kind {
            ObjectKind::SubmissionSet => true,
            ObjectKind::DocumentEntry | ObjectKind::Folder => false,
            ObjectKind::Association => versions::joint_of(self.db, place.key)?
                .is_some_and(|(_, source, _)| source.kind == ObjectKind::SubmissionSet),
        })
    }

    /// An object of this update.
    fn new_target(
        &self,
        (id, kind): (Id, ObjectKind),
        successors: &Successors,
    ) -> Result<Option<Target>, &'static Rule> {
        let updating = self.updating;
        let Some(object) = updating.resolved.objects.get(&id) else { return Ok(None) };
        let patient_key = self.patient.map(|p| p.key).unwrap_or_default();
        let place = Place { kind, patient_key, key: object.key };
        match kind {
            ObjectKind::SubmissionSet => Err(&rules::STATUS_OF_SUBMISSION),
            ObjectKind::DocumentEntry | ObjectKind::Folder => {
                Ok(successors.with_id(id).map(|s| Target { place, id, state: s.state }))
            }
            ObjectKind::Association => {
                let new = &updating.update.associations;
                let is_new = new.iter().any(|a| updating.id_of(&a.association.id) == Some(id));
                match is_new {
                    true => Ok(Some(Target { place, id, state: State::Approved })),
                    false => Err(&rules::STATUS_OF_SUBMISSION),
                }
            }
        }
    }

    fn status(
        &mut self,
        label: &str,
        change: &StatusChange,
        target: &Target,
        (pairs, successors): (&mut Pairs, &Successors),
    ) -> Result<Option<Effect>, WriteError> {
        let told = change.target().to_string();
        if change.original() != target.state.status() {
            self.tell(&rules::STATUS_DIFFERS, label, "OriginalStatus", |f| {
                f.value(change.original().urn())
                    .expected(format!("the status of {told}"), format!("{told} の現在の状態"))
            });
            return Ok(None);
        }
        let event = match change.new_status() {
            AvailabilityStatus::Approved => Event::StatusApproved,
            AvailabilityStatus::Deprecated => Event::StatusDeprecated,
        };
        if target.place.kind == ObjectKind::Association && event == Event::StatusApproved {
            self.again(label, change, &target.place, (pairs, successors))?;
        }
        // A status that is not to change was told.
        Ok(happens(event, (target.place, target.id), target.state).ok())
    }

    /// An association that becomes Approved again has no double by now, nor gets one by this update; and
    /// it closes no ring.
    fn again(
        &mut self,
        label: &str,
        change: &StatusChange,
        place: &Place,
        (pairs, successors): (&mut Pairs, &Successors),
    ) -> Result<(), WriteError> {
        let joint = versions::joint_of(self.db, place.key)?;
        let Some((number, source, target)) = joint else { return Ok(()) };
        if !pairs.insert((number, source.key, target.key))
            || versions::is_joined_by(self.db, number, source.key, target.key)?
        {
            self.of_target(&rules::ASSOCIATION_EXISTS, label, change);
        }
        // What joins versions that are no longer the newest is history.
        let ends = [source, target];
        let relates = ends.iter().all(|end| end.kind == ObjectKind::DocumentEntry);
        if relates && self.are_newest(&ends, successors)? {
            self.ring(label, ends.map(|end| end.key), pairs, successors)?;
        }
        Ok(())
    }

    /// Whether these are the newest versions, and stay so.
    fn are_newest(
        &mut self,
        ends: &[Place; 2],
        successors: &Successors,
    ) -> Result<bool, WriteError> {
        for end in ends {
            let state = lookup::state(self.db, end)?;
            if successors.of(end).is_some() || !state.is_some_and(State::is_latest) {
                return Ok(false);
            }
        }
        Ok(true)
    }
}
