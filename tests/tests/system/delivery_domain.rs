//! A real affinity domain: an arc and a code list of its own, and where to connect beside the certificate.

use crate::institution::{DOCUMENTS, Institution, approved};
use anyhow::{Context, Result, ensure};
use renkei_metadata::codes::{CodeList, default_xml};
use renkei_metadata::model::DocumentEntry;
use renkei_tests::exports::delivery;
use renkei_tests::{Form, Start, program};
use serde_json::Value;
use std::path::{Path, PathBuf};

/// An arc that is not the project's.
const ARC: &str = "1.2.392.999999.7";

/// The project's code list, moved to that arc.
fn codes(folder: &Path, change: impl Fn(String) -> String) -> Result<PathBuf> {
    let own = CodeList::read(default_xml())?.oid_root().context("no root")?.to_string();
    let path = folder.join("own-codes.xml");
    std::fs::write(&path, change(default_xml().replace(&own, ARC)))?;
    Ok(path)
}

/// The mapping with an item that the profile does not have.
fn with_own_item() -> Result<String> {
    let map = std::fs::read_to_string(delivery("map.toml"))?;
    let own = "[[item]]\nid = \"crp\"\nname_ja = \"CRP\"\nunit = \"mg/dL\"\nkind = \"number\"\n\
        [[col]]\nfrom = \"CRP\"\nto = \"x_crp\"\nas = \"num\"\n";
    Ok(map.replace("ignore = [\"CRP\"]\n", "").replace("[vocab.sex]", &format!("{own}[vocab.sex]")))
}

/// An institution of that domain; its identity was issued with a connect.json.
fn institution(codes: &Path) -> Result<Institution> {
    let setting = format!("codes.file={}", codes.display());
    let mut institution = Institution::start(Start::new(Form::PLAIN).set(&setting))?;
    let map = institution.path("map.toml");
    std::fs::write(&map, with_own_item()?)?;
    institution.mapping(&map);
    let settings = institution.settings()?;
    let more: Vec<&str> = settings.iter().chain([&setting]).flat_map(|s| ["--set", s]).collect();
    let identities = institution.world.renkei.identities();
    let identity = identities.issue_with("clinic", &["source", "feed"], &more)?;
    institution.identity(identity);
    Ok(institution)
}

#[test]
fn documents_have_the_codes_and_the_arc_of_the_domain() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let codes =
        codes(folder.path(), |xml| xml.replace("display=\"原本\"", "display=\"院内原本\""))?;
    let institution = institution(&codes)?;
    let (status, report) = institution.submit(&delivery("first.csv"))?;
    ensure!(status == Some(0) && report["submitted"] == 1, "{report}");
    let entries = institution.documents()?.remove("Z1").context("nobody")?;
    assert_eq!(approved(&entries).len(), DOCUMENTS);
    for entry in &entries {
        let class = entry.class_code.as_ref().context("no class")?;
        assert_eq!(class.scheme, format!("{ARC}.1"));
        ensure!(class.code != "SOURCE" || class.display.text() == "院内原本");
        let references = entry.reference_ids.iter();
        for reference in references {
            ensure!(reference.contains(&format!("&{ARC}.9&ISO")), "{reference}");
        }
    }
    results_are_found(&institution, &codes, entries.first().context("nothing")?)
}

/// Whoever has the connect.json of the domain also finds the documents by its codes.
fn results_are_found(institution: &Institution, codes: &Path, entry: &DocumentEntry) -> Result<()> {
    let (settings, own) = (institution.settings()?, format!("codes.file={}", codes.display()));
    let more: Vec<&str> = settings.iter().chain([&own]).flat_map(|s| ["--set", s]).collect();
    let identities = institution.world.renkei.identities();
    let reader = identities.issue_with("reader", &["consumer"], &more)?;
    let text = |path: PathBuf| path.display().to_string();
    let patient = entry.patient_id.as_ref().context("no patient")?.to_string();
    let arguments = [
        "results".to_owned(),
        "--patient".to_owned(),
        patient,
        "--audience".to_owned(),
        "full".to_owned(),
        "--connect".to_owned(),
        text(reader.join("connect.json")),
        "--identity".to_owned(),
        text(reader),
        "--state-dir".to_owned(),
        text(institution.path("reader-state")),
        "--json".to_owned(),
    ];
    let output = program::run(&arguments.iter().map(String::as_str).collect::<Vec<_>>())?;
    let told = String::from_utf8(output.stdout)?;
    ensure!(output.status.code() == Some(0) && told.contains("2025-05-12"), "{told}");
    // what the institution measures besides the profile travels, too
    ensure!(told.contains("CRP") && told.contains("0.35") && told.contains("mg/dL"), "{told}");
    Ok(())
}

