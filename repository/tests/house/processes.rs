//! Two processes on one database, of which one stood still longer than its lease: nobody is told of a
//! success whose documents are gone.

use crate::support::{House, change, ctx, fetch, own_rows, request, send};
use renkei_database::Dialect;
use renkei_repository::{Repository, Timing};
use renkei_xds::response::Status;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::sync::Notify;

/// A house whose registry is in its process or is not, with a fresh lease, and another process.
async fn houses() -> Vec<(House, Repository)> {
    let mut houses = Vec::new();
    for in_process in [true, false] {
        for house in House::each() {
            house.registry.in_process.store(in_process, Ordering::Relaxed);
            house.repository.sweep(&ctx()).await;
            let other = house.reopened(Timing::default());
            houses.push((house, other));
        }
    }
    houses
}

/// The first process was silent too long, and is awake again; the other one sweeps meanwhile.
async fn stand_still(first: &Repository, other: &Repository) {
    change(first.database(), "DELETE FROM lease").await;
    other.sweep(&ctx()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_another_process_released_during_the_registration_is_no_success() {
    for (house, other) in houses().await {
        let (first, second) = (house.repository.clone(), other.clone());
        *house.registry.probe.lock().unwrap() = Some(Arc::new(move || {
            let (first, second) = (first.clone(), second.clone());
            Box::pin(async move { stand_still(&first, &second).await })
        }));
        let response = house.submit(&[("2.999.1", b"gone")]).await;
        assert!(fetch(&other, "2.999.1").await.is_none());
        assert_eq!(response.status, Status::Failure, "{response:?}");
        house.repository.drain().await;
        assert_eq!(house.rows("audit_outbox").await, 2, "the failure that repair knew of");
        other.close().await;
    }
}

/// The other process asks before the registry's commit, and hears the answer after it.
#[tokio::test(flavor = "multi_thread")]
async fn a_repair_that_asked_too_early_takes_nothing_of_a_success() {
    for (house, other) in houses().await {
        let (asked, answered) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let (first, second, wait) = (house.repository.clone(), other.clone(), Arc::clone(&asked));
        *house.registry.probe.lock().unwrap() = Some(Arc::new(move || {
            let (first, second, wait) = (first.clone(), second.clone(), Arc::clone(&wait));
            Box::pin(async move {
                tokio::spawn(async move { stand_still(&first, &second).await });
                wait.notified().await;
            })
        }));
        let (tell, wait) = (Arc::clone(&asked), Arc::clone(&answered));
        *house.registry.after_asked.lock().unwrap() = Some(Arc::new(move || {
            let (tell, wait) = (Arc::clone(&tell), Arc::clone(&wait));
            Box::pin(async move {
                tell.notify_one();
                drop(tokio::time::timeout(Duration::from_secs(9), wait.notified()).await);
            })
        }));
        let response = send(&house.repository, request(&["2.999.1"]), &[b"kept"]).await;
        assert_eq!(response.status, Status::Success, "{response:?}");
        answered.notify_one();
        // The next sweep waits for nothing that the first one does not.
        *house.registry.after_asked.lock().unwrap() = None;
        while house.rows("submission").await > 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        assert_eq!(fetch(&other, "2.999.1").await.unwrap(), b"kept");
        house.repository.drain().await;
        assert_eq!(fetch(&other, "2.999.1").await.unwrap(), b"kept");
        assert_eq!(house.states().await, [2]);
        other.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_another_process_took_over_before_is_not_registered() {
    for house in House::each() {
        let database = house.repository.database();
        let take = match database.dialect() {
            Dialect::Sqlite => {
                "CREATE TRIGGER take AFTER INSERT ON submission BEGIN \
                 UPDATE submission SET lease = NULL WHERE id = NEW.id; END"
            }
            Dialect::Postgres => {
                "CREATE FUNCTION take() RETURNS trigger LANGUAGE plpgsql AS \
                 $$ BEGIN NEW.lease := NULL; RETURN NEW; END $$; \
                 CREATE TRIGGER take BEFORE INSERT ON submission \
                 FOR EACH ROW EXECUTE FUNCTION take()"
            }
        };
        change(database, take).await;
        let response = house.submit(&[("2.999.1", b"kept")]).await;
        assert_eq!(own_rows(&response), ["repository-internal"]);
        assert!(house.registry.seen.lock().unwrap().is_empty(), "the registry was not asked");
        assert_eq!(house.rows("submission").await, 1, "left to the other process");
    }
}
