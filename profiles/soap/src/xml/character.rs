//! What XML says of characters, and the entities that stand for them.

use memchr::memmem;

pub(super) fn predefined(name: &str) -> Option<char> {
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "apos" => '\'',
        "quot" => '"',
        _ => return None,
    })
}

/// Whether a text has to be looked through character by character: of what XML forbids, UTF-8 can hold
/// control characters, U+FFFE and U+FFFF. Looking for octets is many times as fast.
pub(super) fn may_hold_a_bad_character(text: &str) -> bool {
    let controls = text
        .bytes()
        .fold(false, |found, b| found | (b < b' ' && b != b'\t' && b != b'\n' && b != b'\r'));
    let bytes = text.as_bytes();
    controls
        || memmem::find(bytes, b"\xef\xbf\xbe").or(memmem::find(bytes, b"\xef\xbf\xbf")).is_some()
}

/// XML 1.0, production 2.
pub(super) fn is_xml_char(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

/// XML 1.0, production 3.
pub(super) fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r')
}
