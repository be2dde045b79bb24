//! The persons of a house, on each database.

use crate::{Candidates, Identity, IdentityConfig, IdentityRules, News, RuleBook, Told, Wanted};
use chrono::DateTime;
use renkei_context::Ctx;
use renkei_database::Options;
use renkei_database::testing::TestDatabase;
use renkei_metadata::ids::{Oid, PatientId};
use renkei_person::{
    Address, Birth, Contact, ContactSystem, Insured, Merge, Name, Person, Sex, SharedAuthorities,
    Writing,
};
use renkei_sealing::KeyRing;
use std::time::Duration;

pub(crate) const HOME: &str = "2.999.1.1";
pub(crate) const INSURED: &str = "2.999.1.3";
pub(crate) const SHARED: &str = "2.999.1.4";
pub(crate) const CONFIGURED: &str = "2.999.1.5";

pub(crate) struct World {
    pub(crate) identity: Identity,
    database: TestDatabase,
    keys: tempfile::TempDir,
}

pub(crate) fn worlds() -> Vec<World> {
    let open = |database: TestDatabase| {
        let keys = tempfile::tempdir().unwrap();
        World { identity: identity(&database, &keys), database, keys }
    };
    TestDatabase::each().unwrap().into_iter().map(open).collect()
}

/// Two worlds on each database, of which nobody could tell that they are not one: they have the same keys.
pub(crate) fn worlds_alike() -> Vec<[World; 2]> {
    let alike = |one: World, database: TestDatabase| {
        let keys = tempfile::tempdir().unwrap();
        let [from, to] = [&one.keys, &keys].map(|dir| dir.path().join("keys"));
        std::fs::create_dir(&to).unwrap();
        std::fs::set_permissions(&to, std::fs::metadata(&from).unwrap().permissions()).unwrap();
        for file in std::fs::read_dir(&from).unwrap() {
            let file = file.unwrap();
            std::fs::copy(file.path(), to.join(file.file_name())).unwrap();
        }
        [one, World { identity: identity(&database, &keys), database, keys }]
    };
    let others = TestDatabase::each().unwrap();
    worlds().into_iter().zip(others).map(|(one, database)| alike(one, database)).collect()
}

/// The persons of a process that has this database.
fn identity(database: &TestDatabase, keys: &tempfile::TempDir) -> Identity {
    let ring = KeyRing::open_or_create(&keys.path().join("keys")).unwrap();
    let shared = SharedAuthorities { insured: Some(oid(INSURED)), others: vec![oid(SHARED)] };
    let rules = IdentityRules { home: oid(HOME), shared };
    let (url, database) = (database.url().clone(), Options::default());
    let (domains, tells_changes) = (vec![oid(CONFIGURED)], true);
    let (matching, keys) = (RuleBook::standard(), &ring);
    let config = IdentityConfig { url, database, rules, domains, matching, tells_changes, keys };
    Identity::open(config).unwrap()
}

pub(crate) fn oid(text: &str) -> Oid {
    Oid::parse(text).unwrap()
}

pub(crate) fn id(text: &str) -> PatientId {
    PatientId::new(text, oid(HOME)).unwrap()
}

pub(crate) fn ctx() -> Ctx {
    Ctx::internal("test", Duration::from_secs(10))
}

/// Hanako of the given id; nobody's for an empty one.
pub(crate) fn hanako(of: &str) -> Person {
    Person {
        identifiers: PatientId::new(of, oid(HOME)).into_iter().map(Into::into).collect(),
        names: vec![
            Name::new(Writing::Ideographic, "健診", "花子"),
            Name::new(Writing::Syllabic, "ケンシン", "ハナコ"),
        ],
        birth: Birth::parse("19750412"),
        sex: Some(Sex::Female),
        ..Person::default()
    }
}

pub(crate) fn insured(mut person: Person, card: &str) -> Person {
    let card = Insured::parse(card).unwrap();
    person.identifiers.push(card.identifier(oid(INSURED)).unwrap());
    person
}

pub(crate) fn living(mut person: Person, street: &str) -> Person {
    let lines = vec![street.to_owned()];
    person.addresses = vec![Address { lines, ..Address::default() }];
    person
}

pub(crate) fn phone(mut person: Person, number: &str) -> Person {
    let value = number.to_owned();
    person.contacts = vec![Contact { system: ContactSystem::Phone, value, place: None }];
    person
}

/// With an identifier of another authority.
pub(crate) fn numbered(mut person: Person, number: &str, authority: &str) -> Person {
    person.identifiers.push(PatientId::new(number, oid(authority)).unwrap().into());
    person
}

