//! The messages of ITI-44 and ITI-46: read, written, read again, and what is refused.

use super::*;
use crate::Read;
use crate::problem::rules;
use crate::testing::generated::{some, transmission};
use crate::testing::{INTERACTIONS, read, valid, written};
use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;
use proptest::sample::select;
use renkei_arbitrary::arbitrary::{name as word, oid};
use renkei_arbitrary::person::person;
use renkei_person::{Birth, Name, Sex, Writing};

const ADD: &str = include_str!("../../samples/feed-add.xml");
const MERGE: &str = include_str!("../../samples/feed-merge.xml");

fn feed(xml: &str) -> Read<Feed> {
    read(xml, Feed::read).unwrap()
}

fn oid_(text: &str) -> Oid {
    Oid::parse(text).unwrap()
}

fn id(root: &str, extension: &str) -> RoleId {
    PatientId::new(extension, oid_(root)).unwrap().into()
}

fn schema(event: Event) -> String {
    format!("{INTERACTIONS}/{}", event.interaction().name())
}

#[test]
fn a_record_that_was_added_says_who_it_is() {
    let Read { message, passed_over } = feed(ADD);
    assert_eq!(passed_over, 0);
    assert_eq!((message.event, &message.prior[..]), (Event::Added, &[][..]));
    let named =
        RoleId { authority_name: Some("KENSHIN-A".to_owned()), ..id("2.999.392.1.2", "A-100234") };
    assert_eq!(message.ids, [named]);
    assert_eq!(message.provider, Some(oid_("2.999.392.1.2")));
    let person = &message.person;
    assert_eq!(person.names[1], Name::new(Writing::Syllabic, "ケンシン", "ハナコ"));
    assert_eq!((person.sex, person.birth), (Some(Sex::Female), Birth::parse("19750412")));
    assert_eq!(person.identifiers[0].id.id, "06139992:12-3:4567:01");
    assert_eq!(person.addresses[0].city.as_deref(), Some("千代田区"));
    let xml = written(|w| message.write(w));
    assert_eq!(feed(&xml), Read { message, passed_over });
    valid(&schema(Event::Added), &[xml]);
}

#[test]
fn a_merge_names_who_stays_and_who_is_no_more() {
    let Read { message, passed_over } = feed(MERGE);
    assert_eq!((message.event, passed_over), (Event::Merged, 0));
    assert_eq!(message.ids, [id("2.999.392.1.2", "A-100234")]);
    assert_eq!(message.prior, [id("2.999.392.1.2", "A-100999")]);
    let xml = written(|w| message.write(w));
    assert_eq!(feed(&xml).message, message);
    valid(&schema(Event::Merged), &[xml]);
}

#[test]
fn a_notification_is_a_revised_record_that_may_have_no_name() {
    let ids = vec![id("2.999.392.1.1", "KN00012345"), id("2.999.392.1.1", "KN00012346")];
    let message = Feed {
        event: Event::Revised,
        ids,
        person: Person::default(),
        provider: None,
        ..feed(ADD).message
    };
    let xml = written(|w| message.write(w));
    assert!(xml.contains("<name nullFlavor=\"NA\"/>"), "{xml}");
    assert_eq!(feed(&xml).message, message);
    valid(&schema(Event::Revised), &[xml]);
}

#[test]
fn a_feed_of_another_stack_is_understood_and_the_rest_counted() {
    let Read { message, passed_over } = feed(include_str!("../../samples/foreign-feed.xml"));
    // veryImportantPersonCode, marital status, religion, two races, an ethnic group, a citizenship
    assert_eq!(passed_over, 7);
    let by_name = RoleId {
        root: None,
        extension: "E-77".to_owned(),
        authority_name: Some("JIGYOSHO".to_owned()),
    };
    assert_eq!(message.ids[1..], [id("2.999.392.1.1", "KN00015"), by_name]);
    assert_eq!(message.ids[0].authority_name.as_deref(), Some("KENSHIN-A"));
    let person = &message.person;
    let [name, maiden] = &person.names[..] else { panic!("{person:?}") };
    assert_eq!((name.family.as_str(), name.given.join(" ").as_str()), ("KENSHIN", "HANAKO ROSE"));
    assert_eq!((name.prefix.as_deref(), name.suffix.as_deref()), (Some("Dr."), Some("II")));
    assert_eq!(maiden.family, "YOBO");
    assert_eq!((person.contacts.len(), person.addresses.len()), (5, 2));
    assert_eq!(person.addresses[0].lines, ["架空町1-2-3", "5"]);
    let others: Vec<_> = person.identifiers.iter().map(|known| known.id.id.as_str()).collect();
    assert_eq!(others, ["06139992:12-3:4567:01", "100-09"]);
    assert_eq!(person.mothers_maiden_name.as_ref().unwrap().family, "YAMADA");
    assert_eq!(person.birth_place.as_ref().unwrap().name.as_deref(), Some("架空市"));
    let again = written(|w| message.write(w));
    assert_eq!(feed(&again).message, message);
    valid(&schema(Event::Added), &[again]);
}

