//! How fast octets come: who sends hardly anything is not too slow for what he has, he stands still.

use std::time::{Duration, Instant};

/// Octets a second below which a sender stands still.
const CRAWL: u64 = 16 * 1024;
/// What was sent before this long ago says nothing of now.
const WINDOW: Duration = Duration::from_secs(2);

/// What came in this window and in the one before.
#[derive(Debug)]
pub(super) struct Pace {
    since: Instant,
    octets: u64,
    before: Option<(Instant, u64)>,
}

impl Pace {
    pub(super) fn new(now: Instant) -> Self {
        Self { since: now, octets: 0, before: None }
    }

    /// So many octets came.
    pub(super) fn came(&mut self, octets: usize, now: Instant) {
        if now.saturating_duration_since(self.since) >= WINDOW {
            self.before = Some((self.since, self.octets));
            (self.since, self.octets) = (now, 0);
        }
        self.octets = self.octets.saturating_add(octets as u64);
    }

    /// Whether next to nothing comes any more.
    pub(super) fn stands_still(&self, now: Instant) -> bool {
        let (since, before) = self.before.unwrap_or((self.since, 0));
        let (since, octets) = match now.saturating_duration_since(self.since) {
            young if young < WINDOW => (since, before.saturating_add(self.octets)),
            _ => (self.since, self.octets),
        };
        let seconds = now.saturating_duration_since(since).as_secs().max(1);
        octets / seconds < CRAWL
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_sent_much_and_then_next_to_nothing_stands_still() {
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let mut pace = Pace::new(start);
        assert!(pace.stands_still(at(20)), "nothing came");
        pace.came(1 << 20, at(0));
        assert!(!pace.stands_still(at(1)));
        assert!(pace.stands_still(at(70)), "nothing came since");
        (1..=20).for_each(|second| pace.came(1, at(second)));
        assert!(pace.stands_still(at(20)), "a crawl");
        (21..=40).for_each(|second| pace.came(40_000, at(second)));
        assert!(!pace.stands_still(at(40)) && !pace.stands_still(at(41)));
    }
}
