//! What a new version takes over of the one that it follows: its Approved memberships in Folders, its
//! documents if it is a Folder, and its relationships (ITI TF-2: 3.57.4.1.3.3.1, 3.57.4.1.3.3.3).

use super::look::Look;
use super::versions::{Successor, Successors};
use super::{Joints, rules, stored};
use crate::store::key::{Id, Key};
use crate::store::lookup::{self, Place};
use crate::store::search::seen;
use crate::store::versions::{self, Joint};
use crate::store::write::WriteError;
use renkei_metadata::ids::{EntryUuid, ObjectId};
use renkei_metadata::model::{Association, ObjectKind};
use renkei_metadata::update::Propagation;
use std::collections::BTreeSet;

/// How many associations a version may hand on at each end; a fixed bound.
const MOST: i64 = 10_000;

/// An association as the new version has it; its id is still that of the old one.
pub(super) struct Carried {
    pub(super) association: Association,
    pub(super) ends: [Place; 2],
}

/// One end, where it is after the update.
struct Moved {
    place: Place,
    id: Option<Id>,
    root: i64,
}

impl Look<'_> {
    /// The associations that the new versions of the update take over.
    pub(super) fn carried(&mut self, successors: &Successors) -> Result<Vec<Carried>, WriteError> {
        let mut carried = Vec::new();
        let mut seen: BTreeSet<Key> = BTreeSet::new();
        for successor in successors.all().filter(|s| s.propagation == Propagation::Yes) {
            let joints = versions::joints(self.db, successor.old.place.key, MOST + 1)?;
            if i64::try_from(joints.len()).is_ok_and(|n| n > MOST) {
                self.tell(&rules::TOO_MANY_CARRIED, &successor.label, "", |f| f);
                continue;
            }
            for joint in joints {
                if seen.insert(joint.key) {
                    carried.extend(self.joint(successor, &joint, successors)?);
                }
            }
        }
        Ok(carried)
    }

    /// One association; `None` where its other end is a version that is no longer the newest, takes
    /// over nothing, or stays with another patient.
    fn joint(
        &mut self,
        successor: &Successor,
        joint: &Joint,
        successors: &Successors,
    ) -> Result<Option<Carried>, WriteError> {
        let source = self.moved(joint.source, successors)?;
        let target = self.moved(joint.target, successors)?;
        let (Some(source), Some(target)) = (source, target) else { return Ok(None) };
        if source.root != target.root {
            if self.updating.joints == Joints::LeftBehind {
                return Ok(None);
            }
            // That there is one cannot be kept from whoever would break it; which one it is can.
            let is_known = self.is_known(joint)?;
            let id = is_known.then(|| format!("urn:uuid:{}", joint.id.0));
            self.tell(&rules::STILL_CONNECTED, &successor.label, "patientId", |f| match id {
                Some(id) => f.value(id),
                None => f,
            });
            return Ok(None);
        }
        let mut association = stored::association(self.db, &self.updating.vault, joint)?;
        for (end, moved) in [(&mut association.source, &source), (&mut association.target, &target)]
        {
            if let Some(id) = moved.id {
                *end = ObjectId::Uuid(EntryUuid(id.0));
            }
        }
        Ok(Some(Carried { association, ends: [source.place, target.place] }))
    }

    /// Whether the sender may know of the association.
    fn is_known(&mut self, joint: &Joint) -> Result<bool, WriteError> {
        let at = Place { kind: ObjectKind::Association, key: joint.key, ..joint.source };
        Ok(seen::object(self.db, &self.updating.seen, &at)?)
    }

    fn moved(
        &mut self,
        place: Place,
        successors: &Successors,
    ) -> Result<Option<Moved>, WriteError> {
        if let Some(successor) = successors.of(&place) {
            let place = successor.place(self.updating, self.patient);
            let (Some(place), Some(own)) = (place, self.patient) else { return Ok(None) };
            if successor.propagation == Propagation::No {
                return Ok(None);
            }
            return Ok(Some(Moved { place, id: Some(successor.id), root: own.root }));
        }
        let state = lookup::state(self.db, &place)?;
        if !state.is_some_and(|state| state.is_latest()) {
            return Ok(None);
        }
        let root = versions::root(self.db, place.patient_key)?;
        Ok(Some(Moved { place, id: None, root }))
    }
}
