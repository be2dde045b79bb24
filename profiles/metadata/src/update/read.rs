//! From a submission to the operations that its associations say.

use super::operation::{NewAssociation, NewVersion, Predecessor, Propagation, StatusChange};
use super::slots::{self, Fault};
use super::{Form, Update, rows};
use crate::ebrim::table::Object;
use crate::finding::{Checked, Finding, Findings, Rule};
use crate::ids::{EntryUuid, ObjectId};
use crate::model::{
    Association, AssociationType, DocumentEntry, Folder, ObjectKind, Submission,
    SubmissionSetStatus,
};
use crate::rules::REFERENCE_UNRESOLVED;
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

/// Makes an update of the submission that a reader of ebRIM has read. The value is there whenever there
/// is a SubmissionSet, so that the rules can add theirs; a new version of a refused update may lack
/// what it follows.
pub fn read(submission: Checked<Submission>, form: Form) -> Checked<Update> {
    let Checked { value, findings } = submission;
    let Some(s) = value else { return Checked::bad(findings) };
    let Submission { submission_set, entries, folders, associations } = s;
    let sorted = Sorted::of(&submission_set.id, associations, |id| {
        entries.iter().any(|e| e.id == *id) || folders.iter().any(|f| f.id == *id)
    });
    let mut reading = Reading::new(form, findings, &sorted);
    let Sorted { mut members, statuses, submits, others } = sorted;
    let update = Update {
        submission_set,
        entries: reading.versions(entries, &mut members),
        folders: reading.versions(folders, &mut members),
        associations: reading.associations(others, submits),
        statuses: statuses.into_iter().filter_map(|a| reading.status(a)).collect(),
    };
    reading.whole(&update);
    Checked { value: Some(update), findings: reading.findings.into_vec() }
}

/// The associations by what they say.
struct Sorted {
    members: HashMap<ObjectId, Vec<Association>>,
    statuses: Vec<Association>,
    submits: Vec<Association>,
    others: Vec<Association>,
}

impl Sorted {
    fn of(
        set: &ObjectId,
        associations: Vec<Association>,
        is_new_version: impl Fn(&ObjectId) -> bool,
    ) -> Self {
        let (mut statuses, mut submits, mut others) = (Vec::new(), Vec::new(), Vec::new());
        let mut members: HashMap<ObjectId, Vec<Association>> = HashMap::new();
        for a in associations {
            match a.association_type {
                AssociationType::UpdateAvailabilityStatus if a.source == *set => statuses.push(a),
                AssociationType::SubmitAssociation if a.source == *set => submits.push(a),
                AssociationType::HasMember if a.source == *set && is_new_version(&a.target) => {
                    members.entry(a.target.clone()).or_default().push(a);
                }
                _ => others.push(a),
            }
        }
        Self { members, statuses, submits, others }
    }

    /// What the operations are called in findings.
    fn names(&self) -> HashSet<String> {
        let operations = self.members.values().flatten().chain(&self.statuses).chain(&self.submits);
        operations.map(name).collect()
    }
}

fn name<T: Object>(object: &T) -> String {
    format!("{} {}", T::KIND, object.id())
}

pub(super) struct Reading {
    pub(super) form: Form,
    /// Objects and attributes that have a finding already.
    told: HashSet<(String, String)>,
    pub(super) findings: Findings,
}

impl Reading {
    /// Goes on from what the reader of ebRIM found. A fault in a slot of an operation, or in the
    /// logicalID of an object, has an error of its own in an update.
    fn new(form: Form, found: Vec<Finding>, sorted: &Sorted) -> Self {
        let operations = sorted.names();
        let mut reading = Self { form, told: HashSet::new(), findings: Findings::default() };
        for mut finding in found {
            let object = finding.object.as_str();
            if finding.is_error() && operations.contains(object) {
                finding.rule = form.malformed();
            } else if finding.attribute == "logicalID" && is_version(object) {
                finding.rule = form.logical_id();
            }
            reading.told.insert((finding.object.clone(), finding.attribute.to_string()));
            reading.findings.push(finding);
        }
        reading
    }

    /// Adds a finding on an object, unless there is one on the same attribute.
    pub(super) fn about<T: Object>(
        &mut self,
        object: &T,
        rule: &'static Rule,
        detail: impl FnOnce(Finding) -> Finding,
    ) {
        let finding = Finding::new(rule, name(object)).location(object.id().to_string());
        let finding = detail(finding);
        let place = (finding.object.clone(), finding.attribute.to_string());
        if self.told.insert(place) {
            self.findings.push(finding);
        }
    }

