//! Two repositories of two houses register at the registry of a third; what a consumer finds there is
//! retrieved from whoever has it.

use crate::forms::by_form;
use anyhow::{Context, Result, ensure};
use renkei_metadata::model::DocumentEntry;
use renkei_tests::world::Caller;
use renkei_tests::{Form, Start, World, program, sample};
use renkei_xds::response::Status;
use serde_json::Value;
use std::path::{Path, PathBuf};

on_every_database! { by by_form:
    documents_are_retrieved_from_whoever_has_them
    the_house_of_the_registry_tells_where_each_repository_is
    an_entry_that_another_repository_registered_is_not_ours_to_give
}

/// The houses of one community, which share a CA and know each other's peers.
struct Community {
    registry: World,
    first: World,
    second: World,
}

impl Community {
    fn start(form: Form) -> Result<Self> {
        let registry = World::start(Start::new(form).set(ACTORS))?;
        let (first, second) =
            (repository(form, &registry, "first")?, repository(form, &registry, "second")?);
        Ok(Self { registry, first, second })
    }

    /// Runs a command of a consumer who was told of these repositories.
    fn ask(&self, told: &[&World], words: &[&str]) -> Result<(Option<i32>, Value)> {
        let place = tempfile::tempdir()?;
        let path = |name: &str| place.path().join(name).display().to_string();
        let mut ready: Value =
            serde_json::from_slice(&std::fs::read(self.registry.renkei.connect_file()?)?)?;
        for world in told {
            let id = &world.renkei.ready.repository_unique_id;
            ready["repositories"][id] = world.renkei.repository().into();
        }
        std::fs::write(path("connect.json"), ready.to_string())?;
        let identity = self.registry.consumer.directory.display().to_string();
        let (connect, state, json) = (path("connect.json"), path("state"), "--json");
        let more = ["--connect", &connect, "--identity", &identity, "--state-dir", &state, json];
        let output = program::run(&[words, &more].concat())?;
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        let told = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| text.into());
        Ok((output.status.code(), told))
    }
}

/// What the house of the registry serves.
const ACTORS: &str = "actors=registry,patient_feed";

