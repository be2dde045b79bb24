//! What enters by one wire leaves by another: HL7 v2 (ITI-8), the store, HL7 v3 (ITI-55).

use super::{ctx, id, oid, worlds};
use crate::{News, Told};
use chrono::Utc;
use proptest::prelude::*;
use renkei_hl7v2::adt::{Announcement, FeedEvent, Parties, write_announcement};
use renkei_hl7v2::authorities::Authorities;
use renkei_hl7v2::charset::Charset;
use renkei_hl7v2::msh::{Stamp, Version};
use renkei_hl7v3::iti55::{Answer, Candidate, Locator, Outcome};
use renkei_hl7v3::transmission::{Party, Processing, Transmission};
use renkei_hl7v3::{InstanceId, Time};
use renkei_person::{BirthPlace, Name, Person, Writing};
use renkei_soap::xml::{Reader, Writer, XmlLimits};

/// A person of whom HL7 v2 can say everything, with an identifier of ours.
fn person() -> impl Strategy<Value = Person> {
    let said = renkei_arbitrary::person::person().prop_map(|mut person| {
        let place = person.birth_place.and_then(|place| place.name);
        person.birth_place = place.map(|name| BirthPlace { name: Some(name), address: None });
        person.names.push(Name::new(Writing::Ideographic, "健診", "花子"));
        person.identifiers.insert(0, id("1").into());
        person
    });
    // Two quotes mean that something is to be deleted (HL7 V2.5: 2.5.3).
    said.prop_filter("no deletion", |person| !format!("{person:?}").contains(r#""\"\"""#))
}

fn message(person: &Person) -> Vec<u8> {
    let party = || "X".to_owned();
    let parties = Parties {
        sending_application: party(),
        sending_facility: party(),
        receiving_application: party(),
        receiving_facility: party(),
    };
    let stamp = Stamp::new(Utc::now(), uuid::Uuid::from_u128(1));
    let event = FeedEvent::A04;
    let of = Announcement { stamp, parties, event, person: person.clone() };
    write_announcement(&of, Version::V25, &Charset::utf8()).unwrap()
}

/// The person as an answer to ITI-55 carries it to another community.
fn across(person: Person) -> Person {
    let party = |oid_of: &str| Party { device: oid(oid_of), community: Some(oid(oid_of)) };
    let answer = Answer {
        transmission: Transmission {
            id: InstanceId::new(uuid::Uuid::from_u128(2)),
            created: Time::at(Utc::now().into()),
            processing: Processing::Production,
            receiver: party("2.999.1"),
            respond_to: None,
            sender: party("2.999.2"),
        },
        target: InstanceId::new(uuid::Uuid::from_u128(3)),
        details: Vec::new(),
        outcome: Outcome::Found(vec![Candidate {
            patient: id("1").into(),
            person,
            degree: Some(100),
            community: oid("2.999.2"),
            locator: Locator::default(),
        }]),
        query_id: InstanceId::new(uuid::Uuid::from_u128(4)),
        query: None,
    };
    let mut w = Writer::new();
    answer.write(&mut w);
    let xml = w.finish();
    let mut r = Reader::new(&xml, XmlLimits::default());
    let root = r.root().unwrap();
    match Answer::read(&mut r, &root).unwrap().message.outcome {
        Outcome::Found(mut found) => found.remove(0).person,
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_the_feed_brings_leaves_by_hl7_v3_without_loss() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let _entered = runtime.enter();
    for w in worlds() {
        let config = ProptestConfig { cases: 30, ..ProptestConfig::default() };
        let mut runner = proptest::test_runner::TestRunner::new(config);
        let run = runner.run(&(person(), "[0-9]{18}"), |(said, number)| {
            let own = id(&number);
            let mut said = said;
            said.identifiers[0] = own.clone().into();
            let authorities = Authorities::new(oid(super::HOME));
            let news = News::of_message(&message(&said), &authorities).unwrap();
            let known = runtime.block_on(async {
                w.identity.take(vec![Told { at: Utc::now(), news }]).await.unwrap();
                w.identity.person(&own).await.unwrap().unwrap()
            });
            prop_assert_eq!(&known.id, &own);
            let mut expected = said.clone();
            expected.identifiers.remove(0);
            expected.identifiers.dedup_by(|a, b| a.id == b.id);
            prop_assert_eq!(&known.person, &expected);
            prop_assert_eq!(across(known.person), expected);
            Ok(())
        });
        run.unwrap();
    }
}

#[tokio::test]
async fn a_change_of_somebody_who_was_not_announced_announces_nobody() {
    for w in worlds() {
        let change =
            |person: Person| Told { at: Utc::now(), news: News::Changed(Box::new(person)) };
        w.identity.take(vec![change(super::hanako("1"))]).await.unwrap();
        assert_eq!(w.identity.person(&id("1")).await.unwrap(), None);
        w.identity.remember(&ctx(), &super::hanako("1")).await.unwrap();
        w.identity.take(vec![change(super::living(super::hanako("1"), "新町"))]).await.unwrap();
        let known = w.identity.person(&id("1")).await.unwrap().unwrap();
        assert_eq!(known.person.addresses.len(), 1);
    }
}
