//! The rows (ITI TF-2: 3.18.4.1.2.3.7).

use super::{Attribute, Need, ParamDef, ParamKind, QueryDef, Select};
use renkei_metadata::model::ObjectKind;

/// The id of FindDocuments.
pub const FIND_DOCUMENTS: &str = "urn:uuid:14d4debf-8f97-4251-9a74-a90016b0af0d";
/// The id of GetDocuments.
pub const GET_DOCUMENTS: &str = "urn:uuid:5c4f972b-d56b-40ac-a5fc-c8ca9b40b9d4";
/// The id of GetSubmissionSetAndContents.
pub const GET_SUBMISSION_SET_AND_CONTENTS: &str = "urn:uuid:e8e3cb2c-e39c-46b9-99e4-c12f57260b83";

/// Every query.
pub static QUERIES: &[QueryDef] = &[
    QueryDef {
        id: FIND_DOCUMENTS,
        name: "FindDocuments",
        select: Select::Find(ObjectKind::DocumentEntry),
        single_patient: false,
        section: "ITI TF-2: 3.18.4.1.2.3.7.1",
        params: &[
            one("$XDSDocumentEntryPatientId", Attribute::PatientId, ParamKind::PatientId)
                .required(),
            many("$XDSDocumentEntryStatus", Attribute::Status, ParamKind::Status).required(),
            many("$XDSDocumentEntryClassCode", Attribute::ClassCode, ParamKind::Code),
            many("$XDSDocumentEntryTypeCode", Attribute::TypeCode, ParamKind::Code),
            many(
                "$XDSDocumentEntryPracticeSettingCode",
                Attribute::PracticeSetting,
                ParamKind::Code,
            ),
            many(
                "$XDSDocumentEntryHealthcareFacilityTypeCode",
                Attribute::FacilityType,
                ParamKind::Code,
            ),
            FORMAT_CODE,
            many("$XDSDocumentEntryEventCodeList", Attribute::EventCode, ParamKind::Code).and_or(),
            CONFIDENTIALITY_CODE,
            one("$XDSDocumentEntryCreationTimeFrom", Attribute::CreationTime, ParamKind::From),
            one("$XDSDocumentEntryCreationTimeTo", Attribute::CreationTime, ParamKind::To),
            one("$XDSDocumentEntryServiceStartTimeFrom", Attribute::ServiceStart, ParamKind::From),
            one("$XDSDocumentEntryServiceStartTimeTo", Attribute::ServiceStart, ParamKind::To),
            one("$XDSDocumentEntryServiceStopTimeFrom", Attribute::ServiceStop, ParamKind::From),
            one("$XDSDocumentEntryServiceStopTimeTo", Attribute::ServiceStop, ParamKind::To),
            many("$XDSDocumentEntryAuthorPerson", Attribute::AuthorPerson, ParamKind::Like),
            ENTRY_TYPE,
        ],
    },
    QueryDef {
        id: GET_DOCUMENTS,
        name: "GetDocuments",
        select: Select::ById(ObjectKind::DocumentEntry),
        single_patient: true,
        section: "ITI TF-2: 3.18.4.1.2.3.7.5",
        params: &[
            many("$XDSDocumentEntryEntryUUID", Attribute::EntryUuid, ParamKind::EntryUuid).choice(),
            many("$XDSDocumentEntryUniqueId", Attribute::UniqueId, ParamKind::UniqueId).choice(),
        ],
    },
    QueryDef {
        id: GET_SUBMISSION_SET_AND_CONTENTS,
        name: "GetSubmissionSetAndContents",
        select: Select::SubmissionSetAndContents,
        single_patient: true,
        section: "ITI TF-2: 3.18.4.1.2.3.7.10",
        params: &[
            one("$XDSSubmissionSetEntryUUID", Attribute::EntryUuid, ParamKind::EntryUuid).choice(),
            one("$XDSSubmissionSetUniqueId", Attribute::UniqueId, ParamKind::UniqueId).choice(),
            FORMAT_CODE,
            CONFIDENTIALITY_CODE,
            ENTRY_TYPE,
        ],
    },
];

