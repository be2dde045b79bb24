//! Every fault that this crate or a server on top of it gives, with its words.

use super::{Detail, Fault, FaultCode, QName, Subcode};
use crate::message::Framing;
use crate::xml::{XmlError, XmlErrorKind, ns};
use std::fmt::Display;

impl Fault {
    /// The message is wrong in a way that has no finer code.
    pub fn sender(en: impl Into<String>, ja: impl Into<String>) -> Self {
        Self::new(FaultCode::Sender, en, ja)
    }

    /// We failed. `reference` is what an operator finds in the log, such as a trace id; the cause
    /// itself stays inside.
    pub fn internal(reference: &str) -> Self {
        let reference = excerpt(reference);
        Self::new(
            FaultCode::Receiver,
            format!(
                "The message could not be processed. Tell the operator the reference {reference}."
            ),
            format!("処理できませんでした。参照番号 {reference} を運用者にお知らせください。"),
        )
    }

    /// A limit was hit: `name` is its setting, `max` its value.
    pub fn limit(name: &str, max: impl Display) -> Self {
        Self::sender(
            format!("The message exceeds the limit {name} = {max}. Send a smaller message."),
            format!(
                "メッセージが制限 {name} = {max} を超えています。小さく分けて送信してください。"
            ),
        )
    }

    /// Nothing came for `limits.idle_seconds`. It may be the network's fault as well as the sender's, but
    /// it is the sender who can send again.
    pub fn stalled(seconds: u64) -> Self {
        Self::sender(
            format!(
                "Nothing of the message arrived for limits.idle_seconds = {seconds} seconds. Nothing was \
                 changed; send it again."
            ),
            format!(
                "limits.idle_seconds = {seconds} 秒の間、メッセージが届きませんでした。\
                 何も変更されていません。再送してください。"
            ),
        )
    }

    /// What was asked for was not found in `limits.request_seconds`.
    pub fn overdue(seconds: u64) -> Self {
        Self::new(
            FaultCode::Receiver,
            format!(
                "The answer was not ready within limits.request_seconds = {seconds} seconds. Nothing was \
                 changed; ask again later, or for less."
            ),
            format!(
                "limits.request_seconds = {seconds} 秒以内に応答を用意できませんでした。何も変更されて\
                 いません。時間をおいて、または条件を絞って再度要求してください。"
            ),
        )
    }

    /// A change was not done within `limits.request_seconds` and goes on. `set` is the uniqueId of the
    /// SubmissionSet by which its outcome can be asked for.
    pub fn outcome_open(seconds: u64, set: Option<&str>) -> Self {
        let (en, ja) = match set.map(excerpt) {
            Some(set) => (format!(" {set}"), format!("uniqueId が {set} の ")),
            None => (String::new(), String::new()),
        };
        Self::new(
            FaultCode::Receiver,
            format!(
                "The request takes longer than limits.request_seconds = {seconds} seconds and goes on; its \
                 outcome is open. Before sending it again, ask the registry for the SubmissionSet{en} with \
                 the stored query GetSubmissionSetAndContents (ITI-18, $XDSSubmissionSetUniqueId)."
            ),
            format!(
                "処理は limits.request_seconds = {seconds} 秒を超えて続いており、結果は未確定です。再送する\
                 前に、ストアドクエリ GetSubmissionSetAndContents(ITI-18、$XDSSubmissionSetUniqueId)で\
                 {ja}SubmissionSet をレジストリに照会してください。"
            ),
        )
    }

