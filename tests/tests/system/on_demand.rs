//! The On-Demand document of a person: what it is made of, what it is called, and what a retrieval
//! leaves behind.

use crate::institution::Institution;
use anyhow::{Context, Result, ensure};
use renkei_metadata::ids::{PatientId, RepositoryUniqueId, UniqueId};
use renkei_metadata::model::{AvailabilityStatus, DocumentEntry, EntryType, RegistryObject};
use renkei_tests::reply::Document;
use renkei_tests::world::{Caller, INITIATING_GATEWAY, REPOSITORY};
use renkei_tests::{Form, Start, World, community, exports, message, program, sample, whole};
use renkei_xds::iti18::QueryBuilder;
use renkei_xds::iti43::DocumentRequest;
use renkei_xds::response::Status;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// Document formats by their codes.
const HS037: &str = "hs037-fhir-r4";
const YEARS: &str = "urn:renkei:checkup-years:1.0";

/// The documents of a person with this format that are approved, for those who may read everything.
fn approved(w: &World, person: &PatientId, format: &str) -> Result<Vec<DocumentEntry>> {
    let kinds = [EntryType::Stable, EntryType::OnDemand].map(EntryType::urn);
    let query = QueryBuilder::find_documents(person, &[AvailabilityStatus::Approved])
        .set("$XDSDocumentEntryType", kinds);
    let mut found = w.entries(query)?;
    let is_full = |e: &DocumentEntry| e.audience().any(|code| code.code == "FULL");
    found.retain(|e| is_full(e) && e.format_code.as_ref().is_some_and(|c| c.code == format));
    Ok(found)
}

/// The On-Demand entry of a person.
fn on_demand(w: &World, person: &PatientId) -> Result<DocumentEntry> {
    let mut found = approved(w, person, YEARS)?;
    found.retain(|entry| entry.object_type == EntryType::OnDemand);
    ensure!(found.len() == 1, "{} On-Demand entries", found.len());
    found.pop().context("no entry")
}

/// The snapshots of a person that are current.
fn snapshots(w: &World, person: &PatientId) -> Result<Vec<DocumentEntry>> {
    let mut found = approved(w, person, YEARS)?;
    found.retain(|entry| entry.object_type == EntryType::Stable);
    Ok(found)
}

fn retrieve(w: &World, id: &UniqueId) -> Result<Document> {
    let reply = w.consumer.post(REPOSITORY, &message::retrieve(&[w.request(id)?]))?;
    reply.valid_by("IHE/IHEXDSB.xsd")?;
    let mut got = reply.retrieved()?;
    ensure!(got.response.status == Status::Success, "{:?}", got.response);
    got.documents.pop().context("no document")
}

/// As another community retrieves it.
fn retrieve_across(w: &World, id: &UniqueId) -> Result<Document> {
    let mut got = w.retrieve_across(&[w.request_across(id)?])?;
    ensure!(got.response.status == Status::Success, "{:?}", got.response);
    got.documents.pop().context("no document")
}

fn made(document: &Document) -> Result<&UniqueId> {
    Ok(&document.made.as_ref().context("it is not said to be new")?.unique_id)
}

/// The sources of a document: uniqueId and the hash in hexadecimal.
fn sources(document: &Document) -> Result<BTreeMap<String, String>> {
    let bundle: Value = serde_json::from_slice(&document.content)?;
    let entries = bundle["entry"].as_array().context("no entries")?;
    let resource = |url: &str| {
        let mut found = entries.iter().filter(|entry| entry["fullUrl"] == url);
        found.next().map(|entry| &entry["resource"])
    };
    let sections = entries[0]["resource"]["section"].as_array().context("no sections")?;
    let mut sources = BTreeMap::new();
    let mut linked = BTreeSet::new();
    for section in sections {
        let named = section["entry"].as_array().context("an empty section")?;
        let url = named[0]["reference"].as_str().context("no source")?;
        let source = resource(url).context("the source is not in the document")?;
        let id = source["masterIdentifier"]["value"].as_str().context("no uniqueId")?;
        let hash = source["content"][0]["attachment"]["hash"].as_str().context("no hash")?;
        sources.insert(id.trim_start_matches("urn:oid:").to_owned(), hex::encode(base64(hash)));
        for value in &named[1..] {
            let url_of_value = value["reference"].as_str().context("no reference")?;
            let derived = &resource(url_of_value).context("no resource")?["derivedFrom"];
            if derived[0]["reference"] == url {
                linked.insert(url_of_value.to_owned());
            }
        }
    }
    let is_observation = |e: &&Value| e["resource"]["resourceType"] == "Observation";
    let observations: Vec<_> = entries.iter().filter(is_observation).collect();
    ensure!(!observations.is_empty(), "no values");
    let unlinked =
        observations.iter().find(|e| !linked.contains(e["fullUrl"].as_str().unwrap_or_default()));
    ensure!(unlinked.is_none(), "a value without its source: {unlinked:?}");
    Ok(sources)
}

