//! A member: who it is, and what happened to it. Nothing of that is ever removed; what it is now follows from it.

use super::kind::INSTITUTION;
use super::{Deed, Kind, MemberId, Refused, State};
use crate::pki::{Entitlement, OfInstitution};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use unicode_normalization::UnicodeNormalization;

/// A member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Member {
    pub(crate) id: MemberId,
    pub(crate) about: About,
}

/// The file of a member.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct About {
    pub(crate) kind: Kind,
    /// Its name, as it writes it.
    pub(crate) name: String,
    /// The number of its kind, as far as it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) number: Option<String>,
    /// The member to which it belongs: 親機関, which is billed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) parent: Option<String>,
    /// Who answers for it there, and how they are reached.
    pub(crate) contact: String,
    /// What happened, the first thing first.
    pub(crate) history: Vec<Event>,
}

/// Something that happened to a member.
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
    /// The node that it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) node: Option<String>,
    /// Why, or what was found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) note: Option<String>,
}

impl Member {
    /// The same after something more happened; whatever cannot happen now is refused.
    pub(crate) fn after(mut self, event: Event) -> Result<Self, Refused> {
        let (state, deed) = (self.state(), event.what);
        if state.after(deed).is_none() {
            return Err(Refused::NotNow { id: self.id, state, deed });
        }
        self.about.history.push(event);
        Ok(self)
    }

    /// What it is now. An event that a hand put where it cannot be changes nothing.
    pub(crate) fn state(&self) -> State {
        let deeds = self.about.history.iter().map(|event| event.what);
        deeds.fold(State::Applied, |state, deed| state.after(deed).unwrap_or(state))
    }

    /// The nodes that were ever issued for it.
    pub(crate) fn nodes(&self) -> BTreeSet<&str> {
        let issued = self.about.history.iter().filter(|event| event.what == Deed::Issue);
        issued.filter_map(|event| event.node.as_deref()).collect()
    }

    /// The last thing of a kind that happened.
    pub(crate) fn last(&self, which: impl Fn(&Event) -> bool) -> Option<&Event> {
        self.about.history.iter().rev().find(|event| which(event))
    }

    /// The scopes that its nodes may have.
    fn scopes(&self) -> Vec<String> {
        let own = self.about.kind.row().scope.zip(self.about.number.as_deref());
        let own = own.map(|(word, number)| format!("{word}={number}"));
        own.into_iter().chain(["own".to_owned(), "domain".to_owned()]).collect()
    }

    /// The institution that it is, of whose authors its nodes bring documents; `None` of what is none.
    pub(crate) fn institution(&self) -> Result<Option<OfInstitution>, Refused> {
        let About { kind, number, .. } = &self.about;
        if kind.row().scope != Some(INSTITUTION) {
            return Ok(None);
        }
        kind.checked(number.as_deref())?;
        Ok(number.as_deref().and_then(|number| number.parse().ok()))
    }

    /// Whether a node of it may be entitled to that: what is of its own number alone, or to everything, which needs
    /// a second administrator.
    pub(crate) fn permits(&self, entitlement: &Entitlement) -> Result<(), Refused> {
        let allowed = self.scopes();
        let words = entitlement.scope.iter().map(ToString::to_string);
        let beyond: Vec<String> = words.filter(|word| !allowed.contains(word)).collect();
        match beyond.is_empty() {
            true => Ok(()),
            false => Err(Refused::Beyond {
                id: self.id.clone(),
                words: beyond.join(", "),
                allowed: allowed.join(", "),
            }),
        }
    }

    /// Whether `by` may approve what somebody asked for `node`: another person than that one.
    pub(crate) fn may_approve(&self, node: &str, by: &str) -> Result<(), Refused> {
        let issued =
            |event: &Event| event.what == Deed::Issue && event.node.as_deref() == Some(node);
        let not_its = || Refused::NotIts { node: node.to_owned(), id: self.id.clone() };
        let asked = self.last(issued).ok_or_else(not_its)?;
        match is_same(&asked.by, by) {
            true => Err(Refused::SamePerson { node: node.to_owned(), by: by.to_owned() }),
            false => Ok(()),
        }
    }
}

/// Whether two names are one, however they were typed.
pub(crate) fn is_same(a: &str, b: &str) -> bool {
    // Widths, blanks, and what cannot be seen make nobody another person.
    let plain = |name: &str| name.nfkc().filter(|c| c.is_alphanumeric()).collect::<String>();
    let plain = |name: &str| plain(name).to_lowercase();
    plain(a) == plain(b)
}
