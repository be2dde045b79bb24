//! What an answer is worth, and what is asked.

use super::super::patients::{Correlation, Counterpart};
use super::verdict::judge;
use super::whom::Whom;
use super::{NOBODY_KEPT, renamed, until};
use crate::community::{By, Community, When};
use crate::initiating::tests;
use chrono::{DateTime, TimeDelta, Utc};
use renkei_hl7v3::InstanceId;
use renkei_hl7v3::iti55::{Attribute, Candidate, Locator, Outcome, Reason, TimeToLive};
use renkei_metadata::ids::{HomeCommunityId, Oid, PatientId, UniqueId};
use renkei_metadata::model::AvailabilityStatus;
use renkei_person::{Address, Birth, Identifier, Name, Person, Sex, SharedAuthorities, Writing};
use renkei_xds::iti18::QueryBuilder;
use url::Url;
use uuid::Uuid;

mod later;

const HOME: &str = "1.2.3";

fn patient(id: &str) -> PatientId {
    PatientId::parse(&format!("{id}^^^&1.2.9.1&ISO")).unwrap()
}

fn hanako() -> Person {
    Person {
        identifiers: vec![
            patient("p1").into(),
            PatientId::parse("00138057:12-3:4567:01^^^&1.2.9.3&ISO").unwrap().into(),
            patient("chart-7").into(),
            PatientId::parse("7^^^&1.2.9.4&ISO").unwrap().into(),
        ],
        names: vec![
            Name::new(Writing::Ideographic, "健診", "花子"),
            Name::new(Writing::Syllabic, "ケンシン", "ハナコ"),
        ],
        sex: Some(Sex::Female),
        birth: Birth::parse("19750412"),
        ..Person::default()
    }
}

fn shared() -> SharedAuthorities {
    let insured = Oid::parse("1.2.9.3").ok();
    SharedAuthorities { insured, others: vec![Oid::parse("1.2.9.4").unwrap()] }
}

fn whom() -> Whom {
    Whom::of(&patient("p1"), hanako(), &shared(), By::Demographics).unwrap()
}

fn candidate(change: impl Fn(&mut Candidate)) -> Candidate {
    let mut candidate = Candidate {
        patient: Identifier::from(patient("there")),
        person: hanako(),
        degree: Some(98),
        community: Oid::parse(HOME).unwrap(),
        locator: Locator::default(),
    };
    change(&mut candidate);
    candidate
}

/// The identifier there, or the row that says why there is none, with its detail.
fn verdict(outcome: &Outcome) -> Result<String, (&'static str, String)> {
    let home = HomeCommunityId::parse(&format!("urn:oid:{HOME}")).unwrap();
    let found = judge(&shared(), &whom(), &home, outcome);
    found
        .map(|found| found.patient.id.id.clone())
        .map_err(|unfound| (unfound.rule.id, unfound.detail))
}

fn one(change: impl Fn(&mut Candidate)) -> Result<String, (&'static str, String)> {
    verdict(&Outcome::Found(vec![candidate(change)]))
}

fn told(id: &'static str) -> Result<String, (&'static str, String)> {
    Err((id, String::new()))
}

#[test]
fn one_who_agrees_in_birth_sex_and_one_name_is_the_patient() {
    assert_eq!(one(|_| {}), Ok("there".to_owned()));
    assert_eq!(one(|c| c.degree = None), Ok("there".to_owned()));
    let kana = |c: &mut Candidate| {
        c.person.names = vec![Name::new(Writing::Syllabic, "けんしん", "ﾊﾅｺ")];
    };
    assert_eq!(one(kana), Ok("there".to_owned()), "the kind of kana makes no difference");
    let unmarked =
        |c: &mut Candidate| c.person.names = Name::of("健診 花子", None).into_iter().collect();
    assert_eq!(one(unmarked), Ok("there".to_owned()));
    let time = |c: &mut Candidate| c.person.birth = Birth::parse("19750412103000");
    assert_eq!(one(time), Ok("there".to_owned()));
}

#[test]
fn whoever_differs_is_not() {
    let unlike = || told("discovery-unlike");
    assert_eq!(one(|c| c.person.birth = Birth::parse("19750413")), unlike());
    assert_eq!(one(|c| c.person.birth = Birth::parse("197504")), unlike(), "a month is not a day");
    assert_eq!(one(|c| c.person.birth = None), unlike());
    assert_eq!(one(|c| c.person.sex = Some(Sex::Male)), unlike());
    assert_eq!(one(|c| c.person.sex = None), unlike());
    assert_eq!(one(|c| c.person.names.clear()), unlike());
    let swapped = |c: &mut Candidate| {
        c.person.names = vec![Name::new(Writing::Syllabic, "ハナコ", "ケンシン")];
    };
    assert_eq!(one(swapped), unlike());
    let family = |c: &mut Candidate| {
        c.person.names = vec![Name::new(Writing::Ideographic, "健診", "")];
    };
    assert_eq!(one(family), unlike(), "a family has several members");
    assert_eq!(one(|c| c.degree = Some(79)), unlike(), "not sure itself");
}

