//! ITI-44 (ITI TF-2: 3.44): a patient is announced, revised, merged; the six conflicts of a merge change nothing.

use super::{fed, feed, merge};
use crate::discovery::people::{asking, card, somebody};
use crate::expect::{fault, refused_with};
use crate::forms::by_form;
use anyhow::{Context, Result, bail, ensure};
use renkei_hl7v3::acknowledgement::{AckCode, Detail};
use renkei_hl7v3::iti44::{Event, Feed};
use renkei_hl7v3::iti55::Outcome;
use renkei_metadata::ids::{Oid, PatientId};
use renkei_person::{Birth, Person};
use renkei_soap::fault::FaultCode;
use renkei_tests::world::{PATIENT_FEED_V3, XCPD};
use renkei_tests::{Form, Start, World, message, sample};
use uuid::Uuid;

/// An institution.
const CLINIC: &str = "2.999.31.7";

on_every_database! {
    who_was_announced_is_found_and_what_was_revised_counts
    a_message_that_breaks_a_rule_is_told_which
    messages_of_other_stacks_are_understood
    who_is_no_source_of_identities_does_not_feed
    who_is_named_by_others_alone_is_held_to_what_is_known
}

/// Sends a message, which has to be acknowledged for what it is.
fn told(w: &World, feed: &Feed) -> Result<Vec<Detail>> {
    let answer = w.feed.post(PATIENT_FEED_V3, &fed(feed))?.accepted()?;
    let ack = answer.acknowledgement;
    ensure!(ack.target == feed.transmission.id, "{ack:?}");
    ensure!((ack.code == AckCode::CommitAccept) == ack.details.is_empty(), "{ack:?}");
    Ok(ack.details)
}

fn accepted(w: &World, feed: &Feed) -> Result<()> {
    let details = told(w, feed)?;
    ensure!(details.is_empty(), "{details:?}");
    Ok(())
}

/// Whether other communities find this person (ITI-55).
fn is_found(w: &World, person: &Person) -> Result<bool> {
    let request = asking(w, person)?;
    let answer = w.gateway.post(XCPD, &message::discover(&request))?.discovered()?;
    Ok(matches!(answer.outcome, Outcome::Found(_)))
}

fn who_was_announced_is_found_and_what_was_revised_counts(w: &World) -> Result<()> {
    let person = somebody(w);
    ensure!(!is_found(w, &person)?, "before");
    accepted(w, &feed(Event::Added, &person)?)?;
    ensure!(is_found(w, &person)?, "announced");
    let revised = Person { birth: Birth::parse("19800229"), ..person.clone() };
    accepted(w, &feed(Event::Revised, &revised)?)?;
    ensure!(is_found(w, &revised)? && !is_found(w, &person)?, "revised");
    // A repeat is answered as before.
    let again = feed(Event::Added, &somebody(w))?;
    let message = fed(&again);
    for _ in 0..2 {
        let answer = w.feed.post(PATIENT_FEED_V3, &message)?.accepted()?;
        ensure!(answer.acknowledgement.code == AckCode::CommitAccept, "{answer:?}");
    }
    Ok(())
}

fn a_message_that_breaks_a_rule_is_told_which(w: &World) -> Result<()> {
    let mut wrong = feed(Event::Added, &somebody(w))?;
    wrong.ids = vec![sample::patient("1.2.3.4").into()];
    wrong.provider = None;
    let merged = merge(&w.patient(), &w.patient())?;
    let message = message::hl7v3("urn:hl7-org:v3:PRPA_IN201304UV02", |out| {
        let mut inner = renkei_soap::xml::Writer::new();
        merged.write(&mut inner);
        out.raw(&inner.finish().replace("code=\"obsolete\"", "code=\"active\""));
    });
    let answer = w.feed.post(PATIENT_FEED_V3, &message)?.accepted()?.acknowledgement;
    let [detail] = answer.details.as_slice() else { bail!("{answer:?}") };
    ensure!(answer.code == AckCode::CommitError, "{answer:?}");
    ensure!(detail.locations == ["priorRegistration/statusCode"], "{detail:?}");
    let text = detail.text.clone().unwrap_or_default();
    ensure!(text.contains("obsolete") && text.contains("状態ではありません"), "{text}");
    Ok(())
}

/// A message with every trait of those that another implementation publishes (`profiles/hl7v3/samples`).
fn messages_of_other_stacks_are_understood(w: &World) -> Result<()> {
    let foreign = include_str!("../../../../profiles/hl7v3/samples/foreign-feed.xml");
    let (_, body) = foreign.split_once("-->").context("no comment")?;
    let own = w.patient();
    let body = body
        .replace("2.999.392.1.1\"", &format!("{}\"", own.authority))
        .replace("KN00015", &own.id);
    let message = message::hl7v3("urn:hl7-org:v3:PRPA_IN201301UV02", |out| {
        out.raw(&body);
    });
    let answer = w.feed.post(PATIENT_FEED_V3, &message)?.accepted()?;
    ensure!(answer.acknowledgement.code == AckCode::CommitAccept, "{answer:?}");
    Ok(())
}

