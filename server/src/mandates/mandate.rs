//! A mandate: which file of whom, what was wrong with it, and what happened. Nothing of that is ever removed, and nothing
//! of it is of the people in the file; what it is now follows from it.

use super::life::{Cannot, Life};
use super::{Deed, MandateId, Measures, Refused};
use crate::host;
use chrono::{DateTime, SecondsFormat, Utc};
use renkei_atna::build::{self, Local, Mandated, Peer};
use renkei_atna::record::AuditRecord;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use uuid::Uuid;

/// A mandate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mandate {
    pub(crate) id: MandateId,
    pub(crate) about: About,
}

/// The record of a mandate. The name of the file is not in it: people name files after people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct About {
    /// The member whose file it is.
    pub(crate) member: String,
    /// Why somebody has to look at it.
    pub(crate) reason: String,
    /// SHA-256 of the file.
    pub(crate) sha256: String,
    /// Its octets.
    pub(crate) size: u64,
    /// Rows that were read.
    pub(crate) rows: u64,
    /// Rows without an error.
    pub(crate) accepted: u64,
    /// The errors of its conversion by their ids, with how many there are of each.
    pub(crate) errors: BTreeMap<String, u64>,
    /// What happened, the first thing first.
    pub(crate) history: Vec<Event>,
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Event {
    pub(crate) at: DateTime<Utc>,
    pub(crate) what: Deed,
    /// Who did it.
    pub(crate) by: String,
    /// The account of the system that it was done with, where that has another name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) account: Option<String>,
    /// For how many hours it was granted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) hours: Option<u32>,
    /// What is to be remembered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) note: Option<String>,
}

impl Event {
    /// Something that `by` does now.
    pub(crate) fn new(now: DateTime<Utc>, what: Deed, by: &str) -> Self {
        let account = host::operator();
        let account = (account != by).then_some(account);
        Self { at: now, what, by: by.to_owned(), account, hours: None, note: None }
    }
}

impl Mandate {
    /// What follows from what happened, at a time. An event that a hand put where it cannot be changes nothing.
    pub(crate) fn life(&self, now: DateTime<Utc>) -> Life {
        let mut events = self.about.history.iter();
        // The reader refuses a record without history; there is nothing to look at in one.
        let Some(first) = events.next() else { return Life::nothing(now) };
        let begun = Life::begun(first);
        // A clock that went back makes nothing of what happened undone.
        let last = self.about.history.last().map_or(now, |event| event.at);
        events.fold(begun, |life, event| life.after(event).unwrap_or(life)).at(now.max(last))
    }

    /// The same after something more happened; whatever cannot happen now is refused.
    pub(crate) fn after(mut self, event: Event) -> Result<Self, Refused> {
        let before = self.about.history.last().map(|last| last.at).filter(|at| *at > event.at);
        if let (Deed::Grant | Deed::Open, Some(last)) = (event.what, before) {
            return Err(Refused::Clock { id: self.id, last: second(last) });
        }
        match self.life(event.at).after(&event) {
            Ok(_) => {
                self.about.history.push(event);
                Ok(self)
            }
            Err(Cannot::NotNow(state, deed)) => Err(Refused::NotNow { id: self.id, state, deed }),
            Err(Cannot::AskedForIt) => Err(Refused::AskedForIt { id: self.id, by: event.by }),
            Err(Cannot::GrantedIt) => Err(Refused::GrantedIt { id: self.id, by: event.by }),
        }
    }

    /// By what its file is known.
    pub(super) fn measures(&self) -> Measures {
        Measures { size: self.about.size, sha256: self.about.sha256.clone() }
    }

    /// The errors in a line: ids and counts.
    pub(crate) fn errors(&self) -> String {
        let errors = self.about.errors.iter().map(|(id, count)| format!("{id}: {count}"));
        errors.collect::<Vec<_>>().join(", ")
    }

    /// The audit record of its last event.
    pub(crate) fn record(
        &self,
        at: DateTime<Utc>,
        id: Uuid,
        operator: &Peer,
        local: &Local,
    ) -> AuditRecord {
        let done = match self.about.history.last().map(|event| event.what) {
            Some(Deed::Open) => Mandated::Used,
            Some(Deed::Erase) => Mandated::Erased,
            Some(Deed::Ask | Deed::Grant | Deed::Close) | None => Mandated::Changed,
        };
        let of = (self.id.as_str(), self.about.member.as_str());
        let (sha256, told) = (&self.about.sha256, self.told());
        build::mandate(at, id, operator, done, of, sha256, &told, local)
    }

    /// Its last event, as an auditor reads it.
    fn told(&self) -> String {
        let About { member, reason, sha256, size, history, .. } = &self.about;
        let Some(event) = history.last() else { return String::new() };
        let words = event.what.words();
        let hours = event.hours.map(|hours| format!(", {hours} h")).unwrap_or_default();
        let note = event.note.as_deref().map(|note| format!(": {note}")).unwrap_or_default();
        format!(
            "{} / {} (by {}{hours}){note}; {member}, SHA-256 {sha256}, {size} bytes, {}; {reason}",
            words.ja,
            words.en,
            event.by,
            self.errors()
        )
    }
}

fn second(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}
