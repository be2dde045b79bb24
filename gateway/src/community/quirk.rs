//! What is forgiven a community: which rule its answers break, why we live with that, and until when.

use chrono::{DateTime, NaiveDate, Utc};
use renkei_context::day_in_japan;
use std::fmt;
use std::str::FromStr;

macro_rules! kinds {
    ($( $(#[$doc:meta])* $Kind:ident = $word:literal, $en:literal, $ja:literal; )*) => {
        /// A rule that answers may break.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum QuirkKind { $( $(#[$doc])* $Kind, )* }

        impl QuirkKind {
            /// Every one.
            pub const ALL: &[Self] = &[$(Self::$Kind),*];

            /// Its word in files, commands and metrics.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$Kind => $word,)* }
            }

            /// What is done with such answers: English, Japanese.
            pub const fn meaning(self) -> (&'static str, &'static str) {
                match self { $(Self::$Kind => ($en, $ja),)* }
            }
        }
    };
}

kinds! {
    /// Objects without `home` (ITI TF-2: 3.38.4.1.3 demands it).
    HomeMissing = "home-missing",
        "objects without homeCommunityId get the one of the community",
        "homeCommunityIdのないオブジェクトにコミュニティのものを補う";
    /// Objects with the `home` of somebody else, such as that of a community behind it.
    HomeDiffers = "home-differs",
        "objects with another homeCommunityId get the one of the community",
        "異なるhomeCommunityIdを持つオブジェクトのものをコミュニティのものに置き換える";
}

impl FromStr for QuirkKind {
    type Err = NotAQuirk;

    fn from_str(word: &str) -> Result<Self, NotAQuirk> {
        let found = Self::ALL.iter().copied().find(|kind| kind.name() == word);
        found.ok_or_else(|| NotAQuirk::Name(word.to_owned()))
    }
}

/// One rule that is forgiven.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quirk {
    /// Which.
    pub kind: QuirkKind,
    /// Why.
    pub reason: String,
    /// The last day on which it is, in Japan.
    pub until: NaiveDate,
}

/// Why a text is no quirk.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAQuirk {
    /// There is none of this name.
    #[error("{0:?}: 次のいずれかを指定してください: {names} / is no quirk; use one of {names}", names = names())]
    Name(String),
    /// It has no such day.
    #[error("{0:?}: 期限を YYYY-MM-DD で指定してください / the last day is written YYYY-MM-DD")]
    Day(String),
    /// It is not written as one.
    #[error(
        "NAME=YYYY-MM-DD:理由 の形で指定してください / a quirk is written NAME=YYYY-MM-DD:REASON"
    )]
    Form,
}

fn names() -> String {
    let names: Vec<&str> = QuirkKind::ALL.iter().map(|kind| kind.name()).collect();
    names.join(", ")
}

impl Quirk {
    /// The quirk of these words. Without a reason and a last day there is none: what is forgiven for ever,
    /// nobody mends.
    ///
    /// # Errors
    /// When one of the words is not what it should be.
    pub fn new(name: &str, until: &str, reason: &str) -> Result<Self, NotAQuirk> {
        let kind = name.trim().parse()?;
        let until = NaiveDate::parse_from_str(until.trim(), "%Y-%m-%d")
            .map_err(|_| NotAQuirk::Day(until.to_owned()))?;
        let reason = reason.trim();
        if reason.is_empty() {
            return Err(NotAQuirk::Form);
        }
        Ok(Self { kind, reason: reason.to_owned(), until })
    }

    /// Whether it is still forgiven.
    pub fn is_in_force(&self, now: DateTime<Utc>) -> bool {
        day_in_japan(now) <= self.until
    }
}

/// As the command line has it: `home-missing=2027-03-31:REASON`.
impl FromStr for Quirk {
    type Err = NotAQuirk;

    fn from_str(text: &str) -> Result<Self, NotAQuirk> {
        let (name, rest) = text.split_once('=').ok_or(NotAQuirk::Form)?;
        let (until, reason) = rest.split_once(':').ok_or(NotAQuirk::Form)?;
        Self::new(name, until, reason)
    }
}

impl fmt::Display for Quirk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}:{}", self.kind.name(), self.until, self.reason)
    }
}
