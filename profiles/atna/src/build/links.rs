//! Whether two descriptions are of one person: who looked at it, and who decided it.

use super::{Local, Peer, blank, detail, participant_without_role, patient};
use crate::record::{Action, AuditRecord};
use crate::spec::EventId;
use chrono::{DateTime, Utc};
use uuid::Uuid;

/// Somebody looked at the records of these patients side by side (`Read`), or decided whether they are one person
/// (`Update`): patient records (DICOM PS3.15 A.5.3.10). No transaction of IHE says so; `deed` does, to auditors.
pub fn patients_compared(
    at: DateTime<Utc>,
    id: Uuid,
    operator: &Peer,
    (action, deed): (Action, &str),
    patients: &[String],
    local: &Local,
) -> AuditRecord {
    let mut operator = participant_without_role(operator, true, local);
    operator.alternative_user_id = Some(local.process_id.to_string());
    let objects = patients.iter().map(|cx| {
        let mut object = patient(cx);
        object.details.push(detail("Patient matching", deed));
        object
    });
    AuditRecord {
        action,
        participants: vec![operator],
        objects: objects.collect(),
        ..blank(id, at, EventId::PatientRecord, None, local)
    }
}
