//! Names in kana: what is one sound in several spellings, and what is nearly the same.

/// The form without what spellings differ in: small kana (シヨウ, ショウ), long vowels (ユウコ, ユーコ; オオノ, オーノ, never
/// オノ, which is another name), ヅ and ズ, ヂ and ジ, ヲ, ヰ, ヱ, ヴ. `plain` is katakana as [`renkei_person::Name::compared`]
/// gives it.
pub(crate) fn fold(plain: &str) -> String {
    let mut out = String::with_capacity(plain.len());
    let mut letters = plain.chars().peekable();
    let mut before = None;
    while let Some(letter) = letters.next() {
        let letter = match letter {
            'ヴ' => match letters.next_if(|c| matches!(c, 'ァ' | 'ィ' | 'ェ' | 'ォ')) {
                Some('ァ') => 'バ',
                Some('ィ') => 'ビ',
                Some('ェ') => 'ベ',
                Some(_) => 'ボ',
                None => 'ブ',
            },
            other => large(other),
        };
        let letter = if prolongs(before, letter) { 'ー' } else { letter };
        // Behind a long vowel the next one begins anew: コウウ has two.
        before = vowel(letter);
        out.push(letter);
    }
    out
}

const fn large(letter: char) -> char {
    match letter {
        'ァ' => 'ア',
        'ィ' | 'ヰ' => 'イ',
        'ゥ' => 'ウ',
        'ェ' | 'ヱ' => 'エ',
        'ォ' | 'ヲ' => 'オ',
        'ッ' => 'ツ',
        'ャ' => 'ヤ',
        'ュ' => 'ユ',
        'ョ' => 'ヨ',
        'ヮ' => 'ワ',
        'ヵ' => 'カ',
        'ヶ' => 'ケ',
        'ヅ' => 'ズ',
        'ヂ' => 'ジ',
        other => other,
    }
}

/// Whether `letter` behind the vowel `before` is heard as its length.
fn prolongs(before: Option<char>, letter: char) -> bool {
    match (before, letter) {
        (Some(_), 'ー') => true,
        (Some('オ'), 'ウ' | 'オ') | (Some('エ'), 'イ' | 'エ') => true,
        (Some(vowel), letter) => vowel == letter,
        (None, _) => false,
    }
}

/// The vowel that a letter ends in.
fn vowel(letter: char) -> Option<char> {
    const ROWS: [(char, &str); 5] = [
        ('ア', "アカガサザタダナハバパマヤラワ"),
        ('イ', "イキギシジチニヒビピミリ"),
        ('ウ', "ウクグスズツヌフブプムユル"),
        ('エ', "エケゲセゼテデネヘベペメレ"),
        ('オ', "オコゴソゾトドノホボポモヨロ"),
    ];
    ROWS.iter().find(|(_, row)| row.contains(letter)).map(|(vowel, _)| *vowel)
}

/// Whether two folded forms differ in nothing but voicing: ヤマザキ and ヤマサキ, both of 山崎.
pub(crate) fn differ_in_voicing(a: &str, b: &str) -> bool {
    a.chars().map(unvoiced).eq(b.chars().map(unvoiced))
}

/// Without 濁点 and 半濁点. In Unicode the voiced letter stands behind the voiceless one.
fn unvoiced(letter: char) -> char {
    let step = match letter {
        'ガ' | 'ギ' | 'グ' | 'ゲ' | 'ゴ' | 'ザ' | 'ジ' | 'ズ' | 'ゼ' | 'ゾ' | 'ダ' | 'デ'
        | 'ド' | 'バ' | 'ビ' | 'ブ' | 'ベ' | 'ボ' => 1,
        'パ' | 'ピ' | 'プ' | 'ペ' | 'ポ' => 2,
        _ => 0,
    };
    char::from_u32(u32::from(letter) - step).unwrap_or(letter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_sound_has_several_spellings() {
        for (a, b) in [
            ("ユウコ", "ユーコ"),
            ("オオノ", "オーノ"),
            ("コウヘイ", "コーヘー"),
            ("シヨウコ", "ショウコ"),
            ("ハツトリ", "ハットリ"),
            ("ミヅホ", "ミズホ"),
            ("ハナヂ", "ハナジ"),
            ("カヲル", "カオル"),
            ("ヴァレリー", "バレリー"),
            ("ニイナ", "ニーナ"),
        ] {
            assert_eq!(fold(a), fold(b), "{a} {b}");
        }
    }

    #[test]
    fn other_names_stay_other() {
        for (a, b) in [
            ("オオノ", "オノ"),
            ("ユウコ", "ユコ"),
            ("ケン", "ゲン"),
            ("カオル", "カール"),
            ("コウ", "ク"),
        ] {
            assert_ne!(fold(a), fold(b), "{a} {b}");
        }
        assert!(differ_in_voicing("ヤマザキ", "ヤマサキ") && differ_in_voicing("イパ", "イバ"));
        assert!(!differ_in_voicing("ヤマザキ", "ヤマタキ"));
    }
}
