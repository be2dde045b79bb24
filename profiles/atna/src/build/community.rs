//! Whom a house asks, and whom it trusts for that, was changed.

use super::{Local, Peer, blank, detail, object, participant_without_role};
use crate::record::{AuditRecord, Coded};
use crate::spec::EventId;
use chrono::{DateTime, Utc};
use uuid::Uuid;

/// Somebody entered the community `home` among those that the house asks, or took it away: the security
/// configuration has been changed (DICOM PS3.15 A.5.3.11, 110129), since it says whom patients are named to and
/// who vouches for that.
///
/// `description` says what was changed, and is shown to auditors.
pub fn community_changed(
    at: DateTime<Utc>,
    id: Uuid,
    operator: &Peer,
    home: &str,
    description: &str,
    local: &Local,
) -> AuditRecord {
    let mut operator = participant_without_role(operator, true, local);
    operator.alternative_user_id = Some(local.process_id.to_string());
    let mut community = object(home, 2, 13, Coded::new("12", "RFC-3881", "URI"));
    community.details.push(detail("Alert Description", description));
    let event_type = Coded::new("110129", "DCM", "Security Configuration");
    AuditRecord {
        participants: vec![operator],
        objects: vec![community],
        ..blank(id, at, EventId::SecurityAlert, Some(event_type), local)
    }
}
