//! Symbols become UUIDs (ITI TF-2: 3.42.4.1.3.7).

use renkei_context::Ids;
use renkei_metadata::ids::{EntryUuid, ObjectId};
use renkei_metadata::model::{ObjectKind, Submission};
use std::collections::HashMap;
use uuid::Uuid;

/// A submission under final ids.
#[derive(Clone, Debug)]
pub(crate) struct Resolved {
    /// Every id is a UUID; a source or target is still a symbol only if nothing has that symbol.
    pub(crate) submission: Submission,
    /// What each object of the submission is called in findings, and its kind.
    pub(crate) objects: HashMap<Uuid, (ObjectKind, String)>,
    /// The ids that the sender chose as UUIDs, in submitted order.
    pub(crate) claimed: Vec<Uuid>,
}

impl Resolved {
    /// The name of an object of this submission in findings.
    pub(crate) fn label(&self, id: &ObjectId) -> String {
        let known = id.uuid().and_then(|u| self.objects.get(&u.0));
        known.map_or_else(|| id.to_string(), |(_, label)| label.clone())
    }

    /// The kind of an object of this submission.
    pub(crate) fn kind(&self, id: Uuid) -> Option<ObjectKind> {
        self.objects.get(&id).map(|(kind, _)| *kind)
    }
}

/// Gives every object its final id, and every reference the id of what it names.
pub(crate) fn resolve(mut submission: Submission, ids: &dyn Ids) -> Resolved {
    let mut given: HashMap<ObjectId, Uuid> = HashMap::new();
    let mut objects = HashMap::new();
    let mut claimed = Vec::new();
    for (kind, id) in object_ids(&mut submission) {
        let label = format!("{kind} {id}");
        let uuid = match id.uuid() {
            Some(chosen) => {
                claimed.push(chosen.0);
                chosen.0
            }
            None => ids.new_uuid(),
        };
        given.insert(id.clone(), uuid);
        objects.insert(uuid, (kind, label));
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
