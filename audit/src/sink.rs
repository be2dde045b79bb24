//! Where a record can be put.

use crate::error::AuditError;
use renkei_atna::record::AuditRecord;
use std::future::Future;
use std::pin::Pin;

/// A future behind a pointer, so that [`Sink`] can be a trait object.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Takes records of events that change no rows: reads, refusals, what a client did.
pub trait Sink: Send + Sync {
    /// Resolves once the record is on disk; the event may become known only then.
    ///
    /// # Errors
    /// When it cannot be made durable; the event must then fail too.
    fn record<'a>(&'a self, record: AuditRecord) -> BoxFuture<'a, Result<(), AuditError>>;
}
