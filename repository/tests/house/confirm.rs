//! Confirmations that the answer does not wait for: they go with the next group, and are never lost.

use crate::support::{Answer, House, change, ctx, fetch, rename_set, request, send};
use renkei_repository::{Swept, Timing};
use renkei_xds::response::{RegistryResponse, Status};
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

/// A house whose registry is in its process and whose lease is fresh.
async fn houses() -> Vec<House> {
    let houses = House::each();
    for house in &houses {
        house.registry.in_process.store(true, Ordering::Relaxed);
        house.repository.sweep(&ctx()).await;
    }
    houses
}

async fn submit(house: &House, n: u8) -> RegistryResponse {
    let mut one = request(&[&format!("2.999.{n}")]);
    rename_set(&mut one, &format!("2.999.4.{n}"));
    let response = send(&house.repository, one, &[&[n]]).await;
    assert_eq!(response.status, Status::Success, "{response:?}");
    response
}

#[tokio::test(flavor = "multi_thread")]
async fn a_confirmation_goes_with_the_next_submission() {
    for house in houses().await {
        submit(&house, 1).await;
        assert_eq!(house.states().await, [1], "answered before it is confirmed");
        assert_eq!(house.rows("submission").await, 1, "with its audit records");
        assert_eq!(fetch(&house.repository, "2.999.1").await.unwrap(), [1]);
        assert_eq!(house.repository.sweep(&ctx()).await, Swept::default(), "it is worked on");
        submit(&house, 2).await;
        assert_eq!(house.states().await, [1, 2]);
        assert_eq!(house.rows("audit_outbox").await, 2);
        house.repository.drain().await;
        assert_eq!(house.states().await, [2, 2]);
        assert_eq!((house.rows("submission").await, house.rows("audit_outbox").await), (0, 4));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_confirmation_that_finds_no_company_goes_alone() {
    for house in houses().await {
        let repository = house.repository.clone();
        let keeper = tokio::spawn(async move { repository.run().await });
        submit(&house, 1).await;
        let until = Instant::now() + Duration::from_secs(10);
        while house.states().await != [2] && Instant::now() < until {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        assert_eq!(house.states().await, [2]);
        keeper.abort();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_submission_takes_confirmations_along_all_the_same() {
    for house in houses().await {
        submit(&house, 1).await;
        let response = house.submit(&[("2.999.1", b"other octets")]).await;
        assert_eq!(response.status, Status::Failure);
        assert_eq!(house.states().await, [2]);
        assert_eq!(house.rows("audit_outbox").await, 2);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_not_confirmed_when_the_process_ended_is_settled_by_the_next() {
    for house in houses().await {
        submit(&house, 1).await;
        change(house.repository.database(), "DELETE FROM lease").await;
        let other = house.reopened(Timing::default());
        assert_eq!(other.sweep(&ctx()).await, Swept { confirmed: 1, ..Swept::default() });
        assert_eq!(house.rows("audit_outbox").await, 2);
        // The first process was only thought to be gone: nothing is told twice.
        house.repository.drain().await;
        assert_eq!(house.states().await, [2]);
        assert_eq!(house.rows("audit_outbox").await, 2);
        other.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_cannot_be_confirmed_holds_up_nobody() {
    for house in houses().await {
        submit(&house, 1).await;
        // Its records have no place any more; those of others have.
        change(house.repository.database(), "ALTER TABLE audit_outbox RENAME TO elsewhere").await;
        submit(&house, 2).await;
        house.repository.drain().await;
        change(house.repository.database(), "ALTER TABLE elsewhere RENAME TO audit_outbox").await;
        assert_eq!(house.states().await, [1, 1]);
        change(house.repository.database(), "UPDATE submission SET since = 0").await;
        let swept = house.repository.sweep(&ctx()).await;
        assert_eq!(swept, Swept { confirmed: 2, ..Swept::default() });
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_fresh_lease_the_answer_waits() {
    for house in House::each() {
        house.registry.in_process.store(true, Ordering::Relaxed);
        house.answer(Answer::Success);
        submit(&house, 1).await;
        assert_eq!(house.states().await, [2]);
    }
}
