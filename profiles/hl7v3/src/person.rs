//! A person as HL7 v3 writes one: names (PN), and patientPerson (PRPA_MT201310UV02; ITI TF-2: 3.55.4.2.2).

use crate::datatypes::{identifier, write_coded, write_identifier, write_root};
use crate::places::{address, contact, write_address, write_contact};
use crate::problem::Notes;
use crate::tree::{Node, limits};
use renkei_metadata::ids::Oid;
use renkei_person::{Birth, BirthPlace, Name, Person, Sex, Writing};
use renkei_soap::xml::Writer;

/// AdministrativeGender.
const GENDER: &str = "2.16.840.1.113883.5.1";
/// RoleCode, in which `MTH` is a mother.
const ROLE: &str = "2.16.840.1.113883.5.111";

/// NameRepresentationUse.
const fn writing_code(writing: Writing) -> &'static str {
    match writing {
        Writing::Ideographic => "IDE",
        Writing::Syllabic => "SYL",
        Writing::Alphabetic => "ABC",
    }
}

/// EntityNameUse of a name that is searched by.
const PATTERN: &str = "SRCH";

/// Whether a name is a pattern to search by.
pub(crate) fn is_pattern(node: &Node) -> bool {
    node.attr("use").is_some_and(|uses| uses.split_whitespace().any(|code| code == PATTERN))
}

/// Reads a name; `None` if it names nobody.
pub(crate) fn name(cx: &mut Notes, outer: &str, mut node: Node) -> Option<Name> {
    let is_used = |writing: &Writing| {
        let uses = node.attr("use").unwrap_or_default();
        uses.split_whitespace().any(|code| code == writing_code(*writing))
    };
    let writing = Writing::ALL.into_iter().find(is_used);
    let mut parts = |part: &str| -> Vec<String> {
        let nodes = cx.some(&mut node, part, limits::ENTRIES);
        nodes.iter().filter_map(|n| cx.text(outer, n)).collect()
    };
    let joined = |parts: Vec<String>| parts.join(" ");
    let filled = |text: String| (!text.is_empty()).then_some(text);
    let found = Name {
        writing,
        family: joined(parts("family")),
        given: parts("given"),
        prefix: filled(joined(parts("prefix"))),
        suffix: filled(joined(parts("suffix"))),
    };
    node.take_all("delimiter");
    node.take_all("validTime");
    cx.done(&node);
    if found.is_empty() {
        return Name::of(&cx.text(outer, &node)?, writing);
    }
    Some(found)
}

/// Writes a name under an element of that name.
pub(crate) fn write_name(w: &mut Writer, element: &'static str, name: &Name) {
    write_used_name(w, element, name, name.writing.map(writing_code));
}

/// Writes a name as a pattern to search by.
pub(crate) fn write_pattern(w: &mut Writer, element: &'static str, name: &Name) {
    let uses =
        name.writing.map_or(PATTERN.to_owned(), |of| format!("{PATTERN} {}", writing_code(of)));
    write_used_name(w, element, name, Some(&uses));
}

fn write_used_name(w: &mut Writer, element: &'static str, name: &Name, uses: Option<&str>) {
    w.start(element).attr_opt("use", uses);
    if let Some(prefix) = &name.prefix {
        w.leaf("prefix", prefix);
    }
    if !name.family.is_empty() {
        w.leaf("family", &name.family);
    }
    for given in &name.given {
        w.leaf("given", given);
    }
    if let Some(suffix) = &name.suffix {
        w.leaf("suffix", suffix);
    }
    w.end();
}

/// Reads a sex: an error if it is none of those that registers know. A null flavour is one of them.
pub(crate) fn sex(node: &Node) -> Option<Sex> {
    if node.is_null() {
        return Some(Sex::Unknown);
    }
    match node.attr("code")? {
        "M" => Some(Sex::Male),
        "F" => Some(Sex::Female),
        "UN" | "O" => Some(Sex::Other),
        "U" | "UNK" => Some(Sex::Unknown),
        _ => None,
    }
}

pub(crate) fn write_sex(w: &mut Writer, element: &'static str, sex: Sex) {
    match sex {
        Sex::Male => write_coded(w, element, "M", GENDER),
        Sex::Female => write_coded(w, element, "F", GENDER),
        Sex::Other => write_coded(w, element, "UN", GENDER),
        Sex::Unknown => {
            w.start(element).attr("nullFlavor", "UNK").end();
        }
    }
}

