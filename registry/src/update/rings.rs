//! Each document leads to one that was there before it: no chain of relationships closes (ITI TF-3:
//! 4.2.2.2). A submission cannot close one with what is registered, since its relationships begin at
//! documents of its own.

use super::look::Look;
use super::rules;
use super::versions::Successors;
use crate::rules::TOO_MANY_RESULTS;
use crate::store::association_number;
use crate::store::key::Key;
use crate::store::versions;
use crate::store::write::WriteError;
use renkei_metadata::model::AssociationType;
use renkei_metadata::update::Propagation;
use std::collections::HashSet;

/// Associations that an update makes current: the number of the type, source and target.
pub(super) type Pairs = HashSet<(i16, Key, Key)>;

impl Look<'_> {
    /// Tells it of the association `label` from `source` to `target`, one of `pairs`, if relationships
    /// lead back to its source: those that are Approved, between current versions, and those of `pairs`.
    /// A version of which this update makes a new one stands for that.
    pub(super) fn ring(
        &mut self,
        label: &str,
        [source, target]: [Key; 2],
        pairs: &Pairs,
        successors: &Successors,
    ) -> Result<(), WriteError> {
        let most = self.updating.most;
        let limit = i64::try_from(most).unwrap_or(i64::MAX);
        let mut seen = HashSet::from([target]);
        let mut todo = vec![target];
        while let Some(at) = todo.pop() {
            if at == source {
                self.tell(&rules::ASSOCIATION_RING, label, "targetObject", |f| f);
                return Ok(());
            }
            let mut next = versions::related(self.db, at, limit)?;
            next.retain(|key| !is_cut_off(*key, successors));
            next.extend(pairs.iter().filter(|p| relates(p) && p.1 == at).map(|p| p.2));
            todo.extend(next.into_iter().filter(|key| seen.insert(*key)));
            if seen.len() > most {
                self.tell(&TOO_MANY_RESULTS, label, "limits.query_results", |f| f);
                return Ok(());
            }
        }
        Ok(())
    }
}

/// Whether it is one of a relationship between documents.
fn relates((number, ..): &(i16, Key, Key)) -> bool {
    Some(*number) != association_number(AssociationType::HasMember)
}

/// Whether the version is followed by one that takes nothing over.
fn is_cut_off(version: Key, successors: &Successors) -> bool {
    let mut cut_off = successors.all().filter(|s| s.propagation == Propagation::No);
    cut_off.any(|s| s.old.place.key == version)
}
