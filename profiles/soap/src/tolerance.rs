//! Deviations of a peer that we accept, by name, so that they can be counted and reported to it.

/// One kind of deviation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Tolerance {
    /// A media type parameter that should stand in quotes (RFC 2045, 5.1).
    UnquotedParameter,
    /// No `start` parameter; the first part is the root (RFC 2387, 3.2).
    MissingStart,
    /// `start-info` absent or other than `application/soap+xml` (XOP 1.0, 4.1).
    StartInfoVariant,
    /// `type`, or the media type of the root part, other than `application/xop+xml` (XOP 1.0, 4.1).
    RootTypeVariant,
    /// A `Content-ID` or `start` without angle brackets (RFC 2392).
    BareContentId,
    /// Part header names in lower case: allowed, but some receivers stumble over them.
    LowerCaseHeader,
    /// A part in base64, which XOP calls for sending as octets (XOP 1.0, 4).
    EncodedPart,
    /// A byte order mark before the envelope.
    ByteOrderMark,
    /// No WS-Addressing header carries `mustUnderstand` (ITI TF-2: V.3.2.2, IHE-WSA101).
    NoMustUnderstand,
    /// A document as base64 inside the envelope (ITI TF-2: V.8).
    InlineBase64,
    /// Simple SOAP where MTOM/XOP is called for.
    SimpleForMtom,
    /// MTOM/XOP where Simple SOAP is called for.
    MtomForSimple,
    /// An envelope in UTF-16.
    Utf16,
    /// An XML declaration that names another encoding than the envelope is in (RFC 7303, 3.2).
    EncodingDeclaration,
    /// Lines of a multipart that end in a line feed alone (RFC 2046, 4.1.1).
    BareLineFeed,
    /// A `Content-ID` written in percent as only its URL may be (RFC 2392, 2).
    EncodedContentId,
}

impl Tolerance {
    /// All of them.
    pub const ALL: [Self; 16] = [
        Self::UnquotedParameter,
        Self::MissingStart,
        Self::StartInfoVariant,
        Self::RootTypeVariant,
        Self::BareContentId,
        Self::LowerCaseHeader,
        Self::EncodedPart,
        Self::ByteOrderMark,
        Self::NoMustUnderstand,
        Self::InlineBase64,
        Self::SimpleForMtom,
        Self::MtomForSimple,
        Self::Utf16,
        Self::EncodingDeclaration,
        Self::BareLineFeed,
        Self::EncodedContentId,
    ];

    /// A stable name for logs and counters.
    pub const fn name(self) -> &'static str {
        match self {
            Self::UnquotedParameter => "unquoted-parameter",
            Self::MissingStart => "missing-start",
            Self::StartInfoVariant => "start-info-variant",
            Self::RootTypeVariant => "root-type-variant",
            Self::BareContentId => "bare-content-id",
            Self::LowerCaseHeader => "lower-case-header",
            Self::EncodedPart => "encoded-part",
            Self::ByteOrderMark => "byte-order-mark",
            Self::NoMustUnderstand => "no-must-understand",
            Self::InlineBase64 => "inline-base64",
            Self::SimpleForMtom => "simple-for-mtom",
            Self::MtomForSimple => "mtom-for-simple",
            Self::Utf16 => "utf-16",
            Self::EncodingDeclaration => "encoding-declaration",
            Self::BareLineFeed => "bare-line-feed",
            Self::EncodedContentId => "encoded-content-id",
        }
    }

    const fn bit(self) -> u32 {
        1 << (self as u8)
    }
}

/// A set of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tolerances(u32);

impl Tolerances {
    /// The empty set.
    pub const fn new() -> Self {
        Self(0)
    }

    /// Notes one.
    pub fn add(&mut self, tolerance: Tolerance) {
        self.0 |= tolerance.bit();
    }

    /// Notes all of another set.
    pub fn merge(&mut self, other: &Self) {
        self.0 |= other.0;
    }

    /// Whether one was noted.
    pub const fn contains(&self, tolerance: Tolerance) -> bool {
        self.0 & tolerance.bit() != 0
    }

    /// Whether none was noted.
    pub const fn is_empty(&self) -> bool {
        self.0 == 0
    }

    /// Those noted, in the order of [`Tolerance::ALL`].
    pub fn iter(&self) -> impl Iterator<Item = Tolerance> + '_ {
        Tolerance::ALL.into_iter().filter(|t| self.contains(*t))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_a_set() {
        let mut set = Tolerances::new();
        assert!(set.is_empty());
        set.add(Tolerance::MtomForSimple);
        let mut other = Tolerances::new();
        other.add(Tolerance::MissingStart);
        set.merge(&other);
        set.merge(&other);
        let names: Vec<_> = set.iter().map(Tolerance::name).collect();
        assert_eq!(names, ["missing-start", "mtom-for-simple"]);
    }

    #[test]
    fn names_differ() {
        let names: std::collections::BTreeSet<_> =
            Tolerance::ALL.into_iter().map(Tolerance::name).collect();
        assert_eq!(names.len(), Tolerance::ALL.len());
    }
}
