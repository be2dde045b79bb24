//! Register Document Set-b (ITI TF-2: 3.42.4.1.3): everything or nothing, and every reason at once.

use crate::check::{Facts, check, replaces};
use crate::resolve::{Resolved, resolve};
use crate::store::IdKind;
use crate::store::lookup;
use crate::store::vault::Vault;
use crate::store::write::{self, Sealed, WriteError};
use crate::{PatientRules, Registry, failure, rules};
use renkei_audit::outbox;
use renkei_context::{Ctx, reached};
use renkei_database::{DatabaseError, Db};
use renkei_metadata::finding::{Checked, Finding, Reporter};
use renkei_metadata::ids::ObjectId;
use renkei_metadata::model::{ObjectKind, RegistryObject, Submission};
use renkei_metadata::rules::Column;
use renkei_sealing::SealError;
use renkei_xds::response::RegistryResponse;
use std::collections::HashSet;
use std::sync::Arc;
use uuid::Uuid;

/// How often a submission starts again after another one took an identifier of it first.
const ATTEMPTS: usize = 4;

impl Registry {
    /// Registers a submission (ITI-42). It is stored as a whole, with its audit record, when the
    /// answer is Success, and leaves no trace but an audit record of the refusal otherwise.
    ///
    /// After XDSRegistryError the outcome may be open: the commit was sent and no answer came.
    pub async fn register(&self, ctx: &Ctx, submission: Checked<Submission>) -> RegistryResponse {
        let subject = self.audit_subject(submission.value.as_ref());
        match self.try_register(ctx, submission).await {
            Ok(warnings) => RegistryResponse::success(&warnings, Reporter::Registry),
            Err(findings) => {
                self.audit_refused_submission(ctx, subject, &findings).await;
                RegistryResponse::failure(&findings, Reporter::Registry)
            }
        }
    }

    async fn try_register(
        &self,
        ctx: &Ctx,
        submission: Checked<Submission>,
    ) -> Result<Vec<Finding>, Vec<Finding>> {
        let Checked { value, mut findings } = submission;
        let Some(submission) = value else { return Err(findings) };
        if ctx.remaining().is_zero() {
            findings.push(Finding::new(&rules::BUSY, "Submission"));
            return Err(findings);
        }
        let inner = &self.inner;
        let mut found = renkei_metadata::rules::check(
            &submission,
            Column::XdsDr,
            Some(&inner.codes),
            &findings,
        );
        findings.append(&mut found);
        let record = self.submission_record(ctx, &submission);
        let record = outbox::seal(&inner.outbox, &record)
            .map_err(|e| vec![failure::of_write(&e.into(), "Submission")])?;
        let resolved = resolve(submission, ctx.ids.as_ref());
        let sealed = seal(&inner.vault, &resolved, &mut findings);
        let work = Arc::new(Work {
            vault: inner.vault.clone(),
            patients: inner.patients.clone(),
            resolved,
            sealed,
            findings,
            record,
        });
        let mut attempt = 1;
        loop {
            let job = Arc::clone(&work);
            match inner.database.write(move |db| job.run(db)).await {
                Ok(warnings) => {
                    reached("registry.after_commit");
                    return Ok(warnings);
                }
                Err(Stop::Refused(findings)) => return Err(findings),
                // Another submission registered one of the ids between our look and our insert.
                // The next attempt sees it and says so.
                Err(Stop::Failed(WriteError::Database(e)))
                    if e.is_unique_violation() && attempt < ATTEMPTS =>
                {
                    attempt += 1;
                }
                Err(Stop::Failed(e)) => return Err(vec![failure::of_write(&e, "Submission")]),
            }
        }
    }
}

/// Seals every object, in the order entries, associations, set last. Objects that are too large are
/// found; nothing is sealed for a submission that is refused anyway.
fn seal(vault: &Vault, resolved: &Resolved, findings: &mut Vec<Finding>) -> Option<SealedObjects> {
    if findings.iter().any(Finding::is_error) {
        return None;
    }
    let s = &resolved.submission;
    let mut one = |id: &ObjectId, kind: ObjectKind, object: RegistryObject| {
        let uuid = id.uuid()?.0;
        match write::seal(vault, uuid, kind, &object) {
            Ok(sealed) => Some(sealed),
            Err(e) => {
                let rule = match e {
                    SealError::TooLong(_) => &rules::OBJECT_TOO_LARGE,
                    _ => &rules::INTERNAL,
                };
                tracing::warn!(error = %e, "an object was not sealed");
                findings.push(Finding::new(rule, resolved.label(id)));
                None
            }
        }
    };
    let entries: Vec<_> = s
        .entries
        .iter()
        .filter_map(|e| {
            one(&e.id, ObjectKind::DocumentEntry, RegistryObject::Entry(Box::new(e.clone())))
        })
        .collect();
    let associations: Vec<_> = s
        .associations
        .iter()
        .filter_map(|a| {
            one(&a.id, ObjectKind::Association, RegistryObject::Association(Box::new(a.clone())))
        })
        .collect();
    let set = &s.submission_set;
    let object = RegistryObject::SubmissionSet(Box::new(set.clone()));
    let set = one(&set.id, ObjectKind::SubmissionSet, object)?;
    Some(SealedObjects { entries, associations, set })
}

