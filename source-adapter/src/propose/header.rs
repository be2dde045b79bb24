//! What a title says: a name, marks such as 右 or 1回目, a unit, a method, and whether it speaks of
//! this checkup at all. The words stand in `header-words.csv`.

use std::collections::BTreeSet;

use renkei_checkup::tables;
use renkei_checkup::tables::drafting::{HeaderRole, HeaderWord, Mark, Never, Place};
use unicode_normalization::UnicodeNormalization;

use super::units;

/// Letters of a title that are looked at.
const LONGEST: usize = 120;

/// A title, taken apart.
#[derive(Clone, Debug, Default)]
pub(super) struct Feature {
    /// All letters and digits.
    pub(super) full: String,
    /// Without marks, unit, method and noise.
    pub(super) base: String,
    /// The words of the base.
    pub(super) words: BTreeSet<String>,
    pub(super) marks: BTreeSet<Mark>,
    /// As in the table of units.
    pub(super) unit: Option<String>,
    /// The item codes of the methods it names.
    pub(super) methods: Vec<&'static str>,
    /// Whether it is nothing but the number of a question of 標準的な質問票.
    pub(super) is_question: bool,
}

/// The words of the table that are this, at this place.
fn listed(role: HeaderRole, place: Place) -> impl Iterator<Item = &'static HeaderWord> {
    tables().drafting().header(role).filter(move |word| word.place == place)
}

/// A title as its words are compared.
pub(super) fn folded(title: &str) -> String {
    let folded: String = split_camel(title).nfkc().take(LONGEST).collect();
    folded.to_lowercase().replace('〒', "郵便番号").replace("ガンマ", "γ")
}

/// Letters and digits of a title, for words that are all of it.
pub(super) fn bare(title: &str) -> String {
    let folded: String = title.nfkc().take(LONGEST).collect();
    folded.to_lowercase().chars().filter(|letter| letter.is_alphanumeric()).collect()
}

/// The row of a word that is the whole title.
pub(super) fn whole(role: HeaderRole, title: &str) -> Option<&'static HeaderWord> {
    let title = bare(title);
    listed(role, Place::Whole).find(|word| !title.is_empty() && bare(&word.word) == title)
}

/// Why a column of this title holds no result of this checkup, and the word that says so.
pub(super) fn never(title: &str) -> Option<(Never, &'static str)> {
    let title = folded(title);
    let inside = listed(HeaderRole::Never, Place::Inside).find(|row| title.contains(&row.word));
    let row = inside.or_else(|| {
        let words = tokens(&title);
        listed(HeaderRole::Never, Place::Word).find(|row| words.contains(&row.word))
    })?;
    Some((Never::from_name(&row.value)?, row.word.as_str()))
}

impl Feature {
    pub(super) fn of(title: &str) -> Self {
        let folded = folded(title);
        let (named, unit) = units::split(&folded);
        let named = without_code(named.trim());
        let full: String = named.chars().filter(|letter| letter.is_alphanumeric()).collect();
        let number = question_number(&full);
        if !number.is_empty() {
            return Self {
                base: number.clone(),
                words: BTreeSet::from([number.clone()]),
                full: number,
                unit,
                is_question: true,
                ..Self::default()
            };
        }
        let mut marks = BTreeSet::new();
        let mut text = named.to_owned();
        let mut methods = Vec::new();
        for row in listed(HeaderRole::Method, Place::Inside) {
            if text.contains(&row.word) {
                text = text.replace(&row.word, " ");
                methods.push(row.value.as_str());
            }
        }
        if text.chars().any(is_japanese) {
            text = without_inner_words(&text, &mut marks);
        }
        let mut words = Vec::new();
        for word in tokens(&text) {
            take_word(&word, &mut words, &mut marks);
        }
        let base: String = words.concat();
        let (base, words) = if base.is_empty() {
            // nothing but marks: they are the name
            (full.clone(), vec![full.clone()])
        } else {
            (base, words)
        };
        Self {
            full,
            base,
            words: words.into_iter().collect(),
            marks,
            unit,
            methods,
            is_question: false,
        }
    }
}

/// A Japanese title without its marks and the words that say nothing.
fn without_inner_words(text: &str, marks: &mut BTreeSet<Mark>) -> String {
    let mut text = text.to_owned();
    for row in listed(HeaderRole::Mark, Place::Inside) {
        if let Some(mark) = Mark::from_name(&row.value)
            && text.contains(&row.word)
        {
            text = text.replace(&row.word, " ");
            marks.insert(mark);
        }
    }
    for row in listed(HeaderRole::Noise, Place::Inside) {
        text = text.replace(&row.word, " ");
    }
    text
}

