//! The messages of ITI-45: read, written, read again, and what is refused.

use super::*;
use crate::acknowledgement::{Detail, Gravity};
use crate::testing::generated::{identifiers, instance, some, transmission};
use crate::testing::{INTERACTIONS, read, valid, written};
use crate::{Read, Refusal};
use proptest::collection::vec;
use proptest::prelude::*;
use renkei_arbitrary::arbitrary::oid;
use renkei_arbitrary::person::{identifier, name};
use renkei_metadata::ids::Oid;

const QUERY: &str = include_str!("../../samples/pix-query.xml");
const ANSWER: &str = include_str!("../../samples/pix-answer.xml");

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
fn a_query_names_an_identifier_and_the_domains() {
    let Read { message, passed_over } = request(QUERY);
    assert_eq!(passed_over, 0);
    assert_eq!(message.patient.id.to_string(), "A-100234^^^&2.999.392.1.2&ISO");
    let [domain] = &message.domains[..] else { panic!("{message:?}") };
    assert_eq!(domain.id.as_str(), "2.999.392.1.1");
    assert_eq!(
        Request::domain_place(domain),
        "/PRPA_IN201309UV02/controlActProcess/queryByParameter/parameterList/dataSource[1]/value"
    );
    assert_eq!(
        Request::patient_place(),
        "/PRPA_IN201309UV02/controlActProcess/queryByParameter/parameterList/patientIdentifier/value"
    );
    let made = Request::new(
        message.transmission.clone(),
        message.query_id.clone(),
        message.patient.clone(),
        [domain.id.clone()],
    );
    let xml = written(|w| made.write(w));
    let again = request(&xml).message;
    assert_eq!(
        (&again.patient, &again.domains, &again.query_id),
        (&message.patient, &message.domains, &message.query_id)
    );
    valid(&schema("PRPA_IN201309UV02"), &[xml, written(|w| message.write(w))]);
}

#[test]
fn an_answer_is_one_of_three_cases() {
    let Read { message, passed_over } = answer(ANSWER);
    assert_eq!(passed_over, 0);
    let Outcome::Found { identifiers, names } = &message.outcome else { panic!("{message:?}") };
    assert_eq!((identifiers[0].id.id.as_str(), names.len()), ("KN00012345", 0));
    assert_eq!(identifiers[0].authority_name.as_deref(), Some("KENSHIN-MPI"));
    let mut messages = Vec::new();
    let unknown = Detail {
        gravity: Gravity::Error,
        code: Some("204".to_owned()),
        text: Some("?".to_owned()),
        locations: vec![Request::patient_place()],
    };
    for (outcome, details, codes) in [
        (message.outcome.clone(), Vec::new(), ["AA", "OK"]),
        (Outcome::NotFound, Vec::new(), ["AA", "NF"]),
        (Outcome::Error, vec![unknown], ["AE", "AE"]),
    ] {
        let query = Some(request(QUERY).message.copy);
        let told = Answer { outcome, details, query, ..message.clone() };
        let xml = written(|w| told.write(w));
        assert_eq!(answer(&xml).message, told);
        let [ack, response] = codes;
        assert!(xml.contains(&format!("<typeCode code=\"{ack}\"/>")), "{xml}");
        assert!(xml.contains(&format!("<queryResponseCode code=\"{response}\"/>")), "{xml}");
        messages.push(xml);
    }
    valid(&schema("PRPA_IN201310UV02"), &messages);
}

#[test]
fn a_query_of_another_stack_is_understood() {
    let xml = include_str!("../../samples/foreign-pix-query.xml");
    let Read { message, passed_over } = request(xml);
    assert_eq!(passed_over, 1, "the sender's telecom");
    assert_eq!(message.query_id.extension(), None);
    assert_eq!(message.patient.authority_name.as_deref(), Some("KENSHIN-A"));
    let places: Vec<_> = message.domains.iter().map(|d| d.place.as_str()).collect();
    assert_eq!(places, ["dataSource[1]/value", "dataSource[2]/value"]);
    let again = written(|w| message.write(w));
    assert_eq!(request(&again).message, message);
    valid(&schema("PRPA_IN201309UV02"), &[again]);
}

#[test]
fn an_answer_of_another_stack_is_understood() {
    let xml = include_str!("../../samples/foreign-pix-answer.xml");
    let Read { message, passed_over } = answer(xml);
    assert_eq!(passed_over, 1, "the sender's telecom");
    let Outcome::Found { identifiers, .. } = &message.outcome else { panic!("{message:?}") };
    let ids: Vec<_> = identifiers.iter().map(|known| known.id.id.as_str()).collect();
    assert_eq!(ids, ["KN00015", "38273N237", "100-09"]);
    let again = written(|w| message.write(w));
    assert_eq!(answer(&again).message, message);
}

