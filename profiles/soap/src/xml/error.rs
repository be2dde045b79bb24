//! Why a text is not XML that we read, and where.

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

/// What can be wrong with a text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum XmlErrorKind {
    /// Not well-formed; the words are the parser's.
    #[error("not well-formed XML: {0}")]
    Malformed(String),
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
