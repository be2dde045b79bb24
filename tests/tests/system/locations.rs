//! Which communities hold data of a patient (ITI-56; XCPD supplement, Health Data Locator option): told by a house
//! that is set so, and asked for by command, between houses that share nothing but the person.

use crate::correlations::houses::{join, told_of, told_of_as};
use crate::correlations::stranger::Hanako;
use crate::correlations::{find, on};
use crate::expect::fault;
use crate::fields::{End, is_asked, is_object, of, stopped};
use anyhow::{Context, Result, bail, ensure};
use renkei_hl7v3::iti56;
use renkei_metadata::ids::PatientId;
use renkei_soap::fault::FaultCode;
use renkei_tests::audit::Record;
use renkei_tests::message::Message;
use renkei_tests::world::XCPD;
use renkei_tests::{Form, Start, World, audit, community, message, program};
use renkei_xds::transaction::ITI_56;
use serde_json::{Value, json};
use std::collections::BTreeSet;

on_every_database! { by on:
    who_holds_data_of_a_patient_is_told_and_asked_for
}

const NOBODY: &str = "urn:oid:2.999.77";
/// How often the south is asked where she is known, and tells.
const LOCATED: usize = 5;

pub(crate) fn query(patient: &PatientId) -> Message {
    let (id, to) = (message::message_id(), "https://localhost/");
    let envelope = renkei_soap::envelope::write_request(ITI_56.request_action, &id, to, |w| {
        iti56::write_request(w, &patient.clone().into());
    });
    message::simple(&envelope)
}

/// What `renkei community locate` says in the house of `world`, and its status.
fn locate(world: &World, patient: &PatientId) -> Result<(Value, Option<i32>)> {
    let patient = patient.to_string();
    let (said, status) = on_community(world, "locate", &["--json", "--patient", &patient])?;
    Ok((serde_json::from_str(&said).with_context(|| said.clone())?, status))
}

