//! Who fits what is asked.

use super::order::{at, of};
use super::records::{CLINIC, apart, hers, local};
use super::{
    CONFIGURED, HOME, INSURED, World, hanako, insured, living, numbered, oid, phone, worlds,
};
use crate::{Cursor, News, Search, Searched, SoughtName, Told};
use renkei_person::{Address, Birth, Merge, Name, Person, Sex, Writing};

fn kana(family: &str, given: &str) -> SoughtName {
    SoughtName { name: Name::new(Writing::Syllabic, family, given), ..SoughtName::default() }
}

fn beginning(family: &str) -> SoughtName {
    SoughtName { family_goes_on: true, given_goes_on: true, ..kana(family, "") }
}

fn named(name: SoughtName) -> Search {
    Search { names: vec![name], ..Search::default() }
}

impl World {
    /// The first identifiers of those who are found.
    async fn search(&self, search: &Search) -> Vec<String> {
        match self.identity.search(search, &[], Cursor::default(), 100).await.unwrap() {
            Searched::Found(page) => {
                assert_eq!((page.total, page.next), (page.persons.len(), None));
                page.persons.into_iter().map(|one| one.identifiers[0].id.clone()).collect()
            }
            other => panic!("{other:?}"),
        }
    }
}

async fn people(w: &World) {
    let taro = Person {
        names: vec![Name::new(Writing::Syllabic, "ケンシンジ", "タロウ")],
        sex: Some(Sex::Male),
        ..hanako("2")
    };
    let told = insured(numbered(hanako("1"), "A-1", CLINIC), "138057:1:1:1");
    w.take(vec![
        of(1, phone(living(told, "架空町1-2"), "03-0000-0001")),
        of(1, insured(taro, "138057:1:1:2")),
    ])
    .await;
}

#[tokio::test]
async fn all_that_is_asked_has_to_fit() {
    for w in worlds() {
        people(&w).await;
        let birth = Birth::parse("19750412");
        let on_that_day = Search { birth, ..Search::default() };
        assert_eq!(w.search(&on_that_day).await, ["1", "2"]);
        assert_eq!(w.search(&Search { sex: Some(Sex::Male), ..on_that_day.clone() }).await, ["2"]);
        let begins = Search { birth, ..named(beginning("けん")) };
        assert_eq!(w.search(&begins).await, ["1", "2"]);
        assert_eq!(w.search(&Search { birth, ..named(beginning("ケンシンジ")) }).await, ["2"]);
        assert_eq!(w.search(&named(beginning("ケ"))).await, Vec::<String>::new(), "two letters");
        assert_eq!(w.search(&named(kana("ｹﾝｼﾝ", ""))).await, ["1"]);
        assert_eq!(w.search(&named(kana("ケンシン", "ハナコ"))).await, ["1"]);
        assert_eq!(w.search(&named(kana("ケンシン", "ハナヨ"))).await, Vec::<String>::new());
        let whole_given = SoughtName { given_goes_on: false, ..beginning("ケンシ") };
        let given =
            |given| SoughtName { name: kana("ケンシ", given).name, ..whole_given.clone() };
        assert_eq!(w.search(&named(given("タロウ"))).await, ["2"], "the family name goes on");
        assert_eq!(w.search(&named(given("タロ"))).await, Vec::<String>::new(), "not the given");
        let names = vec![kana("ケンシン", "ハナコ"), kana("ケンシンジ", "タロウ")];
        let either = Search { names, ..Search::default() };
        assert_eq!(w.search(&either).await, ["1", "2"], "one of the names fits each");
        let male = Search { sex: Some(Sex::Male), ..either };
        assert_eq!(w.search(&male).await, ["2"]);
        let written =
            SoughtName { name: Name::of("健診 花子", None).unwrap(), ..SoughtName::default() };
        assert_eq!(w.search(&named(written)).await, ["1"]);
        let year = Search { birth: Birth::parse("1975"), ..named(kana("ケンシン", "")) };
        assert_eq!(w.search(&year).await, ["1"]);
        let lines = vec!["架空町１－２".to_owned()];
        let address = Address { lines, ..Address::default() };
        let lives = Search { addresses: vec![address.clone()], ..on_that_day.clone() };
        assert_eq!(w.search(&lives).await, ["1"]);
        let contacts = phone(hanako(""), "+81-3-0000-0001").contacts;
        assert_eq!(w.search(&Search { contacts, ..on_that_day.clone() }).await, ["1"]);
        let mothers_maiden_name = Some(Name::new(Writing::Syllabic, "キュウセイ", "ハハ"));
        let of_mother = Search { mothers_maiden_name, ..on_that_day };
        assert_eq!(w.search(&of_mother).await, Vec::<String>::new());
    }
}

