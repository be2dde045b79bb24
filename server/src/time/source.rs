//! One time server: what it said of late, and when it is asked again.

use super::TimeServer;
use super::ask::{Asked, Heard, Trouble};
use renkei_ntp::{Answer, Kiss, Sample, Unusable};
use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// Samples whose median counts, so that one answer that was held up on its way alarms nobody.
const SAMPLES: usize = 5;
/// No server elsewhere is asked more often (RFC 4330, 10).
const LEAST: Duration = Duration::from_secs(15);
/// The longest time between two questions (2^17 s, RFC 5905, 7.2).
const MOST: Duration = Duration::from_secs(1 << 17);
/// How much longer a server that does not answer is left alone, at most.
const PATIENCE: u32 = 16;
/// After so many times the usual one without an answer, what it said is forgotten.
const FORGOTTEN: u32 = 8;
/// Servers that are not further apart than this agree, however sure each is of itself: what is asked is whether
/// the clock is right to a second.
const AGREES: i64 = 50_000_000;

/// A server.
#[derive(Debug)]
pub(super) struct Source {
    pub(super) server: TimeServer,
    /// Time between two questions, as configured.
    poll: Duration,
    /// The same, as the server wants it.
    wanted: Duration,
    /// The same, now.
    wait: Duration,
    /// When it is to be asked; never, if it does not want to be.
    pub(super) due: Option<Instant>,
    pub(super) trouble: Option<Trouble>,
    pub(super) answered: Option<(Instant, Answer)>,
    samples: VecDeque<Sample>,
}

impl Source {
    pub(super) fn new(server: TimeServer, poll: Duration, now: Instant) -> Self {
        Self {
            server,
            poll,
            wanted: poll,
            wait: poll,
            due: Some(now),
            trouble: None,
            answered: None,
            samples: VecDeque::new(),
        }
    }

    /// Whether it is to be asked now.
    pub(super) fn is_due(&self, now: Instant) -> bool {
        self.due.is_some_and(|due| due <= now)
    }

    /// Takes what became of a question.
    pub(super) fn take(&mut self, asked: Asked, now: Instant) {
        let least = if asked.is_own { self.poll } else { self.poll.max(LEAST) };
        self.wanted = self.wanted.max(least);
        self.wait = match &asked.outcome {
            Ok(_) => self.wanted,
            Err(Trouble::Unusable(Unusable::Kiss(Kiss::Slower))) => {
                self.wanted = (self.wanted * 2).min(MOST);
                self.wanted
            }
            Err(_) => (self.wait * 2).clamp(self.wanted, self.wanted * PATIENCE).min(MOST),
        };
        let leaves = matches!(asked.outcome, Err(Trouble::Unusable(Unusable::Kiss(Kiss::Leave))));
        self.due = (!leaves).then(|| now + self.wait);
        match asked.outcome {
            Ok(heard) => self.hear(heard, now),
            Err(trouble) => self.stumble(trouble),
        }
    }

    fn hear(&mut self, heard: Heard, now: Instant) {
        if self.opinion(now).is_none() {
            self.samples.clear();
        }
        if self.samples.len() == SAMPLES {
            self.samples.pop_front();
        }
        self.samples.push_back(heard.sample);
        self.answered = Some((now, heard.answer));
        if self.trouble.take().is_some() {
            tracing::info!(server = %self.server, "the time server answers again");
        }
    }

    fn stumble(&mut self, trouble: Trouble) {
        if self.trouble != Some(trouble) {
            tracing::warn!(server = %self.server, %trouble, "a time server gives no time");
        }
        self.trouble = Some(trouble);
    }

    /// What it says: the median of its last samples, unless they are too old.
    pub(super) fn opinion(&self, now: Instant) -> Option<Sample> {
        let (at, _) = self.answered?;
        if now.saturating_duration_since(at) > self.wanted * FORGOTTEN {
            return None;
        }
        let mut samples: Vec<Sample> = self.samples.iter().copied().collect();
        samples.sort_unstable_by_key(|s| s.offset);
        let median = samples.get(samples.len().saturating_sub(1) / 2)?;
        Some(Sample { error: median.error.max(AGREES), ..*median })
    }
}
