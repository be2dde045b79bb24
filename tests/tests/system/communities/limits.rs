//! What keeps a community from being asked at all.

use super::meeting::{STRANGER, answer_with, meet_with, part, success, theirs};
use super::{entries, find};
use crate::forms::by_form;
use anyhow::{Context, Result, ensure};
use renkei_tests::community::noticed;
use renkei_tests::elsewhere::{http_head, multipart, multipart_ends};
use renkei_tests::row::named;
use renkei_tests::world::INITIATING_GATEWAY as INITIATING;
use renkei_tests::{Form, message, sample};
use renkei_xds::iti43;
use renkei_xds::transaction::ITI_39;
use std::io::Write;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::time::{Duration, Instant};

on_every_database! { by by_form:
    who_has_too_many_questions_or_is_not_set_up_is_not_asked
}

fn who_has_too_many_questions_or_is_not_set_up_is_not_asked(form: Form) -> Result<()> {
    let unique_id = sample::new_unique_id();
    let asked_for = unique_id.clone();
    let (taken, takes) = mpsc::channel();
    let asked_once = AtomicBool::new(false);
    let meeting = meet_with(form, &["gateway.at_once=1"], &[], move |_, asked, stream| {
        if asked.envelope.contains("CrossGatewayQuery") {
            return Ok(stream.write_all(&answer_with(asked, &[]))?);
        }
        let first = !asked_once.swap(true, Ordering::Relaxed);
        if !first {
            let listed = [part(theirs(&asked_for)?, "d@stranger")];
            return Ok(stream.write_all(&multipart(
                asked,
                &ITI_39,
                &[("d@stranger", b"x")],
                |w| {
                    iti43::write_response(w, &success(), &listed);
                },
            ))?);
        }
        // A document that keeps the one place for as long as it lasts.
        taken.send(())?;
        let listed = [part(theirs(&asked_for)?, "d@stranger")];
        let (kind, before, _) = multipart_ends(asked, &ITI_39, "d@stranger", |w| {
            iti43::write_response(w, &success(), &listed);
        });
        stream.write_all(&http_head(&kind, 1 << 30))?;
        stream.write_all(&before)?;
        for _ in 0..20 {
            stream.write_all(&[b'x'; 256 << 10])?;
            std::thread::sleep(Duration::from_millis(500));
        }
        Ok(())
    })?;
    let house = &meeting.house;
    let mut wire = house.consumer.connect()?;
    let asked = message::retrieve(&[theirs(&unique_id)?]);
    wire.send_post(INITIATING, &asked.content_type, &asked.body)?;
    takes.recv_timeout(Duration::from_secs(30))?;
    // It holds up who wants a document, and no query.
    let found = find(house, &meeting.patient)?;
    ensure!(entries(&found).len() == 1 && found.errors.is_empty(), "{found:?}");
    let retrieved = || house.consumer.post(INITIATING, &asked)?.retrieved();
    named(&retrieved()?.response.errors, "community-crowded")?;
    drop(wire);
    let until = Instant::now() + Duration::from_secs(30);
    while retrieved()?.documents.is_empty() {
        ensure!(Instant::now() < until, "its place is never free again");
    }

    let file = STRANGER.strip_prefix("urn:oid:").context("no OID")?;
    let file = house.renkei.place().data_dir().join(format!("communities/{file}.toml"));
    let text = std::fs::read_to_string(&file)?;
    let ca = text.split("\"\"\"").nth(1).context("no CA")?.trim();
    // The CA of others is none of our certificates, and this is no key.
    let half = format!("certificate = \"\"\"\n{ca}\n\"\"\"\nkey = \"none\"\n");
    std::fs::write(&file, format!("{half}{text}"))?;
    noticed(&house.renkei)?;
    let found = find(house, &meeting.patient)?;
    ensure!(entries(&found).len() == 1 && found.errors.len() == 1, "{found:?}");
    named(&found.errors, "community-not-set-up")?;

    // What is no file of a community any more is missing from the answer by name, too.
    std::fs::write(&file, "home = ")?;
    noticed(&house.renkei)?;
    let found = find(house, &meeting.patient)?;
    ensure!(entries(&found).len() == 1 && found.errors.len() == 1, "{found:?}");
    let told = named(&found.errors, "community-not-set-up")?;
    ensure!(told.iter().all(|error| error.location == STRANGER), "{told:?}");
    let answer = house.consumer.post(INITIATING, &message::retrieve(&[theirs(&unique_id)?]))?;
    named(&answer.retrieved()?.response.errors, "community-not-set-up")?;
    Ok(())
}
