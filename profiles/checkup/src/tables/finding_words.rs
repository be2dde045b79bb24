//! Words that say nothing, not done or not measurable where a finding is expected. They are never
//! taken for a finding: a mapping says what each of them means.
//!
//! A word of the table that begins with `…` is the ending of short words: `胸水を認めず`.

use hashbrown::HashMap;
use serde::Deserialize;

use super::mistakes::{Mistakes, Row};
use crate::fold::nfkc;

/// What a word most likely says; a mapping decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WordMeaning {
    /// Nothing was found.
    Nothing,
    /// The examination was not done.
    NotPerformed,
    /// It could not be judged or measured.
    NotMeasurable,
    /// Nobody but the institution knows: `n.p.` is "nothing particular" here and "not performed" there.
    Unclear,
}

/// A word that is no finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FindingWord {
    /// What it says.
    pub meaning: WordMeaning,
    /// Whether it says so only as the single part of a cell.
    pub alone: bool,
}

#[derive(Deserialize)]
struct WordRow {
    word: String,
    meaning: WordMeaning,
    alone: String,
}

/// All words, and the endings of words.
#[derive(Debug, Default)]
pub(super) struct FindingWords {
    words: HashMap<String, FindingWord>,
    endings: Vec<(String, FindingWord)>,
}

/// Letters of a word that an ending makes no finding. A longer text says more than its end.
const LONGEST: usize = 12;
/// Begins an ending in the table.
const ENDING: char = '…';

impl FindingWords {
    /// What a part says, however it is spelt.
    pub(super) fn get(&self, part: &str) -> Option<FindingWord> {
        let folded = folded(part);
        let word = self.words.get(folded.as_str()).copied();
        word.or_else(|| {
            let ending = || self.endings.iter().find(|(ending, _)| folded.ends_with(ending));
            let is_short = folded.chars().take(LONGEST + 1).count() <= LONGEST;
            is_short.then(ending).flatten().map(|(_, word)| *word)
        })
    }
}

pub(super) fn read(mistakes: &Mistakes, text: &str) -> FindingWords {
    const FILE: &str = "finding-words.csv";
    let mut read = FindingWords::default();
    for Row { row, line } in mistakes.rows::<WordRow>(FILE, text) {
        mistakes.demand(FILE, line, "word", &row.word);
        if !matches!(row.alone.as_str(), "" | "1") {
            let expected = ("1 or nothing expected", "1 または空欄が必要です");
            mistakes.add(FILE, line, "alone", &row.alone, expected);
        }
        let word = FindingWord { meaning: row.meaning, alone: row.alone == "1" };
        if let Some(ending) = row.word.strip_prefix(ENDING) {
            read.endings.push((folded(ending), word));
        } else if read.words.insert(folded(&row.word), word).is_some() {
            mistakes.twice(FILE, line, "word", &row.word);
        }
    }
    read
}

/// The form in which words are compared: NFKC, lower case, without blanks and a final full stop;
/// words of Latin letters without their full stops; a dash of any kind as `-`.
pub(super) fn folded(word: &str) -> String {
    let mut folded: String = nfkc(word)
        .chars()
        .filter(|letter| !letter.is_whitespace())
        .flat_map(char::to_lowercase)
        .collect();
    if folded.chars().all(is_dash) {
        return "-".repeat(folded.chars().count().min(1));
    }
    if folded.is_ascii() && folded.bytes().any(|byte| byte.is_ascii_alphabetic()) {
        folded.retain(|letter| letter != '.');
    }
    let stops = folded.trim_end_matches(['。', '.', '．', '｡']);
    if !stops.is_empty() {
        folded.truncate(stops.len());
    }
    folded
}

fn is_dash(letter: char) -> bool {
    matches!(
        letter,
        '-' | 'ー' | '\u{2010}'
            ..='\u{2015}' | '\u{2212}' | '\u{2500}' | '\u{2501}' | '一' | '_' | '~' | '〜'
    )
}

#[cfg(test)]
mod tests {
    use super::{WordMeaning, folded};
    use crate::tables;

    #[test]
    fn words_are_known_however_they_are_spelt() {
        for (part, meaning) in [
            ("異常無し", WordMeaning::Nothing),
            ("異常なし。", WordMeaning::Nothing),
            ("異 常　な し", WordMeaning::Nothing),
            ("ＷＮＬ", WordMeaning::Nothing),
            ("W.N.L.", WordMeaning::Nothing),
            ("Within Normal Limits", WordMeaning::Nothing),
            ("ｎ．ｐ．", WordMeaning::Unclear),
            ("NP", WordMeaning::Unclear),
            ("未施行", WordMeaning::NotPerformed),
            ("判定不能", WordMeaning::NotMeasurable),
            ("－", WordMeaning::Unclear),
            ("ー", WordMeaning::Unclear),
            ("ーー", WordMeaning::Unclear),
            ("―", WordMeaning::Unclear),
            ("胸水を認めず", WordMeaning::Nothing),
            ("本人希望により未実施", WordMeaning::NotPerformed),
            ("体動あり判定不能", WordMeaning::NotMeasurable),
            ("特記すべきことなし", WordMeaning::Nothing),
            ("対象外", WordMeaning::NotPerformed),
            ("○", WordMeaning::Unclear),
        ] {
            let word = tables().finding_word(part);
            assert_eq!(word.map(|word| word.meaning), Some(meaning), "{part}");
        }
        assert!(tables().finding_word("洞調律").is_some_and(|word| word.alone));
        for finding in [
            "左室肥大",
            "異常Q波",
            "正常亜型",
            "なし崩し",
            "陳旧性陰影",
            "np様陰影",
            "",
            "結節影を認めるが悪性所見を認めず、経過観察",
        ] {
            assert_eq!(tables().finding_word(finding), None, "{finding}");
        }
    }

    #[test]
    fn folding_again_changes_nothing() {
        for word in ["Ｎ．Ｐ．", "異常なし。。", "・", "....", "ー"] {
            let once = folded(word);
            assert_eq!(folded(&once), once);
        }
    }
}
