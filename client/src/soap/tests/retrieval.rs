//! ITI-43.

use super::{Bench, ended};
use crate::error::ClientError;
use crate::soap::retrieve::Memory;
use crate::testing::{Reply, Request};
use renkei_atna::record::Outcome;
use renkei_metadata::ids::{RepositoryUniqueId, UniqueId};
use renkei_soap::envelope;
use renkei_soap::multipart::MultipartWriter;
use renkei_soap::xml::Writer;
use renkei_xds::iti43::{self, DocumentPart, DocumentRequest};
use renkei_xds::response::{RegistryResponse, Status};
use renkei_xds::transaction::ITI_43;
use uuid::Uuid;

pub(super) fn wanted(id: &str) -> DocumentRequest {
    DocumentRequest {
        home: None,
        repository: RepositoryUniqueId::parse("1.2.9").unwrap(),
        unique_id: UniqueId::parse(id).unwrap(),
    }
}

/// An answer to ITI-43: the parts that go before the root, and those after it.
pub(super) fn documents(
    request: &Request,
    body: &str,
    before: &[(&str, &[u8])],
    after: &[(&str, &[u8])],
) -> Vec<u8> {
    let frame = MultipartWriter::new(Uuid::from_u128(7));
    let id = request.message_id();
    let text = envelope::write_response(ITI_43.response_action, Some(&id), |w| {
        w.raw(body);
    });
    let part =
        |(id, octets): &(&str, &[u8])| [&frame.part_start(id, "text/xml")[..], *octets].concat();
    let mut all: Vec<u8> = before.iter().flat_map(part).collect();
    if !all.is_empty() {
        all.extend_from_slice(b"\r\n");
    }
    all.extend_from_slice(&frame.root(&text));
    all.extend(after.iter().flat_map(part));
    all.extend_from_slice(&frame.close());
    all
}

pub(super) fn multipart(body: Vec<u8>) -> Reply {
    let content_type = MultipartWriter::new(Uuid::from_u128(7)).content_type(None);
    Reply::Answer { status: 200, content_type, body }
}

/// A RetrieveDocumentSetResponse: uniqueId and Content-ID, each.
pub(super) fn list(answer: &RegistryResponse, documents: &[(&str, &str)]) -> String {
    let documents: Vec<_> = documents
        .iter()
        .map(|(id, cid)| DocumentPart {
            request: wanted(id),
            made: None,
            mime_type: "text/xml".to_owned(),
            content_id: (*cid).to_owned(),
        })
        .collect();
    let mut w = Writer::new();
    iti43::write_response(&mut w, answer, &documents);
    w.finish()
}

#[tokio::test]
async fn documents_come_before_and_after_their_list() {
    let bench = Bench::new(|request| {
        let status = ended(Status::PartialSuccess, &["XDSDocumentUniqueIdError"]);
        let body = list(&status, &[("1.1.3", "c@x"), ("1.1.1", "a@x")]);
        let (a, c) = (vec![b'a'; 100_000], b"".to_vec());
        multipart(documents(request, &body, &[("a@x", &a)], &[("c@x", &c), ("z@x", b"stray")]))
    })
    .await;
    let requests = ["1.1.1", "1.1.2", "1.1.3"].map(wanted);
    let url = bench.server.url();
    let (answer, contents) = bench.client.retrieve_whole(&url, &requests, 200_000).await.unwrap();
    assert_eq!(answer.status, Status::PartialSuccess);
    assert_eq!(contents, [vec![b'a'; 100_000], vec![]]);
    let records = bench.sink.taken();
    let told: Vec<_> = records
        .iter()
        .map(|r| (r.outcome, r.objects.iter().map(|o| o.id.as_str()).collect::<Vec<_>>()))
        .collect();
    let expected =
        [(Outcome::Success, vec!["1.1.1", "1.1.3"]), (Outcome::SeriousFailure, vec!["1.1.2"])];
    assert_eq!(told, expected);
    let sent = bench.requests.lock().unwrap()[0].clone();
    assert!(sent.header("content-type").unwrap().starts_with("multipart/related"));
    let mut memory = Memory::with_room(200_000);
    let retrieved = bench.client.retrieve(&url, &requests, &mut memory).await.unwrap();
    let first = &retrieved.documents[0];
    assert_eq!((first.size, first.mime_type.as_str()), (100_000, "text/xml"));
    let digest = openssl::sha::sha1(&vec![b'a'; 100_000]);
    assert_eq!(first.sha1.as_ref().unwrap().as_str(), hex::encode(digest));
}

#[tokio::test]
async fn documents_may_stand_in_the_envelope() {
    let bench = Bench::new(|request| {
        let body = list(&ended(Status::Success, &[]), &[("1.1.1", "a@x")]);
        let (start, rest) = body.split_once("<xop:Include").unwrap();
        let (_, end) = rest.split_once("/>").unwrap();
        multipart(documents(request, &format!("{start}aGVs\nbG8={end}"), &[], &[]))
    })
    .await;
    let url = bench.server.url();
    let (_, contents) = bench.client.retrieve_whole(&url, &[wanted("1.1.1")], 5).await.unwrap();
    assert_eq!(contents, [b"hello"]);
    let error = bench.client.retrieve_whole(&url, &[wanted("1.1.1")], 4).await.unwrap_err();
    assert!(matches!(error, ClientError::TooLarge("limits.document_bytes")), "{error}");
}

#[tokio::test]
async fn answers_that_do_not_fit_the_request_are_refused() {
    type Answer = fn(&Request) -> Vec<u8>;
    let missing: Answer = |r| {
        let body = list(&ended(Status::Success, &[]), &[("1.1.1", "a@x")]);
        documents(r, &body, &[], &[("b@x", b"b")])
    };
    let not_asked: Answer = |r| {
        let body = list(&ended(Status::Success, &[]), &[("9.9", "a@x")]);
        documents(r, &body, &[], &[("a@x", b"a")])
    };
    let twice: Answer = |r| {
        let body = list(&ended(Status::Success, &[]), &[("1.1.1", "a@x"), ("1.1.1", "b@x")]);
        documents(r, &body, &[], &[("a@x", b"a"), ("b@x", b"b")])
    };
    let truncated: Answer = |r| {
        let body = list(&ended(Status::Success, &[]), &[("1.1.1", "a@x")]);
        let mut all = documents(r, &body, &[], &[("a@x", b"aaaa")]);
        all.truncate(all.len() - 50);
        all
    };
    for (n, answer) in [missing, not_asked, twice, truncated].into_iter().enumerate() {
        let bench = Bench::new(move |request| multipart(answer(request))).await;
        let url = bench.server.url();
        let result = bench.client.retrieve_whole(&url, &[wanted("1.1.1")], 100).await;
        let error = result.unwrap_err();
        assert_eq!(error.code(), "malformed", "case {n}: {error}");
        let record = bench.record();
        assert_eq!((record.outcome, record.objects.len()), (Outcome::MajorFailure, 1));
    }
}
