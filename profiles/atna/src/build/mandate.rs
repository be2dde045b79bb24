//! Who may look at a file after a conversion error, and that somebody did.

use super::{Local, Peer, blank, detail, erased, object, participant_without_role};
use crate::record::{AuditRecord, Coded};
use crate::spec::EventId;
use chrono::{DateTime, Utc};
use uuid::Uuid;

/// What was done with a mandate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mandated {
    /// Who may look at the file was changed: Object Security Attributes Changed (110135).
    Changed,
    /// Somebody took the file out: Use of Restricted Function (110132).
    Used,
    /// The copy of the file was erased for good.
    Erased,
}

/// Somebody did something with the mandate `id` to look at a file of the member `member` that has this SHA-256: a Security
/// Alert (DICOM PS3.15 A.5.3.11). The mandate is the restricted resource.
///
/// `description` says what was done, by whom and why, and is shown to auditors.
#[expect(clippy::too_many_arguments, reason = "each is one fact of the record")]
pub fn mandate(
    at: DateTime<Utc>,
    record: Uuid,
    operator: &Peer,
    done: Mandated,
    (id, member): (&str, &str),
    sha256: &str,
    description: &str,
    local: &Local,
) -> AuditRecord {
    let mut operator = participant_without_role(operator, true, local);
    operator.alternative_user_id = Some(local.process_id.to_string());
    let mut resource =
        object(&format!("mandates/{id}"), 2, 13, Coded::new("12", "RFC-3881", "URI"));
    resource.details = vec![detail("Alert Description", description), detail("SHA-256", sha256)];
    let owner = object(member, 1, 11, Coded::new("11", "RFC-3881", "User Identifier"));
    let (event_type, resource) = match done {
        Mandated::Changed => (changed(), resource),
        Mandated::Used => (Coded::new("110132", "DCM", "Use of Restricted Function"), resource),
        Mandated::Erased => (changed(), erased(resource)),
    };
    AuditRecord {
        participants: vec![operator],
        objects: vec![resource, owner],
        ..blank(record, at, EventId::SecurityAlert, Some(event_type), local)
    }
}

fn changed() -> Coded {
    Coded::new("110135", "DCM", "Object Security Attributes Changed")
}
