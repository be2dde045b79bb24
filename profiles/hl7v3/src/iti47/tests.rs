//! The messages of ITI-47: read, written, read again, and what is refused.

use super::*;
use crate::query::{BirthTime, Query};
use crate::testing::generated::{identifiers, instance, query, some, transmission};
use crate::testing::{INTERACTIONS, read, valid, written};
use crate::{Read, Refusal};
use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;
use renkei_arbitrary::arbitrary::oid;
use renkei_arbitrary::person::person;
use renkei_metadata::ids::Oid;
use renkei_person::{Birth, Name, Sex, Writing};

const QUERY: &str = include_str!("../../samples/pdq-query.xml");
const ANSWER: &str = include_str!("../../samples/pdq-answer.xml");
const CONTINUATION: &str = include_str!("../../samples/continuation.xml");

fn request(xml: &str) -> Read<Request> {
    read(xml, Request::read).unwrap()
}

fn answer(xml: &str) -> Read<Answer> {
    read(xml, Answer::read).unwrap()
}

fn schema(name: &str) -> String {
    format!("{INTERACTIONS}/{name}")
}

#[test]
fn a_query_says_whom_it_looks_for_and_what_it_wants_of_them() {
    let Read { message, passed_over } = request(QUERY);
    assert_eq!(passed_over, 0);
    let query = &message.query;
    assert_eq!((query.initial_quantity, query.is_pattern), (Some(10), true));
    assert_eq!(query.birth, Some(BirthTime::At(Birth::parse("19750412").unwrap())));
    let name = Name { writing: None, ..Name::new(Writing::Syllabic, "ケンシン", "ハナ") };
    assert_eq!(query.names, [name]);
    let domains: Vec<_> = query.domains.iter().map(|d| d.id.as_str()).collect();
    assert_eq!(domains, ["2.999.392.1.1", "2.999.392.1.3"]);
    assert!(
        Request::domain_place(&query.domains[1])
            .ends_with("/parameterList/otherIDsScopingOrganization[2]/value")
    );
    let xml = written(|w| message.write(w));
    assert_eq!(request(&xml).message, message);
    let made = Request::new(message.transmission.clone(), query.clone());
    let made = written(|w| made.write(w));
    assert_eq!(request(&made).message.query, *query);
    assert!(made.contains("use=\"SRCH\"") && made.contains("<initialQuantity value=\"10\"/>"));
    valid(&schema("PRPA_IN201305UV02"), &[xml, made]);
}

#[test]
fn an_answer_tells_persons_and_how_many_there_are() {
    let Read { message, passed_over } = answer(ANSWER);
    assert_eq!(passed_over, 0);
    assert_eq!(message.counts, Some(Counts { total: 1, current: 1, remaining: 0 }));
    let Outcome::Found(found) = &message.outcome else { panic!("{message:?}") };
    let ids: Vec<_> = found[0].identifiers().map(|of| of.id.id.as_str()).collect();
    assert_eq!(ids, ["KN00012345", "06139992:12-3:4567:01"]);
    assert_eq!((found[0].degree, found[0].person.sex), (Some(95), Some(Sex::Female)));
    let without = vec![Oid::parse("2.999.392.1.8").unwrap()];
    let lacking = Found { without, ..found[0].clone() };
    let mut messages = Vec::new();
    for (outcome, codes) in [
        (Outcome::Found(vec![lacking.clone(), lacking]), ["AA", "OK"]),
        (Outcome::NotFound, ["AA", "NF"]),
        (Outcome::Error, ["AE", "AE"]),
    ] {
        let query = Some(request(QUERY).message.copy);
        let told = Answer { outcome, query, ..message.clone() };
        let xml = written(|w| told.write(w));
        assert_eq!(answer(&xml).message, told);
        let [ack, response] = codes;
        assert!(xml.contains(&format!("<typeCode code=\"{ack}\"/>")), "{xml}");
        assert!(xml.contains(&format!("<queryResponseCode code=\"{response}\"/>")), "{xml}");
        messages.push(xml);
    }
    valid(&schema("PRPA_IN201306UV02"), &messages);
}

