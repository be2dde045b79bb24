//! The answer, PRPA_IN201306UV02 (MFMI_MT700711UV01; ITI TF-2: 3.55.4.2).

use super::candidate::Candidate;
use super::request::Request;
use crate::acknowledgement::{AckCode, Acknowledgement, Detail};
use crate::answering::{self, Around};
use crate::datatypes::{InstanceId, Time, code, instance_id, write_code, write_coded};
use crate::interaction::Interaction;
use crate::problem::{Answerable, Notes, Problem, Read, Refusal, rules};
use crate::query::QueryCopy;
use crate::transmission::Transmission;
use crate::tree::{Node, limits};
use renkei_soap::xml::{Element, Reader, Writer};

/// The code system of [`Attribute`].
const ATTRIBUTES: &str = "1.3.6.1.4.1.19376.1.2.27.1";
/// The code system of [`Reason`].
const REASONS: &str = "1.3.6.1.4.1.19376.1.2.27.3";
/// ActCode.
const ACTS: &str = "2.16.840.1.113883.5.4";

/// What a responder needs to know of the person (ITI TF-2: Table 3.55.4.2.2.6-1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Attribute {
    /// Sex.
    Sex,
    /// Address.
    Address,
    /// Telephone number.
    Telecom,
    /// What the place of birth is called.
    BirthPlaceName,
    /// Where it is.
    BirthPlaceAddress,
    /// The name of the mother before she married.
    MothersMaidenName,
}

impl Attribute {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Sex,
        Self::Address,
        Self::Telecom,
        Self::BirthPlaceName,
        Self::BirthPlaceAddress,
        Self::MothersMaidenName,
    ];

    /// As it stands in messages.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Sex => "LivingSubjectAdministrativeGenderRequested",
            Self::Address => "PatientAddressRequested",
            Self::Telecom => "PatientTelecomRequested",
            Self::BirthPlaceName => "LivingSubjectBirthPlaceNameRequested",
            Self::BirthPlaceAddress => "LivingSubjectBirthPlaceAddressRequested",
            Self::MothersMaidenName => "MothersMaidenNameRequested",
        }
    }
}

/// Why there is no answer (ITI TF-2: Table 3.55.4.2.2.7-1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reason {
    /// Ask again later.
    ResponderBusy,
    /// There will be none by this way: a person or a policy decides.
    AnswerNotAvailable,
    /// Something broke.
    InternalError,
}

impl Reason {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::ResponderBusy, Self::AnswerNotAvailable, Self::InternalError];

    /// As it stands in messages.
    pub const fn code(self) -> &'static str {
        match self {
            Self::ResponderBusy => "ResponderBusy",
            Self::AnswerNotAvailable => "AnswerNotAvailable",
            Self::InternalError => "InternalError",
        }
    }
}

/// The five cases of an answer (ITI TF-2: 3.55.4.2.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// One match, or several: one at least.
    Found(Vec<Candidate>),
    /// Nobody can be told from the others without these: one at least.
    Requested(Vec<Attribute>),
    /// Nobody, or nobody who may be told of.
    NotFound,
    /// An error, with its reason where one was given.
    Error(Option<Reason>),
}

impl Outcome {
    /// acknowledgement/typeCode, queryAck/statusCode, queryAck/queryResponseCode.
    fn codes(&self) -> (AckCode, &'static str, &'static str) {
        match self {
            Self::Error(_) => (AckCode::ApplicationError, "aborted", "AE"),
            // An empty list of either kind is the case in which nobody was found.
            Self::Found(candidates) if candidates.is_empty() => Self::NotFound.codes(),
            Self::Requested(attributes) if attributes.is_empty() => Self::NotFound.codes(),
            Self::NotFound => (AckCode::ApplicationAccept, "deliveredResponse", "NF"),
            Self::Found(_) | Self::Requested(_) => {
                (AckCode::ApplicationAccept, "deliveredResponse", "OK")
            }
        }
    }
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
    /// What was found.
    pub outcome: Outcome,
    /// The query that it answers.
    pub query_id: InstanceId,
    /// That query as it came.
    pub query: Option<QueryCopy>,
}

impl Answer {
    /// The answer to a request.
    pub fn to(request: &Request, outcome: Outcome, id: InstanceId, created: Time) -> Self {
        let asked = &request.transmission;
        Self {
            transmission: asked.answer(id, created),
            target: asked.id.clone(),
            details: Vec::new(),
            outcome,
            query_id: request.query.id.clone(),
            query: Some(request.copy.clone()),
        }
    }

    /// The answer to a request that breaks rules: an error with everything that is wrong. `None` where not
    /// even its query can be named, and only a fault is left. The query is not repeated, since what is wrong
    /// with it would be wrong here.
    pub fn refusing(refused: &Answerable, id: InstanceId, created: Time) -> Option<Self> {
        let (query, _) = refused.query.as_ref()?;
        Some(Self {
            transmission: refused.transmission.answer(id, created),
            target: refused.transmission.id.clone(),
            details: refused.problems.iter().map(Problem::detail).collect(),
            outcome: Outcome::Error(None),
            query_id: query.id.clone(),
            query: None,
        })
    }

    /// Writes it.
    pub fn write(&self, w: &mut Writer) {
        let (ack, status, response) = self.outcome.codes();
        let around = Around {
            interaction: Interaction::FindCandidatesResponse,
            transmission: &self.transmission,
            code: ack,
            target: &self.target,
            details: &self.details,
            query: self.query.as_ref(),
        };
        answering::write(w, &around, |w| {
            match &self.outcome {
                Outcome::Found(candidates) => candidates.iter().for_each(|c| c.write(w)),
                Outcome::Requested(attributes) if !attributes.is_empty() => {
                    write_requested(w, attributes)
                }
                Outcome::Error(Some(reason)) => write_reason(w, *reason),
                Outcome::Requested(_) | Outcome::Error(None) | Outcome::NotFound => {}
            }
            w.start("queryAck");
            self.query_id.write(w, "queryId");
            write_code(w, "statusCode", status);
            write_code(w, "queryResponseCode", response);
            w.end();
        });
    }

