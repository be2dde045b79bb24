//! How a transaction is audited on each side: data that travels with the transaction's declaration.

use crate::record::{Action, Coded};

/// EventID of DICOM PS3.15 (code system DCM).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EventId {
    /// 110100.
    ApplicationActivity,
    /// 110101.
    AuditLogUsed,
    /// 110106.
    Export,
    /// 110107.
    Import,
    /// 110110.
    PatientRecord,
    /// 110112.
    Query,
    /// 110113.
    SecurityAlert,
}

impl EventId {
    /// The coded value.
    pub fn coded(self) -> Coded {
        let (code, text) = match self {
            Self::ApplicationActivity => ("110100", "Application Activity"),
            Self::AuditLogUsed => ("110101", "Audit Log Used"),
            Self::Export => ("110106", "Export"),
            Self::Import => ("110107", "Import"),
            Self::PatientRecord => ("110110", "Patient Record"),
            Self::Query => ("110112", "Query"),
            Self::SecurityAlert => ("110113", "Security Alert"),
        };
        Coded::new(code, "DCM", text)
    }
}

/// One side's record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SideSpec {
    /// EventID.
    pub event: EventId,
    /// EventActionCode.
    pub action: Action,
}

/// Which way the payload goes, which decides who is Source (110153) and who Destination (110152).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Payload {
    /// The client sends it (ITI-18, 41, 42, 8).
    ClientToServer,
    /// The server sends it (ITI-43).
    ServerToClient,
}

/// How a transaction is audited (ITI TF-2: security considerations of each transaction).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AuditSpec {
    /// EventTypeCode code, such as `ITI-41`.
    pub code: &'static str,
    /// EventTypeCode text.
    pub text: &'static str,
    /// The client's record.
    pub client: SideSpec,
    /// The server's record.
    pub server: SideSpec,
    /// Direction of the payload.
    pub payload: Payload,
}
