//! One request from its first byte to its answer.

use super::answer::{self, Answer, Record};
use super::incoming::Incoming;
use super::incoming::cut_off;
use super::{Route, audit};
use crate::house::{House, SharedHouse};
use crate::tls;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::web::Payload;
use actix_web::{HttpRequest, HttpResponse};
use renkei_atna::record::Outcome;
use renkei_context::{Ctx, Role};
use renkei_repository::Upload;
use renkei_soap::envelope::{self, Addressing};
use renkei_soap::fault::{Fault, Subcode};
use renkei_soap::message::{Event, Framing};
use renkei_soap::tolerance::{Tolerance, Tolerances};
use renkei_soap::xml::{Element, Reader};
use renkei_xds::transaction::{self, CallerRole, Transaction};
use std::cell::Cell;
use std::time::Instant;

/// What a transaction's file gets to work with.
pub(crate) struct Exchange<'a> {
    /// The program.
    pub(super) house: &'a House,
    /// On whose behalf.
    pub(super) ctx: Ctx,
    /// The reader, inside the body's child.
    pub(super) reader: Reader<'a>,
    /// The body's child.
    pub(super) body: Element,
    /// The rest of the message.
    pub(super) incoming: &'a mut Incoming,
    /// Parts that came before the root, sealed.
    pub(super) early: Option<Upload>,
    /// What was tolerated in the envelope; counted when the transaction has read all of it.
    pub(super) tolerances: &'a mut Tolerances,
}

impl Exchange<'_> {
    /// Checks that the envelope ends after the body's child, and reads the message to its end.
    pub(super) async fn finish(&mut self) -> Result<(), Fault> {
        envelope::close(&mut self.reader)?;
        while !matches!(self.incoming.next().await?, Event::End) {}
        self.arrived();
        Ok(())
    }

    /// The message is here to its end: the time for the work on it begins. A transfer may take as
    /// long as it keeps moving.
    pub(super) fn arrived(&mut self) {
        self.ctx.deadline = Instant::now() + self.house.request_time;
    }
}

/// A refusal, with what was known when it happened.
struct Refusal {
    fault: Fault,
    transaction: Option<&'static Transaction>,
    relates_to: Option<String>,
}

impl From<Fault> for Refusal {
    fn from(fault: Fault) -> Self {
        Self { fault, transaction: None, relates_to: None }
    }
}

/// Runs a request through the routes of its endpoint.
pub(super) async fn handle(
    routes: &'static [Route],
    request: HttpRequest,
    body: Payload,
    house: SharedHouse,
) -> HttpResponse {
    let started = Instant::now();
    let Some(caller) = tls::caller(&request) else {
        return HttpResponse::Forbidden().force_close().finish();
    };
    let ctx = house.context(caller, request.path());
    let declared = request.headers().get(CONTENT_TYPE).and_then(|v| v.to_str().ok());
    let limits = &house.limits;
    let refused = match Incoming::new(declared.unwrap_or(""), body, limits, house.idle_time) {
        Err(fault) => refuse(&house, &ctx, fault.into()).await,
        Ok(mut incoming) => {
            let arrived = incoming.arrived();
            let overdue = async {
                arrived.await;
                tokio::time::sleep(house.request_time).await;
            };
            let chosen = Cell::new(None);
            let served = tokio::select! {
                served = serve(routes, &ctx, &house, &mut incoming, &chosen) => Some(served),
                () = overdue => None,
            };
            match served {
                Some(Ok((transaction, result, response))) => {
                    house.metrics.answered(transaction.id, result, started.elapsed());
                    return response;
                }
                Some(Err(refusal)) => {
                    incoming.drain().await;
                    refuse(&house, &ctx, refusal).await
                }
                None => {
                    let fault =
                        Fault::limit("limits.request_seconds", house.request_time.as_secs());
                    let transaction = chosen.get();
                    let refusal = Refusal { fault, transaction, relates_to: None };
                    refuse(&house, &ctx, refusal).await
                }
            }
        }
    };
    house.metrics.answered("fault", "failure", started.elapsed());
    refused
}

async fn serve(
    routes: &'static [Route],
    ctx: &Ctx,
    house: &House,
    incoming: &mut Incoming,
    chosen: &Cell<Option<&'static Transaction>>,
) -> Result<(&'static Transaction, &'static str, HttpResponse), Refusal> {
    let (root, early) = read_root(routes, ctx, house, incoming).await.map_err(|fault| {
        // Only a submission has parts that may come first: who may not send one tried to.
        let refused = fault.subcode == Some(Subcode::NotAuthorized);
        let transaction = refused.then_some(&transaction::ITI_41);
        Refusal { fault, transaction, relates_to: None }
    })?;
    let mut reader = Reader::new(&root, house.limits.xml);
    let mut tolerances = Tolerances::default();
    let envelope = envelope::open(&mut reader, &mut tolerances)?;
    let relates_to = envelope.addressing.message_id.clone();
    let framing = incoming.framing();
    let answered = async {
        let route = choose(routes, &envelope.addressing)?;
        chosen.set(Some(route.transaction));
        let role = authorize(ctx, route.transaction)?;
        answerable(&envelope.addressing)?;
        note_framing(route.transaction, framing, &mut tolerances);
        let exchange = Exchange {
            house,
            ctx: Ctx { role: Some(role), ..ctx.clone() },
            reader,
            body: envelope.body,
            incoming,
            early,
            tolerances: &mut tolerances,
        };
        let ran = (route.run)(exchange).await;
        tolerances.merge(incoming.tolerances());
        house.metrics.tolerated(&ctx.caller.name, &tolerances);
        let mut answer: Answer = ran?;
        let records = std::mem::take(&mut answer.records);
        audit::write(house, ctx, route.transaction, records).await.map_err(|e| {
            tracing::error!(request = %ctx.request_id, error = %e, "audit record could not be kept");
            Fault::endpoint_unavailable()
        })?;
        let result = answer.result;
        let relates_to = relates_to.as_deref();
        let response =
            answer.into_response(route.transaction, framing, relates_to, ctx.ids.new_uuid());
        Ok::<_, Fault>((route.transaction, result, response))
    };
    answered.await.map_err(|fault| Refusal {
        fault,
        transaction: routes
            .iter()
            .map(|r| r.transaction)
            .find(|t| t.request_action == envelope.addressing.action),
        relates_to: relates_to.clone(),
    })
}

