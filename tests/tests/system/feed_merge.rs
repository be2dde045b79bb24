//! Merges (ADT^A40): two identifiers become one patient (ITI TF-2: 3.8.4.2).

use crate::expect::refused_with;
use anyhow::{Result, bail, ensure};
use chrono::Utc;
use renkei_hl7v2::adt::{
    A40, A43, Parties, PersonName, Representation, write_a40_in, write_a43_in,
};
use renkei_hl7v2::charset::Charset;
use renkei_hl7v2::msh::{Stamp, Version};
use renkei_metadata::ids::PatientId;
use renkei_metadata::model::{AvailabilityStatus, Submission};
use renkei_tests::mllp::Feed;
use renkei_tests::{Form, Start, World, postgres, sample};
use renkei_xds::iti18::QueryBuilder;
use uuid::Uuid;

#[test]
fn documents_answer_under_the_survivor_on_sqlite() -> Result<()> {
    documents_answer_under_the_survivor(Form::PLAIN)
}

#[test]
fn documents_answer_under_the_survivor_on_postgres() -> Result<()> {
    documents_answer_under_the_survivor(Form { postgres: true, wired: false })
}

fn documents_answer_under_the_survivor(form: Form) -> Result<()> {
    if form.postgres && postgres::server().is_none() {
        eprintln!("note: no PostgreSQL here, left out");
        return Ok(());
    }
    let w = World::start(Start::new(form).set("patient.policy=known-only"))?;
    let mut feed = w.feed_as(&w.feed)?;
    let patients: Vec<PatientId> = (0..3).map(|_| w.patient()).collect();
    let [a, b, c] = patients.as_slice() else { bail!("three") };
    let mut sent = Vec::new();
    for patient in &patients {
        accepted(&feed.send(&sample::a04(patient, "統合", "トウゴウ"))?)?;
        let submission = sample::one(patient, b"x");
        w.submitted(&submission, &[b"x"])?;
        sent.push(submission);
    }

    // A chain, in two versions and two character sets.
    accepted(&send(&mut feed, a, b, Version::V231, &Charset::utf8())?)?;
    accepted(&send(&mut feed, b, c, Version::V25, &Charset::japanese())?)?;
    for subsumed in [a, b] {
        ensure!(w.documents_of(subsumed)?.is_empty(), "a subsumed id finds documents");
        let response = w.submit(&sample::one(subsumed, b"y"), &[b"y"])?;
        let error = refused_with(&response, "XDSUnknownPatientId")?;
        ensure!(error.context.contains("merged"), "{}", error.context);
    }
    let found = w.documents_of(c)?;
    ensure!(found.len() == 3 && found.iter().all(|e| e.patient_id.as_ref() == Some(c)));
    // By its own id, too, a document shows who survives; its content is where it was.
    let Some(first) = sent.first().and_then(|s| s.entries.first()) else { return Ok(()) };
    let by_id = QueryBuilder::get_documents_by_unique_id(std::slice::from_ref(&first.unique_id));
    let entries = w.entries(by_id)?;
    ensure!(entries.iter().all(|e| e.patient_id.as_ref() == Some(c)) && entries.len() == 1);
    assert_eq!(w.content(&first.unique_id)?, b"x");
    w.submitted(&sample::one(c, b"z"), &[b"z"])?;

    // What stands is confirmed to whoever says it again.
    for subsumed in [a, b] {
        accepted(&send(&mut feed, subsumed, c, Version::V231, &Charset::utf8())?)?;
        ensure!(w.documents_of(c)?.len() == 4);
    }

    // What may not be leaves everything as it is.
    let never = w.patient();
    let foreign = sample::patient("1.2.3.4");
    for (subsumed, surviving) in
        [(a, b), (c, a), (c, b), (c, c), (&never, c), (&foreign, c), (c, &foreign)]
    {
        let answer = send(&mut feed, subsumed, surviving, Version::V231, &Charset::utf8())?;
        ensure!(answer.contains("MSA|AE|") && answer.contains("\rERR|"), "{answer}");
        ensure!(w.documents_of(c)?.len() == 4);
    }
    Ok(())
}

