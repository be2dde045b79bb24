//! Whence each attribute of a person is known.
//!
//! News come late, twice and in any order, and two records may have become one before either was told of. What counts
//! of an attribute is therefore decided by who said it and when, never by what was there first: what was said under
//! the record's own identifier goes before what one brought that became it; of either, the later before the earlier.

use crate::merge;
use renkei_person::{Birth, Person, Sex};
use serde::{Deserialize, Serialize};

/// Who said an attribute, and when. The greater one counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Said {
    /// Under the record's own identifier.
    own: bool,
    /// Microseconds since 1970.
    at: i64,
}

/// When the attributes of a person were said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Whence {
    names: Said,
    sex: Said,
    birth: Said,
    addresses: Said,
    contacts: Said,
    mothers_maiden_name: Said,
    birth_place: Said,
}

impl Whence {
    /// All of them at once.
    pub(crate) const fn all(own: bool, at: i64) -> Self {
        let said = Said { own, at };
        Self {
            names: said,
            sex: said,
            birth: said,
            addresses: said,
            contacts: said,
            mothers_maiden_name: said,
            birth_place: said,
        }
    }

    /// The same of a record that another one has become.
    pub(crate) fn of_another(self) -> Self {
        let of = |said: Said| Said { own: false, ..said };
        Self {
            names: of(self.names),
            sex: of(self.sex),
            birth: of(self.birth),
            addresses: of(self.addresses),
            contacts: of(self.contacts),
            mothers_maiden_name: of(self.mothers_maiden_name),
            birth_place: of(self.birth_place),
        }
    }
}

/// What is known of somebody by both, and whence; which of them is the first makes no difference but for the order of
/// the identifiers, which are all kept.
pub(crate) fn joined(
    (a, of_a): (&Person, &Whence),
    (b, of_b): (&Person, &Whence),
) -> (Person, Whence) {
    let (names, names_said) = list((&a.names, of_a.names), (&b.names, of_b.names));
    let (addresses, addresses_said) =
        list((&a.addresses, of_a.addresses), (&b.addresses, of_b.addresses));
    let (contacts, contacts_said) =
        list((&a.contacts, of_a.contacts), (&b.contacts, of_b.contacts));
    let (sex, sex_said) = sex((a.sex, of_a.sex), (b.sex, of_b.sex));
    let (birth, birth_said) = birth((a.birth, of_a.birth), (b.birth, of_b.birth));
    let (mothers_maiden_name, mother_said) = one(
        (&a.mothers_maiden_name, of_a.mothers_maiden_name),
        (&b.mothers_maiden_name, of_b.mothers_maiden_name),
    );
    let (birth_place, place_said) =
        one((&a.birth_place, of_a.birth_place), (&b.birth_place, of_b.birth_place));
    let identifiers = merge::joined(&a.identifiers, &b.identifiers);
    let person = Person {
        identifiers,
        names,
        sex,
        birth,
        addresses,
        contacts,
        mothers_maiden_name,
        birth_place,
    };
    let whence = Whence {
        names: names_said,
        sex: sex_said,
        birth: birth_said,
        addresses: addresses_said,
        contacts: contacts_said,
        mothers_maiden_name: mother_said,
        birth_place: place_said,
    };
    (person, whence)
}

/// Of two values that both say something, the one that counts. Of what was said at once it is the one whose text is
/// greater: any rule will do that does not ask which came first.
fn counts<'v, T: Serialize>(a: (&'v T, Said), b: (&'v T, Said)) -> (&'v T, Said) {
    let text = |value: &T| serde_json::to_string(value).unwrap_or_default();
    let is_b = match a.1.cmp(&b.1) {
        std::cmp::Ordering::Less => true,
        std::cmp::Ordering::Greater => false,
        std::cmp::Ordering::Equal => text(a.0) < text(b.0),
    };
    if is_b { b } else { a }
}

fn list<T: Clone + Serialize>(a: (&Vec<T>, Said), b: (&Vec<T>, Said)) -> (Vec<T>, Said) {
    let (value, said) = match (a.0.is_empty(), b.0.is_empty()) {
        (true, _) => b,
        (_, true) => a,
        (false, false) => counts(a, b),
    };
    (value.clone(), said)
}

fn one<T: Clone + Serialize>(a: (&Option<T>, Said), b: (&Option<T>, Said)) -> (Option<T>, Said) {
    let (value, said) = match (a.0, b.0) {
        (None, _) => b,
        (_, None) => a,
        (Some(_), Some(_)) => counts(a, b),
    };
    (value.clone(), said)
}

/// An unknown sex says nothing against one that is known.
fn sex(a: (Option<Sex>, Said), b: (Option<Sex>, Said)) -> (Option<Sex>, Said) {
    let is_known = |sex: Option<Sex>| sex.is_some_and(|sex| sex != Sex::Unknown);
    match (is_known(a.0), is_known(b.0)) {
        (true, false) => a,
        (false, true) => b,
        _ => one((&a.0, a.1), (&b.0, b.1)),
    }
}

/// Neither does the year against a day of it.
fn birth(a: (Option<Birth>, Said), b: (Option<Birth>, Said)) -> (Option<Birth>, Said) {
    let holds = |wide: &Birth, narrow: &Birth| {
        wide.first() <= narrow.first() && narrow.last() <= wide.last()
    };
    match (&a.0, &b.0) {
        (Some(of_a), Some(of_b)) if of_a != of_b && holds(of_a, of_b) => b,
        (Some(of_a), Some(of_b)) if of_a != of_b && holds(of_b, of_a) => a,
        _ => one((&a.0, a.1), (&b.0, b.1)),
    }
}
