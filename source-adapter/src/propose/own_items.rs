//! Items of the institution's own, offered for columns that hold values and have no item.

use std::collections::HashSet;

use unicode_normalization::UnicodeNormalization;

use super::Column;
use super::nulls;
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
    Number { decimals: usize, strip: Vec<String> },
    Finding { split: String, none: Vec<String> },
    Text,
}

/// The ids that were given.
#[derive(Debug, Default)]
pub(super) struct Ids(HashSet<String>);

impl OwnItem {
    /// The item for a column; none when it holds no value.
    pub(super) fn of(column: &Column, ids: &mut Ids) -> Option<Self> {
        let profile = &column.profile;
        if profile.filled == 0 || column.untitled || profile.days > 0.5 || profile.kana > 0.9 {
            return None;
        }
        let kind = if profile.numbers > 0.7 {
            let decimals = |word: &String| {
                let folded: String = word.nfkc().collect();
                let digits = folded.rsplit_once('.').map_or("", |(_, digits)| digits);
                digits.chars().take_while(char::is_ascii_digit).count()
            };
            let strip = profile.marks.iter().filter(|(_, flag)| **flag).map(|(m, _)| m.clone());
            OwnKind::Number {
                decimals: profile.words.keys().map(decimals).max().unwrap_or(0).min(4),
                strip: strip.collect(),
            }
        } else if profile.part(nulls::is_nothing) > 0.0 {
            let words = nulls::no_findings(profile.words.keys().map(String::as_str));
            OwnKind::Finding { split: splits::find(profile).certain, none: words.none }
        } else {
            OwnKind::Text
        };
        let (name, unit) = name_and_unit(&column.from);
        Some(Self { id: ids.give(column), name, unit, kind })
    }
}

impl Ids {
    /// An id of small letters, digits and `_` that no other item has.
    fn give(&mut self, column: &Column) -> String {
        let (name, _) = name_and_unit(&column.from);
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
