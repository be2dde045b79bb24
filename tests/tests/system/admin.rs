//! `renkei admin`: what a Document Administrator does from the shell (ITI-57, ITI-92, ITI-62, ITI-86).

use crate::shell::{codes, done, errors, recorded, run, text};
use anyhow::{Context, Result, ensure};
use renkei_metadata::ids::{EntryUuid, PatientId};
use renkei_metadata::model::{
    AssociationType, AvailabilityStatus, DocumentEntry, Folder, LocalizedText, RegistryObject,
};
use renkei_tests::{World, program, sample};
use renkei_xds::iti18::QueryBuilder;

on_every_database! {
    attributes_of_a_document_are_updated
    what_cannot_be_updated_is_told_before_or_by_the_registry
    folders_are_updated_and_statuses_set
    metadata_is_removed_when_it_is_confirmed
    documents_are_removed_when_it_is_confirmed
}

const DEPRECATED: Option<AvailabilityStatus> = Some(AvailabilityStatus::Deprecated);
const APPROVED: Option<AvailabilityStatus> = Some(AvailabilityStatus::Approved);

/// A registered document of a new patient.
fn document(w: &World, content: &[u8]) -> Result<(PatientId, DocumentEntry)> {
    let patient = w.patient();
    w.submitted(&sample::one(&patient, content), &[content])?;
    let entry = w.document_of(&patient)?;
    Ok((patient, entry))
}

/// Every version of the documents of a patient, the older before the newer.
fn versions(w: &World, patient: &PatientId) -> Result<Vec<DocumentEntry>> {
    let query = QueryBuilder::find_documents(patient, &AvailabilityStatus::ALL).everything();
    let mut found = w.entries(query)?;
    found.sort_by_key(|e| e.version);
    Ok(found)
}

fn objects(w: &World, query: QueryBuilder) -> Result<Vec<RegistryObject>> {
    Ok(w.query(&query.everything().build())?.objects)
}

fn attributes_of_a_document_are_updated(w: &World) -> Result<()> {
    let admin = w.caller("admin-update", &["administrator"])?;
    let (patient, first) = document(w, b"update")?;
    let id = first.id.to_string();
    let update = ["admin", "update", "--id", &id, "--codes", &codes(w)];
    let change = ["--set", "title=訂正後", "--set", "classCode=SOURCE", "--set", "eventCodeList="];
    let report = done(w, &admin, &[&update[..], &change, &["--check"]].concat())?;
    assert_eq!(report["changed"], serde_json::json!(["title", "classCode", "eventCodeList"]));
    assert_eq!(versions(w, &patient)?.len(), 1, "a check changes nothing");
    let report = done(w, &admin, &[&update[..], &change].concat())?;
    assert_eq!((&report["version"], text(&report, "/id")?), (&2.into(), id.as_str()));
    let found = versions(w, &patient)?;
    assert_eq!(text(&report, "/newId")?, found[1].id.to_string());
    assert_eq!(found.len(), 2);
    assert_eq!((found[0].status, found[1].status), (DEPRECATED, APPROVED));
    assert_eq!(found[1].title, Some(LocalizedText::ja("訂正後")));
    assert_eq!(found[1].class_code.as_ref().context("no classCode")?.code, "SOURCE");
    assert_eq!(found[1].event_codes, []);
    assert_eq!(found[1].type_code, first.type_code, "what was not named stays");

    // The newest version is the one that changes, whichever is named; a file says the rest.
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("changes.toml");
    std::fs::write(
        &file,
        "author = { authorPerson = '1^連携^太郎' }\n[slots]\n'urn:x-test:a' = '1'\n",
    )?;
    let file = file.display().to_string();
    done(w, &admin, &[&update[..], &["--changes", &file]].concat())?;
    let lid = first.lid.context("no logicalID")?.to_string();
    let by_lid = ["admin", "update", "--id", &lid, "--set", "comments=備考", "--restricted"];
    done(w, &admin, &by_lid)?;
    let newest = versions(w, &patient)?.pop().context("no document")?;
    assert_eq!(newest.version, Some(4));
    assert_eq!(newest.authors[0].person.as_deref(), Some("1^連携^太郎"));
    assert_eq!((newest.extra.len(), newest.comments), (1, Some(LocalizedText::ja("備考"))));
    assert_eq!(recorded(w, &admin, "110106 ITI-57 U 0")?, 2);
    assert_eq!(recorded(w, &admin, "110106 ITI-92 U 0")?, 1);
    Ok(())
}

