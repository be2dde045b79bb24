//! A person as PID describes one.

use crate::text::{escape, unescape};
use hl7_parser::message::Repeat;

/// XPN.8: how a name is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Representation {
    /// `I`: kanji.
    Ideographic,
    /// `P`: kana.
    Phonetic,
    /// `A`: Latin letters.
    Alphabetic,
}

impl Representation {
    pub(super) const ALL: [Self; 3] = [Self::Ideographic, Self::Phonetic, Self::Alphabetic];

    pub(super) const fn code(self) -> &'static str {
        match self {
            Self::Ideographic => "I",
            Self::Phonetic => "P",
            Self::Alphabetic => "A",
        }
    }
}

/// One repetition of PID-5.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonName {
    /// XPN.1.
    pub family: String,
    /// XPN.2; may be empty.
    pub given: String,
    /// XPN.8.
    pub representation: Option<Representation>,
}

impl PersonName {
    /// A name written as one text, split at its first blank, ideographic or not.
    pub fn of(full: &str, representation: Representation) -> Self {
        let full = full.trim();
        let (family, given) = full.split_once([' ', '\u{3000}']).unwrap_or((full, ""));
        let (family, given) = (family.to_owned(), given.trim().to_owned());
        Self { family, given, representation: Some(representation) }
    }
}

/// PID-8.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sex {
    /// F.
    Female,
    /// M.
    Male,
    /// O.
    Other,
    /// U.
    Unknown,
}

impl Sex {
    pub(super) const ALL: [Self; 4] = [Self::Female, Self::Male, Self::Other, Self::Unknown];

    pub(super) const fn code(self) -> &'static str {
        match self {
            Self::Female => "F",
            Self::Male => "M",
            Self::Other => "O",
            Self::Unknown => "U",
        }
    }
}

pub(super) fn read_name(repeat: &Repeat<'_>) -> Option<PersonName> {
    let part = |n: usize| {
        let value = repeat.component(n)?.subcomponent(1)?.value;
        Some(unescape(value).trim().to_owned()).filter(|v| v != "\"\"")
    };
    let (family, given) = (part(1).unwrap_or_default(), part(2).unwrap_or_default());
    if family.is_empty() && given.is_empty() {
        return None;
    }
    let code = part(8).unwrap_or_default();
    let representation = Representation::ALL.into_iter().find(|r| r.code() == code);
    Some(PersonName { family, given, representation })
}

pub(super) fn write_name(name: &PersonName) -> String {
    let representation = name.representation.map_or("", Representation::code);
    format!("{}^{}^^^^^L^{representation}", escape(&name.family), escape(&name.given))
}
