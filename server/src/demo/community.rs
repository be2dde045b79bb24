//! A community of the demonstration: its servers, and its clients: institutions, a doctor and the person.

use super::institution;
use crate::code_list;
use crate::endpoints::{INITIATING_GATEWAY, PATIENT_FEED, PDQ_V3, PIX_V3, REGISTRY, REPOSITORY};
use crate::patient_key;
use crate::pki::{Entitlement, NodeName, Sight};
use crate::ready::ReadyLine;
use crate::running::Running;
use crate::settings::{Settings, Sources};
use crate::site::Site;
use anyhow::Context as _;
use chrono::Local as LocalTime;
use renkei_audit::AuditContext;
use renkei_client::mllp::MllpClient;
use renkei_client::{ClientOptions, Connection, Identity, SoapClient};
use renkei_context::{Role, Roles};
use renkei_metadata::codes::CodeList;
use renkei_metadata::ids::{HomeCommunityId, Oid};
use renkei_sealing::KeyRing;
use renkei_source_adapter::mapping::Mapping;
use renkei_source_adapter::submit::{Domain, KeyedHash, Options, Seen, Submitter, Whose};
use std::collections::BTreeMap;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use url::Url;

/// People under way at once.
const CONCURRENCY: usize = 4;

/// Where a community listens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ports {
    /// On the default ports, as far as they are free: the demonstration shall not fail because something else
    /// runs here.
    Usual,
    /// On free ports, and not for an administrator.
    Any,
}

/// A community at work.
pub(super) struct Community {
    running: Running,
    connection: Connection,
    home: HomeCommunityId,
    patient_key: [u8; 32],
    authority: Oid,
    source_id: Oid,
    domain: Arc<Domain>,
}

impl Community {
    /// Starts registry, repository, patient feed and gateways on loopback.
    pub(super) async fn start(data_dir: &Path, ports: Ports) -> anyhow::Result<Self> {
        let (running, settings) = match ports {
            Ports::Any => run(data_dir, elsewhere()).await?,
            Ports::Usual => match run(data_dir, usual(&is_free)).await {
                // Somebody was faster between our look and our taking it.
                Err(error) if is_in_use(&error) => run(data_dir, usual(&|_| false)).await?,
                other => other?,
            },
        };
        let keys = KeyRing::open_or_create(&running.site().keys_dir())?;
        let endpoints = &running.ready().endpoints;
        let url = |endpoint| endpoints.get(endpoint).map(str::parse).transpose();
        let connection = Connection {
            registry: url(&REGISTRY)?,
            repository: url(&REPOSITORY)?,
            patient_feed: endpoints.get(&PATIENT_FEED).map(str::to_owned),
            home_community_id: Some(settings.ids.home_community.to_string()),
            repository_unique_id: Some(settings.ids.repository.to_string()),
            assigning_authority: Some(settings.ids.assigning_authority.to_string()),
            insured_authority: Some(settings.insured_authority().to_string()),
            pix: url(&PIX_V3)?,
            pdq: url(&PDQ_V3)?,
            ..Connection::default()
        };
        let codes = CodeList::read(&code_list::text(data_dir, &settings)?)?;
        let domain = Arc::new(Domain::new(codes, None)?);
        Ok(Self {
            running,
            connection,
            home: settings.ids.home_community,
            patient_key: *patient_key::of_house(&keys)?,
            authority: settings.ids.assigning_authority,
            source_id: settings.ids.source,
            domain,
        })
    }

    /// Its homeCommunityId.
    pub(super) fn home(&self) -> &HomeCommunityId {
        &self.home
    }

    /// What `serve` would say.
    pub(super) fn ready(&self) -> &ReadyLine {
        self.running.ready()
    }

    /// Where the actors are.
    pub(super) fn connection(&self) -> &Connection {
        &self.connection
    }

    /// Its Initiating Gateway, in the place of registry and repository: all communities at once, by these names.
    pub(super) fn everywhere(
        &self,
        communities: BTreeMap<String, String>,
    ) -> anyhow::Result<Connection> {
        let gateway = self.ready().endpoints.get(&INITIATING_GATEWAY);
        let gateway: Url = gateway.context("no Initiating Gateway")?.parse()?;
        let connection = self.connection.clone();
        Ok(Connection {
            registry: Some(gateway.clone()),
            repository: Some(gateway),
            communities,
            ..connection
        })
    }

    /// Issues a certificate for the gateway of another community; where it is.
    pub(super) fn issue_gateway(&self) -> anyhow::Result<PathBuf> {
        let name: NodeName = "demo-gateway".parse()?;
        Ok(self.running.site().pki().own_identity(&name, Roles::new([Role::Gateway]))?)
    }

