//! Names.

use crate::filled;
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

/// How a name is written (HL7 v2 XPN.8, HL7 v3 NameRepresentationUse, the same extension in FHIR).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Writing {
    /// In kanji: `I`, `IDE`.
    Ideographic,
    /// In kana: `P`, `SYL`.
    Syllabic,
    /// In Latin letters: `A`, `ABC`.
    Alphabetic,
}

impl Writing {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Ideographic, Self::Syllabic, Self::Alphabetic];
}

/// One name in one writing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Name {
    /// How it is written, where that was said.
    pub writing: Option<Writing>,
    /// The family name; empty for none.
    pub family: String,
    /// The given names in their order.
    pub given: Vec<String>,
    /// Before the name, such as a title.
    pub prefix: Option<String>,
    /// Behind it.
    pub suffix: Option<String>,
}

impl Name {
    /// A family name and a given name.
    pub fn new(writing: Writing, family: &str, given: &str) -> Self {
        Self {
            writing: Some(writing),
            family: filled(family).unwrap_or_default(),
            given: filled(given).into_iter().collect(),
            ..Self::default()
        }
    }

    /// A name written as one text, divided at its blanks, ideographic or not: the family name stands first.
    pub fn of(full: &str, writing: Option<Writing>) -> Option<Self> {
        let mut parts = full.split_whitespace().map(str::to_owned);
        let family = parts.next()?;
        Some(Self { writing, family, given: parts.collect(), ..Self::default() })
    }

    /// Whether it names nobody.
    pub fn is_empty(&self) -> bool {
        self.family.is_empty() && self.given.is_empty()
    }

    /// The family name and the given names in the form in which they are compared: width, case, blanks, and
    /// hiragana or katakana make no difference. Where the family name ends does.
    pub fn compared(&self) -> (String, String) {
        (compared(&self.family), compared(&self.given.concat()))
    }
}

fn compared(text: &str) -> String {
    let letters = text.nfkc().filter(|c| !c.is_whitespace() && *c != '・');
    letters.flat_map(char::to_uppercase).map(katakana).collect()
}

/// The hiragana from ぁ to ゖ have their katakana 0x60 further on.
fn katakana(c: char) -> char {
    match c {
        'ぁ'..='ゖ' => char::from_u32(u32::from(c) + 0x60).unwrap_or(c),
        '-' | '‐' | '−' | '―' => 'ー',
        _ => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_divided_at_its_blanks() {
        let name = Name::of(" 健診\u{3000}花子 ", Some(Writing::Ideographic)).unwrap();
        assert_eq!(name, Name::new(Writing::Ideographic, "健診", "花子"));
        assert_eq!(Name::of("健診", None).unwrap().given, Vec::<String>::new());
        assert_eq!(Name::of(" \u{3000}", None), None);
    }

    #[test]
    fn one_name_is_written_in_many_ways() {
        let form = |family, given| Name::new(Writing::Syllabic, family, given).compared();
        let written = form("ケンシン", "ショーコ");
        for (family, given) in
            [("ｹﾝｼﾝ", "ｼｮｰｺ"), ("けん しん", " しょ‐こ"), ("ケン・シン", "ショーこ")]
        {
            assert_eq!(form(family, given), written, "{family}");
        }
        assert_ne!(form("ケンシンシ", "ョーコ"), written, "where the family name ends");
        assert_eq!(form("Ｋenshin", "hanako"), form("KENSHIN", "HANAKO"));
    }
}
