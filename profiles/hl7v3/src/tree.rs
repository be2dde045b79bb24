//! The body of a message as a tree, of which readers take what they understand.
//!
//! HL7 v3 messages are small, deep, and hold much that nobody here needs. What is left of the tree when a
//! reader is done is what the message said in vain, and is counted.

use crate::problem::{Problem, rules};
use crate::{HL7, XSI};
use renkei_soap::xml::{Element, Node as Event, Reader, Writer, XmlError};

/// What one message may hold, so that no list grows without bound.
pub mod limits {
    /// Elements of one message.
    pub const ELEMENTS: usize = 20_000;
    /// Entries of one list, such as the names of a person.
    pub const ENTRIES: usize = 64;
    /// Candidates of one answer.
    pub const CANDIDATES: usize = 200;
    /// Letters of one text.
    pub const LETTERS: usize = 4096;
}

/// Members that every HL7 v3 class may begin with, and that say nothing about it (InfrastructureRoot).
const INFRASTRUCTURE: [&str; 3] = ["realmCode", "typeId", "templateId"];

/// One element with what is in it.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) local: String,
    /// In no namespace.
    attributes: Vec<(String, String)>,
    /// `xsi:type`, without its prefix when that stands for HL7 v3.
    kind: Option<String>,
    /// `xsi:nil`.
    nil: bool,
    content: Vec<Content>,
    /// Where it begins in the text.
    pub(crate) offset: usize,
}

#[derive(Clone, Debug)]
enum Content {
    Element(Node),
    Text(String),
}

/// Why there is no tree.
pub(crate) enum Unreadable {
    Xml(XmlError),
    Problem(Problem),
}

impl From<XmlError> for Unreadable {
    fn from(error: XmlError) -> Self {
        Self::Xml(error)
    }
}

impl Node {
    /// Reads the element that the reader is in to its end; `namespace` is that of the elements which are
    /// kept. Those of others are passed over; the second value counts them.
    pub(crate) fn read(
        r: &mut Reader<'_>,
        root: &Element,
        namespace: &str,
    ) -> Result<(Self, u32), Unreadable> {
        let (mut foreign, mut elements) = (0, 0);
        let mut open = vec![Self::of(root, r)];
        loop {
            match r.next_node()? {
                Event::Element(e) => {
                    elements += 1;
                    if elements > limits::ELEMENTS {
                        let problem = Problem::new(&rules::TOO_MANY, "*", e.offset);
                        return Err(Unreadable::Problem(problem.value(limits::ELEMENTS)));
                    }
                    if e.namespace == namespace {
                        open.push(Self::of(&e, r));
                    } else {
                        foreign += 1;
                        r.skip()?;
                    }
                }
                Event::Text(text) => {
                    if let Some(node) = open.last_mut() {
                        node.content.push(Content::Text(text));
                    }
                }
                Event::End => {
                    let Some(node) = open.pop() else { continue };
                    match open.last_mut() {
                        Some(outer) => outer.content.push(Content::Element(node)),
                        None => return Ok((node, foreign)),
                    }
                }
            }
        }
    }

    fn of(e: &Element, r: &Reader<'_>) -> Self {
        let own = e.attributes.iter().filter(|a| a.namespace.is_empty());
        let kind = e.attr_ns(XSI, "type").map(|name| match r.resolve_name(name.trim()) {
            Some((namespace, local)) if namespace == HL7 => local,
            Some(_) | None => name.to_owned(),
        });
        Self {
            local: e.local.clone(),
            attributes: own.map(|a| (a.local.clone(), a.value.clone())).collect(),
            kind,
            nil: e.attr_ns(XSI, "nil").is_some_and(|v| matches!(v.trim(), "true" | "1")),
            content: Vec::new(),
            offset: e.offset,
        }
    }

