//! A community that is asked by identifiers that communities share, and nothing else (ITI TF-2: 3.55.1).

use super::houses::{joined, told_of_as};
use super::stranger::{Hanako, Meeting, Mode};
use super::{both, community, entries, find, on};
use anyhow::{Context, Result, ensure};
use renkei_tests::{Form, INSURED, sample};
use renkei_xds::response::Status;

on_every_database! { by on:
    a_patient_is_looked_for_by_the_card_alone
    two_houses_find_a_person_by_the_card
}

const BY_IDENTIFIER: &[&str] = &["--discovery-by", "identifier"];
const CARD: &str = "06138057:123:4567:01";
const FAMILY: &str = "06138057:123:4567:";

fn a_patient_is_looked_for_by_the_card_alone(form: Form) -> Result<()> {
    let meeting = Meeting::entered(form, &[], BY_IDENTIFIER)?;
    let house = &meeting.house;
    let listed = community(house, &["list"])?;
    ensure!(listed["communities"][0]["discoveryBy"] == "identifier", "{listed}");
    // discovery-no-identifier: nobody has told of a card.
    let found = find(house, &meeting.patient)?;
    let [error] = &found.errors[..] else { anyhow::bail!("{found:?}") };
    ensure!(found.status == Status::PartialSuccess, "{found:?}");
    ensure!(error.context.contains("no identifier of the patient that communities share"));
    ensure!(meeting.asked().0.is_empty(), "was asked");

    meeting.told_of(&Hanako { card: Some(CARD), ..Hanako::default() })?;
    meeting.answers(Mode::Nameless(CARD));
    both(&meeting)?;
    let (looked, _) = meeting.asked();
    let [looked] = &looked[..] else { anyhow::bail!("{looked:?}") };
    let (_, parameters) = looked.split_once("<parameterList").context("no parameters")?;
    let (parameters, _) = parameters.split_once("</parameterList>").context("no end")?;
    ensure!(parameters.matches("<livingSubjectId>").count() == 1, "{parameters}");
    ensure!(parameters.contains(&format!("root=\"{INSURED}\"")), "{parameters}");
    for untold in ["livingSubjectName", "livingSubjectBirthTime", "Gender", "健診", "ケンシン"]
    {
        ensure!(!parameters.contains(untold), "{untold}: {parameters}");
    }

    // What is told beside the identifier has to agree.
    meeting.answers(Mode::Unlike);
    meeting.told_of(&Hanako { card: Some(CARD), address: Some("新町2") })?;
    let found = find(house, &meeting.patient)?;
    let [error] = &found.errors[..] else { anyhow::bail!("{found:?}") };
    ensure!(error.context.contains("name, birth date or sex differ"), "{error:?}");
    ensure!(entries(&found).len() == 1, "{found:?}");

    // Whoever compares cards without 枝番 finds anybody of the family.
    meeting.answers(Mode::Nameless(FAMILY));
    let found = find(house, &meeting.patient)?;
    let [error] = &found.errors[..] else { anyhow::bail!("{found:?}") };
    ensure!(error.context.contains("name, birth date or sex differ"), "{error:?}");
    ensure!(entries(&found).len() == 1, "{found:?}");
    Ok(())
}

fn two_houses_find_a_person_by_the_card(form: Form) -> Result<()> {
    let (north, south) = joined(form, BY_IDENTIFIER)?;
    let (here, there) = (north.patient(), south.patient());
    let hanako = Hanako { card: Some(CARD), ..Hanako::default() };
    told_of_as(&north, &here, &hanako)?;
    told_of_as(&south, &there, &hanako)?;
    north.submitted(&sample::one(&here, b"north"), &[b"north"])?;
    south.submitted(&sample::one(&there, b"south"), &[b"south"])?;
    let found = find(&north, &here)?;
    ensure!(found.status == Status::Success && found.errors.is_empty(), "{found:?}");
    ensure!(entries(&found).len() == 2, "{found:?}");
    Ok(())
}
