//! The SOAP 1.2 envelope with its WS-Addressing headers (ITI TF-2: V.3.2; WS-Addressing 1.0).

mod behalf;
mod block;

pub use behalf::{ON_BEHALF, OnBehalfOf};
pub use block::{HeaderBlock, HeaderBlocks, HeaderElement};

use crate::fault::{Fault, QName, SOAP_FAULT_ACTION, rows};
use crate::tolerance::{Tolerance, Tolerances};
use crate::xml::{Element, Node, Reader, Writer, XmlError, XmlErrorKind, ns};

/// The address that means "on this connection".
pub const ANONYMOUS: &str = "http://www.w3.org/2005/08/addressing/anonymous";
/// The address that means "nowhere".
pub const NONE: &str = "http://www.w3.org/2005/08/addressing/none";

/// WS-Addressing before 1.0; recognised only to be refused by name.
const OLD_WSA: [&str; 3] = [
    "http://schemas.xmlsoap.org/ws/2004/08/addressing",
    "http://schemas.xmlsoap.org/ws/2004/03/addressing",
    "http://schemas.xmlsoap.org/ws/2003/03/addressing",
];

/// How many blocks a MustUnderstand fault names.
const NAMED_BLOCKS: usize = 16;

/// The message addressing properties that matter here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Addressing {
    /// wsa:Action, octet by octet as sent.
    pub action: String,
    /// wsa:MessageID.
    pub message_id: Option<String>,
    /// wsa:To.
    pub to: Option<String>,
    /// The address in wsa:ReplyTo, anonymous or not.
    pub reply_to: Option<String>,
    /// The address in wsa:FaultTo.
    pub fault_to: Option<String>,
    /// The first wsa:RelatesTo.
    pub relates_to: Option<String>,
}

/// What relates an answer to its request, and where it goes when not back on the connection.
#[derive(Clone, Copy, Debug, Default)]
pub struct AnswerHeaders<'a> {
    /// The wsa:MessageID of the request.
    pub relates_to: Option<&'a str>,
    /// Of an answer that is a message of its own: wsa:MessageID and wsa:To.
    pub elsewhere: Option<(&'a str, &'a str)>,
    /// Further blocks, as its transaction has them.
    pub blocks: &'a [HeaderElement],
}

impl<'a> From<Option<&'a str>> for AnswerHeaders<'a> {
    fn from(relates_to: Option<&'a str>) -> Self {
        Self { relates_to, ..Self::default() }
    }
}

impl AnswerHeaders<'_> {
    pub(crate) fn write(&self, w: &mut Writer) {
        if let Some((message_id, to)) = self.elsewhere {
            w.leaf("wsa:MessageID", message_id).leaf("wsa:To", to);
        }
        if let Some(id) = self.relates_to {
            w.leaf("wsa:RelatesTo", id);
        }
        for block in self.blocks {
            w.raw(block.as_xml());
        }
    }
}

/// An envelope, opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Envelope {
    /// From its header.
    pub addressing: Addressing,
    /// Its header blocks.
    pub blocks: HeaderBlocks,
    /// The one child of the body; the reader is inside it.
    pub body: Element,
}

/// Reads the header and enters the only child of the body, which may be a `soap12:Fault`.
///
/// The reader is a new one over the whole envelope. A message that holds a fault needs no header,
/// since a fault may come from a stack in front of the actor that knows no addressing.
pub fn open(reader: &mut Reader<'_>, tolerances: &mut Tolerances) -> Result<Envelope, Fault> {
    let root = reader.root().map_err(|e| Fault::xml(&e))?;
    if root.local != "Envelope" {
        return Err(Fault::of(&rows::NOT_AN_ENVELOPE, &[]));
    }
    if root.namespace != ns::SOAP12 {
        return Err(Fault::version_mismatch());
    }
    let mut header = None;
    let mut child = next_element(reader)?;
    if let Some(e) = &child
        && e.is(ns::SOAP12, "Header")
    {
        header = Some(Header::read(reader, tolerances)?);
        child = next_element(reader)?;
    }
    match child {
        Some(e) if e.is(ns::SOAP12, "Body") => {}
        Some(_) | None => return Err(wrong_children()),
    }
    let Some(body) = next_element(reader)? else { return Err(wrong_body()) };
    let (addressing, blocks) = header.unwrap_or_default().properties(Fault::is_fault(&body))?;
    Ok(Envelope { addressing, blocks, body })
}

