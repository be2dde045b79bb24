//! What a house should hold, as a list of documents, and what an operation makes of it.

use renkei_metadata::ids::{EntryUuid, Oid, UniqueId};
use renkei_metadata::model::AssociationType::{self, Apnd, Rplc};
use std::collections::{BTreeMap, BTreeSet};

/// A document by its number, and one of its versions.
pub(super) type Version = (usize, u32);

#[derive(Clone, Debug)]
pub(super) struct Document {
    pub(super) unique_id: UniqueId,
    /// The id of the first version.
    pub(super) lid: EntryUuid,
    /// The SubmissionSet that brought it.
    pub(super) set: Oid,
    /// None of an On-Demand entry.
    pub(super) content: Option<Vec<u8>>,
    /// sourcePatientId.
    pub(super) local: usize,
    /// Whose the newest version is, by the identifier it was filed under.
    pub(super) patient: usize,
    /// The versions that are registered.
    pub(super) versions: BTreeSet<u32>,
    /// Whether the newest is Approved.
    pub(super) approved: bool,
    /// Whether the repository has it.
    pub(super) kept: bool,
}

impl Document {
    pub(super) fn newest(&self) -> Option<u32> {
        self.versions.last().copied()
    }
}

/// Everything that happens here, as it was decided on when the versions named were the newest.
#[derive(Clone, Debug)]
pub(super) enum Operation {
    /// ITI-41; ITI-61 without content.
    Submit { document: Document, relation: Option<(AssociationType, Version)> },
    /// ITI-57 or ITI-92: a new version.
    Update { of: Version, patient: usize, restricted: bool },
    /// ITI-57: UpdateAvailabilityStatus.
    Status { of: Version, patient: usize, approved: bool },
    /// ITI-57: SubmitAssociation.
    Append { from: Version, to: Version, patient: usize },
    /// ITI-64.
    Move { from: usize, to: usize, local: usize },
    /// ITI-8, A40.
    Merge { from: usize, into: usize },
    /// ITI-86.
    RemoveDocument(usize),
    /// ITI-62: the first version with the SubmissionSet that brought it.
    RemoveMetadata(usize),
}

/// What is registered and kept.
#[derive(Clone, Debug, Default)]
pub(super) struct House {
    pub(super) documents: Vec<Document>,
    /// Relationships, between versions.
    pub(super) relations: Vec<(Version, AssociationType, Version)>,
    pub(super) merged: BTreeMap<usize, usize>,
    pub(super) known: BTreeSet<usize>,
}

impl House {
    pub(super) fn patient(&self, identifier: usize) -> usize {
        self.merged.get(&identifier).copied().unwrap_or(identifier)
    }

    pub(super) fn patient_of(&self, document: usize) -> usize {
        self.patient(self.documents[document].patient)
    }

    fn is_active(&self, identifier: usize) -> bool {
        self.known.contains(&identifier) && !self.merged.contains_key(&identifier)
    }

    pub(super) fn is_newest(&self, (document, version): Version) -> bool {
        self.documents[document].newest() == Some(version)
    }

    /// Whether it is the newest version, current, and of this patient.
    fn is_current(&self, at: Version, patient: usize) -> bool {
        let is_own = self.patient_of(at.0) == patient && !self.merged.contains_key(&patient);
        self.is_newest(at) && self.documents[at.0].approved && is_own
    }

