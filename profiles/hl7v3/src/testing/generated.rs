//! Parts of messages, made by chance.

use crate::datatypes::{InstanceId, Time};
use crate::query::{BirthTime, Query};
use crate::transmission::{Party, Processing, Transmission};
use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use renkei_arbitrary::arbitrary::{name as word, oid};
use renkei_arbitrary::person::{address, birth, contact, identifier, name, sex};
use renkei_person::Identifier;

pub(crate) fn instance() -> impl Strategy<Value = InstanceId> {
    prop_oneof![
        any::<u128>().prop_map(|n| InstanceId::new(uuid::Uuid::from_u128(n))),
        (oid(), word()).prop_map(|(root, extension)| InstanceId::of(&root, &extension)),
    ]
}

fn party() -> impl Strategy<Value = Party> {
    (oid(), of(oid())).prop_map(|(device, community)| Party { device, community })
}

pub(crate) fn transmission() -> impl Strategy<Value = Transmission> {
    let times = select(&["20250601101500+0900", "20250601", "20250601101500.123-0500", "2025"]);
    let processing = select(&[Processing::Production, Processing::Training, Processing::Debugging]);
    let url = of("https://[a-z]{1,9}/[a-z]{0,9}".prop_map(String::from));
    (instance(), times, processing, party(), url, party()).prop_map(
        |(id, created, processing, receiver, respond_to, sender)| {
            let created = Time::parse(created).unwrap();
            Transmission { id, created, processing, receiver, respond_to, sender }
        },
    )
}

fn birth_time() -> impl Strategy<Value = BirthTime> {
    prop_oneof![
        birth().prop_map(BirthTime::At),
        (birth(), of(birth())).prop_map(|(low, high)| BirthTime::Between(Some(low), high)),
        birth().prop_map(|high| BirthTime::Between(None, Some(high))),
    ]
}

pub(crate) fn query() -> impl Strategy<Value = Query> {
    let criteria = (of(word()), of(0u8..=100));
    let singles = (of(sex()), of(address()), of(word()), of(birth_time()), of(name()));
    let lists = (
        vec(identifier(), 1..4),
        vec(name(), 0..4),
        vec(address(), 0..3),
        vec(contact(), 0..3),
        vec(identifier(), 0..2),
    );
    (instance(), criteria, singles, lists).prop_map(|(id, criteria, singles, lists)| Query {
        match_algorithm: criteria.0,
        minimum_degree: criteria.1,
        sex: singles.0,
        birth_place_address: singles.1,
        birth_place_name: singles.2,
        birth: singles.3,
        mothers_maiden_name: singles.4,
        identifiers: lists.0,
        names: lists.1,
        addresses: lists.2,
        contacts: lists.3,
        care_providers: lists.4,
        ..Query::new(id)
    })
}

/// Identifiers as they stand in an answer: those of the first one's domain come first.
pub(crate) fn identifiers() -> impl Strategy<Value = Vec<Identifier>> {
    vec(identifier(), 1..5).prop_map(|all| {
        let first = all.first().map(|of| of.id.authority.clone());
        let (mut same, other): (Vec<_>, Vec<_>) =
            all.into_iter().partition(|of| Some(&of.id.authority) == first.as_ref());
        same.extend(other);
        same
    })
}

/// Some of them, made once.
pub(crate) fn some<T>(of: impl Strategy<Value = T>) -> Vec<T> {
    let mut runner = TestRunner::deterministic();
    (0..40).map(|_| of.new_tree(&mut runner).unwrap().current()).collect()
}
