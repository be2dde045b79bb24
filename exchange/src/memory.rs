//! The memory of one database, with what is under way in this process.

use crate::error::ExchangeError;
use crate::message::{Answer, Done, begun};
use crate::store::reply::{Addressee, Due, Reply};
use crate::store::{answered, reply};
use renkei_context::Message;
use renkei_database::{Database, Db};
use renkei_sealing::{KeyRing, Sealer};
use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;
use uuid::Uuid;

/// How much is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Messages that are remembered; the oldest are forgotten first.
    pub answers: u32,
    /// Replies that may wait; further ones are refused.
    pub replies: u32,
    /// Of them, those to the requests of one node.
    pub partner_replies: u32,
}

/// Answers and replies in one database. Clones are the same memory.
#[derive(Clone)]
pub struct Memory {
    inner: Arc<Inner>,
}

struct Inner {
    database: Database,
    sealer: Sealer,
    bounds: Bounds,
    under_way: Mutex<HashSet<[u8; 32]>>,
    ended: Notify,
    waiting: Notify,
}

/// Whether a message came before.
#[derive(Debug)]
pub enum Occurrence {
    /// It is new: carry it out, and keep this until its answer is remembered.
    New(UnderWay),
    /// It was carried out, if it came with the same parts.
    Repeat(Done),
    /// Another message came under its id.
    Conflict,
}

/// A message that is being carried out. A repeat waits until this is dropped.
pub struct UnderWay {
    inner: Arc<Inner>,
    key: [u8; 32],
}

impl std::fmt::Debug for UnderWay {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("UnderWay")
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.inner.under_way().remove(&self.key);
        self.inner.ended.notify_waiters();
    }
}

impl Inner {
    fn under_way(&self) -> std::sync::MutexGuard<'_, HashSet<[u8; 32]>> {
        self.under_way.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Memory {
    /// The memory in a database that has its tables.
    ///
    /// # Errors
    /// When the keys cannot be derived.
    pub fn new(database: &Database, keys: &KeyRing, bounds: Bounds) -> Result<Self, ExchangeError> {
        let inner = Inner {
            database: database.clone(),
            sealer: keys.sealer("exchange")?,
            bounds,
            under_way: Mutex::default(),
            ended: Notify::new(),
            waiting: Notify::new(),
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Whether a message came before; waits while this process is carrying it out.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn begin(&self, message: &Message) -> Result<Occurrence, ExchangeError> {
        let guard = self.alone(message.key).await;
        let (inner, key) = (Arc::clone(&self.inner), message.key);
        let find = move |db: &mut Db| answered::find(db, &inner.sealer, &key);
        Ok(match self.inner.database.read_short(find).await? {
            None => Occurrence::New(guard),
            Some(found) if found.is(message) => Occurrence::Repeat(found.into()),
            Some(_) => Occurrence::Conflict,
        })
    }

    /// What is known of a message, if it was carried out.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn done(&self, message: &Message) -> Result<Option<Done>, ExchangeError> {
        let (inner, key) = (Arc::clone(&self.inner), message.key);
        let find = move |db: &mut Db| answered::find(db, &inner.sealer, &key);
        let found = self.inner.database.read_short(find).await?;
        Ok(found.filter(|found| found.is(message)).map(Done::from))
    }

    /// Notes that a message is about to take effect in another database, where its effect and its answer cannot be
    /// committed together. A repeat that finds nothing left to do asks [`Self::was_begun`] why.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn note_begun(&self, message: &Message) -> Result<(), ExchangeError> {
        let begun = begun(message);
        let note = move |db: &mut Db| Ok(answered::mark(db, &begun)?);
        self.inner.database.write(note).await
    }

    /// Whether that was noted of this message.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn was_begun(&self, message: &Message) -> Result<bool, ExchangeError> {
        Ok(self.done(&begun(message)).await?.is_some())
    }

    async fn alone(&self, key: [u8; 32]) -> UnderWay {
        loop {
            let ended = self.inner.ended.notified();
            tokio::pin!(ended);
            // From here on no end is missed.
            ended.as_mut().enable();
            if self.inner.under_way().insert(key) {
                return UnderWay { inner: Arc::clone(&self.inner), key };
            }
            ended.await;
        }
    }

