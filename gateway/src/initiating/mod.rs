//! The Initiating Gateway (ITI TF-1: 18.2.1, Affinity Domain option): one question of a Document Consumer
//! goes to our own community and to all others side by side, and comes back as one answer that says of each
//! what happened.
//!
//! What comes in here never goes to our own gateways, and what comes in at those never here, so that no
//! question goes round.

mod answer;
mod breaker;
mod discovery;
mod entitled;
mod link;
mod merge;
mod object;
mod patients;
mod query;
mod retrieve;
pub mod rules;
pub mod said;
mod seen;
mod sight;
mod targets;
#[cfg(test)]
mod tests;
mod trial;

pub use discovery::{
    AnsweredLater, Asker, Discovery, Ending, Judged, Silent, Whereabouts, digest, discovery_trial,
    locate,
};
pub use merge::status;
pub use patients::{Correlation, Counterpart, NoPatients, Patients, Question, Said, Settled};
pub use query::Answered;
pub use retrieve::{Delivery, Sorted};
pub use trial::trial;

use crate::community::{Communities, Known};
use crate::incoming::Spool;
use chrono::{DateTime, Utc};
use discovery::Renewing;
use futures_util::future::BoxFuture;
use link::Link;
use renkei_atna::build::Local;
use renkei_atna::sink::Sink;
use renkei_client::{Identity, Mailbox};
use renkei_context::{Action, Ctx, within};
use renkei_metadata::ids::HomeCommunityId;
use renkei_soap::limits::MessageLimits;
use renkei_xds::iti18::AdhocQuery;
use renkei_xds::response::{RegistryError, Status};
use seen::Seen;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What our own registry answers.
pub struct OwnAnswer {
    /// How it ended.
    pub status: Status,
    /// Errors and warnings.
    pub errors: Vec<RegistryError>,
    /// The content of rim:RegistryObjectList, each object told to be of this community, with the prefix
    /// `rim`; `None` when it broke off.
    pub objects: Option<String>,
}

/// Our own registry, whoever it is.
pub trait OwnRegistry: Send + Sync {
    /// Answers a stored query (ITI-18), and records it.
    fn query<'a>(&'a self, ctx: &'a Ctx, query: &'a AdhocQuery) -> BoxFuture<'a, OwnAnswer>;
}

/// Counts what happens; no value of a patient reaches it.
pub trait Observer: Send + Sync {
    /// A community was asked by `transaction`, or was to be; `result` is a word.
    fn asked(&self, community: &str, transaction: &'static str, result: &'static str);
    /// An answer of a community was forgiven `quirk` in so many objects, at `at`.
    fn forgave<'a>(
        &'a self,
        community: &'a HomeCommunityId,
        quirk: &'static str,
        times: u64,
        at: DateTime<Utc>,
    ) -> BoxFuture<'a, ()>;
}

/// What a gateway is opened with.
pub struct Config {
    /// The others.
    pub communities: Arc<Communities>,
    /// Who we are to those that did not issue us a certificate.
    pub identity: Identity,
    /// Our own registry, if it is in this process.
    pub registry: Option<Arc<dyn OwnRegistry>>,
    /// How patients are found in the communities that are asked for them first.
    pub discovery: Option<Discovery>,
    /// Where what we ask is recorded.
    pub sink: Arc<dyn Sink>,
    /// How this program names itself in audit records.
    pub local: Local,
    /// Bounds of an answer.
    pub limits: MessageLimits,
    /// Objects of one community's answer.
    pub most_objects: usize,
    /// The time in which a community has to answer a query.
    pub query_time: Duration,
    /// The time in which it has to begin to answer a retrieval, and in which nothing moves.
    pub retrieve_time: Duration,
    /// Where documents wait that are given together with those of others.
    pub spool: Spool,
    /// Questions to one community at the same time.
    pub at_once: usize,
    /// Where answers come that do not come on the connection; `None`: nowhere.
    pub mailbox: Option<Mailbox>,
    /// Who counts.
    pub observer: Arc<dyn Observer>,
}

/// The gateway. Clones are the same one.
#[derive(Clone)]
pub struct Gateway {
    inner: Arc<Inner>,
}

struct Inner {
    config: Config,
    links: Mutex<HashMap<HomeCommunityId, Arc<Link>>>,
    seen: Seen,
    renewing: Renewing,
}

impl Gateway {
    /// A gateway.
    pub fn new(config: Config) -> Self {
        let (links, seen, renewing) = (Mutex::default(), Seen::default(), Renewing::default());
        Self { inner: Arc::new(Inner { config, links, seen, renewing }) }
    }

    /// Looks at the communities that are entered, for ever.
    pub async fn watch(self) {
        Arc::clone(&self.inner.config.communities).watch().await;
    }

    /// Where answers come that do not come on the connection.
    pub fn mailbox(&self) -> Option<&Mailbox> {
        self.inner.config.mailbox.as_ref()
    }

    /// The communities of which `ctx` may know. Others answer our house, not whoever asks it: for a node that sees
    /// only what it submitted itself there are none, as if none were entered.
    fn known_to(&self, ctx: &Ctx) -> Arc<Known> {
        match within(ctx, Action::See).is_of_others() {
            true => self.inner.config.communities.known(),
            false => Arc::default(),
        }
    }

    fn own(&self) -> &HomeCommunityId {
        &self.inner.config.communities.own().home
    }
}
