//! One community of several houses, with one gateway.

use super::is_told;
use crate::audit::is_complete;
use crate::forms::by_form;
use crate::repositories::repository;
use anyhow::{Context, Result, ensure};
use renkei_metadata::ids::RepositoryUniqueId;
use renkei_metadata::model::{AvailabilityStatus, RegistryObject};
use renkei_tests::row::named;
use renkei_tests::world::INITIATING_GATEWAY;
use renkei_tests::{Form, Start, World, audit, message, sample};
use renkei_xds::iti18::QueryBuilder;
use renkei_xds::iti43::DocumentRequest;
use renkei_xds::response::Status;

on_every_database! { by by_form:
    documents_come_from_every_repository_of_the_community
}

/// The houses of one community: that of the registry, which has the gateway, and two repositories.
fn documents_come_from_every_repository_of_the_community(form: Form) -> Result<()> {
    const ACTORS: &str =
        "actors=registry,repository,patient_feed,responding_gateway,initiating_gateway";
    let started = World::start(Start::new(form).set(ACTORS))?;
    let own = started.renkei.identities().issue("retriever", &["gateway"])?;
    let (first, second) =
        (repository(form, &started, "first")?, repository(form, &started, "second")?);
    let id = |w: &World| w.renkei.ready.repository_unique_id.clone();
    let gone = "1.2.3.9";
    let table = format!(
        "community.repositories={}={},{}={},{gone}=https://localhost:1/xds/repository",
        id(&first),
        first.renkei.repository(),
        id(&second),
        second.renkei.repository(),
    );
    let World { source, consumer, repository, administrator, feed, gateway, renkei } = started;
    let (_, place) = renkei.stop()?;
    let renkei = Start::new(form)
        .set(ACTORS)
        .set(&table)
        .set(&format!("gateway.identity={}", own.display()))
        .go_in(place)?;
    let w = World { source, consumer, repository, administrator, feed, gateway, renkei };

    let patient = w.patient();
    let large = vec![b'x'; 3 << 20];
    let both = [(&first, &b"one"[..]), (&second, &large[..])];
    for (house, content) in both {
        house.submitted(&sample::one(&patient, content), &[content])?;
    }
    let query = QueryBuilder::find_documents(&patient, &AvailabilityStatus::ALL).build();
    let found = w.query_across(&query)?;
    let mut requests: Vec<DocumentRequest> = Vec::new();
    for object in &found.objects {
        let RegistryObject::Entry(e) = object else { anyhow::bail!("no entry") };
        let repository = e.repository.clone().context("no repository")?;
        requests.push(DocumentRequest {
            home: e.home.clone(),
            repository,
            unique_id: e.unique_id.clone(),
        });
    }
    assert_eq!(requests.len(), 2);
    let got = w.retrieve_across(&requests)?;
    ensure!(got.response.status == Status::Success, "{:?}", got.response);
    for (house, content) in both {
        let came = got.documents.iter().find(|d| d.repository == id(house)).context("missing")?;
        ensure!(came.content == content, "other octets");
        assert_eq!(came.home.as_deref(), Some(w.home()?.as_str()));
    }

    // So they do at the gateway for our own consumers, who know no other address.
    let message = message::retrieve(&requests);
    let got = w.consumer.post(INITIATING_GATEWAY, &message)?.retrieved()?;
    ensure!(got.response.status == Status::Success, "{:?}", got.response);
    for (house, content) in both {
        let came = got.documents.iter().find(|d| d.repository == id(house)).context("missing")?;
        ensure!(came.content == content, "other octets");
    }

    // What one of them does not have, or one that does not answer, hides nothing of the others.
    let missing = DocumentRequest { unique_id: sample::new_unique_id(), ..requests[0].clone() };
    let silent = DocumentRequest {
        repository: RepositoryUniqueId::parse(gone)?,
        unique_id: sample::new_unique_id(),
        ..requests[0].clone()
    };
    let all = [requests.clone(), vec![missing.clone(), silent.clone()]].concat();
    let got = w.retrieve_across(&all)?;
    assert_eq!(got.documents.len(), 2);
    let told = [("XDSDocumentUniqueIdError", &missing), ("XDSRepositoryError", &silent)];
    is_told(&w, &got.response, Status::PartialSuccess, &told)?;
    let got = w.retrieve_across(&[missing.clone(), silent.clone()])?;
    is_told(&w, &got.response, Status::Failure, &told)?;
    ensure!(named(&got.response.errors, "gateway-repository-silent")?.len() == 1);

    // As a consumer it asked for what it did not have itself.
    let settings = w.renkei.settings();
    let (_, place) = w.renkei.stop()?;
    let records = audit::list(&place.data_dir(), &settings)?;
    let asked = records.iter().filter(|r| r.key() == "110107 ITI-43 C 0").collect::<Vec<_>>();
    assert_eq!(asked.len(), 6, "three retrievals of two houses");
    asked.iter().try_for_each(|record| is_complete(record))?;
    let given = records.iter().filter(|r| r.key() == "110106 ITI-39 R 0");
    assert_eq!(given.map(|r| r.objects_of(3).len()).collect::<Vec<_>>(), [2, 2]);
    Ok(())
}
