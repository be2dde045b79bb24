//! All rows, page by page in the order of their ids, to be opened once.

use super::State;
use super::key::{ContentId, SubmissionId};
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
    pub(crate) id: ContentId,
    /// Whether no submission is under way that brought it.
    pub(crate) settled: bool,
    /// Of its octets.
    pub(crate) sha1: Vec<u8>,
    /// `None` when its row says what cannot be.
    pub(crate) document: Option<StoredDocument>,
}

/// The page behind the content `after`, or the first.
pub(crate) fn contents(
    db: &mut Db,
    after: Option<ContentId>,
) -> Result<Vec<ContentFacts>, Failure> {
    let rows = content::table
        .filter(content::state.ne(State::Removing.number()))
        .filter(content::id.gt(after.unwrap_or(ContentId::FIRST)))
        .order(content::id)
        .limit(PAGE)
        .select((content::id, content::state, content::sha1, DOCUMENT))
        .load::<(ContentId, i16, Vec<u8>, Row)>(db)?;
    let facts = |(id, state, sha1, row): (ContentId, i16, Vec<u8>, Row)| {
        let settled = state == State::Confirmed.number() || is_settled(db, id)?;
        Ok(ContentFacts { id, settled, sha1, document: row.document() })
    };
    rows.into_iter().map(facts).collect()
}

/// Whether the document is here and no submission of it is under way. One statement, hence one
/// state: a refusal takes the document away with the last that is under way.
fn is_settled(db: &mut Db, content_id: ContentId) -> Result<bool, Failure> {
    let under_way = entry::table
        .filter(entry::content_id.eq(content_id))
        .filter(entry::submission_id.is_not_null());
    let here = content::table
        .filter(content::id.eq(content_id))
        .filter(content::state.ne(State::Removing.number()))
        .filter(not(exists(under_way)))
        .select(content::id)
        .first::<ContentId>(db)
        .optional()?;
    Ok(here.is_some())
}

/// What there is under a uniqueId.
#[derive(Clone, Debug)]
pub(crate) enum Named {
    /// SHA-1 and octets of the document.
    Here(Vec<u8>, i64),
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
        .first::<(Vec<u8>, i64)>(db)
        .optional()?;
    Ok(match found {
        Some((sha1, size)) => Named::Here(sha1, size),
        None if removal::is_removed(db, unique_id)? => Named::Removed,
        None => Named::Nothing,
    })
}

/// A page of the submissions that are not settled, behind `after`, or the first.
pub(crate) fn submissions(
    db: &mut Db,
    after: Option<SubmissionId>,
) -> Result<Vec<SubmissionId>, Failure> {
    let ids = submission::table
        .filter(submission::id.gt(after.unwrap_or(SubmissionId::FIRST)))
        .order(submission::id)
        .limit(PAGE)
        .select(submission::id)
        .load::<SubmissionId>(db)?;
    Ok(ids)
}
