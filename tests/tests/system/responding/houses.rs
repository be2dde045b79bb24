//! One community of several houses, with one gateway.

use super::is_told;
use crate::audit::is_complete;
use crate::forms::by_form;
use crate::repositories::repository;
use anyhow::{Context, Result, bail, ensure};
use renkei_metadata::ids::RepositoryUniqueId;
use renkei_metadata::model::{AvailabilityStatus, RegistryObject};
use renkei_tests::elsewhere::{Elsewhere, Stream, multipart};
use renkei_tests::forge::Forged;
use renkei_tests::row::named;
use renkei_tests::world::{INITIATING_GATEWAY, RESPONDING_GATEWAY};
use renkei_tests::{Form, Renkei, Start, World, audit, message, sample};
use renkei_xds::iti18::QueryBuilder;
use renkei_xds::iti43::{self, DocumentPart, DocumentRequest};
use renkei_xds::response::{RegistryResponse, Status};
use renkei_xds::transaction::{ITI_39, ITI_43};
use std::io::Write;
use std::thread;
use std::time::Duration;

on_every_database! { by by_form:
    documents_come_from_every_repository_of_the_community
    a_repository_that_goes_wrong_costs_the_others_nothing
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

    // Who may not know of them is told of both what is told of one that nobody has.
    let nobodys = DocumentRequest { unique_id: sample::new_unique_id(), ..requests[0].clone() };
    let all = [requests.clone(), vec![nobodys]].concat();
    let gateway = w.entitled("outsider", &["gateway"], &[])?;
    let got =
        gateway.post(RESPONDING_GATEWAY, &message::retrieve_by(&ITI_39, &all))?.retrieved()?;
    ensure!(got.documents.is_empty(), "{:?}", got.response);
    assert_eq!(named(&got.response.errors, "gateway-unknown-document")?.len(), 3);
    let consumer = w.entitled("outside-consumer", &["consumer"], &[])?;
    let got = consumer.post(INITIATING_GATEWAY, &message::retrieve(&all))?.retrieved()?;
    ensure!(got.documents.is_empty(), "{:?}", got.response);
    assert_eq!(named(&got.response.errors, "gateway-unknown-document")?.len(), 3);

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

/// Octets of a document too large to be held.
const LARGE: usize = 3 << 20;

/// A repository that lists a large document and sends so many of its octets, and then what `then` sends.
fn repository_of(
    house: &Renkei,
    request: &DocumentRequest,
    octets: usize,
    then: impl Fn(&mut Stream) -> Result<()> + Send + Sync + 'static,
) -> Result<Elsewhere> {
    let peers = Forged::authority_of(&house.place().data_dir())?;
    let (mime_type, content_id) = ("text/csv".to_owned(), "d@there".to_owned());
    let listed = [DocumentPart { request: request.clone(), made: None, mime_type, content_id }];
    Elsewhere::serve(&peers.server("localhost")?, &peers, move |asked, stream| {
        let response = RegistryResponse { status: Status::Success, errors: Vec::new() };
        let content = vec![b'x'; LARGE];
        let whole = multipart(asked, &ITI_43, &[("d@there", &content)], |w| {
            iti43::write_response(w, &response, &listed);
        });
        let missing = LARGE - octets;
        let end = whole.len() - if missing == 0 { 0 } else { missing + 256 };
        stream.write_all(whole.get(..end).context("shorter")?)?;
        then(stream)
    })
}

/// One breaks off, one has a thin line, one has another document than its entry says, and one is our own.
fn a_repository_that_goes_wrong_costs_the_others_nothing(form: Form) -> Result<()> {
    const ACTORS: &str =
        "actors=registry,repository,patient_feed,responding_gateway,initiating_gateway";
    let started = World::start(Start::new(form).set(ACTORS))?;
    let home = started.home()?;
    let there = |repository: &str| {
        anyhow::Ok(DocumentRequest {
            home: Some(home.clone()),
            repository: RepositoryUniqueId::parse(repository)?,
            unique_id: sample::new_unique_id(),
        })
    };
    let own = there(&started.renkei.ready.repository_unique_id)?;
    let [first, second, third] = [there("1.2.3.8")?, there("1.2.3.9")?, there("1.2.3.10")?];
    let without = |r: &DocumentRequest| DocumentRequest { home: None, ..r.clone() };
    let broken = repository_of(&started.renkei, &without(&first), 2 << 20, |_| Ok(()))?;
    let thin = repository_of(&started.renkei, &without(&second), 1 << 20, |stream| {
        for _ in 0..60 {
            thread::sleep(Duration::from_millis(500));
            stream.write_all(&[b'x'; 64 << 10])?;
        }
        Ok(())
    })?;
    let another = repository_of(&started.renkei, &without(&third), LARGE, |_| Ok(()))?;
    let table = format!(
        "community.repositories=1.2.3.8={},1.2.3.9={},1.2.3.10={}",
        broken.url(),
        thin.url(),
        another.url()
    );
    let World { source, consumer, repository, administrator, feed, gateway, renkei } = started;
    let (_, place) = renkei.stop()?;
    let start = Start::new(form).set(ACTORS).set(&table).set("gateway.together_seconds=4");
    let renkei = start.go_in(place)?;
    let w = World { source, consumer, repository, administrator, feed, gateway, renkei };

    let patient = w.patient();
    let mut entry = sample::entry(&patient, b"ours");
    entry.unique_id = own.unique_id.clone();
    w.submitted(&sample::submission(&patient, vec![entry]), &[b"ours"])?;
    let mut entry = sample::entry(&patient, &[b'y'; LARGE]);
    entry.unique_id = third.unique_id.clone();
    entry.repository = Some(third.repository.clone());
    let registered = w.register(&sample::submission(&patient, vec![entry]))?;
    ensure!(registered.status == Status::Success, "{registered:?}");
    let requests = [first, own, second, third];
    let message = message::retrieve(&requests);
    let here = || w.consumer.post(INITIATING_GATEWAY, &message)?.retrieved();
    let across = || w.retrieve_across(&requests);
    for got in [here()?, across()?] {
        ensure!(got.response.status == Status::PartialSuccess, "{:?}", got.response);
        let came: Vec<&[u8]> = got.documents.iter().map(|d| &d.content[..]).collect();
        assert_eq!(came, [b"ours"]);
        for (row, request) in [
            ("gateway-repository-broken", &requests[0]),
            ("gateway-repository-large", &requests[2]),
            ("gateway-repository-differs", &requests[3]),
        ] {
            let told =
                named(&got.response.errors, row).with_context(|| format!("{:?}", got.response))?;
            let [told] = told[..] else { bail!("{:?}", got.response) };
            ensure!(told.context.contains(request.unique_id.as_str()), "{told:?}");
        }
        assert_eq!(got.response.errors.len(), 3, "{:?}", got.response);
    }
    Ok(())
}
