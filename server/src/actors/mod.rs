//! The actors that this process serves, opened on a site.

mod feed;
mod registry_client;

use crate::code_list;
use crate::house::{House, SharedHouse};
use crate::listen::FrameHandler;
use crate::metrics::Metrics;
use crate::pipeline;
use crate::settings::{Actor, PatientPolicy, Settings};
use crate::site::Site;
use crate::tls::NodeFailure;
use actix_web::web::{Data, ServiceConfig};
use anyhow::Context as _;
use feed::Feed;
use registry_client::{InProcess, Remote};
use renkei_atna::build::{self, Local, Peer};
use renkei_atna::record::AuditRecord;
use renkei_audit::{AuditContext, Deliverer, Sink, Spool, Store};
use renkei_context::Caller;
use renkei_database::{Database, DatabaseUrl, Options};
use renkei_metadata::codes::CodeList;
use renkei_registry::{Registry, RegistryConfig, RegistryLimits};
use renkei_repository::{RegistryClient, Repository, RepositoryConfig, Timing};
use renkei_sealing::KeyRing;
use renkei_soap::limits::MessageLimits;
use renkei_soap::xml::XmlLimits;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// Under which addresses the house is reached. `None`: not listened.
#[derive(Clone, Debug)]
pub(crate) struct Addresses {
    /// `https://host:port` of the systems listener, without a slash at the end.
    pub(crate) systems: Option<String>,
    /// `mllps://host:port`.
    pub(crate) mllp: Option<String>,
}

/// The actors at work.
pub(crate) struct Actors {
    house: SharedHouse,
    feed: Option<Arc<Feed>>,
    spool: Spool,
    store: Store,
    deliverer: Deliverer,
    tasks: Vec<JoinHandle<()>>,
    repository: Option<Repository>,
    databases: Vec<Database>,
}

impl Actors {
    /// Opens databases and keys and starts what runs in the background. Failures of nodes that come
    /// out of `failures` are audited from now on.
    pub(crate) async fn open(
        site: &Site,
        settings: &Settings,
        addresses: &Addresses,
        metrics: &Metrics,
        failures: mpsc::Receiver<NodeFailure>,
    ) -> anyhow::Result<Self> {
        let keys = KeyRing::open_or_create(&site.keys_dir())?;
        let spool = Spool::open(&site.dir().join("databases/audit-spool.sqlite"), &keys)?;
        let sink: Arc<dyn Sink> = Arc::new(spool.clone());
        let store = Store::open(&url(site, &settings.audit.database)?, &keys)?;
        let community = settings.ids.home_community.oid();
        let local = AuditContext::new(&settings.house.public_host, Some(community), 4).local;
        let registry = serves(settings, Actor::Registry)
            .then(|| open_registry(site, settings, &keys, &sink, &local))
            .transpose()?;
        let repository = if serves(settings, Actor::Repository) {
            let client =
                registry_client(site, settings, addresses, registry.as_ref(), &sink, &local)?;
            Some(open_repository(site, settings, &keys, &sink, &local, client)?)
        } else {
            None
        };
        let mut sources = vec![("spool".to_owned(), spool.database().clone())];
        let registry_database =
            registry.as_ref().map(|r| ("registry".to_owned(), r.database().clone()));
        let repository_database =
            repository.as_ref().map(|r| ("repository".to_owned(), r.database().clone()));
        sources.extend(registry_database.into_iter().chain(repository_database));
        let mut databases: Vec<Database> = sources.iter().map(|(_, d)| d.clone()).collect();
        databases.push(store.database().clone());
        let deliverer = Deliverer::start(&store, sources, &keys)?;
        let started =
            build::application_start(chrono::Utc::now(), uuid::Uuid::new_v4(), &local, "renkei");
        sink.record(started).await?;
        let house = Data::new(House {
            registry: registry.clone(),
            repository: repository.clone(),
            audit: Arc::clone(&sink),
            local: local.clone(),
            limits: message_limits(settings),
            request_time: Duration::from_secs(settings.limits.request_seconds),
            idle_time: Duration::from_secs(settings.limits.idle_seconds),
            base_url: addresses.systems.clone().unwrap_or_default(),
            metrics: metrics.clone(),
        });
        let feed = registry.filter(|_| serves(settings, Actor::PatientFeed)).map(|registry| {
            let address = addresses.mllp.clone().unwrap_or_default();
            Arc::new(Feed::new(registry, house.clone(), &address))
        });
        let keeper = repository.clone().map(|repository| {
            tokio::spawn(async move {
                // Runs until the program stops; the first thing it does is the repair of what an
                // earlier process left.
                let _: std::convert::Infallible = repository.run().await;
            })
        });
        let alarms =
            tokio::spawn(record_failures(failures, Arc::clone(&sink), local, metrics.clone()));
        let expiry = (settings.retention.audit_days > 0)
            .then(|| tokio::spawn(expire(store.clone(), settings.retention.audit_days)));
        let tasks = keeper.into_iter().chain([alarms]).chain(expiry).collect();
        Ok(Self { house, feed, spool, store, deliverer, tasks, repository, databases })
    }

