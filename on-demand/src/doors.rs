//! How the source reaches registry and repository: functions of the same process, or messages.

use bytes::Bytes;
use futures_util::future::BoxFuture;
use renkei_context::Ctx;
use renkei_metadata::ids::UniqueId;
use renkei_metadata::model::{RegistryObject, Submission};
use renkei_xds::iti18::AdhocQuery;
use renkei_xds::response::RegistryResponse;

/// There was no answer that can be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no answer: {0}")]
pub struct Unreachable(pub String);

/// The registry as the source needs it.
pub trait Registry: Send + Sync {
    /// Asks (ITI-18); an answer holds all that the query finds.
    fn query<'a>(
        &'a self,
        ctx: &'a Ctx,
        query: &'a AdhocQuery,
    ) -> BoxFuture<'a, Result<Vec<RegistryObject>, Unreachable>>;

    /// Registers an On-Demand entry (ITI-61).
    fn register<'a>(
        &'a self,
        ctx: &'a Ctx,
        submission: &'a Submission,
    ) -> BoxFuture<'a, Result<RegistryResponse, Unreachable>>;
}

/// Why a document was not read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotRead {
    /// The repository does not have it.
    #[error("the document is not there")]
    Absent,
    /// It is longer than what was allowed.
    #[error("the document is too long")]
    TooLong,
    /// It could not be opened, or not to its end.
    #[error("the document could not be read")]
    Broken,
}

/// The repository as the source needs it.
pub trait Documents: Send + Sync {
    /// The octets of a document, at most so many.
    fn read<'a>(
        &'a self,
        ctx: &'a Ctx,
        document: &'a UniqueId,
        most: usize,
    ) -> BoxFuture<'a, Result<Bytes, NotRead>>;

    /// Stores a document and registers it (ITI-41). The one entry of the submission is its entry.
    fn provide<'a>(
        &'a self,
        ctx: &'a Ctx,
        submission: Submission,
        content: Bytes,
    ) -> BoxFuture<'a, RegistryResponse>;
}
