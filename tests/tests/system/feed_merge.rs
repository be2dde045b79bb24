//! Merges (ADT^A40): two identifiers become one patient (ITI TF-2: 3.8.4.2).

use crate::expect::refused_with;
use anyhow::{Result, bail, ensure};
use chrono::Utc;
use renkei_hl7v2::adt::{A40, Parties, PersonName, Representation, write_a40_in};
use renkei_hl7v2::charset::Charset;
use renkei_hl7v2::msh::{Stamp, Version};
use renkei_metadata::ids::PatientId;
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

    // What may not be leaves everything as it is.
    let never = w.patient();
    let foreign = sample::patient("1.2.3.4");
    for (subsumed, surviving) in
        [(a, c), (c, a), (c, b), (c, c), (&never, c), (&foreign, c), (c, &foreign)]
    {
        let answer = send(&mut feed, subsumed, surviving, Version::V231, &Charset::utf8())?;
        ensure!(answer.contains("MSA|AE|") && answer.contains("\rERR|"), "{answer}");
        ensure!(w.documents_of(c)?.len() == 4);
    }
    Ok(())
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
        parties: Parties {
            sending_application: "PIXMGR".to_owned(),
            sending_facility: "TEST".to_owned(),
            receiving_application: "REGISTRY".to_owned(),
            receiving_facility: "RENKEI".to_owned(),
        },
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
