//! Which words of cells may stand in a draft: those of the tables, short codes, and words that speak of
//! an examination and of nobody. Names, numbers and addresses never; of everything else only the count.

use std::collections::HashSet;

use renkei_checkup::tables::drafting::CellRole;
use renkei_checkup::{Kind, dates, tables};
use unicode_normalization::UnicodeNormalization;

use super::Column;
use super::decide::{Choice, Verdict};
use super::header::is_japanese;

/// What belongs to persons.
#[derive(Debug, Default)]
pub(super) struct Privacy {
    /// Cells of columns that say who a person is, and their parts.
    personal: HashSet<String>,
    /// Cells of columns of which nobody knows what they hold.
    unknown: HashSet<String>,
}

impl Privacy {
    pub(super) fn of(columns: &[Column], verdicts: &[Verdict]) -> Self {
        let mut privacy = Self::default();
        for (column, verdict) in columns.iter().zip(verdicts) {
            let words = match verdict {
                Verdict::Unknown(_) | Verdict::Ignored(_) => &mut privacy.unknown,
                _ if is_of_persons(verdict) => &mut privacy.personal,
                _ => continue,
            };
            for cell in &column.cells {
                words.extend(cell.split_whitespace().map(bare));
                words.insert(bare(cell));
            }
        }
        privacy.personal.remove("");
        privacy.unknown.remove("");
        privacy
    }

    /// Whether a word that no table knows may be told.
    pub(super) fn allows(&self, word: &str, column: &Column) -> bool {
        const MOST_WORDS: usize = 12;
        let bare = bare(word);
        if column.profile.words.len() > MOST_WORDS {
            return false;
        }
        if is_code(word) {
            // two signs are part of many numbers
            return bare.chars().count() <= 2 || !self.is_of_a_person(&bare);
        }
        speaks_of_an_examination(word) && !self.unknown.contains(&bare) && !self.touches(&bare)
    }

    /// Whether all of a cell that holds a word of the tables may be told.
    pub(super) fn allows_around(&self, cell: &str) -> bool {
        speaks_of_an_examination(cell) && !self.touches(&bare(cell))
    }

    fn is_of_a_person(&self, bare: &str) -> bool {
        self.personal.contains(bare) || self.unknown.contains(bare)
    }

    /// Whether a word is part of what a person is called, or the other way round.
    fn touches(&self, bare: &str) -> bool {
        let is_long = |cell: &str| cell.chars().count() > 1;
        self.personal
            .iter()
            .any(|cell| cell.contains(bare) || (is_long(cell) && bare.contains(cell.as_str())))
    }

    /// Whether the cells of a column may say who a person is.
    pub(super) fn is_personal(&self, column: &Column, verdict: &Verdict) -> bool {
        const LEAST: f64 = 0.5;
        let may_be = |choice: &Choice| is_of_person(choice);
        let is_named = match verdict {
            Verdict::Decided(choice) => may_be(choice),
            Verdict::Asked { choices, .. } => choices.iter().any(may_be),
            Verdict::Unknown(_) | Verdict::Ignored(_) => false,
        };
        let profile = &column.profile;
        // a short number is in many cells
        let is_known = |word: &str| {
            let bare = bare(word);
            let is_long = bare.chars().count() > 4 || bare.chars().any(is_japanese);
            is_long && self.personal.contains(&bare)
        };
        is_named
            || profile.kana > 0.9
            || profile.address > LEAST
            || profile.part(is_known) > LEAST
            || are_names(column)
            || are_birth_days(column)
    }
}

/// `山田 太郎`: two words of a few letters with a blank between.
fn are_names(column: &Column) -> bool {
    const LONGEST: usize = 5;
    let is_name = |word: &str| {
        let mut parts = word.split_whitespace();
        let is_part = |part: Option<&str>| {
            part.is_some_and(|part| {
                part.chars().all(is_japanese)
                    && part.chars().count() <= LONGEST
                    && !speaks_of_an_examination(part)
            })
        };
        is_part(parts.next()) && is_part(parts.next()) && parts.next().is_none()
    };
    column.profile.filled > 0 && column.profile.part(is_name) > 0.5
}

