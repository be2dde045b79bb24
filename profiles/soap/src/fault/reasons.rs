//! Faults of the rows whose holes need more than a value put in.

use super::rows::{self, Row};
use super::{Detail, Fault, FaultCode, QName};
use crate::xml::{Malformation, XmlError, XmlErrorKind, ns};
use std::fmt::Display;

impl Fault {
    /// A fault that is sent to nobody: what is wrong with an answer, for whoever asked. What is sent is a row
    /// ([`Fault::of`]).
    pub fn sender(en: impl Into<String>, ja: impl Into<String>) -> Self {
        Self::new(FaultCode::Sender, en, ja)
    }

    /// We failed. `reference` is what an operator finds in the log, such as a trace id; the cause
    /// itself stays inside.
    pub fn internal(reference: &str) -> Self {
        Self::of(&rows::INTERNAL, &[("reference", &excerpt(reference))])
    }

    /// A limit was hit: `name` is its setting, `max` its value.
    pub fn limit(name: &str, max: impl Display) -> Self {
        Self::of(&rows::OVER_LIMIT, &[("name", name), ("max", &max.to_string())])
    }

    /// Nothing came for `limits.idle_seconds`. It may be the network's fault as well as the sender's, but
    /// it is the sender who can send again.
    pub fn stalled(seconds: u64) -> Self {
        Self::of(&rows::STALLED, &[("seconds", &seconds.to_string())])
    }

    /// What was asked for was not found in `limits.request_seconds`.
    pub fn overdue(seconds: u64) -> Self {
        Self::of(&rows::OVERDUE, &[("seconds", &seconds.to_string())])
    }

    /// A change was not done within `limits.request_seconds` and goes on. `set` is the uniqueId of the
    /// SubmissionSet by which its outcome can be asked for.
    pub fn outcome_open(seconds: u64, set: Option<&str>) -> Self {
        let (en, ja) = match set.map(excerpt) {
            Some(set) => (format!(" {set}"), format!("uniqueId が {set} の ")),
            None => (String::new(), String::new()),
        };
        let values = [("seconds", seconds.to_string()), ("set", en), ("set_ja", ja)];
        Self::of(&rows::OUTCOME_OPEN, &values.each_ref().map(|(name, v)| (*name, v.as_str())))
    }

    /// The envelope is not XML that we read.
    pub fn xml(error: &XmlError) -> Self {
        use Malformation as M;
        let (row, name) = match &error.kind {
            XmlErrorKind::Limit(name, max) => return Self::limit(name, max),
            XmlErrorKind::Malformed(M::Markup) => (&rows::XML_MARKUP, String::new()),
            XmlErrorKind::Malformed(M::Tags) => (&rows::XML_TAGS, String::new()),
            XmlErrorKind::Malformed(M::Attribute) => (&rows::XML_ATTRIBUTE, String::new()),
            XmlErrorKind::Malformed(M::AttributeTwice) => {
                (&rows::XML_ATTRIBUTE_TWICE, String::new())
            }
            XmlErrorKind::Malformed(M::Reference) => (&rows::XML_REFERENCE, String::new()),
            XmlErrorKind::Malformed(M::Name) => (&rows::XML_NAME, String::new()),
            XmlErrorKind::Malformed(M::Namespace) => (&rows::XML_NAMESPACE, String::new()),
            XmlErrorKind::Doctype => (&rows::XML_DOCTYPE, String::new()),
            XmlErrorKind::Entity(name) => (&rows::XML_ENTITY, format!("&{};", excerpt(name))),
            XmlErrorKind::Prefix(prefix) => (&rows::XML_PREFIX, excerpt(prefix)),
            XmlErrorKind::Character(c) => (&rows::XML_CHARACTER, format!("{c:04X}")),
            XmlErrorKind::OutsideRoot => (&rows::XML_OUTSIDE_ROOT, String::new()),
            XmlErrorKind::Truncated => (&rows::XML_TRUNCATED, String::new()),
            XmlErrorKind::UnexpectedElement(name) => (&rows::XML_ELEMENT, excerpt(name)),
            XmlErrorKind::Comment => (&rows::XML_COMMENT, String::new()),
        };
        let (line, column) = (error.position.line.to_string(), error.position.column.to_string());
        Self::of(row, &[("line", &line), ("column", &column), ("name", &name)])
    }