    /// The institution's Document Source.
    pub(super) fn submitter(&self, mapping: &Mapping) -> anyhow::Result<Submitter> {
        let node = institution::node(mapping);
        let identity = self.identity(&node, [Role::Source, Role::Feed])?;
        let local = AuditContext::new(&node, None, 9).local;
        let sink = self.running.actors().sink();
        let address = self.connection.patient_feed.clone().context("no patient feed")?;
        let feed = MllpClient::new(&identity, &address, Arc::clone(&sink), local.clone())?;
        Ok(Submitter {
            client: Arc::new(SoapClient::new(&identity, ClientOptions::default(), sink, local)?),
            feed: Some(Arc::new(feed)),
            connection: self.connection.clone(),
            domain: Arc::clone(&self.domain),
            patients: Arc::new(KeyedHash::new(self.patient_key, self.authority.clone())),
            whose: Whose::default(),
            seen: Arc::new(Seen::in_memory(self.patient_key)),
            practice: mapping.practice().clone(),
            options: Options {
                source_id: Some(self.source_id.clone()),
                created_at: LocalTime::now().fixed_offset(),
                concurrency: CONCURRENCY,
            },
        })
    }

    /// A Document Consumer that sees everything: the person's own system asks for one person alone.
    pub(super) fn consumer(&self, name: &str) -> anyhow::Result<SoapClient> {
        self.client(name, self.identity(name, [Role::Consumer])?)
    }

    /// The system of the occupational doctor of these employers.
    pub(super) fn doctor(&self, name: &str, employers: &[&str]) -> anyhow::Result<SoapClient> {
        let scope = employers.iter().map(|code| format!("employer={code}").parse::<Sight>());
        let entitlement =
            Entitlement { scope: scope.collect::<Result<_, _>>()?, ..Entitlement::default() };
        let (node, roles): (NodeName, _) = (name.parse()?, Roles::new([Role::Consumer]));
        let directory = self.running.site().pki().identity_of(&node, roles, entitlement)?;
        self.client(name, Identity::load(&directory)?)
    }

    fn client(&self, name: &str, identity: Identity) -> anyhow::Result<SoapClient> {
        let local = AuditContext::new(name, None, 9).local;
        let sink = self.running.actors().sink();
        Ok(SoapClient::new(&identity, ClientOptions::default(), sink, local)?)
    }

    /// Delivers what waits and answers how many audit records there are.
    pub(super) async fn audited(&self) -> anyhow::Result<u64> {
        self.running.actors().audited().await
    }

    /// Ends everything in order.
    pub(super) async fn stop(self) {
        self.running.stop().await;
    }

    fn identity<const N: usize>(&self, name: &str, roles: [Role; N]) -> anyhow::Result<Identity> {
        let name: NodeName = name.parse()?;
        let directory = self.running.site().pki().own_identity(&name, Roles::new(roles))?;
        Ok(Identity::load(&directory)?)
    }
}

async fn run(data_dir: &Path, mut set: Vec<String>) -> anyhow::Result<(Running, Settings)> {
    set.push(format!("identity.source_domains={}", institution::domains()?.join(",")));
    let site = Site::open(data_dir)?;
    let settings = Settings::load(&Sources { data_dir: site.dir().to_owned(), config: None, set })?;
    let running = Running::start(site, &settings).await?;
    Ok((running, settings))
}

/// The default ports that `may_take` lets through, and free ones where it does not.
fn usual(may_take: &dyn Fn(u16) -> bool) -> Vec<String> {
    let ports = [("listen.systems", 8443), ("listen.mllp", 2575), ("listen.admin", 8445)];
    let other = ports.into_iter().filter(|(_, port)| !may_take(*port));
    let on_demand = "ondemand.entries=automatic".to_owned();
    other.map(|(key, _)| format!("{key}=127.0.0.1:0")).chain([on_demand]).collect()
}

fn elsewhere() -> Vec<String> {
    let set = [
        "listen.systems=127.0.0.1:0",
        "listen.mllp=127.0.0.1:0",
        "listen.admin=",
        "limits.workers=1",
    ];
    set.map(str::to_owned).to_vec()
}

fn is_free(port: u16) -> bool {
    TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], port))).is_ok()
}

fn is_in_use(error: &anyhow::Error) -> bool {
    let kinds = error.chain().filter_map(|e| e.downcast_ref::<io::Error>()).map(io::Error::kind);
    kinds.into_iter().any(|kind| kind == io::ErrorKind::AddrInUse)
}
