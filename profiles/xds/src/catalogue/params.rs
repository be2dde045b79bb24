//! The parameters that several queries have, and how one is written in a row.

use super::{CodeAttribute, Need, ParamDef, ParamKind, TextAttribute, TimeAttribute};
use renkei_metadata::model::ObjectKind;

pub(super) const ENTRY: &[ObjectKind] = &[ObjectKind::DocumentEntry];
pub(super) const SET: &[ObjectKind] = &[ObjectKind::SubmissionSet];
pub(super) const FOLDER: &[ObjectKind] = &[ObjectKind::Folder];
pub(super) const LINK: &[ObjectKind] = &[ObjectKind::Association];
/// Everything that has a patientId.
pub(super) const OF_PATIENTS: &[ObjectKind] =
    &[ObjectKind::SubmissionSet, ObjectKind::DocumentEntry, ObjectKind::Folder];
/// Everything that has an entryUUID.
pub(super) const ALL_OBJECTS: &[ObjectKind] = &[
    ObjectKind::SubmissionSet,
    ObjectKind::DocumentEntry,
    ObjectKind::Folder,
    ObjectKind::Association,
];

/// The parameters of FindDocuments but for the patient and the types of entry (ITI TF-2:
/// 3.18.4.1.2.3.7.1). `some` is the need of those of which ITI-51 wants at least one (ITI TF-2:
/// 3.51.4.1.2.1).
pub(super) const fn of_documents(some: Need) -> [ParamDef; 16] {
    [
        many("$XDSDocumentEntryStatus", ENTRY, ParamKind::Status).needed(Need::Required),
        code("$XDSDocumentEntryClassCode", CodeAttribute::Class).needed(some),
        code("$XDSDocumentEntryTypeCode", CodeAttribute::Type),
        code("$XDSDocumentEntryPracticeSettingCode", CodeAttribute::PracticeSetting),
        code("$XDSDocumentEntryHealthcareFacilityTypeCode", CodeAttribute::FacilityType)
            .needed(some),
        FORMAT_CODE,
        code("$XDSDocumentEntryEventCodeList", CodeAttribute::Event).needed(some).and_or(),
        CONFIDENTIALITY_CODE,
        from("$XDSDocumentEntryCreationTimeFrom", ENTRY, TimeAttribute::Creation),
        to("$XDSDocumentEntryCreationTimeTo", ENTRY, TimeAttribute::Creation),
        from("$XDSDocumentEntryServiceStartTimeFrom", ENTRY, TimeAttribute::ServiceStart),
        to("$XDSDocumentEntryServiceStartTimeTo", ENTRY, TimeAttribute::ServiceStart),
        from("$XDSDocumentEntryServiceStopTimeFrom", ENTRY, TimeAttribute::ServiceStop),
        to("$XDSDocumentEntryServiceStopTimeTo", ENTRY, TimeAttribute::ServiceStop),
        many("$XDSDocumentEntryAuthorPerson", ENTRY, ParamKind::Text(TextAttribute::AuthorPerson)),
        REGISTERED_FROM,
    ]
}

/// What was registered at this moment or later, by the registry's clock. The standard has no such parameter:
/// without it nobody could ask what is new for all whom they may see, for a SubmissionSet is found by its
/// patient, and its submissionTime is what its source says. A registry that does not know it passes it over.
pub(super) const REGISTERED_FROM: ParamDef =
    from("$RenkeiRegisteredFrom", ENTRY, TimeAttribute::Registered);

/// The rest of them.
pub(super) const OF_ENTRIES: [ParamDef; 3] = [
    ENTRY_TYPE,
    many("$XDSDocumentEntryDocumentAvailability", ENTRY, ParamKind::Availability),
    METADATA_LEVEL,
];

/// Those of FindFolders but for the patient (ITI TF-2: 3.18.4.1.2.3.7.3).
pub(super) const fn of_folders(codes: Need) -> [ParamDef; 5] {
    [
        many("$XDSFolderStatus", FOLDER, ParamKind::Status).needed(Need::Required),
        from("$XDSFolderLastUpdateTimeFrom", FOLDER, TimeAttribute::LastUpdate),
        to("$XDSFolderLastUpdateTimeTo", FOLDER, TimeAttribute::LastUpdate),
        many("$XDSFolderCodeList", FOLDER, ParamKind::Code(CodeAttribute::Folder))
            .needed(codes)
            .and_or(),
        METADATA_LEVEL,
    ]
}

/// What restricts the documents of a container (ITI TF-2: 3.18.4.1.2.3.7.10, .11), and the
/// associations that lead to them.
pub(super) const OF_CONTENTS: [ParamDef; 5] =
    [FORMAT_CODE, CONFIDENTIALITY_CODE, ENTRY_TYPE, ASSOCIATION_STATUS, METADATA_LEVEL];

/// The three ways to name documents; `multiple`: several of them.
pub(super) const fn documents(multiple: bool) -> [ParamDef; 3] {
    [
        named("$XDSDocumentEntryEntryUUID", ENTRY, ParamKind::EntryUuid, multiple),
        named("$XDSDocumentEntryUniqueId", ENTRY, ParamKind::UniqueId, multiple),
        named("$XDSDocumentEntryLogicalID", ENTRY, ParamKind::LogicalId, multiple),
    ]
}

