//! One request from its first byte to its answer.

use super::leaving::{Asked, Before};
use super::refusal::Refusal;
use super::request::{RequestReader, Rest, cut_off};
use super::work::Work;
use super::{Route, admission, behalf, work};
use crate::house::{House, SharedHouse};
use crate::tls;
use actix_web::web::Payload;
use actix_web::{HttpRequest, HttpResponse};
use renkei_context::{Action, Ctx, Object, Role, may};
use renkei_exchange::Done;
use renkei_repository::Upload;
use renkei_soap::envelope::{self, HeaderBlocks};
use renkei_soap::fault::{Fault, Subcode};
use renkei_soap::message::Event;
use renkei_soap::tolerance::Tolerances;
use renkei_soap::xml::{Element, Reader};
use renkei_xds::transaction::{self, Transaction};
use sha2::{Digest, Sha256};
use std::time::Instant;

/// What a transaction's file gets to work with.
pub(crate) struct Exchange<'a> {
    /// The program.
    pub(super) house: &'a SharedHouse,
    /// On whose behalf.
    pub(super) ctx: Ctx,
    /// The header blocks of the envelope.
    pub(super) blocks: HeaderBlocks,
    /// wsa:MessageID.
    pub(super) message_id: Option<String>,
    /// wsa:RelatesTo, of an answer that is a message of its own.
    pub(super) relates_to: Option<String>,
    /// The reader, inside the body's child.
    pub(super) reader: Reader<'a>,
    /// The body's child.
    pub(super) body: Element,
    /// The rest of the message.
    pub(super) request: &'a mut RequestReader,
    /// Parts that came before the root, sealed.
    pub(super) early: Option<Upload>,
    /// What was tolerated in the envelope; counted when the transaction has read all of it.
    pub(super) tolerances: &'a mut Tolerances,
}

impl Exchange<'_> {
    /// Checks that the envelope ends after the body's child, and reads the message to its end.
    pub(super) async fn finish(&mut self) -> Result<(), Fault> {
        envelope::close(&mut self.reader)?;
        // Nothing here refers to a part.
        if let Some(part) = self.early.take().and_then(|early| early.parts().pop()) {
            return Err(Fault::part_unreferred(&part));
        }
        loop {
            match self.request.next().await? {
                Event::End => break,
                Event::PartStart(part) => return Err(Fault::part_unreferred(&part.content_id)),
                Event::Root(_) | Event::Data(_) | Event::PartEnd | Event::NeedMore => {}
            }
        }
        self.arrived();
        Ok(())
    }

    /// The message is here to its end: the time for the work on it begins.
    pub(super) fn arrived(&mut self) {
        self.ctx.deadline = Instant::now() + self.house.request_time;
    }
}

/// A response that may leave.
struct Served {
    transaction: &'static Transaction,
    /// The word for the metrics.
    result: &'static str,
    response: HttpResponse,
}

/// A request that was let through.
enum Admitted {
    /// What remains to be done.
    New(Work),
    /// It came before.
    Again(Done),
}

/// Runs a request through the routes of its endpoint.
pub(super) async fn handle(
    routes: &'static [Route],
    request: HttpRequest,
    body: Payload,
    house: &SharedHouse,
) -> HttpResponse {
    let started = Instant::now();
    let Some(caller) = tls::caller(&request) else {
        return HttpResponse::Forbidden().force_close().finish();
    };
    let ctx = house.context(caller, request.path());
    let mut request =
        match RequestReader::new(request.headers(), body, &house.limits, house.idle_time) {
            Ok(request) => request,
            Err((refusal, rest)) => return refuse(refusal, rest, house, &ctx, started).await,
        };
    let refusal = match serve(routes, &ctx, house, &mut request).await {
        Ok(Served { transaction, result, response }) => {
            house.metrics.answered(transaction.id, result, started.elapsed());
            return response;
        }
        Err(refusal) => refusal,
    };
    refuse(refusal, request.rest(), house, &ctx, started).await
}

/// Answers a message that goes no further, when a bounded rest of it has been read.
pub(super) async fn refuse(
    refusal: Refusal,
    rest: Rest,
    house: &House,
    ctx: &Ctx,
    started: Instant,
) -> HttpResponse {
    rest.drain().await;
    let response = refusal.answer(house, ctx).await;
    house.metrics.answered("fault", "failure", started.elapsed());
    response
}

