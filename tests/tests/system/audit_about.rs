//! Who saw or changed what of a person, as the house tells whoever has to answer for it.

use anyhow::{Context, Result, ensure};
use renkei_metadata::ids::PatientId;
use renkei_tests::world::{REGISTRY, REPOSITORY};
use renkei_tests::{World, message, program, sample};
use renkei_xds::iti18::QueryBuilder;
use serde_json::Value;
use std::time::{Duration, Instant};
use uuid::Uuid;

on_every_database! {
    who_saw_or_changed_what_of_a_person_is_told
}

/// What the command tells of a patient, a record a line.
fn told(w: &World, patient: &PatientId) -> Result<Vec<Value>> {
    let data = w.renkei.place().data_dir().display().to_string();
    let (settings, patient) = (w.renkei.settings(), patient.to_string());
    let set = settings.iter().flat_map(|setting| ["--set", setting]);
    let words = ["audit", "about", "--data-dir", &data, "--patient", &patient, "--json"];
    let words: Vec<&str> = words.into_iter().chain(set).collect();
    let output = program::run(&words)?;
    ensure!(output.status.code() == Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout)?;
    text.lines().map(|line| Ok(serde_json::from_str(line)?)).collect()
}

fn who_saw_or_changed_what_of_a_person_is_told(w: &World) -> Result<()> {
    let (patient, other) = (w.patient(), w.patient());
    let (mine, theirs) = (sample::one(&patient, b"x"), sample::one(&other, b"y"));
    w.submitted(&mine, &[b"x"])?;
    w.submitted(&theirs, &[b"y"])?;
    let id = mine.entries[0].unique_id.clone();

    let name = format!("doctor-{}", &Uuid::new_v4().simple().to_string()[..8]);
    let doctor = w.entitled(&name, &["consumer"], &["--scope", "domain"])?;
    // By the patient, by the document, the document itself, and both persons' at once.
    let find = QueryBuilder::find_documents(&patient, &[])
        .statuses(&renkei_metadata::model::AvailabilityStatus::ALL);
    doctor.post(REGISTRY, &message::query(&find.build()))?.query()?;
    let by_id = QueryBuilder::get_documents_by_unique_id(std::slice::from_ref(&id));
    doctor.post(REGISTRY, &message::query(&by_id.build()))?.query()?;
    doctor.post(REPOSITORY, &message::retrieve(&[w.request(&id)?]))?.retrieved()?;
    let another = w.request(&theirs.entries[0].unique_id)?;
    doctor.post(REPOSITORY, &message::retrieve(std::slice::from_ref(&another)))?.retrieved()?;
    let both = [w.request(&id)?, another];
    doctor.post(REPOSITORY, &message::retrieve(&both))?.retrieved()?;

    let submitted = |t: &&Value| t["type"] == "ITI-41" && t["who"] == *w.source.name;
    // What was written with a change is delivered behind it.
    let until = Instant::now() + Duration::from_secs(10);
    let told_of = loop {
        let told_of = told(w, &patient)?;
        if told_of.iter().any(|t| submitted(&t)) {
            break told_of;
        }
        ensure!(Instant::now() < until, "{told_of:?}");
    };
    let of_doctor: Vec<&Value> = told_of.iter().filter(|t| t["who"] == *name).collect();
    let kinds: Vec<&str> = of_doctor.iter().filter_map(|t| t["type"].as_str()).collect();
    assert_eq!(kinds, ["ITI-18", "ITI-18", "ITI-43", "ITI-43"], "{told_of:?}");
    for (n, documents) in [(1, 1), (2, 1), (3, 1)] {
        let named = of_doctor[n]["documents"].as_array().context("no documents")?;
        ensure!(named.len() == documents && named[0] == id.as_str(), "{}", of_doctor[n]);
    }
    ensure!(of_doctor.iter().all(|t| t["succeeded"] == true), "{of_doctor:?}");
    let did = &of_doctor[2]["did"];
    ensure!(did["ja"] == "文書を取得" && did["en"] == "retrieved documents", "{did}");
    ensure!(told_of.iter().filter(submitted).count() == 1, "{told_of:?}");

    // Who looked is told to the next.
    let looked = |t: &&Value| t["did"]["en"] == "looked at the records of access";
    let before = told_of.iter().filter(looked).count();
    assert_eq!(told(w, &patient)?.iter().filter(looked).count(), before + 1);
    ensure!(told(w, &w.patient())?.iter().all(|t| looked(&t)), "of nobody there is nothing");
    Ok(())
}
