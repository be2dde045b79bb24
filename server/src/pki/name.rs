//! Names of nodes: file names and common names at once.

use std::fmt;
use std::str::FromStr;

/// The name of a node.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct NodeName(String);

/// A text that is no name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is not a name: use 1 to 64 letters, digits, '-', '_' or '.', the first a letter or digit / 名前は英数字と - _ . の1〜64文字(先頭は英数字)"
)]
pub(crate) struct NotAName(String);

/// What the names of the house's own nodes begin with, so that nobody else's takes their place.
const OWN: &str = "own.";

/// The node of the house as which two identifiers are merged that two people found to be one person's
/// (`renkei patient merge`); its own name has [`OWN`] before it.
pub(crate) const DESK: &str = "matching";

/// Whether a node is that one.
pub(super) fn is_desk(name: &str) -> bool {
    name.strip_prefix(OWN) == Some(DESK)
}

impl NodeName {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// The name of a node of the house itself.
    pub(super) fn own(&self) -> Self {
        Self(format!("{OWN}{self}"))
    }

    /// Whether it is that of a node of the house itself.
    pub(crate) fn is_own(&self) -> bool {
        Self::is_own_text(&self.0)
    }

    /// The same of a name that was read.
    pub(super) fn is_own_text(name: &str) -> bool {
        name.starts_with(OWN)
    }
}

impl FromStr for NodeName {
    type Err = NotAName;

    /// A name becomes a file name, therefore no separator, no leading dot, nothing but ASCII. 64 is
    /// the longest common name (RFC 5280, ub-common-name).
    fn from_str(text: &str) -> Result<Self, NotAName> {
        let ok = (1..=64).contains(&text.len())
            && text.starts_with(|c: char| c.is_ascii_alphanumeric())
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b));
        if ok { Ok(Self(text.to_owned())) } else { Err(NotAName(text.to_owned())) }
    }
}

impl fmt::Display for NodeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
