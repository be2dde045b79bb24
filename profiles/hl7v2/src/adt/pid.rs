//! A person as PID describes one, beyond the identifiers (HL7 V2.5: 3.4.2; ITI TF-2: 3.8.4.1.2.3).
//!
//! What HL7 v2 cannot say of a person is left out: the address of the birth place, and that a third given
//! name and a second one are two.

use crate::authorities::Authorities;
use crate::cx::CxField;
use crate::text::{escape, unescape};
use hl7_parser::message::{Repeat, Segment};
use renkei_person::{
    Address, Birth, BirthPlace, Contact, ContactSystem, Identifier, Name, Person, Place, Sex,
    Writing,
};

const WRITINGS: [(&str, Writing); 3] =
    [("I", Writing::Ideographic), ("P", Writing::Syllabic), ("A", Writing::Alphabetic)];
pub(crate) const SEXES: [(&str, Sex); 4] =
    [("F", Sex::Female), ("M", Sex::Male), ("O", Sex::Other), ("U", Sex::Unknown)];
/// XAD.7 (HL7 table 0190); what is written comes first.
const ADDRESSES: [(&str, Place); 4] =
    [("H", Place::Home), ("B", Place::Work), ("O", Place::Work), ("P", Place::Home)];
/// XTN.2 (HL7 table 0201), with PRS of version 2.7 for what somebody has with them.
const CONTACTS: [(&str, Place); 3] =
    [("PRN", Place::Home), ("WPN", Place::Work), ("PRS", Place::Mobile)];
/// XTN.2 of what is in none of these places.
const ELSEWHERE: &str = "ORN";
/// XTN.3 (HL7 table 0202).
const EQUIPMENT: [(&str, ContactSystem); 2] =
    [("PH", ContactSystem::Phone), ("FX", ContactSystem::Fax)];
const CELLULAR: &str = "CP";
const INTERNET: &str = "Internet";

/// What PID says of the person, but for the identifiers.
pub(crate) fn read(pid: &Segment<'_>) -> Person {
    let value = |field| pid.field(field).map(|f| f.raw_value()).unwrap_or_default();
    let birth_place = filled(value(23)).map(|name| BirthPlace { name: Some(name), address: None });
    let home = repeats(pid, 13).filter_map(|r| contact(r, Some(Place::Home)));
    let work = repeats(pid, 14).filter_map(|r| contact(r, Some(Place::Work)));
    Person {
        identifiers: Vec::new(),
        names: repeats(pid, 5).filter_map(name).collect(),
        sex: named(&SEXES, value(8)),
        birth: Birth::parse(value(7)),
        addresses: repeats(pid, 11).filter_map(address).collect(),
        contacts: home.chain(work).collect(),
        mothers_maiden_name: repeats(pid, 6).find_map(name),
        birth_place,
    }
}

/// The identifiers of PID-3 whose authority can be told.
pub(crate) fn identifiers(all: &[CxField], authorities: &Authorities) -> Vec<Identifier> {
    let completed = all.iter().filter(|cx| !cx.id.is_empty()).filter_map(|cx| {
        let (mut cx, authority_name) = (cx.clone(), cx.namespace.clone());
        authorities.complete(&mut cx).ok()?;
        Some(Identifier { id: cx.patient_id().ok()?, authority_name })
    });
    completed.collect()
}

pub(crate) fn repeats<'s, 'm>(
    segment: &'s Segment<'m>,
    field: usize,
) -> impl Iterator<Item = &'s Repeat<'m>> + use<'s, 'm> {
    segment.field(field).into_iter().flat_map(|f| f.repeats.iter())
}

/// A value that says something: the mark of deletion does not.
pub(crate) fn filled(raw: &str) -> Option<String> {
    let value = unescape(raw).trim().to_owned();
    (!value.is_empty() && value != "\"\"").then_some(value)
}

fn part(repeat: &Repeat<'_>, component: usize) -> Option<String> {
    filled(repeat.component(component)?.subcomponent(1)?.value)
}

pub(crate) fn named<T: Copy>(table: &[(&str, T)], code: &str) -> Option<T> {
    table.iter().find(|(c, _)| *c == code).map(|(_, value)| *value)
}

