//! The catalogue of stored queries: one row a query (ITI TF-2: 3.18.4.1.2.3.7).
//!
//! Parsing, the registry's SQL, the client's spelling and the documentation all read this table, so
//! that adding a query is one row here and its test.

mod docs;
pub mod literal;
mod parse;
mod table;

pub use docs::markdown;
pub use parse::{QUERY_VALUES, parse, parse_within};
pub use table::{
    FIND_DOCUMENTS, GET_DOCUMENTS, GET_SUBMISSION_SET_AND_CONTENTS, QUERIES, by_id, by_name,
};

use crate::iti18::ReturnType;
use renkei_metadata::ids::{HomeCommunityId, PatientId};
use renkei_metadata::model::ObjectKind;

/// What a parameter is compared with. Unless said otherwise these are attributes of the kind of
/// object that the query selects; in queries that return contents, of its DocumentEntries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Attribute {
    /// patientId.
    PatientId,
    /// availabilityStatus.
    Status,
    /// classCode.
    ClassCode,
    /// typeCode.
    TypeCode,
    /// practiceSettingCode.
    PracticeSetting,
    /// healthcareFacilityTypeCode.
    FacilityType,
    /// formatCode.
    FormatCode,
    /// eventCodeList, any of its codes.
    EventCode,
    /// confidentialityCode, any of them.
    Confidentiality,
    /// creationTime.
    CreationTime,
    /// serviceStartTime.
    ServiceStart,
    /// serviceStopTime.
    ServiceStop,
    /// authorPerson of any author.
    AuthorPerson,
    /// objectType.
    ObjectType,
    /// entryUUID of the object that the query names.
    EntryUuid,
    /// uniqueId of the object that the query names.
    UniqueId,
}

impl Attribute {
    /// The name in the standard (ITI TF-3: 4.2.3).
    pub const fn name(self) -> &'static str {
        match self {
            Self::PatientId => "patientId",
            Self::Status => "availabilityStatus",
            Self::ClassCode => "classCode",
            Self::TypeCode => "typeCode",
            Self::PracticeSetting => "practiceSettingCode",
            Self::FacilityType => "healthcareFacilityTypeCode",
            Self::FormatCode => "formatCode",
            Self::EventCode => "eventCodeList",
            Self::Confidentiality => "confidentialityCode",
            Self::CreationTime => "creationTime",
            Self::ServiceStart => "serviceStartTime",
            Self::ServiceStop => "serviceStopTime",
            Self::AuthorPerson => "authorPerson",
            Self::ObjectType => "objectType",
            Self::EntryUuid => "entryUUID",
            Self::UniqueId => "uniqueId",
        }
    }

    /// Whether its values may be a person's name, which no error text repeats.
    pub const fn is_personal(self) -> bool {
        matches!(self, Self::AuthorPerson)
    }
}

/// Which objects a query returns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Select {
    /// Objects of one kind that belong to the patient.
    Find(ObjectKind),
    /// Objects of one kind by entryUUID or uniqueId.
    ById(ObjectKind),
    /// The SubmissionSet named, its DocumentEntries that pass the filters, its Folders, and the
    /// Associations it links, both of whose ends are returned (ITI TF-2: 3.18.4.1.2.3.7.10).
    SubmissionSetAndContents,
}

/// How the values of a parameter are spelled, and what they mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParamKind {
    /// A patient identifier, CX.
    PatientId,
    /// An availabilityStatus; values that are none are passed over.
    Status,
    /// `code^^scheme`.
    Code,
    /// A pattern: `%` stands for any characters, `_` for one.
    Like,
    /// The first instant that matches.
    From,
    /// The first instant that no longer matches.
    To,
    /// The objectType of a DocumentEntry; without it only Stable entries are meant.
    EntryType,
    /// An entryUUID.
    EntryUuid,
    /// A uniqueId.
    UniqueId,
}

/// Whether a parameter has to be given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// It has to.
    Required,
    /// It may be absent.
    Optional,
    /// Exactly one of the parameters with this need has to be given.
    Choice,
}

/// One parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParamDef {
    /// The slot name, with its `$`.
    pub name: &'static str,
    /// What it is compared with.
    pub attribute: Attribute,
    /// How its values are spelled.
    pub kind: ParamKind,
    /// Whether it has to be given.
    pub need: Need,
    /// Whether it takes a list (values are alternatives).
    pub multiple: bool,
    /// Whether the slot may be repeated, which means AND between the slots.
    pub and_or: bool,
}

/// One query.
#[derive(Debug, PartialEq, Eq)]
pub struct QueryDef {
    /// `AdhocQuery/@id`.
    pub id: &'static str,
    /// Its name.
    pub name: &'static str,
    /// What it returns.
    pub select: Select,
    /// Whether a LeafClass answer may hold objects of one patient only, else
    /// XDSResultNotSinglePatient.
    pub single_patient: bool,
    /// Its parameters, in the order of the standard's table.
    pub params: &'static [ParamDef],
    /// Section of the standard.
    pub section: &'static str,
}

impl QueryDef {
    /// The parameter whose slot is called `name`.
    pub fn param(&self, name: &str) -> Option<&'static ParamDef> {
        self.params.iter().find(|p| p.name == name)
    }
}

/// One thing that has to hold for an object; all conditions of a query have to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    /// The attribute (one of its values, if it has several) equals one of these. Codes are
    /// `code^^scheme`, statuses and object types are URNs, entryUUIDs are in lower case.
    In {
        /// Which.
        attribute: Attribute,
        /// Alternatives, never empty, each once.
        any_of: Vec<String>,
    },
    /// A multi-valued attribute has, for each of these groups, a value that equals one of it.
    AllOf {
        /// Which.
        attribute: Attribute,
        /// Two groups at least, none empty.
        groups: Vec<Vec<String>>,
    },
    /// `from <= attribute < to`, each 14 digits `YYYYMMDDhhmmss` (ITI TF-2: 3.18.4.1.2.3.3). An
    /// object without the attribute passes.
    Between {
        /// Which.
        attribute: Attribute,
        /// The first instant inside.
        from: Option<String>,
        /// The first instant outside.
        to: Option<String>,
    },
    /// One of the attribute's values matches one of these patterns as a whole, case-sensitive, both
    /// sides in NFC. `%` is any characters, `_` is one; there is no escape.
    Like {
        /// Which.
        attribute: Attribute,
        /// Alternatives, never empty.
        patterns: Vec<String>,
    },
}

/// A query whose every value has been checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredQuery {
    /// Its row.
    pub def: &'static QueryDef,
    /// How the objects are to be returned.
    pub return_type: ReturnType,
    /// The community asked, if one was named.
    pub home: Option<HomeCommunityId>,
    /// The patient; present in queries that find by patient.
    pub patient: Option<PatientId>,
    /// What has to hold, all of it; the patient is not repeated here.
    pub conditions: Vec<Condition>,
    /// Slots that no parameter of this query is called; they had no effect.
    pub unknown_params: Vec<String>,
}