impl World {
    pub(crate) async fn remember(&self, person: Person) {
        self.identity.remember(&ctx(), &person).await.unwrap();
    }

    pub(crate) async fn merge(&self, subsumed: &str, survivor: &str) {
        let merge = Merge { subsumed: id(subsumed), survivor: id(survivor) };
        self.identity.merge(&ctx(), &merge).await.unwrap();
    }

    /// The persons of another process on the same database.
    pub(crate) fn beside(&self) -> Identity {
        identity(&self.database, &self.keys)
    }

    pub(crate) async fn find(&self, asked: &Person) -> Candidates {
        self.identity.find(asked).await.unwrap()
    }

    /// The identifier of the one who is found.
    pub(crate) async fn found(&self, asked: &Person) -> Option<String> {
        match self.find(asked).await {
            Candidates::One(found) => Some(found.id.id),
            _ => None,
        }
    }
}

#[tokio::test]
async fn kana_birth_and_sex_find_the_one_who_has_them() {
    for w in worlds() {
        w.remember(hanako("1")).await;
        assert_eq!(w.found(&hanako("")).await.as_deref(), Some("1"));
        let written =
            Person { names: vec![Name::of("けんしん はなこ", None).unwrap()], ..hanako("") };
        assert_eq!(w.found(&written).await.as_deref(), Some("1"));
        let others = [
            Person { sex: Some(Sex::Male), ..hanako("") },
            Person { sex: Some(Sex::Unknown), ..hanako("") },
            Person { birth: Birth::parse("19750413"), ..hanako("") },
            Person { birth: Birth::parse("1975"), ..hanako("") },
            Person { birth: None, ..hanako("") },
            Person {
                names: vec![Name::new(Writing::Syllabic, "ケンシン", "ハナヨ")],
                ..hanako("")
            },
            Person {
                names: vec![Name::new(Writing::Ideographic, "健診", "花子")], ..hanako("")
            },
        ];
        for other in others {
            assert_eq!(w.find(&other).await, Candidates::Nobody, "{other:?}");
        }
    }
}

#[tokio::test]
async fn the_sex_is_asked_for_when_somebody_may_be_meant() {
    for w in worlds() {
        let asked = Person { sex: None, ..hanako("") };
        assert_eq!(w.find(&asked).await, Candidates::Nobody);
        w.remember(hanako("1")).await;
        assert_eq!(w.find(&asked).await, Candidates::Unclear(vec![Wanted::Sex]));
        // Of whom the sex is not known here, nobody can say that it is the same.
        w.remember(Person { sex: None, birth: Birth::parse("19800101"), ..hanako("2") }).await;
        let unsure = Person { birth: Birth::parse("19800101"), ..hanako("") };
        assert_eq!(w.find(&unsure).await, Candidates::Nobody);
    }
}

#[tokio::test]
async fn a_second_candidate_makes_it_nobody_until_something_tells_them_apart() {
    for w in worlds() {
        w.remember(numbered(hanako("1"), "S-1", SHARED)).await;
        w.remember(numbered(hanako("2"), "S-2", SHARED)).await;
        assert_eq!(w.find(&hanako("")).await, Candidates::Several);
        w.remember(phone(living(hanako("1"), "架空町1-2"), "03-0000-0001")).await;
        w.remember(phone(living(hanako("2"), "架空町3-4"), "03-0000-0002")).await;
        let both = vec![Wanted::Address, Wanted::Telephone];
        assert_eq!(w.find(&hanako("")).await, Candidates::Unclear(both));
        assert_eq!(w.found(&living(hanako(""), "架空町３－４")).await.as_deref(), Some("2"));
        assert_eq!(w.found(&phone(hanako(""), "+81-3-0000-0001")).await.as_deref(), Some("1"));
        let neither = phone(living(hanako(""), "架空町9"), "03-0000-0009");
        assert_eq!(w.find(&neither).await, Candidates::Several);
    }
}