/// A blank between a small letter and a capital: `BodyHeight`.
fn split_camel(title: &str) -> String {
    let mut split = String::with_capacity(title.len());
    let mut small = 0_usize;
    for letter in title.chars() {
        if letter.is_ascii_uppercase() && small >= 3 {
            split.push(' ');
        }
        small = if letter.is_ascii_lowercase() { small + 1 } else { 0 };
        split.push(letter);
    }
    split
}

fn mark_of(word: &str) -> Option<Mark> {
    listed(HeaderRole::Mark, Place::Word)
        .find(|row| row.word == word)
        .and_then(|row| Mark::from_name(&row.value))
}

fn take_word(word: &str, words: &mut Vec<String>, marks: &mut BTreeSet<Mark>) {
    let word = listed(HeaderRole::Spelling, Place::Word)
        .find(|row| row.word == word)
        .map_or(word, |row| row.value.as_str());
    if word.is_empty() || listed(HeaderRole::Noise, Place::Word).any(|row| row.word == word) {
        return;
    }
    if let Some(mark) = mark_of(word) {
        marks.insert(mark);
        match word {
            "rc" => marks.insert(Mark::Right),
            "lc" => marks.insert(Mark::Left),
            _ => false,
        };
        return;
    }
    // `r1000`, `l4k`, `bp1`
    for (side, mark) in [("r", Mark::Right), ("l", Mark::Left)] {
        let height = word.strip_prefix(side).and_then(mark_of);
        if let Some(height) = height.filter(|height| matches!(height, Mark::Low | Mark::High)) {
            marks.insert(mark);
            marks.insert(height);
            return;
        }
    }
    for (end, mark) in [('1', Mark::First), ('2', Mark::Second)] {
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
        for row in listed(HeaderRole::Noise, Place::End) {
            word = word.strip_suffix(&*row.word).filter(|rest| !rest.is_empty()).unwrap_or(word);
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

/// The title without the code some systems put before it: `W010身長`, `12.身長`.
fn without_code(title: &str) -> &str {
    let letters = title.trim_start_matches(|letter: char| letter.is_ascii_lowercase());
    let rest = letters.trim_start_matches(|letter: char| letter.is_ascii_digit());
    let (prefix, digits) = (title.len() - letters.len(), letters.len() - rest.len());
    let is_separator = |letter: char| matches!(letter, '_' | '-' | '.' | ':' | ' ' | ')');
    let name = rest.trim_start_matches(is_separator);
    let begins_name = name.chars().next().is_some_and(char::is_alphabetic);
    let separated = name.len() < rest.len();
    let is_code = match prefix {
        0 => (1..=5).contains(&digits) && separated,
        1 => (2..=5).contains(&digits) && !title.starts_with('q'),
        2 => (3..=5).contains(&digits),
        _ => false,
    };
    if is_code && begins_name && name.chars().count() > 1 { name } else { title }
}

/// `q1` for `Q01` or `問1`; empty when it is no such title.
fn question_number(full: &str) -> String {
    listed(HeaderRole::Question, Place::Start)
        .find_map(|row| full.strip_prefix(row.word.as_str()))
        .map(|rest| rest.trim_start_matches('0'))
        .filter(|rest| (1..=2).contains(&rest.len()) && rest.bytes().all(|b| b.is_ascii_digit()))
        .map_or_else(String::new, |number| format!("q{number}"))
}

#[cfg(test)]
mod tests {
    use super::{Feature, never};
    use renkei_checkup::tables::drafting::{Mark, Never};

    fn parts(header: &str) -> (String, Vec<Mark>, Option<String>) {
        let feature = Feature::of(header);
        (feature.base, feature.marks.into_iter().collect(), feature.unit)
    }

    #[test]
    fn titles_of_many_styles_come_apart() {
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
        assert_eq!(Feature::of("ALP(JSCC)").base, "alp");
        assert_eq!(Feature::of("ALP(JSCC)").methods.len(), 1);
    }

    #[test]
    fn what_is_no_result_of_this_checkup_says_so() {
        for (title, why) in [
            ("前回身長", Never::Earlier),
            ("空腹時血糖(前々回)", Never::Earlier),
            ("昨年度の体重", Never::Earlier),
            ("Previous weight", Never::Earlier),
            ("last_year_bmi", Never::Earlier),
            ("中性脂肪基準上限", Never::Reference),
            ("AST lower limit", Never::Reference),
            ("HbA1c(JDS)", Never::OtherMethod),
            ("ＨｂＡ１ｃ（ＪＤＳ値）", Never::OtherMethod),
            ("目標体重", Never::Target),
        ] {
            assert_eq!(never(title).map(|(why, _)| why), Some(why), "{title}");
        }
        for title in ["既往歴", "身長", "blast", "HbA1c(NGSP)", "prefecture", "過去の病歴"]
        {
            assert_eq!(never(title), None, "{title}");
        }
    }
}
