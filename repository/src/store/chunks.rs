//! Content as rows: what the home in the database does.

use super::key::{ContentId, LeaseId};
use super::lease;
use super::schema::{arriving, chunk, lease as leases};
use crate::content::ContentError;
use crate::failure::Failure;
use diesel::prelude::{
    BoolExpressionMethods, ExpressionMethods, NullableExpressionMethods, OptionalExtension,
    QueryDsl, RunQueryDsl,
};
use renkei_database::Db;

/// Chunks removed by one job: 16 MiB, so that no other job waits long.
const REMOVED_AT_ONCE: i32 = 64;

/// Abandoned arrivals looked at by one sweep.
const SWEPT_AT_ONCE: i64 = 1000;

impl From<Failure> for ContentError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Database(error) => Self::Database(error),
            Failure::Content(error) => error,
            Failure::Seal(_) | Failure::Audit(_) | Failure::Incomplete => Self::CutShort,
        }
    }
}

impl From<diesel::result::Error> for ContentError {
    fn from(error: diesel::result::Error) -> Self {
        Self::Database(error.into())
    }
}

/// Adds a chunk. The first says that the document is arriving; a later one finds that said, unless
/// the arrival was swept.
pub(crate) fn add(
    db: &mut Db,
    process: LeaseId,
    id: ContentId,
    number: u32,
    bytes: &[u8],
) -> Result<(), ContentError> {
    if number == 0 {
        // Whoever sweeps has to see a living process behind it.
        lease::renew(db, process)?;
        let row = (arriving::content_id.eq(id), arriving::lease.eq(process));
        diesel::insert_into(arriving::table).values(row).execute(db)?;
    } else if lock_arriving(db, id)? != Some(Some(process)) {
        return Err(ContentError::Swept);
    }
    let number = i32::try_from(number).map_err(|_| ContentError::CutShort)?;
    diesel::insert_into(chunk::table)
        .values((chunk::content_id.eq(id), chunk::number.eq(number), chunk::bytes.eq(bytes)))
        .execute(db)?;
    Ok(())
}

/// Who brings the document, if it is arriving. Locks the row until the end of the transaction, so
/// that a sweep and the arrival of what it sweeps do not pass each other.
fn lock_arriving(db: &mut Db, id: ContentId) -> Result<Option<Option<LeaseId>>, ContentError> {
    let query = arriving::table.filter(arriving::content_id.eq(id)).select(arriving::lease);
    let found = match db {
        Db::Pg(c) => query.for_update().first::<Option<LeaseId>>(c),
        Db::Sqlite(c) => query.first::<Option<LeaseId>>(c),
    };
    Ok(found.optional()?)
}

/// The document belongs to its `content` row from now on; `false` when it was swept before.
pub(crate) fn arrived(
    db: &mut Db,
    process: LeaseId,
    id: ContentId,
) -> Result<bool, diesel::result::Error> {
    let row =
        arriving::table.filter(arriving::content_id.eq(id)).filter(arriving::lease.eq(process));
    Ok(diesel::delete(row).execute(db)? == 1)
}

/// One sealed chunk.
pub(crate) fn get(
    db: &mut Db,
    id: ContentId,
    number: u32,
) -> Result<Option<Vec<u8>>, ContentError> {
    let number = i32::try_from(number).map_err(|_| ContentError::CutShort)?;
    let bytes = chunk::table
        .filter(chunk::content_id.eq(id))
        .filter(chunk::number.eq(number))
        .select(chunk::bytes)
        .first::<Vec<u8>>(db)
        .optional()?;
    Ok(bytes)
}

/// Removes the first chunks of a document; whether there are more.
pub(crate) fn remove_some(db: &mut Db, id: ContentId) -> Result<bool, ContentError> {
    let of_document = || chunk::table.filter(chunk::content_id.eq(id));
    let first = |db: &mut Db| {
        of_document().order(chunk::number).select(chunk::number).first::<i32>(db).optional()
    };
    let Some(number) = first(db)? else { return Ok(false) };
    let end = number.saturating_add(REMOVED_AT_ONCE);
    diesel::delete(of_document().filter(chunk::number.lt(end))).execute(db)?;
    Ok(first(db)?.is_some())
}

/// Arrivals of this process, which knows those that go on, and of processes that are gone.
pub(crate) fn left_behind(db: &mut Db, own: LeaseId) -> Result<Vec<ContentId>, ContentError> {
    let alive = leases::table.select(leases::id.nullable());
    let left = arriving::table
        .filter(
            arriving::lease.is_null().or(arriving::lease.eq(own)).or(arriving::lease.ne_all(alive)),
        )
        .order(arriving::content_id)
        .limit(SWEPT_AT_ONCE)
        .select(arriving::content_id)
        .load::<ContentId>(db)?;
    Ok(left)
}

/// Removes the first chunks of an abandoned arrival; whether there are more. Whoever brought it
/// cannot go on from here, and what became a document in the meantime is left alone.
pub(crate) fn sweep_some(db: &mut Db, id: ContentId) -> Result<bool, ContentError> {
    if lock_arriving(db, id)?.is_none() {
        return Ok(false);
    }
    let row = || arriving::table.filter(arriving::content_id.eq(id));
    if remove_some(db, id)? {
        diesel::update(row()).set(arriving::lease.eq(None::<LeaseId>)).execute(db)?;
        return Ok(true);
    }
    diesel::delete(row()).execute(db)?;
    Ok(false)
}
