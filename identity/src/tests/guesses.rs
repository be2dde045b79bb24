//! What would be a guess is no match.

use super::{SHARED, hanako, id, insured, living, numbered, phone, worlds};
use crate::{Candidates, News, Told};
use chrono::Utc;
use renkei_person::{Name, Person, Sex, Writing};

#[tokio::test]
async fn a_namesake_with_another_number_under_a_shared_authority_is_somebody_else() {
    for w in worlds() {
        w.remember(numbered(hanako("1"), "A", SHARED)).await;
        let asked = |number: &str| numbered(hanako(""), number, SHARED);
        assert_eq!(w.find(&asked("B")).await, Candidates::Nobody);
        // There is nothing to ask for.
        let unsaid = Person { sex: None, ..asked("B") };
        assert_eq!(w.find(&unsaid).await, Candidates::Nobody);
        assert_eq!(w.found(&asked("A")).await.as_deref(), Some("1"));
        // Who has both numbers has either.
        assert_eq!(w.found(&numbered(asked("B"), "A", SHARED)).await.as_deref(), Some("1"));
        // Of another person such a number is not known.
        let other = Person {
            names: vec![Name::new(Writing::Syllabic, "ケンシン", "ハナヨ")],
            ..hanako("2")
        };
        w.remember(other.clone()).await;
        let asked = numbered(Person { identifiers: vec![], ..other }, "B", SHARED);
        assert_eq!(w.found(&asked).await.as_deref(), Some("2"));
    }
}

#[tokio::test]
async fn a_number_that_two_authorities_contradict_is_nobodys() {
    for w in worlds() {
        w.remember(insured(numbered(hanako("1"), "A", SHARED), "138057:1:1:1")).await;
        let asked = insured(numbered(hanako(""), "B", SHARED), "138057:1:1:1");
        assert_eq!(w.find(&asked).await, Candidates::Nobody);
    }
}

#[tokio::test]
async fn a_namesake_on_the_same_card_is_somebody_else_and_on_another_card_is_not() {
    for w in worlds() {
        w.remember(insured(hanako("1"), "138057:12-3:4567:01")).await;
        let asked = |card: &str| insured(hanako(""), card);
        assert_eq!(w.find(&asked("00138057:123:4567:2")).await, Candidates::Nobody);
        for same in ["138057:12-3:4567:", "138057:12-3:4568:2", "6138057:12-3:4567:2"] {
            assert_eq!(w.found(&asked(same)).await.as_deref(), Some("1"), "{same}");
        }
    }
}

#[tokio::test]
async fn an_identifier_of_ours_that_nobody_has_is_not_that_of_a_namesake() {
    for w in worlds() {
        w.remember(hanako("1")).await;
        assert_eq!(w.find(&hanako("9")).await, Candidates::Nobody);
        w.merge("9", "1").await;
        assert_eq!(w.found(&hanako("9")).await.as_deref(), Some("1"));
    }
}

#[tokio::test]
async fn the_address_of_one_with_the_number_of_another_is_nobody_in_particular() {
    for w in worlds() {
        // No rules link these.
        let apart = |of_whom: &str| numbered(hanako(of_whom), &format!("S-{of_whom}"), SHARED);
        w.remember(phone(living(apart("1"), "架空町1-2"), "03-0000-0001")).await;
        w.remember(phone(living(apart("2"), "架空町3-4"), "03-0000-0002")).await;
        let of_both = phone(living(hanako(""), "架空町1-2"), "03-0000-0002");
        assert_eq!(w.find(&of_both).await, Candidates::Several);
        let of_one = phone(living(hanako(""), "架空町3-4"), "03-0000-0002");
        assert_eq!(w.found(&of_one).await.as_deref(), Some("2"));
    }
}

#[tokio::test]
async fn more_than_are_looked_at_are_several_by_whatever_names() {
    for w in worlds() {
        let hanayo = Name::new(Writing::Syllabic, "ケンシン", "ハナヨ");
        // Thirty of each name; the first and the last are meant.
        let of = |n: u32| {
            let person = hanako(&n.to_string());
            let sex = Some(if n == 1 || n == 60 { Sex::Female } else { Sex::Male });
            let names = if n > 30 { vec![hanayo.clone()] } else { person.names.clone() };
            let person = Person { sex, names, ..person };
            Told { at: Utc::now(), news: News::Of(Box::new(person)) }
        };
        w.identity.take((1..=60).map(of).collect()).await.unwrap();
        assert_eq!(w.found(&hanako("")).await.as_deref(), Some("1"));
        let mut either = hanako("");
        either.names.push(hanayo.clone());
        assert_eq!(w.find(&either).await, Candidates::Several);
        assert_eq!(w.identity.person(&id("60")).await.unwrap().unwrap().id, id("60"));
    }
}