fn who_is_no_source_of_identities_does_not_feed(w: &World) -> Result<()> {
    let person = somebody(w);
    for caller in [&w.consumer, &w.source, &w.administrator, &w.gateway] {
        let message = fed(&feed(Event::Added, &person)?);
        fault(&caller.post(PATIENT_FEED_V3, &message)?, FaultCode::Sender)?;
    }
    ensure!(!is_found(w, &person)?, "announced by nobody who may");
    Ok(())
}

/// Identifiers of an institution, and a card, which names no record.
fn who_is_named_by_others_alone_is_held_to_what_is_known(w: &World) -> Result<()> {
    let number = || -> Result<PatientId> {
        Ok(PatientId::new(&Uuid::new_v4().simple().to_string(), Oid::parse(CLINIC)?)?)
    };
    let [old, new, third] = [number()?, number()?, number()?];
    let code = |feed: &Feed| -> Result<Option<String>> {
        Ok(told(w, feed)?.first().and_then(|detail| detail.code.clone()))
    };
    // Whom no rule of matching takes for somebody of another test.
    let of = |id: &PatientId| {
        let identifiers = vec![id.clone().into()];
        Person { identifiers, ..crate::pixpdq::somebody(w) }
    };
    assert_eq!(code(&merge(&old, &third)?)?.as_deref(), Some("204"), "nobody has told of it");
    accepted(w, &feed(Event::Added, &of(&old))?)?;
    accepted(w, &merge(&old, &new)?)?;
    assert_eq!(code(&merge(&old, &third)?)?.as_deref(), Some("205"), "merged before");
    let card = card(&format!("138057:1-2:{}:01", Uuid::new_v4().simple()))?;
    assert_eq!(code(&feed(Event::Added, &of(&card.id))?)?.as_deref(), Some("204"), "a card");
    Ok(())
}

#[test]
fn documents_answer_under_the_survivor_on_sqlite() -> Result<()> {
    by_form(false, documents_answer_under_the_survivor)
}

#[test]
fn documents_answer_under_the_survivor_on_postgres() -> Result<()> {
    by_form(true, documents_answer_under_the_survivor)
}

/// A chain, and the six conflicts, of which the registry tells each by code and place and changes nothing
/// (ITI TF-2: 3.44.4.2.3).
fn documents_answer_under_the_survivor(form: Form) -> Result<()> {
    let w = World::start(Start::new(form).set("patient.policy=known-only"))?;
    let patients: Vec<PatientId> = (0..3).map(|_| w.patient()).collect();
    let [a, b, c] = patients.as_slice() else { bail!("three") };
    for patient in &patients {
        let person = Person { identifiers: vec![patient.clone().into()], ..somebody(&w) };
        accepted(&w, &feed(Event::Added, &person)?)?;
        w.submitted(&sample::one(patient, b"x"), &[b"x"])?;
    }
    accepted(&w, &merge(a, b)?)?;
    accepted(&w, &merge(b, c)?)?;
    for subsumed in [a, b] {
        ensure!(w.documents_of(subsumed)?.is_empty(), "a subsumed id finds documents");
        refused_with(&w.submit(&sample::one(subsumed, b"y"), &[b"y"])?, "XDSUnknownPatientId")?;
    }
    let found = w.documents_of(c)?;
    ensure!(found.len() == 3 && found.iter().all(|e| e.patient_id.as_ref() == Some(c)));

    // What stands is confirmed to whoever says it again.
    for subsumed in [b, a] {
        accepted(&w, &merge(subsumed, c)?)?;
        ensure!(w.documents_of(c)? == found, "a merge that stands changed something");
    }

    let (never, foreign) = (w.patient(), sample::patient("1.2.3.4"));
    for (subsumed, surviving, code, place) in [
        (&foreign, c, "204", "priorRegisteredRole"),
        (c, &foreign, "204", "patient"),
        (c, c, "205", "priorRegisteredRole"),
        (a, b, "205", "priorRegisteredRole"),
        (c, a, "204", "patient"),
        (&never, c, "204", "priorRegisteredRole"),
    ] {
        let details = told(&w, &merge(subsumed, surviving)?)?;
        let [detail] = details.as_slice() else { bail!("{details:?}") };
        ensure!(detail.code.as_deref() == Some(code), "{detail:?}");
        let location = detail.locations.first().context("no place")?;
        ensure!(location.starts_with("/PRPA_IN201304UV02/controlActProcess/"), "{location}");
        ensure!(location.ends_with(&format!("/{place}/id[1]")), "{location}");
        let text = detail.text.clone().unwrap_or_default();
        ensure!(text.contains(" / ") && !text.contains("MRG") && !text.contains("PID"), "{text}");
        ensure!(w.documents_of(c)?.len() == 3, "a refused merge changed something");
    }
    Ok(())
}
