//! Each transaction leaves the records that its profile prescribes, and no others (ITI TF-2: 3.18.5.1,
//! 3.41.5.1, 3.42.5.1, 3.43.6.1, 3.8.5.1; DICOM PS3.15 A.5).

use crate::expect::fault;
use anyhow::{Context, Result, ensure};
use renkei_metadata::ids::{PatientId, Sha1Hash};
use renkei_metadata::model::{AvailabilityStatus, Submission};
use renkei_soap::fault::FaultCode;
use renkei_tests::audit::{self, Record};
use renkei_tests::world::REPOSITORY;
use renkei_tests::{Form, Start, World, message, postgres, sample};
use renkei_xds::catalogue::{FIND_DOCUMENTS, FIND_DOCUMENTS_FOR_PATIENTS};
use renkei_xds::iti18::QueryBuilder;
use renkei_xds::response::Status;

#[test]
fn each_transaction_leaves_its_records_on_sqlite() -> Result<()> {
    leaves_its_records(Form { postgres: false, wired: false })
}

#[test]
fn each_transaction_leaves_its_records_on_sqlite_wired() -> Result<()> {
    leaves_its_records(Form { postgres: false, wired: true })
}

#[test]
fn each_transaction_leaves_its_records_on_postgres() -> Result<()> {
    leaves_its_records(Form { postgres: true, wired: false })
}

/// What the house writes for a submission that the registry accepts or refuses with outcome 0 or 8:
/// the repository that was given documents and registers them, the registry that takes them.
fn provided(outcome: u8) -> Vec<String> {
    ["110107 ITI-41 C", "110106 ITI-42 R", "110107 ITI-42 C"]
        .map(|key| format!("{key} {outcome}"))
        .to_vec()
}

/// Everything that is done here, and the records that it must leave.
struct Story {
    patient: PatientId,
    sent: Submission,
    expected: Vec<String>,
}

fn leaves_its_records(form: Form) -> Result<()> {
    if form.postgres && postgres::server().is_none() {
        eprintln!("note: no PostgreSQL here, left out");
        return Ok(());
    }
    let w = World::start(Start::new(form))?;
    let story = happens(&w)?;
    let (url, settings) = (w.renkei.repository().to_owned(), w.renkei.settings());
    let (status, place) = w.renkei.stop()?;
    ensure!(status.success(), "{status}");
    let records = audit::list(&place.data_dir(), &settings)?;

    let mut found: Vec<String> = records.iter().map(Record::key).collect();
    let mut expected = story.expected.clone();
    expected.extend(["110100 110120 E 0", "110100 110121 E 0"].map(str::to_owned));
    // Looking at the records is recorded before they are shown.
    expected.push("110101 - R 0".to_owned());
    found.sort();
    expected.sort();
    assert_eq!(found, expected);

    assert_eq!(records[0].event_type.as_deref(), Some("110120"), "the start comes first");
    records.iter().try_for_each(is_complete)?;
    submissions_name_patient_and_set(&records, &story, &url)?;
    queries_hold_what_was_asked(&records, &story)?;
    retrievals_name_documents(&records, &story)?;
    removals_name_documents(&records, &story)?;
    feeds_name_the_patient(&records, &story)
}

