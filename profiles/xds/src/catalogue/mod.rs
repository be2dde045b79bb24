//! The catalogue of stored queries: one row a query (ITI TF-2: 3.18.4.1.2.3.7, 3.51.4.1.2.1).
//!
//! Parsing, the registry's SQL, the client's spelling and the documentation all read this table, so
//! that adding a query is one row here and its test.

mod answer;
mod attribute;
mod condition;
mod docs;
mod expected;
mod holds;
mod ids;
pub mod literal;
mod params;
mod parse;
mod slots;
mod table;
mod values;

pub use answer::{Link, Part, Way};
pub use attribute::{Attribute, CodeAttribute, TextAttribute, TimeAttribute};
pub use condition::{Condition, Filter, MetadataLevel, StoredQuery, Subject};
pub use docs::markdown;
pub use holds::Candidate;
pub use ids::{
    FIND_DOCUMENTS, FIND_DOCUMENTS_BY_REFERENCE_ID, FIND_DOCUMENTS_BY_REFERENCE_ID_FOR_PATIENTS,
    FIND_DOCUMENTS_EXCLUDE, FIND_DOCUMENTS_FOR_PATIENTS, FIND_FOLDERS, FIND_FOLDERS_FOR_PATIENTS,
    FIND_SUBMISSION_SETS, GET_ALL, GET_ASSOCIATIONS, GET_DOCUMENTS, GET_DOCUMENTS_AND_ASSOCIATIONS,
    GET_FOLDER_AND_CONTENTS, GET_FOLDERS, GET_FOLDERS_FOR_DOCUMENT, GET_RELATED_DOCUMENTS,
    GET_SUBMISSION_SET_AND_CONTENTS, GET_SUBMISSION_SETS,
};
pub use literal::{quote, quote_list};
pub use parse::{QUERY_VALUES, parse, parse_within};
pub use table::{QUERIES, any_by_id, asked_by, by_id, by_name};
pub use values::{AllOf, CodeKey, Instant, OneOf, Pattern, TimeRange, comparable};

use crate::transaction::Transaction;
use renkei_metadata::model::ObjectKind;

/// How the values of a parameter are spelled, and what they are compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParamKind {
    /// The patients to begin with, CX.
    PatientId,
    /// The entryUUIDs to begin with.
    EntryUuid,
    /// The uniqueIds to begin with.
    UniqueId,
    /// The logicalIDs to begin with: all versions of an object have the same.
    LogicalId,
    /// Which versions and states are seen at all (ITI TF-2: 3.18.4.1.2.3.5.1).
    MetadataLevel,
    /// availabilityStatus; values that are none are passed over. Without the parameter, where that is
    /// allowed, only what is Approved is meant.
    Status,
    /// documentAvailability of a DocumentEntry.
    Availability,
    /// The objectType of a DocumentEntry; without it only Stable entries are meant.
    EntryType,
    /// The sourceId of a SubmissionSet.
    SourceId,
    /// Association types.
    AssociationType,
    /// `code^^scheme`.
    Code(CodeAttribute),
    /// The first instant that matches.
    From(TimeAttribute),
    /// The first instant that no longer matches.
    To(TimeAttribute),
    /// A pattern: `%` stands for any characters, `_` for one.
    Text(TextAttribute),
}

impl ParamKind {
    /// What it is compared with.
    pub const fn attribute(self) -> Attribute {
        match self {
            Self::PatientId => Attribute::PatientId,
            Self::EntryUuid => Attribute::EntryUuid,
            Self::UniqueId => Attribute::UniqueId,
            Self::LogicalId => Attribute::LogicalId,
            Self::MetadataLevel => Attribute::MetadataLevel,
            Self::Availability => Attribute::Availability,
            Self::Status => Attribute::Status,
            Self::EntryType => Attribute::EntryType,
            Self::SourceId => Attribute::SourceId,
            Self::AssociationType => Attribute::AssociationType,
            Self::Code(attribute) => Attribute::Code(attribute),
            Self::From(attribute) | Self::To(attribute) => Attribute::Time(attribute),
            Self::Text(attribute) => Attribute::Text(attribute),
        }
    }

    /// Whether it says with which objects the query begins.
    pub const fn names_objects(self) -> bool {
        matches!(self, Self::PatientId | Self::EntryUuid | Self::UniqueId | Self::LogicalId)
    }

    /// Whether its value stands without quotes.
    pub const fn is_number(self) -> bool {
        matches!(self, Self::From(_) | Self::To(_) | Self::MetadataLevel)
    }

    /// Whether an object is tried by it.
    pub const fn restricts(self) -> bool {
        !self.names_objects() && !matches!(self, Self::MetadataLevel)
    }
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
    /// At least one of the parameters with this need has to be given.
    AnyOf,
}

/// One parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParamDef {
    /// The slot name, with its `$`.
    pub name: &'static str,
    /// Which kinds of object it restricts, or names.
    pub objects: &'static [ObjectKind],
    /// How its values are spelled, and what they are compared with.
    pub kind: ParamKind,
    /// Whether it has to be given.
    pub need: Need,
    /// Whether it takes a list (values are alternatives).
    pub multiple: bool,
    /// Whether the slot may be repeated, which means AND between the slots.
    pub and_or: bool,
    /// Whether an object that has one of the values is left out; not together with the parameter of
    /// the same name without `Exclude`.
    pub excludes: bool,
}

impl ParamDef {
    /// Whether nothing is missing without it.
    pub fn may_be_absent(&self) -> bool {
        self.need == Need::Optional
    }

    /// The name of the parameter that is the opposite of this one, which excludes.
    pub fn opposite(&self) -> Option<&'static str> {
        if self.excludes { self.name.strip_suffix("Exclude") } else { None }
    }
}

/// One query.
#[derive(Debug, PartialEq, Eq)]
pub struct QueryDef {
    /// `AdhocQuery/@id`.
    pub id: &'static str,
    /// Its name.
    pub name: &'static str,
    /// The transaction that asks it, ITI-38 for ITI-18 between communities; others do not know it.
    pub transaction: &'static Transaction,
    /// What it returns, in this order.
    pub answer: &'static [Part],
    /// Whether a LeafClass answer may hold objects of one patient only, else
    /// XDSResultNotSinglePatient.
    pub single_patient: bool,
    /// Its parameters, in the order of the standard's table.
    pub params: &'static [ParamDef],
    /// Section of the standard.
    pub section: &'static str,
}

impl QueryDef {
    /// Whether it names its patients. Any other one names objects by their ids, which are those of one
    /// community (ITI TF-2: 3.18.4.1.2.3.8).
    pub fn names_patients(&self) -> bool {
        self.params.iter().any(|p| p.kind == ParamKind::PatientId)
    }

    /// The parameter whose slot is called `name`.
    pub fn param(&self, name: &str) -> Option<&'static ParamDef> {
        self.params.iter().find(|p| p.name == name)
    }
}
