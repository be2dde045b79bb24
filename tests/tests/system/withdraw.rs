//! What an institution submitted is withdrawn by command; in `corrected` when the identity of a person
//! is another one.

mod corrected;

use crate::forms::by_form;
use crate::institution::{DOCUMENTS, Institution, approved};
use anyhow::{Context, Result, ensure};
use renkei_metadata::ids::PatientId;
use renkei_metadata::model::{AssociationType, AvailabilityStatus, DocumentEntry, Submission};
use renkei_tests::exports::{self, delivery};
use renkei_tests::program::{self, Build};
use renkei_tests::{Form, Start, World, sample, whole};
use renkei_xds::iti18::QueryBuilder;
use renkei_xds::response::Status;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

on_every_database! { by by_form:
    one_checkup_goes_with_all_its_versions_and_the_others_stay
    without_a_terminal_somebody_has_to_say_yes
    who_is_no_administrator_withdraws_nothing
    documents_of_another_source_with_the_same_key_are_not_touched
    what_somebody_appended_to_is_deprecated_and_told
    two_runs_at_once_end_as_one
}

const BORN: &str = "1981/4/1";
const CORRECTED: &str = "1981/4/11";
/// The institution of the deliveries.
const NUMBER: &str = "2399900576";

/// An institution whose identity may withdraw, with the mapping of the deliveries.
struct House(Institution);

impl House {
    fn new(form: Form) -> Result<Self> {
        let mut institution = Institution::start(Start::new(form))?;
        let settings = institution.settings()?;
        let more: Vec<&str> = settings.iter().flat_map(|s| ["--set", s]).collect();
        let identities = institution.world.renkei.identities();
        let roles = ["source", "feed", "administrator"];
        institution.identity(identities.issue_with("clinic", &roles, &more)?);
        institution.mapping(&delivery("map.toml"));
        Ok(Self(institution))
    }

    /// The same, with a number for each checkup.
    fn numbered(form: Form) -> Result<Self> {
        let mut house = Self::new(form)?;
        let map = std::fs::read_to_string(delivery("map.toml"))?;
        let with = "encoding = \"utf-8\"\nreport_no = \"受付番号\"";
        let path = house.0.path("map.toml");
        std::fs::write(&path, map.replace("encoding = \"utf-8\"", with))?;
        house.0.mapping(&path);
        Ok(house)
    }

    fn w(&self) -> &World {
        &self.0.world
    }

    /// An export of rows of number, person, birth date and day.
    fn rows(&self, rows: &[[&str; 4]]) -> Result<PathBuf> {
        let mut text = "受付番号,ID,カナ,氏名,性別,生年月日,受診日,身長,体重\n".to_owned();
        for [number, person, birth, day] in rows {
            text += &format!("{number},{person},アオイ ナギ,蒼井 凪,女,{birth},{day},160.0,50.0\n");
        }
        let path = self.0.path("numbered.csv");
        std::fs::write(&path, text)?;
        Ok(path)
    }

    fn submit(&self, export: &Path) -> Result<Value> {
        let (status, report) = self.0.submit(export)?;
        ensure!(status == Some(0), "{report}");
        Ok(report)
    }

    fn only_patient(&self) -> Result<PatientId> {
        self.0.people()?.into_values().next().context("nobody")
    }

    fn documents(&self, patient: &PatientId) -> Result<Vec<DocumentEntry>> {
        self.w().documents_of(patient)
    }

    /// The command line that withdraws.
    fn arguments(&self, more: &[&str]) -> Vec<String> {
        let mut arguments = vec!["withdraw".to_owned()];
        let shared = ["--connect", "--identity", "--state-dir"];
        let mut words = self.0.arguments(Path::new("x")).into_iter();
        while let Some(word) = words.next() {
            if shared.contains(&word.as_str()) {
                arguments.push(word);
                arguments.extend(words.next());
            }
        }
        arguments.extend(more.iter().map(|word| (*word).to_owned()));
        arguments.push("--json".to_owned());
        arguments
    }

    fn withdraw(&self, more: &[&str]) -> Result<(Option<i32>, Value)> {
        let arguments = self.arguments(more);
        let output = program::run(&arguments.iter().map(String::as_str).collect::<Vec<_>>())?;
        let report = serde_json::from_slice(&output.stdout);
        let report =
            report.with_context(|| String::from_utf8_lossy(&output.stderr).into_owned())?;
        Ok((output.status.code(), report))
    }

