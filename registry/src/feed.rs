//! Patient Identity Feed (ITI TF-2: 3.8.4.1): which patients there are.

use crate::Registry;
use crate::store::write::{self, WriteError};
use renkei_atna::record::Outcome;
use renkei_audit::outbox;
use renkei_context::{Ctx, reached};
use renkei_hl7v2::ack::Nak;
use renkei_hl7v2::adt::PatientFeed;

impl Registry {
    /// Remembers the patient identifiers that the affinity domain's authority issued (A01, A04,
    /// A05); A08 changes nothing here. A message that comes again is accepted again.
    ///
    /// # Errors
    /// A refusal to be sent as it is: no identifier of the authority, or the database failed.
    pub async fn feed(&self, ctx: &Ctx, feed: &PatientFeed) -> Result<(), Nak> {
        let mut feed = feed.clone();
        let authority = self.assigning_authority();
        feed.complete(authority);
        let ids = match feed.patient_ids(authority) {
            Ok(ids) => ids,
            Err(_) if !feed.event.announces() => Vec::new(),
            Err(nak) => {
                let outcome = Outcome::SeriousFailure;
                self.record(self.feed_record(ctx, &feed, &[], outcome, Some(why(&nak)))).await;
                return Err(nak);
            }
        };
        let record = self.feed_record(ctx, &feed, &ids, Outcome::Success, None);
        let vault = self.inner.vault.clone();
        let sealed = outbox::seal(&self.inner.outbox, &record).map_err(|error| {
            tracing::error!(%error, "the audit record of a feed message was not sealed");
            Nak::internal(&feed.msh)
        })?;
        let announced = if feed.event.announces() { ids.clone() } else { Vec::new() };
        let written = self.inner.database.write(move |db| {
            for cx in &announced {
                write::patient(db, &vault, cx)?;
            }
            outbox::insert_sealed(db, &sealed)?;
            reached("registry.feed.before_commit");
            Ok::<(), WriteError>(())
        });
        match written.await {
            Ok(()) => Ok(()),
            Err(error) => {
                tracing::error!(%error, "a patient identifier was not stored");
                let nak = Nak::internal(&feed.msh);
                let outcome = Outcome::SeriousFailure;
                let record = self.feed_record(ctx, &feed, &ids, outcome, Some(why(&nak)));
                self.record(record).await;
                Err(nak)
            }
        }
    }
}

impl Registry {
    /// Records that a message was refused before the registry was asked; `reason` is for auditors.
    pub async fn feed_refused(&self, ctx: &Ctx, feed: &PatientFeed, reason: String) {
        let mut feed = feed.clone();
        let authority = self.assigning_authority();
        feed.complete(authority);
        let ids = feed.patient_ids(authority).unwrap_or_default();
        let outcome = Outcome::SeriousFailure;
        self.record(self.feed_record(ctx, &feed, &ids, outcome, Some(reason))).await;
    }
}

/// The codes of a refusal, without its texts.
fn why(nak: &Nak) -> String {
    let codes: Vec<&str> = nak.problems.iter().map(|p| p.code.entry().1).collect();
    codes.join("; ")
}
