//! The abstract model (ITI TF-3: 4.1, 4.3.1): four kinds of object and what they are made of.
//!
//! An attribute that some column of the optionality table lets be absent is an `Option` or a `Vec`
//! here; which of them a given transaction requires is said by the rules, not by the type.

mod association;

use crate::ids::{
    Dtm, EntryUuid, HomeCommunityId, Invalid, LanguageCode, MimeType, ObjectId, Oid, PatientId,
    RepositoryUniqueId, Sha1Hash, UniqueId,
};
pub use crate::text::{LocalizedString, LocalizedText};
pub use association::{Association, AssociationType, SubmissionSetStatus};
use std::collections::HashMap;
use std::fmt;

/// A coded attribute (ITI TF-3: 4.2.3.1.2). Equality is that of code and scheme with the name.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Code {
    /// The code (nodeRepresentation).
    pub code: String,
    /// The codingScheme.
    pub scheme: String,
    /// The display name, never compared with the code list.
    pub display: LocalizedText,
}

impl Code {
    /// `code^^scheme`, the form of stored query parameters and of our columns.
    pub fn key(&self) -> String {
        format!("{}^^{}", self.code, self.scheme)
    }
}

/// An author (ITI TF-3: 4.2.3.1.4). Values are kept as submitted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Author {
    /// XCN.
    pub person: Option<String>,
    /// XON, each.
    pub institutions: Vec<String>,
    /// Role, each.
    pub roles: Vec<String>,
    /// Specialty, each.
    pub specialties: Vec<String>,
    /// XTN, each.
    pub telecommunications: Vec<String>,
}

/// A slot that is not of the standard, kept and given back (ITI TF-3: 4.2.3.1.6).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ExtraSlot {
    /// A URN not beginning with `urn:ihe:`.
    pub name: String,
    /// Values in submitted order.
    pub values: Vec<String>,
}

/// availabilityStatus.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum AvailabilityStatus {
    /// Current.
    Approved,
    /// Replaced or withdrawn.
    Deprecated,
}

impl AvailabilityStatus {
    /// Every status.
    pub const ALL: [Self; 2] = [Self::Approved, Self::Deprecated];

    /// The URN.
    pub const fn urn(self) -> &'static str {
        match self {
            Self::Approved => "urn:oasis:names:tc:ebxml-regrep:StatusType:Approved",
            Self::Deprecated => "urn:oasis:names:tc:ebxml-regrep:StatusType:Deprecated",
        }
    }

    /// Parses the URN.
    pub fn parse(s: &str) -> Result<Self, Invalid> {
        Self::ALL.into_iter().find(|v| v.urn() == s).ok_or(Invalid {
            expected: "the URN of Approved or Deprecated",
            expected_ja: "Approved または Deprecated のURN",
        })
    }
}

/// documentAvailability (Metadata Update).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DocumentAvailability {
    /// Retrievable.
    Online,
    /// Not retrievable.
    Offline,
}

impl DocumentAvailability {
    /// The URN.
    pub const fn urn(self) -> &'static str {
        match self {
            Self::Online => "urn:ihe:iti:2010:DocumentAvailability:Online",
            Self::Offline => "urn:ihe:iti:2010:DocumentAvailability:Offline",
        }
    }

    /// Parses the URN.
    pub fn parse(s: &str) -> Result<Self, Invalid> {
        [Self::Online, Self::Offline].into_iter().find(|v| v.urn() == s).ok_or(Invalid {
            expected: "the URN of Online or Offline",
            expected_ja: "Online または Offline のURN",
        })
    }
}

/// DocumentEntry.objectType.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum EntryType {
    /// A stable document.
    Stable,
    /// A document made when asked for.
    OnDemand,
}

impl EntryType {
    /// The UUID URN.
    pub const fn urn(self) -> &'static str {
        match self {
            Self::Stable => "urn:uuid:7edca82f-054d-47f2-a032-9b2a5b5186c1",
            Self::OnDemand => "urn:uuid:34268e47-fdf5-41a6-ba33-82133c465248",
        }
    }

    /// Parses the URN.
    pub fn parse(s: &str) -> Result<Self, Invalid> {
        [Self::Stable, Self::OnDemand].into_iter().find(|v| v.urn().eq_ignore_ascii_case(s)).ok_or(
            Invalid {
                expected: "the objectType of a Stable or On-Demand DocumentEntry",
                expected_ja: "StableまたはOn-DemandのDocumentEntryのobjectType",
            },
        )
    }
}

