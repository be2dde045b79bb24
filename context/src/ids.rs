//! New identifiers, injected.

use chrono::{DateTime, Utc};
use std::sync::atomic::{AtomicU64, Ordering};
use uuid::{Builder, Uuid};

/// Makes identifiers that did not exist before.
pub trait Ids: Send + Sync {
    /// A new UUID.
    fn new_uuid(&self) -> Uuid;

    /// A key for a row that is made at `at`: it sorts behind every key that was made before, so that rows
    /// lie in the order in which they came. It tells when it was made, and is never sent to anybody.
    fn new_key(&self, at: DateTime<Utc>) -> Uuid;
}

/// Random version 4 UUIDs, so that nobody can guess a neighbour's, and keys of version 7. Their random
/// bits come from a generator of each thread (ChaCha, seeded by the operating system), not from a call of
/// the kernel each.
#[derive(Clone, Copy, Debug, Default)]
pub struct RandomIds;

/// The milliseconds of the last key, and behind them the 12 bits of its counter.
static LAST_KEY: AtomicU64 = AtomicU64::new(0);

/// Bits of the counter: where RFC 9562 has `rand_a` (method 1 of its section 6.2).
const COUNTER_BITS: u32 = 12;

impl Ids for RandomIds {
    fn new_uuid(&self) -> Uuid {
        Uuid::new_v4()
    }

    fn new_key(&self, at: DateTime<Utc>) -> Uuid {
        // A clock that stands still or goes back costs the time in the key, never the order.
        let now = u64::try_from(at.timestamp_millis()).unwrap_or(0) << COUNTER_BITS;
        let after = |last: u64| now.max(last.saturating_add(1));
        let (Ok(last) | Err(last)) =
            LAST_KEY.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |l| Some(after(l)));
        let this = after(last);
        let [.., a, b] = this.to_be_bytes();
        let (_, random) = Uuid::new_v4().as_u64_pair();
        let [c, d, e, f, g, h, i, j] = random.to_be_bytes();
        let behind = [a, b, c, d, e, f, g, h, i, j];
        Builder::from_unix_timestamp_millis(this >> COUNTER_BITS, &behind).into_uuid()
    }
}

/// 1, 2, 3, ... as UUIDs; for tests.
#[derive(Debug, Default)]
pub struct SequentialIds(AtomicU64);

impl Ids for SequentialIds {
    fn new_uuid(&self) -> Uuid {
        Uuid::from_u128(u128::from(self.0.fetch_add(1, Ordering::Relaxed)) + 1)
    }

    fn new_key(&self, _at: DateTime<Utc>) -> Uuid {
        self.new_uuid()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    fn at(millis: i64) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(millis).unwrap_or_default()
    }

    // One test, since the last key is that of the process.
    #[test]
    fn keys_are_in_the_order_in_which_they_were_made() {
        let first = RandomIds.new_key(at(1_775_000_000_001));
        let time = first.get_timestamp().map(|t| t.to_unix());
        assert_eq!(time, Some((1_775_000_000, 1_000_000)), "the time stands in it");
        // More in a millisecond than the counter has room for, a later time, an earlier one.
        let burst = (0..10_000).map(|_| RandomIds.new_key(at(1_775_000_000_001)));
        let later = (0..300).map(|_| RandomIds.new_key(at(1_775_000_000_900)));
        let earlier = (0..300).map(|_| RandomIds.new_key(at(0)));
        let keys: Vec<Uuid> =
            [first].into_iter().chain(burst).chain(later).chain(earlier).collect();
        assert!(keys.is_sorted());
        assert!(keys.iter().all(|k| k.get_version_num() == 7));
        assert_eq!(keys.iter().collect::<HashSet<_>>().len(), keys.len());
    }
}
