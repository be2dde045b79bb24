//! Symbols become UUIDs (ITI TF-2: 3.42.4.1.3.7), and every object gets the key of its rows.

use crate::store::key::{Id, Key, Keys};
use crate::store::lookup::{self, Named};
use renkei_database::{DatabaseError, Db};
use renkei_metadata::ids::{EntryUuid, ObjectId};
use renkei_metadata::model::{ObjectKind, Submission};
use std::collections::HashMap;
use uuid::Uuid;

/// A submission under final ids.
#[derive(Clone, Debug)]
pub(crate) struct Resolved {
    /// Every id is a UUID; a source or target is still a symbol only if nothing has that symbol.
    pub(crate) submission: Submission,
    /// The objects of the submission by their entryUUIDs.
    pub(crate) objects: HashMap<Id, NewObject>,
    /// The ids that the sender chose as UUIDs, in submitted order.
    pub(crate) claimed: Vec<Id>,
}

/// An object of the submission.
#[derive(Clone, Debug)]
pub(crate) struct NewObject {
    pub(crate) kind: ObjectKind,
    /// What it is called in findings.
    pub(crate) label: String,
    pub(crate) key: Key,
}

impl Resolved {
    /// The object of this submission that has this id.
    pub(crate) fn object(&self, id: &ObjectId) -> Option<(Id, &NewObject)> {
        let id = Id::from(id.uuid()?);
        self.objects.get(&id).map(|object| (id, object))
    }

    /// The id of an object that is not of this submission.
    pub(crate) fn outside(&self, id: &ObjectId) -> Option<Id> {
        let id = Id::from(id.uuid()?);
        (!self.objects.contains_key(&id)).then_some(id)
    }

    /// The names of the SubmissionSet.
    pub(crate) fn set(&self) -> Option<(Id, Key)> {
        let (id, set) = self.object(&self.submission.submission_set.id)?;
        Some((id, set.key))
    }

    /// Whether this very message took effect: by the key of its SubmissionSet, which nobody else has.
    pub(crate) fn is_registered(&self, db: &mut Db) -> Result<bool, DatabaseError> {
        let Some((id, key)) = self.set() else { return Ok(false) };
        let found = lookup::objects(db, &[id])?;
        Ok(matches!(found.get(&id), Some(Named::Object(o)) if o.key == key))
    }

    /// The name of an object of this submission in findings.
    pub(crate) fn label(&self, id: &ObjectId) -> String {
        self.object(id).map_or_else(|| id.to_string(), |(_, object)| object.label.clone())
    }
}

/// Gives every object its final id and its key, and every reference the id of what it names.
pub(crate) fn resolve(mut submission: Submission, keys: &Keys<'_>) -> Resolved {
    let mut given: HashMap<ObjectId, Uuid> = HashMap::new();
    let mut objects = HashMap::new();
    let mut claimed = Vec::new();
    for (kind, id) in object_ids(&mut submission) {
        let label = format!("{kind} {id}");
        let uuid = match id.uuid() {
            Some(chosen) => {
                claimed.push(Id::from(chosen));
                chosen.0
            }
            None => keys.new_id(),
        };
        given.insert(id.clone(), uuid);
        objects.insert(Id(uuid), NewObject { kind, label, key: keys.next() });
        *id = ObjectId::Uuid(EntryUuid(uuid));
    }
    for a in &mut submission.associations {
        for end in [&mut a.source, &mut a.target] {
            if let Some(uuid) = given.get(end) {
                *end = ObjectId::Uuid(EntryUuid(*uuid));
            }
        }
    }
    Resolved { submission, objects, claimed }
}

fn object_ids(s: &mut Submission) -> impl Iterator<Item = (ObjectKind, &mut ObjectId)> {
    let set = std::iter::once((ObjectKind::SubmissionSet, &mut s.submission_set.id));
    let entries = s.entries.iter_mut().map(|e| (ObjectKind::DocumentEntry, &mut e.id));
    let folders = s.folders.iter_mut().map(|f| (ObjectKind::Folder, &mut f.id));
    let links = s.associations.iter_mut().map(|a| (ObjectKind::Association, &mut a.id));
    set.chain(entries).chain(folders).chain(links)
}
