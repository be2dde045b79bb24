//! The registration of a patient, which feeds and answers have in common (MFMI_MT700701UV01, MFMI_MT700711UV01
//! registrationEvent; ITI TF-2: O.2).

use crate::datatypes::{write_code, write_root};
use crate::person::{person, write_organization};
use crate::places::{address, contact};
use crate::problem::{Notes, Problem, rules};
use crate::tree::{Node, limits};
use renkei_metadata::ids::Oid;
use renkei_person::Person;
use renkei_soap::xml::Writer;

/// The act, of which readers take what else they understand, and its patient.
pub(crate) struct Registration {
    pub(crate) event: Node,
    pub(crate) patient: Option<Node>,
}

impl Registration {
    /// Reads a subject of a control act.
    pub(crate) fn read(cx: &mut Notes, mut subject: Node) -> Option<Self> {
        let mut event = cx.one(&mut subject, "registrationEvent")?;
        cx.done(&subject);
        event.take_all("id");
        let patient = cx.one(&mut event, "subject1").and_then(|mut subject| {
            let patient = cx.one(&mut subject, "patient");
            cx.done(&subject);
            patient
        });
        Some(Self { event, patient })
    }
}

/// The person of a patient. Addresses and numbers of the role are those of the person.
pub(crate) fn person_of(cx: &mut Notes, patient: &mut Node) -> Option<Person> {
    let found = cx.one(patient, "patientPerson").map(|n| person(cx, n));
    let addresses = cx.some(patient, "addr", limits::ENTRIES);
    let contacts = cx.some(patient, "telecom", limits::ENTRIES);
    let mut found = found?;
    found.addresses.extend(addresses.into_iter().filter_map(|n| address(cx, "patient", n)));
    found.contacts.extend(contacts.into_iter().filter_map(|n| contact(cx, "patient", n)));
    cx.at_most(&found.addresses, limits::ENTRIES, "patient/addr", patient.offset);
    cx.at_most(&found.contacts, limits::ENTRIES, "patient/telecom", patient.offset);
    Some(found)
}

/// A status other than the one that the message is about: what was nullified is no news of a patient.
pub(crate) fn status(cx: &mut Notes, node: &mut Node, expected: &str) {
    let outer = node.local.clone();
    for given in node.take_all("statusCode").iter().filter(|n| !n.is_null()) {
        let code = given.attr("code").unwrap_or_default();
        if code != expected {
            let problem = Problem::new(&rules::STATUS, format!("{outer}/statusCode"), given.offset);
            cx.wrong(problem.value(code));
        }
    }
}

/// Writes the registration of a patient as the subject of a control act; `patient` writes what is in the role,
/// `behind` what follows the custodian.
pub(crate) fn write_registration(
    w: &mut Writer,
    custodian: &Oid,
    patient: impl FnOnce(&mut Writer),
    behind: impl FnOnce(&mut Writer),
) {
    w.start("subject").attr("typeCode", "SUBJ").attr("contextConductionInd", "false");
    w.start("registrationEvent").attr("classCode", "REG").attr("moodCode", "EVN");
    w.start("id").attr("nullFlavor", "NA").end();
    write_code(w, "statusCode", "active");
    w.start("subject1").attr("typeCode", "SBJ");
    w.start("patient").attr("classCode", "PAT");
    patient(w);
    w.end().end();
    w.start("custodian").attr("typeCode", "CST");
    w.start("assignedEntity").attr("classCode", "ASSIGNED");
    write_root(w, "id", custodian);
    w.end().end();
    behind(w);
    w.end().end();
}

/// Writes who provides the patient's identifier (ITI TF-2: E.2): the organisation is known by its root alone.
pub(crate) fn write_provider(w: &mut Writer, provider: Option<&Oid>) {
    write_organization(w, "providerOrganization", |w| {
        match provider {
            Some(root) => write_root(w, "id", root),
            None => {
                w.start("id").attr("nullFlavor", "NI").end();
            }
        }
        w.start("contactParty").attr("classCode", "CON").end();
    });
}

/// Reads the same. Of several identifiers the first names it as well as the others.
pub(crate) fn provider(cx: &mut Notes, patient: &mut Node) -> Option<Oid> {
    let mut organization = cx.at_most_one(patient, "providerOrganization")?;
    let ids = organization.take_all("id");
    organization.take_all("name");
    organization.take_all("contactParty");
    cx.done(&organization);
    let root = ids.iter().find(|id| !id.is_null())?.attr("root")?;
    Oid::parse(root).ok()
}

/// Every patient that is found has one (1..* in the schema), whether the responder is sure or not.
pub(crate) fn write_observation(w: &mut Writer, degree: Option<u8>) {
    w.start("subjectOf1").attr("typeCode", "SBJ");
    w.start("queryMatchObservation").attr("classCode", "COND").attr("moodCode", "EVN");
    write_code(w, "code", "IHE_PDQ");
    w.start("value").attr("xsi:type", "INT");
    match degree {
        Some(degree) => w.attr("value", &degree.to_string()),
        None => w.attr("nullFlavor", "UNK"),
    };
    w.end().end().end();
}

/// How sure the responder is. Nothing depends on it that a message should fail for.
pub(crate) fn observation(cx: &mut Notes, mut subject: Node) -> Option<u8> {
    let mut observation = subject.take("queryMatchObservation")?;
    cx.done(&subject);
    observation.take("code");
    let value = observation.take("value")?;
    cx.done(&observation);
    let degree = value.attr("value").and_then(|v| v.parse().ok()).filter(|percent| *percent <= 100);
    if degree.is_none() && !value.is_null() {
        cx.pass_over(value);
    }
    degree
}