/// Reads a patientPerson. What it says of more than the model holds is passed over.
pub(crate) fn person(cx: &mut Notes, mut node: Node) -> Person {
    let outer = node.local.clone();
    let mut person = Person::default();
    let names = cx.some(&mut node, "name", limits::ENTRIES);
    person.names = names.into_iter().filter_map(|n| name(cx, &outer, n)).collect();
    let contacts = cx.some(&mut node, "telecom", limits::ENTRIES);
    person.contacts = contacts.into_iter().filter_map(|n| contact(cx, &outer, n)).collect();
    let addresses = cx.some(&mut node, "addr", limits::ENTRIES);
    person.addresses = addresses.into_iter().filter_map(|n| address(cx, &outer, n)).collect();
    if let Some(gender) = node.take("administrativeGenderCode") {
        person.sex = sex(&gender);
        if person.sex.is_none() {
            cx.unreadable(&outer, &gender);
        }
    }
    if let Some(time) = cx.at_most_one(&mut node, "birthTime") {
        person.birth = time.attr("value").and_then(Birth::parse);
        if person.birth.is_none() {
            cx.unreadable(&outer, &time);
        }
    }
    for mut other in cx.some(&mut node, "asOtherIDs", limits::ENTRIES) {
        for id in cx.some(&mut other, "id", limits::ENTRIES) {
            match identifier(&id) {
                Some(identifier) => person.identifiers.push(identifier),
                None => cx.pass_over(id),
            }
        }
        for part in ["scopingOrganization", "statusCode", "effectiveTime"] {
            other.take_all(part);
        }
        cx.done(&other);
    }
    cx.at_most(&person.identifiers, limits::ENTRIES, "asOtherIDs/id", node.offset);
    for relative in cx.some(&mut node, "personalRelationship", limits::ENTRIES) {
        relationship(cx, &mut person, relative);
    }
    if let Some(place) = cx.at_most_one(&mut node, "birthPlace") {
        person.birth_place = birth_place(cx, place);
    }
    cx.done(&node);
    person
}

/// A relative: of mothers the name is kept, and that of one alone.
fn relationship(cx: &mut Notes, person: &mut Person, mut node: Node) {
    let is_mother = node.take("code").is_some_and(|code| code.attr("code") == Some("MTH"));
    let holder = node.take("relationshipHolder1").filter(|_| is_mother);
    let found = holder.and_then(|mut holder| {
        let first = holder.take("name").filter(|n| !n.is_null())?;
        cx.done(&holder);
        name(cx, "relationshipHolder1", first)
    });
    match found {
        Some(found) if person.mothers_maiden_name.is_none() => {
            person.mothers_maiden_name = Some(found);
            cx.done(&node);
        }
        Some(_) | None => cx.pass_over(node),
    }
}

fn birth_place(cx: &mut Notes, mut node: Node) -> Option<BirthPlace> {
    let addr = node.take("addr").filter(|n| !n.is_null());
    let address = addr.and_then(|n| address(cx, "birthPlace", n));
    let name = node.take("birthplace").and_then(|mut place| {
        let name = place.take("name").filter(|n| !n.is_null())?;
        cx.done(&place);
        cx.text("birthplace", &name)
    });
    cx.done(&node);
    (name.is_some() || address.is_some()).then_some(BirthPlace { name, address })
}

/// Writes a patientPerson in the order of the schema.
pub(crate) fn write_person(w: &mut Writer, person: &Person) {
    write_person_without(w, person, &[]);
}

/// The same, saying of which domains the person has no identifier (ITI TF-2: 3.47.4.2.3, case 2).
pub(crate) fn write_person_without(w: &mut Writer, person: &Person, without: &[Oid]) {
    w.start("patientPerson").attr("classCode", "PSN").attr("determinerCode", "INSTANCE");
    for name in &person.names {
        write_name(w, "name", name);
    }
    if person.names.is_empty() {
        // 1..* in the schema; ITI TF-2: 3.45.4.2.2.
        w.start("name").attr("nullFlavor", "NA").end();
    }
    for contact in &person.contacts {
        write_contact(w, "telecom", contact);
    }
    if let Some(sex) = person.sex {
        write_sex(w, "administrativeGenderCode", sex);
    }
    if let Some(birth) = &person.birth {
        w.start("birthTime").attr("value", &birth.to_string()).end();
    }
    for address in &person.addresses {
        write_address(w, "addr", address);
    }
    for identifier in &person.identifiers {
        w.start("asOtherIDs").attr("classCode", "PAT");
        write_identifier(w, "id", identifier);
        write_organization(w, "scopingOrganization", |w| {
            write_root(w, "id", &identifier.id.authority);
        });
        w.end();
    }
    for domain in without {
        w.start("asOtherIDs").attr("classCode", "PAT");
        w.start("id").attr("nullFlavor", "NA").end();
        write_organization(w, "scopingOrganization", |w| write_root(w, "id", domain));
        w.end();
    }
    if let Some(name) = &person.mothers_maiden_name {
        w.start("personalRelationship").attr("classCode", "PRS");
        write_coded(w, "code", "MTH", ROLE);
        w.start("relationshipHolder1").attr("classCode", "PSN").attr("determinerCode", "INSTANCE");
        write_name(w, "name", name);
        w.end().end();
    }
    if let Some(place) = &person.birth_place {
        w.start("birthPlace").attr("classCode", "BIRTHPL");
        if let Some(address) = &place.address {
            write_address(w, "addr", address);
        }
        if let Some(name) = &place.name {
            w.start("birthplace").attr("classCode", "PLC").attr("determinerCode", "INSTANCE");
            w.leaf("name", name).end();
        }
        w.end();
    }
    w.end();
}

/// An organisation, of which messages say little but its identifier.
pub(crate) fn write_organization(
    w: &mut Writer,
    name: &'static str,
    inside: impl FnOnce(&mut Writer),
) {
    w.start(name).attr("classCode", "ORG").attr("determinerCode", "INSTANCE");
    inside(w);
    w.end();
}
