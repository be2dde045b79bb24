//! How the repository reaches its registry: a function of the same process, or ITI-42 and ITI-18.

use futures_util::future::BoxFuture;
use renkei_context::Ctx;
use renkei_metadata::ids::{Oid, UniqueId};
use renkei_metadata::model::Submission;
use renkei_xds::response::RegistryResponse;

/// The registry gave no answer that can be read; whether it did what was asked is not known.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no answer from the registry: {0}")]
pub struct Unreachable(pub String);

/// The registry as the repository needs it.
pub trait RegistryClient: Send + Sync {
    /// Registers a submission (ITI-42) and returns the registry's answer as it is.
    fn register<'a>(
        &'a self,
        ctx: &'a Ctx,
        submission: &'a Submission,
    ) -> BoxFuture<'a, Result<RegistryResponse, Unreachable>>;

    /// Whether the registry holds the SubmissionSet `set`, and with it `documents`. An answer is
    /// definite: a registry holds a submission as a whole or not at all.
    fn holds<'a>(
        &'a self,
        ctx: &'a Ctx,
        set: &'a Oid,
        documents: &'a [UniqueId],
    ) -> BoxFuture<'a, Result<bool, Unreachable>>;

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
