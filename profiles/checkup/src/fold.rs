//! NFKC for cells.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;

/// The text in NFKC. Most cells are ASCII, or ASCII in full width, and need no Unicode tables.
pub fn nfkc(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return Cow::Borrowed(text);
    }
    let narrow: Option<String> = text.chars().map(narrow).collect();
    Cow::Owned(narrow.unwrap_or_else(|| text.nfkc().collect()))
}

/// Whether a text has digits that are no digits of a number: a footnote's `²`, `①`, `㈠`. NFKC would
/// make them some.
pub fn has_odd_digits(text: &str) -> bool {
    !text.is_ascii()
        && text.chars().any(|letter| {
            let plain = letter.is_ascii_digit() || matches!(letter, '０'..='９');
            letter.is_numeric() && !plain && !matches!(letter, '一'..='龠' | '〇')
        })
}

/// The ASCII form of a letter. Neither side composes with a neighbour that has one too.
fn narrow(letter: char) -> Option<char> {
    const DISTANCE: u32 = 0xFEE0;
    match letter {
        '\0'..='\x7F' => Some(letter),
        '\u{3000}' => Some(' '),
        '！'..='～' => char::from_u32(u32::from(letter) - DISTANCE),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::nfkc;
    use proptest::prelude::*;
    use unicode_normalization::UnicodeNormalization;

    proptest! {
        #[test]
        fn is_what_unicode_says(text in "([ -~！-～　]{0,6}|[ -~！-～ｦ-ﾟ゛゜￠-￦①-⑳\u{300}-\u{340}ー－Å]{0,6}|\\PC{0,6})") {
            prop_assert_eq!(nfkc(&text), text.nfkc().collect::<String>());
        }
    }
}
