//! A query whose every value has been checked: what it names, and what has to hold.

use super::attribute::{Attribute, CodeAttribute, TextAttribute, TimeAttribute};
use super::values::{AllOf, CodeKey, OneOf, Pattern, TimeRange};
use super::{Part, QueryDef};
use crate::iti18::ReturnType;
use renkei_metadata::ids::{EntryUuid, HomeCommunityId, Oid, PatientId, UniqueId};
use renkei_metadata::model::{
    AssociationType, AvailabilityStatus, DocumentAvailability, EntryType, ObjectKind,
};

/// The objects with which a query begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// Those of these patients.
    Patients(OneOf<PatientId>),
    /// Those with these entryUUIDs.
    EntryUuids {
        /// Objects of other kinds are not meant.
        kinds: &'static [ObjectKind],
        /// The ids.
        ids: OneOf<EntryUuid>,
    },
    /// Those with these uniqueIds.
    UniqueIds {
        /// The kind that is meant.
        kind: ObjectKind,
        /// The ids.
        ids: OneOf<UniqueId>,
    },
    /// The versions that have these logicalIDs.
    LogicalIds {
        /// The kind that is meant.
        kind: ObjectKind,
        /// The ids.
        ids: OneOf<EntryUuid>,
    },
    /// Those of all patients (ITI TF-2: 3.51.4.1.2.1).
    Anyone,
}

/// Which versions and states of objects are seen at all (Metadata Update: ITI TF-2: 3.18.4.1.2.3.5.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum MetadataLevel {
    /// As if nothing could be updated: newest versions alone, no document that is Offline, neither
    /// Folders nor Associations that are Deprecated.
    #[default]
    Newest,
    /// Everything.
    Everything,
}

impl MetadataLevel {
    /// Reads `1` or `2`.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "1" => Some(Self::Newest),
            "2" => Some(Self::Everything),
            _ => None,
        }
    }
}

/// One thing that has to hold for an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    /// Its availabilityStatus is one of these.
    Status(OneOf<AvailabilityStatus>),
    /// Its documentAvailability is one of these.
    Availability(OneOf<DocumentAvailability>),
    /// Its objectType is one of these.
    EntryType(OneOf<EntryType>),
    /// Its sourceId is one of these.
    SourceId(OneOf<Oid>),
    /// Its associationType is one of these.
    AssociationType(OneOf<AssociationType>),
    /// For each group, it has one of the group's codes.
    Code(CodeAttribute, AllOf<CodeKey>),
    /// Its time is in this range. An object without the attribute passes: the parameter is not used
    /// for it (ITI TF-2: 3.18.4.1.2.3.7.1).
    Time(TimeAttribute, TimeRange),
    /// For each group, one of the attribute's values matches one of the group's patterns.
    Text(TextAttribute, AllOf<Pattern>),
}

impl Condition {
    /// What it is about.
    pub const fn attribute(&self) -> Attribute {
        match self {
            Self::Status(_) => Attribute::Status,
            Self::Availability(_) => Attribute::Availability,
            Self::EntryType(_) => Attribute::EntryType,
            Self::SourceId(_) => Attribute::SourceId,
            Self::AssociationType(_) => Attribute::AssociationType,
            Self::Code(attribute, _) => Attribute::Code(*attribute),
            Self::Time(attribute, _) => Attribute::Time(*attribute),
            Self::Text(attribute, _) => Attribute::Text(*attribute),
        }
    }
}

/// A condition on the objects of one kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filter {
    /// The kind; objects of others pass.
    pub kind: ObjectKind,
    /// What has to hold.
    pub condition: Condition,
    /// Whether it must not hold instead.
    pub excludes: bool,
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
    /// The objects with which it begins.
    pub subject: Subject,
    /// What has to hold, all of it.
    pub filters: Vec<Filter>,
    /// Which versions and states are seen at all.
    pub level: MetadataLevel,
    /// Slots that no parameter of this query is called; they had no effect.
    pub unknown_params: Vec<String>,
}

impl StoredQuery {
    /// The parts of its answer.
    pub fn parts(&self) -> &'static [Part] {
        self.def.answer
    }

    /// What has to hold for objects of one kind.
    pub fn filters_of(&self, kind: ObjectKind) -> impl Iterator<Item = &Filter> {
        self.filters.iter().filter(move |f| f.kind == kind)
    }

    /// The patients that it names.
    pub fn patients(&self) -> &[PatientId] {
        match &self.subject {
            Subject::Patients(patients) => patients.as_slice(),
            Subject::EntryUuids { .. }
            | Subject::UniqueIds { .. }
            | Subject::LogicalIds { .. }
            | Subject::Anyone => &[],
        }
    }
}
