//! Texts of strangers made harmless for whoever reads a log line or an audit record.
//!
//! A certificate subject or a control id may hold line breaks that forge a second record, terminal
//! escapes, or marks that turn the direction of the text. They are kept as visible escapes: an
//! auditor sees what was sent, and no viewer acts on it.

use std::borrow::Cow;
use std::fmt::Write;

/// Returns `text` with control, bidirectional and line separating characters written as `\u{..}`.
pub fn printable(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_harmful) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if is_harmful(c) {
            // Writing into a String cannot fail.
            let _infallible = write!(out, "\\u{{{:04X}}}", c as u32);
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

fn is_harmful(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{61c}'
                | '\u{200e}'
                | '\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2066}'..='\u{2069}'
                | '\u{feff}'
                | '\u{fffe}'
                | '\u{ffff}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_text_is_not_copied() {
        assert!(matches!(printable("CN=健診 花子,O=病院"), Cow::Borrowed(_)));
    }

    #[test]
    fn forged_lines_escapes_and_direction_marks_become_visible() {
        assert_eq!(printable("a\r\n<85>1 b"), "a\\u{000D}\\u{000A}<85>1 b");
        assert_eq!(printable("\u{1b}[31m"), "\\u{001B}[31m");
        assert_eq!(printable("x\u{202e}gpj\u{2028}"), "x\\u{202E}gpj\\u{2028}");
    }
}