#[test]
fn a_merge_of_another_stack_is_understood() {
    let Read { message, passed_over } = feed(include_str!("../../samples/foreign-merge.xml"));
    assert_eq!(passed_over, 0);
    assert_eq!((message.ids[0].root.as_ref(), message.ids[0].extension.as_str()), (None, "120-01"));
    assert_eq!(message.ids[0].authority_name.as_deref(), Some("KENSHIN-MPI"));
    assert_eq!(message.prior[0].extension, "120-02");
    assert_eq!((message.person.names[0].family.as_str(), &message.provider), ("健診", &None));
    let again = written(|w| message.write(w));
    assert_eq!(feed(&again).message, message);
    valid(&schema(Event::Merged), &[again]);
}

fn refused(xml: &str) -> Vec<(&'static str, String)> {
    match read(xml, Feed::read) {
        Err(Refusal::Answerable(a)) => {
            a.problems.into_iter().map(|p| (p.rule.id, p.element)).collect()
        }
        other => panic!("{other:?}\n{xml}"),
    }
}

fn between<'x>(xml: &'x str, from: &str, to: &str) -> &'x str {
    let (_, rest) = xml.split_once(from).expect(from);
    rest.split_once(to).expect(to).0
}

#[test]
fn each_rule_of_a_feed_is_told_by_element() {
    let subject = format!("<subject {}</subject>", between(ADD, "<subject ", "</subject>"));
    let replaced = between(MERGE, "<replacementOf", "</replacementOf>");
    let replaced = format!("<replacementOf{replaced}</replacementOf>");
    let status =
        "<registrationEvent classCode=\"REG\" moodCode=\"EVN\">\n    <statusCode code=\"active\"/>";
    let nullified = status.replace("active", "nullified");
    let own = "<id root=\"2.999.392.1.2\" extension=\"A-100234\"/>";
    let cases = [
        (ADD.replace(&subject, &subject.repeat(2)), "hl7v3-several", "controlActProcess/subject"),
        (
            ADD.replace("</registrationEvent>", &format!("{replaced}</registrationEvent>")),
            "hl7v3-not-allowed",
            "replacementOf",
        ),
        (MERGE.replace(&replaced, ""), "hl7v3-missing", "registrationEvent/replacementOf"),
        (
            MERGE.replace(&replaced, &replaced.repeat(2)),
            "hl7v3-several",
            "registrationEvent/replacementOf",
        ),
        (ADD.replace(status, &nullified), "hl7v3-status", "registrationEvent/statusCode"),
        (
            MERGE.replace("\"obsolete\"", "\"active\""),
            "hl7v3-status",
            "priorRegistration/statusCode",
        ),
        (MERGE.replace(own, ""), "hl7v3-missing", "patient/id"),
        (MERGE.replace(own, "<id extension=\"A-100234\"/>"), "hl7v3-value", "patient/id"),
        (
            MERGE.replace(own, "<id root=\"1.x\" extension=\"A-100234\"/>"),
            "hl7v3-value",
            "patient/id",
        ),
        (MERGE.replace(own, "<id root=\"2.999.392.1.2\"/>"), "hl7v3-value", "patient/id"),
    ];
    for (xml, rule, element) in cases {
        let found = refused(&xml);
        assert!(found.contains(&(rule, element.to_owned())), "{found:?}, not {rule} {element}");
    }
    assert_eq!(rules::STATUS.id, "hl7v3-status");
}

fn role_id() -> impl Strategy<Value = RoleId> {
    (of(oid()), word(), of(word())).prop_map(|(root, extension, name)| RoleId {
        authority_name: if root.is_none() { name.or(Some("A".to_owned())) } else { name },
        root,
        extension,
    })
}

fn any_feed() -> impl Strategy<Value = Feed> {
    let parts = (vec(role_id(), 1..4), person(), of(oid()), vec(role_id(), 1..3));
    (transmission(), select(&Event::ALL), parts).prop_map(
        |(transmission, event, (ids, person, provider, prior))| {
            let prior = if event == Event::Merged { prior } else { Vec::new() };
            Feed { transmission, event, ids, person, provider, prior }
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn a_feed_that_is_written_is_read(message in any_feed()) {
        let xml = written(|w| message.write(w));
        let again = read(&xml, Feed::read).map_err(|e| TestCaseError::fail(format!("{e}\n{xml}")))?;
        prop_assert_eq!(again.passed_over, 0);
        prop_assert_eq!(again.message, message);
    }
}

#[test]
fn what_is_written_is_valid() {
    for event in Event::ALL {
        let feeds = some(any_feed()).into_iter().filter(|feed| feed.event == event);
        let feeds: Vec<_> = feeds.map(|feed| written(|w| feed.write(w))).collect();
        valid(&schema(event), &feeds);
    }
}
