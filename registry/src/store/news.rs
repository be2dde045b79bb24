//! Messages of the patient feed that are still to be told to who keeps the persons.

use super::schema::news;
use super::vault::{Vault, VaultError};
use crate::news::News;
use diesel::{ExpressionMethods, QueryDsl, QueryResult, RunQueryDsl};
use renkei_database::{DatabaseError, Db, each, uuid_column};

uuid_column! {
    /// The key of a message.
    pub(crate) struct NewsKey;
}

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

/// Why they cannot be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unread {
    #[error(transparent)]
    Database(#[from] DatabaseError),
    #[error(transparent)]
    Vault(#[from] VaultError),
}

/// The oldest of them.
pub(crate) fn oldest(db: &mut Db, vault: &Vault, most: i64) -> Result<Vec<News>, Unread> {
    let query = news::table.order(news::key.asc()).limit(most);
    let rows: Vec<NewsRow> =
        each!(db, |c| query.load(c)).map_err(|e| Unread::Database(e.into()))?;
    let opened = rows.into_iter().map(|row| {
        let message = vault.open_news(&row.key, &row.message)?;
        let at = chrono::DateTime::from_timestamp_micros(row.at).unwrap_or_default();
        Ok(News { key: row.key.0, at, message })
    });
    opened.collect()
}

/// Forgets those that were told.
pub(crate) fn told(db: &mut Db, keys: &[NewsKey]) -> QueryResult<()> {
    for key in keys {
        let row = diesel::delete(news::table.filter(news::key.eq(*key)));
        each!(db, |c| row.execute(c))?;
    }
    Ok(())
}
