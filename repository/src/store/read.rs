//! Documents going out, each statement a short read of its own.

use super::RETRIEVABLE;
use super::schema::{chunk, content};
use crate::failure::Failure;
use diesel::prelude::{ExpressionMethods, OptionalExtension, QueryDsl, Queryable, RunQueryDsl};
use renkei_database::Db;
use renkei_sealing::WrappedKey;
use uuid::Uuid;

/// How many uniqueIds one statement looks up.
const AT_ONCE: usize = 500;

/// A document that can be retrieved.
#[derive(Clone, Debug)]
pub(crate) struct Held {
    pub(crate) id: Uuid,
    pub(crate) unique_id: String,
    pub(crate) mime_type: String,
    pub(crate) size: u64,
    pub(crate) chunks: u32,
    pub(crate) key: WrappedKey,
}

#[derive(Queryable)]
struct Row {
    id: String,
    unique_id: Option<String>,
    mime_type: String,
    size: i64,
    chunks: i32,
    key_name: String,
    key_algorithm: String,
    key_bytes: Vec<u8>,
}

impl Row {
    fn held(self) -> Option<Held> {
        Some(Held {
            id: Uuid::parse_str(&self.id).ok()?,
            unique_id: self.unique_id?,
            mime_type: self.mime_type,
            size: u64::try_from(self.size).ok()?,
            chunks: u32::try_from(self.chunks).ok().filter(|n| *n > 0)?,
            key: WrappedKey {
                key_name: self.key_name,
                algorithm: self.key_algorithm,
                bytes: self.key_bytes,
            },
        })
    }
}

/// Those of the documents that are here.
pub(crate) fn find(db: &mut Db, unique_ids: &[String]) -> Result<Vec<Held>, Failure> {
    let mut held = Vec::new();
    for some in unique_ids.chunks(AT_ONCE) {
        let rows = content::table
            .filter(content::unique_id.eq_any(some))
            .filter(content::state.eq_any(RETRIEVABLE))
            .select((
                content::id,
                content::unique_id,
                content::mime_type,
                content::size,
                content::chunks,
                content::key_name,
                content::key_algorithm,
                content::key_bytes,
            ))
            .load::<Row>(db)?;
        held.extend(rows.into_iter().filter_map(Row::held));
    }
    Ok(held)
}

/// A document and, if there was room for it, its first chunk, sealed.
pub(crate) type Begun = (Held, Option<Vec<u8>>);

/// Adds the first chunk to each document, as far as `most` bytes go.
pub(crate) fn first_chunks(
    db: &mut Db,
    held: Vec<Held>,
    most: usize,
) -> Result<Vec<Begun>, Failure> {
    let mut total = 0;
    let mut with = |held: Held| {
        let first = if total < most { chunk(db, held.id, 0)? } else { None };
        total += first.as_ref().map_or(0, Vec::len);
        Ok((held, first))
    };
    held.into_iter().map(&mut with).collect()
}

/// One sealed chunk.
pub(crate) fn chunk(db: &mut Db, id: Uuid, number: u32) -> Result<Option<Vec<u8>>, Failure> {
    let number = i32::try_from(number).map_err(|_| Failure::Incomplete)?;
    let bytes = chunk::table
        .filter(chunk::content_id.eq(id.to_string()))
        .filter(chunk::number.eq(number))
        .select(chunk::bytes)
        .first::<Vec<u8>>(db)
        .optional()?;
    Ok(bytes)
}
