//! Conditions on objects in memory, for those who match what comes in (a subscription) rather than
//! search what is there. The registry's SQL says the same, and a test of it holds the two together.

use super::attribute::{CodeAttribute, TextAttribute, TimeAttribute};
use super::condition::{Condition, Filter, MetadataLevel, StoredQuery};
use super::values::{CodeKey, Instant};
use renkei_metadata::ids::Dtm;
use renkei_metadata::model::{
    Association, AvailabilityStatus, Code, DocumentAvailability, DocumentEntry, EntryType, Folder,
    ObjectKind, RegistryObject, SubmissionSet,
};

/// An object that a condition is tried on.
#[derive(Clone, Copy, Debug)]
pub enum Candidate<'a> {
    /// A DocumentEntry.
    Entry(&'a DocumentEntry),
    /// A SubmissionSet.
    SubmissionSet(&'a SubmissionSet),
    /// A Folder.
    Folder(&'a Folder),
    /// An Association.
    Association(&'a Association),
}

impl<'a> Candidate<'a> {
    /// The object; `None` for a reference, of which nothing is known.
    pub fn of(object: &'a RegistryObject) -> Option<Self> {
        match object {
            RegistryObject::Entry(e) => Some(Self::Entry(e)),
            RegistryObject::SubmissionSet(s) => Some(Self::SubmissionSet(s)),
            RegistryObject::Folder(f) => Some(Self::Folder(f)),
            RegistryObject::Association(a) => Some(Self::Association(a)),
            RegistryObject::Ref(..) => None,
        }
    }

    /// Its kind.
    pub const fn kind(self) -> ObjectKind {
        match self {
            Self::Entry(_) => ObjectKind::DocumentEntry,
            Self::SubmissionSet(_) => ObjectKind::SubmissionSet,
            Self::Folder(_) => ObjectKind::Folder,
            Self::Association(_) => ObjectKind::Association,
        }
    }

    /// Its status. What nobody has given one yet is Approved as soon as it is registered (ITI TF-2:
    /// 3.42.4.1.3.3).
    fn status(self) -> AvailabilityStatus {
        let status = match self {
            Self::Entry(e) => e.status,
            Self::SubmissionSet(s) => s.status,
            Self::Folder(f) => f.status,
            Self::Association(a) => a.status,
        };
        status.unwrap_or(AvailabilityStatus::Approved)
    }

    /// documentAvailability; what does not say is Online.
    fn availability(self) -> Option<DocumentAvailability> {
        match self {
            Self::Entry(e) => Some(e.availability.unwrap_or(DocumentAvailability::Online)),
            Self::SubmissionSet(_) | Self::Folder(_) | Self::Association(_) => None,
        }
    }

    fn entry_type(self) -> Option<EntryType> {
        match self {
            Self::Entry(e) => Some(e.object_type),
            Self::SubmissionSet(_) | Self::Folder(_) | Self::Association(_) => None,
        }
    }

    /// The codes of an attribute; `None` where objects of this kind have no such attribute.
    fn codes(self, attribute: CodeAttribute) -> Option<&'a [Code]> {
        use CodeAttribute as C;
        match (self, attribute) {
            (Self::Entry(e), C::Class) => Some(e.class_code.as_slice()),
            (Self::Entry(e), C::Type) => Some(e.type_code.as_slice()),
            (Self::Entry(e), C::PracticeSetting) => Some(e.practice_setting_code.as_slice()),
            (Self::Entry(e), C::FacilityType) => Some(e.facility_type_code.as_slice()),
            (Self::Entry(e), C::Format) => Some(e.format_code.as_slice()),
            (Self::Entry(e), C::Event) => Some(&e.event_codes),
            (Self::Entry(e), C::Confidentiality) => Some(&e.confidentiality_codes),
            (Self::SubmissionSet(s), C::ContentType) => Some(s.content_type_code.as_slice()),
            (Self::Folder(f), C::Folder) => Some(&f.codes),
            (
                Self::Entry(_) | Self::SubmissionSet(_) | Self::Folder(_) | Self::Association(_),
                _,
            ) => None,
        }
    }

    /// A time; the outer `None` where objects of this kind have no such attribute.
    fn time(self, attribute: TimeAttribute) -> Option<Option<&'a Dtm>> {
        use TimeAttribute as T;
        match (self, attribute) {
            (Self::Entry(e), T::Creation) => Some(e.creation_time.as_ref()),
            (Self::Entry(e), T::ServiceStart) => Some(e.service_start.as_ref()),
            (Self::Entry(e), T::ServiceStop) => Some(e.service_stop.as_ref()),
            (Self::SubmissionSet(s), T::Submission) => Some(Some(&s.submission_time)),
            (Self::Folder(f), T::LastUpdate) => Some(f.last_update_time.as_ref()),
            // The registry's row alone tells.
            (Self::Entry(_), T::Registered) => Some(None),
            (
                Self::Entry(_) | Self::SubmissionSet(_) | Self::Folder(_) | Self::Association(_),
                _,
            ) => None,
        }
    }

    fn texts(self, attribute: TextAttribute) -> Vec<&'a str> {
        match (self, attribute) {
            (Self::Entry(DocumentEntry { authors, .. }), TextAttribute::AuthorPerson)
            | (Self::SubmissionSet(SubmissionSet { authors, .. }), TextAttribute::AuthorPerson) => {
                authors.iter().filter_map(|a| a.person.as_deref()).collect()
            }
            (Self::Entry(e), TextAttribute::ReferenceId) => {
                e.reference_ids.iter().map(String::as_str).collect()
            }
            (Self::SubmissionSet(_), TextAttribute::ReferenceId)
            | (Self::Folder(_) | Self::Association(_), _) => Vec::new(),
        }
    }
}

