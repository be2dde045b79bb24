//! ITI-41: what is stored, what is refused, and what the registry gets to see.

use crate::support::{
    Answer, HOME, House, REPOSITORY, codes, ctx, fetch, files_below, own_rows, request, retrieve,
    rows, send, send_as, submit,
};
use bytes::Bytes;
use renkei_context::{Caller, Ctx, Grants, Institutions, Sources};
use renkei_metadata::finding::{Checked, Severity};
use renkei_metadata::ids::{MimeType, Oid, RepositoryUniqueId, Sha1Hash};
use renkei_metadata::model::{Author, EntryType};
use renkei_repository::{Home, Timing};
use renkei_xds::iti41::{Content, Document};
use renkei_xds::response::Status;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

const CHUNK: usize = 256 * 1024;

fn big(size: usize) -> Vec<u8> {
    (0..size).map(|n| (n % 251) as u8).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_submission_is_stored_registered_confirmed_and_audited() {
    for house in House::each() {
        let long = big(3 * CHUNK + 5);
        let response = house.submit(&[("2.999.1", b"a,b"), ("2.999.2", &long), ("x^y", b"")]).await;
        assert_eq!(response.status, Status::Success, "{response:?}");
        assert_eq!(codes(&response), ["XDSExtraMetadataNotSaved"], "warnings are handed on");
        assert_eq!(house.states().await, [2, 2, 2]);
        let chunks = if house.home == Home::Rows { 1 + 4 + 1 } else { 0 };
        assert_eq!(house.rows("chunk").await, chunks);
        assert_eq!(house.rows("arriving").await, 0);
        assert_eq!(house.rows("submission").await, 0);
        assert_eq!(house.rows("entry").await, 3);
        assert_eq!(house.rows("audit_outbox").await, 2, "ITI-41 and ITI-42");
        assert_eq!(fetch(&house.repository, "2.999.1").await.unwrap(), b"a,b");
        assert_eq!(fetch(&house.repository, "2.999.2").await.unwrap(), long);
        assert_eq!(fetch(&house.repository, "x^y").await.unwrap(), b"");

        let seen = house.registry.seen.lock().unwrap()[0].clone();
        for entry in &seen.entries {
            assert_eq!(entry.repository.as_ref().unwrap().as_str(), REPOSITORY);
            assert_eq!(entry.home.as_ref().unwrap().as_str(), HOME);
        }
        assert_eq!(seen.entries[0].size, Some(3));
        let hash = seen.entries[0].hash.as_ref().unwrap();
        assert_eq!(hash.as_str(), "5d8b1241b0484dd20c2cfeca6f692becfbab5d18");
        assert_eq!(
            seen.entries[2].hash.as_ref().unwrap().as_str(),
            "da39a3ee5e6b4b0d3255bfef95601890afd80709"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn documents_are_retrievable_while_the_registry_is_asked() {
    for house in House::each() {
        let repository = house.repository.clone();
        let found = Arc::new(std::sync::Mutex::new(None));
        let seen = Arc::clone(&found);
        *house.registry.probe.lock().unwrap() = Some(Arc::new(move || {
            let (repository, seen) = (repository.clone(), Arc::clone(&seen));
            Box::pin(async move {
                let octets = fetch(&repository, "2.999.1").await;
                *seen.lock().unwrap() = octets;
            })
        }));
        house.submit(&[("2.999.1", b"early")]).await;
        assert_eq!(found.lock().unwrap().as_deref(), Some(&b"early"[..]));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_a_document_is_on_disk_in_the_clear() {
    for home in [Home::Segments, Home::Rows] {
        let house = House::on(renkei_database::testing::TestDatabase::sqlite().unwrap(), home);
        let secret = b"fasting blood glucose 126 mg/dL".repeat(20_000);
        assert_eq!(house.submit(&[("2.999.1", &secret)]).await.status, Status::Success);
        house.repository.close().await;
        let renkei_database::DatabaseUrl::Sqlite(path) = house.test.url() else { return };
        // The write-ahead log may or may not have been moved into the database file by now.
        let mut paths = files_below(path.parent().unwrap());
        paths.extend(files_below(house.dir.path()));
        let files: Vec<Vec<u8>> = paths.iter().map(|p| std::fs::read(p).unwrap()).collect();
        assert!(files.iter().map(Vec::len).sum::<usize>() > secret.len());
        assert!(!files.iter().any(|file| file.windows(13).any(|w| w == b"blood glucose")));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_hash_and_size_are_refused_together_and_right_ones_of_any_case_taken() {
    for house in House::each() {
        let mut wrong = request(&["2.999.1"]);
        let entry = &mut wrong.submission.value.as_mut().unwrap().entries[0];
        entry.hash = Some(Sha1Hash::parse(&"ab".repeat(20)).unwrap());
        entry.size = Some(99);
        let response = send(&house.repository, wrong, &[b"octets"]).await;
        assert_eq!(response.status, Status::Failure);
        assert_eq!(own_rows(&response), ["content-hash-differs", "content-size-differs"]);
        assert!(response.errors.iter().all(|e| e.location == "Document00"));
        assert!(response.errors[0].context.contains(&"ab".repeat(20)), "{response:?}");
        assert!(
            response.errors[1].context.contains("99") && response.errors[1].context.contains('6')
        );
        assert_eq!(house.rows("content").await, 0);
        assert!(house.registry.seen.lock().unwrap().is_empty(), "the registry was not asked");

        let mut right = request(&["2.999.1"]);
        let entry = &mut right.submission.value.as_mut().unwrap().entries[0];
        let upper = "DA39A3EE5E6B4B0D3255BFEF95601890AFD80709";
        entry.hash = Some(Sha1Hash::parse(upper).unwrap());
        entry.size = Some(0);
        entry.repository = Some(RepositoryUniqueId::parse("2.999.77").unwrap());
        assert_eq!(send(&house.repository, right, &[b""]).await.status, Status::Success);
        let seen = house.registry.seen.lock().unwrap();
        assert_eq!(seen[0].entries[0].repository.as_ref().unwrap().as_str(), REPOSITORY);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn documents_and_entries_have_to_pair() {
    for house in House::each() {
        let mut missing = request(&["2.999.1", "2.999.2"]);
        missing.documents.truncate(1);
        let response = send(&house.repository, missing, &[b"a", b"b"]).await;
        assert_eq!(codes(&response), ["XDSMissingDocument"]);

        let mut surplus = request(&["2.999.1"]);
        surplus
            .documents
            .push(Document { id: "Document99".into(), content: Content::Inline(b"x".to_vec()) });
        let response = send(&house.repository, surplus, &[b"a"]).await;
        assert_eq!(codes(&response), ["XDSMissingDocumentMetadata"]);

        let response = send(&house.repository, request(&["2.999.1"]), &[]).await;
        assert_eq!(own_rows(&response), ["content-part-missing"], "no such part");

        let mut demand = request(&["2.999.1"]);
        demand.submission.value.as_mut().unwrap().entries[0].object_type = EntryType::OnDemand;
        let response = send(&house.repository, demand, &[b"a"]).await;
        assert_eq!(own_rows(&response), ["content-not-stable"]);

        let on = ctx();
        let mut upload = house.repository.begin(&on);
        for octets in [b"a", b"b"] {
            let mut sink = upload.part(&on, "0@test");
            sink.write(Bytes::from_static(octets)).await;
            sink.finish().await;
        }
        let sent = request(&["2.999.1"]);
        let sent = house.repository.provide_and_register(&on, upload, sent).await;
        assert_eq!(own_rows(&sent.response), ["content-part-twice"]);

        let twice = request(&["2.999.1", "2.999.1"]);
        let response = send(&house.repository, twice, &[b"a", b"a"]).await;
        assert_eq!(codes(&response), ["XDSRepositoryDuplicateUniqueIdInMessage"]);

        let unread =
            renkei_xds::iti41::Request { submission: Checked::bad(vec![]), documents: vec![] };
        let response = send(&house.repository, unread, &[]).await;
        assert_eq!(response.status, Status::Failure);
        assert!(!response.errors.is_empty(), "never an empty list");
        assert_eq!(house.rows("content").await, 0);
        assert_eq!(house.rows("submission").await, 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn inline_documents_are_stored_like_parts() {
    for house in House::each() {
        let long = big(2 * CHUNK + 1);
        let mut inline = request(&["2.999.1"]);
        inline.documents[0].content = Content::Inline(long.clone());
        assert_eq!(send(&house.repository, inline, &[]).await.status, Status::Success);
        assert_eq!(fetch(&house.repository, "2.999.1").await.unwrap(), long);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_document_sent_again_is_stored_once_and_another_under_its_name_refused() {
    for house in House::each() {
        let long = big(2 * CHUNK);
        for _ in 0..2 {
            let response = house.submit(&[("2.999.1", b"same"), ("2.999.2", &long)]).await;
            assert_eq!(response.status, Status::Success, "{response:?}");
        }
        assert_eq!(house.registry.seen.lock().unwrap().len(), 2, "the registry decides");
        assert_eq!(house.rows("content").await, 2);
        house.swept_to(3).await;
        assert_eq!(house.rows("entry").await, 4, "each entry that was registered");

        let response = house.submit(&[("2.999.1", b"other"), ("2.999.3", &long)]).await;
        assert_eq!(
            own_rows(&response),
            ["content-non-identical-hash", "content-non-identical-size"]
        );
        let response = house.submit(&[("2.999.1", b"SAME")]).await;
        assert_eq!(codes(&response), ["XDSNonIdenticalHash"]);
        assert_eq!(fetch(&house.repository, "2.999.1").await.unwrap(), b"same");
        assert_eq!(house.rows("content").await, 2, "the refused copy is gone");
        house.swept_to(3).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_by_the_registry_removes_this_submission_only() {
    for house in House::each() {
        let long = big(2 * CHUNK);
        house.submit(&[("2.999.1", b"first")]).await;
        house.answer(Answer::Refusal("XDSPatientIdDoesNotMatch"));
        let response = house.submit(&[("2.999.1", b"first"), ("2.999.2", &long)]).await;
        assert_eq!(codes(&response), ["XDSPatientIdDoesNotMatch"]);
        assert_eq!(response.errors[0].location, "there", "handed on as received");
        assert_eq!(house.states().await, [2]);
        house.swept_to(1).await;
        assert!(fetch(&house.repository, "2.999.1").await.is_some());
        assert!(fetch(&house.repository, "2.999.2").await.is_none());
        assert_eq!(house.records.0.lock().unwrap().len(), 1, "our side of ITI-42");
        assert_eq!(house.rows("audit_outbox").await, 2, "those of the first submission");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_submissions_that_share_a_document_do_not_remove_it_from_each_other() {
    for house in House::each() {
        // While the first is at the registry, a second one with the same document succeeds.
        let second = house.reopened(Timing::default());
        let registry = Arc::clone(&house.registry);
        let inner = second.clone();
        *house.registry.probe.lock().unwrap() = Some(Arc::new(move || {
            let (registry, inner) = (Arc::clone(&registry), inner.clone());
            Box::pin(async move {
                *registry.probe.lock().unwrap() = None;
                let response = submit(&inner, &[("2.999.1", b"shared")]).await;
                assert_eq!(response.status, Status::Success);
                *registry.answer.lock().unwrap() = Answer::Refusal("XDSUnknownPatientId");
            })
        }));
        let response = house.submit(&[("2.999.1", b"shared")]).await;
        assert_eq!(response.status, Status::Failure);
        assert_eq!(fetch(&second, "2.999.1").await.unwrap(), b"shared");
        assert_eq!(rows(second.database(), "content").await, 1);
        second.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn many_submissions_of_one_new_document_at_once_store_it_once() {
    for house in House::each() {
        let mut set = tokio::task::JoinSet::new();
        for _ in 0..12 {
            let repository = house.repository.clone();
            set.spawn(async move { submit(&repository, &[("2.999.1", b"same")]).await });
        }
        for response in set.join_all().await {
            assert_eq!(response.status, Status::Success, "{response:?}");
        }
        assert_eq!(house.states().await, [2]);
        house.swept_to(1).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_goes_away_does_not_stop_what_was_stored() {
    for house in House::each() {
        let (sender, entered) = tokio::sync::oneshot::channel();
        let sender = std::sync::Mutex::new(Some(sender));
        *house.registry.probe.lock().unwrap() = Some(Arc::new(move || {
            let sender = sender.lock().unwrap().take();
            Box::pin(async move {
                if let Some(sender) = sender {
                    sender.send(()).unwrap();
                }
                tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            })
        }));
        let repository = house.repository.clone();
        let client = tokio::spawn(async move { submit(&repository, &[("2.999.1", b"x")]).await });
        entered.await.unwrap();
        client.abort();
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        assert_eq!(house.states().await, [2]);
        assert_eq!(house.rows("audit_outbox").await, 2);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_media_type_is_that_of_the_entry_registered_last() {
    for house in House::each() {
        house.submit(&[("2.999.1", b"kept")]).await;
        let again = |n: u8| {
            let mut again = request(&["2.999.1"]);
            crate::support::rename_set(&mut again, &format!("2.999.4.{n}"));
            let entries = &mut again.submission.value.as_mut().unwrap().entries;
            entries[0].mime_type = MimeType::parse("application/fhir+json").unwrap();
            again
        };
        let told =
            async || retrieve(&house.repository, &["2.999.1"]).await.documents[0].mime_type.clone();
        house.answer(Answer::Refusal("XDSRegistryMetadataError"));
        send(&house.repository, again(2), &[b"kept"]).await;
        assert_eq!(told().await, "text/csv", "a refused entry says nothing");
        house.answer(Answer::Success);
        let response = send(&house.repository, again(3), &[b"kept"]).await;
        assert_eq!(response.status, Status::Success);
        assert_eq!(own_rows(&response), ["content-media-type-changed"]);
        let warning = &response.errors[0];
        assert_eq!(
            (warning.code.as_str(), warning.severity),
            ("XDSRepositoryError", Severity::Warning)
        );
        assert!(
            warning.context.contains("application/fhir+json (before: text/csv)"),
            "{warning:?}"
        );
        assert_eq!(told().await, "application/fhir+json");
        // The same once more has nothing to warn of.
        let response = send(&house.repository, again(4), &[b"kept"]).await;
        assert_eq!(codes(&response), ["XDSExtraMetadataNotSaved"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn many_short_documents_share_a_segment_though_the_message_is_long() {
    for house in House::each() {
        let ids: Vec<String> = (0..40).map(|n| format!("2.999.{n}")).collect();
        let body = big(100_000);
        let documents: Vec<(&str, &[u8])> =
            ids.iter().map(|id| (id.as_str(), body.as_slice())).collect();
        assert_eq!(house.submit(&documents).await.status, Status::Success);
        assert_eq!(fetch(&house.repository, "2.999.39").await.unwrap(), body);
        if house.home == Home::Segments {
            assert_eq!(house.segments().len(), 1);
        }
    }
}

/// A node whose certificate names no sourceId, where `taken` is somebody's.
fn unbound(name: &str, taken: &str) -> Ctx {
    let taken = Arc::new(BTreeSet::from([taken.to_owned()]));
    let grants = Grants { sources: Sources::First { taken }, ..Grants::of_house() };
    let caller = Caller { grants: Arc::new(grants), ..Caller::internal(name) };
    Ctx::new(Arc::new(caller), "https://house.example/xds/repository", Duration::from_secs(30))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_is_bound_to_the_source_id_of_its_first_submission() {
    for house in House::each() {
        let mut number = 0;
        let mut under = async |node: &str, source_id: &str| {
            number += 1;
            let mut request = request(&[&format!("2.999.{number}")]);
            let set = &mut request.submission.value.as_mut().unwrap().submission_set;
            set.source_id = Oid::parse(source_id).unwrap();
            set.unique_id = Oid::parse(&format!("2.999.77.{number}")).unwrap();
            let by = unbound(node, "1.2.3.9");
            own_rows(&send_as(&by, &house.repository, request, &[b"x"]).await)
        };
        let refused = ["source-not-own"];
        assert_eq!(under("a", "1.2.3.9").await, refused, "it is somebody's by certificate");
        assert_eq!(under("a", "1.2.3.1").await, [""; 0]);
        assert_eq!(under("a", "1.2.3.2").await, refused, "a is bound");
        assert_eq!(under("b", "1.2.3.1").await, refused, "it is a's");
        assert_eq!(under("b", "1.2.3.2").await, [""; 0], "what was refused binds nobody");
        assert_eq!(under("a", "1.2.3.1").await, [""; 0]);
        assert_eq!(house.rows("source").await, 2);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_of_an_institution_submits_for_its_own_authors_alone() {
    const ISSUER: &str = "1.2.392.200119.6.102";
    let own = format!("架空健診センター^^^^^&{ISSUER}&ISO^^^^0119900025");
    let other = format!("架空病院^^^^^&{ISSUER}&ISO^^^^0119900033");
    let elsewhere = "Clinic^^^^^&2.999.1&ISO^^^^7".to_owned();
    for house in House::each() {
        let mut number = 0;
        let mut with =
            async |institutions: Institutions, of_set: &[&String], of_entry: &[&String]| {
                number += 1;
                let mut request = request(&[&format!("2.999.{number}")]);
                let submission = request.submission.value.as_mut().unwrap();
                submission.submission_set.unique_id =
                    Oid::parse(&format!("2.999.79.{number}")).unwrap();
                let authors = |xons: &[&String]| {
                    let institutions = xons.iter().map(|xon| (*xon).clone()).collect();
                    vec![Author { institutions, ..Author::default() }]
                };
                submission.submission_set.authors = authors(of_set);
                submission.entries[0].authors = authors(of_entry);
                let grants = Grants { institutions, ..Grants::of_house() };
                let caller = Caller { grants: Arc::new(grants), ..Caller::internal("centre") };
                let url = "https://house.example/xds/repository";
                let by = Ctx::new(Arc::new(caller), url, Duration::from_secs(30));
                own_rows(&send_as(&by, &house.repository, request, &[b"x"]).await)
            };
        let bound = || {
            let issuers = Arc::new(BTreeSet::from([ISSUER.to_owned()]));
            Institutions::Listed(BTreeSet::from([format!("0119900025^^{ISSUER}")]), issuers)
        };
        assert_eq!(with(bound(), &[&own], &[&own, &elsewhere]).await, [""; 0]);
        let refused = "institution-not-own";
        assert_eq!(with(bound(), &[&own], &[&own, &other]).await, [refused]);
        assert_eq!(with(bound(), &[&other], &[&other]).await, [refused, refused]);
        assert_eq!(with(Institutions::Any, &[&other], &[&other]).await, [""; 0]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_first_submission_that_is_refused_binds_nobody() {
    for house in House::each() {
        let mut number = 0;
        let mut under = async |node: &str, source_id: &str, answer: Answer| {
            number += 1;
            *house.registry.answer.lock().unwrap() = answer;
            let mut request = request(&[&format!("2.999.{number}")]);
            let set = &mut request.submission.value.as_mut().unwrap().submission_set;
            set.source_id = Oid::parse(source_id).unwrap();
            set.unique_id = Oid::parse(&format!("2.999.78.{number}")).unwrap();
            let by = unbound(node, "1.2.3.9");
            send_as(&by, &house.repository, request, &[b"x"]).await.status
        };
        let refused = || Answer::Refusal("XDSUnknownPatientId");
        assert_eq!(under("b", "1.2.3.1", refused()).await, Status::Failure);
        assert_eq!(house.rows("source").await, 0, "neither is it b's, nor is b bound");
        assert_eq!(under("a", "1.2.3.1", Answer::Success).await, Status::Success);
        assert_eq!(under("b", "1.2.3.2", Answer::Success).await, Status::Success);
        // A later refusal takes nothing away.
        assert_eq!(under("a", "1.2.3.1", refused()).await, Status::Failure);
        assert_eq!(under("b", "1.2.3.1", Answer::Success).await, Status::Failure);
        assert_eq!(house.rows("source").await, 2);
    }
}
