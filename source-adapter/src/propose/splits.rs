//! Marks between the findings of one cell. A mark that also stands between digits or Roman numerals,
//! or in brackets, is never proposed: it would cut a finding in two.

use unicode_normalization::UnicodeNormalization;

use super::profile::Profile;

/// What stands between findings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Splits {
    /// Marks that only part findings.
    pub(super) certain: String,
    /// Marks that part something, perhaps no findings.
    pub(super) open: String,
}

/// Marks that institutions put between findings and hardly anywhere else.
const PARTING: [char; 5] = ['／', '；', ';', '|', '、'];
/// Marks that stand in numbers, codes and names as well.
const DOUBTFUL: [char; 7] = ['/', '，', ',', '・', '･', '+', '＋'];

/// The marks between the parts of the cells of a column.
pub(super) fn find(profile: &Profile) -> Splits {
    let is_used = |mark: char| profile.words.keys().any(|word| parts(word, mark));
    let is_inside = |mark: char| profile.words.keys().any(|word| is_protected(word, mark));
    let mut splits = Splits::default();
    for mark in PARTING.into_iter().filter(|mark| is_used(*mark)) {
        if is_inside(mark) {
            splits.open.push(mark);
        } else {
            splits.certain.push(mark);
        }
    }
    splits.open.extend(DOUBTFUL.into_iter().filter(|mark| is_used(*mark) && !is_inside(*mark)));
    splits
}

fn parts(word: &str, mark: char) -> bool {
    word.split_once(mark).is_some_and(|(one, other)| !one.is_empty() && !other.is_empty())
}

/// Whether the mark stands in a place where it parts nothing.
fn is_protected(word: &str, mark: char) -> bool {
    let letters: Vec<char> = word.chars().collect();
    let mut open = 0_i32;
    let mut found = false;
    for (index, letter) in letters.iter().enumerate() {
        match letter {
            '(' | '（' | '[' | '［' | '「' | '【' | '〔' => open += 1,
            ')' | '）' | ']' | '］' | '」' | '】' | '〕' => open -= 1,
            _ if *letter == mark => {
                let before = index.checked_sub(1).and_then(|before| letters.get(before));
                let behind = letters.get(index + 1);
                found |= open > 0 || is_number(before) && is_number(behind);
            }
            _ => {}
        }
    }
    found
}

/// A digit, or a letter of a Roman numeral.
fn is_number(letter: Option<&char>) -> bool {
    letter.is_some_and(|letter| {
        letter.is_numeric()
            || letter.nfkc().all(|part| matches!(part, 'I' | 'V' | 'X' | 'i' | 'v' | 'x'))
    })
}

#[cfg(test)]
mod tests {
    use super::{Splits, find};
    use crate::propose::profile::Profile;

    fn of(cells: &[&str]) -> Splits {
        find(&Profile::of(&cells.iter().map(|cell| (*cell).to_owned()).collect::<Vec<_>>()))
    }

    #[test]
    fn marks_between_findings_are_found() {
        assert_eq!(of(&["高血圧、糖尿病", "なし"]).certain, "、");
        assert_eq!(of(&["左室肥大／頻脈", "洞性徐脈"]).certain, "／");
        assert_eq!(of(&["a;b", "c|d"]).certain, ";|");
        assert_eq!(of(&["左室肥大"]), Splits::default());
        assert_eq!(of(&["営業/外勤"]), Splits { certain: String::new(), open: "/".to_owned() });
    }

    #[test]
    fn numbers_numerals_and_brackets_stay_whole() {
        for cell in [
            "収縮期雑音 Levine II/VI",
            "Levine Ⅱ／Ⅵ",
            "胃切除(2019/4/1)",
            "胃切除（２０１９／４／１）",
            "ST-T変化(II,III,aVF)",
            "肝1/2横指触知",
            "胃切除（胃癌、2019年）",
            "1,200ml",
        ] {
            let splits = of(&[cell, "高血圧", "x/y,z／w、v"]);
            for mark in ['/', ',', '／', '、'].into_iter().filter(|mark| cell.contains(*mark)) {
                assert!(!splits.certain.contains(mark), "{cell}: {splits:?}");
            }
        }
    }
}
