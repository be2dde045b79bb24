//! Identifiers that a node may use, in the words of `--source-id` and `--repository-id`.

use renkei_metadata::ids::Oid;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

/// The word for whichever.
const ANY: &str = "any";

/// An identifier that a node may use, or any: the word of `--source-id` and `--repository-id`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) enum Id {
    /// Any but the house's own. For test peers.
    Any,
    /// This one.
    Oid(OidText),
}

/// An OID that was parsed, in its canonical form.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct OidText(String);

/// A word that is no identifier.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} はOIDではありません。1.2.392.1 のようなOIDか any を指定してください / is not an OID; use one such as 1.2.392.1, or any"
)]
pub(crate) struct NotAnId(String);

impl FromStr for Id {
    type Err = NotAnId;

    fn from_str(text: &str) -> Result<Self, NotAnId> {
        match text {
            ANY => Ok(Self::Any),
            _ => Oid::parse(text)
                .map(|oid| Self::Oid(OidText(oid.as_str().to_owned())))
                .map_err(|_| NotAnId(text.to_owned())),
        }
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str(ANY),
            Self::Oid(OidText(oid)) => f.write_str(oid),
        }
    }
}

as_text!(Id, NotAnId);

/// Those that are named.
pub(super) fn oids(ids: &BTreeSet<Id>) -> impl Iterator<Item = &str> {
    ids.iter().filter_map(|id| match id {
        Id::Any => None,
        Id::Oid(OidText(oid)) => Some(oid.as_str()),
    })
}
