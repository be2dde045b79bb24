//! Which messages there are, and under which actions they travel.

/// A message, by its interaction (HL7 V3 NE2008; ITI TF-2: 3.55.4, O.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Interaction {
    /// Patient Registry Find Candidates Query.
    FindCandidates,
    /// Patient Registry Find Candidates Query Response.
    FindCandidatesResponse,
    /// Accept Acknowledgement.
    AcceptAcknowledgement,
    /// Patient Registry Record Added.
    RecordAdded,
    /// Patient Registry Record Revised.
    RecordRevised,
    /// Patient Registry Duplicates Resolved.
    DuplicatesResolved,
    /// Patient Registry Get Identifiers Query.
    GetIdentifiers,
    /// Patient Registry Get Identifiers Query Response.
    GetIdentifiersResponse,
    /// General Query Activate Query Continue.
    Continue,
    /// The same as the body of another operation, by which a query is given up.
    Cancel,
}

/// The OID of interactions and trigger events.
pub(crate) const INTERACTIONS: &str = "2.16.840.1.113883.1.6";

impl Interaction {
    /// The name of the root element.
    pub const fn name(self) -> &'static str {
        match self {
            Self::FindCandidates => "PRPA_IN201305UV02",
            Self::FindCandidatesResponse => "PRPA_IN201306UV02",
            Self::AcceptAcknowledgement => "MCCI_IN000002UV01",
            Self::RecordAdded => "PRPA_IN201301UV02",
            Self::RecordRevised => "PRPA_IN201302UV02",
            Self::DuplicatesResolved => "PRPA_IN201304UV02",
            Self::GetIdentifiers => "PRPA_IN201309UV02",
            Self::GetIdentifiersResponse => "PRPA_IN201310UV02",
            Self::Continue => "QUQI_IN000003UV01",
            Self::Cancel => "QUQI_IN000003UV01_Cancel",
        }
    }

    /// The extension of `interactionId`: the name, but for a cancellation, which is the same interaction as a
    /// continuation (ITI TF-2: 3.47.4.3).
    pub(crate) const fn id(self) -> &'static str {
        match self {
            Self::Cancel | Self::Continue => Self::Continue.name(),
            Self::FindCandidates
            | Self::FindCandidatesResponse
            | Self::AcceptAcknowledgement
            | Self::RecordAdded
            | Self::RecordRevised
            | Self::DuplicatesResolved
            | Self::GetIdentifiers
            | Self::GetIdentifiersResponse => self.name(),
        }
    }

    /// The trigger event, the code of its control act; an acknowledgement has none.
    pub(crate) const fn trigger(self) -> &'static str {
        match self {
            Self::FindCandidates => "PRPA_TE201305UV02",
            Self::FindCandidatesResponse => "PRPA_TE201306UV02",
            Self::AcceptAcknowledgement => "",
            Self::RecordAdded => "PRPA_TE201301UV02",
            Self::RecordRevised => "PRPA_TE201302UV02",
            Self::DuplicatesResolved => "PRPA_TE201304UV02",
            Self::GetIdentifiers => "PRPA_TE201309UV02",
            Self::GetIdentifiersResponse => "PRPA_TE201310UV02",
            Self::Continue | Self::Cancel => "PRPA_TE000003UV01",
        }
    }

    /// `acceptAckCode`: requests want to be acknowledged, answers never do (ITI TF-2: O.1.1).
    pub(crate) const fn accept_code(self) -> &'static str {
        match self {
            Self::FindCandidates
            | Self::RecordAdded
            | Self::RecordRevised
            | Self::DuplicatesResolved
            | Self::GetIdentifiers
            | Self::Continue
            | Self::Cancel => "AL",
            Self::FindCandidatesResponse
            | Self::GetIdentifiersResponse
            | Self::AcceptAcknowledgement => "NE",
        }
    }
}

/// A web service exchange: what is asked under which `wsa:Action`, and what answers.
#[derive(Debug, PartialEq, Eq)]
pub struct Exchange {
    /// `ITI-55`.
    pub id: &'static str,
    /// The name in the Technical Framework.
    pub name: &'static str,
    /// `wsa:Action` of the request.
    pub request_action: &'static str,
    /// `wsa:Action` of the answer.
    pub response_action: &'static str,
}

const PATIENT_DISCOVERY: &str = "Cross Gateway Patient Discovery";

/// ITI-55, answered at once or at another address.
pub const ITI_55: Exchange = Exchange {
    id: "ITI-55",
    name: PATIENT_DISCOVERY,
    request_action: "urn:hl7-org:v3:PRPA_IN201305UV02:CrossGatewayPatientDiscovery",
    response_action: "urn:hl7-org:v3:PRPA_IN201306UV02:CrossGatewayPatientDiscovery",
};

/// The query of a deferred ITI-55, which is acknowledged (ITI TF-2: 3.55.6.2).
pub const ITI_55_DEFERRED_QUERY: Exchange = Exchange {
    id: "ITI-55",
    name: PATIENT_DISCOVERY,
    request_action: "urn:hl7-org:v3:PRPA_IN201305UV02:Deferred:CrossGatewayPatientDiscovery",
    response_action: "urn:hl7-org:v3:MCCI_IN000002UV01",
};

/// Its answer, which is a request of its own and acknowledged too.
pub const ITI_55_DEFERRED_ANSWER: Exchange = Exchange {
    id: "ITI-55",
    name: PATIENT_DISCOVERY,
    request_action: "urn:hl7-org:v3:PRPA_IN201306UV02:Deferred:CrossGatewayPatientDiscovery",
    response_action: "urn:hl7-org:v3:MCCI_IN000002UV01",
};

/// ITI-56, Patient Location Query (XCPD Health Data Locator option).
pub const ITI_56: Exchange = Exchange {
    id: "ITI-56",
    name: "Patient Location Query",
    request_action: "urn:ihe:iti:2009:PatientLocationQuery",
    response_action: "urn:ihe:iti:2009:PatientLocationQueryResponse",
};
