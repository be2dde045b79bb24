//! What is done when a message has been read. It is done to its end, and recorded, whether or not
//! anybody still waits for the answer: one request has one outcome.

use super::answer::{Answer, Record};
use super::audit;
use super::refusal::{self, Refusal};
use crate::house::SharedHouse;
use actix_web::rt;
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use renkei_atna::record::Outcome;
use renkei_context::Ctx;
use renkei_soap::fault::Fault;
use renkei_xds::transaction::{Effect, Transaction};
use std::cell::Cell;
use std::rc::Rc;
use std::time::{Duration, Instant};

/// How much longer than an actor has (`limits.request_seconds`) its answer is waited for: an actor that
/// keeps its deadline knows better than we do what it has done.
const PATIENCE: Duration = Duration::from_secs(2);

/// What remains to be done.
pub(crate) struct Work {
    /// When it has to be done.
    deadline: Instant,
    /// The uniqueId of the SubmissionSet, by which the outcome of a change can be asked for.
    set: Option<String>,
    /// Whether whoever hears nothing in time is to send it again, and needs not ask what became of it.
    is_repeatable: bool,
    /// Digest of the parts that came with the envelope.
    parts: Option<[u8; 32]>,
    answer: LocalBoxFuture<'static, Result<Answer, Fault>>,
}

impl Work {
    /// Work that ends at the deadline of `ctx`.
    pub(super) fn new(
        ctx: &Ctx,
        answer: impl Future<Output = Result<Answer, Fault>> + 'static,
    ) -> Self {
        let answer = answer.boxed_local();
        Self { deadline: ctx.deadline, set: None, is_repeatable: false, parts: None, answer }
    }

    /// Keeps `held` until it is done, whether or not anybody waits for it.
    #[must_use]
    pub(super) fn holding<T: 'static>(self, held: T) -> Self {
        let answer = self.answer;
        let answer = async move {
            let answered = answer.await;
            drop(held);
            answered
        };
        Self { answer: answer.boxed_local(), ..self }
    }

    /// Says which parts came with the message.
    #[must_use]
    pub(super) fn with_parts(mut self, parts: [u8; 32]) -> Self {
        self.parts = Some(parts);
        self
    }

    /// Digest of the parts that came with the message, where it has any to speak of.
    pub(super) fn parts(&self) -> Option<[u8; 32]> {
        self.parts
    }

    /// Says that a change that is sent again is answered as before, at whichever point it is.
    #[must_use]
    pub(super) fn repeatable(mut self) -> Self {
        self.is_repeatable = true;
        self
    }

    /// Names the SubmissionSet that it is about.
    #[must_use]
    pub(super) fn about(mut self, set: Option<String>) -> Self {
        self.set = set;
        self
    }
}

/// How far the work is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// The actor has it.
    Working,
    /// Its records are being written: what they say has to be what is answered.
    Recording,
    /// Nobody waits any more.
    GivenUp,
}

/// Has the work done, and gives its answer once that is on record.
///
/// Nothing that comes out of here is to be recorded again: an answer that does not come in time is told
/// as a fault, and the work records what became of it.
pub(super) async fn done(
    house: &SharedHouse,
    ctx: &Ctx,
    transaction: &'static Transaction,
    work: Work,
) -> Result<Answer, Refusal> {
    let stage = Rc::new(Cell::new(Stage::Working));
    let Work { deadline, set, is_repeatable, answer, parts: _ } = work;
    let recorded = Rc::clone(&stage);
    let (its_house, its_ctx) = (house.clone(), ctx.clone());
    let mut task =
        rt::spawn(async move { run(&its_house, &its_ctx, transaction, answer, &recorded).await });
    let ended = match tokio::time::timeout_at((deadline + PATIENCE).into(), &mut task).await {
        Ok(ended) => ended,
        Err(_) if stage.get() == Stage::Recording => task.await,
        Err(_) => {
            stage.set(Stage::GivenUp);
            tracing::warn!(request = %ctx.request_id, transaction = transaction.id, "overdue");
            let seconds = house.request_time.as_secs();
            let fault = match transaction.effect {
                Effect::Reads => Fault::overdue(seconds),
                Effect::Changes if is_repeatable => Fault::endpoint_unavailable(),
                Effect::Changes => Fault::outcome_open(seconds, set.as_deref()),
            };
            return Err(Refusal::recorded(fault));
        }
    };
    ended
        .map_err(|error| {
            tracing::error!(request = %ctx.request_id, %error, "a request ended unexpectedly");
            Refusal::recorded(Fault::internal(&ctx.request_id.to_string()))
        })?
        .map_err(Refusal::recorded)
}

async fn run(
    house: &SharedHouse,
    ctx: &Ctx,
    transaction: &'static Transaction,
    answer: LocalBoxFuture<'static, Result<Answer, Fault>>,
    stage: &Cell<Stage>,
) -> Result<Answer, Fault> {
    let answered = answer.await;
    let waited_for = stage.get() != Stage::GivenUp;
    stage.set(Stage::Recording);
    let fault = match answered {
        Ok(mut answer) => {
            let mut records = std::mem::take(&mut answer.records);
            if !waited_for && transaction.effect == Effect::Reads {
                records.iter_mut().for_each(not_given);
            }
            match audit::write(house, ctx, transaction, records).await {
                Ok(()) => return Ok(answer),
                Err(error) => {
                    let request = ctx.request_id;
                    tracing::error!(%request, %error, "audit record could not be kept");
                    Fault::endpoint_unavailable()
                }
            }
        }
        Err(fault) => fault,
    };
    refusal::record(house, ctx, transaction, &fault).await;
    Err(fault)
}

/// What was read was not given to anybody.
fn not_given(record: &mut Record) {
    record.outcome = Outcome::SeriousFailure;
    record.description = Some(refusal::description(&Fault::overdue(0)));
}