/// Days that lie as far apart as people are old.
fn are_birth_days(column: &Column) -> bool {
    use chrono::Datelike;
    const YEARS: i32 = 12;
    let years: Vec<i32> =
        column.cells.iter().filter_map(|cell| dates::read(cell)).map(|day| day.year()).collect();
    let span = years.iter().max().zip(years.iter().min()).map(|(last, first)| last - first);
    column.profile.days > 0.5 && span.is_some_and(|span| span > YEARS)
}

/// A word without blanks, in one form.
fn bare(word: &str) -> String {
    word.nfkc().filter(|letter| !letter.is_whitespace()).flat_map(char::to_lowercase).collect()
}

/// Six ASCII letters, digits and signs at most, of which no more than three letters stand together, or
/// three signs or digits in full width.
fn is_code(word: &str) -> bool {
    const LONGEST: usize = 6;
    const LONGEST_WIDE: usize = 3;
    let folded: String = word.nfkc().collect();
    let longest = if word.is_ascii() { LONGEST } else { LONGEST_WIDE };
    let is_short = !word.trim().is_empty() && word.chars().count() <= longest;
    let has_name = folded
        .split(|letter: char| !letter.is_ascii_alphabetic())
        .any(|part| part.len() > LONGEST_WIDE);
    let is_sign = |letter: char| letter.is_ascii() || !letter.is_alphabetic();
    is_short && !has_name && folded.chars().all(is_sign)
}

/// Whether a word is made of words about examinations, with a few hiragana, digits and signs between.
fn speaks_of_an_examination(word: &str) -> bool {
    const LONGEST: usize = 16;
    const LEAST: usize = 2;
    const MOST_HIRAGANA: usize = 2;
    let mut rest: String = word.nfkc().collect::<String>().to_lowercase();
    if rest.chars().nth(LONGEST).is_some() {
        return false;
    }
    let mut words: Vec<&str> =
        tables().drafting().cells(CellRole::Told).map(|row| row.word.as_str()).collect();
    words.sort_by_key(|word| std::cmp::Reverse(word.len()));
    let mut known = false;
    for word in words {
        if rest.contains(word) {
            known |= word.chars().count() >= LEAST;
            rest = rest.replace(word, " ");
        }
    }
    let is_hiragana = |letter: &char| matches!(letter, '\u{3041}'..='\u{309F}');
    let hiragana = rest.chars().filter(is_hiragana).count();
    known
        && hiragana <= MOST_HIRAGANA
        && rest.chars().all(|letter| is_hiragana(&letter) || !letter.is_alphabetic())
}

/// Whether the cells of a column say who a person is.
fn is_of_persons(verdict: &Verdict) -> bool {
    match verdict {
        Verdict::Decided(choice) => is_of_person(choice),
        Verdict::Asked { choices, .. } => choices.iter().any(is_of_person),
        Verdict::Unknown(_) | Verdict::Ignored(_) => false,
    }
}

fn is_of_person(choice: &Choice) -> bool {
    choice.target.items.iter().any(|item| match item.kind {
        Kind::Id | Kind::Kana | Kind::Name => true,
        Kind::Date => item.id == "birth_date",
        Kind::Text => item.chapter == "C" || item.id.ends_with("_name"),
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use super::{is_code, speaks_of_an_examination};

    #[test]
    fn names_are_neither_codes_nor_words_about_examinations() {
        for name in ["小林一郎", "加藤六", "小林一郎異常なし", "さとう異常なし", "SUZUKI", "Sato"]
        {
            assert!(!is_code(name) && !speaks_of_an_examination(name), "{name}");
        }
        for code in ["A1", "D-2", "9", "９", "＊", "※", "(+)", "***"] {
            assert!(is_code(code), "{code}");
        }
        for word in ["要経過観察", "軽度異常", "要再検査", "治療中", "陽性(2+)"] {
            assert!(speaks_of_an_examination(word), "{word}");
        }
    }
}
