//! What an auditor is told where objects go, or go to another patient (ITI TF-2: 3.57.5.1, 3.62.5.1,
//! 3.64.5.1): every patient whom it concerns.

use crate::audit::is_complete;
use anyhow::{Context, Result, ensure};
use chrono::Utc;
use renkei_hl7v2::adt::{A43, Parties, write_a43_in};
use renkei_hl7v2::charset::Charset;
use renkei_hl7v2::msh::Stamp;
use renkei_metadata::ids::{EntryUuid, ObjectId, PatientId};
use renkei_metadata::model::{AvailabilityStatus, DocumentEntry, Submission};
use renkei_metadata::update::Propagation;
use renkei_tests::audit::{self, Record};
use renkei_tests::world::REGISTRY;
use renkei_tests::{Form, Start, World, message, postgres, sample};
use renkei_xds::iti18::QueryBuilder;
use renkei_xds::response::Status;
use renkei_xds::update::UpdateBuilder;
use std::collections::BTreeSet;
use uuid::Uuid;

#[test]
fn changes_name_every_patient_on_sqlite() -> Result<()> {
    name_every_patient(Form::PLAIN)
}

#[test]
fn changes_name_every_patient_on_postgres() -> Result<()> {
    name_every_patient(Form { postgres: true, wired: false })
}

fn name_every_patient(form: Form) -> Result<()> {
    if form.postgres && postgres::server().is_none() {
        eprintln!("note: no PostgreSQL here, left out");
        return Ok(());
    }
    let w = World::start(Start::new(form))?;
    let patients: Vec<PatientId> = (0..4).map(|_| w.patient()).collect();
    let removed = removed(&w, &patients[0])?;
    given_away(&w, [&patients[0], &patients[1]])?;
    relinked(&w, [&patients[2], &patients[3]])?;
    let settings = w.renkei.settings();
    let (status, place) = w.renkei.stop()?;
    ensure!(status.success(), "{status}");
    let records = audit::list(&place.data_dir(), &settings)?;
    let of = |key: &str| records.iter().filter(|r| r.key() == key).collect::<Vec<_>>();

    let [done] = of("110110 ITI-62 D 0")[..] else { anyhow::bail!("not one removal") };
    let [refused] = of("110110 ITI-62 D 8")[..] else { anyhow::bail!("not one refusal") };
    for record in [done, refused] {
        is_complete(record)?;
        assert_eq!(record.objects_of(3), removed, "the objects, by their ids");
        let life_cycles = record.objects.iter().filter(|o| o.role == 3).map(|o| o.life_cycle);
        ensure!(life_cycles.into_iter().all(|l| l == Some(15)), "erased for good");
    }
    assert_eq!(done.objects_of(1), [patients[0].to_string()]);
    // what is gone tells no longer whose it was
    ensure!(refused.objects_of(1).is_empty(), "{refused:?}");
    assert_eq!(refused.description.as_deref(), Some("UnresolvedReferenceException"));

    // a record for each patient, all else the same
    let updates = of("110107 ITI-57 U 0");
    assert_eq!(named(&updates), strings(&patients[..2]));
    ensure!(updates.len() == 2 && updates[0].objects_of(20) == updates[1].objects_of(20));
    updates.iter().try_for_each(|record| is_complete(record))?;
    let refusals = of("110107 ITI-57 U 8");
    assert_eq!(named(&refusals), strings(&patients[..2]), "a refusal, too");

    let [moved] = of("110110 ITI-64 U 0")[..] else { anyhow::bail!("not one ITI-64") };
    is_complete(moved)?;
    assert_eq!(named(&[moved]), strings(&patients[2..]));
    Ok(())
}

fn named(records: &[&Record]) -> BTreeSet<String> {
    records.iter().flat_map(|r| r.objects_of(1)).map(str::to_owned).collect()
}

fn strings(patients: &[PatientId]) -> BTreeSet<String> {
    patients.iter().map(PatientId::to_string).collect()
}

/// A submission whose ids are known before it is sent: SubmissionSet, DocumentEntry, HasMember.
fn known_ids(patient: &PatientId) -> (Submission, [EntryUuid; 3]) {
    let ids = [(); 3].map(|()| EntryUuid(Uuid::new_v4()));
    let [set, entry, member] = ids.map(ObjectId::Uuid);
    let mut sent = sample::one(patient, b"x");
    sent.associations[0].id = member;
    sent.associations[0].source = set.clone();
    sent.associations[0].target = entry.clone();
    sent.entries[0].id = entry;
    sent.submission_set.id = set;
    (sent, ids)
}

/// Removes a submission, and again, which is refused; gives its ids.
fn removed(w: &World, patient: &PatientId) -> Result<Vec<String>> {
    let (sent, ids) = known_ids(patient);
    w.submitted(&sent, &[b"x"])?;
    ensure!(w.remove_metadata(&ids)?.status == Status::Success);
    ensure!(w.remove_metadata(&ids)?.status == Status::Failure);
    Ok(ids.map(|id| id.to_string()).to_vec())
}

/// A document goes to another patient by ITI-57; again, from a version that is old, it does not.
fn given_away(w: &World, [from, to]: [&PatientId; 2]) -> Result<()> {
    w.submitted(&sample::one(to, b"y"), &[b"y"])?;
    let sent = sample::one(from, b"z");
    w.submitted(&sent, &[b"z"])?;
    let query = QueryBuilder::find_documents(from, &[AvailabilityStatus::Approved]);
    let entry = w.entries(query)?.pop().context("no document")?;
    let update = |entry: DocumentEntry| -> Result<_> {
        let mut set = sample::one(to, b"").submission_set;
        set.unique_id = sample::new_oid();
        let moved = DocumentEntry { patient_id: Some(to.clone()), ..entry };
        let update = UpdateBuilder::new(set).entry(moved, Propagation::Yes)?.build();
        w.administrator.post(REGISTRY, &message::update(&update))?.registry()
    };
    let stale = DocumentEntry { version: Some(7), ..entry.clone() };
    ensure!(update(stale)?.status == Status::Failure);
    let response = update(entry)?;
    ensure!(response.status == Status::Success, "{response:?}");
    Ok(())
}

/// A local identifier goes to another patient by ITI-64, and its document with it.
fn relinked(w: &World, [previous, new]: [&PatientId; 2]) -> Result<()> {
    let mut feed = w.feed_as(&w.feed)?;
    for patient in [previous, new] {
        let answer = feed.send(&sample::a04(patient, "移動", "イドウ"))?;
        ensure!(answer.contains("MSA|AA|"), "{answer}");
    }
    let local = sample::patient("1.2.3.9");
    let mut sent = sample::one(previous, b"w");
    sent.entries[0].source_patient_id = Some(local.to_string());
    w.submitted(&sent, &[b"w"])?;
    let a43 = A43 {
        stamp: Stamp::new(Utc::now(), Uuid::new_v4()),
        parties: Parties {
            sending_application: "1.2.3.8".to_owned(),
            sending_facility: "TEST".to_owned(),
            receiving_application: "REGISTRY".to_owned(),
            receiving_facility: "RENKEI".to_owned(),
        },
        new: new.clone(),
        local,
        previous: previous.clone(),
        subsumed: None,
    };
    let message = write_a43_in(&a43, &Charset::utf8()).context("no message")?;
    let answer = feed.send(&message)?;
    ensure!(answer.contains("MSA|AA|"), "{answer}");
    Ok(())
}
