//! `renkei submit --set`: whatever docs/SUBMIT-SETS.md shows is sent as it stands there.

use crate::shell::{codes, done, errors, recorded, run, text};
use anyhow::{Context, Result, ensure};
use renkei_metadata::ids::{EntryUuid, ObjectId, PatientId, RepositoryUniqueId};
use renkei_metadata::model::{
    Association, AssociationType, AvailabilityStatus, EntryType, RegistryObject,
    SubmissionSetStatus,
};
use renkei_tests::world::{Caller, REGISTRY};
use renkei_tests::{World, message, sample, schema};
use renkei_xds::iti18::QueryBuilder;
use renkei_xds::response::Status;
use serde_json::Value;
use std::path::Path;
use tempfile::TempDir;

on_every_database! {
    documents_are_sent_with_what_the_file_says_and_what_it_does_not
    every_association_of_the_guide_is_made
    members_come_by_reference_and_folders_are_made_and_extended
    mistakes_and_refusals_are_told_and_nothing_is_sent
    a_check_shows_the_metadata_and_sends_nothing
}

const GUIDE: &str = include_str!("../../../docs/SUBMIT-SETS.md");
/// What stands in the guide for a registered document, and for a registered folder.
const DOCUMENT: &str = "urn:uuid:00000000-0000-4000-8000-000000000001";
const FOLDER: &str = "urn:uuid:00000000-0000-4000-8000-000000000002";
/// And for a registered On-Demand document.
const ON_DEMAND: &str = "urn:uuid:00000000-0000-4000-8000-000000000003";

/// The samples of the guide and the folder with their files.
struct Guide {
    head: String,
    samples: Vec<&'static str>,
    place: TempDir,
}

impl Guide {
    fn open(patient: &PatientId) -> Result<Self> {
        let blocks = GUIDE.split("```toml\n").skip(1);
        let mut blocks = blocks.filter_map(|rest| rest.split("```").next());
        let head = blocks.next().context("no head")?;
        let head = head.replace("P-0001^^^&2.999.11&ISO", &patient.to_string());
        let place = tempfile::tempdir()?;
        for name in ["checkup.csv", "original.csv", "signature.xml"] {
            std::fs::write(place.path().join(name), name)?;
        }
        Ok(Self { head, samples: blocks.collect(), place })
    }

    /// The sample that has this in it, with what it refers to, in a file.
    fn write(&self, wanted: &str, document: &str, folder: &str) -> Result<String> {
        let sample = self.samples.iter().find(|s| s.contains(wanted)).context("no such sample")?;
        let sample = sample.replace(DOCUMENT, document).replace(FOLDER, folder);
        self.file(&format!("{}\n{sample}", self.head))
    }

    fn file(&self, text: &str) -> Result<String> {
        let path = self.place.path().join("set.toml");
        std::fs::write(&path, text)?;
        Ok(path.display().to_string())
    }
}

struct Sender<'w> {
    w: &'w World,
    caller: Caller,
    guide: Guide,
    patient: PatientId,
}

impl<'w> Sender<'w> {
    fn new(w: &'w World, name: &str) -> Result<Self> {
        let patient = w.patient();
        let (caller, guide) = (w.caller(name, &["source"])?, Guide::open(&patient)?);
        Ok(Self { w, caller, guide, patient })
    }

    fn send(&self, file: &str) -> Result<Value> {
        done(self.w, &self.caller, &["submit", "--set", file, "--codes", &codes(self.w)])
    }

    /// A registered document: its entryUUID.
    fn document(&self) -> Result<String> {
        let new = self.send(&self.guide.write("original.csv\"\nclassCode", "", "")?)?;
        Ok(text(&new, "/documents/0/id")?.to_owned())
    }

    /// The associations at an object.
    fn links(&self, id: &str) -> Result<Vec<Association>> {
        let query = QueryBuilder::get_associations(&[EntryUuid::parse(id)?]).build();
        let link = |object| match object {
            RegistryObject::Association(link) => Some(*link),
            _ => None,
        };
        Ok(self.w.query(&query)?.objects.into_iter().filter_map(link).collect())
    }
}

