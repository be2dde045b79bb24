//! A running house erases the copies of what is over.

use super::{Deed, Event, Mandates, Read};
use crate::commands::on_record;
use crate::host;
use chrono::Utc;
use renkei_atna::build::{Local, Peer};
use renkei_atna::sink::Sink;
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Handle;
use uuid::Uuid;

/// How often is looked.
const MINUTE: Duration = Duration::from_secs(60);
/// When it is tried again where something failed: each time is a line of the log, and may be a record.
const HOUR: Duration = Duration::from_secs(3600);

/// Erases what is over at once and every minute, for ever; each is on record before.
pub(crate) async fn watch(mandates: Mandates, sink: Arc<dyn Sink>, local: Local) {
    loop {
        let (mandates, sink, local) = (mandates.clone(), Arc::clone(&sink), local.clone());
        let here = Handle::current();
        // The lock is waited for, and the disk.
        let look = move || here.block_on(erase_over(&mandates, &*sink, &local));
        let pause = match tokio::task::spawn_blocking(look).await {
            Ok(Ok(())) => MINUTE,
            Ok(Err(error)) => {
                tracing::error!(
                    error = format!("{error:#}"),
                    "mandates that are over cannot be erased"
                );
                HOUR
            }
            Err(error) => {
                tracing::error!(%error, "mandates could not be looked at");
                HOUR
            }
        };
        tokio::time::sleep(pause).await;
    }
}

/// Erases all that can be; what cannot be read is told, since nobody knows whether it is over.
async fn erase_over(mandates: &Mandates, sink: &dyn Sink, local: &Local) -> anyhow::Result<()> {
    if mandates.is_absent() {
        return Ok(());
    }
    // A command that is at it erases what is over itself.
    let Some(held) = mandates.hold_if_free()? else { return Ok(()) };
    held.clear()?;
    let (by, now) = (host::operator(), Utc::now());
    let operator = Peer { user_id: by.clone(), address: None };
    let Read { mandates, broken } = held.mandates().read()?;
    let mut failed: Vec<anyhow::Error> = broken.into_iter().map(Into::into).collect();
    for mandate in mandates.into_iter().filter(|mandate| mandate.life(now).is_over()) {
        let id = mandate.id.clone();
        let erased = async {
            let mandate = mandate.after(Event::new(now, Deed::Erase, &by))?;
            let record = mandate.record(now, Uuid::new_v4(), &operator, local);
            on_record(sink, record, async { held.erase(&mandate) }).await
        };
        // One that cannot be erased keeps none of the others.
        match erased.await {
            Ok(()) => {
                tracing::info!(id = id.as_str(), "a mandate is over; its sealed copy is erased")
            }
            Err(error) => failed.push(error),
        }
    }
    failed.into_iter().next().map_or(Ok(()), Err)
}

#[cfg(test)]
mod tests {
    use super::super::tests::{event, house};
    use super::*;
    use chrono::TimeDelta;
    use renkei_atna::record::AuditRecord;
    use renkei_atna::sink::{BoxFuture, NotRecorded};
    use std::sync::Mutex;

    /// Keeps records, or has no room for any.
    struct Trail(Mutex<Vec<AuditRecord>>, bool);

    impl Sink for Trail {
        fn record<'a>(&'a self, record: AuditRecord) -> BoxFuture<'a, Result<(), NotRecorded>> {
            Box::pin(async move {
                if self.1 {
                    return Err(NotRecorded::Full);
                }
                self.0.lock().unwrap().push(record);
                Ok(())
            })
        }
    }

    fn local() -> Local {
        Local { source_id: "test".to_owned(), site: None, source_type: 4, process_id: 1 }
    }

    #[tokio::test]
    async fn what_is_over_is_erased_on_record_and_once() {
        let (house, full) = (house(), Trail(Mutex::default(), true));
        let asked_long_ago = Utc::now() - TimeDelta::days(15);
        let over = house.keep(b"a,b\n", event(Deed::Ask, asked_long_ago, "健診"));
        let fresh = house.keep(b"c,d\n", event(Deed::Ask, Utc::now(), "健診"));
        let erase = async |trail| erase_over(house.held.mandates(), trail, &local()).await;
        let trail = Trail(Mutex::default(), false);
        erase(&trail).await.unwrap();
        assert!(house.copy(&over).exists(), "somebody else was at it");

        let house = house.let_go();
        let erase = async |trail| erase_over(&house.mandates, trail, &local()).await;
        assert!(erase(&full).await.is_err());
        assert!(house.copy(&over).exists(), "erased without a record");
        erase(&trail).await.unwrap();
        erase(&trail).await.unwrap();
        assert!(!house.copy(&over).exists() && house.copy(&fresh).exists());
        let records = trail.0.into_inner().unwrap();
        let told: Vec<_> =
            records.iter().map(|r| (r.objects[0].id.as_str(), r.objects[0].life_cycle)).collect();
        assert_eq!(told, [(format!("mandates/{}", over.id).as_str(), Some(15))]);
        let left = house.mandates.get(&over.id).unwrap();
        assert!(left.life(Utc::now()).erased && left.about.sha256 == over.about.sha256);
    }

    #[tokio::test]
    async fn what_cannot_be_read_is_told_and_holds_up_nothing() {
        let house = house();
        let over = house.keep(b"a\n", event(Deed::Ask, Utc::now() - TimeDelta::days(15), "健診"));
        std::fs::write(house.dir.path().join("mandates/20200101-1.toml"), "x = 1").unwrap();
        std::fs::write(house.dir.path().join("mandates/20200101-1.sealed"), "x").unwrap();
        std::fs::write(house.dir.path().join("mandates/20200101-2.sealed"), "x").unwrap();
        let (house, trail) = (house.let_go(), Trail(Mutex::default(), false));
        let told = erase_over(&house.mandates, &trail, &local()).await.unwrap_err().to_string();
        assert!(told.contains("20200101-1.toml"), "{told}");
        assert!(!house.copy(&over).exists());
        let there = |name: &str| house.dir.path().join("mandates").join(name).exists();
        assert!(there("20200101-1.sealed") && !there("20200101-2.sealed"));
    }
}
