//! New versions: what each follows, and what of it may have changed.

use super::look::{Look, predecessors};
use super::{Joints, Updating, protected, rules, stored};
use crate::change::effect::{Effect, happens};
use crate::change::lifecycle::{Event, State, after};
use crate::register::own;
use crate::store::key::Id;
use crate::store::labels;
use crate::store::lookup::{self, PatientRow, Place};
use crate::store::versions::Latest;
use crate::store::write::WriteError;
use renkei_context::Scope;
use renkei_metadata::ids::ObjectId;
use renkei_metadata::model::{DocumentAvailability, DocumentEntry, Folder, ObjectKind};
use renkei_metadata::organization;
use renkei_metadata::update::rows::UPDATE_REPEATED;
use renkei_metadata::update::{
    Form, NewVersion, Predecessor, Propagation, changed_in_entry, changed_in_folder,
};
use renkei_xds::catalogue::comparable;
use std::collections::HashSet;

/// A new version and the one that it follows.
#[derive(Clone, Debug)]
pub(super) struct Successor {
    /// What it is called in findings.
    pub(super) label: String,
    pub(super) id: Id,
    pub(super) old: Latest,
    /// What becomes of that.
    pub(super) superseded: Effect,
    /// What it is itself.
    pub(super) state: State,
    pub(super) propagation: Propagation,
    /// documentAvailability of a DocumentEntry.
    pub(super) availability: DocumentAvailability,
}

impl Successor {
    /// Where it is going to be, in an update of this patient's.
    pub(super) fn place(&self, updating: &Updating, patient: Option<PatientRow>) -> Option<Place> {
        let object = updating.resolved.objects.get(&self.id)?;
        Some(Place { patient_key: patient?.key, key: object.key, ..self.old.place })
    }
}

/// The new versions of an update, by the keys of those that they follow, in the order of the update.
#[derive(Debug, Default)]
pub(super) struct Successors {
    pub(super) entries: Vec<Successor>,
    pub(super) folders: Vec<Successor>,
}

impl Successors {
    pub(super) fn all(&self) -> impl Iterator<Item = &Successor> {
        self.entries.iter().chain(&self.folders)
    }

    /// The one that follows the version at this place.
    pub(super) fn of(&self, place: &Place) -> Option<&Successor> {
        self.all().find(|s| s.old.place == *place)
    }

    /// The one with this id.
    pub(super) fn with_id(&self, id: Id) -> Option<&Successor> {
        self.all().find(|s| s.id == id)
    }
}

