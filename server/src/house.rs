//! What one running program consists of: the actors it serves and what they share.

use crate::actors::Memories;
use crate::actors::OnDemandSource;
use crate::metrics::Metrics;
use crate::pipeline::reply_to::AllowedReplyTo;
use crate::time::Clock;
use actix_web::web::Data;
use renkei_atna::build::Local;
use renkei_atna::sink::Sink;
use renkei_context::{Caller, Ctx};
use renkei_gateway::initiating::Gateway;
use renkei_gateway::responding::Responding;
use renkei_gateway::responding::discovery::Discovery;
use renkei_registry::Registry;
use renkei_repository::Repository;
use renkei_soap::limits::MessageLimits;
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
}

/// The house as handlers see it.
pub(crate) type SharedHouse = Data<House>;

impl House {
    /// The context of a request that came in on `path`.
    pub(crate) fn context(&self, caller: Arc<Caller>, path: &str) -> Ctx {
        Ctx::new(caller, &format!("{}{path}", self.base_url), self.request_time)
    }
}
