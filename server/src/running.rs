//! A house from its start to its end, used by `serve` and by `demo` alike.

use crate::actors::{Actors, source_domains};
use crate::code_list;
use crate::endpoints::{self, Addresses, Endpoints, Listener};
use crate::listen::{self, MllpListener, Readiness};
use crate::members::Members;
use crate::metrics::Metrics;
use crate::pki::{CrlLimits, Days, Keeper, Lists, PeerTable, Sightings, Terms};
use crate::ready::ReadyLine;
use crate::settings::Settings;
use crate::site::Site;
use crate::time::Clock;
use crate::tls::{self, Acceptor, Alarm, Gate, Suites};
use actix_web::dev::{Server, ServerHandle};
use anyhow::Context as _;
use prometheus_client::registry::Registry;
use renkei_metadata::codes::CodeList;
use renkei_metadata::ids::Oid;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinHandle;

/// After this the process ends whatever is still under way; a supervisor waits ten seconds.
const LAST_MOMENT: Duration = Duration::from_millis(9_500);

/// A house at work.
pub(crate) struct Running {
    ready: ReadyLine,
    readiness: Readiness,
    actors: Actors,
    systems: Option<ServerHandle>,
    mllp: Option<MllpListener>,
    admin: Option<ServerHandle>,
    watch: JoinHandle<()>,
    sightings: Arc<Sightings>,
    // Last, so that the lock is given up when everything else is closed.
    site: Site,
}

impl Running {
    /// Starts everything; when it returns, all listeners accept. Needs a multi-threaded runtime.
    pub(crate) async fn start(site: Site, settings: &Settings) -> anyhow::Result<Self> {
        tell_unserved(settings);
        let host = &settings.house.public_host;
        let (systems, mllp) = ports(settings);
        let systems = listen::bind("listen.systems", systems)?;
        let mllp = listen::bind("listen.mllp", mllp)?;
        let admin = listen::bind("listen.admin", settings.listen.admin)?;
        let addresses = Addresses {
            systems: systems.as_ref().map(|b| url("https", host, b.address)),
            mllp: mllp.as_ref().map(|b| url("mllps", host, b.address)),
            admin: admin.as_ref().map(|b| format!("http://{}", b.address)),
        };

        let given = |path: &Option<PathBuf>| path.as_deref().map(|path| site.path(path));
        let given = (given(&settings.tls.certificate), given(&settings.tls.key));
        let files = site.pki().presented(host, given)?;
        let time = Duration::from_secs(settings.limits.handshake_seconds);
        let suites = Suites::from(&settings.tls);
        tls::tell(suites);
        let peers = PeerTable::open(site.pki(), terms(&site, settings)?)?;
        let peers = Arc::new(peers.beside(files.ends()?).with_stale(settings.tls.stale_crl));
        let acceptor = Acceptor::new(&files, suites, time, Some(Arc::clone(&peers)))?;
        let wide = peers.wide();
        for node in &wide {
            tracing::warn!(%node, "entitled to everything");
        }
        let members = Members::of(site.dir());
        let months = settings.members.review_months;
        let reviews = members.told(months);
        let (nodes, members) = (Arc::clone(&peers).watch(), members.watch(months));
        let sightings = Arc::clone(peers.sightings());
        let seen = Arc::clone(&sightings).watch();
        let limits = CrlLimits {
            bytes: settings.tls.crl_bytes,
            every: Duration::from_secs(settings.tls.crl_seconds),
        };
        let lists = Keeper::new(site.pki().clone(), Arc::clone(&peers), limits).run();
        let watch = tokio::spawn(async move {
            tokio::join!(nodes, members, seen, lists);
        });
        let (alarm, failures) = Alarm::new();
        let gate = |endpoint: &Option<String>| {
            let endpoint = endpoint.clone().unwrap_or_default();
            Gate::new(acceptor.clone(), Arc::clone(&peers), alarm.clone(), &endpoint)
        };

        let mut registry = Registry::default();
        let metrics = Metrics::new(&mut registry);
        let clock = Clock::new(&settings.time);
        registry.register_collector(Box::new(clock.clone()));
        registry.register_collector(Box::new(Days(Arc::clone(&peers))));
        registry.register_collector(Box::new(Lists(Arc::clone(&peers))));
        let actors =
            Actors::open(&site, settings, &addresses, (&metrics, &peers), &clock, failures).await?;
        let readiness = Readiness::default();
        let limits = &settings.limits;
        let systems = systems
            .map(|b| listen::systems(b, gate(&addresses.systems), limits, actors.routes()))
            .transpose()?
            .map(run);
        let inbox = actors.inbox();
        let mllp = mllp
            .zip(inbox)
            .map(|(b, inbox)| MllpListener::start(b, gate(&addresses.mllp), limits, inbox))
            .transpose()?;
        let admin = admin
            .map(|b| {
                listen::admin(b, readiness.clone(), clock, Arc::clone(&peers), Arc::new(registry))
            })
            .transpose()?
            .map(run);
        let endpoints = Endpoints::new(settings, &addresses);
        let ca = site.pki().authority_file();
        let ready = ReadyLine::new(site.dir().to_owned(), ca, endpoints, settings)
            .with_wide(wide)
            .with_reviews(reviews);
        readiness.set(true);
        Ok(Self { ready, readiness, actors, systems, mllp, admin, watch, sightings, site })
    }