/// One of each, good and bad.
fn happens(w: &World) -> Result<Story> {
    let patient = w.patient();
    let mut expected: Vec<String> = Vec::new();
    let mut expect = |keys: &[&str]| expected.extend(keys.iter().map(|k| (*k).to_owned()));

    let a04 = sample::a04(&patient, "監査", "カンサ");
    let answer = w.feed_as(&w.feed)?.send(&a04)?;
    ensure!(answer.contains("MSA|AA|"), "{answer}");
    expect(&["110110 ITI-8 C 0"]);
    let stranger = String::from_utf8(a04.clone())?.replace(&patient.to_string(), "7^^^NEVER");
    let answer = w.feed_as(&w.feed)?.send(stranger.as_bytes())?;
    ensure!(answer.contains("MSA|AE|"), "{answer}");
    expect(&["110110 ITI-8 C 8"]);
    let answer = w.feed_as(&w.consumer)?.send(&a04)?;
    ensure!(answer.contains("MSA|AR|"), "{answer}");
    expect(&["110110 ITI-8 C 8"]);

    let sent = sample::one(&patient, b"x");
    w.submitted(&sent, &[b"x"])?;
    ensure!(w.submit(&sent, &[b"x"])?.status == Status::Failure);
    // The repository refuses this by itself.
    let mut wrong = sample::one(&patient, b"y");
    wrong.entries[0].hash = Some(Sha1Hash::from_digest([7; 20]));
    ensure!(w.submit(&wrong, &[b"y"])?.status == Status::Failure);
    expect(&["110107 ITI-41 C 8"]);
    let by_others = message::provide_and_register(&wrong, &[b"y"]);
    fault(&w.consumer.post(REPOSITORY, &by_others)?, FaultCode::Sender)?;
    expect(&["110107 ITI-41 C 8"]);

    let mut direct = sample::one(&patient, b"z");
    ensure!(w.register(&direct)?.status == Status::Failure);
    direct.entries[0].repository =
        Some(renkei_metadata::ids::RepositoryUniqueId(sample::new_oid()));
    ensure!(w.register(&direct)?.status == Status::Success);
    expect(&["110107 ITI-42 C 8", "110107 ITI-42 C 0"]);

    w.documents_of(&patient)?;
    let bad = QueryBuilder::new(FIND_DOCUMENTS).build();
    ensure!(w.query(&bad)?.status == Status::Failure);
    expect(&["110112 ITI-18 E 0", "110112 ITI-18 E 8"]);
    // A record for each patient (ITI TF-2: 3.20.7.1).
    let several = QueryBuilder::new(FIND_DOCUMENTS_FOR_PATIENTS)
        .patients([&patient, &w.patient()])
        .statuses(&[AvailabilityStatus::Approved]);
    ensure!(w.query(&several.build())?.status == Status::Success);
    expect(&["110112 ITI-51 E 0", "110112 ITI-51 E 0"]);

    let there = w.request(&sent.entries[0].unique_id)?;
    let missing = w.request(&wrong.entries[0].unique_id)?;
    w.retrieve(std::slice::from_ref(&there))?;
    w.retrieve(std::slice::from_ref(&missing))?;
    // Two outcomes, two records (ITI TF-2: 3.43.6.1).
    w.retrieve(&[there, missing])?;
    let (good, bad) = ("110106 ITI-43 R 0", "110106 ITI-43 R 8");
    expect(&[good, bad, good, bad]);

    let there = w.request(&sent.entries[0].unique_id)?;
    ensure!(w.remove_documents(std::slice::from_ref(&there))?.status == Status::Success);
    ensure!(w.remove_documents(&[there])?.status == Status::Failure);
    expect(&["110110 ITI-86 D 0", "110110 ITI-86 D 8"]);

    expected.extend(provided(0));
    expected.extend(provided(8));
    Ok(Story { patient, sent, expected })
}

/// What every record of a transaction has (DICOM PS3.15 A.5.2).
pub(crate) fn is_complete(record: &Record) -> Result<()> {
    let is_transaction = record.event_type.as_ref().is_some_and(|t| t.starts_with("ITI-"));
    if !is_transaction {
        return Ok(());
    }
    let key = record.key();
    let source = record.participant("110153").with_context(|| format!("{key}: no source"))?;
    let destination =
        record.participant("110152").with_context(|| format!("{key}: no destination"))?;
    assert_eq!(record.participants.len(), 2, "{key}");
    for end in [source, destination] {
        ensure!(end.network.as_ref().is_some_and(|n| !n.is_empty()), "{key}: no network");
        ensure!(!end.user_id.is_empty(), "{key}: no UserID");
    }
    ensure!(source.requestor != destination.requestor, "{key}: two or no requestors");
    let own = [source, destination].iter().filter(|p| p.alternative_user_id.is_some()).count();
    assert_eq!(own, 1, "{key}: one end is the process that wrote it");
    ensure!((record.outcome == 0) == record.description.is_none(), "{key}: {record:?}");
    Ok(())
}

fn of<'r>(records: &'r [Record], key: &str) -> Vec<&'r Record> {
    records.iter().filter(|r| r.key() == key).collect()
}