/// Octets of base64 text, for the few that a hash has.
fn base64(text: &str) -> Vec<u8> {
    let mut decoded = openssl::base64::decode_block(text).unwrap_or_default();
    decoded.truncate(20);
    decoded
}

/// What the registry knows of the sources.
fn registered(w: &World, person: &PatientId) -> Result<BTreeMap<String, String>> {
    let entries = approved(w, person, HS037)?.into_iter();
    entries
        .map(|e| Ok((e.unique_id.to_string(), e.hash.context("no hash")?.as_str().to_owned())))
        .collect()
}

/// Submits the exports of these years; somebody who came in each year that there is an export of.
fn regular(institution: &Institution, years: &[u16]) -> Result<PatientId> {
    let mut people = BTreeMap::new();
    for year in years {
        let (_, report) = institution.submit(&exports::export(*year))?;
        ensure!(report["failures"].as_array().is_none_or(Vec::is_empty), "{report}");
        people = institution.people()?;
    }
    for year in [2023, 2024, 2025] {
        let table = exports::table(year)?;
        let number = table.column("受診番号")?;
        people.retain(|person, _| table.rows.iter().any(|row| row.get(number) == Some(person)));
    }
    people.into_values().next().context("nobody came every year")
}

#[test]
fn the_years_are_made_of_what_is_approved_when_they_are_asked_for() -> Result<()> {
    Form::all().into_iter().try_for_each(|form| {
        are_made_of_what_is_approved(form).with_context(|| format!("{form:?}"))
    })
}

fn are_made_of_what_is_approved(form: Form) -> Result<()> {
    let start = Start::new(form).set("ondemand.entries=automatic");
    let institution = Institution::start(start)?;
    let w = &institution.world;
    let person = regular(&institution, &[2023, 2024])?;
    let entry = on_demand(w, &person)?;
    ensure!(entry.hash.is_none() && entry.size.is_none() && entry.creation_time.is_none());
    ensure!(w.documents_of(&person)?.iter().all(|e| e.object_type == EntryType::Stable));

    let first = retrieve(w, &entry.unique_id)?;
    assert_eq!(sources(&first)?, registered(w, &person)?);
    assert_eq!((first.mime_type.as_str(), sources(&first)?.len()), ("application/fhir+json", 2));
    let bundle: Value = serde_json::from_slice(&first.content)?;
    assert_eq!(bundle["identifier"]["value"], format!("urn:oid:{}", made(&first)?));
    // the same content is the same document, and nowhere to be had again
    assert_eq!(retrieve(w, &entry.unique_id)?, first);
    assert_eq!(first.made.as_ref().context("new")?.repository, None);
    ensure!(snapshots(w, &person)?.is_empty(), "a snapshot");

    // another community gets the same
    let across = retrieve_across(w, &entry.unique_id)?;
    assert_eq!((&across.made, &across.content), (&first.made, &first.content));

    // and who sees none of it hears what is told of a document that is not there
    let outsider = w.entitled("outsider", &["consumer"], &[])?;
    crate::handshake::soon_known(&outsider)?;
    let told = |id: &UniqueId| -> Result<String> {
        let got = outsider.post(REPOSITORY, &message::retrieve(&[w.request(id)?]))?.retrieved()?;
        ensure!(got.documents.is_empty(), "{:?}", got.response);
        Ok(format!("{:?}", got.response).replace(id.as_str(), "ID"))
    };
    assert_eq!(told(&entry.unique_id)?, told(&sample::new_unique_id())?);

    let unknown = w.retrieve(&[w.request(made(&first)?)?])?;
    assert_eq!(unknown.response.errors[0].code, "XDSDocumentUniqueIdError");

    ensure!(institution.submit(&exports::export(2025))?.1["submitted"] != 0);
    let later = retrieve(w, &entry.unique_id)?;
    assert_eq!(sources(&later)?, registered(w, &person)?);
    assert_eq!(sources(&later)?.len(), 3);
    assert_ne!(made(&later)?, made(&first)?);
    assert_eq!(on_demand(w, &person)?.id, entry.id);
    Ok(())
}

