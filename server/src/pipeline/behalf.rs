//! On whose behalf a request is made. A repository in another process names the node that asked it first; where it may speak
//! for that node, the node's own entitlements decide, as they do in one process.
//!
//! A request that names somebody is never judged by the entitlements of who sends it: those are wider.

use super::admission;
use crate::house::House;
use renkei_context::{Action, Caller, Ctx, Object, may};
use renkei_soap::envelope::{HeaderBlocks, OnBehalfOf};
use renkei_soap::fault::Fault;
use renkei_soap::xml::Reader;
use renkei_xds::transaction::{ITI_18, ITI_41, ITI_42, ITI_43, ITI_86, Transaction};
use std::sync::Arc;

/// The request as it is decided: as it is, or on behalf of the node that it names.
///
/// # Errors
/// Whatever stands in the way is told in the same words, so that nobody learns which nodes there are.
pub(super) fn decided(
    house: &House,
    ctx: Ctx,
    transaction: &Transaction,
    reader: &Reader<'_>,
    blocks: &HeaderBlocks,
) -> Result<Ctx, Fault> {
    let refused = |fault| {
        house.sightings.refused(&ctx.caller.name);
        fault
    };
    let Some(named) = OnBehalfOf::in_header(reader, blocks).map_err(refused)? else {
        return Ok(ctx);
    };
    match node(house, &ctx, transaction, &named) {
        Ok(node) => Ok(ctx.on_behalf_of(node)),
        Err(why) => {
            let (peer, node) = (&ctx.caller.name, &named.node);
            tracing::warn!(%peer, ?node, why, "a request on behalf of a node was refused");
            Err(refused(Fault::not_spoken_for()))
        }
    }
}

/// The node that is named, or why it is not spoken for here.
fn node(
    house: &House,
    ctx: &Ctx,
    transaction: &Transaction,
    named: &OnBehalfOf,
) -> Result<Arc<Caller>, &'static str> {
    let asked = asked_first(transaction, named.to_change).ok_or("not-on-behalf")?;
    may(ctx, Action::SpeakFor, Object::Node(&named.node)).map_err(|no| no.name())?;
    let node = house.peers.named(&named.node, &ctx.caller).ok_or("no-such-node")?;
    let node = Arc::new(if named.to_change { node.to_erase() } else { node });
    let itself = Ctx { caller: Arc::clone(&node), ..ctx.clone() };
    admission::role_of(&itself, asked).map(|_| node).ok_or("not-in-this-role")
}

/// What the node asked of the repository for which the repository now asks the registry: it has to have a role for that.
/// Nothing else is asked on behalf of anybody.
fn asked_first(transaction: &Transaction, to_change: bool) -> Option<&'static Transaction> {
    match to_change {
        false if transaction == &ITI_42 => Some(&ITI_41),
        false if transaction == &ITI_18 => Some(&ITI_43),
        true if transaction == &ITI_18 => Some(&ITI_86),
        false | true => None,
    }
}
