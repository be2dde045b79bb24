//! Records of the events that the house audits, with the participants and objects the profiles
//! prescribe (security considerations of each transaction in ITI TF-2; DICOM PS3.15 A.5.3).

mod clock;
mod community;
mod identity;
mod links;
mod mandate;
mod member;
mod node;

pub use clock::clock_alarm;
pub use community::community_changed;
pub use identity::{PersonQuery, person_query};
pub use links::patients_compared;
pub use mandate::{Mandated, mandate};
pub use member::member_changed;
pub use node::node_changed;

use crate::record::{Action, AuditRecord, Coded, Detail, Object, Outcome, Participant};
use crate::spec::{AuditSpec, EventId, Payload};
use chrono::{DateTime, Utc};
use renkei_metadata::model::SubmissionSet;
use std::net::IpAddr;
use uuid::Uuid;

/// The longest query kept in a record, a fixed bound; the rest is cut off.
pub const MAX_QUERY_BYTES: usize = 1 << 20;

/// Who writes the record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The one who opened the connection.
    Client,
    /// The one who was called.
    Server,
}

/// The calling end of a transaction, or an end of a patient feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peer {
    /// The subject of its certificate; for a patient feed `facility|application`.
    pub user_id: String,
    /// Its host name or address without a port; `None` when there is no network between.
    pub address: Option<String>,
}

/// The system that writes the record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Local {
    /// AuditSourceID: a name no other system of the site has.
    pub source_id: String,
    /// AuditEnterpriseSiteID: the OID of the organization.
    pub site: Option<String>,
    /// AuditSourceTypeCode: 4 registry, repository, gateway; 3 portal; 9 adapter.
    pub source_type: u8,
    /// Its process id.
    pub process_id: u32,
}

/// The transactions of patient identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Identity {
    /// ITI-8.
    Feed,
    /// ITI-64.
    LinkChange,
    /// ITI-10.
    Update,
}

/// A patient identity message (ITI TF-2: 3.8, 3.10, 3.64).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Feed<'a> {
    /// Which transaction it is of.
    pub transaction: Identity,
    /// Create for A01, A04, A05; Update for A08, for A43 and for the survivor of A40; Delete for whom
    /// it took in. Of ITI-10, Read for who tells and Update for who is told.
    pub action: Action,
    /// Who sent the message.
    pub sender: &'a Peer,
    /// Whom it was sent to.
    pub receiver: &'a Peer,
    /// Each patient identifier of the message that could be read.
    pub patients: &'a [String],
    /// MSH-10.
    pub control_id: &'a str,
}

/// The record of a web-service transaction on one side (ITI TF-2: 3.18.5.1, 3.41.5.1, 3.42.5.1,
/// 3.43.6.1).
#[expect(clippy::too_many_arguments, reason = "each is one fact of the record")]
pub fn transaction(
    spec: &AuditSpec,
    side: Side,
    outcome: Outcome,
    at: DateTime<Utc>,
    id: Uuid,
    client: &Peer,
    server_url: &str,
    local: &Local,
    objects: Vec<Object>,
    description: Option<String>,
) -> AuditRecord {
    let (client_role, server_role) = match spec.payload {
        Payload::ClientToServer => (source_role(), destination_role()),
        Payload::ServerToClient => (destination_role(), source_role()),
    };
    let server = Peer { user_id: server_url.to_owned(), address: host_of(server_url) };
    let mut client = participant(client, true, client_role, local);
    let mut server = participant(&server, false, server_role, local);
    let side_spec = match side {
        Side::Client => {
            client.alternative_user_id = Some(local.process_id.to_string());
            spec.client
        }
        Side::Server => {
            server.alternative_user_id = Some(local.process_id.to_string());
            spec.server
        }
    };
    let participants = match spec.payload {
        Payload::ClientToServer => vec![client, server],
        Payload::ServerToClient => vec![server, client],
    };
    AuditRecord {
        action: side_spec.action,
        outcome,
        outcome_description: description,
        participants,
        objects,
        ..blank(id, at, side_spec.event, Some(transaction_code(spec.code, spec.text)), local)
    }
}

