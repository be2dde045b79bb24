//! All rows, page by page in the order of their ids, to be opened once.

use super::State;
use super::read::{DOCUMENT, Row, StoredDocument};
use super::removal;
use super::schema::{content, entry, submission};
use crate::failure::Failure;
use diesel::dsl::{exists, not};
use diesel::prelude::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl};
use renkei_database::Db;

/// Rows read by one job.
const PAGE: i64 = 100;

/// A document that is not being removed.
#[derive(Clone, Debug)]
pub(crate) struct ContentFacts {
    pub(crate) id: String,
    /// Whether no submission is under way that brought it.
    pub(crate) settled: bool,
    /// Of its octets, in hexadecimal.
    pub(crate) sha1: String,
    /// `None` when its row says what cannot be.
    pub(crate) document: Option<StoredDocument>,
}

/// The page behind the id `after`.
pub(crate) fn contents(db: &mut Db, after: &str) -> Result<Vec<ContentFacts>, Failure> {
    let rows = content::table
        .filter(content::state.ne(State::Removing.number()))
        .filter(content::id.gt(after))
        .order(content::id)
        .limit(PAGE)
        .select((content::id, content::state, content::sha1, DOCUMENT))
        .load::<(String, i16, String, Row)>(db)?;
    let facts = |(id, state, sha1, row): (String, i16, String, Row)| {
        let settled = state == State::Confirmed.number() || is_settled(db, &id)?;
        Ok(ContentFacts { id, settled, sha1, document: row.document() })
    };
    rows.into_iter().map(facts).collect()
}

/// Whether the document is here and no submission of it is under way. One statement, hence one
/// state: a refusal takes the document away with the last that is under way.
fn is_settled(db: &mut Db, content_id: &str) -> Result<bool, Failure> {
    let under_way = entry::table
        .filter(entry::content_id.eq(content_id))
        .filter(entry::submission_id.is_not_null());
    let here = content::table
        .filter(content::id.eq(content_id))
        .filter(content::state.ne(State::Removing.number()))
        .filter(not(exists(under_way)))
        .select(content::id)
        .first::<String>(db)
        .optional()?;
    Ok(here.is_some())
}

/// What there is under a uniqueId.
#[derive(Clone, Debug)]
pub(crate) enum Named {
    /// SHA-1 in hexadecimal and octets of the document.
    Here(String, i64),
    /// An administrator removed it.
    Removed,
    /// Nothing.
    Nothing,
}

/// What there is under this uniqueId.
pub(crate) fn named(db: &mut Db, unique_id: &str) -> Result<Named, Failure> {
    let found = content::table
        .filter(content::unique_id.eq(unique_id))
        .filter(content::state.ne(State::Removing.number()))
        .select((content::sha1, content::size))
        .first::<(String, i64)>(db)
        .optional()?;
    Ok(match found {
        Some((sha1, size)) => Named::Here(sha1, size),
        None if removal::is_removed(db, unique_id)? => Named::Removed,
        None => Named::Nothing,
    })
}

/// The ids of submissions that are not settled, behind the id `after`.
pub(crate) fn submissions(db: &mut Db, after: &str) -> Result<Vec<String>, Failure> {
    let ids = submission::table
        .filter(submission::id.gt(after))
        .order(submission::id)
        .limit(PAGE)
        .select(submission::id)
        .load::<String>(db)?;
    Ok(ids)
}
