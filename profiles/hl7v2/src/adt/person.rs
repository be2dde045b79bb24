//! A person as the house's own source writes one.

use crate::text::escape;

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
    #[cfg(test)]
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
    #[cfg(test)]
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

pub(super) fn write_name(name: &PersonName) -> String {
    let representation = name.representation.map_or("", Representation::code);
    format!("{}^{}^^^^^L^{representation}", escape(&name.family), escape(&name.given))
}
