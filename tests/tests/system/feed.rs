//! ITI-8: which patients there are (ITI TF-2: 3.8).

use crate::expect::refused_with;
use anyhow::{Context, Result, ensure};
use renkei_metadata::ids::PatientId;
use renkei_tests::{Form, Start, World, postgres, sample};
use renkei_xds::response::Status;

#[test]
fn only_announced_patients_have_documents_on_sqlite() -> Result<()> {
    only_announced_patients_have_documents(Form::PLAIN)
}

#[test]
fn only_announced_patients_have_documents_on_postgres() -> Result<()> {
    only_announced_patients_have_documents(Form { postgres: true, wired: false })
}

fn only_announced_patients_have_documents(form: Form) -> Result<()> {
    if form.postgres && postgres::server().is_none() {
        eprintln!("note: no PostgreSQL here, left out");
        return Ok(());
    }
    let w = World::start(Start::new(form).set("patient.policy=known-only"))?;
    let mut feed = w.feed_as(&w.feed)?;
    for event in ["A01", "A04", "A05"] {
        let patient = w.patient();
        let sent = sample::one(&patient, b"x");
        let response = w.submit(&sent, &[b"x"])?;
        let error = refused_with(&response, "XDSUnknownPatientId")?;
        ensure!(error.context.contains(&patient.to_string()), "{}", error.context);
        w.nothing_of(&sent)?;
        accepted(&feed.send(&adt(event, &patient))?)?;
        w.submitted(&sent, &[b"x"])?;
        // An announcement that comes again changes nothing.
        accepted(&feed.send(&adt(event, &patient))?)?;
        assert_eq!(w.documents_of(&patient)?.len(), 1);
    }

    // A change of demographics announces nobody.
    let patient = w.patient();
    accepted(&feed.send(&adt("A08", &patient))?)?;
    let sent = sample::one(&patient, b"x");
    refused_with(&w.submit(&sent, &[b"x"])?, "XDSUnknownPatientId")?;

    // Ids of other authorities are of no concern, one without authority is ours (ITI TF-2: E.1).
    let other = sample::patient("1.2.3.4");
    let both = text(&adt("A04", &other)).replace("PID|||", &format!("PID|||{patient}~"));
    accepted(&feed.send(both.as_bytes())?)?;
    w.submitted(&sent, &[b"x"])?;
    refused_with(&w.submit(&sample::one(&other, b"x"), &[b"x"])?, "XDSUnknownPatientId")?;
    let bare = w.patient();
    let without = text(&adt("A04", &bare)).replace(&bare.to_string(), &bare.id);
    accepted(&feed.send(without.as_bytes())?)?;
    w.submitted(&sample::one(&bare, b"x"), &[b"x"])?;

    // A restart forgets nobody.
    let known = w.patient();
    accepted(&feed.send(&adt("A04", &known))?)?;
    drop(feed);
    let again = Start::new(form).set("patient.policy=known-only");
    let source = w.source.directory.clone();
    let (_, place) = w.renkei.stop()?;
    let renkei = again.go_in(place)?;
    let source = renkei_tests::world::Caller::new(&renkei, "test-source", source)?;
    let sent = sample::one(&known, b"x");
    let message = renkei_tests::message::provide_and_register(&sent, &[b"x"]);
    let response = source.post(renkei_tests::world::REPOSITORY, &message)?.registry()?;
    ensure!(response.status == Status::Success, "{response:?}");
    Ok(())
}

/// A message of this event.
fn adt(event: &str, patient: &PatientId) -> Vec<u8> {
    let text = text(&sample::a04(patient, "通知", "ツウチ"));
    text.replace("ADT^A04", &format!("ADT^{event}"))
        .replace("EVN|A04", &format!("EVN|{event}"))
        .into_bytes()
}

fn text(message: &[u8]) -> String {
    String::from_utf8(message.to_vec()).expect("UTF-8")
}

fn accepted(answer: &str) -> Result<()> {
    ensure!(answer.contains("MSA|AA|"), "{answer}");
    Ok(())
}

/// The shared program; what follows is not about databases.
fn world() -> Result<&'static World> {
    World::shared(Form::PLAIN)?.context("no program")
}

#[test]
fn messages_on_one_connection_are_acknowledged_in_order() -> Result<()> {
    let w = world()?;
    let mut feed = w.feed_as(&w.feed)?;
    let messages: Vec<Vec<u8>> = (0..5).map(|_| adt("A04", &w.patient())).collect();
    let mut bytes = Vec::new();
    for message in &messages {
        bytes.extend([&[0x0b], &message[..], &[0x1c, 0x0d]].concat());
    }
    // In pieces that have nothing to do with the frames.
    for piece in bytes.chunks(97) {
        feed.raw(piece)?;
    }
    for message in &messages {
        let message = text(message);
        let id = message.split('|').nth(9).context("no MSH-10")?;
        let answer = feed.acknowledgement()?;
        ensure!(answer.contains(&format!("MSA|AA|{id}")), "{id}: {answer}");
    }
    Ok(())
}

