//! How fast octets come: who sends hardly anything is not too slow for what he has, he stands still.

use std::time::Instant;

/// Octets a second below which a sender stands still.
const CRAWL: u64 = 16 * 1024;
/// What was sent so many seconds ago says nothing of now.
const SECONDS: usize = 5;

/// What came in the last seconds, second by second.
#[derive(Debug)]
pub(super) struct Pace {
    began: Instant,
    /// The second that goes on, counted from the beginning.
    second: u64,
    /// Octets of a second each, in the place that is its number by [`SECONDS`].
    octets: [u64; SECONDS],
}

impl Pace {
    pub(super) fn new(now: Instant) -> Self {
        Self { began: now, second: 0, octets: [0; SECONDS] }
    }

    /// So many octets came.
    pub(super) fn came(&mut self, octets: usize, now: Instant) {
        self.go_on(now);
        if let Some(place) = self.octets.get_mut(place(self.second)) {
            *place = place.saturating_add(octets as u64);
        }
    }

    /// Whether next to nothing comes any more.
    pub(super) fn stands_still(&mut self, now: Instant) -> bool {
        self.go_on(now);
        let seconds = (SECONDS as u64).min(self.second.saturating_add(1));
        self.octets.iter().sum::<u64>() / seconds < CRAWL
    }

    /// Forgets the seconds that are over by now.
    fn go_on(&mut self, now: Instant) {
        let second = now.saturating_duration_since(self.began).as_secs();
        let over = second.saturating_sub(self.second).min(SECONDS as u64);
        for gone in 1..=over {
            if let Some(octets) = self.octets.get_mut(place(self.second.saturating_add(gone))) {
                *octets = 0;
            }
        }
        self.second = self.second.max(second);
    }
}

fn place(second: u64) -> usize {
    usize::try_from(second % SECONDS as u64).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn at(start: Instant, seconds: u64) -> Instant {
        start + Duration::from_secs(seconds)
    }

    #[test]
    fn who_sent_much_and_then_nothing_stands_still() {
        for silence in [6, 10, 45, 120] {
            let start = Instant::now();
            let mut pace = Pace::new(start);
            pace.came(5 << 20, start);
            assert!(!pace.stands_still(at(start, 3)));
            assert!(pace.stands_still(at(start, silence)), "{silence}");
        }
    }

    #[test]
    fn who_crawls_stands_still_and_who_begins_late_does_not() {
        let start = Instant::now();
        let mut pace = Pace::new(start);
        assert!(pace.stands_still(at(start, 20)), "nothing came");
        (21..=40).for_each(|second| pace.came(1, at(start, second)));
        assert!(pace.stands_still(at(start, 40)), "a crawl");
        pace.came(600_000, at(start, 44));
        assert!(!pace.stands_still(at(start, 45)), "it has begun");
        (46..=60).for_each(|second| pace.came(40_000, at(start, second)));
        assert!(!pace.stands_still(at(start, 60)));
    }
}
