//! Looking at what is registered, with the findings that come of it.

use super::Updating;
use crate::store::key::Id;
use crate::store::links;
use crate::store::lookup::{self, Known, Named, PatientRow, Place};
use crate::store::search::seen;
use crate::store::versions::{self, Latest};
use crate::store::write::WriteError;
use renkei_database::Db;
use renkei_metadata::finding::{Finding, Rule};
use renkei_metadata::ids::{EntryUuid, ObjectId};
use renkei_metadata::model::ObjectKind;
use renkei_metadata::update::{NewVersion, Predecessor, Update};
use std::collections::{BTreeSet, HashSet};

/// One look, in the transaction of the update.
pub(super) struct Look<'a> {
    pub(super) db: &'a mut Db,
    pub(super) updating: &'a Updating,
    /// Whose update it is.
    pub(super) patient: Option<PatientRow>,
    findings: &'a mut Vec<Finding>,
    /// Objects and attributes that have a finding already.
    told: HashSet<(String, String)>,
}

impl<'a> Look<'a> {
    pub(super) fn new(
        db: &'a mut Db,
        updating: &'a Updating,
        patient: Option<PatientRow>,
        findings: &'a mut Vec<Finding>,
    ) -> Self {
        let place = |f: &Finding| (f.object.clone(), f.attribute.to_string());
        let told = findings.iter().map(place).collect();
        Self { db, updating, patient, findings, told }
    }

    /// Whether the update is refused by what was found so far.
    pub(super) fn is_refused(&self) -> bool {
        self.findings.iter().any(Finding::is_error)
    }

    /// Adds a finding on the object that is called `label`, unless there is one on the same attribute.
    /// Both the label and the value name the object in error (ITI TF-2: 3.57.4.1.3.1).
    pub(super) fn tell(
        &mut self,
        rule: &'static Rule,
        label: &str,
        attribute: &'static str,
        detail: impl FnOnce(Finding) -> Finding,
    ) {
        if self.told.insert((label.to_owned(), attribute.to_owned())) {
            let finding = Finding::new(rule, label).attribute(attribute).location(place_of(label));
            self.findings.push(detail(finding));
        }
    }

    /// Adds a finding as it is.
    pub(super) fn found(&mut self, finding: Finding) {
        self.findings.push(finding);
    }

    /// What a UUID outside the update names. What may not be changed is not there.
    pub(super) fn registered(&mut self, id: Id) -> Result<Option<Known>, WriteError> {
        Ok(match lookup::objects(self.db, &[id])?.remove(&id) {
            Some(Named::Object(known)) if self.is_permitted(&Place::from(&known))? => Some(known),
            Some(Named::Object(_) | Named::Removed) | None => None,
        })
    }

    /// The newest version of what `of` names, unless it may not be changed.
    pub(super) fn latest(
        &mut self,
        kind: ObjectKind,
        of: Predecessor,
    ) -> Result<Option<Latest>, WriteError> {
        Ok(match latest(self.db, kind, of)? {
            Some(latest) if self.is_permitted(&latest.place)? => Some(latest),
            Some(_) | None => None,
        })
    }

    fn is_permitted(&mut self, at: &Place) -> Result<bool, WriteError> {
        Ok(seen::object(self.db, &self.updating.permitted, at)?)
    }

    /// Whether the object of this patient may be changed by this update.
    pub(super) fn is_own(&self, root: i64) -> bool {
        self.patient.is_none_or(|own| own.root == root)
    }
}

/// The id in a label such as `DocumentEntry Document01`.
fn place_of(label: &str) -> &str {
    label.split_once(' ').map_or(label, |(_, id)| id)
}

/// What the new versions of an update are versions of.
pub(super) fn predecessors(u: &Update) -> impl Iterator<Item = (ObjectKind, Predecessor)> {
    let entries = u.entries.iter().filter_map(NewVersion::of);
    let folders = u.folders.iter().filter_map(NewVersion::of);
    let entries = entries.map(|of| (ObjectKind::DocumentEntry, of));
    entries.chain(folders.map(|of| (ObjectKind::Folder, of)))
}

/// The newest version of what `of` names.
pub(super) fn latest(
    db: &mut Db,
    kind: ObjectKind,
    of: Predecessor,
) -> Result<Option<Latest>, WriteError> {
    let lid = match of {
        Predecessor::Logical(lid) => Some(Id::from(lid)),
        Predecessor::Version(id) => lid_of(db, id)?,
    };
    let Some(lid) = lid else { return Ok(None) };
    Ok(versions::latest(db, kind, lid)?)
}

fn lid_of(db: &mut Db, id: EntryUuid) -> Result<Option<Id>, WriteError> {
    let id = Id::from(id);
    Ok(match lookup::objects(db, &[id])?.get(&id) {
        Some(Named::Object(known)) => versions::logical_id(db, &Place::from(known))?,
        Some(Named::Removed) | None => None,
    })
}

/// Holds every patient whose objects the update changes or joins, its own among them, against other
/// changes; then what is looked at stays so. Whatever is not found here is not registered: what comes
/// to be meanwhile is found, and refused by its patient, or not at all.
pub(super) fn hold_patients(db: &mut Db, updating: &Updating) -> Result<(), WriteError> {
    let u = &updating.update;
    let mut keys = BTreeSet::new();
    if let Some(cx) = &u.submission_set.patient_id
        && let Some(own) = lookup::patient(db, &updating.vault.hash(cx))?
    {
        keys.extend([own.key, own.root]);
    }
    for (kind, of) in predecessors(u) {
        if let Some(latest) = latest(db, kind, of)? {
            keys.extend([latest.place.patient_key, latest.root]);
            keys.extend(links::of_versions(db, &latest.place)?);
        }
    }
    let ends = u.associations.iter().flat_map(|a| [&a.association.source, &a.association.target]);
    let targets = u.statuses.iter().map(|s| s.target());
    let ids: BTreeSet<Id> = ends.chain(targets).filter_map(ObjectId::uuid).map(Id::from).collect();
    let ids: Vec<Id> = ids.into_iter().collect();
    for named in lookup::objects(db, &ids)?.values() {
        if let Named::Object(known) = named {
            keys.extend([known.patient_key, known.root]);
        }
    }
    Ok(lookup::lock_patients(db, &keys)?)
}