/// The three ways to name folders.
pub(super) const fn folders(multiple: bool) -> [ParamDef; 3] {
    [
        named("$XDSFolderEntryUUID", FOLDER, ParamKind::EntryUuid, multiple),
        named("$XDSFolderUniqueId", FOLDER, ParamKind::UniqueId, multiple),
        named("$XDSFolderLogicalID", FOLDER, ParamKind::LogicalId, multiple),
    ]
}

const fn named(
    name: &'static str,
    objects: &'static [ObjectKind],
    kind: ParamKind,
    multiple: bool,
) -> ParamDef {
    ParamDef { multiple, ..one(name, objects, kind).needed(Need::Choice) }
}

pub(super) const FORMAT_CODE: ParamDef = code("$XDSDocumentEntryFormatCode", CodeAttribute::Format);
pub(super) const CONFIDENTIALITY_CODE: ParamDef =
    code("$XDSDocumentEntryConfidentialityCode", CodeAttribute::Confidentiality).and_or();
pub(super) const ENTRY_TYPE: ParamDef = many("$XDSDocumentEntryType", ENTRY, ParamKind::EntryType);
pub(super) const REFERENCE_IDS: ParamDef =
    many("$XDSDocumentEntryReferenceIdList", ENTRY, ParamKind::Text(TextAttribute::ReferenceId))
        .needed(Need::Required)
        .and_or();
/// Of queries that go over associations (Metadata Update).
pub(super) const ASSOCIATION_STATUS: ParamDef =
    many("$XDSAssociationStatus", LINK, ParamKind::Status);
/// Of every query (Metadata Update).
pub(super) const METADATA_LEVEL: ParamDef =
    one("$MetadataLevel", ALL_OBJECTS, ParamKind::MetadataLevel);

/// What FindDocumentsExclude has beyond FindDocuments (ITI TF-2: 3.18.4.1.2.3.7.15).
pub(super) const EXCLUSIONS: [ParamDef; 10] = [
    code("$XDSDocumentEntryClassCodeExclude", CodeAttribute::Class).excludes(),
    code("$XDSDocumentEntryTypeCodeExclude", CodeAttribute::Type).excludes(),
    code("$XDSDocumentEntryPracticeSettingCodeExclude", CodeAttribute::PracticeSetting).excludes(),
    code("$XDSDocumentEntryHealthcareFacilityTypeCodeExclude", CodeAttribute::FacilityType)
        .excludes(),
    code("$XDSDocumentEntryFormatCodeExclude", CodeAttribute::Format).excludes(),
    code("$XDSDocumentEntryEventCodeListExclude", CodeAttribute::Event).and_or().excludes(),
    code("$XDSDocumentEntryConfidentialityCodeExclude", CodeAttribute::Confidentiality)
        .and_or()
        .excludes(),
    many(
        "$XDSDocumentEntryAuthorPersonExclude",
        ENTRY,
        ParamKind::Text(TextAttribute::AuthorPerson),
    )
    .excludes(),
    many(
        "$XDSDocumentEntryReferenceIdListExclude",
        ENTRY,
        ParamKind::Text(TextAttribute::ReferenceId),
    )
    .and_or()
    .excludes(),
    many("$XDSDocumentEntryTypeExclude", ENTRY, ParamKind::EntryType).excludes(),
];

/// Two lists as one. Runs when the program is compiled, and is compiled only if `N` is right.
#[expect(clippy::indexing_slicing, reason = "decided by the compiler, which knows the lengths")]
pub(super) const fn join<const A: usize, const B: usize, const N: usize>(
    first: [ParamDef; A],
    second: [ParamDef; B],
) -> [ParamDef; N] {
    assert!(A > 0 && A + B == N, "the length of the joined list");
    let mut all = [first[0]; N];
    let mut at = 0;
    while at < N {
        all[at] = if at < A { first[at] } else { second[at - A] };
        at += 1;
    }
    all
}

/// An optional parameter of one value.
pub(super) const fn one(
    name: &'static str,
    objects: &'static [ObjectKind],
    kind: ParamKind,
) -> ParamDef {
    ParamDef {
        name,
        objects,
        kind,
        need: Need::Optional,
        multiple: false,
        and_or: false,
        excludes: false,
    }
}

/// An optional parameter that takes a list.
pub(super) const fn many(
    name: &'static str,
    objects: &'static [ObjectKind],
    kind: ParamKind,
) -> ParamDef {
    ParamDef { multiple: true, ..one(name, objects, kind) }
}

/// An optional list of codes of a DocumentEntry.
const fn code(name: &'static str, attribute: CodeAttribute) -> ParamDef {
    many(name, ENTRY, ParamKind::Code(attribute))
}

/// The beginning of a range of time.
pub(super) const fn from(
    name: &'static str,
    objects: &'static [ObjectKind],
    attribute: TimeAttribute,
) -> ParamDef {
    one(name, objects, ParamKind::From(attribute))
}

/// The end of a range of time.
pub(super) const fn to(
    name: &'static str,
    objects: &'static [ObjectKind],
    attribute: TimeAttribute,
) -> ParamDef {
    one(name, objects, ParamKind::To(attribute))
}

impl ParamDef {
    pub(super) const fn needed(self, need: Need) -> Self {
        Self { need, ..self }
    }

    pub(super) const fn and_or(self) -> Self {
        Self { and_or: true, ..self }
    }

    const fn excludes(self) -> Self {
        Self { excludes: true, ..self }
    }
}
