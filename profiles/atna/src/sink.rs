//! Where a record is put, whatever keeps it.

use crate::record::AuditRecord;
use std::error::Error;
use std::pin::Pin;

/// A future behind a pointer, so that [`Sink`] can be a trait object.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Takes records of events that change no rows: reads, refusals, what a client did.
pub trait Sink: Send + Sync {
    /// Resolves once the record is durable; the event may become known only then
    /// (ITI TF-2: 3.20.4.1.1).
    ///
    /// # Errors
    /// When it cannot be made durable; the event must then fail too.
    fn record<'a>(&'a self, record: AuditRecord) -> BoxFuture<'a, Result<(), NotRecorded>>;
}

/// A record is not durable, so that what it tells of must not become known. Never sent to a peer as
/// it is.
#[derive(Debug, thiserror::Error)]
pub enum NotRecorded {
    /// The record is longer than the keeper takes.
    #[error("an audit record of {0} bytes is too long")]
    TooLong(usize),
    /// Too many wait already; the name is that of the limit.
    #[error("the queue of the audit records is full ({0})")]
    Busy(&'static str),
    /// The disk or a quota is full.
    #[error("there is no space left for audit records")]
    Full,
    /// The keeper was closed.
    #[error("the program is ending")]
    Closed,
    /// Anything else that went wrong with the keeper.
    #[error(transparent)]
    Failed(Box<dyn Error + Send + Sync>),
}
