//! Cells that hold several items, and numbers in other units.

use renkei_checkup::tables::Sharing;
use renkei_checkup::{Kind, tables};
use unicode_normalization::UnicodeNormalization;

use super::header::Feature;
use super::profile::Profile;
use super::{nulls, units, vocabulary};
use crate::mapping::Item;

/// What a number is multiplied by, and why.
#[derive(Clone, Debug)]
pub(super) struct Factor {
    pub(super) by: &'static str,
    pub(super) unit: &'static str,
    /// Whether the header says so; else the values do.
    pub(super) stated: bool,
}

/// The factor that leads to the unit of the item.
pub(super) fn factor(
    feature: &Feature,
    profile: &Profile,
    item: Item,
    typical: Option<(f64, f64)>,
) -> Option<Factor> {
    if let Some(unit) = &feature.unit {
        let by = units::factor(unit, item)?;
        return Some(Factor { by, unit: "", stated: true });
    }
    let (low, high) = typical?;
    let middle = profile.median()?;
    if (low..=high).contains(&middle) {
        return None;
    }
    units::factors(item)
        .filter(|(_, by)| {
            units::decimal(by).is_some_and(|by| (low..=high).contains(&(middle * by.to_f64())))
        })
        .map(|(unit, by)| Factor { by, unit, stated: false })
        .next()
}

/// Marks between the numbers of one cell.
const MARKS: [char; 7] = ['/', '／', '-', '～', '~', '|', '・'];

/// How the cells of a column are taken apart.
#[derive(Clone, Debug)]
pub(super) enum Apart {
    /// By this pattern.
    Pattern { pattern: String, coded: bool },
    /// By words for each item.
    Words { words: Vec<(String, Item)>, split: String, none: Vec<String> },
}

/// How the cells hold the items; none when they do not.
pub(super) fn find(sharing: Sharing, items: &[Item], profile: &Profile) -> Option<Apart> {
    match sharing {
        Sharing::Pair => pair(items, profile),
        Sharing::Vision => vision(items, profile),
        Sharing::Positions => positions(items, profile),
        Sharing::Flags => flags(items, profile),
        Sharing::Route => None,
    }
}

fn fits(pattern: &str, profile: &Profile) -> bool {
    const ENOUGH: f64 = 0.6;
    regex::Regex::new(&format!("^(?:{pattern})$"))
        .is_ok_and(|regex| profile.part(|word| regex.is_match(word)) >= ENOUGH)
}

/// The digits of a number of this item.
fn digits(item: Item) -> &'static str {
    if item.decimals == Some(0) { r"\d{2,3}" } else { r"\d+(?:\.\d+)?" }
}

fn group(item: Item) -> String {
    format!("(?P<{}>{})", item.id, digits(item))
}

fn pair(items: &[Item], profile: &Profile) -> Option<Apart> {
    let [one, other] = items else { return None };
    MARKS.into_iter().find_map(|mark| {
        let mark = regex::escape(&mark.to_string());
        let pattern = format!("{} ?{mark} ?{}", group(one), group(other));
        fits(&pattern, profile).then_some(Apart::Pattern { pattern, coded: false })
    })
}

/// Naked acuity, and corrected acuity in brackets.
fn vision(items: &[Item], profile: &Profile) -> Option<Apart> {
    let eye = |items: &[Item]| match items {
        [naked, corrected] => {
            Some(format!("{}(?: ?[(（]{}[)）])?", group(naked), group(corrected)))
        }
        _ => None,
    };
    let is_given = |pattern: &str| {
        // one number a cell is no sign of this
        fits(pattern, profile) && profile.part(|word| word.contains(['(', '（', '/', '／'])) > 0.0
    };
    if let Some(pattern) = eye(items) {
        return is_given(&pattern).then_some(Apart::Pattern { pattern, coded: false });
    }
    let (right, left) = (eye(items.get(..2)?)?, eye(items.get(2..)?)?);
    MARKS.into_iter().find_map(|mark| {
        let mark = regex::escape(&mark.to_string());
        let pattern = format!("{right} ?{mark} ?{left}");
        is_given(&pattern).then_some(Apart::Pattern { pattern, coded: false })
    })
}

