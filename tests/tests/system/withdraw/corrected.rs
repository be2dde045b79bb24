//! A corrected identity takes the documents of the wrong one away, and nothing else.

use super::{BORN, CORRECTED, House, NUMBER, count};
use crate::forms::by_form;
use crate::institution::{DOCUMENTS, approved};
use anyhow::{Context, Result, ensure};
use renkei_tests::Form;
use renkei_tests::exports::delivery;
use std::path::{Path, PathBuf};

on_every_database! { by by_form:
    a_checkup_filed_under_the_wrong_person_is_refiled_and_that_person_keeps_the_rest
    a_number_that_two_people_got_takes_nothing_from_either
    under_two_other_people_nothing_is_guessed
}

#[test]
fn a_corrected_birth_date_takes_the_documents_of_the_wrong_one_away() -> Result<()> {
    for form in Form::all() {
        let house = House::new(form)?;
        house.submit(&delivery("first.csv"))?;
        let first = house.only_patient()?;
        let before = house.documents(&first)?;
        assert_eq!(approved(&before).len(), DOCUMENTS);
        // What the source remembers is not needed.
        std::fs::remove_file(house.0.path("state/seen-identities"))?;

        let report = house.submit(&delivery("birth-date-corrected.csv"))?;
        assert_eq!(count(&report, "withdrawn"), DOCUMENTS as u64, "{form:?}: {report}");
        let told = &report["withdrawals"][0];
        assert_eq!(told["outcome"], "removed", "{report}");
        assert_eq!(told["patient"], first.to_string(), "{report}");
        assert_eq!(report["changed_identities"].as_array().map(Vec::len), Some(0), "{report}");
        house.nothing_of(&first, &before)?;
        let second = house.only_patient()?;
        ensure!(first != second);
        assert_eq!(approved(&house.documents(&second)?).len(), DOCUMENTS);

        let report = house.submit(&delivery("birth-date-corrected.csv"))?;
        assert_eq!((count(&report, "repeated"), count(&report, "withdrawn")), (1, 0), "{report}");
        // It was right after all.
        let report = house.submit(&delivery("first.csv"))?;
        assert_eq!((count(&report, "submitted"), count(&report, "withdrawn")), (1, 5), "{report}");
        assert_eq!(approved(&house.documents(&first)?).len(), DOCUMENTS);
        house.is_whole()?;
    }
    Ok(())
}

fn a_checkup_filed_under_the_wrong_person_is_refiled_and_that_person_keeps_the_rest(
    form: Form,
) -> Result<()> {
    let house = House::numbered(form)?;
    house.submit(
        &house.rows(&[["R1", "Z1", BORN, "2025/5/12"], ["R2", "Z1", BORN, "2025/11/4"]])?,
    )?;
    let first = house.only_patient()?;
    let report = house.submit(&house.rows(&[["R1", "Z9", CORRECTED, "2025/5/12"]])?)?;
    assert_eq!(count(&report, "withdrawn"), DOCUMENTS as u64, "{report}");
    let second = house.only_patient()?;
    ensure!(first != second);
    for patient in [&first, &second] {
        let entries = house.documents(patient)?;
        assert_eq!((entries.len(), approved(&entries).len()), (DOCUMENTS, DOCUMENTS), "{patient}");
    }
    house.is_whole()
}

fn a_number_that_two_people_got_takes_nothing_from_either(form: Form) -> Result<()> {
    let house = House::new(form)?;
    house.submit(&delivery("first.csv"))?;
    let first = house.only_patient()?;
    let other = std::fs::read_to_string(delivery("first.csv"))?;
    let other = other.replace("アオイ ナギ", "ソラ ハル").replace("蒼井 凪", "空 春");
    let other = other.replace("1981", "1990");
    let path = house.0.path("other.csv");
    std::fs::write(&path, other)?;
    let (status, report) = house.0.submit(&path)?;
    assert_eq!((status, count(&report, "not_withdrawn")), (Some(3), 1), "{report}");
    assert_eq!(report["withdrawals"][0]["reason"], "other-person", "{report}");
    let second = house.only_patient()?;
    ensure!(first != second);

    // Each delivery takes back its own.
    let (text, map) = (path.display().to_string(), delivery("map.toml").display().to_string());
    let (status, report) = house.withdraw(&[&text, "--mapping", &map, "--yes"])?;
    assert_eq!((status, count(&report, "removed")), (Some(3), 5), "{report}");
    assert_eq!(report["withdrawals"][0]["patient"], first.to_string(), "{report}");
    assert_eq!(approved(&house.documents(&first)?).len(), DOCUMENTS);
    assert_eq!(house.documents(&second)?.len(), 0);
    Ok(())
}

fn under_two_other_people_nothing_is_guessed(form: Form) -> Result<()> {
    let mut house = House::numbered(form)?;
    let administrator = house.0.arguments(Path::new("x"));
    let identity = PathBuf::from(value_of(&administrator, "--identity")?);
    // A source alone withdraws nothing: two people get the checkup, one after the other.
    let plain = house.w().renkei.identities().issue("plain", &["source", "feed"])?;
    std::fs::copy(house.w().renkei.connect_file()?, plain.join("connect.json"))?;
    house.0.identity(plain);
    let mut people = Vec::new();
    for birth in [BORN, CORRECTED] {
        house.submit(&house.rows(&[["R1", "Z1", birth, "2025/5/12"]])?)?;
        people.push(house.only_patient()?);
    }
    house.0.identity(identity);
    let third = house.rows(&[["R1", "Z1", "1981/4/21", "2025/5/12"]])?;
    let (status, report) = house.0.submit(&third)?;
    assert_eq!((status, count(&report, "not_withdrawn")), (Some(3), 2), "{report}");
    for told in report["withdrawals"].as_array().context("no list")? {
        assert_eq!(
            (&told["outcome"], &told["reason"]),
            (&"left".into(), &"several-patients".into())
        );
    }
    for patient in &people {
        assert_eq!(approved(&house.documents(patient)?).len(), DOCUMENTS);
    }
    // A person says which.
    let wrong = people[0].to_string();
    let one = ["--institution", NUMBER, "--report-no", "R1", "--patient", &wrong, "--yes"];
    let (status, report) = house.withdraw(&one)?;
    assert_eq!((status, count(&report, "removed")), (Some(0), 5), "{report}");
    let report = house.submit(&third)?;
    assert_eq!((count(&report, "withdrawn"), count(&report, "repeated")), (5, 1), "{report}");
    Ok(())
}

fn value_of<'a>(arguments: &'a [String], name: &str) -> Result<&'a str> {
    let at = arguments.iter().position(|word| word == name).context("no such option")?;
    arguments.get(at + 1).map(String::as_str).context("no value")
}
