//! The cases of an answer, each once.

use super::{Discovery, Known, Match, Persons, Untold, described, told};
use futures_util::future::BoxFuture;
use renkei_context::Ctx;
use renkei_hl7v3::acknowledgement::Gravity;
use renkei_hl7v3::iti55::{Attribute, Locator, Outcome, Reason, Request};
use renkei_hl7v3::query::{BirthTime, Query};
use renkei_hl7v3::transmission::{Party, Processing, Transmission};
use renkei_hl7v3::{InstanceId, Time};
use renkei_metadata::ids::{HomeCommunityId, Oid, PatientId};
use renkei_person::{
    Address, Birth, BirthPlace, Contact, ContactSystem, Name, Person, Sex, SharedAuthorities,
    Writing,
};
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

struct Always(Result<Match, Untold>);

impl Persons for Always {
    fn find<'a>(&'a self, _: &'a Ctx, _: &'a Person) -> BoxFuture<'a, Result<Match, Untold>> {
        Box::pin(std::future::ready(self.0.clone()))
    }

    /// Whoever is called `1` is known to one other community; what is called `broken` cannot be told.
    fn locate<'a>(
        &'a self,
        _: &'a Ctx,
        patient: &'a PatientId,
    ) -> BoxFuture<'a, Result<Option<Known>, Untold>> {
        let elsewhere = || {
            let home = HomeCommunityId::parse("urn:oid:2.999.5").unwrap();
            vec![(home, id("there", "2.999.5.1"))]
        };
        Box::pin(std::future::ready(match patient.id.as_str() {
            "1" => Ok(Some(Known { here: id("now", "2.999.1.1"), elsewhere: elsewhere() })),
            "broken" => Err(broken()),
            "busy" => Err(busy()),
            _ => Ok(None),
        }))
    }
}

fn broken() -> Untold {
    Untold::Failed("broken".to_owned())
}

fn busy() -> Untold {
    Untold::Busy("the queue is full".to_owned())
}

fn request() -> Request {
    let party = |oid: &str| {
        let oid = Oid::parse(oid).unwrap();
        Party { device: oid.clone(), community: Some(oid) }
    };
    let transmission = Transmission {
        id: InstanceId::new(Uuid::from_u128(1)),
        created: Time::at(chrono::Utc::now().into()),
        processing: Processing::Production,
        receiver: party("2.999.1"),
        respond_to: None,
        sender: party("2.999.2"),
    };
    let mut query = Query::new(InstanceId::new(Uuid::from_u128(2)));
    query.names = vec![Name::new(Writing::Syllabic, "ケンシン", "ハナコ")];
    query.birth = Birth::parse("19750412").map(BirthTime::At);
    Request::new(transmission, None, query)
}

async fn answered(found: Result<Match, Untold>) -> super::Discovered {
    answered_to(&request(), found).await
}

async fn answered_to(request: &Request, found: Result<Match, Untold>) -> super::Discovered {
    let ctx = Ctx::internal("test", Duration::from_secs(1));
    discovery(Locator::NotHealthDataLocator, found).discover(&ctx, request).await
}

fn discovery(locator: Locator, found: Result<Match, Untold>) -> Discovery {
    let home = HomeCommunityId::parse("urn:oid:2.999.1").unwrap();
    let shared = SharedAuthorities { insured: Oid::parse("2.999.3").ok(), others: Vec::new() };
    Discovery::new(home, shared, 30, locator, Arc::new(Always(found))).unwrap()
}

fn id(text: &str, authority: &str) -> PatientId {
    PatientId::new(text, Oid::parse(authority).unwrap()).unwrap()
}

/// Of whom everything is known.
fn known() -> Person {
    let address = Address { city: Some("架空町".to_owned()), ..Address::default() };
    let phone =
        Contact { system: ContactSystem::Phone, value: "03-0000-0000".to_owned(), place: None };
    Person {
        identifiers: vec![id("1:2:3:01", "2.999.3").into(), id("chart-7", "2.999.4").into()],
        names: request().query.names,
        sex: Some(Sex::Female),
        birth: Birth::parse("19750412"),
        addresses: vec![address.clone()],
        contacts: vec![phone],
        mothers_maiden_name: Some(Name::new(Writing::Syllabic, "キュウ", "セイ")),
        birth_place: Some(BirthPlace { name: None, address: Some(address) }),
    }
}

