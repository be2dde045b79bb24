//! ITI-43 by pulling.

use super::retrieval::{documents, list, multipart, wanted};
use super::{Bench, ended};
use crate::soap::Retrieval;
use crate::testing::{Reply, Request};
use futures_util::{StreamExt, TryStreamExt};
use renkei_atna::record::Outcome;
use renkei_soap::document::Document;
use renkei_xds::response::Status;
use renkei_xds::transaction::{ITI_39, ITI_43};
use std::time::Duration;

const LARGE: usize = 3_000_000;

/// Three documents, listed before or behind them.
fn answer(before: bool) -> impl Fn(&Request) -> Reply + Send + Sync {
    move |request| {
        let listed = [("1.1.1", "a@x"), ("1.1.2", "b@x"), ("1.1.3", "c@x")];
        let body = list(&ended(Status::Success, &[]), &listed);
        let large = vec![b'b'; LARGE];
        let parts: [(&str, &[u8]); 3] = [("c@x", b"c"), ("b@x", &large), ("a@x", b"")];
        let (early, late): (&[_], &[_]) = if before { (&parts, &[]) } else { (&[], &parts) };
        multipart(documents(request, &body, early, late))
    }
}

async fn octets(document: Document) -> std::io::Result<usize> {
    document.body.into_stream().try_fold(0, |n, o| async move { Ok(n + o.len()) }).await
}

fn begin(bench: &Bench) -> Retrieval {
    let requests = ["1.1.1", "1.1.2", "1.1.3"].map(wanted);
    bench.client.retrieve_streaming(&ITI_43, &bench.server.url(), &requests)
}

#[tokio::test]
async fn documents_are_pulled_as_they_arrive() {
    for before in [false, true] {
        let bench = Bench::new(answer(before)).await;
        let mut retrieval = begin(&bench);
        let listing = retrieval.list().await;
        assert_eq!(listing.as_ref().map(|l| l.documents.len()), (!before).then_some(3));
        let mut got = Vec::new();
        while let Some((content_id, document)) = retrieval.next().await {
            assert!(before || document.mime_type == "text/xml", "the list has the type");
            got.push((content_id, octets(document).await.unwrap()));
        }
        assert_eq!(got, [("c@x".to_owned(), 1), ("b@x".to_owned(), LARGE), ("a@x".to_owned(), 0)]);
        let retrieved = retrieval.end().await.unwrap();
        let sizes: Vec<_> = retrieved.documents.iter().map(|d| d.size).collect();
        assert_eq!(sizes, [0, LARGE as u64, 1]);
    }
}

#[tokio::test]
async fn what_is_not_pulled_is_passed_over() {
    let bench = Bench::new(answer(false)).await;
    let mut retrieval = begin(&bench);
    let (_, first) = retrieval.next().await.unwrap();
    let (_, large) = retrieval.next().await.unwrap();
    let mut large = large.body.into_stream();
    assert!(large.next().await.unwrap().is_ok());
    drop((first, large));
    let (content_id, last) = retrieval.next().await.unwrap();
    assert_eq!((content_id.as_str(), octets(last).await.unwrap()), ("a@x", 0));
    assert_eq!(retrieval.end().await.unwrap().documents.len(), 3);
    assert_eq!(bench.record().outcome, Outcome::Success);
}

#[tokio::test]
async fn a_reader_that_waits_holds_up_the_sender() {
    let bench = Bench::new(answer(false)).await;
    let mut retrieval = begin(&bench);
    retrieval.next().await.unwrap();
    let (_, large) = retrieval.next().await.unwrap();
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert!(bench.sink.taken().is_empty(), "it has ended");
    assert_eq!(octets(large).await.unwrap(), LARGE);
    retrieval.end().await.unwrap();
}

#[tokio::test]
async fn a_retrieval_that_is_dropped_stops_and_is_on_record() {
    let bench = Bench::new(answer(false)).await;
    let mut retrieval = begin(&bench);
    retrieval.next().await.unwrap();
    drop(retrieval);
    let records = bench.sink.first().await;
    assert_eq!((records.len(), records[0].outcome), (1, Outcome::MajorFailure));
}

#[tokio::test]
async fn one_that_is_never_answered_stops_when_it_is_dropped() {
    let bench = Bench::new(|_| Reply::Nothing).await;
    let mut retrieval = begin(&bench);
    let waiting = tokio::time::timeout(Duration::from_millis(100), retrieval.list()).await;
    assert!(waiting.is_err(), "it was answered");
    drop(retrieval);
    let records = bench.sink.first().await;
    assert_eq!(records[0].outcome_description.as_deref(), Some("given-up"));
    assert_eq!((records[0].outcome, records[0].objects.len()), (Outcome::MajorFailure, 3));
}

#[tokio::test]
async fn what_an_answer_leaves_out_in_silence_is_on_record_as_missing() {
    let ids = |n: usize| -> Vec<(&str, &str)> { vec![("1.1.1", "a@x"); n] };
    for listed in [0, 1] {
        let bench = Bench::new(move |request: &Request| {
            let body = list(&ended(Status::Success, &[]), &ids(listed));
            let parts: &[(&str, &[u8])] = &[("a@x", b"a")];
            multipart(documents(request, &body, &[], parts.get(..listed).unwrap()))
        })
        .await;
        let requests = ["1.1.1", "1.1.2"].map(wanted);
        let retrieval = bench.client.retrieve_streaming(&ITI_39, &bench.server.url(), &requests);
        retrieval.end().await.unwrap();
        let records = bench.sink.taken().into_iter();
        let told = records.map(|r| (r.outcome, r.outcome_description, r.objects.len()));
        let missing = (Outcome::SeriousFailure, Some("unanswered".to_owned()), 2 - listed);
        let given = (Outcome::Success, None, 1);
        let expected = [given, missing].into_iter().skip(1 - listed);
        assert_eq!(told.collect::<Vec<_>>(), expected.collect::<Vec<_>>());
    }
}

#[tokio::test]
async fn what_breaks_off_is_not_taken_for_whole() {
    let bench = Bench::new(|request| {
        let body = list(&ended(Status::Success, &[]), &[("1.1.1", "a@x")]);
        let mut all = documents(request, &body, &[], &[("a@x", &[7; 100_000])]);
        all.truncate(all.len() - 200);
        multipart(all)
    })
    .await;
    let mut retrieval = begin(&bench);
    let (_, document) = retrieval.next().await.unwrap();
    assert!(octets(document).await.is_err());
    assert!(retrieval.next().await.is_none());
    assert_eq!(retrieval.end().await.unwrap_err().code(), "malformed");
    assert_eq!(bench.record().outcome, Outcome::MajorFailure);
}

#[tokio::test]
async fn another_community_loses_what_was_not_asked_for() {
    let bench = Bench::new(answer(false)).await;
    let requests = ["1.1.1", "1.1.3"].map(wanted);
    let mut retrieval = bench.client.retrieve_streaming(&ITI_39, &bench.server.url(), &requests);
    let listing = retrieval.list().await.unwrap();
    assert_eq!((listing.documents.len(), listing.unasked), (2, vec![wanted("1.1.2")]));
    let retrieved = retrieval.end().await.unwrap();
    assert_eq!(retrieved.documents.len(), 2);
    assert_eq!(bench.record().event_type.map(|t| t.code), Some("ITI-39".into()));
}
