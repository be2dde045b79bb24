//! Sparing a community that does not answer: whoever asked it would wait for nothing each time.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Failures in a row after which it is not asked.
const FAILURES: u32 = 5;
/// For how long.
const REST: Duration = Duration::from_secs(30);

/// Whether a community is asked.
#[derive(Debug, Default)]
pub(super) struct Breaker(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    failures: u32,
    rests_until: Option<Instant>,
    /// One question finds out whether it is back; others do not wait for that.
    trying: bool,
}

/// A question that is let through. Dropped without a word, it says nothing of the community.
#[derive(Debug)]
pub(super) struct Attempt {
    breaker: Arc<Breaker>,
    /// Whether it is the one that finds out.
    is_trial: bool,
}

impl Breaker {
    /// Lets a question through, unless the community rests.
    pub(super) fn admit(self: &Arc<Self>, now: Instant) -> Option<Attempt> {
        let mut state = self.state();
        let is_trial = match state.rests_until {
            Some(until) if now < until || state.trying => return None,
            resting => resting.is_some(),
        };
        state.trying |= is_trial;
        Some(Attempt { breaker: Arc::clone(self), is_trial })
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Attempt {
    /// It began to answer. Whether it ends well may take long to know; whoever asks meanwhile tries it, too.
    pub(super) fn began(&mut self) {
        if std::mem::take(&mut self.is_trial) {
            self.breaker.state().trying = false;
        }
    }

    /// It answered, whatever it said.
    pub(super) fn succeeded(self) {
        *self.breaker.state() = State::default();
    }

    /// It did not.
    pub(super) fn failed(self, now: Instant) {
        let mut state = self.breaker.state();
        state.failures = state.failures.saturating_add(1);
        if state.failures >= FAILURES {
            state.rests_until = Some(now + REST);
        }
    }
}

impl Drop for Attempt {
    fn drop(&mut self) {
        // An older one that ends late lets no second trial through.
        if self.is_trial {
            self.breaker.state().trying = false;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rests_after_failures_in_a_row_and_is_tried_once() {
        let (breaker, start) = (Arc::new(Breaker::default()), Instant::now());
        let fail = |now| breaker.admit(now).map(|attempt| attempt.failed(now)).is_some();
        assert!((1..FAILURES).all(|_| fail(start)));
        breaker.admit(start).unwrap().succeeded();
        assert!((0..FAILURES).all(|_| fail(start)), "they were not in a row");
        assert!(breaker.admit(start + REST - Duration::from_millis(1)).is_none());
        let back = start + REST;
        let one = breaker.admit(back).unwrap();
        assert!(breaker.admit(back).is_none(), "one finds out");
        one.failed(back);
        assert!(breaker.admit(back).is_none(), "it rests again");
        drop(breaker.admit(back + REST).unwrap());
        let again = Arc::new(Breaker::default());
        let late = again.admit(start).unwrap();
        (0..FAILURES).for_each(|_| again.admit(start).unwrap().failed(start));
        let trial = again.admit(back).unwrap();
        drop(late);
        assert!(again.admit(back).is_none(), "what began before it ends is no trial");
        drop(trial);
        assert!(again.admit(back).is_some());
        breaker.admit(back + REST).unwrap().succeeded();
        assert!(breaker.admit(back + REST).is_some() && breaker.admit(back + REST).is_some());
    }

    #[test]
    fn what_began_holds_up_nobody_and_counts_at_its_end() {
        let (breaker, start) = (Arc::new(Breaker::default()), Instant::now());
        (0..FAILURES).for_each(|_| breaker.admit(start).unwrap().failed(start));
        let back = start + REST;
        let mut first = breaker.admit(back).unwrap();
        assert!(breaker.admit(back).is_none(), "one finds out");
        first.began();
        let second = breaker.admit(back).unwrap();
        first.failed(back);
        assert!(breaker.admit(back).is_none(), "what broke off is no answer");
        second.succeeded();
        assert!(breaker.admit(back).is_some());
    }
}