#[test]
fn more_is_asked_for_or_no_more() {
    let Read { message, passed_over } = read(CONTINUATION, Continuation::read).unwrap();
    assert_eq!(passed_over, 0);
    assert_eq!(message.wish, Wish::More { start: Some(11), quantity: Some(10) });
    assert_eq!(message.query_id.extension(), Some("Q-20250601-2"));
    assert_eq!(message.target.as_ref().unwrap().root(), "4f9a1c52-6f0e-4a4d-9a7e-2b0c31f0a021");
    let mut messages = Vec::new();
    for wish in [message.wish, Wish::More { start: None, quantity: None }, Wish::NoMore] {
        let told = Continuation { wish, ..message.clone() };
        let xml = written(|w| told.write(w));
        assert_eq!(read(&xml, Continuation::read).unwrap().message, told);
        let name =
            if wish == Wish::NoMore { "<QUQI_IN000003UV01_Cancel " } else { "<QUQI_IN000003UV01 " };
        assert!(xml.starts_with(name), "{xml}");
        assert!(xml.contains("extension=\"QUQI_IN000003UV01\""), "{xml}");
        messages.push(xml);
    }
    valid(&schema("QUQI_IN000003UV01"), &messages);
    // Given up in the body of the other operation, and by whoever names no answer.
    let aborted = CONTINUATION.replace("waitContinuedQueryResponse", "aborted");
    assert_eq!(read(&aborted, Continuation::read).unwrap().message.wish, Wish::NoMore);
    let (before, rest) = CONTINUATION.split_once("<acknowledgement>").unwrap();
    let bare = format!("{before}{}", rest.split_once("</acknowledgement>").unwrap().1);
    assert_eq!(read(&bare, Continuation::read).unwrap().message.target, None);
}

#[test]
fn a_query_of_another_stack_is_understood() {
    let xml = include_str!("../../samples/foreign-pdq-query.xml");
    let Read { message, passed_over } = request(xml);
    assert_eq!(passed_over, 0);
    let query = &message.query;
    assert_eq!((query.initial_quantity, query.minimum_degree), (Some(30), Some(75)));
    let name = &query.names[0];
    assert_eq!(
        (name.family.as_str(), name.given.join(" ").as_str()),
        ("YOBO KENSHIN", "HANAKO Rose")
    );
    assert_eq!(query.identifiers[0].id.id, "W-3");
    assert_eq!(query.addresses[0].city.as_deref(), Some("千代田区"));
    let again = written(|w| message.write(w));
    assert_eq!(request(&again).message, message);
    valid(&schema("PRPA_IN201305UV02"), &[again]);
}

#[test]
fn an_answer_of_another_stack_is_understood() {
    let xml = include_str!("../../samples/foreign-pdq-answer.xml");
    let Read { message, passed_over } = answer(xml);
    // the sender's telecom, two of death, two of birth, the marital status
    assert_eq!(passed_over, 6);
    assert_eq!(message.counts, Some(Counts { total: 6, current: 1, remaining: 5 }));
    let Outcome::Found(found) = &message.outcome else { panic!("{message:?}") };
    let ids: Vec<_> = found[0].identifiers().map(|of| of.id.id.as_str()).collect();
    assert_eq!(ids, ["W-3", "38273N237", "100-09"]);
    assert_eq!(found[0].without, [Oid::parse("2.999.392.1.1").unwrap()]);
    assert_eq!((found[0].degree, found[0].person.names[0].given.len()), (Some(50), 1));
    let again = written(|w| message.write(w));
    assert_eq!(answer(&again).message, message);
}

