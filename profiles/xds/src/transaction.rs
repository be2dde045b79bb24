//! A transaction is one value: everything a pipeline or a client has to know about it.
//!
//! Adding a transaction is one file beside this one with its messages, one constant here, and one
//! method on an actor.

use renkei_atna::record::Action;
use renkei_atna::spec::{AuditSpec, EventId, Payload, SideSpec};
use renkei_metadata::finding::Reporter;
use renkei_soap::message::Framing;

/// Roles that may call. The names are those of the peer table; the server maps them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallerRole {
    /// Document Source.
    Source,
    /// Document Repository.
    Repository,
    /// Document Consumer.
    Consumer,
    /// Document Administrator.
    Administrator,
    /// Gateway.
    Gateway,
    /// Patient Identity Source.
    Feed,
}

impl CallerRole {
    /// The role as `renkei pki issue` calls it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Source => "source",
            Self::Repository => "repository",
            Self::Consumer => "consumer",
            Self::Administrator => "administrator",
            Self::Gateway => "gateway",
            Self::Feed => "feed",
        }
    }
}

/// What a transaction does to whom it is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Nothing: it can be sent again at any time.
    Reads,
    /// It changes what is known there. When its answer is lost, its outcome has to be asked for.
    Changes,
}

/// The declaration of one web-service transaction.
#[derive(Debug, PartialEq, Eq)]
pub struct Transaction {
    /// `ITI-18`.
    pub id: &'static str,
    /// The name in the Technical Framework.
    pub name: &'static str,
    /// wsa:Action of the request.
    pub request_action: &'static str,
    /// wsa:Action of the answer.
    pub response_action: &'static str,
    /// Framing of both (ITI TF-2: V.3, V.8).
    pub framing: Framing,
    /// What it does.
    pub effect: Effect,
    /// Who may call.
    pub may_call: &'static [CallerRole],
    /// Which of the double-named error codes it answers with.
    pub reporter: Reporter,
    /// How it is audited.
    pub audit: AuditSpec,
}

const fn audit(
    code: &'static str,
    text: &'static str,
    client: (EventId, Action),
    server: (EventId, Action),
    payload: Payload,
) -> AuditSpec {
    AuditSpec {
        code,
        text,
        client: SideSpec { event: client.0, action: client.1 },
        server: SideSpec { event: server.0, action: server.1 },
        payload,
    }
}

/// ITI-18 Registry Stored Query (ITI TF-2: 3.18).
pub const ITI_18: Transaction = Transaction {
    id: "ITI-18",
    name: "Registry Stored Query",
    request_action: "urn:ihe:iti:2007:RegistryStoredQuery",
    response_action: "urn:ihe:iti:2007:RegistryStoredQueryResponse",
    framing: Framing::Simple,
    effect: Effect::Reads,
    may_call: &[
        CallerRole::Consumer,
        CallerRole::Source,
        CallerRole::Repository,
        CallerRole::Gateway,
        CallerRole::Administrator,
    ],
    reporter: Reporter::Registry,
    audit: audit(
        "ITI-18",
        "Registry Stored Query",
        (EventId::Query, Action::Execute),
        (EventId::Query, Action::Execute),
        Payload::ClientToServer,
    ),
};

/// ITI-38 Cross Gateway Query (ITI TF-2: 3.38): ITI-18 between communities.
pub const ITI_38: Transaction = Transaction {
    id: "ITI-38",
    name: "Cross Gateway Query",
    request_action: "urn:ihe:iti:2007:CrossGatewayQuery",
    response_action: "urn:ihe:iti:2007:CrossGatewayQueryResponse",
    framing: Framing::Simple,
    effect: Effect::Reads,
    may_call: &[CallerRole::Gateway],
    reporter: Reporter::Registry,
    audit: audit(
        "ITI-38",
        "Cross Gateway Query",
        (EventId::Query, Action::Execute),
        (EventId::Query, Action::Execute),
        Payload::ClientToServer,
    ),
};

/// ITI-39 Cross Gateway Retrieve (ITI TF-2: 3.39): ITI-43 between communities.
pub const ITI_39: Transaction = Transaction {
    id: "ITI-39",
    name: "Cross Gateway Retrieve",
    request_action: "urn:ihe:iti:2007:CrossGatewayRetrieve",
    response_action: "urn:ihe:iti:2007:CrossGatewayRetrieveResponse",
    framing: Framing::Mtom,
    effect: Effect::Reads,
    may_call: &[CallerRole::Gateway],
    reporter: Reporter::Repository,
    audit: audit(
        "ITI-39",
        "Cross Gateway Retrieve",
        (EventId::Import, Action::Create),
        (EventId::Export, Action::Read),
        Payload::ServerToClient,
    ),
};

