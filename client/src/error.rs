//! Why a call to another node did not give an answer.

use openssl::error::ErrorStack;
use renkei_atna::sink::NotRecorded;
use renkei_soap::fault::{Fault, Subcode};
use renkei_soap::limits::MessageLimits;
use std::error::Error;
use std::io;

/// A call failed. The texts are for operators, Japanese first, and hold nothing about a patient.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// No connection: nothing was sent.
    #[error(
        "接続できません({0})。宛先と、サーバーが動作しているかを確認してください / cannot connect ({0}); \
         check the address and that the server runs"
    )]
    Connect(String),
    /// The connection broke when something may have been sent, before an answer began.
    #[error(
        "応答の前に接続が切れました({0})。結果は不明です。照会してから再送してください / the connection broke \
         before an answer ({0}); the outcome is not known: ask before sending again"
    )]
    Broken(String),
    /// No TLS: one side does not accept the other's certificate or version.
    #[error(
        "TLSが成立しません({0})。双方の証明書と認証局を確認してください / no TLS ({0}); check the \
         certificates and CAs of both sides"
    )]
    Tls(String),
    /// Nothing came in time.
    #[error(
        "時間内に応答がありません。結果は不明です。照会してから再送してください / no answer in time; the \
         outcome is not known: ask before sending again"
    )]
    Timeout,
    /// An HTTP status without a SOAP message.
    #[error("{}", http(*.0))]
    Http(u16),
    /// The peer's SOAP fault.
    #[error("SOAP fault {}: {} / {}", .0.code.local(), .0.ja, .0.en)]
    Fault(Fault),
    /// The answer cannot be read, or ended early.
    #[error(
        "応答を読み取れません({0})。相手システムの管理者に連絡してください / the answer cannot be read \
         ({0}); tell the operator of the other system"
    )]
    Malformed(String),
    /// The answer exceeds the limit of this name.
    #[error(
        "応答が大きすぎます({0})。条件を絞るか、上限を上げてください / the answer is too large ({0}); ask \
         for less, or raise the limit"
    )]
    TooLarge(&'static str),
    /// The call could not be recorded; what it did at the peer stands.
    #[error(
        "監査記録を書き込めません。状態ディレクトリを確認してください / the audit record could not be \
         written; check the state directory"
    )]
    Audit(#[source] NotRecorded),
    /// What is to be sent cannot be read, or what was received cannot be put away.
    #[error(
        "手元のファイルを読み書きできません({0}) / a local file could not be read or written ({0})"
    )]
    Local(#[source] io::Error),
}

impl ClientError {
    /// A short name for reports and audit records.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Connect(_) => "connect",
            Self::Broken(_) => "broken",
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

    /// Whether the peer does not let this node call the transaction.
    pub fn is_not_authorized(&self) -> bool {
        matches!(self, Self::Fault(fault) if fault.subcode == Some(Subcode::NotAuthorized))
    }

    /// Whether the peer refused the message as one that is wrong (RFC 9110, 15.5; a fault of the sender's comes with
    /// 400, SOAP 1.2 part 2, 7.5.2.2), so that it would refuse it again. Not so for 403, since nodes are admitted
    /// later, and for 408 and 429, which speak of the moment.
    pub const fn is_final(&self) -> bool {
        match self {
            Self::Http(403 | 408 | 429) => false,
            Self::Http(status) => matches!(*status, 400..=499),
            Self::Connect(_)
            | Self::Broken(_)
            | Self::Tls(_)
            | Self::Timeout
            | Self::Fault(_)
            | Self::Malformed(_)
            | Self::TooLarge(_)
            | Self::Audit(_)
            | Self::Local(_) => false,
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
        // What reqwest does not even begin, such as http:, is not sent either.
        match error.is_connect() || error.is_builder() {
            true => Self::transport(error),
            false => Self::transport(error).when_open(),
        }
    }

    /// The same of a connection that was there: whatever was written into it may have arrived. A refusal of TLS 1.3
    /// that comes then is of the handshake, behind which nobody read.
    pub(crate) fn when_open(self) -> Self {
        match self {
            Self::Connect(why) => Self::Broken(why),
            other => other,
        }
    }

    /// A connection that could not be made.
    pub(crate) fn transport(error: &(dyn Error + 'static)) -> Self {
        let closed = || Self::Connect("the connection was closed without an answer".to_owned());
        match (cause::<ErrorStack>(error), cause::<io::Error>(error)) {
            // OpenSSL takes a connection closed without a closing alert for an error of TLS.
            (Some(stack), _) if reason(stack) == "unexpected eof while reading" => closed(),
            (Some(stack), _) => Self::Tls(match verdict(error) {
                Some(verdict) => format!("{}: {verdict}", reason(stack)),
                None => reason(stack).to_owned(),
            }),
            (None, Some(error)) => Self::Connect(error.to_string()),
            (None, None) => closed(),
        }
    }
}

/// What an HTTP status without a SOAP message tells.
fn http(status: u16) -> String {
    match status {
        403 => "このシステムの証明書は接続を許可されていません。管理者に登録を依頼してください / the \
                certificate of this system is not admitted (HTTP 403); ask the operator to enter it"
            .to_owned(),
        404 => "この宛先は提供されていません。URLを確認してください / there is no such service (HTTP 404); \
                check the URL"
            .to_owned(),
        _ => format!(
            "SOAP応答ではなくHTTPステータス{status}が返りました。相手システムの管理者に連絡してください / \
             HTTP status {status} instead of a SOAP answer; tell the operator of the other system"
        ),
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

/// What was found wrong with the other side's certificate, such as `certificate has expired`: the library
/// has it in its words alone.
fn verdict(error: &(dyn Error + 'static)) -> Option<String> {
    let mut next = Some(error);
    while let Some(error) = next {
        let text = error.to_string();
        let found = text.strip_suffix(')').and_then(|text| text.rsplit_once('('));
        if let Some((_, verdict)) = found.filter(|(before, _)| before.contains("verify failed")) {
            return Some(verdict.to_owned());
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
    fn what_is_wrong_is_refused_for_good_and_what_is_untimely_is_not() {
        assert!([400, 404, 410, 499].map(ClientError::Http).iter().all(ClientError::is_final));
        let passing = [302, 403, 408, 429, 500, 503].map(ClientError::Http);
        assert!(!passing.iter().any(ClientError::is_final));
        assert!(!ClientError::Timeout.is_final());
    }

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