#[test]
fn each_rule_of_a_query_is_told_by_element() {
    let list =
        QUERY.split_once("<parameterList>").unwrap().1.split_once("</parameterList>").unwrap().0;
    let with = |parameters: &str| QUERY.replace(list, parameters);
    let sex = "<livingSubjectAdministrativeGender><value code=\"F\"/><semanticsText/></livingSubjectAdministrativeGender>";
    let status = "<patientStatusCode><value code=\"active\"/><semanticsText/></patientStatusCode>";
    let cases = [
        (with(sex), "hl7v3-nothing-asked", "parameterList"),
        (with(&format!("{list}{status}")), "hl7v3-not-allowed", "patientStatusCode"),
        (QUERY.replace("\"10\"", "\"-1\""), "hl7v3-value", "queryByParameter/initialQuantity"),
        (
            QUERY.replace("\"2.999.392.1.3\"", "\"HOKENJA\""),
            "hl7v3-value",
            "otherIDsScopingOrganization/value/@root",
        ),
    ];
    for (xml, rule, element) in cases {
        let Err(Refusal::Answerable(a)) = read(&xml, Request::read) else { panic!("{xml}") };
        let found: Vec<_> = a.problems.iter().map(|p| (p.rule.id, p.element.as_str())).collect();
        assert!(found.contains(&(rule, element)), "{found:?}, not {rule} {element}");
        assert!(a.query.is_some() || element.contains("initial"), "{element}");
    }
    let nobody = ANSWER.replace("\"OK\"", "\"NF\"");
    let Err(Refusal::Answerable(a)) = read(&nobody, Answer::read) else { panic!("{nobody}") };
    assert_eq!(a.problems[0].rule.id, "hl7v3-contradiction");
}

fn any_request() -> impl Strategy<Value = Request> {
    let wanted = (any::<bool>(), vec(oid(), 0..3), of(1u32..1000));
    (transmission(), query(), wanted).prop_map(|(transmission, query, wanted)| {
        let query = Query {
            is_pattern: wanted.0 && !query.names.is_empty(),
            initial_quantity: wanted.2,
            birth_place_address: None,
            birth_place_name: None,
            care_providers: Vec::new(),
            ..query
        };
        Request::new(transmission, query.in_domains(wanted.1))
    })
}

fn any_found() -> impl Strategy<Value = Found> {
    (identifiers(), person(), vec(oid(), 0..2), of(0u8..=100)).prop_map(
        |(identifiers, person, without, degree)| {
            Found::new(identifiers, person, without, degree).unwrap()
        },
    )
}

fn any_answer() -> impl Strategy<Value = Answer> {
    let outcome = prop_oneof![
        3 => vec(any_found(), 1..3).prop_map(Outcome::Found),
        1 => Just(Outcome::NotFound),
        1 => Just(Outcome::Error),
    ];
    let counts = (any::<u16>(), any::<u16>(), any::<u16>());
    (any_request(), outcome, instance(), counts).prop_map(|(asked, outcome, id, counts)| {
        let created = asked.transmission.created.clone();
        let (total, current, remaining) = (counts.0.into(), counts.1.into(), counts.2.into());
        let counts = Counts { total, current, remaining };
        Answer::to(&asked, (outcome, counts), Vec::new(), id, created)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn a_query_that_is_written_is_read(message in any_request()) {
        let xml = written(|w| message.write(w));
        let again = read(&xml, Request::read).map_err(|e| TestCaseError::fail(format!("{e}\n{xml}")))?;
        prop_assert_eq!(again.passed_over, 0);
        prop_assert_eq!(&again.message.query, &message.query);
        let third = read(&written(|w| again.message.write(w)), Request::read).unwrap();
        prop_assert_eq!(third.message, again.message);
    }

    #[test]
    fn an_answer_that_is_written_is_read(message in any_answer()) {
        let xml = written(|w| message.write(w));
        let again = read(&xml, Answer::read).map_err(|e| TestCaseError::fail(format!("{e}\n{xml}")))?;
        prop_assert_eq!(again.passed_over, 0);
        prop_assert_eq!(&again.message.outcome, &message.outcome);
        prop_assert_eq!(again.message.counts, message.counts);
    }
}

#[test]
fn what_is_written_is_valid() {
    let requests: Vec<_> = some(any_request()).iter().map(|m| written(|w| m.write(w))).collect();
    valid(&schema("PRPA_IN201305UV02"), &requests);
    let answers: Vec<_> = some(any_answer()).iter().map(|m| written(|w| m.write(w))).collect();
    valid(&schema("PRPA_IN201306UV02"), &answers);
}
