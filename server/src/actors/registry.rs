//! The Document Registry, opened as the settings have it.

use super::limits::database_options;
use super::{Shared, url};
use crate::code_list;
use crate::settings::{PatientPolicy, Settings};
use crate::site::Site;
use anyhow::Context as _;
use renkei_audit::AuditContext;
use renkei_metadata::codes::CodeList;
use renkei_registry::{Registry, RegistryConfig, RegistryLimits};
use std::sync::Arc;

/// Opens the registry's database and reads the code list.
pub(super) fn open(shared: &Shared<'_>) -> anyhow::Result<Registry> {
    let Shared { site, settings, .. } = *shared;
    let registry = Registry::open(RegistryConfig {
        url: url(site, &settings.registry.database)?,
        database: database_options(settings),
        home: Some(settings.ids.home_community.clone()),
        policy: match settings.patient.policy {
            PatientPolicy::KnownOnly => renkei_registry::PatientPolicy::KnownOnly,
            PatientPolicy::AcceptAny => renkei_registry::PatientPolicy::AcceptAny,
        },
        codes: Arc::new(codes(site, settings)?),
        assigning_authority: settings.ids.assigning_authority.clone(),
        namespaces: settings.ids.namespaces.clone(),
        protected: settings.registry.protected_attributes.clone(),
        limits: RegistryLimits {
            query_results: settings.limits.query_results,
            query_references: settings.limits.query_references,
            query_values: settings.limits.query_values,
            ..RegistryLimits::default()
        },
        keys: shared.keys,
        audit: AuditContext { local: shared.local.clone() },
        sink: Arc::clone(shared.sink),
    });
    registry.context("registry.database")
}

/// The code list, which is written with its defaults when there is none yet.
fn codes(site: &Site, settings: &Settings) -> anyhow::Result<CodeList> {
    code_list::found(site.dir(), settings)?;
    CodeList::read(&code_list::text(site.dir(), settings)?).context("codes.file")
}
