//! A local identifier belongs to another patient (ITI TF-2: 3.64.4.1.3): the documents that came under
//! it get new versions under that patient, by a metadata update of the registry's own.

use super::{Joints, Updating, stored};
use crate::change::effect::Effect;
use crate::change::lifecycle::State;
use crate::change::{Change, Prepared};
use crate::store::lookup::{self, Place};
use crate::store::news::NewsRow;
use crate::store::patients::{self, Standing};
use crate::store::versions::{self, Latest};
use crate::store::write::WriteError;
use crate::{Registry, rules};
use renkei_atna::record::AuditRecord;
use renkei_context::{Caller, Ctx, Role};
use renkei_database::{DatabaseError, Db};
use renkei_hl7v2::adt::LinkChange;
use renkei_metadata::finding::{Checked, Finding};
use renkei_metadata::ids::{Dtm, ObjectId, Oid, PatientId};
use renkei_metadata::model::{
    Code, DocumentEntry, Folder, LocalizedText, ObjectKind, SubmissionSet,
};
use renkei_metadata::update::{Form, Propagation};
use renkei_xds::update::UpdateBuilder;
use std::collections::HashSet;
use std::sync::Arc;

const SUBJECT: &str = "LinkChange";
const CONTENT_TYPE: &str = "contentTypeCode";
/// What the SubmissionSet of a move is.
const LINK_CHANGE: &str = "LINK-CHANGE";

impl Registry {
    /// Moves the documents of a local identifier from one patient to another, whatever their status,
    /// with `record` and `news` in the same transaction. `source` is who says so, where it can be told.
    ///
    /// # Errors
    /// Findings: a patient is not active, or there is more to move than the registry has room for.
    pub(crate) async fn relink(
        &self,
        ctx: &Ctx,
        link: &LinkChange,
        source: Option<Oid>,
        record: &AuditRecord,
        news: Option<NewsRow>,
    ) -> Result<(), Vec<Finding>> {
        let set = self.link_set(ctx, &link.new, source);
        // Whoever feeds identifiers says whose documents are, whether it may know of them or not.
        let house = Arc::new(Caller::internal("registry"));
        let (registry, link) = (self.clone(), link.clone());
        let ctx_of_it = ctx.by_house(house, Role::Feed, &ctx.endpoint);
        let change = Linking { registry, ctx: ctx_of_it, link, set, news };
        let prepared = Prepared { change, findings: Vec::new() };
        self.commit(ctx, std::slice::from_ref(record), prepared).await.map(drop)
    }

