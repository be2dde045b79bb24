//! The On-Demand Document Source, opened with the doors to the registry and the repository that it
//! works beside.

use super::Shared;
use super::registry_client::Remote;
use crate::code_list;
use crate::endpoints::{self, Addresses};
use crate::settings::OnDemandEntries;
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use renkei_context::{Action, Caller, Ctx, Role, within};
use renkei_metadata::codes::CodeList;
use renkei_metadata::finding::Checked;
use renkei_metadata::ids::UniqueId;
use renkei_metadata::model::{RegistryObject, Submission};
use renkei_on_demand::{
    Codes, Config, Documents, Limits, NotRead, OnDemand, Registry as RegistryDoor, Unreachable,
};
use renkei_registry::Registry;
use renkei_repository::Repository;
use renkei_xds::catalogue;
use renkei_xds::iti18::AdhocQuery;
use renkei_xds::iti41::{Content, Document, Request};
use renkei_xds::iti43::DocumentRequest;
use renkei_xds::response::RegistryResponse;
use std::sync::Arc;

/// The source, and when it registers entries.
#[derive(Clone)]
pub(crate) struct Source {
    /// The source.
    pub(crate) source: OnDemand,
    /// Whether a person gets an entry with the first document.
    pub(crate) is_automatic: bool,
}

/// Opens the source. Without the codes that its documents have it is not served, which is told.
pub(super) fn open(
    shared: &Shared<'_>,
    addresses: &Addresses,
    registry: Option<&Registry>,
    repository: &Repository,
) -> anyhow::Result<Option<Source>> {
    let Shared { site, settings, .. } = *shared;
    let list = CodeList::read(&code_list::text(site.dir(), settings)?)?;
    let codes = match Codes::of(&list) {
        Ok(codes) => codes,
        Err(missing) => {
            tracing::warn!(%missing, "no On-Demand documents are made");
            return Ok(None);
        }
    };
    let registry: Arc<dyn RegistryDoor> = match (&settings.registry.url, registry) {
        (None, Some(registry)) => {
            let endpoint = addresses.url(&endpoints::REGISTRY).unwrap_or_default();
            Arc::new(Inside { registry: registry.clone(), endpoint })
        }
        (Some(url), _) => Arc::new(Remote::new(shared, url)?),
        (None, None) => return Ok(None),
    };
    let endpoint = addresses.url(&endpoints::REPOSITORY).unwrap_or_default();
    let limits = &settings.on_demand;
    let source = OnDemand::new(Config {
        repository: settings.ids.repository.clone(),
        source_id: settings.ids.source.clone(),
        codes,
        persist: limits.persist,
        limits: Limits { sources: limits.sources, octets: limits.bytes, at_once: limits.at_once },
        registry,
        documents: Arc::new(Beside { repository: repository.clone(), endpoint }),
    });
    let is_automatic = limits.entries == OnDemandEntries::Automatic;
    Ok(Some(Source { source, is_automatic }))
}

/// The name under which the source acts in the house.
const NAME: &str = "on-demand-source";

/// The registry of this process.
struct Inside {
    registry: Registry,
    endpoint: String,
}

impl RegistryDoor for Inside {
    fn query<'a>(
        &'a self,
        ctx: &'a Ctx,
        query: &'a AdhocQuery,
    ) -> BoxFuture<'a, Result<Vec<RegistryObject>, Unreachable>> {
        Box::pin(async move {
            let told = |findings: &[renkei_metadata::finding::Finding]| {
                let codes: Vec<&str> = findings.iter().map(|finding| finding.rule.id).collect();
                Unreachable(codes.join(" "))
            };
            let (stored, _) = catalogue::parse(query).accept().map_err(|f| told(&f))?;
            let scope = within(ctx, Action::See);
            let found = self.registry.find(ctx, &stored, &scope).await;
            let mut hits = found.map_err(|f| told(&f))?;
            let mut objects = Vec::with_capacity(hits.count());
            let broken = |error: renkei_registry::HitsBroken| Unreachable(error.to_string());
            loop {
                let page = hits.next_page().await.map_err(broken)?;
                if page.is_empty() {
                    return Ok(objects);
                }
                for hit in page {
                    objects.push(hit.object().map_err(broken)?);
                }
            }
        })
    }

    fn register<'a>(
        &'a self,
        ctx: &'a Ctx,
        submission: &'a Submission,
    ) -> BoxFuture<'a, Result<RegistryResponse, Unreachable>> {
        Box::pin(async move {
            let caller = Arc::new(Caller::internal(NAME));
            let ctx = ctx.by_house(caller, Role::Repository, &self.endpoint);
            let submission = Checked::good(submission.clone());
            Ok(self.registry.register_on_demand(&ctx, submission).await)
        })
    }
}

impl RegistryDoor for Remote {
    fn query<'a>(
        &'a self,
        ctx: &'a Ctx,
        query: &'a AdhocQuery,
    ) -> BoxFuture<'a, Result<Vec<RegistryObject>, Unreachable>> {
        Box::pin(self.all(ctx, query))
    }

    fn register<'a>(
        &'a self,
        ctx: &'a Ctx,
        submission: &'a Submission,
    ) -> BoxFuture<'a, Result<RegistryResponse, Unreachable>> {
        Box::pin(self.register_on_demand(ctx, submission))
    }
}

/// The repository of this process.
struct Beside {
    repository: Repository,
    endpoint: String,
}

impl Documents for Beside {
    fn read<'a>(
        &'a self,
        ctx: &'a Ctx,
        document: &'a UniqueId,
        most: usize,
    ) -> BoxFuture<'a, Result<Bytes, NotRead>> {
        Box::pin(async move {
            let request = DocumentRequest {
                home: None,
                repository: self.repository.unique_id().clone(),
                unique_id: document.clone(),
            };
            let mut retrieved = self.repository.retrieve(ctx, vec![request]).await;
            let mut found = retrieved.documents.pop().ok_or(NotRead::Absent)?;
            let size = usize::try_from(found.size).ok().filter(|size| *size <= most);
            let mut content = BytesMut::with_capacity(size.ok_or(NotRead::TooLong)?);
            while let Some(octets) = found.stream.next().await {
                content.extend_from_slice(&octets.map_err(|_| NotRead::Broken)?);
            }
            Ok(content.freeze())
        })
    }

    fn provide<'a>(
        &'a self,
        ctx: &'a Ctx,
        submission: Submission,
        content: Bytes,
    ) -> BoxFuture<'a, RegistryResponse> {
        Box::pin(async move {
            let caller = Arc::new(Caller::internal(NAME));
            let ctx = ctx.by_house(caller, Role::Source, &self.endpoint);
            let mut upload = self.repository.begin(&ctx);
            let mut part = upload.part(&ctx, NAME);
            part.write(content).await;
            part.finish().await;
            let ids = submission.entries.iter().map(|entry| entry.id.to_string());
            let content = || Content::Include(NAME.to_owned());
            let documents = ids.map(|id| Document { id, content: content() }).collect();
            let request = Request { submission: Checked::good(submission), documents };
            self.repository.provide_and_register(&ctx, upload, request).await.response
        })
    }
}
