//! Delivery: from outboxes and spools into the store, in order, each record once.
//!
//! A batch is inserted into the store, where known ids are passed over, and only then deleted from
//! where it waited. A crash between the two repeats the insert, which does nothing.

use crate::error::AuditError;
use crate::outbox::{self, Batch};
use crate::store::{Row, Store};
use renkei_database::Database;
use renkei_sealing::{KeyRing, Sealer};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::{Mutex, Notify, watch};
use tokio::task::JoinHandle;

/// How long a record waits at most when nobody calls [`Deliverer::wake`].
const TICK: Duration = Duration::from_secs(1);

/// How many unreadable rows of one source are passed over; a source with more stands still.
const UNREADABLE: usize = 1000;

/// What waits in one source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Backlog {
    /// The name the source was given.
    pub source: String,
    /// Records that wait, as of the last look.
    pub waiting: u64,
    /// Those among them that do not open: damaged, or sealed with a key that is not in the ring.
    pub unreadable: u64,
}

/// Moves records, with a task for each source.
pub struct Deliverer {
    sources: Vec<Arc<Source>>,
    ending: watch::Sender<bool>,
    tasks: Vec<JoinHandle<()>>,
}

struct Source {
    name: String,
    database: Database,
    store: Store,
    sealer: Sealer,
    waiting: AtomicU64,
    unreadable: AtomicU64,
    wake: Notify,
    /// Held while a batch is moved, so that a flush and the task take turns: ids that do not open.
    turn: Mutex<BTreeSet<String>>,
}

impl Deliverer {
    /// Starts moving records of `sources`, databases with an outbox under names for the operator,
    /// into `store`. Call it within a tokio runtime.
    ///
    /// # Errors
    /// When the keys cannot be derived.
    pub fn start(
        store: &Store,
        sources: Vec<(String, Database)>,
        keys: &KeyRing,
    ) -> Result<Self, AuditError> {
        let sealer = outbox::sealer(keys)?;
        let source = |(name, database)| {
            Arc::new(Source {
                name,
                database,
                store: store.clone(),
                sealer: sealer.clone(),
                waiting: AtomicU64::new(0),
                unreadable: AtomicU64::new(0),
                wake: Notify::new(),
                turn: Mutex::default(),
            })
        };
        let sources: Vec<Arc<Source>> = sources.into_iter().map(source).collect();
        let (ending, ends) = watch::channel(false);
        let task = |s: &Arc<Source>| tokio::spawn(Arc::clone(s).run(ends.clone()));
        let tasks = sources.iter().map(task).collect();
        Ok(Self { sources, ending, tasks })
    }

    /// Says that there may be something to move; without it a record waits up to a second.
    pub fn wake(&self) {
        for source in &self.sources {
            source.wake.notify_one();
        }
    }

    /// Moves everything that waits now. Records that do not open stay where they are.
    ///
    /// # Errors
    /// When a database fails.
    pub async fn flush(&self) -> Result<(), AuditError> {
        for source in &self.sources {
            source.drain().await?;
        }
        Ok(())
    }

    /// What waits, for a gauge.
    pub fn backlog(&self) -> Vec<Backlog> {
        let backlog = |s: &Arc<Source>| Backlog {
            source: s.name.clone(),
            waiting: s.waiting.load(Ordering::Relaxed),
            unreadable: s.unreadable.load(Ordering::Relaxed),
        };
        self.sources.iter().map(backlog).collect()
    }

    /// Ends the tasks after the batch they are at. Call [`Self::flush`] before to move the rest.
    pub async fn stop(self) {
        self.ending.send_replace(true);
        for task in self.tasks {
            if let Err(error) = task.await {
                tracing::error!(%error, "the delivery of audit records did not end in order");
            }
        }
    }
}

impl Source {
    async fn run(self: Arc<Self>, mut ends: watch::Receiver<bool>) {
        loop {
            if let Err(error) = self.drain().await {
                tracing::error!(source = self.name, %error, "audit records are not delivered");
            }
            tokio::select! {
                _ended = ends.wait_for(|ending| *ending) => return,
                () = self.wake.notified() => {}
                () = tokio::time::sleep(TICK) => {}
            }
        }
    }

    /// Moves batches until nothing readable waits.
    async fn drain(&self) -> Result<(), AuditError> {
        loop {
            let mut unreadable = self.turn.lock().await;
            if unreadable.len() >= UNREADABLE || self.move_batch(&mut unreadable).await? == 0 {
                return Ok(());
            }
        }
    }

    /// Moves the oldest rows; returns how many it looked at.
    async fn move_batch(&self, unreadable: &mut BTreeSet<String>) -> Result<usize, AuditError> {
        let except = unreadable.iter().cloned().collect();
        let Batch { rows, waiting } = outbox::oldest(&self.database, except).await?;
        let looked_at = rows.len();
        self.waiting.store(waiting, Ordering::Relaxed);
        if looked_at == 0 {
            return Ok(0);
        }
        let (sealer, store) = (self.sealer.clone(), self.store.clone());
        // Opening and sealing some hundred rows is too long for a worker of the server.
        let resealed = tokio::task::spawn_blocking(move || {
            let mut good: Vec<(outbox::Waiting, Row)> = Vec::with_capacity(rows.len());
            let mut bad = Vec::new();
            for waiting in rows {
                match waiting.open(&sealer).and_then(|record| store.seal(&record)) {
                    Ok(row) => good.push((waiting, row)),
                    Err(error) => bad.push((waiting.id, error)),
                }
            }
            (good, bad)
        });
        let (good, bad) = resealed.await.map_err(|_| AuditError::Ending)?;
        for (id, error) in bad {
            tracing::error!(source = self.name, id, %error, "an audit record does not open");
            unreadable.insert(id);
        }
        self.unreadable.store(unreadable.len() as u64, Ordering::Relaxed);
        let (delivered, stored): (Vec<outbox::Waiting>, Vec<Row>) = good.into_iter().unzip();
        let moved = delivered.len() as u64;
        self.store.insert(stored).await?;
        renkei_context::reached("audit.stored");
        outbox::delete(&self.database, delivered).await?;
        self.waiting.store(waiting.saturating_sub(moved), Ordering::Relaxed);
        Ok(looked_at)
    }
}
