//! Patients over HL7 v3: what is sent, what is made of the answer, and what is recorded on our side.

use super::{Bench, patient, simple};
use renkei_atna::record::{Action, AuditRecord, Outcome};
use renkei_hl7v3::acknowledgement::{AcceptAcknowledgement, AckCode};
use renkei_hl7v3::iti44::{Event, Feed};
use renkei_hl7v3::iti47::{Continuation, Counts, Wish};
use renkei_hl7v3::query::Query;
use renkei_hl7v3::transmission::{Party, Processing, Transmission};
use renkei_hl7v3::{InstanceId, Time, iti45, iti47};
use renkei_metadata::ids::Oid;
use renkei_xds::transaction::{
    ITI_44_MERGED, ITI_45, ITI_46, ITI_47, ITI_47_CANCEL, ITI_47_CONTINUE, Transaction,
};
use uuid::Uuid;

fn transmission() -> Transmission {
    let party = |n: &str| Party { device: Oid::parse(n).unwrap(), community: None };
    Transmission {
        id: InstanceId::new(Uuid::from_u128(7)),
        created: Time::parse("20250601101500+0900").unwrap(),
        processing: Processing::Production,
        receiver: party("2.999.1"),
        respond_to: None,
        sender: party("2.999.2"),
    }
}

fn feed(event: Event) -> Feed {
    let mut other = patient();
    other.id = "P2".to_owned();
    let prior = if event == Event::Merged { vec![other.into()] } else { Vec::new() };
    let ids = vec![patient().into()];
    let person = Default::default();
    Feed { transmission: transmission(), event, ids, person, provider: None, prior }
}

/// A server that acknowledges.
async fn acknowledging(transaction: &'static Transaction, code: AckCode) -> Bench {
    Bench::new(move |request| {
        let id = InstanceId::new(Uuid::from_u128(9));
        let sent = transmission();
        let created = sent.created.clone();
        let told = AcceptAcknowledgement::of(&sent, code, Vec::new(), id, created);
        simple(transaction, request, |w| told.write(w))
    })
    .await
}

fn about(record: &AuditRecord) -> (Action, Outcome, Vec<&str>) {
    let ids = record.objects.iter().map(|o| o.id.as_str()).collect();
    (record.action, record.outcome, ids)
}

#[tokio::test]
async fn a_merge_is_recorded_as_a_deletion_and_a_change() {
    let bench = acknowledging(&ITI_44_MERGED, AckCode::CommitAccept).await;
    let ack = bench.client.feed_patient(&bench.server.url(), &feed(Event::Merged)).await.unwrap();
    assert!(ack.code.is_accepting());
    let records = bench.sink.taken();
    let told: Vec<_> = records.iter().map(about).collect();
    let expected = [
        (Action::Delete, Outcome::Success, vec!["P2^^^&1.2.3&ISO"]),
        (Action::Update, Outcome::Success, vec!["P1^^^&1.2.3&ISO"]),
    ];
    assert_eq!(told, expected);
    let detail = &records[0].objects[0].details[0];
    assert_eq!((detail.name.as_str(), detail.value.as_str()), ("II", transmission().id.root()));
    let code = records[0].event_type.as_ref().map(|t| t.code.as_ref());
    assert_eq!(code, Some("ITI-44"));
}

#[tokio::test]
async fn a_notification_is_a_read_and_a_refusal_a_failure() {
    let bench = acknowledging(&ITI_46, AckCode::CommitError).await;
    let ack =
        bench.client.notify_patient(&bench.server.url(), &feed(Event::Revised)).await.unwrap();
    assert_eq!(ack.code, AckCode::CommitError);
    let record = bench.record();
    let expected = (Action::Read, Outcome::SeriousFailure, vec!["P1^^^&1.2.3&ISO"]);
    assert_eq!(about(&record), expected);
    assert_eq!(record.outcome_description.as_deref(), Some("CE"));
    let code = record.event_type.as_ref().map(|t| t.code.as_ref());
    assert_eq!(code, Some("ITI-46"));
}

#[tokio::test]
async fn identifiers_are_asked_for_and_the_query_is_on_record() {
    let asked = iti45::Request::new(
        transmission(),
        InstanceId::new(Uuid::from_u128(8)),
        patient().into(),
        [],
    );
    let (request, query) = (asked.clone(), asked.copy.as_xml().to_owned());
    let bench = Bench::new(move |message| {
        let (id, created) = (InstanceId::new(Uuid::from_u128(9)), transmission().created);
        let told = iti45::Answer::to(&request, iti45::Outcome::NotFound, Vec::new(), id, created);
        simple(&ITI_45, message, |w| told.write(w))
    })
    .await;
    let answer = bench.client.cross_reference(&bench.server.url(), &asked).await.unwrap();
    assert_eq!(answer.outcome, iti45::Outcome::NotFound);
    let record = bench.record();
    let name = Uuid::from_u128(8).to_string();
    assert_eq!(about(&record).2, ["P1^^^&1.2.3&ISO", name.as_str()]);
    assert_eq!(record.objects[1].query, Some(query));
}

#[tokio::test]
async fn persons_are_asked_for_page_by_page() {
    let asked =
        iti47::Request::new(transmission(), Query::new(InstanceId::new(Uuid::from_u128(8))));
    let request = asked.clone();
    let bench = Bench::new(move |message| {
        let (id, created) = (InstanceId::new(Uuid::from_u128(9)), transmission().created);
        let outcome = (iti47::Outcome::NotFound, Counts::default());
        let told = iti47::Answer::to(&request, outcome, Vec::new(), id.clone(), created.clone());
        let text = String::from_utf8_lossy(&message.body).into_owned();
        if text.contains(ITI_47_CANCEL.request_action) {
            let sent = transmission();
            let code = AckCode::CommitAccept;
            let ack = AcceptAcknowledgement::of(&sent, code, Vec::new(), id, created);
            return simple(&ITI_47_CANCEL, message, |w| ack.write(w));
        }
        let more = text.contains(ITI_47_CONTINUE.request_action);
        simple(if more { &ITI_47_CONTINUE } else { &ITI_47 }, message, |w| told.write(w))
    })
    .await;
    let url = bench.server.url();
    let answer = bench.client.find_patients(&url, &asked).await.unwrap();
    let wish = Wish::More { start: None, quantity: Some(2) };
    let target = Some(answer.transmission.id);
    let query_id = answer.query_id;
    let more = Continuation { transmission: transmission(), target, query_id, wish };
    bench.client.find_more_patients(&url, &more).await.unwrap();
    let ack = bench.client.find_no_more_patients(&url, &more).await.unwrap();
    assert!(ack.code.is_accepting());
    let records = bench.sink.taken();
    let name = Uuid::from_u128(8).to_string();
    for record in &records {
        assert_eq!(about(record), (Action::Execute, Outcome::Success, vec![name.as_str()]));
    }
    assert_eq!(records.len(), 3);
}
