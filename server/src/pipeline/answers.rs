//! Answers of other communities to questions of ours, as messages of their own (ITI TF-2: V.5): each is given on to
//! the call that awaits it, as it comes, and read there. What nobody awaits is a fault, and nothing else happens.

use super::exchange::refuse;
use super::refusal::Refusal;
use super::request::{RequestReader, Rest, cut_off};
use super::{admission, headers};
use crate::house::SharedHouse;
use crate::tls;
use actix_web::web::{Bytes, Payload};
use actix_web::{HttpRequest, HttpResponse};
use renkei_client::Delivery;
use renkei_context::Ctx;
use renkei_soap::envelope;
use renkei_soap::fault::Fault;
use renkei_soap::message::Event;
use renkei_soap::tolerance::Tolerances;
use renkei_soap::xml::Reader;
use renkei_xds::transaction::{ITI_38, ITI_39, ITI_55, Transaction};
use std::io;
use std::time::Instant;

/// What others are asked.
pub(super) static ASKED: [&Transaction; 3] = [&ITI_38, &ITI_39, &ITI_55];

/// Takes an answer; acknowledged when it is here to its end.
pub(super) async fn take(request: HttpRequest, body: Payload, house: SharedHouse) -> HttpResponse {
    let started = Instant::now();
    let Some(caller) = tls::caller(&request) else {
        return HttpResponse::Forbidden().force_close().finish();
    };
    let ctx = house.context(caller, request.path());
    let declared = headers::content_type(request.headers()).unwrap_or_default().to_owned();
    let reader = RequestReader::new(request.headers(), body, &house.limits, house.idle_time);
    let mut reader = match reader {
        Ok(reader) => reader.keeping(),
        Err((refusal, rest)) => return refuse(refusal, rest, &house, &ctx, started).await,
    };
    let delivery = match opened(&ctx, &house, &declared, &mut reader).await {
        Ok(delivery) => delivery,
        Err(refusal) => {
            tracing::warn!(request = %ctx.request_id, peer = %ctx.caller.name, "an answer was not taken");
            return refuse(refusal, reader.rest(), &house, &ctx, started).await;
        }
    };
    let (came, mut rest) = reader.raw();
    match given(&delivery, came, &mut rest).await {
        Ok(is_read) => {
            if !is_read {
                rest.drain().await;
            }
            HttpResponse::Accepted().finish()
        }
        Err(fault) => refuse(fault.into(), rest, &house, &ctx, started).await,
    }
}

/// The way to the call that awaits the answer, when its envelope is here.
async fn opened(
    ctx: &Ctx,
    house: &SharedHouse,
    declared: &str,
    reader: &mut RequestReader,
) -> Result<Delivery, Refusal> {
    // All of them have one role: whoever has not is refused unread, by the first of them.
    admission::authorize(house, ctx, &ITI_38).map_err(|fault| Refusal::of(fault, Some(&ITI_38)))?;
    let root = root(reader).await?;
    let mut xml = Reader::new(&root, house.limits.xml);
    let addressing = envelope::open(&mut xml, &mut Tolerances::default())?.addressing;
    let answered = ASKED.into_iter().find(|t| t.response_action == addressing.action);
    let refused = |fault| Refusal::of(fault, answered);
    let mailbox = house.initiating.as_ref().and_then(|gateway| gateway.mailbox());
    let mailbox = mailbox.ok_or_else(|| refused(Fault::endpoint_unavailable()))?;
    let relates_to = addressing.relates_to.as_deref().unwrap_or_default();
    let delivery = mailbox.deliver(relates_to, &ctx.caller.name, declared);
    delivery.ok_or_else(|| refused(Fault::not_awaited()))
}

async fn root(reader: &mut RequestReader) -> Result<String, Fault> {
    loop {
        match reader.next().await? {
            Event::Root(text) => return Ok(text),
            // What comes before its envelope is for nobody yet.
            Event::PartStart(part) => return Err(Fault::part_unreferred(&part.content_id)),
            Event::End => return Err(cut_off()),
            Event::Data(_) | Event::PartEnd | Event::NeedMore => {}
        }
    }
}

/// Gives on what came and what comes, as fast as it is read; `false` when nobody reads any more. Then it is of no use,
/// and there is nothing to tell whoever sent it.
async fn given(delivery: &Delivery, came: Bytes, rest: &mut Rest) -> Result<bool, Fault> {
    if !delivery.piece(Ok(came)).await {
        return Ok(false);
    }
    loop {
        match rest.next().await {
            Ok(Some(piece)) => {
                if !delivery.piece(Ok(piece)).await {
                    return Ok(false);
                }
            }
            Ok(None) => return Ok(true),
            Err(fault) => {
                delivery.piece(Err(io::ErrorKind::UnexpectedEof.into())).await;
                return Err(fault);
            }
        }
    }
}
