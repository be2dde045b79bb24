//! Whose objects a node sees, in the words of `--scope`.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// The word for everything.
const DOMAIN: &str = "domain";

/// Whose objects a node sees: the word of `--scope`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) enum Sight {
    /// Everybody's.
    Domain,
    /// What it submitted itself. Every node sees that.
    Own,
    /// What an institution wrote.
    Institution(Number),
    /// What was sent to an insurer, of its members.
    Insurer(Number),
    /// What was sent to an employer, and is meant for its occupational doctors.
    Employer(EmployerCode),
}

/// Ten digits of an institution, or eight of an insurer.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Number(pub(super) String);

/// The number of the institution that a node's member is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) struct OfInstitution(Number);

impl OfInstitution {
    /// The number.
    pub(super) fn number(&self) -> &Number {
        &self.0
    }
}

impl FromStr for OfInstitution {
    type Err = NotASight;

    fn from_str(text: &str) -> Result<Self, NotASight> {
        Number::of(text, 10).map(Self).ok_or_else(|| NotASight::Institution(text.to_owned()))
    }
}

impl fmt::Display for OfInstitution {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.0)
    }
}

as_text!(OfInstitution, NotASight);

/// The code of an employer or a site of one, as its institutions write it: 1 to 20 characters that may
/// stand in an XON.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct EmployerCode(pub(super) String);

/// What is said of each scope.
#[cfg(test)]
pub(crate) struct SightRow {
    pub(crate) word: &'static str,
    pub(crate) ja: &'static str,
    pub(crate) en: &'static str,
    /// Whether what is seen by it may be changed, too.
    pub(crate) changes: bool,
}

#[cfg(test)]
#[rustfmt::skip]
pub(crate) static SIGHTS: &[SightRow] = &[
    SightRow { word: "own", changes: true, ja: "自分が登録したもの。版が更新されても", en: "what it submitted itself, and every later version of it" },
    SightRow { word: "institution=NO", changes: true, ja: "著者の機関(authorInstitution)がその機関番号(10桁)のもの", en: "what has this number (10 digits) among the authorInstitutions" },
    SightRow { word: "insurer=NO", changes: false, ja: "その保険者番号(8桁)あて(intendedRecipient)で、対象区分が STAT か FULL のもの", en: "what was sent (intendedRecipient) to this number (8 digits) and is for the audience STAT or FULL" },
    SightRow { word: "employer=CODE", changes: false, ja: "その事業所コードあて(intendedRecipient)で、対象区分が STAT か WORK のもの", en: "what was sent (intendedRecipient) to this code and is for the audience STAT or WORK" },
    SightRow { word: "domain", changes: true, ja: "コミュニティのすべて。別の管理者が承認するまで、起動のたびに表示", en: "everything of the community; told at every start until a second administrator approves it" },
];

/// A word that is no scope.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NotASight {
    #[error(
        "{0:?} は範囲ではありません。domain、own、institution=機関番号、insurer=保険者番号、employer=事業所コード のいずれかを指定してください / is not a scope; use domain, own, institution=NO, insurer=NO or employer=CODE"
    )]
    Word(String),
    #[error(
        "institution={0}: 健診機関番号は10桁の数字です / the number of an institution has 10 digits"
    )]
    Institution(String),
    #[error("insurer={0}: 保険者番号は8桁の数字です / the number of an insurer has 8 digits")]
    Insurer(String),
    #[error(
        "employer={0}: 事業所コードは1〜20文字で、空白と ^ & | ~ \\ は使えません / the code of an employer has 1 to 20 characters, none of them blank or one of ^ & | ~ \\"
    )]
    Employer(String),
}

impl FromStr for Sight {
    type Err = NotASight;

    fn from_str(text: &str) -> Result<Self, NotASight> {
        let (word, value) = text.split_once('=').unwrap_or((text, ""));
        match word {
            DOMAIN if text == DOMAIN => Ok(Self::Domain),
            "own" if text == "own" => Ok(Self::Own),
            "institution" => Number::of(value, 10)
                .map(Self::Institution)
                .ok_or_else(|| NotASight::Institution(value.to_owned())),
            "insurer" => Number::of(value, 8)
                .map(Self::Insurer)
                .ok_or_else(|| NotASight::Insurer(value.to_owned())),
            "employer" => EmployerCode::of(value)
                .map(Self::Employer)
                .ok_or_else(|| NotASight::Employer(value.to_owned())),
            _ => Err(NotASight::Word(text.to_owned())),
        }
    }
}

impl Number {
    fn of(text: &str, digits: usize) -> Option<Self> {
        let fits = text.len() == digits && text.bytes().all(|b| b.is_ascii_digit());
        fits.then(|| Self(text.to_owned()))
    }
}

impl EmployerCode {
    fn of(text: &str) -> Option<Self> {
        let may_stand = |c: char| !c.is_whitespace() && !c.is_control() && !"^&|~\\".contains(c);
        let fits = (1..=20).contains(&text.chars().count()) && text.chars().all(may_stand);
        fits.then(|| Self(text.to_owned()))
    }
}

impl fmt::Display for Sight {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Domain => f.write_str(DOMAIN),
            Self::Own => f.write_str("own"),
            Self::Institution(Number(number)) => write!(f, "institution={number}"),
            Self::Insurer(Number(number)) => write!(f, "insurer={number}"),
            Self::Employer(EmployerCode(code)) => write!(f, "employer={code}"),
        }
    }
}

as_text!(Sight, NotASight);