impl Condition {
    /// Whether it holds for an object. It holds for none that cannot have the attribute.
    pub fn holds(&self, object: Candidate<'_>) -> bool {
        match self {
            Self::Status(statuses) => statuses.as_slice().contains(&object.status()),
            Self::Availability(wanted) => {
                object.availability().is_some_and(|a| wanted.as_slice().contains(&a))
            }
            Self::EntryType(types) => {
                object.entry_type().is_some_and(|t| types.as_slice().contains(&t))
            }
            Self::SourceId(ids) => match object {
                Candidate::SubmissionSet(s) => ids.as_slice().contains(&s.source_id),
                Candidate::Entry(_) | Candidate::Folder(_) | Candidate::Association(_) => false,
            },
            Self::AssociationType(types) => match object {
                Candidate::Association(a) => types.as_slice().contains(&a.association_type),
                Candidate::Entry(_) | Candidate::SubmissionSet(_) | Candidate::Folder(_) => false,
            },
            Self::Code(attribute, wanted) => object.codes(*attribute).is_some_and(|codes| {
                let keys: Vec<CodeKey> = codes.iter().map(CodeKey::of).collect();
                wanted.met(|key| keys.contains(key))
            }),
            Self::Time(attribute, range) => object
                .time(*attribute)
                .is_some_and(|time| time.is_none_or(|t| range.holds(&Instant::of(t)))),
            Self::Text(attribute, patterns) => {
                let texts = object.texts(*attribute);
                let texts: Vec<_> = texts.iter().map(|text| attribute.compared(text)).collect();
                patterns.met(|pattern| texts.iter().any(|text| pattern.matches(text)))
            }
        }
    }
}

impl Filter {
    /// Whether an object of its kind passes.
    pub fn passes(&self, object: Candidate<'_>) -> bool {
        self.condition.holds(object) != self.excludes
    }
}

impl MetadataLevel {
    /// Whether an object is seen. That it is the newest version does not show on it: whoever has one
    /// in memory has the newest.
    pub fn shows(self, object: Candidate<'_>) -> bool {
        match (self, object.kind()) {
            (Self::Everything, _) | (Self::Newest, ObjectKind::SubmissionSet) => true,
            (Self::Newest, ObjectKind::DocumentEntry) => {
                object.availability() == Some(DocumentAvailability::Online)
            }
            (Self::Newest, ObjectKind::Folder | ObjectKind::Association) => {
                object.status() == AvailabilityStatus::Approved
            }
        }
    }
}

impl StoredQuery {
    /// Whether an object is seen and passes all filters of its kind. Whether the query names the
    /// object, or leads to it, is another question.
    pub fn passes(&self, object: Candidate<'_>) -> bool {
        self.level.shows(object) && self.filters_of(object.kind()).all(|f| f.passes(object))
    }
}

#[cfg(test)]
mod tests {
    use super::super::values::{AllOf, OneOf, Pattern, TimeRange};
    use super::*;
    use proptest::prelude::*;
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    use renkei_arbitrary::arbitrary;

    fn time(text: &str) -> Option<Instant> {
        Some(Instant::of(&Dtm::parse(text).unwrap()))
    }

    proptest! {
        #[test]
        fn an_object_passes_by_what_it_has(mut e in arbitrary::entry(), s in arbitrary::submission_set()) {
            e.event_codes.truncate(1);
            let own: Vec<CodeKey> = e.event_codes.iter().map(CodeKey::of).collect();
            let other = CodeKey::parse("none^^1.2").unwrap();
            let group = OneOf::new(own.iter().cloned().chain([other.clone()])).unwrap();
            let any = Condition::Code(CodeAttribute::Event, group.clone().into());
            let entry = Candidate::Entry(&e);
            prop_assert_eq!(any.holds(entry), !own.is_empty());
            let all = AllOf::new(vec![group, OneOf::only(other)]).unwrap();
            prop_assert!(!Condition::Code(CodeAttribute::Event, all).holds(entry));
            prop_assert!(!any.holds(Candidate::SubmissionSet(&s)));
            let persons = Condition::Text(TextAttribute::AuthorPerson, OneOf::only(Pattern::parse("%").unwrap()).into());
            prop_assert_eq!(persons.holds(entry), e.authors.iter().any(|a| a.person.is_some()));
        }
    }

    fn entry() -> DocumentEntry {
        let mut runner = TestRunner::deterministic();
        arbitrary::entry().new_tree(&mut runner).unwrap().current()
    }

    #[test]
    fn times_are_inside_from_the_first_instant_and_absent_ones_pass() {
        let mut e = entry();
        let range = TimeRange { from: time("2026"), to: time("20260201") };
        let condition = Condition::Time(TimeAttribute::Creation, range);
        for (given, passes) in [
            (Some("20260101"), true),
            (Some("20260201"), false),
            (Some("2025"), false),
            (None, true),
        ] {
            e.creation_time = given.map(|t| Dtm::parse(t).unwrap());
            assert_eq!(condition.holds(Candidate::Entry(&e)), passes, "{given:?}");
        }
    }

    #[test]
    fn what_has_no_status_yet_is_approved() {
        let mut e = entry();
        e.status = None;
        let is = |s| Condition::Status(OneOf::only(s)).holds(Candidate::Entry(&e));
        assert!(is(AvailabilityStatus::Approved) && !is(AvailabilityStatus::Deprecated));
    }
}
