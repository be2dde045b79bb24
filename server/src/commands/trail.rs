//! What an operator does goes on record.

use crate::host;
use crate::settings::Settings;
use crate::site::Site;
use chrono::{DateTime, Utc};
use renkei_atna::build::{Local, Peer};
use renkei_atna::record::{AuditRecord, Outcome};
use renkei_atna::sink::Sink;
use renkei_audit::{AuditContext, Journal, Owner};
use renkei_sealing::KeyRing;
use std::path::Path;
use uuid::Uuid;

/// The trail of a house, which need not have been started yet.
pub(super) struct Trail {
    journal: Journal,
    operator: Peer,
    local: Local,
}

impl Trail {
    /// That of the house in `dir`.
    pub(super) fn open(dir: &Path, settings: &Settings, keys: &KeyRing) -> anyhow::Result<Self> {
        let own = settings.ids.home_community.oid();
        Ok(Self {
            journal: Journal::open(&Site::audit_dir_of(dir), Owner::Guest, keys)?,
            operator: Peer { user_id: host::operator(), address: None },
            local: AuditContext::new(&settings.house.public_host, Some(own), 4).local,
        })
    }

    /// Does what `record` tells, and ends the trail. `record` gets the time, an id, who does it, and where.
    pub(super) async fn on_record<T, E: Into<anyhow::Error>>(
        self,
        record: impl FnOnce(DateTime<Utc>, Uuid, &Peer, &Local) -> AuditRecord,
        deed: impl Future<Output = Result<T, E>>,
    ) -> anyhow::Result<T> {
        let record = record(Utc::now(), Uuid::new_v4(), &self.operator, &self.local);
        let done = on_record(&self.journal, record, deed).await;
        self.journal.close().await;
        done
    }

    /// Puts down that what `record` tells was refused, and why, and ends the trail.
    pub(super) async fn refused(
        self,
        record: impl FnOnce(DateTime<Utc>, Uuid, &Peer, &Local) -> AuditRecord,
        why: &str,
    ) -> anyhow::Result<()> {
        let record = record(Utc::now(), Uuid::new_v4(), &self.operator, &self.local);
        let (outcome, why) = (Outcome::MinorFailure, Some(why.to_owned()));
        let record = AuditRecord { outcome, outcome_description: why, ..record };
        let kept = self.journal.record(record).await;
        self.journal.close().await;
        Ok(kept?)
    }
}

/// Does what is on record already; that it failed is on record, too. The other way round, something could be
/// done that no record tells of.
pub(crate) async fn on_record<T, E: Into<anyhow::Error>>(
    sink: &dyn Sink,
    record: AuditRecord,
    deed: impl Future<Output = Result<T, E>>,
) -> anyhow::Result<T> {
    sink.record(record.clone()).await?;
    match deed.await {
        Ok(done) => Ok(done),
        Err(error) => {
            let (id, at, outcome) = (Uuid::new_v4(), Utc::now(), Outcome::SeriousFailure);
            sink.record(AuditRecord { id, at, outcome, ..record }).await?;
            Err(error.into())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use renkei_atna::build;
    use renkei_atna::sink::{BoxFuture, NotRecorded};
    use std::sync::Mutex;

    /// Keeps as many records as there is space for.
    struct Trail(Mutex<Vec<AuditRecord>>, usize);

    impl Sink for Trail {
        fn record<'a>(&'a self, record: AuditRecord) -> BoxFuture<'a, Result<(), NotRecorded>> {
            Box::pin(async move {
                let mut records = self.0.lock().unwrap();
                if records.len() == self.1 {
                    return Err(NotRecorded::Full);
                }
                records.push(record);
                Ok(())
            })
        }
    }

    async fn outcomes(space: usize, deed: Result<(), &'static str>) -> (bool, Vec<Outcome>) {
        let operator = Peer { user_id: "root".to_owned(), address: None };
        let source_id = "test".to_owned();
        let local = Local { source_id, site: None, source_type: 4, process_id: 1 };
        let (at, id) = (Utc::now(), Uuid::new_v4());
        let home = "urn:oid:2.999.1";
        let record = build::correlations_forgotten(at, id, &operator, home, None, &local);
        let (trail, mut done) = (Trail(Mutex::default(), space), false);
        let deed = async {
            done = true;
            deed.map_err(anyhow::Error::msg)
        };
        let result = on_record(&trail, record, deed).await;
        let records = trail.0.into_inner().unwrap();
        assert!(result.is_err() || done);
        (done, records.iter().map(|r| r.outcome).collect())
    }

    #[tokio::test]
    async fn nothing_is_forgotten_that_is_not_on_record() {
        assert_eq!(outcomes(2, Ok(())).await, (true, vec![Outcome::Success]));
        assert_eq!(outcomes(0, Ok(())).await, (false, vec![]));
        let both = vec![Outcome::Success, Outcome::SeriousFailure];
        assert_eq!(outcomes(2, Err("away")).await, (true, both));
    }
}
