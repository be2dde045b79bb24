//! How parameter values are spelled (ITI TF-2: 3.18.4.1.2.3.3 to 3.18.4.1.2.3.5).
//!
//! Numbers stand bare, text stands in single quotes with a quote inside doubled, lists stand in
//! parentheses; a long list is spread over several Values, each in its own parentheses.

use std::iter::Peekable;
use std::str::Chars;

/// The longest Value that the schema allows (rim:LongName), in characters.
pub const VALUE_CHARS: usize = 256;

/// One number or text of a Value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Literal {
    /// The text, quotes removed.
    pub text: String,
    /// Whether it stood in quotes.
    pub quoted: bool,
}

/// Why a Value could not be split.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Misspelt {
    /// A quote, comma or parenthesis is missing or too many.
    #[error("a quote, comma or parenthesis is missing or too many")]
    Syntax,
    /// More literals than were allowed.
    #[error("too many values")]
    TooMany,
}

/// Splits one Value into its literals; never more than `max`. An empty Value, or an empty list, has
/// none.
pub fn split(value: &str, max: usize) -> Result<Vec<Literal>, Misspelt> {
    let mut s = Scanner(value.chars().peekable());
    let mut all = Vec::new();
    if s.eat('(') {
        let mut more = !s.eat(')');
        while more {
            if all.len() == max {
                return Err(Misspelt::TooMany);
            }
            all.push(s.literal()?);
            more = s.eat(',');
            if !more && !s.eat(')') {
                return Err(Misspelt::Syntax);
            }
        }
    } else if !s.at_end() {
        if max == 0 {
            return Err(Misspelt::TooMany);
        }
        all.push(s.literal()?);
    }
    if s.at_end() { Ok(all) } else { Err(Misspelt::Syntax) }
}

/// A text in quotes.
pub fn quote(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// A list of texts as Values of at most [`VALUE_CHARS`] characters, unless one text alone is longer.
pub fn quote_list<S: AsRef<str>>(texts: impl IntoIterator<Item = S>) -> Vec<String> {
    let mut values = Vec::new();
    let mut list = String::new();
    let mut chars = 0;
    for text in texts {
        let quoted = quote(text.as_ref());
        let length = quoted.chars().count();
        // The separator or the opening parenthesis, and the closing one.
        if !list.is_empty() && chars + length + 2 > VALUE_CHARS {
            list.push(')');
            values.push(std::mem::take(&mut list));
            chars = 0;
        }
        list.push(if list.is_empty() { '(' } else { ',' });
        list.push_str(&quoted);
        chars += length + 1;
    }
    if !list.is_empty() {
        list.push(')');
        values.push(list);
    }
    values
}

struct Scanner<'a>(Peekable<Chars<'a>>);

impl Scanner<'_> {
    fn blanks(&mut self) {
        while self.0.next_if(|c| matches!(c, ' ' | '\t' | '\r' | '\n')).is_some() {}
    }

    /// Takes `wanted` if it comes next after blanks.
    fn eat(&mut self, wanted: char) -> bool {
        self.blanks();
        self.0.next_if_eq(&wanted).is_some()
    }

    fn at_end(&mut self) -> bool {
        self.blanks();
        self.0.peek().is_none()
    }

    fn literal(&mut self) -> Result<Literal, Misspelt> {
        let mut text = String::new();
        if self.eat('\'') {
            loop {
                match self.0.next() {
                    Some('\'') if self.0.next_if_eq(&'\'').is_some() => text.push('\''),
                    Some('\'') => return Ok(Literal { text, quoted: true }),
                    Some(c) => text.push(c),
                    None => return Err(Misspelt::Syntax),
                }
            }
        }
        let bare = |c: &char| !matches!(c, '(' | ')' | ',' | '\'' | ' ' | '\t' | '\r' | '\n');
        while let Some(c) = self.0.next_if(bare) {
            text.push(c);
        }
        if text.is_empty() { Err(Misspelt::Syntax) } else { Ok(Literal { text, quoted: false }) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn texts(value: &str) -> Result<Vec<String>, Misspelt> {
        split(value, 100).map(|all| all.into_iter().map(|l| l.text).collect())
    }

    #[test]
    fn reads_numbers_texts_and_lists() {
        assert_eq!(
            split(" 20240401\n", 1),
            Ok(vec![Literal { text: "20240401".into(), quoted: false }])
        );
        assert_eq!(split("'a'", 1), Ok(vec![Literal { text: "a".into(), quoted: true }]));
        assert_eq!(texts("('a','b')"), Ok(vec!["a".into(), "b".into()]));
        assert_eq!(
            texts("( 'a' ,\n 'O''Brien, (x)' )"),
            Ok(vec!["a".into(), "O'Brien, (x)".into()])
        );
        assert_eq!(texts("''"), Ok(vec!["".into()]));
        assert_eq!(texts("''''"), Ok(vec!["'".into()]));
        assert_eq!(texts(""), Ok(vec![]));
        assert_eq!(texts("( )"), Ok(vec![]));
    }

    #[test]
    fn refuses_what_is_not_closed_or_separated() {
        for bad in [
            "'a",
            "('a'",
            "('a','b'",
            "('a',)",
            "(,)",
            "'a')",
            "'a' 'b'",
            "('a' 'b')",
            "('a')x",
            "a'b",
            "(",
            ")",
            ",",
        ] {
            assert_eq!(texts(bad), Err(Misspelt::Syntax), "{bad}");
        }
    }

    #[test]
    fn never_splits_into_more_than_allowed() {
        assert_eq!(split("('a','b','c')", 2), Err(Misspelt::TooMany));
        assert_eq!(split("'a'", 0), Err(Misspelt::TooMany));
    }

    #[test]
    fn spreads_long_lists_over_values() {
        let long: Vec<String> = (0..20).map(|i| format!("urn:uuid:{i:036}")).collect();
        let values = quote_list(&long);
        assert_eq!(values.len(), 4);
        assert!(values.iter().all(|v| v.chars().count() <= VALUE_CHARS));
        let back: Vec<String> = values.iter().flat_map(|v| texts(v).unwrap()).collect();
        assert_eq!(back, long);
        assert_eq!(quote_list(["x".repeat(300)]).len(), 1);
        // Exactly full: '(' + 254 + ')' and two of 126 + 127 with their marks.
        assert_eq!(
            quote_list(["a".repeat(124), "b".repeat(125)]),
            [format!("('{}','{}')", "a".repeat(124), "b".repeat(125))]
        );
        assert_eq!(quote_list(["a".repeat(125), "b".repeat(125)]).len(), 2);
    }

    proptest! {
        #[test]
        fn what_is_quoted_is_read(items in prop::collection::vec("\\PC{0,40}|[',() ]{0,9}", 1..30)) {
            let values = quote_list(&items);
            let mut back = Vec::new();
            for v in &values {
                let many = split(v, usize::MAX).unwrap();
                prop_assert!(many.iter().all(|l| l.quoted));
                prop_assert!(many.len() == 1 || v.chars().count() <= VALUE_CHARS);
                back.extend(many.into_iter().map(|l| l.text));
            }
            prop_assert_eq!(back, items);
        }

        #[test]
        fn any_text_is_split_or_refused(raw in ".*", max in 0usize..4) {
            if let Ok(all) = split(&raw, max) {
                prop_assert!(all.len() <= max);
            }
        }
    }
}
