//! The answer, PRPA_IN201306UV02 (MFMI_MT700711UV01; ITI TF-2: 3.47.4.2).

use super::{Continuation, Counts, Found, Request};
use crate::acknowledgement::{AckCode, Acknowledgement, Detail};
use crate::answering::{self, Around, QueryAck, Response};
use crate::datatypes::{InstanceId, Time};
use crate::interaction::Interaction;
use crate::problem::{Answerable, Notes, Problem, Read, Refusal, rules};
use crate::query::QueryCopy;
use crate::transmission::Transmission;
use crate::tree::{Node, limits};
use renkei_soap::xml::{Element, Reader, Writer};

/// What became of the query (ITI TF-2: 3.47.4.2.3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// These persons, one at least.
    Found(Vec<Found>),
    /// Nobody.
    NotFound,
    /// It was not answered; the details say why.
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
    /// How many there are; suppliers have to say so, and not all do.
    pub counts: Option<Counts>,
    /// The query that it answers.
    pub query_id: InstanceId,
    /// That query as it came.
    pub query: Option<QueryCopy>,
}

impl Answer {
    /// The answer to a query.
    pub fn to(
        asked: &Request,
        (outcome, counts): (Outcome, Counts),
        details: Vec<Detail>,
        id: InstanceId,
        created: Time,
    ) -> Self {
        Self {
            transmission: asked.transmission.answer(id, created),
            target: asked.transmission.id.clone(),
            details,
            outcome,
            counts: Some(counts),
            query_id: asked.query.id.clone(),
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
            counts: Some(Counts::default()),
            query_id: query.id.clone(),
            query: None,
        })
    }

    /// The answer to a continuation of a query that is not continued.
    pub fn not_continuing(
        wanted: &Continuation,
        details: Vec<Detail>,
        id: InstanceId,
        created: Time,
    ) -> Self {
        Self {
            transmission: wanted.transmission.answer(id, created),
            target: wanted.transmission.id.clone(),
            details,
            outcome: Outcome::Error,
            counts: Some(Counts::default()),
            query_id: wanted.query_id.clone(),
            query: None,
        }
    }

    fn response(&self) -> Response {
        match &self.outcome {
            Outcome::Found(found) if found.is_empty() => Response::NotFound,
            Outcome::Found(_) => Response::Found,
            Outcome::NotFound => Response::NotFound,
            Outcome::Error => Response::Error,
        }
    }

    /// Writes it.
    pub fn write(&self, w: &mut Writer) {
        let response = self.response();
        let around = Around {
            interaction: Interaction::FindCandidatesResponse,
            transmission: &self.transmission,
            code: response.ack(),
            target: &self.target,
            details: &self.details,
            query: self.query.as_ref(),
        };
        answering::write(w, &around, |w| {
            if let Outcome::Found(found) = &self.outcome {
                found.iter().for_each(|one| one.write(w, &self.transmission.sender.device));
            }
            QueryAck { id: self.query_id.clone(), response, counts: self.counts }.write(w);
        });
    }

    /// Reads one; the reader is inside `body` and at its end afterwards.
    ///
    /// # Errors
    /// When it is none, or when one of its persons cannot be read: without it, another could pass for the only
    /// one.
    pub fn read(r: &mut Reader<'_>, body: &Element) -> Result<Read<Self>, Refusal> {
        let made = |transmission, ack, act| {
            let Acknowledgement { target, details, .. } = ack;
            let Act { outcome, counts, query_id, query } = act;
            Self { transmission, target, details, outcome, counts, query_id, query }
        };
        answering::read(r, body, Interaction::FindCandidatesResponse, Act::read, made)
    }
}

/// The control act, by its meaning.
struct Act {
    outcome: Outcome,
    counts: Option<Counts>,
    query_id: InstanceId,
    query: Option<QueryCopy>,
}

impl Act {
    fn read(cx: &mut Notes, mut act: Node, ack: Option<AckCode>) -> Option<Self> {
        for passed in ["id", "code", "effectiveTime"] {
            act.take_all(passed);
        }
        let subjects = cx.some(&mut act, "subject", limits::CANDIDATES);
        let found: Vec<_> = subjects.into_iter().map(|n| Found::read(cx, n)).collect();
        let query = cx.at_most_one(&mut act, "queryByParameter").map(|n| QueryCopy::of(&n));
        let query_ack = QueryAck::read(cx, &mut act, ack);
        cx.done(&act);
        let QueryAck { id, response, counts } = query_ack?;
        let found: Vec<Found> = found.into_iter().collect::<Option<_>>()?;
        let outcome = match response {
            // A supplier without continuation tells what fits, and that it is not all.
            Response::Error => Outcome::Error,
            Response::Found | Response::NotFound if found.is_empty() => Outcome::NotFound,
            Response::Found => Outcome::Found(found),
            Response::NotFound => {
                let element = "controlActProcess/subject";
                cx.wrong(Problem::new(&rules::CONTRADICTION, element, act.offset));
                return None;
            }
        };
        Some(Self { outcome, counts, query_id: id, query })
    }
}
