//! The cases of an answer, each once.

use super::{Discovery, Match, Persons, described, told};
use futures_util::future::BoxFuture;
use renkei_context::Ctx;
use renkei_hl7v3::acknowledgement::Gravity;
use renkei_hl7v3::iti55::{Attribute, Outcome, Reason, Request};
use renkei_hl7v3::query::{BirthTime, Query};
use renkei_hl7v3::transmission::{Party, Processing, Transmission};
use renkei_hl7v3::{InstanceId, Time};
use renkei_metadata::ids::{HomeCommunityId, Oid, PatientId};
use renkei_person::{Birth, Name, Person, Writing};
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

struct Always(Result<Match, String>);

impl Persons for Always {
    fn find<'a>(&'a self, _: &'a Person) -> BoxFuture<'a, Result<Match, String>> {
        Box::pin(std::future::ready(self.0.clone()))
    }
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

async fn answered(found: Result<Match, String>) -> super::Discovered {
    let home = HomeCommunityId::parse("urn:oid:2.999.1").unwrap();
    let discovery = Discovery::new(home, Arc::new(Always(found))).unwrap();
    let ctx = Ctx::internal("test", Duration::from_secs(1));
    discovery.discover(&ctx, &request()).await
}

#[tokio::test]
async fn one_match_names_the_community_and_the_identifier_to_ask_by() {
    let patient = PatientId::new("1", Oid::parse("2.999.1.1").unwrap()).unwrap();
    let found = answered(Ok(Match::One(patient.clone(), Box::default()))).await;
    assert_eq!((found.patients.as_slice(), found.failure), ([patient.clone()].as_slice(), None));
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
        (
            Err("broken".to_owned()),
            Outcome::Error(Some(Reason::InternalError)),
            "xcpd-failed",
            Gravity::Error,
        ),
    ];
    for (found, outcome, row, gravity) in cases {
        let found = answered(found).await;
        assert_eq!(found.answer.outcome, outcome);
        let [detail] = found.answer.details.as_slice() else { panic!("{:?}", found.answer) };
        assert_eq!((detail.code.as_deref(), detail.gravity), (Some(row), gravity));
        let rule = told::ALL.iter().find(|rule| rule.id == row).unwrap();
        assert_eq!(detail.text, Some(told::words(rule)));
        assert_eq!(found.failure.is_some(), gravity == Gravity::Error);
        assert!(found.patients.is_empty());
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