pub(crate) fn coded<T: PartialEq>(table: &[(&'static str, T)], value: &T) -> &'static str {
    table.iter().find(|(_, v)| v == value).map_or("", |(code, _)| code)
}

/// XPN; `None` if it names nobody.
fn name(repeat: &Repeat<'_>) -> Option<Name> {
    let name = Name {
        writing: part(repeat, 8).and_then(|code| named(&WRITINGS, &code)),
        family: part(repeat, 1).unwrap_or_default(),
        given: [2, 3].into_iter().filter_map(|n| part(repeat, n)).collect(),
        prefix: part(repeat, 5),
        suffix: part(repeat, 4),
    };
    (!name.is_empty()).then_some(name)
}

/// XAD. In Japan the whole address often stands in XAD.8, behind the postal code.
fn address(repeat: &Repeat<'_>) -> Option<Address> {
    let address = Address {
        place: part(repeat, 7).and_then(|code| named(&ADDRESSES, &code)),
        lines: [1, 2, 8].into_iter().filter_map(|n| part(repeat, n)).collect(),
        city: part(repeat, 3),
        state: part(repeat, 4),
        postal_code: part(repeat, 5),
        country: part(repeat, 6),
    };
    (!address.is_empty()).then_some(address)
}

/// XTN: as one text in XTN.1, in XTN.12 since version 2.5, or in its parts; an address in XTN.4.
fn contact(repeat: &Repeat<'_>, field: Option<Place>) -> Option<Contact> {
    let code = part(repeat, 2).unwrap_or_default();
    let equipment = part(repeat, 3).unwrap_or_default();
    let place = match (code.as_str(), equipment.as_str()) {
        (_, CELLULAR) => Some(Place::Mobile),
        ("", _) => field,
        (code, _) => named(&CONTACTS, code),
    };
    if let Some(value) = part(repeat, 4) {
        let is_url = value.contains("://");
        let system = if is_url { ContactSystem::Url } else { ContactSystem::Email };
        return Some(Contact { system, value, place });
    }
    let parts = [5, 6, 7].into_iter().filter_map(|n| part(repeat, n)).collect::<Vec<_>>().join("-");
    let value = part(repeat, 1).or(part(repeat, 12)).or((!parts.is_empty()).then_some(parts))?;
    let system = named(&EQUIPMENT, &equipment).unwrap_or(ContactSystem::Phone);
    Some(Contact { system, value, place })
}

/// PID with everything that it can say of a person.
pub(crate) fn write(person: &Person) -> String {
    let all = |fields: Vec<String>| fields.join("~");
    let identifiers = person.identifiers.iter().map(write_identifier).collect();
    let names = person.names.iter().map(write_name).collect();
    let mother = person.mothers_maiden_name.iter().map(write_name).collect();
    let addresses = person.addresses.iter().map(write_address).collect();
    let contacts = person.contacts.iter().map(write_contact).collect();
    let place = person.birth_place.as_ref().and_then(|place| place.name.as_deref());
    let fields = [
        ("PID|||", all(identifiers)),
        ("||", all(names)),
        ("|", all(mother)),
        ("|", person.birth.map(|birth| birth.to_string()).unwrap_or_default()),
        ("|", person.sex.map_or("", |sex| coded(&SEXES, &sex)).to_owned()),
        ("|||", all(addresses)),
        ("||", all(contacts)),
        ("||||||||||", escape(place.unwrap_or_default())),
    ];
    let pid: String =
        fields.into_iter().flat_map(|(before, value)| [before.to_owned(), value]).collect();
    pid.trim_end_matches('|').to_owned()
}

pub(crate) fn write_identifier(identifier: &Identifier) -> String {
    let namespace = identifier.authority_name.clone();
    CxField { namespace, ..CxField::from(&identifier.id) }.write()
}

fn joined(parts: &[&str]) -> String {
    let escaped: Vec<String> = parts.iter().map(|part| escape(part)).collect();
    escaped.join("^").trim_end_matches('^').to_owned()
}

fn write_name(name: &Name) -> String {
    let mut given = name.given.iter();
    let first = given.next().map(String::as_str).unwrap_or_default();
    let rest = given.map(String::as_str).collect::<Vec<_>>().join(" ");
    let (suffix, prefix) = (name.suffix.as_deref(), name.prefix.as_deref());
    let writing = name.writing.map_or("", |writing| coded(&WRITINGS, &writing));
    let (suffix, prefix) = (suffix.unwrap_or_default(), prefix.unwrap_or_default());
    joined(&[&name.family, first, &rest, suffix, prefix, "", "L", writing])
}

fn write_address(address: &Address) -> String {
    let mut lines = address.lines.iter().map(String::as_str);
    let (first, second) = (lines.next().unwrap_or_default(), lines.next().unwrap_or_default());
    let rest = lines.collect::<Vec<_>>().join(" ");
    let [city, state, code, country] =
        [&address.city, &address.state, &address.postal_code, &address.country]
            .map(|part| part.as_deref().unwrap_or_default());
    let place = address.place.map_or("", |place| coded(&ADDRESSES, &place));
    joined(&[first, second, city, state, code, country, place, &rest])
}

fn write_contact(contact: &Contact) -> String {
    let place = contact.place.map_or(ELSEWHERE, |place| coded(&CONTACTS, &place));
    match contact.system {
        ContactSystem::Phone | ContactSystem::Fax => {
            joined(&[&contact.value, place, coded(&EQUIPMENT, &contact.system)])
        }
        ContactSystem::Email | ContactSystem::Url => joined(&["", place, INTERNET, &contact.value]),
    }
}
