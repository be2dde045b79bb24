//! What a query compares attributes with: typed, normalised once, never empty.

use renkei_metadata::ids::Dtm;
use renkei_metadata::model::Code;
use renkei_metadata::normalise;
use std::borrow::Cow;
use std::str::Chars;

/// The longest pattern, in characters.
const PATTERN_CHARS: usize = 256;

/// Alternatives: at least one, in order, each once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OneOf<T>(Vec<T>);

impl<T: Ord> OneOf<T> {
    /// These alternatives; `None` for none.
    pub fn new(values: impl IntoIterator<Item = T>) -> Option<Self> {
        // Sorted, so that a long list loses its repeats in little time.
        let mut values: Vec<T> = values.into_iter().collect();
        values.sort_unstable();
        values.dedup();
        (!values.is_empty()).then_some(Self(values))
    }

    /// One value without an alternative.
    pub fn only(value: T) -> Self {
        Self(vec![value])
    }
}

impl<T> OneOf<T> {
    /// The alternatives, in order.
    pub fn as_slice(&self) -> &[T] {
        &self.0
    }

    /// The alternatives, in order.
    pub fn iter(&self) -> std::slice::Iter<'_, T> {
        self.0.iter()
    }
}

impl<T> IntoIterator for OneOf<T> {
    type Item = T;
    type IntoIter = std::vec::IntoIter<T>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

/// Groups of alternatives, at least one, all of which have to be met: the AND between the Slots of
/// one parameter (ITI TF-2: 3.18.4.1.2.3.5).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AllOf<T>(Vec<OneOf<T>>);

impl<T> AllOf<T> {
    /// These groups; `None` for none.
    pub fn new(groups: Vec<OneOf<T>>) -> Option<Self> {
        (!groups.is_empty()).then_some(Self(groups))
    }

    /// The groups.
    pub fn groups(&self) -> &[OneOf<T>] {
        &self.0
    }

    /// Whether each group has a value for which `holds` is true.
    pub fn met(&self, holds: impl Fn(&T) -> bool) -> bool {
        self.0.iter().all(|group| group.iter().any(&holds))
    }
}

impl<T> From<OneOf<T>> for AllOf<T> {
    fn from(group: OneOf<T>) -> Self {
        Self(vec![group])
    }
}

/// A text in the form in which texts are compared: NFC, and a blank for a line feed, which frames
/// the values of columns.
pub fn comparable(text: &str) -> Cow<'_, str> {
    let text = normalise(text);
    if text.contains('\n') { Cow::Owned(text.replace('\n', " ")) } else { text }
}

/// `code^^scheme` in comparable form.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CodeKey(String);

impl CodeKey {
    /// Parses `code^^scheme`: CE.1 and CE.3 are required, CE.2 is empty (ITI TF-2:
    /// 3.18.4.1.2.3.4). Blanks around them are no part of a code, here as in what is submitted.
    pub fn parse(text: &str) -> Option<Self> {
        let (code, scheme) = text.split_once("^^")?;
        let (code, scheme) = (code.trim(), scheme.trim());
        let plain = |s: &str| !s.is_empty() && !s.contains('^');
        (plain(code) && plain(scheme))
            .then(|| Self(comparable(&format!("{code}^^{scheme}")).into_owned()))
    }

