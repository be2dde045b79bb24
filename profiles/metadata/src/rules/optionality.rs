//! What has to be there: ITI TF-3: Table 4.3.1-3, a row for each attribute. Another kind of sender
//! is another column.

use super::{ATTRIBUTE_MISSING, ATTRIBUTE_PROHIBITED, Column, Report};
use crate::ebrim::table::Object;
use crate::model::{DocumentEntry, Folder, SubmissionSet};

/// A cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Need {
    /// R.
    Required,
    /// R2: its absence is no fault that a receiver could see.
    IfKnown,
    /// O.
    Optional,
    /// X.
    Prohibited,
}

use Need::{IfKnown as R2, Optional as O, Prohibited as X, Required as R};

/// A row.
pub(super) struct Row<T> {
    pub(super) attribute: &'static str,
    xds_ds: Need,
    xds_dr: Need,
    present: fn(&T) -> bool,
}

const fn row<T>(
    attribute: &'static str,
    xds_ds: Need,
    xds_dr: Need,
    present: fn(&T) -> bool,
) -> Row<T> {
    Row { attribute, xds_ds, xds_dr, present }
}

// What the model cannot do without was missed by the reader already, and the marker of limited
// metadata refused there: their rows say so with `true` and `false`.
pub(super) static ENTRY: &[Row<DocumentEntry>] = &[
    row("author", R2, R2, |e| !e.authors.is_empty()),
    row("availabilityStatus", O, O, |e| e.status.is_some()),
    row("classCode", R, R, |e| e.class_code.is_some()),
    row("comments", O, O, |e| e.comments.is_some()),
    row("confidentialityCode", R, R, |e| !e.confidentiality_codes.is_empty()),
    row("creationTime", R, R, |e| e.creation_time.is_some()),
    row("documentAvailability", O, O, |e| e.availability.is_some()),
    row("entryUUID", R, R, |_| true),
    row("eventCodeList", O, O, |e| !e.event_codes.is_empty()),
    row("formatCode", R, R, |e| e.format_code.is_some()),
    row("hash", O, R, |e| e.hash.is_some()),
    row("healthcareFacilityTypeCode", R, R, |e| e.facility_type_code.is_some()),
    row("homeCommunityId", O, O, |e| e.home.is_some()),
    row("languageCode", R, R, |e| e.language.is_some()),
    row("legalAuthenticator", O, O, |e| e.legal_authenticator.is_some()),
    row("limitedMetadata", X, X, |_| false),
    row("mimeType", R, R, |_| true),
    row("objectType", R, R, |_| true),
    row("patientId", R, R, |e| e.patient_id.is_some()),
    row("practiceSettingCode", R, R, |e| e.practice_setting_code.is_some()),
    row("referenceIdList", O, O, |e| !e.reference_ids.is_empty()),
    row("repositoryUniqueId", O, R, |e| e.repository.is_some()),
    row("serviceStartTime", R2, R2, |e| e.service_start.is_some()),
    row("serviceStopTime", R2, R2, |e| e.service_stop.is_some()),
    row("size", O, R, |e| e.size.is_some()),
    row("sourcePatientId", R, R, |e| e.source_patient_id.is_some()),
    row("sourcePatientInfo", O, O, |e| !e.source_patient_info.is_empty()),
    row("title", O, O, |e| e.title.is_some()),
    row("typeCode", R, R, |e| e.type_code.is_some()),
    row("uniqueId", R, R, |_| true),
    row("URI", O, O, |e| e.uri.is_some()),
];

pub(super) static SUBMISSION_SET: &[Row<SubmissionSet>] = &[
    row("author", R2, R2, |s| !s.authors.is_empty()),
    row("availabilityStatus", O, O, |s| s.status.is_some()),
    row("comments", O, O, |s| s.comments.is_some()),
    row("contentTypeCode", R, R, |s| s.content_type_code.is_some()),
    row("entryUUID", R, R, |_| true),
    row("homeCommunityId", O, O, |s| s.home.is_some()),
    row("intendedRecipient", O, O, |s| !s.intended_recipients.is_empty()),
    row("limitedMetadata", X, X, |_| false),
    row("patientId", R, R, |s| s.patient_id.is_some()),
    row("sourceId", R, R, |_| true),
    row("submissionTime", R, R, |_| true),
    row("title", O, O, |s| s.title.is_some()),
    row("uniqueId", R, R, |_| true),
];

pub(super) static FOLDER: &[Row<Folder>] = &[
    row("availabilityStatus", O, O, |f| f.status.is_some()),
    row("codeList", R, R, |f| !f.codes.is_empty()),
    row("comments", O, O, |f| f.comments.is_some()),
    row("entryUUID", R, R, |_| true),
    row("homeCommunityId", O, O, |f| f.home.is_some()),
    row("lastUpdateTime", O, O, |f| f.last_update_time.is_some()),
    row("limitedMetadata", X, X, |_| false),
    row("patientId", R, R, |f| f.patient_id.is_some()),
    row("title", R, R, |f| f.title.is_some()),
    row("uniqueId", R, R, |_| true),
];

/// Checks a DocumentEntry.
pub(super) fn entry(e: &DocumentEntry, column: Column, report: &mut Report<'_>) {
    check(e, ENTRY, column, report);
}

/// Checks a SubmissionSet.
pub(super) fn submission_set(s: &SubmissionSet, column: Column, report: &mut Report<'_>) {
    check(s, SUBMISSION_SET, column, report);
}

/// Checks a Folder.
pub(super) fn folder(f: &Folder, column: Column, report: &mut Report<'_>) {
    check(f, FOLDER, column, report);
}

fn check<T: Object>(object: &T, rows: &[Row<T>], column: Column, report: &mut Report<'_>) {
    for row in rows {
        let need = match column {
            Column::XdsDs => row.xds_ds,
            Column::XdsDr => row.xds_dr,
        };
        let rule = match (need, (row.present)(object)) {
            (R, false) => &ATTRIBUTE_MISSING,
            (X, true) => &ATTRIBUTE_PROHIBITED,
            (R, true) | (X, false) | (R2 | O, _) => continue,
        };
        report.about(object, rule, row.attribute, |f| f);
    }
}
