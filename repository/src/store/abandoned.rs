//! Submissions that nobody works on: what a crash, a broken connection or a silent registry left.

use super::State;
use super::schema::{content, holder, lease, submission};
use crate::failure::Failure;
use diesel::prelude::{
    BoolExpressionMethods, ExpressionMethods, JoinOnDsl, NullableExpressionMethods, QueryDsl,
    RunQueryDsl,
};
use renkei_database::Db;
use uuid::Uuid;

/// Submissions looked at by one statement.
const PAGE: i64 = 100;

/// Whose work counts as abandoned.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Horizon {
    /// The lease of this process, which knows its own work.
    pub(crate) own: Uuid,
    /// Leases not renewed since are dead.
    pub(crate) lease: i64,
    /// What was left open after this is left alone.
    pub(crate) grace: i64,
}

/// An unsettled submission.
#[derive(Clone, Debug)]
pub(crate) struct Abandoned {
    pub(crate) id: Uuid,
    /// Whether its sender got an answer.
    pub(crate) answered: bool,
    /// Its sealed audit records; `None` while it was still arriving.
    pub(crate) records: Option<Vec<u8>>,
    /// The uniqueIds of its stored documents.
    pub(crate) stored: Vec<String>,
}

/// Forgets processes that are gone.
pub(crate) fn expire(db: &mut Db, horizon: &Horizon) -> Result<(), Failure> {
    let dead = lease::table
        .filter(lease::renewed.lt(horizon.lease))
        .filter(lease::id.ne(horizon.own.to_string()));
    diesel::delete(dead).execute(db)?;
    Ok(())
}

/// Forgets this process: what it leaves is anybody's now.
pub(crate) fn give_up(db: &mut Db, own: Uuid) -> Result<(), Failure> {
    diesel::delete(lease::table.filter(lease::id.eq(own.to_string()))).execute(db)?;
    Ok(())
}

type Row = (String, Option<String>, i64, Option<Vec<u8>>);

/// A page of submissions of nobody, or of this process, behind the id `after`; the caller leaves out
/// those it works on. The second value is where the next page begins, if there may be one.
pub(crate) fn page(
    db: &mut Db,
    horizon: &Horizon,
    after: &str,
) -> Result<(Vec<Abandoned>, Option<String>), Failure> {
    let own = horizon.own.to_string();
    let alive = lease::table.select(lease::id.nullable());
    let rows = submission::table
        .filter(submission::id.gt(after))
        .filter(
            submission::lease
                .is_null()
                .or(submission::lease.eq(&own))
                .or(submission::lease.ne_all(alive)),
        )
        .order(submission::id)
        .limit(PAGE)
        .select((submission::id, submission::lease, submission::since, submission::records))
        .load::<Row>(db)?;
    let full = i64::try_from(rows.len()) == Ok(PAGE);
    let next = rows.last().map(|row| row.0.clone()).filter(|_| full);
    let mut found = Vec::new();
    for (id, by, since, records) in rows {
        // A dead lease has waited long enough already.
        let dead = by.as_ref().is_some_and(|by| *by != own);
        if !dead && since > horizon.grace {
            continue;
        }
        let stored = holder::table
            .inner_join(content::table.on(content::id.eq(holder::content_id)))
            .filter(holder::submission_id.eq(&id))
            .filter(content::state.eq(State::Stored.number()))
            .select(content::unique_id)
            .load::<Option<String>>(db)?;
        let stored = stored.into_iter().flatten().collect();
        let Ok(id) = Uuid::parse_str(&id) else { continue };
        found.push(Abandoned { id, answered: by.is_none(), records, stored });
    }
    Ok((found, next))
}