    /// Runs a command until it dies at a step.
    fn killed_at(&self, step: &str, arguments: &[String]) -> Result<()> {
        let status = Command::new(program::path(Build::Failpoints)?)
            .args(arguments)
            .env("RENKEI_FAILPOINT", step)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()?;
        ensure!(status.code().is_none(), "{step} was not reached: {status}");
        Ok(())
    }

    /// Nothing that the registry or the repository has is of this patient.
    fn nothing_of(&self, patient: &PatientId, documents: &[DocumentEntry]) -> Result<()> {
        ensure!(!documents.is_empty());
        let all = QueryBuilder::get_all(patient, &AvailabilityStatus::ALL);
        let all = self.w().query(&all.everything().build())?;
        ensure!(all.status == Status::Success && all.objects.is_empty(), "{all:#?}");
        for entry in documents {
            let got = self.w().retrieve(&[self.w().request(&entry.unique_id)?])?;
            ensure!(got.documents.is_empty(), "{} can be retrieved", entry.unique_id);
        }
        Ok(())
    }

    /// What is registered is there, and whole.
    fn is_whole(&self) -> Result<()> {
        let renkei = &self.w().renkei;
        let settled = Duration::from_secs(20);
        let counts = whole::settled(renkei.place(), &renkei.settings(), settled)?;
        ensure!(counts.faults() == [0; 4], "{counts:?}");
        Ok(())
    }
}

fn count(report: &Value, key: &str) -> u64 {
    report[key].as_u64().unwrap_or_default()
}

#[test]
fn a_delivery_is_withdrawn_and_comes_back_when_it_is_submitted_again() -> Result<()> {
    for form in Form::all() {
        let mut house = House::new(form)?;
        house.0.mapping(&exports::mapping());
        let export = exports::good_rows(2025, 3, &house.0.path("."))?;
        let report = house.submit(&export)?;
        assert_eq!(count(&report, "submitted"), 3, "{report}");
        let before = house.0.documents()?;
        let people = house.0.people()?;

        let (text, map) = (export.display().to_string(), exports::mapping().display().to_string());
        let delivery = [text.as_str(), "--mapping", &map];
        let (status, report) = house.withdraw(&[&delivery[..], &["--dry-run"]].concat())?;
        assert_eq!((status, count(&report, "documents")), (Some(0), 15), "{report}");
        assert_eq!(house.0.documents()?, before, "looking changes nothing");

        let (status, report) = house.withdraw(&[&delivery[..], &["--yes"]].concat())?;
        assert_eq!((status, count(&report, "removed")), (Some(0), 15), "{form:?}: {report}");
        for (person, patient) in &people {
            house.nothing_of(patient, &before[person])?;
        }
        let state = std::fs::read(house.0.path("state/seen-identities"))?;
        assert_eq!(state.len(), 16, "nothing of them is remembered");

        let state = house.0.path("state").display().to_string();
        let audited = program::run(&["audit", "list", "--state-dir", &state, "--json"])?;
        let audited = String::from_utf8_lossy(&audited.stdout).into_owned();
        for transaction in ["ITI-51", "ITI-57", "ITI-62", "ITI-86"] {
            ensure!(audited.contains(transaction), "{transaction}: {audited}");
        }
        // Nothing is left to do.
        let (status, report) = house.withdraw(&[&delivery[..], &["--yes"]].concat())?;
        assert_eq!((status, count(&report, "documents")), (Some(0), 0), "{report}");
        // What is submitted again is new again.
        for round in 0..2 {
            let report = house.submit(&export)?;
            let expected = if round == 0 { [3, 0] } else { [0, 3] };
            let told = [count(&report, "submitted"), count(&report, "repeated")];
            assert_eq!(told, expected, "{report}");
        }
        for (person, entries) in house.0.documents()? {
            assert_eq!(
                (entries.len(), approved(&entries).len()),
                (DOCUMENTS, DOCUMENTS),
                "{person}"
            );
        }
        house.is_whole()?;
    }
    Ok(())
}

