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
}

/// The OID of interactions and trigger events.
pub(crate) const INTERACTIONS: &str = "2.16.840.1.113883.1.6";

impl Interaction {
    /// The name of the root element, and the extension of `interactionId`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::FindCandidates => "PRPA_IN201305UV02",
            Self::FindCandidatesResponse => "PRPA_IN201306UV02",
            Self::AcceptAcknowledgement => "MCCI_IN000002UV01",
        }
    }

    /// The trigger event, the code of its control act; an acknowledgement has none.
    pub(crate) const fn trigger(self) -> &'static str {
        match self {
            Self::FindCandidates => "PRPA_TE201305UV02",
            Self::FindCandidatesResponse => "PRPA_TE201306UV02",
            Self::AcceptAcknowledgement => "",
        }
    }

    /// `acceptAckCode`: requests want to be acknowledged, answers never do (ITI TF-2: O.1.1).
    pub(crate) const fn accept_code(self) -> &'static str {
        match self {
            Self::FindCandidates => "AL",
            Self::FindCandidatesResponse | Self::AcceptAcknowledgement => "NE",
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
