//! The kinds of documents in a set, and the codes that tell them apart.

use super::domain::Codes;
pub(super) use crate::made::Kind;
use renkei_metadata::model::Code;

/// Who may read a document without the person's consent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Audience {
    /// 全項目.
    Full,
    /// 法定項目 only.
    Stat,
}

impl Audience {
    const fn code(self) -> &'static str {
        match self {
            Self::Full => "FULL",
            Self::Stat => "STAT",
        }
    }

    /// Whether a confidentialityCode is one of an audience.
    pub(super) fn is_code(code: &str) -> bool {
        [Self::Full, Self::Stat].iter().any(|audience| audience.code() == code)
    }
}

impl Kind {
    /// All of them, in the order of a set.
    pub(super) const ALL: [Self; 5] =
        [Self::Source, Self::Kcsv, Self::Hs037, Self::Hs037Statutory, Self::Cda];

    pub(super) const fn audience(self) -> Audience {
        match self {
            Self::Source | Self::Kcsv | Self::Hs037 | Self::Cda => Audience::Full,
            Self::Hs037Statutory => Audience::Stat,
        }
    }

    pub(super) const fn format(self) -> &'static str {
        match self {
            // Any system may have written it in any dialect: only the media type is known.
            Self::Source => "urn:ihe:iti:xds:2017:mimeTypeSufficient",
            Self::Kcsv => "kcsv-1.0",
            Self::Hs037 | Self::Hs037Statutory => "hs037-fhir-r4",
            Self::Cda => "cdar2_hc08_v08",
        }
    }

    pub(super) const fn mime_type(self) -> &'static str {
        match self {
            Self::Source | Self::Kcsv => "text/csv",
            Self::Hs037 | Self::Hs037Statutory => "application/fhir+json",
            Self::Cda => "text/xml",
        }
    }

    pub(super) fn format_code(self, codes: &Codes) -> Code {
        match self {
            Self::Source => &codes.format_source,
            Self::Kcsv => &codes.format_kcsv,
            Self::Hs037 | Self::Hs037Statutory => &codes.format_hs037,
            Self::Cda => &codes.format_cda,
        }
        .clone()
    }

    pub(super) fn class_code(self, codes: &Codes) -> Code {
        match self {
            Self::Source => &codes.class_source,
            Self::Kcsv | Self::Hs037 | Self::Hs037Statutory | Self::Cda => &codes.class_checkup,
        }
        .clone()
    }

    /// How sensitive it is, and who may read it. The original holds columns that nobody mapped.
    pub(super) fn confidentiality_codes(self, codes: &Codes) -> Vec<Code> {
        let sensitivity = match self {
            Self::Source => &codes.restricted,
            Self::Kcsv | Self::Hs037 | Self::Hs037Statutory | Self::Cda => &codes.normal,
        };
        let audience = match self.audience() {
            Audience::Full => &codes.full,
            Audience::Stat => &codes.statutory,
        };
        vec![sensitivity.clone(), audience.clone()]
    }

    /// Of which other document it is a transformation. None is one of the original: a registry
    /// deprecates the transformations of what is replaced (ITI TF-3: 4.2.2.2.3), and an original
    /// may be replaced while everything made of it stays the same.
    pub(super) const fn made_of(self) -> Option<Self> {
        match self {
            Self::Source | Self::Kcsv | Self::Hs037 => None,
            Self::Hs037Statutory | Self::Cda => Some(Self::Hs037),
        }
    }

    /// What the versions of a document have in common: `format|audience`.
    pub(super) fn slot(self) -> String {
        slot(self.format(), self.audience().code())
    }
}

/// `format|audience` of a document.
pub(super) fn slot(format: &str, audience: &str) -> String {
    format!("{format}|{audience}")
}
