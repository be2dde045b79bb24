//! Certificates that end soon: who has to be given another one is told from sixty days before.

use chrono::{DateTime, Utc};
use std::fmt;

/// Days before its end from which a certificate is spoken of: time enough for two sides to arrange another.
pub(crate) const SOON: i64 = 60;
/// Days from which it is late to begin.
const LATE: i64 = 30;
/// Days from which it is urgent.
const URGENT: i64 = 7;

/// The certificates of the house that are not of the table, as they are told: no node has such a name.
pub(crate) const SERVER: &str = "server certificate";
/// That of its CA.
pub(crate) const AUTHORITY: &str = "house CA";

/// Before the name of a CA of others that is trusted.
pub(super) const TRUSTED: &str = "CA ";

/// A certificate that ends soon.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Ending {
    /// The node, or what it is of the house.
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
        let told = self.to_string();
        match self.days {
            ..=URGENT => tracing::error!(node = name, days, "{told}"),
            _ => tracing::warn!(node = name, days, "{told}"),
        }
    }
}

impl fmt::Display for Ending {
    /// How much time is left to do what.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, days } = self;
        let (ja, en) = match days {
            ..0 => ("は期限切れです", "has ended"),
            ..=URGENT => ("の期限が7日以内に切れます", "ends within 7 days"),
            ..=LATE => ("の期限が30日以内に切れます", "ends within 30 days"),
            _ => ("の期限が60日以内に切れます", "ends within 60 days"),
        };
        let (do_ja, do_en) = match name.as_str() {
            SERVER => (
                "自CAの証明書は再起動で更新されます。tls.certificate は差し替えてください",
                "one of the own CA is renewed by a restart; put another one at tls.certificate",
            ),
            AUTHORITY => (
                "拠点の認証局の更新を計画してください",
                "plan how the CA of the house is followed by another",
            ),
            other if other.starts_with(TRUSTED) => (
                "後継の認証局を登録してください(renkei pki trust add-ca)",
                "trust the CA that follows it (renkei pki trust add-ca)",
            ),
            _ => ("新しい証明書を発行してください", "issue another one (renkei pki issue)"),
        };
        write!(f, "{name} の証明書{ja}。{do_ja} / the certificate of {name} {en}; {do_en}")
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

    #[test]
    fn is_told_at_sixty_thirty_and_seven_days_what_to_do() {
        let told = |name: &str, days| Ending { name: name.to_owned(), days }.to_string();
        for (days, ja, en) in [
            (60, "60日以内", "ends within 60 days"),
            (31, "60日以内", "ends within 60 days"),
            (30, "30日以内", "ends within 30 days"),
            (8, "30日以内", "ends within 30 days"),
            (7, "7日以内", "ends within 7 days"),
            (0, "7日以内", "ends within 7 days"),
            (-1, "期限切れ", "has ended"),
        ] {
            let told = told("a", days);
            assert!(told.contains(ja) && told.contains(en), "{days}: {told}");
            assert!(told.contains("renkei pki issue"), "{told}");
        }
        assert!(told(SERVER, 7).contains("tls.certificate"));
        assert!(told(AUTHORITY, 7).contains("CA"));
        assert!(told("CA partner", 7).contains("renkei pki trust add-ca"));
    }
}
