mod calls;
mod elsewhere;
mod patients;
mod retrieval;
mod streaming;
mod updates;

use super::{ClientOptions, SoapClient};
use crate::attachment::Attachment;
use crate::error::ClientError;
use crate::testing::{Authority, Memory, Reply, Request, Server, http, local};
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use openssl::ssl::SslVersion;
use renkei_atna::record::{Action, AuditRecord, Outcome};
use renkei_metadata::finding::Severity;
use renkei_metadata::ids::{
    Dtm, EntryUuid, ObjectId, Oid, PatientId, RepositoryUniqueId, UniqueId,
};
use renkei_metadata::model::{AvailabilityStatus, Submission, SubmissionSet};
use renkei_soap::document::Body;
use renkei_soap::envelope;
use renkei_soap::fault::{Fault, FaultCode};
use renkei_soap::limits::MessageLimits;
use renkei_soap::message::{Event, MessageReader};
use renkei_soap::multipart::simple_content_type;
use renkei_soap::tolerance::Tolerances;
use renkei_soap::xml::{Reader, Writer, XmlLimits};
use renkei_xds::iti18::{self, QueryBuilder};
use renkei_xds::iti41;
use renkei_xds::iti43::DocumentRequest;
use renkei_xds::response::{RegistryError, RegistryResponse, Status};
use renkei_xds::transaction::{ITI_18, ITI_41, ITI_42, ITI_62, ITI_86, Transaction};
use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use uuid::Uuid;

struct Bench {
    client: SoapClient,
    server: Server,
    sink: Arc<Memory>,
    requests: Arc<Mutex<Vec<Request>>>,
}

impl Bench {
    async fn new(answer: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Self {
        let options = ClientOptions {
            request_timeout: Duration::from_millis(700),
            limits: MessageLimits { root_bytes: 20_000, ..MessageLimits::default() },
            ..ClientOptions::default()
        };
        let authority = Authority::new();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&requests);
        let answer: Arc<dyn Fn(&Request) -> Reply + Send + Sync> = Arc::new(move |r: &Request| {
            kept.lock().unwrap().push(r.clone());
            answer(r)
        });
        let acceptor = authority.acceptor("localhost", SslVersion::TLS1_3);
        let server = Server::start(acceptor, move |s| http(s, Arc::clone(&answer))).await;
        let sink = Arc::new(Memory::default());
        let identity = authority.client(&authority);
        let client = SoapClient::new(&identity, options, sink.clone(), local()).unwrap();
        Self { client, server, sink, requests }
    }

    /// The one record there is.
    fn record(&self) -> AuditRecord {
        let mut records = self.sink.taken();
        assert_eq!(records.len(), 1);
        records.remove(0)
    }

    async fn register(&self) -> Result<RegistryResponse, ClientError> {
        self.client.register(&self.server.url(), &submission()).await
    }
}

fn submission() -> Submission {
    let set = SubmissionSet {
        id: ObjectId::Uuid(EntryUuid(Uuid::from_u128(1))),
        lid: None,
        version: None,
        home: None,
        status: None,
        title: None,
        comments: None,
        authors: vec![],
        content_type_code: None,
        intended_recipients: vec![],
        patient_id: Some(patient()),
        source_id: Oid::parse("1.2.3").unwrap(),
        submission_time: Dtm::parse("20260401090000").unwrap(),
        unique_id: Oid::parse("1.2.3.4").unwrap(),
        extra: vec![],
    };
    Submission { submission_set: set, entries: vec![], folders: vec![], associations: vec![] }
}

fn patient() -> PatientId {
    PatientId::parse("P1^^^&1.2.3&ISO").unwrap()
}

fn ended(status: Status, codes: &[&str]) -> RegistryResponse {
    let error = |code: &&str| RegistryError {
        code: (*code).to_owned(),
        context: "P1 山田".to_owned(),
        severity: Severity::Error,
        location: String::new(),
    };
    RegistryResponse { status, errors: codes.iter().map(error).collect() }
}