/// Who is found when this was asked and everything is known of them.
async fn told_of(change: fn(&mut Query)) -> Option<Person> {
    let mut request = request();
    change(&mut request.query);
    let found = Match::One(id("1", "2.999.1.1"), Box::new(known()));
    match answered_to(&request, Ok(found)).await.answer.outcome {
        Outcome::Found(mut candidates) => candidates.pop().map(|candidate| candidate.person),
        _ => None,
    }
}

#[tokio::test]
async fn no_more_is_told_than_verifies_the_match() {
    let first = known().identifiers.into_iter().take(1).collect();
    let Person { names, sex, birth, .. } = known();
    let least = Person { identifiers: first, names, sex, birth, ..Person::default() };
    assert_eq!(told_of(|_| {}).await, Some(least.clone()));
    let address = |q: &mut Query| q.addresses = vec![Address::default()];
    assert_eq!(
        told_of(address).await,
        Some(Person { addresses: known().addresses, ..least.clone() })
    );
    let contact = |q: &mut Query| q.contacts = known().contacts;
    let contacts = known().contacts;
    assert_eq!(told_of(contact).await, Some(Person { contacts, ..least.clone() }));
    let mother = |q: &mut Query| q.mothers_maiden_name = known().mothers_maiden_name;
    let mothers_maiden_name = known().mothers_maiden_name;
    assert_eq!(told_of(mother).await, Some(Person { mothers_maiden_name, ..least.clone() }));
    let place = |q: &mut Query| q.birth_place_name = Some("架空町".to_owned());
    let birth_place = known().birth_place;
    assert_eq!(told_of(place).await, Some(Person { birth_place, ..least }));
}

#[tokio::test]
async fn who_was_born_outside_the_days_that_were_asked_for_is_nobody() {
    let between = |first: &str, last: &str| {
        let mut request = request();
        request.query.birth = Some(BirthTime::Between(Birth::parse(first), Birth::parse(last)));
        request
    };
    for (first, last, is_found) in [
        ("19750401", "19750430", true),
        ("19750412", "", true),
        ("", "19750412", true),
        ("1975", "1976", true),
        ("19750413", "", false),
        ("", "19750411", false),
        ("1976", "1977", false),
    ] {
        let found = Match::One(id("1", "2.999.1.1"), Box::new(known()));
        let found = answered_to(&between(first, last), Ok(found)).await;
        assert_eq!(found.patients.len() == 1, is_found, "{first}-{last}");
        assert_eq!(found.answer.outcome == Outcome::NotFound, !is_found);
    }
}

#[tokio::test]
async fn one_match_names_the_community_and_the_identifier_to_ask_by() {
    let patient = id("1", "2.999.1.1");
    let found = answered(Ok(Match::One(patient.clone(), Box::default()))).await;
    assert_eq!((found.patients.as_slice(), found.failure), ([patient.clone()].as_slice(), None));
    let [header] = &found.headers()[..] else { panic!("how long it holds is not said") };
    assert!(header.as_xml().contains(">P30D<"), "{}", header.as_xml());
    let Outcome::Found(candidates) = found.answer.outcome else { panic!("{:?}", found.answer) };
    assert_eq!(candidates.len(), 1);
    assert_eq!(candidates[0].patient.id, patient);
    assert_eq!(candidates[0].community.as_str(), "2.999.1");
    assert_eq!(candidates[0].degree, Some(100));
    assert_eq!(found.answer.target, request().transmission.id);
}

