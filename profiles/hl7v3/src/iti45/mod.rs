//! PIXV3 Query (ITI-45, ITI TF-2: 3.45): by which identifiers other domains know a person.

mod answer;
mod request;
#[cfg(test)]
mod tests;

pub use answer::{Answer, Outcome};
pub use request::Request;
