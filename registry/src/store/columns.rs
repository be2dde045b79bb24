//! Where the attributes that queries speak of are stored.

use renkei_metadata::model::ObjectKind;
use renkei_xds::catalogue::{CodeAttribute, Pattern, TextAttribute, TimeAttribute, comparable};

/// How a column holds codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CodeColumn {
    /// One `code^^scheme`.
    Single(&'static str),
    /// Several, framed by line feeds.
    Framed(&'static str),
}

/// How a column holds a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TimeColumn {
    /// 14 digits.
    Digits(&'static str),
    /// The key of the row, which was made when the object was registered.
    Key,
}

/// The columns that are encrypted and compared with patterns, by Rust, among the rows that SQL
/// finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EncryptedColumn {
    /// `author_persons`.
    AuthorPersons,
    /// `reference_ids`.
    ReferenceIds,
}

impl EncryptedColumn {
    /// The column's name, to which its seal is bound.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::AuthorPersons => "author_persons",
            Self::ReferenceIds => "reference_ids",
        }
    }
}

/// The table of a kind of object.
pub(crate) const fn table(kind: ObjectKind) -> &'static str {
    match kind {
        ObjectKind::DocumentEntry => "document_entry",
        ObjectKind::SubmissionSet => "submission_set",
        ObjectKind::Folder => "folder",
        ObjectKind::Association => "association",
    }
}

/// The column of a coded attribute, if objects of this kind have it.
pub(crate) const fn code_column(kind: ObjectKind, attribute: CodeAttribute) -> Option<CodeColumn> {
    use CodeAttribute as C;
    use CodeColumn::{Framed, Single};
    match (kind, attribute) {
        (ObjectKind::DocumentEntry, C::Class) => Some(Single("class_code")),
        (ObjectKind::DocumentEntry, C::Type) => Some(Single("type_code")),
        (ObjectKind::DocumentEntry, C::PracticeSetting) => Some(Single("practice_setting_code")),
        (ObjectKind::DocumentEntry, C::FacilityType) => Some(Single("facility_type_code")),
        (ObjectKind::DocumentEntry, C::Format) => Some(Single("format_code")),
        (ObjectKind::DocumentEntry, C::Event) => Some(Framed("event_codes")),
        (ObjectKind::DocumentEntry, C::Confidentiality) => Some(Framed("confidentiality_codes")),
        (ObjectKind::SubmissionSet, C::ContentType) => Some(Single("content_type_code")),
        (ObjectKind::Folder, C::Folder) => Some(Framed("codes")),
        (
            ObjectKind::DocumentEntry
            | ObjectKind::SubmissionSet
            | ObjectKind::Folder
            | ObjectKind::Association,
            _,
        ) => None,
    }
}

/// The number under which `patient_code` keeps a coded attribute: those of which ITI TF-2: 3.51.4.1.2.1
/// wants one where no patient is named.
pub(crate) const fn coded_number(attribute: CodeAttribute) -> Option<i16> {
    match attribute {
        CodeAttribute::Class => Some(0),
        CodeAttribute::FacilityType => Some(1),
        CodeAttribute::Event => Some(2),
        CodeAttribute::Folder => Some(3),
        CodeAttribute::Type
        | CodeAttribute::PracticeSetting
        | CodeAttribute::Format
        | CodeAttribute::Confidentiality
        | CodeAttribute::ContentType => None,
    }
}

/// The column of a time, if objects of this kind have it.
pub(crate) const fn time_column(kind: ObjectKind, attribute: TimeAttribute) -> Option<TimeColumn> {
    use TimeAttribute as T;
    use TimeColumn::{Digits, Key};
    match (kind, attribute) {
        (ObjectKind::DocumentEntry, T::Creation) => Some(Digits("creation_time")),
        (ObjectKind::DocumentEntry, T::ServiceStart) => Some(Digits("service_start")),
        (ObjectKind::DocumentEntry, T::ServiceStop) => Some(Digits("service_stop")),
        (ObjectKind::SubmissionSet, T::Submission) => Some(Digits("submission_time")),
        (ObjectKind::Folder, T::LastUpdate) => Some(Digits("last_update_time")),
        (ObjectKind::DocumentEntry, T::Registered) => Some(Key),
        (
            ObjectKind::DocumentEntry
            | ObjectKind::SubmissionSet
            | ObjectKind::Folder
            | ObjectKind::Association,
            _,
        ) => None,
    }
}