/// What `renkei community`, `command`, says in the house of `world`, and its status.
fn on_community(world: &World, command: &str, more: &[&str]) -> Result<(String, Option<i32>)> {
    let data = world.renkei.place().data_dir().display().to_string();
    let settings = world.renkei.settings();
    let sets: Vec<&str> = settings.iter().flat_map(|s| ["--set", s.as_str()]).collect();
    let words = ["community", command, "--data-dir", &data];
    let output = program::run(&[&words[..], more, &sets].concat())?;
    ensure!(!output.stdout.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    Ok((String::from_utf8(output.stdout)?, output.status.code()))
}

fn who_holds_data_of_a_patient_is_told_and_asked_for(form: Form) -> Result<()> {
    let start = || World::start(Start::new(form));
    let (north, east) = (start()?, start()?);
    let south = World::start(Start::new(form).set("gateway.tells_locations=true"))?;
    let [here, there, far] = [&north, &south, &east].map(World::patient);
    for (world, patient) in [(&north, &here), (&south, &there), (&east, &far)] {
        told_of(world, patient)?;
    }
    // The south learns from the east as whom she is known there.
    join(&south, &east, "the-south", &[])?;
    find(&south, &there)?;
    join(&north, &south, "the-north", &[])?;

    let (told, status) = locate(&north, &here)?;
    let [home, elsewhere] = [&south, &east].map(|w| w.renkei.ready.home_community_id.clone());
    let holder = |home: &str, name: Value, patient: &PatientId, by: &[&str]| {
        let entered = !name.is_null();
        json!({"home": home, "name": name, "entered": entered, "patients": [patient.to_string()], "toldBy": by})
    };
    let mut holders = [
        holder(&home, json!("南のPHR"), &there, &[&home]),
        holder(&elsewhere, Value::Null, &far, &[&home]),
    ];
    holders.sort_by_key(|holder| holder["home"].to_string());
    ensure!(told["holders"] == json!(holders), "{told}");
    let asked = json!([{"home": home, "name": "南のPHR", "answer": "tells", "problem": null}]);
    ensure!(told["asked"] == asked && status == Some(0), "{told}");

    // What was told of her as she was described before is not told on.
    told_of_as(&south, &there, &Hanako { address: Some("丸の内1-1"), ..Hanako::default() })?;
    let (told, _) = locate(&north, &here)?;
    let south_alone = json!([holder(&home, json!("南のPHR"), &there, &[&home])]);
    ensure!(told["holders"] == south_alone, "{told}");
    // Nor is what a community told that is entered no more.
    find(&south, &there)?;
    ensure!(locate(&north, &here)?.0["holders"] == json!(holders), "the east is not told of");
    let (words, _) = on_community(&south, "remove", &["--home", &elsewhere])?;
    let (told, _) = locate(&north, &here)?;
    ensure!(told["holders"] == south_alone, "{words} {told}");

    // Who does not tell is told by; who cannot be asked is named.
    join(&north, &east, "the-north", &[])?;
    let closed = format!("https://localhost:{}/xcpd", renkei_tests::port::free()?);
    community::enter(&north.renkei, NOBODY, &closed, &["--discovery", &closed])?;
    let (told, status) = locate(&north, &here)?;
    let answer = |home: &str| {
        let asked = told["asked"].as_array().into_iter().flatten();
        asked.clone().find(|asked| asked["home"] == home).map(|a| a["answer"].to_string())
    };
    ensure!(answer(&elsewhere).as_deref() == Some("\"knows\""), "{told}");
    ensure!(answer(NOBODY).as_deref() == Some("\"problem\"") && status == Some(2), "{told}");
    let entered = told["holders"].as_array().into_iter().flatten().all(|h| h["entered"] == true);
    ensure!(entered, "{told}");

    refused(&south, &there)?;
    are_on_record(north, south, &there)
}

/// Each question is recorded on either side alike: who asked by which certificate, who was asked where, of whom, and
/// what (ITI TF-2: 3.18.5.1, as XCPD's supplement has it for ITI-56).
fn are_on_record(north: World, south: World, there: &PatientId) -> Result<()> {
    let url = south.renkei.ready.endpoints.xcpd.clone().context("no xcpd")?;
    let own = south.renkei.ready.pid.to_string();
    let patient = there.to_string();
    let (asked, answered) = (stopped(north)?, stopped(south)?);
    let of_success = |r: &&Record| r.outcome == 0;
    let sent: Vec<Record> = of(&asked, "ITI-56").into_iter().cloned().collect();
    let taken: Vec<&Record> = of(&answered, "ITI-56").into_iter().filter(of_success).collect();
    assert_eq!((sent.len(), taken.len()), (LOCATED, LOCATED), "{asked:#?} {answered:#?}");
    let mut queries = BTreeSet::new();
    for record in &sent {
        // The command is a process of its own.
        let process = record.participant("110153").and_then(|p| p.alternative_user_id.clone());
        let process = process.context("no process")?;
        ensure!(process != own && process.parse::<u32>().is_ok(), "{process}");
        is_asked(
            record,
            End::new("CN=the-north,O=Renkei", Some(&process), "localhost"),
            End::new(&url, None, "localhost"),
        )?;
        queries.insert(is_location_query(record, &patient)?);
    }
    for record in taken {
        is_asked(
            record,
            End::new("CN=the-north,O=Renkei", None, "127.0.0.1"),
            End::new(&url, Some(&own), "localhost"),
        )?;
        queries.insert(is_location_query(record, &patient)?);
    }
    assert_eq!(queries.len(), 1, "the query is the same on both sides: {queries:?}");

    // What was refused says so, and names who asked; of whom nothing is told.
    let refused = of(&answered, "ITI-56").into_iter().filter(|r| r.outcome != 0);
    let refused: Vec<&Record> = refused.collect();
    assert_eq!(refused.len(), 2, "{refused:#?}");
    for (record, name) in refused.into_iter().zip(["test-gateway", "test-consumer"]) {
        let why = Some("SOAP fault Sender");
        assert_eq!(
            (record.key().as_str(), record.description.as_deref()),
            ("110112 ITI-56 E 8", why)
        );
        is_asked(
            record,
            End::new(&format!("CN={name},O=Renkei"), None, "127.0.0.1"),
            End::new(&url, Some(&own), "localhost"),
        )?;
    }
    Ok(())
}

/// Event, patient and query; the query.
fn is_location_query(record: &Record, patient: &str) -> Result<String> {
    assert_eq!((record.key(), &record.description), ("110112 ITI-56 E 0".to_owned(), &None));
    let [of_patient, query] = &record.objects[..] else { bail!("{record:?}") };
    is_object(of_patient, (1, 1), "2", patient);
    ensure!(of_patient.query.is_none() && of_patient.details.is_empty(), "{of_patient:?}");
    is_object(query, (2, 24), "ITI-56", "PatientLocationQueryRequest");
    assert_eq!(query.details, [("QueryEncoding".to_owned(), "UTF-8".to_owned())]);
    let text = query.query.clone().context("no query")?;
    ensure!(text.contains("PatientLocationQueryRequest"), "{text}");
    let (id, authority) = patient.split_once("^^^&").context("no authority")?;
    let root = authority.split('&').next().unwrap_or_default();
    ensure!(text.contains(&format!("\"{id}\"")) && text.contains(root), "{text}");
    Ok(text)
}

fn refused(w: &World, known: &PatientId) -> Result<()> {
    let told = w.gateway.post(XCPD, &query(&w.patient()))?.fault()?;
    ensure!(told.code == FaultCode::Sender, "{told:?}");
    ensure!(told.en.contains("xcpd-not-located") && told.ja.contains("ITI-55"), "{told:?}");
    fault(&w.consumer.post(XCPD, &query(known))?, FaultCode::Sender)?;
    audit::wait_for(&w.renkei, |r| r.key() == "110112 ITI-56 E 8")?;
    Ok(())
}