/// Reads up to the end of the root part. Parts that come before it are sealed as they arrive.
async fn read_root(
    routes: &[Route],
    ctx: &Ctx,
    house: &House,
    incoming: &mut Incoming,
) -> Result<(String, Option<Upload>), Fault> {
    let mut early = None;
    loop {
        match incoming.next().await? {
            Event::Root(text) => return Ok((text, early)),
            Event::PartStart(part) => {
                let takes = routes.iter().any(|r| r.transaction.id == transaction::ITI_41.id);
                let repository = house
                    .repository
                    .as_ref()
                    .filter(|_| takes && ctx.caller.roles.has(Role::Source))
                    .ok_or_else(Fault::not_authorized)?;
                if early.is_none() {
                    early = Some(repository.begin(ctx));
                }
                if let Some(upload) = early.as_mut() {
                    store_part(ctx, incoming, upload, &part.content_id).await?;
                }
            }
            Event::End => return Err(cut_off()),
            Event::Data(_) | Event::PartEnd | Event::NeedMore => {}
        }
    }
}

/// Seals one part as it arrives. A failure to store is remembered by the upload and reported with
/// the submission, so that the sender gets a registry response rather than a fault.
pub(super) async fn store_part(
    ctx: &Ctx,
    incoming: &mut Incoming,
    upload: &mut Upload,
    content_id: &str,
) -> Result<(), Fault> {
    let mut sink = upload.part(ctx, content_id);
    loop {
        match incoming.next().await? {
            Event::Data(bytes) => sink.write(bytes).await,
            Event::PartEnd => {
                sink.finish().await;
                return Ok(());
            }
            Event::End | Event::Root(_) | Event::PartStart(_) | Event::NeedMore => {
                return Err(cut_off());
            }
        }
    }
}

fn choose<'r>(routes: &'r [Route], addressing: &Addressing) -> Result<&'r Route, Fault> {
    routes
        .iter()
        .find(|r| r.transaction.request_action == addressing.action)
        .ok_or_else(|| Fault::action_not_supported(&addressing.action))
}

/// The role in which the caller acts: of those that may, the first that it has.
fn authorize(ctx: &Ctx, transaction: &Transaction) -> Result<Role, Fault> {
    let roles = transaction.may_call.iter().map(|role| match role {
        CallerRole::Source => Role::Source,
        CallerRole::Repository => Role::Repository,
        CallerRole::Consumer => Role::Consumer,
        CallerRole::Administrator => Role::Administrator,
        CallerRole::Gateway => Role::Gateway,
    });
    roles.into_iter().find(|role| ctx.caller.roles.has(*role)).ok_or_else(Fault::not_authorized)
}

/// A request that is answered has a MessageID, by which the answer is related to it (WS-Addressing
/// 1.0 Core, 3.4; ITI TF-2: V.3.2.2).
///
/// The answer goes back on the connection of the request. Who waits for it elsewhere has to hear
/// that before anything is done (WS-Addressing 1.0 SOAP Binding, 6.4.1.7).
fn answerable(addressing: &Addressing) -> Result<(), Fault> {
    if addressing.message_id.is_none() {
        return Err(Fault::addressing_header_required("MessageID"));
    }
    match addressing.reply_to.as_deref() {
        None | Some(envelope::ANONYMOUS) => Ok(()),
        Some(_) => Err(Fault::only_anonymous_reply_to()),
    }
}

fn note_framing(transaction: &Transaction, framing: Framing, tolerances: &mut Tolerances) {
    match (transaction.framing, framing) {
        (Framing::Mtom, Framing::Simple) => tolerances.add(Tolerance::SimpleForMtom),
        (Framing::Simple, Framing::Mtom) => tolerances.add(Tolerance::MtomForSimple),
        (Framing::Simple, Framing::Simple) | (Framing::Mtom, Framing::Mtom) => {}
    }
}

async fn refuse(house: &House, ctx: &Ctx, refusal: Refusal) -> HttpResponse {
    let description = format!("SOAP fault {}", refusal.fault.code.local());
    tracing::info!(request = %ctx.request_id, peer = %ctx.caller.name, fault = %description, "refused");
    if let Some(transaction) = refusal.transaction {
        let record = Record {
            outcome: Outcome::SeriousFailure,
            objects: Vec::new(),
            description: Some(description),
        };
        if let Err(e) = audit::write(house, ctx, transaction, vec![record]).await {
            tracing::error!(request = %ctx.request_id, error = %e, "refusal could not be audited");
        }
    }
    answer::fault(&refusal.fault, refusal.relates_to.as_deref())
}