    /// Remembers the answer to a message that was carried out.
    ///
    /// # Errors
    /// When it cannot be sealed or the database does not answer.
    pub async fn keep(&self, message: &Message, answer: &Answer) -> Result<(), ExchangeError> {
        let sealed = answered::seal(&self.inner.sealer, &message.key, answer)?;
        let message = *message;
        self.inner
            .database
            .write_later(move |db: &mut Db| answered::keep(db, &message, &sealed))
            .await
    }

    /// Looks whether one more reply to this partner may wait: asked before anything is done, since what is done has to be
    /// told. As many more as are being worked on may come to wait all the same.
    ///
    /// # Errors
    /// When too many wait, of all or of the partner's, or the database does not answer.
    pub async fn room(&self, partner: &str) -> Result<(), ExchangeError> {
        let Bounds { replies, partner_replies, .. } = self.inner.bounds;
        let (most, partner) = ((replies.into(), partner_replies.into()), partner.to_owned());
        self.inner.database.read_short(move |db: &mut Db| reply::room(db, &partner, most)).await
    }

    /// Takes a reply over: from here on it is on its way, whatever becomes of this process.
    ///
    /// # Errors
    /// When it cannot be sealed, or the database does not answer.
    pub async fn send(&self, to: Addressee<'_>, reply: &Reply) -> Result<(), ExchangeError> {
        let (id, whose) = (Uuid::now_v7(), to.into());
        let sealed = reply::seal(&self.inner.sealer, id, reply)?;
        let put = move |db: &mut Db| reply::put(db, id, &whose, &sealed);
        self.inner.database.write(put).await?;
        self.inner.waiting.notify_one();
        Ok(())
    }

    /// Takes a reply that is due, if one is to a host that nobody calls at this moment. Until the caller says what
    /// became of it, or its lease is over, nobody calls that host with another.
    ///
    /// # Errors
    /// When the database does not answer or the reply cannot be opened.
    pub async fn take(&self) -> Result<Option<Due>, ExchangeError> {
        if self.inner.database.read(reply::next).await? != Some(0) {
            return Ok(None);
        }
        let taken = self.inner.database.write(reply::take).await?;
        taken.map(|taken| taken.open(&self.inner.sealer)).transpose()
    }

    /// A reply that was taken is where it should be.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn delivered(&self, due: &Due) -> Result<(), ExchangeError> {
        self.ended(due).await
    }

    /// A reply that was taken did not get there; `false` when it is given up.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn put_off(&self, due: &Due) -> Result<bool, ExchangeError> {
        let due = due.clone();
        let is_kept = self.inner.database.write(move |db: &mut Db| reply::put_off(db, &due)).await;
        self.inner.waiting.notify_one();
        is_kept
    }

    /// A reply that was taken will never get there: nobody tries again.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn give_up(&self, due: &Due) -> Result<(), ExchangeError> {
        self.ended(due).await
    }

    async fn ended(&self, due: &Due) -> Result<(), ExchangeError> {
        let id = due.id;
        let removed = self.inner.database.write(move |db: &mut Db| reply::remove(db, id)).await;
        // Its host may be called with the next one.
        self.inner.waiting.notify_one();
        removed
    }

    /// Waits until a reply may be due, `longest` at most.
    pub async fn wait(&self, longest: Duration) {
        let next = self.inner.database.read(reply::next).await;
        let pause = match next {
            Ok(Some(micros)) => Duration::from_micros(micros.unsigned_abs()).min(longest),
            Ok(None) | Err(_) => longest,
        };
        // Whether it was this or the time makes no difference.
        drop(tokio::time::timeout(pause, self.inner.waiting.notified()).await);
    }

    /// Forgets what is old or too much.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn forget(&self) -> Result<(), ExchangeError> {
        let most = i64::from(self.inner.bounds.answers);
        self.inner.database.write(move |db: &mut Db| answered::forget(db, most)).await
    }
}
