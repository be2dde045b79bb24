//! Queries for persons: by an identifier for the others of the same person (ITI-9, ITI TF-2: 3.9), and by
//! demographics (ITI-21, ITI TF-2: 3.21), with what continues and cancels them.
//!
//! A frame is read by [`read`], which gives a query or a [`Refusal`] ready to be sent; an answer repeats what the
//! query called itself ([`Asked`]). [`answer`] reads what others answer.

pub mod answer;
mod asked;
pub mod cancel;
pub mod cross_reference;
pub mod demographics;
mod domains;
mod read;
mod refusal;

pub use asked::{Asked, Transaction};
pub use cancel::Cancel;
pub use cross_reference::CrossReferenceQuery;
pub use demographics::{Criteria, DemographicsQuery};
pub use domains::Domains;
pub use read::{Query, is_query, read};
pub use refusal::Refusal;

#[cfg(test)]
mod tests;