    /// The SubmissionSet that says what moved.
    fn link_set(&self, ctx: &Ctx, patient: &PatientId, source: Option<Oid>) -> SubmissionSet {
        let own = self.assigning_authority();
        let codes = &self.inner.codes;
        // A community whose list has no code for it gets the first that it has: another would be refused.
        let mut listed = codes.codes(CONTENT_TYPE, LINK_CHANGE).chain(codes.listed(CONTENT_TYPE));
        let content_type = listed.next().cloned().unwrap_or_else(|| Code {
            code: LINK_CHANGE.to_owned(),
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

/// One message as a change. What moves is found in its transaction.
struct Linking {
    registry: Registry,
    ctx: Ctx,
    link: LinkChange,
    /// The SubmissionSet that says what moved.
    set: SubmissionSet,
    /// The message, for who keeps the persons.
    news: Option<NewsRow>,
}

impl Change for Linking {
    const SUBJECT: &'static str = SUBJECT;

    fn plan(&self, db: &mut Db, findings: &mut Vec<Finding>) -> Result<Vec<Effect>, WriteError> {
        let mut effects = self.moves(db, findings)?;
        effects.extend(self.news.clone().map(Effect::News));
        Ok(effects)
    }

    fn is_done(&self, db: &mut Db) -> Result<bool, DatabaseError> {
        let unique_id = self.set.unique_id.as_str();
        Ok(lookup::unique_ids(db, &[unique_id])?.contains_key(unique_id))
    }
}

impl Linking {
    fn moves(&self, db: &mut Db, findings: &mut Vec<Finding>) -> Result<Vec<Effect>, WriteError> {
        let Some(root) = self.previous(db, findings)? else { return Ok(Vec::new()) };
        let Some(moving) = self.moving(db, root)? else {
            let finding = Finding::new(&rules::TOO_MANY_RESULTS, SUBJECT);
            findings.push(finding.attribute("limits.query_results"));
            return Ok(Vec::new());
        };
        if moving.entries.is_empty() {
            return Ok(Vec::new());
        }
        match self.update(moving) {
            Ok(Prepared { change, findings: found }) => {
                findings.extend(found);
                change.plan(db, findings)
            }
            Err(found) => {
                findings.extend(found);
                Ok(Vec::new())
            }
        }
    }
}

/// What goes to the other patient: documents, each in its newest version, and current folders of whose
/// current documents none stays.
#[derive(Default)]
struct Moving {
    entries: Vec<DocumentEntry>,
    folders: Vec<Folder>,
}

impl Linking {
    /// The patient whose documents move, if both are active. Both stay held: what is found of the one
    /// is what moves, and nothing comes to it meanwhile.
    fn previous(
        &self,
        db: &mut Db,
        findings: &mut Vec<Finding>,
    ) -> Result<Option<i64>, WriteError> {
        let patients = [&self.link.previous, &self.link.new];
        let standings = patients::locked(db, &self.registry.inner.vault, patients)?;
        for standing in &standings {
            let rule = match standing {
                Standing::Active(_) => continue,
                Standing::Subsumed(_) => &rules::PATIENT_SUBSUMED,
                Standing::Unknown => &rules::PATIENT_UNKNOWN,
            };
            findings.push(Finding::new(rule, SUBJECT).attribute("patientId"));
        }
        Ok(match standings {
            [Standing::Active(root), Standing::Active(_)] => Some(root),
            _ => None,
        })
    }

    fn update(&self, moving: Moving) -> Result<Prepared<Updating>, Vec<Finding>> {
        let broken = |_| vec![Finding::new(&rules::INTERNAL, SUBJECT)];
        let mut update = UpdateBuilder::new(self.set.clone());
        for entry in moving.entries {
            update = update.entry(entry, Propagation::Yes).map_err(broken)?;
        }
        for folder in moving.folders {
            update = update.folder(folder, Propagation::Yes).map_err(broken)?;
        }
        let update = Checked::good(update.build());
        let mut prepared = self.registry.prepare_update(&self.ctx, update, Form::Full)?;
        prepared.change.joints = Joints::LeftBehind;
        Ok(prepared)
    }

    /// `None` when there are more documents or folders than an answer may have.
    fn moving(&self, db: &mut Db, root: i64) -> Result<Option<Moving>, WriteError> {
        let inner = &self.registry.inner;
        let (vault, most) = (&inner.vault, inner.limits.query_results);
        let (mut moving, mut keys) = (Moving::default(), HashSet::new());
        let entries = newest(db, ObjectKind::DocumentEntry, root, most)?;
        let folders = newest(db, ObjectKind::Folder, root, most)?;
        let (Some(entries), Some(folders)) = (entries, folders) else { return Ok(None) };
        for latest in entries {
            let home = inner.home.as_ref();
            let entry = stored::entry(db, vault, &latest, Some(&self.link.previous), home)?;
            if let Some(entry) = self.moved(entry) {
                keys.insert(latest.place.key);
                moving.entries.push(entry);
            }
        }
        if self.link.new == self.link.previous {
            return Ok(Some(moving));
        }
        for latest in folders.into_iter().filter(|f| f.state == State::Approved) {
            let members = members(db, &latest, most)?;
            if !members.is_empty() && members.iter().all(|place| keys.contains(&place.key)) {
                let mut folder = stored::folder(db, vault, &latest)?;
                folder.patient_id = Some(self.link.new.clone());
                folder.version = u32::try_from(latest.version).ok();
                moving.folders.push(folder);
            }
        }
        Ok(Some(moving))
    }

    /// A document as it is afterwards; `None` where the message is not about it, or changes nothing.
    /// The identifier that was taken in is no longer one (ITI TF-2: 3.64).
    fn moved(&self, entry: DocumentEntry) -> Option<DocumentEntry> {
        let LinkChange { new, previous, local, subsumed } = &self.link;
        let found = PatientId::parse(entry.source_patient_id.as_deref()?).ok()?;
        let source_patient_id = match (found == *local, Some(&found) == subsumed.as_ref()) {
            (true, _) => entry.source_patient_id.clone(),
            (false, true) => Some(local.to_string()),
            (false, false) => return None,
        };
        let stays = new == previous && source_patient_id == entry.source_patient_id;
        let patient_id = Some(new.clone());
        (!stays).then_some(DocumentEntry { patient_id, source_patient_id, ..entry })
    }
}

/// The newest versions of a patient's objects; `None` when there are more than `most`.
fn newest(
    db: &mut Db,
    kind: ObjectKind,
    root: i64,
    most: usize,
) -> Result<Option<Vec<Latest>>, WriteError> {
    let lids = patients::newest(db, kind, root, most.saturating_add(1))?;
    if lids.len() > most {
        return Ok(None);
    }
    let mut found = Vec::with_capacity(lids.len());
    for lid in lids {
        found.extend(versions::latest(db, kind, lid)?);
    }
    Ok(Some(found))
}

/// The current documents in a folder.
fn members(db: &mut Db, folder: &Latest, most: usize) -> Result<Vec<Place>, WriteError> {
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let mut members = Vec::new();
    for joint in versions::joints(db, folder.place.key, most)? {
        let state = lookup::state(db, &joint.target)?;
        if joint.source.key == folder.place.key && state == Some(State::Approved) {
            members.push(joint.target);
        }
    }
    Ok(members)
}
