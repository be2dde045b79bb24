//! The answer, PRPA_IN201310UV02 (MFMI_MT700711UV01, PRPA_MT201304UV02; ITI TF-2: 3.45.4.2).

use super::request::Request;
use crate::acknowledgement::{AckCode, Acknowledgement, Detail};
use crate::answering::{self, Around, QueryAck, Response};
use crate::datatypes::{InstanceId, Time, identifier, write_code, write_identifier, write_root};
use crate::interaction::Interaction;
use crate::person::{name, write_name, write_organization};
use crate::problem::{Answerable, Notes, Problem, Read, Refusal, rules};
use crate::query::QueryCopy;
use crate::registration::{Registration, provider, write_provider, write_registration};
use crate::transmission::Transmission;
use crate::tree::{Node, limits};
use renkei_person::{Identifier, Name};
use renkei_soap::xml::{Element, Reader, Writer};

/// What became of the query (ITI TF-2: 3.45.4.2.3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The person has these identifiers, one at least, besides the one that was asked about.
    Found {
        /// Those of the domains that were asked for, or of all.
        identifiers: Vec<Identifier>,
        /// Names, where the responder tells any.
        names: Vec<Name>,
    },
    /// The person is known, and has no identifier in these domains.
    NotFound,
    /// The identifier or a domain is unknown; the details say which.
    Error,
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Its wrapper.
    pub transmission: Transmission,
    /// The message that it answers.
    pub target: InstanceId,
    /// What there is to say about that message.
    pub details: Vec<Detail>,
    /// What became of the query.
    pub outcome: Outcome,
    /// The query that it answers.
    pub query_id: InstanceId,
    /// That query as it came.
    pub query: Option<QueryCopy>,
}

impl Answer {
    /// The answer to a query.
    pub fn to(
        asked: &Request,
        outcome: Outcome,
        details: Vec<Detail>,
        id: InstanceId,
        created: Time,
    ) -> Self {
        Self {
            transmission: asked.transmission.answer(id, created),
            target: asked.transmission.id.clone(),
            details,
            outcome,
            query_id: asked.query_id.clone(),
            query: Some(asked.copy.clone()),
        }
    }

    /// The answer to a query that breaks rules: an error with everything that is wrong. `None` where not even the
    /// query can be named. It is not repeated, since what is wrong with it would be wrong here.
    pub fn refusing(refused: &Answerable, id: InstanceId, created: Time) -> Option<Self> {
        let (query, _) = refused.query.as_ref()?;
        Some(Self {
            transmission: refused.transmission.answer(id, created),
            target: refused.transmission.id.clone(),
            details: refused.problems.iter().map(Problem::detail).collect(),
            outcome: Outcome::Error,
            query_id: query.id.clone(),
            query: None,
        })
    }

    fn response(&self) -> Response {
        match &self.outcome {
            Outcome::Found { identifiers, .. } if identifiers.is_empty() => Response::NotFound,
            Outcome::Found { .. } => Response::Found,
            Outcome::NotFound => Response::NotFound,
            Outcome::Error => Response::Error,
        }
    }

    /// Writes it.
    pub fn write(&self, w: &mut Writer) {
        let response = self.response();
        let around = Around {
            interaction: Interaction::GetIdentifiersResponse,
            transmission: &self.transmission,
            code: response.ack(),
            target: &self.target,
            details: &self.details,
            query: self.query.as_ref(),
        };
        answering::write(w, &around, |w| {
            if let Outcome::Found { identifiers, names } = &self.outcome
                && let [first, others @ ..] = &identifiers[..]
            {
                let custodian = &self.transmission.sender.device;
                let patient = |w: &mut Writer| write_patient(w, first, others, names);
                write_registration(w, custodian, patient, |_| {});
            }
            QueryAck { id: self.query_id.clone(), response, counts: None }.write(w);
        });
    }

    /// Reads one; the reader is inside `body` and at its end afterwards.
    ///
    /// # Errors
    /// When it is none. Of several identifiers of a domain a consumer takes all or none (ITI TF-2: 3.45.4.2.3, case
    /// 6), so that none of them is passed over.
    pub fn read(r: &mut Reader<'_>, body: &Element) -> Result<Read<Self>, Refusal> {
        let made = |transmission, ack, act| {
            let Acknowledgement { target, details, .. } = ack;
            let Act { outcome, query_id, query } = act;
            Self { transmission, target, details, outcome, query_id, query }
        };
        answering::read(r, body, Interaction::GetIdentifiersResponse, Act::read, made)
    }
}

