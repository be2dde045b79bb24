//! The rows (ITI TF-2: 3.18.4.1.2.3.7, 3.51.4.1.2.1).

use super::ids::{
    FIND_DOCUMENTS, FIND_DOCUMENTS_BY_REFERENCE_ID, FIND_DOCUMENTS_BY_REFERENCE_ID_FOR_PATIENTS,
    FIND_DOCUMENTS_EXCLUDE, FIND_DOCUMENTS_FOR_PATIENTS, FIND_FOLDERS, FIND_FOLDERS_FOR_PATIENTS,
    FIND_SUBMISSION_SETS, GET_ALL, GET_ASSOCIATIONS, GET_DOCUMENTS, GET_DOCUMENTS_AND_ASSOCIATIONS,
    GET_FOLDER_AND_CONTENTS, GET_FOLDERS, GET_FOLDERS_FOR_DOCUMENT, GET_RELATED_DOCUMENTS,
    GET_SUBMISSION_SET_AND_CONTENTS, GET_SUBMISSION_SETS,
};
use super::params::{
    ALL_OBJECTS, ASSOCIATION_STATUS, CONFIDENTIALITY_CODE, ENTRY, ENTRY_TYPE, EXCLUSIONS, FOLDER,
    FORMAT_CODE, LINK, METADATA_LEVEL, OF_CONTENTS, OF_ENTRIES, OF_PATIENTS, REFERENCE_IDS, SET,
    documents, folders, from, join, many, of_documents, of_folders, one, to,
};
use super::{
    CodeAttribute, Link, Need, ParamDef, ParamKind, Part, QueryDef, TextAttribute, TimeAttribute,
    Way,
};
use crate::transaction::{ITI_18, ITI_38, ITI_51, Transaction};
use renkei_metadata::model::ObjectKind;

