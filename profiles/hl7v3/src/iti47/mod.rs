//! Patient Demographics Query HL7 V3 (ITI-47, ITI TF-2: 3.47): who somebody is, by what is known of the person, in
//! as many answers as whoever asks wants.

mod answer;
mod continuation;
mod found;
mod request;
#[cfg(test)]
mod tests;

pub use crate::answering::Counts;
pub use answer::{Answer, Outcome};
pub use continuation::{Continuation, Wish};
pub use found::Found;
pub use request::Request;
