//! Identifiers and small values, parsed once at the edge (ITI TF-3: Table 4.2.3.1.7-2).
//!
//! Inside the house an invalid value does not exist: each type here is made by its `parse`, which
//! says what was expected, and prints the form that goes on the wire.

mod patient;

pub use patient::PatientId;

use std::fmt;
use uuid::Uuid;

/// Why a text is not a value of a type. The text itself is kept by whoever asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected {expected}")]
pub struct Invalid {
    /// What would have been right, English.
    pub expected: &'static str,
    /// The same in Japanese.
    pub expected_ja: &'static str,
}

const fn invalid<T>(expected: &'static str, expected_ja: &'static str) -> Result<T, Invalid> {
    Err(Invalid { expected, expected_ja })
}

macro_rules! text_type {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(String);

        impl $name {
            /// The value as it goes on the wire.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

text_type! {
    /// An OID of at most 64 characters, compared as text.
    Oid
}

impl Oid {
    /// Parses dotted decimal without leading zeros.
    pub fn parse(s: &str) -> Result<Self, Invalid> {
        let part = |p: &str| {
            !p.is_empty()
                && p.bytes().all(|b| b.is_ascii_digit())
                && (p == "0" || !p.starts_with('0'))
        };
        let ok = s.len() <= 64
            && s.contains('.')
            && s.starts_with(['0', '1', '2'])
            && s.split('.').all(part);
        if ok {
            Ok(Self(s.to_owned()))
        } else {
            invalid("an OID of at most 64 characters", "64文字以内のOID")
        }
    }

    /// `2.25.<decimal>` (ITU-T X.667).
    pub fn from_uuid(uuid: Uuid) -> Self {
        Self(format!("2.25.{}", uuid.as_u128()))
    }
}

/// An entryUUID, logicalID or association id: `urn:uuid:` and lower-case hexadecimal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EntryUuid(pub Uuid);

impl EntryUuid {
    /// Parses `urn:uuid:8-4-4-4-12`; capitals are accepted and printed in lower case (RFC 4122: 3).
    pub fn parse(s: &str) -> Result<Self, Invalid> {
        without_urn_uuid(s)
            .filter(|rest| rest.len() == 36)
            .and_then(|rest| Uuid::try_parse(rest).ok())
            .map(Self)
            .ok_or(Invalid {
                expected: "urn:uuid: and 8-4-4-4-12 hexadecimal digits",
                expected_ja: "urn:uuid: に続く8-4-4-4-12桁の16進数",
            })
    }
}

impl fmt::Display for EntryUuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "urn:uuid:{}", self.0.as_hyphenated())
    }
}

/// What follows `urn:uuid:`, the letters of which have no case (RFC 8141: 3.1).
fn without_urn_uuid(s: &str) -> Option<&str> {
    const URN: &str = "urn:uuid:";
    let (urn, rest) = s.split_at_checked(URN.len())?;
    urn.eq_ignore_ascii_case(URN).then_some(rest)
}

/// The id of an object in a submission: a UUID, or a symbol valid inside that message only
/// (ITI TF-3: 4.2.3.1.5).
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ObjectId {
    /// `urn:uuid:...`.
    Uuid(EntryUuid),
    /// Anything that does not begin with `urn:uuid:`.
    Symbol(String),
}

impl ObjectId {
    /// Parses an `@id`, `@sourceObject` or `@targetObject`.
    pub fn parse(s: &str) -> Result<Self, Invalid> {
        if without_urn_uuid(s).is_some() {
            EntryUuid::parse(s).map(Self::Uuid)
        } else if s.is_empty() || s.len() > 256 {
            invalid("an id of 1 to 256 characters", "1〜256文字のid")
        } else {
            Ok(Self::Symbol(s.to_owned()))
        }
    }

    /// The UUID, if this is not a symbol.
    pub fn uuid(&self) -> Option<EntryUuid> {
        match self {
            Self::Uuid(u) => Some(*u),
            Self::Symbol(_) => None,
        }
    }
}

impl fmt::Display for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Uuid(u) => u.fmt(f),
            Self::Symbol(s) => f.write_str(s),
        }
    }
}

text_type! {
    /// A DocumentEntry.uniqueId: printable ASCII without blanks, at most 128 characters.
    UniqueId
}

impl UniqueId {
    /// Parses an OID, `root^extension`, `urn:uuid:...` or URI, all opaque here.
    pub fn parse(s: &str) -> Result<Self, Invalid> {
        let ok = (1..=128).contains(&s.len()) && s.bytes().all(|b| (0x21..=0x7e).contains(&b));
        if ok {
            Ok(Self(s.to_owned()))
        } else {
            invalid(
                "1 to 128 printable ASCII characters without blanks",
                "空白を含まない印字可能ASCII 1〜128文字",
            )
        }
    }
}

impl From<Oid> for UniqueId {
    fn from(oid: Oid) -> Self {
        Self(oid.0)
    }
}

text_type! {
    /// `urn:oid:` and an OID.
    HomeCommunityId
}

impl HomeCommunityId {
    /// Parses `urn:oid:<OID>`.
    pub fn parse(s: &str) -> Result<Self, Invalid> {
        match s.strip_prefix("urn:oid:").map(Oid::parse) {
            Some(Ok(_)) => Ok(Self(s.to_owned())),
            _ => invalid("urn:oid: and an OID", "urn:oid: に続くOID"),
        }
    }

    /// The OID without its prefix.
    pub fn oid(&self) -> &str {
        self.0.strip_prefix("urn:oid:").unwrap_or(&self.0)
    }
}