/// Both ends of a message; the process is that of the side that records.
fn ends(sender: &Peer, receiver: &Peer, side: Side, local: &Local) -> Vec<Participant> {
    let mut sender = participant(sender, true, source_role(), local);
    let mut receiver = participant(receiver, false, destination_role(), local);
    let own = match side {
        Side::Client => &mut sender,
        Side::Server => &mut receiver,
    };
    own.alternative_user_id = Some(local.process_id.to_string());
    vec![sender, receiver]
}

/// The record of a patient identity message (ITI TF-2: 3.8.5.1, 3.10.5.1, 3.64.5.1).
pub fn patient_feed(
    feed: &Feed<'_>,
    side: Side,
    outcome: Outcome,
    at: DateTime<Utc>,
    id: Uuid,
    local: &Local,
    description: Option<String>,
) -> AuditRecord {
    let objects = feed.patients.iter().map(|cx| {
        let mut o = patient(cx);
        o.details.push(detail("MSH-10", feed.control_id));
        o
    });
    let event_type = match feed.transaction {
        Identity::Feed => transaction_code("ITI-8", "Patient Identity Feed"),
        Identity::LinkChange => transaction_code("ITI-64", "Notify XAD-PID Link Change"),
        Identity::Update => transaction_code("ITI-10", "PIX Update Notification"),
    };
    AuditRecord {
        action: feed.action,
        outcome,
        outcome_description: description,
        participants: ends(feed.sender, feed.receiver, side, local),
        objects: objects.collect(),
        ..blank(id, at, EventId::PatientRecord, Some(event_type), local)
    }
}

/// A peer was refused before it could ask for anything (DICOM PS3.15 A.5.3.11).
///
/// `reason` is shown to auditors; it must not hold secrets.
pub fn node_authentication_failure(
    at: DateTime<Utc>,
    id: Uuid,
    peer: &Peer,
    server_url: &str,
    local: &Local,
    reason: &str,
) -> AuditRecord {
    let own = Peer { user_id: server_url.to_owned(), address: host_of(server_url) };
    let mut own = participant_without_role(&own, false, local);
    own.alternative_user_id = Some(local.process_id.to_string());
    let event_type = Coded::new("110126", "DCM", "Node Authentication");
    let subject = Object {
        details: vec![detail("Alert Description", reason)],
        ..object(server_url, 2, 13, Coded::new("12", "RFC-3881", "URI"))
    };
    AuditRecord {
        outcome: Outcome::SeriousFailure,
        outcome_description: Some(reason.to_owned()),
        participants: vec![own, participant_without_role(peer, true, local)],
        objects: vec![subject],
        ..blank(id, at, EventId::SecurityAlert, Some(event_type), local)
    }
}

/// Somebody reads the audit records (DICOM PS3.15 A.5.3.2). `log` is the URI of where they are.
pub fn audit_log_used(
    at: DateTime<Utc>,
    id: Uuid,
    reader: &Peer,
    log: &str,
    local: &Local,
) -> AuditRecord {
    let mut reader = participant_without_role(reader, true, local);
    reader.alternative_user_id = Some(local.process_id.to_string());
    let log = Object {
        name: Some("Security Audit Log".to_owned()),
        ..object(log, 2, 13, Coded::new("12", "RFC-3881", "URI"))
    };
    AuditRecord {
        action: Action::Read,
        participants: vec![reader],
        objects: vec![log],
        ..blank(id, at, EventId::AuditLogUsed, None, local)
    }
}

/// Somebody had what a community told of patients forgotten (DICOM PS3.15 A.5.3.10): of one, or of all.
pub fn correlations_forgotten(
    at: DateTime<Utc>,
    id: Uuid,
    operator: &Peer,
    home: &str,
    patient_id: Option<&str>,
    local: &Local,
) -> AuditRecord {
    let mut operator = participant_without_role(operator, true, local);
    operator.alternative_user_id = Some(local.process_id.to_string());
    let table = Object {
        name: Some("Patient correlations".to_owned()),
        ..object(home, 2, 22, Coded::new("12", "RFC-3881", "URI"))
    };
    AuditRecord {
        action: Action::Delete,
        participants: vec![operator],
        objects: patient_id.map(patient).into_iter().chain([table]).map(erased).collect(),
        ..blank(id, at, EventId::PatientRecord, None, local)
    }
}

