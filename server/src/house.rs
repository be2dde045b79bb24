//! What one running program consists of: the actors it serves and what they share.

use crate::actors::{Continuations, Feeders, Memories, OnDemandSource, Persons};
use crate::metrics::Metrics;
use crate::pipeline::iti_47::Rest;
use crate::pipeline::reply_to::AllowedReplyTo;
use crate::pki::{PeerTable, Sightings};
use crate::time::Clock;
use actix_web::web::Data;
use renkei_atna::build::Local;
use renkei_atna::sink::Sink;
use renkei_context::{Caller, Ctx};
use renkei_gateway::initiating::Gateway;
use renkei_gateway::responding::Responding;
use renkei_gateway::responding::discovery::Discovery;
use renkei_hl7v2::authorities::Authorities;
use renkei_metadata::ids::Oid;
use renkei_registry::Registry;
use renkei_repository::Repository;
use renkei_soap::limits::MessageLimits;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// The actors and what every request needs.
pub(crate) struct House {
    /// The Document Registry, if this program serves it.
    pub(crate) registry: Option<Registry>,
    /// The Document Repository, if this program serves it.
    pub(crate) repository: Option<Repository>,
    /// What is known of the clock.
    pub(crate) clock: Clock,
    /// Where messages are remembered, and replies wait.
    pub(crate) memories: Memories,
    /// `async.allowed_reply_to`.
    pub(crate) allowed_reply_to: AllowedReplyTo,
    /// `async.reply_bytes`.
    pub(crate) reply_bytes: usize,
    /// The On-Demand Document Source, if this program serves it.
    pub(crate) on_demand: Option<OnDemandSource>,
    /// The Responding Gateway, if this program serves it.
    pub(crate) responding: Option<Responding>,
    /// The persons of this community, if this program keeps them.
    pub(crate) persons: Option<Persons>,
    /// Whether this program answers queries for persons over HL7 v3.
    pub(crate) queries: bool,
    /// Queries of which more may be asked for.
    pub(crate) continuations: Continuations<Rest>,
    /// By the identifiers of which domain a source may ask, by the name of its node.
    pub(crate) source_domains: BTreeMap<String, Vec<Oid>>,
    /// Whose identifiers each node may feed.
    pub(crate) feeders: Feeders,
    /// What authorities are called.
    pub(crate) authorities: Authorities,
    /// Whether this program takes the patient feed.
    pub(crate) feeds: bool,
    /// Patient discovery for other communities, if this program serves it.
    pub(crate) discovery: Option<Discovery>,
    /// The Initiating Gateway, if this program serves it.
    pub(crate) initiating: Option<Gateway>,
    /// Where reads and refusals are recorded before their answer leaves.
    pub(crate) audit: Arc<dyn Sink>,
    /// How this program names itself in audit records.
    pub(crate) local: Local,
    /// Limits on messages.
    pub(crate) limits: MessageLimits,
    /// `limits.request_seconds`.
    pub(crate) request_time: Duration,
    /// `limits.idle_seconds`.
    pub(crate) idle_time: Duration,
    /// `https://host:port` under which the systems port is reached.
    pub(crate) base_url: String,
    /// Counters.
    pub(crate) metrics: Metrics,
    /// Where nodes are counted that ask for what they have no role for.
    pub(crate) sightings: Arc<Sightings>,
    /// The nodes, by whose names others ask on their behalf.
    pub(crate) peers: Arc<PeerTable>,
}

/// The house as handlers see it.
pub(crate) type SharedHouse = Data<House>;

impl House {
    /// The context of a request that came in on `path`.
    pub(crate) fn context(&self, caller: Arc<Caller>, path: &str) -> Ctx {
        Ctx::new(caller, &format!("{}{path}", self.base_url), self.request_time)
    }
}