#[test]
fn a_code_that_the_list_lacks_is_told_before_anything_is_sent() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let without = |xml: String, code: &str| -> String {
        let code = format!("code=\"{code}\"");
        xml.lines().filter(|line| !line.contains(&code)).collect::<Vec<_>>().join("\n")
    };
    let codes = codes(folder.path(), |xml| without(without(xml, "kcsv-1.0"), "KENSHIN"))?;
    let institution = institution(&codes)?;
    let refused = |export: &str| -> Result<String> {
        let arguments = institution.arguments(&delivery(export));
        let output = program::run(&arguments.iter().map(String::as_str).collect::<Vec<_>>())?;
        ensure!(output.status.code() == Some(1), "{:?}", output.status);
        Ok(String::from_utf8(output.stderr)?)
    };
    let told = refused("first.csv")?;
    for name in ["formatCode kcsv-1.0", "healthcareFacilityTypeCode KENSHIN", "何も送っていません"]
    {
        ensure!(told.contains(name), "{told}");
    }
    Ok(())
}

#[test]
fn a_programme_that_the_list_lacks_is_told_before_anything_is_sent() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let codes = codes(folder.path(), |xml| xml.replace("code=\"030\"", "code=\"031\""))?;
    let institution = institution(&codes)?;
    let arguments = institution.arguments(&delivery("first.csv"));
    let output = program::run(&arguments.iter().map(String::as_str).collect::<Vec<_>>())?;
    let told = String::from_utf8(output.stderr)?;
    ensure!(output.status.code() == Some(1) && told.contains("eventCodeList 030"), "{told}");
    Ok(())
}

#[test]
fn a_house_that_never_ran_says_where_it_will_be() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let path = |name: &str| folder.path().join(name).display().to_string();
    let (data, out) = (path("data"), path("out"));
    let issue = |more: &[&str]| {
        let issue = ["pki", "issue", "--data-dir", &data, "--name", "n", "--role", "source"];
        program::run(&[&issue[..], &["--out", &out, "--json"], more].concat())
    };
    let output = issue(&[])?;
    let said: Value = serde_json::from_slice(&output.stdout)?;
    let file = said["connect"].as_str().context("no connect.json")?;
    let connect: Value = serde_json::from_slice(&std::fs::read(file)?)?;
    assert_eq!(connect["endpoints"]["registry"], "https://localhost:8443/xds/registry");
    assert_eq!(connect["endpoints"]["patient_feed"], "mllps://localhost:2575");
    assert_eq!(connect["codes"]["file"], "codes.xml");
    let again: Value = serde_json::from_slice(&issue(&[])?.stdout)?;
    ensure!(again["fingerprint"] != said["fingerprint"]);
    let same: Value = serde_json::from_slice(&std::fs::read(file)?)?;
    assert_eq!(same["assigning_authority"], connect["assigning_authority"]);

    let output = issue(&["--set", "listen.systems=127.0.0.1:0"])?;
    let told = String::from_utf8(output.stderr)?;
    ensure!(told.contains("listen.systems") && told.contains("--connect"), "{told}");
    let said: Value = serde_json::from_slice(&output.stdout)?;
    assert_eq!(said["unknown"], serde_json::json!(["listen.systems"]));
    Ok(())
}

#[test]
fn a_workbook_and_a_folder_are_named() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let codes = codes(folder.path(), |xml| xml)?;
    let institution = institution(&codes)?;
    let workbook = institution.path("export.xlsx");
    std::fs::write(&workbook, b"PK\x03\x04\x14\0\x06\0\x08\0\0\0!\0[Content_Types].xml")?;
    for (path, told) in [(workbook, "CSV UTF-8"), (institution.path("."), "フォルダー")] {
        let arguments = institution.arguments(&path);
        let output = program::run(&arguments.iter().map(String::as_str).collect::<Vec<_>>())?;
        let text = String::from_utf8(output.stderr)?;
        ensure!(output.status.code() == Some(1) && text.contains(told), "{text}");
    }
    Ok(())
}
