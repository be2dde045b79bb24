//! Repair: what nobody works on any more is settled by asking the registry.

use crate::failure::Failure;
use crate::store::abandoned::{self, Abandoned, Horizon};
use crate::store::{micros, settle, write};
use crate::{Inner, Repository};
use renkei_atna::record::Outcome;
use renkei_context::Ctx;
use renkei_metadata::ids::UniqueId;
use std::collections::HashSet;
use std::convert::Infallible;
use std::time::Duration;

/// What one sweep did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// Submissions found registered.
    pub confirmed: usize,
    /// Submissions whose documents were removed.
    pub removed: usize,
    /// Submissions that wait because the registry does not answer.
    pub waiting: usize,
}

/// How a submission is settled.
enum Verdict {
    Registered,
    Absent,
    Silent,
}

impl Repository {
    /// Renews the lease of this process and sweeps, again and again. Run it as a task and abort it
    /// at shutdown.
    pub async fn run(&self) -> Infallible {
        let timing = self.inner.timing;
        loop {
            let limit = timing.sweep.max(Duration::from_secs(10));
            let ctx = Ctx::internal("repository", limit);
            self.sweep(&ctx).await;
            let renewals = (timing.sweep.as_millis() / timing.renew.as_millis().max(1)).max(1);
            for _ in 0..renewals {
                tokio::time::sleep(timing.renew.min(timing.sweep)).await;
                self.inner.renew(&Ctx::internal("repository", limit)).await;
            }
        }
    }

    /// Settles what a crash, a broken connection or a silent registry left: registered documents
    /// are confirmed, absent ones removed, unfinished uploads removed. Never by time alone: without
    /// an answer of the registry everything stays.
    pub async fn sweep(&self, ctx: &Ctx) -> Swept {
        self.inner.renew(ctx).await;
        let mut swept = Swept::default();
        if let Err(error) = self.inner.sweep(ctx, &mut swept).await {
            tracing::error!(%error, "a sweep of the repository ended early");
        }
        if swept != Swept::default() {
            tracing::info!(?swept, "settled what was left open");
        }
        self.inner.remove_the_rest().await;
        swept
    }
}

impl Inner {
    async fn renew(&self, ctx: &Ctx) {
        let (lease, at) = (self.lease, micros(ctx.now()));
        if let Err(error) = self.database.write(move |db| write::renew(db, lease, at)).await {
            tracing::warn!(%error, "the lease of this process could not be renewed");
        }
    }

    async fn sweep(&self, ctx: &Ctx, swept: &mut Swept) -> Result<(), Failure> {
        let now = micros(ctx.now());
        let before = |span: Duration| now - i64::try_from(span.as_micros()).unwrap_or(i64::MAX);
        let horizon = Horizon {
            own: self.lease,
            lease: before(self.timing.lease),
            grace: before(self.timing.grace),
        };
        self.database.write(move |db| abandoned::expire(db, &horizon)).await?;
        let mut after = String::new();
        loop {
            let from = after.clone();
            let page = self.database.read(move |db| abandoned::page(db, &horizon, &from)).await?;
            let (found, next) = page;
            for submission in found {
                // The set is asked again for each: work may have begun since the page was read, on
                // new submissions only.
                if !self.active().contains(&submission.id) {
                    self.settle(ctx, submission, swept).await?;
                }
            }
            match next {
                Some(next) => after = next,
                None => return Ok(()),
            }
        }
    }

    async fn settle(
        &self,
        ctx: &Ctx,
        submission: Abandoned,
        swept: &mut Swept,
    ) -> Result<(), Failure> {
        let id = submission.id;
        match self.ask(ctx, &submission).await {
            Verdict::Silent => swept.waiting += 1,
            Verdict::Registered => {
                let rows = self.outbox_rows(&self.records(&submission)?)?;
                self.database.write(move |db| settle::confirm(db, id, &rows)).await?;
                swept.confirmed += 1;
            }
            Verdict::Absent => {
                let rows = self.outbox_rows(&self.failure_records(&submission)?)?;
                self.database.write(move |db| settle::release(db, id, &rows)).await?;
                swept.removed += 1;
            }
        }
        Ok(())
    }

    /// A submission is registered as a whole or not at all, so all of its documents are there or
    /// none that it brought.
    async fn ask(&self, ctx: &Ctx, submission: &Abandoned) -> Verdict {
        let parse = |id: &String| UniqueId::parse(id).ok();
        let unique_ids: Vec<UniqueId> = submission.stored.iter().filter_map(parse).collect();
        if unique_ids.is_empty() {
            return Verdict::Absent;
        }
        let asked = self.registry.registered(ctx, &unique_ids);
        match tokio::time::timeout(ctx.remaining(), asked).await {
            Ok(Ok(found)) => {
                let found: HashSet<UniqueId> = found.into_iter().collect();
                if unique_ids.iter().all(|id| found.contains(id)) {
                    Verdict::Registered
                } else {
                    Verdict::Absent
                }
            }
            Ok(Err(_)) | Err(_) => Verdict::Silent,
        }
    }

    fn records(
        &self,
        submission: &Abandoned,
    ) -> Result<Vec<renkei_atna::record::AuditRecord>, Failure> {
        match &submission.records {
            Some(sealed) => self.open_records(submission.id, sealed),
            None => Ok(Vec::new()),
        }
    }

    /// The records of a submission that ended in a crash: nobody else tells of it.
    fn failure_records(
        &self,
        submission: &Abandoned,
    ) -> Result<Vec<renkei_atna::record::AuditRecord>, Failure> {
        if submission.answered {
            return Ok(Vec::new());
        }
        let mut records = self.records(submission)?;
        for record in &mut records {
            record.outcome = Outcome::MajorFailure;
        }
        Ok(records)
    }

    /// Removes the chunks of long documents piece by piece, behind other work.
    pub(crate) async fn remove_the_rest(&self) {
        loop {
            match self.database.write_bulk(settle::remove_more).await {
                Ok(true) => {}
                Ok(false) => return,
                Err(error) => {
                    tracing::warn!(%error, "removed content stays until the next sweep");
                    return;
                }
            }
        }
    }
}
