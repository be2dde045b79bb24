//! Update Document Set and Restricted Update Document Set (ITI TF-2: 3.57.4.1.3, 3.92.4.1.3): new
//! versions, new associations, other statuses. Everything or nothing, and every reason at once.
//!
//! What is checked against what is registered is here, an idea a file: `versions` (which version is
//! followed), `protected` (which attributes stay), `associations`, `carried` (what a new version takes
//! over), `statuses`, `rings`. What follows is in `effects`.

mod associations;
mod carried;
mod effects;
mod look;
mod protected;
mod relink;
mod rings;
pub mod rules;
mod statuses;
pub(crate) mod stored;
mod told;
mod versions;

use crate::change::effect::Effect;
use crate::change::{Change, Prepared, Told};
use crate::register::resolve::{Resolved, resolve};
use crate::register::{check, own};
use crate::store::key::{Id, Keys};
use crate::store::vault::Vault;
use crate::store::write::WriteError;
use crate::{PatientRules, Registry};
use chrono::{DateTime, Utc};
use look::Look;
use renkei_atna::spec::AuditSpec;
use renkei_context::{Action, Ctx, Ids, Scope, within};
use renkei_database::{DatabaseError, Db};
use renkei_metadata::finding::{Checked, Finding};
use renkei_metadata::ids::{Dtm, HomeCommunityId, ObjectId};
use renkei_metadata::model::Submission;
use renkei_metadata::update::{EntryAttribute, Form, Update};
use renkei_xds::response::RegistryResponse;
use renkei_xds::transaction::{ITI_57, ITI_92};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

impl Registry {
    /// Carries out a metadata update (ITI-57). All of it takes effect, with its audit record, when the
    /// answer is Success, and none of it otherwise.
    ///
    /// After XDSRegistryError the outcome may be open: the commit was sent and no answer came.
    pub async fn update(&self, ctx: &Ctx, update: Checked<Update>) -> RegistryResponse {
        self.updated(ctx, update, Form::Full, ITI_57.audit).await
    }

    /// Carries out a restricted update (ITI-92), which makes new versions of DocumentEntries and leaves
    /// their identity and status alone. Otherwise as [`Registry::update`].
    pub async fn update_restricted(&self, ctx: &Ctx, update: Checked<Update>) -> RegistryResponse {
        self.updated(ctx, update, Form::Restricted, ITI_92.audit).await
    }

    async fn updated(
        &self,
        ctx: &Ctx,
        update: Checked<Update>,
        form: Form,
        spec: AuditSpec,
    ) -> RegistryResponse {
        let objects = match &update.value {
            Some(update) => self.told_of_update(update).await,
            None => Vec::new(),
        };
        let told = Told { spec, objects };
        let prepared = self.prepare_update(ctx, update, form);
        self.change(ctx, told, prepared).await
    }

    pub(crate) fn prepare_update(
        &self,
        ctx: &Ctx,
        update: Checked<Update>,
        form: Form,
    ) -> Result<Prepared<Updating>, Vec<Finding>> {
        let Checked { value, mut findings } = update;
        let Some(update) = value else { return Err(findings) };
        if ctx.remaining().is_zero() {
            findings.push(Finding::new(&crate::rules::BUSY, "Update"));
            return Err(findings);
        }
        let inner = &self.inner;
        let codes = Some(inner.codes.as_ref());
        let mut found = renkei_metadata::rules::check_update(&update, codes, &findings);
        findings.append(&mut found);
        let stored = update.stored();
        if form == Form::Full {
            findings.extend(own::communities(ctx, inner.home.as_ref(), &stored));
        }
        let institutions = own::institutions_of_update(ctx, &stored);
        let repositories = own::repositories_of_update(ctx, &stored);
        let given: Vec<ObjectId> = ids(&stored).cloned().collect();
        let resolved = resolve(stored, &Keys::new(ctx.now(), ctx.ids.as_ref()));
        let names = ids(&resolved.submission).filter_map(ObjectId::uuid).map(Id::from);
        let change = Updating {
            vault: inner.vault.clone(),
            patients: inner.patients.clone(),
            home: inner.home.clone(),
            protected: Arc::clone(&inner.protected),
            form,
            joints: Joints::Kept,
            seen: within(ctx, Action::See),
            permitted: within(ctx, Action::Change),
            institutions,
            repositories,
            submitter: ctx.submitter().map(str::to_owned),
            most: inner.limits.query_results,
            names: given.into_iter().zip(names).collect(),
            update,
            resolved,
            ids: Arc::clone(&ctx.ids),
            at: ctx.now(),
            now: Dtm::from_utc(ctx.now()).lowest(),
        };
        Ok(Prepared { change, findings })
    }
}

