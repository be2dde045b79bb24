//! What was said last of each identifier of a person.
//!
//! An identifier comes and goes (ITI-64 A43), and news may come twice or late. Of each one counts what was said
//! last, whatever the order in which it gets here.

use renkei_metadata::ids::PatientId;
use renkei_person::Person;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// When something was said last of identifiers, those that were taken away among them: microseconds since 1970.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Spoken(BTreeMap<String, i64>);

impl Spoken {
    /// Whether nothing newer was said of an identifier; it is remembered that something was.
    pub(crate) fn is_news(&mut self, id: &PatientId, at: i64) -> bool {
        let last = self.0.entry(id.to_string()).or_insert(at);
        let is_news = *last <= at;
        *last = at.max(*last);
        is_news
    }

    /// When something was said last of an identifier.
    pub(crate) fn last(&self, id: &PatientId) -> Option<i64> {
        self.0.get(&id.to_string()).copied()
    }

    /// Takes from a person the identifiers that `other` does not have and of which more was said there since.
    pub(crate) fn taken_away(&self, from: &mut Person, (theirs, other): (&Self, &Person)) {
        from.identifiers.retain(|identifier| {
            let id = identifier.id.to_string();
            let is_there = other.identifiers.iter().any(|i| i.id == identifier.id);
            is_there || theirs.0.get(&id) <= self.0.get(&id)
        });
    }

    /// What was said last of either person.
    pub(crate) fn joined(&self, other: &Self) -> Self {
        let mut all = self.0.clone();
        for (id, at) in &other.0 {
            let last = all.entry(id.clone()).or_insert(*at);
            *last = (*last).max(*at);
        }
        Self(all)
    }
}