fn one_checkup_goes_with_all_its_versions_and_the_others_stay(form: Form) -> Result<()> {
    let house = House::numbered(form)?;
    house.submit(
        &house.rows(&[["R1", "Z1", BORN, "2025/5/12"], ["R2", "Z1", BORN, "2025/11/4"]])?,
    )?;
    let patient = house.only_patient()?;
    // another day: the earlier versions are replaced
    house.submit(&house.rows(&[["R1", "Z1", BORN, "2025/5/13"]])?)?;
    assert_eq!(house.documents(&patient)?.len(), 3 * DOCUMENTS);

    let one = ["--institution", NUMBER, "--report-no", "R1", "--yes"];
    let (status, report) = house.withdraw(&one)?;
    assert_eq!((status, count(&report, "removed")), (Some(0), 10), "{report}");
    let left = house.documents(&patient)?;
    assert_eq!((left.len(), approved(&left).len()), (DOCUMENTS, DOCUMENTS));
    ensure!(
        left.iter().all(|e| e.service_start.as_ref().is_some_and(|d| d.as_str() == "20251104"))
    );
    house.is_whole()?;

    // and the last one, with the folder of the year that the first one brought
    let (status, report) =
        house.withdraw(&["--institution", NUMBER, "--report-no", "R2", "--yes"])?;
    assert_eq!((status, count(&report, "removed")), (Some(0), 5), "{report}");
    house.nothing_of(&patient, &left)
}

fn without_a_terminal_somebody_has_to_say_yes(form: Form) -> Result<()> {
    let house = House::numbered(form)?;
    house.submit(&house.rows(&[["R1", "Z1", BORN, "2025/5/12"]])?)?;
    let arguments = house.arguments(&["--institution", NUMBER, "--report-no", "R1"]);
    let output = program::run(&arguments.iter().map(String::as_str).collect::<Vec<_>>())?;
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{told}");
    ensure!(told.contains("--yes") && told.contains("端末"), "{told}");
    assert_eq!(approved(&house.documents(&house.only_patient()?)?).len(), DOCUMENTS);
    Ok(())
}

fn who_is_no_administrator_withdraws_nothing(form: Form) -> Result<()> {
    let mut house = House::numbered(form)?;
    house.submit(&house.rows(&[["R1", "Z1", BORN, "2025/5/12"]])?)?;
    let connect = house.w().renkei.connect_file()?;
    let identity = house.w().renkei.identities().issue("plain", &["source", "feed"])?;
    std::fs::copy(connect, identity.join("connect.json"))?;
    house.0.identity(identity);
    let (status, report) =
        house.withdraw(&["--institution", NUMBER, "--report-no", "R1", "--yes"])?;
    assert_eq!(
        (status, &report["withdrawals"][0]["reason"]),
        (Some(2), &"not-administrator".into())
    );
    ensure!(report["withdrawals"][0]["ja"].as_str().is_some_and(|ja| ja.contains("administrator")));
    Ok(())
}

/// The same key in another source's submission.
fn of_another_source(house: &House, original: &DocumentEntry) -> Result<Submission> {
    let patient = house.w().patient();
    house.w().feed_as(&house.w().feed)?.send(&sample::a04(&patient, "青井", "アオイ"))?;
    let mut sent = sample::one(&patient, b"of another source");
    sent.entries[0].reference_ids.clone_from(&original.reference_ids);
    house.w().submitted(&sent, &[b"of another source"])?;
    Ok(sent)
}

fn documents_of_another_source_with_the_same_key_are_not_touched(form: Form) -> Result<()> {
    let house = House::numbered(form)?;
    house.submit(&house.rows(&[["R1", "Z1", BORN, "2025/5/12"]])?)?;
    let first = house.only_patient()?;
    let original = house.documents(&first)?.into_iter().next().context("nothing")?;
    let other = of_another_source(&house, &original)?;
    let patient = other.submission_set.patient_id.clone().context("nobody")?;
    let stays = || -> Result<()> {
        let entries = house.documents(&patient)?;
        assert_eq!((entries.len(), approved(&entries).len()), (1, 1));
        assert_eq!(house.w().content(&other.entries[0].unique_id)?, b"of another source");
        Ok(())
    };
    let report = house.submit(&house.rows(&[["R1", "Z1", CORRECTED, "2025/5/12"]])?)?;
    assert_eq!(count(&report, "withdrawn"), DOCUMENTS as u64, "{report}");
    stays()?;
    let one = ["--institution", NUMBER, "--report-no", "R1", "--yes"];
    let (status, report) = house.withdraw(&one)?;
    assert_eq!((status, count(&report, "removed")), (Some(0), 5), "{report}");
    stays()
}

