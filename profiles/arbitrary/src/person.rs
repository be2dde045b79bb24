//! Generators of people, for the property tests of their encodings.

use crate::arbitrary::{name as word, oid};
use chrono::NaiveDate;
use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::{Strategy, prop_oneof};
use proptest::sample::select;
use renkei_metadata::ids::PatientId;
use renkei_person::{
    Address, Birth, BirthPlace, Contact, ContactSystem, Identifier, Name, Person, Place, Sex,
    Writing,
};

/// A person with everything a register may say, or little of it.
pub fn person() -> impl Strategy<Value = Person> {
    let lists =
        (vec(identifier(), 0..4), vec(name(), 0..4), vec(address(), 0..3), vec(contact(), 0..3));
    let singles = (of(sex()), of(birth()), of(name()), of(birth_place()));
    (lists, singles).prop_map(|((identifiers, names, addresses, contacts), rest)| {
        let (sex, birth, mothers_maiden_name, birth_place) = rest;
        Person {
            identifiers,
            names,
            sex,
            birth,
            addresses,
            contacts,
            mothers_maiden_name,
            birth_place,
        }
    })
}

/// An identifier.
pub fn identifier() -> impl Strategy<Value = Identifier> {
    (word(), oid(), of(word())).prop_filter_map(
        "a patient id",
        |(id, authority, authority_name)| {
            Some(Identifier { id: PatientId::new(&id, authority).ok()?, authority_name })
        },
    )
}

/// A name.
pub fn name() -> impl Strategy<Value = Name> {
    let parts = (of(select(&Writing::ALL)), of(word()), vec(word(), 0..3), of(word()), of(word()));
    parts
        .prop_map(|(writing, family, given, prefix, suffix)| Name {
            writing,
            family: family.unwrap_or_default(),
            given,
            prefix,
            suffix,
        })
        .prop_filter("a name", |name| !name.is_empty())
}

/// A sex.
pub fn sex() -> impl Strategy<Value = Sex> {
    select(&Sex::ALL)
}

/// A date of birth of any precision.
pub fn birth() -> impl Strategy<Value = Birth> {
    let day = (1u32..3_000_000).prop_filter_map("a day", |days| {
        NaiveDate::from_num_days_from_ce_opt(i32::try_from(days).ok()?)
    });
    (day, select(&["%Y", "%Y%m", "%Y%m%d"]))
        .prop_filter_map("a birth", |(day, form)| Birth::parse(&day.format(form).to_string()))
}

/// An address that says something.
pub fn address() -> impl Strategy<Value = Address> {
    let place = of(select(&[Place::Home, Place::Work]));
    let parts = (place, vec(word(), 0..3), of(word()), of(word()), of(word()), of(word()));
    parts
        .prop_map(|(place, lines, city, state, postal_code, country)| Address {
            place,
            lines,
            city,
            state,
            postal_code,
            country,
        })
        .prop_filter("an address", |address| !address.is_empty())
}

/// A telephone number, an address of mail, or a URL.
pub fn contact() -> impl Strategy<Value = Contact> {
    let systems = select(&[ContactSystem::Phone, ContactSystem::Fax, ContactSystem::Email]);
    let reached = prop_oneof![
        (systems, word()),
        "https://[a-z]{1,10}/([a-z0-9?&=]|%[0-9A-F]{2}){0,10}"
            .prop_map(|url| (ContactSystem::Url, url)),
    ];
    (reached, of(select(&[Place::Home, Place::Work, Place::Mobile])))
        .prop_map(|((system, value), place)| Contact { system, value, place })
}

/// A birth place that says something.
pub fn birth_place() -> impl Strategy<Value = BirthPlace> {
    (of(word()), of(address()))
        .prop_filter("a place", |(name, address)| name.is_some() || address.is_some())
        .prop_map(|(name, address)| BirthPlace { name, address })
}
