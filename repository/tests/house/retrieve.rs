//! ITI-43: mixed results, streams, and stored bytes that were changed.

use crate::support::{
    Damage, House, change, ctx, fetch, octets, request, retrieve, submit, wanted,
};
use bytes::Bytes;
use futures_util::StreamExt;
use renkei_atna::record::Outcome;
use renkei_context::{Caller, Ctx, Grants, Labels, Scope};
use renkei_metadata::finding::{Finding, IheCode, Reporter};
use renkei_metadata::ids::RepositoryUniqueId;
use renkei_repository::{Home, Retrieved, Timing};
use renkei_xds::response::Status;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

const CHUNK: usize = 256 * 1024;

#[tokio::test(flavor = "multi_thread")]
async fn each_request_has_a_document_or_a_finding_at_its_unique_id() {
    for house in House::each() {
        house.submit(&[("2.999.1", b"one"), ("a^B", b"two")]).await;
        let mut elsewhere = wanted("2.999.1");
        elsewhere.repository = RepositoryUniqueId::parse("2.999.10.2").unwrap();
        let asked = vec![
            wanted("2.999.1"),
            wanted("2.999.404"),
            wanted("a^B"),
            wanted("A^b"),
            elsewhere,
            wanted("2.999.1"),
        ];
        let retrieved = house.repository.retrieve(&ctx(), asked).await;
        let mut got = Vec::new();
        for document in retrieved.documents {
            assert_eq!(document.mime_type, "text/csv");
            let id = document.request.unique_id.to_string();
            let size = document.size;
            let bytes = octets(document).await.unwrap();
            assert_eq!(bytes.len() as u64, size);
            got.push((id, bytes));
        }
        let one = ("2.999.1".to_owned(), b"one".to_vec());
        assert_eq!(got, [one.clone(), ("a^B".to_owned(), b"two".to_vec()), one]);
        let mut refused: Vec<(&str, &str)> =
            retrieved.findings.iter().map(|f| (f.rule.id, f.location.as_str())).collect();
        refused.sort();
        assert_eq!(
            refused,
            [
                ("retrieve-unknown-document", "2.999.404"),
                ("retrieve-unknown-document", "A^b"),
                ("retrieve-unknown-repository", "2.999.1"),
            ]
        );
        assert!(retrieved.findings.iter().all(|f| {
            let name = f.rule.code.name(Reporter::Repository);
            name == "XDSDocumentUniqueIdError" || name == "XDSUnknownRepositoryId"
        }));
    }
}

