//! SNTP as a client speaks it (RFC 4330, RFC 5905; ITI TF-2: 3.1): the question, the answer, how far the own
//! clock is off by it, and what several servers agree on.
//!
//! Nothing here asks anybody or knows what time it is.

mod answer;
mod majority;
mod measure;
mod question;
mod timestamp;

pub use answer::{Answer, Kiss, Unusable};
pub use majority::{Agreement, agreement};
pub use measure::Sample;
pub use question::Question;
pub use timestamp::Timestamp;

/// Octets of a message without extensions (RFC 5905, 7.3).
pub const LENGTH: usize = 48;

/// The port on which servers answer.
pub const PORT: u16 = 123;

/// Nanoseconds of a second.
const SECOND: i64 = 1_000_000_000;

#[cfg(test)]
mod tests;
