//! The answer, PRPA_IN201306UV02 (MFMI_MT700711UV01; ITI TF-2: 3.47.4.2).

use super::{Continuation, Counts, Found, Request};
use crate::acknowledgement::{Acknowledgement, Detail};
use crate::answering::{QueryAck, Response};
use crate::datatypes::{InstanceId, Time, write_coded};
use crate::interaction::{INTERACTIONS, Interaction};
use crate::problem::{Answerable, Notes, Problem, Read, Refusal, rules};
use crate::query::QueryCopy;
use crate::transmission::{Transmission, close, open};
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
        self.transmission.write(w, Interaction::FindCandidatesResponse);
        let (target, details) = (self.target.clone(), self.details.clone());
        Acknowledgement { code: response.ack(), target, details }.write(w);
        w.start("controlActProcess").attr("classCode", "CACT").attr("moodCode", "EVN");
        write_coded(w, "code", Interaction::FindCandidatesResponse.trigger(), INTERACTIONS);
        if let Outcome::Found(found) = &self.outcome {
            found.iter().for_each(|one| one.write(w, &self.transmission.sender.device));
        }
        QueryAck { id: self.query_id.clone(), response, counts: self.counts }.write(w);
        if let Some(query) = &self.query {
            w.raw(query.as_xml());
        }
        w.end().end();
    }

    /// Reads one; the reader is inside `body` and at its end afterwards.
    ///
    /// # Errors
    /// When it is none, or when one of its persons cannot be read: without it, another could pass for the only
    /// one.
    pub fn read(r: &mut Reader<'_>, body: &Element) -> Result<Read<Self>, Refusal> {
        let opened = open(r, body, Interaction::FindCandidatesResponse)?;
        let (mut cx, mut node) = (opened.cx, opened.node);
        let ack = Acknowledgement::read(&mut cx, &mut node);
        let act = cx.one(&mut node, "controlActProcess");
        cx.done(&node);
        let act = act.and_then(|act| Act::read(&mut cx, act, ack.as_ref()));
        close(r, cx, opened.transmission, None, |transmission, _| {
            let (Acknowledgement { target, details, .. }, act) = (ack?, act?);
            let Act { outcome, counts, query_id, query } = act;
            Some(Self { transmission, target, details, outcome, counts, query_id, query })
        })
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
    fn read(cx: &mut Notes, mut act: Node, ack: Option<&Acknowledgement>) -> Option<Self> {
        for passed in ["id", "code", "effectiveTime"] {
            act.take_all(passed);
        }
        let subjects = cx.some(&mut act, "subject", limits::CANDIDATES);
        let found: Vec<_> = subjects.into_iter().map(|n| Found::read(cx, n)).collect();
        let query = cx.at_most_one(&mut act, "queryByParameter").map(|n| QueryCopy::of(&n));
        let query_ack = QueryAck::read(cx, &mut act, ack.map(|ack| ack.code));
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