    /// Reads one; the reader is inside `body` and at its end afterwards.
    ///
    /// # Errors
    /// When it is none, or when one of its candidates cannot be read: without it, another could pass for the
    /// only one.
    pub fn read(r: &mut Reader<'_>, body: &Element) -> Result<Read<Self>, Refusal> {
        let made = |transmission, ack, act| {
            let Acknowledgement { target, details, .. } = ack;
            let Act { outcome, query_id, query } = act;
            Self { transmission, target, details, outcome, query_id, query }
        };
        answering::read(r, body, Interaction::FindCandidatesResponse, Act::read, made)
    }
}

/// The control act, by its meaning.
struct Act {
    outcome: Outcome,
    query_id: InstanceId,
    query: Option<QueryCopy>,
}

impl Act {
    fn read(cx: &mut Notes, mut act: Node, ack: Option<AckCode>) -> Option<Self> {
        act.take_all("code");
        let subjects = cx.some(&mut act, "subject", limits::CANDIDATES);
        let candidates = subjects.into_iter().map(|n| Candidate::read(cx, n)).collect::<Vec<_>>();
        let (mut attributes, mut reasons) = (Vec::new(), Vec::new());
        for reason in cx.some(&mut act, "reasonOf", limits::ENTRIES) {
            issues(cx, reason, &mut attributes, &mut reasons);
        }
        let queries = cx.at_most_one(&mut act, "queryByParameter");
        let query = queries.map(|n| QueryCopy::of(&n));
        let ack_node = cx.one(&mut act, "queryAck");
        cx.done(&act);
        let mut query_ack = ack_node?;
        let id = cx.one(&mut query_ack, "queryId").and_then(|n| instance_id(cx, "queryAck", &n));
        query_ack.take_all("statusCode");
        let response = query_ack.take("queryResponseCode");
        let response = response.and_then(|n| code(cx, &n).map(str::to_owned)).unwrap_or_default();
        cx.done(&query_ack);

        let is_error = matches!(response.as_str(), "AE" | "QE") || !ack?.is_accepting();
        let is_found = !candidates.is_empty();
        if is_found && (is_error || response == "NF" || !attributes.is_empty()) {
            let problem =
                Problem::new(&rules::CONTRADICTION, "controlActProcess/subject", act.offset);
            cx.wrong(problem.value(response));
            return None;
        }
        let outcome = if is_error {
            Outcome::Error(reasons.first().copied())
        } else if is_found {
            Outcome::Found(candidates.into_iter().collect::<Option<_>>()?)
        } else if attributes.is_empty() {
            Outcome::NotFound
        } else {
            Outcome::Requested(attributes)
        };
        Some(Self { outcome, query_id: id?, query })
    }
}

/// What a reasonOf asks for or tells. A reason that is not known is one for which no answer comes by this
/// way: communities define more than the standard.
fn issues(cx: &mut Notes, mut node: Node, asked: &mut Vec<Attribute>, told: &mut Vec<Reason>) {
    let Some(mut event) = cx.one(&mut node, "detectedIssueEvent") else { return };
    cx.done(&node);
    event.take_all("code");
    for mut trigger in cx.some(&mut event, "triggerFor", limits::ENTRIES) {
        let code = coded(&mut trigger, "actOrderRequired");
        let known = Attribute::ALL.into_iter().find(|a| Some(a.code()) == code.as_deref());
        match known {
            Some(attribute) if asked.contains(&attribute) => {}
            Some(attribute) => asked.push(attribute),
            None => cx.pass_over(trigger),
        }
    }
    for mut mitigation in cx.some(&mut event, "mitigatedBy", limits::ENTRIES) {
        let code = coded(&mut mitigation, "detectedIssueManagement");
        let known = Reason::ALL.into_iter().find(|r| Some(r.code()) == code.as_deref());
        told.push(known.unwrap_or(Reason::AnswerNotAvailable));
    }
    cx.done(&event);
}

/// The code of the act that `node` leads to.
fn coded(node: &mut Node, act: &str) -> Option<String> {
    let code = node.take(act)?.take("code")?;
    code.attr("code").map(str::to_owned)
}

fn write_requested(w: &mut Writer, attributes: &[Attribute]) {
    write_issue(w, |w| {
        for attribute in attributes {
            w.start("triggerFor").attr("typeCode", "TRIG");
            w.start("actOrderRequired").attr("classCode", "ACT").attr("moodCode", "RQO");
            write_coded(w, "code", attribute.code(), ATTRIBUTES);
            w.end().end();
        }
    });
}

fn write_reason(w: &mut Writer, reason: Reason) {
    write_issue(w, |w| {
        w.start("mitigatedBy").attr("typeCode", "MITGT");
        w.start("detectedIssueManagement").attr("classCode", "ACT").attr("moodCode", "EVN");
        write_coded(w, "code", reason.code(), REASONS);
        w.end().end();
    });
}

fn write_issue(w: &mut Writer, inside: impl FnOnce(&mut Writer)) {
    w.start("reasonOf").attr("typeCode", "RSON");
    w.start("detectedIssueEvent").attr("classCode", "ALRT").attr("moodCode", "EVN");
    write_coded(w, "code", "_ActAdministrativeDetectedIssueManagementCode", ACTS);
    inside(w);
    w.end().end();
}
