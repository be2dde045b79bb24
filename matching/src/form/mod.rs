//! A person in the forms in which persons are compared: made once, compared often.

pub(crate) mod address;
pub(crate) mod edits;
pub(crate) mod identifiers;
pub(crate) mod kana;
pub(crate) mod kanji;
pub(crate) mod latin;
pub(crate) mod names;
pub(crate) mod telephone;

use crate::rules::Rules;
use address::Residence;
use identifiers::Identifiers;
use names::Names;
use renkei_person::{Birth, Person, Sex};
use telephone::Telephone;

/// The most addresses, and the most telephone numbers, that are looked at.
const MOST: usize = 16;

/// A person as rules compare them. Bounded whatever the person holds: what goes beyond is not compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Form {
    pub(crate) names: Names,
    pub(crate) birth: Option<Birth>,
    /// Female or male; nothing else tells two people apart.
    pub(crate) sex: Option<Sex>,
    pub(crate) residences: Vec<Residence>,
    pub(crate) telephones: Vec<Telephone>,
    pub(crate) identifiers: Identifiers,
}

impl Form {
    /// The forms of a person under these rules.
    pub fn of(person: &Person, rules: &Rules) -> Self {
        let stands_for_none = |birth: &Birth| rules.placeholders.contains(birth);
        Self {
            names: Names::of(&person.names, &rules.terms),
            birth: person.birth.filter(|birth| !stands_for_none(birth)),
            sex: person.sex.filter(|sex| matches!(sex, Sex::Female | Sex::Male)),
            residences: some(person.addresses.iter().filter_map(Residence::of)),
            telephones: some(person.contacts.iter().filter_map(Telephone::of)),
            identifiers: Identifiers::of(person, &rules.authorities),
        }
    }
}

/// Sorted, none twice, not more than are looked at.
fn some<T: Ord>(all: impl Iterator<Item = T>) -> Vec<T> {
    let mut all: Vec<T> = all.take(10 * MOST).collect();
    all.sort();
    all.dedup();
    all.truncate(MOST);
    all
}
