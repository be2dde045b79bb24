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

/// Whether the sourceId is the node's own. The first that it asks for becomes that, unless it is
/// another's.
pub(crate) fn claim(db: &mut Db, claimed: &Claimed) -> QueryResult<bool> {
    let Claimed { source_id, node } = claimed;
    if let Some(owner) = owner(db, source_id)? {
        return Ok(owner == *node);
    }
    let row = (source::source_id.eq(source_id), source::node.eq(node));
    let insert = diesel::insert_into(source::table).values(row).on_conflict_do_nothing();
    each!(db, |c| insert.execute(c))?;
    // Another process, or another sourceId of the same node, may have been first.
    Ok(owner(db, source_id)?.is_some_and(|owner| owner == *node))
}

/// Whose it is; nobody's, if it is free.
pub(crate) fn owner(db: &mut Db, source_id: &str) -> QueryResult<Option<String>> {
    let query = source::table.find(source_id).select(source::node);
    each!(db, |c| query.first(c).optional())
}