#[test]
fn a_namesake_with_another_shared_identifier_is_not() {
    let called = |text: &str| {
        let id = PatientId::parse(text).unwrap();
        one(move |c| c.person.identifiers = vec![id.clone().into()])
    };
    assert_eq!(called("8^^^&1.2.9.4&ISO"), told("discovery-unlike"));
    assert_eq!(called("138057:123:4567:2^^^&1.2.9.3&ISO"), told("discovery-unlike"), "her twin");
    assert_eq!(called("06138057:1:2:01^^^&1.2.9.3&ISO"), Ok("there".to_owned()), "a new insurer");
    assert_eq!(called("8^^^&1.2.9.1&ISO"), Ok("there".to_owned()), "a chart");
    let patient = Identifier::from(PatientId::parse("8^^^&1.2.9.4&ISO").unwrap());
    let under_it = |c: &mut Candidate| {
        c.person.identifiers.clear();
        c.patient = patient.clone();
    };
    assert_eq!(one(under_it), told("discovery-unlike"));
}

#[test]
fn several_are_none_and_those_of_other_communities_do_not_count() {
    let stranger = || candidate(|c| c.community = Oid::parse("1.2.4").unwrap());
    let two = || Outcome::Found(vec![candidate(|_| {}), candidate(|_| {})]);
    assert_eq!(verdict(&two()), told("discovery-several"));
    let beside = Outcome::Found(vec![stranger(), candidate(|_| {})]);
    assert_eq!(verdict(&beside), Ok("there".to_owned()));
    assert_eq!(verdict(&Outcome::Found(vec![stranger()])), told("discovery-strange-home"));
}

#[test]
fn each_way_not_to_answer_has_its_row() {
    let more = Outcome::Requested(vec![Attribute::Address, Attribute::Telecom]);
    let codes = "PatientAddressRequested PatientTelecomRequested".to_owned();
    assert_eq!(verdict(&more), Err(("discovery-more-asked", codes)));
    assert_eq!(verdict(&Outcome::NotFound), told("discovery-nobody"));
    for (reason, row) in [
        (Some(Reason::ResponderBusy), "discovery-busy"),
        (Some(Reason::AnswerNotAvailable), "discovery-withheld"),
        (Some(Reason::InternalError), "discovery-failed"),
        (None, "discovery-failed"),
    ] {
        assert_eq!(verdict(&Outcome::Error(reason)), told(row));
    }
}

#[test]
fn nobody_is_looked_for_of_whom_too_little_is_known() {
    let known = |change: fn(&mut Person)| {
        let mut person = hanako();
        change(&mut person);
        let whom = Whom::of(&patient("p1"), person, &shared(), By::Demographics);
        whom.map(drop).map_err(|rule| rule.id)
    };
    assert_eq!(known(|_| {}), Ok(()));
    let too_little: [fn(&mut Person); 6] = [
        |p| p.names.clear(),
        |p| p.names = vec![Name::default()],
        |p| p.birth = Birth::parse("1975"),
        |p| p.birth = None,
        |p| p.sex = None,
        |p| p.sex = Some(Sex::Unknown),
    ];
    for change in too_little {
        assert_eq!(known(change), Err("discovery-too-little"));
    }
}

/// Who is looked for by an identifier, of whom this is known.
fn by_identifier(change: impl Fn(&mut Person)) -> Result<Whom, &'static str> {
    let mut person = hanako();
    change(&mut person);
    let whom = Whom::of(&patient("p1"), person, &shared(), By::Identifier);
    whom.map_err(|rule| rule.id)
}

