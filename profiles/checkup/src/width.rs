//! Full-width text, the repertoire of names and texts in the national forms.

use unicode_normalization::UnicodeNormalization;

/// Text in full-width letters: ASCII and half-width katakana become full width, a tab or line break
/// an ideographic space; control characters and what XML cannot hold disappear, and so do spaces at
/// the ends. Everything else stays as it is, without normalisation, which would fold kanji of names.
pub fn full_width(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut half_width = String::new();
    for letter in text.chars() {
        if matches!(letter, '\u{FF61}'..='\u{FF9F}') {
            half_width.push(letter);
            continue;
        }
        push_katakana(&mut half_width, &mut out);
        match letter {
            ' ' | '\t' | '\n' | '\r' => out.push('\u{3000}'),
            '!'..='~' => out.push(char::from_u32(u32::from(letter) + 0xFEE0).unwrap_or(letter)),
            '¥' => out.push('￥'),
            '\u{FFFE}' | '\u{FFFF}' => {}
            _ if letter.is_control() => {}
            _ => out.push(letter),
        }
    }
    push_katakana(&mut half_width, &mut out);
    out.trim().to_owned()
}

/// NFKC joins a sound mark with its letter; one that stands alone would become a combining mark.
fn push_katakana(half_width: &mut String, out: &mut String) {
    out.extend(half_width.nfkc().map(|letter| match letter {
        '\u{3099}' => '\u{309B}',
        '\u{309A}' => '\u{309C}',
        _ => letter,
    }));
    half_width.clear();
}

#[cfg(test)]
mod tests {
    use super::full_width;
    use proptest::prelude::*;

    #[test]
    fn widens_ascii_and_katakana() {
        assert_eq!(full_width("ｱﾑﾛｼﾞﾋﾟﾝ錠5mg (朝)"), "アムロジピン錠５ｍｇ　（朝）");
        assert_eq!(full_width("ﾞ･｡｢ﾊﾟ｣"), "゛・。「パ」");
        assert_eq!(full_width("a<b>&\"'~\\¥"), "ａ＜ｂ＞＆＂＇～＼￥");
        assert_eq!(full_width(" 高い\r\n\u{1}血圧\u{FFFF} "), "高い　　血圧");
        assert_eq!(full_width("髙橋 﨑"), "髙橋　﨑", "kanji of names are not folded");
    }

    proptest! {
        #[test]
        fn nothing_half_width_is_left(text in any::<String>()) {
            let wide = full_width(&text);
            prop_assert!(!wide.chars().any(|c| c.is_ascii() || c.is_control()));
            let half_width = |c| matches!(c, '\u{FF61}'..='\u{FF9F}');
            prop_assert!(!wide.chars().any(half_width));
            prop_assert_eq!(full_width(&wide), wide);
        }
    }
}
