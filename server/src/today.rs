//! Which day it is where checkups are dated.

/// The day on which a file is judged: today in Japan, where checkups are dated, unless given.
pub(crate) fn as_of(given: Option<chrono::NaiveDate>) -> chrono::NaiveDate {
    given.unwrap_or_else(|| renkei_context::day_in_japan(chrono::Utc::now()))
}
