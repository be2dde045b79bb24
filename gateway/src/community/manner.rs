//! How a community is asked for patients, as far as its gateway differs from others.

use std::str::FromStr;

/// By what a patient is looked for (ITI TF-2: 3.55.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum By {
    /// Names, day of birth and sex, with identifiers beside them (Demographic Query and Feed).
    #[default]
    Demographics,
    /// Identifiers of shared authorities, and nothing else (Shared/national Patient Identifier Query and Feed).
    Identifier,
}

/// When the answer comes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum When {
    /// With the question.
    #[default]
    Now,
    /// As a message of its own, hours or days later (Deferred Response, ITI TF-2: 3.55.6.2).
    Later,
}

/// A word that is none of these.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?}: {1} のいずれかを指定してください / use one of {1}")]
pub struct NotAManner(pub String, pub &'static str);

impl By {
    /// As it is entered.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Demographics => "demographics",
            Self::Identifier => "identifier",
        }
    }
}

impl When {
    /// As it is entered.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Now => "now",
            Self::Later => "later",
        }
    }
}

impl FromStr for By {
    type Err = NotAManner;

    fn from_str(text: &str) -> Result<Self, NotAManner> {
        let all = [Self::Demographics, Self::Identifier];
        let found = all.into_iter().find(|by| by.name() == text);
        found.ok_or_else(|| NotAManner(text.to_owned(), "demographics, identifier"))
    }
}

impl FromStr for When {
    type Err = NotAManner;

    fn from_str(text: &str) -> Result<Self, NotAManner> {
        let all = [Self::Now, Self::Later];
        let found = all.into_iter().find(|when| when.name() == text);
        found.ok_or_else(|| NotAManner(text.to_owned(), "now, later"))
    }
}
