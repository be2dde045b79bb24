//! What a registry is, written once more and apart from it: a list of objects, and what an operation
//! makes of it. Slow and simple; nothing here is shared with the code that it is compared with.

mod patients;
mod register;
mod remove;
mod update;

pub(super) use patients::Move;
pub(super) use register::Registration;
pub(super) use update::{NewVersion, Update};

use renkei_metadata::ids::EntryUuid;
use renkei_metadata::model::AssociationType::{self, *};
use std::collections::{BTreeMap, BTreeSet};

/// An object by its place in the list.
pub(super) type Node = usize;

/// What a document is said to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Document {
    pub(super) unique: u32,
    /// Hash and size.
    pub(super) content: u8,
    /// Whether it is an On-Demand entry, without content.
    pub(super) on_demand: bool,
    /// sourcePatientId.
    pub(super) local: usize,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum What {
    Set,
    Document(Document),
    Folder,
    Link { kind: AssociationType, source: Node, target: Node },
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
    /// The first version, whose id is the logicalID.
    pub(super) first: Node,
    pub(super) version: u32,
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

/// An end of an association of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum End {
    Registered(Node),
    /// The object of the message with this number.
    New(usize),
}

/// Everything that happens here.
#[derive(Clone, Debug)]
pub(super) enum Operation {
    /// ITI-42, ITI-61.
    Register(Registration),
    /// ITI-57, ITI-92.
    Update(Update),
    /// ITI-62.
    Remove(Vec<Node>),
    /// ITI-8, A40: the first identifier is the second from now on.
    Merge(usize, usize),
    /// ITI-64, A43.
    Move(Move),
}

/// A link that is here: itself, its type, its ends.
pub(super) type Link = (Node, AssociationType, Node, Node);

impl Registered {
    pub(super) fn patient(&self, identifier: usize) -> usize {
        self.merged.get(&identifier).copied().unwrap_or(identifier)
    }

    /// Whose an object is now.
    pub(super) fn patient_of(&self, node: Node) -> usize {
        self.patient(self.objects[node].patient)
    }

    fn add(&mut self, id: Option<EntryUuid>, patient: usize, what: What) -> Node {
        let first = self.objects.len();
        let (approved, removed, version) = (true, false, 1);
        self.objects.push(Object { id, patient, what, approved, removed, first, version });
        first
    }

    fn link(&mut self, patient: usize, kind: AssociationType, source: Node, target: Node) -> Node {
        self.add(None, patient, What::Link { kind, source, target })
    }

    /// A link that a SubmissionSet brings.
    fn bring(&mut self, set: Node, kind: AssociationType, source: Node, target: Node) {
        let patient = self.objects[set].patient;
        let link = self.link(patient, kind, source, target);
        self.link(patient, HasMember, set, link);
    }

    /// Objects that are here.
    pub(super) fn here(&self) -> impl Iterator<Item = (Node, &Object)> {
        self.objects.iter().enumerate().filter(|(_, o)| !o.removed)
    }

    /// Associations that are here.
    pub(super) fn links(&self) -> impl Iterator<Item = Link> {
        self.here().filter_map(|(node, object)| match object.what {
            What::Link { kind, source, target } => Some((node, kind, source, target)),
            _ => None,
        })
    }

    /// Those that are Approved.
    pub(super) fn current_links(&self) -> impl Iterator<Item = Link> {
        self.links().filter(|(link, ..)| self.objects[*link].approved)
    }

    /// Whether it is the newest version that is left.
    pub(super) fn is_newest(&self, node: Node) -> bool {
        let Object { first, version, removed, .. } = self.objects[node];
        !removed && self.here().all(|(_, o)| o.first != first || o.version <= version)
    }

    /// The newest version of what `node` is a version of.
    pub(super) fn newest(&self, node: Node) -> Option<Node> {
        let first = self.objects[node].first;
        let versions = self.here().filter(|(_, o)| o.first == first);
        versions.max_by_key(|(_, o)| o.version).map(|(node, _)| node)
    }

    fn is(&self, node: Node, kind: fn(&What) -> bool) -> bool {
        let object = &self.objects[node];
        !object.removed && kind(&object.what)
    }

    pub(super) fn is_document(&self, node: Node) -> bool {
        self.is(node, |w| matches!(w, What::Document(_)))
    }

    pub(super) fn is_folder(&self, node: Node) -> bool {
        self.is(node, |w| matches!(w, What::Folder))
    }

    pub(super) fn is_set(&self, node: Node) -> bool {
        self.is(node, |w| matches!(w, What::Set))
    }

    pub(super) fn is_versioned(&self, node: Node) -> bool {
        self.is_document(node) || self.is_folder(node)
    }

    fn is_on_demand(&self, node: Node) -> bool {
        self.is(node, |w| matches!(w, What::Document(d) if d.on_demand))
    }

    /// Whether something new may be joined to it by a message for `patient`.
    fn may_be_joined(&self, node: Node, patient: usize) -> bool {
        self.objects[node].approved && self.patient_of(node) == self.patient(patient)
    }

    /// Whether it is the transformation of another document.
    fn transforms(&self, node: Node) -> bool {
        self.current_links().any(|(_, kind, from, _)| kind == Xfrm && from == node)
    }

    /// What falls with replaced documents: their transformations and addenda, and theirs; but not what
    /// replaces one of them.
    fn outdated(&self, replaced: BTreeSet<Node>, replacing: &BTreeSet<Node>) -> BTreeSet<Node> {
        let mut outdated = replaced;
        loop {
            let depends = |kind| matches!(kind, Xfrm | Apnd);
            let more: Vec<Node> = self
                .current_links()
                .filter(|(_, kind, from, to)| {
                    let stays = outdated.contains(from) || replacing.contains(from);
                    depends(*kind) && outdated.contains(to) && !stays
                })
                .map(|(_, _, from, _)| from)
                .collect();
            if more.is_empty() {
                return outdated;
            }
            outdated.extend(more);
        }
    }

    /// What is registered after the operation; `None` when it has to be refused.
    pub(super) fn after(&self, operation: &Operation) -> Option<Self> {
        match operation {
            Operation::Register(registration) => self.register(registration),
            Operation::Update(update) => self.update(update),
            Operation::Remove(nodes) => self.remove(nodes),
            Operation::Merge(subsumed, surviving) => self.merge(*subsumed, *surviving),
            Operation::Move(moved) => self.relink(moved),
        }
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
        let one_patient = w.patient_of(from) == w.patient_of(to);
        if !w.is_set(from) && !one_patient {
            return Some(format!("{kind:?} {link} joins two patients"));
        }
    }
    for (node, object) in w.here() {
        let held = w.links().any(|(_, _, from, to)| to == node && w.is_set(from));
        let needs = match object.what {
            What::Document(_) | What::Folder => true,
            What::Link { kind, source, .. } => kind == HasMember && w.is_folder(source),
            What::Set => false,
        };
        if needs && !held {
            return Some(format!("{node} is in no SubmissionSet"));
        }
        if w.is_versioned(node) && object.approved && !w.is_newest(node) {
            return Some(format!("{node} is current and not the newest"));
        }
    }
    None
}
