//! How an answer leaves: back on the connection, or in a message of its own to the address that its
//! request named (ITI TF-2: V.5). What was changed is remembered, so that a repeat gets the same.

use super::answer::{Answer, Body};
use super::documents::Documents;
use super::refusal::Refusal;
use super::reply_to::{ReplyTo, host_of};
use crate::house::House;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::{HttpResponse, rt};
use renkei_context::{Ctx, Message};
use renkei_exchange::{
    Addressee, Answer as Known, Done, ExchangeError, Memory, Occurrence, Reply, UnderWay,
};
use renkei_soap::envelope::AnswerHeaders;
use renkei_soap::fault::Fault;
use renkei_soap::message::Framing;
use renkei_soap::multipart::simple_content_type;
use renkei_xds::response::{RegistryResponse, Status};
use renkei_xds::transaction::{Effect, Transaction};
use std::rc::Rc;
use url::Url;

/// A request that is to be answered.
pub(super) struct Asked {
    pub(super) transaction: &'static Transaction,
    pub(super) framing: Framing,
    /// Its wsa:MessageID.
    pub(super) message_id: Option<String>,
    pub(super) reply_to: ReplyTo,
    /// Where answers are remembered and replies wait.
    pub(super) memory: Memory,
    /// What its answer will be remembered by, and what holds repeats off until then.
    pub(super) first: Option<(Message, Rc<UnderWay>)>,
}

/// What is known of a request before it is read further.
pub(super) enum Before {
    /// It is to be carried out.
    Nothing,
    /// It was, if it came with the same parts.
    Done(Done),
}

impl Asked {
    /// Looks whether there is room for an answer that goes elsewhere, before anything is done.
    pub(super) async fn room(&self, ctx: &Ctx) -> Result<(), Fault> {
        match &self.reply_to {
            ReplyTo::There { .. } => room(&self.memory, ctx).await,
            ReplyTo::Here { .. } => Ok(()),
        }
    }

    /// Looks whether the message came before. Only what changes something is remembered: anything else
    /// can be done again.
    pub(super) async fn look(&mut self, ctx: &Ctx, envelope: &str) -> Result<Before, Fault> {
        let (Effect::Changes, Some(id)) = (self.transaction.effect, &self.message_id) else {
            return Ok(Before::Nothing);
        };
        let message = renkei_exchange::message(&ctx.caller.name, id, envelope);
        let found = tokio::time::timeout_at(ctx.deadline.into(), self.memory.begin(&message)).await;
        match found.map_err(|_| Fault::endpoint_unavailable())? {
            Ok(Occurrence::New(under_way)) => {
                self.first = Some((message, Rc::new(under_way)));
                Ok(Before::Nothing)
            }
            Ok(Occurrence::Repeat(done)) => {
                tracing::info!(request = %ctx.request_id, peer = %ctx.caller.name, "a repeat");
                Ok(Before::Done(done))
            }
            Ok(Occurrence::Conflict) => Err(Fault::duplicate_message_id()),
            Err(error) => {
                tracing::error!(request = %ctx.request_id, %error, "no memory of messages");
                Err(Fault::endpoint_unavailable())
            }
        }
    }

    /// Notes the parts that came with the message.
    pub(super) fn came_with(&mut self, parts: Option<[u8; 32]>) {
        if let Some((message, _)) = &mut self.first {
            message.parts = parts;
        }
    }

    /// The message that is being carried out for the first time.
    pub(super) fn message(&self) -> Option<Message> {
        self.first.as_ref().map(|(message, _)| *message)
    }

    /// Lets an answer leave.
    pub(super) async fn answer(
        self,
        house: &House,
        ctx: &Ctx,
        answer: Answer,
    ) -> Result<HttpResponse, Refusal> {
        if answer.result == "failure"
            && let Some(done) = self.done_elsewhere(ctx).await
        {
            return self.again(house, ctx, done).await;
        }
        self.leave(house, ctx, answer).await
    }

    async fn leave(
        self,
        house: &House,
        ctx: &Ctx,
        answer: Answer,
    ) -> Result<HttpResponse, Refusal> {
        let changed = answer.result != "failure";
        let own = own_message_id(ctx);
        let headers = self.headers(&own);
        let boundary = ctx.ids.new_uuid();
        let (content_type, buffers) =
            answer.into_message(self.transaction, self.framing, headers, boundary);
        let ReplyTo::There { reply, .. } = &self.reply_to else {
            if let Some(body) = buffers.whole().filter(|_| changed) {
                self.remember(Known { content_type: content_type.clone(), body: body.to_vec() });
            }
            return Ok(buffers.respond(content_type));
        };
        // What was done has to be told: the answer to a change is a list of findings, whose number has a
        // bound of its own.
        let most = match self.transaction.effect {
            Effect::Reads => house.reply_bytes,
            Effect::Changes => usize::MAX,
        };
        let Some(body) = buffers.collect(most).await else {
            return self.fault(ctx, &Fault::reply_refused("async.reply_bytes")).await;
        };
        let known = Known { content_type, body };
        if changed {
            self.remember(known.clone());
        }
        self.send(ctx, reply, known).await
    }