/// Every query.
pub static QUERIES: &[QueryDef] = &[
    QueryDef {
        id: FIND_DOCUMENTS,
        name: "FindDocuments",
        transaction: &ITI_18,
        answer: &[Part::Objects(ObjectKind::DocumentEntry, &[Way::Named])],
        single_patient: false,
        params: &FIND_DOCUMENTS_PARAMS,
        section: "ITI TF-2: 3.18.4.1.2.3.7.1",
    },
    QueryDef {
        id: FIND_SUBMISSION_SETS,
        name: "FindSubmissionSets",
        transaction: &ITI_18,
        answer: &[Part::Objects(ObjectKind::SubmissionSet, &[Way::Named])],
        single_patient: false,
        params: &FIND_SETS_PARAMS,
        section: "ITI TF-2: 3.18.4.1.2.3.7.2",
    },
    QueryDef {
        id: FIND_FOLDERS,
        name: "FindFolders",
        transaction: &ITI_18,
        answer: &[Part::Objects(ObjectKind::Folder, &[Way::Named])],
        single_patient: false,
        params: &FIND_FOLDERS_PARAMS,
        section: "ITI TF-2: 3.18.4.1.2.3.7.3",
    },
    QueryDef {
        id: GET_ALL,
        name: "GetAll",
        transaction: &ITI_18,
        answer: &[
            Part::Objects(ObjectKind::SubmissionSet, &[Way::Named]),
            Part::Objects(ObjectKind::DocumentEntry, &[Way::Named]),
            Part::Objects(ObjectKind::Folder, &[Way::Named]),
            Part::Links(&[Link::Touching]),
        ],
        single_patient: false,
        params: &GET_ALL_PARAMS,
        section: "ITI TF-2: 3.18.4.1.2.3.7.4",
    },
    QueryDef {
        id: GET_DOCUMENTS,
        name: "GetDocuments",
        transaction: &ITI_18,
        answer: &[Part::Objects(ObjectKind::DocumentEntry, &[Way::Named])],
        single_patient: true,
        params: &join::<3, 1, 4>(documents(true), [METADATA_LEVEL]),
        section: "ITI TF-2: 3.18.4.1.2.3.7.5",
    },
    QueryDef {
        id: GET_FOLDERS,
        name: "GetFolders",
        transaction: &ITI_18,
        answer: &[Part::Objects(ObjectKind::Folder, &[Way::Named])],
        single_patient: true,
        params: &join::<3, 1, 4>(folders(true), [METADATA_LEVEL]),
        section: "ITI TF-2: 3.18.4.1.2.3.7.6",
    },
    QueryDef {
        id: GET_ASSOCIATIONS,
        name: "GetAssociations",
        transaction: &ITI_18,
        answer: &[Part::Links(&[Link::Touching])],
        single_patient: false,
        params: &[
            many("$uuid", ALL_OBJECTS, ParamKind::EntryUuid).needed(Need::Required),
            ASSOCIATION_STATUS,
            METADATA_LEVEL,
        ],
        section: "ITI TF-2: 3.18.4.1.2.3.7.7",
    },
    QueryDef {
        id: GET_DOCUMENTS_AND_ASSOCIATIONS,
        name: "GetDocumentsAndAssociations",
        transaction: &ITI_18,
        answer: &[
            Part::Objects(ObjectKind::DocumentEntry, &[Way::Named]),
            Part::Links(&[Link::Touching]),
        ],
        single_patient: true,
        params: &join::<3, 2, 5>(documents(true), [ASSOCIATION_STATUS, METADATA_LEVEL]),
        section: "ITI TF-2: 3.18.4.1.2.3.7.8",
    },
    QueryDef {
        id: GET_SUBMISSION_SETS,
        name: "GetSubmissionSets",
        transaction: &ITI_18,
        answer: &[
            Part::Objects(ObjectKind::SubmissionSet, &[Way::Holders]),
            Part::Links(&[Link::FromHolders(ObjectKind::SubmissionSet)]),
        ],
        single_patient: true,
        params: &[
            many("$uuid", DOCUMENTS_AND_FOLDERS, ParamKind::EntryUuid).needed(Need::Required),
            ASSOCIATION_STATUS,
            METADATA_LEVEL,
        ],
        section: "ITI TF-2: 3.18.4.1.2.3.7.9",
    },
    QueryDef {
        id: GET_SUBMISSION_SET_AND_CONTENTS,
        name: "GetSubmissionSetAndContents",
        transaction: &ITI_18,
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
        params: &join::<2, 5, 7>(ONE_SET, OF_CONTENTS),
        section: "ITI TF-2: 3.18.4.1.2.3.7.10",
    },
    QueryDef {
        id: GET_FOLDER_AND_CONTENTS,
        name: "GetFolderAndContents",
        transaction: &ITI_18,
        answer: &[
            Part::Objects(ObjectKind::Folder, &[Way::Named]),
            Part::Objects(ObjectKind::DocumentEntry, &[Way::Members]),
            Part::Links(&[Link::ToMembers(ObjectKind::DocumentEntry)]),
        ],
        single_patient: true,
        params: &join::<3, 5, 8>(folders(false), OF_CONTENTS),
        section: "ITI TF-2: 3.18.4.1.2.3.7.11",
    },
    QueryDef {
        id: GET_FOLDERS_FOR_DOCUMENT,
        name: "GetFoldersForDocument",
        transaction: &ITI_18,
        answer: &[Part::Objects(ObjectKind::Folder, &[Way::Holders])],
        single_patient: true,
        params: &join::<3, 2, 5>(documents(false), [ASSOCIATION_STATUS, METADATA_LEVEL]),
        section: "ITI TF-2: 3.18.4.1.2.3.7.12",
    },
    QueryDef {
        id: GET_RELATED_DOCUMENTS,
        name: "GetRelatedDocuments",
        transaction: &ITI_18,
        answer: &[
            Part::Objects(ObjectKind::DocumentEntry, &[Way::Related]),
            Part::Links(&[Link::Relations]),
        ],
        single_patient: true,
        params: &join::<3, 4, 7>(documents(false), OF_RELATIONS),
        section: "ITI TF-2: 3.18.4.1.2.3.7.13",
    },
    QueryDef {
        id: FIND_DOCUMENTS_BY_REFERENCE_ID,
        name: "FindDocumentsByReferenceId",
        transaction: &ITI_18,
        answer: &[Part::Objects(ObjectKind::DocumentEntry, &[Way::Named])],
        single_patient: false,
        params: &join::<1, 20, 21>([REFERENCE_IDS], FIND_DOCUMENTS_PARAMS),
        section: "ITI TF-2: 3.18.4.1.2.3.7.14",
    },
    QueryDef {
        id: FIND_DOCUMENTS_EXCLUDE,
        name: "FindDocumentsExclude",
        transaction: &ITI_18,
        answer: &[Part::Objects(ObjectKind::DocumentEntry, &[Way::Named])],
        single_patient: false,
        params: &join::<11, 20, 31>(
            join::<1, 10, 11>([REFERENCE_IDS.needed(Need::Optional)], EXCLUSIONS),
            FIND_DOCUMENTS_PARAMS,
        ),
        section: "ITI TF-2: 3.18.4.1.2.3.7.15",
    },
    QueryDef {
        id: FIND_DOCUMENTS_FOR_PATIENTS,
        name: "FindDocumentsForMultiplePatients",
        transaction: &ITI_51,
        answer: &[Part::Objects(ObjectKind::DocumentEntry, &[Way::Named])],
        single_patient: false,
        params: &FIND_DOCUMENTS_FOR_PATIENTS_PARAMS,
        section: "ITI TF-2: 3.51.4.1.2.1.1",
    },
    QueryDef {
        id: FIND_FOLDERS_FOR_PATIENTS,
        name: "FindFoldersForMultiplePatients",
        transaction: &ITI_51,
        answer: &[Part::Objects(ObjectKind::Folder, &[Way::Named])],
        single_patient: false,
        params: &join::<1, 5, 6>(
            [many("$XDSFolderPatientId", FOLDER, ParamKind::PatientId).needed(Need::AnyOf)],
            of_folders(Need::AnyOf),
        ),
        section: "ITI TF-2: 3.51.4.1.2.1.2",
    },
    QueryDef {
        id: FIND_DOCUMENTS_BY_REFERENCE_ID_FOR_PATIENTS,
        name: "FindDocumentsByReferenceIdForMultiplePatients",
        transaction: &ITI_51,
        answer: &[Part::Objects(ObjectKind::DocumentEntry, &[Way::Named])],
        single_patient: false,
        params: &join::<2, 19, 21>(
            [many("$XDSDocumentEntryPatientId", ENTRY, ParamKind::PatientId), REFERENCE_IDS],
            join(of_documents(Need::Optional), OF_ENTRIES),
        ),
        section: "ITI TF-2: 3.51.4.1.2.1",
    },
];

