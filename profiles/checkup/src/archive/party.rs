//! Who sends and who receives an archive.

use super::ArchiveError;
use crate::check_digit;

/// What a party is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PartyKind {
    /// 健診・保健指導機関, ten digits.
    Institution,
    /// 保険者, eight digits.
    Insurer,
    /// 代行機関, eight digits.
    Agency,
}

/// A sender or receiver by its number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Party {
    kind: PartyKind,
    number: String,
}

impl Party {
    /// A party by its number. Without a kind, ten digits are an institution's and eight an
    /// insurer's. A 国保 insurer's six digits are padded.
    ///
    /// # Errors
    /// When the length is another, or the check digit of an institution or insurer is wrong.
    pub fn parse(number: &str, kind: Option<PartyKind>) -> Result<Self, ArchiveError> {
        let by_length = match number.len() {
            10 => Some(PartyKind::Institution),
            6 | 8 => Some(PartyKind::Insurer),
            _ => None,
        };
        let expected = match kind {
            None => "an institution (10), insurer (8 or 6) or agency (8)",
            Some(PartyKind::Institution) => "an institution (10 digits)",
            Some(PartyKind::Insurer) => "an insurer (8 or 6 digits)",
            Some(PartyKind::Agency) => "an agency (8 digits)",
        };
        let expected_ja = match kind {
            None => "健診機関番号（10桁）、保険者番号（8桁・6桁）、代行機関番号（8桁）",
            Some(PartyKind::Institution) => "健診機関番号（10桁）",
            Some(PartyKind::Insurer) => "保険者番号（8桁・6桁）",
            Some(PartyKind::Agency) => "代行機関番号（8桁）",
        };
        let fits = |kind: &PartyKind| match kind {
            PartyKind::Institution => number.len() == 10,
            PartyKind::Insurer => matches!(number.len(), 6 | 8),
            PartyKind::Agency => number.len() == 8,
        };
        let is_number = number.bytes().all(|byte| byte.is_ascii_digit());
        let Some(kind) = kind.or(by_length).filter(fits).filter(|_| is_number) else {
            let number = number.to_owned();
            return Err(ArchiveError::Number { number, expected_en: expected, expected_ja });
        };
        let number = format!("{number:0>8}");
        let holds = match kind {
            PartyKind::Institution => check_digit::institution_number(&number),
            PartyKind::Insurer => check_digit::insurer_number(&number),
            // the rule of their check digit is not published
            PartyKind::Agency => true,
        };
        if holds { Ok(Self { kind, number }) } else { Err(ArchiveError::CheckDigit { number }) }
    }

    /// An institution by its number, whose check digit was checked where it was read.
    ///
    /// # Errors
    /// When the number has not ten digits.
    pub fn institution(number: &str) -> Result<Self, ArchiveError> {
        match Self::parse(number, Some(PartyKind::Institution)) {
            Err(ArchiveError::CheckDigit { number }) => {
                Ok(Self { kind: PartyKind::Institution, number })
            }
            other => other,
        }
    }

    /// The number with all its digits.
    pub fn number(&self) -> &str {
        &self.number
    }

    /// Whether this is an insurer, and the number that of another one; no number is nobody's.
    pub fn is_other_insurer(&self, insurer: &str) -> bool {
        let padded = format!("{insurer:0>8}");
        self.kind == PartyKind::Insurer && !insurer.is_empty() && padded != self.number
    }

    /// The OID under which the number is one.
    pub(super) const fn root(&self) -> &'static str {
        match self.kind {
            PartyKind::Institution => "1.2.392.200119.6.102",
            PartyKind::Insurer => "1.2.392.200119.6.101",
            PartyKind::Agency => "1.2.392.200119.6.103",
        }
    }

    /// 種別コード of what an institution sends to this party; 9 is その他.
    pub(super) const fn interaction(&self) -> &'static str {
        match self.kind {
            PartyKind::Agency => "1",
            PartyKind::Insurer => "6",
            PartyKind::Institution => "9",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{ArchiveError, Party, PartyKind};

    #[test]
    fn the_length_tells_the_kind() {
        let kind = |number| Party::parse(number, None).map(|party| party.kind);
        assert_eq!(kind("0119900025"), Ok(PartyKind::Institution));
        assert_eq!(kind("00013995"), Ok(PartyKind::Insurer));
        assert_eq!(Party::parse("013995", None).unwrap().number(), "00013995");
        let agency = Party::parse("91399010", Some(PartyKind::Agency)).unwrap();
        assert_eq!((agency.root(), agency.interaction()), ("1.2.392.200119.6.103", "1"));
    }

    #[test]
    fn only_an_insurer_can_be_the_wrong_one() {
        let insurer = Party::parse("00013995", None).unwrap();
        assert!(insurer.is_other_insurer("06139992"));
        for number in ["00013995", "013995", ""] {
            assert!(!insurer.is_other_insurer(number), "{number}");
        }
        let agency = Party::parse("91399010", Some(PartyKind::Agency)).unwrap();
        assert!(!agency.is_other_insurer("06139992"));
    }

    #[test]
    fn wrong_numbers_are_told_in_both_languages() {
        for (number, kind) in [
            ("", None),
            ("123456789", None),
            ("０００１３９９５", None),
            ("0001399x", None),
            ("00013995", Some(PartyKind::Institution)),
            ("0119900025", Some(PartyKind::Agency)),
        ] {
            let error = Party::parse(number, kind).unwrap_err();
            assert!(matches!(error, ArchiveError::Number { .. }), "{number}: {error}");
            assert!(error.to_string().contains(" / "), "{error}");
        }
        for number in ["00013994", "0119900024"] {
            let error = Party::parse(number, None).unwrap_err();
            assert_eq!(error, ArchiveError::CheckDigit { number: number.to_owned() });
        }
    }
}
