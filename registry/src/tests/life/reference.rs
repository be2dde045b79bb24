//! What a registry is, written once more and apart from it: a list of objects, and what an operation
//! makes of it. Slow and simple; nothing here is shared with the code that it is compared with.

use renkei_metadata::ids::EntryUuid;
use renkei_metadata::model::AssociationType::{self, *};
use std::collections::{BTreeMap, BTreeSet};

/// An object by its place in the list.
pub(super) type Node = usize;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum What {
    Set,
    /// `content` stands for hash and size.
    Document {
        unique: u32,
        content: u8,
    },
    Folder,
    Link {
        kind: AssociationType,
        source: Node,
        target: Node,
    },
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Object {
    /// Unknown as long as nobody looked at what the registry made.
    pub(super) id: Option<EntryUuid>,
    /// Under which identifier it was filed.
    pub(super) patient: usize,
    pub(super) what: What,
    pub(super) approved: bool,
    pub(super) removed: bool,
}

/// What is registered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Registered {
    pub(super) objects: Vec<Object>,
    /// Which identifier a merged one is now.
    pub(super) merged: BTreeMap<usize, usize>,
    /// Identifiers that were announced, or had something submitted.
    pub(super) known: BTreeSet<usize>,
}

/// An end of an association of a submission.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum End {
    Registered(Node),
    /// The new document or folder of this number.
    New(usize),
}

/// A new document: its id, and the registered one whose uniqueId it has.
#[derive(Clone, Copy, Debug)]
pub(super) struct NewDocument {
    pub(super) id: EntryUuid,
    pub(super) unique: u32,
    pub(super) content: u8,
}

/// Everything that happens here.
#[derive(Clone, Debug)]
pub(super) enum Operation {
    Register {
        patient: usize,
        set: EntryUuid,
        documents: Vec<NewDocument>,
        folders: Vec<EntryUuid>,
        /// From a new document.
        relations: Vec<(usize, AssociationType, End)>,
        /// A document in a folder.
        memberships: Vec<(End, End)>,
        /// A registered document that the SubmissionSet refers to.
        reference: Option<Node>,
    },
    Remove(Vec<Node>),
    /// The first identifier is the second from now on.
    Merge(usize, usize),
}

impl Registered {
    pub(super) fn patient(&self, identifier: usize) -> usize {
        self.merged.get(&identifier).copied().unwrap_or(identifier)
    }

    fn add(&mut self, id: Option<EntryUuid>, patient: usize, what: What) -> Node {
        self.objects.push(Object { id, patient, what, approved: true, removed: false });
        self.objects.len() - 1
    }

    fn link(&mut self, patient: usize, kind: AssociationType, source: Node, target: Node) -> Node {
        self.add(None, patient, What::Link { kind, source, target })
    }

    /// Objects that are here.
    pub(super) fn here(&self) -> impl Iterator<Item = (Node, &Object)> {
        self.objects.iter().enumerate().filter(|(_, o)| !o.removed)
    }

    /// Associations that are here.
    pub(super) fn links(&self) -> impl Iterator<Item = (Node, AssociationType, Node, Node)> {
        self.here().filter_map(|(node, object)| match object.what {
            What::Link { kind, source, target } => Some((node, kind, source, target)),
            _ => None,
        })
    }

    fn is(&self, node: Node, kind: fn(&What) -> bool) -> bool {
        let object = &self.objects[node];
        !object.removed && kind(&object.what)
    }

    pub(super) fn is_document(&self, node: Node) -> bool {
        self.is(node, |w| matches!(w, What::Document { .. }))
    }

    pub(super) fn is_folder(&self, node: Node) -> bool {
        self.is(node, |w| matches!(w, What::Folder))
    }

    pub(super) fn is_set(&self, node: Node) -> bool {
        self.is(node, |w| matches!(w, What::Set))
    }

    /// Whether something new may be joined to it by a submission for `patient`.
    fn may_be_joined(&self, node: Node, patient: usize) -> bool {
        let object = &self.objects[node];
        object.approved && self.patient(object.patient) == self.patient(patient)
    }

