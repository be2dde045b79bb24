//! Where this process keeps its audit records: its journal, the archive that finds them, and what fills
//! and empties them beside the actors.

use super::url;
use crate::metrics::Metrics;
use crate::settings::Settings;
use crate::site::Site;
use crate::tls::NodeFailure;
use renkei_atna::build::{self, Local, Peer};
use renkei_atna::record::AuditRecord;
use renkei_atna::sink::Sink;
use renkei_audit::{Archive, AuditError, Deliverer, Journal, Owner};
use renkei_database::Database;
use renkei_sealing::KeyRing;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;

/// The records of this process, before anything is delivered.
pub(super) struct Trail {
    root: PathBuf,
    journal: Journal,
    archive: Archive,
}

/// The records of this process, on their way from the actors to journal and archive.
pub(super) struct Delivery {
    root: PathBuf,
    keys: KeyRing,
    journal: Journal,
    archive: Archive,
    deliverer: Deliverer,
}

impl Trail {
    /// Opens the journal and the archive.
    pub(super) async fn open(
        site: &Site,
        settings: &Settings,
        keys: &KeyRing,
    ) -> anyhow::Result<Self> {
        let root = Site::audit_dir_of(site.dir());
        let journal = Journal::open(&root, Owner::House, keys)?;
        let archive = Archive::open(&root, &url(site, &settings.audit.database)?, keys)?;
        archive.keep_numbers(&journal).await?;
        Ok(Self { root, journal, archive })
    }

    /// Where records are made durable.
    pub(super) fn sink(&self) -> Arc<dyn Sink> {
        Arc::new(self.journal.clone())
    }

    /// The database to close at the end.
    pub(super) fn database(&self) -> Database {
        self.archive.database().clone()
    }

    /// Delivers from the outboxes of the actors.
    pub(super) fn deliver(
        self,
        outboxes: impl IntoIterator<Item = (&'static str, Database)>,
        keys: &KeyRing,
    ) -> anyhow::Result<Delivery> {
        let Self { root, journal, archive } = self;
        let outboxes = outboxes.into_iter().map(|(name, database)| (name.to_owned(), database));
        let deliverer = Deliverer::start(&journal, &archive, outboxes.collect(), keys)?;
        Ok(Delivery { root, keys: keys.clone(), journal, archive, deliverer })
    }
}

impl Delivery {
    /// Delivers what waits and answers how many audit records the archive holds.
    pub(super) async fn audited(&self) -> anyhow::Result<u64> {
        self.deliverer.flush().await?;
        Ok(self.archive.count().await?)
    }

    /// The task that removes what is older than `retention.audit_days`, if anything is ever.
    pub(super) fn expiry(&self, settings: &Settings) -> Option<impl Future<Output = ()> + use<>> {
        let days = settings.retention.audit_days;
        let (root, keys) = (self.root.clone(), self.keys.clone());
        let (journal, archive) = (self.journal.clone(), self.archive.clone());
        let expiry = Expiry { root, keys, journal, archive };
        (days > 0).then(|| expiry.run(days))
    }

    /// Delivers what is to be delivered, and ends the journal; further records are refused.
    pub(super) async fn stop(self) {
        if let Err(error) = self.deliverer.flush().await {
            tracing::warn!(%error, "audit records wait for the next start");
        }
        self.deliverer.stop().await;
        self.journal.close().await;
    }
}

/// What expires audit records.
struct Expiry {
    root: PathBuf,
    keys: KeyRing,
    journal: Journal,
    archive: Archive,
}

/// How many audit records one round of expiry removes from the index at most.
const EXPIRED_AT_ONCE: u32 = 1000;

impl Expiry {
    /// Removes audit records older than `days`: from the index a little at a time, from the journals
    /// by whole segments, which hold a day at most.
    async fn run(self, days: u32) {
        loop {
            match self.round(days).await {
                Ok(0) => {}
                Ok(removed) => tracing::info!(removed, "audit records expired"),
                Err(error) => tracing::error!(%error, "audit records could not be expired"),
            }
            tokio::time::sleep(Duration::from_secs(3600)).await;
        }
    }

    async fn round(&self, days: u32) -> Result<usize, AuditError> {
        let limit = chrono::Utc::now() - chrono::TimeDelta::days(i64::from(days));
        let mut removed = 0;
        loop {
            match self.archive.expire(limit, EXPIRED_AT_ONCE).await? {
                0 => break,
                some => removed += some,
            }
        }
        self.journal.expire(limit).await?;
        renkei_audit::expire_guests(&self.root, &self.keys, limit).await?;
        Ok(removed)
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
