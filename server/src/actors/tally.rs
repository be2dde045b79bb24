//! What happens with other communities is counted: for who watches the process (`/metrics`), and what is forgiven
//! also for whoever decides whether it still has to be (`renkei community list`), which outlasts the process.

use super::persons::Persons;
use crate::metrics::Metrics;
use chrono::{DateTime, Utc};
use futures_util::future::BoxFuture;
use renkei_gateway::initiating::Observer;
use renkei_identity::Identity;
use renkei_metadata::ids::HomeCommunityId;
use std::time::Duration;
use tokio::time::timeout;

/// How long an answer waits for its count: it is worth more than that.
const MOMENT: Duration = Duration::from_secs(2);

/// Counts for both.
pub(super) struct Tally {
    metrics: Metrics,
    identity: Option<Identity>,
}

impl Tally {
    pub(super) fn new(metrics: &Metrics, persons: Option<&Persons>) -> Self {
        let identity = persons.map(|persons| persons.identity().clone());
        Self { metrics: metrics.clone(), identity }
    }
}

impl Observer for Tally {
    fn asked(&self, community: &str, transaction: &'static str, result: &'static str) {
        self.metrics.asked(community, transaction, result);
    }

    fn forgave<'a>(
        &'a self,
        community: &'a HomeCommunityId,
        quirk: &'static str,
        times: u64,
        at: DateTime<Utc>,
    ) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            self.metrics.forgave(community.as_str(), quirk, times);
            let Some(identity) = &self.identity else { return };
            let why = match timeout(MOMENT, identity.forgave(community, quirk, times, at)).await {
                Ok(Ok(())) => return,
                Ok(Err(error)) => error.to_string(),
                Err(_) => "the database takes too long".to_owned(),
            };
            tracing::error!(%community, quirk, times, why, "what was forgiven is not counted");
        })
    }
}
