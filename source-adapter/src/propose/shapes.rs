//! Cells that hold several items, and numbers in other units.

use renkei_checkup::tables::Sharing;
use renkei_checkup::tables::drafting::{CellRole, HeaderUnit};
use renkei_checkup::{Kind, tables};
use unicode_normalization::UnicodeNormalization;

use super::header::Feature;
use super::profile::Profile;
use super::{nulls, units, vocabulary};
use crate::mapping::Item;

/// What a number is multiplied by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Factor {
    /// The title names the unit of the item, or the numbers look like it.
    Plain,
    /// The title names another unit.
    Stated(&'static HeaderUnit),
    /// The numbers look like these units, which no title says; unit and factor.
    Guessed(Vec<(&'static str, &'static str)>),
    /// The title names a unit from which nothing leads to that of the item.
    OtherUnit,
}

/// The factor that leads to the unit of the item.
pub(super) fn factor(
    feature: &Feature,
    profile: &Profile,
    item: Item,
    typical: Option<(f64, f64)>,
) -> Factor {
    if let Some(unit) = &feature.unit {
        return match units::factor(unit, item) {
            Some(row) if row.is_plain() => Factor::Plain,
            Some(row) => Factor::Stated(row),
            None => Factor::OtherUnit,
        };
    }
    let (Some((low, high)), Some(middle)) = (typical, profile.median()) else {
        return Factor::Plain;
    };
    if (low..=high).contains(&middle) {
        return Factor::Plain;
    }
    let leads = |row: &&'static HeaderUnit| {
        units::decimal(&row.factor).is_some_and(|by| (low..=high).contains(&(middle * by.to_f64())))
    };
    let mut rows: Vec<(&'static str, &'static str)> = units::factors(item)
        .filter(leads)
        .map(|row| (row.unit.as_str(), row.factor.as_str()))
        .collect();
    // numbers of a fixed length leave their point out
    let is_far = |factor: &str| {
        units::decimal(factor).is_some_and(|by| (low..=high).contains(&(middle * by.to_f64())))
    };
    let is_implausible =
        item.max_plausible.is_some_and(|most| middle > most.to_f64()) && rows.is_empty();
    let points = ["0.1", "0.01"].into_iter().filter(|factor| is_implausible && is_far(factor));
    rows.extend(points.map(|factor| ("小数点を省いた数", factor)));
    if rows.is_empty() { Factor::Plain } else { Factor::Guessed(rows) }
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
        let is_right = fits(&pattern, profile) && is_in_order(&pattern, one, profile);
        is_right.then_some(Apart::Pattern { pattern, coded: false })
    })
}

/// The systolic pressure stands before the diastolic one, as the pattern says.
fn is_in_order(pattern: &str, first: &Item, profile: &Profile) -> bool {
    if !first.id.starts_with("sbp") {
        return true;
    }
    let Ok(regex) = regex::Regex::new(&format!("^(?:{pattern})$")) else { return false };
    profile.words.keys().filter_map(|word| regex.captures(word)).all(|found| {
        let number = |at| found.get(at).and_then(|part| part.as_str().parse::<f64>().ok());
        matches!((number(1), number(2)), (Some(one), Some(other)) if one >= other)
    })
}

/// Naked acuity, and corrected acuity in brackets.
fn vision(items: &[Item], profile: &Profile) -> Option<Apart> {
    let eye = |items: &[Item]| match items {
        [naked, corrected] => {
            // some people have only the one or the other
            Some(format!("{}?(?: ?[(（]{}[)）])?", group(naked), group(corrected)))
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
        vocabulary::find(item, &Feature::default(), &one).part > 0.5
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

/// The questions that words in a list of medicines belong to.
fn topics() -> impl Iterator<Item = (&'static str, &'static str)> {
    tables().drafting().cells(CellRole::Medicine).map(|row| (row.word.as_str(), row.value.as_str()))
}

fn flags(items: &[Item], profile: &Profile) -> Option<Apart> {
    let split: String = separators(profile);
    let topic = |part: &str| {
        let folded = part.nfkc().collect::<String>().to_lowercase();
        let is_word = |word: &str| {
            let rest = folded.strip_prefix(word);
            rest.is_some_and(|rest| matches!(rest, "" | "薬" | "の薬" | "治療薬" | "服薬"))
        };
        let (_, id) = topics().find(|(word, _)| is_word(word))?;
        items.iter().copied().find(|item| item.id == id)
    };
    let (mut words, mut none): (Vec<(String, Item)>, Vec<String>) = (Vec::new(), Vec::new());
    let is_known = |word: &str| {
        word.split(|letter| split.contains(letter))
            .map(str::trim)
            .all(|part| part.is_empty() || nulls::is_nothing(part) || topic(part).is_some())
    };
    if profile.part(is_known) < 1.0 {
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
    for item in items.iter().copied() {
        if !words.iter().any(|(_, other)| other.id == item.id)
            && let Some((word, _)) = topics().find(|(_, id)| *id == item.id)
        {
            words.push((word.to_owned(), item));
        }
    }
    Some(Apart::Words { words, split, none })
}

/// The marks that stand between the words of a list of medicines.
fn separators(profile: &Profile) -> String {
    const MARKS: [char; 9] = ['・', '／', '/', ';', '|', '、', ',', '+', ' '];
    let is_between = |word: &str, mark: char| {
        word.split_once(mark).is_some_and(|(one, other)| !one.is_empty() && !other.is_empty())
    };
    MARKS.iter().filter(|mark| profile.words.keys().any(|word| is_between(word, **mark))).collect()
}

/// The two terms that say whether there is a finding.
pub(super) fn yes_and_no(item: Item) -> Option<(&'static str, &'static str)> {
    let mut terms = tables().terms(&item.value_set).iter();
    let (yes, no) = (terms.next()?, terms.next()?);
    (item.kind == Kind::Term).then_some((&yes.term, &no.term))
}
