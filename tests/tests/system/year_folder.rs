//! The folder of a person's fiscal year, as `renkei submit` makes and fills it from an export.

use crate::institution::{DOCUMENTS, Institution, approved};
use anyhow::{Context, Result, ensure};
use renkei_metadata::ids::{EntryUuid, ObjectId, PatientId};
use renkei_metadata::model::{
    Association, AssociationType, AvailabilityStatus, DocumentEntry, Folder, RegistryObject,
};
use renkei_tests::exports::{self, Table};
use renkei_tests::{Form, Start};
use renkei_xds::iti18::QueryBuilder;
use renkei_xds::response::Status;
use serde_json::Value;
use std::collections::BTreeSet;
use std::time::Duration;

on_every_database! { by run:
    an_export_makes_the_folder_of_its_year_and_further_checkups_extend_it
}

fn run(postgres: bool, test: fn(&Institution) -> Result<()>) -> Result<()> {
    let form = Form { postgres, wired: false };
    if !Form::all().contains(&form) {
        return Ok(());
    }
    test(&Institution::start(Start::new(form))?)
}

/// One person's row of a year.
fn one_person(year: u16) -> Result<Table> {
    let mut table = exports::table(year)?;
    table.rows.truncate(1);
    Ok(table)
}

fn submit(
    institution: &Institution,
    table: &Table,
    counts: [(&str, usize); 2],
) -> Result<PatientId> {
    let export = table.write(&institution.path("export.csv"))?;
    let (status, report) = institution.submit(&export)?;
    ensure!(status == Some(0), "{report}");
    for (key, expected) in counts {
        assert_eq!(report[key], Value::from(expected), "{key}: {report}");
    }
    institution.people()?.into_values().next().context("nobody")
}

fn folders(institution: &Institution, patient: &PatientId) -> Result<Vec<Folder>> {
    let query = QueryBuilder::find_folders(patient, &AvailabilityStatus::ALL).everything();
    let folder = |object| match object {
        RegistryObject::Folder(folder) => Some(*folder),
        _ => None,
    };
    let answer = institution.world.query(&query.build())?;
    ensure!(answer.status == Status::Success, "{answer:?}");
    let mut found: Vec<Folder> = answer.objects.into_iter().filter_map(folder).collect();
    found.sort_by_key(|f| f.codes.first().map(|code| code.code.clone()));
    Ok(found)
}

/// The documents in a folder, and the associations that put them there.
fn contents(
    institution: &Institution,
    folder: &Folder,
) -> Result<(Vec<DocumentEntry>, Vec<Association>)> {
    let id = folder.id.uuid().context("no entryUUID")?;
    let answer = institution.world.query(&QueryBuilder::get_folder_and_contents(id).build())?;
    let (mut entries, mut members) = (Vec::new(), Vec::new());
    for object in answer.objects {
        match object {
            RegistryObject::Entry(entry) => entries.push(*entry),
            RegistryObject::Association(member) => members.push(*member),
            _ => {}
        }
    }
    let has_member =
        |a: &Association| a.association_type == AssociationType::HasMember && a.source == folder.id;
    ensure!(members.iter().all(has_member), "{members:?}");
    let targets: BTreeSet<String> = members.iter().map(|a| a.target.to_string()).collect();
    let filed: BTreeSet<String> = entries.iter().map(|e| e.id.to_string()).collect();
    ensure!((targets == filed) && members.len() == entries.len(), "{members:?}");
    Ok((entries, members))
}

fn ids(entries: &[DocumentEntry]) -> BTreeSet<String> {
    entries.iter().map(|e| e.id.to_string()).collect()
}

/// Each membership is part of a SubmissionSet, whoever made it (ITI TF-3: 4.2.1.4).
fn are_submitted(institution: &Institution, members: &[Association]) -> Result<()> {
    let uuid = |id: &ObjectId| id.uuid().context("no entryUUID");
    let wanted: Vec<EntryUuid> = members.iter().map(|m| uuid(&m.id)).collect::<Result<_>>()?;
    let answer = institution.world.query(&QueryBuilder::get_associations(&wanted).build())?;
    let by_set = answer.objects.iter().filter_map(|object| match object {
        RegistryObject::Association(link) => Some(link.target.to_string()),
        _ => None,
    });
    let members: BTreeSet<String> = members.iter().map(|m| m.id.to_string()).collect();
    ensure!(by_set.collect::<BTreeSet<_>>() == members, "{answer:?}");
    Ok(())
}

/// lastUpdateTime counts seconds.
fn a_second_later() {
    std::thread::sleep(Duration::from_millis(1_100));
}

fn an_export_makes_the_folder_of_its_year_and_further_checkups_extend_it(
    institution: &Institution,
) -> Result<()> {
    let mut table = one_person(2025)?;
    let patient = submit(institution, &table, [("submitted", 1), ("corrected", 0)])?;
    let [first] = &folders(institution, &patient)?[..] else { anyhow::bail!("one folder") };
    assert_eq!(first.status, Some(AvailabilityStatus::Approved));
    assert_eq!(first.codes[0].code, "KENSHIN-2025");
    let (documents, members) = contents(institution, first)?;
    assert_eq!(documents.len(), DOCUMENTS);
    are_submitted(institution, &members)?;

    // A repeat moves nothing.
    a_second_later();
    submit(institution, &table, [("submitted", 0), ("repeated", 1)])?;
    assert_eq!(folders(institution, &patient)?, std::slice::from_ref(first));

    // A second checkup of the year, at its other end, goes into the same folder.
    let mut autumn = one_person(2025)?;
    for column in ["受診日", "撮影日"] {
        autumn.set("M0001", column, "R07.10.20")?;
    }
    submit(institution, &autumn, [("submitted", 1), ("corrected", 0)])?;
    let [extended] = &folders(institution, &patient)?[..] else { anyhow::bail!("one folder") };
    assert_eq!((&extended.id, &extended.unique_id), (&first.id, &first.unique_id));
    ensure!(extended.last_update_time > first.last_update_time, "{extended:?}");
    let (both, _) = contents(institution, extended)?;
    assert_eq!(both.len(), 2 * DOCUMENTS);
    ensure!(ids(&documents).is_subset(&ids(&both)));

    // A correction is where the corrected one was.
    a_second_later();
    table.set("M0001", "体重", "82.7")?;
    submit(institution, &table, [("submitted", 1), ("corrected", 1)])?;
    let [corrected] = &folders(institution, &patient)?[..] else { anyhow::bail!("one folder") };
    ensure!(corrected.last_update_time > extended.last_update_time, "{corrected:?}");
    let (all, members) = contents(institution, corrected)?;
    ensure!(ids(&both).is_subset(&ids(&all)), "the earlier memberships stay");
    let current = approved(&institution.world.documents_of(&patient)?);
    assert_eq!(current.len(), 2 * DOCUMENTS);
    ensure!(current.is_subset(&ids(&all)), "every document in force is filed, once");
    are_submitted(institution, &members)?;

    // The checkup of the year before has a folder of its own, and leaves this one alone.
    a_second_later();
    submit(institution, &one_person(2024)?, [("submitted", 1), ("corrected", 0)])?;
    let [before, same] = &folders(institution, &patient)?[..] else { anyhow::bail!("two folders") };
    assert_eq!((before.codes[0].code.as_str(), same), ("KENSHIN-2024", corrected));
    let (of_2024, _) = contents(institution, before)?;
    assert_eq!(of_2024.len(), DOCUMENTS);
    ensure!(ids(&of_2024).is_disjoint(&ids(&all)));
    Ok(())
}
