//! Whose cross-references changed (ITI TF-2: 3.10.4.1.1, 3.46.4.1.1): put down in the transaction that changed them,
//! until everybody who wants to be told was.

use crate::store::known;
use crate::{Identity, IdentityError};
use chrono::{DateTime, Utc};
use renkei_database::Db;
use renkei_metadata::ids::{Oid, PatientId};
use std::collections::BTreeSet;
use std::sync::Arc;

/// A change of a person's identifiers. One that parts a person in two is two changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// By which it is forgotten; in the order in which they came.
    pub key: i64,
    /// When the news came that brought it.
    pub at: DateTime<Utc>,
    /// What changed.
    pub changed: Changed,
}

/// What changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changed {
    /// The identifiers of each person of whom this one was made, in whole or in part.
    pub before: Vec<Vec<PatientId>>,
    /// All identifiers of the person, those of the affinity domain first.
    pub now: Vec<PatientId>,
}

impl Changed {
    /// The identifiers of these domains, if it is to be told whoever is interested in them: something changed there.
    pub fn within(&self, domains: &[Oid]) -> Option<Vec<PatientId>> {
        let of = |ids: &[PatientId]| -> Vec<PatientId> {
            ids.iter().filter(|id| domains.contains(&id.authority)).cloned().collect()
        };
        let now = of(&self.now);
        let set = |ids: Vec<PatientId>| -> BTreeSet<String> {
            ids.iter().map(ToString::to_string).collect()
        };
        let is_as_before = !self.before.is_empty()
            && self.before.iter().all(|ids| set(of(ids)) == set(now.clone()));
        (!now.is_empty() && !is_as_before).then_some(now)
    }
}

impl Identity {
    /// The oldest changes of which somebody is still to be told, at most so many.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn changes(&self, most: u16) -> Result<Vec<Change>, IdentityError> {
        let inner = Arc::clone(&self.inner);
        let read = move |db: &mut Db| known::changes(db, &inner.vault, i64::from(most));
        self.inner.database.read(read).await
    }

    /// Forgets changes of which everybody was told.
    ///
    /// # Errors
    /// When the database does not take it.
    pub async fn changes_told(&self, keys: Vec<i64>) -> Result<(), IdentityError> {
        self.inner.database.write(move |db: &mut Db| known::forget(db, &keys)).await
    }
}
