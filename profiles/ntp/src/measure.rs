//! How far a clock is off by an answer.

use crate::Answer;
use std::time::Duration;

/// What one answer says of the own clock, in nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sample {
    /// What has to be added to the own clock.
    pub offset: i64,
    /// By how much that may be wrong.
    pub error: i64,
}

impl Answer {
    /// Compares with the own clock, which said `sent` (nanoseconds since 1970) when the question left.
    /// `took` is the time until the answer came, by a clock that nobody sets (RFC 5905, 8).
    pub fn compared(&self, sent: i64, took: Duration) -> Sample {
        let took = i128::try_from(took.as_nanos()).unwrap_or(i128::MAX / 4);
        let (t1, t4) = (i128::from(sent), i128::from(sent) + took);
        let (t2, t3) =
            (i128::from(self.receive.unix_nanos()), i128::from(self.transmit.unix_nanos()));
        let offset = ((t2 - t1) + (t3 - t4)) / 2;
        // A server that claims to have taken longer than we waited is not surer for it.
        let delay = (took - (t3 - t2)).max(0);
        let error = (delay + i128::from(self.root_delay)) / 2 + i128::from(self.root_dispersion);
        Sample { offset: narrow(offset), error: narrow(error) }
    }
}

fn narrow(value: i128) -> i64 {
    i64::try_from(value).unwrap_or(if value < 0 { i64::MIN } else { i64::MAX })
}
