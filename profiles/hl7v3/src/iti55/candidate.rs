//! One match (MFMI_MT700711UV01 registrationEvent, PRPA_MT201310UV02; ITI TF-2: 3.55.4.2.2.4).

use crate::datatypes::{oid, patient, write_code, write_coded, write_identifier, write_root};
use crate::person::write_person;
use crate::problem::Notes;
use crate::registration::{Registration, observation, person_of, write_observation};
use crate::tree::Node;
use renkei_metadata::ids::Oid;
use renkei_person::{Identifier, Person};
use renkei_soap::xml::Writer;

/// The code system of [`Locator`].
const LOCATORS: &str = "1.3.6.1.4.1.19376.1.2.27.2";

/// Whether the community answers Patient Location Queries (ITI-56) about the person.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Locator {
    /// It does not.
    #[default]
    NotHealthDataLocator,
    /// It does.
    SupportsHealthDataLocator,
}

impl Locator {
    const ALL: [Self; 2] = [Self::NotHealthDataLocator, Self::SupportsHealthDataLocator];

    const fn code(self) -> &'static str {
        match self {
            Self::NotHealthDataLocator => "NotHealthDataLocator",
            Self::SupportsHealthDataLocator => "SupportsHealthDataLocator",
        }
    }
}

/// Somebody who may be the person looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The identifier to ask this community by (ITI-38).
    pub patient: Identifier,
    /// Who it is; among the identifiers are others than that.
    pub person: Person,
    /// How sure the responder is, in percent.
    pub degree: Option<u8>,
    /// The homeCommunityId of the community that knows them.
    pub community: Oid,
    /// Whether it knows where else they are known.
    pub locator: Locator,
}

impl Candidate {
    pub(super) fn write(&self, w: &mut Writer) {
        w.start("subject").attr("typeCode", "SUBJ").attr("contextConductionInd", "false");
        w.start("registrationEvent").attr("classCode", "REG").attr("moodCode", "EVN");
        w.start("id").attr("nullFlavor", "NA").end();
        write_code(w, "statusCode", "active");
        w.start("subject1").attr("typeCode", "SBJ");
        w.start("patient").attr("classCode", "PAT");
        write_identifier(w, "id", &self.patient);
        write_code(w, "statusCode", "active");
        write_person(w, &self.person);
        write_observation(w, self.degree);
        w.end().end();
        w.start("custodian").attr("typeCode", "CST");
        w.start("assignedEntity").attr("classCode", "ASSIGNED");
        write_root(w, "id", &self.community);
        write_coded(w, "code", self.locator.code(), LOCATORS);
        w.end().end().end().end();
    }

    /// Reads a subject of the control act.
    pub(super) fn read(cx: &mut Notes, subject: Node) -> Option<Self> {
        let Registration { mut event, patient } = Registration::read(cx, subject)?;
        event.take_all("statusCode");
        let custodian = cx.one(&mut event, "custodian").and_then(|n| custodian(cx, n));
        cx.done(&event);
        let (patient, person, degree) = role(cx, patient?)?;
        let (community, locator) = custodian?;
        Some(Self { patient, person, degree, community, locator })
    }
}

/// The patient, whose one identifier is the one to ask by. Two would have to be chosen from.
fn role(cx: &mut Notes, mut node: Node) -> Option<(Identifier, Person, Option<u8>)> {
    let id = cx.one(&mut node, "id").and_then(|n| patient(cx, "patient", &n));
    let person = person_of(cx, &mut node);
    let degree = node.take("subjectOf1").and_then(|n| observation(cx, n));
    for known in ["statusCode", "providerOrganization", "effectiveTime"] {
        node.take_all(known);
    }
    cx.done(&node);
    Some((id?, person?, degree))
}

fn custodian(cx: &mut Notes, mut node: Node) -> Option<(Oid, Locator)> {
    let mut entity = cx.one(&mut node, "assignedEntity")?;
    cx.done(&node);
    let id = cx.one(&mut entity, "id").and_then(|n| oid(cx, "custodian/assignedEntity", &n));
    // One that does not say has not announced it.
    let code = entity.take("code");
    let code = code.as_ref().and_then(|n| n.attr("code"));
    let locator = Locator::ALL.into_iter().find(|l| Some(l.code()) == code).unwrap_or_default();
    cx.done(&entity);
    Some((id?, locator))
}
