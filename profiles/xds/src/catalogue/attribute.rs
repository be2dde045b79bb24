//! The attributes that queries speak of, grouped by the type of their values.

use renkei_metadata::escapes::comparison_form;
use std::borrow::Cow;

/// A coded attribute. Those of several codes hold when any of the codes does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CodeAttribute {
    /// classCode of a DocumentEntry.
    Class,
    /// typeCode of a DocumentEntry.
    Type,
    /// practiceSettingCode of a DocumentEntry.
    PracticeSetting,
    /// healthcareFacilityTypeCode of a DocumentEntry.
    FacilityType,
    /// formatCode of a DocumentEntry.
    Format,
    /// eventCodeList of a DocumentEntry.
    Event,
    /// confidentialityCode of a DocumentEntry.
    Confidentiality,
    /// contentTypeCode of a SubmissionSet.
    ContentType,
    /// codeList of a Folder.
    Folder,
}

/// A time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TimeAttribute {
    /// creationTime of a DocumentEntry.
    Creation,
    /// serviceStartTime of a DocumentEntry.
    ServiceStart,
    /// serviceStopTime of a DocumentEntry.
    ServiceStop,
    /// submissionTime of a SubmissionSet.
    Submission,
    /// lastUpdateTime of a Folder.
    LastUpdate,
    /// When the registry registered this version of a DocumentEntry, which its metadata do not say.
    Registered,
}

/// An attribute that is compared with patterns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TextAttribute {
    /// authorPerson of any author of a DocumentEntry or SubmissionSet.
    AuthorPerson,
    /// referenceIdList of a DocumentEntry, any of its values.
    ReferenceId,
}

impl TextAttribute {
    /// A value, or what it is compared with, in the form in which both are compared: identifiers as
    /// identifiers, however they are written (ITI TF-3: Table 4.2.3.1.7-2, CXi).
    pub fn compared(self, text: &str) -> Cow<'_, str> {
        match self {
            Self::AuthorPerson => Cow::Borrowed(text),
            Self::ReferenceId => Cow::Owned(comparison_form(text)),
        }
    }
}

/// Any attribute that a parameter can restrict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Attribute {
    /// patientId.
    PatientId,
    /// entryUUID.
    EntryUuid,
    /// uniqueId.
    UniqueId,
    /// logicalID.
    LogicalId,
    /// No attribute of its own: version, availabilityStatus and documentAvailability together.
    MetadataLevel,
    /// documentAvailability of a DocumentEntry.
    Availability,
    /// availabilityStatus.
    Status,
    /// objectType of a DocumentEntry.
    EntryType,
    /// sourceId of a SubmissionSet.
    SourceId,
    /// associationType.
    AssociationType,
    /// A code.
    Code(CodeAttribute),
    /// A time.
    Time(TimeAttribute),
    /// A text.
    Text(TextAttribute),
}

impl Attribute {
    /// The name in the standard (ITI TF-3: 4.2.3).
    pub const fn name(self) -> &'static str {
        match self {
            Self::PatientId => "patientId",
            Self::EntryUuid => "entryUUID",
            Self::UniqueId => "uniqueId",
            Self::LogicalId => "logicalID",
            Self::MetadataLevel => "version, availabilityStatus, documentAvailability",
            Self::Availability => "documentAvailability",
            Self::Status => "availabilityStatus",
            Self::EntryType => "objectType",
            Self::SourceId => "sourceId",
            Self::AssociationType => "associationType",
            Self::Code(CodeAttribute::Class) => "classCode",
            Self::Code(CodeAttribute::Type) => "typeCode",
            Self::Code(CodeAttribute::PracticeSetting) => "practiceSettingCode",
            Self::Code(CodeAttribute::FacilityType) => "healthcareFacilityTypeCode",
            Self::Code(CodeAttribute::Format) => "formatCode",
            Self::Code(CodeAttribute::Event) => "eventCodeList",
            Self::Code(CodeAttribute::Confidentiality) => "confidentialityCode",
            Self::Code(CodeAttribute::ContentType) => "contentTypeCode",
            Self::Code(CodeAttribute::Folder) => "codeList",
            Self::Time(TimeAttribute::Creation) => "creationTime",
            Self::Time(TimeAttribute::ServiceStart) => "serviceStartTime",
            Self::Time(TimeAttribute::ServiceStop) => "serviceStopTime",
            Self::Time(TimeAttribute::Submission) => "submissionTime",
            Self::Time(TimeAttribute::LastUpdate) => "lastUpdateTime",
            Self::Time(TimeAttribute::Registered) => "when it was registered",
            Self::Text(TextAttribute::AuthorPerson) => "authorPerson",
            Self::Text(TextAttribute::ReferenceId) => "referenceIdList",
        }
    }

    /// Whether its values may be a person's name or number, which no error text repeats.
    pub const fn is_personal(self) -> bool {
        matches!(self, Self::Text(_))
    }
}
