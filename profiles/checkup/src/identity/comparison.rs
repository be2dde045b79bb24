//! The forms in which what was written twice is compared.

use std::borrow::Cow;

use crate::Record;
use crate::fold::nfkc;

/// 記号 and 番号 as they are compared: NFKC, without hyphens and blanks; leading zeros count.
pub fn comparison_form(text: &str) -> String {
    nfkc(text).chars().filter(|letter| !is_hyphen(*letter) && !letter.is_whitespace()).collect()
}

/// Whether a letter is a hyphen, a minus or a dash; a long vowel is none.
pub fn is_hyphen(letter: char) -> bool {
    matches!(letter, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}')
}

/// A name as it is compared: NFKC without blanks. A long vowel is a letter, not a hyphen.
pub(super) fn name_form(text: &str) -> String {
    nfkc(text).chars().filter(|letter| !letter.is_whitespace()).collect()
}

/// 保険者番号: the six digits of 国保 have two zeros before them.
pub(super) fn insurer(record: &Record) -> Cow<'_, str> {
    let number = record.get("insurer_no");
    if number.len() == 6 { format!("00{number}").into() } else { number.into() }
}

/// 記号 and 番号 of the insured person's card.
pub(super) struct Card {
    pub(super) symbol: String,
    pub(super) number: String,
}

impl Card {
    pub(super) fn of(record: &Record) -> Self {
        let [symbol, number] =
            ["card_symbol", "card_number"].map(|id| comparison_form(record.get(id)));
        Self { symbol, number }
    }
}
