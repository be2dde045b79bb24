//! Register Document Set-b (ITI TF-2: 3.42.4.1.3) and Register On-Demand Document Entry (ITI TF-2:
//! 3.61.4.1.3): everything or nothing, and every reason at once.

pub(crate) mod check;
mod folders;
pub(crate) mod outdated;
pub(crate) mod own;
pub(crate) mod resolve;
pub(crate) mod targets;

use crate::change::effect::Effect;
use crate::change::objects::{Names, NewAssociation, NewEntry, NewFolder, NewSet, not_sealed};
use crate::change::{Change, Prepared, Told};
use crate::store::key::{Id, Keys};
use crate::store::lookup::Place;
use crate::store::rows::{Origin, Version};
use crate::store::vault::Vault;
use crate::store::write::WriteError;
use crate::{PatientRules, Registry, rules};
use check::Facts;
use renkei_atna::build;
use renkei_atna::spec::AuditSpec;
use renkei_context::{Ctx, Ids};
use renkei_database::{DatabaseError, Db};
use renkei_metadata::finding::{Checked, Finding};
use renkei_metadata::ids::{Dtm, ObjectId};
use renkei_metadata::model::Submission;
use renkei_metadata::rules::Column;
use renkei_sealing::SealError;
use renkei_xds::response::RegistryResponse;
use renkei_xds::transaction::{ITI_42, ITI_61};
use resolve::{Resolved, resolve};
use std::sync::Arc;
use targets::Permitted;

impl Registry {
    /// Registers a submission (ITI-42). It is stored as a whole, with its audit record, when the
    /// answer is Success, and leaves no trace but an audit record of the refusal otherwise.
    ///
    /// After XDSRegistryError the outcome may be open: the commit was sent and no answer came.
    pub async fn register(&self, ctx: &Ctx, submission: Checked<Submission>) -> RegistryResponse {
        self.enter(ctx, submission, Column::XdsDr, ITI_42.audit).await
    }

    /// Registers documents that will be made when somebody asks for them (ITI-61); as
    /// [`register`](Self::register).
    pub async fn register_on_demand(
        &self,
        ctx: &Ctx,
        submission: Checked<Submission>,
    ) -> RegistryResponse {
        self.enter(ctx, submission, Column::XdsOd, ITI_61.audit).await
    }

    async fn enter(
        &self,
        ctx: &Ctx,
        submission: Checked<Submission>,
        column: Column,
        spec: AuditSpec,
    ) -> RegistryResponse {
        let set = submission.value.as_ref().map(|s| &s.submission_set);
        let told = Told { spec, objects: set.map(build::submission).unwrap_or_default() };
        let prepared = self.checked(ctx, submission, column);
        let prepared = prepared.map(|(s, findings)| self.registration(ctx, s, findings));
        self.change(ctx, told, prepared).await
    }

    /// A submission by all rules that need no registry.
    fn checked(
        &self,
        ctx: &Ctx,
        submission: Checked<Submission>,
        column: Column,
    ) -> Result<(Submission, Vec<Finding>), Vec<Finding>> {
        let Checked { value, mut findings } = submission;
        let Some(submission) = value else { return Err(findings) };
        if ctx.remaining().is_zero() {
            findings.push(Finding::new(&rules::BUSY, "Submission"));
            return Err(findings);
        }
        let codes = Some(self.inner.codes.as_ref());
        let mut found = renkei_metadata::rules::check(&submission, column, codes, &findings);
        findings.append(&mut found);
        findings.extend(own::repositories(ctx, &submission));
        findings.extend(own::source(ctx, &submission));
        findings.extend(own::institutions(ctx, &submission));
        findings.extend(own::communities(ctx, self.inner.home.as_ref(), &submission));
        Ok((submission, findings))
    }

    /// A submission that was read and checked; what was found so far goes into the answer.
    pub(crate) fn registration(
        &self,
        ctx: &Ctx,
        submission: Submission,
        mut findings: Vec<Finding>,
    ) -> Prepared<Registration> {
        let vault = self.inner.vault.clone();
        let resolved = resolve(submission, &Keys::new(ctx.now(), ctx.ids.as_ref()));
        let now = Dtm::from_utc(ctx.now()).lowest();
        let rows = rows(&vault, &resolved, ctx.submitter(), &now, &mut findings);
        let patients = self.inner.patients.clone();
        let ids = Arc::clone(&ctx.ids);
        let (at, permitted) = (ctx.now(), Permitted::of(ctx));
        let change = Registration { vault, patients, permitted, resolved, rows, ids, at, now };
        Prepared { change, findings }
    }
}

