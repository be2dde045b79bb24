//! Folders over the wire: what each query finds of them (ITI TF-2: 3.18.4.1.2.3.7), asked by messages and
//! by `renkei query`.

use crate::shell::done;
use crate::stored_queries::finds;
use anyhow::{Context, Result, ensure};
use renkei_metadata::ids::{EntryUuid, PatientId};
use renkei_metadata::model::{AvailabilityStatus, DocumentEntry, Folder, RegistryObject};
use renkei_tests::world::REGISTRY;
use renkei_tests::{World, message, sample};
use renkei_xds::catalogue::{GET_FOLDER_AND_CONTENTS, GET_FOLDERS, GET_FOLDERS_FOR_DOCUMENT};
use renkei_xds::iti18::QueryBuilder;
use renkei_xds::response::Status;
use renkei_xds::update::UpdateBuilder;
use serde_json::Value;
use std::time::Duration;

on_every_database! {
    every_query_of_folders_finds_what_is_in_them
    the_command_asks_for_folders
    a_replacement_is_in_the_folders_of_what_it_replaces
}

const ALL: &[AvailabilityStatus] = &AvailabilityStatus::ALL;
const APPROVED: AvailabilityStatus = AvailabilityStatus::Approved;

/// Two documents in the folder of 2025, the first of them in that of 2024, too; that of 2023 is empty and
/// no longer current.
struct Cabinet {
    patient: PatientId,
    documents: Vec<DocumentEntry>,
    /// Of 2025, 2024, 2023.
    folders: Vec<Folder>,
}

impl Cabinet {
    fn fill(w: &World) -> Result<Self> {
        let patient = w.patient();
        let (folder, document) = (sample::symbol("Folder01"), sample::symbol("Document01"));
        let mut first = sample::one(&patient, b"first");
        sample::bring(&mut first, sample::folder(&patient, 2025));
        sample::file(&mut first, &folder, &document);
        w.submitted(&first, &[b"first"])?;
        let registered = w.document_of(&patient)?.id;

        let mut second = sample::one(&patient, b"second");
        sample::file(&mut second, &folder_of(w, &patient, 2025)?.id, &document);
        w.submitted(&second, &[b"second"])?;

        let mut reused = sample::submission(&patient, Vec::new());
        sample::bring(&mut reused, sample::folder(&patient, 2024));
        sample::file(&mut reused, &folder, &registered);
        w.submitted(&reused, &[])?;

        let mut empty = sample::submission(&patient, Vec::new());
        sample::bring(&mut empty, sample::folder(&patient, 2023));
        w.submitted(&empty, &[])?;
        let old = uuid(&folder_of(w, &patient, 2023)?.id)?;
        let set = sample::submission(&patient, Vec::new()).submission_set;
        let update = UpdateBuilder::new(set).status(old, APPROVED, AvailabilityStatus::Deprecated);
        let message = message::update(&update.build());
        let response = w.administrator.post(REGISTRY, &message)?.registry()?;
        ensure!(response.status == Status::Success, "{response:?}");

        let mut documents = w.documents_of(&patient)?;
        documents.sort_by_key(|d| d.id != registered);
        let years = [2025, 2024, 2023].into_iter();
        let folders = years.map(|year| folder_of(w, &patient, year)).collect::<Result<_>>()?;
        Ok(Self { patient, documents, folders })
    }

    fn folder(&self, n: usize) -> Result<EntryUuid> {
        uuid(&self.folders[n].id)
    }
}

fn uuid(id: &renkei_metadata::ids::ObjectId) -> Result<EntryUuid> {
    id.uuid().context("no entryUUID")
}

/// The folder of a year, of whatever status.
fn folder_of(w: &World, patient: &PatientId, year: u16) -> Result<Folder> {
    let query = QueryBuilder::find_folders(patient, ALL).everything();
    let query = query.codes("$XDSFolderCodeList", [&sample::year_code(year)]);
    let folder = |object| match object {
        RegistryObject::Folder(folder) => Some(*folder),
        _ => None,
    };
    let mut found = w.query(&query.build())?.objects.into_iter().filter_map(folder);
    found.next().with_context(|| format!("no folder of {year}"))
}

