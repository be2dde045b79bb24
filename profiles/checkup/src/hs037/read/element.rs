//! The Observations of a document and their components, one element for each value.

use chrono::NaiveDate;
use serde_json::Value;

use super::document::{Document, Parts};
use super::person::day;
use super::value::{self, Outcome};
use super::{Standing, UnshownReason};
use crate::hs037::json::{codings, list, text, text_at};
use crate::hs037::systems;
use crate::tables::Column;

/// An Observation or a component.
pub(super) struct Element<'a> {
    /// The element with code and value.
    pub(super) content: &'a Value,
    /// The Observation that it is, or is part of.
    observation: &'a Value,
    /// The item of our table.
    pub(super) item: Option<&'static Column>,
}

/// The elements of all Observations, in document order.
pub(super) fn all(document: &Document) -> impl Iterator<Item = Element<'_>> {
    let observations = document.resources().filter(|r| text(r, "resourceType") == "Observation");
    observations.flat_map(|observation| {
        let contents = std::iter::once(observation).chain(list(observation, "component"));
        contents.map(move |content| Element { content, observation, item: value::item(content) })
    })
}

impl<'a> Element<'a> {
    /// What keeps it from being shown, else its value; nothing for an Observation that only holds
    /// others together.
    pub(super) fn outcome(&self, document: &'a Document, parts: &Parts<'a>) -> Option<Outcome> {
        let outcome = value::read(self.content, self.item);
        let holds_others = !list(self.content, "hasMember").is_empty()
            || !list(self.content, "component").is_empty();
        (!matches!(outcome, Outcome::Nothing) || !holds_others).then(|| {
            match self.hidden(document, parts) {
                Some(hidden) => Outcome::UnshownReason(hidden),
                None => outcome,
            }
        })
    }

    fn hidden(&self, document: &'a Document, parts: &Parts<'a>) -> Option<UnshownReason> {
        let subject = document.resolve(text_at(self.observation, "/subject/reference"));
        let is_other = subject.is_some_and(|subject| {
            text(subject, "resourceType") == "Patient" && !std::ptr::eq(subject, parts.patient)
        });
        match self.standing() {
            Standing::EnteredInError => Some(UnshownReason::Withdrawn),
            _ if is_other => Some(UnshownReason::OtherPerson),
            _ => None,
        }
    }

    /// How final it is. An examination that was given up and has no value is final in that.
    pub(super) fn standing(&self) -> Standing {
        let standing = Standing::of(text(self.observation, "status"));
        let has_reason = self.content.get("dataAbsentReason").is_some();
        let has_value = || self.content.as_object().into_iter().flatten().any(is_value);
        match standing {
            Standing::Cancelled if has_reason || !has_value() => Standing::Final,
            standing => standing,
        }
    }

    /// When it was measured.
    pub(super) fn day(&self) -> Option<NaiveDate> {
        let places = ["/effectiveDateTime", "/effectiveInstant", "/effectivePeriod/start"];
        places.iter().find_map(|place| day(text_at(self.observation, place)))
    }

    /// The coding that names it: that of the institution, else the first with a name.
    fn coding(&self) -> Option<&'a Value> {
        let codings = codings(self.content.get("code"));
        let own =
            codings.iter().find(|coding| text(coding, "system").starts_with(systems::OWN_ITEM));
        let named = || codings.iter().find(|coding| !text(coding, "display").trim().is_empty());
        own.or_else(named).or_else(|| codings.first())
    }

    /// The code as sent; empty for none.
    pub(super) fn code(&self) -> &'a str {
        self.coding().map_or("", |coding| text(coding, "code"))
    }

    /// The 17-digit item code; empty for none.
    pub(super) fn jlac10(&self) -> &'a str {
        codings(self.content.get("code"))
            .iter()
            .find(|coding| systems::ITEM_CODES.contains(&text(coding, "system")))
            .map_or("", |coding| text(coding, "code"))
    }

    /// The institution whose own code it has; empty for none.
    pub(super) fn owner(&self) -> &'a str {
        let system = self.coding().map_or("", |coding| text(coding, "system"));
        system.strip_prefix(systems::OWN_ITEM).unwrap_or_default()
    }

    /// The name as sent; that of a component we do not know stands behind that of its Observation.
    pub(super) fn name(&self) -> String {
        let own = self.own_name();
        if self.item.is_some() || std::ptr::eq(self.content, self.observation) {
            return own;
        }
        let whole =
            Element { content: self.observation, observation: self.observation, item: None };
        format!("{} {own}", whole.own_name()).trim().to_owned()
    }

    /// An item of the table has a Japanese name, that of its method where the sender gives it.
    fn own_name(&self) -> String {
        if let Some(item) = self.item {
            let codings = codings(self.content.get("code")).iter();
            let mut names = codings
                .filter(|coding| systems::ITEM_CODES.contains(&text(coding, "system")))
                .map(|coding| text(coding, "display").trim());
            let japanese = names.find(|name| !name.is_ascii());
            return japanese.unwrap_or(&item.name_ja).to_owned();
        }
        let display = self.coding().map_or("", |coding| text(coding, "display"));
        let words = [display, text_at(self.content, "/code/text"), self.code()];
        let first = words.into_iter().find(|word| !word.trim().is_empty());
        first.unwrap_or_default().trim().to_owned()
    }
}

fn is_value((key, value): (&String, &Value)) -> bool {
    key.starts_with("value") && !value.is_null()
}