/// Makes the rows of every object. Objects that are too large are found; nothing is made for a
/// submission that is refused anyway.
fn rows(
    vault: &Vault,
    resolved: &Resolved,
    submitter: Option<&str>,
    now: &str,
    findings: &mut Vec<Finding>,
) -> Option<Rows> {
    if findings.iter().any(Finding::is_error) {
        return None;
    }
    let s = &resolved.submission;
    let set = &s.submission_set;
    let mut make = Maker { resolved, findings };
    let origin = Origin::of(set, submitter);
    let entry = |e, names: Names| NewEntry::new(vault, names, Version::first(names.1), e, &origin);
    let folder = |f, names: Names| NewFolder::new(vault, names, Version::first(names.1), f, now);
    let entries = s.entries.iter().filter_map(|e| make.object(&e.id, |n| entry(e, n))).collect();
    let folders = s.folders.iter().filter_map(|f| make.object(&f.id, |n| folder(f, n))).collect();
    let link = |a, names| NewAssociation::new(vault, names, a);
    let associations =
        s.associations.iter().filter_map(|a| make.object(&a.id, |n| link(a, n))).collect();
    let set =
        make.object(&set.id, |names| NewSet::new(vault, names, set, &s.entries, submitter))?;
    Some(Rows { entries, folders, associations, set })
}

/// The rows of a submission, each sort in submitted order.
struct Rows {
    entries: Vec<Arc<NewEntry>>,
    folders: Vec<Arc<NewFolder>>,
    associations: Vec<Arc<NewAssociation>>,
    set: Arc<NewSet>,
}

struct Maker<'a> {
    resolved: &'a Resolved,
    findings: &'a mut Vec<Finding>,
}

impl Maker<'_> {
    fn object<T>(
        &mut self,
        id: &ObjectId,
        make: impl FnOnce(Names) -> Result<T, SealError>,
    ) -> Option<Arc<T>> {
        let (id, object) = self.resolved.object(id)?;
        match make((object.key, id)) {
            Ok(made) => Some(Arc::new(made)),
            Err(error) => {
                self.findings.push(not_sealed(&error, &object.label));
                None
            }
        }
    }
}

/// One submission as a change.
pub(crate) struct Registration {
    vault: Vault,
    patients: PatientRules,
    permitted: Permitted,
    pub(crate) resolved: Resolved,
    rows: Option<Rows>,
    ids: Arc<dyn Ids>,
    at: chrono::DateTime<chrono::Utc>,
    /// The same, 14 digits.
    now: String,
}

impl Change for Registration {
    const SUBJECT: &'static str = "Submission";

    fn plan(&self, db: &mut Db, findings: &mut Vec<Finding>) -> Result<Vec<Effect>, WriteError> {
        let Self { vault, patients, permitted, resolved, .. } = self;
        let facts = check::check(db, vault, (patients, permitted), resolved, findings)?;
        let outdated = outdated::outdated(db, &self.resolved.submission.associations, &facts)?;
        let inherited = folders::inherited(db, &self.resolved, &facts, findings)?;
        if findings.iter().any(Finding::is_error) {
            return Ok(Vec::new());
        }
        let patient_key = facts.patient_key.ok_or(WriteError::Missing("patient"))?;
        let rows = self.rows.as_ref().ok_or(WriteError::Missing("the rows of the objects"))?;
        let mut effects = self.arrivals(patient_key, rows, &facts)?;
        effects.extend(outdated);
        effects.extend(self.memberships(patient_key, &facts, &inherited)?);
        effects.extend(self.touched(&facts, &inherited));
        Ok(effects)
    }

    fn is_done(&self, db: &mut Db) -> Result<bool, DatabaseError> {
        self.resolved.is_registered(db)
    }
}

impl Registration {
    /// The objects of the submission.
    fn arrivals(
        &self,
        patient_key: i64,
        rows: &Rows,
        facts: &Facts,
    ) -> Result<Vec<Effect>, WriteError> {
        let s = &self.resolved.submission;
        let mut effects = vec![Effect::Set(patient_key, Arc::clone(&rows.set))];
        for (e, new) in s.entries.iter().zip(&rows.entries) {
            if !facts.repeats.contains(e.unique_id.as_str()) {
                effects.push(Effect::DocumentUniqueId(e.unique_id.as_str().to_owned()));
            }
            effects.push(Effect::Entry(patient_key, Arc::clone(new)));
        }
        for new in &rows.folders {
            effects.push(Effect::Folder(patient_key, Arc::clone(new)));
        }
        for (a, new) in s.associations.iter().zip(&rows.associations) {
            let source = self.end(&a.source, patient_key, facts)?;
            let target = self.end(&a.target, patient_key, facts)?;
            effects.push(Effect::Association(patient_key, Arc::clone(new), [source, target]));
        }
        Ok(effects)
    }

    /// What an association leads to: an object of this submission, or a registered one.
    fn end(&self, id: &ObjectId, patient_key: i64, facts: &Facts) -> Result<Place, WriteError> {
        if let Some((_, object)) = self.resolved.object(id) {
            return Ok(Place { kind: object.kind, patient_key, key: object.key });
        }
        let known = id.uuid().and_then(|id| facts.registered.get(&Id::from(id)));
        // The rules have refused every id that names nothing.
        known.map(Place::from).ok_or(WriteError::Missing("an object named by an association"))
    }
}
