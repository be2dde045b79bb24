//! Separators inside values: the escapes of HL7 V2, and the one form in which identifiers that may
//! hold them are compared (HL7 V2.5: 2.7; ITI TF-3: 4.2.3.1.7).
//!
//! A message of the patient feed, metadata and a query write an identifier by the same rules, so that
//! one text is the same identifier in all three.

use crate::normalise;
use std::borrow::Cow;

/// Resolves each escape `\name\` once, by `meaning`. What is no escape stays as it is.
pub fn resolve(value: &str, meaning: impl Fn(&str) -> Option<Cow<'static, str>>) -> Cow<'_, str> {
    if !value.contains('\\') {
        return Cow::Borrowed(value);
    }
    let mut out = String::with_capacity(value.len());
    let mut rest = value;
    while let Some((before, after)) = rest.split_once('\\') {
        out.push_str(before);
        let resolved = after.split_once('\\').and_then(|(name, tail)| Some((meaning(name)?, tail)));
        match resolved {
            Some((text, tail)) => {
                out.push_str(&text);
                rest = tail;
            }
            None => {
                out.push('\\');
                rest = after;
            }
        }
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// Resolves the escapes of separators and of octets in hexadecimal.
pub fn unescape(value: &str) -> Cow<'_, str> {
    resolve(value, separator)
}

/// What an escape of a separator, or of octets in hexadecimal, stands for.
pub fn separator(name: &str) -> Option<Cow<'static, str>> {
    Some(match name {
        "F" => "|".into(),
        "S" => "^".into(),
        "T" => "&".into(),
        "R" => "~".into(),
        "E" => "\\".into(),
        _ => hexadecimal(name.strip_prefix('X')?)?.into(),
    })
}

fn hexadecimal(digits: &str) -> Option<String> {
    if digits.is_empty() || !digits.len().is_multiple_of(2) {
        return None;
    }
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    let ascii = digits.bytes().all(|b| b.is_ascii_hexdigit());
    let bytes: Option<Vec<u8>> = digits.as_bytes().chunks(2).map(byte).collect();
    String::from_utf8(bytes.filter(|_| ascii)?).ok()
}

/// Escapes a value so that it holds no separator and no control character.
pub fn escape(value: &str) -> Cow<'_, str> {
    let special = |c: char| c.is_ascii_control() || matches!(c, '|' | '^' | '&' | '~' | '\\');
    if !value.contains(special) {
        return Cow::Borrowed(value);
    }
    let mut out = String::with_capacity(value.len() + 8);
    for c in value.chars() {
        match c {
            '|' => out.push_str("\\F\\"),
            '^' => out.push_str("\\S\\"),
            '&' => out.push_str("\\T\\"),
            '~' => out.push_str("\\R\\"),
            '\\' => out.push_str("\\E\\"),
            c if c.is_ascii_control() => out.push_str(&format!("\\X{:02X}\\", u32::from(c))),
            c => out.push(c),
        }
    }
    Cow::Owned(out)
}

/// The form in which values of CX and CXi are compared and indexed: each part in NFC, without outer
/// blanks, escaped in the one way there is; empty parts at the end are left out, and the name of an
/// authority where its OID stands beside it (ITI TF-3: Table 4.2.3.1.7-2).
pub fn comparison_form(value: &str) -> String {
    let mut components: Vec<String> = Vec::new();
    for (n, component) in value.split('^').enumerate() {
        let mut parts: Vec<String> = component.split('&').map(part).collect();
        if n == AUTHORITY && parts.get(1).is_some_and(|oid| !oid.is_empty()) {
            parts.first_mut().into_iter().for_each(String::clear);
        }
        components.push(joined(parts, "&"));
    }
    joined(components, "^")
}

/// CX.4, counted from 0.
const AUTHORITY: usize = 3;

fn part(text: &str) -> String {
    escape(&normalise(unescape(text).trim())).into_owned()
}

fn joined(mut parts: Vec<String>, separator: &str) -> String {
    while parts.last().is_some_and(String::is_empty) {
        parts.pop();
    }
    parts.join(separator)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn escapes_are_resolved_once() {
        assert_eq!(unescape(r"a\F\b\S\c\T\d\R\e\E\f"), r"a|b^c&d~e\f");
        assert_eq!(unescape(r"\E\F\E\"), r"\F\");
        assert_eq!(unescape(r"\X0D0A\\XE38182\"), "\r\nあ");
    }

    #[test]
    fn what_is_no_escape_stays() {
        for text in [r"a\", r"\Zzz\", r"\X0\", r"\XFF\", r"\X+1\", r"健\診", r"\\", r"\.br\"] {
            assert_eq!(unescape(text), text);
        }
        assert_eq!(unescape(r"\Q\F\"), r"\Q|");
    }

    #[test]
    fn one_identifier_is_compared_in_one_form() {
        let same = |a: &str, b: &str| assert_eq!(comparison_form(a), comparison_form(b), "{a} {b}");
        same("A1^^^&1.2&ISO^t", "A1^^^NAME&1.2&ISO^t^");
        same(r"A\T\1^^^&1.2&ISO^t", r"A\X26\1^^^&1.2&ISO^t");
        same(r"A\1^^^&1.2&ISO^t", r"A\E\1^^^&1.2&ISO^t");
        same(" A1 ^^^&1.2&ISO^t", "A1^^^&1.2&ISO^t^^");
        same("カ\u{3099}^^^^t", "ガ^^^^t");
        for other in ["A1^^^NAME^t", r"A1\T\^^^&1.2&ISO^t", "A1^^^&1.3&ISO^t", "a1^^^&1.2&ISO^t"] {
            assert_ne!(comparison_form("A1^^^&1.2&ISO^t"), comparison_form(other), "{other}");
        }
    }

    proptest! {
        #[test]
        fn what_is_escaped_is_unescaped(text in any::<String>()) {
            let escaped = escape(&text);
            let special = ['|', '^', '&', '~', '\r', '\n', '\u{b}', '\u{1c}'];
            prop_assert!(!escaped.contains(special));
            prop_assert_eq!(unescape(&escaped), text.as_str());
        }

        #[test]
        fn a_compared_form_is_its_own(text in "[A-C \\\\^&FSTREX0-9ガ]{0,30}") {
            let form = comparison_form(&text);
            prop_assert_eq!(comparison_form(&form), form);
        }
    }
}
