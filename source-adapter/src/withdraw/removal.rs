//! What goes with the documents of a checkup, so that what is left is a registry (ITI TF-2:
//! 3.62.4.1.3): every Association that begins or ends at one of them, the Folder that they alone were in,
//! and the submissions that hold nothing else.

use super::reasons::Reason;
use super::surroundings::{Surroundings, uuids};
use renkei_metadata::ids::{EntryUuid, ObjectId, Oid};
use renkei_metadata::model::{Association, AssociationType, DocumentEntry};
use std::collections::BTreeSet;

/// The objects that go, or why they cannot: all that a checkup has goes together.
pub(super) fn removal(
    entries: &[DocumentEntry],
    around: &Surroundings,
    source: &Oid,
) -> Result<Vec<EntryUuid>, Reason> {
    let going = entries.iter().map(|e| e.id.clone()).collect();
    let mut going = Going { around, source, ids: going };
    going.relations()?;
    going.folders();
    going.memberships()?;
    going.submissions();
    Ok(uuids(going.ids.iter()))
}

struct Going<'s> {
    around: &'s Surroundings,
    source: &'s Oid,
    ids: BTreeSet<ObjectId>,
}

impl Going<'_> {
    fn has(&self, id: &ObjectId) -> bool {
        self.ids.contains(id)
    }

    /// What leads to a document that goes. A relation to one that stays keeps both.
    fn relations(&mut self) -> Result<(), Reason> {
        let mut links = Vec::new();
        for link in self.around.links.values() {
            let ends = [self.has(&link.source), self.has(&link.target)];
            match (link.association_type, ends) {
                (_, [false, false]) => {}
                (AssociationType::HasMember, _) | (_, [true, true]) => links.push(link.id.clone()),
                (_, [true, false] | [false, true]) => return Err(Reason::Related),
            }
        }
        self.ids.extend(links);
        Ok(())
    }

    /// A Folder that this source brought and that would be empty.
    fn folders(&mut self) {
        let around = self.around;
        let brought = around.sets.keys().flat_map(|set| around.members(set)).map(|l| &l.target);
        let is_emptied = |folder: &&ObjectId| {
            let mut members = around.members(folder).peekable();
            members.peek().is_some()
                && members.all(|link| self.has(&link.target))
                && around.memberships(folder).all(|link| self.is_own(link))
        };
        let folders: Vec<ObjectId> = brought.filter(is_emptied).cloned().collect();
        self.ids.extend(folders);
    }

    /// Everything that goes is held by submissions of this source alone.
    fn memberships(&mut self) -> Result<(), Reason> {
        let around = self.around;
        let holding = around.links.values().filter(|link| {
            link.association_type == AssociationType::HasMember && self.has(&link.target)
        });
        let mut links = Vec::new();
        for link in holding {
            // A Folder holds documents whoever made it.
            if !self.has(&link.id) || around.sets.contains_key(&link.source) {
                if !self.is_own(link) {
                    return Err(Reason::HeldByOthers);
                }
                links.push(link.id.clone());
            }
        }
        self.ids.extend(links);
        Ok(())
    }

    /// Whether a membership is one of a submission of this source.
    fn is_own(&self, link: &Association) -> bool {
        self.around.sets.get(&link.source).is_some_and(|set| set.source_id == *self.source)
    }

    /// Submissions that hold nothing else; notes never held anything.
    fn submissions(&mut self) {
        let around = self.around;
        let own = around.sets.values().filter(|set| set.source_id == *self.source);
        let emptied = own.filter(|set| around.members(&set.id).all(|link| self.has(&link.id)));
        let emptied: Vec<ObjectId> = emptied.map(|set| set.id.clone()).collect();
        self.ids.extend(emptied);
    }
}
