//! What a header says: a name, marks such as 右 or 1回目, a unit.

use std::collections::BTreeSet;

use unicode_normalization::UnicodeNormalization;

use super::units;

/// A part of a header that tells like items apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Mark {
    Right,
    Left,
    Low,
    High,
    First,
    Second,
    Mean,
    Fasting,
    Casual,
    Flag,
    Text,
    Reason,
    Subject,
    Judge,
    Drug,
    Corrected,
}

use Mark::{
    Casual, Corrected, Drug, Fasting, First, Flag, High, Judge, Left, Low, Mean, Reason, Right,
    Second, Subject, Text,
};

/// Marks inside Japanese headers; longer words before the words inside them.
const INSIDE: [(&str, Mark); 44] = [
    ("1回目", First),
    ("一回目", First),
    ("2回目", Second),
    ("二回目", Second),
    ("1000hz", Low),
    ("4000hz", High),
    ("1khz", Low),
    ("4khz", High),
    ("1000", Low),
    ("4000", High),
    ("低音", Low),
    ("高音", High),
    ("右眼", Right),
    ("左眼", Left),
    ("右耳", Right),
    ("左耳", Left),
    ("右", Right),
    ("左", Left),
    ("平均値", Mean),
    ("平均", Mean),
    ("採用値", Mean),
    ("非空腹時", Casual),
    ("非空腹", Casual),
    ("空腹時", Fasting),
    ("空腹", Fasting),
    ("随時", Casual),
    ("食後", Casual),
    ("所見の有無", Flag),
    ("所見有無", Flag),
    ("の有無", Flag),
    ("有無", Flag),
    ("実施理由", Reason),
    ("理由", Reason),
    ("対象者", Subject),
    ("対象", Subject),
    ("薬剤名", Drug),
    ("薬品名", Drug),
    ("判定区分", Judge),
    ("判定", Judge),
    ("具体的な", Text),
    ("所見", Text),
    ("内容", Text),
    ("コメント", Text),
    ("詳細", Text),
];

/// Marks that are a word of their own in headers of Latin letters.
const WORDS: [(&str, Mark); 40] = [
    ("right", Right),
    ("r", Right),
    ("migi", Right),
    ("left", Left),
    ("l", Left),
    ("hidari", Left),
    ("rc", Corrected),
    ("lc", Corrected),
    ("corrected", Corrected),
    ("corr", Corrected),
    ("kyosei", Corrected),
    ("1000", Low),
    ("1k", Low),
    ("1khz", Low),
    ("4000", High),
    ("4k", High),
    ("4khz", High),
    ("1", First),
    ("01", First),
    ("1st", First),
    ("first", First),
    ("2", Second),
    ("02", Second),
    ("2nd", Second),
    ("second", Second),
    ("mean", Mean),
    ("avg", Mean),
    ("average", Mean),
    ("fasting", Fasting),
    ("casual", Casual),
    ("random", Casual),
    ("nonfasting", Casual),
    ("flag", Flag),
    ("text", Text),
    ("txt", Text),
    ("comment", Text),
    ("findings", Text),
    ("reason", Reason),
    ("j", Judge),
    ("judgement", Judge),
];

/// Other spellings of words of [`WORDS`] and of names.
const SPELLINGS: [(&str, &str); 14] = [
    ("judge", "judgement"),
    ("judgment", "judgement"),
    ("grade", "judgement"),
    ("rank", "judgement"),
    ("hantei", "judgement"),
    ("finding", "findings"),
    ("shoken", "findings"),
    ("remarks", "remarks"),
    ("num", "number"),
    ("hz", ""),
    ("colour", "color"),
    ("haemoglobin", "hemoglobin"),
    ("haematocrit", "hematocrit"),
    ("leucocytes", "leukocytes"),
];

/// Words that say nothing about which item it is.
const NOISE_INSIDE: [&str; 9] =
    ["検査値", "検査", "結果", "測定値", "測定", "実測", "血清", "血中", "の"];