/// The ids of its objects.
fn ids(s: &Submission) -> impl Iterator<Item = &ObjectId> {
    let entries = s.entries.iter().map(|e| &e.id);
    let folders = s.folders.iter().map(|f| &f.id);
    let associations = s.associations.iter().map(|a| &a.id);
    std::iter::once(&s.submission_set.id).chain(entries).chain(folders).chain(associations)
}

/// What becomes of an association that would join a new version to an object of another patient.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Joints {
    /// It has to stay, and the update is refused (ITI TF-2: 3.57.4.1.3.3.1.7).
    Kept,
    /// The new version comes without it: the documents of a local identifier move, whatever they are
    /// connected to (ITI TF-2: 3.64.4.1.3).
    LeftBehind,
}

/// One update as a change. Which rows its objects get depends on what is registered; they are made in
/// its transaction.
pub(crate) struct Updating {
    vault: Vault,
    patients: PatientRules,
    /// The community of objects that were submitted without one.
    home: Option<HomeCommunityId>,
    /// The attributes that no restricted update changes.
    protected: Arc<[EntryAttribute]>,
    form: Form,
    joints: Joints,
    /// What may be known of.
    seen: Scope,
    /// What may be changed.
    permitted: Scope,
    /// The institutions of authors that are not the sender's, by the ids that objects have in the message.
    institutions: own::Others,
    /// The repositories that its entries name and that are not the sender's.
    repositories: HashSet<String>,
    /// The node that sends it; `None` for the house itself.
    submitter: Option<String>,
    /// How many documents it looks at to see where one leads.
    most: usize,
    update: Update,
    /// What is stored of the update, under final ids; each sort in the order of `update`.
    resolved: Resolved,
    /// The final ids of its objects by those that they had in the message.
    names: HashMap<ObjectId, Id>,
    ids: Arc<dyn Ids>,
    at: DateTime<Utc>,
    /// The same, 14 digits.
    now: String,
}

impl Change for Updating {
    const SUBJECT: &'static str = "Update";

    fn plan(&self, db: &mut Db, findings: &mut Vec<Finding>) -> Result<Vec<Effect>, WriteError> {
        look::hold_patients(db, self)?;
        let patient = check::submitter(db, &self.vault, &self.patients, &self.resolved, findings)?;
        let mut look = Look::new(db, self, patient, findings);
        let successors = look.versions()?;
        look.institutions_of_set()?;
        let joined = look.associations(&successors)?;
        let carried = look.carried(&successors)?;
        let statuses = look.statuses(&successors, &joined)?;
        if look.is_refused() {
            return Ok(Vec::new());
        }
        let replaced = look.replaced(&joined, &successors)?;
        let patient_key = patient.map(|p| p.key).ok_or(WriteError::Missing("patient"))?;
        let mut made = effects::Made::new(self, patient_key, findings);
        made.set()?;
        made.versions(&successors)?;
        made.associations(&joined)?;
        made.carried(&carried)?;
        Ok(made.end(replaced, statuses))
    }

    /// By the key of the SubmissionSet, which nobody else has.
    fn is_done(&self, db: &mut Db) -> Result<bool, DatabaseError> {
        self.resolved.is_registered(db)
    }
}

impl Updating {
    /// The final id of what an operation names: an object of the update, or a registered one.
    fn id_of(&self, id: &ObjectId) -> Option<Id> {
        self.names.get(id).copied().or_else(|| id.uuid().map(Id::from))
    }
}
