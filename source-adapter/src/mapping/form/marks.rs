//! `strip`: marks that may stand on a number.

use renkei_checkup::fold::nfkc;
use renkei_checkup::identity::is_hyphen;

use super::Table;

/// Marks that may stand on a number, compared after NFKC; the longer ones first.
pub(super) fn marks(table: &Table<'_>) -> Vec<String> {
    let part_of_number = |letter: char| {
        letter.is_numeric()
            || is_hyphen(letter)
            || matches!(
                letter,
                '+' | '.' | ',' | '<' | '>' | '=' | '≦' | '≧' | '≤' | '≥' | '±' | 'ー'
            )
    };
    let compares =
        |mark: &str| ["未満", "以下", "超", "以上"].iter().any(|word| mark.contains(word));
    let mut marks = Vec::new();
    for mark in table.texts("strip") {
        let folded = nfkc(mark.value);
        let folded = folded.trim();
        if folded.is_empty() || folded.chars().any(part_of_number) || compares(folded) {
            let en = format!(
                "{:?} cannot be told from a part of the number; a mark has no digit, sign, point, comma or comparator",
                mark.value
            );
            let ja = format!(
                "{:?} は数値の一部と区別できません。数字・符号・小数点・コンマ・不等号を含む印は使えません",
                mark.value
            );
            table.problems.add(mark.line, &table.key("strip"), en, ja);
        } else {
            marks.push(folded.to_owned());
        }
    }
    marks.sort_by_key(|mark| std::cmp::Reverse(mark.len()));
    marks
}
