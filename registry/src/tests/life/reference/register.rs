//! A submission.

use super::{Document, End, Link, Node, Registered, What, replaces};
use renkei_metadata::ids::EntryUuid;
use renkei_metadata::model::AssociationType::{self, *};
use std::collections::BTreeSet;

/// A submission: stable documents with what else there is, or On-Demand entries.
#[derive(Clone, Debug)]
pub(in super::super) struct Registration {
    pub(in super::super) patient: usize,
    pub(in super::super) set: EntryUuid,
    pub(in super::super) on_demand: bool,
    pub(in super::super) documents: Vec<(EntryUuid, Document)>,
    pub(in super::super) folders: Vec<EntryUuid>,
    /// From a new document.
    pub(in super::super) relations: Vec<(usize, AssociationType, End)>,
    /// A document in a folder.
    pub(in super::super) memberships: Vec<(End, End)>,
    /// A registered document that the SubmissionSet refers to.
    pub(in super::super) reference: Option<Node>,
}

impl Registered {
    pub(super) fn register(&self, r: &Registration) -> Option<Self> {
        let fits = !self.merged.contains_key(&r.patient)
            && r.documents.iter().all(|(_, new)| self.is_free(new))
            && r.relations.iter().all(|relation| self.may_relate(r, relation))
            && r.memberships.iter().all(|(folder, document)| {
                self.may_be_end(r, folder, Self::is_folder)
                    && self.may_be_end(r, document, Self::is_document)
                    && !self.is_filed(folder, document)
            })
            && r.reference.is_none_or(|node| self.is_document(node));
        let mut replaced = BTreeSet::new();
        for (_, _, to) in r.relations.iter().filter(|(_, kind, _)| replaces(*kind)) {
            if !replaced.insert(*to) {
                return None;
            }
        }
        fits.then(|| self.registered(r, replaced))
    }

    /// Whether a uniqueId may stand for this document: it stands for one content.
    fn is_free(&self, new: &Document) -> bool {
        self.here().all(|(_, o)| match &o.what {
            What::Document(old) if old.unique == new.unique => {
                old.on_demand == new.on_demand && (new.on_demand || old.content == new.content)
            }
            _ => true,
        })
    }

    fn may_relate(
        &self,
        r: &Registration,
        &(from, kind, to): &(usize, AssociationType, End),
    ) -> bool {
        match to {
            End::Registered(node) => {
                self.may_be_end(r, &to, Self::is_document)
                    && (kind != Apnd || !self.transforms(node))
                    && (kind != IsSnapshotOf || self.is_on_demand(node))
            }
            End::New(to) => {
                let transformed = r.relations.iter().any(|(f, k, _)| *f == to && *k == Xfrm);
                from != to && !replaces(kind) && (kind != Apnd || !transformed)
            }
        }
    }

    fn may_be_end(&self, r: &Registration, end: &End, is: fn(&Self, Node) -> bool) -> bool {
        match end {
            End::Registered(node) => is(self, *node) && self.may_be_joined(*node, r.patient),
            End::New(_) => true,
        }
    }

    /// Whether a registered document is in a registered folder.
    fn is_filed(&self, folder: &End, document: &End) -> bool {
        let (End::Registered(folder), End::Registered(document)) = (folder, document) else {
            return false;
        };
        let same = |(_, kind, from, to): Link| (kind, from, to) == (HasMember, *folder, *document);
        self.current_links().any(same)
    }

    fn registered(&self, r: &Registration, replaced: BTreeSet<End>) -> Self {
        let registered = |end: &End| match end {
            End::Registered(node) => Some(*node),
            End::New(_) => None,
        };
        let replaced = replaced.iter().filter_map(registered).collect();
        let outdated = self.outdated(replaced, &BTreeSet::new());
        let mut after = self.clone();
        after.known.insert(r.patient);
        let set = after.add(Some(r.set), r.patient, What::Set);
        let mut new = |id: EntryUuid, what| {
            let node = after.add(Some(id), r.patient, what);
            after.link(r.patient, HasMember, set, node);
            node
        };
        let documents: Vec<Node> =
            r.documents.iter().map(|(id, document)| new(*id, What::Document(*document))).collect();
        let folders: Vec<Node> = r.folders.iter().map(|id| new(*id, What::Folder)).collect();
        let place = |end: &End, new: &[Node]| match end {
            End::Registered(node) => *node,
            End::New(n) => new[*n],
        };
        for (from, kind, to) in &r.relations {
            after.link(r.patient, *kind, documents[*from], place(to, &documents));
        }
        let mut members: Vec<(Node, Node)> =
            r.memberships.iter().map(|(f, d)| (place(f, &folders), place(d, &documents))).collect();
        for (from, _, to) in r.relations.iter().filter(|(_, kind, _)| replaces(*kind)) {
            for folder in self.folders_of(place(to, &documents)) {
                if !members.contains(&(folder, documents[*from])) {
                    members.push((folder, documents[*from]));
                }
            }
        }
        for (folder, document) in members {
            after.bring(set, HasMember, folder, document);
        }
        if let Some(node) = r.reference {
            after.link(r.patient, HasMember, set, node);
        }
        for node in outdated {
            after.objects[node].approved = false;
        }
        after
    }

    /// Current folders with a current membership of the document.
    fn folders_of(&self, document: Node) -> Vec<Node> {
        let member = |(_, kind, source, target): Link| {
            let current = kind == HasMember && target == document && self.objects[source].approved;
            (current && self.is_folder(source)).then_some(source)
        };
        self.current_links().filter_map(member).collect()
    }
}
