//! Responding Gateway (ITI TF-1: 18.1.1.2), grouped with the registry and the repositories of this
//! community (ITI TF-1: 18.2.3): what another community asks by ITI-38, ITI-39 and ITI-92.
//!
//! Whatever comes in here is answered from this community alone and never passed on to another one, so
//! that no question goes in circles. What is answered says that it is of this community: each object by
//! its `home`, each error by its `location` (ITI TF-2: 3.38.4.1.3, 3.39.4.1.3).

pub mod discovery;
mod doors;
mod located;
mod others;
mod permitted;
mod query;
mod retrieve;
pub mod rules;
#[cfg(test)]
mod tests;

pub use doors::{
    Broken, Content, DocumentResponse, Found, Held, Known, Registry, Repository, Untold,
};
pub use others::Others;
pub use retrieve::Retrieved;

use crate::incoming::Spool;
use renkei_context::Ctx;
use renkei_metadata::finding::Checked;
use renkei_metadata::ids::{HomeCommunityId, RepositoryUniqueId};
use renkei_metadata::update::Update;
use renkei_xds::response::RegistryResponse;
use std::sync::Arc;

/// What a query for a patient who is not known here is answered (ITI TF-2: 3.38.4.1.3). For one who was merged
/// into another it is always [`UnknownPatient::Error`]: whoever asks was told this identifier once, and has to hear
/// that it is no longer the one to ask by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum UnknownPatient {
    /// That there is nothing, which does not disclose who is known.
    #[default]
    Empty,
    /// XDSUnknownPatientId.
    Error,
}

/// What a gateway is opened with.
pub struct Config {
    /// This community.
    pub home: HomeCommunityId,
    /// What a query for an unknown patient is answered.
    pub unknown_patient: UnknownPatient,
    /// The registry of this community.
    pub registry: Arc<dyn Registry>,
    /// The repository beside it, if there is one.
    pub repository: Option<Arc<dyn Repository>>,
    /// The other repositories of this community.
    pub others: Others,
    /// Where their documents wait that are given together.
    pub spool: Spool,
}

/// The Responding Gateway. Clones are the same gateway.
#[derive(Clone)]
pub struct Responding {
    inner: Arc<Config>,
}

impl Responding {
    /// Opens it.
    pub fn new(config: Config) -> Self {
        Self { inner: Arc::new(config) }
    }

    /// This community.
    pub fn home(&self) -> &HomeCommunityId {
        &self.inner.home
    }

    /// Whether another repository of this community has documents under this id.
    pub fn asks(&self, repository: &RepositoryUniqueId) -> bool {
        self.inner.others.has(repository)
    }

    /// Has the registry carry out a restricted update (ITI-92), which knows whose documents it has and
    /// audits what it did.
    pub async fn update(&self, ctx: &Ctx, update: Checked<Update>) -> RegistryResponse {
        let RegistryResponse { status, errors } = self.inner.registry.update(ctx, update).await;
        RegistryResponse { status, errors: self.located(errors) }
    }
}