/// One letter an item, with or without a mark between them.
fn positions(items: &[Item], profile: &Profile) -> Option<Apart> {
    let between = |word: &str| {
        let letters: Vec<char> = word.chars().collect();
        letters.get(1).copied().filter(|letter| MARKS.contains(letter) || *letter == ' ')
    };
    let mark = profile.words.keys().next().and_then(|word| between(word));
    let mark_text = mark.map_or(String::new(), String::from);
    let mut letters: Vec<char> = Vec::new();
    let mut held = 0_usize;
    for (word, count) in &profile.words {
        let parts: Vec<char> = word.chars().filter(|letter| Some(*letter) != mark).collect();
        if parts.len() == items.len() {
            held += count;
            let known = |letter: &char| is_term(items, &letter.to_string());
            letters.extend(parts.into_iter().filter(known));
        }
    }
    letters.sort_unstable();
    letters.dedup();
    let seen: usize = profile.words.values().sum();
    if super::profile::ratio(held, seen) < 0.6 || letters.is_empty() || letters.len() > 4 {
        return None;
    }
    let class: String = letters.iter().map(|letter| regex::escape(&letter.to_string())).collect();
    let groups: Vec<String> =
        items.iter().map(|item| format!("(?P<{}>[{class}])", item.id)).collect();
    let pattern = groups.join(&regex::escape(&mark_text));
    fits(&pattern, profile).then_some(Apart::Pattern { pattern, coded: true })
}

/// Whether a word stands for a term of the items.
fn is_term(items: &[Item], word: &str) -> bool {
    items.first().filter(|item| item.is_term()).is_some_and(|item| {
        let one = Profile { words: [(word.to_owned(), 1)].into(), filled: 1, ..Profile::default() };
        vocabulary::find(item, &one).unknown.is_empty()
    })
}

/// The words of a column whose cells have the letters of [`positions`].
pub(super) fn letters(pattern: &str, profile: &Profile) -> Profile {
    let mut words = std::collections::BTreeMap::new();
    if let Ok(regex) = regex::Regex::new(&format!("^(?:{pattern})$")) {
        for (word, count) in &profile.words {
            for part in regex.captures(word).iter().flat_map(|found| found.iter().skip(1)) {
                let part = part.map_or("", |part| part.as_str());
                *words.entry(part.to_owned()).or_insert(0) += count;
            }
        }
    }
    Profile { filled: profile.filled, words, ..Profile::default() }
}

/// What words in a list of medicines belong to.
const TOPICS: [(&str, &[&str]); 3] = [
    ("q01", &["血圧", "降圧", "bp", "hypertension", "htn"]),
    ("q02", &["血糖", "糖尿病", "糖", "インスリン", "dm", "glucose", "insulin"]),
    ("q03", &["脂質", "コレステロール", "中性脂肪", "高脂血症", "lipid", "cholesterol"]),
];

fn flags(items: &[Item], profile: &Profile) -> Option<Apart> {
    let split: String = separators(profile, &['・', '／', '/', ';', '|', '、', ',', '+', ' ']);
    let topic = |part: &str| {
        let folded = part.nfkc().collect::<String>().to_lowercase();
        let (id, _) =
            TOPICS.iter().find(|(_, words)| words.iter().any(|word| folded.contains(word)))?;
        items.iter().copied().find(|item| item.id == *id)
    };
    let (mut words, mut none): (Vec<(String, Item)>, Vec<String>) = (Vec::new(), Vec::new());
    let is_known = |word: &str| {
        word.split(|letter| split.contains(letter))
            .map(str::trim)
            .all(|part| part.is_empty() || nulls::is_nothing(part) || topic(part).is_some())
    };
    if profile.part(is_known) < 0.6 {
        return None;
    }
    for part in profile.words.keys().flat_map(|w| w.split(|letter| split.contains(letter))) {
        let part = part.trim();
        match topic(part) {
            _ if none.iter().any(|other| other == part) => {}
            _ if nulls::is_nothing(part) => none.push(part.to_owned()),
            Some(item) if !words.iter().any(|(other, _)| other == part) => {
                words.push((part.to_owned(), item));
            }
            _ => {}
        }
    }
    if words.is_empty() {
        return None;
    }
    for (id, known) in TOPICS {
        let Some(item) = items.iter().copied().find(|item| item.id == id) else { continue };
        if !words.iter().any(|(_, other)| other.id == id)
            && let Some(word) = known.first()
        {
            words.push(((*word).to_owned(), item));
        }
    }
    Some(Apart::Words { words, split, none })
}

/// The marks that stand between the parts of cells.
pub(super) fn separators(profile: &Profile, of: &[char]) -> String {
    let is_between = |word: &str, mark: char| {
        word.split_once(mark).is_some_and(|(one, other)| !one.is_empty() && !other.is_empty())
    };
    of.iter().filter(|mark| profile.words.keys().any(|word| is_between(word, **mark))).collect()
}

/// The two terms that say whether there is a finding.
pub(super) fn yes_and_no(item: Item) -> Option<(&'static str, &'static str)> {
    let mut terms = tables().terms(&item.value_set).iter();
    let (yes, no) = (terms.next()?, terms.next()?);
    (item.kind == Kind::Term).then_some((&yes.term, &no.term))
}
