//! The Document Repository, opened as the settings have it, with the registry it registers at.

use super::limits::database_options;
use super::registry_client::{InProcess, Remote};
use super::{Shared, url};
use crate::endpoints::{self, Addresses};
use crate::settings::ContentHome;
use anyhow::Context as _;
use renkei_atna::build::Peer;
use renkei_context::Caller;
use renkei_database::Dialect;
use renkei_registry::Registry;
use renkei_repository::{Home, RegistryClient, Repository, RepositoryConfig, Timing};
use std::sync::Arc;
use std::time::Duration;

/// Opens the repository, which registers at `registry.url`, or else at the registry of this process.
pub(super) fn open(
    shared: &Shared<'_>,
    addresses: &Addresses,
    registry: Option<&Registry>,
) -> anyhow::Result<Repository> {
    let settings = shared.settings;
    let registry = registry_client(shared, addresses, registry)?;
    let config = RepositoryConfig {
        url: url(shared.site, &settings.repository.database)?,
        database: database_options(settings),
        content: content_home(shared)?,
        segments: shared.site.dir().join("content"),
        unique_id: settings.ids.repository.clone(),
        home: Some(settings.ids.home_community.clone()),
        keys: shared.keys,
        own: Peer { user_id: Caller::internal("repository").subject, address: None },
        local: shared.local.clone(),
        sink: Arc::clone(shared.sink),
        timing: Timing {
            lease: Duration::from_secs(settings.repository.lease_seconds),
            grace: Duration::from_secs(settings.repository.grace_seconds),
            sweep: Duration::from_secs(settings.repository.sweep_seconds),
            renew: Duration::from_secs((settings.repository.lease_seconds / 4).max(1)),
        },
    };
    Repository::open(config, registry).context("repository.database")
}

/// Where new documents are kept (`repository.content`).
fn content_home(shared: &Shared<'_>) -> anyhow::Result<Home> {
    let settings = &shared.settings.repository;
    Ok(match (settings.content, url(shared.site, &settings.database)?.dialect()) {
        (ContentHome::Segments, _) | (ContentHome::Auto, Dialect::Sqlite) => Home::Segments,
        (ContentHome::Database, _) | (ContentHome::Auto, Dialect::Postgres) => Home::Rows,
    })
}

fn registry_client(
    shared: &Shared<'_>,
    addresses: &Addresses,
    registry: Option<&Registry>,
) -> anyhow::Result<Arc<dyn RegistryClient>> {
    match (&shared.settings.registry.url, registry) {
        (Some(url), _) => Ok(Arc::new(Remote::new(shared, url)?)),
        (None, Some(registry)) => {
            let endpoint = addresses.url(&endpoints::REGISTRY).unwrap_or_default();
            Ok(Arc::new(InProcess::new(registry.clone(), endpoint)))
        }
        (None, None) => anyhow::bail!(
            "registry.url: this process serves no registry, so the repository needs its URL / \
             このプロセスはレジストリを提供しないため、registry.url が必要です"
        ),
    }
}