/// The house opens (DICOM PS3.15 A.5.3.1). `service` names the program.
pub fn application_start(at: DateTime<Utc>, id: Uuid, local: &Local, service: &str) -> AuditRecord {
    application(at, id, local, service, Coded::new("110120", "DCM", "Application Start"))
}

/// The house closes (DICOM PS3.15 A.5.3.1). `service` names the program.
pub fn application_stop(at: DateTime<Utc>, id: Uuid, local: &Local, service: &str) -> AuditRecord {
    application(at, id, local, service, Coded::new("110121", "DCM", "Application Stop"))
}

fn application(
    at: DateTime<Utc>,
    id: Uuid,
    local: &Local,
    service: &str,
    event_type: Coded,
) -> AuditRecord {
    let own = Participant {
        user_id: local.process_id.to_string(),
        alternative_user_id: Some(service.to_owned()),
        user_name: None,
        requestor: false,
        roles: vec![Coded::new("110150", "DCM", "Application")],
        network: None,
    };
    AuditRecord {
        participants: vec![own],
        ..blank(id, at, EventId::ApplicationActivity, Some(event_type), local)
    }
}

/// The patient, by CX.
pub fn patient(cx: &str) -> Object {
    object(cx, 1, 1, Coded::new("2", "RFC-3881", "Patient Number"))
}

/// A submission set, by uniqueId.
pub fn submission_set(unique_id: &str) -> Object {
    let id_type = Coded::new(
        "urn:uuid:a54d6aa5-d40d-43f9-88c5-b4633d873bdd",
        "IHE XDS Metadata",
        "submission set classificationNode",
    );
    object(unique_id, 2, 20, id_type)
}

/// What a submission is about: its patient, where it names one that can be read, and its set
/// (ITI TF-2: 3.41.5.1, 3.42.5.1).
pub fn submission(set: &SubmissionSet) -> Vec<Object> {
    let patient = set.patient_id.as_ref().map(|cx| patient(&cx.to_string()));
    patient.into_iter().chain([submission_set(set.unique_id.as_str())]).collect()
}

/// A document, by uniqueId, with the repository and community that hold it.
pub fn document(unique_id: &str, repository: &str, home: Option<&str>) -> Object {
    let mut o = object(unique_id, 2, 3, Coded::new("9", "RFC-3881", "Report Number"));
    o.details.push(detail("Repository Unique Id", repository));
    if let Some(home) = home {
        o.details.push(detail("ihe:homeCommunityID", home));
    }
    o
}

/// An object of a registry, by entryUUID, whatever it is (ITI TF-2: 3.62.5.1).
pub fn registry_object(urn: &str) -> Object {
    let id_type =
        Coded::new("urn:ihe:iti:2017:ObjectRef", "IHE XDS Metadata", "registry object reference");
    object(urn, 2, 3, id_type)
}

/// The patient of an HL7 v3 message, with the id of that message (ITI TF-2: 3.44.5.1, 3.46.5.1).
pub fn patient_of_message(cx: &str, message_id: &str) -> Object {
    let mut o = patient(cx);
    o.details.push(detail("II", message_id));
    o
}

/// The object as one that is erased for good (DICOM PS3.15 A.5.2.6: life cycle 15).
pub fn erased(object: Object) -> Object {
    Object { life_cycle: Some(15), ..object }
}

