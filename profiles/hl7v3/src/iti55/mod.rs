//! Cross Gateway Patient Discovery (ITI-55, ITI TF-2: 3.55): whether another community knows a person, and
//! under which identifier.

mod answer;
mod candidate;
mod request;
mod time_to_live;

pub use answer::{Answer, Attribute, Outcome, Reason};
pub use candidate::{Candidate, Locator};
pub use request::Request;
pub use time_to_live::TimeToLive;

#[cfg(test)]
mod tests;