/// A document's metadata (ITI TF-3: 4.2.3.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentEntry {
    /// entryUUID.
    pub id: ObjectId,
    /// logicalID.
    pub lid: Option<EntryUuid>,
    /// version.
    pub version: Option<u32>,
    /// homeCommunityId.
    pub home: Option<HomeCommunityId>,
    /// availabilityStatus as given; a registry sets its own.
    pub status: Option<AvailabilityStatus>,
    /// objectType.
    pub object_type: EntryType,
    /// mimeType.
    pub mime_type: MimeType,
    /// title.
    pub title: Option<LocalizedText>,
    /// comments.
    pub comments: Option<LocalizedText>,
    /// author, each.
    pub authors: Vec<Author>,
    /// classCode.
    pub class_code: Option<Code>,
    /// confidentialityCode, each.
    pub confidentiality_codes: Vec<Code>,
    /// eventCodeList.
    pub event_codes: Vec<Code>,
    /// formatCode.
    pub format_code: Option<Code>,
    /// healthcareFacilityTypeCode.
    pub facility_type_code: Option<Code>,
    /// practiceSettingCode.
    pub practice_setting_code: Option<Code>,
    /// typeCode.
    pub type_code: Option<Code>,
    /// creationTime.
    pub creation_time: Option<Dtm>,
    /// documentAvailability.
    pub availability: Option<DocumentAvailability>,
    /// hash.
    pub hash: Option<Sha1Hash>,
    /// size, octets.
    pub size: Option<u64>,
    /// languageCode.
    pub language: Option<LanguageCode>,
    /// legalAuthenticator, XCN.
    pub legal_authenticator: Option<String>,
    /// referenceIdList, CXi each.
    pub reference_ids: Vec<String>,
    /// repositoryUniqueId.
    pub repository: Option<RepositoryUniqueId>,
    /// serviceStartTime.
    pub service_start: Option<Dtm>,
    /// serviceStopTime.
    pub service_stop: Option<Dtm>,
    /// sourcePatientId, CX as given.
    pub source_patient_id: Option<String>,
    /// sourcePatientInfo, `PID-n|value` each.
    pub source_patient_info: Vec<String>,
    /// URI.
    pub uri: Option<String>,
    /// patientId.
    pub patient_id: Option<PatientId>,
    /// uniqueId.
    pub unique_id: UniqueId,
    /// Slots that are not of the standard.
    pub extra: Vec<ExtraSlot>,
}

impl DocumentEntry {
    /// One of which nothing is said yet but its id: uniqueId and mimeType stand empty.
    pub fn blank(id: ObjectId) -> Self {
        Self {
            id,
            lid: None,
            version: None,
            home: None,
            status: None,
            object_type: EntryType::Stable,
            mime_type: MimeType::unknown(),
            title: None,
            comments: None,
            authors: Vec::new(),
            class_code: None,
            confidentiality_codes: Vec::new(),
            event_codes: Vec::new(),
            format_code: None,
            facility_type_code: None,
            practice_setting_code: None,
            type_code: None,
            creation_time: None,
            availability: None,
            hash: None,
            size: None,
            language: None,
            legal_authenticator: None,
            reference_ids: Vec::new(),
            repository: None,
            service_start: None,
            service_stop: None,
            source_patient_id: None,
            source_patient_info: Vec::new(),
            uri: None,
            patient_id: None,
            unique_id: UniqueId::unknown(),
            extra: Vec::new(),
        }
    }

    /// The confidentialityCodes that say for whom the document is meant: HL7's own scheme says how
    /// confidential it is, every other one who its readers are (ITI TF-3: 4.2.3.2.5).
    pub fn audience(&self) -> impl Iterator<Item = &Code> {
        const HL7_CONFIDENTIALITY: &str = "2.16.840.1.113883.5.25";
        self.confidentiality_codes.iter().filter(|c| c.scheme != HL7_CONFIDENTIALITY)
    }
}

/// The newest versions among entries, by logicalID: of a document in several versions the newest says who may know of it.
#[derive(Clone, Debug, Default)]
pub struct NewestVersions<'a>(HashMap<EntryUuid, &'a DocumentEntry>);

