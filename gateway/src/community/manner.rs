//! How a community is asked and answers, as far as its gateway differs from others.

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

/// Where it answers ITI-38, ITI-39 and ITI-55.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Where {
    /// On the connection of the question.
    #[default]
    Connection,
    /// In a message of its own, to an address of ours (Asynchronous Web Services Exchange, ITI TF-2: V.5).
    Elsewhere,
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

impl Where {
    /// As it is entered.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Connection => "connection",
            Self::Elsewhere => "elsewhere",
        }
    }
}

impl FromStr for Where {
    type Err = NotAManner;

    fn from_str(text: &str) -> Result<Self, NotAManner> {
        let all = [Self::Connection, Self::Elsewhere];
        let found = all.into_iter().find(|place| place.name() == text);
        found.ok_or_else(|| NotAManner(text.to_owned(), "connection, elsewhere"))
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