/// A node that sees what it submitted itself: of the fake registry, documents that end as its name does.
fn of_node(name: &str) -> Ctx {
    let own = Labels { submitters: BTreeSet::from([name.to_owned()]), ..Labels::default() };
    let scope = Scope::of_openings([own]);
    let grants = Grants { sees: scope.clone(), changes: scope, ..Grants::of_house() };
    let caller = Caller { grants: Arc::new(grants), ..Caller::internal(name) };
    Ctx::new(Arc::new(caller), "https://house.example/xds/repository", Duration::from_secs(30))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_permitted_is_answered_like_what_does_not_exist() {
    for house in House::each() {
        house.submit(&[("2.999.1", b"mine"), ("2.999.2", b"theirs")]).await;
        let asked = async |ids: [&str; 3]| {
            let requests = ids.iter().map(|id| wanted(id)).collect();
            let Retrieved { findings, documents } =
                house.repository.retrieve(&of_node(".1"), requests).await;
            let given: Vec<String> =
                documents.iter().map(|d| d.request.unique_id.to_string()).collect();
            (findings, given)
        };
        let (hidden, given) = asked(["2.999.2", "2.999.1", "2.999.404"]).await;
        assert_eq!(given, ["2.999.1"]);
        house.repository.remove_documents(&ctx(), vec![wanted("2.999.2")]).await;
        assert_eq!(asked(["2.999.2", "2.999.1", "2.999.404"]).await, (hidden, given));
        // Where nobody says who may have it, nobody gets it.
        *house.registry.asks.lock().unwrap() = Err(());
        let (silent, given) = asked(["2.999.2", "2.999.1", "2.999.404"]).await;
        assert_eq!((silent.len(), given.len()), (3, 0));
        assert!(silent.iter().all(|f| f.rule.id == renkei_repository::rules::BUSY.id));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_may_not_be_removed_is_answered_like_what_does_not_exist() {
    for house in House::each() {
        house.submit(&[("2.999.1", b"mine"), ("2.999.2", b"theirs")]).await;
        let remove = async |ids: &[&str]| {
            let requests = ids.iter().map(|id| wanted(id)).collect();
            let removed = house.repository.remove_documents(&of_node(".1"), requests).await;
            let told = |f: &Finding| (f.rule.id, f.location.clone());
            (removed.findings.iter().map(told).collect::<Vec<_>>(), removed.documents.len())
        };
        let not_here = |id: &str| (renkei_repository::rules::NOT_HERE.id, id.to_owned());
        let (told, removed) = remove(&["2.999.2", "2.999.1", "2.999.404"]).await;
        assert_eq!((told, removed), (vec![not_here("2.999.2"), not_here("2.999.404")], 1));
        assert_eq!(fetch(&house.repository, "2.999.2").await.unwrap(), b"theirs");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_megabytes_go_in_and_out_in_pieces() {
    for house in House::each() {
        let ctx = ctx();
        let mut upload = house.repository.begin(&ctx);
        let mut sink = upload.part(&ctx, "0@test");
        let total = 20 * 1024 * 1024 + 17;
        let piece: Bytes = (0..100_003_usize).map(|n| (n % 241) as u8).collect();
        let mut left = total;
        while left > 0 {
            let some = piece.slice(..piece.len().min(left));
            left -= some.len();
            sink.write(some).await;
        }
        sink.finish().await;
        let response = house
            .repository
            .provide_and_register(&ctx, upload, request(&["2.999.1"]))
            .await
            .response;
        assert_eq!(response.status, Status::Success, "{response:?}");
        let chunks = if house.home == Home::Rows { 81 } else { 0 };
        assert_eq!(house.rows("chunk").await, chunks);

        let document = retrieve(&house.repository, &["2.999.1"]).await.documents.remove(0);
        assert_eq!(document.size, total as u64);
        let mut stream = document.stream;
        let mut at = 0;
        while let Some(bytes) = stream.next().await {
            let bytes = bytes.unwrap();
            assert!(bytes.len() <= CHUNK);
            for byte in bytes {
                assert_eq!(byte, ((at % 100_003) % 241) as u8);
                at += 1;
            }
        }
        assert_eq!(at, total);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_first_chunk_is_an_error_of_that_document_alone() {
    for house in House::each() {
        house.submit(&[("2.999.1", b"one"), ("2.999.2", b"two")]).await;
        house.damage("2.999.1", 0, Damage::TakenFrom("2.999.2")).await;
        let retrieved = retrieve(&house.repository, &["2.999.1", "2.999.2"]).await;
        assert_eq!(retrieved.documents.len(), 1);
        assert_eq!(retrieved.findings[0].rule.code, IheCode::GeneralError);
        assert_eq!(retrieved.findings[0].location, "2.999.1");
        let told = retrieved.findings[0].context();
        assert!(!told.contains("authentic") && !told.contains("chunk"), "{told}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_later_chunk_breaks_the_stream_and_is_audited() {
    let damages = [Damage::Flipped, Damage::TakenFrom("2.999.2"), Damage::CutOff];
    let rows = ["UPDATE content SET size = size + 1", "UPDATE content SET chunks = chunks - 1"];
    let damages = damages.map(Ok).into_iter().chain(rows.map(Err));
    for damage in damages {
        for house in House::each() {
            house.submit(&[("2.999.1", &vec![9; 4 * CHUNK]), ("2.999.2", &vec![9; CHUNK])]).await;
            match damage {
                Ok(damage) => house.damage("2.999.1", 2, damage).await,
                Err(sql) => change(house.repository.database(), sql).await,
            }
            let document = retrieve(&house.repository, &["2.999.1"]).await.documents.remove(0);
            let (before, _) = octets(document).await.unwrap_err();
            assert!((2 * CHUNK..=3 * CHUNK).contains(&before), "{damage:?}: {before}");
            let records = house.records.0.lock().unwrap();
            assert_eq!(records.len(), 1);
            assert_eq!(records[0].outcome, Outcome::SeriousFailure);
            assert_eq!(records[0].objects[0].id, "2.999.1");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_key_is_told_as_unreadable() {
    for house in House::each() {
        house.submit(&[("2.999.1", b"one")]).await;
        change(house.repository.database(), "UPDATE content SET key_name = 'lost'").await;
        let retrieved = retrieve(&house.repository, &["2.999.1"]).await;
        assert!(retrieved.documents.is_empty());
        assert_eq!(retrieved.findings[0].rule.id, "retrieve-unreadable");
        assert!(fetch(&house.repository, "2.999.1").await.is_none());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn many_documents_in_one_request_are_all_opened() {
    for house in House::each() {
        let ids: Vec<String> = (0..30).map(|n| format!("2.999.{n}")).collect();
        let body = vec![4; CHUNK];
        let documents: Vec<(&str, &[u8])> =
            ids.iter().map(|id| (id.as_str(), body.as_slice())).collect();
        let response = house.submit(&documents).await;
        assert_eq!(response.status, Status::Success, "{response:?}");
        let wanted: Vec<&str> = ids.iter().map(String::as_str).collect();
        let retrieved = retrieve(&house.repository, &wanted).await;
        assert_eq!(retrieved.documents.len(), 30);
        for document in retrieved.documents {
            assert_eq!(octets(document).await.unwrap(), body);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn documents_are_found_where_they_are_when_the_setting_changes() {
    for mut house in House::each() {
        house.submit(&[("2.999.1", b"before")]).await;
        house.home = match house.home {
            Home::Rows => Home::Segments,
            Home::Segments => Home::Rows,
        };
        let changed = house.reopened(Timing::default());
        let response = submit(&changed, &[("2.999.2", b"after")]).await;
        assert_eq!(response.status, Status::Success, "{response:?}");
        assert_eq!(fetch(&changed, "2.999.1").await.unwrap(), b"before");
        assert_eq!(fetch(&changed, "2.999.2").await.unwrap(), b"after");
        changed.close().await;
    }
}
