//! Folders: the new document is in the folders of the one that it replaces (ITI TF-2: 3.42.4.1.3.5),
//! and a folder that gets a document changes at that moment (ITI TF-2: 3.42.4.1.3.6).

use super::Registration;
use super::check::Facts;
use super::resolve::Resolved;
use super::targets::replaces;
use crate::change::effect::Effect;
use crate::change::lifecycle::State;
use crate::change::objects::{Names, NewAssociation};
use crate::rules;
use crate::store::key::{Id, Keys};
use crate::store::lookup::{self, Place};
use crate::store::write::WriteError;
use renkei_database::Db;
use renkei_metadata::finding::Finding;
use renkei_metadata::ids::{EntryUuid, ObjectId};
use renkei_metadata::model::{Association, AssociationType, ObjectKind};
use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

/// A folder that gets the document which replaces one of its own.
pub(super) struct Inherited {
    folder: (Place, Id),
    document: Id,
}

/// The memberships that replacements bring, apart from those that the submission has itself.
pub(super) fn inherited(
    db: &mut Db,
    resolved: &Resolved,
    facts: &Facts,
    findings: &mut Vec<Finding>,
) -> Result<Vec<Inherited>, WriteError> {
    let associations = &resolved.submission.associations;
    let pair = |a: &Association| Some((Id::from(a.source.uuid()?), Id::from(a.target.uuid()?)));
    let members = associations.iter().filter(|a| a.association_type == AssociationType::HasMember);
    let mut seen: HashSet<(Id, Id)> = members.filter_map(pair).collect();
    let mut inherited = Vec::new();
    for a in associations.iter().filter(|a| replaces(a.association_type)) {
        let Some((document, old)) = pair(a) else { continue };
        let Some(old) = facts.registered.get(&old) else { continue };
        for (root, (folder, id, state)) in lookup::folders_of(db, old.key)? {
            if state != State::Approved || !seen.insert((id, document)) {
                continue;
            }
            if root != old.root {
                findings.push(
                    Finding::new(&rules::FOLDER_OF_OTHER_PATIENT, resolved.label(&a.id))
                        .attribute("targetObject")
                        .value(a.target.to_string())
                        .location(a.target.to_string()),
                );
            }
            inherited.push(Inherited { folder: (folder, id), document });
        }
    }
    Ok(inherited)
}

impl Registration {
    /// Each membership that a replacement brings, and the one that makes it part of the SubmissionSet.
    pub(super) fn memberships(
        &self,
        patient_key: i64,
        facts: &Facts,
        inherited: &[Inherited],
    ) -> Result<Vec<Effect>, WriteError> {
        let keys = Keys::new(self.at, self.ids.as_ref());
        let set = &self.resolved.submission.submission_set.id;
        let set_place = self.end(set, patient_key, facts)?;
        let mut effects = Vec::with_capacity(inherited.len().saturating_mul(2));
        for Inherited { folder: (folder, folder_id), document } in inherited {
            let document = object_id(*document);
            let document_place = self.end(&document, patient_key, facts)?;
            let (membership, names) = member(&keys, &object_id(*folder_id), &document);
            let new = Arc::new(NewAssociation::new(&self.vault, names, &membership)?);
            effects.push(Effect::Association(patient_key, new, [*folder, document_place]));
            let place = Place { kind: ObjectKind::Association, patient_key, key: names.0 };
            let (of_set, names) = member(&keys, set, &membership.id);
            let new = Arc::new(NewAssociation::new(&self.vault, names, &of_set)?);
            effects.push(Effect::Association(patient_key, new, [set_place, place]));
        }
        Ok(effects)
    }

    /// The registered folders that get a document.
    pub(super) fn touched(
        &self,
        facts: &Facts,
        inherited: &[Inherited],
    ) -> impl Iterator<Item = Effect> {
        let sources = self.resolved.submission.associations.iter().map(|a| &a.source);
        let known = sources.filter_map(|id| facts.registered.get(&Id::from(id.uuid()?)));
        let named = known.filter(|o| o.kind == ObjectKind::Folder).map(Place::from);
        let folders: BTreeSet<Place> = named.chain(inherited.iter().map(|i| i.folder.0)).collect();
        folders.into_iter().map(|folder| Effect::Touched(folder, self.now.clone()))
    }
}

/// A HasMember that the registry makes, and the names of its rows.
fn member(keys: &Keys<'_>, source: &ObjectId, target: &ObjectId) -> (Association, Names) {
    let id = keys.new_id();
    let (name, kind) = (ObjectId::Uuid(EntryUuid(id)), AssociationType::HasMember);
    let association = Association::joining(name, kind, source, target);
    (association, (keys.next(), Id(id)))
}

fn object_id(id: Id) -> ObjectId {
    ObjectId::Uuid(EntryUuid(id.0))
}