    /// What is registered after the operation; `None` when it has to be refused.
    pub(super) fn after(&self, operation: &Operation) -> Option<Self> {
        match operation {
            Operation::Register {
                patient,
                set,
                documents,
                folders,
                relations,
                memberships,
                reference,
            } => {
                let mut after = self.clone();
                after.known.insert(*patient);
                after.register(
                    (*patient, *set),
                    documents,
                    folders,
                    relations,
                    memberships,
                    *reference,
                )
            }
            Operation::Remove(nodes) => self.remove(nodes),
            Operation::Merge(subsumed, surviving) => self.merge(*subsumed, *surviving),
        }
    }

    fn register(
        mut self,
        (patient, set): (usize, EntryUuid),
        documents: &[NewDocument],
        folders: &[EntryUuid],
        relations: &[(usize, AssociationType, End)],
        memberships: &[(End, End)],
        reference: Option<Node>,
    ) -> Option<Self> {
        if self.merged.contains_key(&patient) {
            return None;
        }
        let known = |new: &NewDocument| {
            self.here().all(|(_, o)| match o.what {
                What::Document { unique, content } => {
                    unique != new.unique || content == new.content
                }
                _ => true,
            })
        };
        let before = self.clone();
        let relation = |&(from, kind, to): &(usize, AssociationType, End)| match to {
            End::Registered(node) => {
                let fits = before.is_document(node) && before.may_be_joined(node, patient);
                let transformed = before.links().any(|(_, k, from, _)| k == Xfrm && from == node);
                fits && (kind != Apnd || !transformed)
            }
            End::New(to) => {
                let transformed = relations.iter().any(|(f, k, _)| *f == to && *k == Xfrm);
                from != to && !replaces(kind) && (kind != Apnd || !transformed)
            }
        };
        let mut replaced = BTreeSet::new();
        let twice = relations
            .iter()
            .filter(|(_, kind, _)| replaces(*kind))
            .any(|(_, _, to)| !replaced.insert(*to));
        let joined = |end: &End, is: fn(&Self, Node) -> bool| match end {
            End::Registered(node) => is(&before, *node) && before.may_be_joined(*node, patient),
            End::New(_) => true,
        };
        let fits = documents.iter().all(known)
            && relations.iter().all(relation)
            && !twice
            && memberships
                .iter()
                .all(|(f, d)| joined(f, Self::is_folder) && joined(d, Self::is_document))
            && reference.is_none_or(|node| before.is_document(node));
        if !fits {
            return None;
        }

        let outdated = before.outdated(&replaced);
        let set = self.add(Some(set), patient, What::Set);
        let new = |w: &mut Self, id, what| {
            let node = w.add(Some(id), patient, what);
            w.link(patient, HasMember, set, node);
            node
        };
        let documents: Vec<Node> = documents
            .iter()
            .map(|d| new(&mut self, d.id, What::Document { unique: d.unique, content: d.content }))
            .collect();
        let folders: Vec<Node> =
            folders.iter().map(|id| new(&mut self, *id, What::Folder)).collect();
        let place = |end: &End, new: &[Node]| match end {
            End::Registered(node) => *node,
            End::New(n) => new[*n],
        };
        for (from, kind, to) in relations {
            let to = place(to, &documents);
            self.link(patient, *kind, documents[*from], to);
        }
        let mut pairs: BTreeSet<(Node, Node)> =
            memberships.iter().map(|(f, d)| (place(f, &folders), place(d, &documents))).collect();
        let mut members: Vec<(Node, Node)> =
            memberships.iter().map(|(f, d)| (place(f, &folders), place(d, &documents))).collect();
        for (from, kind, to) in relations.iter().filter(|(_, kind, _)| replaces(*kind)) {
            let (new, old) = (documents[*from], place(to, &documents));
            debug_assert!(replaces(*kind));
            for folder in before.folders_of(old) {
                if pairs.insert((folder, new)) {
                    members.push((folder, new));
                }
            }
        }
        for (folder, document) in members {
            let membership = self.link(patient, HasMember, folder, document);
            self.link(patient, HasMember, set, membership);
        }
        if let Some(node) = reference {
            self.link(patient, HasMember, set, node);
        }
        for node in outdated {
            self.objects[node].approved = false;
        }
        Some(self)
    }

    /// Current folders with a current membership of the document.
    fn folders_of(&self, document: Node) -> Vec<Node> {
        let member = |(link, kind, source, target): (Node, AssociationType, Node, Node)| {
            let current = self.objects[link].approved && self.objects[source].approved;
            (kind == HasMember && target == document && current && self.is_folder(source))
                .then_some(source)
        };
        self.links().filter_map(member).collect()
    }

