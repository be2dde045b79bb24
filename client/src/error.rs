//! Why a call to another node did not give an answer.

use openssl::error::ErrorStack;
use renkei_audit::AuditError;
use renkei_soap::fault::Fault;
use renkei_soap::limits::MessageLimits;
use std::error::Error;
use std::io;

/// A call failed. The texts are for operators and hold nothing about a patient.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// No connection, or it broke before an answer began.
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

    /// An answer that our reader refuses with `fault`.
    pub(crate) fn unreadable(fault: &Fault, limits: &MessageLimits) -> Self {
        match exceeded(fault, limits) {
            Some(name) => Self::TooLarge(name),
            None => Self::Malformed(fault.en.clone()),
        }
    }

    /// A request that reqwest could not send, or that was not answered.
    pub(crate) fn sending(error: &reqwest::Error) -> Self {
        if error.is_timeout() {
            return Self::Timeout;
        }
        Self::transport(error)
    }

    /// A connection that failed.
    pub(crate) fn transport(error: &(dyn Error + 'static)) -> Self {
        let closed = || Self::Connect("the connection was closed without an answer".to_owned());
        match (cause::<ErrorStack>(error), cause::<io::Error>(error)) {
            // OpenSSL takes a connection closed without a closing alert for an error of TLS.
            (Some(stack), _) if reason(stack) == "unexpected eof while reading" => closed(),
            (Some(stack), _) => Self::Tls(reason(stack).to_owned()),
            (None, Some(error)) => Self::Connect(error.to_string()),
            (None, None) => closed(),
        }
    }
}

/// The limit that `fault` names, if it is one of exceeding a limit.
fn exceeded(fault: &Fault, limits: &MessageLimits) -> Option<&'static str> {
    let (xml, wide) = (limits.xml, |n: usize| n as u64);
    let named = [
        ("limits.root_bytes", wide(limits.root_bytes)),
        ("limits.parts", wide(limits.parts)),
        ("limits.part_header_bytes", wide(limits.part_header_bytes)),
        ("limits.message_bytes", limits.message_bytes),
        ("limits.inline_document_bytes", wide(limits.inline_document_bytes)),
        ("limits.xml_depth", wide(xml.depth)),
        ("limits.xml_attributes", wide(xml.attributes)),
        ("limits.xml_name_bytes", wide(xml.name_bytes)),
    ];
    named.into_iter().find(|(name, max)| Fault::limit(name, max) == *fault).map(|(name, _)| name)
}

fn cause<'e, E: Error + 'static>(error: &'e (dyn Error + 'static)) -> Option<&'e E> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref() {
            return Some(found);
        }
        next = error.source();
    }
    None
}

/// What OpenSSL says, such as `certificate verify failed`.
fn reason(stack: &ErrorStack) -> &str {
    let first = stack.errors().iter().find_map(openssl::error::Error::reason);
    first.unwrap_or("the handshake failed")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_told_by_its_name() {
        let limits = MessageLimits::default();
        let name = |fault: &Fault| match ClientError::unreadable(fault, &limits) {
            ClientError::TooLarge(name) => name,
            other => other.code(),
        };
        assert_eq!(
            name(&Fault::limit("limits.root_bytes", limits.root_bytes)),
            "limits.root_bytes"
        );
        assert_eq!(name(&Fault::limit("limits.xml_depth", limits.xml.depth)), "limits.xml_depth");
        assert_eq!(name(&Fault::sender("no limits.root_bytes", "")), "malformed");
    }
}
