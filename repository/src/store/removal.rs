//! How a document goes: its key first, then its bytes, then its row.

use super::key::ContentId;
use super::read::{self, LocationRow};
use super::schema::{content, entry, removed as gone};
use super::settle::lock_content;
use super::{State, run};
use crate::content::Location;
use crate::failure::Failure;
use diesel::dsl::exists;
use diesel::prelude::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl};
use renkei_database::statement::Sql;
use renkei_database::{Db, each, now_micros};

/// Documents whose bytes are erased before their rows are looked at again.
const AT_ONCE: i64 = 100;

/// Octets of a wrapped key are overwritten by as many zeros, so that the value lies where the key
/// lay.
const NO_KEY: u8 = 0;

/// Frees the uniqueId and overwrites the key: with this commit nobody can open the document.
pub(crate) fn remove(db: &mut Db, content_id: ContentId) -> Result<(), Failure> {
    diesel::delete(entry::table.filter(entry::content_id.eq(content_id))).execute(db)?;
    let row = content::table.filter(content::id.eq(content_id));
    let key = row.select(content::key_bytes).first::<Vec<u8>>(db)?;
    diesel::update(row)
        .set((
            content::state.eq(State::Removing.number()),
            content::unique_id.eq(None::<String>),
            content::key_bytes.eq(vec![NO_KEY; key.len()]),
        ))
        .execute(db)?;
    Ok(())
}

/// What came of removing a document by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ByName {
    /// It is gone.
    Removed,
    /// A submission that is not settled brought it, or brought it again.
    Unsettled,
    /// It was removed before.
    Before,
    /// There is none.
    Unknown,
}

/// Removes the document of this uniqueId for all entries that tell of it, and remembers that.
pub(crate) fn by_name(db: &mut Db, unique_id: &str) -> Result<ByName, Failure> {
    let Some(id) = id_of(db, unique_id)? else {
        let before = is_removed(db, unique_id)?;
        return Ok(if before { ByName::Before } else { ByName::Unknown });
    };
    // A submission of the same octets locks the document before it holds it.
    if lock_content(db, id)?.is_none_or(|state| state == State::Removing.number()) {
        return Ok(ByName::Before);
    }
    if is_unsettled(db, id)? {
        return Ok(ByName::Unsettled);
    }
    remove(db, id)?;
    let at = now_micros(db)?;
    let row = (gone::unique_id.eq(unique_id), gone::at.eq(at));
    each!(db, |c| diesel::insert_into(gone::table)
        .values(row)
        .on_conflict(gone::unique_id)
        .do_update()
        .set(gone::at.eq(at))
        .execute(c))?;
    Ok(ByName::Removed)
}

fn id_of(db: &mut Db, unique_id: &str) -> Result<Option<ContentId>, Failure> {
    let found = content::table
        .filter(content::unique_id.eq(unique_id))
        .filter(content::state.ne(State::Removing.number()))
        .select(content::id)
        .first::<ContentId>(db)
        .optional()?;
    Ok(found)
}

fn is_unsettled(db: &mut Db, content_id: ContentId) -> Result<bool, Failure> {
    let under_way = entry::table
        .filter(entry::content_id.eq(content_id))
        .filter(entry::submission_id.is_not_null());
    Ok(diesel::select(exists(under_way)).get_result::<bool>(db)?)
}

/// Whether a submission of one of these documents is not settled.
pub(crate) fn any_unsettled(db: &mut Db, unique_ids: &[String]) -> Result<bool, Failure> {
    for unique_id in unique_ids {
        if let Some(id) = id_of(db, unique_id)?
            && is_unsettled(db, id)?
        {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether an administrator removed the document, and it was not registered anew.
pub(crate) fn is_removed(db: &mut Db, unique_id: &str) -> Result<bool, Failure> {
    let row = gone::table.filter(gone::unique_id.eq(unique_id)).select(gone::unique_id);
    Ok(row.first::<String>(db).optional()?.is_some())
}

/// The document is registered: that it was removed before is no longer so.
pub(super) fn forget(db: &mut Db, content_id: ContentId) -> Result<(), Failure> {
    let mut sql = Sql::new("DELETE FROM removed WHERE unique_id = (SELECT unique_id FROM content");
    sql.push(" WHERE id = ").bind(content_id.into()).push(")");
    run(db, sql)
}

/// Documents without a key whose bytes may still be there, behind `after` or from the first; where their rows
/// say nothing that can be, without a location.
pub(crate) fn removing(
    db: &mut Db,
    after: Option<ContentId>,
) -> Result<Vec<(ContentId, Option<Location>)>, Failure> {
    let rows = content::table
        .filter(content::state.eq(State::Removing.number()))
        .filter(content::id.gt(after.unwrap_or(ContentId::FIRST)))
        .order(content::id)
        .limit(AT_ONCE)
        .select((content::id, read::LOCATION))
        .load::<(ContentId, LocationRow)>(db)?;
    Ok(rows.into_iter().map(|(id, location)| (id, read::location(location))).collect())
}

/// The bytes of the document are overwritten: its row goes.
pub(crate) fn removed(db: &mut Db, id: ContentId) -> Result<(), Failure> {
    let row = content::table
        .filter(content::id.eq(id))
        .filter(content::state.eq(State::Removing.number()));
    diesel::delete(row).execute(db)?;
    Ok(())
}
