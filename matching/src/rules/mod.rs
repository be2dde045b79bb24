//! Rules of matching: data with a version.
//!
//! What is sure, what forbids, what each observation weighs, and where the lines are. Written as TOML
//! (`rules/default.toml`), checked as a whole when they are read.

mod condition;
mod learned;
pub mod mistakes;
mod read;
#[cfg(test)]
mod tests;

pub use condition::Condition;
pub use learned::{Counts, learn};
pub use read::Mistake;

use crate::level::{Field, Level};
use crate::observe::Observation;
use crate::terms::Terms;
use crate::verdict::{Basis, Line, Reason, Verdict};
use crate::weight::Weight;
use renkei_person::{Birth, SharedAuthorities};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Rules of matching.
#[derive(Clone, Debug, PartialEq)]
pub struct Rules {
    /// What these rules are called; each verdict carries it.
    pub version: Arc<str>,
    /// Whose identifiers mean one person everywhere. Not in the file: the house has them in its settings.
    pub authorities: SharedAuthorities,
    /// Where the lines are.
    pub lines: Lines,
    pub(crate) sure: Vec<Sure>,
    pub(crate) vetoes: Vec<Veto>,
    pub(crate) weights: BTreeMap<Level, Odds>,
    /// How often names occur.
    pub terms: Terms,
    /// Dates that registers write for an unknown one.
    pub(crate) placeholders: Vec<Birth>,
    /// How many persons of one key are compared with each other at most.
    pub block: usize,
}

/// Where the lines are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lines {
    /// From here on linked,
    pub upper: Weight,
    /// if what tells of the person alone, and not of a household, reaches this.
    pub person: Weight,
    /// From here on a clerk is asked.
    pub lower: Weight,
    /// The same for the person alone.
    pub person_lower: Weight,
}

/// An identifier that is sure under a condition.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Sure {
    pub(crate) row: Arc<Named>,
    pub(crate) condition: Condition,
}

/// What forbids a link.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Veto {
    pub(crate) row: Arc<Named>,
    pub(crate) condition: Condition,
    /// No line above this.
    pub(crate) at_most: Line,
}

/// A rule as people know it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Named {
    /// A stable name.
    pub id: String,
    /// What it says, Japanese.
    pub ja: String,
    /// What it says, English.
    pub en: String,
}

/// How probable an observation is of one person, and of two.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Odds {
    /// Of one person.
    pub m: f64,
    /// Of two.
    pub u: f64,
}

impl Rules {
    /// The rules that come with the program.
    ///
    /// # Errors
    /// Never but for a mistake in these files, which a test would find.
    pub fn standard() -> Result<Self, Vec<Mistake>> {
        Self::read(crate::STANDARD, crate::STANDARD_TERMS)
    }

    /// Whether a rule decided that speaks against one person, and not only of too little that is known: two of whom it
    /// holds do not become one by way of a third.
    pub fn speaks_against(&self, verdict: &Verdict) -> bool {
        let Basis::Veto(row) = &verdict.basis else { return false };
        let known = |veto: &&Veto| veto.row.id == row.id && veto.condition.unknown.is_empty();
        self.vetoes.iter().any(|veto| known(&veto))
    }

    /// What the observation weighs, field by field.
    pub(crate) fn reasons(&self, observed: &Observation) -> Vec<Reason> {
        observed
            .levels()
            .map(|level| Reason { level, weight: self.weigh(observed, level) })
            .collect()
    }

    /// A shared name counts more the rarer it is, but never less than the next level below: to share 佐藤 says more
    /// than to differ by a letter.
    fn weigh(&self, observed: &Observation, level: Level) -> Weight {
        let usual = self.weight(level);
        if !level.shares_a_name() {
            return usual;
        }
        (usual + observed.rarity(level.field())).max(self.floor(level.field()))
    }

    fn weight(&self, level: Level) -> Weight {
        self.weights.get(&level).map_or(Weight::ZERO, |odds| Weight::ratio(odds.m, odds.u))
    }

    fn floor(&self, field: Field) -> Weight {
        self.weight(match field {
            Field::Family => Level::FamilyMixed,
            _ => Level::GivenMixed,
        })
    }

    /// What these rules say of what was observed.
    pub(crate) fn judge(&self, observed: &Observation) -> Verdict {
        let reasons = self.reasons(observed);
        let score = reasons.iter().map(|reason| reason.weight).sum();
        let personal = reasons.iter().filter(|reason| reason.level.field().is_personal());
        let person = personal.map(|reason| reason.weight).sum();
        let sure = self.sure.iter().find(|rule| rule.condition.holds(observed));
        let mut vetoes =
            self.vetoes.iter().filter(|rule| rule.condition.holds(observed)).collect::<Vec<_>>();
        vetoes.sort_by_key(|veto| veto.at_most);
        let line = match sure {
            Some(_) => Line::Linked,
            None => self.lines.line(score, person),
        };
        let (line, basis) = match (vetoes.first(), sure) {
            (Some(veto), _) if veto.at_most <= line => {
                (veto.at_most, Basis::Veto(Arc::clone(&veto.row)))
            }
            (_, Some(rule)) => (line, Basis::Sure(Arc::clone(&rule.row))),
            (_, None) => (line, Basis::Score),
        };
        Verdict { line, basis, score, person, reasons, rules: Arc::clone(&self.version) }
    }
}

impl Lines {
    /// What becomes of a pair with this score, of which `person` is that of the person alone.
    pub fn line(&self, score: Weight, person: Weight) -> Line {
        if score >= self.upper && person >= self.person {
            Line::Linked
        } else if score >= self.lower && person >= self.person_lower {
            Line::WorkList
        } else {
            Line::Nothing
        }
    }
}
