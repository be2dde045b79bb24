//! What is known of a person after a message, or after two persons became one.

use renkei_metadata::ids::{Oid, PatientId};
use renkei_person::{Birth, Identifier, Person, Sex};

/// What the newer says, and of what it does not speak or knows less, the older. Identifiers are kept: a message names those
/// that its sender knows, and several institutions feed one domain.
pub(crate) fn newer_over_older(newer: &Person, older: &Person) -> Person {
    Person {
        identifiers: joined(&newer.identifiers, &older.identifiers),
        names: filled(&newer.names, &older.names),
        sex: known(newer.sex).or(older.sex).or(newer.sex),
        birth: exact(newer.birth, older.birth),
        addresses: filled(&newer.addresses, &older.addresses),
        contacts: filled(&newer.contacts, &older.contacts),
        mothers_maiden_name: newer
            .mothers_maiden_name
            .clone()
            .or(older.mothers_maiden_name.clone()),
        birth_place: newer.birth_place.clone().or(older.birth_place.clone()),
    }
}

/// An unknown sex says nothing against one that is known.
fn known(sex: Option<Sex>) -> Option<Sex> {
    sex.filter(|sex| *sex != Sex::Unknown)
}

/// Neither does the year against a day of it.
fn exact(newer: Option<Birth>, older: Option<Birth>) -> Option<Birth> {
    let within =
        |(new, old): &(Birth, Birth)| new.first() <= old.first() && old.last() <= new.last();
    newer.zip(older).filter(within).map(|(_, old)| old).or(newer).or(older)
}

/// The same without the identifiers of an authority: each person here has one, under which it is filed.
pub(crate) fn without(authority: &Oid, person: &Person) -> Person {
    let mut person = person.clone();
    person.identifiers.retain(|i| i.id.authority != *authority);
    person
}

/// Takes one identifier out.
pub(crate) fn removed(id: &PatientId, person: &mut Person) {
    person.identifiers.retain(|i| i.id != *id);
}

/// Puts one identifier in, unless it is there.
pub(crate) fn added(id: &PatientId, person: &mut Person) {
    if person.identifiers.iter().all(|i| i.id != *id) {
        person.identifiers.push(Identifier::from(id.clone()));
    }
}

pub(crate) fn joined(newer: &[Identifier], older: &[Identifier]) -> Vec<Identifier> {
    let mut all: Vec<Identifier> = Vec::new();
    for identifier in newer.iter().chain(older) {
        if all.iter().all(|known| known.id != identifier.id) {
            all.push(identifier.clone());
        }
    }
    all
}

fn filled<T: Clone>(newer: &[T], older: &[T]) -> Vec<T> {
    if newer.is_empty() { older.to_vec() } else { newer.to_vec() }
}
