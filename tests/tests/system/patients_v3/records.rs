//! The audit records of ITI-44 at the registry (ITI TF-2: 3.44.5.1), and of ITI-45 and ITI-47 at who answers
//! (3.45.5.1, 3.47.5.1), field by field.

use super::{fed, feed, merge, pdq, pix};
use crate::audit::is_complete;
use crate::discovery::people::somebody;
use crate::expect::fault;
use anyhow::{Context, Result, bail, ensure};
use renkei_hl7v3::InstanceId;
use renkei_hl7v3::iti44::{Event, Feed};
use renkei_hl7v3::iti47::Wish;
use renkei_hl7v3::query::{Query, QueryCopy};
use renkei_person::{Birth, Person};
use renkei_soap::fault::FaultCode;
use renkei_tests::message::hl7v3;
use renkei_tests::world::{PATIENT_FEED_V3, PIX_V3};
use renkei_tests::{Form, Start, World, audit, postgres};
use renkei_xds::transaction::ITI_45;

#[test]
fn each_message_leaves_its_records_on_sqlite() -> Result<()> {
    leaves_its_records(Form::PLAIN)
}

#[test]
fn each_message_leaves_its_records_on_postgres() -> Result<()> {
    leaves_its_records(Form { postgres: true, wired: false })
}

#[test]
fn each_query_leaves_its_records_on_sqlite() -> Result<()> {
    queries_leave_their_records(Form::PLAIN)
}

#[test]
fn each_query_leaves_its_records_on_postgres() -> Result<()> {
    queries_leave_their_records(Form { postgres: true, wired: false })
}

/// Who asked, where, and what, as the query stood in the message.
fn names_the_query(record: &audit::Record, url: &str, id: &InstanceId, query: &str) -> Result<()> {
    is_complete(record)?;
    let [source, destination] = ["110153", "110152"].map(|role| record.participant(role));
    let (source, destination) = (source.context("none")?, destination.context("none")?);
    ensure!(source.user_id.contains("test-consumer") && source.requestor, "{source:?}");
    assert_eq!(source.network.as_deref(), Some("127.0.0.1"));
    ensure!(destination.user_id == url && !destination.requestor, "{destination:?}");
    ensure!(destination.alternative_user_id.is_some(), "{destination:?}");
    let asked = record.objects.iter().find(|o| o.role == 24).context("no query")?;
    let event_type = record.event_type.as_deref();
    assert_eq!((asked.type_code, Some(asked.id_type.as_str())), (2, event_type));
    assert_eq!(asked.id, id.root());
    assert_eq!(asked.query.as_deref(), Some(query));
    Ok(())
}

fn queries_leave_their_records(form: Form) -> Result<()> {
    if form.postgres && postgres::server().is_none() {
        eprintln!("note: no PostgreSQL here, left out");
        return Ok(());
    }
    let w = World::start(Start::new(form))?;
    let one = somebody(&w);
    // Another who is called the same and was born on another day.
    let other = Person {
        identifiers: somebody(&w).identifiers,
        birth: Birth::parse("2001"),
        ..one.clone()
    };
    for person in [&one, &other] {
        w.feed.post(PATIENT_FEED_V3, &fed(&feed(Event::Added, person)?))?.accepted()?;
    }
    let id = |n: &Person| n.identifiers.first().map(|i| i.id.clone()).context("none");
    let (one_id, other_id) = (id(&one)?, id(&other)?);
    let known = pix::request(&one_id, &[])?;
    let copy = |of: Option<QueryCopy>| of.context("the query is not repeated");
    let known_as_read = copy(pix::asked(&w.consumer, &known)?.query)?;
    let never = pix::request(&w.patient(), &[])?;
    let never_as_read = copy(pix::asked(&w.consumer, &never)?.query)?;
    let names = vec![one.names.get(1).context("no kana")?.clone()];
    let query = Query { names, initial_quantity: Some(1), ..pdq::query() };
    let answer = pdq::asked(&w.consumer, query.clone())?;
    let query_as_read = copy(answer.query.clone())?;
    let rest = Wish::More { start: Some(2), quantity: Some(1) };
    pdq::continued(&w.consumer, &pdq::more(&answer, rest)?)?;
    pdq::continued(&w.consumer, &pdq::more(&answer, rest)?)?;
    let endpoints = &w.renkei.ready.endpoints;
    let (pix, pdq) = (endpoints.pix_v3.clone(), endpoints.pdq_v3.clone());
    let (pix, pdq) = (pix.context("no manager")?, pdq.context("no supplier")?);
    fault(
        &w.feed.post(PIX_V3, &hl7v3(ITI_45.request_action, |out| known.write(out)))?,
        FaultCode::Sender,
    )?;
    let settings = w.renkei.settings();
    let (status, place) = w.renkei.stop()?;
    ensure!(status.success(), "{status}");
    let records = audit::list(&place.data_dir(), &settings)?;
    let of = |key: &str| records.iter().filter(|r| r.key() == key).collect::<Vec<_>>();

    let [found] = of("110112 ITI-45 E 0")[..] else { bail!("{records:#?}") };
    names_the_query(found, &pix, &known.query_id, known_as_read.as_xml())?;
    assert_eq!(found.objects_of(1), [one_id.to_string()]);
    let refused = of("110112 ITI-45 E 8");
    assert_eq!(refused.len(), 2, "nobody is known by it, and who may not ask");
    let unknown = refused.iter().find(|r| !r.objects.is_empty()).context("no query")?;
    names_the_query(unknown, &pix, &never.query_id, never_as_read.as_xml())?;
    assert_eq!(unknown.description.as_deref(), Some("pix-patient-unknown"));
    assert_eq!(unknown.objects_of(1), [""; 0], "nobody is known of whom it could tell");

    let pages = of("110112 ITI-47 E 0");
    assert_eq!(pages.len(), 2, "a record for each person who was told of");
    let mut told = Vec::new();
    for page in &pages {
        names_the_query(page, &pdq, &query.id, query_as_read.as_xml())?;
        told.extend(page.objects_of(1));
    }
    told.sort_unstable();
    let mut both = [one_id.to_string(), other_id.to_string()];
    both.sort_unstable();
    assert_eq!(told, both);
    let [over] = of("110112 ITI-47 E 8")[..] else { bail!("{records:#?}") };
    assert_eq!(over.description.as_deref(), Some("pdq-not-continued"));
    assert_eq!(over.objects_of(24), [query.id.root()]);
    Ok(())
}