#[test]
fn whoever_asks_another_community_gets_the_years_of_that_one() -> Result<()> {
    Form::all().into_iter().filter(|form| !form.wired).try_for_each(|form| {
        are_those_of_another_community(form).with_context(|| format!("{form:?}"))
    })
}

/// A house that has the years of a person, and one that has nothing of the person and asks it.
fn neighbours(form: Form, settings: &[&str]) -> Result<(Institution, World, PatientId)> {
    let start = Start::new(form).set("ondemand.entries=automatic");
    let institution = Institution::start(settings.iter().fold(start, |start, s| start.set(s)))?;
    let there = &institution.world;
    let person = regular(&institution, &[2023, 2024])?;
    let authority = &there.renkei.ready.assigning_authority;
    let here = World::start(Start::new(form).set(&format!("ids.assigning_authority={authority}")))?;
    let identity = there.renkei.identities().issue("a-gateway", &["gateway"])?;
    let url = there.renkei.ready.endpoints.responding_gateway.clone().context("no gateway")?;
    let more = ["--identity", &identity.display().to_string()];
    community::enter(&here.renkei, &there.renkei.ready.home_community_id, &url, &more)?;
    community::noticed(&here.renkei)?;
    Ok((institution, here, person))
}

/// The entries of the years of a person, of one kind, that a gateway finds for those who may read everything.
fn years_across(here: &World, person: &PatientId, kind: EntryType) -> Result<Vec<DocumentEntry>> {
    let query = QueryBuilder::find_documents(person, &[AvailabilityStatus::Approved])
        .set("$XDSDocumentEntryType", [kind.urn()]);
    let found = here.consumer.post(INITIATING_GATEWAY, &message::query(&query.build()))?.query()?;
    ensure!(found.status == Status::Success && found.errors.is_empty(), "{:?}", found.errors);
    let entries = found.objects.into_iter().filter_map(|object| match object {
        RegistryObject::Entry(entry) => Some(*entry),
        _ => None,
    });
    let is_full = |e: &DocumentEntry| e.audience().any(|code| code.code == "FULL");
    let is_years =
        |e: &DocumentEntry| e.format_code.as_ref().is_some_and(|code| code.code == YEARS);
    Ok(entries.filter(|entry| is_full(entry) && is_years(entry)).collect())
}

/// The document of an entry, by the gateway.
fn by_the_gateway(here: &World, entry: &DocumentEntry) -> Result<Document> {
    let request = DocumentRequest {
        home: entry.home.clone(),
        repository: entry.repository.clone().context("no repository")?,
        unique_id: entry.unique_id.clone(),
    };
    let reply = here.consumer.post(INITIATING_GATEWAY, &message::retrieve(&[request]))?;
    reply.valid_by("IHE/IHEXDSB.xsd")?;
    let mut got = reply.retrieved()?;
    ensure!(got.response.status == Status::Success, "{:?}", got.response);
    got.documents.pop().context("no document")
}

fn are_those_of_another_community(form: Form) -> Result<()> {
    let (institution, here, person) = neighbours(form, &[])?;
    let there = &institution.world;
    let [entry] = &years_across(&here, &person, EntryType::OnDemand)?[..] else {
        anyhow::bail!("not one On-Demand entry")
    };
    assert_eq!(entry.home, Some(there.home()?));
    let document = by_the_gateway(&here, entry)?;
    assert_eq!(document.home.as_deref(), Some(there.home()?.as_str()));
    assert_eq!(sources(&document)?, registered(there, &person)?);
    // The name of what was made comes through (ITI TF-2: 3.43.4.2.2).
    let same = retrieve(there, &entry.unique_id)?;
    assert_eq!((&document.made, document.content), (&same.made, same.content));
    ensure!(document.made.is_some(), "it is not said to be new");
    Ok(())
}

#[test]
fn whoever_asks_another_community_finds_the_snapshot_that_it_kept() -> Result<()> {
    Form::all()
        .into_iter()
        .filter(|form| !form.wired)
        .try_for_each(|form| is_found_across(form).with_context(|| format!("{form:?}")))
}