fn simple(tx: &Transaction, request: &Request, body: impl FnOnce(&mut Writer)) -> Reply {
    let text = envelope::write_response(tx.response_action, Some(&request.message_id()), body);
    Reply::Answer { status: 200, content_type: simple_content_type(None), body: text.into_bytes() }
}

#[tokio::test]
async fn a_query_is_asked_answered_and_recorded() {
    let bench = Bench::new(|request| {
        let (head, tail) = iti18::response_frame(Status::Success, &[]);
        let body = format!("{head}<rim:ObjectRef id=\"urn:uuid:{}\"/>{tail}", Uuid::from_u128(5));
        simple(&ITI_18, request, |w| {
            w.raw(&body);
        })
    })
    .await;
    let query = QueryBuilder::find_documents(&patient(), &[AvailabilityStatus::Approved]).build();
    let url = bench.server.url();
    for _ in 0..3 {
        let answer = bench.client.query(&url, &query).await.unwrap();
        assert_eq!((answer.status, answer.objects.len()), (Status::Success, 1));
    }
    assert_eq!(bench.server.connections.load(Ordering::SeqCst), 1, "the connection is kept");
    let requests = bench.requests.lock().unwrap().clone();
    let text = String::from_utf8(requests[0].body.clone()).unwrap();
    let mut reader = Reader::new(&text, XmlLimits::default());
    let opened = envelope::open(&mut reader, &mut Tolerances::new()).unwrap();
    assert_eq!(opened.addressing.action, ITI_18.request_action);
    assert_eq!(opened.addressing.to.as_deref(), Some(url.as_str()));
    assert_eq!(opened.addressing.reply_to.as_deref(), Some(envelope::ANONYMOUS));
    assert_eq!(iti18::read_request(&mut reader, &opened.body).unwrap(), query);
    let content_type = requests[0].header("content-type").unwrap();
    assert_eq!(content_type, simple_content_type(Some(ITI_18.request_action)));
    assert_ne!(requests[0].message_id(), requests[1].message_id());

    let records = bench.sink.taken();
    assert_eq!(records.len(), 3);
    let record = &records[0];
    assert_eq!((record.outcome, record.action), (Outcome::Success, Action::Execute));
    assert_eq!(record.participants[0].user_id, "CN=client");
    assert_eq!(record.participants[1].user_id, url.as_str());
    assert_eq!(record.objects.len(), 2, "the patient and the query");
    assert_eq!(record.objects[1].query.as_deref(), Some(&*query.xml()));
}

#[tokio::test]
async fn a_partial_answer_to_a_query_is_two_records() {
    let bench = Bench::new(|request| {
        let answer = ended(Status::PartialSuccess, &["XDSUnavailableCommunity"]);
        let (head, tail) = iti18::response_frame(answer.status, &answer.errors);
        simple(&ITI_18, request, |w| {
            w.raw(&format!("{head}{tail}"));
        })
    })
    .await;
    let query = QueryBuilder::find_documents(&patient(), &[AvailabilityStatus::Approved]).build();
    bench.client.query(&bench.server.url(), &query).await.unwrap();
    let outcomes: Vec<_> =
        bench.sink.taken().into_iter().map(|r| (r.outcome, r.outcome_description)).collect();
    let code = Some("XDSUnavailableCommunity".to_owned());
    assert_eq!(outcomes, [(Outcome::Success, None), (Outcome::SeriousFailure, code)]);
}

