//! The rules of a metadata update: its objects are complete, as those of a submission are (ITI TF-2:
//! 3.57.4.1.3.1).

use super::{
    ASSOCIATION_TO_ITSELF, Column, DOCUMENTATION_ON_MEMBERSHIP, Report, message, optionality,
    values,
};
use crate::codes::CodeList;
use crate::finding::{Finding, Findings};
use crate::model::{Association, AssociationType, EntryType, ObjectKind};
use crate::update::{Update, rows};

/// Everything that is wrong with the objects of an update as far as it can be said without a registry.
///
/// `codes` and `already` are those of [`check`](super::check).
pub fn check_update(u: &Update, codes: Option<&CodeList>, already: &[Finding]) -> Vec<Finding> {
    let told = already.iter().map(|f| (f.object.as_str(), f.attribute.as_ref())).collect();
    let mut report = Report { told, findings: Findings::default() };
    for version in &u.entries {
        let entry = &version.object;
        let column = match entry.object_type {
            EntryType::Stable => Column::XdsDr,
            EntryType::OnDemand => Column::XdsOd,
        };
        optionality::check(entry, column, &mut report);
        values::check(entry, &mut report);
        values::entry(entry, entry.object_type, &mut report);
        values::codes(entry, codes, &mut report);
        values::mime_type(entry, codes, &mut report);
    }
    optionality::check(&u.submission_set, Column::XdsDr, &mut report);
    values::check(&u.submission_set, &mut report);
    values::codes(&u.submission_set, codes, &mut report);
    for version in &u.folders {
        optionality::check(&version.object, Column::XdsDr, &mut report);
        values::check(&version.object, &mut report);
        values::codes(&version.object, codes, &mut report);
    }
    for new in &u.associations {
        values::check(&new.association, &mut report);
        values::codes(&new.association, codes, &mut report);
        association(&new.association, &mut report);
    }
    message::ids(&u.message(), &mut report);
    patients(u, &mut report);
    report.findings.into_vec()
}

/// Whether an association of this type may be submitted between registered objects of these kinds
/// (ITI TF-3: 4.2.2). A SubmissionSet holds what came with it, for ever.
pub fn may_join(association: AssociationType, source: ObjectKind, target: ObjectKind) -> bool {
    let ends = match association {
        AssociationType::HasMember => (ObjectKind::Folder, ObjectKind::DocumentEntry),
        AssociationType::Rplc
        | AssociationType::Xfrm
        | AssociationType::Apnd
        | AssociationType::XfrmRplc
        | AssociationType::Signs
        | AssociationType::IsSnapshotOf => (ObjectKind::DocumentEntry, ObjectKind::DocumentEntry),
        AssociationType::UpdateAvailabilityStatus | AssociationType::SubmitAssociation => {
            return false;
        }
    };
    ends == (source, target)
}

fn association(a: &Association, report: &mut Report<'_>) {
    if a.association_type == AssociationType::HasMember && a.documentation.is_some() {
        report.about(a, &DOCUMENTATION_ON_MEMBERSHIP, "documentation", |f| f);
    }
    if a.source == a.target {
        report.about(a, &ASSOCIATION_TO_ITSELF, "targetObject", |f| f.value(a.target.to_string()));
    }
}

/// One update is of one patient: that of its SubmissionSet.
fn patients(u: &Update, report: &mut Report<'_>) {
    let Some(patient) = &u.submission_set.patient_id else { return };
    for version in &u.entries {
        let found = version.object.patient_id.as_ref();
        message::same_patient(&version.object, found, patient, &rows::UPDATE_PATIENT, report);
    }
    for version in &u.folders {
        let found = version.object.patient_id.as_ref();
        message::same_patient(&version.object, found, patient, &rows::UPDATE_PATIENT, report);
    }
}
