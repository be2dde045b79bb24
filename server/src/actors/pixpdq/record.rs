//! What auditors are told of a query (ITI TF-2: 3.9.5.1, 3.21.5.1), before its answer leaves.

use super::{Queries, Told, failed, said};
use renkei_atna::build::{self, Peer, PersonQuery, Side};
use renkei_atna::record::Outcome;
use renkei_atna::sink::NotRecorded;
use renkei_audit::AuditContext;
use renkei_context::Ctx;
use renkei_hl7v2::ack::Nak;
use renkei_hl7v2::msh::Msh;
use renkei_hl7v2::query::{Asked, Cancel, Refusal, Transaction};

/// What was asked, as far as the record tells it.
struct Heard<'a> {
    transaction: Transaction,
    msh: &'a Msh,
    tag: &'a str,
    segment: &'a str,
}

/// What a query that was refused is counted as.
pub(super) fn transaction(refusal: &Refusal) -> Transaction {
    let event = refusal.header().map(|msh| msh.event.as_str());
    let named = Transaction::ALL.into_iter().find(|t| Some(t.event()) == event);
    named.unwrap_or(Transaction::Demographics)
}

const fn name(transaction: Transaction) -> &'static str {
    match transaction {
        Transaction::CrossReference => "PIX Query",
        Transaction::Demographics => "Patient Demographics Query",
    }
}

impl Queries {
    /// Puts a query on record, with whom it told of, or why it was refused; without record there is no answer.
    pub(super) async fn recorded(
        &self,
        ctx: &Ctx,
        asked: &Asked,
        told: Result<Told, Refusal>,
    ) -> Result<Vec<u8>, Refusal> {
        let (outcome, patients, why) = match &told {
            Ok(told) => (Outcome::Success, told.patients.as_slice(), None),
            Err(refusal) => (Outcome::SeriousFailure, &[][..], Some(refusal.nak.kinds())),
        };
        self.record(ctx, asked, patients, outcome, why).await?;
        told.map(|told| told.octets)
    }

    /// The same for a query that could not be read, but says between whom it went.
    pub(super) async fn record_unread(&self, ctx: &Ctx, refusal: Refusal) -> Refusal {
        let Some(msh) = refusal.header() else { return refusal };
        let unread =
            Asked { transaction: transaction(&refusal), msh: msh.clone(), qpd: String::new() };
        let asked = refusal.asked.as_deref().unwrap_or(&unread);
        let why = Some(refusal.nak.kinds());
        match self.record(ctx, asked, &[], Outcome::SeriousFailure, why).await {
            Ok(()) => refusal,
            Err(unrecorded) => unrecorded,
        }
    }

    /// The same for what cancels a query: it names the query, and nobody is told of in it, as with ITI-47.
    pub(super) async fn recorded_cancel(
        &self,
        ctx: &Ctx,
        cancel: &Cancel,
        done: Result<(), Nak>,
    ) -> Result<(), Refusal> {
        let heard = Heard {
            transaction: Transaction::Demographics,
            msh: &cancel.msh,
            tag: &cancel.tag,
            segment: &cancel.qid,
        };
        let (outcome, why) = match &done {
            Ok(()) => (Outcome::Success, None),
            Err(nak) => (Outcome::SeriousFailure, Some(nak.kinds())),
        };
        let kept = self.put(ctx, &heard, &[], outcome, why).await;
        kept.map_err(|error| {
            said(heard.transaction, &error);
            Nak::internal(&cancel.msh)
        })?;
        Ok(done?)
    }

    async fn record(
        &self,
        ctx: &Ctx,
        asked: &Asked,
        patients: &[String],
        outcome: Outcome,
        why: Option<String>,
    ) -> Result<(), Refusal> {
        let Asked { transaction, msh, qpd } = asked;
        let heard = Heard { transaction: *transaction, msh, tag: asked.tag(), segment: qpd };
        let kept = self.put(ctx, &heard, patients, outcome, why).await;
        kept.map_err(|error| failed(asked, &error))
    }

    /// A record for each patient, or one without (ITI TF-2: 3.20.7.1).
    async fn put(
        &self,
        ctx: &Ctx,
        heard: &Heard<'_>,
        patients: &[String],
        outcome: Outcome,
        why: Option<String>,
    ) -> Result<(), NotRecorded> {
        let (msh, address) = (heard.msh, AuditContext::caller(ctx).address);
        let query = PersonQuery {
            transaction: (heard.transaction.code(), name(heard.transaction)),
            sender: &Peer { user_id: msh.sender(), address },
            receiver: &Peer { user_id: msh.receiver(), address: None },
            tag: heard.tag,
            segment: heard.segment,
            control_id: &msh.control_id,
        };
        let none = [None];
        let each: Vec<Option<&str>> = patients.iter().map(|cx| Some(cx.as_str())).collect();
        for patient in if each.is_empty() { none.as_slice() } else { each.as_slice() } {
            let (at, id, local) = (ctx.now(), ctx.ids.new_uuid(), &self.house.local);
            let side = Side::Server;
            let why = why.clone();
            let record = build::person_query(&query, *patient, side, outcome, at, id, local, why);
            self.house.audit.record(record).await?;
        }
        Ok(())
    }
}
