//! ITI-86 Remove Documents: what goes, what stays, and what is remembered (ITI TF-2: 3.86).

use crate::support::{Answer, House, change, codes, ctx, fetch, rename_set, request, send, wanted};
use renkei_metadata::ids::RepositoryUniqueId;
use renkei_repository::inspect::{Inspection, Kept};
use renkei_repository::{Removed, Repository};
use renkei_xds::iti43::DocumentRequest;
use renkei_xds::response::Status;
use std::sync::atomic::Ordering;

async fn remove(repository: &Repository, unique_ids: &[&str]) -> Removed {
    repository.remove_documents(&ctx(), unique_ids.iter().map(|id| wanted(id)).collect()).await
}

/// The rules of the findings, with the places they name.
fn told(removed: &Removed) -> Vec<(&str, &str)> {
    removed.findings.iter().map(|f| (f.rule.id, f.location.as_str())).collect()
}

fn gone(removed: &Removed) -> Vec<&str> {
    removed.documents.iter().map(|r| r.unique_id.as_str()).collect()
}

fn inspection(house: &House) -> Inspection {
    let segments = house.dir.path().join("content");
    Inspection::open(house.test.url(), &segments, &house.keys).unwrap()
}

/// What is kept under a uniqueId.
async fn kept(house: &House, unique_id: &str) -> Kept {
    let inspection = inspection(house);
    let kept = inspection.kept(vec![unique_id.to_owned()]).await.unwrap().remove(0);
    inspection.close().await;
    kept
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_named_goes_and_nothing_else() {
    for house in House::each() {
        let long = vec![7; 1_200_000];
        house.submit(&[("2.999.1", b"one"), ("2.999.2", &long), ("2.999.3", b"stays")]).await;
        let secret = house.kept("2.999.1").await.key_bytes;
        let removed = remove(&house.repository, &["2.999.2", "2.999.1", "2.999.2"]).await;
        assert_eq!(gone(&removed), ["2.999.2", "2.999.1"], "each once, in the order asked for");
        assert_eq!(told(&removed), []);
        for id in ["2.999.1", "2.999.2"] {
            assert_eq!(fetch(&house.repository, id).await, None);
            assert_eq!(kept(&house, id).await, Kept::Removed);
        }
        assert_eq!(fetch(&house.repository, "2.999.3").await.unwrap(), b"stays");
        assert_eq!(house.states().await, [2], "rows and octets are gone before the answer");
        assert_eq!(house.rows("entry").await, 1);
        for file in crate::support::files_below(house.dir.path()) {
            let found = memchr::memmem::find(&std::fs::read(&file).unwrap(), &secret);
            assert!(found.is_none(), "a key in {}", file.display());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_document_that_stays_is_named() {
    for house in House::each() {
        house.submit(&[("2.999.1", b"one"), ("2.999.2", b"two")]).await;
        remove(&house.repository, &["2.999.1"]).await;
        let elsewhere = DocumentRequest {
            repository: RepositoryUniqueId::parse("2.999.10.2").unwrap(),
            ..wanted("2.999.2")
        };
        let asked = vec![elsewhere, wanted("2.999.1"), wanted("2.999.9"), wanted("2.999.2")];
        let removed = house.repository.remove_documents(&ctx(), asked).await;
        let expected = [
            ("retrieve-unknown-repository", "2.999.2"),
            ("remove-removed-before", "2.999.1"),
            ("remove-unknown-document", "2.999.9"),
        ];
        assert_eq!(told(&removed), expected);
        for finding in &removed.findings {
            assert!(finding.english().contains(&finding.location) || finding.value == "2.999.10.2");
        }
        assert_eq!(gone(&removed), ["2.999.2"]);
    }
}

/// The same octets under one uniqueId are one document, however many entries tell of it.
#[tokio::test(flavor = "multi_thread")]
async fn a_document_of_several_entries_goes_for_all_of_them() {
    for house in House::each() {
        house.submit(&[("2.999.1", b"one")]).await;
        let mut again = request(&["2.999.1"]);
        rename_set(&mut again, "2.999.4.2");
        assert_eq!(send(&house.repository, again, &[b"one"]).await.status, Status::Success);
        assert_eq!(house.rows("entry").await, 2);
        assert_eq!(gone(&remove(&house.repository, &["2.999.1"]).await), ["2.999.1"]);
        assert_eq!((house.rows("entry").await, house.rows("content").await), (0, 0));
    }
}

/// The repository does not keep the uniqueId from being used again; only a registration that the
/// registry accepts ends the memory of the removal.
#[tokio::test(flavor = "multi_thread")]
async fn a_removed_document_may_be_submitted_again() {
    for house in House::each() {
        house.submit(&[("2.999.1", b"one")]).await;
        remove(&house.repository, &["2.999.1"]).await;
        house.answer(Answer::Refusal("XDSNonIdenticalHash"));
        assert_eq!(codes(&house.submit(&[("2.999.1", b"two")]).await), ["XDSNonIdenticalHash"]);
        assert_eq!(kept(&house, "2.999.1").await, Kept::Removed, "refused, and as before");
        house.answer(Answer::Success);
        let mut again = request(&["2.999.1"]);
        rename_set(&mut again, "2.999.4.2");
        assert_eq!(send(&house.repository, again, &[b"one"]).await.status, Status::Success);
        assert_eq!(fetch(&house.repository, "2.999.1").await.unwrap(), b"one");
        assert_eq!(house.rows("removed").await, 0);
        assert_eq!(gone(&remove(&house.repository, &["2.999.1"]).await), ["2.999.1"]);
    }
}

/// Whether it will be registered is not known: its entry would have no document.
#[tokio::test(flavor = "multi_thread")]
async fn a_document_that_is_being_submitted_stays() {
    for house in House::each() {
        house.answer(Answer::Silence);
        house.submit(&[("2.999.1", b"open")]).await;
        house.answer(Answer::Success);
        let removed = remove(&house.repository, &["2.999.1"]).await;
        assert_eq!(told(&removed), [("remove-unsettled", "2.999.1")]);
        assert_eq!(fetch(&house.repository, "2.999.1").await.unwrap(), b"open");
        // Repair finds it registered.
        house.registry.take_last();
        house.reopened(crate::support::NO_WAIT).sweep(&ctx()).await;
        assert_eq!(gone(&remove(&house.repository, &["2.999.1"]).await), ["2.999.1"]);
    }
}

/// Where nobody waits for a confirmation, what was answered can be removed at once all the same.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_just_answered_can_be_removed() {
    for house in House::each() {
        house.registry.in_process.store(true, Ordering::Relaxed);
        house.submit(&[("2.999.1", b"one")]).await;
        assert_eq!(gone(&remove(&house.repository, &["2.999.1"]).await), ["2.999.1"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_removal_is_recorded_with_its_effect() {
    for house in House::each() {
        house.submit(&[("2.999.1", b"one"), ("2.999.2", b"two")]).await;
        let before = house.rows("audit_outbox").await;
        remove(&house.repository, &["2.999.1", "2.999.9", "2.999.2"]).await;
        assert_eq!(house.rows("audit_outbox").await, before + 1, "one record of all");
        remove(&house.repository, &["2.999.1"]).await;
        assert_eq!(house.rows("audit_outbox").await, before + 1, "nothing was done");
    }
}

/// As a crash between the commit and the answer leaves it.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_crash_left_of_a_removal_is_finished() {
    for house in House::each() {
        house.submit(&[("2.999.1", b"gone"), ("2.999.2", b"stays")]).await;
        change(
            house.repository.database(),
            "DELETE FROM entry WHERE content_id = (SELECT id FROM content WHERE unique_id = '2.999.1'); \
             UPDATE content SET state = 3, unique_id = NULL WHERE unique_id = '2.999.1'; \
             INSERT INTO removed VALUES ('2.999.1', 1)",
        )
        .await;
        let removed = remove(&house.repository, &["2.999.1"]).await;
        assert_eq!(told(&removed), [("remove-removed-before", "2.999.1")]);
        house.repository.sweep(&ctx()).await;
        assert_eq!(house.states().await, [2]);
        assert_eq!(kept(&house, "2.999.1").await, Kept::Removed);
    }
}
