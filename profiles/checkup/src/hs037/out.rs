//! JSON pushed into a buffer as it comes: a document has thousands of elements, and a tree of them
//! would cost far more than its text.

use std::fmt::Display;
use std::io::Write;

/// Appends one JSON value to a buffer. Commas are put where the grammar wants them; that objects have
/// keys and arrays have none is the caller's part.
pub(super) struct Json<'b> {
    out: &'b mut Vec<u8>,
    /// Whether a value stands before the next one.
    follows: bool,
}

impl<'b> Json<'b> {
    pub(super) fn new(out: &'b mut Vec<u8>) -> Self {
        Self { out, follows: false }
    }

    /// An object with the members that `content` writes.
    pub(super) fn object(&mut self, content: impl FnOnce(&mut Self)) {
        self.nested(b'{', b'}', content);
    }

    /// An array with the values that `content` writes.
    pub(super) fn array(&mut self, content: impl FnOnce(&mut Self)) {
        self.nested(b'[', b']', content);
    }

    fn nested(&mut self, open: u8, close: u8, content: impl FnOnce(&mut Self)) {
        self.comma();
        self.out.push(open);
        self.follows = false;
        content(self);
        self.out.push(close);
        self.follows = true;
    }

    /// The key of the next value; a name of FHIR, which needs no escapes.
    pub(super) fn key(&mut self, key: &'static str) -> &mut Self {
        self.comma();
        self.quoted(key);
        self.out.push(b':');
        self.follows = false;
        self
    }

    /// A constant that needs no escapes.
    pub(super) fn word(&mut self, word: &'static str) {
        self.comma();
        self.quoted(word);
        self.follows = true;
    }

    /// A string.
    pub(super) fn text(&mut self, text: &str) {
        self.string(|out| out.text(text));
    }

    /// A string of parts.
    pub(super) fn string(&mut self, parts: impl FnOnce(&mut Text<'_>)) {
        self.comma();
        self.out.push(b'"');
        parts(&mut Text { out: self.out });
        self.out.push(b'"');
        self.follows = true;
    }

    /// A number, in the digits it is displayed in.
    pub(super) fn number(&mut self, number: impl Display) {
        self.comma();
        // a buffer in memory takes everything
        write!(self.out, "{number}").unwrap_or_default();
        self.follows = true;
    }

    /// A value, or several with commas between them, that `write` appends as JSON.
    pub(super) fn raw(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        let begin = self.out.len();
        self.comma();
        let comma = self.out.len();
        write(self.out);
        if self.out.len() == comma {
            self.out.truncate(begin);
        } else {
            self.follows = true;
        }
    }

    fn comma(&mut self) {
        if self.follows {
            self.out.push(b',');
        }
    }

    fn quoted(&mut self, word: &str) {
        self.out.push(b'"');
        self.out.extend_from_slice(word.as_bytes());
        self.out.push(b'"');
    }
}

/// The inside of a string.
pub(super) struct Text<'b> {
    out: &'b mut Vec<u8>,
}

impl Text<'_> {
    /// Text, with the escapes that JSON asks for (RFC 8259, 7).
    pub(super) fn text(&mut self, text: &str) {
        let mut rest = text.as_bytes();
        while let Some(place) = rest.iter().position(|byte| needs_escape(*byte)) {
            let (plain, escaped) = rest.split_at(place);
            self.out.extend_from_slice(plain);
            if let Some((byte, behind)) = escaped.split_first() {
                self.escape(*byte);
                rest = behind;
            }
        }
        self.out.extend_from_slice(rest);
    }

    /// A constant that needs no escapes.
    pub(super) fn word(&mut self, word: &'static str) {
        self.out.extend_from_slice(word.as_bytes());
    }

    /// Text inside XHTML, which has no other control characters than white space (XML 1.0, 2.2).
    pub(super) fn xhtml(&mut self, text: &str) {
        let special = |byte: &u8| matches!(byte, b'&' | b'<' | b'>') || needs_escape(*byte);
        if !text.bytes().any(|byte| special(&byte) || matches!(byte, 0x7F | 0xC2)) {
            self.out.extend_from_slice(text.as_bytes());
            return;
        }
        let mut bytes = [0; 4];
        for letter in text.chars() {
            match letter {
                '&' => self.word("&amp;"),
                '<' => self.word("&lt;"),
                '>' => self.word("&gt;"),
                '\t' | '\n' | '\r' => self.text(letter.encode_utf8(&mut bytes)),
                _ if letter.is_control() => {}
                _ => self.text(letter.encode_utf8(&mut bytes)),
            }
        }
    }

    fn escape(&mut self, byte: u8) {
        match byte {
            b'"' => self.word("\\\""),
            b'\\' => self.word("\\\\"),
            b'\n' => self.word("\\n"),
            b'\r' => self.word("\\r"),
            b'\t' => self.word("\\t"),
            // a buffer in memory takes everything
            _ => write!(self.out, "\\u{byte:04x}").unwrap_or_default(),
        }
    }
}

const fn needs_escape(byte: u8) -> bool {
    byte < b' ' || matches!(byte, b'"' | b'\\')
}

#[cfg(test)]
mod tests {
    use super::Json;
    use proptest::prelude::*;
    use serde_json::Value;

    #[test]
    fn commas_stand_between_values() {
        let mut out = Vec::new();
        Json::new(&mut out).object(|json| {
            json.key("a").array(|json| {
                json.word("x");
                json.number(7);
                json.object(|_| ());
            });
            json.key("b").array(|_| ());
            json.key("c").number("0.50");
            json.key("d").string(|text| {
                text.word("<");
                text.xhtml("a<b & \"c\u{1}\u{85}\"\n");
            });
        });
        let expected = r#"{"a":["x",7,{}],"b":[],"c":0.50,"d":"<a&lt;b &amp; \"c\"\n"}"#;
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }

    proptest! {
        #[test]
        fn any_text_is_read_back(text in any::<String>()) {
            let mut out = Vec::new();
            Json::new(&mut out).array(|json| {
                json.text(&text);
                json.text(&text);
            });
            let read: Value = serde_json::from_slice(&out).unwrap();
            prop_assert_eq!(read, serde_json::json!([text, text]));
        }
    }
}
