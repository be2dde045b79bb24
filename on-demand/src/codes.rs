//! The codes of the affinity domain that On-Demand entries have, and by which their sources are found.

use renkei_checkup::hs037::years;
use renkei_metadata::codes::CodeList;
use renkei_metadata::model::{Code, DocumentEntry};
use std::fmt;

/// For whom a document is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Audience {
    /// Those who may read everything, as the person.
    Full,
    /// Those who may read the statutory items, as the occupational doctor.
    Statutory,
}

impl Audience {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Full, Self::Statutory];

    /// The confidentialityCode.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Full => "FULL",
            Self::Statutory => "STAT",
        }
    }
}

/// Codes that the affinity domain's list lacks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MissingCodes(pub Vec<(&'static str, &'static str)>);

impl fmt::Display for MissingCodes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<String> = self.0.iter().map(|(a, c)| format!("{a} {c}")).collect();
        write!(
            f,
            "アフィニティドメインのコード表にありません。加えるよう管理者に依頼してください / \
             the affinity domain's code list lacks, ask whoever keeps it to add: {}",
            names.join(", ")
        )
    }
}

impl std::error::Error for MissingCodes {}

/// The codes, as the affinity domain has them.
#[derive(Clone, Debug)]
pub struct Codes {
    /// formatCode of the documents that the years are made of.
    pub(crate) source: Code,
    pub(crate) class: Code,
    pub(crate) format: Code,
    pub(crate) facility: Code,
    pub(crate) practice: Code,
    pub(crate) document_type: Code,
    pub(crate) content_type: Code,
    normal: Code,
    full: Code,
    statutory: Code,
}

impl Codes {
    /// Looks them up.
    ///
    /// # Errors
    /// When the list lacks some.
    pub fn of(list: &CodeList) -> Result<Self, MissingCodes> {
        let mut missing = Vec::new();
        let mut code = |attribute: &'static str, code: &'static str| {
            let found = list.codes(attribute, code).next().cloned();
            if found.is_none() {
                missing.push((attribute, code));
            }
            found
        };
        let codes = [
            code("formatCode", "hs037-fhir-r4"),
            code("classCode", "CHECKUP"),
            code("formatCode", years::FORMAT_CODE),
            code("healthcareFacilityTypeCode", "KENSHIN"),
            code("practiceSettingCode", "CHECKUP"),
            code("typeCode", "53576-5"),
            code("contentTypeCode", "CHECKUP-DELIVERY"),
            code("confidentialityCode", "N"),
            code("confidentialityCode", Audience::Full.code()),
            code("confidentialityCode", Audience::Statutory.code()),
        ];
        let [
            Some(source),
            Some(class),
            Some(format),
            Some(facility),
            Some(practice),
            Some(document_type),
            Some(content_type),
            Some(normal),
            Some(full),
            Some(statutory),
        ] = codes
        else {
            return Err(MissingCodes(missing));
        };
        Ok(Self {
            source,
            class,
            format,
            facility,
            practice,
            document_type,
            content_type,
            normal,
            full,
            statutory,
        })
    }

    /// How confidential a document for these readers is.
    pub(crate) fn confidentiality(&self, audience: Audience) -> Vec<Code> {
        let readers = match audience {
            Audience::Full => &self.full,
            Audience::Statutory => &self.statutory,
        };
        vec![self.normal.clone(), readers.clone()]
    }

    /// Whether the years can be made of a document.
    pub fn is_source(&self, entry: &DocumentEntry) -> bool {
        entry.format_code.as_ref().is_some_and(|code| code.key() == self.source.key())
    }

    /// The readers of a document.
    pub fn audience(&self, entry: &DocumentEntry) -> Option<Audience> {
        let is = |code: &Code| entry.audience().any(|other| other.key() == code.key());
        match (is(&self.full), is(&self.statutory)) {
            (true, _) => Some(Audience::Full),
            (_, true) => Some(Audience::Statutory),
            (false, false) => None,
        }
    }
}
