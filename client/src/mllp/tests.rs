use super::{MllpClient, Party, a04};
use crate::error::ClientError;
use crate::testing::{Authority, Memory, Server, Stream, local};
use bytes::{Bytes, BytesMut};
use chrono::{NaiveDate, Utc};
use futures_util::StreamExt;
use openssl::ssl::SslVersion;
use renkei_atna::record::{Action, Outcome};
use renkei_hl7v2::ack::{self, AckCode, ErrorCode, Location, Nak, Problem};
use renkei_hl7v2::adt::{self, A04};
use renkei_hl7v2::mllp::MllpCodec;
use renkei_hl7v2::msh::Stamp;
use renkei_metadata::ids::PatientId;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio_util::codec::{Encoder, FramedRead};
use uuid::Uuid;

fn message() -> A04 {
    let patient = PatientId::parse("P1^^^&1.2.3&ISO").unwrap();
    let sender = Party { application: "CHECKUP".into(), facility: "1310000001".into() };
    let birth = NaiveDate::from_ymd_opt(1980, 4, 1);
    a04(&patient, "山田 太郎", "ヤマダ タロウ", birth, Some('M'), &sender)
}

/// Acknowledges with `answer` and, after as many messages as `most`, closes.
async fn serve(stream: Stream, most: usize, answer: fn(&[u8]) -> Vec<u8>) {
    let mut framed = FramedRead::new(stream, MllpCodec::default());
    for _ in 0..most {
        let Some(Ok(frame)) = framed.next().await else { return };
        let frame: Bytes = frame;
        let mut out = BytesMut::new();
        MllpCodec::default().encode(answer(&frame), &mut out).unwrap();
        if framed.get_mut().write_all(&out).await.is_err() {
            return;
        }
    }
}

fn accept(frame: &[u8]) -> Vec<u8> {
    let feed = adt::read(frame).unwrap();
    ack::accept(&feed.msh, &Stamp::new(Utc::now(), Uuid::new_v4()))
}

async fn pair(most: usize, answer: fn(&[u8]) -> Vec<u8>) -> (MllpClient, Server, Arc<Memory>) {
    let authority = Authority::new();
    let acceptor = authority.acceptor("localhost", SslVersion::TLS1_3);
    let server = Server::start(acceptor, move |s| serve(s, most, answer)).await;
    let sink = Arc::new(Memory::default());
    let address = format!("mllps://localhost:{}", server.port);
    let identity = authority.client(&authority);
    let client = MllpClient::new(&identity, &address, sink.clone(), local()).unwrap();
    (client, server, sink)
}

#[tokio::test]
async fn patients_are_announced_over_one_connection() {
    let (client, server, sink) = pair(10, accept).await;
    for _ in 0..3 {
        assert!(client.announce(&message()).await.unwrap().is_accepted());
    }
    assert_eq!(server.connections.load(Ordering::SeqCst), 1);
    let records = sink.taken();
    assert_eq!(records.len(), 3);
    assert_eq!((records[0].outcome, records[0].action), (Outcome::Success, Action::Create));
    assert_eq!(records[0].participants[0].user_id, "1310000001|CHECKUP");
    assert_eq!(records[0].participants[1].network, Some((1, "localhost".to_owned())));
    assert_eq!(records[0].objects[0].id, "P1^^^&1.2.3&ISO");
}

