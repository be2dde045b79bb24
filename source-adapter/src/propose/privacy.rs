//! Which words of cells may stand in a draft: those of the tables, and those that so many cells repeat
//! that they are nobody's. Names, numbers and addresses never.

use std::collections::HashSet;

use renkei_checkup::Kind;

use super::Column;
use super::decide::Verdict;

/// What belongs to persons.
#[derive(Debug, Default)]
pub(super) struct Privacy {
    words: HashSet<String>,
}

impl Privacy {
    pub(super) fn of(columns: &[Column], verdicts: &[Verdict]) -> Self {
        let mut words = HashSet::new();
        for (column, verdict) in columns.iter().zip(verdicts) {
            if is_personal(verdict) {
                for cell in &column.cells {
                    words.extend(cell.split_whitespace().map(str::to_owned));
                    words.insert(cell.clone());
                }
            }
        }
        Self { words }
    }

    /// Whether a word that no table knows may be told.
    pub(super) fn allows(&self, word: &str, count: usize, column: &Column) -> bool {
        const MOST_WORDS: usize = 12;
        const LONGEST: usize = 10;
        count >= 2
            && column.profile.words.len() <= MOST_WORDS
            && word.chars().count() <= LONGEST
            && !self.words.contains(word)
            && !word.split_whitespace().any(|part| self.words.contains(part))
            && !word.chars().any(char::is_numeric)
    }
}

/// Whether the cells of a column say who a person is.
fn is_personal(verdict: &Verdict) -> bool {
    match verdict {
        Verdict::Decided(choice) => is_of_person(choice),
        Verdict::Asked { choices, .. } => choices.iter().any(is_of_person),
        // nobody knows what it holds
        Verdict::Unknown(_) | Verdict::Ignored(_) => true,
    }
}

fn is_of_person(choice: &super::decide::Choice) -> bool {
    choice.target.items.iter().any(|item| match item.kind {
        Kind::Id | Kind::Kana | Kind::Name | Kind::Date => true,
        Kind::Text => item.chapter == "C" || item.id.ends_with("_name"),
        _ => false,
    })
}
