//! Ids of mandates: a day and a number, short enough to be told on the telephone; file names at once.

use chrono::{DateTime, Utc};
use renkei_context::day_in_japan;
use serde::Serialize;
use std::fmt;
use std::str::FromStr;

/// The id of a mandate: the day on which it was asked for, in Japan, and its number on that day.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub(crate) struct MandateId(String);

/// A text that is no id.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?}: 委任idは「20260401-1」のような日付と番号です(`renkei mandate list` で確認できます) / is not the id of a mandate, a day and a number such as 20260401-1 (see `renkei mandate list`)"
)]
pub(crate) struct NotAMandateId(String);

impl MandateId {
    /// The `number`th of the day.
    pub(crate) fn new(at: DateTime<Utc>, number: u32) -> Self {
        Self(format!("{}-{number}", day_in_japan(at).format("%Y%m%d")))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// By which ids stand in the order in which they were given.
    pub(super) fn order(&self) -> (&str, usize, &str) {
        let (day, number) = self.0.split_once('-').unwrap_or((&self.0, ""));
        (day, number.len(), number)
    }
}

impl FromStr for MandateId {
    type Err = NotAMandateId;

    /// An id becomes a file name, therefore digits and one hyphen alone.
    fn from_str(text: &str) -> Result<Self, NotAMandateId> {
        let digits = |part: &str, longest: usize| {
            (1..=longest).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit())
        };
        match text.split_once('-') {
            Some((day, number)) if day.len() == 8 && digits(day, 8) && digits(number, 10) => {
                Ok(Self(text.to_owned()))
            }
            _ => Err(NotAMandateId(text.to_owned())),
        }
    }
}

impl fmt::Display for MandateId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