const NOISE_ENDS: [&str; 2] = ["値", "数"];
const NOISE_WORDS: [&str; 10] =
    ["value", "values", "result", "results", "level", "serum", "data", "of", "the", "at"];

/// Letters of a header that are looked at.
const LONGEST: usize = 120;

/// A header, taken apart.
#[derive(Clone, Debug, Default)]
pub(super) struct Feature {
    /// All letters and digits.
    pub(super) full: String,
    /// Without marks, unit and noise.
    pub(super) base: String,
    /// The words of the base.
    pub(super) words: BTreeSet<String>,
    pub(super) marks: BTreeSet<Mark>,
    /// As in the table of units.
    pub(super) unit: Option<String>,
}

impl Feature {
    pub(super) fn of(header: &str) -> Self {
        let folded: String = split_camel(header).nfkc().take(LONGEST).collect();
        let folded = folded.to_lowercase().replace('〒', "郵便番号").replace("ガンマ", "γ");
        let (named, unit) = units::split(&folded);
        let named = without_code(named.trim());
        let full: String = named.chars().filter(|letter| letter.is_alphanumeric()).collect();
        if is_question(&full) {
            let number = question_number(&full);
            return Self { base: number.clone(), full: number, unit, ..Self::default() };
        }
        let mut marks = BTreeSet::new();
        let mut text = named.to_owned();
        if text.chars().any(is_japanese) {
            for (word, mark) in INSIDE {
                if text.contains(word) {
                    text = text.replace(word, " ");
                    marks.insert(mark);
                }
            }
            for noise in NOISE_INSIDE {
                text = text.replace(noise, " ");
            }
        }
        let mut words = Vec::new();
        for word in tokens(&text) {
            take_word(&word, &mut words, &mut marks);
        }
        let base: String = words.concat();
        let (base, words, marks) = if base.is_empty() {
            // nothing but marks: they are the name
            (full.clone(), vec![full.clone()], marks)
        } else {
            (base, words, marks)
        };
        Self { full, base, words: words.into_iter().collect(), marks, unit }
    }
}

/// A blank between a small letter and a capital: `BodyHeight`.
fn split_camel(header: &str) -> String {
    let mut split = String::with_capacity(header.len());
    let mut small = 0_usize;
    for letter in header.chars() {
        if letter.is_ascii_uppercase() && small >= 3 {
            split.push(' ');
        }
        small = if letter.is_ascii_lowercase() { small + 1 } else { 0 };
        split.push(letter);
    }
    split
}

fn take_word(word: &str, words: &mut Vec<String>, marks: &mut BTreeSet<Mark>) {
    let word = SPELLINGS.iter().find(|(other, _)| *other == word).map_or(word, |(_, one)| one);
    if word.is_empty() || NOISE_WORDS.contains(&word) {
        return;
    }
    if let Some((_, mark)) = WORDS.iter().find(|(other, _)| *other == word) {
        marks.insert(*mark);
        match word {
            "rc" => marks.insert(Mark::Right),
            "lc" => marks.insert(Mark::Left),
            _ => false,
        };
        return;
    }
    // `r1000`, `l4k`, `bp1`
    for (side, mark) in [("r", Mark::Right), ("l", Mark::Left)] {
        if let Some((_, height)) = word.strip_prefix(side).and_then(|rest| {
            WORDS.iter().find(|(other, m)| *other == rest && matches!(m, Low | High))
        }) {
            marks.insert(mark);
            marks.insert(*height);
            return;
        }
    }
    for (end, mark) in [('1', First), ('2', Second)] {
        if let Some(rest) = word.strip_suffix(end)
            && rest.len() > 1
            && rest.bytes().all(|byte| byte.is_ascii_lowercase())
        {
            marks.insert(mark);
            take_word(rest, words, marks);
            return;
        }
    }
    let mut word = word;
    if word.chars().any(is_japanese) {
        for noise in NOISE_ENDS {
            word = word.strip_suffix(noise).filter(|rest| !rest.is_empty()).unwrap_or(word);
        }
    }
    words.push(word.to_owned());
}