/// Makes sure that nothing follows the body child. What its reader left of it is passed over.
pub fn close(reader: &mut Reader<'_>) -> Result<(), Fault> {
    const INSIDE_BODY: usize = 2;
    while reader.depth() > INSIDE_BODY {
        reader.skip().map_err(|e| Fault::xml(&e))?;
    }
    if reader.depth() == INSIDE_BODY && next_element(reader)?.is_some() {
        return Err(wrong_body());
    }
    if reader.depth() > 0 && next_element(reader)?.is_some() {
        return Err(wrong_children());
    }
    reader.finish().map_err(|e| Fault::xml(&e))
}

/// Writes a request. `body` writes the one child and declares the namespaces that it uses.
pub fn write_request(
    action: &str,
    message_id: &str,
    to: &str,
    body: impl FnOnce(&mut Writer),
) -> String {
    write_request_with(action, message_id, to, ReplyAddresses::HERE, &[], body)
}

/// Where the answer to a request is to go.
#[derive(Clone, Copy, Debug)]
pub struct ReplyAddresses<'a> {
    /// The address in wsa:ReplyTo.
    pub reply: &'a str,
    /// The address in wsa:FaultTo; faults go where answers go if there is none.
    pub fault: Option<&'a str>,
}

impl ReplyAddresses<'_> {
    /// Back on the connection.
    pub const HERE: Self = Self { reply: ANONYMOUS, fault: None };
}

/// [`write_request`] with these addresses and further elements in its header.
pub fn write_request_with(
    action: &str,
    message_id: &str,
    to: &str,
    answer: ReplyAddresses<'_>,
    headers: &[HeaderElement],
    body: impl FnOnce(&mut Writer),
) -> String {
    let mut w = start(Writer::new(), action);
    w.leaf("wsa:MessageID", message_id);
    w.start("wsa:ReplyTo").leaf("wsa:Address", answer.reply).end();
    if let Some(fault) = answer.fault {
        w.start("wsa:FaultTo").leaf("wsa:Address", fault).end();
    }
    w.leaf("wsa:To", to);
    for element in headers {
        w.raw(element.as_xml());
    }
    w.end().start("soap12:Body");
    body(&mut w);
    w.finish()
}

/// Writes an answer. `relates_to` is the wsa:MessageID of the request; `body` as for a request.
pub fn write_response(
    action: &str,
    relates_to: Option<&str>,
    body: impl FnOnce(&mut Writer),
) -> String {
    write_response_after(String::new(), action, relates_to, body)
}

/// [`write_response`] behind a text that is there already, such as the head of a root part.
pub fn write_response_after<'a>(
    before: String,
    action: &str,
    headers: impl Into<AnswerHeaders<'a>>,
    body: impl FnOnce(&mut Writer),
) -> String {
    let mut w = start(Writer::after(before), action);
    headers.into().write(&mut w);
    w.end().start("soap12:Body");
    body(&mut w);
    w.finish()
}

/// An answer around a body that is streamed: all up to and including `<soap12:Body>`, and the rest.
pub fn response_frame(action: &str, relates_to: Option<&str>) -> (String, String) {
    response_frame_after(String::new(), action, relates_to)
}

/// [`response_frame`] behind a text that is there already.
pub fn response_frame_after<'a>(
    before: String,
    action: &str,
    headers: impl Into<AnswerHeaders<'a>>,
) -> (String, String) {
    const TAIL: &str = "</soap12:Body></soap12:Envelope>";
    let mut whole = write_response_after(before, action, headers, |w| {
        w.text("");
    });
    whole.truncate(whole.len().saturating_sub(TAIL.len()));
    (whole, TAIL.to_owned())
}

