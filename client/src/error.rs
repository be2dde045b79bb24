//! Why a call to another node did not give an answer.

use renkei_audit::AuditError;
use renkei_soap::fault::Fault;
use std::io;

/// A call failed. The texts are for operators and hold nothing about a patient.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// No connection.
    #[error("cannot connect: {0}")]
    Connect(String),
    /// No TLS: one side does not accept the other's certificate or version.
    #[error("no TLS: {0}")]
    Tls(String),
    /// Nothing came in time.
    #[error("no answer in time")]
    Timeout,
    /// An HTTP status without a SOAP message.
    #[error("HTTP status {0}")]
    Http(u16),
    /// The peer's SOAP fault.
    #[error(transparent)]
    Fault(Fault),
    /// The answer cannot be read, or ended early.
    #[error("the answer cannot be read: {0}")]
    Malformed(String),
    /// The answer exceeds the limit of this name.
    #[error("the answer is too large ({0})")]
    TooLarge(&'static str),
    /// The call could not be recorded; what it did at the peer stands.
    #[error("the audit record could not be written")]
    Audit(#[source] AuditError),
    /// What is to be sent cannot be read, or what was received cannot be put away.
    #[error("{0}")]
    Local(#[source] io::Error),
}

impl ClientError {
    /// A short name for reports and audit records.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Connect(_) => "connect",
            Self::Tls(_) => "tls",
            Self::Timeout => "timeout",
            Self::Http(_) => "http",
            Self::Fault(_) => "fault",
            Self::Malformed(_) => "malformed",
            Self::TooLarge(_) => "too-large",
            Self::Audit(_) => "audit",
            Self::Local(_) => "local",
        }
    }
}
