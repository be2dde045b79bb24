//! A pull reader with a cursor: the caller is always inside one element and asks for its next child.
//!
//! quick-xml splits the bytes; everything it leaves to its user is decided here: no DOCTYPE, no
//! entity beyond the five of XML, no undeclared prefix, no character that XML forbids, one root, and
//! limits on depth, attributes and namespace declarations. Reading is iterative, so that no input
//! can exhaust the stack.

use super::character::{is_space, is_xml_char, may_hold_a_bad_character, predefined};
use super::element::{Attribute, Element, Node};
use super::error::{Malformation, Position, XmlError, XmlErrorKind};
use super::name::is_qualified_name;
use super::ns;
use quick_xml::NsReader;
use quick_xml::XmlVersion;
use quick_xml::events::{BytesStart, Event};
use quick_xml::name::{PrefixDeclaration, QName, ResolveResult};
use std::borrow::Cow;
use std::ops::Range;

/// Limits of one document. The size of the text itself is bounded by whoever collected it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct XmlLimits {
    /// `limits.xml_depth`: elements inside one another.
    pub depth: usize,
    /// `limits.xml_attributes`: attributes (namespace declarations included) of one element.
    pub attributes: usize,
    /// `limits.xml_name_bytes`: length of an element or attribute name, and of a namespace.
    pub name_bytes: usize,
}

impl Default for XmlLimits {
    fn default() -> Self {
        Self { depth: 100, attributes: 256, name_bytes: 1024 }
    }
}

/// The cursor.
pub struct Reader<'a> {
    inner: NsReader<&'a [u8]>,
    text: &'a str,
    limits: XmlLimits,
    depth: usize,
    seen_root: bool,
    held: Option<Event<'a>>,
    at: usize,
    held_at: usize,
    /// Where a comment or processing instruction was passed over last.
    comment: Option<usize>,
}

impl<'a> Reader<'a> {
    /// A reader over a whole document.
    pub fn new(text: &'a str, limits: XmlLimits) -> Self {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut inner = NsReader::from_str(text);
        let config = inner.config_mut();
        config.expand_empty_elements = true;
        config.check_end_names = true;
        Self {
            inner,
            text,
            limits,
            depth: 0,
            seen_root: false,
            held: None,
            at: 0,
            held_at: 0,
            comment: None,
        }
    }

    /// Opens the root element; the reader is inside it afterwards.
    pub fn root(&mut self) -> Result<Element, XmlError> {
        if may_hold_a_bad_character(self.text)
            && let Some(bad) = self.text.char_indices().find(|(_, c)| !is_xml_char(*c))
        {
            return Err(self.error_at(XmlErrorKind::Character(bad.1 as u32), bad.0));
        }
        match self.next_node()? {
            Node::Element(e) => Ok(e),
            Node::Text(_) => Err(self.error(XmlErrorKind::OutsideRoot)),
            Node::End => Err(self.error(XmlErrorKind::Truncated)),
        }
    }

    /// The next child element, or `None` when the current element has ended. Text is passed over.
    pub fn next_child(&mut self) -> Result<Option<Element>, XmlError> {
        loop {
            match self.next_node()? {
                Node::Element(e) => return Ok(Some(e)),
                Node::Text(_) => {}
                Node::End => return Ok(None),
            }
        }
    }

    /// The [`Self::text`] of an element that holds a value, such as an identifier. A comment in it is an
    /// error: readers differ in what they take for the value then.
    pub fn value(&mut self) -> Result<String, XmlError> {
        self.comment = None;
        let text = self.text()?;
        match self.comment {
            Some(at) => Err(self.error_at(XmlErrorKind::Comment, at)),
            None => Ok(text),
        }
    }

    /// The text of the current element, which ends with it. A child element is an error.
    pub fn text(&mut self) -> Result<String, XmlError> {
        let mut all = String::new();
        loop {
            match self.next_node()? {
                Node::Text(t) if all.is_empty() => all = t,
                Node::Text(t) => all.push_str(&t),
                Node::End => return Ok(all),
                Node::Element(e) => {
                    return Err(self.error_at(XmlErrorKind::UnexpectedElement(e.local), e.offset));
                }
            }
        }
    }

    /// Passes over the rest of the current element.
    pub fn skip(&mut self) -> Result<(), XmlError> {
        let outer = self.depth.saturating_sub(1);
        while self.depth > outer {
            self.next_node()?;
        }
        Ok(())
    }

