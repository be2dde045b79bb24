//! Where the attributes of the query table are stored: one row an attribute.

use renkei_metadata::model::ObjectKind;
use renkei_metadata::normalise;
use renkei_xds::catalogue::Attribute;

/// How a column holds its attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Storage {
    /// One text, compared bytewise in NFC.
    Text,
    /// A time of 14 digits; absent when the object has none.
    Time,
    /// A number for the URN of an availabilityStatus.
    Status,
    /// A number for the URN of an objectType.
    EntryType,
    /// Several texts, framed by line feeds.
    Framed,
    /// Several texts, framed and sealed: searched by Rust among the rows that SQL finds.
    Sealed(Hidden),
}

/// The sealed columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hidden {
    /// `author_persons`.
    AuthorPersons,
    /// `reference_ids`.
    ReferenceIds,
}

impl Hidden {
    /// The column's name, to which its seal is bound.
    pub(crate) const fn column(self) -> &'static str {
        match self {
            Self::AuthorPersons => "author_persons",
            Self::ReferenceIds => "reference_ids",
        }
    }
}

/// One attribute of one kind of object.
pub(crate) struct Column {
    attribute: Attribute,
    kind: ObjectKind,
    /// The column, with the point that follows the table's alias.
    pub(crate) sql: &'static str,
    /// How it is held.
    pub(crate) storage: Storage,
}

const fn entry(attribute: Attribute, sql: &'static str, storage: Storage) -> Column {
    Column { attribute, kind: ObjectKind::DocumentEntry, sql, storage }
}

static COLUMNS: &[Column] = &[
    entry(Attribute::Status, ".status", Storage::Status),
    entry(Attribute::ClassCode, ".class_code", Storage::Text),
    entry(Attribute::TypeCode, ".type_code", Storage::Text),
    entry(Attribute::PracticeSetting, ".practice_setting_code", Storage::Text),
    entry(Attribute::FacilityType, ".facility_type_code", Storage::Text),
    entry(Attribute::FormatCode, ".format_code", Storage::Text),
    entry(Attribute::EventCode, ".event_codes", Storage::Framed),
    entry(Attribute::Confidentiality, ".confidentiality_codes", Storage::Framed),
    entry(Attribute::CreationTime, ".creation_time", Storage::Time),
    entry(Attribute::ServiceStart, ".service_start", Storage::Time),
    entry(Attribute::ServiceStop, ".service_stop", Storage::Time),
    entry(Attribute::AuthorPerson, ".author_persons", Storage::Sealed(Hidden::AuthorPersons)),
    entry(Attribute::ObjectType, ".object_type", Storage::EntryType),
];

/// The column of an attribute, if objects of this kind have one.
pub(crate) fn column(attribute: Attribute, kind: ObjectKind) -> Option<&'static Column> {
    COLUMNS.iter().find(|c| c.attribute == attribute && c.kind == kind)
}

/// Values framed by line feeds, in NFC; nothing for no values.
pub(crate) fn framed<S: AsRef<str>>(values: impl IntoIterator<Item = S>) -> Option<String> {
    let mut out = String::new();
    for value in values {
        if out.is_empty() {
            out.push('\n');
        }
        out.extend(normalise(value.as_ref()).chars().map(|c| if c == '\n' { ' ' } else { c }));
        out.push('\n');
    }
    (!out.is_empty()).then_some(out)
}

/// One value as it stands in a framed text.
pub(crate) fn frame(value: &str) -> String {
    framed([value]).unwrap_or_default()
}

/// Whether one of the framed values matches one of the patterns as a whole (ITI TF-2:
/// 3.18.4.1.2.3.4): `%` stands for any characters, `_` for one, case matters.
pub(crate) fn any_like(framed: &str, patterns: &[String]) -> bool {
    framed
        .split('\n')
        .filter(|v| !v.is_empty())
        .any(|value| patterns.iter().any(|p| like(value, &normalise(p))))
}

/// Iterative, with one point to come back to: time grows with the product of the lengths at most.
fn like(value: &str, pattern: &str) -> bool {
    let mut text = value.chars();
    let mut want = pattern.chars();
    let mut back: Option<(std::str::Chars<'_>, std::str::Chars<'_>)> = None;
    loop {
        match want.next() {
            Some('%') => {
                back = Some((text.clone(), want.clone()));
                continue;
            }
            Some(p) => {
                let mut ahead = text.clone();
                match ahead.next() {
                    Some(c) if p == '_' || p == c => {
                        text = ahead;
                        continue;
                    }
                    Some(_) => {}
                    None => return false,
                }
            }
            None if text.as_str().is_empty() => return true,
            None => {}
        }
        // A mismatch: let the last % take one character more.
        let Some((from, after)) = &mut back else { return false };
        if from.next().is_none() {
            return false;
        }
        text = from.clone();
        want = after.clone();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use renkei_xds::catalogue::{QUERIES, Select};

    #[test]
    fn every_parameter_of_every_query_has_its_column() {
        for query in QUERIES {
            let kind = match query.select {
                Select::Find(kind) | Select::ById(kind) => kind,
                Select::SubmissionSetAndContents => ObjectKind::DocumentEntry,
            };
            for param in query.params {
                let first_hop = matches!(
                    param.attribute,
                    Attribute::PatientId | Attribute::EntryUuid | Attribute::UniqueId
                );
                assert!(
                    first_hop || column(param.attribute, kind).is_some(),
                    "{}: {}",
                    query.name,
                    param.name
                );
            }
        }
    }

    #[test]
    fn patterns_match_whole_values() {
        assert!(like("山田^太郎", "山田%"));
        assert!(like("山田^太郎", "%太_"));
        assert!(like("", "%"));
        assert!(!like("山田^太郎", "山田"));
        assert!(!like("abc", "ABC"));
        assert!(!like("", "_"));
        assert!(like("aXbXc", "a%X_"));
        let values = framed(["甲", "乙"]).unwrap();
        assert!(any_like(&values, &["乙".into()]));
        assert!(!any_like(&values, &["甲%乙".into()]));
        assert!(any_like(&framed(["カ\u{3099}"]).unwrap(), &["ガ".into()]));
    }

    fn slow(value: &[char], pattern: &[char]) -> bool {
        match pattern.split_first() {
            None => value.is_empty(),
            Some(('%', rest)) => (0..=value.len()).any(|n| slow(&value[n..], rest)),
            Some((p, rest)) => {
                value.split_first().is_some_and(|(c, v)| (*p == '_' || p == c) && slow(v, rest))
            }
        }
    }

    proptest! {
        #[test]
        fn like_is_what_its_definition_says(value in "[ab]{0,8}", pattern in "[ab%_]{0,8}") {
            let v: Vec<char> = value.chars().collect();
            let p: Vec<char> = pattern.chars().collect();
            prop_assert_eq!(like(&value, &pattern), slow(&v, &p));
        }
    }
}