/// The other community keeps what it makes (XDS.b, Persistence of Retrieved Documents option): what ITI-39 brought is
/// there under the name that it came with, for ITI-38 and ITI-39 as well.
fn is_found_across(form: Form) -> Result<()> {
    let (institution, here, person) = neighbours(form, &["ondemand.persist=true"])?;
    let there = &institution.world;
    ensure!(years_across(&here, &person, EntryType::Stable)?.is_empty(), "kept by nobody's wish");
    let [entry] = &years_across(&here, &person, EntryType::OnDemand)?[..] else {
        anyhow::bail!("not one On-Demand entry")
    };
    let document = by_the_gateway(&here, entry)?;
    is_the_snapshot(there, &person, entry, &document)?;

    let [snapshot] = &years_across(&here, &person, EntryType::Stable)?[..] else {
        anyhow::bail!("not one snapshot")
    };
    assert_eq!((&snapshot.unique_id, &snapshot.home), (made(&document)?, &Some(there.home()?)));
    assert_eq!(snapshot.size, Some(document.content.len() as u64));
    let named = format!("{}^^^^urn:ihe:iti:xds:2013:uniqueId", entry.unique_id);
    assert_eq!(snapshot.reference_ids, [named]);
    let kept = by_the_gateway(&here, snapshot)?;
    assert_eq!((kept.content, kept.made), (document.content.clone(), None));
    // Asked for again, the On-Demand document is the one that is there.
    assert_eq!(by_the_gateway(&here, entry)?, document);
    assert_eq!(years_across(&here, &person, EntryType::Stable)?.len(), 1);
    Ok(())
}

#[test]
fn a_snapshot_is_kept_before_it_is_given_out_and_replaces_the_one_before() -> Result<()> {
    Form::all().into_iter().try_for_each(|form| {
        is_kept_before_it_is_given_out(form).with_context(|| format!("{form:?}"))
    })
}

fn is_kept_before_it_is_given_out(form: Form) -> Result<()> {
    let settings = ["ondemand.entries=automatic", "ondemand.persist=true"];
    let start = settings.iter().fold(Start::new(form), |start, set| start.set(set));
    let institution = Institution::start(start)?;
    let w = &institution.world;
    let person = regular(&institution, &[2023])?;
    let entry = on_demand(w, &person)?;
    let first = retrieve(w, &entry.unique_id)?;
    is_the_snapshot(w, &person, &entry, &first)?;
    // asked for again, it is the one that is there
    assert_eq!(retrieve(w, &entry.unique_id)?, first);
    is_the_snapshot(w, &person, &entry, &first)?;

    // for another community, too
    assert_eq!(retrieve_across(w, &entry.unique_id)?.made, first.made);
    is_the_snapshot(w, &person, &entry, &first)?;

    institution.submit(&exports::export(2024))?;
    let second = retrieve(w, &entry.unique_id)?;
    assert_ne!(made(&second)?, made(&first)?);
    is_the_snapshot(w, &person, &entry, &second)?;
    // the earlier one stays what it was
    assert_eq!(w.content(made(&first)?)?, first.content);
    Ok(())
}

/// The one current snapshot is this document, can be retrieved, and says what it is one of.
fn is_the_snapshot(
    w: &World,
    person: &PatientId,
    entry: &DocumentEntry,
    document: &Document,
) -> Result<()> {
    let found = snapshots(w, person)?;
    ensure!(found.len() == 1, "{} snapshots are current", found.len());
    assert_eq!(found[0].unique_id, *made(document)?);
    assert_eq!(found[0].size, Some(document.content.len() as u64));
    assert_eq!(w.content(made(document)?)?, document.content);
    let named = format!("{}^^^^urn:ihe:iti:xds:2013:uniqueId", entry.unique_id);
    assert_eq!(found[0].reference_ids, [named]);
    Ok(())
}

/// The steps at which a retrieval that keeps a snapshot may end.
pub(crate) const STEPS: [&str; 5] = [
    "on-demand.snapshot_made",
    "repository.content_stored",
    "repository.registered",
    "registry.after_commit",
    "on-demand.snapshot_kept",
];

#[test]
fn killed_anywhere_a_snapshot_is_there_once_or_not_at_all() -> Result<()> {
    for form in Form::all().into_iter().filter(|form| !form.wired) {
        for step in STEPS {
            snapshot_ends_at(form, step).with_context(|| format!("{form:?}, {step}"))?;
        }
    }
    Ok(())
}