#[tokio::test]
async fn each_other_case_has_its_code_and_its_words() {
    let more = Outcome::Requested(vec![Attribute::Sex]);
    let cases = [
        (Ok(Match::Nobody), Outcome::NotFound, "xcpd-nobody", Gravity::Information),
        (Ok(Match::Unclear(vec![Attribute::Sex])), more, "xcpd-more", Gravity::Information),
        (
            Ok(Match::Several),
            Outcome::Error(Some(Reason::AnswerNotAvailable)),
            "xcpd-several",
            Gravity::Error,
        ),
        (Err(broken()), Outcome::Error(Some(Reason::InternalError)), "xcpd-failed", Gravity::Error),
        (Err(busy()), Outcome::Error(Some(Reason::ResponderBusy)), "xcpd-busy", Gravity::Error),
    ];
    for (found, outcome, row, gravity) in cases {
        let found = answered(found).await;
        assert_eq!(found.answer.outcome, outcome);
        let [detail] = found.answer.details.as_slice() else { panic!("{:?}", found.answer) };
        assert_eq!((detail.code.as_deref(), detail.gravity), (Some(row), gravity));
        let rule = told::ALL.iter().find(|rule| rule.id == row).unwrap();
        assert_eq!(detail.text, Some(told::words(rule)));
        assert_eq!(found.failure.is_some(), gravity == Gravity::Error);
        assert!(found.patients.is_empty() && found.headers().is_empty());
    }
}

/// Where somebody is known, or the row for which that is not told.
async fn located(locator: Locator, requested: &str) -> Result<Vec<(String, String)>, &'static str> {
    let ctx = Ctx::internal("test", Duration::from_secs(1));
    let requested = id(requested, "2.999.1.1").into();
    let found = discovery(locator, Ok(Match::Nobody)).locate(&ctx, &requested).await;
    let told = found.map_err(|row| row.id)?;
    assert!(told.iter().all(|location| location.requested == requested), "{told:?}");
    Ok(told.iter().map(|l| (l.home.to_string(), l.patient.id.id.clone())).collect())
}

#[tokio::test]
async fn where_somebody_is_known_is_told_by_a_house_that_says_so() {
    let is = Locator::SupportsHealthDataLocator;
    let place = |home: &str, patient: &str| (format!("urn:oid:{home}"), patient.to_owned());
    assert_eq!(
        located(is, "1").await,
        Ok(vec![place("2.999.1", "now"), place("2.999.5", "there")])
    );
    assert_eq!(located(is, "2").await, Err("xcpd-not-located"));
    assert_eq!(located(is, "broken").await, Err("xcpd-locations-failed"));
    assert_eq!(located(is, "busy").await, Err("xcpd-busy"));
    let not = Locator::NotHealthDataLocator;
    assert_eq!(located(not, "1").await, Err("xcpd-no-locations"));
    let ctx = Ctx::internal("test", Duration::from_secs(1));
    for locator in [is, not] {
        let found = Ok(Match::One(id("1", "2.999.1.1"), Box::default()));
        let answer = discovery(locator, found).discover(&ctx, &request()).await.answer;
        let Outcome::Found(candidates) = answer.outcome else { panic!("{answer:?}") };
        assert_eq!(candidates[0].locator, locator);
    }
}

#[test]
fn a_birth_between_two_days_is_none() {
    let mut query = request().query;
    assert_eq!(described(&query).birth, Birth::parse("19750412"));
    let day = Birth::parse("19750412");
    query.birth = Some(BirthTime::Between(day, Birth::parse("19750413")));
    assert_eq!(described(&query).birth, None);
    query.birth = Some(BirthTime::Between(day, day));
    assert_eq!(described(&query).birth, day);
}

/// Persons who are looked for without an end.
struct Never;

impl Persons for Never {
    fn find<'a>(&'a self, _: &'a Ctx, _: &'a Person) -> BoxFuture<'a, Result<Match, Untold>> {
        Box::pin(std::future::pending())
    }

    fn locate<'a>(
        &'a self,
        _: &'a Ctx,
        _: &'a PatientId,
    ) -> BoxFuture<'a, Result<Option<Known>, Untold>> {
        Box::pin(std::future::pending())
    }
}

#[tokio::test]
async fn who_waits_as_long_as_a_request_may_last_hears_that_the_house_is_busy() {
    let ctx = Ctx::internal("test", Duration::from_millis(20));
    let is = Locator::SupportsHealthDataLocator;
    let never = Discovery { persons: Arc::new(Never), ..discovery(is, Ok(Match::Nobody)) };
    let found = never.discover(&ctx, &request()).await;
    assert_eq!(found.answer.outcome, Outcome::Error(Some(Reason::ResponderBusy)));
    assert_eq!(found.failure.map(|row| row.id), Some("xcpd-busy"));
    let located = never.locate(&ctx, &id("1", "2.999.1.1").into()).await;
    assert_eq!(located.map_err(|row| row.id), Err("xcpd-busy"));
}
