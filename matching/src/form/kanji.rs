//! Names in kanji: old forms and variants of one character.

use crate::tables::VARIANTS;

/// The form without what writings of one name differ in: 旧字 and variants by `tables/kanji-variants.csv`, 々 for a
/// repeated character, ヶ and ケ, variation selectors (Unicode 23.4), which tell glyphs apart and no names.
/// `plain` comes as [`renkei_person::Name::compared`] gives it.
pub(crate) fn fold(plain: &str) -> String {
    let mut out = String::with_capacity(plain.len());
    let mut before = None;
    for letter in plain.chars().filter(|c| !is_selector(*c)) {
        let letter = match letter {
            '々' | '〻' | '仝' => before.unwrap_or(letter),
            'ヶ' | 'ヵ' => 'ケ',
            other => VARIANTS.get(&other).copied().unwrap_or(other),
        };
        before = Some(letter);
        out.push(letter);
    }
    out
}

const fn is_selector(letter: char) -> bool {
    matches!(letter, '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variants_of_one_name_are_one() {
        for (a, b) in [
            ("髙橋", "高橋"),
            ("山﨑", "山崎"),
            ("渡邊", "渡辺"),
            ("渡邉", "渡辺"),
            ("齋藤", "斉藤"),
            ("斎藤", "齊藤"),
            ("佐佐木", "佐々木"),
            ("廣澤", "広沢"),
            ("𠮷田", "吉田"),
            ("葛\u{e0100}城", "葛城"),
            ("龍ヶ崎", "竜ケ﨑"),
        ] {
            assert_eq!(fold(a), fold(b), "{a} {b}");
        }
        for (a, b) in [("川", "河"), ("島", "鳥"), ("太田", "大田"), ("祐子", "裕子")] {
            assert_ne!(fold(a), fold(b), "{a} {b}");
        }
        assert_eq!(fold("々木"), "々木");
    }
}
