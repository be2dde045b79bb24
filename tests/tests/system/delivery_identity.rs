//! What names a person or a checkup is corrected and delivered again.

use crate::institution::{DOCUMENTS, Institution, approved};
use anyhow::{Context, Result, ensure};
use renkei_metadata::ids::PatientId;
use renkei_metadata::model::{AvailabilityStatus, DocumentEntry};
use renkei_tests::exports::delivery;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Somebody with the mapping of the May and June deliveries.
fn institution() -> Result<Institution> {
    let mut institution = Institution::new()?;
    institution.mapping(&delivery("map.toml"));
    Ok(institution)
}

/// Submits; everything has to be accepted.
fn submit(institution: &Institution, name: &str) -> Result<Value> {
    let (status, report) = institution.submit(&delivery(name))?;
    ensure!(status == Some(0), "{report}");
    Ok(report)
}

fn counts(report: &Value) -> [u64; 5] {
    let number = |key: &str| report[key].as_u64().unwrap_or_default();
    let list = |key: &str| report[key].as_array().map_or(0, Vec::len) as u64;
    [
        number("submitted"),
        number("corrected"),
        number("repeated"),
        list("close_checkups"),
        list("changed_identities"),
    ]
}

fn only_patient(institution: &Institution) -> Result<PatientId> {
    institution.people()?.into_values().next().context("nobody")
}

#[test]
fn without_a_number_nothing_is_replaced_and_all_is_told() -> Result<()> {
    let institution = institution()?;
    assert_eq!(counts(&submit(&institution, "first.csv")?), [1, 0, 0, 0, 0]);
    let first = only_patient(&institution)?;
    let before = institution.world.documents_of(&first)?;
    assert_eq!(approved(&before).len(), DOCUMENTS);

    // Another birth date is another patient.
    let report = submit(&institution, "birth-date-corrected.csv")?;
    assert_eq!(counts(&report), [1, 0, 0, 0, 1]);
    let second = only_patient(&institution)?;
    ensure!(first != second);
    let changed = &report["changed_identities"][0];
    for (key, value) in [
        ("record_no", json!("1")),
        ("patient_id", json!("Z1")),
        ("known_by", json!("patient_id")),
        ("patient", json!(second.to_string())),
        ("other_patient", json!(first.to_string())),
        ("documents", json!(DOCUMENTS)),
        ("days", json!(["2025-05-12"])),
    ] {
        assert_eq!(changed[key], value, "{key}: {changed}");
    }
    ensure!(changed["ja"].as_str().is_some_and(|ja| ja.contains("取り下げ")), "{changed}");
    ensure!(changed["en"].as_str().is_some_and(|en| en.contains("withdraw")), "{changed}");
    assert_eq!(approved(&institution.world.documents_of(&first)?), approved(&before));
    let records = std::fs::read_to_string(institution.path("report/records.csv"))?;
    let row = records.lines().nth(1).context("no row")?;
    ensure!(row.ends_with(&format!(",,{first}")), "{records}");

    // Another day is another checkup; the other patient id of this number is told again.
    let report = submit(&institution, "day-corrected.csv")?;
    assert_eq!(counts(&report), [1, 0, 0, 1, 1]);
    assert_eq!(only_patient(&institution)?, first);
    let close = &report["close_checkups"][0];
    for (key, value) in [
        ("record_no", "1"),
        ("patient_id", "Z1"),
        ("program_code", "030"),
        ("day", "2025-05-13"),
        ("other_day", "2025-05-12"),
        ("other_institution", "架空矢作健診センター 2399900576"),
    ] {
        assert_eq!(close[key], value, "{key}: {close}");
    }
    let documents = institution.world.documents_of(&first)?;
    ensure!(approved(&before).is_subset(&approved(&documents)));
    assert_eq!(approved(&documents).len(), 2 * DOCUMENTS);
    let records = std::fs::read_to_string(institution.path("report/records.csv"))?;
    let told = format!(",2025-05-12 架空矢作健診センター 2399900576,{second}");
    ensure!(records.lines().nth(1).is_some_and(|row| row.ends_with(&told)), "{records}");

    // It is told as long as it is so, but by which number only as long as that is remembered.
    assert_eq!(counts(&submit(&institution, "first.csv")?), [0, 0, 1, 1, 1]);
    std::fs::remove_file(institution.path("state/seen-identities"))?;
    assert_eq!(counts(&submit(&institution, "first.csv")?), [0, 0, 1, 1, 0]);
    Ok(())
}

#[test]
fn two_deliveries_of_a_year_do_not_touch_each_other() -> Result<()> {
    let institution = institution()?;
    assert_eq!(counts(&submit(&institution, "may.csv")?), [1, 0, 0, 0, 0]);
    let may = only_patient(&institution)?;
    assert_eq!(counts(&submit(&institution, "june.csv")?), [1, 0, 0, 0, 0]);
    let (may, june) =
        (institution.world.documents_of(&may)?, institution.documents()?.remove("Y2"));
    assert_eq!(approved(&may).len(), DOCUMENTS);
    assert_eq!(june.map(|entries| approved(&entries).len()), Some(DOCUMENTS));
    Ok(())
}

/// The same, with a number for each checkup.
struct Numbered(Institution);