impl<'a> NewestVersions<'a> {
    /// Those among `entries`.
    pub fn among(entries: impl IntoIterator<Item = &'a DocumentEntry>) -> Self {
        let mut newest: HashMap<EntryUuid, &DocumentEntry> = HashMap::new();
        for entry in entries {
            let Some(lid) = logical_id(entry) else { continue };
            let known = newest.entry(lid).or_insert(entry);
            if entry.version > known.version {
                *known = entry;
            }
        }
        Self(newest)
    }

    /// That of the document of which `entry` is a version, which is itself where there is no newer one.
    pub fn of<'e>(&'e self, entry: &'e DocumentEntry) -> &'e DocumentEntry {
        logical_id(entry).and_then(|lid| self.0.get(&lid).copied()).unwrap_or(entry)
    }
}

/// What never was updated need not say so: it is its own first version (ITI TF-2: 3.57.4.1.3.1).
fn logical_id(entry: &DocumentEntry) -> Option<EntryUuid> {
    entry.lid.or_else(|| entry.id.uuid())
}

/// A submission's metadata (ITI TF-3: 4.2.3.3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubmissionSet {
    /// entryUUID.
    pub id: ObjectId,
    /// logicalID; a registry gives one to every object (ebRIM 3.0: 2.5).
    pub lid: Option<EntryUuid>,
    /// version.
    pub version: Option<u32>,
    /// homeCommunityId.
    pub home: Option<HomeCommunityId>,
    /// availabilityStatus as given.
    pub status: Option<AvailabilityStatus>,
    /// title.
    pub title: Option<LocalizedText>,
    /// comments.
    pub comments: Option<LocalizedText>,
    /// author, each.
    pub authors: Vec<Author>,
    /// contentTypeCode.
    pub content_type_code: Option<Code>,
    /// intendedRecipient, `XON|XCN|XTN` each.
    pub intended_recipients: Vec<String>,
    /// patientId.
    pub patient_id: Option<PatientId>,
    /// sourceId.
    pub source_id: Oid,
    /// submissionTime.
    pub submission_time: Dtm,
    /// uniqueId.
    pub unique_id: Oid,
    /// Slots that are not of the standard.
    pub extra: Vec<ExtraSlot>,
}

/// A folder's metadata (ITI TF-3: 4.2.3.4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folder {
    /// entryUUID.
    pub id: ObjectId,
    /// logicalID.
    pub lid: Option<EntryUuid>,
    /// version.
    pub version: Option<u32>,
    /// homeCommunityId.
    pub home: Option<HomeCommunityId>,
    /// availabilityStatus as given.
    pub status: Option<AvailabilityStatus>,
    /// title.
    pub title: Option<LocalizedText>,
    /// comments.
    pub comments: Option<LocalizedText>,
    /// codeList.
    pub codes: Vec<Code>,
    /// lastUpdateTime as given.
    pub last_update_time: Option<Dtm>,
    /// patientId.
    pub patient_id: Option<PatientId>,
    /// uniqueId.
    pub unique_id: Oid,
    /// Slots that are not of the standard.
    pub extra: Vec<ExtraSlot>,
}

/// One submission request, whole (ITI TF-3: 4.1.4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Submission {
    /// The one SubmissionSet.
    pub submission_set: SubmissionSet,
    /// DocumentEntries in submitted order.
    pub entries: Vec<DocumentEntry>,
    /// Folders in submitted order.
    pub folders: Vec<Folder>,
    /// Associations in submitted order.
    pub associations: Vec<Association>,
}

/// Any object; what a LeafClass answer holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RegistryObject {
    /// A DocumentEntry.
    Entry(Box<DocumentEntry>),
    /// A SubmissionSet.
    SubmissionSet(Box<SubmissionSet>),
    /// A Folder.
    Folder(Box<Folder>),
    /// An Association.
    Association(Box<Association>),
    /// A reference: id and home.
    Ref(ObjectId, Option<HomeCommunityId>),
}

/// The four kinds of object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ObjectKind {
    /// DocumentEntry.
    DocumentEntry,
    /// SubmissionSet.
    SubmissionSet,
    /// Folder.
    Folder,
    /// Association.
    Association,
}

impl fmt::Display for ObjectKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::DocumentEntry => "DocumentEntry",
            Self::SubmissionSet => "SubmissionSet",
            Self::Folder => "Folder",
            Self::Association => "Association",
        })
    }
}