    /// The envelope is not XML that we read.
    pub fn xml(error: &XmlError) -> Self {
        let at = error.position;
        let (line, column) = (at.line, at.column);
        let ja = match &error.kind {
            XmlErrorKind::Limit(name, max) => return Self::limit(name, max),
            XmlErrorKind::Malformed(_) => "整形式のXMLではありません".to_owned(),
            XmlErrorKind::Doctype => "DOCTYPE は受け付けません".to_owned(),
            XmlErrorKind::Entity(name) => {
                format!("実体 &{}; は定義されていません", excerpt(name))
            }
            XmlErrorKind::Prefix(prefix) => {
                format!("名前空間接頭辞 {} が宣言されていません", excerpt(prefix))
            }
            XmlErrorKind::Character(c) => format!("文字 U+{c:04X} は XML では使えません"),
            XmlErrorKind::OutsideRoot => "ルート要素の外に内容があります".to_owned(),
            XmlErrorKind::Truncated => "XML が途中で終わっています".to_owned(),
            XmlErrorKind::UnexpectedElement(name) => {
                format!("テキストのみの要素の中に要素 {} があります", excerpt(name))
            }
            XmlErrorKind::Comment => {
                "値の途中にコメントまたは処理命令があります。取り除いてください".to_owned()
            }
        };
        let en = excerpt(&error.kind.to_string());
        Self::sender(
            format!("The envelope cannot be read, line {line}, column {column}: {en}."),
            format!("エンベロープを読めません({line} 行 {column} 列): {ja}。"),
        )
    }

    /// The envelope is of another version of SOAP.
    pub fn version_mismatch() -> Self {
        Self::new(
            FaultCode::VersionMismatch,
            format!("Only SOAP 1.2 is accepted; the envelope has to be in {}.", ns::SOAP12),
            format!(
                "SOAP 1.2 のみ受け付けます。Envelope の名前空間は {} としてください。",
                ns::SOAP12
            ),
        )
    }

    /// Header blocks that must be understood and are not.
    pub fn not_understood(blocks: Vec<QName>) -> Self {
        let names: Vec<_> =
            blocks.iter().map(|b| excerpt(&format!("{{{}}}{}", b.namespace, b.local))).collect();
        let names = names.join(", ");
        Self::new(
            FaultCode::MustUnderstand,
            format!("Header blocks with mustUnderstand that are not understood: {names}."),
            format!("mustUnderstand が指定されたヘッダーを解釈できません: {names}。"),
        )
        .with_detail(Detail::NotUnderstood(blocks))
    }

    /// A WS-Addressing header is missing; `local` is its name.
    pub fn addressing_header_required(local: &str) -> Self {
        Self::sender(
            format!("The header wsa:{local} ({}) is missing.", ns::WSA),
            format!("ヘッダー wsa:{local}({})がありません。", ns::WSA),
        )
        .with_subcode(Subcode::MessageAddressingHeaderRequired)
        .with_detail(Detail::ProblemHeader(wsa(local)))
    }

    /// A WS-Addressing header is wrong; `en` and `ja` finish the sentence "The header wsa:X …".
    pub fn invalid_addressing_header(local: &str, en: &str, ja: &str) -> Self {
        let local = excerpt(local);
        Self::sender(
            format!("The header wsa:{local} {en}."),
            format!("ヘッダー wsa:{local} {ja}。"),
        )
        .with_subcode(Subcode::InvalidAddressingHeader)
        .with_detail(Detail::ProblemHeader(wsa(&local)))
    }

    /// The wsa:Action is unknown here, or does not fit the body.
    pub fn action_not_supported(action: &str) -> Self {
        let shown = excerpt(action);
        Self::sender(
            format!("The action {shown} is not offered at this address, or does not fit the body."),
            format!("アクション {shown} はこの宛先では提供していないか、本文と一致しません。"),
        )
        .with_subcode(Subcode::ActionNotSupported)
        .with_detail(Detail::ProblemAction(shown))
    }

    /// The actor or the transaction is switched off, or has no capacity at present.
    pub fn endpoint_unavailable() -> Self {
        Self::new(
            FaultCode::Receiver,
            "The service is not available at present. Try again later.",
            "現在サービスを利用できません。時間をおいて再送してください。",
        )
        .with_subcode(Subcode::EndpointUnavailable)
    }