    /// The next node inside the current element.
    pub fn next_node(&mut self) -> Result<Node, XmlError> {
        let mut run = String::new();
        loop {
            let event = match self.held.take() {
                Some(e) => {
                    self.at = self.held_at;
                    e
                }
                None => self.read()?,
            };
            match event {
                Event::Text(t) => run.push_str(&t.xml10_content()),
                Event::CData(t) => run.push_str(&t.xml10_content()),
                Event::GeneralRef(r) => {
                    let c = match r.resolve_char_ref() {
                        Ok(Some(c)) => c,
                        Ok(None) => predefined(&r)
                            .ok_or_else(|| self.error(XmlErrorKind::Entity(r.to_string())))?,
                        Err(_) => {
                            let kind = XmlErrorKind::Malformed(Malformation::Reference);
                            return Err(self.error(kind));
                        }
                    };
                    if !is_xml_char(c) {
                        return Err(self.error(XmlErrorKind::Character(c as u32)));
                    }
                    run.push(c);
                }
                Event::Comment(_) | Event::PI(_) => self.comment = Some(self.at),
                // The text is decoded already: what encoding it was in no longer matters.
                Event::Decl(_) => {}
                Event::DocType(_) => return Err(self.error(XmlErrorKind::Doctype)),
                other if !run.is_empty() && self.depth > 0 => {
                    self.held = Some(other);
                    self.held_at = self.at;
                    return Ok(Node::Text(run));
                }
                _ if self.depth == 0 && run.chars().any(|c| !is_space(c)) => {
                    return Err(self.error(XmlErrorKind::OutsideRoot));
                }
                Event::Start(b) | Event::Empty(b) => return self.enter(&b).map(Node::Element),
                Event::End(_) => {
                    self.depth = self.depth.saturating_sub(1);
                    return Ok(Node::End);
                }
                Event::Eof if self.depth == 0 && self.seen_root => return Ok(Node::End),
                Event::Eof => return Err(self.error(XmlErrorKind::Truncated)),
            }
        }
    }

    /// Reads to the end of the document: what is still open must close, and nothing may follow.
    pub fn finish(&mut self) -> Result<(), XmlError> {
        while self.depth > 0 {
            self.next_node()?;
        }
        match self.next_node()? {
            Node::End => Ok(()),
            Node::Element(_) | Node::Text(_) => Err(self.error(XmlErrorKind::OutsideRoot)),
        }
    }

    /// A prefixed name from content, such as a fault code, by the namespaces in force at the cursor;
    /// those of the element whose text was just read still are. `None` if the prefix is undeclared.
    pub fn resolve_name(&self, name: &str) -> Option<(Cow<'static, str>, String)> {
        let (resolved, local) = self.inner.resolver().resolve_element(QName(name));
        Some((self.namespace(resolved).ok()?, local.as_ref().to_owned()))
    }

    /// How many elements are open around the cursor.
    pub fn depth(&self) -> usize {
        self.depth
    }

    /// The byte behind the construct read last: behind the end tag when an element has just been left.
    pub fn end(&self) -> usize {
        match self.held {
            Some(_) => self.held_at,
            None => usize::try_from(self.inner.buffer_position()).unwrap_or(usize::MAX),
        }
    }

