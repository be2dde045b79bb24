//! How the repository reaches its registry: by a function call, or by ITI-42 over mutual TLS.

use super::Shared;
use super::limits::message_limits;
use crate::pki::NodeName;
use anyhow::Context as _;
use futures_util::future::BoxFuture;
use renkei_client::{CallOptions, ClientError, ClientOptions, Identity, Retry, SoapClient};
use renkei_context::{Action, Caller, Ctx, Role, Roles, Scope, within};
use renkei_metadata::finding::Checked;
use renkei_metadata::ids::{EntryUuid, Oid, RepositoryUniqueId, UniqueId};
use renkei_metadata::model::{DocumentEntry, NewestVersions, RegistryObject, Submission};
use renkei_registry::Registry;
use renkei_repository::{RegistryClient, Taken, Unreachable};
use renkei_soap::envelope::OnBehalfOf;
use renkei_soap::fault::rows;
use renkei_xds::iti18::{AdhocQuery, QueryBuilder, ReturnType};
use renkei_xds::response::{RegistryResponse, Status};
use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;
use url::Url;

/// The registry of this process.
pub(super) struct InProcess {
    registry: Registry,
    endpoint: String,
}

impl InProcess {
    /// Calls `registry`, which is known to others under `endpoint`.
    pub(super) fn new(registry: Registry, endpoint: String) -> Self {
        Self { registry, endpoint }
    }
}

impl RegistryClient for InProcess {
    fn register<'a>(
        &'a self,
        ctx: &'a Ctx,
        submission: &'a Submission,
    ) -> BoxFuture<'a, Result<RegistryResponse, Unreachable>> {
        Box::pin(async move {
            // The registry's caller is the repository, as it would be over the network.
            let caller = Arc::new(Caller::internal("repository"));
            let ctx = ctx.passed_on(caller, Role::Repository, &self.endpoint);
            let (registry, submission) = (self.registry.clone(), Checked::good(submission.clone()));
            // A registry elsewhere would also go on, and record what it did, when nobody waits for its
            // answer any more.
            let registered = tokio::spawn(async move { registry.register(&ctx, submission).await });
            registered.await.map_err(|_| Unreachable("the registry ended unexpectedly".to_owned()))
        })
    }

    fn took<'a>(
        &'a self,
        _ctx: &'a Ctx,
        set: &'a Oid,
        id: Option<EntryUuid>,
        documents: &'a [UniqueId],
    ) -> BoxFuture<'a, Result<Taken, Unreachable>> {
        Box::pin(async move {
            match self.registry.took(set, id, documents).await {
                Ok(true) => Ok(Taken::Yes),
                Ok(false) => Ok(Taken::No),
                Err(error) => Err(Unreachable(error.to_string())),
            }
        })
    }

    fn opens<'a>(
        &'a self,
        ctx: &'a Ctx,
        action: Action,
        repository: &'a RepositoryUniqueId,
        documents: &'a [UniqueId],
    ) -> BoxFuture<'a, Result<HashSet<String>, Unreachable>> {
        Box::pin(async move {
            let scope = within(ctx, action);
            let opened = match action {
                Action::Change => self.registry.opens_alone(&scope, repository, documents).await,
                _ => self.registry.opens(&scope, repository, documents).await,
            };
            opened.map_err(|e| Unreachable(e.to_string()))
        })
    }

    fn has_entries<'a>(
        &'a self,
        _ctx: &'a Ctx,
        documents: &'a [UniqueId],
    ) -> BoxFuture<'a, Result<bool, Unreachable>> {
        Box::pin(async move {
            self.registry.has_entries(documents).await.map_err(|e| Unreachable(e.to_string()))
        })
    }

    fn endpoint(&self) -> String {
        self.endpoint.clone()
    }

    fn is_in_process(&self) -> bool {
        true
    }
}

/// A registry over the network.
pub(super) struct Remote {
    client: SoapClient,
    url: Url,
    /// `registry.names_nodes`
    names_nodes: bool,
}

impl Remote {
    /// Calls the registry at `url` with the identity that the settings name, or with one of the
    /// own CA.
    pub(super) fn new(shared: &Shared<'_>, url: &Url) -> anyhow::Result<Self> {
        let Shared { site, settings, .. } = *shared;
        let directory = match &settings.registry.identity {
            Some(directory) => site.path(directory),
            None => {
                let name: NodeName = "repository".parse()?;
                site.pki().own_identity(&name, Roles::new([Role::Repository]))?
            }
        };
        let identity = Identity::load(&directory).context("registry.identity")?;
        let limits = message_limits(settings);
        let options = ClientOptions { limits, ..ClientOptions::default() };
        let client =
            SoapClient::new(&identity, options, Arc::clone(shared.sink), shared.local.clone())?;
        let names_nodes = settings.registry.names_nodes;
        Ok(Self { client, url: url.clone(), names_nodes })
    }
}

/// A registry that is just being started again is worth a moment.
const RETRY: Retry = Retry { attempts: 3, pause: Duration::from_millis(200) };

