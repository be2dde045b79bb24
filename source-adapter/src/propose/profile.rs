//! What the cells of a column look like.

use std::collections::BTreeMap;

use renkei_checkup::number::Measured;
use renkei_checkup::{check_digit, dates};
use unicode_normalization::UnicodeNormalization;

use super::header::is_japanese;
use super::nulls;
use super::sheet::SheetColumn;
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
    pub(super) fn of(column: &SheetColumn) -> Self {
        let mut profile = Self::default();
        for cell in column.cells.iter().filter(|cell| !cell.is_empty()) {
            if nulls::kind(cell).is_some_and(nulls::Kind::is_certain) {
                continue;
            }
            profile.filled += 1;
            let known = profile.words.len() < MOST_WORDS || profile.words.contains_key(cell);
            if known {
                let cell: String = cell.chars().take(LONGEST).collect();
                *profile.words.entry(cell).or_default() += 1;
            }
        }
        let seen: usize = profile.words.values().sum();
        let part = |is: &dyn Fn(&str) -> bool| {
            let count: usize =
                profile.words.iter().filter(|(word, _)| is(word)).map(|(_, count)| count).sum();
            ratio(count, seen)
        };
        let digits = |word: &str| comparison_form(word);
        let [numbers, days, kana, letters] = [
            part(&|word| Measured::read(word).is_some()),
            part(&|word| dates::read(word).is_some()),
            part(&is_kana),
            part(&|word| word.chars().any(char::is_alphabetic)),
        ];
        let [numerals, postal, telephone, address, insurer] = [
            part(&|word| is_digits(&digits(word))),
            part(&|word| is_digits(&digits(word)) && digits(word).len() == 7),
            part(&|word| is_digits(&digits(word)) && (9..=11).contains(&digits(word).len())),
            part(&is_address),
            part(&|word| check_digit::insurer_number(&format!("{:0>8}", digits(word)))),
        ];
        let once = profile.words.values().filter(|count| **count == 1).count();
        let mut values: Vec<f64> = profile
            .words
            .keys()
            .filter_map(|word| Measured::read(word).map(|number| number.value.to_f64()))
            .collect();
        values.sort_by(f64::total_cmp);
        Self {
            numbers,
            days,
            kana,
            letters,
            digits: numerals,
            postal,
            telephone,
            address,
            insurer,
            unique: ratio(once, profile.filled),
            values,
            ..profile
        }
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
