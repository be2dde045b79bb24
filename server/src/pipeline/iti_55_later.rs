//! The answer of a deferred ITI-55 at the side that asked (ITI TF-2: 3.55.6.2): a message of its own, which is
//! taken if its question is awaited, and acknowledged.
//!
//! Who is known where is in the database of the persons, and neither the audit nor the memory of messages is. So
//! first comes its record, then the note that it was found to be awaited, and then its effect: whatever takes
//! effect is on record, and a repeat finds its question awaited still, or the note, wherever the first one ended.

use super::answer::{Answer, Record};
use super::exchange::Exchange;
use super::iti_55_deferred::{Trail, acknowledged, refused};
use super::work::Work;
use renkei_atna::build;
use renkei_atna::record::{Object, Outcome as Ended};
use renkei_context::{Ctx, reached};
use renkei_exchange::Memory;
use renkei_gateway::initiating::{AnsweredLater, Ending, Gateway, Judged};
use renkei_gateway::responding::discovery::told;
use renkei_hl7v3::acknowledgement::{AckCode, Gravity};
use renkei_hl7v3::iti55::{self, Outcome, Reason, TimeToLive};
use renkei_hl7v3::{Read, Refusal};
use renkei_metadata::ids::HomeCommunityId;
use renkei_soap::fault::Fault;
use renkei_xds::transaction::ITI_55;
use std::fmt::Display;

/// Reads the answer and has it taken.
pub(super) async fn run(mut exchange: Exchange<'_>) -> Result<Work, Fault> {
    let house = exchange.house;
    let gateway = house.initiating.clone().ok_or_else(Fault::endpoint_unavailable)?;
    let memory = house.memories.of_registry().cloned().ok_or_else(Fault::endpoint_unavailable)?;
    // What cannot be read says nothing of how long the answer holds.
    let keeps = TimeToLive::in_header(&exchange.reader, &exchange.blocks).ok().flatten();
    let read = iti55::Answer::read(&mut exchange.reader, &exchange.body);
    if let Err(Refusal::Fault(fault)) = read {
        return Err(fault);
    }
    let relates_to = exchange.relates_to.take();
    exchange.finish().await?;
    let ctx = exchange.ctx;
    let came = match read {
        Ok(Read { message, .. }) => Came { message, relates_to, keeps },
        Err(refusal) => return refused(&ctx, refusal),
    };
    let side = Side { gateway, memory, trail: Trail::of(house) };
    Ok(Work::new(&ctx.clone(), async move { side.answer(&ctx, &came).await }).repeatable())
}

/// The side that asked.
struct Side {
    gateway: Gateway,
    memory: Memory,
    trail: Trail,
}

impl Side {
    async fn answer(&self, ctx: &Ctx, came: &Came) -> Result<Answer, Fault> {
        let judged = self.judged(ctx, came).await?;
        match judged.ending() {
            Ending::Taken(..) => {}
            Ending::NotAwaited if self.was_begun(ctx).await? => {
                tracing::info!(request = %ctx.request_id, peer = %ctx.caller.name, "a repeat");
                return Ok(came.accepted(ctx));
            }
            Ending::NotAwaited => return self.not_awaited(ctx, came, &judged).await,
        }
        self.trail.write(ctx, came.record(judged.ending())).await?;
        self.note_begun(ctx).await?;
        reached("discovery.before_taken");
        // Of two answers to one question that are looked at side by side one is kept; both were awaited.
        if !self.gateway.take_later(&judged).await.map_err(unavailable(ctx))? {
            tracing::info!(request = %ctx.request_id, "an answer was overtaken by another");
        }
        reached("discovery.taken");
        Ok(came.accepted(ctx))
    }

    async fn judged(&self, ctx: &Ctx, came: &Came) -> Result<Judged, Fault> {
        let came = AnsweredLater {
            from: &ctx.caller.name,
            relates_to: came.relates_to.as_deref(),
            answer: &came.message,
            keeps: came.keeps,
        };
        self.gateway.judge_later(ctx, &came).await.map_err(unavailable(ctx))
    }

    /// Acknowledges what nobody awaits. A question about somebody who is another by now goes with it.
    async fn not_awaited(&self, ctx: &Ctx, came: &Came, judged: &Judged) -> Result<Answer, Fault> {
        self.trail.write(ctx, came.record(judged.ending())).await?;
        self.gateway.take_later(judged).await.map_err(unavailable(ctx))?;
        let peer = &ctx.caller.name;
        tracing::warn!(request = %ctx.request_id, %peer, "an answer that nobody awaits");
        let details = vec![told::detail(&told::NOT_AWAITED, Gravity::Error)];
        let answer = acknowledged(ctx, &came.message.transmission, AckCode::CommitError, details);
        Ok(Answer { result: "failure", ..answer })
    }