    /// Adds the routes of the systems listener; called once a worker.
    pub(crate) fn routes(&self) -> impl Fn(&mut ServiceConfig) + Clone + Send + 'static {
        let house = self.house.clone();
        move |service: &mut ServiceConfig| {
            service.app_data(house.clone());
            pipeline::configure(&house, service);
        }
    }

    /// What answers the patient feed, if this process serves it.
    pub(crate) fn feed(&self) -> Option<Arc<dyn FrameHandler>> {
        self.feed.clone().map(|f| f as Arc<dyn FrameHandler>)
    }

    /// Where the records of this house's own clients go: the demo runs them in this process.
    pub(crate) fn sink(&self) -> Arc<dyn Sink> {
        Arc::new(self.spool.clone())
    }

    /// Delivers what waits and answers how many audit records the store holds.
    pub(crate) async fn audited(&self) -> anyhow::Result<u64> {
        self.deliverer.flush().await?;
        Ok(self.store.count().await?)
    }

    /// Finishes what is under way, delivers what is to be delivered, closes the databases.
    pub(crate) async fn close(self) {
        for task in &self.tasks {
            task.abort();
        }
        let at = chrono::Utc::now();
        let stopped =
            build::application_stop(at, uuid::Uuid::new_v4(), &self.house.local, "renkei");
        if let Err(error) = self.house.audit.record(stopped).await {
            tracing::error!(%error, "the stop was not recorded");
        }
        if let Err(error) = self.deliverer.flush().await {
            tracing::warn!(%error, "audit records wait for the next start");
        }
        self.deliverer.stop().await;
        if let Some(repository) = self.repository {
            repository.close().await;
        }
        for database in &self.databases {
            database.close().await;
        }
    }
}

fn serves(settings: &Settings, actor: Actor) -> bool {
    settings.house.actors.contains(&actor)
}

fn url(site: &Site, text: &str) -> anyhow::Result<DatabaseUrl> {
    Ok(DatabaseUrl::parse(text, site.dir())?)
}

fn database_options(settings: &Settings) -> Options {
    Options { write_queue: settings.limits.write_queue, ..Options::default() }
}

/// Limits of messages as the settings have them.
pub(crate) fn message_limits(settings: &Settings) -> MessageLimits {
    let l = &settings.limits;
    MessageLimits {
        root_bytes: l.root_bytes,
        parts: l.parts,
        part_header_bytes: l.part_header_bytes,
        message_bytes: l.message_bytes,
        inline_document_bytes: l.inline_document_bytes,
        xml: XmlLimits {
            depth: l.xml_depth,
            attributes: l.xml_attributes,
            name_bytes: l.xml_name_bytes,
        },
    }
}

fn open_registry(
    site: &Site,
    settings: &Settings,
    keys: &KeyRing,
    sink: &Arc<dyn Sink>,
    local: &Local,
) -> anyhow::Result<Registry> {
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
        limits: RegistryLimits {
            query_results: settings.limits.query_results,
            query_values: settings.limits.query_values,
            ..RegistryLimits::default()
        },
        keys,
        audit: AuditContext { local: local.clone() },
        sink: Arc::clone(sink),
    });
    registry.context("registry.database")
}

