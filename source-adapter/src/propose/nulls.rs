//! Words that stand for the absence of a value, and words that say that nothing was found. What only
//! the institution can know stays unclear.

use std::collections::BTreeMap;

use renkei_checkup::tables;
use renkei_checkup::tables::WordMeaning;
pub(super) use renkei_checkup::tables::drafting::Absence;
use renkei_checkup::tables::drafting::{CellRole, Place};
use unicode_normalization::UnicodeNormalization;

/// What a word of a result stands for; none when it is a value.
pub(super) fn kind(cell: &str) -> Option<Absence> {
    const LONGEST: usize = 30;
    if cell.chars().nth(LONGEST).is_some() {
        return None;
    }
    let word: String = cell.nfkc().collect::<String>().to_lowercase();
    let word = word.trim();
    let rows = || tables().drafting().cells(CellRole::Null);
    let whole = rows().find(|row| row.place == Place::Whole && row.word == word);
    let inside =
        || rows().find(|row| row.place == Place::Inside && word.contains(row.word.as_str()));
    if let Some(row) = whole.or_else(inside) {
        return Absence::from_name(&row.value);
    }
    match tables().finding_word(cell)?.meaning {
        WordMeaning::NotPerformed => Some(Absence::NotPerformed),
        WordMeaning::NotMeasurable => Some(Absence::NotMeasurable),
        WordMeaning::Unclear => Some(Absence::Unclear),
        WordMeaning::Nothing => None,
    }
}

/// Whether a cell is a word of the tables and nothing else.
pub(super) fn is_whole(cell: &str) -> bool {
    let word: String = cell.nfkc().collect::<String>().to_lowercase();
    let mut rows = tables().drafting().cells(CellRole::Null);
    rows.any(|row| row.word == word.trim()) || tables().finding_word(cell).is_some()
}

/// Whether the word means in every column that nothing was done or measured.
pub(super) fn is_certain(cell: &str) -> bool {
    matches!(kind(cell), Some(Absence::NotPerformed | Absence::NotMeasurable))
}

/// Whether a word of a list of findings says that there is none.
pub(super) fn is_nothing(cell: &str) -> bool {
    tables().finding_word(cell).is_some_and(|word| word.meaning == WordMeaning::Nothing)
        && kind(cell).is_none()
}

/// Whether a word is no finding, whatever it means.
pub(super) fn is_no_finding(cell: &str) -> bool {
    kind(cell).is_some() || tables().finding_word(cell).is_some()
}

/// What a finding column says besides findings.
#[derive(Clone, Debug, Default)]
pub(super) struct NoFindings {
    /// Words for "nothing".
    pub(super) none: Vec<String>,
    /// Words a person has to decide on, and whether each may also be a finding.
    pub(super) open: BTreeMap<String, bool>,
}

/// Sorts the words of a finding column: cells, and their parts.
pub(super) fn no_findings<'a>(words: impl Iterator<Item = &'a str>) -> NoFindings {
    let mut found = NoFindings::default();
    for word in words.map(str::trim).filter(|word| !word.is_empty()) {
        let entry = tables().finding_word(word);
        let alone = entry.is_some_and(|entry| entry.alone);
        let unclear = matches!(kind(word), Some(Absence::Unclear | Absence::Blank));
        if alone || unclear {
            found.open.insert(word.to_owned(), alone);
        } else if is_nothing(word) && !found.none.iter().any(|other| other == word) {
            found.none.push(word.to_owned());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::{Absence, is_certain, is_nothing, kind, no_findings};

    #[test]
    fn only_words_with_one_meaning_are_certain() {
        for word in ["未実施", "妊娠中のため未実施", "検査せず", "拒否", "測定不能", "溶血"]
        {
            assert!(is_certain(word), "{word}");
        }
        for word in ["n.p.", "NP", "ND", "NT", "*", "＊＊＊", "検査不可", "中止"] {
            assert_eq!(kind(word), Some(Absence::Unclear), "{word}");
        }
        assert_eq!(kind("-"), Some(Absence::Blank));
        assert_eq!(kind("左室肥大"), None);
        assert!(is_nothing("異常なし。") && !is_nothing("n.p.") && !is_nothing("未施行"));
    }

    #[test]
    fn words_of_findings_are_sorted() {
        let words = ["異常なし", "洞調律", "ｎ．ｐ．", "左室肥大", "未施行", "-"];
        let found = no_findings(words.into_iter());
        assert_eq!(found.none, ["異常なし"]);
        let open: Vec<(&str, bool)> = found.open.iter().map(|(w, f)| (w.as_str(), *f)).collect();
        assert_eq!(open, [("-", false), ("洞調律", true), ("ｎ．ｐ．", false)]);
    }
}
