//! Where this process keeps its audit records: the spool, the store it is delivered to, and what fills
//! and empties them beside the actors.

use super::url;
use crate::metrics::Metrics;
use crate::settings::Settings;
use crate::site::Site;
use crate::tls::NodeFailure;
use renkei_atna::build::{self, Local, Peer};
use renkei_atna::record::AuditRecord;
use renkei_atna::sink::Sink;
use renkei_audit::{Deliverer, Spool, Store};
use renkei_database::Database;
use renkei_sealing::KeyRing;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;

/// The records of this process, before anything is delivered.
pub(super) struct Trail {
    spool: Spool,
    store: Store,
}

/// The records of this process, on their way from the actors to the store.
pub(super) struct Delivery {
    store: Store,
    deliverer: Deliverer,
}

impl Trail {
    /// Opens the spool and the store.
    pub(super) fn open(site: &Site, settings: &Settings, keys: &KeyRing) -> anyhow::Result<Self> {
        let spool = Spool::open(&site.dir().join("databases/audit-spool.sqlite"), keys)?;
        let store = Store::open(&url(site, &settings.audit.database)?, keys)?;
        Ok(Self { spool, store })
    }

    /// Where records are made durable.
    pub(super) fn sink(&self) -> Arc<dyn Sink> {
        Arc::new(self.spool.clone())
    }

    /// The databases to close at the end.
    pub(super) fn databases(&self) -> [Database; 2] {
        [self.spool.database().clone(), self.store.database().clone()]
    }

    /// Delivers from the spool and from the outboxes of the actors.
    pub(super) fn deliver(
        self,
        outboxes: impl IntoIterator<Item = (&'static str, Database)>,
        keys: &KeyRing,
    ) -> anyhow::Result<Delivery> {
        let spool = ("spool", self.spool.database().clone());
        let sources = [spool].into_iter().chain(outboxes);
        let sources = sources.map(|(name, database)| (name.to_owned(), database)).collect();
        let deliverer = Deliverer::start(&self.store, sources, keys)?;
        Ok(Delivery { store: self.store, deliverer })
    }
}

impl Delivery {
    /// Delivers what waits and answers how many audit records the store holds.
    pub(super) async fn audited(&self) -> anyhow::Result<u64> {
        self.deliverer.flush().await?;
        Ok(self.store.count().await?)
    }

    /// The task that removes what is older than `retention.audit_days`, if anything is ever.
    pub(super) fn expiry(&self, settings: &Settings) -> Option<impl Future<Output = ()> + use<>> {
        let days = settings.retention.audit_days;
        (days > 0).then(|| expire(self.store.clone(), days))
    }

    /// Delivers what is to be delivered.
    pub(super) async fn stop(self) {
        if let Err(error) = self.deliverer.flush().await {
            tracing::warn!(%error, "audit records wait for the next start");
        }
        self.deliverer.stop().await;
    }
}

/// How many audit records one round of expiry removes at most.
const EXPIRED_AT_ONCE: u32 = 1000;

/// Removes audit records older than `days`, a little at a time.
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
pub(super) async fn record_failures(
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
