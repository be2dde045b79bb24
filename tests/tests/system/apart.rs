//! Registry and repository in two processes, of two houses with a CA each: ITI-42 and ITI-18 over
//! mutual TLS are all that is between them.

use crate::access;
use crate::expect::refused_with;
use anyhow::{Result, ensure};
use renkei_tests::world::{Caller, REGISTRY, REPOSITORY};
use renkei_tests::{Form, Start, World, message, sample};
use renkei_xds::iti18::QueryBuilder;
use std::time::{Duration, Instant};

/// A house that serves the registry only.
fn registry() -> Start {
    Start::new(Form::PLAIN).set("actors=registry,patient_feed")
}

#[test]
fn a_repository_registers_with_a_registry_elsewhere() -> Result<()> {
    let a = World::start(registry())?;
    let identity = a.renkei.identities().issue("their-repository", &["repository"])?;
    let start = Start::new(Form::PLAIN)
        .set("actors=repository")
        .set(&format!("ids.home_community={}", a.renkei.ready.home_community_id))
        .set(&format!("registry.url={}", a.renkei.registry()))
        .set(&format!("registry.identity={}", identity.display()));
    let b = World::start(start)?;
    ensure!(a.renkei.ready.endpoints.repository.is_none());
    ensure!(b.renkei.ready.endpoints.registry.is_none());

    let patient = a.patient();
    let sent = sample::one(&patient, b"here");
    b.submitted(&sent, &[b"here"])?;
    let found = a.document_of(&patient)?;
    let repository = found.repository.as_ref().map(ToString::to_string);
    assert_eq!(repository.as_deref(), Some(b.renkei.ready.repository_unique_id.as_str()));
    assert_eq!(b.content(&found.unique_id)?, b"here");
    // What the registry refuses, the repository hands on.
    let response = b.submit(&sent, &[b"here"])?;
    refused_with(&response, "XDSDuplicateUniqueIdInRegistry")?;
    assert_eq!(b.content(&found.unique_id)?, b"here");

    // Without its registry the repository promises nothing.
    let consumer = a.consumer.directory.clone();
    let (_, place) = a.renkei.stop()?;
    let later = sample::one(&patient, b"later");
    let began = Instant::now();
    let response = b.submit(&later, &[b"later"])?;
    refused_with(&response, "XDSRegistryNotAvailable")?;
    ensure!(began.elapsed() < Duration::from_secs(30), "it took {:?}", began.elapsed());
    assert_eq!(b.content(&found.unique_id)?, b"here", "what was registered stays");

    // When that is back, the same submission goes through, once.
    let again = registry().go_in(place)?;
    b.submitted(&later, &[b"later"])?;
    let consumer = Caller::new(&again, "test-consumer", consumer)?;
    let id = later.entries[0].unique_id.clone();
    let query = message::query(
        &QueryBuilder::get_documents_by_unique_id(std::slice::from_ref(&id)).build(),
    );
    assert_eq!(consumer.post(REGISTRY, &query)?.query()?.objects.len(), 1);
    assert_eq!(b.content(&id)?, b"later");
    Ok(())
}

/// The repository asks by ITI-18 who may have a document, and judges what it is told.
#[test]
fn a_correction_at_the_registry_decides_at_a_repository_elsewhere() -> Result<()> {
    let a = World::start(registry())?;
    let identity = a.renkei.identities().issue("their-repository", &["repository"])?;
    let start = Start::new(Form::PLAIN)
        .set("actors=repository")
        .set(&format!("ids.home_community={}", a.renkei.ready.home_community_id))
        .set(&format!("registry.url={}", a.renkei.registry()))
        .set(&format!("registry.identity={}", identity.display()));
    let b = World::start(start)?;
    let patient = a.patient();
    let sent = access::sent(&patient, "STAT", &[&access::employer("KK-1")]);
    b.submitted(&sent, &[b"x"])?;
    let doctor = b.entitled("doctor", &["consumer"], &["--scope", "employer=KK-1"])?;
    let given = || -> Result<usize> {
        let message = message::retrieve(&[b.request(&sent.entries[0].unique_id)?]);
        Ok(doctor.post(REPOSITORY, &message)?.retrieved()?.documents.len())
    };
    assert_eq!(given()?, 1);
    access::corrected(&a, &patient, "FULL")?;
    assert_eq!(given()?, 0, "the earlier version opens nothing");
    access::corrected(&a, &patient, "WORK")?;
    assert_eq!(given()?, 1);
    Ok(())
}

#[test]
fn a_repository_without_registry_does_not_start() -> Result<()> {
    let failed = Start::new(Form::PLAIN).set("actors=repository").go();
    let error = failed.err().map(|e| e.to_string()).unwrap_or_default();
    ensure!(error.contains("registry.url"), "{error}");
    Ok(())
}
