//! The kinds of documents in a set, and the codes that tell them apart.

use super::identifiers::PROJECT_ROOT;
use renkei_metadata::model::{Code, LocalizedText};

/// IHE's own format codes.
const IHE_FORMATS: &str = "1.3.6.1.4.1.19376.1.2.3";
/// HL7 Confidentiality.
const CONFIDENTIALITY: &str = "2.16.840.1.113883.5.25";

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

    const fn display(self) -> &'static str {
        match self {
            Self::Full => "全項目",
            Self::Stat => "法定項目",
        }
    }

    /// Whether a confidentialityCode is one of an audience.
    pub(super) fn is_code(code: &str) -> bool {
        [Self::Full, Self::Stat].iter().any(|audience| audience.code() == code)
    }
}

/// A kind of document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// The person's row of the institution's export.
    Source,
    /// The standard CSV record.
    Kcsv,
    /// The HS037 Bundle with everything.
    Hs037,
    /// The HS037 Bundle with the statutory items.
    Hs037Statutory,
    /// The 特定健診 CDA document.
    Cda,
}

impl Kind {
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

    pub(super) fn format_code(self) -> Code {
        match self {
            Self::Source => code(self.format(), IHE_FORMATS, "mimeType Sufficient"),
            Self::Kcsv => project(self.format(), 3, "標準CSV kcsv/1.0"),
            Self::Hs037 | Self::Hs037Statutory => project(self.format(), 3, "HS037 FHIR R4 文書"),
            Self::Cda => project(self.format(), 3, "特定健診 CDA R2 V08"),
        }
    }

    pub(super) fn class_code(self) -> Code {
        match self {
            Self::Source => project("SOURCE", 1, "原本"),
            Self::Kcsv | Self::Hs037 | Self::Hs037Statutory | Self::Cda => {
                project("CHECKUP", 1, "健診・検診")
            }
        }
    }

    /// How sensitive it is, and who may read it. The original holds columns that nobody mapped.
    pub(super) fn confidentiality_codes(self) -> Vec<Code> {
        let sensitivity = match self {
            Self::Source => code("R", CONFIDENTIALITY, "制限"),
            Self::Kcsv | Self::Hs037 | Self::Hs037Statutory | Self::Cda => {
                code("N", CONFIDENTIALITY, "通常")
            }
        };
        let audience = self.audience();
        vec![sensitivity, project(audience.code(), 5, audience.display())]
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

pub(super) fn code(code: &str, scheme: &str, display: &str) -> Code {
    // A coded attribute needs a name; where the record has none, the code itself tells enough.
    let display = if display.is_empty() { code } else { display };
    Code { code: code.to_owned(), scheme: scheme.to_owned(), display: LocalizedText::ja(display) }
}

/// A code of one of the project's own lists.
pub(super) fn project(value: &str, list: u8, display: &str) -> Code {
    code(value, &format!("{PROJECT_ROOT}.{list}"), display)
}
