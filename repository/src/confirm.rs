//! Confirmations that nobody waits for.
//!
//! Where registry and repository are one process, the answer leaves after the registry's commit: the
//! documents are retrievable, and the audit records of the success wait durably beside the
//! submission. What is left, to confirm the documents and to hand the records on, goes with the next
//! group of writes. Should the process end before, repair asks the registry and does the same.

use crate::Inner;
use crate::failure::Failure;
use crate::store::key::SubmissionId;
use crate::store::settle;
use crate::upload::Active;
use renkei_atna::record::AuditRecord;
use renkei_audit::outbox;
use renkei_context::reached;
use renkei_database::Db;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;

/// How many confirmations may wait; a submission beyond waits for its own.
const MOST: usize = 256;

/// How long the last ones wait for a group to go with.
const PAUSE: Duration = Duration::from_millis(100);

/// A submission that the registry has.
pub(crate) struct Confirmation {
    pub(crate) submission: SubmissionId,
    /// The uniqueIds of its documents.
    pub(crate) documents: Vec<String>,
    /// Of its success.
    pub(crate) records: Vec<AuditRecord>,
    /// Keeps the sweeper away until it is confirmed.
    pub(crate) _active: Arc<Active>,
}

/// Those that wait.
#[derive(Default)]
pub(crate) struct Confirmations {
    waiting: Mutex<Vec<Confirmation>>,
    arrived: Notify,
}

/// Some of them on their way to the database.
pub(crate) struct Group {
    confirmations: Vec<Confirmation>,
    work: Arc<[Registered]>,
}

/// What a confirmation is for the database.
struct Registered {
    submission: SubmissionId,
    documents: Vec<String>,
    rows: Vec<outbox::Row>,
}

impl Registered {
    fn confirm(&self, db: &mut Db) -> Result<(), Failure> {
        if settle::confirm(db, self.submission, &self.rows)? {
            return Ok(());
        }
        // Another process found it abandoned since its answer, and asked the registry.
        if !settle::are_confirmed(db, &self.documents)? {
            tracing::error!(submission = %self.submission, "registered documents were removed");
        }
        Ok(())
    }
}

impl Confirmations {
    // Nothing that can panic runs while the list is locked: a poisoned lock is used on.
    fn lock(&self) -> MutexGuard<'_, Vec<Confirmation>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a confirmation over, or gives it back when too many wait.
    pub(crate) fn push(&self, confirmation: Confirmation) -> Result<(), Confirmation> {
        let mut waiting = self.lock();
        if waiting.len() >= MOST {
            return Err(confirmation);
        }
        waiting.push(confirmation);
        self.arrived.notify_one();
        Ok(())
    }

    fn take(&self) -> Vec<Confirmation> {
        std::mem::take(&mut *self.lock())
    }

    fn put_back(&self, confirmations: Vec<Confirmation>) {
        self.lock().extend(confirmations);
        self.arrived.notify_one();
    }
}

impl Group {
    pub(crate) fn is_empty(&self) -> bool {
        self.confirmations.is_empty()
    }

    /// What the database has to do, in the transaction that `db` is in.
    pub(crate) fn job(&self) -> impl Fn(&mut Db) -> Result<(), Failure> + Send + use<> {
        let work = Arc::clone(&self.work);
        move |db| work.iter().try_for_each(|registered| registered.confirm(db))
    }
}

impl Inner {
    /// Everything that waits, to go with what is written now. Hand it to [`Inner::confirmed`].
    pub(crate) fn next_group(&self) -> Group {
        let (mut confirmations, mut work) = (Vec::new(), Vec::new());
        for confirmation in self.confirmations.take() {
            match self.outbox_rows(&confirmation.records) {
                Ok(rows) => {
                    let documents = confirmation.documents.clone();
                    work.push(Registered { submission: confirmation.submission, documents, rows });
                    confirmations.push(confirmation);
                }
                // No longer active, it is the sweeper's.
                Err(error) => tracing::error!(%error, "a registered submission waits for repair"),
            }
        }
        Group { confirmations, work: work.into() }
    }

    /// What became of a group: it is done, or waits for another.
    pub(crate) fn confirmed(&self, group: Group, committed: bool) {
        if group.confirmations.is_empty() {
            return;
        }
        if committed {
            reached("repository.confirmed");
        } else {
            self.confirmations.put_back(group.confirmations);
        }
    }

    /// Confirms what waits, without another write to go with.
    pub(crate) async fn confirm_what_waits(&self) {
        let group = self.next_group();
        if group.confirmations.is_empty() {
            return;
        }
        match self.database.write(group.job()).await {
            Ok(()) => self.confirmed(group, true),
            // One of them may be what fails: they are left to the sweeper, which takes each alone.
            Err(error) => tracing::error!(%error, "registered submissions wait for repair"),
        }
    }

    /// Confirms what found no group to go with, again and again.
    pub(crate) async fn keep_confirming(&self) -> std::convert::Infallible {
        loop {
            self.confirmations.arrived.notified().await;
            tokio::time::sleep(PAUSE).await;
            self.confirm_what_waits().await;
        }
    }
}