/// Words: runs of Latin letters and digits, and runs of other letters.
fn tokens(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut before = None;
    for letter in text.chars() {
        let kind = match letter {
            _ if !letter.is_alphanumeric() => None,
            _ if is_japanese(letter) => Some(true),
            _ => Some(false),
        };
        match (kind, found.last_mut()) {
            (Some(_), Some(word)) if kind == before => word.push(letter),
            (Some(_), _) => found.push(letter.to_string()),
            (None, _) => {}
        }
        before = kind;
    }
    found
}

pub(super) fn is_japanese(letter: char) -> bool {
    matches!(letter, '\u{3005}'..='\u{30FF}' | '\u{3400}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}')
}

/// The header without the code some systems put before it: `W010身長`, `12.身長`.
fn without_code(header: &str) -> &str {
    let letters = header.trim_start_matches(|letter: char| letter.is_ascii_lowercase());
    let rest = letters.trim_start_matches(|letter: char| letter.is_ascii_digit());
    let (prefix, digits) = (header.len() - letters.len(), letters.len() - rest.len());
    let is_separator = |letter: char| matches!(letter, '_' | '-' | '.' | ':' | ' ' | ')');
    let name = rest.trim_start_matches(is_separator);
    let begins_name = name.chars().next().is_some_and(char::is_alphabetic);
    let separated = name.len() < rest.len();
    let is_code = match prefix {
        0 => (1..=5).contains(&digits) && separated,
        1 => (2..=5).contains(&digits) && !header.starts_with('q'),
        2 => (3..=5).contains(&digits),
        _ => false,
    };
    if is_code && begins_name && name.chars().count() > 1 { name } else { header }
}

const QUESTION: [&str; 7] = ["標準的な質問票", "質問票", "質問", "設問", "問診", "問", "q"];

/// `Q01`, `問1`: a question of 標準的な質問票 by its number alone.
fn is_question(full: &str) -> bool {
    !question_number(full).is_empty()
}

fn question_number(full: &str) -> String {
    QUESTION
        .iter()
        .find_map(|word| full.strip_prefix(word))
        .map(|rest| rest.trim_start_matches('0'))
        .filter(|rest| (1..=2).contains(&rest.len()) && rest.bytes().all(|b| b.is_ascii_digit()))
        .map_or_else(String::new, |number| format!("q{number}"))
}

#[cfg(test)]
mod tests {
    use super::{Feature, Mark};

    fn parts(header: &str) -> (String, Vec<Mark>, Option<String>) {
        let feature = Feature::of(header);
        (feature.base, feature.marks.into_iter().collect(), feature.unit)
    }

    #[test]
    fn headers_of_many_styles_come_apart() {
        let none = Vec::new;
        assert_eq!(parts("Ｗ０１０身長（ｃｍ）"), ("身長".into(), none(), Some("cm".into())));
        assert_eq!(parts("12.体重[kg]"), ("体重".into(), none(), Some("kg".into())));
        assert_eq!(parts("最高血圧１"), ("最高血圧".into(), vec![Mark::First], None));
        assert_eq!(parts("聴力(右:4000Hz)"), ("聴力".into(), vec![Mark::Right, Mark::High], None));
        assert_eq!(parts("HEAR_R1000"), ("hear".into(), vec![Mark::Right, Mark::Low], None));
        assert_eq!(
            parts("systolic_bp_2nd_mmhg"),
            ("systolicbp".into(), vec![Mark::Second], Some("mmhg".into()))
        );
        assert_eq!(parts("ＨｂＡ１ｃ(NGSP)").0, "hba1cngsp");
        assert_eq!(parts("J_BODY"), ("body".into(), vec![Mark::Judge], None));
        assert_eq!(parts("Q01").0, "q1");
        assert_eq!(parts("問診１２").0, "q12");
        assert_eq!(parts("20歳からの体重変化").0, "20歳から体重変化");
        assert_eq!(parts("判定").0, "判定");
        assert_eq!(parts("").0, "");
    }
}
