//! Whether two descriptions are of one person.
//!
//! Persons become [`Form`]s, [`block`] names which of them are worth comparing, and [`compare`] says of two what the
//! [`Rules`] make of them: linked, for a clerk to decide, or nothing, with the reason of each field and the version of
//! the rules. First what is sure (identifiers), then the sum of evidence (Fellegi and Sunter, A Theory for Record
//! Linkage, 1969) with the rarity of names; what forbids a link goes over both.
//!
//! Pure and bounded: no database, no clock, nothing that is random. A pair has one verdict whichever comes first.

pub mod block;
mod form;
mod level;
mod observe;
mod rules;
mod tables;
mod terms;
#[cfg(test)]
mod tests;
pub mod trial;
mod verdict;
mod weight;

pub use form::Form;
pub use level::{Field, Level};
pub use observe::Observation;
pub use rules::{Condition, Counts, Lines, Mistake, Named, Odds, Rules, learn, mistakes};
pub use terms::{Part, Term, Terms};
pub use verdict::{Basis, Line, Reason, Verdict};
pub use weight::Weight;

use renkei_person::Person;

/// The rules that come with the program, as they are written.
pub const STANDARD: &str = include_str!("../rules/default.toml");

/// The shares of names that come with them.
pub const STANDARD_TERMS: &str = include_str!("../rules/terms.csv");

/// What the rules say of two persons.
pub fn compare(a: &Person, b: &Person, rules: &Rules) -> Verdict {
    compare_forms(&Form::of(a, rules), &Form::of(b, rules), rules)
}

/// The same of persons whose forms were made under these rules.
pub fn compare_forms(a: &Form, b: &Form, rules: &Rules) -> Verdict {
    rules.judge(&Observation::of(a, b))
}

/// The parts of a name as rules compare them, for counting how often names occur; nothing for one in Latin letters.
pub fn folded(name: &renkei_person::Name) -> Vec<(Part, String)> {
    form::names::counted(name)
}