fn submissions_name_patient_and_set(records: &[Record], story: &Story, url: &str) -> Result<()> {
    let set = story.sent.submission_set.unique_id.as_str();
    for key in provided(0).iter().chain(&provided(8)) {
        let fits = |r: &&Record| r.objects_of(20) == [set];
        let record = of(records, key).into_iter().find(fits);
        let record = record.with_context(|| format!("{key}: not of the submission"))?;
        assert_eq!(record.objects_of(1), [story.patient.to_string()], "{key}");
    }
    let provided = of(records, "110107 ITI-41 C 0")[0];
    let source = provided.participant("110153").context("no source")?;
    ensure!(source.user_id.contains("CN=test-source"), "{source:?}");
    assert_eq!(source.network.as_deref(), Some("127.0.0.1"));
    let destination = provided.participant("110152").context("no destination")?;
    assert_eq!(destination.user_id, url, "the endpoint as the client dialled it");
    // Both ends of ITI-42 name the same nodes.
    let (sent, taken) = ("110106 ITI-42 R 0", "110107 ITI-42 C 0");
    let set_of = |r: &&&Record| r.objects_of(20) == [set];
    let ends = |key: &str| {
        let records = of(records, key);
        let record = records.iter().find(set_of).expect("checked above");
        record.participants.iter().map(|p| p.user_id.clone()).collect::<Vec<_>>()
    };
    assert_eq!(ends(sent), ends(taken));
    let codes = |r: &&&Record| r.description.as_deref() == Some("XDSDuplicateUniqueIdInRegistry");
    assert_eq!(of(records, "110107 ITI-41 C 8").iter().filter(codes).count(), 1);
    Ok(())
}

fn queries_hold_what_was_asked(records: &[Record], story: &Story) -> Result<()> {
    let query = of(records, "110112 ITI-18 E 0")[0];
    assert_eq!(query.objects_of(1), [story.patient.to_string()]);
    assert_eq!(query.objects_of(24), [FIND_DOCUMENTS]);
    let object = query.objects.iter().find(|o| o.role == 24).context("no query")?;
    assert_eq!(object.id_type, "ITI-18");
    let asked = object.query.as_deref().context("no text")?;
    ensure!(asked.starts_with("<query:AdhocQueryRequest") && asked.contains(FIND_DOCUMENTS));
    ensure!(asked.contains(AvailabilityStatus::Deprecated.urn()), "{asked}");
    ensure!(object.details.contains(&("QueryEncoding".to_owned(), "UTF-8".to_owned())));
    let several = of(records, "110112 ITI-51 E 0");
    let named: Vec<_> = several.iter().flat_map(|r| r.objects_of(1)).collect();
    ensure!(named.len() == 2 && named[0] != named[1], "{named:?}");
    let failed = of(records, "110112 ITI-18 E 8")[0];
    assert_eq!(failed.description.as_deref(), Some("XDSStoredQueryMissingParam"));
    Ok(())
}

fn retrievals_name_documents(records: &[Record], story: &Story) -> Result<()> {
    let document = story.sent.entries[0].unique_id.as_str();
    for record in of(records, "110106 ITI-43 R 0") {
        assert_eq!(record.objects_of(3), [document]);
        let object = &record.objects[0];
        let names: Vec<&str> = object.details.iter().map(|(name, _)| name.as_str()).collect();
        ensure!(names.contains(&"Repository Unique Id"), "{names:?}");
    }
    for record in of(records, "110106 ITI-43 R 8") {
        ensure!(record.objects_of(3).len() == 1 && record.objects_of(3) != [document]);
        assert_eq!(record.description.as_deref(), Some("XDSDocumentUniqueIdError"));
    }
    Ok(())
}

/// ITI TF-2: 3.86.5.1.
fn removals_name_documents(records: &[Record], story: &Story) -> Result<()> {
    let document = story.sent.entries[0].unique_id.as_str();
    for key in ["110110 ITI-86 D 0", "110110 ITI-86 D 8"] {
        let record = of(records, key)[0];
        assert_eq!(record.objects_of(3), [document]);
        let object = &record.objects[0];
        assert_eq!(object.life_cycle, Some(15), "{key}: erased for good");
        ensure!(object.details.iter().any(|(name, _)| name == "Repository Unique Id"), "{key}");
    }
    let refused = of(records, "110110 ITI-86 D 8")[0];
    assert_eq!(refused.description.as_deref(), Some("XDSDocumentUniqueIdError"));
    Ok(())
}

fn feeds_name_the_patient(records: &[Record], story: &Story) -> Result<()> {
    let feed = of(records, "110110 ITI-8 C 0")[0];
    assert_eq!(feed.objects_of(1), [story.patient.to_string()]);
    ensure!(feed.objects[0].details.iter().any(|(name, _)| name == "MSH-10"), "{feed:?}");
    Ok(())
}
