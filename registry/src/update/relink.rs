//! A local identifier belongs to another patient (ITI TF-2: 3.64.4.1.3): the documents that came under
//! it get new versions under that patient, by a metadata update of the registry's own.

use super::{Updating, stored};
use crate::change::Prepared;
use crate::store::lookup::{self, Place};
use crate::store::patients;
use crate::store::vault::Vault;
use crate::store::versions::{self, Latest};
use crate::store::write::WriteError;
use crate::{Registry, failure, rules};
use renkei_atna::record::AuditRecord;
use renkei_context::Ctx;
use renkei_database::Db;
use renkei_hl7v2::adt::LinkChange;
use renkei_metadata::finding::{Checked, Finding};
use renkei_metadata::ids::{Dtm, HomeCommunityId, ObjectId, Oid, PatientId};
use renkei_metadata::model::{
    Code, DocumentEntry, Folder, LocalizedText, ObjectKind, SubmissionSet,
};
use renkei_metadata::update::{Form, Propagation};
use renkei_xds::update::UpdateBuilder;
use std::collections::HashSet;

const SUBJECT: &str = "LinkChange";

/// What goes to the other patient: current documents, and folders that hold nothing else.
#[derive(Default)]
struct Moving {
    entries: Vec<DocumentEntry>,
    folders: Vec<Folder>,
}

impl Registry {
    /// Moves the current documents of a local identifier from one patient to another, with `record`
    /// in the same transaction. `source` is who says so, where it can be told.
    ///
    /// # Errors
    /// Findings: a patient is not known or not active, or a document is connected to one that stays.
    pub(crate) async fn relink(
        &self,
        ctx: &Ctx,
        link: &LinkChange,
        source: Option<Oid>,
        record: &AuditRecord,
    ) -> Result<(), Vec<Finding>> {
        let (vault, home) = (self.inner.vault.clone(), self.inner.home.clone());
        let (wanted, most) = (link.clone(), self.inner.limits.query_results);
        let read = move |db: &mut Db| moving(db, &vault, &wanted, home.as_ref(), most);
        let moving = match self.inner.database.read(read).await {
            Ok(Some(moving)) => moving,
            Ok(None) => {
                let finding = Finding::new(&rules::TOO_MANY_RESULTS, SUBJECT);
                return Err(vec![finding.attribute("limits.query_results")]);
            }
            Err(error) => return Err(vec![failure::of_write(&error, SUBJECT)]),
        };
        if moving.entries.is_empty() || link.new == link.previous {
            return self.recorded(record).await;
        }
        let prepared = self.prepare_link(ctx, link, source, moving)?;
        self.commit(ctx, std::slice::from_ref(record), prepared).await.map(drop)
    }

    fn prepare_link(
        &self,
        ctx: &Ctx,
        link: &LinkChange,
        source: Option<Oid>,
        moving: Moving,
    ) -> Result<Prepared<Updating>, Vec<Finding>> {
        let set = self.link_set(ctx, &link.new, source);
        let broken = |_| vec![Finding::new(&rules::INTERNAL, SUBJECT)];
        let mut update = UpdateBuilder::new(set);
        for entry in moving.entries {
            update = update.entry(entry, Propagation::Yes).map_err(broken)?;
        }
        for folder in moving.folders {
            update = update.folder(folder, Propagation::Yes).map_err(broken)?;
        }
        self.prepare_update(ctx, Checked::good(update.build()), Form::Full)
    }

    /// The SubmissionSet that says what moved.
    fn link_set(&self, ctx: &Ctx, patient: &PatientId, source: Option<Oid>) -> SubmissionSet {
        let own = self.assigning_authority();
        let listed = self.inner.codes.listed("contentTypeCode").first().cloned();
        let content_type = listed.unwrap_or_else(|| Code {
            code: "LINK-CHANGE".to_owned(),
            scheme: own.as_str().to_owned(),
            display: LocalizedText::ja("患者IDの付け替え"),
        });
        SubmissionSet {
            id: ObjectId::Symbol("Set".to_owned()),
            lid: None,
            version: None,
            home: None,
            status: None,
            title: Some(LocalizedText::ja("患者IDの付け替え")),
            comments: None,
            authors: Vec::new(),
            content_type_code: Some(content_type),
            intended_recipients: Vec::new(),
            patient_id: Some(patient.clone()),
            source_id: source.unwrap_or_else(|| own.clone()),
            submission_time: Dtm::from_utc(ctx.now()),
            unique_id: Oid::from_uuid(ctx.ids.new_uuid()),
            extra: Vec::new(),
        }
    }
}

/// `None` when there are more documents or folders than `most`.
fn moving(
    db: &mut Db,
    vault: &Vault,
    link: &LinkChange,
    home: Option<&HomeCommunityId>,
    most: usize,
) -> Result<Option<Moving>, WriteError> {
    let Some(previous) = lookup::patient(db, &vault.hash(&link.previous))? else {
        return Ok(Some(Moving::default()));
    };
    let (mut moving, mut keys) = (Moving::default(), HashSet::new());
    let entries = current(db, ObjectKind::DocumentEntry, previous.root, most)?;
    let folders = current(db, ObjectKind::Folder, previous.root, most)?;
    let (Some(entries), Some(folders)) = (entries, folders) else { return Ok(None) };
    for latest in entries {
        let mut entry = stored::entry(db, vault, &latest, Some(&link.previous), home)?;
        let local = entry.source_patient_id.as_deref().map(PatientId::parse);
        if local.is_some_and(|id| id.is_ok_and(|id| link.local.contains(&id))) {
            keys.insert(latest.place.key);
            entry.patient_id = Some(link.new.clone());
            moving.entries.push(entry);
        }
    }
    for latest in folders {
        let members = members(db, &latest, most)?;
        if !members.is_empty() && members.iter().all(|place| keys.contains(&place.key)) {
            let mut folder = stored::folder(db, vault, &latest)?;
            folder.patient_id = Some(link.new.clone());
            folder.version = u32::try_from(latest.version).ok();
            moving.folders.push(folder);
        }
    }
    Ok(Some(moving))
}

/// The current versions of a patient's objects; `None` when there are more than `most`.
fn current(
    db: &mut Db,
    kind: ObjectKind,
    root: i64,
    most: usize,
) -> Result<Option<Vec<Latest>>, WriteError> {
    let lids = patients::current(db, kind, root, most.saturating_add(1))?;
    if lids.len() > most {
        return Ok(None);
    }
    let mut found = Vec::with_capacity(lids.len());
    for lid in lids {
        found.extend(versions::latest(db, kind, lid)?);
    }
    Ok(Some(found))
}

/// The newest versions of the documents in a folder.
fn members(db: &mut Db, folder: &Latest, most: usize) -> Result<Vec<Place>, WriteError> {
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let mut members = Vec::new();
    for joint in versions::joints(db, folder.place.key, most)? {
        let state = lookup::state(db, &joint.target)?;
        if joint.source.key == folder.place.key && state.is_some_and(|s| s.is_latest()) {
            members.push(joint.target);
        }
    }
    Ok(members)
}
