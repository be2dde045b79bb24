//! What the cells of a column look like.

use std::collections::{BTreeMap, BTreeSet};

use renkei_checkup::number::Measured;
use renkei_checkup::tables;
use renkei_checkup::tables::drafting::CellRole;
use renkei_checkup::{check_digit, dates};
use unicode_normalization::UnicodeNormalization;

use super::header::is_japanese;
use super::nulls;
use renkei_checkup::identity::comparison_form;

/// Different cells that are looked at.
const MOST_WORDS: usize = 300;
/// Letters of a cell that are looked at.
const LONGEST: usize = 200;

/// Numbers of a column, in parts of its filled cells.
#[derive(Debug, Default)]
pub(super) struct Profile {
    /// The different filled cells, without words for the absence of a value, and how often they come.
    pub(super) words: BTreeMap<String, usize>,
    /// How many cells those are.
    pub(super) filled: usize,
    /// Part that is numbers.
    pub(super) numbers: f64,
    /// The numbers, sorted.
    pub(super) values: Vec<f64>,
    /// The marks beside numbers, and whether each says nothing but high or low.
    pub(super) marks: BTreeMap<String, bool>,
    /// Part that is days.
    pub(super) days: f64,
    /// Part that is kana only.
    pub(super) kana: f64,
    /// Part with Japanese letters or words.
    pub(super) letters: f64,
    /// Part that is digits, blanks and hyphens only.
    pub(super) digits: f64,
    /// Part that looks like a postal code.
    pub(super) postal: f64,
    /// Part that looks like a telephone number.
    pub(super) telephone: f64,
    /// Part that looks like an address.
    pub(super) address: f64,
    /// Part that is an insurer number with its check digit.
    pub(super) insurer: f64,
    /// Part of the cells that no other cell repeats.
    pub(super) unique: f64,
}

impl Profile {
    pub(super) fn of(cells: &[String]) -> Self {
        let mut profile = Self::default();
        for cell in cells.iter().filter(|cell| !cell.is_empty()) {
            if nulls::is_certain(cell) {
                continue;
            }
            profile.filled += 1;
            let known = profile.words.len() < MOST_WORDS || profile.words.contains_key(cell);
            if known {
                let cell: String = cell.chars().take(LONGEST).collect();
                *profile.words.entry(cell).or_default() += 1;
            }
        }
        profile.measure();
        profile
    }

    fn measure(&mut self) {
        let numbers: BTreeMap<&String, (f64, BTreeSet<String>)> = self
            .words
            .keys()
            .filter_map(|word| {
                let (number, marks) = marked_number(word)?;
                Some((word, (number, marks)))
            })
            .collect();
        let digits = |word: &str| comparison_form(word);
        self.numbers = self.part(|word| numbers.contains_key(&word.to_owned()));
        self.days = self.part(|word| dates::read(word).is_some());
        self.kana = self.part(is_kana);
        self.letters = self.part(|word| word.chars().any(char::is_alphabetic));
        self.digits = self.part(|word| is_digits(&digits(word)));
        self.postal = self.part(|word| is_digits(&digits(word)) && digits(word).len() == 7);
        self.telephone =
            self.part(|word| is_digits(&digits(word)) && (9..=11).contains(&digits(word).len()));
        self.address = self.part(is_address);
        self.insurer =
            self.part(|word| check_digit::insurer_number(&format!("{:0>8}", digits(word))));
        let once = self.words.values().filter(|count| **count == 1).count();
        self.unique = ratio(once, self.filled);
        let mut values: Vec<f64> = numbers.values().map(|(value, _)| *value).collect();
        values.sort_by(f64::total_cmp);
        let is_flag = |mark: &str| {
            let mut rows = tables().drafting().cells(CellRole::NumberMark);
            rows.any(|row| row.word == mark && row.value == "flag")
        };
        let marks: BTreeSet<String> = numbers.into_values().flat_map(|(_, marks)| marks).collect();
        self.marks = marks.into_iter().map(|mark| (mark.clone(), is_flag(&mark))).collect();
        self.values = values;
    }

