//! What the reader gives: start tags, texts and ends.

use std::borrow::Cow;

/// One attribute that is not a namespace declaration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribute {
    /// Namespace; empty for none.
    pub namespace: Cow<'static, str>,
    /// Local name.
    pub local: String,
    /// Value with entities resolved and white space normalised.
    pub value: String,
}

/// A start tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Element {
    /// Namespace; empty for none.
    pub namespace: Cow<'static, str>,
    /// Local name.
    pub local: String,
    /// Attributes in document order, without namespace declarations.
    pub attributes: Vec<Attribute>,
    /// Byte offset of `<` in the text.
    pub offset: usize,
}

impl Element {
    /// Whether this is `{namespace}local`.
    pub fn is(&self, namespace: &str, local: &str) -> bool {
        self.local == local && self.namespace == namespace
    }

    /// The value of an attribute in no namespace.
    pub fn attr(&self, local: &str) -> Option<&str> {
        self.attr_ns("", local)
    }

    /// The value of an attribute in a namespace.
    pub fn attr_ns(&self, namespace: &str, local: &str) -> Option<&str> {
        self.attributes
            .iter()
            .find(|a| a.local == local && a.namespace == namespace)
            .map(|a| a.value.as_str())
    }
}

/// What comes next inside the current element.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Node {
    /// A child; the reader is inside it now.
    Element(Element),
    /// A run of text, entities and CDATA resolved; never empty.
    Text(String),
    /// The current element has ended; the reader is inside its parent now.
    End,
}