impl Numbered {
    fn new() -> Result<Self> {
        let mut numbered = Self(Institution::new()?);
        numbered.programme("030")?;
        Ok(numbered)
    }

    /// From now on the checkups are of this programme.
    fn programme(&mut self, programme: &str) -> Result<()> {
        let map = std::fs::read_to_string(delivery("map.toml"))?;
        let map = map
            .replace("encoding = \"utf-8\"", "encoding = \"utf-8\"\nreport_no = \"受付番号\"")
            .replace("program_code = \"030\"", &format!("program_code = \"{programme}\""));
        let path = self.0.path("map.toml");
        std::fs::write(&path, map)?;
        self.0.mapping(&path);
        Ok(())
    }

    /// Submits rows of number, person, birth date and day.
    fn submit(&self, rows: &[[&str; 4]]) -> Result<Value> {
        let mut text = "受付番号,ID,カナ,氏名,性別,生年月日,受診日,身長,体重\n".to_owned();
        for [number, person, birth, day] in rows {
            text += &format!("{number},{person},アオイ ナギ,蒼井 凪,女,{birth},{day},160.0,50.0\n");
        }
        let path = self.0.path("numbered.csv");
        std::fs::write(&path, text)?;
        let (status, report) = self.0.submit(&path)?;
        ensure!(status == Some(0), "{report}");
        Ok(report)
    }

    /// Days and programmes of the documents in force, and how many these are.
    fn in_force(&self, patient: &PatientId) -> Result<(BTreeSet<(String, String)>, usize)> {
        let entries = self.0.world.documents_of(patient)?;
        let in_force: Vec<&DocumentEntry> =
            entries.iter().filter(|e| e.status == Some(AvailabilityStatus::Approved)).collect();
        let about = |e: &&DocumentEntry| {
            let programme = e.event_codes.first().map(|c| c.code.clone());
            (e.service_start.as_ref().map(ToString::to_string), programme)
        };
        let told = in_force
            .iter()
            .map(about)
            .map(|(day, programme)| (day.unwrap_or_default(), programme.unwrap_or_default()));
        Ok((told.collect(), in_force.len()))
    }
}

const BORN: &str = "1981/4/1";

#[test]
fn a_number_finds_the_checkup_under_another_day_and_programme() -> Result<()> {
    let mut house = Numbered::new()?;
    let one = |day: &str, programme: &str| BTreeSet::from([(day.to_owned(), programme.to_owned())]);
    assert_eq!(counts(&house.submit(&[["R1", "Z1", BORN, "2025/5/12"]])?), [1, 0, 0, 0, 0]);
    let patient = only_patient(&house.0)?;

    // the day, far from the first one
    assert_eq!(counts(&house.submit(&[["R1", "Z1", BORN, "2024/11/3"]])?), [1, 1, 0, 0, 0]);
    assert_eq!(house.in_force(&patient)?, (one("20241103", "030"), DOCUMENTS));
    assert_eq!(counts(&house.submit(&[["R1", "Z1", BORN, "2024/11/3"]])?), [0, 0, 1, 0, 0]);

    // a programme that has neither a statutory document nor a 特定健診 form
    house.programme("080")?;
    assert_eq!(counts(&house.submit(&[["R1", "Z1", BORN, "2024/11/3"]])?), [1, 1, 0, 0, 0]);
    assert_eq!(house.in_force(&patient)?, (one("20241103", "080"), 3));

    // and back, on the first day: what comes back is a new version
    house.programme("030")?;
    assert_eq!(counts(&house.submit(&[["R1", "Z1", BORN, "2025/5/12"]])?), [1, 1, 0, 0, 0]);
    assert_eq!(house.in_force(&patient)?, (one("20250512", "030"), DOCUMENTS));
    let everything = house.0.world.documents_of(&patient)?;
    assert_eq!(everything.len(), 3 * DOCUMENTS + 3);

    // another number is another checkup, near the first one
    let report =
        house.submit(&[["R1", "Z1", BORN, "2025/5/12"], ["R2", "Z1", BORN, "2025/6/1"]])?;
    assert_eq!(counts(&report), [1, 0, 1, 1, 0]);
    // whose days were mixed up
    let report =
        house.submit(&[["R1", "Z1", BORN, "2025/6/1"], ["R2", "Z1", BORN, "2025/5/12"]])?;
    assert_eq!(report["corrected"], 2, "{report}");
    let (days, documents) = house.in_force(&patient)?;
    assert_eq!((days.len(), documents), (2, 2 * DOCUMENTS));
    Ok(())
}

#[test]
fn a_number_tells_the_checkup_of_a_person_who_got_another_number() -> Result<()> {
    let house = Numbered::new()?;
    house.submit(&[["R1", "Z1", BORN, "2025/5/12"]])?;
    let first = only_patient(&house.0)?;
    let report = house.submit(&[["R1", "Z9", "1981/4/11", "2025/5/12"]])?;
    assert_eq!(counts(&report), [1, 0, 0, 0, 1]);
    let changed = &report["changed_identities"][0];
    assert_eq!(changed["known_by"], "report_no", "{changed}");
    assert_eq!(changed["other_patient"], first.to_string(), "{changed}");
    assert_eq!(house.in_force(&first)?.1, DOCUMENTS, "nothing was replaced across patients");
    Ok(())
}
