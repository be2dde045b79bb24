//! What holds of all persons.

use super::{home, identifier, named, person, phone, rules};
use crate::{Form, Rules, Weight, block, compare};
use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::{Strategy, any};
use proptest::sample::select;
use proptest::{prop_assert, prop_assert_eq, proptest};
use renkei_person::{Birth, Identifier, Name, Person, Sex, Writing};
use std::sync::LazyLock;

static RULES: LazyLock<Rules> = LazyLock::new(rules);

/// Texts as people write them, and any others.
fn text() -> impl Strategy<Value = String> {
    let known = ["渡邊", "ユウコ", "ゆーこ", "SATO", "佐々木", "1丁目2-3", "ヴァ", "々", "ー", ""];
    proptest::prop_oneof![select(known.to_vec()).prop_map(str::to_owned), any::<String>()]
}

fn name() -> impl Strategy<Value = Name> {
    let writing = of(select(&Writing::ALL));
    (writing, text(), vec(text(), 0..3)).prop_map(|(writing, family, given)| Name {
        writing,
        family,
        given,
        ..Name::default()
    })
}

fn known_identifier() -> impl Strategy<Value = Identifier> {
    let authorities = [super::CARDS, super::PERSONAL, "2.999.51.1"];
    let ids = ["06130018:12:3456:01", "6130018:12:3456:", "7:8", "06130018:12:3456:02", "A1"];
    (select(ids.to_vec()), select(authorities.to_vec()))
        .prop_map(|(id, authority)| identifier(id, authority))
}

fn anybody() -> impl Strategy<Value = Person> {
    let born = ["19660412", "19661204", "1966", "19000101", "20000229"];
    let lists =
        (vec(name(), 0..4), vec(known_identifier(), 0..4), vec(text(), 0..3), vec(text(), 0..3));
    (lists, of(select(&Sex::ALL)), of(select(born.to_vec()))).prop_map(|(lists, sex, birth)| {
        let (names, identifiers, lines, numbers) = lists;
        Person {
            names,
            identifiers,
            sex,
            birth: birth.and_then(Birth::parse),
            addresses: lines.iter().map(|line| home("100-0001", line)).collect(),
            contacts: numbers.iter().map(|number| phone(number)).collect(),
            ..Person::default()
        }
    })
}

/// The same person, told from behind.
fn turned(person: &Person) -> Person {
    let mut person = person.clone();
    person.names.reverse();
    person.identifiers.reverse();
    person.addresses.reverse();
    person.contacts.reverse();
    person
}

fn score(a: &Person, b: &Person) -> Weight {
    compare(a, b, &RULES).score
}

/// Without this field.
fn without(person: &Person, field: usize) -> Person {
    let mut person = person.clone();
    match field {
        0 => person.sex = None,
        1 => person.birth = None,
        2 => person.addresses.clear(),
        3 => person.contacts.clear(),
        4 => person.names.retain(|n| n.writing != Some(Writing::Syllabic)),
        5 => person.names.retain(|n| n.writing != Some(Writing::Ideographic)),
        _ => person.identifiers.clear(),
    }
    person
}

proptest! {
    #[test]
    fn the_verdict_is_one_whichever_comes_first_and_however_it_is_told(a in anybody(), b in anybody()) {
        let verdict = compare(&a, &b, &RULES);
        prop_assert_eq!(&verdict, &compare(&b, &a, &RULES));
        prop_assert_eq!(&verdict, &compare(&a, &b, &RULES));
        prop_assert_eq!(&verdict, &compare(&turned(&a), &b, &RULES));
        prop_assert!(!verdict.japanese().is_empty() && !verdict.english().is_empty());
    }

    #[test]
    fn keys_are_bounded_and_however_it_is_told(a in anybody()) {
        let keys = block::keys(&Form::of(&a, &RULES));
        prop_assert_eq!(&keys, &block::keys(&Form::of(&turned(&a), &RULES)));
        prop_assert!(keys.len() < 100);
    }

    #[test]
    fn a_field_that_agrees_never_lowers_the_score(
        field in 0_usize..7,
        sex in select(&[Sex::Female, Sex::Male]),
        family in select(&[("佐藤", "サトウ"), ("勅使河原", "テシガワラ"), ("東", "ヒガシ")]),
        other in select(&[("渡辺", "ワタナベ"), ("佐藤", "サトウ"), ("佐籐", "サトー")]),
        given in select(&[("裕子", "ユウコ"), ("健一", "ケンイチ"), ("佐藤", "サトウ")]),
        birth in select(&["19660412", "19661204", "1980"]),
    ) {
        let whole = super::with(&person(), "06130018:12:3456:01", super::CARDS);
        let whole = Person { sex: Some(sex), ..whole };
        let a = named(&whole, (family.0, "裕子"), (family.1, "ユウコ"));
        let b = named(&whole, (other.0, given.0), (other.1, given.1));
        let b = Person { birth: Birth::parse(birth), ..b };
        // The field agrees in both, and in neither is anything of it.
        let mut agreeing = without(&b, field);
        let from = |a: &Person, kept: &mut Person| match field {
            0 => kept.sex = a.sex,
            1 => kept.birth = a.birth,
            2 => kept.addresses.clone_from(&a.addresses),
            3 => kept.contacts.clone_from(&a.contacts),
            4 => kept.names.extend(a.names_in(Writing::Syllabic).cloned()),
            5 => kept.names.extend(a.names_in(Writing::Ideographic).cloned()),
            _ => kept.identifiers.clone_from(&a.identifiers),
        };
        from(&a, &mut agreeing);
        prop_assert!(score(&a, &agreeing) >= score(&without(&a, field), &without(&b, field)));
    }
}