    /// What falls with the replaced documents: their transformations and addenda, and theirs.
    fn outdated(&self, replaced: &BTreeSet<End>) -> BTreeSet<Node> {
        let registered = |end: &End| match end {
            End::Registered(node) => Some(*node),
            End::New(_) => None,
        };
        let mut outdated: BTreeSet<Node> = replaced.iter().filter_map(registered).collect();
        loop {
            let depends = |kind| matches!(kind, Xfrm | Apnd);
            let more: Vec<Node> = self
                .links()
                .filter(|(_, kind, from, to)| {
                    depends(*kind) && outdated.contains(to) && !outdated.contains(from)
                })
                .map(|(_, _, from, _)| from)
                .collect();
            if more.is_empty() {
                return outdated;
            }
            outdated.extend(more);
        }
    }

    fn merge(&self, subsumed: usize, surviving: usize) -> Option<Self> {
        let is_merged = |identifier| self.merged.contains_key(identifier);
        let refused = subsumed == surviving || !self.known.contains(&subsumed);
        if refused || is_merged(&subsumed) || is_merged(&surviving) {
            return None;
        }
        let mut after = self.clone();
        after.known.insert(surviving);
        after.merged.values_mut().filter(|to| **to == subsumed).for_each(|to| *to = surviving);
        after.merged.insert(subsumed, surviving);
        Some(after)
    }

    fn remove(&self, nodes: &[Node]) -> Option<Self> {
        let goes: BTreeSet<Node> = nodes.iter().copied().collect();
        if goes.is_empty() || goes.iter().any(|node| self.objects[*node].removed) {
            return None;
        }
        let mut after = self.clone();
        for node in &goes {
            after.objects[*node].removed = true;
        }
        // No association without an end.
        let loose = |(_, _, from, to): (Node, AssociationType, Node, Node)| {
            goes.contains(&from) || goes.contains(&to)
        };
        if after.links().any(loose) {
            return None;
        }
        // What a SubmissionSet held is held by one, and a SubmissionSet that held something does.
        let held = |w: &Self, node: Node| {
            w.links().any(|(_, kind, from, to)| {
                kind == HasMember && to == node && matches!(w.objects[from].what, What::Set)
            })
        };
        let holds = |w: &Self, node: Node| w.links().any(|(_, _, from, _)| from == node);
        for (node, _) in after.here() {
            let was_set = self.is_set(node);
            if (held(self, node) && !held(&after, node))
                || (was_set && holds(self, node) && !holds(&after, node))
            {
                return None;
            }
        }
        // Relationships go with the document that they explain.
        for node in &goes {
            let What::Link { kind, source, target } = self.objects[*node].what else { continue };
            let explains = match kind {
                Apnd | Xfrm | Signs | IsSnapshotOf => {
                    !goes.contains(&source) && self.objects[source].approved
                }
                Rplc | XfrmRplc => !goes.contains(&target) && !self.objects[target].approved,
                HasMember | UpdateAvailabilityStatus | SubmitAssociation => false,
            };
            if explains && self.objects[*node].approved {
                return None;
            }
        }
        Some(after)
    }
}

pub(super) fn replaces(kind: AssociationType) -> bool {
    matches!(kind, Rplc | XfrmRplc)
}

/// What has to be true whatever happened; the first thing that is not.
pub(super) fn broken(w: &Registered) -> Option<String> {
    for (link, kind, from, to) in w.links() {
        if w.objects[from].removed || w.objects[to].removed {
            return Some(format!("link {link} lacks an end"));
        }
        let patients = [from, to].map(|node| w.patient(w.objects[node].patient));
        if w.is_document(from) && w.is_document(to) && patients[0] != patients[1] {
            return Some(format!("{kind:?} {link} joins two patients"));
        }
    }
    for (node, object) in w.here() {
        let held = w.links().any(|(_, _, from, to)| to == node && w.is_set(from));
        let needs = match object.what {
            What::Document { .. } | What::Folder => true,
            What::Link { kind, source, .. } => kind == HasMember && w.is_folder(source),
            What::Set => false,
        };
        if needs && !held {
            return Some(format!("{node} is in no SubmissionSet"));
        }
    }
    None
}
