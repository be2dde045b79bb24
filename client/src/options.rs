//! What a client may take, and how one call of it is made.

use crate::mailbox::Pigeonhole;
use renkei_soap::envelope::HeaderElement;
use renkei_soap::limits::MessageLimits;
use std::time::{Duration, Instant};

/// What any call may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientOptions {
    /// Bounds of an answer.
    pub limits: MessageLimits,
    /// Longest time until there is a connection with TLS.
    pub connect_timeout: Duration,
    /// Longest time in which nothing is sent or received.
    pub request_timeout: Duration,
    /// Longest time of a call from beginning to end.
    pub call_timeout: Duration,
    /// How long an unused connection is kept.
    pub idle_timeout: Duration,
}

impl Default for ClientOptions {
    fn default() -> Self {
        Self {
            limits: MessageLimits::default(),
            connect_timeout: Duration::from_secs(10),
            request_timeout: Duration::from_secs(60),
            call_timeout: Duration::from_secs(3600),
            idle_timeout: Duration::from_secs(20),
        }
    }
}

/// How a call is made.
#[derive(Clone, Debug, Default)]
pub struct CallOptions {
    /// When the call has to be over, even if it still moves. The shorter of this and of
    /// [`ClientOptions::call_timeout`] counts.
    pub deadline: Option<Instant>,
    /// Elements for the SOAP header beside those of WS-Addressing, such as an assertion.
    pub headers: Vec<HeaderElement>,
    /// The wsa:MessageID of the call; without it, a new one. Whoever waits for an answer that comes as a message
    /// of its own has to know it before.
    pub message_id: Option<String>,
    /// Where the answer is put that does not come on the connection; without it, it comes there.
    pub answers: Option<Pigeonhole>,
    /// Whether a call that did not reach the other side is made again.
    pub retry: Retry,
}

/// How often a call is made when the other side was not reached.
///
/// It is made again when there was no connection, so that not an octet of the message went out. When the
/// connection broke before an answer began, only what reads is asked for again: what became of a change
/// has to be asked for. Documents that are streams are read once, so that they go out once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retry {
    /// How often it is made at most.
    pub attempts: u32,
    /// The time before the second attempt; it doubles before each further one.
    pub pause: Duration,
}

impl Default for Retry {
    fn default() -> Self {
        Self::NEVER
    }
}

impl Retry {
    /// It is made once.
    pub const NEVER: Self = Self { attempts: 1, pause: Duration::ZERO };

    /// The longest pause there is.
    const LONGEST: Duration = Duration::from_secs(30);

    /// The pause after the attempt of this number, counted from 1; `None` if it was the last.
    pub(crate) fn pause_after(self, attempt: u32) -> Option<Duration> {
        let doublings = attempt.saturating_sub(1).min(16);
        (attempt < self.attempts)
            .then(|| self.pause.saturating_mul(1 << doublings).min(Self::LONGEST))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_and_end() {
        let retry = Retry { attempts: 4, pause: Duration::from_secs(10) };
        let pauses: Vec<_> = (1..=4).map(|n| retry.pause_after(n)).collect();
        let seconds = |n| Some(Duration::from_secs(n));
        assert_eq!(pauses, [seconds(10), seconds(20), seconds(30), None]);
        assert_eq!(Retry::NEVER.pause_after(1), None);
        let endless = Retry { attempts: u32::MAX, ..retry };
        assert_eq!(endless.pause_after(u32::MAX - 1), seconds(30));
    }
}