fn start(mut w: Writer, action: &str) -> Writer {
    w.start("soap12:Envelope");
    w.attr("xmlns:soap12", ns::SOAP12).attr("xmlns:wsa", ns::WSA);
    w.start("soap12:Header");
    w.start("wsa:Action").attr("soap12:mustUnderstand", "1").text(action).end();
    w
}

/// The header blocks as they come, in any order.
#[derive(Default)]
struct Header {
    action: Option<String>,
    message_id: Option<String>,
    to: Option<String>,
    reply_to: Option<String>,
    relates_to: Option<String>,
    fault_to: Option<String>,
    from: bool,
    must_understand: bool,
    not_understood: Vec<QName>,
    blocks: HeaderBlocks,
}

impl Header {
    fn read(reader: &mut Reader<'_>, tolerances: &mut Tolerances) -> Result<Self, Fault> {
        let blocks = HeaderBlocks::within(reader.namespaces());
        let mut header = Self { blocks, ..Self::default() };
        while let Some(block) = next_element(reader)? {
            if !is_for_us(&block) {
                skip(reader)?;
                continue;
            }
            header.block(reader, &block)?;
            header.blocks.add(&block, must_understand(&block), reader.end())?;
        }
        if !header.not_understood.is_empty() {
            return Err(Fault::not_understood(header.not_understood));
        }
        if !header.must_understand {
            tolerances.add(Tolerance::NoMustUnderstand);
        }
        Ok(header)
    }

    fn block(&mut self, reader: &mut Reader<'_>, block: &Element) -> Result<(), Fault> {
        let local = block.local.as_str();
        if OLD_WSA.contains(&block.namespace.as_ref()) {
            return Err(Fault::addressing_header(&rows::ADDRESSING_OLD, local));
        }
        if block.namespace == ns::WSA {
            let known = match local {
                "Action" => Some(once(&mut self.action, action(reader)?, local)?),
                "MessageID" => Some(once(&mut self.message_id, id(reader, local)?, local)?),
                "To" => Some(once(&mut self.to, address(text(reader, local)?, local)?, local)?),
                "ReplyTo" => Some(once(&mut self.reply_to, endpoint(reader, local)?, local)?),
                "FaultTo" => Some(once(&mut self.fault_to, endpoint(reader, local)?, local)?),
                "From" if self.from => return Err(twice(local)),
                "From" => {
                    self.from = true;
                    Some(skip(reader)?)
                }
                // WS-Addressing allows several; the first is the one that answers relate by.
                "RelatesTo" if self.relates_to.is_some() => Some(skip(reader)?),
                "RelatesTo" => Some(once(&mut self.relates_to, id(reader, local)?, local)?),
                _ => None,
            };
            if known.is_some() {
                self.must_understand |= must_understand(block);
                return Ok(());
            }
        } else if block.is(ns::WSSE, "Security") {
            return skip(reader);
        }
        if must_understand(block) && self.not_understood.len() < NAMED_BLOCKS {
            let namespace = block.namespace.to_string();
            self.not_understood.push(QName { namespace, local: block.local.clone() });
        }
        skip(reader)
    }

    fn properties(self, is_fault: bool) -> Result<(Addressing, HeaderBlocks), Fault> {
        let action = match self.action {
            Some(action) => action,
            None if is_fault => SOAP_FAULT_ACTION.to_owned(),
            None => return Err(Fault::addressing_header_required("Action")),
        };
        let addressing = Addressing {
            action,
            message_id: self.message_id,
            to: self.to,
            reply_to: self.reply_to,
            fault_to: self.fault_to,
            relates_to: self.relates_to,
        };
        Ok((addressing, self.blocks))
    }
}

/// SOAP 1.2 Part 1, 2.2: we are the ultimate receiver, and every node is `next`.
fn is_for_us(block: &Element) -> bool {
    match block.attr_ns(ns::SOAP12, "role").map(str::trim) {
        None | Some("") => true,
        Some(role) => role
            .strip_prefix(ns::SOAP12)
            .is_some_and(|r| matches!(r, "/role/next" | "/role/ultimateReceiver")),
    }
}

