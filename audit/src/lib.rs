//! Audit: where records wait, how they travel, where they are kept (ITI TF-1: 9; ITI TF-2: 3.20).
//!
//! A record is durable before the effect it tells of is known to anyone. What changes rows writes
//! its record into the [`outbox`] of the same database, in the same transaction; what changes
//! nothing writes it into a [`Spool`], before the answer leaves. The [`Deliverer`] moves both into
//! the [`Store`], in order, each record once.
//!
//! Record bodies are compressed and sealed everywhere.

mod body;
mod context;
mod deliverer;
mod error;
pub mod outbox;
mod schema;
mod spool;
mod store;

pub use context::AuditContext;
pub use deliverer::{Backlog, Deliverer};
pub use error::AuditError;
pub use spool::Spool;
pub use store::{Filter, Store};

#[cfg(test)]
mod tests;