#[test]
fn an_identifier_that_communities_share_is_asked_by_alone() {
    let whom = by_identifier(|_| {}).unwrap();
    let query = whom.query(InstanceId::new(Uuid::nil()), &[]);
    let ids: Vec<&str> = query.identifiers.iter().map(|i| i.id.id.as_str()).collect();
    assert_eq!(ids, ["00138057:12-3:4567:01", "7"], "neither ours nor a chart");
    assert!(query.names.is_empty() && query.birth.is_none() && query.sex.is_none());
    let family = Identifier::from(PatientId::parse("138057:123:4567:^^^&1.2.9.3&ISO").unwrap());
    let whom = by_identifier(|p| p.identifiers.push(family.clone())).unwrap();
    let query = whom.query(InstanceId::new(Uuid::nil()), &[]);
    assert!(!query.identifiers.contains(&family), "a family's card finds the family");
    let nameless = |p: &mut Person| {
        (p.names, p.birth, p.sex) = (Vec::new(), None, None);
    };
    assert!(by_identifier(nameless).is_ok());
    let only = |text: &str| {
        let id = PatientId::parse(text).unwrap();
        by_identifier(move |p| p.identifiers = vec![id.clone().into()]).err()
    };
    let row = Some("discovery-no-identifier");
    assert_eq!(only("chart-7^^^&1.2.9.8&ISO"), row);
    assert_eq!(only("138057:123:4567:^^^&1.2.9.3&ISO"), row, "a family's card");
    assert_eq!(only("7^^^&1.2.9.4&ISO"), None);
    let digest = |by| Whom::of(&patient("p1"), hanako(), &shared(), by).unwrap().digest(&north());
    assert_eq!(digest(By::Identifier), digest(By::Demographics), "it is the same patient");
}

#[test]
fn who_was_found_by_an_identifier_agrees_in_what_is_told() {
    let found = |change: &dyn Fn(&mut Candidate)| {
        let home = HomeCommunityId::parse(&format!("urn:oid:{HOME}")).unwrap();
        let whom = by_identifier(|_| {}).unwrap();
        let outcome = Outcome::Found(vec![candidate(change)]);
        judge(&shared(), &whom, &home, &outcome)
            .map(|found| found.patient.id.id.clone())
            .map_err(|u| u.rule.id)
    };
    let there = || Ok("there".to_owned());
    let unlike = Err("discovery-unlike");
    assert_eq!(found(&|_| {}), there());
    // nullFlavor NA: nothing but identifiers.
    let called = |text: &str| {
        let id = PatientId::parse(text).unwrap();
        found(&|c| c.person = Person { identifiers: vec![id.clone().into()], ..Person::default() })
    };
    assert_eq!(called("138057:123:4567:1^^^&1.2.9.3&ISO"), there());
    assert_eq!(called("7^^^&1.2.9.4&ISO"), there());
    assert_eq!(called("138057:123:4567:^^^&1.2.9.3&ISO"), unlike, "anybody of the family");
    assert_eq!(called("138057:123:4567:00^^^&1.2.9.3&ISO"), unlike, "the holder of the card");
    assert_eq!(called("chart-7^^^&1.2.9.1&ISO"), unlike, "never sent");
    let untold = |c: &mut Candidate| c.person = Person::default();
    assert_eq!(found(&untold), unlike, "nothing says that it is our patient");
    let half = |c: &mut Candidate| {
        c.person.identifiers.clear();
        c.person.names.clear();
    };
    assert_eq!(found(&half), unlike, "a sister may be a twin");
    let under_it = |c: &mut Candidate| {
        c.person = Person::default();
        c.patient = PatientId::parse("7^^^&1.2.9.4&ISO").unwrap().into();
    };
    assert_eq!(found(&under_it), Ok("7".to_owned()));
    assert_eq!(found(&|c| c.person.birth = Birth::parse("19750413")), unlike);
    assert_eq!(found(&|c| c.person.birth = Birth::parse("1975")), unlike, "cannot be compared");
    assert_eq!(found(&|c| c.person.sex = Some(Sex::Male)), unlike);
    assert_eq!(found(&|c| c.person.sex = Some(Sex::Unknown)), there());
    let renamed = |c: &mut Candidate| {
        c.person.names = vec![Name::new(Writing::Syllabic, "ケンシン", "ハルコ")];
    };
    assert_eq!(found(&renamed), unlike);
    assert_eq!(found(&|c| c.degree = Some(79)), unlike);
    let other = Identifier::from(PatientId::parse("8^^^&1.2.9.4&ISO").unwrap());
    assert_eq!(found(&|c| c.person.identifiers = vec![other.clone()]), unlike);
}

#[test]
fn no_more_is_told_than_is_asked_for() {
    let mut person = hanako();
    let city = Address { city: Some("架空町".to_owned()), ..Address::default() };
    person.addresses = vec![city.clone()];
    let whom = Whom::of(&patient("p1"), person, &shared(), By::Demographics).unwrap();
    let query = |more: &[Attribute]| whom.query(InstanceId::new(Uuid::nil()), more);
    let first = query(&[]);
    assert!(first.addresses.is_empty() && first.names.len() == 2);
    let ids: Vec<&str> = first.identifiers.iter().map(|i| i.id.id.as_str()).collect();
    assert_eq!(ids, ["p1", "00138057:12-3:4567:01", "7"], "a chart is nobody else's business");
    assert_eq!(query(&[Attribute::Address]).addresses, [city]);
    assert!(whom.knows_any(&[Attribute::Telecom, Attribute::Address]));
    assert!(!whom.knows_any(&[Attribute::Telecom, Attribute::Sex]));
}

