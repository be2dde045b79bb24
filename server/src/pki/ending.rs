//! Certificates that end soon: who has to be given another one is told from sixty days before.

use chrono::{DateTime, Utc};

/// Days before its end from which a certificate is spoken of: time enough for two sides to arrange another.
pub(crate) const SOON: i64 = 60;
/// Days from which it is urgent.
pub(crate) const URGENT: i64 = 7;

/// A certificate that ends soon.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Ending {
    /// The node.
    pub(crate) name: String,
    /// Whole days that are left; 0 on the last, and less when it has ended.
    pub(crate) days: i64,
}

impl Ending {
    /// Of a node whose certificate ends then; `None` as long as nobody has to think of it.
    pub(crate) fn of(name: &str, expires: DateTime<Utc>, now: DateTime<Utc>) -> Option<Self> {
        let days = (expires - now).num_seconds().div_euclid(86_400);
        (days <= SOON).then(|| Self { name: name.to_owned(), days })
    }

    /// Says so in the log.
    pub(super) fn log(&self) {
        let Self { name, days } = self;
        match days {
            ..0 => tracing::error!(node = name, "its certificate has ended"),
            0..=URGENT => tracing::error!(node = name, days, "its certificate ends in days"),
            _ => tracing::warn!(node = name, days, "its certificate ends soon"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;

    #[test]
    fn is_told_from_sixty_days_before_and_after() {
        let now = Utc::now();
        let days = |left: TimeDelta| Ending::of("a", now + left, now).map(|ending| ending.days);
        assert_eq!(days(TimeDelta::days(61)), None);
        assert_eq!(days(TimeDelta::days(61) - TimeDelta::seconds(1)), Some(60));
        assert_eq!(days(TimeDelta::days(7)), Some(7));
        assert_eq!(days(TimeDelta::hours(3)), Some(0));
        assert_eq!(days(TimeDelta::seconds(-1)), Some(-1));
    }
}
