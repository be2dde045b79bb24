//! The Responding Gateway, opened with the doors to the registry and the repository that it works
//! beside, and the client that asks the other repositories of the community.

use super::limits::message_limits;
use super::{OnDemandSource, Shared};
use crate::communities;
use crate::pipeline::iti_43;
use crate::settings::UnknownPatient;
use anyhow::Context as _;
use futures_util::future::BoxFuture;
use futures_util::stream::StreamExt;
use renkei_client::{ClientOptions, Identity, SoapClient};
use renkei_context::{Action, Ctx, within};
use renkei_gateway::responding::{
    self, Broken, Config, Content, DocumentResponse, Found, Held, Known, Others,
    Registry as RegistryDoor, Repository as RepositoryDoor, Responding, Untold,
};
use renkei_metadata::finding::{Checked, Finding};
use renkei_metadata::ids::{PatientId, RepositoryUniqueId, UniqueId};
use renkei_metadata::update::Update;
use renkei_registry::{self as registry, Registry};
use renkei_repository::Repository;
use renkei_xds::iti18::AdhocQuery;
use renkei_xds::iti43::DocumentRequest;
use renkei_xds::response::RegistryResponse;
use renkei_xds::transaction::ITI_39;
use std::collections::HashSet;
use std::sync::Arc;

/// Opens the gateway of this community. `beside` is the repository of this process, with the On-Demand
/// Document Source that it is grouped with.
pub(super) fn open(
    shared: &Shared<'_>,
    registry: &Registry,
    beside: Option<(&Repository, Option<&OnDemandSource>)>,
) -> anyhow::Result<Responding> {
    let settings = shared.settings;
    let repository = beside.map(|(repository, source)| {
        let door = Beside { repository: repository.clone(), source: source.cloned() };
        Arc::new(door) as Arc<dyn RepositoryDoor>
    });
    Ok(Responding::new(Config {
        home: settings.ids.home_community.clone(),
        unknown_patient: match settings.gateway.unknown_patient {
            UnknownPatient::Empty => responding::UnknownPatient::Empty,
            UnknownPatient::Error => responding::UnknownPatient::Error,
        },
        registry: Arc::new(Inside { registry: registry.clone() }),
        repository,
        others: others(shared)?,
        spool: shared.spool.clone(),
    }))
}

/// The other repositories, which let the gateway in as they let a consumer in.
fn others(shared: &Shared<'_>) -> anyhow::Result<Others> {
    let Shared { site, settings, .. } = *shared;
    let urls = settings.others.repositories.clone();
    if urls.is_empty() {
        return Ok(Others::none());
    }
    let own = &settings.ids.repository;
    anyhow::ensure!(
        !urls.contains_key(own),
        "community.repositories: {own} はこの拠点自身のリポジトリです。一覧から除いてください / {own} is the repository of this house itself; leave it out of the list"
    );
    let identity = match &settings.gateway.identity {
        Some(directory) => Identity::load(&site.path(directory)).context("gateway.identity")?,
        None => communities::identity(site.pki())?,
    };
    let options = ClientOptions { limits: message_limits(settings), ..ClientOptions::default() };
    let client =
        SoapClient::new(&identity, options, Arc::clone(shared.sink), shared.local.clone())?;
    Ok(Others::new(client, urls))
}

/// The registry of this process.
struct Inside {
    registry: Registry,
}

impl RegistryDoor for Inside {
    fn query<'a>(
        &'a self,
        ctx: &'a Ctx,
        query: &'a AdhocQuery,
        wrong: Vec<Finding>,
    ) -> BoxFuture<'a, Found> {
        Box::pin(async move {
            let answer = self.registry.query_across(ctx, query, wrong).await;
            let objects = answer.body.map(|c| c.map_err(|e| Broken(e.to_string())));
            Found { status: answer.status, errors: answer.errors, objects: objects.boxed() }
        })
    }

    fn knows<'a>(&'a self, patient: &'a PatientId) -> BoxFuture<'a, Result<Known, Untold>> {
        Box::pin(async move {
            let known = self.registry.knows(patient).await.map_err(|error| {
                let why = error.to_string();
                if error.passes() { Untold::Busy(why) } else { Untold::Failed(why) }
            })?;
            Ok(match known {
                registry::Known::Active => Known::Active,
                registry::Known::Subsumed => Known::Subsumed,
                registry::Known::Not => Known::Not,
            })
        })
    }

    fn contents<'a>(&'a self, documents: &'a [UniqueId]) -> BoxFuture<'a, Vec<Content>> {
        Box::pin(async move {
            let found = self.registry.contents(documents).await.unwrap_or_else(|error| {
                tracing::error!(%error, "what entries say of their documents is not known");
                Vec::new()
            });
            found.into_iter().map(|(size, hash)| Content { size, hash }).collect()
        })
    }

    fn opens<'a>(
        &'a self,
        ctx: &'a Ctx,
        repository: &'a RepositoryUniqueId,
        documents: &'a [UniqueId],
    ) -> BoxFuture<'a, Result<HashSet<String>, Untold>> {
        Box::pin(async move {
            let opened =
                self.registry.opens(&within(ctx, Action::See), repository, documents).await;
            opened.map_err(|error| {
                let why = error.to_string();
                if error.passes() { Untold::Busy(why) } else { Untold::Failed(why) }
            })
        })
    }

    fn update<'a>(
        &'a self,
        ctx: &'a Ctx,
        update: Checked<Update>,
    ) -> BoxFuture<'a, RegistryResponse> {
        Box::pin(self.registry.update_restricted(ctx, update))
    }
}

/// The repository of this process.
struct Beside {
    repository: Repository,
    source: Option<OnDemandSource>,
}

impl RepositoryDoor for Beside {
    fn unique_id(&self) -> &RepositoryUniqueId {
        self.repository.unique_id()
    }

    fn retrieve<'a>(&'a self, ctx: &'a Ctx, requests: Vec<DocumentRequest>) -> BoxFuture<'a, Held> {
        Box::pin(async move {
            let source = self.source.as_ref();
            let opened = iti_43::opened(&ITI_39, ctx, &self.repository, source, &requests).await;
            let (documents, findings) = opened;
            let given = documents.into_iter().map(|(part, document)| DocumentResponse {
                request: part.request,
                made: part.made,
                mime_type: part.mime_type,
                body: document.body,
            });
            Held { documents: given.collect(), findings }
        })
    }
}
