//! The writer: exactly the element order of the schema, no namespace.

use crate::printable::printable;
use crate::record::{AuditRecord, Coded, Object, Participant};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use renkei_soap::xml::Writer;

/// Writes a record as a DICOM AuditMessage document; times in UTC with milliseconds.
///
/// The record's id has no place in the message. Control and bidirectional characters of attribute
/// values appear as visible escapes; queries and details are base64 and keep every character.
pub fn write(record: &AuditRecord) -> String {
    let mut w = Writer::new();
    w.raw("<?xml version=\"1.0\" encoding=\"UTF-8\"?>");
    w.start("AuditMessage");
    event(&mut w, record);
    for p in &record.participants {
        participant(&mut w, p);
    }
    source(&mut w, record);
    for o in &record.objects {
        object(&mut w, o);
    }
    w.finish()
}

fn event(w: &mut Writer, record: &AuditRecord) {
    w.start("EventIdentification")
        .attr("EventActionCode", record.action.code())
        .attr("EventDateTime", &record.at.format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string())
        .attr("EventOutcomeIndicator", &record.outcome.code().to_string());
    coded(w, "EventID", &record.event);
    if let Some(event_type) = &record.event_type {
        coded(w, "EventTypeCode", event_type);
    }
    if let Some(text) = &record.outcome_description {
        w.leaf("EventOutcomeDescription", &printable(text));
    }
    for purpose in &record.purposes {
        coded(w, "PurposeOfUse", purpose);
    }
    w.end();
}

fn participant(w: &mut Writer, p: &Participant) {
    w.start("ActiveParticipant").attr("UserID", &printable(&p.user_id));
    if let Some(id) = &p.alternative_user_id {
        w.attr("AlternativeUserID", &printable(id));
    }
    if let Some(name) = &p.user_name {
        w.attr("UserName", &printable(name));
    }
    w.attr("UserIsRequestor", if p.requestor { "true" } else { "false" });
    if let Some((kind, id)) = &p.network {
        w.attr("NetworkAccessPointID", &printable(id))
            .attr("NetworkAccessPointTypeCode", &kind.to_string());
    }
    for role in &p.roles {
        coded(w, "RoleIDCode", role);
    }
    w.end();
}

fn source(w: &mut Writer, record: &AuditRecord) {
    w.start("AuditSourceIdentification");
    if let Some(site) = &record.source_site {
        w.attr("AuditEnterpriseSiteID", &printable(site));
    }
    w.attr("AuditSourceID", &printable(&record.source_id));
    let code = record.source_type.to_string();
    w.start("AuditSourceTypeCode").attr("csd-code", &code);
    if let Some(text) = source_type_text(record.source_type) {
        w.attr("codeSystemName", "DCM").attr("originalText", text);
    }
    w.end().end();
}

const fn source_type_text(code: u8) -> Option<&'static str> {
    match code {
        1 => Some("End-user display device, diagnostic display"),
        2 => Some("Data acquisition device or instrument"),
        3 => Some("Web Server process or thread"),
        4 => Some("Application Server process or thread"),
        5 => Some("Database Server process or thread"),
        6 => Some("Security server, e.g., a domain controller"),
        7 => Some("ISO level 1-3 network component"),
        8 => Some("ISO level 4-6 operating software"),
        9 => Some("Other"),
        _ => None,
    }
}

fn object(w: &mut Writer, o: &Object) {
    w.start("ParticipantObjectIdentification")
        .attr("ParticipantObjectID", &printable(&o.id))
        .attr("ParticipantObjectTypeCode", &o.type_code.to_string())
        .attr("ParticipantObjectTypeCodeRole", &o.role.to_string());
    if let Some(stage) = o.life_cycle {
        w.attr("ParticipantObjectDataLifeCycle", &stage.to_string());
    }
    coded(w, "ParticipantObjectIDTypeCode", &o.id_type);
    // The schema allows one of the two; a query says more than a name.
    match (&o.query, &o.name) {
        (Some(query), _) => {
            w.leaf("ParticipantObjectQuery", &STANDARD.encode(query));
        }
        (None, Some(name)) => {
            w.leaf("ParticipantObjectName", &printable(name));
        }
        (None, None) => {}
    }
    for detail in &o.details {
        w.start("ParticipantObjectDetail")
            .attr("type", &printable(&detail.name))
            .attr("value", &STANDARD.encode(&detail.value))
            .end();
    }
    w.end();
}

fn coded(w: &mut Writer, element: &'static str, value: &Coded) {
    w.start(element)
        .attr("csd-code", &printable(&value.code))
        .attr("codeSystemName", &printable(&value.system))
        .attr("originalText", &printable(&value.text))
        .end();
}
