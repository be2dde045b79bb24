//! On-Demand Document Source (ITI TF-1: 10.1.1.6): the checkups of a person over all years as one
//! document, made when it is retrieved.
//!
//! An On-Demand entry says for whom the document is meant. What is approved for the same readers at the
//! moment of the retrieval goes into it ([`renkei_checkup::hs037::years`]). The source keeps nothing of
//! its own: the entry stands in the registry, the checkups in the repository, and a snapshot, where one
//! is kept, in both. Registry and repository are reached through [`Registry`] and [`Documents`], which
//! whoever opens the source fills in.

mod codes;
mod doors;
mod entry;
mod keep;
mod look;
mod make;
pub mod rules;
mod snapshot;
#[cfg(test)]
mod tests;

pub use codes::{Audience, Codes, MissingCodes};
pub use doors::{Documents, NotRead, Registry, Unreachable};
pub use entry::{Entry, NotRegistered, unique_id};

use bytes::Bytes;
use renkei_context::Ctx;
use renkei_metadata::finding::Finding;
use renkei_metadata::ids::{Oid, RepositoryUniqueId};
use renkei_xds::iti43::{DocumentRequest, Made};
use std::sync::Arc;
use tokio::sync::{Mutex, Semaphore};

/// What one document may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Documents that one may be made of, those that are only named included.
    pub sources: usize,
    /// Octets of one, and of each of its sources.
    pub octets: usize,
    /// How many are made at the same time; others wait.
    pub at_once: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { sources: 500, octets: 32 << 20, at_once: 2 }
    }
}

/// What a source is opened with.
pub struct Config {
    /// The repositoryUniqueId of the repository that it is grouped with.
    pub repository: RepositoryUniqueId,
    /// The sourceId of its submissions.
    pub source_id: Oid,
    /// The codes of the affinity domain.
    pub codes: Codes,
    /// Whether what is given out is kept (Persistence of Retrieved Documents).
    pub persist: bool,
    /// What one document may cost.
    pub limits: Limits,
    /// The registry.
    pub registry: Arc<dyn Registry>,
    /// The repository.
    pub documents: Arc<dyn Documents>,
}

/// The On-Demand Document Source. Clones are the same source.
#[derive(Clone)]
pub struct OnDemand {
    inner: Arc<Inner>,
}

struct Inner {
    config: Config,
    making: Semaphore,
    /// One snapshot is kept after the other, so that each finds the one before.
    keeping: Mutex<()>,
}

/// A document that was made for an answer (ITI TF-2: 3.43.5, DocumentResponse).
#[derive(Clone, Debug)]
pub struct DocumentResponse {
    /// The request that it answers.
    pub request: DocumentRequest,
    /// What the answer names it.
    pub made: Made,
    /// As registered.
    pub mime_type: String,
    /// Its octets.
    pub content: Bytes,
}

impl OnDemand {
    /// Opens it.
    pub fn new(config: Config) -> Self {
        let making = Semaphore::new(config.limits.at_once.max(1));
        Self { inner: Arc::new(Inner { config, making, keeping: Mutex::default() }) }
    }

    /// Whether it answers for this repository.
    pub fn is(&self, repository: &RepositoryUniqueId) -> bool {
        self.inner.config.repository == *repository
    }

    /// Makes the document of an On-Demand entry (ITI-43). `None` when the uniqueId is that of none.
    ///
    /// # Errors
    /// A finding located at the uniqueId.
    pub async fn retrieve(
        &self,
        ctx: &Ctx,
        request: &DocumentRequest,
    ) -> Result<Option<DocumentResponse>, Box<Finding>> {
        let inner = &self.inner;
        if !entry::may_be(&request.unique_id, &inner.config.repository) {
            return Ok(None);
        }
        let Some(entry) = inner.entry(ctx, &request.unique_id).await? else { return Ok(None) };
        let made = {
            let turn = tokio::time::timeout(ctx.remaining(), inner.making.acquire()).await;
            let _turn = turn.map_err(|_| rules::on(&rules::OVERDUE, &request.unique_id))?;
            inner.make(ctx, &entry).await?
        };
        let repository = if inner.config.persist {
            inner.keep(ctx, &entry, &made).await?;
            Some(inner.config.repository.clone())
        } else {
            None
        };
        Ok(Some(DocumentResponse {
            request: request.clone(),
            made: Made { unique_id: made.unique_id, repository },
            mime_type: entry.mime_type.as_str().to_owned(),
            content: made.content,
        }))
    }
}