/// The column of a text, if objects of this kind have it.
pub(crate) const fn text_column(
    kind: ObjectKind,
    attribute: TextAttribute,
) -> Option<EncryptedColumn> {
    match (kind, attribute) {
        (ObjectKind::DocumentEntry | ObjectKind::SubmissionSet, TextAttribute::AuthorPerson) => {
            Some(EncryptedColumn::AuthorPersons)
        }
        (ObjectKind::DocumentEntry, TextAttribute::ReferenceId) => {
            Some(EncryptedColumn::ReferenceIds)
        }
        (ObjectKind::SubmissionSet, TextAttribute::ReferenceId)
        | (ObjectKind::Folder | ObjectKind::Association, _) => None,
    }
}

/// Values framed by line feeds, in comparable form; nothing for no values.
pub(crate) fn framed<S: AsRef<str>>(values: impl IntoIterator<Item = S>) -> Option<String> {
    let mut out = String::new();
    for value in values {
        if out.is_empty() {
            out.push('\n');
        }
        out.push_str(&comparable(value.as_ref()));
        out.push('\n');
    }
    (!out.is_empty()).then_some(out)
}

/// One value as it stands in a framed text.
pub(crate) fn frame(value: &str) -> String {
    framed([value]).unwrap_or_default()
}

/// Whether one of the framed values matches.
pub(crate) fn any_matches(framed: &str, pattern: &Pattern) -> bool {
    framed.split('\n').any(|value| !value.is_empty() && pattern.matches(value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use renkei_xds::catalogue::{Attribute, Need, ParamKind, QUERIES};

    #[test]
    fn every_parameter_of_every_query_has_its_column() {
        for query in QUERIES {
            for param in query.params.iter().filter(|p| p.kind.restricts()) {
                for kind in param.objects {
                    let there = match param.kind.attribute() {
                        Attribute::Code(a) => code_column(*kind, a).is_some(),
                        Attribute::Time(a) => time_column(*kind, a).is_some(),
                        Attribute::Text(a) => text_column(*kind, a).is_some(),
                        Attribute::Status => true,
                        Attribute::EntryType | Attribute::Availability => {
                            *kind == ObjectKind::DocumentEntry
                        }
                        Attribute::SourceId => *kind == ObjectKind::SubmissionSet,
                        Attribute::AssociationType => *kind == ObjectKind::Association,
                        Attribute::PatientId
                        | Attribute::EntryUuid
                        | Attribute::UniqueId
                        | Attribute::LogicalId
                        | Attribute::MetadataLevel => false,
                    };
                    assert!(there, "{}: {} of {kind}", query.name, param.name);
                }
            }
        }
    }

    #[test]
    fn whatever_may_stand_for_patients_leads_to_them() {
        let any_of = QUERIES.iter().flat_map(|q| q.params).filter(|p| p.need == Need::AnyOf);
        for param in any_of {
            let leads = match param.kind {
                ParamKind::PatientId => true,
                ParamKind::Code(attribute) => coded_number(attribute).is_some(),
                _ => false,
            };
            assert!(leads, "{}", param.name);
        }
    }

    #[test]
    fn patterns_match_one_value_as_a_whole() {
        let matches = |values: &[&str], pattern: &str| {
            any_matches(&framed(values).unwrap(), &Pattern::parse(pattern).unwrap())
        };
        assert!(matches(&["甲", "乙"], "乙"));
        assert!(!matches(&["甲", "乙"], "甲%乙"));
        assert!(matches(&["カ\u{3099}"], "ガ"));
    }
}
