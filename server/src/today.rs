//! Which day it is where checkups are dated.

/// The day on which a file is judged: today in Japan, where checkups are dated, unless given.
pub(crate) fn as_of(given: Option<chrono::NaiveDate>) -> chrono::NaiveDate {
    const JAPAN: chrono::TimeDelta = chrono::TimeDelta::hours(9);
    given.unwrap_or_else(|| (chrono::Utc::now() + JAPAN).date_naive())
}
