//! The answer of a deferred ITI-55 at the side that asked (ITI TF-2: 3.55.6.2): a message of its own, which is
//! taken if its question is awaited, and acknowledged.

use super::answer::{Answer, Record};
use super::exchange::Exchange;
use super::iti_55_deferred::{acknowledged, refused};
use super::work::Work;
use renkei_atna::build;
use renkei_atna::record::{Object, Outcome as Ended};
use renkei_context::Ctx;
use renkei_gateway::initiating::{AnsweredLater, Ending, Gateway};
use renkei_gateway::responding::discovery::told;
use renkei_hl7v3::acknowledgement::{AckCode, Gravity};
use renkei_hl7v3::iti55::{self, Outcome, Reason, TimeToLive};
use renkei_hl7v3::{Read, Refusal};
use renkei_soap::fault::Fault;
use renkei_xds::transaction::ITI_55;

/// Reads the answer and has it taken.
pub(super) async fn run(mut exchange: Exchange<'_>) -> Result<Work, Fault> {
    let gateway = exchange.house.initiating.clone().ok_or_else(Fault::endpoint_unavailable)?;
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
    Ok(Work::new(&ctx.clone(), async move { came.taken(&ctx, &gateway).await }))
}

/// An answer, read.
struct Came {
    message: iti55::Answer,
    relates_to: Option<String>,
    keeps: Option<TimeToLive>,
}

impl Came {
    async fn taken(self, ctx: &Ctx, gateway: &Gateway) -> Result<Answer, Fault> {
        let came = AnsweredLater {
            from: &ctx.caller.name,
            relates_to: self.relates_to.as_deref(),
            answer: &self.message,
            keeps: self.keeps,
        };
        // Whoever sent it sends it again, and it is awaited still.
        let ending = gateway.answered_later(ctx, &came).await.map_err(|error| {
            tracing::error!(request = %ctx.request_id, %error, "an answer was not taken");
            Fault::endpoint_unavailable()
        })?;
        let record = self.record(&ending);
        let (code, details, result) = match ending {
            Ending::Taken(..) => (AckCode::CommitAccept, Vec::new(), "success"),
            Ending::NotAwaited => {
                let peer = &ctx.caller.name;
                tracing::warn!(request = %ctx.request_id, %peer, "an answer that nobody awaits");
                let detail = told::detail(&told::NOT_AWAITED, Gravity::Error);
                (AckCode::CommitError, vec![detail], "failure")
            }
        };
        let answer = acknowledged(ctx, &self.message.transmission, code, details);
        Ok(Answer { records: vec![record], result, ..answer })
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
        let objects = vec![self.query(home.map(|home| home.as_str()))];
        Record { outcome, objects, description }
    }

    fn query(&self, home: Option<&str>) -> Object {
        let copy = self.message.query.as_ref().map(|copy| copy.as_xml()).unwrap_or_default();
        build::discovery(ITI_55.id, ITI_55.name, self.message.query_id.root(), copy, home)
    }
}