/// ITI-41 Provide and Register Document Set-b (ITI TF-2: 3.41).
pub const ITI_41: Transaction = Transaction {
    id: "ITI-41",
    name: "Provide and Register Document Set-b",
    request_action: "urn:ihe:iti:2007:ProvideAndRegisterDocumentSet-b",
    response_action: "urn:ihe:iti:2007:ProvideAndRegisterDocumentSet-bResponse",
    framing: Framing::Mtom,
    effect: Effect::Changes,
    may_call: &[CallerRole::Source],
    reporter: Reporter::Repository,
    audit: audit(
        "ITI-41",
        "Provide and Register Document Set-b",
        (EventId::Export, Action::Read),
        (EventId::Import, Action::Create),
        Payload::ClientToServer,
    ),
};

/// ITI-42 Register Document Set-b (ITI TF-2: 3.42).
pub const ITI_42: Transaction = Transaction {
    id: "ITI-42",
    name: "Register Document Set-b",
    request_action: "urn:ihe:iti:2007:RegisterDocumentSet-b",
    response_action: "urn:ihe:iti:2007:RegisterDocumentSet-bResponse",
    framing: Framing::Simple,
    effect: Effect::Changes,
    may_call: &[CallerRole::Repository],
    reporter: Reporter::Registry,
    audit: audit(
        "ITI-42",
        "Register Document Set-b",
        (EventId::Export, Action::Read),
        (EventId::Import, Action::Create),
        Payload::ClientToServer,
    ),
};

/// ITI-43 Retrieve Document Set (ITI TF-2: 3.43).
pub const ITI_43: Transaction = Transaction {
    id: "ITI-43",
    name: "Retrieve Document Set",
    request_action: "urn:ihe:iti:2007:RetrieveDocumentSet",
    response_action: "urn:ihe:iti:2007:RetrieveDocumentSetResponse",
    framing: Framing::Mtom,
    effect: Effect::Reads,
    may_call: &[CallerRole::Consumer, CallerRole::Gateway, CallerRole::Administrator],
    reporter: Reporter::Repository,
    audit: audit(
        "ITI-43",
        "Retrieve Document Set",
        (EventId::Import, Action::Create),
        (EventId::Export, Action::Read),
        Payload::ServerToClient,
    ),
};

/// ITI-51 Multi-Patient Stored Query (ITI TF-2: 3.51).
pub const ITI_51: Transaction = Transaction {
    id: "ITI-51",
    name: "Multi-Patient Stored Query",
    request_action: "urn:ihe:iti:2009:MultiPatientStoredQuery",
    response_action: "urn:ihe:iti:2009:MultiPatientStoredQueryResponse",
    framing: Framing::Simple,
    effect: Effect::Reads,
    may_call: &[CallerRole::Consumer, CallerRole::Gateway, CallerRole::Administrator],
    reporter: Reporter::Registry,
    audit: audit(
        "ITI-51",
        "Multi-Patient Stored Query",
        (EventId::Query, Action::Execute),
        (EventId::Query, Action::Execute),
        Payload::ClientToServer,
    ),
};

/// A record that was added, of ITI-44 Patient Identity Feed HL7 V3 (ITI TF-2: 3.44), whose messages are HL7 v3
/// (`profiles/hl7v3`).
pub const ITI_44_ADDED: Transaction = Transaction {
    id: "ITI-44",
    name: "Patient Identity Feed HL7 V3",
    request_action: "urn:hl7-org:v3:PRPA_IN201301UV02",
    response_action: "urn:hl7-org:v3:MCCI_IN000002UV01",
    framing: Framing::Simple,
    effect: Effect::Changes,
    may_call: &[CallerRole::Feed],
    reporter: Reporter::Registry,
    audit: feed_audit(Action::Create),
};

/// One that was revised.
pub const ITI_44_REVISED: Transaction = Transaction {
    request_action: "urn:hl7-org:v3:PRPA_IN201302UV02",
    audit: feed_audit(Action::Update),
    ..ITI_44_ADDED
};

/// Two that turned out to be one: what is recorded of it beside the deletion of the one (ITI TF-2: 3.44.5.1).
pub const ITI_44_MERGED: Transaction = Transaction {
    request_action: "urn:hl7-org:v3:PRPA_IN201304UV02",
    audit: feed_audit(Action::Update),
    ..ITI_44_ADDED
};

/// The same, as the record of the one that is no more has it.
pub const ITI_44_SUBSUMED: Transaction =
    Transaction { audit: feed_audit(Action::Delete), ..ITI_44_MERGED };

/// How a message of ITI-44 is audited that does this to the record of a patient.
pub const fn feed_audit(action: Action) -> AuditSpec {
    let side = (EventId::PatientRecord, action);
    audit("ITI-44", "Patient Identity Feed", side, side, Payload::ClientToServer)
}