#[tokio::test]
async fn a_refused_registration_is_recorded_with_its_codes_alone() {
    let bench = Bench::new(|request| {
        let answer = ended(Status::Failure, &["XDSUnknownPatientId", "XDSUnknownPatientId"]);
        simple(&ITI_42, request, |w| answer.write(w))
    })
    .await;
    let answer = bench.register().await.unwrap();
    assert_eq!((answer.status, answer.errors.len()), (Status::Failure, 2));
    let record = bench.record();
    assert_eq!((record.outcome, record.action), (Outcome::SeriousFailure, Action::Read));
    assert_eq!(record.outcome_description.as_deref(), Some("XDSUnknownPatientId"));
    let ids: Vec<&str> = record.objects.iter().map(|o| o.id.as_str()).collect();
    assert_eq!(ids, ["P1^^^&1.2.3&ISO", "1.2.3.4"]);
}

#[tokio::test]
async fn a_removal_in_part_is_recorded_in_two_parts() {
    let bench = Bench::new(|request| {
        let mut answer = ended(Status::PartialSuccess, &["XDSDocumentUniqueIdError"]);
        answer.errors[0].location = "1.2.6".to_owned();
        simple(&ITI_86, request, |w| answer.write(w))
    })
    .await;
    let requests = ["1.2.5", "1.2.6"].map(|id| DocumentRequest {
        home: None,
        repository: RepositoryUniqueId::parse("1.2.3").unwrap(),
        unique_id: UniqueId::parse(id).unwrap(),
    });
    let url = bench.server.url();
    bench.client.remove_documents(&url, &requests).await.unwrap();
    let told: Vec<_> = bench
        .sink
        .taken()
        .into_iter()
        .map(|r| (r.outcome, r.action, r.objects[0].id.clone(), r.objects.len()))
        .collect();
    let expected = [(Outcome::Success, "1.2.5"), (Outcome::SeriousFailure, "1.2.6")];
    assert_eq!(told, expected.map(|(o, id)| (o, Action::Delete, id.to_owned(), 1)));
}

#[tokio::test]
async fn a_removal_of_metadata_names_patients_and_objects() {
    let bench =
        Bench::new(|request| simple(&ITI_62, request, |w| ended(Status::Success, &[]).write(w)))
            .await;
    let id = EntryUuid(Uuid::from_u128(7));
    bench.client.remove_metadata(&bench.server.url(), &[id], &[patient()]).await.unwrap();
    let record = bench.record();
    let objects: Vec<_> = record.objects.iter().map(|o| (o.id.clone(), o.life_cycle)).collect();
    assert_eq!(objects, [(patient().to_string(), None), (id.to_string(), Some(15))]);
}

fn attachments(length: Option<u64>) -> Vec<Attachment> {
    let pieces = ["<b", "/>"].map(|p| Ok(Bytes::from(p)));
    let one = |entry_id: &str, body| Attachment {
        entry_id: entry_id.into(),
        mime_type: "text/xml".into(),
        body,
    };
    vec![
        one("Document01", Body::Bytes(Bytes::from(vec![0xab; 200_000]))),
        one("Document02", Body::Stream { length, stream: stream::iter(pieces).boxed() }),
    ]
}

/// The documents of an ITI-41 request, by entry.
fn documents_of(request: &Request) -> Vec<(String, Vec<u8>)> {
    let limits = MessageLimits::default();
    let content_type = request.header("content-type").unwrap();
    let mut reader = MessageReader::new(content_type, &limits).unwrap();
    reader.push(request.body.clone().into());
    reader.finish();
    let (mut root, mut parts) = (String::new(), Vec::<(String, Vec<u8>)>::new());
    loop {
        match reader.next().unwrap() {
            Event::Root(text) => root = text,
            Event::PartStart(part) => parts.push((part.content_id, Vec::new())),
            Event::Data(octets) => parts.last_mut().unwrap().1.extend_from_slice(&octets),
            Event::PartEnd | Event::NeedMore => {}
            Event::End => break,
        }
    }
    let mut tolerances = *reader.tolerances();
    let mut reader = Reader::new(&root, limits.xml);
    let opened = envelope::open(&mut reader, &mut tolerances).unwrap();
    let message = iti41::read_request(&mut reader, &opened.body, &limits, &mut tolerances).unwrap();
    assert_eq!(message.submission.value.unwrap().submission_set.unique_id.as_str(), "1.2.3.4");
    assert_eq!(tolerances.iter().count(), 0);
    let octets = |content| match content {
        iti41::Content::Include(cid) => parts.iter().find(|p| p.0 == cid).unwrap().1.clone(),
        iti41::Content::Inline(octets) => octets,
    };
    message.documents.into_iter().map(|d| (d.id, octets(d.content))).collect()
}

