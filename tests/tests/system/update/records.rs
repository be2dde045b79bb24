//! What an auditor is told of updates.

use super::*;

#[test]
fn updates_leave_their_records_on_sqlite() -> Result<()> {
    leave_their_records(Form { postgres: false, wired: false })
}

#[test]
fn updates_leave_their_records_on_postgres() -> Result<()> {
    leave_their_records(Form { postgres: true, wired: false })
}

/// Each record field by field (ITI TF-2: 3.57.5.1, 3.92.5.1; DICOM PS3.15 A.5).
fn leave_their_records(form: Form) -> Result<()> {
    if form.postgres && postgres::server().is_none() {
        eprintln!("note: no PostgreSQL here, left out");
        return Ok(());
    }
    let w = World::start(Start::new(form))?;
    let admin = Admin::of(&w);
    let (patient, entry) = admin.document()?;
    let good = of(&patient, &entry)?.build();
    let stale = of(&patient, &entry)?.build();
    ensure!(admin.send(&good)?.status == Status::Success);
    ensure!(admin.send(&stale)?.status == Status::Failure);
    let (third, fourth) =
        (of(&patient, &admin.newest(&patient)?)?.build(), of(&patient, &entry)?.build());
    ensure!(admin.restricted(&third.message())?.status == Status::Success);
    ensure!(admin.restricted(&fourth.message())?.status == Status::Failure);
    let message = message::update(&good);
    fault(&w.consumer.post(REGISTRY, &message)?, FaultCode::Sender)?;
    let (url, settings) = (w.renkei.registry().to_owned(), w.renkei.settings());
    let (caller, place) = (admin.caller.name.clone(), w.renkei.stop()?.1);
    let records = audit::list(&place.data_dir(), &settings)?;
    let is_update =
        |r: &&Record| ["ITI-57", "ITI-92"].contains(&r.event_type.as_deref().unwrap_or(""));
    let found: Vec<&Record> = records.iter().filter(is_update).collect();
    let keys: Vec<String> = found.iter().map(|r| r.key()).collect();
    let expected = [
        "110107 ITI-57 U 0",
        "110107 ITI-57 U 8",
        "110107 ITI-92 U 0",
        "110107 ITI-92 U 8",
        "110107 ITI-57 U 8",
    ];
    let (mut sorted, mut wanted) = (keys.clone(), expected.map(str::to_owned).to_vec());
    sorted.sort();
    wanted.sort();
    assert_eq!(sorted, wanted);
    for update in [&good, &stale, &third, &fourth] {
        let set = update.submission_set.unique_id.as_str();
        let of_set: Vec<&&Record> =
            found.iter().filter(|r| r.objects_of(20).contains(&set)).collect();
        ensure!(of_set.len() == 1, "{} records of {set}", of_set.len());
        is_complete(of_set[0], &patient, &caller, &url)?;
    }
    let refusal = found.iter().filter(|r| r.outcome == 8 && !r.objects.is_empty());
    for record in refusal {
        ensure!(record.description.as_deref() == Some(VERSION), "{record:?}");
    }
    Ok(())
}

fn is_complete(record: &Record, patient: &PatientId, caller: &str, url: &str) -> Result<()> {
    let source = record.participant("110153").context("no source")?;
    let destination = record.participant("110152").context("no destination")?;
    ensure!(source.requestor && !destination.requestor, "{record:?}");
    ensure!(source.network.is_some(), "{source:?}");
    ensure!(destination.user_id == url && destination.alternative_user_id.is_some(), "{record:?}");
    ensure!(record.objects.len() == 2, "{record:?}");
    ensure!(record.objects_of(1) == [patient.to_string()], "{record:?}");
    let types: Vec<(u8, u8)> = record.objects.iter().map(|o| (o.type_code, o.role)).collect();
    ensure!(types == [(1, 1), (2, 20)], "{types:?}");
    ensure!(!caller.is_empty() && record.event == "110107");
    Ok(())
}
