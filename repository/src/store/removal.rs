//! How a document goes: its key first, then its bytes, then its row.

use super::State;
use super::read::{self, LocationRow};
use super::schema::{content, entry};
use crate::content::Location;
use crate::failure::Failure;
use diesel::prelude::{ExpressionMethods, QueryDsl, RunQueryDsl};
use renkei_database::Db;
use uuid::Uuid;

/// Documents whose bytes are erased before their rows are looked at again.
const AT_ONCE: i64 = 100;

/// Octets of a wrapped key are overwritten by as many zeros, so that the value lies where the key
/// lay.
const NO_KEY: u8 = 0;

/// Frees the uniqueId and overwrites the key: with this commit nobody can open the document.
pub(crate) fn remove(db: &mut Db, content_id: &str) -> Result<(), Failure> {
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

/// Documents without a key whose bytes may still be there, behind the id `after`; where their rows
/// say nothing that can be, without a location.
pub(crate) fn removing(
    db: &mut Db,
    after: &str,
) -> Result<Vec<(String, Option<Location>)>, Failure> {
    let rows = content::table
        .filter(content::state.eq(State::Removing.number()))
        .filter(content::id.gt(after))
        .order(content::id)
        .limit(AT_ONCE)
        .select((content::id, read::LOCATION))
        .load::<(String, LocationRow)>(db)?;
    Ok(rows.into_iter().map(|(id, location)| (id, read::location(location))).collect())
}

/// The bytes of the document are overwritten: its row goes.
pub(crate) fn removed(db: &mut Db, id: Uuid) -> Result<(), Failure> {
    let row = content::table
        .filter(content::id.eq(id.to_string()))
        .filter(content::state.eq(State::Removing.number()));
    diesel::delete(row).execute(db)?;
    Ok(())
}
