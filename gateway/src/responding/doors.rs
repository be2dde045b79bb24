//! How the gateway reaches the registry and the repository of its process.

use bytes::Bytes;
use futures_util::future::BoxFuture;
use futures_util::stream::BoxStream;
use renkei_context::Ctx;
use renkei_metadata::finding::{Checked, Finding};
use renkei_metadata::ids::{PatientId, RepositoryUniqueId, Sha1Hash, UniqueId};
use renkei_metadata::update::Update;
use renkei_soap::document::Body;
use renkei_xds::iti18::AdhocQuery;
use renkei_xds::iti43::{DocumentRequest, Made};
use renkei_xds::response::{RegistryError, RegistryResponse, Status};
use std::collections::HashSet;

/// An answer could not be completed: what was sent of it must not be taken for the whole.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the answer could not be completed: {0}")]
pub struct Broken(pub String);

/// Why the house cannot say what it knows. What stood in the way is for the log.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Untold {
    /// Too much waits, or what would know is not reached now: a moment later it may be told.
    #[error("not now: {0}")]
    Busy(String),
    /// Something failed.
    #[error("{0}")]
    Failed(String),
}

/// What is told within the time of the request: who asks hears that the house is busy rather than nothing.
pub(super) async fn in_time<T>(
    ctx: &Ctx,
    looked_up: BoxFuture<'_, Result<T, Untold>>,
) -> Result<T, Untold> {
    let overdue = |_| Err(Untold::Busy("the time of the request is over".to_owned()));
    tokio::time::timeout(ctx.remaining(), looked_up).await.unwrap_or_else(overdue)
}

/// The answer to a query.
pub struct Found {
    /// How it ended.
    pub status: Status,
    /// Errors and warnings.
    pub errors: Vec<RegistryError>,
    /// The content of rim:RegistryObjectList in pieces; the prefix `rim` is declared around it.
    pub objects: BoxStream<'static, Result<Bytes, Broken>>,
}

/// What a patient identifier is to the registry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Known {
    /// Somebody's, and in force.
    Active,
    /// Somebody's who was merged into another.
    Subsumed,
    /// Nobody's.
    Not,
}

/// What an entry says of the octets of its document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Content {
    /// How many.
    pub size: Option<u64>,
    /// SHA-1 of them.
    pub hash: Option<Sha1Hash>,
}

/// The registry as the gateway needs it.
pub trait Registry: Send + Sync {
    /// Answers a stored query that came as ITI-38, each object as of this community, or refuses it for
    /// what the gateway found wrong. It is on record when this ends.
    fn query<'a>(
        &'a self,
        ctx: &'a Ctx,
        query: &'a AdhocQuery,
        wrong: Vec<Finding>,
    ) -> BoxFuture<'a, Found>;

    /// What this patient is here; else why that is not told.
    fn knows<'a>(&'a self, patient: &'a PatientId) -> BoxFuture<'a, Result<Known, Untold>>;

    /// What entries say of the octets of these documents, in their order; what cannot be told is not compared.
    fn contents<'a>(&'a self, documents: &'a [UniqueId]) -> BoxFuture<'a, Vec<Content>>;

    /// Of the documents of `repository` with these uniqueIds, those of which whoever asks may know.
    fn opens<'a>(
        &'a self,
        ctx: &'a Ctx,
        repository: &'a RepositoryUniqueId,
        documents: &'a [UniqueId],
    ) -> BoxFuture<'a, Result<HashSet<String>, Untold>>;

    /// Carries out a restricted update (ITI-92), which is on record when this ends.
    fn update<'a>(
        &'a self,
        ctx: &'a Ctx,
        update: Checked<Update>,
    ) -> BoxFuture<'a, RegistryResponse>;
}

/// A document that a repository has opened, or made.
pub struct DocumentResponse {
    /// Which of those asked for.
    pub request: DocumentRequest,
    /// What was made of it, if it is an On-Demand document.
    pub made: Option<Made>,
    /// Its media type as registered.
    pub mime_type: String,
    /// Its octets.
    pub body: Body,
}

/// What a repository has of the documents that were asked for: of each the document or a finding.
pub struct Held {
    /// The documents.
    pub documents: Vec<DocumentResponse>,
    /// What is said of the others.
    pub findings: Vec<Finding>,
}

/// The repository as the gateway needs it.
pub trait Repository: Send + Sync {
    /// Its repositoryUniqueId.
    fn unique_id(&self) -> &RepositoryUniqueId;

    /// Opens documents for an answer to ITI-39. What breaks off later is recorded as that.
    fn retrieve<'a>(&'a self, ctx: &'a Ctx, requests: Vec<DocumentRequest>) -> BoxFuture<'a, Held>;
}