/// A registered On-Demand document of the patient: its entryUUID.
fn on_demand(sender: &Sender<'_>) -> Result<String> {
    let mut sent = sample::one(&sender.patient, b"");
    let entry = &mut sent.entries[0];
    entry.object_type = EntryType::OnDemand;
    (entry.creation_time, entry.hash, entry.size) = (None, None, None);
    entry.repository = Some(RepositoryUniqueId(sample::new_oid()));
    let unique_id = entry.unique_id.clone();
    let message = message::register_on_demand(&sent);
    let response = sender.w.repository.post(REGISTRY, &message)?.registry()?;
    ensure!(response.status == Status::Success, "{response:?}");
    let query = QueryBuilder::get_documents_by_unique_id(&[unique_id]);
    Ok(sender.w.entries(query)?.pop().context("no entry")?.id.to_string())
}

fn id(text: &str) -> Result<ObjectId> {
    Ok(ObjectId::parse(text)?)
}

fn documents_are_sent_with_what_the_file_says_and_what_it_does_not(w: &World) -> Result<()> {
    let sender = Sender::new(w, "set-documents")?;
    let file = sender.guide.write("original.csv\"\nclassCode", "", "")?;
    let report = sender.send(&file)?;
    let mut found = w.documents_of(&sender.patient)?;
    found.sort_by_key(|e| e.title.is_none());
    assert_eq!(found.len(), 2, "{found:?}");
    let ids: Vec<&str> =
        (0..2).map(|n| text(&report, &format!("/documents/{n}/id"))).collect::<Result<_>>()?;
    for entry in &found {
        ensure!(ids.contains(&entry.id.to_string().as_str()), "{report}");
    }
    assert_eq!(found[0].title.as_ref().context("no title")?.text(), "健康診断結果 2025-05-12");
    assert_eq!(found[0].language.as_ref().context("no language")?.as_str(), "ja-JP");
    assert_eq!(found[1].comments.as_ref().context("no comments")?.strings().len(), 2);
    assert_eq!(w.content(&found[0].unique_id)?, b"checkup.csv");
    assert_eq!(w.content(&found[1].unique_id)?, b"original.csv");
    assert_eq!(recorded(w, &sender.caller, "110106 ITI-41 R 0")?, 1);
    Ok(())
}

fn every_association_of_the_guide_is_made(w: &World) -> Result<()> {
    let sender = Sender::new(w, "set-associations")?;
    for (kind, association_type) in [
        ("RPLC", AssociationType::Rplc),
        ("APND", AssociationType::Apnd),
        ("XFRM_RPLC", AssociationType::XfrmRplc),
        ("signs", AssociationType::Signs),
    ] {
        let document = sender.document()?;
        let file = sender.guide.write(&format!("type = \"{kind}\""), &document, "")?;
        let report = sender.send(&file)?;
        let new = text(&report, "/documents/0/id")?;
        let links = sender.links(new)?;
        let link = links.iter().find(|a| a.association_type == association_type);
        let link = link.with_context(|| format!("{kind}: {links:?}"))?;
        assert_eq!((&link.source, &link.target), (&id(new)?, &id(&document)?), "{kind}");
        let query = QueryBuilder::get_documents(&[EntryUuid::parse(&document)?]);
        let old = w.entries(query)?.pop().context("no document")?;
        let replaced = kind.contains("RPLC");
        assert_eq!(old.status == Some(AvailabilityStatus::Deprecated), replaced, "{kind}");
    }
    let on_demand = on_demand(&sender)?;
    let file = sender.guide.write("IsSnapshotOf", "", "")?;
    let snapshot = std::fs::read_to_string(&file)?.replace(ON_DEMAND, &on_demand);
    let report = sender.send(&sender.guide.file(&snapshot)?)?;
    let links = sender.links(text(&report, "/documents/0/id")?)?;
    let link = links.iter().find(|a| a.association_type == AssociationType::IsSnapshotOf);
    assert_eq!(link.context("no IsSnapshotOf")?.target, id(&on_demand)?);

    let report = sender.send(&sender.guide.write("type = \"XFRM\"", "", "")?)?;
    let original = text(&report, "/documents/0/id")?;
    let mut links = sender.links(original)?.into_iter();
    let link = links.find(|a| a.association_type == AssociationType::Xfrm);
    let link = link.context("no XFRM")?;
    assert_eq!(link.source, id(text(&report, "/documents/1/id")?)?);
    assert_eq!(link.documentation.context("no documentation")?.code, "CONVERSION");
    Ok(())
}