    async fn was_begun(&self, ctx: &Ctx) -> Result<bool, Fault> {
        match &ctx.message {
            Some(message) => self.memory.was_begun(message).await.map_err(unavailable(ctx)),
            None => Ok(false),
        }
    }

    async fn note_begun(&self, ctx: &Ctx) -> Result<(), Fault> {
        match &ctx.message {
            Some(message) => self.memory.note_begun(message).await.map_err(unavailable(ctx)),
            None => Ok(()),
        }
    }
}

/// Whoever sent it sends it again, and it is awaited still.
fn unavailable<E: Display>(ctx: &Ctx) -> impl FnOnce(E) -> Fault {
    let request = ctx.request_id;
    move |error| {
        tracing::error!(%request, %error, "an answer was not taken");
        Fault::endpoint_unavailable()
    }
}

/// An answer, read.
struct Came {
    message: iti55::Answer,
    relates_to: Option<String>,
    keeps: Option<TimeToLive>,
}

impl Came {
    fn accepted(&self, ctx: &Ctx) -> Answer {
        acknowledged(ctx, &self.message.transmission, AckCode::CommitAccept, Vec::new())
    }

    /// As of an answer on the connection (ITI TF-2: 3.55.5.1.1); what we think of it is no part of that.
    fn record(&self, ending: &Ending) -> Record {
        let (outcome, description, home) = match (ending, &self.message.outcome) {
            (Ending::NotAwaited, _) => {
                (Ended::SeriousFailure, Some(told::NOT_AWAITED.id.to_owned()), None)
            }
            (Ending::Taken(home, _), Outcome::Error(reason)) => {
                let code = reason.map_or("AE", Reason::code).to_owned();
                (Ended::SeriousFailure, Some(code), Some(home))
            }
            (Ending::Taken(home, _), _) => (Ended::Success, None, Some(home)),
        };
        let objects = vec![self.query(home)];
        Record { outcome, objects, description }
    }

    /// The query of an answer that was taken by its community is ours, and is copied. Of one that nobody awaits the
    /// copy is a stranger's word, and as long as the stranger likes: only its id is told.
    fn query(&self, taken_of: Option<&HomeCommunityId>) -> Object {
        let copy = self.message.query.as_ref().filter(|_| taken_of.is_some());
        let copy = copy.map(|copy| copy.as_xml()).unwrap_or_default();
        let home = taken_of.map(|home| home.as_str());
        let query =
            build::discovery(ITI_55.id, ITI_55.name, self.message.query_id.root(), copy, home);
        Object { query: query.query.filter(|copy| !copy.is_empty()), ..query }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{DateTime, Utc};
    use renkei_hl7v3::query::Query;
    use renkei_hl7v3::transmission::{Party, Processing, Transmission};
    use renkei_hl7v3::{InstanceId, Time};
    use renkei_metadata::ids::{Oid, PatientId};
    use uuid::Uuid;

    fn came() -> Came {
        let now: DateTime<Utc> = "2026-12-01T00:00:00Z".parse().unwrap();
        let created = || Time::at(now.fixed_offset());
        let party = || Party { device: Oid::parse("1.2.3").unwrap(), community: None };
        let transmission = Transmission {
            id: InstanceId::new(Uuid::from_u128(1)),
            created: created(),
            processing: Processing::Production,
            receiver: party(),
            respond_to: None,
            sender: party(),
        };
        let mut query = Query::new(InstanceId::new(Uuid::from_u128(2)));
        query.identifiers.push(PatientId::parse("1^^^&1.2.4&ISO").unwrap().into());
        let request = iti55::Request::new(transmission, None, query);
        let id = InstanceId::new(Uuid::from_u128(3));
        let message = iti55::Answer::to(&request, Outcome::NotFound, id, created());
        Came { message, relates_to: None, keeps: None }
    }

    #[test]
    fn only_the_query_of_an_answer_that_was_taken_is_copied_into_the_record() {
        let of = |ending: &Ending| {
            let record = came().record(ending);
            let [query] = &record.objects[..] else { panic!("{:?}", record.objects) };
            query.clone()
        };
        let home = HomeCommunityId::parse("urn:oid:1.2.5").unwrap();
        let taken = of(&Ending::Taken(home, None));
        assert!(taken.query.is_some_and(|copy| copy.contains("queryByParameter")));
        let not_awaited = of(&Ending::NotAwaited);
        assert_eq!((not_awaited.query, not_awaited.id), (None, taken.id));
    }
}
