//! Leases: which processes are there. Times are those of the database's clock.

use super::key::LeaseId;
use super::schema::lease;
use crate::failure::Failure;
use diesel::prelude::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl};
use renkei_database::{Db, each, now_micros};

/// Says that the process is alive; answers when.
pub(crate) fn renew(db: &mut Db, own: LeaseId) -> Result<i64, Failure> {
    let at = now_micros(db)?;
    each!(db, |c| diesel::insert_into(lease::table)
        .values((lease::id.eq(own), lease::renewed.eq(at)))
        .on_conflict(lease::id)
        .do_update()
        .set(lease::renewed.eq(at))
        .execute(c))?;
    Ok(at)
}

/// Forgets processes that were silent for `span` microseconds, but not this one, which knows its
/// own work.
pub(crate) fn expire(db: &mut Db, own: LeaseId, span: i64) -> Result<(), Failure> {
    let silent_since = now_micros(db)?.saturating_sub(span);
    let dead = lease::table.filter(lease::renewed.lt(silent_since)).filter(lease::id.ne(own));
    diesel::delete(dead).execute(db)?;
    Ok(())
}

/// Whether the process is there.
pub(crate) fn is_alive(db: &mut Db, process: LeaseId) -> Result<bool, Failure> {
    let row = lease::table.filter(lease::id.eq(process)).select(lease::id);
    Ok(row.first::<LeaseId>(db).optional()?.is_some())
}

/// Forgets this process: what it leaves is anybody's now.
pub(crate) fn give_up(db: &mut Db, own: LeaseId) -> Result<(), Failure> {
    diesel::delete(lease::table.filter(lease::id.eq(own))).execute(db)?;
    Ok(())
}