fn every_query_of_folders_finds_what_is_in_them(w: &World) -> Result<()> {
    let cabinet = Cabinet::fill(w)?;
    let p = &cabinet.patient;
    let [first, second] = cabinet.documents.as_slice() else { anyhow::bail!("two documents") };
    let (a, b) = (uuid(&first.id)?, uuid(&second.id)?);
    let nobody = EntryUuid(uuid::Uuid::new_v4());
    let (of_2025, of_2024, old) = (cabinet.folder(0)?, cabinet.folder(1)?, cabinet.folder(2)?);
    let name = |n: usize| [cabinet.folders[n].unique_id.as_str()];
    let by = |query: &str, id: [&str; 1]| QueryBuilder::new(query).unique_ids(id);
    let all = || QueryBuilder::find_folders(p, ALL);
    let coded = |year| all().codes("$XDSFolderCodeList", [&sample::year_code(year)]);
    let changed = cabinet.folders[0].last_update_time.clone().context("no lastUpdateTime")?;
    let (from, to) = ("$XDSFolderLastUpdateTimeFrom", "$XDSFolderLastUpdateTimeTo");
    let (early, late) = (sample::dtm("2020"), sample::dtm("2999"));
    let contents = || QueryBuilder::get_folder_and_contents(of_2025);
    let format = first.format_code.as_ref().context("no formatCode")?;
    let other = sample::project_code("fhir-hs037", 3, "ほか");
    let cases = [
        (QueryBuilder::find_folders(p, &[APPROVED]), [0, 0, 2, 0]),
        // Deprecated folders are of the second level (ITI TF-2: 3.18.4.1.2.3.5.1).
        (all(), [0, 0, 2, 0]),
        (all().everything(), [0, 0, 3, 0]),
        (
            QueryBuilder::find_folders(p, &[AvailabilityStatus::Deprecated]).everything(),
            [0, 0, 1, 0],
        ),
        (coded(2025), [0, 0, 1, 0]),
        (coded(2020), [0; 4]),
        (all().time(from, &changed), [0, 0, 2, 0]),
        (all().time(from, &late), [0; 4]),
        (all().time(to, &late), [0, 0, 2, 0]),
        (all().time(to, &early), [0; 4]),
        (QueryBuilder::get_folders(&[of_2025, of_2024, old, nobody]), [0, 0, 2, 0]),
        (by(GET_FOLDERS, name(1)), [0, 0, 1, 0]),
        (contents(), [0, 2, 1, 2]),
        (by(GET_FOLDER_AND_CONTENTS, name(1)), [0, 1, 1, 1]),
        (QueryBuilder::get_folder_and_contents(old).everything(), [0, 0, 1, 0]),
        (contents().codes("$XDSDocumentEntryFormatCode", [format]), [0, 2, 1, 2]),
        (contents().codes("$XDSDocumentEntryFormatCode", [&other]), [0, 0, 1, 0]),
        (QueryBuilder::get_folders_for_document(a), [0, 0, 2, 0]),
        (QueryBuilder::get_folders_for_document(b), [0, 0, 1, 0]),
        (by(GET_FOLDERS_FOR_DOCUMENT, [second.unique_id.as_str()]), [0, 0, 1, 0]),
        (QueryBuilder::get_folders_for_document(nobody), [0; 4]),
    ];
    for (n, (query, expected)) in cases.into_iter().enumerate() {
        finds(w, query, expected).with_context(|| format!("case {n}"))?;
    }
    Ok(())
}