fn what_somebody_appended_to_is_deprecated_and_told(form: Form) -> Result<()> {
    let house = House::numbered(form)?;
    house.submit(&house.rows(&[["R1", "Z1", BORN, "2025/5/12"]])?)?;
    let patient = house.only_patient()?;
    let original = house.documents(&patient)?.into_iter().next().context("nothing")?;
    let mut addendum = sample::one(&patient, b"addendum");
    let (document, appends) = (addendum.entries[0].id.clone(), AssociationType::Apnd);
    addendum.associations.push(sample::association("apnd", appends, &document, &original.id));
    house.w().submitted(&addendum, &[b"addendum"])?;
    let one = ["--institution", NUMBER, "--report-no", "R1", "--yes"];
    for _ in 0..2 {
        let (status, report) = house.withdraw(&one)?;
        let told = &report["withdrawals"][0];
        assert_eq!((status, &told["outcome"]), (Some(2), &"deprecated".into()), "{report}");
        assert_eq!(told["reason"], "related", "{report}");
        ensure!(told["ja"].as_str().is_some_and(|ja| ja.contains("追記")), "{report}");
    }
    let entries = house.documents(&patient)?;
    let own: Vec<DocumentEntry> =
        entries.into_iter().filter(|e| e.unique_id != addendum.entries[0].unique_id).collect();
    assert_eq!((own.len(), approved(&own).len()), (DOCUMENTS, 0));
    ensure!(!house.w().content(&original.unique_id)?.is_empty());
    Ok(())
}

fn two_runs_at_once_end_as_one(form: Form) -> Result<()> {
    let house = House::numbered(form)?;
    let numbers = ["R1", "R2", "R3", "R4"];
    let people = ["Z1", "Z2", "Z3", "Z4"];
    let rows: Vec<_> = std::iter::zip(numbers, people)
        .map(|(number, person)| [number, person, BORN, "2025/5/12"])
        .collect();
    let export = house.rows(&rows)?;
    house.submit(&export)?;
    let (before, patients) = (house.0.documents()?, house.0.people()?);
    assert_eq!(before.len(), 4);
    let map = house.0.path("map.toml").display().to_string();
    let delivery = [&export.display().to_string(), "--mapping", &map, "--yes"];
    let first = house.arguments(&delivery);
    let second: Vec<String> =
        first.iter().map(|word| word.replace("/state", "/other-state")).collect();
    let run = |arguments: Vec<String>| {
        std::thread::spawn(move || {
            program::run(&arguments.iter().map(String::as_str).collect::<Vec<_>>())
        })
    };
    for run in [run(first), run(second)] {
        let output = run.join().map_err(|_| anyhow::anyhow!("a run panicked"))??;
        let report = String::from_utf8_lossy(&output.stdout).into_owned();
        ensure!(output.status.code() == Some(0), "{report}");
    }
    for (person, patient) in &patients {
        house.nothing_of(patient, &before[person])?;
    }
    house.is_whole()
}

/// The steps at which a source that takes something back may end.
pub(crate) const STEPS: [&str; 3] =
    ["submit.sent", "withdraw.deprecated", "withdraw.documents_removed"];

#[test]
fn a_run_that_was_killed_goes_on() -> Result<()> {
    for form in Form::all() {
        let house = House::numbered(form)?;
        for step in STEPS {
            house.submit(&house.rows(&[["R1", "Z1", BORN, "2025/5/12"]])?)?;
            let first = house.only_patient()?;
            let before = house.documents(&first)?;
            let corrected = house.rows(&[["R1", "Z1", CORRECTED, "2025/5/12"]])?;
            house.killed_at(step, &house.0.arguments(&corrected))?;
            ensure!(!house.documents(&first)?.is_empty(), "{step}");
            let report = house.submit(&corrected)?;
            assert_eq!(count(&report, "repeated"), 1, "{step}: {report}");
            assert_eq!(count(&report, "withdrawn"), 5, "{step}: {report}");
            house.nothing_of(&first, &before)?;

            let second = house.only_patient()?;
            let before = house.documents(&second)?;
            let one = ["--institution", NUMBER, "--report-no", "R1", "--yes"];
            if step != "submit.sent" {
                house.killed_at(step, &house.arguments(&one))?;
            }
            let (status, report) = house.withdraw(&one)?;
            assert_eq!((status, count(&report, "removed")), (Some(0), 5), "{step}: {report}");
            house.nothing_of(&second, &before)?;
        }
        house.is_whole()?;
    }
    Ok(())
}
