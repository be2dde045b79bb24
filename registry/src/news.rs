//! What the patient feed brought, for who keeps the persons: demographics are of no concern to a registry.
//!
//! A message is put down in the transaction that carries it out, so that nothing is acknowledged which the
//! other one never hears of; it stays until it was taken there, whatever becomes of this process.

use crate::Registry;
use crate::store::news::{self, NewsKey, NewsRow, Unread};
use crate::store::vault::VaultError;
use renkei_context::Ctx;
use renkei_database::{DatabaseError, Db};
use uuid::Uuid;

/// A message of the feed that was carried out.
#[derive(Clone, Debug)]
pub struct News {
    /// Names it; in the order in which they came.
    pub key: Uuid,
    /// When it was taken in.
    pub at: chrono::DateTime<chrono::Utc>,
    /// The message as it came, without frame.
    pub message: Vec<u8>,
}

/// Why news cannot be told.
#[derive(Debug, thiserror::Error)]
#[error("news of the patient feed cannot be read: {0}")]
pub struct NoNews(String);

impl From<DatabaseError> for NoNews {
    fn from(error: DatabaseError) -> Self {
        Self(error.to_string())
    }
}

impl From<Unread> for NoNews {
    fn from(error: Unread) -> Self {
        Self(error.to_string())
    }
}

impl Registry {
    /// The oldest news, `most` at most, in their order.
    ///
    /// # Errors
    /// When the database does not answer, or a row does not open.
    pub async fn news(&self, most: u16) -> Result<Vec<News>, NoNews> {
        let vault = self.inner.vault.clone();
        let read = move |db: &mut Db| news::oldest(db, &vault, most.into()).map_err(NoNews::from);
        self.inner.database.read_short(read).await
    }

    /// Forgets news that were taken where they belong.
    ///
    /// # Errors
    /// When the database does not take it; then they are told again.
    pub async fn news_told(&self, keys: Vec<Uuid>) -> Result<(), NoNews> {
        let keys: Vec<NewsKey> = keys.into_iter().map(NewsKey).collect();
        let write = move |db: &mut Db| {
            news::told(db, &keys).map_err(|e| NoNews::from(DatabaseError::from(e)))
        };
        self.inner.database.write_later(write).await
    }

    /// The row of a message that is being carried out.
    pub(crate) fn news_row(&self, ctx: &Ctx, message: &[u8]) -> Result<NewsRow, VaultError> {
        let key = NewsKey(ctx.new_key());
        let message = self.inner.vault.seal_news(&key, message)?;
        Ok(NewsRow { key, at: ctx.now().timestamp_micros(), message })
    }
}
