//! Measured numbers: a decimal with an optional comparator, as institutions write them and as the
//! standard record does.

use std::borrow::Cow;
use std::fmt;

use crate::decimal::Decimal;
use crate::fold::{has_odd_digits, nfkc};

/// The value lies beyond the limit of the method.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparator {
    /// 未満
    Less,
    /// 以下
    LessOrEqual,
    /// 超
    Greater,
    /// 以上
    GreaterOrEqual,
}

impl Comparator {
    /// As in the standard record and in FHIR `Quantity.comparator`.
    pub const fn symbol(self) -> &'static str {
        match self {
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
        }
    }

    /// The reverse of [`Comparator::symbol`].
    pub fn from_symbol(symbol: &str) -> Option<Self> {
        match symbol {
            "<" => Some(Self::Less),
            "<=" => Some(Self::LessOrEqual),
            ">" => Some(Self::Greater),
            ">=" => Some(Self::GreaterOrEqual),
            _ => None,
        }
    }
}

/// Signs before the number; the longer ones first.
const SIGNS: [(&str, Comparator); 8] = [
    ("<=", Comparator::LessOrEqual),
    (">=", Comparator::GreaterOrEqual),
    ("≦", Comparator::LessOrEqual),
    ("≤", Comparator::LessOrEqual),
    ("≧", Comparator::GreaterOrEqual),
    ("≥", Comparator::GreaterOrEqual),
    ("<", Comparator::Less),
    (">", Comparator::Greater),
];

/// Words after the number.
const WORDS: [(&str, Comparator); 4] = [
    ("未満", Comparator::Less),
    ("以下", Comparator::LessOrEqual),
    ("超", Comparator::Greater),
    ("以上", Comparator::GreaterOrEqual),
];

/// A number of the record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Measured {
    /// Present when the value is a bound only.
    pub comparator: Option<Comparator>,
    /// The value or the bound.
    pub value: Decimal,
}

impl Measured {
    /// Reads `(<=|>=|<|>)?-?[0-9]+(\.[0-9]+)?`, the form of the standard record.
    pub fn parse(text: &str) -> Option<Self> {
        let (comparator, digits) =
            strip_sign(text, SIGNS.iter().filter(|(sign, _)| sign.is_ascii()));
        Some(Self { comparator, value: Decimal::parse(digits)? })
    }

    /// Reads a source cell: NFKC, signs in ASCII or full width, or a Japanese word behind; a
    /// thousands separator is read where it stands right.
    pub fn read(cell: &str) -> Option<Self> {
        if let Some(value) = Decimal::parse_long(cell) {
            return Some(Self { comparator: None, value });
        }
        if has_odd_digits(cell) {
            return None;
        }
        let folded = nfkc(cell);
        let folded = without_separators(&folded)?;
        let (sign, rest) = strip_sign(&folded, SIGNS.iter());
        let word = WORDS.iter().find_map(|(word, comparator)| {
            rest.strip_suffix(word).map(|number| (number.trim_end(), *comparator))
        });
        match (sign, word) {
            (Some(_), Some(_)) => None,
            (None, Some((number, comparator))) => {
                Some(Self { comparator: Some(comparator), value: Decimal::parse_long(number)? })
            }
            (comparator, None) => Some(Self { comparator, value: Decimal::parse_long(rest)? }),
        }
    }

    /// The plain number; none when it is a bound only.
    pub fn plain(self) -> Option<Decimal> {
        if self.comparator.is_none() { Some(self.value) } else { None }
    }
}

/// The text without its thousands separators; none when one stands wrong, as in `1,02` or `12,34.5`,
/// where it may be a decimal comma.
fn without_separators(text: &str) -> Option<Cow<'_, str>> {
    if !text.contains(',') {
        return Some(Cow::Borrowed(text));
    }
    let whole = text.split_once('.').map_or(text, |(whole, _)| whole);
    let mut groups = whole.split(',');
    let first = groups.next()?.trim_start_matches(|letter: char| !letter.is_ascii_digit());
    let right = matches!(first.len(), 1..=3)
        && !first.starts_with('0')
        && first.bytes().all(|byte| byte.is_ascii_digit());
    let mut last = "";
    let grouped = groups.all(|group| {
        last = group.get(3..).unwrap_or_default();
        group.get(..3).is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))
            // only the last group may be followed by a word
            && !last.starts_with(|letter: char| letter.is_ascii_digit())
    });
    let behind = text.split_once('.').map_or("", |(_, behind)| behind);
    let alone =
        whole.split(',').rev().skip(1).all(|group| !group.contains(|c: char| c.is_alphabetic()));
    (right && grouped && alone && !behind.contains(','))
        .then(|| Cow::Owned(text.chars().filter(|letter| *letter != ',').collect()))
}

fn strip_sign(
    text: &str,
    mut signs: impl Iterator<Item = &'static (&'static str, Comparator)>,
) -> (Option<Comparator>, &str) {
    signs
        .find_map(|(sign, comparator)| {
            text.strip_prefix(sign).map(|rest| (Some(*comparator), rest.trim_start()))
        })
        .unwrap_or((None, text))
}

impl fmt::Display for Measured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.comparator.map_or("", Comparator::symbol))?;
        self.value.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::Measured;

    fn read(cell: &str) -> Option<String> {
        Measured::read(cell).map(|m| m.to_string())
    }

    #[test]
    fn reads_comparators_in_every_dialect() {
        for cell in ["5以下", "<=5", "＜＝５", "≦5", "≤ 5"] {
            assert_eq!(read(cell).as_deref(), Some("<=5"), "{cell}");
        }
        assert_eq!(read("５未満").as_deref(), Some("<5"));
        assert_eq!(read("300超").as_deref(), Some(">300"));
        assert_eq!(read("≧300").as_deref(), Some(">=300"));
        assert_eq!(read("２２．２").as_deref(), Some("22.2"));
        assert_eq!(read("－５").as_deref(), Some("-5"));
    }

    #[test]
    fn reads_thousands_where_they_stand_right() {
        for (cell, value) in [
            ("5,200", "5200"),
            ("1,020,300", "1020300"),
            ("１，０２０", "1020"),
            ("<1,000", "<1000"),
            ("1,000以上", ">=1000"),
            ("1,234.5", "1234.5"),
            ("-1,000", "-1000"),
        ] {
            assert_eq!(read(cell).as_deref(), Some(value), "{cell}");
        }
        for cell in
            ["5,2", "52,00", ",200", "1,0200", "1,,000", "0,123", "1.234,567", "12,34.5", "1,000,"]
        {
            assert_eq!(read(cell), None, "{cell}");
        }
    }

    #[test]
    fn refuses_what_is_no_number() {
        for cell in ["5²", "6⁶", "①", "１１２．５．", "<5以下", "五", "5 6", "", "以下"]
        {
            assert_eq!(read(cell), None, "{cell}");
        }
    }

    #[test]
    fn the_standard_form_is_ascii_only() {
        assert!(Measured::parse(">=300").is_some());
        assert!(Measured::parse("≧300").is_none());
        assert!(Measured::parse("300以上").is_none());
    }
}
