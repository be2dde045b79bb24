//! A metadata update.

use super::{End, Link, Node, Registered, What, replaces};
use renkei_metadata::ids::EntryUuid;
use renkei_metadata::model::AssociationType::{self, *};
use renkei_metadata::update::Form;
use std::collections::{BTreeMap, BTreeSet};

/// A new version of a document or folder.
#[derive(Clone, Debug)]
pub(in super::super) struct NewVersion {
    pub(in super::super) id: Option<EntryUuid>,
    /// Any version of what it is a version of.
    pub(in super::super) of: Node,
    pub(in super::super) previous: u32,
    /// AssociationPropagation.
    pub(in super::super) propagates: bool,
    /// Another sourcePatientId.
    pub(in super::super) local: Option<usize>,
}

#[derive(Clone, Debug)]
pub(in super::super) struct Update {
    pub(in super::super) form: Form,
    /// Of the SubmissionSet and the new versions.
    pub(in super::super) patient: usize,
    pub(in super::super) set: Option<EntryUuid>,
    pub(in super::super) versions: Vec<NewVersion>,
    /// `New` is a version of this update.
    pub(in super::super) associations: Vec<(End, AssociationType, End)>,
    /// What is named, and whether it is Approved and is to be.
    pub(in super::super) statuses: Vec<(Node, [bool; 2])>,
    /// Whether what would join two patients is left behind.
    pub(in super::super) leaves: bool,
}

/// The new version of a version, and whether it takes over the associations.
type Next = BTreeMap<Node, (Node, bool)>;

impl Registered {
    pub(super) fn update(&self, u: &Update) -> Option<Self> {
        let others = !u.associations.is_empty() || !u.statuses.is_empty();
        if u.versions.is_empty() && !others || u.form == Form::Restricted && others {
            return None;
        }
        self.updated(u)
    }

    /// New versions, then associations, then statuses.
    pub(super) fn updated(&self, u: &Update) -> Option<Self> {
        if self.merged.contains_key(&u.patient) {
            return None;
        }
        let mut after = self.clone();
        after.known.insert(u.patient);
        let set = after.add(u.set, u.patient, What::Set);
        let (mut next, mut new) = (Next::new(), Vec::new());
        for version in &u.versions {
            let old = self.followed(u, version)?;
            let node = after.follow(u.patient, old, version);
            after.link(u.patient, HasMember, set, node);
            new.push(node);
            if next.insert(old, (node, version.propagates)).is_some() {
                return None;
            }
        }
        for (kind, from, to) in self.carried(&after, u, &next)? {
            after.bring(set, kind, from, to);
        }
        let (mut replaced, mut replacing) = (BTreeSet::new(), BTreeSet::new());
        let mut pairs = BTreeSet::new();
        for (from, kind, to) in &u.associations {
            let [from, to] = [from, to].map(|end| self.end(&after, u, &next, &new, end));
            let (from, to) = (from?, to?);
            let fits = self.may_submit((*kind, from, to), &after, &new)
                && pairs.insert((format!("{kind:?}"), from, to))
                && (!replaces(*kind) || replaced.insert(to))
                && (*kind == HasMember || !after.leads(to, from));
            if !fits {
                return None;
            }
            if replaces(*kind) {
                replacing.insert(from);
            }
            after.bring(set, *kind, from, to);
        }
        let statuses = self.statuses(&after, u, &next, pairs)?;
        for node in self.outdated(replaced, &replacing) {
            match next.get(&node) {
                Some((new, true)) => after.objects[*new].approved = false,
                Some((_, false)) => {}
                None => after.objects[node].approved = false,
            }
        }
        for (node, approved) in statuses {
            after.objects[node].approved = approved;
        }
        Some(after)
    }

    /// The version that the new one follows.
    fn followed(&self, u: &Update, version: &NewVersion) -> Option<Node> {
        let old = self.newest(version.of)?;
        let object = &self.objects[old];
        let may = match u.form {
            Form::Full => object.approved || u.leaves,
            Form::Restricted => {
                version.propagates
                    && self.is_document(old)
                    && self.patient_of(old) == self.patient(u.patient)
            }
        };
        (may && self.is_versioned(old) && object.version == version.previous).then_some(old)
    }

    fn follow(&mut self, patient: usize, old: Node, new: &NewVersion) -> Node {
        let mut what = self.objects[old].what.clone();
        if let (What::Document(document), Some(local)) = (&mut what, new.local) {
            document.local = local;
        }
        let node = self.add(new.id, patient, what);
        let (first, version) = (self.objects[old].first, self.objects[old].version + 1);
        let approved = std::mem::replace(&mut self.objects[old].approved, false);
        let object = &mut self.objects[node];
        (object.first, object.version, object.approved) = (first, version, approved);
        node
    }

