//! The alarm about the clock that stamps the records themselves.

use super::{Local, blank, detail, object};
use crate::record::{AuditRecord, Coded, Outcome, Participant};
use crate::spec::EventId;
use chrono::{DateTime, Utc};
use uuid::Uuid;

/// The clock of this system cannot be relied on any more (`Outcome::MinorFailure`), or can again
/// (`Outcome::Success`): a Security Alert (DICOM PS3.15 A.5.3.11).
///
/// No event type is there for a clock; what security relies on is configured wrong (110129) comes nearest.
/// `description` is shown to auditors.
pub fn clock_alarm(
    at: DateTime<Utc>,
    id: Uuid,
    local: &Local,
    outcome: Outcome,
    description: &str,
) -> AuditRecord {
    let own = Participant {
        user_id: local.process_id.to_string(),
        alternative_user_id: None,
        user_name: None,
        requestor: false,
        roles: vec![Coded::new("110150", "DCM", "Application")],
        network: None,
    };
    let mut node = object(&local.source_id, 2, 13, Coded::new("110182", "DCM", "Node ID"));
    node.details.push(detail("Alert Description", description));
    let event_type = Coded::new("110129", "DCM", "Security Configuration");
    AuditRecord {
        outcome,
        outcome_description: Some(description.to_owned()),
        participants: vec![own],
        objects: vec![node],
        ..blank(id, at, EventId::SecurityAlert, Some(event_type), local)
    }
}
