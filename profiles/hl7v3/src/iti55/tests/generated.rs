//! What is written is read without loss, and valid, whatever it is about.

use super::*;
use crate::testing::generated::{instance, query, some, transmission};
use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use renkei_arbitrary::arbitrary::{name as word, oid};
use renkei_arbitrary::person::{identifier, person};

fn request() -> impl Strategy<Value = Request> {
    (transmission(), of(oid()), query()).prop_map(|(transmission, authority, mut query)| {
        if transmission.respond_to.is_some() {
            query.priority = Priority::Deferred;
        }
        Request::new(transmission, authority, query)
    })
}

fn candidate() -> impl Strategy<Value = Candidate> {
    let locator = select(&[Locator::NotHealthDataLocator, Locator::SupportsHealthDataLocator]);
    (identifier(), person(), of(0u8..=100), oid(), locator).prop_map(
        |(patient, person, degree, community, locator)| Candidate {
            patient,
            person,
            degree,
            community,
            locator,
        },
    )
}

fn outcome() -> impl Strategy<Value = Outcome> {
    prop_oneof![
        3 => vec(candidate(), 1..3).prop_map(Outcome::Found),
        1 => subsequence(&Attribute::ALL, 1..6).prop_map(Outcome::Requested),
        1 => Just(Outcome::NotFound),
        1 => of(select(&Reason::ALL)).prop_map(Outcome::Error),
    ]
}

fn detail() -> impl Strategy<Value = Detail> {
    let gravity = select(&[Gravity::Error, Gravity::Warning, Gravity::Information]);
    // A code holds no blanks (CS of the schema).
    (gravity, of("[A-Z0-9]{1,8}".prop_map(String::from)), of(word()), vec(word(), 0..2))
        .prop_map(|(gravity, code, text, locations)| Detail { gravity, code, text, locations })
}

fn any_answer() -> impl Strategy<Value = Answer> {
    let parts = (instance(), vec(detail(), 0..3), outcome(), instance(), of(query()));
    (transmission(), parts).prop_map(
        |(transmission, (target, details, outcome, query_id, query))| {
            let query = query.map(|query| query.to_copy());
            Answer { transmission, target, details, outcome, query_id, query }
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn a_request_that_is_written_is_read(message in request()) {
        let xml = written(|w| message.write(w));
        let again = read(&xml, Request::read).map_err(|e| TestCaseError::fail(format!("{e}\n{xml}")))?;
        prop_assert_eq!(again.passed_over, 0);
        prop_assert_eq!(&again.message.query, &message.query);
        prop_assert_eq!(&again.message.transmission, &message.transmission);
        prop_assert_eq!(&again.message.authority, &message.authority);
        // The copy of a copy is the same.
        let third = read(&written(|w| again.message.write(w)), Request::read).unwrap();
        prop_assert_eq!(third.message, again.message);
    }

    #[test]
    fn an_answer_that_is_written_is_read(message in any_answer()) {
        let xml = written(|w| message.write(w));
        let again = read(&xml, Answer::read).map_err(|e| TestCaseError::fail(format!("{e}\n{xml}")))?;
        prop_assert_eq!(again.passed_over, 0);
        let Answer { query, .. } = &again.message;
        prop_assert_eq!(query.is_some(), message.query.is_some());
        prop_assert_eq!(&Answer { query: message.query.clone(), ..again.message }, &message);
    }
}

#[test]
fn what_is_written_is_valid() {
    let requests = some(request());
    valid(
        &schema("PRPA_IN201305UV02"),
        &requests.iter().map(|m| written(|w| m.write(w))).collect::<Vec<_>>(),
    );
    let answers = some(any_answer());
    valid(
        &schema("PRPA_IN201306UV02"),
        &answers.iter().map(|m| written(|w| m.write(w))).collect::<Vec<_>>(),
    );
}
