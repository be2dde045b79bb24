//! How a call is made: until when, with which headers, and how often.

use super::{Bench, attachments, ended, simple, submission};
use crate::attachment::Attachment;
use crate::error::ClientError;
use crate::options::{CallOptions, Retry};
use crate::testing::{Reply, Request};
use renkei_atna::record::Outcome;
use renkei_metadata::model::AvailabilityStatus;
use renkei_soap::document::Body;
use renkei_soap::envelope::{self, HeaderElement};
use renkei_soap::tolerance::Tolerances;
use renkei_soap::xml::{Reader, XmlLimits, ns};
use renkei_xds::iti18::{self, QueryBuilder};
use renkei_xds::response::Status;
use renkei_xds::transaction::{ITI_18, ITI_42};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

fn good(request: &Request) -> Reply {
    simple(&ITI_42, request, |w| ended(Status::Success, &[]).write(w))
}

#[tokio::test]
async fn a_call_that_is_given_up_is_on_record() {
    let bench = Bench::new(|_| Reply::Nothing).await;
    let soon = Duration::from_millis(100);
    assert!(tokio::time::timeout(soon, bench.register()).await.is_err());
    let records = bench.sink.first().await;
    assert_eq!((records.len(), records[0].outcome), (1, Outcome::MajorFailure));
    assert_eq!(records[0].outcome_description.as_deref(), Some("given-up"));
    assert_eq!(records[0].objects.len(), 2, "the patient and the set");
}

#[tokio::test]
async fn a_call_ends_at_its_deadline() {
    let bench = Bench::new(|_| Reply::Nothing).await;
    let began = Instant::now();
    let deadline = Some(began + Duration::from_millis(100));
    let client = bench.client.with(CallOptions { deadline, ..CallOptions::default() });
    let error = client.register(&bench.server.url(), &submission()).await.unwrap_err();
    assert!(matches!(error, ClientError::Timeout), "{error}");
    assert!(began.elapsed() < Duration::from_millis(600), "{:?}", began.elapsed());
    assert_eq!(bench.record().outcome_description.as_deref(), Some("timeout"));
}

#[tokio::test]
async fn header_elements_go_out_as_they_are() {
    let bench = Bench::new(good).await;
    let security = format!("<w:Security xmlns:w=\"{}\"><t  a='&#65;'/></w:Security>", ns::WSSE);
    let headers = vec![HeaderElement::parse(&security).unwrap()];
    let client = bench.client.with(CallOptions { headers, ..CallOptions::default() });
    client.register(&bench.server.url(), &submission()).await.unwrap();
    let request = bench.requests.lock().unwrap().pop().unwrap();
    let text = String::from_utf8(request.body).unwrap();
    let mut reader = Reader::new(&text, XmlLimits::default());
    let opened = envelope::open(&mut reader, &mut Tolerances::new()).unwrap();
    let block = opened.blocks.named(ns::WSSE, "Security").next().unwrap();
    assert_eq!(text.get(block.span.clone()), Some(security.as_str()));
}

fn often() -> CallOptions {
    let retry = Retry { attempts: 3, pause: Duration::from_millis(200) };
    CallOptions { retry, ..CallOptions::default() }
}

/// Closes the first connections of a kind and answers then.
fn closing(times: usize) -> impl Fn(&Request) -> Reply + Send + Sync {
    let count = AtomicUsize::new(0);
    move |request: &Request| {
        if count.fetch_add(1, Ordering::SeqCst) < times {
            return Reply::Closed;
        }
        let (head, tail) = iti18::response_frame(Status::Success, &[]);
        simple(&ITI_18, request, |w| {
            w.raw(&format!("{head}{tail}"));
        })
    }
}

#[tokio::test]
async fn what_reads_is_asked_again_and_what_changes_is_not() {
    let query =
        QueryBuilder::find_documents(&super::patient(), &[AvailabilityStatus::Approved]).build();
    for (times, code) in [(2, None), (3, Some("broken"))] {
        let bench = Bench::new(closing(times)).await;
        let answer = bench.client.with(often()).query(&bench.server.url(), &query).await;
        assert_eq!(answer.err().map(|e| e.code()), code);
        assert_eq!(bench.requests.lock().unwrap().len(), 3);
        assert_eq!(bench.sink.taken().len(), 1, "one call, one record");
    }
    let bench = Bench::new(closing(1)).await;
    assert!(bench.client.query(&bench.server.url(), &query).await.is_err(), "not unless asked to");
    let bench = Bench::new(closing(1)).await;
    let client = bench.client.with(often());
    let error = client.register(&bench.server.url(), &submission()).await.unwrap_err();
    assert_eq!((error.code(), bench.requests.lock().unwrap().len()), ("broken", 1));
}

#[tokio::test]
async fn what_never_went_out_is_sent_again() {
    let bench = Bench::new(good).await;
    let client = bench.client.with(often());
    let nobody = "https://localhost:1/".parse().unwrap();
    let tries = |began: Instant| began.elapsed() > Duration::from_millis(550);
    let began = Instant::now();
    let error = client.register(&nobody, &submission()).await.unwrap_err();
    assert!(error.code() == "connect" && tries(began), "{error}, {:?}", began.elapsed());
    // A document that is a stream could be read once only.
    let began = Instant::now();
    let sent = attachments(Some(4));
    client.provide_and_register(&nobody, &submission(), sent).await.unwrap_err();
    assert!(!tries(began), "{:?}", began.elapsed());
    let began = Instant::now();
    let body = Body::Bytes("octets".into());
    let sent = Attachment { entry_id: "a".into(), mime_type: "text/xml".into(), body };
    client.provide_and_register(&nobody, &submission(), vec![sent]).await.unwrap_err();
    assert!(tries(began), "{:?}", began.elapsed());
    // Who is not let in is not let in the next time.
    let others = Bench::new(good).await;
    let error = client.register(&others.server.url(), &submission()).await.unwrap_err();
    assert_eq!((error.code(), others.server.connections.load(Ordering::SeqCst)), ("tls", 0));
}