    /// An attribute in no namespace, without the blanks around it; `None` if nothing is left.
    pub(crate) fn attr(&self, name: &str) -> Option<&str> {
        let (_, value) = self.attributes.iter().find(|(local, _)| local == name)?;
        Some(value.trim()).filter(|value| !value.is_empty())
    }

    /// Whether it says that there is nothing to say.
    pub(crate) fn is_null(&self) -> bool {
        self.nil || self.attr("nullFlavor").is_some()
    }

    /// The text between its children, without the blanks around it.
    pub(crate) fn text(&self) -> String {
        let texts = self.content.iter().filter_map(|c| match c {
            Content::Text(text) => Some(text.as_str()),
            Content::Element(_) => None,
        });
        texts.collect::<String>().trim().to_owned()
    }

    /// Its children.
    pub(crate) fn elements(&self) -> impl Iterator<Item = &Self> {
        self.content.iter().filter_map(|c| match c {
            Content::Element(node) => Some(node),
            Content::Text(_) => None,
        })
    }

    /// Its children of one name.
    pub(crate) fn children<'a>(&'a self, local: &'a str) -> impl Iterator<Item = &'a Self> {
        self.elements().filter(move |node| node.local == local)
    }

    /// Takes out all children of one name.
    pub(crate) fn take_all(&mut self, local: &str) -> Vec<Self> {
        let taken = self.content.extract_if(.., |c| c.is(local));
        taken.filter_map(Content::element).collect()
    }

    /// Takes out the first child of one name.
    pub(crate) fn take(&mut self, local: &str) -> Option<Self> {
        let at = self.content.iter().position(|c| c.is(local))?;
        self.content.remove(at).element()
    }

    /// Takes out all children in their order.
    pub(crate) fn take_children(&mut self) -> Vec<Self> {
        let taken = self.content.extract_if(.., |c| matches!(c, Content::Element(_)));
        taken.filter_map(Content::element).collect()
    }

    /// How many children nobody took.
    pub(crate) fn left(&self) -> u32 {
        let left = self.content.iter().filter(|c| match c {
            Content::Element(node) => !INFRASTRUCTURE.contains(&node.local.as_str()),
            Content::Text(_) => false,
        });
        u32::try_from(left.count()).unwrap_or(u32::MAX)
    }

    /// The element as a text that needs nothing around it.
    pub(crate) fn to_xml(&self) -> String {
        let mut w = Writer::new();
        self.copy(&mut w, &format!(" xmlns=\"{HL7}\" xmlns:xsi=\"{XSI}\""));
        w.finish()
    }

    /// Recursion goes no deeper than [`renkei_soap::xml::XmlLimits`] lets elements stand in one another.
    fn copy(&self, w: &mut Writer, declarations: &str) {
        w.raw("<").raw(&self.local).raw(declarations);
        let kind = self.kind.iter().map(|kind| ("xsi:type", kind));
        let nil = "true".to_owned();
        let nil = self.nil.then_some(("xsi:nil", &nil));
        let own = self.attributes.iter().map(|(name, value)| (name.as_str(), value));
        for (name, value) in kind.chain(nil).chain(own) {
            let mut escaped = String::new();
            renkei_soap::xml::escape_attribute(&mut escaped, value);
            w.raw(" ").raw(name).raw("=\"").raw(&escaped).raw("\"");
        }
        w.raw(">");
        let has_elements = self.content.iter().any(|c| matches!(c, Content::Element(_)));
        for content in &self.content {
            match content {
                Content::Element(node) => node.copy(w, ""),
                // Blanks between elements are how it was set, not what was said.
                Content::Text(text) if has_elements && text.trim().is_empty() => {}
                Content::Text(text) => {
                    w.text(text);
                }
            }
        }
        w.raw("</").raw(&self.local).raw(">");
    }
}

impl Content {
    fn is(&self, local: &str) -> bool {
        matches!(self, Self::Element(node) if node.local == local)
    }

    fn element(self) -> Option<Node> {
        match self {
            Self::Element(node) => Some(node),
            Self::Text(_) => None,
        }
    }
}
