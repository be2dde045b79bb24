//! Submissions that nobody works on: what a crash, a broken connection or a silent registry left.

use super::key::{LeaseId, SubmissionId};
use super::schema::{content, entry, lease, submission};
use crate::failure::Failure;
use diesel::prelude::{
    BoolExpressionMethods, ExpressionMethods, JoinOnDsl, NullableExpressionMethods,
    OptionalExtension, QueryDsl, RunQueryDsl,
};
use renkei_database::{Db, now_micros};
use uuid::Uuid;

/// Submissions looked at by one statement.
const PAGE: i64 = 100;

/// A page of submissions of nobody, or of the process `own`, which leaves out those it works on.
#[derive(Clone, Debug)]
pub(crate) struct Page {
    pub(crate) ids: Vec<SubmissionId>,
    /// Where the next page begins, if there may be one.
    pub(crate) next: Option<SubmissionId>,
}

/// An unsettled submission.
#[derive(Clone, Debug)]
pub(crate) struct Abandoned {
    pub(crate) id: SubmissionId,
    /// Its SubmissionSet.uniqueId; `None` while it was still arriving.
    pub(crate) set_id: Option<String>,
    /// Its SubmissionSet.entryUUID, where that was known before it was registered.
    pub(crate) set_uuid: Option<Uuid>,
    /// Its sealed audit records; `None` while it was still arriving.
    pub(crate) records: Option<Vec<u8>>,
    /// The uniqueIds of its stored documents.
    pub(crate) documents: Vec<String>,
}

/// The page behind the submission `after`, or the first. What was left open within the last `grace` microseconds is left
/// alone: its registration may still be under way.
pub(crate) fn page(
    db: &mut Db,
    own: LeaseId,
    grace: i64,
    after: Option<SubmissionId>,
) -> Result<Page, Failure> {
    let open_since = now_micros(db)?.saturating_sub(grace);
    let alive = lease::table.select(lease::id.nullable());
    // A dead lease has waited long enough already.
    let dead = submission::lease
        .is_not_null()
        .and(submission::lease.ne(own))
        .and(submission::lease.ne_all(alive));
    let left = submission::lease
        .is_null()
        .or(submission::lease.eq(own))
        .and(submission::since.le(open_since));
    let ids = submission::table
        .filter(submission::id.gt(after.unwrap_or(SubmissionId::FIRST)))
        .filter(dead.or(left))
        .order(submission::id)
        .limit(PAGE)
        .select(submission::id)
        .load::<SubmissionId>(db)?;
    let full = i64::try_from(ids.len()) == Ok(PAGE);
    let next = ids.last().copied().filter(|_| full);
    Ok(Page { ids, next })
}

type Row = (Option<String>, Option<Vec<u8>>, Option<Vec<u8>>);

/// What there is to know of one of them; `None` when it was settled meanwhile.
pub(crate) fn read(db: &mut Db, id: SubmissionId) -> Result<Option<Abandoned>, Failure> {
    let row = submission::table
        .filter(submission::id.eq(id))
        .select((submission::set_id, submission::set_uuid, submission::records))
        .first::<Row>(db)
        .optional()?;
    let Some((set_id, set_uuid, records)) = row else { return Ok(None) };
    let uuid = set_uuid.map(|octets| Uuid::from_slice(&octets).map_err(|_| Failure::Incomplete));
    let documents = entry::table
        .inner_join(content::table.on(content::id.eq(entry::content_id)))
        .filter(entry::submission_id.eq(id))
        .select(content::unique_id)
        .load::<Option<String>>(db)?;
    let documents = documents.into_iter().flatten().collect();
    Ok(Some(Abandoned { id, set_id, set_uuid: uuid.transpose()?, records, documents }))
}