    /// What to tell the world.
    pub(crate) fn ready(&self) -> &ReadyLine {
        &self.ready
    }

    /// The data directory.
    pub(crate) fn site(&self) -> &Site {
        &self.site
    }

    /// The actors.
    pub(crate) fn actors(&self) -> &Actors {
        &self.actors
    }

    /// Takes no more requests, answers those under way, closes. At most ten seconds.
    pub(crate) async fn stop(self) {
        self.readiness.set(false);
        let orderly = async {
            let systems = async {
                if let Some(server) = &self.systems {
                    server.stop(true).await;
                }
            };
            let mllp = async {
                if let Some(listener) = self.mllp {
                    listener.drain().await;
                }
            };
            tokio::join!(systems, mllp);
            self.actors.close().await;
            if let Some(server) = &self.admin {
                server.stop(false).await;
            }
        };
        if tokio::time::timeout(LAST_MOMENT, orderly).await.is_err() {
            tracing::warn!("stopped with requests under way");
        }
        self.watch.abort();
        self.sightings.write();
        drop(self.site);
    }
}

/// By what entitlements are measured here.
fn terms(site: &Site, settings: &Settings) -> anyhow::Result<Terms> {
    let codes = CodeList::read(&code_list::text(site.dir(), settings)?).context("codes.file")?;
    let (repository, source) = (settings.ids.repository.as_str(), settings.ids.source.as_str());
    let texts = |oids: Vec<Oid>| oids.iter().map(Oid::to_string).collect();
    let named = source_domains(settings).into_iter();
    let named = named.map(|(node, oids)| (node, texts(oids))).collect();
    Ok(Terms::new(&codes, repository, source).with_authorities(named))
}

/// A setting that has no effect in this version must not look as if it had.
fn tell_unserved(settings: &Settings) {
    if settings.listen.people.is_some() {
        tracing::warn!("listen.people is set, but this version serves no pages");
    }
}

/// Lets a server run until its handle stops it.
fn run(server: Server) -> ServerHandle {
    let handle = server.handle();
    tokio::spawn(async move {
        if let Err(error) = server.await {
            tracing::error!(%error, "listener ended");
        }
    });
    handle
}

/// Where a house of these settings is reached once it runs. A free port (0) is known only then: what
/// lies behind one is `None`, and named in the second value by its setting.
pub(crate) fn announced(settings: &Settings) -> (Endpoints, Vec<&'static str>) {
    let host = &settings.house.public_host;
    let (systems, mllp) = ports(settings);
    let known = |address: Option<SocketAddr>| address.filter(|a| a.port() != 0);
    let addresses = Addresses {
        systems: known(systems).map(|a| url("https", host, a)),
        mllp: known(mllp).map(|a| url("mllps", host, a)),
        // Nobody else is to know it.
        admin: None,
    };
    let unknown = [("listen.systems", systems), ("listen.mllp", mllp)]
        .into_iter()
        .filter(|(_, address)| address.is_some_and(|a| a.port() == 0))
        .map(|(setting, _)| setting)
        .collect();
    (Endpoints::new(settings, &addresses), unknown)
}

/// What is listened on for systems and for the feed, as far as anything is served there.
fn ports(settings: &Settings) -> (Option<SocketAddr>, Option<SocketAddr>) {
    let serves = |listener| endpoints::listens(settings, listener);
    (
        settings.listen.systems.filter(|_| serves(Listener::Systems)),
        settings.listen.mllp.filter(|_| serves(Listener::Mllp)),
    )
}

fn url(scheme: &str, host: &str, address: SocketAddr) -> String {
    let bare_v6 = host.contains(':') && !host.starts_with('[');
    let port = address.port();
    if bare_v6 {
        format!("{scheme}://[{host}]:{port}")
    } else {
        format!("{scheme}://{host}:{port}")
    }
}
