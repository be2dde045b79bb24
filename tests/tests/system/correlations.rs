//! A patient who has another identifier elsewhere: looked for there before documents are asked for (ITI-55),
//! by houses that share nothing, and by a stranger who answers in every way that there is.

pub(crate) mod houses;
mod identifier;
pub(crate) mod later;
pub(crate) mod stranger;

use crate::fields::{End, is_asked, is_discovery, is_query, of, stopped};
use anyhow::{Context, Result, ensure};
use houses::a_person_with_another_id_elsewhere_is_found_there;
use renkei_metadata::ids::PatientId;
use renkei_metadata::model::{AvailabilityStatus, DocumentEntry, RegistryObject};
use renkei_tests::row::named;
use renkei_tests::{Form, World, audit, message, metrics, program};
use renkei_xds::iti18::{QueryBuilder, QueryResponse};
use renkei_xds::response::Status;
use serde_json::Value;
use std::time::{Duration, Instant};
use stranger::{Hanako, Meeting, Mode, STRANGER};

on_every_database! { by on:
    a_patient_is_looked_for_before_documents_are_asked_for
    a_check_is_on_record
    what_was_told_holds_as_long_as_it_may
    what_ends_soon_is_asked_for_anew_beside_the_answer
    who_is_not_the_patient_is_not_asked_for
    more_is_told_once_when_it_is_asked_for
    only_objects_of_the_patient_found_pass
    a_person_with_another_id_elsewhere_is_found_there
}

pub(crate) fn on(postgres: bool, test: fn(Form) -> Result<()>) -> Result<()> {
    if postgres && renkei_tests::postgres::server().is_none() {
        eprintln!("note: no PostgreSQL here, left out");
        return Ok(());
    }
    test(Form { postgres, wired: false })
}

/// What the consumer of `world` is answered by its gateway.
pub(crate) fn find(world: &World, patient: &PatientId) -> Result<QueryResponse> {
    let query = QueryBuilder::find_documents(patient, &[AvailabilityStatus::Approved]).build();
    let reply = world.consumer.post("/xca/initiating", &message::query(&query))?;
    reply.valid_by("ebRS30/query.xsd")?;
    reply.query()
}

fn entries(response: &QueryResponse) -> Vec<&DocumentEntry> {
    let objects = response.objects.iter();
    let entries = objects.filter_map(|object| match object {
        RegistryObject::Entry(entry) => Some(&**entry),
        _ => None,
    });
    entries.collect()
}

