//! What only the registry can say about a submission: patients, identifiers, targets.
//!
//! Each rule adds its findings and lets the next one look, so that a sender hears of everything at
//! once.

use super::resolve::Resolved;
use super::targets::{self, Permitted};
use crate::change::lifecycle::State;
use crate::rules;
use crate::store::key::Id;
use crate::store::lookup::{self, Known, PatientRow};
use crate::store::rows;
use crate::store::vault::Vault;
use crate::store::write::{self, WriteError};
use crate::{PatientPolicy, PatientRules};
use renkei_database::Db;
use renkei_metadata::finding::{Finding, Rule};
use renkei_metadata::ids::{ObjectId, Oid, PatientId};
use renkei_metadata::model::{DocumentEntry, ObjectKind};
use std::collections::{HashMap, HashSet};

/// What was found out on the way and is needed to write.
pub(crate) struct Facts {
    /// The patient of the submission.
    pub(crate) patient_key: Option<i64>,
    /// Registered objects at the ends of associations.
    pub(crate) registered: HashMap<Id, Known>,
    /// What they are, where that matters.
    pub(crate) states: HashMap<Id, State>,
    /// The uniqueIds of documents that are registered already, with this very content.
    pub(crate) repeats: HashSet<String>,
}

/// Checks `submission` against what is registered and adds to `findings`.
pub(crate) fn check(
    db: &mut Db,
    vault: &Vault,
    (patients, permitted): (&PatientRules, &Permitted),
    submission: &Resolved,
    findings: &mut Vec<Finding>,
) -> Result<Facts, WriteError> {
    let patient = submitter(db, vault, patients, submission, findings)?;
    let mut check = Check { db, vault, submission, findings };
    check.folders()?;
    let repeats = check.documents()?;
    let root = patient.map(|p| p.root);
    let (registered, states) = targets::check(db, permitted, submission, root, findings)?;
    Ok(Facts { patient_key: patient.map(|p| p.key), registered, states, repeats })
}

/// Checks what any message with a SubmissionSet has: its patients, ids that are free, and the set's own
/// uniqueId. The patient is that of the set.
pub(crate) fn submitter(
    db: &mut Db,
    vault: &Vault,
    patients: &PatientRules,
    submission: &Resolved,
    findings: &mut Vec<Finding>,
) -> Result<Option<PatientRow>, WriteError> {
    let mut check = Check { db, vault, submission, findings };
    let patient = check.patients(patients)?;
    check.claimed_ids()?;
    check.set()?;
    Ok(patient)
}

struct Check<'a> {
    db: &'a mut Db,
    vault: &'a Vault,
    submission: &'a Resolved,
    findings: &'a mut Vec<Finding>,
}