fn what_cannot_be_updated_is_told_before_or_by_the_registry(w: &World) -> Result<()> {
    let admin = w.caller("admin-refused", &["administrator"])?;
    let (patient, first) = document(w, b"refused")?;
    let id = first.id.to_string();
    let title = format!("title={}", first.title.context("no title")?.text());
    for wrong in ["Title=x", "version=7", "creationTime=yesterday", "mimeType=", &title] {
        let (status, report) = run(w, &admin, &["admin", "update", "--id", &id, "--set", wrong])?;
        assert_eq!((status, report.is_null()), (1, true), "{wrong}");
    }
    let nobody = "urn:uuid:99999999-0000-4000-8000-000000000001";
    assert_eq!(run(w, &admin, &["admin", "update", "--id", nobody, "--set", "title=x"])?.0, 1);
    let unique = ["admin", "update", "--id", &id, "--set", "uniqueId=1.2.3"];
    let (status, report) = run(w, &admin, &unique)?;
    assert_eq!(status, 2, "{report}");
    ensure!(!errors(&report).is_empty(), "{report}");
    assert_eq!(versions(w, &patient)?.len(), 1);
    // Whoever is no administrator is told so.
    let source = w.caller("admin-stranger", &["source"])?;
    let (status, _) = run(w, &source, &["admin", "update", "--id", &id, "--set", "title=x"])?;
    assert_eq!(status, 1);
    assert_eq!(versions(w, &patient)?.len(), 1);
    Ok(())
}

/// A folder with a document in it.
fn filed(w: &World) -> Result<(Folder, DocumentEntry)> {
    let patient = w.patient();
    let mut s = sample::one(&patient, b"filed");
    let set = s.submission_set.id.clone();
    let folder = Folder {
        id: sample::symbol("Folder01"),
        lid: None,
        version: None,
        home: None,
        status: None,
        title: Some(LocalizedText::ja("フォルダー")),
        comments: None,
        codes: vec![sample::project_code("KENSHIN-2025", 7, "2025年度健診")],
        last_update_time: None,
        patient_id: Some(patient.clone()),
        unique_id: sample::new_oid(),
        extra: Vec::new(),
    };
    let member = AssociationType::HasMember;
    s.associations.push(sample::association("of", member, &set, &folder.id));
    let document = s.entries[0].id.clone();
    s.associations.push(sample::association("in", member, &folder.id, &document));
    s.associations.push(sample::association("om", member, &set, &sample::symbol("in")));
    s.folders.push(folder);
    w.submitted(&s, &[b"filed"])?;
    let folders = objects(w, QueryBuilder::find_folders(&patient, &AvailabilityStatus::ALL))?;
    let folder = folders.into_iter().find_map(|object| match object {
        RegistryObject::Folder(folder) => Some(*folder),
        _ => None,
    });
    Ok((folder.context("no folder")?, w.document_of(&patient)?))
}

fn folders_are_updated_and_statuses_set(w: &World) -> Result<()> {
    let admin = w.caller("admin-status", &["administrator"])?;
    let (folder, entry) = filed(w)?;
    let patient = entry.patient_id.clone().context("no patient")?;
    let id = folder.id.to_string();
    let update = ["admin", "update", "--id", &id, "--set", "title=新しい標題"];
    assert_eq!(done(w, &admin, &update)?["version"], 2);

    let document = entry.id.to_string();
    done(w, &admin, &["admin", "status", &document, "--to", "deprecated"])?;
    assert_eq!(w.document_of(&patient)?.status, DEPRECATED);
    let (status, report) = run(w, &admin, &["admin", "status", &document, "--to", "deprecated"])?;
    assert_eq!(status, 2, "{report}");
    done(w, &admin, &["admin", "status", &document, "--to", "approved"])?;
    assert_eq!(w.document_of(&patient)?.status, APPROVED);

    // An association is submitted, and deprecated.
    w.submitted(&sample::one(&patient, b"another"), &[b"another"])?;
    let all = w.documents_of(&patient)?;
    let other = all.iter().find(|e| e.id != entry.id).context("no other")?.id.to_string();
    let associate =
        ["admin", "associate", "--type", "signs", "--source", &other, "--to", &document];
    done(
        w,
        &admin,
        &[&associate[..], &["--documentation", "SUPPLEMENT", "--codes", &codes(w)]].concat(),
    )?;
    let links = || -> Result<_> {
        let query = QueryBuilder::get_associations(&[EntryUuid::parse(&document)?]);
        let link = objects(w, query)?.into_iter().find_map(|object| match object {
            RegistryObject::Association(a) if a.association_type == AssociationType::Signs => {
                Some(*a)
            }
            _ => None,
        });
        link.context("no association")
    };
    let link = links()?;
    assert_eq!(link.documentation.as_ref().context("no code")?.code, "SUPPLEMENT");
    let (link, cx) = (link.id.to_string(), patient.to_string());
    assert_eq!(run(w, &admin, &["admin", "status", &link, "--to", "deprecated"])?.0, 1, "whose?");
    let content = ["--content-type", "CHECKUP-DELIVERY", "--codes", &codes(w)];
    let of = ["admin", "status", &link, "--to", "deprecated", "--patient", &cx];
    done(w, &admin, &[&of[..], &content].concat())?;
    assert_eq!(links()?.status, DEPRECATED);
    Ok(())
}