#[test]
fn domains_in_one_parameter_are_told_apart() {
    let two = "<value root=\"2.999.392.1.1\"/><value root=\"2.999.392.1.4\"/>";
    let xml = QUERY.replace("<value root=\"2.999.392.1.1\"/>", two);
    let places: Vec<_> = request(&xml).message.domains.into_iter().map(|d| d.place).collect();
    assert_eq!(places, ["dataSource[1]/value[1]", "dataSource[1]/value[2]"]);
}

fn refused(xml: &str) -> (Vec<(&'static str, String)>, bool) {
    match read(xml, Request::read) {
        Err(Refusal::Answerable(a)) => {
            let named = a.query.is_some();
            (a.problems.into_iter().map(|p| (p.rule.id, p.element)).collect(), named)
        }
        other => panic!("{other:?}\n{xml}"),
    }
}

#[test]
fn each_rule_of_a_query_is_told_by_element() {
    let known = "<value root=\"2.999.392.1.2\" extension=\"A-100234\"/>";
    let element = "patientIdentifier/value";
    for (with, rule, element) in [
        ("", "hl7v3-missing", "parameterList/patientIdentifier/value"),
        (&*known.repeat(2), "hl7v3-several", element),
        (&known.replace(" extension=\"A-100234\"", ""), "hl7v3-value", element),
        (&known.replace("2.999.392.1.2", "A"), "hl7v3-value", element),
    ] {
        let (found, is_named) = refused(&QUERY.replace(known, with));
        assert!(found.contains(&(rule, element.to_owned())), "{found:?}, not {rule} {element}");
        assert!(is_named, "{with}");
    }
    let (found, _) = refused(&QUERY.replace("root=\"2.999.392.1.1\"", "root=\"KENSHIN\""));
    assert_eq!(found, [("hl7v3-value", "dataSource/value/@root".to_owned())]);
}

#[test]
fn an_answer_contradicts_nothing() {
    for (from, to) in [("\"OK\"", "\"NF\""), ("code=\"AA\"", "code=\"AE\"")] {
        let refusal = read(&ANSWER.replace(from, to), Answer::read).unwrap_err();
        let Refusal::Answerable(a) = refusal else { panic!("{refusal:?}") };
        assert_eq!(a.problems[0].rule.id, "hl7v3-contradiction");
    }
}

fn any_request() -> impl Strategy<Value = Request> {
    (transmission(), instance(), identifier(), vec(oid(), 0..3)).prop_map(
        |(transmission, query_id, patient, domains): (_, _, _, Vec<Oid>)| {
            Request::new(transmission, query_id, patient, domains)
        },
    )
}

fn any_answer() -> impl Strategy<Value = Answer> {
    let outcome = prop_oneof![
        3 => (identifiers(), vec(name(), 0..3))
            .prop_map(|(identifiers, names)| Outcome::Found { identifiers, names }),
        1 => Just(Outcome::NotFound),
        1 => Just(Outcome::Error),
    ];
    (any_request(), outcome, instance()).prop_map(|(asked, outcome, id)| {
        let created = asked.transmission.created.clone();
        Answer::to(&asked, outcome, Vec::new(), id, created)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn a_query_that_is_written_is_read(message in any_request()) {
        let xml = written(|w| message.write(w));
        let again = read(&xml, Request::read).map_err(|e| TestCaseError::fail(format!("{e}\n{xml}")))?;
        prop_assert_eq!(again.passed_over, 0);
        prop_assert_eq!(&again.message.patient, &message.patient);
        prop_assert_eq!(&again.message.domains, &message.domains);
        let third = read(&written(|w| again.message.write(w)), Request::read).unwrap();
        prop_assert_eq!(third.message, again.message);
    }

    #[test]
    fn an_answer_that_is_written_is_read(message in any_answer()) {
        let xml = written(|w| message.write(w));
        let again = read(&xml, Answer::read).map_err(|e| TestCaseError::fail(format!("{e}\n{xml}")))?;
        prop_assert_eq!(again.passed_over, 0);
        prop_assert_eq!(&again.message.outcome, &message.outcome);
        prop_assert_eq!(&again.message.query_id, &message.query_id);
    }
}

#[test]
fn what_is_written_is_valid() {
    let requests: Vec<_> = some(any_request()).iter().map(|m| written(|w| m.write(w))).collect();
    valid(&schema("PRPA_IN201309UV02"), &requests);
    let answers: Vec<_> = some(any_answer()).iter().map(|m| written(|w| m.write(w))).collect();
    valid(&schema("PRPA_IN201310UV02"), &answers);
}