/// The query with this id. Blanks around the id, which samples of the standard have, do not matter.
pub fn by_id(id: &str) -> Option<&'static QueryDef> {
    QUERIES.iter().find(|q| q.id.eq_ignore_ascii_case(id.trim()))
}

/// The query of this name.
pub fn by_name(name: &str) -> Option<&'static QueryDef> {
    QUERIES.iter().find(|q| q.name == name)
}

const FORMAT_CODE: ParamDef =
    many("$XDSDocumentEntryFormatCode", Attribute::FormatCode, ParamKind::Code);
const CONFIDENTIALITY_CODE: ParamDef =
    many("$XDSDocumentEntryConfidentialityCode", Attribute::Confidentiality, ParamKind::Code)
        .and_or();
const ENTRY_TYPE: ParamDef =
    many("$XDSDocumentEntryType", Attribute::ObjectType, ParamKind::EntryType);

/// An optional parameter of one value.
const fn one(name: &'static str, attribute: Attribute, kind: ParamKind) -> ParamDef {
    ParamDef { name, attribute, kind, need: Need::Optional, multiple: false, and_or: false }
}

/// An optional parameter that takes a list.
const fn many(name: &'static str, attribute: Attribute, kind: ParamKind) -> ParamDef {
    ParamDef { name, attribute, kind, need: Need::Optional, multiple: true, and_or: false }
}

impl ParamDef {
    const fn required(self) -> Self {
        Self { need: Need::Required, ..self }
    }

    const fn choice(self) -> Self {
        Self { need: Need::Choice, ..self }
    }

    const fn and_or(self) -> Self {
        Self { and_or: true, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use renkei_metadata::ids::EntryUuid;
    use std::collections::HashSet;

    #[test]
    fn every_row_is_sound() {
        let mut ids = HashSet::new();
        let mut names = HashSet::new();
        for q in QUERIES {
            assert!(EntryUuid::parse(q.id).is_ok_and(|u| u.to_string() == q.id), "{}", q.name);
            assert!(ids.insert(q.id) && names.insert(q.name), "{} twice", q.name);
            assert!(q.section.starts_with("ITI TF-2: 3.18.4.1.2.3.7."), "{}", q.name);
            let mut slots = HashSet::new();
            for p in q.params {
                assert!(p.name.starts_with('$') && slots.insert(p.name), "{} {}", q.name, p.name);
                assert!(p.multiple || !p.and_or, "{}: AND needs a list", p.name);
                let range = matches!(p.kind, ParamKind::From | ParamKind::To);
                assert!(!(range && p.multiple), "{}: one date only", p.name);
            }
            let count = |need| q.params.iter().filter(|p| p.need == need).count();
            assert_ne!(count(Need::Choice), 1, "{}: a choice of one is a requirement", q.name);
            assert_ne!(count(Need::Choice) + count(Need::Required), 0, "{}: unbounded", q.name);
            let finds = q.params.iter().any(|p| p.kind == ParamKind::PatientId);
            assert_eq!(finds, matches!(q.select, Select::Find(_)), "{}", q.name);
            assert_ne!(finds, q.single_patient, "{}", q.name);
        }
    }

    #[test]
    fn queries_are_found_by_id_and_by_name() {
        let q = by_name("GetDocuments").unwrap();
        assert_eq!(q.id, GET_DOCUMENTS);
        assert_eq!(by_id(&format!(" {} ", GET_DOCUMENTS.to_uppercase())), Some(q));
        assert_eq!(by_id(""), None);
        assert!(q.param("$XDSDocumentEntryUniqueId").is_some());
        assert!(q.param("XDSDocumentEntryUniqueId").is_none());
    }
}