#[tokio::test]
async fn a_connection_that_was_closed_meanwhile_is_opened_again() {
    let (client, server, _) = pair(1, accept).await;
    for _ in 0..3 {
        assert!(client.announce(&message()).await.unwrap().is_accepted());
    }
    assert_eq!(server.connections.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn several_messages_at_once_get_each_their_own_answer() {
    let (client, server, _) = pair(100, accept).await;
    let messages: Vec<A04> = (0..20).map(|_| message()).collect();
    let acks = futures_util::future::join_all(messages.iter().map(|m| client.announce(m))).await;
    for (message, ack) in messages.iter().zip(acks) {
        assert_eq!(ack.unwrap().control_id, message.stamp.control_id);
    }
    assert!(server.connections.load(Ordering::SeqCst) <= 20);
}

#[tokio::test]
async fn a_refusal_is_an_answer_and_a_failure_of_record() {
    let (client, _server, sink) = pair(10, |frame| {
        let feed = adt::read(frame).unwrap();
        let problem = Problem {
            location: Location::field("PID", 3),
            code: ErrorCode::UnknownKey,
            en: "no".into(),
            ja: "いいえ".into(),
        };
        let nak = Nak::new(AckCode::Error, Some(&feed.msh), vec![problem]);
        nak.write(&Stamp::new(Utc::now(), Uuid::new_v4()))
    })
    .await;
    let ack = client.announce(&message()).await.unwrap();
    assert!(!ack.is_accepted() && ack.text().contains("no"));
    let record = sink.taken().remove(0);
    assert_eq!(record.outcome, Outcome::SeriousFailure);
    assert_eq!(record.outcome_description.as_deref(), Some("204"));
}

#[tokio::test]
async fn what_is_no_acknowledgement_of_the_message_is_refused() {
    type Answer = fn(&[u8]) -> Vec<u8>;
    let answers: [(Answer, &str); 3] = [
        (|_| b"HTTP/1.1 400".to_vec(), "malformed"),
        (|frame| accept(frame).into_iter().chain(vec![b' '; 2 << 20]).collect(), "too-large"),
        (
            |_| {
                let other = adt::read(&adt::write_a04(&message())).unwrap();
                ack::accept(&other.msh, &Stamp::new(Utc::now(), Uuid::new_v4()))
            },
            "malformed",
        ),
    ];
    for (answer, code) in answers {
        let (client, _server, sink) = pair(10, answer).await;
        let error = client.announce(&message()).await.unwrap_err();
        assert_eq!(error.code(), code, "{error}");
        assert_eq!(sink.taken()[0].outcome, Outcome::MajorFailure);
    }
}

#[tokio::test]
async fn both_sides_have_to_trust_each_other() {
    let (ours, theirs) = (Authority::new(), Authority::new());
    let cases = [
        (ours.client(&theirs), "localhost"),
        (theirs.client(&ours), "localhost"),
        (ours.client(&ours), "elsewhere"),
    ];
    for (n, (identity, host)) in cases.into_iter().enumerate() {
        let acceptor = ours.acceptor(host, SslVersion::TLS1_3);
        let server = Server::start(acceptor, |s| serve(s, 1, accept)).await;
        let address = format!("localhost:{}", server.port);
        let sink = Arc::new(Memory::default());
        let client = MllpClient::new(&identity, &address, sink, local()).unwrap();
        let error = client.announce(&message()).await.unwrap_err();
        assert_eq!(error.code(), "tls", "case {n}: {error}");
    }
    let client = |address: &str| {
        MllpClient::new(&ours.client(&ours), address, Arc::new(Memory::default()), local())
    };
    let error = client("localhost:1").unwrap().announce(&message()).await.unwrap_err();
    assert!(matches!(error, ClientError::Connect(_)), "{error}");
    for wrong in ["localhost", ":1", "localhost:port", ""] {
        assert!(matches!(client(wrong), Err(ClientError::Connect(_))), "{wrong}");
    }
}

#[test]
fn names_are_split_and_letters_read() {
    let feed = adt::read(&adt::write_a04(&message())).unwrap();
    let names: Vec<(&str, String)> =
        feed.described.names.iter().map(|n| (n.family.as_str(), n.given.concat())).collect();
    assert_eq!(names, [("山田", "太郎".to_owned()), ("ヤマダ", "タロウ".to_owned())]);
    let birth = feed.described.birth.and_then(|birth| birth.day());
    assert_eq!(birth, NaiveDate::from_ymd_opt(1980, 4, 1));
    assert_eq!(format!("{:?}", feed.described.sex), "Some(Male)");
    let patient = PatientId::parse("P1^^^&1.2.3&ISO").unwrap();
    let sender = Party { application: "A".into(), facility: "F".into() };
    let bare = a04(&patient, "", "タロウ", None, Some('x'), &sender);
    assert_eq!((bare.names.len(), bare.sex), (1, None));
}

#[tokio::test]
async fn an_announcement_that_is_given_up_is_on_record() {
    let authority = Authority::new();
    let acceptor = authority.acceptor("localhost", SslVersion::TLS1_3);
    let server = Server::start(acceptor, |stream| async move {
        tokio::time::sleep(Duration::from_secs(60)).await;
        drop(stream);
    })
    .await;
    let sink = Arc::new(Memory::default());
    let address = format!("mllps://localhost:{}", server.port);
    let identity = authority.client(&authority);
    let client = MllpClient::new(&identity, &address, sink.clone(), local()).unwrap();
    let soon = Duration::from_millis(100);
    assert!(tokio::time::timeout(soon, client.announce(&message())).await.is_err());
    let records = sink.first().await;
    assert_eq!((records.len(), records[0].outcome), (1, Outcome::MajorFailure));
    assert_eq!(records[0].outcome_description.as_deref(), Some("given-up"));
}

mod asking {
    use super::*;
    use renkei_hl7v2::adt::update::{self, UpdateNotification};
    use renkei_hl7v2::adt::{Announcement, FeedEvent, Parties};
    use renkei_hl7v2::authorities::Authorities;
    use renkei_hl7v2::query::answer::{self, Page, Status};
    use renkei_hl7v2::query::{Criteria, Query, cross_reference, demographics, read};
    use renkei_metadata::ids::Oid;
    use renkei_person::{Birth, Identifier, Name, Person, Writing};

    fn parties() -> Parties {
        let [a, b, c, d] = ["PORTAL", "INSURER", "PIXPDQ", "RENKEI"].map(str::to_owned);
        Parties {
            sending_application: a,
            sending_facility: b,
            receiving_application: c,
            receiving_facility: d,
        }
    }

    fn stamp() -> Stamp {
        Stamp::new(Utc::now(), Uuid::new_v4())
    }

    fn authorities() -> Authorities {
        Authorities::new(Oid::parse("1.2.3").unwrap())
    }

    fn id(text: &str) -> PatientId {
        PatientId::parse(text).unwrap()
    }

    /// A manager that knows one person by one identifier.
    fn manager(frame: &[u8]) -> Vec<u8> {
        let ids = [Identifier::from(id("1^^^&1.2.3&ISO"))];
        match read(frame).unwrap() {
            Query::CrossReference(query) if query.id.id == "7" => {
                answer::cross_references(&query.asked, &ids, &authorities(), &stamp())
            }
            Query::CrossReference(query) => {
                let resolved = query.resolve(&authorities()).unwrap();
                let problems = vec![resolved.id_unknown()];
                renkei_hl7v2::query::Refusal::error(&query.asked, problems).write(&stamp())
            }
            Query::Demographics(query) => {
                let persons = [Person { identifiers: ids.to_vec(), ..Person::default() }];
                let page = Page { persons: &persons, total: 2, left: 1, pointer: Some("on") };
                answer::persons(&query.asked, &page, &authorities(), &stamp())
            }
            Query::Cancel(cancel) => ack::accept(&cancel.msh, &stamp()),
        }
    }

    fn known_as(id: PatientId) -> cross_reference::Question {
        let (stamp, parties, tag) = (stamp(), parties(), "T-1".to_owned());
        cross_reference::Question { stamp, parties, tag, id, domains: Vec::new() }
    }

    #[tokio::test]
    async fn persons_are_asked_for_and_it_is_on_record() {
        let (client, _server, sink) = pair(10, manager).await;
        let asked = known_as(id("7^^^&1.2.4&ISO"));
        let found = client.cross_references(&asked).await.unwrap();
        assert_eq!(found.persons[0].identifiers[0].id, id("1^^^&1.2.3&ISO"));
        let refused = client.cross_references(&known_as(id("8^^^&1.2.4&ISO"))).await.unwrap();
        assert_eq!((refused.status, refused.ack.reports.len()), (Some(Status::Error), 1));
        let names = vec![Name { family: "ケンシン".to_owned(), ..Name::default() }];
        let described = Person { names, birth: Birth::parse("19750412"), ..Person::default() };
        let search = demographics::Question {
            stamp: stamp(),
            parties: parties(),
            tag: "T-2".to_owned(),
            criteria: Criteria { described, ..Criteria::default() },
            domains: Vec::new(),
            quantity: Some(1),
            pointer: None,
        };
        let page = client.persons(&search).await.unwrap();
        assert_eq!((page.total, page.pointer.as_deref()), (Some(2), Some("on")));
        assert!(client.cancel(&stamp(), &parties(), "T-2").await.unwrap().is_accepted());

        let records = sink.taken();
        let [found, refused, searched, cancelled] = &records[..] else {
            panic!("{}", records.len())
        };
        let key = |r: &renkei_atna::record::AuditRecord| {
            (r.event_type.as_ref().unwrap().code.clone(), r.outcome, r.outcome_description.clone())
        };
        assert_eq!(key(found), ("ITI-9".to_owned(), Outcome::Success, None));
        assert_eq!(found.participants[0].user_id, "INSURER|PORTAL");
        assert_eq!(found.participants[1].user_id, "RENKEI|PIXPDQ");
        assert_eq!(found.participants[1].network, Some((1, "localhost".to_owned())));
        assert_eq!(found.objects[0].id, "7^^^&1.2.4&ISO");
        assert!(found.objects[1].query.as_ref().unwrap().starts_with("QPD|IHE PIX Query|T-1|7^^^"));
        assert_eq!(found.objects[1].details[0].value, asked.stamp.control_id);
        let why = Some("204".to_owned());
        assert_eq!(key(refused), ("ITI-9".to_owned(), Outcome::SeriousFailure, why));
        assert_eq!(key(searched), ("ITI-21".to_owned(), Outcome::Success, None));
        assert_eq!(searched.objects.len(), 1, "nobody is known before");
        assert_eq!(key(cancelled), ("ITI-21".to_owned(), Outcome::Success, None));
        let [query] = &cancelled.objects[..] else { panic!("nobody is told of in it") };
        let segment = Some("QID|T-2|IHE PDQ Query");
        assert_eq!((query.id.as_str(), query.query.as_deref()), ("T-2", segment));
    }

    fn consumer(frame: &[u8]) -> Vec<u8> {
        let msh = match update::read(frame) {
            Ok(update) => update.msh,
            Err(_) => adt::read(frame).unwrap().msh,
        };
        ack::accept(&msh, &stamp())
    }

    #[tokio::test]
    async fn persons_are_told_of_and_it_is_on_record() {
        let (client, _server, sink) = pair(10, consumer).await;
        let identifiers = vec![id("1^^^&1.2.3&ISO"), id("7^^^&1.2.4&ISO")];
        let told = UpdateNotification {
            stamp: stamp(),
            parties: parties(),
            identifiers: identifiers.clone(),
        };
        assert!(client.notify(&told, &authorities()).await.unwrap().is_accepted());
        let person = Person {
            identifiers: identifiers.into_iter().map(Identifier::from).collect(),
            names: vec![Name::new(Writing::Ideographic, "健診", "花子")],
            ..Person::default()
        };
        for event in [FeedEvent::A04, FeedEvent::A08] {
            let (stamp, parties, person) = (stamp(), parties(), person.clone());
            let told = Announcement { stamp, parties, event, person };
            assert!(client.announce_person(&told).await.unwrap().is_accepted());
        }
        let merge = renkei_hl7v2::adt::A40 {
            stamp: stamp(),
            parties: parties(),
            surviving: id("1^^^&1.2.3&ISO"),
            subsumed: id("2^^^&1.2.3&ISO"),
            names: vec![adt::PersonName::of("健診 花子", adt::Representation::Ideographic)],
        };
        assert!(client.merge(&merge).await.unwrap().is_accepted());
        let records = sink.taken();
        let keys: Vec<_> = records
            .iter()
            .map(|r| (r.event_type.as_ref().unwrap().code.as_str(), r.action, r.objects.len()))
            .collect();
        assert_eq!(
            keys,
            [
                ("ITI-10", Action::Read, 2),
                ("ITI-8", Action::Create, 2),
                ("ITI-8", Action::Update, 2),
                ("ITI-8", Action::Delete, 1),
                ("ITI-8", Action::Update, 1),
            ]
        );
    }
}