    /// The same message, if another process carried it out while this one found that it could not: a
    /// repeat that comes by another door waits for nobody.
    async fn done_elsewhere(&self, ctx: &Ctx) -> Option<Done> {
        let message = self.message()?;
        match self.memory.done(&message).await {
            Ok(done) => done.filter(|done| message.parts.is_none_or(|parts| done.had(parts))),
            Err(error) => {
                tracing::warn!(request = %ctx.request_id, %error, "no memory of messages");
                None
            }
        }
    }

    /// Lets the same answer leave again.
    pub(super) async fn again(
        self,
        house: &House,
        ctx: &Ctx,
        done: Done,
    ) -> Result<HttpResponse, Refusal> {
        let Some(known) = done.answer else {
            // It was carried out, and whoever did it ended before its answer was remembered.
            let response = RegistryResponse { status: Status::Success, errors: Vec::new() };
            let body = Body::whole(move |w| response.write(w));
            let (documents, records) = (Documents::none(), Vec::new());
            let answer =
                Answer { body, documents, records, headers: Vec::new(), result: "success" };
            return self.leave(house, ctx, answer).await;
        };
        match &self.reply_to {
            ReplyTo::There { reply, .. } => self.send(ctx, reply, known).await,
            ReplyTo::Here { .. } => {
                let kind = (CONTENT_TYPE, known.content_type);
                Ok(HttpResponse::Ok().insert_header(kind).body(known.body))
            }
        }
    }

    /// Lets a fault leave to the address for faults; one that goes back on the connection is a refusal.
    pub(super) async fn fault(&self, ctx: &Ctx, fault: &Fault) -> Result<HttpResponse, Refusal> {
        let (ReplyTo::There { fault: to, .. } | ReplyTo::Here { fault: Some(to) }) = &self.reply_to
        else {
            return Err(Refusal::recorded(fault.clone()).relating_to(self.message_id.clone()));
        };
        let own = own_message_id(ctx);
        let elsewhere = Some((own.as_str(), to.as_str()));
        let headers = AnswerHeaders {
            relates_to: self.message_id.as_deref(),
            elsewhere,
            ..AnswerHeaders::default()
        };
        let body = fault.write(headers).into_bytes();
        self.send(ctx, to, Known { content_type: simple_content_type(None), body }).await
    }

    fn headers<'a>(&'a self, own: &'a str) -> AnswerHeaders<'a> {
        let elsewhere = match &self.reply_to {
            ReplyTo::Here { .. } => None,
            ReplyTo::There { reply, .. } => Some((own, reply.as_str())),
        };
        AnswerHeaders {
            relates_to: self.message_id.as_deref(),
            elsewhere,
            ..AnswerHeaders::default()
        }
    }

    /// Puts a message on its way; it gets there whatever becomes of this process.
    async fn send(&self, ctx: &Ctx, to: &Url, message: Known) -> Result<HttpResponse, Refusal> {
        let Known { content_type, body } = message;
        let transaction = self.transaction.id.to_owned();
        let reply = Reply { transaction, to: to.to_string(), content_type, body };
        match self.memory.send(addressee(ctx, &host_of(to)), &reply).await {
            Ok(()) => Ok(HttpResponse::Accepted().finish()),
            Err(error) => {
                tracing::error!(%error, "a reply was not taken over");
                let fault = Fault::endpoint_unavailable();
                Err(Refusal::recorded(fault).relating_to(self.message_id.clone()))
            }
        }
    }

    /// Remembers an answer. Nobody waits for it: the change itself is known with its commit.
    fn remember(&self, answer: Known) {
        let Some((message, under_way)) = self.first.clone() else { return };
        let memory = self.memory.clone();
        rt::spawn(async move {
            if let Err(error) = memory.keep(&message, &answer).await {
                tracing::warn!(%error, "an answer was not remembered");
            }
            drop(under_way);
        });
    }
}

/// Looks whether one more reply to the caller may wait in `memory`.
pub(super) async fn room(memory: &Memory, ctx: &Ctx) -> Result<(), Fault> {
    let partner = &ctx.caller.name;
    memory.room(partner).await.map_err(|error| match error {
        ExchangeError::Busy(limit) => {
            tracing::warn!(%partner, limit, "a reply is refused, because too many wait");
            Fault::reply_refused(limit)
        }
        ExchangeError::PartnerBusy(limit) => {
            tracing::warn!(%partner, limit, "a reply is refused, because too many of its partner wait");
            Fault::reply_refused(&format!("{limit}: {partner}"))
        }
        error => {
            tracing::error!(%error, "whether replies may wait cannot be read");
            Fault::endpoint_unavailable()
        }
    })
}

/// Whose a reply to the caller is, that goes to `host`.
pub(super) fn addressee<'a>(ctx: &'a Ctx, host: &'a str) -> Addressee<'a> {
    Addressee { partner: &ctx.caller.name, host }
}

fn own_message_id(ctx: &Ctx) -> String {
    format!("urn:uuid:{}", ctx.ids.new_uuid())
}
