//! Documents going out, each statement a short read of its own.

use super::State;
use super::key::{ContentId, SegmentId};
use super::schema::content;
use crate::content::{Location, Place, Span};
use crate::failure::Failure;
use diesel::prelude::{ExpressionMethods, QueryDsl, Queryable, RunQueryDsl};
use renkei_database::{Db, each};
use renkei_sealing::WrappedKey;

/// How many uniqueIds one statement looks up.
const AT_ONCE: usize = 500;

/// A document that can be retrieved.
#[derive(Clone, Debug)]
pub(crate) struct StoredDocument {
    pub(crate) id: ContentId,
    pub(crate) unique_id: String,
    pub(crate) mime_type: String,
    pub(crate) size: u64,
    pub(crate) chunks: u32,
    pub(crate) location: Location,
    pub(crate) key: WrappedKey,
}

/// The columns of a [`Location`].
pub(super) type LocationRow = (i16, Option<SegmentId>, i64, i64, i32);

/// The columns of a [`Location`].
pub(super) const LOCATION: (
    content::home,
    content::segment,
    content::position,
    content::sealed_size,
    content::stride,
) = (content::home, content::segment, content::position, content::sealed_size, content::stride);

/// `None` when the row says nothing that can be.
pub(super) fn location((home, segment, position, length, stride): LocationRow) -> Option<Location> {
    let place = match (home, segment) {
        (0, None) => Place::Rows,
        (1, Some(segment)) => Place::Segment { segment, position: u64::try_from(position).ok()? },
        _ => return None,
    };
    Some(Location {
        place,
        length: u64::try_from(length).ok()?,
        stride: u32::try_from(stride).ok()?,
    })
}

#[derive(Queryable)]
pub(super) struct Row {
    id: ContentId,
    unique_id: Option<String>,
    mime_type: String,
    size: i64,
    chunks: i32,
    location: LocationRow,
    key_name: String,
    key_algorithm: String,
    key_bytes: Vec<u8>,
}

impl Row {
    /// `None` when the row says what cannot be.
    pub(super) fn document(self) -> Option<StoredDocument> {
        Some(StoredDocument {
            id: self.id,
            unique_id: self.unique_id?,
            mime_type: self.mime_type,
            size: u64::try_from(self.size).ok()?,
            chunks: u32::try_from(self.chunks).ok().filter(|n| *n > 0)?,
            location: location(self.location)?,
            key: WrappedKey {
                key_name: self.key_name,
                algorithm: self.key_algorithm,
                bytes: self.key_bytes,
            },
        })
    }
}

/// The columns of a [`Row`].
#[expect(clippy::type_complexity, reason = "a list of columns is a type of them")]
pub(super) const DOCUMENT: (
    content::id,
    content::unique_id,
    content::mime_type,
    content::size,
    content::chunks,
    (content::home, content::segment, content::position, content::sealed_size, content::stride),
    content::key_name,
    content::key_algorithm,
    content::key_bytes,
) = (
    content::id,
    content::unique_id,
    content::mime_type,
    content::size,
    content::chunks,
    LOCATION,
    content::key_name,
    content::key_algorithm,
    content::key_bytes,
);

/// Those of the documents that are here.
pub(crate) fn find(db: &mut Db, unique_ids: &[String]) -> Result<Vec<StoredDocument>, Failure> {
    let query =
        || content::table.filter(content::state.ne(State::Removing.number())).select(DOCUMENT);
    // Almost all ask for one, and only a statement of one text is prepared once.
    if let [unique_id] = unique_ids {
        let query = query().filter(content::unique_id.eq(unique_id));
        let rows = each!(db, |c| query.load::<Row>(c))?;
        return Ok(rows.into_iter().filter_map(Row::document).collect());
    }
    let mut documents = Vec::new();
    for some in unique_ids.chunks(AT_ONCE) {
        let rows = query().filter(content::unique_id.eq_any(some)).load::<Row>(db)?;
        documents.extend(rows.into_iter().filter_map(Row::document));
    }
    Ok(documents)
}

/// What the documents that are not being removed take of a segment.
pub(crate) fn within(db: &mut Db, segment: SegmentId) -> Result<Vec<Span>, Failure> {
    let rows = content::table
        .filter(content::segment.eq(segment))
        .filter(content::state.ne(State::Removing.number()))
        .select((content::position, content::sealed_size))
        .load::<(i64, i64)>(db)?;
    rows.into_iter()
        .map(|(position, length)| {
            let position = u64::try_from(position).map_err(|_| Failure::Incomplete)?;
            let length = u64::try_from(length).map_err(|_| Failure::Incomplete)?;
            Ok(Span { segment, position, length })
        })
        .collect()
}
