//! Which day it is.

use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeDelta, Utc};

/// What the clocks of Japan are ahead of UTC, all year round.
const JAPAN: TimeDelta = TimeDelta::hours(9);

/// The day that `at` is in Japan, where checkups are dated and promises end.
pub fn day_in_japan(at: DateTime<Utc>) -> NaiveDate {
    in_japan(at).date()
}

/// The day and the hour there.
pub fn in_japan(at: DateTime<Utc>) -> NaiveDateTime {
    let utc = at.naive_utc();
    utc.checked_add_signed(JAPAN).unwrap_or(utc)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_nine_hours_before_that_of_utc() {
        let day = |at: &str| day_in_japan(at.parse().unwrap()).to_string();
        assert_eq!(day("2027-03-31T14:59:59Z"), "2027-03-31");
        assert_eq!(day("2027-03-31T15:00:00Z"), "2027-04-01");
    }
}