#[tokio::test]
async fn an_insured_person_is_found_by_the_card() {
    for w in worlds() {
        w.remember(insured(hanako("1"), "138057:12-3:4567:01")).await;
        let card = "00138057:１２３:4567:1";
        assert_eq!(w.found(&insured(Person::default(), card)).await.as_deref(), Some("1"));
        assert_eq!(w.found(&insured(hanako(""), card)).await.as_deref(), Some("1"));
        let other = insured(Person::default(), "00138057:123:4567:2");
        assert_eq!(w.find(&other).await, Candidates::Nobody);
        // Somebody else with the same number is an error somewhere, not a person to be guessed.
        let contradicting = Person { birth: Birth::parse("19760101"), ..hanako("") };
        assert_eq!(w.find(&insured(contradicting, card)).await, Candidates::Nobody);
        // A card without branch numbers is that of a family: who is known alone need not be who is meant.
        w.remember(insured(hanako("2"), "138057:12-3:99:")).await;
        let family = insured(Person::default(), "138057:12-3:99:");
        assert_eq!(w.find(&family).await, Candidates::Nobody);
        let taro = Person {
            names: vec![Name::new(Writing::Syllabic, "ケンシン", "タロウ")],
            sex: Some(Sex::Male),
            ..hanako("3")
        };
        w.remember(insured(taro.clone(), "138057:12-3:99:")).await;
        assert_eq!(w.find(&family).await, Candidates::Nobody);
        let member = insured(Person { identifiers: vec![], ..taro }, "138057:12-3:99:");
        assert_eq!(w.found(&member).await.as_deref(), Some("3"));
    }
}

#[tokio::test]
async fn identifiers_of_authorities_that_nobody_shares_say_nothing() {
    for w in worlds() {
        let mut with_local = hanako("1");
        let local = PatientId::new("A-1", oid("2.999.7")).unwrap();
        with_local.identifiers.push(local.clone().into());
        w.remember(with_local).await;
        let asked = Person { identifiers: vec![local.into()], ..Person::default() };
        assert_eq!(w.find(&asked).await, Candidates::Nobody);
        let own = Person { identifiers: vec![id("1").into()], ..Person::default() };
        assert_eq!(w.found(&own).await.as_deref(), Some("1"));
    }
}

#[tokio::test]
async fn merged_persons_are_one_who_is_found_by_what_either_was() {
    for w in worlds() {
        w.remember(insured(hanako("1"), "138057:1:1:1")).await;
        w.remember(Person { birth: Birth::parse("19750413"), ..hanako("2") }).await;
        w.merge("1", "2").await;
        w.merge("2", "3").await;
        for _ in 0..2 {
            // Again, and in the other order, nothing changes.
            w.merge("1", "2").await;
            for asked in [
                hanako(""),
                Person { birth: Birth::parse("19750413"), ..hanako("") },
                insured(Person::default(), "138057:1:1:1"),
            ] {
                let found = w.found(&asked).await;
                let same_day = asked.birth == Birth::parse("19750412");
                // The survivor's word counts where both say something.
                assert_eq!(found.is_some(), !same_day, "{asked:?}");
            }
            let known = w.identity.person(&id("1")).await.unwrap().unwrap();
            assert_eq!((known.id, known.person.identifiers.len()), (id("3"), 1));
        }
        assert_eq!(w.identity.person(&id("9")).await.unwrap(), None);
    }
}

#[tokio::test]
async fn news_that_come_again_or_late_change_nothing() {
    for w in worlds() {
        let at = |seconds| DateTime::from_timestamp(seconds, 0).unwrap();
        let old = Told { at: at(1), news: News::Of(Box::new(living(hanako("1"), "旧町1"))) };
        let new = Told { at: at(2), news: News::Of(Box::new(living(hanako("1"), "新町2"))) };
        w.identity.take(vec![new.clone(), old.clone()]).await.unwrap();
        w.identity.take(vec![old, new]).await.unwrap();
        let known = w.identity.person(&id("1")).await.unwrap().unwrap();
        assert_eq!(known.person, Person { identifiers: vec![], ..living(hanako(""), "新町2") });
        // What a message does not speak of stays.
        w.remember(Person { names: vec![], birth: None, ..hanako("1") }).await;
        assert_eq!(w.identity.person(&id("1")).await.unwrap().unwrap(), known);
    }
}

#[tokio::test]
async fn a_local_identifier_moves_with_its_person() {
    for w in worlds() {
        let local = PatientId::new("A-1", oid("2.999.7")).unwrap();
        let mut first = hanako("1");
        first.identifiers.push(local.clone().into());
        w.remember(first).await;
        let news =
            News::Moved { previous: id("1"), new: id("2"), local: local.clone(), subsumed: None };
        w.identity.take(vec![Told { at: chrono::Utc::now(), news }]).await.unwrap();
        let of = async |id| w.identity.person(&id).await.unwrap().unwrap().person.identifiers;
        assert_eq!(of(id("1")).await, []);
        assert_eq!(of(id("2")).await, [local.into()]);
    }
}

mod guesses;
mod links;
mod order;
mod plans;
mod properties;
mod records;
mod searches;
mod wires;