#[tokio::test]
async fn a_card_finds_one_and_without_branch_the_family() {
    for w in worlds() {
        people(&w).await;
        let by = |id| Search { identifiers: vec![id], ..Search::default() };
        assert_eq!(w.search(&by(local("00138057:1:1:01", INSURED))).await, ["1"]);
        assert_eq!(w.search(&by(local("138057:1:1:", INSURED))).await, ["1", "2"]);
        assert_eq!(w.search(&by(local("138057:1:1:3", INSURED))).await, Vec::<String>::new());
        assert_eq!(w.search(&by(local("A-1", CLINIC))).await, ["1"]);
        let both = vec![local("A-1", CLINIC), local("138057:1:1:2", INSURED)];
        let contradicting = Search { identifiers: both, ..Search::default() };
        assert_eq!(w.search(&contradicting).await, Vec::<String>::new());
        let both = Search { birth: Birth::parse("19750413"), ..by(local("A-1", CLINIC)) };
        assert_eq!(w.search(&both).await, Vec::<String>::new());
    }
}

#[tokio::test]
async fn identifiers_of_two_persons_find_neither() {
    for w in worlds() {
        people(&w).await;
        let neighbour = apart(hers("A-2", CLINIC), "S-2");
        w.take(vec![of(1, neighbour)]).await;
        let by = |ids: &[&str]| {
            let identifiers = ids.iter().map(|id| local(id, CLINIC)).collect();
            Search { identifiers, ..Search::default() }
        };
        assert_eq!(w.search(&by(&["A-2"])).await, ["A-2"]);
        assert_eq!(w.search(&by(&["A-1", "A-1"])).await, ["1"]);
        for two in [["A-1", "A-2"], ["A-2", "A-1"], ["A-1", "A-9"], ["A-9", "A-1"]] {
            assert_eq!(w.search(&by(&two)).await, Vec::<String>::new(), "{two:?}");
        }
        // Whoever became somebody is found by both, and by nobody else's.
        let merge = Merge { survivor: local("A-2", CLINIC), subsumed: local("A-3", CLINIC) };
        w.take(vec![
            of(2, apart(hers("A-3", CLINIC), "S-3")),
            Told { at: at(3), news: News::Merged(merge, Box::default()) },
        ])
        .await;
        assert_eq!(w.search(&by(&["A-3", "A-2"])).await, ["A-2"]);
        assert_eq!(w.search(&by(&["A-3", "A-1"])).await, Vec::<String>::new());
    }
}

#[tokio::test]
async fn pages_follow_each_other_and_tell_what_remains() {
    for w in worlds() {
        let one = |n| apart(hers(&format!("A-{n}"), CLINIC), &format!("S-{n}"));
        w.take((1..=5).map(|n| of(1, one(n))).collect()).await;
        let search = named(kana("ケンシン", "ハナコ"));
        let mut after = Cursor::default();
        let mut seen = Vec::new();
        for (count, remaining) in [(2, 3), (2, 1), (1, 0)] {
            let found = w.identity.search(&search, &[], after, 2).await.unwrap();
            let Searched::Found(page) = found else { panic!("{found:?}") };
            assert_eq!((page.persons.len(), page.remaining, page.total), (count, remaining, 5));
            seen.extend(page.persons.into_iter().map(|one| one.identifiers[0].id.clone()));
            assert_eq!(page.next.is_some(), remaining > 0);
            after = page.next.unwrap_or_default();
        }
        assert_eq!(seen, ["A-1", "A-2", "A-3", "A-4", "A-5"]);
    }
}

#[tokio::test]
async fn only_domains_that_were_asked_for_are_told() {
    for w in worlds() {
        people(&w).await;
        let search = Search { birth: Birth::parse("19750412"), ..Search::default() };
        let asked = async |domains: &[&str]| {
            let domains: Vec<_> = domains.iter().map(|domain| oid(domain)).collect();
            w.identity.search(&search, &domains, Cursor::default(), 9).await.unwrap()
        };
        let Searched::Found(page) = asked(&[CLINIC]).await else { panic!() };
        assert_eq!(page.persons.len(), 1);
        assert_eq!(page.persons[0].identifiers, [local("A-1", CLINIC)]);
        assert_eq!(asked(&[HOME, "2.999.99", CONFIGURED]).await, Searched::UnknownDomains(vec![1]));
        let nothing = async |search: Search| {
            w.identity.search(&search, &[], Cursor::default(), 9).await.unwrap()
        };
        assert_eq!(nothing(Search::default()).await, Searched::TooLittle);
        let sex = Some(Sex::Female);
        assert_eq!(nothing(Search { sex, ..Search::default() }).await, Searched::TooLittle);
    }
}