    fn malformed(&mut self, operation: &Association, fault: Fault) {
        self.about(operation, self.form.malformed(), |f| fault.tell(f));
    }

    fn versions<T: Versioned>(
        &mut self,
        objects: Vec<T>,
        members: &mut HashMap<ObjectId, Vec<Association>>,
    ) -> Vec<NewVersion<T>> {
        let mut seen = HashSet::new();
        let mut versions = Vec::with_capacity(objects.len());
        for object in objects {
            let found = members.remove(object.id()).unwrap_or_default();
            let version = self.version(object, found);
            if version.of.is_some_and(|of| !seen.insert(of)) {
                self.about(&version.object, &rows::UPDATE_REPEATED, |f| f.attribute("logicalID"));
            }
            versions.push(version);
        }
        versions
    }

    fn version<T: Versioned>(&mut self, mut object: T, members: Vec<Association>) -> NewVersion<T> {
        let mut of = self.predecessor(&object);
        let (count, mut members) = (members.len(), members.into_iter());
        if count != 1 {
            let rule = match self.form {
                Form::Full => &rows::UPDATE_MEMBERSHIP,
                Form::Restricted => &rows::RESTRICTED_ANNOTATION,
            };
            self.about(&object, rule, |f| f.attribute("HasMember"));
        }
        let stand_in = || ObjectId::Symbol(format!("HasMember of {}", object.id()));
        let mut member = members.next().unwrap_or_else(|| Association::blank(stand_in()));
        let propagation = self.propagation(&member);
        if count != 0 {
            self.member::<T>(&member);
        }
        if of.is_none() {
            // It takes the place of the id that ITI-92 names it by.
            (of, object, member) = self.by_version(object, member);
        }
        let previous = member.previous_version;
        NewVersion { object, of, previous, propagation, member }
    }

    /// ITI TF-2: 3.57.4.1.3.1: a first version, which is its own logicalID, is none of an update.
    fn predecessor<T: Versioned>(&mut self, object: &T) -> Option<Predecessor> {
        let lid = object.logical_id();
        let is_first = lid.is_some() && lid == object.id().uuid();
        let by_version = self.form == Form::Restricted && object.id().uuid().is_some();
        let is_lacking = lid.is_none() && !by_version;
        if is_first || is_lacking {
            let value = lid.map(|lid| lid.to_string()).unwrap_or_default();
            self.about(object, self.form.initial(), |f| f.attribute("logicalID").value(value));
            return None;
        }
        lid.map(Predecessor::Logical)
    }

    /// Without a logicalID, ITI-92 names the registered document by its entryUUID. That stays the id of
    /// the registered version: the new one gets another, and is called the same in this message.
    fn by_version<T: Versioned>(
        &self,
        mut object: T,
        mut member: Association,
    ) -> (Option<Predecessor>, T, Association) {
        let (Form::Restricted, None, Some(id)) =
            (self.form, object.logical_id(), object.id().uuid())
        else {
            return (None, object, member);
        };
        let symbol = ObjectId::Symbol(id.to_string());
        member.target = symbol.clone();
        object.set_id(symbol);
        (Some(Predecessor::Version(id)), object, member)
    }

    fn propagation(&mut self, member: &Association) -> Propagation {
        let propagation = slots::propagation(member).unwrap_or_else(|fault| {
            self.malformed(member, fault);
            Propagation::default()
        });
        // ITI TF-2: 3.92.4.1.2: no choice is left.
        if self.form == Form::Restricted && propagation == Propagation::No {
            self.malformed(member, Fault::of(slots::PROPAGATION, ["yes", "yes"]));
        }
        propagation
    }

    fn member<T: Versioned>(&mut self, member: &Association) {
        for fault in slots::unknown(member, &[slots::PROPAGATION]) {
            self.malformed(member, fault);
        }
        if member.previous_version.is_none() {
            let expected = ["the number of the version that is updated", "更新対象の版の番号"];
            self.malformed(member, Fault::of(slots::PREVIOUS_VERSION, expected));
        }
        let is_original = member.submission_set_status == Some(SubmissionSetStatus::Original);
        let may_lack = T::KIND == ObjectKind::Folder && member.submission_set_status.is_none();
        if !is_original && !may_lack {
            self.malformed(member, Fault::of(slots::SET_STATUS, ["Original", "Original"]));
        }
    }

