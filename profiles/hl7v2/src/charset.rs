//! The character sets of MSH-18 (HL7 V2.3.1: 2.24.1.18; HL7 V2.5: table 0211).

use crate::shift;
use std::borrow::Cow;

/// A set that MSH-18 names and that is read here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Set {
    /// `ASCII`, `ISO IR6`, and an empty repetition: what a message begins in.
    Ascii,
    /// `UNICODE UTF-8`; `UNICODE`, as version 2.3.1 knows it.
    Utf8,
    /// `ISO IR14`: JIS X 0201, Latin.
    Roman,
    /// `ISO IR13`: JIS X 0201, katakana.
    Katakana,
    /// `ISO IR87`: JIS X 0208.
    Kanji,
    /// `ISO IR159`: JIS X 0212.
    Supplement,
}

impl Set {
    /// The set of one repetition, however it is spelled; `None` when it is not read here.
    fn of(name: &str) -> Option<Self> {
        let letters = name.chars().filter(char::is_ascii_alphanumeric);
        let folded: String = letters.map(|c| c.to_ascii_uppercase()).collect();
        let name = folded.replace("ISO2022IR", "ISOIR");
        Some(match name.as_str() {
            "" | "ASCII" | "ISOIR6" => Self::Ascii,
            "UNICODEUTF8" | "UTF8" | "UNICODE" => Self::Utf8,
            "ISOIR14" => Self::Roman,
            "ISOIR13" => Self::Katakana,
            "ISOIR87" => Self::Kanji,
            "ISOIR159" => Self::Supplement,
            _ => return None,
        })
    }
}

/// What a message may be written in: the repetitions of MSH-18, in any order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Charset {
    sets: Vec<Set>,
}

impl Charset {
    /// UTF-8, in which this program writes of its own accord.
    pub fn utf8() -> Self {
        Self { sets: vec![Set::Utf8] }
    }

    /// Japanese practice: ASCII, from which escape sequences lead to JIS X 0208 and back.
    pub fn japanese() -> Self {
        Self { sets: vec![Set::Ascii, Set::Kanji] }
    }

    /// The same with JIS X 0212.
    pub fn japanese_with_supplement() -> Self {
        Self { sets: vec![Set::Ascii, Set::Kanji, Set::Supplement] }
    }

    /// Reads MSH-18; `None` when none of what it names is read here. The field lists the sets that
    /// may occur: one that is not known does no harm to a message that has no octet of it.
    pub fn read(field: &str) -> Option<Self> {
        let mut sets = Vec::new();
        let mut unknown = false;
        for name in field.split('~') {
            match Set::of(name.split('^').next().unwrap_or_default()) {
                Some(set) if !sets.contains(&set) => sets.push(set),
                Some(_) => {}
                None => unknown = true,
            }
        }
        let nothing_known = sets.is_empty() || (unknown && sets == [Set::Ascii]);
        (!nothing_known).then_some(Self { sets })
    }

    fn has(&self, set: Set) -> bool {
        self.sets.contains(&set)
    }

    /// Whether octets above 127 are UTF-8: as named, and where nothing is.
    pub(crate) fn is_utf8(&self) -> bool {
        self.has(Set::Utf8) || self.sets.iter().all(|s| *s == Set::Ascii)
    }

    /// Whether escape sequences lead to other sets (ISO 2022).
    pub(crate) fn shifts(&self) -> bool {
        let japanese = [Set::Roman, Set::Katakana, Set::Kanji, Set::Supplement];
        japanese.into_iter().any(|set| self.has(set))
    }

    /// Whether octets above 127 are half-width katakana, in the right half of the table.
    pub(crate) fn has_katakana(&self) -> bool {
        self.has(Set::Katakana)
    }

    /// What an answer to a message in these sets is written in, as long as that can carry it: UTF-8
    /// where it is one of them; else ASCII, with the kanji sets that are among them.
    pub(crate) fn of_answer(&self) -> Self {
        if self.has(Set::Utf8) {
            return Self::utf8();
        }
        let kanji = [Set::Kanji, Set::Supplement].into_iter().filter(|set| self.has(*set));
        match kanji.collect::<Vec<Set>>() {
            kanji if kanji.is_empty() => Self::default(),
            kanji => Self { sets: [vec![Set::Ascii], kanji].concat() },
        }
    }

    /// MSH-18 to MSH-20 with the bars before them; nothing for plain ASCII.
    pub(crate) fn fields(&self) -> String {
        let name = |set: &Set| match set {
            Set::Ascii => "",
            Set::Utf8 => "UNICODE UTF-8",
            Set::Roman => "ISO IR14",
            Set::Katakana => "ISO IR13",
            Set::Kanji => "ISO IR87",
            Set::Supplement => "ISO IR159",
        };
        if self.sets.is_empty() {
            return String::new();
        }
        let names: Vec<&str> = self.sets.iter().map(name).collect();
        let scheme = if self.shifts() { "||ISO 2022-1994" } else { "" };
        format!("||||||{}{scheme}", names.join("~"))
    }

    /// The octets of a message; `None` when a character of it is in none of the sets.
    pub fn encode<'t>(&self, text: &'t str) -> Option<Cow<'t, [u8]>> {
        if self.has(Set::Utf8) || text.is_ascii() {
            return Some(Cow::Borrowed(text.as_bytes()));
        }
        shift::encode(text, self.has(Set::Kanji), self.has(Set::Supplement)).map(Cow::Owned)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repetitions_may_be_in_any_order_and_spelling() {
        for field in [
            "~ISO IR87~ISO IR159",
            "ISO IR159~ISO IR87",
            "ISO IR14~ISO IR87~ISO IR159~ISO IR87",
            "ASCII~ISO 2022 IR 87~ISO 2022 IR 159",
            "iso-ir-87~iso-ir-159~ISO IR149",
        ] {
            let set = Charset::read(field).unwrap();
            assert!(set.shifts() && !set.is_utf8(), "{field}");
            assert!(set.of_answer().encode("健診").is_some(), "{field}");
        }
        for field in ["", "UNICODE UTF-8", "UNICODE", "utf-8", "ASCII", "~UNICODE UTF-8"] {
            let set = Charset::read(field).unwrap();
            assert!(set.is_utf8() && !set.shifts(), "{field}");
        }
        for field in ["8859/1", "~8859/1", "GB 18030-2000", "BIG-5"] {
            assert_eq!(Charset::read(field), None, "{field}");
        }
    }

    #[test]
    fn an_answer_is_in_what_the_sender_named() {
        let answer = |field: &str| Charset::read(field).unwrap().of_answer().fields();
        assert_eq!(answer(""), "");
        assert_eq!(answer("ISO IR14"), "");
        assert_eq!(answer("UNICODE"), "||||||UNICODE UTF-8");
        assert_eq!(answer("ISO IR87"), "||||||~ISO IR87||ISO 2022-1994");
        assert_eq!(answer("ISO IR159~ISO IR87"), "||||||~ISO IR87~ISO IR159||ISO 2022-1994");
    }
}