    /// The associations that the new versions take over; `None` where one would join two patients.
    fn carried(
        &self,
        after: &Self,
        u: &Update,
        next: &Next,
    ) -> Option<Vec<(AssociationType, Node, Node)>> {
        let moved = |node: Node| match next.get(&node) {
            Some((new, true)) => Some(*new),
            Some((_, false)) => None,
            None => self.is_newest(node).then_some(node),
        };
        let propagates = |node: &Node| next.get(node).is_some_and(|(_, propagates)| *propagates);
        let mut carried = Vec::new();
        for (_, kind, from, to) in
            self.current_links().filter(|(_, _, from, _)| !self.is_set(*from))
        {
            if !propagates(&from) && !propagates(&to) {
                continue;
            }
            let (Some(from), Some(to)) = (moved(from), moved(to)) else { continue };
            if after.patient_of(from) == after.patient_of(to) {
                carried.push((kind, from, to));
            } else if !u.leaves {
                return None;
            }
        }
        Some(carried)
    }

    /// An end of a new association, where it may be one.
    fn end(&self, after: &Self, u: &Update, next: &Next, new: &[Node], end: &End) -> Option<Node> {
        match end {
            End::New(n) => (!u.versions[*n].propagates).then_some(new[*n]),
            End::Registered(node) => {
                let may = self.is_versioned(*node) && self.may_be_joined(*node, u.patient);
                let followed = next.contains_key(node) || !after.is_newest(*node);
                (may && !followed).then_some(*node)
            }
        }
    }

    fn may_submit(
        &self,
        (kind, from, to): (AssociationType, Node, Node),
        after: &Self,
        new: &[Node],
    ) -> bool {
        let exists = |(_, k, f, t): Link| (k, f, t) == (kind, from, to);
        let kinds = match kind {
            HasMember => after.is_folder(from) && after.is_document(to),
            IsSnapshotOf => {
                after.is_document(from) && !after.is_on_demand(from) && after.is_on_demand(to)
            }
            _ => after.is_document(from) && after.is_document(to),
        };
        kinds
            && from != to
            && !self.current_links().any(exists)
            && (kind != Apnd || new.contains(&to) || !self.transforms(to))
    }

    /// Whether relationships between newest versions lead from one document to another.
    fn leads(&self, from: Node, to: Node) -> bool {
        let mut reached = BTreeSet::from([from]);
        loop {
            let more = |(_, kind, source, target): Link| {
                let on = kind != HasMember && reached.contains(&source) && self.is_newest(target);
                (on && !reached.contains(&target)).then_some(target)
            };
            let more: Vec<Node> = self.current_links().filter_map(more).collect();
            if more.is_empty() {
                return reached.contains(&to);
            }
            reached.extend(more);
        }
    }

    /// What each status is to be; it has to be what the update takes it for before.
    fn statuses(
        &self,
        after: &Self,
        u: &Update,
        next: &Next,
        mut pairs: BTreeSet<(String, Node, Node)>,
    ) -> Option<Vec<(Node, bool)>> {
        let mut changed: BTreeMap<Node, bool> = BTreeMap::new();
        let mut by_now = after.clone();
        for (named, [original, wanted]) in &u.statuses {
            let node = next.get(named).map_or(*named, |(new, _)| *new);
            let object = &after.objects[node];
            let of_patient = after.patient_of(node) == self.patient(u.patient);
            let of_submission = match object.what {
                What::Set => true,
                What::Link { source, .. } => self.is_set(source),
                What::Document(_) | What::Folder => false,
            };
            let superseded = after.is_versioned(node) && !after.is_newest(node);
            let fits = !object.removed && of_patient && !of_submission && !superseded;
            if !fits || object.approved != *original || original == wanted {
                return None;
            }
            if let What::Link { kind, source, target } = object.what
                && *wanted
            {
                let double = |(_, k, f, t): Link| (k, f, t) == (kind, source, target);
                let again = pairs.insert((format!("{kind:?}"), source, target));
                if !again || self.current_links().any(double) {
                    return None;
                }
                let newest = after.is_newest(source) && after.is_newest(target);
                if kind != HasMember && newest && by_now.leads(target, source) {
                    return None;
                }
                by_now.objects[node].approved = true;
            }
            if changed.insert(node, *wanted).is_some() {
                return None;
            }
        }
        Some(changed.into_iter().collect())
    }
}