struct SealedObjects {
    entries: Vec<Sealed>,
    associations: Vec<Sealed>,
    set: Sealed,
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

/// One submission as a job of the writer; it may run several times.
struct Work {
    vault: Vault,
    patients: PatientRules,
    resolved: Resolved,
    sealed: Option<SealedObjects>,
    findings: Vec<Finding>,
    record: outbox::Sealed,
}

impl Work {
    fn run(&self, db: &mut Db) -> Result<Vec<Finding>, Stop> {
        let mut findings = self.findings.clone();
        let facts = check(db, &self.vault, &self.patients, &self.resolved, &mut findings)?;
        if findings.iter().any(Finding::is_error) {
            return Err(Stop::Refused(findings));
        }
        let patient_key = facts.patient_key.ok_or(WriteError::Missing("patient"))?;
        let sealed = self.sealed.as_ref().ok_or(WriteError::Missing("sealed objects"))?;
        self.store(db, patient_key, &facts, sealed)?;
        self.deprecate(db, &facts)?;
        outbox::insert_sealed(db, &self.record).map_err(WriteError::from)?;
        reached("registry.before_commit");
        Ok(findings)
    }

    fn store(
        &self,
        db: &mut Db,
        key: i64,
        facts: &Facts,
        sealed: &SealedObjects,
    ) -> Result<(), WriteError> {
        let s = &self.resolved.submission;
        let set_id = uuid(&s.submission_set.id)?;
        let recipient = write::recipients(&s.submission_set);
        let recipient = recipient.as_deref();
        let kind = ObjectKind::SubmissionSet;
        let unique_id = s.submission_set.unique_id.as_str();
        write::identify(db, IdKind::Package, unique_id, key, set_id, kind)?;
        write::identify(db, IdKind::Entry, &set_id.to_string(), key, set_id, kind)?;
        write::submission_set(db, key, recipient, set_id, &s.submission_set, &sealed.set)?;
        for (e, sealed) in s.entries.iter().zip(&sealed.entries) {
            let id = uuid(&e.id)?;
            let kind = ObjectKind::DocumentEntry;
            write::identify(db, IdKind::Entry, &id.to_string(), key, id, kind)?;
            // The first document of a uniqueId keeps the identifier; the index on
            // (patient_key, unique_id) finds the others.
            if !facts.repeats.contains(e.unique_id.as_str()) {
                write::identify(db, IdKind::Document, e.unique_id.as_str(), key, id, kind)?;
            }
            write::entry(db, key, (set_id, recipient), id, e, sealed)?;
        }
        for (a, sealed) in s.associations.iter().zip(&sealed.associations) {
            let ids = [uuid(&a.id)?, uuid(&a.source)?, uuid(&a.target)?];
            let [id, _, target] = ids;
            let target_key = facts.targets.get(&target).map_or(key, |t| t.patient_key);
            let kind = ObjectKind::Association;
            write::identify(db, IdKind::Entry, &id.to_string(), key, id, kind)?;
            write::association(db, key, target_key, ids, a, sealed)?;
        }
        Ok(())
    }

    /// What is replaced ceases to be current, and with it its transformations and addenda, and
    /// theirs (ITI TF-3: 4.2.2.2.3).
    fn deprecate(&self, db: &mut Db, facts: &Facts) -> Result<(), WriteError> {
        let associations = &self.resolved.submission.associations;
        let mut todo: Vec<(i64, String)> = associations
            .iter()
            .filter(|a| replaces(a.association_type))
            .filter_map(|a| facts.targets.get(&a.target.uuid()?.0))
            .map(|target| (target.patient_key, target.id.clone()))
            .collect();
        let mut done = HashSet::new();
        while let Some((key, id)) = todo.pop() {
            if done.insert(id.clone()) {
                write::deprecate(db, key, &id)?;
                todo.extend(lookup::dependants(db, key, &id)?);
            }
        }
        Ok(())
    }
}

/// The rules have refused every symbol that names nothing.
fn uuid(id: &ObjectId) -> Result<Uuid, WriteError> {
    id.uuid().map(|u| u.0).ok_or(WriteError::Missing("object named by an association"))
}
