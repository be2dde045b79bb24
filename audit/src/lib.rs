//! Audit: where records are kept, how they get there, how they are found (ITI TF-1: 9; ITI TF-2: 3.20).
//!
//! A record is durable before the effect it tells of is known to anyone. What changes nothing is
//! recorded in the [`Journal`] of the process before its answer leaves: one append-only sequence of
//! sealed records, flushed in groups. What changes rows writes its record into the [`outbox`] of the
//! same database, in the same transaction, and the [`Deliverer`] appends it to the journal from there,
//! once.
//!
//! The [`Archive`] finds records: behind the journals it builds an index, which nobody waits for and
//! which can be made anew. Where it is in PostgreSQL the entries themselves are delivered with it.
//!
//! Records are sealed everywhere; what is plain says when something happened, not to whom.

mod archive;
mod context;
mod damage;
mod deliverer;
mod draft;
mod error;
mod index;
mod journal;
pub mod outbox;
mod schema;
mod wire;

pub use archive::{Archive, Listed, Page, Place};
pub use context::AuditContext;
pub use damage::{Damage, DamageKind};
pub use deliverer::{Backlog, Deliverer};
pub use error::AuditError;
pub use index::{Cursor, Filter};
pub use journal::{Journal, Owner, expire_guests};

#[cfg(test)]
mod tests;
