//! Items of the institution's own, offered for columns that hold values and have no item.

use std::collections::HashSet;

use unicode_normalization::UnicodeNormalization;

use super::Column;
use super::nulls;
use super::profile::Profile;
use super::splits;
use super::titles;

/// What an item of the institution's own would be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct OwnItem {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) unit: String,
    pub(super) kind: OwnKind,
}

/// What its values are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum OwnKind {
    Number {
        decimals: usize,
        strip: Vec<String>,
        /// Words that stand for no value.
        absent: Vec<String>,
    },
    Finding {
        split: String,
        none: Vec<String>,
    },
    Text,
}

/// The ids that were given.
#[derive(Debug, Default)]
pub(super) struct Ids(HashSet<String>);

impl OwnItem {
    /// The item for a column; none when it holds no value.
    pub(super) fn of(column: &Column, ids: &mut Ids) -> Option<Self> {
        let profile = &column.profile;
        if profile.filled == 0 {
            return None;
        }
        let kind = number(column).unwrap_or_else(|| {
            let is_open = profile.part(is_finding_text) > 0.0;
            if is_open && profile.part(is_reaction) < 0.5 {
                let words = nulls::no_findings(profile.words.keys().map(String::as_str));
                OwnKind::Finding { split: splits::find(profile).certain, none: words.none }
            } else {
                OwnKind::Text
            }
        });
        let (name, unit) = name_and_unit(&title(column));
        Some(Self { id: ids.give(column), name, unit, kind })
    }
}

/// `(-)`, `1+`, 陽性: a reaction is neither a finding nor none.
pub(super) fn is_reaction(word: &str) -> bool {
    let folded: String = word.nfkc().collect();
    let is_sign = |letter: char| matches!(letter, '(' | ')' | '+' | '-' | '±' | '/');
    let is_signs = folded.chars().all(|letter| is_sign(letter) || letter.is_ascii_digit());
    (is_signs && folded.contains(['+', '-', '±']))
        || folded.contains("陽性")
        || folded.contains("陰性")
}

/// A word for "nothing found".
fn is_finding_text(word: &str) -> bool {
    nulls::is_nothing(word) && !is_reaction(word)
}

/// Numbers, among them words for no value.
fn number(column: &Column) -> Option<OwnKind> {
    const LEAST: f64 = 0.7;
    let profile = &column.profile;
    let numbers = numbers_only(column);
    if numbers.filled == 0 || numbers.numbers <= LEAST {
        return None;
    }
    let decimals = |word: &String| {
        let folded: String = word.nfkc().collect();
        let digits = folded.rsplit_once('.').map_or("", |(_, digits)| digits);
        digits.chars().take_while(char::is_ascii_digit).count()
    };
    let strip = profile.marks.iter().filter(|(_, flag)| **flag).map(|(m, _)| m.clone());
    let is_absent = |word: &&String| nulls::kind(word).is_some() && nulls::is_whole(word);
    Some(OwnKind::Number {
        decimals: numbers.words.keys().map(decimals).max().unwrap_or(0).min(4),
        strip: strip.collect(),
        absent: column.cells.iter().filter(is_absent).cloned().collect(),
    })
}

/// The column without its words for no value.
fn numbers_only(column: &Column) -> Profile {
    let cells = column.rows.iter().filter(|cell| nulls::kind(cell).is_none());
    Profile::of(&cells.cloned().collect::<Vec<_>>())
}

/// What a person calls the column; `from` may only say its place.
fn title(column: &Column) -> String {
    if !column.from.starts_with('#') {
        return column.from.clone();
    }
    let reading = column.readings.first().map(|reading| reading.feature.full.clone());
    let title = reading.filter(|title| !title.is_empty());
    title.unwrap_or_else(|| format!("{}列目", column.place))
}

impl Ids {
    /// An id of small letters, digits and `_` that no other item has.
    fn give(&mut self, column: &Column) -> String {
        let (name, _) = name_and_unit(&title(column));
        let folded: String = name.nfkc().collect::<String>().to_lowercase();
        let mut id = String::new();
        for letter in folded.chars() {
            if letter.is_ascii_alphanumeric() {
                id.push(letter);
            } else if !id.ends_with('_') && !id.is_empty() {
                id.push('_');
            }
        }
        let id = id.trim_matches('_');
        let readable = id.len() > 1 && id.starts_with(|letter: char| letter.is_ascii_lowercase());
        let base = if readable {
            id.chars().take(24).collect::<String>()
        } else {
            format!("item{}", column.place)
        };
        let mut id = base.clone();
        let mut number = 2;
        while !self.0.insert(id.clone()) {
            id = format!("{base}_{number}");
            number += 1;
        }
        id
    }
}

/// `CRP(mg/dL)`: the name, and the unit as it is written.
fn name_and_unit(title: &str) -> (String, String) {
    let flat: String =
        title.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
    let whole = (flat.trim().to_owned(), String::new());
    let Some(open) = flat.rfind(['(', '（', '[']) else { return whole };
    let (name, inside) = flat.split_at(open);
    let inside: String =
        inside.chars().skip(1).take_while(|letter| !matches!(letter, ')' | '）' | ']')).collect();
    let is_unit = titles::is_unit(&inside)
        || (inside.contains('/') && inside.is_ascii() && inside.len() <= 12);
    if is_unit && !name.trim().is_empty() { (name.trim().to_owned(), inside) } else { whole }
}

#[cfg(test)]
mod tests {
    use super::name_and_unit;

    #[test]
    fn names_and_units_come_from_the_title() {
        let of = |title: &str| name_and_unit(title);
        assert_eq!(of("CRP(mg/dL)"), ("CRP".into(), "mg/dL".into()));
        assert_eq!(of("PSA\n(ng/mL)"), ("PSA".into(), "ng/mL".into()));
        assert_eq!(of("便潜血(1日目)"), ("便潜血(1日目)".into(), String::new()));
        assert_eq!(of("HBs抗原"), ("HBs抗原".into(), String::new()));
    }
}