fn members_come_by_reference_and_folders_are_made_and_extended(w: &World) -> Result<()> {
    let sender = Sender::new(w, "set-members")?;
    let document = sender.document()?;
    let by_reference = "\n[[association]]\ntype = \"HasMember\"\nsource = \"submission_set\"";
    let alone = sender
        .guide
        .samples
        .iter()
        .find(|s| !s.contains("[[document]]") && s.starts_with(by_reference.trim_start()));
    let alone = alone.context("no sample of a reference")?.replace(DOCUMENT, &document);
    let report = sender.send(&sender.guide.file(&format!("{}\n{alone}", sender.guide.head))?)?;
    let set = text(&report, "/submissionSet/id")?;
    let links = sender.links(set)?;
    assert_eq!(links.len(), 1, "{links:?}");
    assert_eq!(links[0].submission_set_status, Some(SubmissionSetStatus::Reference));

    let report = sender.send(&sender.guide.write("[[folder]]", &document, "")?)?;
    let folder = text(&report, "/folders/0/id")?.to_owned();
    let first = text(&report, "/documents/0/id")?.to_owned();
    let report = sender.send(&sender.guide.write(FOLDER, &document, &folder)?)?;
    let second = text(&report, "/documents/0/id")?.to_owned();
    let links = sender.links(&folder)?;
    let filed: Vec<&ObjectId> =
        links.iter().filter(|a| a.source.to_string() == folder).map(|a| &a.target).collect();
    assert_eq!(filed.len(), 3, "{links:?}");
    for member in [&document, &first, &second] {
        ensure!(filed.contains(&&id(member)?), "{member}: {filed:?}");
    }
    Ok(())
}

fn mistakes_and_refusals_are_told_and_nothing_is_sent(w: &World) -> Result<()> {
    let sender = Sender::new(w, "set-mistakes")?;
    let codes = codes(w);
    let text = format!(
        "{}\n[[document]]\nfile = 'checkup.csv'\nTitle = 'x'\nclassCode = 'Y'\n",
        sender.guide.head
    );
    let file = sender.guide.file(&text)?;
    let submit = ["submit", "--set", &file, "--codes", &codes];
    let (status, report) = run(w, &sender.caller, &submit)?;
    assert_eq!((status, &report["status"]), (2, &Value::from("failure")), "{report}");
    assert_eq!(errors(&report), ["set", "set"], "{report}");
    let line = text.lines().position(|l| l.starts_with("Title")).context("no line")? + 1;
    let told = report["errors"].to_string();
    ensure!(told.contains(&format!("set.toml:{line}")) && told.contains("CHECKUP"), "{told}");
    ensure!(w.documents_of(&sender.patient)?.is_empty());

    // What the registry refuses has its errors.
    let nobody = "urn:uuid:99999999-0000-4000-8000-000000000001";
    let file = sender.guide.write("type = \"RPLC\"", nobody, "")?;
    let (status, report) = run(w, &sender.caller, &["submit", "--set", &file, "--codes", &codes])?;
    assert_eq!(status, 2, "{report}");
    assert_eq!(errors(&report), ["UnresolvedReferenceException"], "{report}");
    ensure!(w.documents_of(&sender.patient)?.is_empty());

    let gone = Path::new(&file).with_file_name("gone.toml").display().to_string();
    assert_eq!(run(w, &sender.caller, &["submit", "--set", &gone])?.0, 1);
    let both = ["submit", "--set", &file, "export.csv", "--mapping", "m.toml"];
    assert_eq!(run(w, &sender.caller, &both)?.0, 1, "one or the other");
    let without_effect = ["submit", "--set", &file, "--concurrency", "2"];
    assert_eq!(run(w, &sender.caller, &without_effect)?.0, 1, "nothing is without effect");
    Ok(())
}

fn a_check_shows_the_metadata_and_sends_nothing(w: &World) -> Result<()> {
    let sender = Sender::new(w, "set-check")?;
    let file = sender.guide.write("original.csv\"\nclassCode", "", "")?;
    let check = ["submit", "--set", &file, "--codes", &codes(w), "--check"];
    let report = done(w, &sender.caller, &check)?;
    let xml = text(&report, "/metadata")?;
    ensure!(xml.starts_with("<lcm:SubmitObjectsRequest") && xml.contains("健康診断結果"), "{xml}");
    ensure!(xml.contains(text(&report, "/documents/1/uniqueId")?), "{xml}");
    schema::check("ebRS30/lcm.xsd", xml)?;
    ensure!(w.documents_of(&sender.patient)?.is_empty());
    Ok(())
}
