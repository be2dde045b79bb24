//! A point in time as NTP writes it.

use crate::SECOND;

/// Seconds from 1900-01-01 to 1970-01-01.
const TO_UNIX: i64 = 2_208_988_800;

/// 32 bits of seconds and 32 bits of a fraction (RFC 5905, 6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timestamp(pub u64);

impl Timestamp {
    /// Whether nothing was filled in.
    pub const fn is_none(self) -> bool {
        self.0 == 0
    }

    /// Nanoseconds since 1970.
    ///
    /// The first bit tells the era: set, the time is in 1968 to 2036, else in 2036 to 2104 (RFC 4330, 3).
    pub fn unix_nanos(self) -> i64 {
        let seconds = i64::from((self.0 >> 32) as u32);
        let fraction = i64::from(self.0 as u32);
        let era = if self.0 >> 63 == 1 { 0 } else { 1 << 32 };
        // Both products fit: 2^32 seconds are 2^62 nanoseconds.
        (seconds + era - TO_UNIX) * SECOND + ((fraction * SECOND) >> 32)
    }
}