impl Remote {
    /// The client as it calls within `ctx`: it ends the call at the deadline itself, and so records it.
    fn within(&self, ctx: &Ctx) -> SoapClient {
        let deadline = Some(ctx.deadline);
        let call = CallOptions { deadline, retry: RETRY, ..CallOptions::default() };
        self.client.with(call)
    }

    /// The same on behalf of the node that asked first, whose entitlements decide at the registry then; of what the house
    /// does itself, on its own.
    fn on_behalf(&self, ctx: &Ctx, to_change: bool) -> Result<SoapClient, String> {
        let deadline = Some(ctx.deadline);
        let named = OnBehalfOf { node: ctx.origin.name.clone(), to_change };
        let headers = match self.names(ctx) {
            true => vec![named.header().map_err(|error| error.to_string())?],
            false => Vec::new(),
        };
        let call = CallOptions { deadline, headers, retry: RETRY, ..CallOptions::default() };
        Ok(self.client.with(call))
    }

    /// Whether a node is named for which the registry is asked.
    fn names(&self, ctx: &Ctx) -> bool {
        self.names_nodes && !ctx.origin.is_house()
    }

    /// All that a query of `client` finds of all versions and statuses, or no answer.
    async fn everything(
        &self,
        client: SoapClient,
        query: QueryBuilder,
    ) -> Result<Vec<RegistryObject>, Unreachable> {
        let answer = client.query(&self.url, &query.everything().build()).await;
        let answer = answer.map_err(|e| Unreachable(told(&e)))?;
        if answer.status == Status::Success {
            Ok(answer.objects)
        } else {
            Err(Unreachable("the registry did not answer the query".to_owned()))
        }
    }

    /// Of what is found, the entries that a repository registered.
    fn of_repository(
        objects: Vec<RegistryObject>,
        repository: &RepositoryUniqueId,
    ) -> impl Iterator<Item = Box<DocumentEntry>> {
        objects.into_iter().filter_map(move |object| match object {
            RegistryObject::Entry(e) if e.repository.as_ref() == Some(repository) => Some(e),
            RegistryObject::Entry(_)
            | RegistryObject::SubmissionSet(_)
            | RegistryObject::Folder(_)
            | RegistryObject::Association(_)
            | RegistryObject::Ref(..) => None,
        })
    }

    /// Which of these documents a scope opens, by what their entries and SubmissionSets say. They carry every label but the
    /// node that submitted them, which goes over no wire: by that alone nothing is opened. Changed are those of which all
    /// entries are opened.
    async fn judged(
        &self,
        ctx: &Ctx,
        (action, scope): (Action, &Scope),
        repository: &RepositoryUniqueId,
        documents: &[UniqueId],
    ) -> Result<HashSet<String>, Unreachable> {
        let query = QueryBuilder::get_documents_by_unique_id(documents);
        let found = self.everything(self.within(ctx), query).await?;
        let entries: Vec<_> = Self::of_repository(found, repository).collect();
        let newest = NewestVersions::among(entries.iter().map(Box::as_ref));
        let (mut opened, mut closed) = (HashSet::new(), HashSet::new());
        for entry in &entries {
            let id = entry.unique_id.as_str();
            if action != Action::Change && opened.contains(id) {
                continue;
            }
            let is_opened = self.is_judged_open(ctx, scope, newest.of(entry), entry).await?;
            let of = if is_opened { &mut opened } else { &mut closed };
            of.insert(id.to_owned());
        }
        if action == Action::Change {
            opened.retain(|id| !closed.contains(id));
        }
        Ok(opened)
    }

    /// Whether an entry, of which this is the newest version, is opened by what one of its SubmissionSets says besides.
    async fn is_judged_open(
        &self,
        ctx: &Ctx,
        scope: &Scope,
        newest: &DocumentEntry,
        entry: &DocumentEntry,
    ) -> Result<bool, Unreachable> {
        let Some(id) = entry.id.uuid() else { return Ok(false) };
        let query = QueryBuilder::get_submission_sets(&[id]);
        let found = self.everything(self.within(ctx), query).await?;
        let opens = |object: &RegistryObject| {
            matches!(object, RegistryObject::SubmissionSet(set)
                if scope.permits(&renkei_registry::labels(newest, set)))
        };
        Ok(found.iter().any(opens))
    }

    /// All that a query finds (ITI-18).
    pub(super) async fn all(
        &self,
        ctx: &Ctx,
        query: &AdhocQuery,
    ) -> Result<Vec<RegistryObject>, renkei_on_demand::Unreachable> {
        let unreachable = |why: String| renkei_on_demand::Unreachable(why);
        let client = self.on_behalf(ctx, false).map_err(unreachable)?;
        let answer = client.query(&self.url, query).await;
        let answer = answer.map_err(|e| unreachable(told(&e)))?;
        if answer.status == Status::Success && answer.findings.is_empty() {
            Ok(answer.objects)
        } else {
            // a part of an answer would be taken for all there is
            Err(unreachable("the registry did not answer the query".to_owned()))
        }
    }