#[test]
fn a_local_identifier_moves_to_another_patient() -> Result<()> {
    let w = World::start(Start::new(Form::PLAIN).set("patient.policy=known-only"))?;
    let mut feed = w.feed_as(&w.feed)?;
    let (previous, new) = (w.patient(), w.patient());
    for patient in [&previous, &new] {
        accepted(&feed.send(&sample::a04(patient, "移動", "イドウ"))?)?;
    }
    let local = sample::patient("1.2.3.9");
    let mut moves = sample::one(&previous, b"x");
    for entry in &mut moves.entries {
        entry.source_patient_id = Some(local.to_string());
    }
    w.submitted(&moves, &[b"x"])?;
    w.submitted(&sample::one(&previous, b"y"), &[b"y"])?;
    let a43 = A43 {
        stamp: Stamp::new(Utc::now(), Uuid::new_v4()),
        parties: parties("1.2.3.8"),
        new: new.clone(),
        local,
        previous: previous.clone(),
        subsumed: None,
    };
    accepted(&feed.send(&write_a43_in(&a43, &Charset::utf8()).unwrap_or_default())?)?;
    let found = w.document_of(&new)?;
    let unique_id = moves.entries.first().map(|e| e.unique_id.clone());
    assert_eq!(
        (Some(&found.unique_id), found.patient_id.as_ref()),
        (unique_id.as_ref(), Some(&new))
    );
    assert_eq!(w.content(&found.unique_id)?, b"x");
    let approved = [AvailabilityStatus::Approved];
    let left = w.entries(QueryBuilder::find_documents(&previous, &approved))?;
    ensure!(left.len() == 1 && Some(&left[0].unique_id) != unique_id.as_ref(), "{left:?}");
    Ok(())
}

#[test]
fn a_corrected_document_moves_with_what_it_corrected() -> Result<()> {
    let w = World::start(Start::new(Form::PLAIN).set("patient.policy=known-only"))?;
    let mut feed = w.feed_as(&w.feed)?;
    let (previous, new) = (w.patient(), w.patient());
    for patient in [&previous, &new] {
        accepted(&feed.send(&sample::a04(patient, "訂正", "テイセイ"))?)?;
    }
    let local = sample::patient("1.2.3.9");
    let of_local = |mut submission: Submission| {
        for entry in &mut submission.entries {
            entry.source_patient_id = Some(local.to_string());
        }
        submission
    };
    w.submitted(&of_local(sample::one(&previous, b"x")), &[b"x"])?;
    let replaced = w.document_of(&previous)?.id;
    w.submitted(&of_local(sample::replacement(&previous, b"y", &replaced)), &[b"y"])?;
    let a43 = A43 {
        stamp: Stamp::new(Utc::now(), Uuid::new_v4()),
        parties: parties("1.2.3.8"),
        new: new.clone(),
        local,
        previous: previous.clone(),
        subsumed: None,
    };
    accepted(&feed.send(&write_a43_in(&a43, &Charset::utf8()).unwrap_or_default())?)?;
    let all = |p| w.entries(QueryBuilder::find_documents(p, &AvailabilityStatus::ALL));
    ensure!(all(&previous)?.is_empty(), "something stays");
    let mut moved: Vec<_> = all(&new)?.iter().map(|e| (e.version, e.status)).collect();
    moved.sort_by_key(|(_, status)| *status == Some(AvailabilityStatus::Deprecated));
    let [approved, deprecated] = [AvailabilityStatus::Approved, AvailabilityStatus::Deprecated];
    assert_eq!(moved, [(Some(2), Some(approved)), (Some(2), Some(deprecated))]);
    Ok(())
}

fn parties(sender: &str) -> Parties {
    Parties {
        sending_application: sender.to_owned(),
        sending_facility: "TEST".to_owned(),
        receiving_application: "REGISTRY".to_owned(),
        receiving_facility: "RENKEI".to_owned(),
    }
}

fn send(
    feed: &mut Feed,
    subsumed: &PatientId,
    surviving: &PatientId,
    version: Version,
    charset: &Charset,
) -> Result<String> {
    let a40 = A40 {
        stamp: Stamp::new(Utc::now(), Uuid::new_v4()),
        parties: parties("PIXMGR"),
        surviving: surviving.clone(),
        subsumed: subsumed.clone(),
        names: vec![PersonName::of("統合 花子", Representation::Ideographic)],
    };
    let message = write_a40_in(&a40, version, charset);
    feed.send(&message.unwrap_or_default())
}

fn accepted(answer: &str) -> Result<()> {
    ensure!(answer.contains("MSA|AA|"), "{answer}");
    Ok(())
}
