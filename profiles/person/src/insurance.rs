//! The identifier of an insured person (被保険者): 保険者番号, 記号, 番号 and 枝番 of a health insurance.

use crate::{Identifier, filled};
use renkei_metadata::ids::{Invalid, Oid, PatientId};
use unicode_normalization::UnicodeNormalization;

/// An insured person as the card names them. Wires carry it as one identifier of an authority that its
/// communities agree on, in the form that JP-CLINS has for `JP_Insurance_memberID`:
/// `保険者番号:記号:番号:枝番`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Insured {
    /// 保険者番号.
    pub insurer: String,
    /// 記号; some insurers have none.
    pub symbol: Option<String>,
    /// 番号.
    pub number: String,
    /// 枝番, by which the people of one card differ; older cards have none.
    pub branch: Option<String>,
}

impl Insured {
    /// Reads the text of such an identifier.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split(':').map(filled);
        let (insurer, symbol) = (parts.next()??, parts.next()?);
        let (number, branch) = (parts.next()??, parts.next()?);
        parts.next().is_none().then_some(Self { insurer, symbol, number, branch })
    }

    /// The identifier, as `authority` gives it.
    ///
    /// # Errors
    /// When it is longer than an identifier may be, or a part holds what divides the parts.
    pub fn identifier(&self, authority: Oid) -> Result<Identifier, Invalid> {
        let parts = [
            &*self.insurer,
            self.symbol.as_deref().unwrap_or_default(),
            &*self.number,
            self.branch.as_deref().unwrap_or_default(),
        ];
        if parts.iter().any(|part| part.contains(':')) {
            return Err(Invalid {
                expected: "parts without colons",
                expected_ja: "コロンを含まない値",
            });
        }
        PatientId::new(&parts.join(":"), authority).map(Identifier::from)
    }

    /// The form in which two of them are compared: width, hyphens and blanks make no difference, nor do
    /// zeros before a number of an insurer or a branch. 枝番 00, the holder of many cards, stays `0`: it is one
    /// person, and only a card without 枝番 ends with the colon.
    pub fn comparison_key(&self) -> String {
        let symbol = self.symbol.as_deref().map(plain).unwrap_or_default();
        let branch = self.branch.as_deref().map(plain).unwrap_or_default();
        let (insurer, number) = (plain(&self.insurer), plain(&self.number));
        let branch = match branch.trim_start_matches('0') {
            "" if !branch.is_empty() => "0",
            other => other,
        };
        format!("{insurer:0>8}:{symbol}:{number}:{branch}")
    }
}

/// NFKC without blanks and hyphens; a long vowel is a letter.
fn plain(text: &str) -> String {
    let is_hyphen = |c: char| matches!(c, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}');
    text.nfkc().filter(|c| !is_hyphen(*c) && !c.is_whitespace()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(text: &str) -> String {
        Insured::parse(text).unwrap().comparison_key()
    }

    #[test]
    fn one_card_written_in_many_ways_is_one_person() {
        let card = key("00138057:12-3:4567:01");
        for same in [
            "138057:12-3:4567:1",
            "００１３８０５７:１２－３:４５６７:０１",
            "00138057:12 3:4567:01",
        ] {
            assert_eq!(key(same), card, "{same}");
        }
        for other in [
            "00138057:123:4567:02",
            "00138057:123:4567:",
            "00138057:124:4567:01",
            "06138057:123:4567:01",
        ] {
            assert_ne!(key(other), card, "{other}");
        }
        assert_ne!(key("1:ボー:2:"), key("1:ボ:2:"));
    }

    #[test]
    fn the_holder_of_a_card_is_one_person_and_a_card_without_branch_is_not() {
        assert_eq!(key("00138057:123:4567:00"), key("138057:123:4567:０"));
        assert_ne!(key("00138057:123:4567:00"), key("00138057:123:4567:"));
        assert_eq!(key("00138057:123:4567:-"), key("00138057:123:4567:"), "a dash is no 枝番");
    }

    #[test]
    fn an_insurer_and_a_number_are_the_least() {
        for bad in ["", "00138057", "00138057:1", "00138057:1::01", ":1:2:01", "1:2:3:4:5", "1:2:3"]
        {
            assert_eq!(Insured::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn is_an_identifier_and_back() {
        let authority = Oid::parse("2.999.1").unwrap();
        let card = Insured::parse("00138057::4567:01").unwrap();
        let id = card.identifier(authority.clone()).unwrap();
        assert_eq!(Insured::parse(&id.id.id), Some(card.clone()));
        let divided = Insured { number: "4:5".to_owned(), ..card };
        assert!(divided.identifier(authority).is_err());
    }
}
