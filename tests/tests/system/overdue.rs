//! A request that takes longer than `limits.request_seconds`: whoever waits is told that the outcome is
//! open and how to ask, and the audit holds the one outcome that it had.

use crate::expect::{plain, row};
use anyhow::{Context, Result, ensure};
use renkei_metadata::ids::{PatientId, RepositoryUniqueId};
use renkei_metadata::model::{AvailabilityStatus, Submission};
use renkei_soap::fault::FaultCode;
use renkei_tests::audit;
use renkei_tests::world::REGISTRY;
use renkei_tests::{Form, Start, World, message, sample};
use renkei_xds::iti18::QueryBuilder;
use std::time::{Duration, Instant};

/// The registry's writer stands still for longer than a request may take, once.
fn slow(form: Form) -> Start {
    Start::new(form).set("limits.request_seconds=1").failpoint("registry.before_commit~5")
}

/// What a repository registers.
fn registration(w: &World, patient: &PatientId) -> Result<Submission> {
    let mut sent = sample::one(patient, b"late");
    let repository = RepositoryUniqueId::parse(&w.renkei.ready.repository_unique_id)?;
    sent.entries[0].repository = Some(repository);
    Ok(sent)
}

/// Waits for the entry and compares the outcomes of ITI-42 in the audit.
fn registered_once(w: World, patient: &PatientId) -> Result<()> {
    let query = QueryBuilder::find_documents(patient, &[AvailabilityStatus::Approved]).build();
    let until = Instant::now() + Duration::from_secs(10);
    while w.query(&query)?.objects.is_empty() {
        ensure!(Instant::now() < until, "it was not registered");
        std::thread::sleep(Duration::from_millis(100));
    }
    let settings = w.renkei.settings();
    let (_, place) = w.renkei.stop()?;
    let records = audit::list(&place.data_dir(), &settings)?;
    let told: Vec<String> = records.iter().map(audit::Record::key).collect();
    let told: Vec<&String> = told.iter().filter(|key| key.contains("ITI-42")).collect();
    assert_eq!(told, ["110107 ITI-42 C 0"]);
    Ok(())
}

/// A test on each database.
fn on_each(test: fn(World) -> Result<()>) -> Result<()> {
    let mut forms = Form::all().into_iter().filter(|form| !form.wired);
    forms.try_for_each(|form| {
        World::start(slow(form)).and_then(test).with_context(|| format!("{form:?}"))
    })
}

#[test]
fn a_registration_whose_sender_hangs_up_has_one_outcome() -> Result<()> {
    on_each(hangs_up)
}

#[test]
fn a_registration_that_is_overdue_has_one_outcome() -> Result<()> {
    on_each(|w| is_overdue(w, "fault-outcome-open"))
}

fn hangs_up(w: World) -> Result<()> {
    let patient = w.patient();
    let message = message::register(&registration(&w, &patient)?);
    let mut wire = w.repository.connect()?;
    wire.send_post(REGISTRY, &message.content_type, &message.body)?;
    std::thread::sleep(Duration::from_millis(300));
    drop(wire);
    registered_once(w, &patient)
}

/// Told by the row `expected`, with how to ask for the outcome.
fn is_overdue(w: World, expected: &str) -> Result<()> {
    let patient = w.patient();
    let sent = registration(&w, &patient)?;
    let set = sent.submission_set.unique_id.to_string();
    let began = Instant::now();
    let fault = w.repository.post(REGISTRY, &message::register(&sent))?.fault()?;
    ensure!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    assert_eq!(fault.code, FaultCode::Receiver, "{fault:?}");
    plain(&format!("{} {}", fault.ja, fault.en))?;
    assert_eq!(row(&fault)?, expected);
    for text in [&fault.ja, &fault.en] {
        for part in ["limits.request_seconds", "GetSubmissionSetAndContents", &set] {
            ensure!(text.contains(part), "no {part}: {text}");
        }
    }

    // What it was told to ask has the answer, as soon as there is one.
    registered_once(w, &patient)
}