    /// The middle of the different numbers.
    pub(super) fn median(&self) -> Option<f64> {
        self.values.get(self.values.len() / 2).copied()
    }

    /// The part of the cells for which something holds.
    pub(super) fn part(&self, is: impl Fn(&str) -> bool) -> f64 {
        let seen: usize = self.words.values().sum();
        let count: usize =
            self.words.iter().filter(|(word, _)| is(word)).map(|(_, count)| count).sum();
        ratio(count, seen)
    }
}

/// A number with marks of `cell-words.csv` at its ends, as `strip` of a mapping takes them off.
fn marked_number(cell: &str) -> Option<(f64, BTreeSet<String>)> {
    let mut marks = BTreeSet::new();
    let folded: String = cell.nfkc().collect();
    let mut rest = folded.trim();
    if let Some(number) = Measured::read(rest) {
        return Some((number.value.to_f64(), marks));
    }
    let mut known: Vec<&str> =
        tables().drafting().cells(CellRole::NumberMark).map(|row| row.word.as_str()).collect();
    known.sort_by_key(|mark| std::cmp::Reverse(mark.len()));
    loop {
        let taken = known.iter().find_map(|mark| {
            let without = rest.strip_prefix(mark).or_else(|| rest.strip_suffix(mark))?;
            Some((*mark, without.trim()))
        })?;
        marks.insert(taken.0.to_owned());
        rest = taken.1;
        if let Some(number) = Measured::read(rest) {
            return Some((number.value.to_f64(), marks));
        }
    }
}

pub(super) fn ratio(count: usize, of: usize) -> f64 {
    let number = |count: usize| f64::from(u32::try_from(count).unwrap_or(u32::MAX));
    if of == 0 { 0.0 } else { number(count) / number(of) }
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_kana(word: &str) -> bool {
    let is_blank = |letter: char| letter.is_whitespace() || matches!(letter, '・' | '-' | '.');
    let kana = |letter: char| matches!(letter, '\u{3041}'..='\u{30FF}') || is_blank(letter);
    word.nfkc().all(kana) && word.chars().any(|letter| !is_blank(letter))
}

fn is_address(word: &str) -> bool {
    const PARTS: [char; 9] = ['都', '道', '府', '県', '市', '区', '町', '村', '郡'];
    word.chars().filter(|letter| PARTS.contains(letter)).count() >= 2
        && word.chars().filter(|letter| is_japanese(*letter)).count() >= 4
}

#[cfg(test)]
mod tests {
    use super::{Profile, marked_number};

    #[test]
    fn numbers_are_seen_behind_their_marks() {
        let marks = |cell: &str| {
            let (number, marks) = marked_number(cell)?;
            Some((number, marks.into_iter().collect::<Vec<_>>().join(" ")))
        };
        assert_eq!(marks("45H"), Some((45.0, "H".to_owned())));
        assert_eq!(marks("H 61"), Some((61.0, "H".to_owned())));
        assert_eq!(marks("6.8↑"), Some((6.8, "↑".to_owned())));
        assert_eq!(marks("(再)150"), Some((150.0, "(再)".to_owned())));
        assert_eq!(marks("120＊"), Some((120.0, "*".to_owned())));
        assert_eq!(marks("5.4"), Some((5.4, String::new())));
        for cell in ["", "H", "abc", "5x", "1/2", "L4k"] {
            assert_eq!(marks(cell), None, "{cell}");
        }
        let cells = ["45H", "61", "(再)150"].map(str::to_owned);
        let profile = Profile::of(&cells);
        assert_eq!(profile.numbers, 1.0);
        let marks: Vec<(&str, bool)> =
            profile.marks.iter().map(|(m, f)| (m.as_str(), *f)).collect();
        assert_eq!(marks, [("(再)", false), ("H", true)]);
    }
}
