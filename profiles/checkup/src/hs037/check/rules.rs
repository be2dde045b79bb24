//! What single elements must hold: a row each, in [`super::rows`].

use std::collections::HashMap;
use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value;

use super::document::{Checked, Part};
use super::path::{Path, dotted};
use super::{Target, Violation, rows, shown};
use crate::hs037::json::{codings, list, text, without_version};

/// What a rule demands of an element.
#[derive(Clone, Copy, Debug)]
pub(super) enum Demand {
    /// So many of it in every parent; the greatest number may be open.
    Count(usize, Option<usize>),
    /// One of these values.
    OneOf(&'static [&'static str]),
    /// Text of this form.
    Form(&'static str),
    /// No text of this form.
    NotForm(&'static str),
    /// A code of one of these systems; which, where they are listed.
    Coded(&'static [&'static str], &'static [&'static str]),
    /// A reference to one of these.
    To(&'static [Target]),
    /// A list of profiles with this one, in whatever version.
    Profile(&'static str),
}

/// A rule.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rule {
    pub(super) target: Target,
    pub(super) path: &'static str,
    pub(super) demand: Demand,
}

/// All rules.
pub(super) fn all() -> impl Iterator<Item = &'static Rule> {
    rows::DOCUMENT.iter().chain(rows::RESULTS)
}

impl Rule {
    /// Adds what breaks this rule in one resource.
    pub(super) fn check(self, document: &Checked<'_>, part: &Part<'_>, out: &mut Vec<Violation>) {
        for found in Path::of(self.path).find(part.resource) {
            if let Demand::Count(least, greatest) = self.demand {
                if found.count < least || greatest.is_some_and(|greatest| found.count > greatest) {
                    out.push(self.violation(part, &found.place, found.count.to_string()));
                }
                continue;
            }
            if let Demand::Profile(profile) = self.demand {
                // beside it there may be profiles of other guides
                let stated =
                    found.elements.iter().filter_map(|p| part.resource.pointer(p)?.as_str());
                if found.count > 0 && !stated.clone().any(|url| without_version(url) == profile) {
                    let stated: Vec<&str> = stated.collect();
                    out.push(self.violation(part, &found.place, stated.join(", ")));
                }
                continue;
            }
            for pointer in &found.elements {
                let element = part.resource.pointer(pointer).unwrap_or(&Value::Null);
                if !self.holds(document, element) {
                    out.push(self.violation(part, pointer, shown(Some(element))));
                }
            }
        }
    }

    fn holds(self, document: &Checked<'_>, element: &Value) -> bool {
        let word = element.as_str().unwrap_or_default();
        match self.demand {
            // these look at all elements at once
            Demand::Count(..) | Demand::Profile(_) => true,
            Demand::OneOf(values) => values.contains(&word),
            Demand::Form(form) => matches(form, word),
            Demand::NotForm(form) => !matches(form, word),
            Demand::Coded(systems, codes) => {
                // an element of type Coding is its own only coding
                let coding = std::slice::from_ref(element);
                let all = if list(element, "coding").is_empty() {
                    coding
                } else {
                    codings(Some(element))
                };
                all.iter().any(|coding| {
                    let code = text(coding, "code");
                    systems.contains(&text(coding, "system"))
                        && !code.is_empty()
                        && (codes.is_empty() || codes.contains(&code))
                })
            }
            Demand::To(targets) => document
                .target(text(element, "reference"))
                .is_some_and(|target| targets.contains(&target)),
        }
    }

    fn violation(self, part: &Part<'_>, pointer: &str, found: String) -> Violation {
        let path = dotted(&format!("{}{pointer}", part.pointer));
        let expected = self.expected();
        let (ja, en) = match self.demand {
            Demand::Count(..) => (
                format!("要素の数は {expected} でなければなりませんが、{found} です"),
                format!("{found} of this element, where the profile has {expected}"),
            ),
            Demand::NotForm(_) => (
                format!("「{found}」は {expected} に当てはまってはなりません"),
                format!("{found:?} must not match {expected}"),
            ),
            Demand::OneOf(_)
            | Demand::Form(_)
            | Demand::Coded(..)
            | Demand::To(_)
            | Demand::Profile(_) => (
                format!("「{found}」ではなく {expected} が必要です"),
                format!("{expected} is needed, not {found:?}"),
            ),
        };
        Violation { path, rule: self.to_string(), found, expected, ja, en }
    }

    /// What the rule asks for, independent of language.
    fn expected(self) -> String {
        match self.demand {
            Demand::Count(least, None) => format!("{least}..*"),
            Demand::Count(least, Some(greatest)) => format!("{least}..{greatest}"),
            Demand::OneOf(values) => values.join(" | "),
            Demand::Form(form) | Demand::NotForm(form) => format!("/{form}/"),
            Demand::Coded(systems, []) => format!("{}#*", systems.join(" | ")),
            Demand::Coded(systems, codes) => {
                format!("{}#{}", systems.join(" | "), codes.join(" | "))
            }
            Demand::To(targets) => {
                let names: Vec<String> = targets.iter().map(|t| format!("{t:?}")).collect();
                format!("Reference({})", names.join(" | "))
            }
            Demand::Profile(profile) => profile.to_owned(),
        }
    }
}

impl std::fmt::Display for Rule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}.{}: {}", self.target, self.path, self.expected())
    }
}

fn matches(form: &'static str, text: &str) -> bool {
    FORMS.get(form).is_some_and(|regex| regex.is_match(text))
}

/// The patterns of the rules, compiled once; the tests find one that does not compile.
static FORMS: LazyLock<HashMap<&str, Regex>> = LazyLock::new(|| {
    all()
        .filter_map(|rule| match rule.demand {
            Demand::Form(form) | Demand::NotForm(form) => Some((form, Regex::new(form).ok()?)),
            _ => None,
        })
        .collect()
});