    /// A part of the text, such as an element from [`Element::offset`] to [`Reader::end`].
    pub fn span(&self, span: Range<usize>) -> Option<&'a str> {
        self.text.get(span)
    }

    /// The namespaces declared at the cursor: prefix, empty for the default, and namespace. Bounded by
    /// the limits of attributes and depth.
    pub fn namespaces(&self) -> Vec<(String, String)> {
        let bindings = self.inner.resolver().bindings();
        let mut found: Vec<(String, String)> = bindings
            .map(|(prefix, namespace)| {
                let prefix = match prefix {
                    PrefixDeclaration::Default => String::new(),
                    PrefixDeclaration::Named(name) => name.to_owned(),
                };
                (prefix, namespace.as_ref().to_owned())
            })
            .collect();
        found.sort_unstable();
        found
    }

    /// Where the construct read last begins.
    pub fn position(&self) -> Position {
        self.position_at(self.at)
    }

    /// The place of a byte offset, such as [`Element::offset`].
    pub fn position_at(&self, offset: usize) -> Position {
        let before = self.text.get(..offset).unwrap_or(self.text);
        let line = before.bytes().filter(|b| *b == b'\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
        let narrow = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Position { line: narrow(line), column: narrow(column) }
    }

    fn read(&mut self) -> Result<Event<'a>, XmlError> {
        self.at = usize::try_from(self.inner.buffer_position()).unwrap_or(usize::MAX);
        self.inner.read_event().map_err(|e| {
            let at = usize::try_from(self.inner.error_position()).unwrap_or(self.at);
            self.error_at(XmlErrorKind::Malformed(Malformation::of(&e)), at)
        })
    }

    fn enter(&mut self, b: &BytesStart<'_>) -> Result<Element, XmlError> {
        if self.depth == 0 && std::mem::replace(&mut self.seen_root, true) {
            return Err(self.error(XmlErrorKind::OutsideRoot));
        }
        self.depth += 1;
        if self.depth > self.limits.depth {
            return Err(self.error(XmlErrorKind::Limit("limits.xml_depth", self.limits.depth)));
        }
        self.check_name(b.name().as_ref())?;
        let (resolved, local) = self.inner.resolver().resolve_element(b.name());
        let namespace = self.namespace(resolved)?;
        let local = local.as_ref().to_owned();
        let mut attributes = Vec::new();
        for (count, attribute) in b.attributes().enumerate() {
            if count >= self.limits.attributes {
                let kind = XmlErrorKind::Limit("limits.xml_attributes", self.limits.attributes);
                return Err(self.error(kind));
            }
            let malformed = |how: Malformation| self.error(XmlErrorKind::Malformed(how));
            let attribute = attribute.map_err(|e| malformed(Malformation::of(&e.into())))?;
            self.check_name(attribute.key.as_ref())?;
            if attribute.key.as_namespace_binding().is_some() {
                continue;
            }
            let (resolved, name) = self.inner.resolver().resolve_attribute(attribute.key);
            let value = attribute
                .normalized_value(XmlVersion::Implicit1_0)
                .map_err(|_| malformed(Malformation::Reference))?;
            if let Some(c) = value.chars().find(|c| !is_xml_char(*c)) {
                return Err(self.error(XmlErrorKind::Character(c as u32)));
            }
            let namespace = self.namespace(resolved)?;
            let local = name.as_ref().to_owned();
            // Namespaces in XML 1.0, 6.3: p:a and q:a may be the same attribute.
            let twin = |a: &Attribute| a.local == local && a.namespace == namespace;
            if !namespace.is_empty() && attributes.iter().any(twin) {
                return Err(malformed(Malformation::AttributeTwice));
            }
            attributes.push(Attribute { namespace, local, value: value.into_owned() });
        }
        Ok(Element { namespace, local, attributes, offset: self.at })
    }

    fn check_name(&self, name: &str) -> Result<(), XmlError> {
        if name.len() > self.limits.name_bytes {
            let kind = XmlErrorKind::Limit("limits.xml_name_bytes", self.limits.name_bytes);
            return Err(self.error(kind));
        }
        // quick-xml takes for a name whatever stands before a blank.
        if !is_qualified_name(name) {
            return Err(self.error(XmlErrorKind::Malformed(Malformation::Name)));
        }
        Ok(())
    }

    fn namespace(&self, resolved: ResolveResult<'_>) -> Result<Cow<'static, str>, XmlError> {
        match resolved {
            ResolveResult::Unbound => Ok(Cow::Borrowed("")),
            ResolveResult::Bound(found) => {
                let found: &str = found.as_ref();
                // Every element and attribute of it has a copy.
                if found.len() > self.limits.name_bytes {
                    let kind = XmlErrorKind::Limit("limits.xml_name_bytes", self.limits.name_bytes);
                    return Err(self.error(kind));
                }
                Ok(match ns::KNOWN.iter().find(|k| **k == found) {
                    Some(known) => Cow::Borrowed(*known),
                    None => Cow::Owned(found.to_owned()),
                })
            }
            ResolveResult::Unknown(prefix) => {
                Err(self.error(XmlErrorKind::Prefix(AsRef::<str>::as_ref(&prefix).to_owned())))
            }
        }
    }

    fn error(&self, kind: XmlErrorKind) -> XmlError {
        self.error_at(kind, self.at)
    }

    fn error_at(&self, kind: XmlErrorKind, offset: usize) -> XmlError {
        XmlError { kind, position: self.position_at(offset) }
    }
}

#[cfg(test)]
mod tests;