async fn serve(
    routes: &'static [Route],
    ctx: &Ctx,
    house: &SharedHouse,
    request: &mut RequestReader,
) -> Result<Served, Refusal> {
    let (root, early) = read_root(routes, ctx, house, request).await.map_err(|fault| {
        // Only a submission has parts that may come first: who may not send one tried to.
        let refused = fault.subcode == Some(Subcode::NotAuthorized);
        let transaction = refused.then_some(&transaction::ITI_41);
        Refusal::of(fault, transaction)
    })?;
    let mut reader = Reader::new(&root, house.limits.xml);
    let mut tolerances = Tolerances::default();
    let envelope = envelope::open(&mut reader, &mut tolerances)?;
    let addressing = envelope.addressing;
    let framing = request.framing();
    let admitted = async {
        admission::understood(&envelope.blocks)?;
        let route = admission::choose(routes, &addressing)?;
        let transaction = route.transaction;
        let mut ctx =
            Ctx { role: Some(admission::authorize(house, ctx, transaction)?), ..ctx.clone() };
        ctx = behalf::decided(house, ctx, transaction, &reader, &envelope.blocks)?;
        let reply_to =
            admission::answerable(&ctx.caller.name, &addressing, &house.allowed_reply_to)?;
        ctx.reply_to = reply_to.address().map(|address| address.as_str().into());
        admission::note_framing(transaction, framing, &mut tolerances);
        let message_id = addressing.message_id.clone();
        let memory =
            (route.memory)(&house.memories).cloned().ok_or_else(Fault::endpoint_unavailable)?;
        let mut asked = Asked { transaction, framing, message_id, reply_to, memory, first: None };
        asked.room(&ctx).await?;
        if let Before::Done(done) = asked.look(&ctx, &root).await? {
            if !done.had(parts_of_repeat(request, early.as_ref()).await?) {
                return Err(Fault::duplicate_message_id());
            }
            return Ok((asked, ctx, Admitted::Again(done)));
        }
        // A repeat was answered as before: nothing of it is new.
        house.clock.admit(transaction)?;
        ctx.message = asked.message();
        let exchange = Exchange {
            house,
            ctx: ctx.clone(),
            blocks: envelope.blocks,
            message_id: asked.message_id.clone(),
            relates_to: addressing.relates_to.clone(),
            reader,
            body: envelope.body,
            request,
            early,
            tolerances: &mut tolerances,
        };
        let read = (route.run)(exchange).await;
        tolerances.merge(request.tolerances());
        house.metrics.tolerated(&ctx.caller.name, &tolerances);
        let work = read?;
        asked.came_with(work.parts());
        let work = work.holding(asked.first.clone());
        Ok::<_, Fault>((asked, ctx, Admitted::New(work)))
    };
    let admitted = admitted.await.map_err(|fault| {
        let mut known = routes.iter().map(|r| r.transaction);
        let transaction = known.find(|t| t.request_action == addressing.action);
        Refusal::of(fault, transaction).relating_to(addressing.message_id.clone())
    });
    let (asked, ctx, admitted) = admitted?;
    let transaction = asked.transaction;
    let (result, response) = match admitted {
        Admitted::Again(done) => ("repeat", asked.again(house, &ctx, done).await?),
        Admitted::New(work) => match work::done(house, &ctx, transaction, work).await {
            Ok(answer) => (answer.result, asked.answer(house, &ctx, answer).await?),
            Err(refusal) => ("failure", asked.fault(&ctx, refusal.fault()).await?),
        },
    };
    Ok(Served { transaction, result, response })
}

/// Reads up to the end of the root part. Parts that come before it are sealed as they arrive.
async fn read_root(
    routes: &[Route],
    ctx: &Ctx,
    house: &House,
    request: &mut RequestReader,
) -> Result<(String, Option<Upload>), Fault> {
    let mut early = None;
    loop {
        match request.next().await? {
            Event::Root(text) => return Ok((text, early)),
            Event::PartStart(part) => {
                if !routes.iter().any(|r| r.transaction.id == transaction::ITI_41.id) {
                    return Err(Fault::part_unreferred(&part.content_id));
                }
                let repository = house
                    .repository
                    .as_ref()
                    .filter(|_| may(ctx, Action::Call, Object::As(Role::Source)).is_ok())
                    .ok_or_else(|| admission::not_authorized(house, ctx))?;
                if early.is_none() {
                    early = Some(repository.begin(ctx));
                }
                if let Some(upload) = early.as_mut() {
                    let id = &part.content_id;
                    store_part(ctx, request, upload, id, id).await?;
                }
            }
            Event::End => return Err(cut_off()),
            Event::Data(_) | Event::PartEnd | Event::NeedMore => {}
        }
    }
}

/// Reads a repeat to its end; the digest of its parts. Those that came before the root are in `early`.
async fn parts_of_repeat(
    request: &mut RequestReader,
    early: Option<&Upload>,
) -> Result<[u8; 32], Fault> {
    let mut parts: Vec<(String, [u8; 32])> = Vec::new();
    parts.extend(early.iter().flat_map(|e| e.arrived()).map(|(id, hash)| (id.to_owned(), hash)));
    let mut arriving = None;
    loop {
        match request.next().await? {
            Event::PartStart(part) => arriving = Some((part.content_id, Sha256::new())),
            Event::Data(octets) => {
                if let Some((_, digest)) = &mut arriving {
                    digest.update(&octets);
                }
            }
            Event::PartEnd => {
                parts.extend(arriving.take().map(|(id, digest)| (id, digest.finalize().into())));
            }
            Event::End => break,
            Event::Root(_) | Event::NeedMore => {}
        }
    }
    Ok(renkei_exchange::parts(parts.iter().map(|(id, hash)| (id.as_str(), *hash))))
}

/// Seals one part as it arrives, under the name that the envelope has for it. A failure to store is remembered by the upload and reported with
/// the submission, so that the sender gets a registry response rather than a fault.
pub(super) async fn store_part(
    ctx: &Ctx,
    request: &mut RequestReader,
    upload: &mut Upload,
    content_id: &str,
    name: &str,
) -> Result<(), Fault> {
    upload.next_part(content_id);
    let mut sink = upload.part(ctx, name);
    loop {
        match request.next().await? {
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