fn metadata_is_removed_when_it_is_confirmed(w: &World) -> Result<()> {
    let admin = w.caller("admin-remove", &["administrator"])?;
    let (patient, entry) = document(w, b"remove")?;
    let id = entry.id.to_string();
    let brought = objects(w, QueryBuilder::get_submission_sets(&[EntryUuid::parse(&id)?]))?;
    let set = brought.iter().find_map(|object| match object {
        RegistryObject::SubmissionSet(set) => Some(set.id.to_string()),
        _ => None,
    });
    let set = set.context("no SubmissionSet")?;
    let remove = ["admin", "remove", &set, &id];
    let (status, report) = run(w, &admin, &remove)?;
    assert_eq!((status, report.is_null()), (1, true), "a script has to say --yes");
    assert_eq!(versions(w, &patient)?.len(), 1);
    let (status, report) = run(w, &admin, &[&remove[..], &["--yes"]].concat())?;
    assert_eq!(status, 2, "an association would lose its ends: {report}");
    assert_eq!(versions(w, &patient)?.len(), 1);
    let whole = [&remove[..], &["--with-associations", "--yes"]].concat();
    let report = done(w, &admin, &whole)?;
    assert_eq!(report["ids"].as_array().map(Vec::len), Some(3), "{report}");
    assert_eq!(versions(w, &patient)?.len(), 0);
    assert_eq!(recorded(w, &admin, "110110 ITI-62 D 0")?, 1);
    assert_eq!(recorded(w, &admin, "110110 ITI-62 D 8")?, 1);
    let (status, report) = run(w, &admin, &whole)?;
    assert_eq!(status, 2, "{report}");
    Ok(())
}

fn documents_are_removed_when_it_is_confirmed(w: &World) -> Result<()> {
    let admin = w.caller("admin-documents", &["administrator"])?;
    let (_, entry) = document(w, b"document")?;
    let id = entry.unique_id.to_string();
    let remove = ["admin", "remove-documents", &id];
    assert_eq!(run(w, &admin, &remove)?.0, 1, "a script has to say --yes");
    assert_eq!(w.content(&entry.unique_id)?, b"document");
    let unknown = sample::new_unique_id().to_string();
    let (status, report) = run(w, &admin, &[&remove[..], &[&unknown, "--yes"]].concat())?;
    assert_eq!((status, &report["removed"]), (3, &serde_json::json!([id])), "{report}");
    assert_eq!(errors(&report), ["XDSDocumentUniqueIdError"]);
    ensure!(w.content(&entry.unique_id).is_err(), "it is still there");
    assert_eq!(recorded(w, &admin, "110110 ITI-86 D 0")?, 1);
    // For people: what goes is shown, and what went.
    let (_, entry) = document(w, b"shown")?;
    let own = crate::shell::options(w, &admin)?;
    let own: Vec<&str> = own.iter().map(String::as_str).collect();
    let id = entry.unique_id.to_string();
    let output = program::run(&[&["admin", "remove-documents", &id, "--yes"][..], &own].concat())?;
    ensure!(String::from_utf8_lossy(&output.stderr).contains(&id), "{output:?}");
    ensure!(String::from_utf8_lossy(&output.stdout).contains("removed 1"), "{output:?}");
    Ok(())
}