fn the_command_asks_for_folders(w: &World) -> Result<()> {
    let cabinet = Cabinet::fill(w)?;
    let consumer = w.caller("folder-consumer", &["consumer"])?;
    let ask = |query: &str, args: &[&str]| -> Result<Vec<Value>> {
        let report = done(w, &consumer, &[&["query", "--query", query], args].concat())?;
        Ok(report["objects"].as_array().context("no objects")?.clone())
    };
    let ids = |objects: &[Value], kind: &str| -> Vec<String> {
        let of_kind = objects.iter().filter(|o| o["object"] == kind);
        let mut ids: Vec<String> =
            of_kind.filter_map(|o| o["id"].as_str()).map(str::to_owned).collect();
        ids.sort();
        ids
    };
    let folders = |which: &[usize]| {
        let mut ids: Vec<String> =
            which.iter().map(|n| cabinet.folders[*n].id.to_string()).collect();
        ids.sort();
        ids
    };
    let patient = cabinet.patient.to_string();
    let found = ask("FindFolders", &["--patient", &patient])?;
    assert_eq!(ids(&found, "Folder"), folders(&[0, 1]));
    let every = ["--patient", &patient, "--status", "deprecated", "--everything"];
    let found = ask("FindFolders", &every)?;
    assert_eq!(ids(&found, "Folder"), folders(&[2]));
    let told = &found[0];
    assert_eq!(
        (&told["availabilityStatus"], &told["title"]),
        (&"Deprecated".into(), &"2023年度 健診".into())
    );
    ensure!(told["lastUpdateTime"].is_string() && told["patientId"] == patient.as_str(), "{told}");
    let code = format!("XDSFolderCodeList={}", sample::year_code(2024).key());
    let found = ask("FindFolders", &["--patient", &patient, "--param", &code])?;
    assert_eq!(ids(&found, "Folder"), folders(&[1]));

    let unique_id = cabinet.folders[0].unique_id.as_str();
    assert_eq!(ids(&ask("GetFolders", &["--unique-id", unique_id])?, "Folder"), folders(&[0]));
    let id = cabinet.folders[0].id.to_string();
    let found = ask("GetFolderAndContents", &["--id", &id])?;
    assert_eq!(ids(&found, "Folder"), folders(&[0]));
    let mut documents: Vec<String> = cabinet.documents.iter().map(|d| d.id.to_string()).collect();
    documents.sort();
    assert_eq!(ids(&found, "DocumentEntry"), documents);
    let members = found.iter().filter(|o| o["sourceObject"] == id.as_str());
    let mut members: Vec<&str> = members.filter_map(|o| o["targetObject"].as_str()).collect();
    members.sort_unstable();
    assert_eq!(members, documents);

    let document = cabinet.documents[0].id.to_string();
    let found = ask("GetFoldersForDocument", &["--id", &document])?;
    assert_eq!(ids(&found, "Folder"), folders(&[0, 1]));
    let document = cabinet.documents[1].unique_id.to_string();
    let found = ask("GetFoldersForDocument", &["--unique-id", &document, "--return", "ref"])?;
    assert_eq!(ids(&found, "ObjectRef"), folders(&[0]));
    Ok(())
}

/// The registry makes the memberships (ITI TF-2: 3.42.4.1.3.5): the submission says nothing of folders.
fn a_replacement_is_in_the_folders_of_what_it_replaces(w: &World) -> Result<()> {
    let cabinet = Cabinet::fill(w)?;
    let p = &cabinet.patient;
    // lastUpdateTime counts seconds.
    std::thread::sleep(Duration::from_millis(1_100));
    w.submitted(&sample::replacement(p, b"new", &cabinet.documents[0].id), &[b"new"])?;
    let known = |d: &DocumentEntry| cabinet.documents.iter().any(|old| old.id == d.id);
    let new = w.documents_of(p)?.into_iter().find(|d| !known(d)).context("no new document")?;
    finds(w, QueryBuilder::get_folders_for_document(uuid(&new.id)?), [0, 0, 2, 0])?;
    // What was replaced stays where it was.
    finds(w, QueryBuilder::get_folder_and_contents(cabinet.folder(0)?), [0, 3, 1, 3])?;
    finds(w, QueryBuilder::get_folder_and_contents(cabinet.folder(1)?), [0, 2, 1, 2])?;
    for (year, old) in [(2025, 0), (2024, 1), (2023, 2)] {
        let (now, before) = (folder_of(w, p, year)?, &cabinet.folders[old]);
        let moved = now.last_update_time > before.last_update_time;
        ensure!(moved == (year != 2023), "{year}: {now:?} after {before:?}");
    }
    Ok(())
}
