//! Messages of the patient feed that are still to be told to who keeps the persons.

use super::schema::news;
use super::vault::Vault;
use crate::news::{Batch, News};
use diesel::dsl::count_star;
use diesel::sql_types::Binary;
use diesel::{BoolExpressionMethods, ExpressionMethods, QueryDsl, QueryResult, RunQueryDsl};
use renkei_database::{Db, each, uuid_column};

uuid_column! {
    /// The key of a message.
    pub(crate) struct NewsKey;
}

diesel::define_sql_function! {
    /// How many octets a value has; neither database reads them for it.
    fn length(value: Binary) -> Integer;
}

/// A fixed bound: octets of messages that are in memory at once. One that is longer comes alone.
pub(crate) const BATCH_BYTES: usize = 8 << 20;

/// A row, made and sealed.
#[derive(Clone, Debug, diesel::Insertable, diesel::Queryable)]
#[diesel(table_name = news)]
pub(crate) struct NewsRow {
    pub(crate) key: NewsKey,
    pub(crate) at: i64,
    pub(crate) message: Vec<u8>,
}

/// Puts one down in the transaction of what it brought about.
pub(crate) fn insert(db: &mut Db, row: &NewsRow) -> QueryResult<()> {
    each!(db, |c| diesel::insert_into(news::table).values(row).execute(c)).map(drop)
}

/// The oldest of them, without those that failed after `rested`. A row that does not open is there, without
/// its message: nobody shall wait for it.
pub(crate) fn oldest(db: &mut Db, vault: &Vault, most: i64, rested: i64) -> QueryResult<Batch> {
    let ready = || {
        let rests = news::failed_at.is_null().or(news::failed_at.lt(rested));
        news::table.filter(rests).order(news::key.asc())
    };
    let sizes = ready().select((news::key, length(news::message))).limit(most);
    let sizes: Vec<(NewsKey, i32)> = each!(db, |c| sizes.load(c))?;
    let fitting = fitting(&sizes);
    let Some((last, _)) = fitting.last() else {
        return Ok(Batch { news: Vec::new(), is_last: true });
    };
    // Up to that key, not so many rows: an earlier one that came in between shall push none out.
    let query = ready().filter(news::key.le(*last));
    let query = query.select((news::key, news::at, news::message));
    let rows: Vec<NewsRow> = each!(db, |c| query.load(c))?;
    let opened = rows.into_iter().map(|row| News {
        key: row.key.0,
        at: chrono::DateTime::from_timestamp_micros(row.at).unwrap_or_default(),
        message: vault.open_news(&row.key, &row.message).ok(),
    });
    let is_last = fitting.len() == sizes.len() && usize::try_from(most) != Ok(sizes.len());
    Ok(Batch { news: opened.collect(), is_last })
}

/// As many as [`BATCH_BYTES`] hold, one at least.
fn fitting(sizes: &[(NewsKey, i32)]) -> &[(NewsKey, i32)] {
    let mut left = BATCH_BYTES;
    let fits = |(_, size): &&(NewsKey, i32)| {
        let rest = left.checked_sub(usize::try_from(*size).unwrap_or_default());
        left = rest.unwrap_or_default();
        rest.is_some()
    };
    let count = sizes.iter().take_while(fits).count().max(1);
    sizes.get(..count).unwrap_or(sizes)
}

/// Forgets those that were told.
pub(crate) fn told(db: &mut Db, keys: &[NewsKey]) -> QueryResult<()> {
    for key in keys {
        let row = diesel::delete(news::table.filter(news::key.eq(*key)));
        each!(db, |c| row.execute(c))?;
    }
    Ok(())
}

/// Sets those aside that could not be told at this time.
pub(crate) fn failed(db: &mut Db, keys: &[NewsKey], at: i64) -> QueryResult<()> {
    for key in keys {
        let row = diesel::update(news::table.filter(news::key.eq(*key)));
        let row = row.set(news::failed_at.eq(at));
        each!(db, |c| row.execute(c))?;
    }
    Ok(())
}

/// How many could not be told.
pub(crate) fn failing(db: &mut Db) -> QueryResult<i64> {
    let failing = news::table.filter(news::failed_at.is_not_null()).select(count_star());
    each!(db, |c| failing.get_result(c))
}
