//! Who is a member was changed.

use super::{Local, Peer, blank, detail, object, participant_without_role};
use crate::record::{AuditRecord, Coded};
use crate::spec::EventId;
use chrono::{DateTime, Utc};
use uuid::Uuid;

/// Somebody changed the member `id` of the community, and with it those of its `nodes` that are named: attributes of a
/// user have been changed (DICOM PS3.15 A.5.3.11, 110137). The member is the account that it is about.
///
/// `description` says what was changed, by whom and why, and is shown to auditors.
pub fn member_changed(
    at: DateTime<Utc>,
    record: Uuid,
    operator: &Peer,
    (id, nodes): (&str, &[String]),
    description: &str,
    local: &Local,
) -> AuditRecord {
    let mut operator = participant_without_role(operator, true, local);
    operator.alternative_user_id = Some(local.process_id.to_string());
    let mut member = object(id, 1, 11, Coded::new("11", "RFC-3881", "User Identifier"));
    member.details.push(detail("Alert Description", description));
    let node = |name: &String| {
        let mut node = object(name, 2, 13, Coded::new("110182", "DCM", "Node ID"));
        node.details.push(detail("Alert Description", description));
        node
    };
    let objects = std::iter::once(member).chain(nodes.iter().map(node)).collect();
    let event_type = Coded::new("110137", "DCM", "User Security Attributes Changed");
    AuditRecord {
        participants: vec![operator],
        objects,
        ..blank(record, at, EventId::SecurityAlert, Some(event_type), local)
    }
}
