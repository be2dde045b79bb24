//! Queries of which more may be asked for (ITI TF-2: 3.47.4.3): a bounded number, each for ten minutes, and of
//! whoever asked alone.

use renkei_hl7v3::InstanceId;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long a query waits.
const WAITS: Duration = Duration::from_secs(600);
/// Fixed bounds: queries that wait at once, and those of one caller. One more, and the oldest is forgotten: of
/// whoever has too many their own.
const MOST: usize = 1000;
const OF_ONE: usize = 50;

/// Whose query, and what it calls it.
pub(crate) type Named = (String, InstanceId);

/// What waits to be continued.
pub(crate) struct Continuations<T> {
    waiting: Mutex<HashMap<Named, (Instant, T)>>,
}

impl<T> Default for Continuations<T> {
    fn default() -> Self {
        Self { waiting: Mutex::default() }
    }
}

impl<T> Continuations<T> {
    /// Keeps the rest of a query, in the place of one of the same name.
    pub(crate) fn keep(&self, named: Named, rest: T) {
        self.keep_at(Instant::now(), named, rest);
    }

    fn keep_at(&self, now: Instant, named: Named, rest: T) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.retain(|_, (since, _)| now.duration_since(*since) < WAITS);
        waiting.remove(&named);
        if waiting.keys().filter(|(caller, _)| *caller == named.0).count() >= OF_ONE {
            forget_oldest(&mut waiting, |caller| caller == named.0);
        } else if waiting.len() >= MOST {
            forget_oldest(&mut waiting, |_| true);
        }
        waiting.insert(named, (now, rest));
    }

    /// Takes the rest of a query out; whoever answers it puts back what is left then.
    pub(crate) fn take(&self, named: &Named) -> Option<T> {
        self.take_at(Instant::now(), named)
    }

    fn take_at(&self, now: Instant, named: &Named) -> Option<T> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let (since, rest) = waiting.remove(named)?;
        (now.duration_since(since) < WAITS).then_some(rest)
    }
}

/// Forgets the oldest query of these callers.
fn forget_oldest<T>(waiting: &mut HashMap<Named, (Instant, T)>, of: impl Fn(&str) -> bool) {
    let theirs = waiting.iter().filter(|((caller, _), _)| of(caller));
    let oldest = theirs.min_by_key(|(_, (since, _))| *since).map(|(named, _)| named.clone());
    if let Some(oldest) = oldest {
        waiting.remove(&oldest);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(n: usize) -> Named {
        ("node".to_owned(), InstanceId::new(uuid::Uuid::from_u128(n as u128)))
    }

    #[test]
    fn a_query_waits_for_ten_minutes_and_is_continued_once() {
        let (all, now) = (Continuations::default(), Instant::now());
        all.keep_at(now, named(1), 1);
        all.keep_at(now, named(2), 2);
        assert_eq!(all.take_at(now, &("another".to_owned(), named(1).1)), None);
        assert_eq!(all.take_at(now, &named(1)), Some(1));
        assert_eq!(all.take_at(now, &named(1)), None);
        assert_eq!(all.take_at(now + WAITS, &named(2)), None);
    }

    #[test]
    fn no_more_wait_than_there_is_room_for() {
        let (all, now) = (Continuations::default(), Instant::now());
        let of = |n: usize| (format!("node {}", n % 25), named(n).1);
        for n in 0..=MOST {
            all.keep_at(now + Duration::from_millis(n as u64), of(n), n);
        }
        assert_eq!(all.waiting.lock().unwrap().len(), MOST);
        assert_eq!(all.take_at(now, &of(0)), None);
        assert_eq!(all.take_at(now, &of(MOST)), Some(MOST));
    }

    #[test]
    fn whoever_asks_much_pushes_nobody_else_out() {
        let (all, now) = (Continuations::default(), Instant::now());
        let other = ("another".to_owned(), named(0).1);
        all.keep_at(now, other.clone(), 0);
        for n in 1..=OF_ONE + 1 {
            all.keep_at(now + Duration::from_millis(n as u64), named(n), n);
        }
        assert_eq!(all.waiting.lock().unwrap().len(), OF_ONE + 1);
        assert_eq!(all.take_at(now, &named(1)), None, "their own oldest");
        assert_eq!(all.take_at(now, &other), Some(0));
    }
}
