//! The submission as a whole (ITI TF-3: 4.1.4): ids, uniqueIds, one patient.

use super::{
    ID_REPEATED, METADATA_UPDATE, PATIENT_DIFFERS, Report, SUBMISSION_EMPTY, UNIQUE_ID_REPEATED,
};
use crate::ebrim::table::Object;
use crate::finding::Rule;
use crate::ids::{EntryUuid, PatientId};
use crate::model::{AssociationType, Submission};
use std::collections::HashSet;

/// Checks the message.
pub(super) fn check(s: &Submission, report: &mut Report<'_>) {
    ids(s, report);
    unique_ids(s, report);
    patients(s, report);
    content(s, report);
    first_version(&s.submission_set, s.submission_set.lid, report);
    s.entries.iter().for_each(|e| first_version(e, e.lid, report));
    s.folders.iter().for_each(|f| first_version(f, f.lid, report));
    s.associations.iter().for_each(|a| first_version(a, a.lid, report));
}

pub(super) fn ids(s: &Submission, report: &mut Report<'_>) {
    let mut seen = HashSet::new();
    let mut once = |id| seen.insert(id);
    once(&s.submission_set.id);
    for e in &s.entries {
        if !once(&e.id) {
            repeated_id(e, report);
        }
    }
    for f in &s.folders {
        if !once(&f.id) {
            repeated_id(f, report);
        }
    }
    for a in &s.associations {
        if !once(&a.id) {
            repeated_id(a, report);
        }
    }
}

fn repeated_id<T: Object>(object: &T, report: &mut Report<'_>) {
    report.about(object, &ID_REPEATED, "entryUUID", |f| f.value(object.id().to_string()));
}

fn unique_ids(s: &Submission, report: &mut Report<'_>) {
    let mut seen = HashSet::from([s.submission_set.unique_id.as_str()]);
    for e in &s.entries {
        let id = e.unique_id.as_str();
        if !seen.insert(id) {
            report.about(e, &UNIQUE_ID_REPEATED, "uniqueId", |f| f.value(id));
        }
    }
    for folder in &s.folders {
        let id = folder.unique_id.as_str();
        if !seen.insert(id) {
            report.about(folder, &UNIQUE_ID_REPEATED, "uniqueId", |f| f.value(id));
        }
    }
}

/// ITI TF-2: 3.42.4.1.3.3.2. The SubmissionSet's patient counts, or the first one named.
fn patients(s: &Submission, report: &mut Report<'_>) {
    let of_entries = s.entries.iter().filter_map(|e| e.patient_id.as_ref());
    let of_folders = s.folders.iter().filter_map(|f| f.patient_id.as_ref());
    let named = s.submission_set.patient_id.iter().chain(of_entries).chain(of_folders).next();
    let Some(patient) = named else { return };
    for e in &s.entries {
        same_patient(e, e.patient_id.as_ref(), patient, &PATIENT_DIFFERS, report);
    }
    for f in &s.folders {
        same_patient(f, f.patient_id.as_ref(), patient, &PATIENT_DIFFERS, report);
    }
}

pub(super) fn same_patient<T: Object>(
    object: &T,
    found: Option<&PatientId>,
    patient: &PatientId,
    rule: &'static Rule,
    report: &mut Report<'_>,
) {
    let Some(found) = found else { return };
    if found != patient {
        // The table of errors demands the id and the nature of the conflict.
        report.about(object, rule, "patientId", |f| {
            f.value(found.to_string()).expected(patient.to_string(), patient.to_string())
        });
    }
}

/// A SubmissionSet that only refers to registered documents is legal.
fn content(s: &Submission, report: &mut Report<'_>) {
    let members = s.associations.iter().any(|a| a.association_type == AssociationType::HasMember);
    if s.entries.is_empty() && s.folders.is_empty() && !members {
        report.about(&s.submission_set, &SUBMISSION_EMPTY, "", |f| f);
    }
}

/// The first version of an object is its own logicalID; anything else updates metadata.
fn first_version<T: Object>(object: &T, lid: Option<EntryUuid>, report: &mut Report<'_>) {
    if let Some(lid) = lid
        && object.id().uuid() != Some(lid)
    {
        report.about(object, &METADATA_UPDATE, "logicalID", |f| f.value(lid.to_string()));
    }
}
