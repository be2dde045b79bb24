//! ITI-55 Cross Gateway Patient Discovery, deferred (ITI TF-2: 3.55.6.2): the query is acknowledged, and its
//! answer follows as a message of its own to where the query says.
//!
//! The answer is made at once and waits in the outbox of replies, so that it gets there whatever becomes of
//! this process; it is on record before it leaves.

use super::answer::{Answer, Body, Record};
use super::documents::Documents;
use super::exchange::Exchange;
use super::reply_to::{Deferred, host_of};
use super::work::Work;
use super::{iti_55, leaving};
use crate::house::House;
use renkei_atna::record::Outcome as Ending;
use renkei_atna::sink::Sink;
use renkei_audit::AuditContext;
use renkei_context::Ctx;
use renkei_exchange::{ExchangeError, Memory, Reply};
use renkei_gateway::responding::discovery::{Discovered, Discovery, told};
use renkei_hl7v3::acknowledgement::{AcceptAcknowledgement, AckCode, Detail, Gravity};
use renkei_hl7v3::interaction::ITI_55_DEFERRED_ANSWER;
use renkei_hl7v3::iti55::Request;
use renkei_hl7v3::transmission::Transmission;
use renkei_hl7v3::{InstanceId, Problem, Read, Refusal, Time};
use renkei_soap::envelope::{self, AnswerHeaders};
use renkei_soap::fault::Fault;
use renkei_soap::multipart::simple_content_type;
use renkei_xds::transaction::ITI_55_DEFERRED;
use std::sync::Arc;
use url::Url;

/// Reads the query, finds out where its answer goes, and acknowledges it once the answer is on its way.
pub(super) async fn run(mut exchange: Exchange<'_>) -> Result<Work, Fault> {
    let house = exchange.house;
    let discovery = house.discovery.clone().ok_or_else(Fault::endpoint_unavailable)?;
    let memory = house.memories.of_registry().cloned().ok_or_else(Fault::endpoint_unavailable)?;
    let read = Request::read(&mut exchange.reader, &exchange.body);
    if let Err(Refusal::Fault(fault)) = read {
        return Err(fault);
    }
    let message_id = exchange.message_id.take();
    exchange.finish().await?;
    let ctx = exchange.ctx;
    let asked = match read {
        Ok(Read { message, .. }) => message,
        Err(refusal) => return refused(&ctx, refusal),
    };
    let address = asked.transmission.respond_to.clone().unwrap_or_default();
    let to = match house.allowed_reply_to.deferred(&ctx.caller.name, &address)? {
        Deferred::To(url) => url,
        // ITI TF-2: 3.55.4.1.3.
        Deferred::Never => {
            let row = &told::NOT_DEFERRED;
            let details = vec![told::detail(row, Gravity::Error)];
            let code = AckCode::ApplicationError;
            return Ok(failed(&ctx, &asked.transmission, code, details, row.id));
        }
    };
    leaving::room(&memory, &ctx).await?;
    let leg = Leg { discovery, memory, trail: Trail::of(house), message_id, to };
    Ok(Work::new(&ctx.clone(), async move { leg.answer(&ctx, &asked).await }))
}

/// The second leg.
struct Leg {
    discovery: Discovery,
    memory: Memory,
    trail: Trail,
    /// wsa:MessageID of the first.
    message_id: Option<String>,
    to: Url,
}

impl Leg {
    async fn answer(self, ctx: &Ctx, asked: &Request) -> Result<Answer, Fault> {
        let found = self.discovery.discover(ctx, asked).await;
        let record = iti_55::record(&self.discovery, asked, &found);
        self.trail.write(ctx, record).await?;
        let unavailable = |error: ExchangeError| {
            tracing::error!(%error, "a deferred answer was not taken over");
            Fault::endpoint_unavailable()
        };
        let host = host_of(&self.to);
        let message = self.message(ctx, found);
        let sent = self.memory.send(leaving::addressee(ctx, &host), &message);
        sent.await.map_err(unavailable)?;
        Ok(acknowledged(ctx, &asked.transmission, AckCode::CommitAccept, Vec::new()))
    }

    fn message(&self, ctx: &Ctx, found: Discovered) -> Reply {
        let own = format!("urn:uuid:{}", ctx.ids.new_uuid());
        let blocks = found.headers();
        let headers = AnswerHeaders {
            relates_to: self.message_id.as_deref(),
            elsewhere: Some((&own, self.to.as_str())),
            blocks: &blocks,
        };
        let action = ITI_55_DEFERRED_ANSWER.request_action;
        let write = |w: &mut renkei_soap::xml::Writer| found.answer.write(w);
        let body = envelope::write_response_after(String::new(), action, headers, write);
        Reply {
            transaction: ITI_55_DEFERRED.id.to_owned(),
            to: self.to.to_string(),
            content_type: simple_content_type(Some(action)),
            body: body.into_bytes(),
        }
    }
}

/// Where our record of either leg goes, if it has to be there before the effect.
pub(super) struct Trail {
    sink: Arc<dyn Sink>,
    context: AuditContext,
}

impl Trail {
    pub(super) fn of(house: &House) -> Self {
        let context = AuditContext { local: house.local.clone() };
        Self { sink: Arc::clone(&house.audit), context }
    }

    pub(super) async fn write(&self, ctx: &Ctx, record: Record) -> Result<(), Fault> {
        let Record { outcome, objects, description } = record;
        let spec = &ITI_55_DEFERRED.audit;
        let record = self.context.server(ctx, spec, outcome, objects, description);
        self.sink.record(record).await.map_err(|error| {
            tracing::error!(request = %ctx.request_id, %error, "audit record could not be kept");
            Fault::endpoint_unavailable()
        })
    }
}

/// A query or an answer that breaks rules is acknowledged with what is wrong.
pub(super) fn refused(ctx: &Ctx, refusal: Refusal) -> Result<Work, Fault> {
    let answerable = match refusal {
        Refusal::Fault(fault) => return Err(fault),
        Refusal::Answerable(answerable) => answerable,
    };
    let details = answerable.problems.iter().map(Problem::detail).collect();
    let why = iti_55::rows(&answerable.problems);
    Ok(failed(ctx, &answerable.transmission, AckCode::CommitError, details, &why))
}

fn failed(ctx: &Ctx, asked: &Transmission, code: AckCode, details: Vec<Detail>, why: &str) -> Work {
    let record = Record {
        outcome: Ending::SeriousFailure,
        objects: Vec::new(),
        description: Some(why.to_owned()),
    };
    let answer = acknowledged(ctx, asked, code, details);
    let answer = Answer { records: vec![record], result: "failure", ..answer };
    Work::new(ctx, async move { Ok(answer) })
}

/// Acknowledges a message.
pub(super) fn acknowledged(
    ctx: &Ctx,
    asked: &Transmission,
    code: AckCode,
    details: Vec<Detail>,
) -> Answer {
    let id = InstanceId::new(ctx.ids.new_uuid());
    let created = Time::at(ctx.now().fixed_offset());
    let acknowledgement = AcceptAcknowledgement::of(asked, code, details, id, created);
    let body = Body::whole(move |w| acknowledgement.write(w));
    Answer {
        body,
        documents: Documents::none(),
        records: Vec::new(),
        headers: Vec::new(),
        result: "success",
    }
}
