//! What members are, and by which number each is known.

use crate::pki::Sight;
use renkei_checkup::check_digit;
use serde::{Deserialize, Serialize};
use std::str::FromStr;

/// What a member is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Kind {
    Institution,
    Clinic,
    Pharmacy,
    Insurer,
    Agency,
    Employer,
    PhrOperator,
}

/// Which number a kind has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Numbering {
    /// Ten digits: 健診・保健指導機関番号, 保険医療機関番号, 保険薬局番号.
    Ten,
    /// Eight digits of which the last checks the others: 保険者番号.
    Insurer,
    /// Eight digits: 代行機関番号.
    Eight,
    /// The code of an employer as its institutions write it.
    Code,
    /// None.
    No,
}

/// The scope of members that are institutions.
pub(super) const INSTITUTION: &str = "institution";

/// What is said of a kind.
pub(crate) struct KindRow {
    pub(crate) word: &'static str,
    pub(crate) ja: &'static str,
    pub(crate) en: &'static str,
    pub(crate) numbering: Numbering,
    /// The scope that its nodes may have besides `own` and `domain`, of its own number.
    pub(crate) scope: Option<&'static str>,
}

/// A word that is no kind.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?}: 会員の種別ではありません。{1} のいずれかを指定してください / is not a kind of member; use one of {1}"
)]
pub(crate) struct NotAKind(String, String);

/// Why a number is not that of a member of its kind.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum WrongNumber {
    #[error(
        "{0:?}: 健診機関・病院・診療所・薬局の番号は10桁の数字です / the number of an institution, a clinic or a pharmacy has 10 digits"
    )]
    Ten(String),
    #[error(
        "{0:?}: 保険者番号は8桁の数字です(6桁の番号は先頭に00を付けてください) / the number of an insurer has 8 digits; put 00 before one of 6"
    )]
    Insurer(String),
    #[error(
        "{0:?}: 保険者番号の検証番号が正しくありません。元の資料と照合してください / the check digit of this insurer's number is wrong; compare it with the papers"
    )]
    CheckDigit(String),
    #[error("{0:?}: 代行機関番号は8桁の数字です / the number of an agency has 8 digits")]
    Eight(String),
    #[error(
        "{0:?}: 事業所コードは1〜20文字で、空白と ^ & | ~ \\ は使えません / the code of an employer has 1 to 20 characters, none of them blank or one of ^ & | ~ \\"
    )]
    Code(String),
    #[error("--number: 種別「{0}」には番号が必要です / a member of this kind ({1}) has a number")]
    Missing(&'static str, &'static str),
    #[error("--number: 種別「{0}」に番号はありません / a member of this kind ({1}) has no number")]
    Unwanted(&'static str, &'static str),
}

impl Kind {
    pub(crate) const ALL: [Self; 7] = [
        Self::Institution,
        Self::Clinic,
        Self::Pharmacy,
        Self::Insurer,
        Self::Agency,
        Self::Employer,
        Self::PhrOperator,
    ];

    /// What is said of it.
    #[rustfmt::skip]
    pub(crate) const fn row(self) -> KindRow {
        let (word, ja, en, numbering, scope) = match self {
            Self::Institution => ("institution", "健診機関", "checkup institution", Numbering::Ten, Some(INSTITUTION)),
            Self::Clinic => ("clinic", "病院・診療所", "hospital or clinic", Numbering::Ten, Some(INSTITUTION)),
            Self::Pharmacy => ("pharmacy", "薬局", "pharmacy", Numbering::Ten, Some(INSTITUTION)),
            Self::Insurer => ("insurer", "保険者", "insurer", Numbering::Insurer, Some("insurer")),
            Self::Agency => ("agency", "代行機関", "agency of insurers", Numbering::Eight, None),
            Self::Employer => ("employer", "事業者", "employer", Numbering::Code, Some("employer")),
            Self::PhrOperator => ("phr-operator", "PHR事業者", "PHR operator", Numbering::No, None),
        };
        KindRow { word, ja, en, numbering, scope }
    }

    /// Whether this is a number of its kind.
    pub(crate) fn checked(self, number: Option<&str>) -> Result<(), WrongNumber> {
        let row = self.row();
        let Some(number) = number else {
            return match row.numbering {
                Numbering::No => Ok(()),
                _ => Err(WrongNumber::Missing(row.ja, row.en)),
            };
        };
        // What a scope may say of a number, the number may be.
        let scopes = |word: &str| format!("{word}={number}").parse::<Sight>().is_ok();
        let wrong = |yes: bool, why: fn(String) -> WrongNumber| match yes {
            true => Ok(()),
            false => Err(why(number.to_owned())),
        };
        match row.numbering {
            Numbering::Ten => wrong(scopes("institution"), WrongNumber::Ten),
            Numbering::Insurer => {
                wrong(scopes("insurer"), WrongNumber::Insurer)?;
                wrong(check_digit::insurer_number(number), WrongNumber::CheckDigit)
            }
            Numbering::Eight => wrong(scopes("insurer"), WrongNumber::Eight),
            Numbering::Code => wrong(scopes("employer"), WrongNumber::Code),
            Numbering::No => Err(WrongNumber::Unwanted(row.ja, row.en)),
        }
    }
}

impl FromStr for Kind {
    type Err = NotAKind;

    fn from_str(text: &str) -> Result<Self, NotAKind> {
        let found = Self::ALL.into_iter().find(|kind| kind.row().word == text);
        found.ok_or_else(|| {
            let words = Self::ALL.map(|kind| kind.row().word);
            NotAKind(text.to_owned(), words.join(", "))
        })
    }
}
