//! People who are one and people who are not, and what holds of all.

mod cases;
mod properties;

use crate::{Rules, Verdict, compare};
use renkei_metadata::ids::{Oid, PatientId};
use renkei_person::{
    Address, Birth, Contact, ContactSystem, Identifier, Name, Person, Place, Sex,
    SharedAuthorities, Writing,
};

/// Who gives cards, and who gives each person one identifier.
const CARDS: &str = "2.999.61";
const PERSONAL: &str = "2.999.62";

fn rules() -> Rules {
    let authorities = SharedAuthorities {
        insured: Oid::parse(CARDS).ok(),
        others: vec![Oid::parse(PERSONAL).unwrap()],
    };
    Rules { authorities, ..Rules::standard().unwrap() }
}

/// Somebody with everything but an identifier.
pub(crate) fn person() -> Person {
    Person {
        names: vec![
            Name::new(Writing::Ideographic, "渡辺", "裕子"),
            Name::new(Writing::Syllabic, "ワタナベ", "ユウコ"),
        ],
        sex: Some(Sex::Female),
        birth: Birth::parse("19660412"),
        addresses: vec![home("100-0001", "千代田区千代田1-2-3")],
        contacts: vec![phone("090-0000-1234")],
        ..Person::default()
    }
}

fn home(postal: &str, line: &str) -> Address {
    Address {
        place: Some(Place::Home),
        lines: vec![line.to_owned()],
        state: Some("東京都".to_owned()),
        postal_code: Some(postal.to_owned()),
        ..Address::default()
    }
}

fn phone(value: &str) -> Contact {
    Contact { system: ContactSystem::Phone, value: value.to_owned(), place: None }
}

fn identifier(id: &str, authority: &str) -> Identifier {
    PatientId::new(id, Oid::parse(authority).unwrap()).unwrap().into()
}

/// With another name in both writings.
fn named(person: &Person, kanji: (&str, &str), kana: (&str, &str)) -> Person {
    let names = vec![
        Name::new(Writing::Ideographic, kanji.0, kanji.1),
        Name::new(Writing::Syllabic, kana.0, kana.1),
    ];
    Person { names, ..person.clone() }
}

/// With another address and number.
fn moved(person: &Person) -> Person {
    Person {
        addresses: vec![home("530-0001", "大阪市北区梅田4-5-6")],
        contacts: vec![phone("080-0000-9876")],
        ..person.clone()
    }
}

fn born(person: &Person, birth: &str) -> Person {
    Person { birth: Birth::parse(birth), ..person.clone() }
}

fn with(person: &Person, id: &str, authority: &str) -> Person {
    let mut person = person.clone();
    person.identifiers.push(identifier(id, authority));
    person
}

fn judged(a: &Person, b: &Person) -> Verdict {
    let rules = rules();
    let verdict = compare(a, b, &rules);
    assert_eq!(compare(b, a, &rules), verdict, "either way");
    verdict
}