#[test]
fn a_second_message_or_person_in_a_block_is_refused_with_the_first() -> Result<()> {
    let w = World::start(Start::new(Form::PLAIN).set("patient.policy=known-only"))?;
    let mut feed = w.feed_as(&w.feed)?;
    let (first, second) = (w.patient(), w.patient());
    let one = adt("A04", &first);
    let two = adt("A04", &second);
    let person =
        text(&two).split_inclusive('\r').filter(|l| l.starts_with("PID|")).collect::<String>();
    for block in [[one.clone(), two].concat(), [one.clone(), person.into_bytes()].concat()] {
        let answer = feed.send(&block)?;
        ensure!(answer.contains("MSA|AE|") && answer.contains("PID^2"), "{answer}");
        for patient in [&first, &second] {
            let sent = sample::one(patient, b"x");
            refused_with(&w.submit(&sent, &[b"x"])?, "XDSUnknownPatientId")?;
        }
    }
    // The end mark of the first is lost; the next block is read as any other.
    let answer = feed.send(&[one.clone(), vec![0x0b], adt("A04", &second)].concat())?;
    ensure!(answer.contains("MSA|AE|") && answer.contains("MSH^2"), "{answer}");
    refused_with(&w.submit(&sample::one(&second, b"x"), &[b"x"])?, "XDSUnknownPatientId")?;
    accepted(&feed.send(&one)?)?;
    w.submitted(&sample::one(&first, b"x"), &[b"x"])
}

#[test]
fn what_is_wrong_with_a_message_is_named() -> Result<()> {
    let w = world()?;
    let mut feed = w.feed_as(&w.feed)?;
    let good = text(&adt("A04", &w.patient()));
    let patient =
        good.split("PID|||").nth(1).and_then(|p| p.split('|').next()).context("no PID-3")?;
    let other = "7^^^NEVER";
    let cases = [
        (good.replace("ADT^A04", "ORU^R01"), "AR", "MSH", "200"),
        (good.replace("ADT^A04", "ADT^A99"), "AR", "MSH", "201"),
        (good.replace("|2.3.1|", "|2.9|"), "AR", "MSH", "203"),
        (good.replace("EVN|A04", "ZZZ|A04"), "AE", "EVN", "100"),
        (good.replace("PID|", "ZZZ|"), "AE", "PID", "100"),
        (good.replace(patient, ""), "AE", "PID", "101"),
        (good.replace(patient, other), "AE", "PID", "204"),
    ];
    for (message, code, segment, error) in cases {
        let answer = feed.send(message.as_bytes())?;
        ensure!(answer.contains(&format!("MSA|{code}|")), "{message}\n{answer}");
        let line = answer.split('\r').find(|l| l.starts_with("ERR|")).context("no ERR")?;
        ensure!(line.contains(segment) && line.contains(error), "{segment} {error}: {line}");
        // Version 2.3.1 has its text in MSA-3.
        let spoken = answer.split('\r').find(|l| l.starts_with("MSA|")).context("no MSA")?;
        crate::expect::plain(&format!("{spoken} {line}").replace(['|', '^'], " "))?;
    }
    // The connection goes on, and so it does after what is no message at all.
    let answer = feed.send(b"good morning")?;
    ensure!(answer.contains("MSA|AE|"), "{answer}");
    accepted(&feed.send(good.as_bytes())?)
}

#[test]
fn text_is_read_in_its_character_set() -> Result<()> {
    let w = world()?;
    let good = text(&adt("A04", &w.patient()));
    ensure!(good.contains("UNICODE UTF-8"), "{good}");
    let mut broken = good.into_bytes();
    let at = broken.windows(3).position(|b| b == "通".as_bytes()).context("no name")?;
    broken[at + 1] = 0xff;
    let answer = w.feed_as(&w.feed)?.send(&broken)?;
    ensure!(answer.contains("MSA|AE|") || answer.contains("MSA|AR|"), "{answer}");
    Ok(())
}

#[test]
fn a_message_without_end_is_cut_off_in_flat_memory() -> Result<()> {
    let w = World::start(Start::new(Form::PLAIN).set("limits.mllp_frame_bytes=1048576"))?;
    let mut feed = w.feed_as(&w.feed)?;
    accepted(&feed.send(&adt("A04", &w.patient()))?)?;
    let before = w.renkei.resident_bytes()?;
    feed.raw(&[0x0b])?;
    let piece = vec![b'x'; 1 << 20];
    let mut sent = 0;
    while sent < 64 && feed.raw(&piece).is_ok() {
        sent += 1;
    }
    let answer = feed.acknowledgement()?;
    ensure!(!answer.contains("MSA|AA|") && answer.contains("limits.mllp_frame_bytes"), "{answer}");
    ensure!(feed.acknowledgement().is_err(), "the connection goes on");
    let grown = w.renkei.resident_bytes()?.saturating_sub(before) >> 20;
    ensure!(grown < 16, "memory grew by {grown} MiB");
    accepted(&w.feed_as(&w.feed)?.send(&adt("A04", &w.patient()))?)
}
