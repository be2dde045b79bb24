//! What the registry has of a checkup decides what is sent.

use super::document_set::{DocumentSet, Prepared};
use super::kind::{self, Audience};
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
    /// It is sent and replaces an older version.
    Correction(ObjectId),
}

/// What happens to a document set.
#[derive(Debug)]
pub struct Plan {
    /// The set; uniqueIds may have been renewed.
    pub set: DocumentSet,
    /// One decision per document.
    pub decisions: Vec<Decision>,
}

impl Plan {
    /// Compares a set with the entries the registry has of this person on this day, whatever their
    /// status.
    pub fn new(mut set: DocumentSet, present: &[DocumentEntry]) -> Self {
        let reference = set.checkup.reference_id();
        let versions: Vec<&DocumentEntry> =
            present.iter().filter(|e| e.reference_ids.contains(&reference)).collect();
        let status: BTreeMap<&UniqueId, bool> =
            versions.iter().fold(BTreeMap::new(), |mut map, e| {
                *map.entry(&e.unique_id).or_insert(false) |= is_approved(e);
                map
            });
        let mut decisions = Vec::new();
        for document in &mut set.documents {
            let mut generation = 0;
            // Content that was replaced and has come back needs an id of its own.
            while status.get(&document.entry.unique_id) == Some(&false) {
                generation += 1;
                document.renew(&set.checkup, generation);
            }
            decisions.push(if status.contains_key(&document.entry.unique_id) {
                Decision::Repeat
            } else {
                let same_slot = |e: &&&DocumentEntry| is_approved(e) && slot(e) == document.slot;
                match versions.iter().find(same_slot) {
                    Some(old) => Decision::Correction(old.id.clone()),
                    None => Decision::New,
                }
            });
        }
        Self { set, decisions }
    }

    /// The documents to be sent, each with what it replaces.
    pub fn sent(&self) -> Vec<(&Prepared, Option<ObjectId>)> {
        self.set
            .documents
            .iter()
            .zip(&self.decisions)
            .filter_map(|(document, decision)| match decision {
                Decision::Repeat => None,
                Decision::New => Some((document, None)),
                Decision::Correction(old) => Some((document, Some(old.clone()))),
            })
            .collect()
    }

    /// Whether something is replaced.
    pub fn corrects(&self) -> bool {
        self.decisions.iter().any(|d| matches!(d, Decision::Correction(_)))
    }
}

fn is_approved(entry: &DocumentEntry) -> bool {
    entry.status != Some(AvailabilityStatus::Deprecated)
}

/// Format and audience of a registered entry, as [`Prepared::slot`] has them.
fn slot(entry: &DocumentEntry) -> String {
    let format = entry.format_code.as_ref().map_or("", |c| c.code.as_str());
    let mut codes = entry.confidentiality_codes.iter().map(|c| c.code.as_str());
    kind::slot(format, codes.find(|code| Audience::is_code(code)).unwrap_or_default())
}
