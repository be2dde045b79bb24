//! What the patient feed brought, for who keeps the persons: demographics are of no concern to a registry.
//!
//! A message is put down in the transaction that carries it out, so that nothing is acknowledged which the
//! other one never hears of; it stays until it was taken there, whatever becomes of this process.

use crate::Registry;
use crate::store::news::{self, NewsKey, NewsRow};
use crate::store::vault::VaultError;
use chrono::{DateTime, Utc};
use renkei_context::Ctx;
use renkei_database::{DatabaseError, Db};
use uuid::Uuid;

/// A message of the feed that was carried out.
#[derive(Clone, Debug)]
pub struct News {
    /// Names it; in the order in which they came.
    pub key: Uuid,
    /// When it was taken in.
    pub at: DateTime<Utc>,
    /// What the message says of persons: of HL7 v2 [`renkei_hl7v2::adt::of_persons`], of HL7 v3 the message; `None` if its seal does not open.
    pub message: Option<Vec<u8>>,
}

/// News that are told together.
#[derive(Clone, Debug)]
pub struct Batch {
    /// In their order.
    pub news: Vec<News>,
    /// Whether these are all there were.
    pub is_last: bool,
}

/// Why news cannot be told.
#[derive(Debug, thiserror::Error)]
#[error("news of the patient feed cannot be read: {0}")]
pub struct NoNews(#[from] DatabaseError);

impl Registry {
    /// The oldest news, `most` at most and no more than memory shall hold at once. Those that were set aside
    /// ([`Self::news_failed`]) after `rested` rest.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn news(&self, most: u16, rested: DateTime<Utc>) -> Result<Batch, NoNews> {
        let (vault, rested) = (self.inner.vault.clone(), rested.timestamp_micros());
        let read = move |db: &mut Db| news::oldest(db, &vault, most.into(), rested);
        let read = move |db: &mut Db| read(db).map_err(DatabaseError::from);
        Ok(self.inner.database.read(read).await?)
    }

    /// Forgets news that were taken where they belong.
    ///
    /// # Errors
    /// When the database does not take it; then they are told again.
    pub async fn news_told(&self, keys: Vec<Uuid>) -> Result<(), NoNews> {
        let keys: Vec<NewsKey> = keys.into_iter().map(NewsKey).collect();
        let write = move |db: &mut Db| news::told(db, &keys).map_err(DatabaseError::from);
        Ok(self.inner.database.write_later(write).await?)
    }

    /// Sets news aside that cannot be taken, so that nobody waits for them. They stay, and are told again after
    /// a rest: what was acknowledged is not given up.
    ///
    /// # Errors
    /// When the database does not take it; then they are told again.
    pub async fn news_failed(&self, keys: Vec<Uuid>, at: DateTime<Utc>) -> Result<(), NoNews> {
        let keys: Vec<NewsKey> = keys.into_iter().map(NewsKey).collect();
        let at = at.timestamp_micros();
        let write = move |db: &mut Db| news::failed(db, &keys, at).map_err(DatabaseError::from);
        Ok(self.inner.database.write(write).await?)
    }

    /// How many news are set aside.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn news_failing(&self) -> Result<i64, NoNews> {
        let read = |db: &mut Db| news::failing(db).map_err(DatabaseError::from);
        Ok(self.inner.database.read(read).await?)
    }

    /// The row of a message that is being carried out.
    pub(crate) fn news_row(&self, ctx: &Ctx, message: &[u8]) -> Result<NewsRow, VaultError> {
        let key = NewsKey(ctx.new_key());
        let message = self.inner.vault.seal_news(&key, message)?;
        Ok(NewsRow { key, at: ctx.now().timestamp_micros(), message })
    }
}