/// The code list, which is written with its defaults when there is none yet.
fn codes(site: &Site, settings: &Settings) -> anyhow::Result<CodeList> {
    code_list::found(site.dir(), settings)?;
    CodeList::read(&code_list::text(site.dir(), settings)?).context("codes.file")
}

fn registry_client(
    site: &Site,
    settings: &Settings,
    addresses: &Addresses,
    registry: Option<&Registry>,
    sink: &Arc<dyn Sink>,
    local: &Local,
) -> anyhow::Result<Arc<dyn RegistryClient>> {
    match (&settings.registry.url, registry) {
        (Some(address), _) => Ok(Arc::new(Remote::new(site, settings, address, sink, local)?)),
        (None, Some(registry)) => {
            let base = addresses.systems.as_deref().unwrap_or_default();
            let endpoint = format!("{base}{}", pipeline::REGISTRY_PATH);
            Ok(Arc::new(InProcess::new(registry.clone(), endpoint)))
        }
        (None, None) => anyhow::bail!(
            "registry.url: this process serves no registry, so the repository needs its URL / \
             このプロセスはレジストリを提供しないため、registry.url が必要です"
        ),
    }
}

fn open_repository(
    site: &Site,
    settings: &Settings,
    keys: &KeyRing,
    sink: &Arc<dyn Sink>,
    local: &Local,
    registry: Arc<dyn RegistryClient>,
) -> anyhow::Result<Repository> {
    let config = RepositoryConfig {
        url: url(site, &settings.repository.database)?,
        database: database_options(settings),
        unique_id: settings.ids.repository.clone(),
        home: Some(settings.ids.home_community.clone()),
        keys,
        own: Peer { user_id: Caller::internal("repository").subject, address: None },
        local: local.clone(),
        sink: Arc::clone(sink),
        timing: Timing {
            lease: Duration::from_secs(settings.repository.lease_seconds),
            grace: Duration::from_secs(settings.repository.grace_seconds),
            sweep: Duration::from_secs(settings.repository.sweep_seconds),
            renew: Duration::from_secs((settings.repository.lease_seconds / 4).max(1)),
        },
    };
    Repository::open(config, registry).context("repository.database")
}

/// How many audit records one round of expiry removes at most.
const EXPIRED_AT_ONCE: u32 = 1000;

/// Removes audit records older than `days` (`retention.audit_days`), a little at a time.
async fn expire(store: Store, days: u32) {
    let pause = Duration::from_secs(3600);
    loop {
        let limit = chrono::Utc::now() - chrono::TimeDelta::days(i64::from(days));
        match store.expire(limit, EXPIRED_AT_ONCE).await {
            Ok(removed) if removed > 0 => tracing::info!(removed, "audit records expired"),
            Ok(_) => tokio::time::sleep(pause).await,
            Err(error) => {
                tracing::error!(%error, "audit records could not be expired");
                tokio::time::sleep(pause).await;
            }
        }
    }
}

/// Audits every node that was not let in (ITI TF-2: 3.19.6).
async fn record_failures(
    mut failures: mpsc::Receiver<NodeFailure>,
    sink: Arc<dyn Sink>,
    local: Local,
    metrics: Metrics,
) {
    while let Some(failure) = failures.recv().await {
        metrics.refused();
        if let Err(error) = sink.record(failure_record(&failure, &local)).await {
            tracing::error!(%error, "a refused node was not recorded");
        }
    }
}

fn failure_record(failure: &NodeFailure, local: &Local) -> AuditRecord {
    let peer = Peer {
        user_id: failure.subject.clone().unwrap_or_else(|| "unknown".to_owned()),
        address: failure.address.clone(),
    };
    build::node_authentication_failure(
        failure.at,
        uuid::Uuid::new_v4(),
        &peer,
        &failure.endpoint,
        local,
        &failure.reason,
    )
}
