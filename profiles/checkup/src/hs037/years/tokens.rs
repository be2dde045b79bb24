//! The tokens of JSON text with their places, so that a document can be copied as it stands but for
//! what has to change: numbers keep their digits (FHIR R4: 2.24.0.1), members their order.
//!
//! The text was parsed before, so that it is JSON; of other text the tokens mean nothing, and no more.

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Begins an object or an array.
    Open,
    /// Ends it.
    Close,
    /// The name of a member.
    Key,
    /// A string.
    Text,
    /// A number, true, false or null.
    Scalar,
    /// A comma or a colon.
    Mark,
}

/// A token and where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Token<'t> {
    pub(super) kind: Kind,
    /// As it stands, a string with its quotes.
    pub(super) text: &'t str,
    /// Its first octet.
    pub(super) start: usize,
    /// How many objects and arrays are around it.
    pub(super) depth: usize,
    /// The member it is the value of; an element of an array is under the name of the array.
    pub(super) key: &'t str,
}

impl Token<'_> {
    /// The place behind it.
    pub(super) const fn end(&self) -> usize {
        self.start + self.text.len()
    }
}

/// The tokens of a text.
pub(super) struct Tokens<'t> {
    text: &'t str,
    at: usize,
    /// The keys of the objects and arrays around.
    around: Vec<&'t str>,
    key: &'t str,
}

impl<'t> Tokens<'t> {
    pub(super) const fn new(text: &'t str) -> Self {
        Self { text, at: 0, around: Vec::new(), key: "" }
    }

    fn rest(&self, from: usize) -> &'t [u8] {
        self.text.as_bytes().get(from..).unwrap_or_default()
    }

    /// The length of the string that begins at `from`, quotes included.
    fn string(&self, from: usize) -> usize {
        let mut escaped = false;
        let inside = self.rest(from + 1).iter();
        let end = inside.take_while(|byte| {
            let ends = **byte == b'"' && !escaped;
            escaped = **byte == b'\\' && !escaped;
            !ends
        });
        end.count() + 2
    }

    fn is_key(&self, end: usize) -> bool {
        self.rest(end).iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b':')
    }

    fn scalar(&self, from: usize) -> usize {
        let ends = |byte: &u8| byte.is_ascii_whitespace() || b",:{}[]\"".contains(byte);
        let rest = self.rest(from);
        rest.iter().position(ends).unwrap_or(rest.len()).max(1)
    }
}

impl<'t> Iterator for Tokens<'t> {
    type Item = Token<'t>;

    fn next(&mut self) -> Option<Token<'t>> {
        let blanks = self.rest(self.at).iter().take_while(|byte| byte.is_ascii_whitespace());
        let start = self.at + blanks.count();
        let (mut depth, mut key) = (self.around.len(), self.key);
        let (kind, length) = match *self.rest(start).first()? {
            opening @ (b'{' | b'[') => {
                self.around.push(self.key);
                if opening == b'{' {
                    self.key = "";
                }
                (Kind::Open, 1)
            }
            b'}' | b']' => {
                self.key = self.around.pop().unwrap_or_default();
                (depth, key) = (self.around.len(), self.key);
                (Kind::Close, 1)
            }
            b',' | b':' => (Kind::Mark, 1),
            b'"' => {
                let length = self.string(start);
                let name = self.text.get(start + 1..start + length - 1);
                if self.is_key(start + length) {
                    self.key = name.unwrap_or_default();
                    key = self.key;
                    (Kind::Key, length)
                } else {
                    (Kind::Text, length)
                }
            }
            _ => (Kind::Scalar, self.scalar(start)),
        };
        let text = self.text.get(start..start + length)?;
        self.at = start + length;
        Some(Token { kind, text, start, depth, key })
    }
}

#[cfg(test)]
mod tests {
    use super::{Kind, Tokens};
    use proptest::prelude::*;

    #[test]
    fn a_value_knows_its_member_and_its_depth() {
        let text = r#" {"a": ["x\"\\", {"b":5.60}], "c":null}"#;
        let values: Vec<_> = Tokens::new(text)
            .filter(|token| matches!(token.kind, Kind::Text | Kind::Scalar))
            .map(|token| (token.text, token.depth, token.key))
            .collect();
        assert_eq!(values, [(r#""x\"\\""#, 2, "a"), ("5.60", 3, "b"), ("null", 1, "c")]);
        let closing: Vec<_> = Tokens::new(text)
            .filter(|token| token.kind == Kind::Close)
            .map(|token| (token.text, token.depth, token.key))
            .collect();
        assert_eq!(closing, [("}", 2, "a"), ("]", 1, "a"), ("}", 0, "")]);
    }

    proptest! {
        #[test]
        fn the_tokens_are_the_text_and_nothing_is_read_into_it(text in "[{}\\[\\]\",:\\\\a0 é]{0,40}") {
            let mut end = 0;
            for token in Tokens::new(&text) {
                prop_assert_eq!(text.get(token.start..token.end()), Some(token.text));
                prop_assert!(token.start >= end && !token.text.is_empty());
                end = token.end();
            }
        }
    }
}