/// A stored query: `query_id` with `urn:uuid:`, `query_xml` the AdhocQueryRequest element in UTF-8.
///
/// A query longer than [`MAX_QUERY_BYTES`] is cut and marked with the detail `truncated`.
pub fn stored_query(
    tx_code: &str,
    tx_name: &str,
    query_id: &str,
    query_xml: &str,
    home: Option<&str>,
) -> Object {
    let mut o = object(query_id, 2, 24, transaction_code(tx_code, tx_name));
    o.details.push(detail("QueryEncoding", "UTF-8"));
    let end = query_xml.floor_char_boundary(MAX_QUERY_BYTES);
    if end < query_xml.len() {
        o.details.push(detail("truncated", "true"));
    }
    o.query = query_xml.get(..end).map(str::to_owned);
    if let Some(home) = home {
        o.details.push(detail("urn:ihe:iti:xca:2010:homeCommunityId", home));
    }
    o
}

/// A query for a person between communities (ITI TF-2: 3.55.5.1): `query_id` as it stands in the message,
/// `query_xml` the element queryByParameter, `home` the community that is asked.
pub fn discovery(
    tx_code: &str,
    tx_name: &str,
    query_id: &str,
    query_xml: &str,
    home: Option<&str>,
) -> Object {
    let mut o = stored_query(tx_code, tx_name, query_id, query_xml, None);
    // Spelt otherwise than for ITI-38.
    o.details.extend(home.map(|home| detail("ihe:homeCommunityID", home)));
    o
}

/// A query for the communities that hold data of the person whom the responder calls `patient` (ITI-56; XCPD
/// supplement): the person, and the query, whose id is its name since it has none. `query_xml` is the body.
pub fn location_query(patient: &str, query_xml: &str) -> Vec<Object> {
    let name = "PatientLocationQueryRequest";
    vec![
        self::patient(patient),
        stored_query("ITI-56", "Patient Location Query", name, query_xml, None),
    ]
}

fn blank(
    id: Uuid,
    at: DateTime<Utc>,
    event: EventId,
    event_type: Option<Coded>,
    local: &Local,
) -> AuditRecord {
    AuditRecord {
        id,
        at,
        event: event.coded(),
        event_type,
        action: Action::Execute,
        outcome: Outcome::Success,
        outcome_description: None,
        purposes: Vec::new(),
        participants: Vec::new(),
        source_id: local.source_id.clone(),
        source_site: local.site.clone(),
        source_type: local.source_type,
        objects: Vec::new(),
    }
}

fn object(id: &str, type_code: u8, role: u8, id_type: Coded) -> Object {
    Object {
        id: id.to_owned(),
        type_code,
        role,
        life_cycle: None,
        id_type,
        name: None,
        query: None,
        details: Vec::new(),
    }
}

fn detail(name: &str, value: &str) -> Detail {
    Detail { name: name.to_owned(), value: value.to_owned() }
}

fn participant(peer: &Peer, requestor: bool, role: Coded, local: &Local) -> Participant {
    Participant { roles: vec![role], ..participant_without_role(peer, requestor, local) }
}

fn participant_without_role(peer: &Peer, requestor: bool, local: &Local) -> Participant {
    // The network access point is mandatory. Between two parts of one process there is no network:
    // both are where the record is written.
    let address = peer.address.as_deref().filter(|a| !a.is_empty()).unwrap_or(&local.source_id);
    let kind = if address.parse::<IpAddr>().is_ok() { 2 } else { 1 };
    Participant {
        user_id: peer.user_id.clone(),
        alternative_user_id: None,
        user_name: None,
        requestor,
        roles: Vec::new(),
        network: Some((kind, address.to_owned())),
    }
}

fn host_of(url: &str) -> Option<String> {
    let url = url::Url::parse(url).ok()?;
    // A literal IPv6 address is in brackets in a URL only.
    Some(url.host_str()?.trim_start_matches('[').trim_end_matches(']').to_owned())
}

fn source_role() -> Coded {
    Coded::new("110153", "DCM", "Source Role ID")
}

fn destination_role() -> Coded {
    Coded::new("110152", "DCM", "Destination Role ID")
}

fn transaction_code(code: &str, text: &str) -> Coded {
    Coded::new(code, "IHE Transactions", text)
}

#[cfg(test)]
pub(crate) mod tests;
