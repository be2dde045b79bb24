//! Whose records are one person's: what the feed brings, what rules make of it, and what people decide on the
//! command line beside a running house.

use crate::discovery::people::{announce, somebody};
use anyhow::{Context, Result, bail, ensure};
use renkei_person::Person;
use renkei_tests::program::Build;
use renkei_tests::{Form, Start, World, audit, program, sample};
use serde_json::Value;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

on_every_database! { by by_form:
    two_ids_of_one_person_are_found_parted_linked_and_merged
    what_is_decided_survives_a_crash
    what_dies_before_it_is_done_leaves_all_as_before
}

/// Where a command of a clerk can die.
pub(crate) const STEPS: [&str; 3] =
    ["identity.before_decided", "identity.before_in_force", "identity.before_caught_up"];

use crate::forms::by_form;

/// What a command of `renkei patient` says, run by `user`; an error is what it says on standard error.
pub(crate) fn patient(w: &World, user: &str, words: &[&str]) -> Result<Value> {
    let line = line(w, words)?;
    let output = program::run_as(user, &line.iter().map(String::as_str).collect::<Vec<_>>())?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// The command line of a command.
fn line(w: &World, words: &[&str]) -> Result<Vec<String>> {
    let data = w.renkei.place().data_dir().display().to_string();
    let (command, rest) = words.split_first().context("no command")?;
    let settings = w.renkei.settings();
    let sets: Vec<&str> = settings.iter().flat_map(|s| ["--set", s.as_str()]).collect();
    let words = [&["patient", command, "--data-dir", &data, "--json"], rest, &sets].concat();
    Ok(words.iter().map(|word| (*word).to_owned()).collect())
}

/// Runs a command until it dies at a step.
fn dies(w: &World, step: &str, words: &[&str]) -> Result<()> {
    let status = Command::new(program::path(Build::Failpoints)?)
        .args(line(w, words)?)
        .env("RENKEI_FAILPOINT", step)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()?;
    ensure!(status.code().is_none(), "{step} was not reached: {status}");
    Ok(())
}

/// The refusal of a command, which names what is wrong in both languages.
fn refused(w: &World, user: &str, words: &[&str]) -> Result<String> {
    match patient(w, user, words) {
        Ok(told) => bail!("was done: {told}"),
        Err(error) => Ok(error.to_string()),
    }
}

fn id(person: &Person) -> Result<String> {
    Ok(person.identifiers.first().context("no id")?.id.to_string())
}

/// Waits until both are known and it is so, or not, that they are one person: news are taken behind their
/// acknowledgement.
fn until_one(w: &World, [a, b]: [&str; 2], is_one: bool) -> Result<Value> {
    let until = Instant::now() + Duration::from_secs(30);
    loop {
        let told = patient(w, "clerk", &["explain", a, b]);
        match told {
            Ok(told) if told["isOne"] == is_one => return Ok(told),
            other => ensure!(Instant::now() < until, "is not {is_one}: {other:?}"),
        }
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// The same person once more under another id.
fn twice(w: &World) -> Result<[Person; 2]> {
    let one = somebody(w);
    let other = Person { identifiers: somebody(w).identifiers, ..one.clone() };
    announce(w, &one)?;
    announce(w, &other)?;
    Ok([one, other])
}

fn two_ids_of_one_person_are_found_parted_linked_and_merged(form: Form) -> Result<()> {
    let w = World::start(Start::new(form))?;
    let [one, other] = twice(&w)?;
    let (a, b) = (id(&one)?, id(&other)?);
    let pair = [a.as_str(), b.as_str()];
    let patient_of = |person: &Person| person.identifiers[0].id.clone();
    w.submitted(&sample::one(&patient_of(&one), b"x"), &[b"x"])?;

    // The domain takes them for two persons, and rules alone do not know that better.
    let told = until_one(&w, pair, false)?;
    ensure!(told["verdict"]["line"] == "linked" && told["verdict"]["rules"].is_string(), "{told}");
    ensure!(told["verdict"]["reasons"][0]["ja"] == "姓が一致", "{told}");
    let waiting = patient(&w, "clerk", &["review"])?;
    ensure!(waiting["waiting"] == 1 && waiting["pairs"][0]["question"] == "merge", "{waiting}");

    patient(&w, "clerk", &["link", &a, &b])?;
    until_one(&w, pair, true)?;
    patient(&w, "clerk", &["unlink", &a, &b])?;
    until_one(&w, pair, false)?;
    ensure!(patient(&w, "clerk", &["review"])?["waiting"] == 0, "is decided");
    announce(&w, &one)?;
    let tried = patient(&w, "clerk", &["rematch", "--dry-run"])?;
    ensure!(tried["decided"] == 1 && tried["records"] == 2, "{tried}");
    patient(&w, "clerk", &["rematch"])?;
    let told = until_one(&w, pair, false)?;
    ensure!(told["decided"] == "not-the-same" && told["history"][0]["by"] == "clerk", "{told}");
    patient(&w, "clerk", &["undo", &a, &b])?;
    until_one(&w, pair, false)?;
    let waiting = patient(&w, "clerk", &["review"])?;
    ensure!(waiting["pairs"][0]["question"] == "merge", "{waiting}");
    ensure!(refused(&w, "clerk", &["undo", &a, &b])?.contains("nothing was decided"));

    // The registry hears of it when two have agreed.
    let feed = format!("localhost:{}", w.feed_port()?);
    let confirm = ["merge", "--confirm", "--patient-feed", &feed, &a, &b];
    ensure!(refused(&w, "chief", &confirm)?.contains("not proposed"));
    patient(&w, "clerk", &["merge", &a, &b])?;
    let own = refused(&w, "clerk", &confirm)?;
    ensure!(own.contains("clerk") && own.contains("別の人"), "{own}");
    ensure!(w.documents_of(&patient_of(&other))?.is_empty());
    let merged = patient(&w, "chief", &confirm)?;
    ensure!(merged["did"] == "merged" && merged["by"] == "chief", "{merged}");
    ensure!(w.documents_of(&patient_of(&other))?.len() == 1);
    let until = Instant::now() + Duration::from_secs(30);
    while patient(&w, "clerk", &["review"])?["waiting"] != 0 {
        ensure!(Instant::now() < until, "waits still");
        std::thread::sleep(Duration::from_millis(100));
    }
    on_record(w, &pair)
}

/// Each look and each decision is a patient record (DICOM PS3.15 A.5.3.10) of both patients and of who did it; the
/// merge is on record on both sides (ITI TF-2: 3.8.5.1).
fn on_record(w: World, pair: &[&str; 2]) -> Result<()> {
    let settings = w.renkei.settings();
    let (status, place) = w.renkei.stop()?;
    ensure!(status.success(), "{status}");
    let records = audit::list(&place.data_dir(), &settings)?;
    let compared: Vec<_> =
        records.iter().filter(|r| r.event == "110110" && r.event_type.is_none()).collect();
    let by = |user: &str, action: &str, outcome: u8| {
        let is_so = |r: &&&audit::Record| {
            let who = r.participants.first().is_some_and(|p| p.user_id == user && p.requestor);
            who && r.action == action && r.outcome == outcome
        };
        compared.iter().filter(is_so).count()
    };
    ensure!(by("clerk", "R", 0) >= 4, "{compared:#?}");
    // link, unlink, the rules tried and put in force, undo, the proposal; what was refused is on record twice.
    ensure!(by("clerk", "U", 8) == 2 && by("chief", "U", 8) == 1, "{compared:#?}");
    for record in compared.iter().filter(|r| r.action == "U" && !r.objects.is_empty()) {
        assert_eq!(record.objects_of(1), *pair);
        let details = &record.objects[0].details;
        ensure!(details.iter().any(|(name, _)| name == "Patient matching"), "{record:?}");
    }
    for (action, patient) in [("D", pair[0]), ("U", pair[1])] {
        let of = |r: &&audit::Record| {
            r.event_type.as_deref() == Some("ITI-8")
                && r.action == action
                && r.objects_of(1) == [patient]
                && r.outcome == 0
        };
        ensure!(records.iter().filter(of).count() == 2, "{action} on both sides");
    }
    Ok(())
}

fn what_is_decided_survives_a_crash(form: Form) -> Result<()> {
    let w = World::start(Start::new(form))?;
    let [one, other] = twice(&w)?;
    let (a, b) = (id(&one)?, id(&other)?);
    until_one(&w, [&a, &b], false)?;
    patient(&w, "clerk", &["link", &a, &b])?;
    // Acknowledged, and not taken by the persons yet, perhaps.
    let third = Person { identifiers: somebody(&w).identifiers, ..one.clone() };
    announce(&w, &third)?;
    let World { renkei, source, consumer, repository, administrator, feed, gateway } = w;
    let renkei = Start::new(form).go_in(renkei.kill()?)?;
    let w = World { renkei, source, consumer, repository, administrator, feed, gateway };
    let c = id(&third)?;
    for known in [&a, &b] {
        let told = until_one(&w, [known, &c], false)?;
        ensure!(told["verdict"]["line"] == "linked", "{told}");
    }
    let told = patient(&w, "clerk", &["explain", &a, &b])?;
    ensure!(told["isOne"] == true && told["decided"] == "same", "{told}");
    let waiting = patient(&w, "clerk", &["review"])?;
    let pairs = waiting["pairs"].as_array().context("no pairs")?;
    let questions: Vec<&str> = pairs.iter().filter_map(|pair| pair["question"].as_str()).collect();
    ensure!(questions == ["merge"; 3], "{waiting}");
    Ok(())
}

fn what_dies_before_it_is_done_leaves_all_as_before(form: Form) -> Result<()> {
    let w = World::start(Start::new(form))?;
    let [one, other] = twice(&w)?;
    let (a, b) = (id(&one)?, id(&other)?);
    let pair = [a.as_str(), b.as_str()];
    until_one(&w, pair, false)?;
    let [decided, in_force, caught_up] = STEPS;
    dies(&w, decided, &["link", &a, &b])?;
    let told = patient(&w, "clerk", &["explain", &a, &b])?;
    ensure!(told["isOne"] == false && told["decided"].is_null(), "{told}");
    ensure!(told["history"].as_array().is_some_and(Vec::is_empty), "{told}");
    ensure!(patient(&w, "clerk", &["review"])?["waiting"] == 1, "waits still");
    patient(&w, "clerk", &["link", &a, &b])?;
    until_one(&w, pair, true)?;

    // Rules that are not in force yet are tried as before; records that they have not judged are judged later.
    let before = patient(&w, "clerk", &["rematch", "--dry-run"])?;
    for step in [in_force, caught_up] {
        dies(&w, step, &["rematch"])?;
        let told = until_one(&w, pair, true)?;
        ensure!(told["decided"] == "same", "{step}: {told}");
    }
    patient(&w, "clerk", &["rematch"])?;
    let after = patient(&w, "clerk", &["rematch", "--dry-run"])?;
    ensure!(before["rules"] == after["rules"] && before["records"] == after["records"], "{after}");
    ensure!(before["scores"] == after["scores"] && after["decided"] == 1, "{after}");
    until_one(&w, pair, true)?;
    Ok(())
}
