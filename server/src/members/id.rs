//! Ids of members: file names at once.

use serde::Serialize;
use std::fmt;
use std::str::FromStr;

/// The id of a member, which its staff share and which is given to nobody else, ever.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub(crate) struct MemberId(String);

/// A text that is no id.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?}: 会員idは英数字と - _ . の1〜64文字(先頭は英数字)です / is not the id of a member: use 1 to 64 letters, digits, '-', '_' or '.', the first a letter or digit"
)]
pub(crate) struct NotAMemberId(String);

impl MemberId {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for MemberId {
    type Err = NotAMemberId;

    /// An id becomes a file name, therefore no separator, no leading dot, nothing but ASCII.
    fn from_str(text: &str) -> Result<Self, NotAMemberId> {
        let ok = (1..=64).contains(&text.len())
            && text.starts_with(|c: char| c.is_ascii_alphanumeric())
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b));
        if ok { Ok(Self(text.to_owned())) } else { Err(NotAMemberId(text.to_owned())) }
    }
}

impl fmt::Display for MemberId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
