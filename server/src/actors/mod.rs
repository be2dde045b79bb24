//! The actors that this process serves, opened on a site.

mod continuations;
mod feed;
mod feeders;
mod identity;
pub(crate) mod inbox;
mod initiating;
mod limits;
mod memories;
mod notices;
mod on_demand;
mod patients;
mod persons;
mod pixpdq;
mod registry;
mod registry_client;
mod replies;
mod repository;
mod responding;
mod tally;
mod trail;

use crate::communities;
use crate::endpoints::Addresses;
use crate::house::{House, SharedHouse};
use crate::listen::FrameHandler;
use crate::mandates::{self, Mandates};
use crate::metrics::Metrics;
use crate::pipeline;
use crate::pipeline::reply_to::AllowedReplyTo;
use crate::pki::PeerTable;
use crate::settings::{Actor, Settings};
use crate::site::Site;
use crate::time::Clock;
use crate::tls::NodeFailure;
use actix_web::web::{Data, ServiceConfig};
pub(crate) use continuations::Continuations;
use feed::Feed;
pub(crate) use feeders::{Feeders, not_authorized};
use inbox::Inbox;
use limits::message_limits;
pub(crate) use memories::Memories;
pub(crate) use on_demand::Source as OnDemandSource;
pub(crate) use persons::Persons;
use pixpdq::Queries;
use renkei_atna::build::{self, Local};
use renkei_atna::sink::Sink;
use renkei_audit::AuditContext;
use renkei_database::{Database, DatabaseUrl};
use renkei_gateway::community::Communities;
use renkei_gateway::incoming::Spool;
use renkei_gateway::responding::discovery::Discovery;
use renkei_hl7v2::authorities::{Authorities, NamedAuthority};
use renkei_hl7v3::iti55::Locator;
use renkei_metadata::ids::Oid;
use renkei_repository::Repository;
use renkei_sealing::KeyRing;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use trail::{Delivery, Trail};

/// The actors at work.
pub(crate) struct Actors {
    house: SharedHouse,
    inbox: Option<Arc<Inbox>>,
    delivery: Delivery,
    tasks: Vec<JoinHandle<()>>,
    repository: Option<Repository>,
    databases: Vec<Database>,
}

/// What every actor is opened with.
struct Shared<'a> {
    site: &'a Site,
    settings: &'a Settings,
    keys: &'a KeyRing,
    sink: &'a Arc<dyn Sink>,
    local: &'a Local,
    /// Where documents of others wait that are given together.
    spool: &'a Spool,
}

/// Where documents of others wait that are given together.
fn spool(site: &Site, settings: &Settings) -> Spool {
    let limits = &settings.gateway;
    let time = Duration::from_secs(limits.together_seconds);
    Spool::new(site.dir().join("spool"), limits.spool_bytes, time)
}