/// Identifiers of the first one's domain are the patient's, since that domain is the provider's; all others are
/// other ones (ITI TF-2: E.2).
fn write_patient(w: &mut Writer, first: &Identifier, others: &[Identifier], names: &[Name]) {
    let authority = &first.id.authority;
    let (same, other): (Vec<_>, Vec<_>) =
        others.iter().partition(|of| of.id.authority == *authority);
    write_identifier(w, "id", first);
    same.iter().for_each(|of| write_identifier(w, "id", of));
    write_code(w, "statusCode", "active");
    w.start("patientPerson").attr("classCode", "PSN").attr("determinerCode", "INSTANCE");
    names.iter().for_each(|name| write_name(w, "name", name));
    if names.is_empty() {
        // 1..* in the schema; ITI TF-2: 3.45.4.2.2.
        w.start("name").attr("nullFlavor", "NA").end();
    }
    for of in other {
        w.start("asOtherIDs").attr("classCode", "PAT");
        write_identifier(w, "id", of);
        write_organization(w, "scopingOrganization", |w| write_root(w, "id", &of.id.authority));
        w.end();
    }
    w.end();
    write_provider(w, Some(authority));
}

/// The control act, by its meaning.
struct Act {
    outcome: Outcome,
    query_id: InstanceId,
    query: Option<QueryCopy>,
}

impl Act {
    fn read(cx: &mut Notes, mut act: Node, ack: Option<AckCode>) -> Option<Self> {
        for passed in ["id", "code", "effectiveTime"] {
            act.take_all(passed);
        }
        let subject = cx.at_most_one(&mut act, "subject");
        let offset = act.offset;
        let found = subject.map(|subject| found(cx, subject));
        let query = cx.at_most_one(&mut act, "queryByParameter").map(|n| QueryCopy::of(&n));
        let query_ack = QueryAck::read(cx, &mut act, ack);
        cx.done(&act);
        let QueryAck { id, response, .. } = query_ack?;
        let outcome = match (response, found) {
            (Response::Error, None) => Outcome::Error,
            (Response::NotFound | Response::Found, None) => Outcome::NotFound,
            (Response::Found, Some(found)) => found?,
            (Response::Error | Response::NotFound, Some(_)) => {
                let element = "controlActProcess/subject";
                cx.wrong(Problem::new(&rules::CONTRADICTION, element, offset));
                return None;
            }
        };
        Some(Self { outcome, query_id: id, query })
    }
}

fn found(cx: &mut Notes, subject: Node) -> Option<Outcome> {
    let Registration { mut event, patient } = Registration::read(cx, subject)?;
    for passed in ["statusCode", "effectiveTime", "custodian"] {
        event.take_all(passed);
    }
    cx.done(&event);
    let mut patient = patient?;
    let mut identifiers = identifiers(cx, &mut patient);
    for passed in ["statusCode", "effectiveTime"] {
        patient.take_all(passed);
    }
    let _ = provider(cx, &mut patient);
    let mut names = Vec::new();
    if let Some(mut person) = cx.at_most_one(&mut patient, "patientPerson") {
        let outer = person.local.clone();
        let all = cx.some(&mut person, "name", limits::ENTRIES);
        names.extend(all.into_iter().filter_map(|n| name(cx, &outer, n)));
        for mut other in cx.some(&mut person, "asOtherIDs", limits::ENTRIES) {
            identifiers.extend(self::identifiers(cx, &mut other));
            for passed in ["scopingOrganization", "statusCode", "effectiveTime"] {
                other.take_all(passed);
            }
            cx.done(&other);
        }
        cx.done(&person);
    }
    cx.at_most(&identifiers, limits::ENTRIES, "patient/id", patient.offset);
    cx.done(&patient);
    if identifiers.is_empty() {
        cx.missing(&patient, "id");
        return None;
    }
    Some(Outcome::Found { identifiers: provided_first(identifiers), names })
}

/// In the order in which they are written, whichever way a responder has of several in one domain.
fn provided_first(identifiers: Vec<Identifier>) -> Vec<Identifier> {
    let provider = identifiers.first().map(|of| of.id.authority.clone());
    let (mut all, others): (Vec<_>, Vec<_>) =
        identifiers.into_iter().partition(|of| Some(&of.id.authority) == provider.as_ref());
    all.extend(others);
    all
}

/// The identifiers of a role. One that the house cannot hold is a problem: all or none.
fn identifiers(cx: &mut Notes, role: &mut Node) -> Vec<Identifier> {
    let nodes = cx.some(role, "id", limits::ENTRIES);
    let mut found = Vec::new();
    for node in &nodes {
        cx.done(node);
        match identifier(node) {
            Some(id) => found.push(id),
            None => cx.unreadable(&role.local, node),
        }
    }
    found
}
