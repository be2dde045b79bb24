//! Unknown outcomes and crashes: everything stays until the registry has been asked.

use crate::support::{
    Answer, House, NO_WAIT, change, codes, ctx, fetch, gone, literal, rename_set, request, send,
    states, wanted,
};
use bytes::Bytes;
use renkei_context::{Ctx, FixedClock};
use renkei_metadata::ids::{EntryUuid, Oid};
use renkei_repository::{Home, Swept, Timing};
use renkei_xds::response::Status;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};
use uuid::Uuid;

const CHUNK: usize = 256 * 1024;

async fn silent(house: &House) {
    house.answer(Answer::Silence);
    let response = house.submit(&[("2.999.1", b"kept"), ("2.999.2", &vec![1; 3 * CHUNK])]).await;
    assert_eq!(response.status, Status::Failure);
    assert_eq!(codes(&response), ["XDSRegistryNotAvailable"]);
    assert_eq!(house.states().await, [1, 1]);
    assert!(fetch(&house.repository, "2.999.1").await.is_some(), "the registry may have it");
    assert_eq!(house.records.0.lock().unwrap().len(), 0, "one request, one outcome");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_outcome_is_confirmed_when_the_registry_has_it() {
    for house in House::each() {
        silent(&house).await;
        let other = house.reopened(NO_WAIT);
        *house.registry.asks.lock().unwrap() = Err(());
        assert_eq!(other.sweep(&ctx()).await, Swept { waiting: 1, ..Swept::default() });
        assert_eq!(house.states().await, [1, 1], "without an answer everything stays");

        house.registry.take_last();
        *house.registry.asks.lock().unwrap() = Ok(());
        assert_eq!(other.sweep(&ctx()).await, Swept { confirmed: 1, ..Swept::default() });
        assert_eq!(house.states().await, [2, 2]);
        assert_eq!(house.rows("audit_outbox").await, 2, "the records that waited");
        assert_eq!(house.rows("submission").await, 0);
        assert_eq!(other.sweep(&ctx()).await, Swept::default());
        assert_eq!(house.rows("audit_outbox").await, 2, "told once");
        other.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_outcome_is_removed_when_the_registry_does_not_have_it() {
    for house in House::each() {
        silent(&house).await;
        // Nothing happens before the grace is over: the registration may still be under way.
        assert_eq!(house.repository.sweep(&ctx()).await, Swept::default());
        let other = house.reopened(NO_WAIT);
        assert_eq!(other.sweep(&ctx()).await, Swept { removed: 1, ..Swept::default() });
        for table in ["content", "chunk", "submission", "entry"] {
            assert_eq!(house.rows(table).await, 0, "{table}");
        }
        assert_eq!(house.rows("audit_outbox").await, 2, "the failure, now that it is known");
        other.close().await;
    }
}

/// A deadline ends the waiting for a registration, not the registration.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_still_being_registered_is_not_settled() {
    for house in House::each() {
        let slow = house.reopened(Timing { grace: Duration::ZERO, ..Timing::default() });
        let go = Arc::new(tokio::sync::Notify::new());
        let waits = Arc::clone(&go);
        let probe: crate::support::Probe = Arc::new(move || {
            let waits = Arc::clone(&waits);
            Box::pin(async move { waits.notified().await })
        });
        *house.registry.probe.lock().unwrap() = Some(probe);
        let mut ctx = ctx();
        ctx.deadline = Instant::now() + Duration::from_millis(300);
        let mut upload = slow.begin(&ctx);
        let mut sink = upload.part(&ctx, "0@test");
        sink.write(Bytes::from_static(b"late")).await;
        sink.finish().await;
        let provided = slow.provide_and_register(&ctx, upload, request(&["2.999.1"])).await;
        assert_eq!(codes(&provided.response), ["XDSRegistryNotAvailable"]);

        ctx.deadline = Instant::now() + Duration::from_secs(30);
        assert_eq!(slow.sweep(&ctx).await, Swept::default(), "the registry is at work");
        go.notify_one();
        let settled = async {
            while house.rows("submission").await > 0 {
                slow.sweep(&ctx).await;
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), settled).await.unwrap();
        assert_eq!(house.states().await, [2], "registered, therefore kept");
        assert!(fetch(&slow, "2.999.1").await.is_some());
        slow.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vague_refusal_is_an_unknown_outcome() {
    for house in House::each() {
        house.answer(Answer::Refusal("XDSRegistryError"));
        let response = house.submit(&[("2.999.1", b"kept")]).await;
        assert_eq!(codes(&response), ["XDSRegistryError"]);
        assert_eq!(house.states().await, [1]);
        assert_eq!(house.submit(&[("2.999.1", b"kept")]).await.status, Status::Failure);
        house.answer(Answer::Success);
        assert_eq!(house.submit(&[("2.999.1", b"kept")]).await.status, Status::Success);
        assert_eq!(house.states().await, [2], "a repeat settles it");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_crash_left_is_settled_by_the_next_process() {
    for house in House::each() {
        // As a crash leaves it: stored, leased by a process that is gone, nobody answered.
        silent(&house).await;
        let database = house.repository.database();
        let gone = gone(database);
        let sql = format!(
            "UPDATE submission SET lease = {gone}; INSERT INTO lease (id, renewed) VALUES ({gone}, 0)"
        );
        change(database, sql).await;
        house.registry.take_last();
        let other = house.reopened(Timing::default());
        assert_eq!(other.sweep(&ctx()).await, Swept { confirmed: 1, ..Swept::default() });
        assert_eq!(house.rows("audit_outbox").await, 2);
        assert_eq!(states(other.database()).await, [2, 2]);
        other.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_that_registered_nothing_leaves_a_record_of_the_failure() {
    for house in House::each() {
        silent(&house).await;
        leased_by_nobody(&house).await;
        let other = house.reopened(Timing::default());
        assert_eq!(other.sweep(&ctx()).await, Swept { removed: 1, ..Swept::default() });
        assert_eq!(house.rows("content").await, 0);
        assert_eq!(house.rows("audit_outbox").await, 2, "nobody else tells of it");
        other.close().await;
    }
}

/// Whoever works on submissions is gone.
async fn leased_by_nobody(house: &House) {
    let database = house.repository.database();
    change(database, format!("UPDATE submission SET lease = {}", gone(database))).await;
}

/// A document that was confirmed is sent again under a new SubmissionSet, and the process is gone
/// before it hears of the registration.
async fn resubmitted_and_gone(house: &House) {
    assert_eq!(house.submit(&[("2.999.1", b"kept")]).await.status, Status::Success);
    house.answer(Answer::Silence);
    let mut again = request(&["2.999.1"]);
    rename_set(&mut again, "2.999.4.2");
    assert_eq!(send(&house.repository, again, &[b"kept"]).await.status, Status::Failure);
    leased_by_nobody(house).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_resubmission_that_was_registered_is_a_success() {
    for house in House::each() {
        resubmitted_and_gone(&house).await;
        house.registry.take_last();
        let other = house.reopened(NO_WAIT);
        assert_eq!(other.sweep(&ctx()).await, Swept { confirmed: 1, ..Swept::default() });
        assert_eq!(house.states().await, [2]);
        assert_eq!(house.rows("audit_outbox").await, 4, "two of each set");
        assert_eq!(house.rows("entry").await, 2, "two entries tell of the document");
        other.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_resubmission_that_was_not_registered_is_a_failure() {
    for house in House::each() {
        resubmitted_and_gone(&house).await;
        let other = house.reopened(NO_WAIT);
        assert_eq!(other.sweep(&ctx()).await, Swept { removed: 1, ..Swept::default() });
        assert_eq!(house.states().await, [2], "the document is another set's");
        assert_eq!(fetch(&other, "2.999.1").await.unwrap(), b"kept");
        assert_eq!(house.rows("audit_outbox").await, 4, "nobody else tells of the failure");
        assert_eq!(house.rows("entry").await, 1);
        other.close().await;
    }
}

/// One SubmissionSet is sent, its outcome stays open, and is sent again: the registry takes one of the
/// two, and one success is on record, whichever of them it was.
#[tokio::test(flavor = "multi_thread")]
async fn a_submission_set_that_was_sent_twice_succeeded_once() {
    for house in House::each() {
        house.answer(Answer::Silence);
        assert_eq!(house.submit(&[("2.999.1", b"kept")]).await.status, Status::Failure);
        house.answer(Answer::Success);
        assert_eq!(house.submit(&[("2.999.1", b"kept")]).await.status, Status::Success);
        // The answer to the second one is lost, and the registry refuses a third.
        house.answer(Answer::Silence);
        assert_eq!(house.submit(&[("2.999.1", b"kept")]).await.status, Status::Failure);
        let other = house.reopened(NO_WAIT);
        assert_eq!(other.sweep(&ctx()).await, Swept { removed: 2, ..Swept::default() });
        assert_eq!(house.states().await, [2]);
        assert_eq!(house.rows("entry").await, 1);
        assert_eq!(fetch(&other, "2.999.1").await.unwrap(), b"kept");
        other.close().await;
    }
}

/// Both are open when the registry is asked: one is taken for the one that it took.
#[tokio::test(flavor = "multi_thread")]
async fn of_two_open_submissions_of_one_set_one_is_confirmed() {
    for house in House::each() {
        house.answer(Answer::Silence);
        for _ in 0..2 {
            assert_eq!(house.submit(&[("2.999.1", b"kept")]).await.status, Status::Failure);
        }
        house.registry.take_last();
        let other = house.reopened(NO_WAIT);
        let swept = Swept { confirmed: 1, removed: 1, ..Swept::default() };
        assert_eq!(other.sweep(&ctx()).await, swept);
        assert_eq!((house.states().await, house.rows("entry").await), (vec![2], 1));
        other.close().await;
    }
}

/// A SubmissionSet without documents (of a folder, say) leaves no document that would tell whose it is:
/// one success is on record all the same, whether both are open when the registry is asked or the second
/// comes when the first is settled, by repair or by its own process.
#[tokio::test(flavor = "multi_thread")]
async fn a_submission_set_without_documents_succeeded_once() {
    for settled_before in [None, Some(Answer::Silence), Some(Answer::Success)] {
        for house in House::each() {
            let send = async |answer: Answer| {
                house.answer(answer);
                send(&house.repository, request(&[]), &[]).await.status
            };
            let other = house.reopened(NO_WAIT);
            let mut swept = Swept::default();
            let mut sweep = async || {
                let more = other.sweep(&ctx()).await;
                swept.confirmed += more.confirmed;
                swept.removed += more.removed;
            };
            let first = settled_before.clone().unwrap_or(Answer::Silence);
            let by_itself = first == Answer::Success;
            assert_eq!(send(first).await == Status::Success, by_itself);
            house.registry.take_last();
            if settled_before.is_some() {
                sweep().await;
            }
            assert_eq!(send(Answer::Silence).await, Status::Failure);
            sweep().await;
            let confirmed = usize::from(!by_itself);
            assert_eq!(swept, Swept { confirmed, removed: 1, ..Swept::default() });
            assert_eq!(house.rows("submission").await, 0);
            // What brings documents under that uniqueId is no success either.
            assert_eq!(house.submit(&[("2.999.1", b"x")]).await.status, Status::Failure);
            house.registry.take_last();
            let mixed = Swept { removed: 1, ..Swept::default() };
            assert_eq!(other.sweep(&ctx()).await, mixed);
            other.close().await;
        }
    }
}

/// What somebody else registers under the uniqueId of a SubmissionSet without documents is not what was sent here.
#[tokio::test(flavor = "multi_thread")]
async fn a_set_without_documents_that_somebody_else_registered_is_no_success() {
    for by_another in [true, false] {
        for house in House::each() {
            house.answer(Answer::Silence);
            let sent = send(&house.repository, request(&[]), &[]).await;
            assert_eq!(sent.status, Status::Failure);
            house.registry.take_last();
            let ours = {
                let seen = house.registry.seen.lock().unwrap();
                seen.last().unwrap().submission_set.id.uuid().unwrap()
            };
            let theirs = if by_another { EntryUuid(Uuid::from_u128(7)) } else { ours };
            house.registry.sets.lock().unwrap().insert(Oid::parse(SET).unwrap(), theirs);
            let other = house.reopened(NO_WAIT);
            let (confirmed, removed) = (usize::from(!by_another), usize::from(by_another));
            assert_eq!(other.sweep(&ctx()).await, Swept { confirmed, removed, ..Swept::default() });
            assert_eq!(house.rows("submission").await, 0);
            other.close().await;
        }
    }
}

/// The uniqueId of the SubmissionSet of every request here.
const SET: &str = "2.999.4.1";

/// A registry over the network does not show what an administrator took away meanwhile.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_removed_since_a_registration_takes_no_content_along() {
    for gone in [vec!["2.999.1"], vec![SET], vec![SET, "2.999.1"]] {
        for house in House::each() {
            silent(&house).await;
            house.registry.take_last();
            gone.iter().for_each(|id| house.registry.forget(id));
            let other = house.reopened(NO_WAIT);
            *house.registry.asks_entries.lock().unwrap() = Err(());
            assert_eq!(other.sweep(&ctx()).await, Swept { waiting: 1, ..Swept::default() });
            assert_eq!(house.states().await, [1, 1], "without an answer everything stays");
            *house.registry.asks_entries.lock().unwrap() = Ok(());
            let swept = Swept { confirmed: 1, ..Swept::default() };
            assert_eq!(other.sweep(&ctx()).await, swept, "{gone:?}");
            assert_eq!(house.states().await, [2, 2]);
            assert!(fetch(&other, "2.999.2").await.is_some());
            assert_eq!((house.rows("audit_outbox").await, house.rows("entry").await), (2, 2));
            other.close().await;
        }
    }
}

/// The registry never took the set, and has an entry of one of the documents all the same.
#[tokio::test(flavor = "multi_thread")]
async fn a_document_with_an_entry_stays_whatever_the_set_says() {
    for house in House::each() {
        silent(&house).await;
        house.registry.take_last();
        house.registry.forget(SET);
        house.registry.forget("2.999.1");
        house.registry.in_process.store(true, Ordering::Relaxed);
        let other = house.reopened(NO_WAIT);
        assert_eq!(other.sweep(&ctx()).await, Swept { removed: 1, ..Swept::default() });
        assert_eq!(house.states().await, [2]);
        assert!(fetch(&other, "2.999.2").await.is_some());
        assert_eq!(house.rows("audit_outbox").await, 2, "the failure of the set");
        // The same again is another submission's, whatever was kept.
        house.answer(Answer::Silence);
        assert_eq!(house.submit(&[("2.999.1", b"kept")]).await.status, Status::Failure);
        house.registry.take_last();
        assert_eq!(other.sweep(&ctx()).await, Swept { confirmed: 1, ..Swept::default() });
        other.close().await;
    }
}

/// What an administrator erased and somebody sent again does not come back by an entry that was there
/// before.
#[tokio::test(flavor = "multi_thread")]
async fn an_erased_document_comes_back_by_a_registration_alone() {
    for house in House::each() {
        assert_eq!(house.submit(&[("2.999.1", b"gone")]).await.status, Status::Success);
        let removed = house.repository.remove_documents(&ctx(), vec![wanted("2.999.1")]).await;
        assert_eq!(removed.documents.len(), 1);
        house.answer(Answer::Silence);
        let mut again = request(&["2.999.1"]);
        rename_set(&mut again, "2.999.4.2");
        assert_eq!(send(&house.repository, again, &[b"gone"]).await.status, Status::Failure);
        let other = house.reopened(NO_WAIT);
        assert_eq!(other.sweep(&ctx()).await, Swept { removed: 1, ..Swept::default() });
        assert!(fetch(&other, "2.999.1").await.is_none());
        other.close().await;
    }
}

/// A message uses the uniqueId of a set that another one brought: it was refused, whatever the registry
/// knows of its documents, and takes nothing along.
#[tokio::test(flavor = "multi_thread")]
async fn of_a_set_that_another_submission_brought_nothing_is_confirmed() {
    for house in House::each() {
        assert_eq!(house.submit(&[("2.999.1", b"one")]).await.status, Status::Success);
        let mut other = request(&["2.999.2"]);
        rename_set(&mut other, "2.999.4.2");
        assert_eq!(send(&house.repository, other, &[b"two"]).await.status, Status::Success);
        house.answer(Answer::Silence);
        assert_eq!(house.submit(&[("2.999.2", b"two")]).await.status, Status::Failure);
        let other = house.reopened(NO_WAIT);
        assert_eq!(other.sweep(&ctx()).await, Swept { removed: 1, ..Swept::default() });
        assert_eq!((house.states().await, house.rows("entry").await), (vec![2, 2], 2));
        other.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_open_keeps_nothing_else_open() {
    for house in House::each() {
        house.answer(Answer::Silence);
        for n in 1..=3 {
            let mut one = request(&[&format!("2.999.{n}")]);
            rename_set(&mut one, &format!("2.999.4.{n}"));
            send(&house.repository, one, &[b"kept"]).await;
            house.registry.take_last();
        }
        let database = house.repository.database();
        for (place, damage) in [
            (0, "set_id = 'no set'".to_owned()),
            (1, format!("records = {}", literal(database, &[0]))),
        ] {
            let sql = format!(
                "UPDATE submission SET {damage} \
                 WHERE id = (SELECT id FROM submission ORDER BY id LIMIT 1 OFFSET {place})"
            );
            change(database, sql).await;
        }
        let other = house.reopened(NO_WAIT);
        let expected = Swept { confirmed: 1, unreadable: 2, ..Swept::default() };
        assert_eq!(other.sweep(&ctx()).await, expected);
        assert_eq!(house.rows("submission").await, 2);
        assert_eq!(house.states().await, [1, 1, 2], "what is not settled stays");
        other.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lease_does_not_depend_on_the_clock_of_a_machine() {
    for house in House::each() {
        let ctx = ctx();
        let mut upload = house.repository.begin(&ctx);
        let mut sink = upload.part(&ctx, "0@test");
        sink.write(Bytes::from(vec![5; 3 * CHUNK])).await;
        // A machine whose clock is an hour ahead.
        let ahead = chrono::Utc::now() + chrono::TimeDelta::hours(1);
        let other_ctx = Ctx { clock: Arc::new(FixedClock(ahead)), ..crate::support::ctx() };
        let other = house.reopened(Timing::default());
        assert_eq!(other.sweep(&other_ctx).await, Swept::default());
        other.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_work_of_a_living_process_is_left_alone() {
    for house in House::each() {
        let ctx = ctx();
        assert_eq!(house.repository.sweep(&ctx).await, Swept::default());
        let mut upload = house.repository.begin(&ctx);
        let mut sink = upload.part(&ctx, "0@test");
        sink.write(Bytes::from(vec![5; 6 * CHUNK])).await;
        assert_eq!(house.states().await, [0; 0]);
        assert!(fetch(&house.repository, "2.999.1").await.is_none());

        let other = house.reopened(Timing::default());
        assert_eq!(other.sweep(&ctx).await, Swept::default());
        assert_eq!(house.repository.sweep(&ctx).await, Swept::default());
        assert_eq!(under_way(&house).await, 1);

        // The connection breaks: nobody finishes the upload, and its octets go.
        drop(sink);
        drop(upload);
        assert_eq!(house.repository.sweep(&ctx).await, Swept::default());
        assert_eq!(under_way(&house).await, 0);
        for table in ["content", "chunk", "submission", "entry"] {
            assert_eq!(house.rows(table).await, 0, "{table}");
        }
        other.close().await;
    }
}

/// Documents on their way in.
async fn under_way(house: &House) -> i64 {
    match house.home {
        Home::Rows => house.rows("arriving").await,
        Home::Segments => {
            assert_eq!(house.segments().len(), house.marked());
            i64::try_from(house.marked()).unwrap()
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_that_a_crash_cut_off_is_swept_by_the_next_process() {
    for house in House::each() {
        let ctx = ctx();
        let lost = house.reopened(Timing::default());
        assert_eq!(lost.sweep(&ctx).await, Swept::default());
        let mut upload = lost.begin(&ctx);
        let mut sink = upload.part(&ctx, "0@test");
        // Longer than what one removing job takes.
        for _ in 0..70 {
            sink.write(Bytes::from(vec![5; CHUNK])).await;
        }
        assert_eq!(under_way(&house).await, 1);
        // As a crash leaves it: nothing is given up, the locks and the lease are nobody's.
        drop(sink);
        drop(upload);
        drop(lost);
        let database = house.repository.database();
        change(database, format!("UPDATE arriving SET lease = {}", gone(database))).await;
        assert_eq!(house.repository.sweep(&ctx).await, Swept::default());
        assert_eq!(under_way(&house).await, 0);
        for table in ["content", "chunk"] {
            assert_eq!(house.rows(table).await, 0, "{table}");
        }
    }
}
