//! The person of a document.

use chrono::NaiveDate;

use super::document::Parts;
use super::header;
use crate::dates;
use crate::hs037::json::text;

/// The person of a document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Person {
    /// Name in kanji.
    pub name: String,
    /// Name in katakana.
    pub kana: String,
    /// FHIR gender.
    pub gender: String,
    /// Day of birth.
    pub birth_date: Option<NaiveDate>,
}

impl Person {
    /// Whether the document tells nothing of the person.
    pub fn is_unknown(&self) -> bool {
        *self == Self::default()
    }

    pub(super) fn of(parts: &Parts<'_>) -> Self {
        Self {
            name: header::name(parts.patient, "IDE"),
            kana: header::name(parts.patient, "SYL"),
            gender: text(parts.patient, "gender").to_owned(),
            birth_date: day(text(parts.patient, "birthDate")),
        }
    }
}

/// The day of a date or dateTime.
pub(super) fn day(text: &str) -> Option<NaiveDate> {
    text.get(..10).and_then(dates::parse_standard)
}
