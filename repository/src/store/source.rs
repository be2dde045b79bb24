//! Whose a sourceId is.

use super::schema::source;
use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, QueryResult, RunQueryDsl};
use renkei_database::{Db, each};

/// A sourceId that is asked for, and the node that asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Claimed {
    pub(crate) source_id: String,
    pub(crate) node: String,
}

/// What a claim finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Claim {
    /// The sourceId is another node's, or the node has another one.
    NotOwn,
    /// It was the node's own before.
    Own,
    /// It is from now on.
    First,
}

/// Whose the sourceId is. The first that a node submits under becomes its own, unless it is another's.
pub(crate) fn claim(db: &mut Db, claimed: &Claimed) -> QueryResult<Claim> {
    let Claimed { source_id, node } = claimed;
    let row = (source::source_id.eq(source_id), source::node.eq(node));
    let insert = diesel::insert_into(source::table).values(row).on_conflict_do_nothing();
    if each!(db, |c| insert.execute(c))? > 0 {
        return Ok(Claim::First);
    }
    let query = source::table.find(source_id).select(source::node);
    let owner: Option<String> = each!(db, |c| query.first(c).optional())?;
    Ok(if owner.as_ref() == Some(node) { Claim::Own } else { Claim::NotOwn })
}

/// Frees it again: nothing was submitted under it.
pub(crate) fn release(db: &mut Db, claimed: &Claimed) -> QueryResult<()> {
    let Claimed { source_id, node } = claimed;
    let own = source::table.filter(source::source_id.eq(source_id)).filter(source::node.eq(node));
    each!(db, |c| diesel::delete(own).execute(c))?;
    Ok(())
}
