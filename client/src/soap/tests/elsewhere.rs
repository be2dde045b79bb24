//! Requests whose answers go to another address.

use super::{Bench, ended, patient, simple, submission};
use crate::answered::{Answered, Reply as Answer, read_reply};
use crate::error::ClientError;
use crate::mailbox::Mailbox;
use crate::options::CallOptions;
use crate::soap::Elsewhere;
use crate::testing::Reply;
use bytes::Bytes;
use futures_util::stream;
use renkei_atna::record::Outcome;
use renkei_metadata::ids::{RepositoryUniqueId, UniqueId};
use renkei_metadata::model::AvailabilityStatus;
use renkei_soap::envelope::{self, AnswerHeaders};
use renkei_soap::fault::Fault;
use renkei_soap::limits::MessageLimits;
use renkei_soap::multipart::{MultipartWriter, simple_content_type};
use renkei_soap::tolerance::Tolerances;
use renkei_soap::xml::{Reader, XmlLimits};
use renkei_xds::iti18::{self, QueryBuilder};
use renkei_xds::iti43::{self, DocumentPart, DocumentRequest};
use renkei_xds::response::{RegistryResponse, Status};
use renkei_xds::transaction::{ITI_18, ITI_41, ITI_43};
use std::sync::atomic::Ordering;
use url::Url;
use uuid::Uuid;

fn to() -> Elsewhere {
    let url = |path: &str| Url::parse(&format!("https://a.example/{path}")).unwrap();
    Elsewhere::new(url("reply"), Some(url("fault")))
}

fn query() -> renkei_xds::iti18::AdhocQuery {
    QueryBuilder::find_documents(&patient(), &[AvailabilityStatus::Approved]).build()
}

fn accepted() -> Reply {
    Reply::Answer { status: 202, content_type: "text/plain".to_owned(), body: Vec::new() }
}

fn wanted() -> DocumentRequest {
    DocumentRequest {
        home: None,
        repository: RepositoryUniqueId::parse("1.2.3").unwrap(),
        unique_id: UniqueId::parse("1.2.3.4").unwrap(),
    }
}

#[tokio::test]
async fn a_request_names_where_its_answer_goes_and_ends_with_its_acceptance() {
    let bench = Bench::new(|_| accepted()).await;
    let (url, to) = (bench.server.url(), to());
    bench.client.query_elsewhere(&url, &query(), &to).await.unwrap();
    let request = bench.requests.lock().unwrap().pop().unwrap();
    let text = String::from_utf8(request.body).unwrap();
    let mut reader = Reader::new(&text, XmlLimits::default());
    let addressing = envelope::open(&mut reader, &mut Tolerances::new()).unwrap().addressing;
    assert_eq!(addressing.message_id.as_ref(), Some(&to.message_id));
    assert_eq!(addressing.reply_to.as_deref(), Some("https://a.example/reply"));
    assert_eq!(addressing.fault_to.as_deref(), Some("https://a.example/fault"));
    let record = bench.record();
    assert_eq!(record.outcome, Outcome::Success);
    assert_eq!(record.outcome_description.as_deref(), Some("reply-to-follow"));
    let [caller, _] = &record.participants[..] else { panic!("{record:?}") };
    assert_eq!(caller.user_id, "https://a.example/reply");
    assert_eq!(caller.user_name.as_deref(), Some("CN=client"));

    bench.client.retrieve_elsewhere(&url, &[wanted()], &to).await.unwrap();
    assert_eq!(bench.record().objects[0].id, "1.2.3.4");
    bench
        .client
        .provide_and_register_elsewhere(&url, &submission(), Vec::new(), &to)
        .await
        .unwrap();
    assert_eq!(bench.record().objects.len(), 2);
}

#[tokio::test]
async fn whatever_else_comes_back_is_no_acceptance() {
    let fault = Bench::new(|request| Reply::Answer {
        status: 400,
        content_type: simple_content_type(None),
        body: Fault::only_anonymous_reply_to()
            .write(Some(request.message_id().as_str()))
            .into_bytes(),
    })
    .await;
    let result = fault.client.query_elsewhere(&fault.server.url(), &query(), &to()).await;
    assert!(matches!(result, Err(ClientError::Fault(_))), "{result:?}");
    assert_eq!(fault.record().outcome, Outcome::SeriousFailure);

    let here =
        Bench::new(|request| simple(&ITI_41, request, |w| ended(Status::Success, &[]).write(w)))
            .await;
    let result = here
        .client
        .provide_and_register_elsewhere(&here.server.url(), &submission(), Vec::new(), &to())
        .await;
    let Err(ClientError::Malformed(why)) = result else { panic!("{result:?}") };
    assert!(why.contains("on the connection"), "{why}");
}