/// A house that serves a repository only, which registers at `registry` and has its CA and its peers.
pub(crate) fn repository(form: Form, registry: &World, name: &str) -> Result<World> {
    let words = ["--speaks-for", "any"];
    let identity = registry.renkei.identities().issue_with(name, &["repository"], &words)?;
    let start = || {
        Start::new(form)
            .set("actors=repository")
            .set(&format!("ids.home_community={}", registry.renkei.ready.home_community_id))
            .set(&format!("registry.url={}", registry.renkei.registry()))
            .set(&format!("registry.identity={}", identity.display()))
    };
    let (_, place) = start().go()?.stop()?;
    let pki = |data: PathBuf| data.join("pki");
    let own = pki(place.data_dir());
    std::fs::remove_dir_all(&own)?;
    copy(&pki(registry.renkei.place().data_dir()), &own)?;
    let renkei = start().go_in(place)?;
    let caller = |of: &Caller| Caller::new(&renkei, &of.name, of.directory.clone());
    Ok(World {
        source: caller(&registry.source)?,
        consumer: caller(&registry.consumer)?,
        repository: caller(&registry.repository)?,
        administrator: caller(&registry.administrator)?,
        feed: caller(&registry.feed)?,
        gateway: caller(&registry.gateway)?,
        renkei,
    })
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            std::fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

/// The repositoryUniqueId of a house.
fn id(world: &World) -> &str {
    &world.renkei.ready.repository_unique_id
}

fn documents_are_retrieved_from_whoever_has_them(form: Form) -> Result<()> {
    let community = Community::start(form)?;
    let Community { registry, first, second } = &community;
    let patient = registry.patient();
    let both = [(first, &b"one"[..]), (second, &b"two"[..])];
    for (world, content) in both {
        world.submitted(&sample::one(&patient, content), &[content])?;
    }
    let found = registry.documents_of(&patient)?;
    assert_eq!(found.len(), 2);
    for (world, content) in both {
        let is_own =
            |e: &&DocumentEntry| e.repository.as_ref().is_some_and(|r| r.as_str() == id(world));
        let entry = found.iter().find(is_own).context("no entry")?;
        assert_eq!(world.content(&entry.unique_id)?, content);
        let out = tempfile::tempdir()?;
        let to = out.path().display().to_string();
        let words =
            ["retrieve", entry.unique_id.as_str(), "--repository-id", id(world), "--out", &to];
        let (status, got) = community.ask(&[first, second], &words)?;
        assert_eq!(status, Some(0), "{got}");
        let file = got["documents"][0]["file"].as_str().context("no file")?;
        assert_eq!(std::fs::read(file)?, content);
        // who was told of others only hears which one is missing
        let (status, told) = community.ask(&[other(world, both.map(|(w, _)| w))], &words)?;
        assert_eq!(status, Some(1), "{told}");
        ensure!(told.as_str().is_some_and(|text| text.contains(id(world))), "{told}");
    }

    // the results of a person are asked of both, and one that is missing hides nothing of the other
    let patient = patient.to_string();
    let words = ["results", "--patient", &patient, "--audience", "full"];
    let (_, years) = community.ask(&[first, second], &words)?;
    assert_eq!(years["retrieved"], 2, "{years}");
    let (_, years) = community.ask(&[first], &words)?;
    assert_eq!(years["retrieved"], 1, "{years}");
    let missing = years["not_shown"].as_array().context("nothing missing")?;
    ensure!(missing.iter().any(|m| m["code"] == "unknown-repository"), "{years}");
    Ok(())
}

fn other<'w>(this: &World, both: [&'w World; 2]) -> &'w World {
    let [first, second] = both;
    if id(first) == id(this) { second } else { first }
}

fn the_house_of_the_registry_tells_where_each_repository_is(form: Form) -> Result<()> {
    let table = "community.repositories=1.2.3=https://a.example/x,1.2.4=https://b.example/y";
    let start = Start::new(form).set(table);
    let world = World::start(start)?;
    let told = &world.renkei.ready.repositories;
    assert_eq!(told.get("1.2.4").map(String::as_str), Some("https://b.example/y"));
    assert_eq!(told.get(id(&world)).map(String::as_str), Some(world.renkei.repository()));
    let more = ["--set", table];
    let identity = world.renkei.identities().issue_with("reader", &["consumer"], &more)?;
    let connect: Value = serde_json::from_slice(&std::fs::read(identity.join("connect.json"))?)?;
    assert_eq!(connect["repositories"]["1.2.3"], "https://a.example/x");
    for wrong in ["1.2.3", "1.2.3=http://a.example", "x=https://a.example"] {
        let start = Start::new(form).set(&format!("community.repositories={wrong}"));
        let error = start.go().err().map(|e| e.to_string()).unwrap_or_default();
        ensure!(error.contains("community.repositories"), "{error}");
    }
    Ok(())
}

fn an_entry_that_another_repository_registered_is_not_ours_to_give(form: Form) -> Result<()> {
    let Community { registry, first, second } = Community::start(form)?;
    let patient = registry.patient();
    second.submitted(&sample::one(&patient, b"two"), &[b"two"])?;
    let entry = registry.document_of(&patient)?;
    let repository = entry.repository.clone().context("no repository")?;
    let request = renkei_xds::iti43::DocumentRequest {
        home: None,
        repository,
        unique_id: entry.unique_id.clone(),
    };
    let got = first.retrieve(std::slice::from_ref(&request))?;
    assert_eq!(got.response.status, Status::Failure);
    assert_eq!(got.response.errors[0].code, "XDSUnknownRepositoryId");
    assert_eq!(got.response.errors[0].location, entry.unique_id.as_str());
    Ok(())
}
