//! Repair: what nobody works on any more is settled by asking the registry.

use crate::content::{ContentError, ContentStore, Location};
use crate::failure::Failure;
use crate::store::abandoned::{self, Abandoned};
use crate::store::key::{ContentId, SubmissionId};
use crate::store::settle::{self, Found};
use crate::store::{lease, removal};
use crate::{Inner, Repository, Taken, Unreachable};
use renkei_atna::record::{AuditRecord, Outcome};
use renkei_context::{Ctx, reached};
use renkei_database::{DatabaseError, Db};
use renkei_metadata::ids::{EntryUuid, Oid, UniqueId};
use std::collections::HashSet;
use std::convert::Infallible;
use std::slice;
use std::time::{Duration, Instant};

/// How long the registry may take to answer one question.
const ANSWER: Duration = Duration::from_secs(10);

/// What one sweep did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// Submissions found registered.
    pub confirmed: usize,
    /// Submissions whose documents were removed.
    pub removed: usize,
    /// Submissions that wait because the registry does not answer.
    pub waiting: usize,
    /// Submissions that stay because a row of theirs does not open.
    pub unreadable: usize,
}

/// What became of a submission.
enum Settled {
    Confirmed,
    Removed,
    Waiting,
    /// Somebody else settled it.
    Already,
}

impl Repository {
    /// Renews the lease of this process, confirms what waits, and sweeps, again and again. Run it as
    /// a task and abort it at shutdown.
    pub async fn run(&self) -> Infallible {
        let timing = self.inner.timing;
        let renewing = async {
            loop {
                self.inner.renew().await;
                tokio::time::sleep(timing.renew).await;
            }
        };
        // A sweep may take longer than a lease: each registry that is asked has its time.
        let sweeping = async {
            loop {
                self.sweep(&Ctx::internal("repository", ANSWER)).await;
                tokio::time::sleep(timing.sweep).await;
            }
        };
        tokio::select! {
            never = renewing => never,
            never = sweeping => never,
            never = self.inner.keep_confirming() => never,
        }
    }

    /// Settles what a crash, a broken connection or a silent registry left: registered documents
    /// are confirmed, absent ones removed, unfinished uploads removed. Never by time alone: without
    /// an answer of the registry everything stays, and octets of which it has an entry stay always.
    pub async fn sweep(&self, ctx: &Ctx) -> Swept {
        self.inner.renew().await;
        let mut swept = Swept::default();
        if let Err(error) = self.inner.sweep(ctx, &mut swept).await {
            tracing::error!(%error, "a sweep of the repository ended early");
        }
        if swept != Swept::default() {
            tracing::info!(?swept, "settled what was left open");
        }
        self.inner.remove_the_rest().await;
        self.inner.sweep_content().await;
        swept
    }
}

impl Inner {
    async fn sweep(&self, ctx: &Ctx, swept: &mut Swept) -> Result<(), Failure> {
        let micros = |span: Duration| i64::try_from(span.as_micros()).unwrap_or(i64::MAX);
        let (own, span) = (self.lease.id(), micros(self.timing.lease));
        self.database.write(move |db| lease::expire(db, own, span)).await?;
        let grace = micros(self.timing.grace);
        let mut after = None;
        loop {
            let page = self.database.read(move |db| abandoned::page(db, own, grace, after)).await?;
            for id in page.ids {
                match self.settle(ctx, id).await {
                    Ok(Settled::Confirmed) => swept.confirmed += 1,
                    Ok(Settled::Removed) => swept.removed += 1,
                    Ok(Settled::Waiting) => swept.waiting += 1,
                    Ok(Settled::Already) => {}
                    Err(error) if concerns_all(&error) => return Err(error),
                    Err(error) => {
                        // What is wrong with one submission must not keep the others open.
                        tracing::error!(submission = %id, %error, "a submission cannot be settled");
                        swept.unreadable += 1;
                    }
                }
            }
            if page.next.is_none() {
                return Ok(());
            }
            after = page.next;
        }
    }

    async fn settle(&self, ctx: &Ctx, id: SubmissionId) -> Result<Settled, Failure> {
        // The set is asked again for each: work may have begun since the page was read, on new
        // submissions only.
        if self.active().contains(&id) {
            return Ok(Settled::Already);
        }
        let read = self.database.read(move |db| abandoned::read(db, id)).await?;
        let Some(submission) = read else { return Ok(Settled::Already) };
        // The registry is asked after its process lost the submission: whatever that one registers
        // from now on, it finds out before it answers.
        let own = self.lease.id();
        if !self.database.write(move |db| settle::take_over(db, id, own)).await? {
            return Ok(Settled::Already);
        }
        let Some(taken) = self.taken(ctx, &submission).await? else { return Ok(Settled::Waiting) };
        if taken == Taken::Yes {
            let rows = self.outbox_rows(&self.records(&submission)?)?;
            let found = self.database.write(move |db| settle::confirm_found(db, id, &rows)).await?;
            if found == Found::Confirmed {
                return Ok(Settled::Confirmed);
            }
        }
        self.give_up(ctx, &submission, taken).await
    }

    /// The set is not known to be registered by this submission. Octets that were erased do not come
    /// back: those of which an entry tells are kept, whatever the set says.
    async fn give_up(
        &self,
        ctx: &Ctx,
        submission: &Abandoned,
        taken: Taken,
    ) -> Result<Settled, Failure> {
        let id = submission.id;
        let Some(entered) = self.entered(ctx, submission).await? else {
            return Ok(Settled::Waiting);
        };
        if taken != Taken::No && !entered.is_empty() {
            let (known, rows) = (entered.clone(), self.outbox_rows(&self.records(submission)?)?);
            let job = move |db: &mut Db| settle::confirm_brought(db, id, &known, &rows);
            if self.database.write(job).await? {
                return Ok(Settled::Confirmed);
            }
        }
        let rows = self.outbox_rows(&self.failure_records(submission)?)?;
        self.database.write(move |db| settle::release(db, id, &entered, &rows)).await?;
        Ok(Settled::Removed)
    }