    /// The key of a code.
    pub fn of(code: &Code) -> Self {
        Self(comparable(&code.key()).into_owned())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A pattern of 1 to 256 characters, in NFC: `%` stands for any characters, `_` for one, every other
/// character for itself, case included; there is no escape (ITI TF-2: 3.18.4.1.2.3.4).
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Pattern(String);

impl Pattern {
    /// Takes any text that is neither empty nor too long.
    pub fn parse(text: &str) -> Option<Self> {
        let length = text.chars().take(PATTERN_CHARS + 1).count();
        (1..=PATTERN_CHARS).contains(&length).then(|| Self(comparable(text).into_owned()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The one text that matches, if there is one only.
    pub fn exact(&self) -> Option<&str> {
        (!self.0.contains(['%', '_'])).then_some(self.as_str())
    }

    /// Whether `value` matches as a whole.
    pub fn matches(&self, value: &str) -> bool {
        like(&comparable(value), &self.0)
    }
}

/// Iterative, with one point to come back to: time grows with the product of the lengths at most.
fn like(value: &str, pattern: &str) -> bool {
    let mut text = value.chars();
    let mut want = pattern.chars();
    let mut back: Option<(Chars<'_>, Chars<'_>)> = None;
    loop {
        match want.next() {
            Some('%') => {
                back = Some((text.clone(), want.clone()));
                continue;
            }
            Some(p) => {
                let mut ahead = text.clone();
                match ahead.next() {
                    Some(c) if p == '_' || p == c => {
                        text = ahead;
                        continue;
                    }
                    Some(_) => {}
                    None => return false,
                }
            }
            None if text.as_str().is_empty() => return true,
            None => {}
        }
        // A mismatch: let the last % take one character more.
        let Some((from, after)) = &mut back else { return false };
        if from.next().is_none() {
            return false;
        }
        text = from.clone();
        want = after.clone();
    }
}

/// An instant to the second, `YYYYMMDDhhmmss` in UTC; missing digits are taken as the lowest (ITI
/// TF-2: 3.18.4.1.2.3.3).
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Instant(String);

impl Instant {
    /// The first instant of a time.
    pub fn of(time: &Dtm) -> Self {
        Self(time.lowest())
    }

    /// 14 digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// `from <= time < to` (ITI TF-2: 3.18.4.1.2.3.3).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TimeRange {
    /// The first instant inside.
    pub from: Option<Instant>,
    /// The first instant outside.
    pub to: Option<Instant>,
}

impl TimeRange {
    /// Whether a time is inside.
    pub fn holds(&self, time: &Instant) -> bool {
        self.from.as_ref().is_none_or(|from| from <= time)
            && self.to.as_ref().is_none_or(|to| time < to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn alternatives_are_in_order_each_once_and_not_none() {
        assert_eq!(OneOf::new([3, 1, 3]).unwrap().as_slice(), [1, 3]);
        assert_eq!(OneOf::<u8>::new([]), None);
        assert_eq!(AllOf::<u8>::new(vec![]), None);
        let groups = AllOf::new(vec![OneOf::new([1, 2]).unwrap(), OneOf::only(5)]).unwrap();
        assert!(groups.met(|n| [2, 5].contains(n)));
        assert!(!groups.met(|n| [1, 2].contains(n)));
    }

    #[test]
    fn blanks_around_a_code_are_none_of_it() {
        let key = |text: &str| CodeKey::parse(text).map(|k| k.as_str().to_owned());
        for spelled in ["c^^1.2", " c^^1.2", "c ^^ 1.2", "c^^1.2\n", "\u{3000}c^^\t1.2\r\n"] {
            assert_eq!(key(spelled).unwrap(), "c^^1.2", "{spelled:?}");
        }
        assert_eq!(key("a b^^1.2").unwrap(), "a b^^1.2");
        for none in [" ^^1.2", "c^^ ", "c^^", "c^ ^1.2", "c"] {
            assert_eq!(key(none), None, "{none:?}");
        }
    }

    #[test]
    fn patterns_match_whole_values() {
        let matches = |value: &str, text: &str| Pattern::parse(text).unwrap().matches(value);
        assert!(matches("山田^太郎", "山田%"));
        assert!(matches("山田^太郎", "%太_"));
        assert!(matches("", "%"));
        assert!(!matches("山田^太郎", "山田"));
        assert!(!matches("abc", "ABC"));
        assert!(!matches("", "_"));
        assert!(matches("aXbXc", "a%X_"));
        assert!(matches("カ\u{3099}", "ガ") && matches("ガ", "カ\u{3099}"));
        assert!(matches("a\nb", "a b"));
        assert_eq!(Pattern::parse(""), None);
        assert_eq!(Pattern::parse(&"x".repeat(257)), None);
        assert_eq!(Pattern::parse("a_").unwrap().exact(), None);
        assert_eq!(Pattern::parse("a^b").unwrap().exact(), Some("a^b"));
    }

    fn slow(value: &[char], pattern: &[char]) -> bool {
        match pattern.split_first() {
            None => value.is_empty(),
            Some(('%', rest)) => (0..=value.len()).any(|n| slow(&value[n..], rest)),
            Some((p, rest)) => {
                value.split_first().is_some_and(|(c, v)| (*p == '_' || p == c) && slow(v, rest))
            }
        }
    }

    proptest! {
        #[test]
        fn like_is_what_its_definition_says(value in "[ab]{0,8}", pattern in "[ab%_]{0,8}") {
            let v: Vec<char> = value.chars().collect();
            let p: Vec<char> = pattern.chars().collect();
            prop_assert_eq!(like(&value, &pattern), slow(&v, &p));
        }
    }
}