#[tokio::test]
async fn documents_are_streamed_with_a_length_when_it_is_known() {
    let bench =
        Bench::new(|request| simple(&ITI_41, request, |w| ended(Status::Success, &[]).write(w)))
            .await;
    for length in [Some(4), None] {
        let sent = attachments(length);
        let url = bench.server.url();
        let answer = bench.client.provide_and_register(&url, &submission(), sent).await.unwrap();
        assert_eq!(answer.status, Status::Success);
        let request = bench.requests.lock().unwrap().pop().unwrap();
        assert_eq!(request.header("content-length").is_some(), length.is_some());
        assert_eq!(request.header("transfer-encoding").is_some(), length.is_none());
        let expected = [
            ("Document01".to_owned(), vec![0xab; 200_000]),
            ("Document02".to_owned(), b"<b/>".to_vec()),
        ];
        assert_eq!(documents_of(&request), expected);
        assert_eq!(bench.record().outcome, Outcome::Success);
    }
}

#[tokio::test]
async fn a_document_that_cannot_be_read_ends_the_call() {
    let bench =
        Bench::new(|request| simple(&ITI_41, request, |w| ended(Status::Success, &[]).write(w)))
            .await;
    let pieces = [Ok(Bytes::from("ab")), Err(io::Error::other("the disk is gone"))];
    let broken = Body::Stream { length: None, stream: stream::iter(pieces).boxed() };
    let short = Body::Stream { length: Some(9), stream: stream::iter([]).boxed() };
    for (body, expected) in [(broken, "the disk is gone"), (short, "length")] {
        let sent = Attachment { entry_id: "a".into(), mime_type: "text/xml".into(), body };
        let url = bench.server.url();
        let result = bench.client.provide_and_register(&url, &submission(), vec![sent]).await;
        let error = result.unwrap_err();
        assert!(
            matches!(&error, ClientError::Local(e) if e.to_string().contains(expected)),
            "{error}"
        );
        assert_eq!(bench.record().outcome, Outcome::MajorFailure);
    }
    assert!(bench.requests.lock().unwrap().is_empty(), "no message arrived whole");
}

#[tokio::test]
async fn a_peer_that_does_not_read_holds_up_the_source() {
    let authority = Authority::new();
    let acceptor = authority.acceptor("localhost", SslVersion::TLS1_3);
    let server = Server::start(acceptor, |stream| async move {
        tokio::time::sleep(Duration::from_secs(60)).await;
        drop(stream);
    })
    .await;
    let options =
        ClientOptions { request_timeout: Duration::from_millis(700), ..ClientOptions::default() };
    let sink = Arc::new(Memory::default());
    let identity = authority.client(&authority);
    let client = SoapClient::new(&identity, options, sink.clone(), local()).unwrap();
    let taken = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&taken);
    let pieces = stream::repeat_with(move || {
        counter.fetch_add(65_536, Ordering::SeqCst);
        Ok(Bytes::from_static(&[7; 65_536]))
    });
    let total = 1 << 30;
    let body = Body::Stream { length: Some(total), stream: pieces.boxed() };
    let sent = Attachment { entry_id: "a".into(), mime_type: "text/xml".into(), body };
    let result = client.provide_and_register(&server.url(), &submission(), vec![sent]).await;
    assert!(matches!(result, Err(ClientError::Timeout)));
    assert!(taken.load(Ordering::SeqCst) < 32 << 20, "read ahead of what was sent");
    assert_eq!(sink.taken()[0].outcome, Outcome::MajorFailure);
}