/// ITI-45 PIXV3 Query (ITI TF-2: 3.45), whose messages are HL7 v3. A source may ask for its own domain.
pub const ITI_45: Transaction = Transaction {
    id: "ITI-45",
    name: "PIXV3 Query",
    request_action: "urn:hl7-org:v3:PRPA_IN201309UV02",
    response_action: "urn:hl7-org:v3:PRPA_IN201310UV02",
    framing: Framing::Simple,
    effect: Effect::Reads,
    may_call: &[CallerRole::Consumer, CallerRole::Source],
    reporter: Reporter::Registry,
    audit: audit(
        "ITI-45",
        "PIX Query",
        (EventId::Query, Action::Execute),
        (EventId::Query, Action::Execute),
        Payload::ClientToServer,
    ),
};

/// ITI-46 PIXV3 Update Notification (ITI TF-2: 3.46), from the manager to a consumer.
pub const ITI_46: Transaction = Transaction {
    id: "ITI-46",
    name: "PIXV3 Update Notification",
    request_action: "urn:hl7-org:v3:PRPA_IN201302UV02",
    response_action: "urn:hl7-org:v3:MCCI_IN000002UV01",
    framing: Framing::Simple,
    effect: Effect::Changes,
    may_call: &[],
    reporter: Reporter::Registry,
    audit: audit(
        "ITI-46",
        "PIX Update Notification",
        (EventId::PatientRecord, Action::Read),
        (EventId::PatientRecord, Action::Update),
        Payload::ClientToServer,
    ),
};

/// ITI-47 Patient Demographics Query HL7 V3 (ITI TF-2: 3.47), whose messages are HL7 v3.
pub const ITI_47: Transaction = Transaction {
    id: "ITI-47",
    name: "Patient Demographics Query HL7 V3",
    request_action: "urn:hl7-org:v3:PRPA_IN201305UV02",
    response_action: "urn:hl7-org:v3:PRPA_IN201306UV02",
    framing: Framing::Simple,
    effect: Effect::Reads,
    may_call: &[CallerRole::Consumer, CallerRole::Source],
    reporter: Reporter::Registry,
    audit: audit(
        "ITI-47",
        "Patient Demographics Query",
        (EventId::Query, Action::Execute),
        (EventId::Query, Action::Execute),
        Payload::ClientToServer,
    ),
};

/// More of its answer (ITI TF-2: 3.47.4.3).
pub const ITI_47_CONTINUE: Transaction =
    Transaction { request_action: "urn:hl7-org:v3:QUQI_IN000003UV01_Continue", ..ITI_47 };

/// No more of it, which is acknowledged.
pub const ITI_47_CANCEL: Transaction = Transaction {
    request_action: "urn:hl7-org:v3:QUQI_IN000003UV01_Cancel",
    response_action: "urn:hl7-org:v3:MCCI_IN000002UV01",
    ..ITI_47
};

/// ITI-55 Cross Gateway Patient Discovery (ITI TF-2: 3.55), whose messages are HL7 v3
/// (`profiles/hl7v3`).
pub const ITI_55: Transaction = Transaction {
    id: "ITI-55",
    name: "Cross Gateway Patient Discovery",
    request_action: "urn:hl7-org:v3:PRPA_IN201305UV02:CrossGatewayPatientDiscovery",
    response_action: "urn:hl7-org:v3:PRPA_IN201306UV02:CrossGatewayPatientDiscovery",
    framing: Framing::Simple,
    effect: Effect::Reads,
    may_call: &[CallerRole::Gateway],
    reporter: Reporter::Registry,
    audit: audit(
        "ITI-55",
        "Cross Gateway Patient Discovery",
        (EventId::Query, Action::Execute),
        (EventId::Query, Action::Execute),
        Payload::ClientToServer,
    ),
};

/// The query of a deferred ITI-55 (ITI TF-2: 3.55.6.2): it is acknowledged, and its answer follows as a message
/// of its own.
pub const ITI_55_DEFERRED: Transaction = Transaction {
    request_action: "urn:hl7-org:v3:PRPA_IN201305UV02:Deferred:CrossGatewayPatientDiscovery",
    response_action: "urn:hl7-org:v3:MCCI_IN000002UV01",
    ..ITI_55
};

/// Its answer, which is a request of its own, from who was asked to who asked, and acknowledged too. Sent again,
/// it is acknowledged as before.
pub const ITI_55_DEFERRED_ANSWER: Transaction = Transaction {
    request_action: "urn:hl7-org:v3:PRPA_IN201306UV02:Deferred:CrossGatewayPatientDiscovery",
    effect: Effect::Changes,
    ..ITI_55_DEFERRED
};

