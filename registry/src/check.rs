//! What only the registry can say about a submission: patients, identifiers, targets.
//!
//! Each rule adds its findings and lets the next one look, so that a sender hears of everything at
//! once.

use crate::resolve::Resolved;
use crate::rules;
use crate::store::key::Id;
use crate::store::lookup::{self, Known, Named};
use crate::store::rows;
use crate::store::vault::Vault;
use crate::store::write::{self, WriteError};
use crate::{PatientPolicy, PatientRules};
use renkei_database::Db;
use renkei_metadata::finding::{Finding, Rule};
use renkei_metadata::ids::PatientId;
use renkei_metadata::model::{
    Association, AssociationType, AvailabilityStatus, DocumentEntry, ObjectKind,
};
use std::collections::{HashMap, HashSet};

/// What was found out on the way and is needed to write.
pub(crate) struct Facts {
    /// The patient of the submission.
    pub(crate) patient_key: Option<i64>,
    /// Registered objects that associations lead to.
    pub(crate) targets: HashMap<Id, Known>,
    /// The uniqueIds of documents that are registered already, with this very content.
    pub(crate) repeats: HashSet<String>,
}

/// Checks `submission` against what is registered and adds to `findings`.
pub(crate) fn check(
    db: &mut Db,
    vault: &Vault,
    patients: &PatientRules,
    submission: &Resolved,
    findings: &mut Vec<Finding>,
) -> Result<Facts, WriteError> {
    let mut check = Check { db, vault, submission, findings };
    let patient = check.patients(patients)?;
    check.claimed_ids()?;
    check.set_unique_id()?;
    let repeats = check.documents()?;
    let targets = check.targets(patient.map(|p| p.root))?;
    Ok(Facts { patient_key: patient.map(|p| p.key), targets, repeats })
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
    fn patients(
        &mut self,
        patients: &PatientRules,
    ) -> Result<Option<lookup::PatientRow>, WriteError> {
        let mut seen: HashMap<&PatientId, Option<lookup::PatientRow>> = HashMap::new();
        let set = &self.submission.submission.submission_set;
        let of_set = set.patient_id.as_ref().map(|p| (p, &set.id));
        let of_entries = self.submission.submission.entries.iter();
        let of_entries = of_entries.filter_map(|e| e.patient_id.as_ref().map(|p| (p, &e.id)));
        let mut own = None;
        for (cx, id) in of_set.into_iter().chain(of_entries) {
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
    ) -> Result<(Option<lookup::PatientRow>, Option<&'static Rule>), WriteError> {
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
    fn set_unique_id(&mut self) -> Result<(), WriteError> {
        let set = &self.submission.submission.submission_set;
        if !lookup::unique_ids(self.db, &[set.unique_id.as_str()])?.is_empty() {
            self.findings.push(
                Finding::new(&rules::SET_UNIQUE_ID_USED, self.submission.label(&set.id))
                    .attribute("uniqueId")
                    .value(set.unique_id.as_str())
                    .location(set.unique_id.as_str()),
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
            if entry.hash.as_ref().is_some_and(|h| rows::digest(h) != content.hash) {
                self.document(&rules::HASH_DIFFERS, entry, "hash");
            }
            if entry.size.is_some_and(|s| rows::stored_size(s) != content.size) {
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

    /// Targets outside the submission (ITI TF-2: 3.42.4.1.3.5).
    fn targets(&mut self, root: Option<i64>) -> Result<HashMap<Id, Known>, WriteError> {
        let submission = self.submission;
        let outside: Vec<(&Association, Id)> = submission
            .submission
            .associations
            .iter()
            .filter_map(|a| a.target.uuid().map(|t| (a, Id::from(t))))
            .filter(|(_, target)| !submission.objects.contains_key(target))
            .collect();
        let ids: Vec<Id> = outside.iter().map(|(_, target)| *target).collect();
        let known = lookup::objects(self.db, &ids)?;
        let mut targets = HashMap::new();
        let mut replaced = HashSet::new();
        for (association, target) in outside {
            let problem = match known.get(&target) {
                None | Some(Named::Removed) => Some(&rules::TARGET_UNKNOWN),
                Some(Named::Object(object)) => {
                    targets.insert(target, *object);
                    let twice = replaces(association.association_type) && !replaced.insert(target);
                    self.target(association, object, root, twice)?
                }
            };
            if let Some(rule) = problem {
                self.findings.push(
                    Finding::new(rule, submission.label(&association.id))
                        .attribute("targetObject")
                        .value(association.target.to_string())
                        .location(association.target.to_string()),
                );
            }
        }
        Ok(targets)
    }

    fn target(
        &mut self,
        association: &Association,
        target: &Known,
        root: Option<i64>,
        twice: bool,
    ) -> Result<Option<&'static Rule>, WriteError> {
        if target.kind != ObjectKind::DocumentEntry {
            return Ok(Some(&rules::TARGET_NOT_A_DOCUMENT));
        }
        // A SubmissionSet may refer to any document, even of another patient (ITI TF-3: 4.2.2.1.1).
        if association.association_type == AssociationType::HasMember {
            return Ok(None);
        }
        if root.is_some_and(|r| r != target.root) {
            return Ok(Some(&rules::TARGET_OF_OTHER_PATIENT));
        }
        if lookup::status(self.db, target)? == Some(AvailabilityStatus::Deprecated) {
            return Ok(Some(&rules::TARGET_DEPRECATED));
        }
        Ok(twice.then_some(&rules::TARGET_REPLACED_TWICE))
    }
}

/// Whether the target of such an association ceases to be current (ITI TF-3: 4.2.2.2.3).
pub(crate) fn replaces(association_type: AssociationType) -> bool {
    matches!(association_type, AssociationType::Rplc | AssociationType::XfrmRplc)
}