const FIND_DOCUMENTS_PARAMS: [ParamDef; 20] = join::<1, 19, 20>(
    [one("$XDSDocumentEntryPatientId", ENTRY, ParamKind::PatientId).needed(Need::Required)],
    join(of_documents(Need::Optional), OF_ENTRIES),
);

const FIND_SETS_PARAMS: [ParamDef; 8] = [
    one("$XDSSubmissionSetPatientId", SET, ParamKind::PatientId).needed(Need::Required),
    many("$XDSSubmissionSetStatus", SET, ParamKind::Status).needed(Need::Required),
    many("$XDSSubmissionSetSourceId", SET, ParamKind::SourceId),
    from("$XDSSubmissionSetSubmissionTimeFrom", SET, TimeAttribute::Submission),
    to("$XDSSubmissionSetSubmissionTimeTo", SET, TimeAttribute::Submission),
    one("$XDSSubmissionSetAuthorPerson", SET, ParamKind::Text(TextAttribute::AuthorPerson)),
    many("$XDSSubmissionSetContentType", SET, ParamKind::Code(CodeAttribute::ContentType)),
    METADATA_LEVEL,
];

const FIND_FOLDERS_PARAMS: [ParamDef; 6] = join::<1, 5, 6>(
    [one("$XDSFolderPatientId", FOLDER, ParamKind::PatientId).needed(Need::Required)],
    of_folders(Need::Optional),
);

const GET_ALL_PARAMS: [ParamDef; 9] = [
    one("$patientId", OF_PATIENTS, ParamKind::PatientId).needed(Need::Required),
    many("$XDSDocumentEntryStatus", ENTRY, ParamKind::Status).needed(Need::Required),
    many("$XDSSubmissionSetStatus", SET, ParamKind::Status).needed(Need::Required),
    many("$XDSFolderStatus", FOLDER, ParamKind::Status).needed(Need::Required),
    FORMAT_CODE,
    CONFIDENTIALITY_CODE,
    ENTRY_TYPE,
    ASSOCIATION_STATUS,
    METADATA_LEVEL,
];

const DOCUMENTS_AND_FOLDERS: &[ObjectKind] = &[ObjectKind::DocumentEntry, ObjectKind::Folder];

const ONE_SET: [ParamDef; 2] = [
    one("$XDSSubmissionSetEntryUUID", SET, ParamKind::EntryUuid).needed(Need::Choice),
    one("$XDSSubmissionSetUniqueId", SET, ParamKind::UniqueId).needed(Need::Choice),
];

const OF_RELATIONS: [ParamDef; 4] = [
    many("$AssociationTypes", LINK, ParamKind::AssociationType).needed(Need::Required),
    ENTRY_TYPE,
    ASSOCIATION_STATUS,
    METADATA_LEVEL,
];

const FIND_DOCUMENTS_FOR_PATIENTS_PARAMS: [ParamDef; 20] = join::<1, 19, 20>(
    [many("$XDSDocumentEntryPatientId", ENTRY, ParamKind::PatientId).needed(Need::AnyOf)],
    join(of_documents(Need::AnyOf), OF_ENTRIES),
);