    /// What there is after the operation; `None` when it has to be refused.
    pub(super) fn after(&self, operation: &Operation) -> Option<Self> {
        let mut after = self.clone();
        let done = match operation {
            Operation::Submit { document, relation } => after.submit(document, *relation),
            Operation::Update { of, patient, restricted } => {
                let document = &self.documents[of.0];
                let may = self.is_newest(*of)
                    && self.patient_of(of.0) == *patient
                    && !self.merged.contains_key(patient)
                    && (document.approved || *restricted);
                after.follow(&[of.0], *patient);
                may
            }
            Operation::Status { of, patient, approved } => {
                let document = &mut after.documents[of.0];
                let differs = std::mem::replace(&mut document.approved, *approved) != *approved;
                let is_own = self.patient_of(of.0) == *patient;
                self.is_newest(*of) && is_own && !self.merged.contains_key(patient) && differs
            }
            Operation::Append { from, to, patient } => {
                after.relations.push((*from, Apnd, *to));
                let ends = [from, to].map(|end| self.is_current(*end, *patient));
                let again = self.relations.contains(&(*from, Apnd, *to));
                ends == [true; 2] && !again && !self.leads(*to, *from)
            }
            Operation::Move { from, to, local } => {
                let moves = |(n, d): (usize, &Document)| {
                    let is_of = !d.versions.is_empty() && d.local == *local;
                    (is_of && self.patient_of(n) == *from && from != to).then_some(n)
                };
                let moving: Vec<usize> =
                    self.documents.iter().enumerate().filter_map(moves).collect();
                after.follow(&moving, *to);
                self.is_active(*from) && self.is_active(*to)
            }
            Operation::Merge { from, into } => after.merge(*from, *into),
            Operation::RemoveDocument(n) => std::mem::replace(&mut after.documents[*n].kept, false),
            Operation::RemoveMetadata(n) => {
                let first = (*n, 1);
                let held = self.relations.iter().any(|(f, _, t)| *f == first || *t == first);
                after.documents[*n].versions.remove(&1) && !held
            }
        };
        done.then_some(after)
    }

    /// Whether relationships between newest versions lead from the one to the other.
    fn leads(&self, from: Version, to: Version) -> bool {
        let mut reached = BTreeSet::from([from]);
        loop {
            let more = |(source, _, target): &(Version, AssociationType, Version)| {
                let on = reached.contains(source) && self.is_newest(*target);
                (on && !reached.contains(target)).then_some(*target)
            };
            let more: Vec<Version> = self.relations.iter().filter_map(more).collect();
            if more.is_empty() {
                return reached.contains(&to);
            }
            reached.extend(more);
        }
    }

    fn submit(
        &mut self,
        document: &Document,
        relation: Option<(AssociationType, Version)>,
    ) -> bool {
        let patient = document.patient;
        if self.merged.contains_key(&patient) {
            return false;
        }
        let new = (self.documents.len(), 1);
        if let Some((kind, to)) = relation {
            if !self.is_current(to, patient) {
                return false;
            }
            if kind == Rplc {
                self.fall(to);
            }
            self.relations.push((new, kind, to));
        }
        self.known.insert(patient);
        self.documents.push(document.clone());
        true
    }

    /// A replaced version ceases to be current, with the addenda that it has, and theirs.
    fn fall(&mut self, replaced: Version) {
        let mut fallen = BTreeSet::from([replaced]);
        loop {
            let depends = |(from, kind, to): &(Version, AssociationType, Version)| {
                (*kind == Apnd && fallen.contains(to) && !fallen.contains(from)).then_some(*from)
            };
            let more: Vec<Version> = self.relations.iter().filter_map(depends).collect();
            if more.is_empty() {
                break;
            }
            fallen.extend(more);
        }
        for at in fallen.into_iter().filter(|at| self.is_newest(*at)).collect::<Vec<_>>() {
            self.documents[at.0].approved = false;
        }
    }

    /// New versions for this patient, with the relationships that can come along.
    fn follow(&mut self, documents: &[usize], patient: usize) {
        let before = self.clone();
        for n in documents {
            let document = &mut self.documents[*n];
            let Some(newest) = document.newest() else { continue };
            document.versions.insert(newest + 1);
            document.patient = patient;
        }
        let moved = |at: Version| match documents.contains(&at.0) {
            true => (at.0, at.1 + 1),
            false => at,
        };
        for (from, kind, to) in &before.relations {
            let concerned = documents.contains(&from.0) || documents.contains(&to.0);
            let newest = before.is_newest(*from) && before.is_newest(*to);
            if concerned && newest && self.patient_of(from.0) == self.patient_of(to.0) {
                self.relations.push((moved(*from), *kind, moved(*to)));
            }
        }
    }

    fn merge(&mut self, from: usize, into: usize) -> bool {
        if from == into || !self.is_active(from) || self.merged.contains_key(&into) {
            return false;
        }
        self.known.insert(into);
        self.merged.values_mut().filter(|to| **to == from).for_each(|to| *to = into);
        self.merged.insert(from, into);
        true
    }
}