    /// A wsa:MessageID under which another message came before.
    pub fn duplicate_message_id() -> Self {
        Self::sender(
            "Another message came before under this wsa:MessageID. A repeat has to be the same message; give a new one a MessageID of its own.",
            "この wsa:MessageID で別のメッセージを受信済みです。再送は同じ内容で行い、新しいメッセージには新しい MessageID を付けてください。",
        )
        .with_subcode(Subcode::DuplicateMessageId)
        .with_detail(Detail::ProblemHeader(wsa("MessageID")))
    }

    /// A wsa:ReplyTo other than the anonymous address where only that one is served.
    pub fn only_anonymous_reply_to() -> Self {
        Self::sender(
            "The header wsa:ReplyTo has to hold the anonymous address here.",
            "ここではヘッダー wsa:ReplyTo に anonymous アドレスを指定してください。",
        )
        .with_subcode(Subcode::OnlyAnonymousAddressSupported)
        .with_detail(Detail::ProblemHeader(wsa("ReplyTo")))
    }

    /// A wsa:ReplyTo or wsa:FaultTo to which no reply is sent (`async.allowed_reply_to`).
    pub fn reply_to_not_listed(local: &str) -> Self {
        Self::sender(
            format!(
                "The address in wsa:{local} is not among those to which replies are sent here. Ask the \
                 operator to list it in async.allowed_reply_to, or wait for the answer on the connection \
                 (anonymous)."
            ),
            format!(
                "wsa:{local} のアドレスは返信先として登録されていません。運用者に async.allowed_reply_to への\
                 登録を依頼するか、anonymous を指定して同じ接続で応答を受け取ってください。"
            ),
        )
        .with_subcode(Subcode::OnlyAnonymousAddressSupported)
        .with_detail(Detail::ProblemHeader(wsa(local)))
    }

    /// As many replies as may wait do so, or this one is too large to wait.
    pub fn reply_refused(limit: &str) -> Self {
        Self::new(
            FaultCode::Receiver,
            format!(
                "The reply cannot be kept until it is delivered ({limit}). Ask again later, or wait for \
                 the answer on the connection (anonymous)."
            ),
            format!(
                "返信を配送まで保管できません({limit})。時間をおいて再送するか、anonymous を指定して同じ接続で\
                 応答を受け取ってください。"
            ),
        )
        .with_subcode(Subcode::EndpointUnavailable)
    }

    /// The caller may not do this.
    pub fn not_authorized() -> Self {
        Self::sender(
            "The system that called is not authorised for this transaction.",
            "呼び出し元のシステムには、このトランザクションの権限がありません。",
        )
        .with_subcode(Subcode::NotAuthorized)
    }

    /// A part of a multipart message that the envelope does not refer to (XOP 1.0, 3.2).
    pub fn part_unreferred(content_id: &str) -> Self {
        let id = excerpt(content_id);
        Self::sender(
            format!(
                "No xop:Include refers to the part with the Content-ID {id}. Refer to it as cid: and this \
                 id, or leave the part out."
            ),
            format!(
                "Content-ID が {id} のパートを参照する xop:Include がありません。cid: とこの値で参照するか、\
                 パートを除いてください。"
            ),
        )
    }

    /// A header of HTTP that would change what the body means, and is not followed here.
    pub fn header_not_followed(name: &str, value: &str, en: &str, ja: &str) -> Self {
        let value = excerpt(value);
        Self::sender(
            format!("The HTTP header {name}: {value} is not followed here; {en}."),
            format!("HTTP ヘッダー {name}: {value} には対応していません。{ja}。"),
        )
    }

    /// The message is in another framing than its transaction calls for.
    pub fn wrong_framing(expected: Framing) -> Self {
        let expected = match expected {
            Framing::Mtom => "multipart/related; type=\"application/xop+xml\" (MTOM/XOP)",
            Framing::Simple => "application/soap+xml (Simple SOAP)",
        };
        Self::sender(
            format!("This transaction is sent as {expected}."),
            format!("このトランザクションは {expected} で送信してください。"),
        )
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