#[test]
fn whoever_is_described_otherwise_has_another_digest() {
    let digest = |change: fn(&mut Person)| {
        let mut person = hanako();
        change(&mut person);
        Whom::of(&patient("p1"), person, &shared(), By::Demographics).unwrap().digest(&north())
    };
    let before = digest(|_| {});
    assert_eq!(before, digest(|_| {}));
    assert_ne!(before, digest(|p| p.birth = Birth::parse("19750413")));
    assert_ne!(before, digest(|p| p.names.truncate(1)));
    assert_ne!(
        before,
        digest(|p| p.addresses.push(Address { lines: vec!["1".into()], ..Address::default() }))
    );
}

fn north() -> Community {
    let discovery = Url::parse("https://north.example/xcpd").ok();
    Community { discovery, ..tests::community(&format!("urn:oid:{HOME}"), &[]) }
}

#[test]
fn what_was_told_under_another_entry_of_the_community_holds_no_longer() {
    let digest = |change: &dyn Fn(&mut Community)| {
        let mut community = north();
        change(&mut community);
        whom().digest(&community)
    };
    let before = digest(&|_| {});
    let other: [&dyn Fn(&mut Community); 5] = [
        &|c| c.discovery = Url::parse("https://south.example/").ok(),
        &|c| c.discovery_by = By::Identifier,
        &|c| c.discovery_answers = When::Later,
        &|c| c.peer = Some("south".to_owned()),
        &|c| c.authorities = Some("another CA".to_owned()),
    ];
    for (which, change) in other.iter().enumerate() {
        assert_ne!(before, digest(change), "{which}");
    }
    let same = |c: &mut Community| c.name = "the north".to_owned();
    assert_eq!(before, digest(&same), "what people call it");
    let (peer, ca) = (Some("x".to_owned()), Some("x".to_owned()));
    let of_peer = digest(&|c| c.peer.clone_from(&peer));
    assert_ne!(of_peer, digest(&|c| c.authorities.clone_from(&ca)));
}

#[test]
fn an_answer_is_kept_as_long_as_both_allow() {
    let now: DateTime<Utc> = "2026-12-01T00:00:00Z".parse().unwrap();
    let days = |n| Some(TimeToLive::days(n));
    let them = Counterpart::Patient(patient("there"));
    let after = |n| Some(now + TimeDelta::days(n));
    assert_eq!(until(now, days(7), days(30), &them), after(7));
    assert_eq!(until(now, days(60), days(30), &them), after(30));
    assert_eq!(until(now, None, days(30), &them), None, "for the use at hand");
    assert_eq!(until(now, days(7), None, &them), None);
    assert_eq!(until(now, days(0), days(30), &them), None);
    assert_eq!(until(now, days(7), days(30), &Counterpart::Nobody), Some(now + NOBODY_KEPT));
}

#[test]
fn only_the_patient_of_a_query_becomes_another() {
    let query =
        QueryBuilder::find_documents(&patient("p1"), &[AvailabilityStatus::Approved]).build();
    let theirs = PatientId::parse("it's^^^&1.2.3.4&ISO").unwrap();
    let sent = renamed(&query, std::slice::from_ref(&theirs)).unwrap();
    let expected = QueryBuilder::find_documents(&theirs, &[AvailabilityStatus::Approved]).build();
    assert_eq!(sent, expected);
    assert_ne!(sent, query);
    assert_eq!(renamed(&query, &[]), None, "about nobody");
    let by_id =
        QueryBuilder::get_documents_by_unique_id(&[UniqueId::parse("1.2").unwrap()]).build();
    assert_eq!(renamed(&by_id, &[]), Some(by_id));
}

#[test]
fn what_was_told_ends_soon_in_the_last_tenth_of_its_time() {
    let since: DateTime<Utc> = "2026-12-01T00:00:00Z".parse().unwrap();
    let told = Correlation {
        counterpart: Counterpart::Nobody,
        asked_by: [7; 32],
        degree: None,
        since,
        until: since + TimeDelta::days(10),
    };
    assert!(!told.is_ending(since));
    assert!(!told.is_ending(since + TimeDelta::days(9)));
    assert!(told.is_ending(since + TimeDelta::days(9) + TimeDelta::seconds(1)));
}