/// Runs `renkei community` in the house of `world`.
fn community(world: &World, words: &[&str]) -> Result<Value> {
    let data = world.renkei.place().data_dir().display().to_string();
    let (command, rest) = words.split_first().context("no command")?;
    let settings = world.renkei.settings();
    let sets: Vec<&str> = settings.iter().flat_map(|s| ["--set", s.as_str()]).collect();
    let words = [&["community", command, "--data-dir", &data, "--json"], rest, &sets].concat();
    let output = program::run(&words)?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// Theirs and ours, without a word.
fn both(meeting: &Meeting) -> Result<()> {
    let found = find(&meeting.house, &meeting.patient)?;
    ensure!(found.status == Status::Success && found.errors.is_empty(), "{found:?}");
    ensure!(entries(&found).len() == 2, "{found:?}");
    Ok(())
}

fn a_patient_is_looked_for_before_documents_are_asked_for(form: Form) -> Result<()> {
    let meeting = Meeting::new(form, &[])?;
    let (house, patient) = (&meeting.house, &meeting.patient);
    both(&meeting)?;
    let (looked, asked) = meeting.asked();
    let [looked] = &looked[..] else { anyhow::bail!("{looked:?}") };
    let own = house.renkei.ready.home_community_id.trim_start_matches("urn:oid:");
    for told in [
        &*format!(
            "<representedOrganization classCode=\"ORG\" determinerCode=\"INSTANCE\"><id root=\"{own}\"/>"
        ),
        &*format!("<assignedDevice classCode=\"ASSIGNED\"><id root=\"{}\"/>", patient.authority),
        &*format!("<value root=\"{}\" extension=\"{}\"/>", patient.authority, patient.id),
        "<value use=\"IDE\"><family>健診</family><given>花子</given></value>",
        "<value use=\"SYL\"><family>ケンシン</family><given>ハナコ</given></value>",
        "<value value=\"19750412\"/>",
        "<value code=\"F\"",
        ">P30D</xcpd:CorrelationTimeToLive>",
    ] {
        ensure!(looked.contains(told), "{told}: {looked}");
    }
    ensure!(!looked.contains("patientAddress"), "nobody asked for it: {looked}");
    let theirs = meeting.theirs.to_string().replace('&', "&amp;");
    let [asked] = &asked[..] else { anyhow::bail!("{asked:?}") };
    ensure!(asked.contains(&theirs) && !asked.contains(&patient.id), "{asked}");

    // Their objects come as they are: under their identifier.
    let found = find(house, patient)?;
    let entry = entries(&found)
        .into_iter()
        .find(|e| e.home.as_ref().is_some_and(|h| h.as_str() == STRANGER));
    let entry = entry.context("nothing of theirs")?;
    ensure!(entry.patient_id.as_ref() == Some(&meeting.theirs), "{entry:?}");
    ensure!(meeting.asked().0.len() == 1 && meeting.asked().1.len() == 2, "asked again");

    record(&meeting)?;
    let counted = || -> Result<Value> {
        let listed = community(house, &["list"])?;
        Ok(listed["communities"][0]["correlations"]["known"].clone())
    };
    ensure!(counted()? == 1, "{}", counted()?);
    let cx = patient.to_string();
    let forgotten = community(house, &["forget", "--home", STRANGER, "--patient", &cx])?;
    ensure!(forgotten["forgotten"] == 1 && counted()? == 0, "{forgotten}");
    audit::wait_for(&house.renkei, |r| {
        r.event == "110110"
            && r.action == "D"
            && r.objects_of(1) == [&*cx]
            && r.objects_of(22) == [STRANGER]
    })?;
    both(&meeting)?;
    ensure!(meeting.asked().0.len() == 2, "was not asked anew");
    let forgotten = community(house, &["forget", "--home", STRANGER])?;
    ensure!(forgotten["forgotten"] == 1, "{forgotten}");
    Ok(())
}

/// The record of ITI-55, field by field (ITI TF-2: 3.55.5.1.1).
fn record(meeting: &Meeting) -> Result<()> {
    let house = &meeting.house;
    let record = audit::wait_for(&house.renkei, |r| r.event_type.as_deref() == Some("ITI-55"))?;
    ensure!(record.key() == "110112 ITI-55 E 0" && record.description.is_none(), "{record:?}");
    let (own, url) = (house.renkei.ready.pid.to_string(), meeting.url());
    let asks = End::new(OWN, Some(&own), "localhost");
    is_asked(&record, asks, End::new(&url, None, "localhost"))?;
    // Nobody is named beside the query: as whom the patient is known there is what is asked.
    ensure!(record.objects.len() == 1, "{record:?}");
    let query = is_discovery(&record, STRANGER)?;
    let xml = query.query.as_deref().context("no query")?;
    ensure!(xml.ends_with("</queryByParameter>"), "{xml}");
    ensure!(meeting.asked().0.iter().any(|envelope| envelope.contains(xml)), "{xml}");
    Ok(())
}

/// As whom a house asks a community that issued it no certificate.
const OWN: &str = "CN=own.gateway,O=Renkei";

/// What an operator has a command ask is on record as the house's own question, by the process that asked.
fn a_check_is_on_record(form: Form) -> Result<()> {
    let meeting = Meeting::new(form, &[])?;
    problems(&meeting.house)?;
    let (house, url) = (meeting.house.renkei.ready.pid.to_string(), meeting.url());
    let records = stopped(meeting.house)?;
    let ([query], [question]) = (&of(&records, "ITI-38")[..], &of(&records, "ITI-55")[..]) else {
        anyhow::bail!("{records:#?}")
    };
    for record in [query, question] {
        let process = record.participants.first().and_then(|p| p.alternative_user_id.clone());
        let process = process.context("it does not say which process")?;
        ensure!(process.parse::<u32>().is_ok() && process != house, "{process} is the house");
        let asks = End::new(OWN, Some(&process), "localhost");
        is_asked(record, asks, End::new(&url, None, "localhost"))?;
    }
    let nobody = query.objects_of(1);
    let [nobody] = nobody[..] else { anyhow::bail!("{query:?}") };
    ensure!(nobody.starts_with("check"), "{nobody}");
    is_query(query, "ITI-38", nobody, (0, ""))?;
    ensure!(question.objects.len() == 1, "{question:?}");
    is_discovery(question, STRANGER).map(drop)
}

/// What `renkei community check` says is wrong.
fn problems(world: &World) -> Result<(Option<i32>, String)> {
    let data = world.renkei.place().data_dir().display().to_string();
    let output = program::run(&["community", "check", "--data-dir", &data, "--home", STRANGER])?;
    Ok((output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned()))
}

fn what_was_told_holds_as_long_as_it_may(form: Form) -> Result<()> {
    let meeting = Meeting::new(form, &[])?;
    let looked = || meeting.asked().0.len();
    meeting.answers(Mode::Found { keeps: None });
    both(&meeting)?;
    both(&meeting)?;
    ensure!(looked() == 2, "was kept though nobody said how long it may be");
    meeting.answers(Mode::Found { keeps: Some("PT4S") });
    both(&meeting)?;
    both(&meeting)?;
    ensure!(looked() == 3, "was not kept");
    std::thread::sleep(Duration::from_secs(4));
    meeting.answers(Mode::Found { keeps: Some("P7D") });
    both(&meeting)?;
    both(&meeting)?;
    ensure!(looked() == 4, "was kept for too long, or not at all");

    // Whom they do not know any more, they have to be asked for again.
    meeting.does_not_know(true);
    let found = find(&meeting.house, &meeting.patient)?;
    ensure!(found.status == Status::Success && entries(&found).len() == 1, "{found:?}");
    let told = named(&found.errors, "community-knows-nobody")?;
    ensure!(told.len() == 1 && found.errors.len() == 1, "{found:?}");
    ensure!(told[0].context.contains("見知らぬ町"), "{told:?}");
    meeting.does_not_know(false);
    both(&meeting)?;
    ensure!(looked() == 5, "was not looked for again");

    // Who is described otherwise may be somebody else.
    let hanako = Hanako { address: Some("新町2"), ..Hanako::default() };
    meeting.told_of(&hanako)?;
    both(&meeting)?;
    both(&meeting)?;
    ensure!(looked() == 6, "what was told of somebody else was used");
    Ok(())
}

/// In the last tenth of its time what was told serves still: a community that does not answer ITI-55 meanwhile
/// costs nobody its documents, nor time.
fn what_ends_soon_is_asked_for_anew_beside_the_answer(form: Form) -> Result<()> {
    let meeting = Meeting::new(form, &["gateway.discovery_seconds=3"])?;
    let looked = |times: usize| -> Result<()> {
        let until = Instant::now() + Duration::from_secs(10);
        while meeting.asked().0.len() < times {
            ensure!(Instant::now() < until, "was not asked {times} times");
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(())
    };
    meeting.answers(Mode::Found { keeps: Some("PT60S") });
    both(&meeting)?;
    both(&meeting)?;
    ensure!(meeting.asked().0.len() == 1, "was asked anew at once");
    std::thread::sleep(Duration::from_millis(54_300));
    meeting.answers(Mode::Silent);
    both(&meeting)?;
    both(&meeting)?;
    looked(2)?;
    ensure!(meeting.asked().0.len() == 2, "was asked twice at a time");
    std::thread::sleep(Duration::from_millis(3_200));
    meeting.answers(Mode::Found { keeps: Some("P7D") });
    both(&meeting)?;
    looked(3)?;
    std::thread::sleep(Duration::from_secs(5));
    both(&meeting)?;
    ensure!(meeting.asked().0.len() == 3, "what was told anew was not kept");
    Ok(())
}

fn who_is_not_the_patient_is_not_asked_for(form: Form) -> Result<()> {
    let meeting = Meeting::new(form, &["gateway.discovery_seconds=2"])?;
    let house = &meeting.house;
    let only_ours = |code: &str, what: &str, status: Status| -> Result<()> {
        let found = find(house, &meeting.patient)?;
        ensure!(found.status == status && entries(&found).len() == 1, "{what}: {found:?}");
        let [error] = &found.errors[..] else { anyhow::bail!("{what}: {found:?}") };
        ensure!(error.code == code && error.location == STRANGER, "{what}: {error:?}");
        ensure!(
            error.context.contains(what) && error.context.contains("見知らぬ町"),
            "{what}: {error:?}"
        );
        Ok(())
    };
    let unavailable = "XDSUnavailableCommunity";
    for (mode, row, what) in [
        (Mode::Several, "discovery-several", "several persons who may be the patient"),
        (Mode::Unlike, "discovery-unlike", "name, birth date or sex differ"),
        (Mode::StrangeHome, "discovery-strange-home", "answered for another community"),
        (Mode::Error(Some("ResponderBusy")), "discovery-busy", "too busy to look"),
        (Mode::Error(Some("AnswerNotAvailable")), "discovery-withheld", "does not say by this way"),
        (Mode::Error(Some("InternalError")), "discovery-failed", "because of an error there"),
        (Mode::Error(None), "discovery-failed", "because of an error there"),
        (Mode::Requested, "discovery-more-asked", "MothersMaidenNameRequested"),
        (Mode::Silent, "community-silent", "did not answer in time"),
        (Mode::Garbage, "community-unreadable", "cannot be read"),
    ] {
        meeting.answers(mode);
        only_ours(unavailable, what, Status::PartialSuccess)?;
        let counted = metrics::counters(&house.renkei, "renkei_community_answers")?;
        let label = format!("result=\"{row}\"");
        ensure!(
            counted.keys().any(|l| l.contains(&label) && l.contains("ITI-55")),
            "{row}: {counted:?}"
        );
    }
    meeting.answers(Mode::Nobody);
    let looked = meeting.asked().0.len();
    for _ in 0..2 {
        only_ours("XDSUnknownPatientId", "knows no patient like this one", Status::Success)?;
    }
    ensure!(meeting.asked().0.len() == looked + 1, "discovery-nobody: was not kept");
    let listed = community(house, &["list"])?;
    ensure!(listed["communities"][0]["correlations"]["nobody"] == 1, "{listed}");
    ensure!(meeting.asked().1.is_empty(), "was asked for documents");

    // discovery-too-little: of whom nobody told who it is, nobody is asked.
    let unknown = house.patient();
    let found = find(house, &unknown)?;
    let error = found.errors.first().context("no error")?;
    ensure!(error.context.contains("are not known here"), "{found:?}");
    let counted = metrics::counters(&house.renkei, "renkei_community_answers")?;
    ensure!(counted.keys().any(|l| l.contains("discovery-too-little")), "{counted:?}");
    ensure!(meeting.asked().0.len() == looked + 1, "was looked for");
    Ok(())
}

fn more_is_told_once_when_it_is_asked_for(form: Form) -> Result<()> {
    let meeting = Meeting::new(form, &[])?;
    meeting.told_of(&Hanako { address: Some("架空町1-2-3"), ..Hanako::default() })?;
    meeting.answers(Mode::RequestedAddress);
    both(&meeting)?;
    let (looked, _) = meeting.asked();
    let [first, second] = &looked[..] else { anyhow::bail!("{looked:?}") };
    ensure!(!first.contains("架空町1-2-3") && second.contains("架空町1-2-3"), "{second}");
    ensure!(second.contains("<patientAddress>"), "{second}");
    Ok(())
}

fn only_objects_of_the_patient_found_pass(form: Form) -> Result<()> {
    let meeting = Meeting::new(form, &[])?;
    meeting.sends_of(&meeting.patient);
    let found = find(&meeting.house, &meeting.patient)?;
    ensure!(found.status == Status::PartialSuccess && entries(&found).len() == 1, "{found:?}");
    let error = found.errors.first().context("no error")?;
    let row = "community-object-of-another";
    ensure!(error.code == "XDSResultNotSinglePatient", "{row}: {error:?}");
    ensure!(error.context.contains("another patient"), "{error:?}");

    // A check asks for somebody who is nobody, too.
    meeting.answers(Mode::Nobody);
    let (status, told) = problems(&meeting.house)?;
    ensure!(status == Some(0), "{told}");
    for (mode, what) in [
        (Mode::Error(Some("InternalError")), "ITI-55"),
        (Mode::Found { keeps: None }, "for an unknown patient"),
        (Mode::Garbage, "cannot be read"),
    ] {
        meeting.answers(mode);
        let (status, told) = problems(&meeting.house)?;
        ensure!(status == Some(2) && told.contains(what), "{told}");
    }
    Ok(())
}
