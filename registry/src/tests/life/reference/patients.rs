//! Merges and moves.

use super::update::{NewVersion, Update};
use super::{Node, Registered, What};
use renkei_metadata::model::AssociationType::HasMember;
use renkei_metadata::update::Form;

/// The documents of a local identifier are another patient's.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct Move {
    pub(in super::super) previous: usize,
    pub(in super::super) new: usize,
    pub(in super::super) local: usize,
    /// The local identifier that `local` takes in.
    pub(in super::super) takes_in: Option<usize>,
}

impl Registered {
    pub(super) fn merge(&self, subsumed: usize, surviving: usize) -> Option<Self> {
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

    pub(super) fn relink(&self, m: &Move) -> Option<Self> {
        let active = |p: &usize| self.known.contains(p) && !self.merged.contains_key(p);
        if !active(&m.previous) || !active(&m.new) {
            return None;
        }
        let stays = m.previous == m.new;
        let current =
            |node: Node| self.objects[node].approved && self.patient_of(node) == m.previous;
        let newest = |node: Node| self.is_newest(node) && self.patient_of(node) == m.previous;
        let moves = |what: &What| match what {
            What::Document(d) => (d.local == m.local && !stays) || Some(d.local) == m.takes_in,
            _ => false,
        };
        let moving = self.here().filter(|(node, o)| newest(*node) && moves(&o.what));
        let mut moving: Vec<Node> = moving.map(|(node, _)| node).collect();
        if moving.is_empty() {
            return Some(self.clone());
        }
        if !stays {
            let folders = self.here().map(|(node, _)| node).filter(|node| self.is_folder(*node));
            let folders = folders.filter(|folder| current(*folder));
            let whole = |folder: &Node| {
                let members: Vec<Node> = self.members(*folder);
                !members.is_empty() && members.iter().all(|member| moving.contains(member))
            };
            let whole: Vec<Node> = folders.filter(whole).collect();
            moving.extend(whole);
        }
        let version = |of: &Node| NewVersion {
            id: None,
            of: *of,
            previous: self.objects[*of].version,
            propagates: true,
            local: Some(m.local),
        };
        self.updated(&Update {
            form: Form::Full,
            patient: m.new,
            set: None,
            versions: moving.iter().map(version).collect(),
            associations: Vec::new(),
            statuses: Vec::new(),
            leaves: true,
        })
    }

    /// The current documents in a folder.
    fn members(&self, folder: Node) -> Vec<Node> {
        let in_it = self.current_links().filter(|(_, kind, from, to)| {
            *kind == HasMember && *from == folder && self.objects[*to].approved
        });
        in_it.map(|(_, _, _, to)| to).collect()
    }
}
