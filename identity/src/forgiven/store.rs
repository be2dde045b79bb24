//! The table of what was forgiven: a row each community and quirk.

use super::Forgiven;
use crate::error::IdentityError;
use crate::store::schema::forgiven;
use chrono::DateTime;
use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl};
use renkei_database::{Db, each};
use renkei_metadata::ids::HomeCommunityId;
use std::collections::BTreeMap;

/// home, quirk, times, last.
type Row = (String, String, i64, i64);

/// Adds to what was counted.
pub(super) fn count(
    db: &mut Db,
    home: &HomeCommunityId,
    quirk: &str,
    more: Forgiven,
) -> Result<(), IdentityError> {
    let times = i64::try_from(more.times).unwrap_or(i64::MAX);
    let last = more.last.timestamp_micros();
    let row = (
        forgiven::home.eq(home.as_str()),
        forgiven::quirk.eq(quirk),
        forgiven::times.eq(times),
        forgiven::last.eq(last),
    );
    let news = (forgiven::times.eq(forgiven::times + times), forgiven::last.eq(last));
    each!(db, |c| diesel::insert_into(forgiven::table)
        .values(row)
        .on_conflict((forgiven::home, forgiven::quirk))
        .do_update()
        .set(news)
        .execute(c))?;
    Ok(())
}

/// All that was counted.
pub(super) fn all(db: &mut Db) -> Result<BTreeMap<(String, String), Forgiven>, IdentityError> {
    let query = forgiven::table.select(forgiven::all_columns);
    let rows: Vec<Row> = each!(db, |c| query.load(c))?;
    rows.into_iter()
        .map(|(home, quirk, times, last)| {
            let last = DateTime::from_timestamp_micros(last).ok_or(IdentityError::Content)?;
            let times = u64::try_from(times).unwrap_or_default();
            Ok(((home, quirk), Forgiven { times, last }))
        })
        .collect()
}
