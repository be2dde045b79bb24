//! Why a text is not XML that we read, and where.

use quick_xml::events::attributes::AttrError;
use std::fmt;

/// A place in the text, counted from 1; columns count characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)
    }
}

/// Why a text is not XML that we read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{kind} at {position}")]
pub struct XmlError {
    /// What is wrong.
    pub kind: XmlErrorKind,
    /// Where.
    pub position: Position,
}

/// How a text is not well-formed (XML 1.0; Namespaces in XML 1.0).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Malformation {
    /// Markup that does not end, or is none of XML.
    #[error("markup that does not end, or is none of XML")]
    Markup,
    /// An end tag that does not belong to the element that is open.
    #[error("an end tag that does not fit")]
    Tags,
    /// An attribute that is not like name="value".
    #[error("an attribute that is not like name=\"value\"")]
    Attribute,
    /// An attribute that occurs twice.
    #[error("an attribute that occurs twice")]
    AttributeTwice,
    /// What begins with `&` and is no reference.
    #[error("a reference that is none of XML")]
    Reference,
    /// A name of an element or attribute that is none of XML.
    #[error("a name that is none of XML")]
    Name,
    /// A declaration of a reserved prefix or namespace.
    #[error("a namespace declaration that is not allowed")]
    Namespace,
}

impl Malformation {
    /// The parser's words are not ours to send: they are in one language, and may change with it.
    pub(super) fn of(error: &quick_xml::Error) -> Self {
        use quick_xml::Error as E;
        use quick_xml::errors::IllFormedError as Ill;
        match error {
            E::IllFormed(
                Ill::MissingEndTag(_) | Ill::UnmatchedEndTag(_) | Ill::MismatchedEndTag { .. },
            ) => Self::Tags,
            E::IllFormed(Ill::UnclosedReference) | E::Escape(_) => Self::Reference,
            E::InvalidAttr(AttrError::Duplicated(..)) => Self::AttributeTwice,
            E::InvalidAttr(_) => Self::Attribute,
            E::Namespace(_) => Self::Namespace,
            E::IllFormed(
                Ill::MissingDeclVersion(_)
                | Ill::UnknownVersion
                | Ill::MissingDoctypeName
                | Ill::DoubleHyphenInComment,
            )
            | E::Syntax(_)
            | E::Encoding(_)
            | E::Io(_) => Self::Markup,
        }
    }
}

/// What can be wrong with a text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum XmlErrorKind {
    /// Not well-formed.
    #[error("not well-formed XML: {0}")]
    Malformed(Malformation),
    /// A DOCTYPE, whatever it declares.
    #[error("a DOCTYPE is not accepted")]
    Doctype,
    /// An entity other than amp, lt, gt, apos, quot.
    #[error("entity &{0}; is not defined")]
    Entity(String),
    /// A prefix without declaration.
    #[error("namespace prefix {0:?} is not declared")]
    Prefix(String),
    /// A character that XML 1.0 forbids.
    #[error("character U+{0:04X} is not allowed in XML")]
    Character(u32),
    /// A limit was hit; the first field is the name of the setting.
    #[error("more than {1} ({0})")]
    Limit(&'static str, usize),
    /// Text, or a second element, outside the root element.
    #[error("content outside the root element")]
    OutsideRoot,
    /// The text ends inside an element, or is empty.
    #[error("the document ends too early")]
    Truncated,
    /// An element where only text may stand.
    #[error("element <{0}> where only text may stand")]
    UnexpectedElement(String),
    /// A comment or processing instruction inside a value: what one reader joins, another may cut off.
    #[error("a comment or processing instruction inside a value")]
    Comment,
}