/// A repositoryUniqueId.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RepositoryUniqueId(pub Oid);

impl RepositoryUniqueId {
    /// Parses an OID.
    pub fn parse(s: &str) -> Result<Self, Invalid> {
        Oid::parse(s).map(Self)
    }

    /// The OID as text.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl fmt::Display for RepositoryUniqueId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

text_type! {
    /// A time `YYYY[MM[DD[hh[mm[ss]]]]]` in UTC, of the precision it was given with.
    Dtm
}

impl Dtm {
    /// Parses and checks the calendar.
    pub fn parse(s: &str) -> Result<Self, Invalid> {
        const EN: &str = "YYYY[MM[DD[hh[mm[ss]]]]], a valid UTC time";
        const JA: &str = "YYYY[MM[DD[hh[mm[ss]]]]] の正しいUTC日時";
        if !matches!(s.len(), 4 | 6 | 8 | 10 | 12 | 14) || !s.bytes().all(|b| b.is_ascii_digit()) {
            return invalid(EN, JA);
        }
        let dtm = Self(s.to_owned());
        if dtm.earliest().is_some() { Ok(dtm) } else { invalid(EN, JA) }
    }

    /// The instant to the second.
    pub fn from_utc(t: chrono::DateTime<chrono::Utc>) -> Self {
        Self(t.format("%Y%m%d%H%M%S").to_string())
    }

    /// A calendar day.
    pub fn from_date(d: chrono::NaiveDate) -> Self {
        Self(d.format("%Y%m%d").to_string())
    }

    /// The 14-digit form with missing digits taken as lowest (ITI TF-2: 3.18.4.1.2.3.3).
    pub fn lowest(&self) -> String {
        const LOWEST: &str = "00000101000000";
        let rest = LOWEST.get(self.0.len()..).unwrap_or("");
        format!("{}{rest}", self.0)
    }

    fn earliest(&self) -> Option<chrono::NaiveDateTime> {
        // A leap second is read as the second before, which keeps the order.
        let full = self.lowest();
        let full = match full.strip_suffix("60") {
            Some(head) => format!("{head}59"),
            None => full,
        };
        chrono::NaiveDateTime::parse_from_str(&full, "%Y%m%d%H%M%S").ok()
    }
}

text_type! {
    /// A language tag (RFC 5646).
    LanguageCode
}

impl LanguageCode {
    /// Parses `ja`, `ja-JP`, ...
    pub fn parse(s: &str) -> Result<Self, Invalid> {
        let mut parts = s.split('-');
        let first = parts.next().is_some_and(|p| {
            (1..=8).contains(&p.len()) && p.bytes().all(|b| b.is_ascii_alphabetic())
        });
        let rest = parts
            .all(|p| (1..=8).contains(&p.len()) && p.bytes().all(|b| b.is_ascii_alphanumeric()));
        if first && rest {
            Ok(Self(s.to_owned()))
        } else {
            invalid("a language tag such as ja-JP", "ja-JP のような言語タグ")
        }
    }
}

text_type! {
    /// A media type without parameters.
    MimeType
}

impl MimeType {
    /// Parses `type/subtype`.
    pub fn parse(s: &str) -> Result<Self, Invalid> {
        let token = |p: &str| {
            !p.is_empty()
                && p.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&b))
        };
        match s.split_once('/') {
            Some((a, b)) if s.len() <= 256 && token(a) && token(b) => Ok(Self(s.to_owned())),
            _ => invalid("a media type such as text/xml", "text/xml のようなメディアタイプ"),
        }
    }
}

text_type! {
    /// A SHA-1 as 40 lower-case hexadecimal digits; compared without case, therefore stored folded.
    Sha1Hash
}

impl Sha1Hash {
    /// Parses 40 hexadecimal digits of either case.
    pub fn parse(s: &str) -> Result<Self, Invalid> {
        if s.len() == 40 && s.bytes().all(|b| b.is_ascii_hexdigit()) {
            Ok(Self(s.to_ascii_lowercase()))
        } else {
            invalid("40 hexadecimal digits (SHA-1)", "40桁の16進数(SHA-1)")
        }
    }

    /// From the digest.
    pub fn from_digest(digest: [u8; 20]) -> Self {
        Self(hex::encode(digest))
    }
}

// Stand-ins for what a refused message did not say: the reader goes on with them so that the rules
// can report the rest. They never leave this crate in an accepted value.

impl UniqueId {
    pub(crate) fn unknown() -> Self {
        Self("unknown".to_owned())
    }
}

impl Oid {
    pub(crate) fn unknown() -> Self {
        Self("0.0".to_owned())
    }
}

impl MimeType {
    pub(crate) fn unknown() -> Self {
        Self("application/octet-stream".to_owned())
    }
}

impl Dtm {
    pub(crate) fn unknown() -> Self {
        Self("1970".to_owned())
    }
}

impl ObjectId {
    pub(crate) fn unknown() -> Self {
        Self::Symbol(String::new())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uuid_is_the_same_in_capitals() {
        let lower = EntryUuid::parse("urn:uuid:6a007b24-4dfa-4f4f-861c-d2df9dea19a3").unwrap();
        for text in [
            "urn:uuid:6A007B24-4DFA-4F4F-861C-D2DF9DEA19A3",
            "URN:UUID:6A007B24-4DFA-4F4F-861C-D2DF9DEA19A3",
        ] {
            assert_eq!(EntryUuid::parse(text), Ok(lower));
            assert_eq!(ObjectId::parse(text), Ok(ObjectId::Uuid(lower)));
        }
        assert!(ObjectId::parse("URN:UUID:1").is_err(), "it is no symbol");
    }
}
