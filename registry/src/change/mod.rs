//! The one way in which what is registered changes.
//!
//! An operation is prepared on the thread of its caller: its message read and checked, its rows made
//! and sealed. As a [`Change`] it goes to the writer, looks at what is registered, and says which
//! [`Effect`]s follow, or why none may. Effects and audit record are committed together. What may
//! become of an object is said in [`lifecycle`] alone.

pub(crate) mod effect;
pub(crate) mod lifecycle;
pub(crate) mod objects;

use crate::store::write::WriteError;
use crate::{Registry, failure, store};
use effect::Effect;
use renkei_atna::record::{AuditRecord, Object, Outcome};
use renkei_atna::spec::AuditSpec;
use renkei_audit::outbox;
use renkei_context::{Ctx, Message, reached};
use renkei_database::{DatabaseError, Db};
use renkei_metadata::finding::{Finding, Reporter};
use renkei_xds::response::RegistryResponse;
use std::sync::Arc;

/// How often a change starts again after another one took an identifier of it first.
const ATTEMPTS: usize = 4;

/// An operation that is ready for the writer. It may be asked several times, each time in a
/// transaction of its own.
pub(crate) trait Change: Send + Sync + 'static {
    /// What findings are about when the operation as a whole failed.
    const SUBJECT: &'static str;

    /// What follows from what is registered. Why it may not be goes to `findings`, warnings too; with
    /// an error among them, nothing is done.
    fn plan(&self, db: &mut Db, findings: &mut Vec<Finding>) -> Result<Vec<Effect>, WriteError>;

    /// Whether this very operation took effect: asked when the answer to a commit was lost.
    fn is_done(&self, db: &mut Db) -> Result<bool, DatabaseError>;
}

/// A change with what was found while it was prepared; errors among that refuse it after the
/// registry has added its own.
pub(crate) struct Prepared<C> {
    pub(crate) change: C,
    pub(crate) findings: Vec<Finding>,
}

/// What an auditor is told of an operation, whatever comes of it.
#[derive(Clone)]
pub(crate) struct Told {
    pub(crate) spec: AuditSpec,
    pub(crate) objects: Vec<Object>,
}

impl Told {
    /// What each record is about: one for each patient, or one without (ITI TF-2: 3.62.5.1).
    pub(crate) fn records(&self) -> Vec<Vec<Object>> {
        let is_patient = |object: &&Object| (object.type_code, object.role) == (1, 1);
        let (patients, others): (Vec<&Object>, Vec<&Object>) =
            self.objects.iter().partition(is_patient);
        if patients.len() < 2 {
            return vec![self.objects.clone()];
        }
        let about = |patient: &Object| {
            std::iter::once(patient).chain(others.iter().copied()).cloned().collect()
        };
        patients.into_iter().map(about).collect()
    }
}

impl Registry {
    /// Carries out a change, or answers why it was refused. Success is answered after the commit of
    /// its effects and its audit record; a refusal leaves no trace but a record of its own.
    ///
    /// After XDSRegistryError the outcome may be open: the commit was sent and no answer came.
    pub(crate) async fn change<C: Change>(
        &self,
        ctx: &Ctx,
        told: Told,
        prepared: Result<Prepared<C>, Vec<Finding>>,
    ) -> RegistryResponse {
        let done = match prepared {
            Ok(prepared) => self.carry_out(ctx, &told, prepared).await,
            Err(findings) => Err(findings),
        };
        match done {
            Ok(warnings) => RegistryResponse::success(&warnings, Reporter::Registry),
            Err(findings) => {
                #[cfg(test)]
                crate::tests::samples::seen(findings.iter().map(|f| f.rule.id));
                self.audit_refused(ctx, told, &findings).await;
                RegistryResponse::failure(&findings, Reporter::Registry)
            }
        }
    }

    /// Carries out a change; its warnings on success.
    pub(crate) async fn carry_out<C: Change>(
        &self,
        ctx: &Ctx,
        told: &Told,
        prepared: Prepared<C>,
    ) -> Result<Vec<Finding>, Vec<Finding>> {
        self.commit(ctx, &self.done_records(ctx, told), prepared).await
    }

    /// The same with records of the caller's own making.
    pub(crate) async fn commit<C: Change>(
        &self,
        ctx: &Ctx,
        records: &[AuditRecord],
        prepared: Prepared<C>,
    ) -> Result<Vec<Finding>, Vec<Finding>> {
        let inner = &self.inner;
        let records = records.iter().map(|record| outbox::seal(&inner.outbox, record));
        let records = records
            .collect::<Result<Vec<_>, _>>()
            .map_err(|e| vec![failure::of_write(&e.into(), C::SUBJECT)])?;
        let work = Arc::new(Work { prepared, records, message: ctx.message });
        let mut attempt = 1;
        loop {
            let job = Arc::clone(&work);
            match inner.database.write(move |db| job.run(db)).await {
                Ok(warnings) => {
                    reached("registry.after_commit");
                    return Ok(warnings);
                }
                Err(Stop::Refused(findings)) => return Err(findings),
                // Another change took one of the identifiers between our look and our insert. The
                // next attempt sees it and says so.
                Err(Stop::Failed(WriteError::Database(e)))
                    if e.is_unique_violation() && attempt < ATTEMPTS =>
                {
                    attempt += 1;
                }
                // Perhaps only the answer to COMMIT was lost.
                Err(Stop::Failed(e)) if self.is_done(&work).await => {
                    tracing::warn!(error = %e, "the database failed after it had committed");
                    return Ok(work.prepared.findings.clone());
                }
                Err(Stop::Failed(e)) => return Err(vec![failure::of_write(&e, C::SUBJECT)]),
            }
        }
    }

    /// A database that does not answer says no, and the outcome stays open.
    async fn is_done<C: Change>(&self, work: &Arc<Work<C>>) -> bool {
        let work = Arc::clone(work);
        let read = self.inner.database.read(move |db| work.prepared.change.is_done(db));
        read.await.unwrap_or(false)
    }

    /// The records of a change that took effect.
    fn done_records(&self, ctx: &Ctx, told: &Told) -> Vec<AuditRecord> {
        let record =
            |objects| self.inner.audit.server(ctx, &told.spec, Outcome::Success, objects, None);
        told.records().into_iter().map(record).collect()
    }
}

/// Why a transaction was rolled back.
#[derive(Debug, thiserror::Error)]
enum Stop {
    #[error("refused")]
    Refused(Vec<Finding>),
    #[error(transparent)]
    Failed(#[from] WriteError),
}

impl From<DatabaseError> for Stop {
    fn from(error: DatabaseError) -> Self {
        Self::Failed(error.into())
    }
}

/// A change as a job of the writer; it may run several times.
struct Work<C> {
    prepared: Prepared<C>,
    records: Vec<outbox::Row>,
    /// The message that asked for it, by which a repeat is known.
    message: Option<Message>,
}

impl<C: Change> Work<C> {
    fn run(&self, db: &mut Db) -> Result<Vec<Finding>, Stop> {
        let mut findings = self.prepared.findings.clone();
        let effects = self.prepared.change.plan(db, &mut findings)?;
        if findings.iter().any(Finding::is_error) {
            return Err(Stop::Refused(findings));
        }
        store::apply::apply(db, &effects)?;
        for record in &self.records {
            outbox::insert_sealed(db, record).map_err(WriteError::from)?;
        }
        if let Some(message) = &self.message {
            renkei_exchange::mark(db, message)?;
        }
        reached("registry.before_commit");
        Ok(findings)
    }
}
