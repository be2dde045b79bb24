//! Whether a message may go on: is there such a transaction here, may this node call it, and where does
//! the answer go.

use super::Route;
use super::reply_to::{AllowedReplyTo, ReplyTo};
use crate::house::House;
use renkei_context::{Action, Ctx, Object, Role, may};
use renkei_soap::envelope::{Addressing, HeaderBlocks};
use renkei_soap::fault::Fault;
use renkei_soap::message::Framing;
use renkei_soap::tolerance::{Tolerance, Tolerances};
use renkei_soap::xml::ns;
use renkei_xds::transaction::{CallerRole, Transaction};

/// The transaction that the action names.
pub(super) fn choose<'r>(routes: &'r [Route], addressing: &Addressing) -> Result<&'r Route, Fault> {
    routes
        .iter()
        .find(|r| r.transaction.request_action == addressing.action)
        .ok_or_else(|| Fault::action_not_supported(&addressing.action))
}

/// The role in which the caller acts: of those that may, the first that it has.
pub(super) fn authorize(
    house: &House,
    ctx: &Ctx,
    transaction: &Transaction,
) -> Result<Role, Fault> {
    role_of(ctx, transaction).ok_or_else(|| not_authorized(house, ctx))
}

/// Of the roles that may call a transaction the first that the caller has.
pub(super) fn role_of(ctx: &Ctx, transaction: &Transaction) -> Option<Role> {
    let roles = transaction.may_call.iter().map(|role| match role {
        CallerRole::Source => Role::Source,
        CallerRole::Repository => Role::Repository,
        CallerRole::Consumer => Role::Consumer,
        CallerRole::Administrator => Role::Administrator,
        CallerRole::Gateway => Role::Gateway,
        CallerRole::Feed => Role::Feed,
    });
    let may_call = |role: &Role| may(ctx, Action::Call, Object::As(*role)).is_ok();
    roles.into_iter().find(may_call)
}

/// Refuses a request for lack of a role, and counts it.
pub(super) fn not_authorized(house: &House, ctx: &Ctx) -> Fault {
    house.sightings.refused(&ctx.caller.name);
    Fault::not_authorized()
}

/// An assertion says for whom the caller acts. Where it must be understood and nobody here reads it, the
/// message is not to be carried out as if it had none (SOAP 1.2 Part 1, 5.4.8; ITI TF-2: 3.40.4.1.3).
pub(super) fn understood(blocks: &HeaderBlocks) -> Result<(), Fault> {
    match blocks.named(ns::WSSE, "Security").find(|block| block.must_understand) {
        Some(block) => Err(Fault::not_understood(vec![block.name.clone()])),
        None => Ok(()),
    }
}

/// A request that is answered has a MessageID, by which the answer is related to it (WS-Addressing
/// 1.0 Core, 3.4; ITI TF-2: V.3.2.2).
///
/// Whether the answer can reach whoever waits for it has to be known before anything is done
/// (WS-Addressing 1.0 SOAP Binding, 6.4.1.7).
pub(super) fn answerable(
    from: &str,
    addressing: &Addressing,
    allowed: &AllowedReplyTo,
) -> Result<ReplyTo, Fault> {
    if addressing.message_id.is_none() {
        return Err(Fault::addressing_header_required("MessageID"));
    }
    allowed.reply_to(from, addressing)
}

/// Counts the framing of the other kind, which is read all the same.
pub(super) fn note_framing(
    transaction: &Transaction,
    framing: Framing,
    tolerances: &mut Tolerances,
) {
    match (transaction.framing, framing) {
        (Framing::Mtom, Framing::Simple) => tolerances.add(Tolerance::SimpleForMtom),
        (Framing::Simple, Framing::Mtom) => tolerances.add(Tolerance::MtomForSimple),
        (Framing::Simple, Framing::Simple) | (Framing::Mtom, Framing::Mtom) => {}
    }
}