impl Actors {
    /// Opens databases and keys and starts what runs in the background. Failures of nodes that come
    /// out of `failures` are audited from now on.
    pub(crate) async fn open(
        site: &Site,
        settings: &Settings,
        addresses: &Addresses,
        (metrics, peers): (&Metrics, &Arc<PeerTable>),
        clock: &Clock,
        failures: mpsc::Receiver<NodeFailure>,
    ) -> anyhow::Result<Self> {
        let keys = KeyRing::open_or_create(&site.keys_dir())?;
        let trail = Trail::open(site, settings, &keys).await?;
        let sink = trail.sink();
        let community = settings.ids.home_community.oid();
        let local = AuditContext::new(&settings.house.public_host, Some(community), 4).local;
        let spool = spool(site, settings);
        let shared =
            Shared { site, settings, keys: &keys, sink: &sink, local: &local, spool: &spool };
        let registry =
            serves(settings, Actor::Registry).then(|| registry::open(&shared)).transpose()?;
        let repository = serves(settings, Actor::Repository)
            .then(|| repository::open(&shared, addresses, registry.as_ref()))
            .transpose()?;
        let memories = Memories::open(registry.as_ref(), repository.as_ref(), settings, &keys)?;
        let identity = needs_persons(settings).then(|| identity::open(&shared)).transpose()?;
        let replies = replies::start(&shared, &memories.all(), identity.as_ref())?;
        let on_demand = match &repository {
            Some(repository) if serves(settings, Actor::OnDemand) => {
                on_demand::open(&shared, addresses, registry.as_ref(), repository)?
            }
            _ => None,
        };
        let responding = match &registry {
            Some(registry) if serves(settings, Actor::RespondingGateway) => {
                let beside = repository.as_ref().map(|r| (r, on_demand.as_ref()));
                Some(responding::open(&shared, registry, beside)?)
            }
            _ => None,
        };
        let known = identity.clone().zip(registry.as_ref());
        let persons = known.map(|(identity, registry)| {
            let own = communities::own(settings, &[]);
            let entered = Communities::open(communities::dir(shared.site.dir()), own, "xcpd")?;
            anyhow::Ok(Persons::new(settings, identity, registry, entered, metrics))
        });
        let persons = persons.transpose()?;
        let consumers = settings.identity.notify.clone();
        let notified =
            persons.as_ref().zip(memories.of_registry()).filter(|_| !consumers.is_empty());
        let notified = notified.map(|(persons, memory)| {
            let identity = persons.identity().clone();
            tokio::spawn(notices::distribute(consumers, identity, memory.clone()))
        });
        let initiating = match (&registry, &repository) {
            (Some(registry), Some(_)) if serves(settings, Actor::InitiatingGateway) => {
                Some(initiating::open(&shared, addresses, registry, persons.as_ref(), metrics)?)
            }
            _ => None,
        };
        let discovery = persons.as_ref().filter(|_| serves(settings, Actor::Xcpd)).map(|persons| {
            let (home, shared) =
                (settings.ids.home_community.clone(), communities::shared(settings));
            let days = settings.gateway.correlation_days;
            let locator = match settings.gateway.tells_locations {
                true => Locator::SupportsHealthDataLocator,
                false => Locator::NotHealthDataLocator,
            };
            Discovery::new(home, shared, days, locator, Arc::new(persons.clone()))
        });
        let discovery = discovery.transpose()?;
        let outboxes: Vec<(&'static str, Database)> = [
            registry.as_ref().map(|r| ("registry", r.database().clone())),
            repository.as_ref().map(|r| ("repository", r.database().clone())),
        ]
        .into_iter()
        .flatten()
        .collect();
        let databases = outboxes
            .iter()
            .map(|(_, d)| d.clone())
            .chain(identity.map(|identity| identity.database().clone()))
            .chain([trail.database()])
            .collect();
        let delivery = trail.deliver(outboxes, &keys)?;
        let started =
            build::application_start(chrono::Utc::now(), uuid::Uuid::new_v4(), &local, "renkei");
        sink.record(started).await?;
        let authorities = Authorities::new(settings.ids.assigning_authority.clone())
            .named(settings.ids.namespaces.clone());
        let house = Data::new(House {
            registry: registry.clone(),
            repository: repository.clone(),
            clock: clock.clone(),
            memories,
            allowed_reply_to: AllowedReplyTo::new(settings.asynchronous.allowed_reply_to.clone()),
            reply_bytes: settings.asynchronous.reply_bytes,
            on_demand,
            responding,
            persons: persons.clone(),
            queries: persons.is_some() && serves(settings, Actor::PixPdq),
            continuations: Continuations::default(),
            source_domains: source_domains(settings),
            feeders: Feeders::new(settings, authorities.clone()),
            authorities,
            feeds: registry.is_some() && serves(settings, Actor::PatientFeed),
            discovery,
            initiating: initiating.clone(),
            audit: Arc::clone(&sink),
            local: local.clone(),
            limits: message_limits(settings),
            request_time: Duration::from_secs(settings.limits.request_seconds),
            idle_time: Duration::from_secs(settings.limits.idle_seconds),
            base_url: addresses.systems.clone().unwrap_or_default(),
            metrics: metrics.clone(),
            sightings: Arc::clone(peers.sightings()),
            peers: Arc::clone(peers),
        });
        let mllp = addresses.mllp.clone().unwrap_or_default();
        let feed = registry
            .filter(|_| serves(settings, Actor::PatientFeed))
            .map(|registry| Feed::new(registry, persons.clone(), house.clone(), &mllp));
        let queries = persons.as_ref().filter(|_| serves(settings, Actor::PixPdq));
        let queries = queries
            .map(|persons| Queries::new(settings, persons.clone(), &keys, house.clone(), &mllp))
            .transpose()?;
        let inbox = Inbox::new(feed, queries).map(Arc::new);
        let keeper = repository.clone().map(|repository| {
            tokio::spawn(async move {
                // Runs until the program stops; the first thing it does is the repair of what an
                // earlier process left.
                let _: std::convert::Infallible = repository.run().await;
            })
        });
        let time = clock.watch(Arc::clone(&sink), local.clone()).map(tokio::spawn);
        let mandates = mandates::watch(Mandates::of(site.dir()), Arc::clone(&sink), local.clone());
        let alarms = trail::record_failures(failures, Arc::clone(&sink), local, metrics.clone());
        let expiry = delivery.expiry(settings).map(tokio::spawn);
        let listening = persons.map(|persons| tokio::spawn(persons.keep()));
        let watch = initiating.map(|gateway| tokio::spawn(gateway.watch()));
        let tasks = keeper
            .into_iter()
            .chain([tokio::spawn(alarms), tokio::spawn(mandates)])
            .chain(expiry)
            .chain(replies)
            .chain(listening)
            .chain(notified)
            .chain(watch)
            .chain(time)
            .collect();
        Ok(Self { house, inbox, delivery, tasks, repository, databases })
    }