    fn status(&mut self, a: Association) -> Option<StatusChange> {
        for fault in slots::unknown(&a, &[slots::ORIGINAL_STATUS, slots::NEW_STATUS]) {
            self.malformed(&a, fault);
        }
        self.without_version(&a);
        let [original, new] = [slots::ORIGINAL_STATUS, slots::NEW_STATUS]
            .map(|name| slots::status(&a, name).map_err(|fault| self.malformed(&a, fault)));
        let (original, new) = (original.ok()?, new.ok()?);
        if original == new {
            let rule = &rows::UPDATE_STATUS_UNCHANGED;
            self.about(&a, rule, |f| f.attribute(slots::NEW_STATUS).value(new.urn()));
        }
        Some(StatusChange { operation: a, original, new })
    }

    /// The slots of a new version's membership are those of no other operation.
    fn without_version(&mut self, a: &Association) {
        let none = ["no such slot", "このスロットがないこと"];
        if a.previous_version.is_some() {
            self.malformed(a, Fault::of(slots::PREVIOUS_VERSION, none));
        }
        if a.submission_set_status.is_some() {
            self.malformed(a, Fault::of(slots::SET_STATUS, none));
        }
    }

    fn associations(
        &mut self,
        others: Vec<Association>,
        submits: Vec<Association>,
    ) -> Vec<NewAssociation> {
        let mut submits = self.by_target(submits);
        let mut new = Vec::new();
        for association in others {
            match submits.remove(&association.id) {
                Some(operation) => {
                    self.of_no_version(&association);
                    new.push(NewAssociation { association, operation });
                }
                None => {
                    let urn = association.association_type.urn();
                    let detail = |f: Finding| f.attribute("associationType").value(urn);
                    self.about(&association, &rows::UPDATE_NO_OPERATION, detail);
                }
            }
        }
        let mut rest: Vec<Association> = submits.into_values().collect();
        rest.sort_by(|a, b| a.id.cmp(&b.id));
        rest.iter().for_each(|a| self.unresolved(a, "targetObject", &a.target));
        new
    }

    /// A submitted association carries no operation itself.
    fn of_no_version(&mut self, a: &Association) {
        let slots = a.extra.iter().map(|slot| slot.name.as_str());
        let strange = slots.filter(|name| Association::OTHER_SLOTS.contains(name));
        let version = a.previous_version.map(|_| slots::PREVIOUS_VERSION);
        for slot in strange.chain(version) {
            let expected = ["no such slot", "このスロットがないこと"];
            self.malformed(a, Fault { slot: Cow::Owned(slot.to_owned()), expected });
        }
    }

    fn by_target(&mut self, submits: Vec<Association>) -> HashMap<ObjectId, Association> {
        let mut by_target: HashMap<ObjectId, Association> = HashMap::new();
        for a in submits {
            for fault in slots::unknown(&a, &[]) {
                self.malformed(&a, fault);
            }
            self.without_version(&a);
            if by_target.contains_key(&a.target) {
                self.about(&a, &rows::UPDATE_REPEATED, |f| {
                    f.attribute("targetObject").value(a.target.to_string())
                });
            } else {
                by_target.insert(a.target.clone(), a);
            }
        }
        by_target
    }

    pub(super) fn unresolved(&mut self, a: &Association, attribute: &'static str, id: &ObjectId) {
        let detail = |f: Finding| f.attribute(attribute).value(id.to_string());
        self.about(a, &REFERENCE_UNRESOLVED, detail);
    }
}

/// Whether a finding is about an object that has versions.
fn is_version(object: &str) -> bool {
    [ObjectKind::DocumentEntry, ObjectKind::Folder]
        .into_iter()
        .any(|kind| object.strip_prefix(&kind.to_string()).is_some_and(|id| id.starts_with(' ')))
}

/// What has versions.
trait Versioned: Object {
    fn logical_id(&self) -> Option<EntryUuid>;
    fn set_id(&mut self, id: ObjectId);
}

impl Versioned for DocumentEntry {
    fn logical_id(&self) -> Option<EntryUuid> {
        self.lid
    }
    fn set_id(&mut self, id: ObjectId) {
        self.id = id;
    }
}

impl Versioned for Folder {
    fn logical_id(&self) -> Option<EntryUuid> {
        self.lid
    }
    fn set_id(&mut self, id: ObjectId) {
        self.id = id;
    }
}
