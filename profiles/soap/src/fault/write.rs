//! A fault as an envelope.

use super::{Detail, Fault, FaultCode, QName, Subcode};
use crate::envelope::AnswerHeaders;
use crate::xml::{Writer, ns};

impl Fault {
    /// The whole envelope; it relates to the wsa:MessageID of the message at fault, if that had one.
    pub fn write<'a>(&self, headers: impl Into<AnswerHeaders<'a>>) -> String {
        let mut w = Writer::new();
        w.start("soap12:Envelope");
        w.attr("xmlns:soap12", ns::SOAP12).attr("xmlns:wsa", ns::WSA);
        w.start("soap12:Header");
        w.start("wsa:Action").attr("soap12:mustUnderstand", "1").text(self.action()).end();
        headers.into().write(&mut w);
        self.write_blocks(&mut w);
        w.end();
        w.start("soap12:Body").start("soap12:Fault");
        self.write_code(&mut w);
        w.start("soap12:Reason");
        w.start("soap12:Text").attr("xml:lang", "ja").text(&self.ja).end();
        w.start("soap12:Text").attr("xml:lang", "en").text(&self.en).end();
        w.end();
        self.write_detail(&mut w);
        w.finish()
    }

    /// Header blocks that stand for the detail (SOAP 1.2 Part 1, 5.4.7 and 5.4.8).
    fn write_blocks(&self, w: &mut Writer) {
        if self.code == FaultCode::VersionMismatch {
            w.start("soap12:Upgrade").start("soap12:SupportedEnvelope");
            w.attr("qname", "soap12:Envelope").end().end();
        }
        if let Some(Detail::NotUnderstood(blocks)) = &self.detail {
            for block in blocks {
                w.start("soap12:NotUnderstood");
                let name = declare(w, block);
                w.attr("qname", &name).end();
            }
        }
    }

    fn write_code(&self, w: &mut Writer) {
        w.start("soap12:Code");
        w.leaf("soap12:Value", &format!("soap12:{}", self.code.local()));
        let name = |namespace: &str, local: &str| QName {
            namespace: namespace.to_owned(),
            local: local.to_owned(),
        };
        let invalid = || name(ns::WSA, "InvalidAddressingHeader");
        let codes = match &self.subcode {
            None => vec![],
            Some(Subcode::ActionNotSupported) => vec![name(ns::WSA, "ActionNotSupported")],
            Some(Subcode::MessageAddressingHeaderRequired) => {
                vec![name(ns::WSA, "MessageAddressingHeaderRequired")]
            }
            Some(Subcode::InvalidAddressingHeader) => vec![invalid()],
            Some(Subcode::EndpointUnavailable) => vec![name(ns::WSA, "EndpointUnavailable")],
            Some(Subcode::DuplicateMessageId) => {
                vec![invalid(), name(ns::WSA, "DuplicateMessageID")]
            }
            Some(Subcode::OnlyAnonymousAddressSupported) => {
                vec![invalid(), name(ns::WSA, "OnlyAnonymousAddressSupported")]
            }
            Some(Subcode::NotAuthorized) => vec![name(ns::WSSE, "FailedAuthentication")],
            Some(Subcode::Other(other)) => vec![(**other).clone()],
        };
        for code in &codes {
            w.start("soap12:Subcode").start("soap12:Value");
            let code = declare(w, code);
            w.text(&code).end();
        }
        for _ in 0..=codes.len() {
            w.end();
        }
    }

    fn write_detail(&self, w: &mut Writer) {
        match &self.detail {
            None | Some(Detail::NotUnderstood(_)) => {}
            Some(Detail::ProblemAction(action)) => {
                w.start("soap12:Detail").start("wsa:ProblemAction");
                w.leaf("wsa:Action", action).end().end();
            }
            Some(Detail::ProblemHeader(header)) => {
                w.start("soap12:Detail").start("wsa:ProblemHeaderQName");
                let header = declare(w, header);
                w.text(&header).end().end();
            }
        }
    }
}

/// Declares a prefix for the namespace on the element just opened and gives the prefixed name.
fn declare(w: &mut Writer, name: &QName) -> String {
    match name.namespace.as_str() {
        "" => name.local.clone(),
        ns::WSA => format!("wsa:{}", name.local),
        other => {
            w.attr("xmlns:n", other);
            format!("n:{}", name.local)
        }
    }
}