fn leaves_its_records(form: Form) -> Result<()> {
    if form.postgres && postgres::server().is_none() {
        eprintln!("note: no PostgreSQL here, left out");
        return Ok(());
    }
    let w = World::start(Start::new(form))?;
    let sent = |feed: &Feed| w.feed.post(PATIENT_FEED_V3, &fed(feed))?.accepted();
    let (one, other) = (somebody(&w), somebody(&w));
    let id = |n: &Person| n.identifiers.first().map(|i| i.id.clone()).context("none");
    let (one_id, other_id) = (id(&one)?, id(&other)?);
    let added = feed(Event::Added, &one)?;
    sent(&added)?;
    sent(&feed(Event::Added, &other)?)?;
    let revised = feed(Event::Revised, &one)?;
    sent(&revised)?;
    let merged = merge(&one_id, &other_id)?;
    sent(&merged)?;
    sent(&merge(&one_id, &other_id)?)?;
    fault(&w.source.post(PATIENT_FEED_V3, &fed(&feed(Event::Added, &one)?))?, FaultCode::Sender)?;
    let url = w.renkei.ready.endpoints.patient_feed_v3.clone().context("no feed")?;
    let settings = w.renkei.settings();
    let (status, place) = w.renkei.stop()?;
    ensure!(status.success(), "{status}");
    let records = audit::list(&place.data_dir(), &settings)?;
    let of = |key: &str| records.iter().filter(|r| r.key() == key).collect::<Vec<_>>();

    for (key, message, patient) in [
        ("110110 ITI-44 C 0", &added, &one_id),
        ("110110 ITI-44 U 0", &revised, &one_id),
        ("110110 ITI-44 D 0", &merged, &one_id),
        ("110110 ITI-44 U 0", &merged, &other_id),
    ] {
        let (id, cx) = (message.transmission.id.root(), patient.to_string());
        let found = of(key);
        let about = |r: &&&audit::Record| {
            r.objects.iter().any(|o| o.details == [("II".to_owned(), id.to_owned())])
                && r.objects_of(1) == [cx.as_str()]
        };
        let record = found.iter().find(about).context(format!("{key}: {found:#?}"))?;
        is_complete(record)?;
        let [source, destination] = ["110153", "110152"].map(|role| record.participant(role));
        let (source, destination) = (source.context("none")?, destination.context("none")?);
        ensure!(source.user_id.contains("test-feed") && source.requestor, "{source:?}");
        ensure!(destination.user_id == url && !destination.requestor, "{destination:?}");
    }
    let refused = of("110110 ITI-44 U 8");
    ensure!(refused.is_empty(), "a merge that stands is confirmed: {refused:#?}");
    assert_eq!(of("110110 ITI-44 D 0").len(), 2, "both messages are on record");
    assert_eq!(of("110110 ITI-44 C 8").len(), 1, "who may not feed is on record");
    Ok(())
}
