//! Register Document Set-b (ITI TF-2: 3.42.4.1.3): everything or nothing, and every reason at once.

use crate::check::{Facts, check};
use crate::outdated::outdated;
use crate::resolve::{Resolved, resolve};
use crate::store::key::{Id, Key, Keys};
use crate::store::lookup::{self, Named};
use crate::store::rows::{self, EntryRow, FragmentRow, SetRow};
use crate::store::vault::Vault;
use crate::store::write::{self, End, WriteError};
use crate::{PatientRules, Registry, failure, rules};
use renkei_audit::outbox;
use renkei_context::{Ctx, reached};
use renkei_database::{DatabaseError, Db};
use renkei_metadata::finding::{Checked, Finding, Reporter};
use renkei_metadata::ids::ObjectId;
use renkei_metadata::model::{
    Association, DocumentEntry, ObjectKind, RegistryObject, Submission, SubmissionSet,
};
use renkei_metadata::rules::Column;
use renkei_sealing::SealError;
use renkei_xds::response::RegistryResponse;
use std::sync::Arc;

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
        let codes = Some(self.inner.codes.as_ref());
        let mut found = renkei_metadata::rules::check(&submission, Column::XdsDr, codes, &findings);
        findings.append(&mut found);
        self.enter(ctx, submission, findings).await
    }

    /// Enters a submission that was read and checked; what was found so far goes into the answer.
    pub(crate) async fn enter(
        &self,
        ctx: &Ctx,
        submission: Submission,
        mut findings: Vec<Finding>,
    ) -> Result<Vec<Finding>, Vec<Finding>> {
        let inner = &self.inner;
        let record = self.submission_record(ctx, &submission);
        let record = outbox::seal(&inner.outbox, &record)
            .map_err(|e| vec![failure::of_write(&e.into(), "Submission")])?;
        let resolved = resolve(submission, Keys::new(ctx.now(), ctx.ids.as_ref()));
        let rows = rows(&inner.vault, &resolved, &mut findings);
        let work = Arc::new(Work {
            vault: inner.vault.clone(),
            patients: inner.patients.clone(),
            resolved,
            rows,
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
                // Perhaps only the answer to COMMIT was lost.
                Err(Stop::Failed(e)) if self.is_stored(&work.resolved).await => {
                    tracing::warn!(error = %e, "the database failed after it had registered");
                    return Ok(work.findings.clone());
                }
                Err(Stop::Failed(e)) => return Err(vec![failure::of_write(&e, "Submission")]),
            }
        }
    }

    /// Whether this very submission is registered: by the key of its SubmissionSet, which nobody else
    /// has. A database that does not answer says no, and the outcome stays open.
    pub(crate) async fn is_stored(&self, resolved: &Resolved) -> bool {
        let Some((id, set)) = resolved.object(&resolved.submission.submission_set.id) else {
            return false;
        };
        let key = set.key;
        let read = self.inner.database.read(move |db| {
            let found = lookup::objects(db, &[id]).map_err(DatabaseError::from)?;
            Ok::<_, DatabaseError>(matches!(found.get(&id), Some(Named::Object(o)) if o.key == key))
        });
        read.await.unwrap_or(false)
    }
}

/// Makes the rows of every object. Objects that are too large are found; nothing is made for a
/// submission that is refused anyway.
fn rows(vault: &Vault, resolved: &Resolved, findings: &mut Vec<Finding>) -> Option<Rows> {
    if findings.iter().any(Finding::is_error) {
        return None;
    }
    let s = &resolved.submission;
    let mut make = Maker { vault, resolved, findings };
    let entries: Vec<_> = s.entries.iter().filter_map(|e| make.entry(e)).collect();
    let associations: Vec<_> = s.associations.iter().filter_map(|a| make.association(a)).collect();
    let set = make.set(&s.submission_set)?;
    Some(Rows { entries, associations, set })
}

/// The rows of a submission; entries and associations in submitted order.
struct Rows {
    entries: Vec<NewEntry>,
    associations: Vec<NewAssociation>,
    set: (SetRow, FragmentRow),
}

/// The rows of a DocumentEntry.
struct NewEntry {
    row: EntryRow,
    ebrim: FragmentRow,
    /// The keyed hashes of its reference ids.
    references: Vec<Vec<u8>>,
}

/// The names and the ebRIM of an Association, whose row waits for its ends.
struct NewAssociation {
    names: (Key, Id),
    ebrim: FragmentRow,
}

struct Maker<'a> {
    vault: &'a Vault,
    resolved: &'a Resolved,
    findings: &'a mut Vec<Finding>,
}

