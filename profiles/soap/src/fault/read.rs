//! A peer's fault.

use super::{Detail, Fault, FaultCode, QName, Subcode};
use crate::xml::{Element, Reader, XmlError, ns};

impl Fault {
    /// Whether a body child is a fault.
    pub fn is_fault(element: &Element) -> bool {
        element.is(ns::SOAP12, "Fault")
    }

    /// Reads a fault; the reader is inside its element and leaves it. What it lacks is made up:
    /// the code of a fault that names none we know is Receiver, and a reason in one language
    /// serves for both. Errors are those of the XML.
    pub fn read(reader: &mut Reader<'_>) -> Result<Self, XmlError> {
        let mut fault = Self::new(FaultCode::Receiver, "", "");
        while let Some(child) = reader.next_child()? {
            match (child.namespace.as_ref(), child.local.as_str()) {
                (ns::SOAP12, "Code") => fault.read_code(reader)?,
                (ns::SOAP12, "Reason") => fault.read_reason(reader)?,
                (ns::SOAP12, "Detail") => fault.detail = read_detail(reader)?,
                _ => reader.skip()?,
            }
        }
        Ok(fault)
    }

    fn read_code(&mut self, reader: &mut Reader<'_>) -> Result<(), XmlError> {
        let mut codes = Vec::new();
        let outside = reader.depth().saturating_sub(1);
        // Value and Subcode nest to any depth; we walk them flat.
        while reader.depth() > outside {
            match reader.next_child()? {
                Some(e) if e.is(ns::SOAP12, "Value") => {
                    codes.extend(read_qname(reader)?);
                }
                Some(e) if e.is(ns::SOAP12, "Subcode") => {}
                Some(_) => reader.skip()?,
                None => {}
            }
        }
        let mut codes = codes.into_iter();
        if let Some(code) = codes.next().filter(|c| c.namespace == ns::SOAP12) {
            self.code = match code.local.as_str() {
                "Sender" => FaultCode::Sender,
                "VersionMismatch" => FaultCode::VersionMismatch,
                "MustUnderstand" => FaultCode::MustUnderstand,
                _ => FaultCode::Receiver,
            };
        }
        let finer = codes.next();
        let finest = codes.next();
        self.subcode = finer.map(|code| subcode(code, finest));
        Ok(())
    }

    fn read_reason(&mut self, reader: &mut Reader<'_>) -> Result<(), XmlError> {
        let mut texts: Vec<(String, String)> = Vec::new();
        while let Some(child) = reader.next_child()? {
            if child.is(ns::SOAP12, "Text") {
                let lang = child.attr_ns(ns::XML, "lang").unwrap_or_default().to_ascii_lowercase();
                texts.push((lang, reader.text()?.trim().to_owned()));
            } else {
                reader.skip()?;
            }
        }
        let pick = |lang: &str| {
            let own = texts.iter().find(|(l, _)| l.starts_with(lang));
            own.or(texts.first()).map(|(_, text)| text.clone()).unwrap_or_default()
        };
        (self.en, self.ja) = (pick("en"), pick("ja"));
        Ok(())
    }
}

fn read_detail(reader: &mut Reader<'_>) -> Result<Option<Detail>, XmlError> {
    let mut detail = None;
    while let Some(child) = reader.next_child()? {
        if child.is(ns::WSA, "ProblemHeaderQName") {
            detail = read_qname(reader)?.map(|name| Detail::ProblemHeader(Box::new(name)));
        } else if child.is(ns::WSA, "ProblemAction") {
            while let Some(inner) = reader.next_child()? {
                if inner.is(ns::WSA, "Action") {
                    detail = Some(Detail::ProblemAction(reader.text()?));
                } else {
                    reader.skip()?;
                }
            }
        } else {
            reader.skip()?;
        }
    }
    Ok(detail)
}

/// The text of the current element as a name. The namespaces of the element itself hold.
fn read_qname(reader: &mut Reader<'_>) -> Result<Option<QName>, XmlError> {
    let text = reader.text()?;
    let name = reader.resolve_name(text.trim());
    Ok(name.map(|(namespace, local)| QName { namespace: namespace.into_owned(), local }))
}

fn subcode(code: QName, finer: Option<QName>) -> Subcode {
    let finer = finer.filter(|f| f.namespace == ns::WSA).map(|f| f.local);
    match (code.namespace.as_str(), code.local.as_str(), finer.as_deref()) {
        (ns::WSA, "ActionNotSupported", _) => Subcode::ActionNotSupported,
        (ns::WSA, "MessageAddressingHeaderRequired", _) => Subcode::MessageAddressingHeaderRequired,
        (ns::WSA, "InvalidAddressingHeader", Some("DuplicateMessageID")) => {
            Subcode::DuplicateMessageId
        }
        (ns::WSA, "InvalidAddressingHeader", Some("OnlyAnonymousAddressSupported")) => {
            Subcode::OnlyAnonymousAddressSupported
        }
        (ns::WSA, "InvalidAddressingHeader", _) => Subcode::InvalidAddressingHeader,
        (ns::WSA, "EndpointUnavailable", _) => Subcode::EndpointUnavailable,
        (ns::WSSE, "FailedAuthentication", _) => Subcode::NotAuthorized,
        _ => Subcode::Other(Box::new(code)),
    }
}
