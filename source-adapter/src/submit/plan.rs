//! What the registry has of a checkup decides what is sent.

use super::document_set::{DocumentSet, Prepared};
use super::kind::{self, Audience, Kind};
use renkei_metadata::ids::{ObjectId, UniqueId};
use renkei_metadata::model::{AvailabilityStatus, DocumentEntry};
use std::collections::BTreeMap;

/// What happens to one document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// The registry has it, approved.
    Repeat,
    /// It is sent as new.
    New,
    /// It is sent and replaces what was there: one older version, or all that are in force.
    Correction(Vec<ObjectId>),
}

/// What happens to a document set.
///
/// When it was carried out, the documents of the set are the only ones of this checkup in force.
/// Versions under another day or programme are replaced by the document of the same slot, or, where the
/// new set has no such slot (the statutory Bundle of another programme), by the one nearest to it.
#[derive(Debug)]
pub struct Plan {
    /// The set; uniqueIds may have been renewed.
    pub set: DocumentSet,
    /// One decision per document.
    pub decisions: Vec<Decision>,
}

impl Plan {
    /// Compares a set with the entries the registry has of this person, whatever their status.
    pub fn new(set: DocumentSet, present: &[DocumentEntry]) -> Self {
        let versions: Vec<&DocumentEntry> =
            present.iter().filter(|e| set.checkup.is_version(e)).collect();
        let status: BTreeMap<&UniqueId, bool> =
            versions.iter().fold(BTreeMap::new(), |mut map, e| {
                *map.entry(&e.unique_id).or_insert(false) |= is_approved(e);
                map
            });
        let in_force = versions.into_iter().filter(|e| is_approved(e)).collect();
        let mut planning = Planning { set, status, in_force, replaced: BTreeMap::new() };
        planning.settle();
        planning.assign();
        planning.follow();
        planning.decide()
    }

    /// The documents to be sent, each with what it replaces.
    pub fn sent(&self) -> Vec<(&Prepared, Vec<ObjectId>)> {
        self.set
            .documents
            .iter()
            .zip(&self.decisions)
            .filter_map(|(document, decision)| match decision {
                Decision::Repeat => None,
                Decision::New => Some((document, Vec::new())),
                Decision::Correction(old) => Some((document, old.clone())),
            })
            .collect()
    }

    /// Whether something is replaced.
    pub fn corrects(&self) -> bool {
        self.decisions.iter().any(|d| matches!(d, Decision::Correction(_)))
    }
}

struct Planning<'p> {
    set: DocumentSet,
    /// UniqueIds of versions, and whether one is in force.
    status: BTreeMap<&'p UniqueId, bool>,
    in_force: Vec<&'p DocumentEntry>,
    /// By place in the set: the versions in force that the document has to replace.
    replaced: BTreeMap<usize, Vec<&'p DocumentEntry>>,
}

impl<'p> Planning<'p> {
    /// Content that was replaced and has come back is a version with an id of its own.
    fn settle(&mut self) {
        let DocumentSet { documents, checkup, .. } = &mut self.set;
        for document in documents {
            let mut generation = 0;
            while self.status.get(&document.entry.unique_id) == Some(&false) {
                generation += 1;
                document.renew(checkup, generation);
            }
        }
    }

    /// Gives every version in force that is none of the set's documents to the one that replaces it.
    fn assign(&mut self) {
        for old in &self.in_force {
            let documents = &self.set.documents;
            if documents.iter().any(|d| d.entry.unique_id == old.unique_id) {
                continue;
            }
            let slot = slot(old);
            let same = documents.iter().position(|d| d.slot == slot);
            let main = || documents.iter().position(|d| d.kind == Kind::Hs037);
            if let Some(place) = same.or_else(main) {
                self.replaced.entry(place).or_default().push(old);
            }
        }
    }

    /// A registry deprecates the transformations of what is replaced with it (ITI TF-3: 4.2.2.2.3), so
    /// that they have to be sent again.
    fn follow(&mut self) {
        let kind = |place: &usize| self.set.documents.get(*place).map(|d| d.kind);
        let sources: Vec<Kind> = self.replaced.keys().filter_map(kind).collect();
        for (place, document) in self.set.documents.iter().enumerate() {
            if document.kind.made_of().is_some_and(|source| sources.contains(&source)) {
                self.replaced.entry(place).or_default();
            }
        }
    }

    fn decide(self) -> Plan {
        let Self { mut set, status, in_force, mut replaced } = self;
        let mut decisions = Vec::new();
        for (place, document) in set.documents.iter_mut().enumerate() {
            let current = status.get(&document.entry.unique_id).copied();
            let mut old = match (replaced.remove(&place), current) {
                (None, Some(true)) => {
                    decisions.push(Decision::Repeat);
                    continue;
                }
                (old, _) => old.unwrap_or_default(),
            };
            // What is in force but has to replace something is replaced itself.
            old.extend(in_force.iter().filter(|e| e.unique_id == document.entry.unique_id));
            // Content that is sent again needs an id of its own.
            let mut generation = 0;
            while status.contains_key(&document.entry.unique_id) {
                generation += 1;
                document.renew(&set.checkup, generation);
            }
            decisions.push(if old.is_empty() {
                Decision::New
            } else {
                Decision::Correction(old.into_iter().map(|e| e.id.clone()).collect())
            });
        }
        Plan { set, decisions }
    }
}

pub(super) fn is_approved(entry: &DocumentEntry) -> bool {
    entry.status != Some(AvailabilityStatus::Deprecated)
}

/// Format and audience of a registered entry, as [`Prepared::slot`] has them.
fn slot(entry: &DocumentEntry) -> String {
    let format = entry.format_code.as_ref().map_or("", |c| c.code.as_str());
    let mut codes = entry.confidentiality_codes.iter().map(|c| c.code.as_str());
    kind::slot(format, codes.find(|code| Audience::is_code(code)).unwrap_or_default())
}