/// ITI-56 Patient Location Query (XCPD supplement, Health Data Locator option).
pub const ITI_56: Transaction = Transaction {
    id: "ITI-56",
    name: "Patient Location Query",
    request_action: "urn:ihe:iti:2009:PatientLocationQuery",
    response_action: "urn:ihe:iti:2009:PatientLocationQueryResponse",
    framing: Framing::Simple,
    effect: Effect::Reads,
    may_call: &[CallerRole::Gateway],
    reporter: Reporter::Registry,
    audit: audit(
        "ITI-56",
        "Patient Location Query",
        (EventId::Query, Action::Execute),
        (EventId::Query, Action::Execute),
        Payload::ClientToServer,
    ),
};

/// ITI-57 Update Document Set (ITI TF-2: 3.57).
pub const ITI_57: Transaction = Transaction {
    id: "ITI-57",
    name: "Update Document Set",
    request_action: "urn:ihe:iti:2010:UpdateDocumentSet",
    response_action: "urn:ihe:iti:2010:UpdateDocumentSetResponse",
    framing: Framing::Simple,
    effect: Effect::Changes,
    may_call: &[CallerRole::Administrator],
    reporter: Reporter::Registry,
    audit: audit(
        "ITI-57",
        "Update Document Set",
        (EventId::Export, Action::Update),
        (EventId::Import, Action::Update),
        Payload::ClientToServer,
    ),
};

/// ITI-92 Restricted Update Document Set (ITI TF-2: 3.92).
pub const ITI_92: Transaction = Transaction {
    id: "ITI-92",
    name: "Restricted Update Document Set",
    request_action: "urn:ihe:iti:2018:RestrictedUpdateDocumentSet",
    response_action: "urn:ihe:iti:2018:RestrictedUpdateDocumentSetResponse",
    framing: Framing::Simple,
    effect: Effect::Changes,
    may_call: &[CallerRole::Administrator, CallerRole::Gateway],
    reporter: Reporter::Registry,
    audit: audit(
        "ITI-92",
        "Restricted Update Document Set",
        (EventId::Export, Action::Update),
        (EventId::Import, Action::Update),
        Payload::ClientToServer,
    ),
};

/// ITI-61 Register On-Demand Document Entry (ITI TF-2: 3.61). An On-Demand Document Source is a
/// repository of documents that are made when they are asked for.
pub const ITI_61: Transaction = Transaction {
    id: "ITI-61",
    name: "Register On-Demand Document Entry",
    request_action: "urn:ihe:iti:2010:RegisterOnDemandDocumentEntry",
    response_action: "urn:ihe:iti:2010:RegisterOnDemandDocumentResponse",
    framing: Framing::Simple,
    effect: Effect::Changes,
    may_call: &[CallerRole::Repository],
    reporter: Reporter::Registry,
    audit: audit(
        "ITI-61",
        "Register On-Demand Document Entry",
        (EventId::Export, Action::Read),
        (EventId::Import, Action::Create),
        Payload::ClientToServer,
    ),
};

/// ITI-62 Remove Metadata (ITI TF-2: 3.62).
pub const ITI_62: Transaction = Transaction {
    id: "ITI-62",
    name: "Remove Metadata",
    request_action: "urn:ihe:iti:2010:DeleteDocumentSet",
    response_action: "urn:ihe:iti:2010:DeleteDocumentSetResponse",
    framing: Framing::Simple,
    effect: Effect::Changes,
    may_call: &[CallerRole::Administrator],
    reporter: Reporter::Registry,
    audit: audit(
        "ITI-62",
        "Remove Metadata",
        (EventId::PatientRecord, Action::Delete),
        (EventId::PatientRecord, Action::Delete),
        Payload::ClientToServer,
    ),
};

/// ITI-86 Remove Documents (ITI TF-2: 3.86).
pub const ITI_86: Transaction = Transaction {
    id: "ITI-86",
    name: "Remove Documents",
    request_action: "urn:ihe:iti:2017:RemoveDocuments",
    response_action: "urn:ihe:iti:2017:RemoveDocumentsResponse",
    framing: Framing::Simple,
    effect: Effect::Changes,
    may_call: &[CallerRole::Administrator],
    reporter: Reporter::Repository,
    audit: audit(
        "ITI-86",
        "Remove Documents",
        (EventId::PatientRecord, Action::Delete),
        (EventId::PatientRecord, Action::Delete),
        Payload::ClientToServer,
    ),
};

/// Every transaction the house knows, for tables and documentation.
pub const ALL: &[&Transaction] = &[
    &ITI_18, &ITI_38, &ITI_39, &ITI_41, &ITI_42, &ITI_43, &ITI_51, &ITI_57, &ITI_61, &ITI_62,
    &ITI_86, &ITI_92,
];
