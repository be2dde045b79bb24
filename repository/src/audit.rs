//! What the repository tells the auditor (ITI TF-2: 3.41.5.1, 3.42.5.1, 3.43.6.1).
//!
//! The records of a submission's success are made before it is sent to the registry and kept sealed
//! beside it, so that a crash after the registration does not lose them.

use crate::failure::Failure;
use crate::store::key::SubmissionId;
use crate::{Inner, Repository};
use renkei_atna::build;
use renkei_atna::record::{AuditRecord, Object, Outcome};
use renkei_audit::outbox::{self, Row};
use renkei_context::Ctx;
use renkei_metadata::model::Submission;
use renkei_sealing::Sealer;
use renkei_xds::iti43::DocumentRequest;
use renkei_xds::transaction::{ITI_41, ITI_42, ITI_86, Transaction};

impl Repository {
    /// A document of a retrieval as audit records have it.
    pub fn document_object(&self, request: &DocumentRequest) -> Object {
        self.inner.document_object(request)
    }

    /// A document that is to be removed as audit records have it.
    pub fn erased_object(&self, request: &DocumentRequest) -> Object {
        self.inner.erased_object(request)
    }
}

impl Inner {
    /// The record of documents that are removed (ITI TF-2: 3.86.5.1).
    pub(crate) fn removal_record(&self, ctx: &Ctx, removed: &[&DocumentRequest]) -> AuditRecord {
        let objects = removed.iter().map(|request| self.erased_object(request)).collect();
        self.audit.server(ctx, &ITI_86.audit, Outcome::Success, objects, None)
    }

    fn erased_object(&self, request: &DocumentRequest) -> Object {
        build::erased(self.document_object(request))
    }

    /// The records of a submission that succeeds: ours of ITI-41, and of ITI-42 unless the client
    /// keeps that itself.
    pub(crate) fn success_records(&self, ctx: &Ctx, submission: &Submission) -> Vec<AuditRecord> {
        let provided = self.audit.server(
            ctx,
            &ITI_41.audit,
            Outcome::Success,
            build::submission(&submission.submission_set),
            None,
        );
        let registered = (!self.registry.audits())
            .then(|| self.register_record(ctx, submission, Outcome::Success, None));
        [provided].into_iter().chain(registered).collect()
    }

    fn register_record(
        &self,
        ctx: &Ctx,
        submission: &Submission,
        outcome: Outcome,
        description: Option<String>,
    ) -> AuditRecord {
        let url = self.registry.endpoint();
        let objects = build::submission(&submission.submission_set);
        self.audit.client(ctx, &self.own, &url, &ITI_42.audit, outcome, objects, description)
    }

    /// Records our side of a registration that failed; the failed submission is recorded by whoever
    /// answers it.
    pub(crate) async fn record_failed_registration(
        &self,
        ctx: &Ctx,
        submission: &Submission,
        outcome: Outcome,
        codes: String,
    ) {
        if self.registry.audits() {
            return;
        }
        let description = Some(codes).filter(|c| !c.is_empty());
        let record = self.register_record(ctx, submission, outcome, description);
        self.record(record).await;
    }

    /// A document of a retrieval: the community is known if the request names it, or if the document
    /// is one of ours.
    pub(crate) fn document_object(&self, request: &DocumentRequest) -> Object {
        let ours = self.home.as_ref().filter(|_| request.repository == self.unique_id);
        let home = request.home.as_ref().or(ours).map(|h| h.as_str());
        build::document(request.unique_id.as_str(), request.repository.as_str(), home)
    }

    /// Records that a document stopped before its end.
    pub(crate) async fn record_broken_retrieval(
        &self,
        transaction: &Transaction,
        ctx: &Ctx,
        request: &DocumentRequest,
    ) {
        let object = self.document_object(request);
        let text = Some("the answer was broken off".to_owned());
        let (spec, failed) = (&transaction.audit, Outcome::SeriousFailure);
        let record = self.audit.server(ctx, spec, failed, vec![object], text);
        self.record(record).await;
    }

    async fn record(&self, record: AuditRecord) {
        if let Err(error) = self.sink.record(record).await {
            tracing::error!(%error, "an audit record of the repository was not kept");
        }
    }

    /// The records as they wait beside their submission.
    pub(crate) fn seal_records(
        &self,
        submission: SubmissionId,
        records: &[AuditRecord],
    ) -> Result<Vec<u8>, Failure> {
        let json = serde_json::to_vec(records).map_err(|_| Failure::Incomplete)?;
        Ok(self.waiting.seal(submission.as_bytes(), &json)?)
    }

    /// The records that wait beside a submission.
    pub(crate) fn open_records(
        &self,
        submission: SubmissionId,
        sealed: &[u8],
    ) -> Result<Vec<AuditRecord>, Failure> {
        open_records(&self.waiting, submission, sealed)
    }

    /// The records as they go into the outbox.
    pub(crate) fn outbox_rows(&self, records: &[AuditRecord]) -> Result<Vec<Row>, Failure> {
        let seal = |record| outbox::seal(&self.outbox, record).map_err(Failure::from);
        records.iter().map(seal).collect()
    }
}

/// The records that wait beside a submission, under the key of those that wait.
pub(crate) fn open_records(
    waiting: &Sealer,
    submission: SubmissionId,
    sealed: &[u8],
) -> Result<Vec<AuditRecord>, Failure> {
    let json = waiting.open(submission.as_bytes(), sealed)?;
    serde_json::from_slice(&json).map_err(|_| Failure::Incomplete)
}