/// A start that keeps snapshots, and whose repair takes seconds.
fn keeping(form: Form) -> Start {
    let settings = [
        "ondemand.persist=true",
        "repository.lease_seconds=2",
        "repository.grace_seconds=1",
        "repository.sweep_seconds=1",
    ];
    settings.iter().fold(Start::new(form), |start, setting| start.set(setting))
}

fn snapshot_ends_at(form: Form, step: &str) -> Result<()> {
    // the entry and the checkup are there before the process that is to end
    let institution = Institution::start(keeping(form).set("ondemand.entries=automatic"))?;
    let person = regular(&institution, &[2023])?;
    let entry = on_demand(&institution.world, &person)?;
    let World { renkei, consumer, .. } = institution.world;
    let consumer = consumer.directory;
    let (_, place) = renkei.stop()?;

    let mut renkei = keeping(form).failpoint(step).go_in(place)?;
    let connected = Caller::new(&renkei, "test-consumer", consumer.clone())?;
    let repository = RepositoryUniqueId::parse(&renkei.ready.repository_unique_id)?;
    let request = DocumentRequest { home: None, repository, unique_id: entry.unique_id.clone() };
    let message = message::retrieve(&[request]);
    ensure!(connected.post(REPOSITORY, &message).is_err(), "it was answered");
    ensure!(!renkei.wait(Duration::from_secs(10))?.success(), "it ended in order");

    let renkei = keeping(form).go_in(renkei.into_place())?;
    let caller = || Caller::new(&renkei, "test-consumer", consumer.clone());
    let (source, repository, feed) = (caller()?, caller()?, caller()?);
    let (consumer, administrator, gateway) = (caller()?, caller()?, caller()?);
    let w = World { source, consumer, repository, administrator, feed, gateway, renkei };
    let document = retrieve(&w, &entry.unique_id)?;
    is_the_snapshot(&w, &person, &entry, &document)?;
    let counts = whole::settled(w.renkei.place(), &w.renkei.settings(), Duration::from_secs(30))?;
    ensure!(counts.faults() == [0; 4], "{counts:?}");
    is_the_snapshot(&w, &person, &entry, &document)
}

#[test]
fn an_entry_is_registered_by_command_once() -> Result<()> {
    let institution = Institution::new()?;
    let w = &institution.world;
    let person = regular(&institution, &[2024])?;
    ensure!(approved(w, &person, YEARS)?.is_empty(), "an entry that nobody asked for");
    let identity = w.renkei.identities().issue("on-demand", &["repository"])?;
    let connect = w.renkei.connect_file()?.display().to_string();
    let place = tempfile::tempdir()?;
    let [identity, state] = [identity, place.path().join("s")].map(|p| p.display().to_string());
    let patient = person.to_string();
    let register = || -> Result<Value> {
        let output = program::run(&[
            "ondemand",
            "register",
            "--patient",
            &patient,
            "--connect",
            &connect,
            "--identity",
            &identity,
            "--state-dir",
            &state,
            "--json",
        ])?;
        ensure!(output.status.success(), "{output:?}");
        Ok(serde_json::from_slice(&output.stdout)?)
    };
    let told = register()?;
    assert_eq!((&told["status"], &told["registered"]), (&"success".into(), &true.into()), "{told}");
    let entry = on_demand(w, &person)?;
    assert_eq!(told["document"], entry.unique_id.as_str());
    assert_eq!(register()?["registered"], false);
    assert_eq!(on_demand(w, &person)?.id, entry.id);
    ensure!(retrieve(w, &entry.unique_id)?.made.is_some());

    // the command line says under which name it came
    let out = place.path().join("out").display().to_string();
    let consumer = w.consumer.directory.display().to_string();
    let output = program::run(&[
        "retrieve",
        entry.unique_id.as_str(),
        "--connect",
        &connect,
        "--identity",
        &consumer,
        "--state-dir",
        &state,
        "--out",
        &out,
        "--json",
    ])?;
    let got: Value = serde_json::from_slice(&output.stdout)?;
    let document = retrieve(w, &entry.unique_id)?;
    assert_eq!(got["documents"][0]["newUniqueId"], made(&document)?.as_str(), "{got}");
    Ok(())
}
