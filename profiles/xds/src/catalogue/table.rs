//! The rows (ITI TF-2: 3.18.4.1.2.3.7).

use super::{
    CodeAttribute, Link, Need, ParamDef, ParamKind, Part, QueryDef, TextAttribute, TimeAttribute,
    Way,
};
use renkei_metadata::model::ObjectKind;

/// The id of FindDocuments.
pub const FIND_DOCUMENTS: &str = "urn:uuid:14d4debf-8f97-4251-9a74-a90016b0af0d";
/// The id of GetDocuments.
pub const GET_DOCUMENTS: &str = "urn:uuid:5c4f972b-d56b-40ac-a5fc-c8ca9b40b9d4";
/// The id of GetSubmissionSetAndContents.
pub const GET_SUBMISSION_SET_AND_CONTENTS: &str = "urn:uuid:e8e3cb2c-e39c-46b9-99e4-c12f57260b83";

const ENTRY: &[ObjectKind] = &[ObjectKind::DocumentEntry];
const SET: &[ObjectKind] = &[ObjectKind::SubmissionSet];

/// Every query.
pub static QUERIES: &[QueryDef] = &[
    QueryDef {
        id: FIND_DOCUMENTS,
        name: "FindDocuments",
        answer: &[Part::Objects(ObjectKind::DocumentEntry, &[Way::Named])],
        single_patient: false,
        section: "ITI TF-2: 3.18.4.1.2.3.7.1",
        params: &[
            one("$XDSDocumentEntryPatientId", ENTRY, ParamKind::PatientId).required(),
            many("$XDSDocumentEntryStatus", ENTRY, ParamKind::Status).required(),
            code("$XDSDocumentEntryClassCode", CodeAttribute::Class),
            code("$XDSDocumentEntryTypeCode", CodeAttribute::Type),
            code("$XDSDocumentEntryPracticeSettingCode", CodeAttribute::PracticeSetting),
            code("$XDSDocumentEntryHealthcareFacilityTypeCode", CodeAttribute::FacilityType),
            FORMAT_CODE,
            code("$XDSDocumentEntryEventCodeList", CodeAttribute::Event).and_or(),
            CONFIDENTIALITY_CODE,
            from("$XDSDocumentEntryCreationTimeFrom", TimeAttribute::Creation),
            to("$XDSDocumentEntryCreationTimeTo", TimeAttribute::Creation),
            from("$XDSDocumentEntryServiceStartTimeFrom", TimeAttribute::ServiceStart),
            to("$XDSDocumentEntryServiceStartTimeTo", TimeAttribute::ServiceStart),
            from("$XDSDocumentEntryServiceStopTimeFrom", TimeAttribute::ServiceStop),
            to("$XDSDocumentEntryServiceStopTimeTo", TimeAttribute::ServiceStop),
            many(
                "$XDSDocumentEntryAuthorPerson",
                ENTRY,
                ParamKind::Text(TextAttribute::AuthorPerson),
            ),
            ENTRY_TYPE,
        ],
    },
    QueryDef {
        id: GET_DOCUMENTS,
        name: "GetDocuments",
        answer: &[Part::Objects(ObjectKind::DocumentEntry, &[Way::Named])],
        single_patient: true,
        section: "ITI TF-2: 3.18.4.1.2.3.7.5",
        params: &[
            many("$XDSDocumentEntryEntryUUID", ENTRY, ParamKind::EntryUuid).choice(),
            many("$XDSDocumentEntryUniqueId", ENTRY, ParamKind::UniqueId).choice(),
        ],
    },
    QueryDef {
        id: GET_SUBMISSION_SET_AND_CONTENTS,
        name: "GetSubmissionSetAndContents",
        answer: &[
            Part::Objects(ObjectKind::SubmissionSet, &[Way::Named]),
            Part::Objects(ObjectKind::DocumentEntry, &[Way::Members]),
            Part::Objects(ObjectKind::Folder, &[Way::Members]),
            Part::Links(&[
                Link::ToMembers(ObjectKind::DocumentEntry),
                Link::ToMembers(ObjectKind::Folder),
                Link::MembersOfFolders,
                Link::ToMembers(ObjectKind::Association),
            ]),
        ],
        single_patient: true,
        section: "ITI TF-2: 3.18.4.1.2.3.7.10",
        params: &[
            one("$XDSSubmissionSetEntryUUID", SET, ParamKind::EntryUuid).choice(),
            one("$XDSSubmissionSetUniqueId", SET, ParamKind::UniqueId).choice(),
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

const FORMAT_CODE: ParamDef = code("$XDSDocumentEntryFormatCode", CodeAttribute::Format);
const CONFIDENTIALITY_CODE: ParamDef =
    code("$XDSDocumentEntryConfidentialityCode", CodeAttribute::Confidentiality).and_or();
const ENTRY_TYPE: ParamDef = many("$XDSDocumentEntryType", ENTRY, ParamKind::EntryType);

/// An optional parameter of one value.
const fn one(name: &'static str, objects: &'static [ObjectKind], kind: ParamKind) -> ParamDef {
    ParamDef { name, objects, kind, need: Need::Optional, multiple: false, and_or: false }
}

/// An optional parameter that takes a list.
const fn many(name: &'static str, objects: &'static [ObjectKind], kind: ParamKind) -> ParamDef {
    ParamDef { multiple: true, ..one(name, objects, kind) }
}

/// An optional list of codes of a DocumentEntry.
const fn code(name: &'static str, attribute: CodeAttribute) -> ParamDef {
    many(name, ENTRY, ParamKind::Code(attribute))
}

/// The beginning of a range of time of a DocumentEntry.
const fn from(name: &'static str, attribute: TimeAttribute) -> ParamDef {
    one(name, ENTRY, ParamKind::From(attribute))
}

/// The end of a range of time of a DocumentEntry.
const fn to(name: &'static str, attribute: TimeAttribute) -> ParamDef {
    one(name, ENTRY, ParamKind::To(attribute))
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
                let range = matches!(p.kind, ParamKind::From(_) | ParamKind::To(_));
                assert!(!(range && p.multiple), "{}: one date only", p.name);
            }
            let count = |need| q.params.iter().filter(|p| p.need == need).count();
            assert_ne!(count(Need::Choice), 1, "{}: a choice of one is a requirement", q.name);
            assert_ne!(count(Need::Choice) + count(Need::Required), 0, "{}: unbounded", q.name);
            let finds = q.params.iter().any(|p| p.kind == ParamKind::PatientId);
            assert_ne!(finds, q.single_patient, "{}", q.name);
            assert!(q.params.iter().any(|p| p.kind.names_objects()), "{}", q.name);
            for p in q.params {
                assert!(!p.objects.is_empty(), "{} {}", q.name, p.name);
                let returned = |kind| q.answer.iter().any(|part| part.kind() == kind);
                assert!(p.objects.iter().any(|k| returned(*k)), "{} {}", q.name, p.name);
            }
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
