//! SOAP faults: what goes wrong before the body of a message counts (SOAP 1.2 Part 1, 5.4;
//! WS-Addressing 1.0 SOAP Binding, 6).
//!
//! A fault says in Japanese and English what the sender has to change, and nothing about us.

mod read;
mod reasons;
pub mod rows;
mod write;

pub(crate) use reasons::excerpt;

/// `soap12:Code`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FaultCode {
    /// The message is at fault.
    Sender,
    /// We are.
    Receiver,
    /// The envelope is not SOAP 1.2.
    VersionMismatch,
    /// A header block for us that we do not know must be understood.
    MustUnderstand,
}

impl FaultCode {
    /// The local name in the SOAP 1.2 namespace.
    pub const fn local(self) -> &'static str {
        match self {
            Self::Sender => "Sender",
            Self::Receiver => "Receiver",
            Self::VersionMismatch => "VersionMismatch",
            Self::MustUnderstand => "MustUnderstand",
        }
    }
}

/// An expanded name.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct QName {
    /// Namespace; empty for none.
    pub namespace: String,
    /// Local name.
    pub local: String,
}

/// `soap12:Subcode`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Subcode {
    /// wsa:ActionNotSupported.
    ActionNotSupported,
    /// wsa:MessageAddressingHeaderRequired.
    MessageAddressingHeaderRequired,
    /// wsa:InvalidAddressingHeader.
    InvalidAddressingHeader,
    /// wsa:EndpointUnavailable.
    EndpointUnavailable,
    /// wsa:InvalidAddressingHeader with wsa:DuplicateMessageID below it.
    DuplicateMessageId,
    /// wsa:InvalidAddressingHeader with wsa:OnlyAnonymousAddressSupported below it.
    OnlyAnonymousAddressSupported,
    /// wsse:FailedAuthentication: not authenticated, or not authorised (WSS 1.1.1, 12).
    NotAuthorized,
    /// Any other, as a peer sent it.
    Other(Box<QName>),
}

/// `soap12:Detail`, or the header blocks that SOAP uses in its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Detail {
    /// wsa:ProblemAction.
    ProblemAction(String),
    /// wsa:ProblemHeaderQName.
    ProblemHeader(Box<QName>),
    /// soap12:NotUnderstood header blocks (SOAP 1.2 Part 1, 5.4.8).
    NotUnderstood(Vec<QName>),
}

/// A fault, ours or a peer's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("SOAP fault {}: {en}", code.local())]
pub struct Fault {
    /// Whose fault.
    pub code: FaultCode,
    /// The finer code.
    pub subcode: Option<Subcode>,
    /// The reason in English.
    pub en: String,
    /// The reason in Japanese.
    pub ja: String,
    /// What exactly.
    pub detail: Option<Detail>,
}

impl Fault {
    /// A fault without subcode and detail.
    pub fn new(code: FaultCode, en: impl Into<String>, ja: impl Into<String>) -> Self {
        Self { code, subcode: None, en: en.into(), ja: ja.into(), detail: None }
    }

    /// Adds the finer code.
    #[must_use]
    pub fn with_subcode(mut self, subcode: Subcode) -> Self {
        self.subcode = Some(subcode);
        self
    }

    /// Adds the detail.
    #[must_use]
    pub fn with_detail(mut self, detail: Detail) -> Self {
        self.detail = Some(detail);
        self
    }

    /// The HTTP status that goes with it (SOAP 1.2 Part 2, Table 20).
    pub const fn http_status(&self) -> u16 {
        match self.code {
            FaultCode::Sender => 400,
            FaultCode::Receiver | FaultCode::VersionMismatch | FaultCode::MustUnderstand => 500,
        }
    }

    /// The wsa:Action of the message that carries it (WS-Addressing 1.0 SOAP Binding, 6).
    pub const fn action(&self) -> &'static str {
        match self.subcode {
            None | Some(Subcode::NotAuthorized | Subcode::Other(_)) => SOAP_FAULT_ACTION,
            Some(_) => ADDRESSING_FAULT_ACTION,
        }
    }
}

/// wsa:Action of faults that SOAP defines.
pub const SOAP_FAULT_ACTION: &str = "http://www.w3.org/2005/08/addressing/soap/fault";
/// wsa:Action of faults that WS-Addressing defines.
pub const ADDRESSING_FAULT_ACTION: &str = "http://www.w3.org/2005/08/addressing/fault";

#[cfg(test)]
mod samples;
#[cfg(test)]
mod tests;