#[tokio::test]
async fn an_answer_may_come_before_its_request_is_accepted() {
    let mailbox = Mailbox::new(to().reply_to);
    let here = mailbox.clone();
    let bench = Bench::new(move |request| {
        let (head, tail) = iti18::response_frame(Status::Success, &[]);
        let (here, id) = (here.clone(), request.message_id());
        let answer = envelope::write_response(ITI_18.response_action, Some(&id), |w| {
            w.raw(&format!("{head}{tail}"));
        });
        // More pieces than wait unread: this ends when the answer is read.
        let delivers = async move {
            let delivery = here.deliver(&id, "north", &simple_content_type(None)).unwrap();
            for piece in answer.as_bytes().chunks(7) {
                assert!(delivery.piece(Ok(Bytes::copy_from_slice(piece))).await);
            }
        };
        Reply::After(Box::pin(delivers), Box::new(accepted()))
    })
    .await;
    let answers = Some(mailbox.of("north"));
    let client = bench.client.with(CallOptions { answers, ..CallOptions::default() });
    for _ in 0..2 {
        let answer = client.query(&bench.server.url(), &query()).await.unwrap();
        assert_eq!(answer.status, Status::Success);
    }
    let connections = bench.server.connections.load(Ordering::SeqCst);
    assert_eq!(connections, 1, "the acceptance was awaited");
}

/// Reads a reply to `to` that comes in these pieces.
async fn read(
    content_type: &str,
    body: &[u8],
    to: &Elsewhere,
) -> Result<(Answer, Vec<Vec<u8>>), ClientError> {
    let pieces: Vec<_> = body.chunks(7).map(|c| Ok(Bytes::copy_from_slice(c))).collect();
    let mut sink = crate::soap::retrieve::Memory::with_room(1000);
    let awaits = |id: &str| id == to.message_id;
    let limits = MessageLimits::default();
    let reply = read_reply(content_type, stream::iter(pieces), &limits, &mut sink, awaits).await?;
    let documents = match &reply.answer {
        Answered::Retrieved(retrieved) => sink.take_all(&retrieved.documents),
        _ => Vec::new(),
    };
    Ok((reply, documents))
}

fn headers(to: &Elsewhere) -> AnswerHeaders<'_> {
    let elsewhere = Some(("urn:uuid:own", "https://a.example/reply"));
    AnswerHeaders { relates_to: Some(&to.message_id), elsewhere, ..AnswerHeaders::default() }
}

#[tokio::test]
async fn a_reply_is_read_by_what_it_relates_to() {
    let to = to();
    let kind = simple_content_type(None);
    let write = |to: &Elsewhere| {
        let body = |w: &mut _| ended(Status::Failure, &["XDSRepositoryError"]).write(w);
        envelope::write_response_after(String::new(), ITI_41.response_action, headers(to), body)
    };
    let (reply, _) = read(&kind, write(&to).as_bytes(), &to).await.unwrap();
    assert_eq!(
        (reply.relates_to.as_str(), reply.message_id.as_deref()),
        (to.message_id.as_str(), Some("urn:uuid:own"))
    );
    let Answered::Registry(RegistryResponse { status, errors }) = &reply.answer else {
        panic!("{reply:?}")
    };
    assert_eq!((*status, errors.len()), (Status::Failure, 1));
    let other = Elsewhere::new(to.reply_to.clone(), None);
    let unasked = read(&kind, write(&other).as_bytes(), &to).await;
    assert!(matches!(unasked, Err(ClientError::Malformed(_))), "{unasked:?}");
    let fault = Fault::endpoint_unavailable().write(headers(&to));
    let (reply, _) = read(&kind, fault.as_bytes(), &to).await.unwrap();
    assert!(matches!(reply.answer, Answered::Fault(_)), "{reply:?}");
    let cut = write(&to);
    assert!(read(&kind, &cut.as_bytes()[..cut.len() - 9], &to).await.is_err());
}

#[tokio::test]
async fn the_documents_of_a_reply_go_into_the_sink_and_on_record() {
    let to = to();
    let parts = MultipartWriter::new(Uuid::from_u128(7));
    let document = DocumentPart {
        request: wanted(),
        made: None,
        mime_type: "text/csv".to_owned(),
        content_id: "d@x".to_owned(),
    };
    let root = envelope::write_response_after(
        String::new(),
        ITI_43.response_action,
        headers(&to),
        |w: &mut _| iti43::write_response(w, &ended(Status::Success, &[]), &[document]),
    );
    let message =
        [&parts.root(&root)[..], &parts.part_start("d@x", "text/csv"), b"a,b", &parts.close()]
            .concat();
    let kind = parts.content_type(Some(ITI_43.response_action));
    let (reply, documents) = read(&kind, &message, &to).await.unwrap();
    assert_eq!(documents, [b"a,b"]);

    let bench = Bench::new(|_| accepted()).await;
    bench.client.replied(&ITI_43, &bench.server.url(), &reply.answer, &[wanted()]).await.unwrap();
    let record = bench.record();
    assert_eq!((record.outcome, record.objects[0].id.as_str()), (Outcome::Success, "1.2.3.4"));
    let failed = Answered::Fault(Fault::endpoint_unavailable());
    bench.client.replied(&ITI_18, &bench.server.url(), &failed, &[]).await.unwrap();
    assert_eq!(bench.record().outcome, Outcome::SeriousFailure);
}