impl Maker<'_> {
    fn entry(&mut self, e: &DocumentEntry) -> Option<NewEntry> {
        let set = &self.resolved.submission.submission_set;
        self.object(&e.id, |vault, names| {
            let object = RegistryObject::Entry(Box::new(e.clone()));
            let ebrim = rows::fragment(vault, names.0, ObjectKind::DocumentEntry, &object)?;
            let mut references: Vec<Vec<u8>> =
                e.reference_ids.iter().map(|id| vault.reference_hash(id)).collect();
            references.sort_unstable();
            references.dedup();
            Ok(NewEntry { row: EntryRow::new(vault, names, e, set)?, ebrim, references })
        })
    }

    fn association(&mut self, a: &Association) -> Option<NewAssociation> {
        self.object(&a.id, |vault, names| {
            let object = RegistryObject::Association(Box::new(a.clone()));
            let ebrim = rows::fragment(vault, names.0, ObjectKind::Association, &object)?;
            Ok(NewAssociation { names, ebrim })
        })
    }

    fn set(&mut self, set: &SubmissionSet) -> Option<(SetRow, FragmentRow)> {
        let entries = &self.resolved.submission.entries;
        self.object(&set.id, |vault, names| {
            let object = RegistryObject::SubmissionSet(Box::new(set.clone()));
            let ebrim = rows::fragment(vault, names.0, ObjectKind::SubmissionSet, &object)?;
            Ok((SetRow::new(vault, names, set, entries)?, ebrim))
        })
    }

    fn object<T>(
        &mut self,
        id: &ObjectId,
        make: impl FnOnce(&Vault, (Key, Id)) -> Result<T, SealError>,
    ) -> Option<T> {
        let (id, object) = self.resolved.object(id)?;
        match make(self.vault, (object.key, id)) {
            Ok(made) => Some(made),
            Err(error) => {
                let rule = match error {
                    SealError::TooLong(_) => &rules::OBJECT_TOO_LARGE,
                    _ => &rules::INTERNAL,
                };
                tracing::warn!(%error, "an object was not sealed");
                self.findings.push(Finding::new(rule, object.label.as_str()));
                None
            }
        }
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

/// One submission as a job of the writer; it may run several times.
struct Work {
    vault: Vault,
    patients: PatientRules,
    resolved: Resolved,
    rows: Option<Rows>,
    findings: Vec<Finding>,
    record: outbox::Row,
}

impl Work {
    fn run(&self, db: &mut Db) -> Result<Vec<Finding>, Stop> {
        let mut findings = self.findings.clone();
        let facts = check(db, &self.vault, &self.patients, &self.resolved, &mut findings)?;
        if findings.iter().any(Finding::is_error) {
            return Err(Stop::Refused(findings));
        }
        let patient_key = facts.patient_key.ok_or(WriteError::Missing("patient"))?;
        let rows = self.rows.as_ref().ok_or(WriteError::Missing("the rows of the objects"))?;
        let associations = &self.resolved.submission.associations;
        let outdated = outdated(db, associations, &facts.targets)?;
        self.store(db, patient_key, &facts, rows)?;
        for (key, patient_key) in outdated {
            write::deprecate(db, patient_key, key).map_err(WriteError::from)?;
        }
        outbox::insert_sealed(db, &self.record).map_err(WriteError::from)?;
        reached("registry.before_commit");
        Ok(findings)
    }

    fn store(
        &self,
        db: &mut Db,
        patient_key: i64,
        facts: &Facts,
        rows: &Rows,
    ) -> Result<(), WriteError> {
        let s = &self.resolved.submission;
        write::submission_set(db, patient_key, &rows.set.0, &rows.set.1)?;
        for (e, new) in s.entries.iter().zip(&rows.entries) {
            if !facts.repeats.contains(e.unique_id.as_str()) {
                write::document_unique_id(db, e.unique_id.as_str())?;
            }
            write::entry(db, patient_key, &new.row, &new.ebrim, &new.references)?;
        }
        for (a, new) in s.associations.iter().zip(&rows.associations) {
            let ends = [
                self.end(&a.source, patient_key, facts)?,
                self.end(&a.target, patient_key, facts)?,
            ];
            write::association(db, patient_key, new.names, a, ends, &new.ebrim)?;
        }
        Ok(())
    }

    /// What an association leads to: an object of this submission, or a registered one.
    fn end(&self, id: &ObjectId, patient_key: i64, facts: &Facts) -> Result<End, WriteError> {
        if let Some((_, object)) = self.resolved.object(id) {
            return Ok(End { kind: object.kind, patient_key, key: object.key });
        }
        let known = id.uuid().and_then(|id| facts.targets.get(&Id::from(id)));
        // The rules have refused every id that names nothing.
        known.map(End::from).ok_or(WriteError::Missing("an object named by an association"))
    }
}
