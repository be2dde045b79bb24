//! Delivery: from the outboxes of actors into the journal, in order, each record once; and from the
//! journal into the index.
//!
//! A batch is appended to the journal and only then deleted from where it waited. A process that ends
//! between the two leaves rows that are in the journal already: until a source was emptied once, each
//! of its rows is looked up first.

use crate::archive::Archive;
use crate::draft::Draft;
use crate::error::AuditError;
use crate::journal::Journal;
use crate::outbox::{self, Batch};
use renkei_database::Database;
use renkei_sealing::{KeyRing, Sealer};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::{Mutex, Notify, watch};
use tokio::task::JoinHandle;
use uuid::Uuid;

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

/// Moves records, with a task for each source and one for the index.
pub struct Deliverer {
    sources: Vec<Arc<Source>>,
    archive: Archive,
    journal: Journal,
    ending: watch::Sender<bool>,
    tasks: Vec<JoinHandle<()>>,
}

struct Source {
    name: String,
    database: Database,
    journal: Journal,
    archive: Archive,
    sealer: Sealer,
    waiting: AtomicU64,
    unreadable: AtomicU64,
    wake: Notify,
    /// Held while a batch is moved, so that a flush and the task take turns.
    turn: Mutex<Turn>,
}

#[derive(Default)]
struct Turn {
    /// Ids of rows that do not open.
    unreadable: BTreeSet<outbox::RecordId>,
    /// What waits was not in the journal before this process: rows need no look-up.
    certain: bool,
}

impl Deliverer {
    /// Starts moving the records of `outboxes`, databases under names for the operator, into
    /// `journal`, and those of the journal into the index of `archive`. Call it within a tokio runtime.
    ///
    /// # Errors
    /// When the keys cannot be derived.
    pub fn start(
        journal: &Journal,
        archive: &Archive,
        outboxes: Vec<(String, Database)>,
        keys: &KeyRing,
    ) -> Result<Self, AuditError> {
        let sealer = outbox::sealer(keys)?;
        let source = |(name, database)| {
            Arc::new(Source {
                name,
                database,
                journal: journal.clone(),
                archive: archive.clone(),
                sealer: sealer.clone(),
                waiting: AtomicU64::new(0),
                unreadable: AtomicU64::new(0),
                wake: Notify::new(),
                turn: Mutex::default(),
            })
        };
        let sources: Vec<Arc<Source>> = outboxes.into_iter().map(source).collect();
        let (ending, ends) = watch::channel(false);
        let task = |s: &Arc<Source>| tokio::spawn(Arc::clone(s).run(ends.clone()));
        let index = tokio::spawn(index(archive.clone(), journal.clone(), ends.clone()));
        let tasks = sources.iter().map(task).chain([index]).collect();
        Ok(Self { sources, archive: archive.clone(), journal: journal.clone(), ending, tasks })
    }

    /// Says that there may be something to move; without it a record waits up to a second.
    pub fn wake(&self) {
        for source in &self.sources {
            source.wake.notify_one();
        }
    }

    /// Moves everything that waits now, and brings the index up to date. Records that do not open stay
    /// where they are.
    ///
    /// # Errors
    /// When a database or the journal fails.
    pub async fn flush(&self) -> Result<(), AuditError> {
        for source in &self.sources {
            source.drain().await?;
        }
        self.archive.catch_up(Some(&self.journal)).await?;
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

/// Keeps the index behind the journal. A round for everything of a second costs less than a round for
/// each record, and nobody waits for it: who lists records brings the index up to date first.
async fn index(archive: Archive, journal: Journal, mut ends: watch::Receiver<bool>) {
    loop {
        if let Err(error) = archive.catch_up(Some(&journal)).await {
            tracing::error!(%error, "audit records are not indexed");
        }
        tokio::select! {
            _ended = ends.wait_for(|ending| *ending) => return,
            () = tokio::time::sleep(TICK) => {}
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
            let mut turn = self.turn.lock().await;
            if turn.unreadable.len() >= UNREADABLE {
                return Ok(());
            }
            match self.move_batch(&mut turn).await {
                Ok(0) => {
                    turn.certain = true;
                    return Ok(());
                }
                Ok(_) => {}
                Err(error) => {
                    turn.certain = false;
                    return Err(error);
                }
            }
        }
    }

    /// Moves the oldest rows; returns how many it looked at.
    async fn move_batch(&self, turn: &mut Turn) -> Result<usize, AuditError> {
        let except = turn.unreadable.iter().copied().collect();
        let Batch { rows, waiting } = outbox::oldest(&self.database, except).await?;
        let looked_at = rows.len();
        self.waiting.store(waiting, Ordering::Relaxed);
        if looked_at == 0 {
            return Ok(0);
        }
        let sealer = self.sealer.clone();
        // Opening some hundred rows is too long for a worker of the server.
        let opened = tokio::task::spawn_blocking(move || {
            let mut good: Vec<(outbox::Waiting, Draft)> = Vec::with_capacity(rows.len());
            let mut bad = Vec::new();
            for waiting in rows {
                match waiting.open(&sealer) {
                    Ok(draft) => good.push((waiting, draft)),
                    Err(error) => bad.push((waiting.id, error)),
                }
            }
            (good, bad)
        });
        let (good, bad) = opened.await.map_err(|_| AuditError::Ending)?;
        for (id, error) in bad {
            tracing::error!(source = self.name, %id, %error, "an audit record does not open");
            turn.unreadable.insert(id);
        }
        self.unreadable.store(turn.unreadable.len() as u64, Ordering::Relaxed);
        let (delivered, mut drafts): (Vec<outbox::Waiting>, Vec<Draft>) = good.into_iter().unzip();
        let moved = delivered.len() as u64;
        if !turn.certain {
            let known = self.known(&drafts).await?;
            drafts.retain(|draft| !known.contains(&draft.about.id));
        }
        if !drafts.is_empty() {
            self.journal.append_drafts(&drafts).await?;
        }
        renkei_context::reached("audit.appended");
        outbox::delete(&self.database, delivered).await?;
        self.waiting.store(waiting.saturating_sub(moved), Ordering::Relaxed);
        Ok(looked_at)
    }

    /// Which of these are in the journal already.
    async fn known(&self, drafts: &[Draft]) -> Result<Vec<Uuid>, AuditError> {
        self.archive.catch_up(Some(&self.journal)).await?;
        self.archive.known(drafts.iter().map(|draft| draft.about.id).collect()).await
    }
}