fn must_understand(block: &Element) -> bool {
    block.attr_ns(ns::SOAP12, "mustUnderstand").is_some_and(|v| matches!(v.trim(), "1" | "true"))
}

fn once(slot: &mut Option<String>, value: String, local: &str) -> Result<(), Fault> {
    match slot.replace(value) {
        None => Ok(()),
        Some(_) => Err(twice(local)),
    }
}

fn twice(local: &str) -> Fault {
    Fault::addressing_header(&rows::ADDRESSING_TWICE, local)
}

/// An Action is compared octet by octet, so that white space in it can only be a mistake.
fn action(reader: &mut Reader<'_>) -> Result<String, Fault> {
    let value = text(reader, "Action")?;
    if value.is_empty() || value.contains(char::is_whitespace) {
        return Err(Fault::addressing_header(&rows::ADDRESSING_ACTION, "Action"));
    }
    Ok(value)
}

fn id(reader: &mut Reader<'_>, local: &str) -> Result<String, Fault> {
    let value = text(reader, local)?;
    let value = value.trim();
    if value.is_empty() || value.contains(char::is_whitespace) {
        return Err(Fault::addressing_header(&rows::ADDRESSING_ID, local));
    }
    Ok(value.to_owned())
}

/// The address of an endpoint reference, in which other children may stand.
fn endpoint(reader: &mut Reader<'_>, local: &str) -> Result<String, Fault> {
    let (mut found, mut parameters) = (None, false);
    while let Some(child) = reader.next_child().map_err(|e| Fault::xml(&e))? {
        if child.is(ns::WSA, "Address") {
            once(&mut found, address(text(reader, local)?, local)?, local)?;
        } else {
            parameters |= child.is(ns::WSA, "ReferenceParameters");
            skip(reader)?;
        }
    }
    match found.as_deref() {
        None => Err(Fault::addressing_header(&rows::ADDRESSING_NO_ADDRESS, local)),
        // WS-Addressing 1.0 Core, 3.4 would have them in the reply.
        Some(address) if parameters && ![ANONYMOUS, NONE].contains(&address) => {
            Err(Fault::addressing_header(&rows::ADDRESSING_PARAMETERS, local))
        }
        Some(_) => Ok(found.unwrap_or_default()),
    }
}

fn address(value: String, local: &str) -> Result<String, Fault> {
    let trimmed = value.trim();
    let scheme = trimmed.split_once("://").map(|(s, _)| s.to_ascii_lowercase());
    let http = matches!(scheme.as_deref(), Some("http" | "https"));
    if !http || trimmed.contains(char::is_whitespace) {
        return Err(Fault::addressing_header(&rows::ADDRESSING_ADDRESS, local));
    }
    Ok(trimmed.to_owned())
}

fn text(reader: &mut Reader<'_>, local: &str) -> Result<String, Fault> {
    reader.text().map_err(|e| match e {
        XmlError { kind: XmlErrorKind::UnexpectedElement(_), .. } => {
            Fault::addressing_header(&rows::ADDRESSING_ELEMENT, local)
        }
        other => Fault::xml(&other),
    })
}

fn skip(reader: &mut Reader<'_>) -> Result<(), Fault> {
    reader.skip().map_err(|e| Fault::xml(&e))
}

/// The next child where SOAP allows elements and white space only.
fn next_element(reader: &mut Reader<'_>) -> Result<Option<Element>, Fault> {
    loop {
        match reader.next_node().map_err(|e| Fault::xml(&e))? {
            Node::Element(e) => return Ok(Some(e)),
            Node::End => return Ok(None),
            Node::Text(t) if t.trim().is_empty() => {}
            Node::Text(_) => {
                return Err(Fault::of(&rows::ENVELOPE_TEXT, &[]));
            }
        }
    }
}

fn wrong_children() -> Fault {
    Fault::of(&rows::ENVELOPE_CHILDREN, &[])
}

fn wrong_body() -> Fault {
    Fault::of(&rows::BODY_CHILDREN, &[])
}

#[cfg(test)]
mod tests;