    /// Asked by the SubmissionSet: the documents may have been registered before, by another. `None`
    /// without an answer.
    async fn taken(&self, ctx: &Ctx, submission: &Abandoned) -> Result<Option<Taken>, Failure> {
        let Some(set) = &submission.set_id else {
            // Nothing is sent to the registry before all of it is stored.
            return Ok(Some(Taken::No));
        };
        let set = Oid::parse(set).map_err(|_| Failure::Incomplete)?;
        let (id, documents) = (submission.set_uuid.map(EntryUuid), unique_ids(submission)?);
        Ok(ask(ctx, |ctx| async move { self.registry.took(&ctx, &set, id, &documents).await })
            .await)
    }

    /// The uniqueIds of the submission's documents of which the registry has an entry. `None` without
    /// an answer.
    async fn entered(
        &self,
        ctx: &Ctx,
        submission: &Abandoned,
    ) -> Result<Option<HashSet<String>>, Failure> {
        let documents = unique_ids(submission)?;
        let mut entered = HashSet::new();
        // Nearly always there is none.
        match self.any_entry(ctx, &documents).await {
            Some(true) => {}
            Some(false) => return Ok(Some(entered)),
            None => return Ok(None),
        }
        for document in &documents {
            match self.any_entry(ctx, slice::from_ref(document)).await {
                Some(true) => _ = entered.insert(document.to_string()),
                Some(false) => {}
                None => return Ok(None),
            }
        }
        Ok(Some(entered))
    }

    async fn any_entry(&self, ctx: &Ctx, documents: &[UniqueId]) -> Option<bool> {
        if documents.is_empty() {
            return Some(false);
        }
        ask(ctx, |ctx| async move { self.registry.has_entries(&ctx, documents).await }).await
    }

    fn records(&self, submission: &Abandoned) -> Result<Vec<AuditRecord>, Failure> {
        match &submission.records {
            Some(sealed) => self.open_records(submission.id, sealed),
            None => Ok(Vec::new()),
        }
    }

    /// The records of a submission that was not registered: nobody else tells of it, whether its
    /// sender was answered that the outcome is open, or not at all.
    fn failure_records(&self, submission: &Abandoned) -> Result<Vec<AuditRecord>, Failure> {
        let mut records = self.records(submission)?;
        for record in &mut records {
            record.outcome = Outcome::MajorFailure;
        }
        Ok(records)
    }

    /// Overwrites what removed documents leave.
    pub(crate) async fn remove_the_rest(&self) {
        if let Err(error) = self.erase_removed().await {
            tracing::warn!(%error, "removed content stays until the next sweep");
        }
    }

    /// Overwrites what never became a document.
    async fn sweep_content(&self) {
        if let Err(error) = self.content.sweep().await {
            tracing::warn!(%error, "content without a row stays until the next sweep");
        }
    }

    /// The keys of these documents are gone by the commit that marked them; the bytes follow, then
    /// the rows that say where they are.
    async fn erase_removed(&self) -> Result<(), Failure> {
        let mut after = None;
        loop {
            let removing = self.database.read(move |db| removal::removing(db, after)).await?;
            let Some((last, _)) = removing.last() else { return Ok(()) };
            after = Some(*last);
            // The log has the pages in which the keys were.
            self.database.checkpoint().await?;
            for (id, location) in removing {
                match self.erase(id, location).await {
                    Err(error) if concerns_all(&error) => return Err(error),
                    // What is wrong with one document must not keep the others here.
                    Err(error) => tracing::error!(content = %id, %error, "content is not erased"),
                    Ok(()) => {}
                }
            }
        }
    }

    async fn erase(&self, id: ContentId, location: Option<Location>) -> Result<(), Failure> {
        reached("repository.key_erased");
        self.content.erase(id, &location.ok_or(Failure::Incomplete)?).await?;
        reached("repository.content_erased");
        self.database.write(move |db| removal::removed(db, id)).await
    }
}

/// One question to the registry, which has its own time; `None` without an answer. What was to be settled
/// waits, and the log says why.
async fn ask<T, F: Future<Output = Result<T, Unreachable>>>(
    ctx: &Ctx,
    question: impl FnOnce(Ctx) -> F,
) -> Option<T> {
    let ctx = Ctx { deadline: Instant::now() + ANSWER, ..ctx.clone() };
    match tokio::time::timeout(ANSWER, question(ctx)).await {
        Ok(Ok(answer)) => return Some(answer),
        Ok(Err(error)) => tracing::warn!(%error, "a submission waits for the registry"),
        Err(_) => tracing::warn!(after = ?ANSWER, "a submission waits for the registry: no answer"),
    }
    None
}

fn unique_ids(submission: &Abandoned) -> Result<Vec<UniqueId>, Failure> {
    let documents: Result<_, _> =
        submission.documents.iter().map(|id| UniqueId::parse(id)).collect();
    documents.map_err(|_| Failure::Incomplete)
}

/// Whether the failure is the database's, and the next submission would meet it too.
fn concerns_all(error: &Failure) -> bool {
    match error {
        Failure::Database(error) | Failure::Content(ContentError::Database(error)) => match error {
            DatabaseError::Busy(_)
            | DatabaseError::Unavailable
            | DatabaseError::Closed
            | DatabaseError::Full => true,
            DatabaseError::Panicked | DatabaseError::Query(_) => false,
        },
        Failure::Seal(_) | Failure::Audit(_) | Failure::Content(_) | Failure::Incomplete => false,
    }
}
