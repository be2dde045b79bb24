//! How the repository reaches its registry: a function of the same process, or ITI-42 and ITI-18.

use futures_util::future::BoxFuture;
use renkei_context::{Action, Ctx};
use renkei_metadata::ids::{EntryUuid, Oid, RepositoryUniqueId, UniqueId};
use renkei_metadata::model::Submission;
use renkei_xds::response::RegistryResponse;
use std::collections::HashSet;

/// The registry gave no answer that can be read; whether it did what was asked is not known.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no answer from the registry: {0}")]
pub struct Unreachable(pub String);

/// What a registry says of a SubmissionSet that was sent to it with documents. It takes a submission
/// as a whole or not at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// It took all of it.
    Yes,
    /// It never took it.
    No,
    /// Not all of it is there: it was never taken, or an administrator removed something since.
    NotSeen,
}

/// The registry as the repository needs it.
pub trait RegistryClient: Send + Sync {
    /// Registers a submission (ITI-42) and returns the registry's answer as it is.
    fn register<'a>(
        &'a self,
        ctx: &'a Ctx,
        submission: &'a Submission,
    ) -> BoxFuture<'a, Result<RegistryResponse, Unreachable>>;

    /// Whether the registry took the SubmissionSet `set`, and with it `documents`, whatever became of
    /// them since. Where its entryUUID `id` is known, one of another that has the same uniqueId is not it.
    fn took<'a>(
        &'a self,
        ctx: &'a Ctx,
        set: &'a Oid,
        id: Option<EntryUuid>,
        documents: &'a [UniqueId],
    ) -> BoxFuture<'a, Result<Taken, Unreachable>>;

    /// Whether the registry has an entry of one of `documents`, of whatever version and status.
    fn has_entries<'a>(
        &'a self,
        ctx: &'a Ctx,
        documents: &'a [UniqueId],
    ) -> BoxFuture<'a, Result<bool, Unreachable>>;

    /// Of the documents of `repository` with these uniqueIds, those of which the node that asked first may know, or which
    /// it may change, as `action` says.
    fn opens<'a>(
        &'a self,
        ctx: &'a Ctx,
        action: Action,
        repository: &'a RepositoryUniqueId,
        documents: &'a [UniqueId],
    ) -> BoxFuture<'a, Result<HashSet<String>, Unreachable>>;

    /// The URL of the registry, for audit records.
    fn endpoint(&self) -> String;

    /// Whether the registry is a part of this process, and its answer the end of a function.
    fn is_in_process(&self) -> bool {
        false
    }

    /// Whether this client records its own side of ITI-42; if not, the repository does.
    fn audits(&self) -> bool {
        false
    }
}