    /// Registers an On-Demand entry (ITI-61).
    pub(super) async fn register_on_demand(
        &self,
        ctx: &Ctx,
        submission: &Submission,
    ) -> Result<RegistryResponse, renkei_on_demand::Unreachable> {
        let answer = self.within(ctx).register_on_demand(&self.url, submission).await;
        answer.map_err(|e| renkei_on_demand::Unreachable(e.to_string()))
    }
}

impl RegistryClient for Remote {
    fn register<'a>(
        &'a self,
        ctx: &'a Ctx,
        submission: &'a Submission,
    ) -> BoxFuture<'a, Result<RegistryResponse, Unreachable>> {
        Box::pin(async move {
            let client = self.on_behalf(ctx, false).map_err(Unreachable)?;
            let answer = client.register(&self.url, submission).await;
            answer.map_err(|e| Unreachable(told(&e)))
        })
    }

    /// An update leaves the members of the set behind as earlier versions, and a removal takes any of
    /// them away: what is seen is there, what is not seen says nothing.
    fn took<'a>(
        &'a self,
        ctx: &'a Ctx,
        set: &'a Oid,
        id: Option<EntryUuid>,
        documents: &'a [UniqueId],
    ) -> BoxFuture<'a, Result<Taken, Unreachable>> {
        Box::pin(async move {
            let query = QueryBuilder::get_submission_set_and_contents_by_unique_id(set);
            let objects = self.everything(self.within(ctx), query).await?;
            if is_of_another(&objects, set, id) {
                return Ok(Taken::No);
            }
            let whole = is_whole(&objects, set, documents);
            Ok(if whole { Taken::Yes } else { Taken::NotSeen })
        })
    }

    /// What the registry answers to the node itself is opened to it.
    fn opens<'a>(
        &'a self,
        ctx: &'a Ctx,
        action: Action,
        repository: &'a RepositoryUniqueId,
        documents: &'a [UniqueId],
    ) -> BoxFuture<'a, Result<HashSet<String>, Unreachable>> {
        Box::pin(async move {
            let scope = within(ctx, action);
            if scope == Scope::Nothing {
                return Ok(HashSet::new());
            }
            if !self.names(ctx) {
                return self.judged(ctx, (action, &scope), repository, documents).await;
            }
            let client = self.on_behalf(ctx, action == Action::Change).map_err(Unreachable)?;
            let query = QueryBuilder::get_documents_by_unique_id(documents);
            let found = self.everything(client, query).await?;
            let opened = Self::of_repository(found, repository);
            Ok(opened.map(|entry| entry.unique_id.as_str().to_owned()).collect())
        })
    }

    fn has_entries<'a>(
        &'a self,
        ctx: &'a Ctx,
        documents: &'a [UniqueId],
    ) -> BoxFuture<'a, Result<bool, Unreachable>> {
        Box::pin(async move {
            let query = QueryBuilder::get_documents_by_unique_id(documents);
            let query = query.returning(ReturnType::ObjectRef);
            let refs = self.everything(self.within(ctx), query).await?;
            Ok(!refs.is_empty())
        })
    }

    fn endpoint(&self) -> String {
        self.url.to_string()
    }

    /// The client keeps its own records.
    fn audits(&self) -> bool {
        true
    }
}

/// Why a registry gave no answer. That it does not let the repository speak for nodes is an operator's to set right.
fn told(error: &ClientError) -> String {
    if let ClientError::Fault(fault) = error
        && rows::NOT_SPOKEN_FOR.is(fault)
    {
        tracing::error!(fault = rows::NOT_SPOKEN_FOR.id, "{} / {}", fault.ja, fault.en);
    }
    error.to_string()
}

/// Whether the set among the objects has another entryUUID than the one that was sent: a uniqueId is taken once.
fn is_of_another(objects: &[RegistryObject], set: &Oid, id: Option<EntryUuid>) -> bool {
    let registered = objects.iter().find_map(|object| match object {
        RegistryObject::SubmissionSet(found) if found.unique_id == *set => found.id.uuid(),
        RegistryObject::SubmissionSet(_)
        | RegistryObject::Entry(_)
        | RegistryObject::Folder(_)
        | RegistryObject::Association(_)
        | RegistryObject::Ref(..) => None,
    });
    registered.zip(id).is_some_and(|(registered, id)| registered != id)
}

/// Whether the set is among the objects, and each of the documents.
fn is_whole(objects: &[RegistryObject], set: &Oid, documents: &[UniqueId]) -> bool {
    let mut sets = objects.iter().filter_map(|object| match object {
        RegistryObject::SubmissionSet(found) => Some(&found.unique_id),
        RegistryObject::Entry(_)
        | RegistryObject::Folder(_)
        | RegistryObject::Association(_)
        | RegistryObject::Ref(..) => None,
    });
    let entries: HashSet<&UniqueId> = objects
        .iter()
        .filter_map(|object| match object {
            RegistryObject::Entry(entry) => Some(&entry.unique_id),
            RegistryObject::SubmissionSet(_)
            | RegistryObject::Folder(_)
            | RegistryObject::Association(_)
            | RegistryObject::Ref(..) => None,
        })
        .collect();
    sets.any(|found| found == set) && documents.iter().all(|id| entries.contains(id))
}