/// The query with this id that a transaction asks. Blanks around the id, which samples of the standard
/// have, do not matter.
pub fn by_id(transaction: &Transaction, id: &str) -> Option<&'static QueryDef> {
    any_by_id(id).filter(|q| asks(transaction, q))
}

/// The query with this id, whoever asks it.
pub fn any_by_id(id: &str) -> Option<&'static QueryDef> {
    QUERIES.iter().find(|q| q.id.eq_ignore_ascii_case(id.trim()))
}

/// The queries that a transaction asks.
pub fn asked_by(transaction: &Transaction) -> impl Iterator<Item = &'static QueryDef> {
    QUERIES.iter().filter(move |q| asks(transaction, q))
}

/// A Cross Gateway Query asks what a Registry Stored Query asks (ITI TF-2: 3.38.4.1.2).
fn asks(transaction: &Transaction, query: &QueryDef) -> bool {
    let asked = if transaction == &ITI_38 { &ITI_18 } else { transaction };
    query.transaction == asked
}

/// The query of this name.
pub fn by_name(name: &str) -> Option<&'static QueryDef> {
    QUERIES.iter().find(|q| q.name == name)
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
            let sections = match q.transaction.id {
                "ITI-18" => "ITI TF-2: 3.18.4.1.2.3.7.",
                _ => "ITI TF-2: 3.51.4.1.2.1",
            };
            assert!(q.section.starts_with(sections), "{}", q.name);
            let mut slots = HashSet::new();
            for p in q.params {
                assert!(p.name.starts_with('$') && slots.insert(p.name), "{} {}", q.name, p.name);
                assert!(p.multiple || !p.and_or, "{}: AND needs a list", p.name);
                let range = matches!(p.kind, ParamKind::From(_) | ParamKind::To(_));
                assert!(!(range && p.multiple), "{}: one date only", p.name);
            }
            let count = |need| q.params.iter().filter(|p| p.need == need).count();
            assert_ne!(count(Need::Choice), 1, "{}: a choice of one is a requirement", q.name);
            let needed = [Need::Choice, Need::Required, Need::AnyOf].map(count);
            assert_ne!(needed.iter().sum::<usize>(), 0, "{}: unbounded", q.name);
            assert_ne!(count(Need::AnyOf), 1, "{}: any of one is a requirement", q.name);
            // Associations show no patient; what begins with a patient says of whom it is.
            let finds = q.params.iter().any(|p| p.kind == ParamKind::PatientId);
            let links_only = q.answer.iter().all(|part| matches!(part, Part::Links(_)));
            assert_eq!(q.single_patient, !finds && !links_only, "{}", q.name);
            assert!(q.params.iter().any(|p| p.kind.names_objects()), "{}", q.name);
            assert!(q.param("$MetadataLevel").is_some(), "{}", q.name);
            let goes_over_links = q.answer.iter().any(|part| match part {
                Part::Objects(_, ways) => ways.iter().any(|way| *way != Way::Named),
                Part::Links(_) => true,
            });
            assert_eq!(q.param("$XDSAssociationStatus").is_some(), goes_over_links, "{}", q.name);
            for p in q.params {
                assert!(!p.objects.is_empty(), "{} {}", q.name, p.name);
                let returned = |kind| q.answer.iter().any(|part| part.kind() == kind);
                let link = p.objects == [ObjectKind::Association];
                let useful = !p.kind.restricts() || link || p.objects.iter().any(|k| returned(*k));
                assert!(useful, "{} {}", q.name, p.name);
                let opposite = p.opposite().map(|name| q.param(name).unwrap());
                assert!(opposite.is_none_or(|o| o.kind == p.kind), "{} {}", q.name, p.name);
                assert_eq!(p.excludes, opposite.is_some(), "{} {}", q.name, p.name);
            }
        }
    }

    #[test]
    fn queries_are_found_by_id_and_by_name() {
        let q = by_name("GetDocuments").unwrap();
        assert_eq!(q.id, GET_DOCUMENTS);
        assert_eq!(by_id(&ITI_18, &format!(" {} ", GET_DOCUMENTS.to_uppercase())), Some(q));
        assert_eq!(by_id(&ITI_18, ""), None);
        assert_eq!(by_id(&ITI_51, GET_DOCUMENTS), None);
        assert_eq!(any_by_id(FIND_FOLDERS_FOR_PATIENTS).unwrap().transaction, &ITI_51);
        assert_eq!((asked_by(&ITI_18).count(), asked_by(&ITI_51).count()), (15, 3));
        assert!(asked_by(&ITI_38).eq(asked_by(&ITI_18)));
        assert!(q.param("$XDSDocumentEntryUniqueId").is_some());
        assert!(q.param("XDSDocumentEntryUniqueId").is_none());
    }
}