impl Look<'_> {
    /// Checks the new versions of the update.
    pub(super) fn versions(&mut self) -> Result<Successors, WriteError> {
        let updating = self.updating;
        let stored = &updating.resolved.submission;
        let mut successors = Successors::default();
        let mut followed = HashSet::new();
        for (version, object) in updating.update.entries.iter().zip(&stored.entries) {
            if let Some(successor) = self.entry(version, object)? {
                self.once(&successor, &mut followed);
                successors.entries.push(successor);
            }
        }
        for (version, object) in updating.update.folders.iter().zip(&stored.folders) {
            if let Some(successor) = self.folder(version, object)? {
                self.once(&successor, &mut followed);
                successors.folders.push(successor);
            }
        }
        Ok(successors)
    }

    /// One update for each object, however it is named.
    fn once(&mut self, successor: &Successor, followed: &mut HashSet<Id>) {
        if !followed.insert(successor.old.lid) {
            self.tell(&UPDATE_REPEATED, &successor.label, "logicalID", |f| f);
        }
    }

    fn entry(
        &mut self,
        version: &NewVersion<DocumentEntry>,
        entry: &DocumentEntry,
    ) -> Result<Option<Successor>, WriteError> {
        let successor = self.successor(version, &entry.id, ObjectKind::DocumentEntry)?;
        let Some(mut successor) = successor else { return Ok(None) };
        let updating = self.updating;
        let patient = entry.patient_id.as_ref();
        let home = updating.home.as_ref();
        let old = stored::entry(self.db, &updating.vault, &successor.old, patient, home)?;
        let mut new = entry.clone();
        if updating.form == Form::Restricted {
            // What a restricted update does not say stays as it is.
            new.availability = new.availability.or(old.availability);
        }
        successor.availability = new.availability.unwrap_or(DocumentAvailability::Online);
        new.availability = Some(successor.availability);
        let mut changed = changed_in_entry(&old, &new);
        if !self.is_own(successor.old.root) {
            changed.push("patientId");
        }
        if new.status.is_some_and(|status| Some(status) != old.status) {
            changed.push("availabilityStatus");
        }
        if updating.form == Form::Restricted
            && changed.contains(&"homeCommunityId")
            && new.home.is_some()
            && new.home != updating.home
        {
            let value = new.home.as_ref().map(|h| h.as_str().to_owned()).unwrap_or_default();
            let rule = &rules::RESTRICTED_COMMUNITY_UNKNOWN;
            self.tell(rule, &successor.label, "homeCommunityId", |f| f.value(value));
        }
        self.protected(&successor, &changed);
        self.institutions(&version.object, &old);
        self.repository(&version.object, &old);
        self.content(&successor, &version.object, &changed)?;
        Ok(Some(successor))
    }

    /// Institutions of authors that are not the sender's stay where they are, and come to no other document.
    fn institutions(&mut self, new: &DocumentEntry, old: &DocumentEntry) {
        let Some(others) = self.updating.institutions.get(&new.id) else { return };
        let before = old.authors.iter().flat_map(|author| &author.institutions);
        let before: HashSet<String> = before.filter_map(|xon| organization::id_of(xon)).collect();
        let had = |xon: &&String| organization::id_of(xon).is_some_and(|id| before.contains(&id));
        for xon in others.iter().filter(|xon| !had(xon)) {
            self.found(own::of_other((ObjectKind::DocumentEntry, &new.id), xon));
        }
    }

    /// A document comes to no repository that is not the sender's.
    fn repository(&mut self, new: &DocumentEntry, old: &DocumentEntry) {
        let named = new.repository.as_ref().filter(|_| new.repository != old.repository);
        if let Some(named) = named.filter(|id| self.updating.repositories.contains(id.as_str())) {
            self.found(own::in_other(&new.id, named.as_str()));
        }
    }

    /// What a document consists of is said by all its entries alike, be they of others (ITI TF-2: 3.42.4.1.3.3.1): what is
    /// submitted under its uniqueId is compared with that.
    fn content(
        &mut self,
        successor: &Successor,
        new: &DocumentEntry,
        changed: &[&'static str],
    ) -> Result<(), WriteError> {
        let mut changed = changed.iter().filter(|name| ["hash", "size"].contains(*name)).peekable();
        if changed.peek().is_none() || self.updating.permitted == Scope::Everything {
            return Ok(());
        }
        if lookup::is_shared(self.db, new.unique_id.as_str(), successor.old.lid)? {
            changed
                .for_each(|name| self.tell(&rules::CONTENT_SHARED, &successor.label, name, |f| f));
        }
        Ok(())
    }

    /// The SubmissionSet of an update may name those of the documents that it updates besides.
    pub(super) fn institutions_of_set(&mut self) -> Result<(), WriteError> {
        let (updating, set) = (self.updating, &self.updating.update.submission_set.id);
        let Some(others) = updating.institutions.get(set) else { return Ok(()) };
        let mut places = Vec::new();
        for (kind, of) in predecessors(&updating.update) {
            places.extend(self.latest(kind, of)?.map(|latest| latest.place));
        }
        for id in updating.update.statuses.iter().filter_map(|status| status.target().uuid()) {
            places.extend(self.registered(Id::from(id))?.map(|known| Place::from(&known)));
        }
        let mut before = HashSet::new();
        for place in places {
            before.extend(labels::institutions(self.db, &place)?);
        }
        let had = |xon: &&String| {
            organization::id_of(xon).is_some_and(|id| before.contains(&*comparable(&id)))
        };
        for xon in others.iter().filter(|xon| !had(xon)) {
            self.found(own::of_other((ObjectKind::SubmissionSet, set), xon));
        }
        Ok(())
    }

    fn folder(
        &mut self,
        version: &NewVersion<Folder>,
        folder: &Folder,
    ) -> Result<Option<Successor>, WriteError> {
        // A restricted update of a Folder has been told to be none.
        if self.updating.form == Form::Restricted {
            return Ok(None);
        }
        let successor = self.successor(version, &folder.id, ObjectKind::Folder)?;
        let Some(successor) = successor else { return Ok(None) };
        let old = stored::folder(self.db, &self.updating.vault, &successor.old)?;
        self.protected(&successor, &changed_in_folder(&old, folder));
        Ok(Some(successor))
    }

    fn protected(&mut self, successor: &Successor, changed: &[&'static str]) {
        let Updating { form, protected, .. } = self.updating;
        for attribute in changed {
            if let Some(rule) = protected::broken(*form, protected, attribute) {
                let lid = format!("urn:uuid:{}", successor.old.lid.0);
                self.tell(rule, &successor.label, attribute, |f| {
                    f.expected(format!("what {lid} has"), format!("{lid} の値"))
                });
            }
        }
    }

    /// Which version is followed: the latest one, which is what PreviousVersion says, and one that may
    /// be followed.
    fn successor<T>(
        &mut self,
        version: &NewVersion<T>,
        id: &ObjectId,
        kind: ObjectKind,
    ) -> Result<Option<Successor>, WriteError> {
        let Some((id, object)) = self.updating.resolved.object(id) else { return Ok(None) };
        // What lacks these has been told so.
        let (Some(of), Some(previous)) = (version.of(), version.previous()) else {
            return Ok(None);
        };
        let label = object.label.clone();
        let Some(old) = self.latest(kind, of)? else {
            self.unknown(&label, of)?;
            return Ok(None);
        };
        let names_latest = match of {
            Predecessor::Logical(_) => true,
            Predecessor::Version(id) => Id::from(id) == old.id,
        };
        let is_latest = names_latest && i64::from(previous) == i64::from(old.version);
        if !is_latest {
            let latest = old.version;
            self.tell(&rules::VERSION_DIFFERS, &label, "PreviousVersion", |f| {
                f.value(previous.to_string()).expected(
                    format!("{latest} of {}", of.id()),
                    format!("{} の版 {latest}", of.id()),
                )
            });
        }
        let Updating { form, joints, .. } = self.updating;
        let event = event(*form, *joints);
        let Ok(superseded) = happens(event, (old.place, old.id), old.state) else {
            self.tell(&rules::VERSION_DEPRECATED, &label, "logicalID", |f| {
                f.value(of.id().to_string())
            });
            return Ok(None);
        };
        // What may be followed and is not current stays so.
        let arrival = match old.state {
            State::Deprecated => Event::RegisteredDeprecated,
            _ => Event::Registered,
        };
        let missing = WriteError::Missing("the state of a new version");
        let state = after(kind, State::Absent, arrival).ok_or(missing)?;
        Ok(Some(Successor {
            label,
            id,
            old,
            superseded,
            state,
            propagation: version.propagation(),
            availability: DocumentAvailability::Online,
        }))
    }

    fn unknown(&mut self, label: &str, of: Predecessor) -> Result<(), WriteError> {
        let is_folder = self.updating.form == Form::Restricted
            && self.latest(ObjectKind::Folder, Predecessor::Logical(of.id()))?.is_some();
        let rule = match is_folder {
            true => &rules::RESTRICTED_OBJECT_TYPE,
            false => &rules::VERSION_UNKNOWN,
        };
        self.tell(rule, label, "logicalID", |f| f.value(of.id().to_string()));
        Ok(())
    }
}

const fn event(form: Form, joints: Joints) -> Event {
    match (form, joints) {
        (Form::Full, Joints::Kept) => Event::Updated,
        (Form::Full, Joints::LeftBehind) => Event::Moved,
        (Form::Restricted, _) => Event::UpdatedRestricted,
    }
}