impl Check<'_> {
    /// Every patient id must be of this domain, known and active (ITI TF-2: 3.42.4.1.3.3.2). The
    /// patient's row stays locked, so that two submissions for one patient follow each other.
    fn patients(&mut self, patients: &PatientRules) -> Result<Option<PatientRow>, WriteError> {
        let mut seen: HashMap<&PatientId, Option<PatientRow>> = HashMap::new();
        let set = &self.submission.submission.submission_set;
        let of_set = set.patient_id.as_ref().map(|p| (p, &set.id));
        let of_entries = self.submission.submission.entries.iter();
        let of_entries = of_entries.filter_map(|e| e.patient_id.as_ref().map(|p| (p, &e.id)));
        let of_folders = self.submission.submission.folders.iter();
        let of_folders = of_folders.filter_map(|f| f.patient_id.as_ref().map(|p| (p, &f.id)));
        let mut own = None;
        for (cx, id) in of_set.into_iter().chain(of_entries).chain(of_folders) {
            if seen.contains_key(cx) {
                continue;
            }
            let (row, problem) = self.patient(patients, cx)?;
            if let Some(rule) = problem {
                let label = self.submission.label(id);
                let finding =
                    Finding::new(rule, label).attribute("patientId").value(cx.to_string());
                self.findings.push(match rule.id == rules::PATIENT_AUTHORITY.id {
                    true => finding.expected(
                        format!("an identifier of {}", patients.assigning_authority),
                        format!("{} の発番したID", patients.assigning_authority),
                    ),
                    false => finding,
                });
            }
            own = own.or(row);
            seen.insert(cx, row);
        }
        Ok(own)
    }

    fn patient(
        &mut self,
        patients: &PatientRules,
        cx: &PatientId,
    ) -> Result<(Option<PatientRow>, Option<&'static Rule>), WriteError> {
        if cx.authority != patients.assigning_authority {
            return Ok((None, Some(&rules::PATIENT_AUTHORITY)));
        }
        let hash = self.vault.hash(cx);
        let mut row = lookup::patient_locked(self.db, &hash)?;
        if row.is_none() && patients.policy == PatientPolicy::AcceptAny {
            write::patient(self.db, self.vault, cx)?;
            row = lookup::patient_locked(self.db, &hash)?;
        }
        Ok(match row {
            None => (None, Some(&rules::PATIENT_UNKNOWN)),
            Some(p) if p.root != p.key => (None, Some(&rules::PATIENT_SUBSUMED)),
            Some(p) => (Some(p), None),
        })
    }

    /// A UUID of an object stays that object's for ever (ITI TF-2: 3.42.4.1.3.7), also when the object
    /// was removed.
    fn claimed_ids(&mut self) -> Result<(), WriteError> {
        let known = lookup::objects(self.db, &self.submission.claimed)?;
        for id in &self.submission.claimed {
            if known.contains_key(id)
                && let Some(object) = self.submission.objects.get(id)
            {
                let urn = format!("urn:uuid:{}", id.0);
                self.findings.push(
                    Finding::new(&rules::ENTRY_UUID_USED, object.label.as_str())
                        .attribute("entryUUID")
                        .value(urn.clone())
                        .location(urn),
                );
            }
        }
        Ok(())
    }

    /// SubmissionSet.uniqueId may not be that of any object (ITI TF-2: 3.42.4.1.3.3.7).
    fn set(&mut self) -> Result<(), WriteError> {
        let set = &self.submission.submission.submission_set;
        self.own_unique_ids(&rules::SET_UNIQUE_ID_USED, &[(&set.id, &set.unique_id)])
    }

    /// Nor may Folder.uniqueId (ITI TF-3: Table 4.2.4.1-2).
    fn folders(&mut self) -> Result<(), WriteError> {
        let folders = self.submission.submission.folders.iter();
        let folders: Vec<_> = folders.map(|f| (&f.id, &f.unique_id)).collect();
        self.own_unique_ids(&rules::FOLDER_UNIQUE_ID_USED, &folders)
    }

    fn own_unique_ids(
        &mut self,
        rule: &'static Rule,
        objects: &[(&ObjectId, &Oid)],
    ) -> Result<(), WriteError> {
        let ids: Vec<&str> = objects.iter().map(|(_, unique_id)| unique_id.as_str()).collect();
        let used = lookup::unique_ids(self.db, &ids)?;
        for (id, unique_id) in objects.iter().filter(|(_, u)| used.contains_key(u.as_str())) {
            self.findings.push(
                Finding::new(rule, self.submission.label(id))
                    .attribute("uniqueId")
                    .value(unique_id.as_str())
                    .location(unique_id.as_str()),
            );
        }
        Ok(())
    }

    /// A registered uniqueId stands for one content, whoever its patients are (ITI TF-2:
    /// 3.42.4.1.3.3.1).
    fn documents(&mut self) -> Result<HashSet<String>, WriteError> {
        let entries = &self.submission.submission.entries;
        let ids: Vec<&str> = entries.iter().map(|e| e.unique_id.as_str()).collect();
        let known = lookup::unique_ids(self.db, &ids)?;
        for entry in entries {
            let unique_id = entry.unique_id.as_str();
            match known.get(unique_id) {
                None => continue,
                Some(ObjectKind::DocumentEntry) => {}
                // The uniqueId of a SubmissionSet or Folder is no other object's.
                Some(ObjectKind::SubmissionSet | ObjectKind::Folder | ObjectKind::Association) => {
                    self.document(&rules::DOCUMENT_UNIQUE_ID_USED, entry, "uniqueId");
                    continue;
                }
            }
            let Some(content) = lookup::content(self.db, unique_id)? else { continue };
            if entry.object_type != content.entry_type {
                self.document(&rules::DOCUMENT_TYPE_DIFFERS, entry, "uniqueId");
                continue;
            }
            if entry.hash.as_ref().is_some_and(|h| Some(rows::digest(h)) != content.hash) {
                self.document(&rules::HASH_DIFFERS, entry, "hash");
            }
            if entry.size.is_some_and(|s| Some(rows::stored_size(s)) != content.size) {
                self.document(&rules::SIZE_DIFFERS, entry, "size");
            }
        }
        Ok(known.into_keys().collect())
    }

    fn document(&mut self, rule: &'static Rule, entry: &DocumentEntry, attribute: &'static str) {
        // The value is the uniqueId whatever the attribute (ITI TF-3: Table 4.2.4.1-2).
        self.findings.push(
            Finding::new(rule, self.submission.label(&entry.id))
                .attribute(attribute)
                .value(entry.unique_id.as_str())
                .location(entry.unique_id.as_str()),
        );
    }
}
