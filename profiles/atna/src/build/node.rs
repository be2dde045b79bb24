//! Who may connect was changed.

use super::{Local, Peer, blank, detail, object, participant_without_role};
use crate::record::{AuditRecord, Coded};
use crate::spec::EventId;
use chrono::{DateTime, Utc};
use uuid::Uuid;

/// Somebody let the node `name` in, or lets it in no more: the security configuration has been changed (DICOM PS3.15
/// A.5.3.11, 110129).
///
/// `description` says what was changed, and is shown to auditors.
pub fn node_changed(
    at: DateTime<Utc>,
    id: Uuid,
    operator: &Peer,
    name: &str,
    description: &str,
    local: &Local,
) -> AuditRecord {
    let mut operator = participant_without_role(operator, true, local);
    operator.alternative_user_id = Some(local.process_id.to_string());
    let mut node = object(name, 2, 13, Coded::new("110182", "DCM", "Node ID"));
    node.details.push(detail("Alert Description", description));
    let event_type = Coded::new("110129", "DCM", "Security Configuration");
    AuditRecord {
        participants: vec![operator],
        objects: vec![node],
        ..blank(id, at, EventId::SecurityAlert, Some(event_type), local)
    }
}