    /// Adds the routes of the systems listener; called once a worker.
    pub(crate) fn routes(&self) -> impl Fn(&mut ServiceConfig) + Clone + Send + 'static {
        let house = self.house.clone();
        move |service: &mut ServiceConfig| {
            service.app_data(house.clone());
            pipeline::configure(&house, service);
        }
    }

    /// What answers messages of HL7 v2, if this process serves any.
    pub(crate) fn inbox(&self) -> Option<Arc<dyn FrameHandler>> {
        self.inbox.clone().map(|inbox| inbox as Arc<dyn FrameHandler>)
    }

    /// Where the records of this house's own clients go: the demo runs them in this process.
    pub(crate) fn sink(&self) -> Arc<dyn Sink> {
        Arc::clone(&self.house.audit)
    }

    /// Delivers what waits and answers how many audit records there are.
    pub(crate) async fn audited(&self) -> anyhow::Result<u64> {
        self.drain().await;
        self.delivery.audited().await
    }

    /// Puts down what was answered before it was.
    async fn drain(&self) {
        if let Some(repository) = &self.repository {
            repository.drain().await;
        }
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
        self.drain().await;
        self.delivery.stop().await;
        if let Some(repository) = self.repository {
            repository.close().await;
        }
        for database in &self.databases {
            database.close().await;
        }
    }
}

/// By the identifiers of which domains each source may ask for persons, and which it feeds.
pub(crate) fn source_domains(settings: &Settings) -> BTreeMap<String, Vec<Oid>> {
    let own = &settings.ids.assigning_authority;
    let mut domains: BTreeMap<String, Vec<Oid>> = BTreeMap::new();
    for NamedAuthority { name, authority } in &settings.identity.source_domains {
        let domain = authority.as_ref().unwrap_or(own).clone();
        domains.entry(name.clone()).or_default().push(domain);
    }
    domains
}

fn serves(settings: &Settings, actor: Actor) -> bool {
    settings.house.actors.contains(&actor)
}

/// Whether anything here is about persons.
fn needs_persons(settings: &Settings) -> bool {
    [Actor::PatientFeed, Actor::Xcpd, Actor::InitiatingGateway, Actor::PixPdq]
        .into_iter()
        .any(|actor| serves(settings, actor))
}

fn url(site: &Site, text: &str) -> anyhow::Result<DatabaseUrl> {
    Ok(DatabaseUrl::parse(text, site.dir())?)
}
