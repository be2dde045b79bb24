//! What the registry tells the auditor (ITI TF-2: 3.42.5.1, 3.18.5.1, 3.8.5.1).

use crate::Registry;
use crate::change::Told;
use crate::feed::{Came, Wire};
use renkei_atna::build::{self, Peer, Side};
use renkei_atna::record::{Action, AuditRecord, Outcome};
use renkei_audit::AuditContext;
use renkei_context::Ctx;
use renkei_hl7v2::adt::FeedEvent;
use renkei_metadata::finding::{Finding, Reporter};
use renkei_metadata::ids::PatientId;
use renkei_xds::iti18::AdhocQuery;
use renkei_xds::transaction::{Transaction, feed_audit};

impl Registry {
    /// Records a refusal, which the rolled back transaction could not keep.
    pub(crate) async fn audit_refused(&self, ctx: &Ctx, told: Told, findings: &[Finding]) {
        let (outcome, text) = outcome(findings);
        for objects in told.records() {
            let audit = &self.inner.audit;
            self.record(audit.server(ctx, &told.spec, outcome, objects, text.clone())).await;
        }
    }

    /// The records of a query and its outcome, to be kept before the answer leaves. `patients` are
    /// those that the query names, as far as they can be read: a record each, or one without a patient
    /// (ITI TF-2: 3.20.7.1).
    pub(crate) fn query_records(
        &self,
        ctx: &Ctx,
        transaction: &Transaction,
        query: &AdhocQuery,
        patients: &[PatientId],
        findings: &[Finding],
    ) -> Vec<AuditRecord> {
        let audit = &transaction.audit;
        let (outcome, text) = outcome(findings);
        let asked = build::stored_query(
            audit.code,
            audit.text,
            &query.id,
            &query.xml(),
            query.home.as_deref().or(self.inner.home.as_ref().map(|h| h.as_str())),
        );
        let record = |patient: Option<&PatientId>| {
            let patient = patient.map(|cx| build::patient(&cx.to_string()));
            let objects = patient.into_iter().chain([asked.clone()]).collect();
            self.inner.audit.server(ctx, audit, outcome, objects, text.clone())
        };
        if patients.is_empty() {
            return vec![record(None)];
        }
        patients.iter().map(Some).map(record).collect()
    }

    /// A record of a message of the patient feed.
    pub(crate) fn feed_record(
        &self,
        ctx: &Ctx,
        announcement: &Announcement<'_>,
        outcome: Outcome,
        description: Option<String>,
    ) -> AuditRecord {
        let Announcement { came, action, patients } = *announcement;
        let feed = came.feed;
        let patients: Vec<String> = patients.iter().map(|cx| cx.to_string()).collect();
        if came.wire == Wire::V3 {
            let of = |cx: &String| build::patient_of_message(cx, &feed.msh.control_id);
            let (spec, objects) = (feed_audit(action), patients.iter().map(of).collect());
            return self.inner.audit.server(ctx, &spec, outcome, objects, description);
        }
        let address = AuditContext::caller(ctx).address;
        build::patient_feed(
            &build::Feed {
                transaction: match feed.event {
                    FeedEvent::A43 => build::Identity::LinkChange,
                    FeedEvent::A01
                    | FeedEvent::A04
                    | FeedEvent::A05
                    | FeedEvent::A08
                    | FeedEvent::A40 => build::Identity::Feed,
                },
                action,
                sender: &Peer { user_id: feed.msh.sender(), address },
                receiver: &Peer { user_id: feed.msh.receiver(), address: None },
                patients: &patients,
                control_id: &feed.msh.control_id,
            },
            Side::Server,
            outcome,
            ctx.now(),
            ctx.ids.new_uuid(),
            &self.inner.audit.local,
            description,
        )
    }

    /// Keeps a record outside of a transaction of the registry.
    pub(crate) async fn record(&self, record: AuditRecord) {
        if let Err(error) = self.inner.sink.record(record).await {
            tracing::error!(%error, "an audit record of the registry was not kept");
        }
    }
}

/// What a message of the patient feed does, to whom.
pub(crate) struct Announcement<'a> {
    pub(crate) came: &'a Came<'a>,
    pub(crate) action: Action,
    pub(crate) patients: &'a [&'a PatientId],
}

/// How an operation with these findings ended, and the codes that say why.
fn outcome(findings: &[Finding]) -> (Outcome, Option<String>) {
    let mut codes: Vec<&str> = Vec::new();
    for finding in findings.iter().filter(|f| f.is_error()) {
        let code = finding.rule.code.name(Reporter::Registry);
        if !codes.contains(&code) {
            codes.push(code);
        }
    }
    if codes.is_empty() {
        return (Outcome::Success, None);
    }
    // The action was ended, not tried again (DICOM PS3.15 A.5.2, EventOutcomeIndicator).
    (Outcome::SeriousFailure, Some(codes.join(" ")))
}
