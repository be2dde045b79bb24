//! A removal.

use super::{Link, Node, Registered, What};
use renkei_metadata::model::AssociationType::*;
use std::collections::BTreeSet;

impl Registered {
    pub(super) fn remove(&self, nodes: &[Node]) -> Option<Self> {
        let goes: BTreeSet<Node> = nodes.iter().copied().collect();
        if goes.is_empty() || goes.iter().any(|node| self.objects[*node].removed) {
            return None;
        }
        let mut after = self.clone();
        for node in &goes {
            after.objects[*node].removed = true;
        }
        // No association without an end.
        let loose = |(_, _, from, to): Link| goes.contains(&from) || goes.contains(&to);
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