/// HTTP status, Content-Type and body.
type NoAnswer = fn(&Request) -> (u16, &'static str, String);

/// What a server may send instead of an answer, and how the call fails then.
fn no_answers() -> Vec<(&'static str, NoAnswer)> {
    const SOAP: &str = "application/soap+xml; charset=UTF-8";
    fn success(id: &str) -> String {
        envelope::write_response(ITI_42.response_action, Some(id), |w| {
            ended(Status::Success, &[]).write(w);
        })
    }
    vec![
        ("fault Receiver EndpointUnavailable", |r| {
            (500, SOAP, Fault::endpoint_unavailable().write(Some(r.message_id().as_str())))
        }),
        ("fault Sender", |_| (400, SOAP, Fault::sender("no", "いいえ").write(None))),
        ("http", |_| (503, "text/html", "<html/>".into())),
        ("http", |_| (503, "text/xml", "<html/>".into())),
        ("http", |_| (307, "text/html", String::new())),
        ("http", |r| (502, SOAP, success(&r.message_id()))),
        ("http", |_| (500, SOAP, Fault::endpoint_unavailable().write(Some("urn:uuid:other")))),
        ("malformed", |_| (200, "text/html", "<html/>".into())),
        ("malformed", |_| (200, SOAP, "<soap".into())),
        ("malformed", |_| (200, SOAP, success("urn:uuid:other"))),
        ("malformed", |r| {
            (200, SOAP, success(&r.message_id()).replace("RegistryResponse", "Other"))
        }),
        ("too-large", |r| (200, SOAP, success(&r.message_id()) + &" ".repeat(20_000))),
    ]
}

#[tokio::test]
async fn what_is_no_answer_is_told_and_recorded() {
    for (n, (description, answer)) in no_answers().into_iter().enumerate() {
        let bench = Bench::new(move |request| {
            let (status, content_type, body) = answer(request);
            Reply::Answer { status, content_type: content_type.into(), body: body.into_bytes() }
        })
        .await;
        let error = bench.register().await.unwrap_err();
        let code = description.split(' ').next().unwrap();
        assert_eq!(error.code(), code, "case {n}: {error}");
        let record = bench.record();
        let fault = code == "fault";
        let outcome = if fault { Outcome::SeriousFailure } else { Outcome::MajorFailure };
        assert_eq!(record.outcome, outcome, "case {n}");
        assert_eq!(record.outcome_description.as_deref(), Some(description), "case {n}");
    }
}

#[tokio::test]
async fn the_words_of_errors_say_what_happened() {
    let bench = Bench::new(|_| Reply::Nothing).await;
    let error = bench.register().await.unwrap_err();
    assert!(matches!(error, ClientError::Timeout));
    assert_eq!(bench.record().outcome_description.as_deref(), Some("timeout"));
    let bench = Bench::new(|_| Reply::Answer {
        status: 400,
        content_type: simple_content_type(None),
        body: Fault::sender("x".repeat(3000), "あ".repeat(1000)).write(None).into_bytes(),
    })
    .await;
    let error = bench.register().await.unwrap_err();
    match error {
        ClientError::Fault(fault) => {
            assert_eq!(
                (fault.code, fault.en.len(), fault.ja.len()),
                (FaultCode::Sender, 1000, 999)
            );
        }
        other => panic!("{other}"),
    }
    let bench = Bench::new(|r| {
        let text = envelope::write_response("urn:other", Some(&r.message_id()), |w| {
            ended(Status::Success, &[]).write(w);
        });
        let content_type = simple_content_type(None);
        Reply::Answer { status: 200, content_type, body: text.into_bytes() }
    })
    .await;
    assert_eq!(bench.register().await.unwrap().status, Status::Success, "the body decides");
}

#[tokio::test]
async fn an_answer_that_stops_is_no_answer() {
    let bench = Bench::new(|r| {
        let text = envelope::write_response(ITI_42.response_action, Some(&r.message_id()), |w| {
            ended(Status::Success, &[]).write(w);
        });
        Reply::Broken { content_type: simple_content_type(None), body: text.into_bytes() }
    })
    .await;
    let error = bench.register().await.unwrap_err();
    assert_eq!(error.code(), "malformed", "{error}");
    assert_eq!(bench.record().outcome, Outcome::MajorFailure);
}

#[tokio::test]
async fn a_call_that_cannot_be_recorded_fails() {
    let authority = Authority::new();
    let answer: Arc<dyn Fn(&Request) -> Reply + Send + Sync> =
        Arc::new(|r: &Request| simple(&ITI_42, r, |w| ended(Status::Success, &[]).write(w)));
    let acceptor = authority.acceptor("localhost", SslVersion::TLS1_3);
    let server = Server::start(acceptor, move |s| http(s, Arc::clone(&answer))).await;
    let sink = Arc::new(Memory { broken: true, ..Memory::default() });
    let identity = authority.client(&authority);
    let client = SoapClient::new(&identity, ClientOptions::default(), sink, local()).unwrap();
    let error = client.register(&server.url(), &submission()).await.unwrap_err();
    assert!(matches!(error, ClientError::Audit(_)), "{error}");
}

#[tokio::test]
async fn both_sides_have_to_trust_each_other() {
    let (ours, theirs) = (Authority::new(), Authority::new());
    let identity = |own: &Authority, trusted: &Authority| own.client(trusted);
    // Who serves, as which host, up to which version; who calls, trusting whom.
    let cases = [
        (&theirs, "localhost", SslVersion::TLS1_3, identity(&theirs, &ours), "tls"),
        (&ours, "elsewhere", SslVersion::TLS1_3, identity(&ours, &ours), "tls"),
        (&ours, "localhost", SslVersion::TLS1_2, identity(&ours, &ours), "tls"),
        (&ours, "localhost", SslVersion::TLS1_3, identity(&theirs, &ours), "tls"),
    ];
    for (n, (authority, host, newest, identity, code)) in cases.into_iter().enumerate() {
        let answer: Arc<dyn Fn(&Request) -> Reply + Send + Sync> =
            Arc::new(|r: &Request| simple(&ITI_42, r, |w| ended(Status::Success, &[]).write(w)));
        let acceptor = authority.acceptor(host, newest);
        let server = Server::start(acceptor, move |s| http(s, Arc::clone(&answer))).await;
        let sink = Arc::new(Memory::default());
        let options = ClientOptions::default();
        let client = SoapClient::new(&identity, options, sink.clone(), local()).unwrap();
        let error = client.register(&server.url(), &submission()).await.unwrap_err();
        assert_eq!(error.code(), code, "case {n}: {error}");
        assert_eq!(sink.taken()[0].outcome, Outcome::MajorFailure);
    }
    let sink = Arc::new(Memory::default());
    let identity = identity(&ours, &ours);
    let client = SoapClient::new(&identity, ClientOptions::default(), sink, local()).unwrap();
    for (url, code) in [("https://localhost:1/", "connect"), ("http://localhost:1/", "connect")] {
        let error = client.register(&url.parse().unwrap(), &submission()).await.unwrap_err();
        assert_eq!(error.code(), code, "{error}");
    }
}

#[tokio::test]
async fn calls_can_be_made_from_any_thread() {
    let bench = Bench::new(|r| simple(&ITI_42, r, |w| ended(Status::Success, &[]).write(w))).await;
    let bench = Arc::new(bench);
    let other = Arc::clone(&bench);
    let call = tokio::spawn(async move { other.register().await.map(|a| a.status) });
    assert_eq!(call.await.unwrap().unwrap(), Status::Success);
}
