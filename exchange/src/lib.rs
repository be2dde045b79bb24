//! What was said before, and what is still to be said.
//!
//! A message that changed something is remembered for a day by its sender and wsa:MessageID: a sender
//! that lost the answer may ask with the same message again, gets the same answer, and nothing is done
//! twice ([`Memory`]). An answer that goes to another address than it was asked from (WS-Addressing 1.0
//! Core, 3.4; ITI TF-2: V.5) waits as a row until it is there ([`Memory::send`]).
//!
//! Like the outbox of audit records, the tables are in the database of the actor that answers, which makes
//! the [`tables`] of this crate beside its own. A change and the fact that its message was carried out
//! are committed together ([`mark`]).

mod error;
mod memory;
mod message;
mod store;

pub use error::ExchangeError;
pub use memory::{Bounds, Memory, Occurrence, UnderWay};
pub use message::{Answer, Done, message, parts};
pub use store::answered::mark;
pub use store::reply::{Addressee, Due, Reply};
pub use store::tables;

#[cfg(test)]
mod tests;