    /// The envelope is of another version of SOAP.
    pub fn version_mismatch() -> Self {
        Self::of(&rows::VERSION_MISMATCH, &[("namespace", ns::SOAP12)])
    }

    /// Header blocks that must be understood and are not.
    pub fn not_understood(blocks: Vec<QName>) -> Self {
        let names: Vec<_> =
            blocks.iter().map(|b| excerpt(&format!("{{{}}}{}", b.namespace, b.local))).collect();
        Self::of(&rows::NOT_UNDERSTOOD, &[("names", &names.join(", "))])
            .with_detail(Detail::NotUnderstood(blocks))
    }

    /// A WS-Addressing header is missing; `local` is its name.
    pub fn addressing_header_required(local: &str) -> Self {
        Self::of(&rows::ADDRESSING_REQUIRED, &[("header", local), ("namespace", ns::WSA)])
            .with_detail(Detail::ProblemHeader(wsa(local)))
    }

    /// A WS-Addressing header is wrong, as a row says that names the `header`.
    pub fn addressing_header(row: &'static Row, local: &str) -> Self {
        let local = excerpt(local);
        Self::of(row, &[("header", &local), ("namespace", ns::WSA)])
            .with_detail(Detail::ProblemHeader(wsa(&local)))
    }

    /// The wsa:Action is unknown here, or does not fit the body.
    pub fn action_not_supported(action: &str) -> Self {
        let shown = excerpt(action);
        Self::of(&rows::ACTION_NOT_SUPPORTED, &[("action", &shown)])
            .with_detail(Detail::ProblemAction(shown))
    }

    /// The actor or the transaction is switched off, or has no capacity at present.
    pub fn endpoint_unavailable() -> Self {
        Self::of(&rows::ENDPOINT_UNAVAILABLE, &[])
    }

    /// A wsa:MessageID under which another message came before.
    pub fn duplicate_message_id() -> Self {
        Self::addressing_header(&rows::DUPLICATE_MESSAGE_ID, "MessageID")
    }

    /// A wsa:ReplyTo other than the anonymous address where only that one is served.
    pub fn only_anonymous_reply_to() -> Self {
        Self::addressing_header(&rows::ONLY_ANONYMOUS, "ReplyTo")
    }

    /// A wsa:ReplyTo or wsa:FaultTo to which no reply is sent (`async.allowed_reply_to`).
    pub fn reply_to_not_listed(local: &str) -> Self {
        Self::addressing_header(&rows::REPLY_TO_NOT_LISTED, local)
    }

    /// An answer to a question that nobody asked of who sends it, or asks any more.
    pub fn not_awaited() -> Self {
        Self::addressing_header(&rows::NOT_AWAITED, "RelatesTo")
    }

    /// As many replies as may wait do so, or this one is too large to wait.
    pub fn reply_refused(limit: &str) -> Self {
        Self::of(&rows::REPLY_REFUSED, &[("limit", limit)])
    }

    /// The caller may not do this.
    pub fn not_authorized() -> Self {
        Self::of(&rows::NOT_AUTHORIZED, &[])
    }

    /// The caller may not do this on behalf of the node that it names.
    pub fn not_spoken_for() -> Self {
        Self::of(&rows::NOT_SPOKEN_FOR, &[])
    }

    /// A part of a multipart message that the envelope does not refer to (XOP 1.0, 3.2).
    pub fn part_unreferred(content_id: &str) -> Self {
        Self::of(&rows::PART_UNREFERRED, &[("id", &excerpt(content_id))])
    }

    /// A header of HTTP that would change what the body means, and is not followed here.
    pub fn header_not_followed(name: &str, value: &str, en: &str, ja: &str) -> Self {
        let value = excerpt(value);
        let values = [("name", name), ("value", &value), ("fix", en), ("fix_ja", ja)];
        Self::of(&rows::HEADER_NOT_FOLLOWED, &values)
    }
}

fn wsa(local: &str) -> Box<QName> {
    Box::new(QName { namespace: ns::WSA.to_owned(), local: local.to_owned() })
}

/// A sender's text, short enough to be sent back.
pub(crate) fn excerpt(text: &str) -> String {
    const MOST: usize = 200;
    match text.char_indices().nth(MOST) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
    }
}
