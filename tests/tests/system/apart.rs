//! Registry and repository in two processes, with a data directory and a CA each: ITI-42 and ITI-18 over mutual TLS
//! are all that is between them. They are of two houses, or of one, whose nodes are entered at both.

use crate::access;
use crate::expect::{self, refused_with};
use crate::handshake::soon_known;
use anyhow::{Context, Result, ensure};
use renkei_metadata::ids::{EntryUuid, ObjectId, Oid, PatientId, RepositoryUniqueId, UniqueId};
use renkei_metadata::model::{AvailabilityStatus, RegistryObject, Submission};
use renkei_soap::envelope::{ON_BEHALF, OnBehalfOf};
use renkei_soap::fault::FaultCode;
use renkei_tests::message::Message;
use renkei_tests::world::{Caller, REGISTRY, REPOSITORY};
use renkei_tests::{Form, Start, World, message, program, sample};
use renkei_xds::iti18::QueryBuilder;
use renkei_xds::response::{RegistryResponse, Status};
use std::time::{Duration, Instant};
use uuid::Uuid;

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
        .set(&format!("registry.identity={}", identity.display()))
        .set("registry.names_nodes=false");
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
        .set(&format!("registry.identity={}", identity.display()))
        .set("registry.names_nodes=false");
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

/// A node of the house, as it is known to each process.
struct Node {
    /// To the registry.
    asks: Caller,
    /// To the repository.
    sends: Caller,
    source: Oid,
}

/// One house in two processes.
struct House {
    registry: World,
    repository: World,
    /// The repository, as the registry knows it, and one that speaks for nobody.
    known: Caller,
    silent: Caller,
}

impl House {
    /// The repository may itself see and change everything, and speaks for the clinics.
    fn start() -> Result<Self> {
        let a = World::start(registry())?;
        let id = sample::new_oid();
        let words = ["--scope", "domain", "--repository-id", id.as_str()];
        let clinics = ["a", "b", "reader", "gone"].map(|name| ["--speaks-for", name]).concat();
        let known = a.entitled("repository", &["repository"], &[&words[..], &clinics].concat())?;
        let silent = a.entitled("silent", &["repository", "consumer"], &words)?;
        let start = Start::new(Form::PLAIN)
            .set("actors=repository")
            .set(&format!("ids.home_community={}", a.renkei.ready.home_community_id))
            .set(&format!("ids.repository={id}"))
            .set(&format!("registry.url={}", a.renkei.registry()))
            .set(&format!("registry.identity={}", known.directory.display()));
        let repository = World::start(start)?;
        Ok(Self { registry: a, repository, known, silent })
    }

    /// One that is entitled to its own alone, by both processes.
    fn clinic(&self, name: &str) -> Result<Node> {
        let source = sample::new_oid();
        let words = ["--scope", "own", "--source-id", source.as_str()];
        let roles = ["source", "consumer", "administrator"];
        let asks = self.registry.entitled(name, &roles, &words)?;
        let sends = self.repository.entitled(name, &roles, &words)?;
        soon_known(&asks)?;
        soon_known(&sends)?;
        Ok(Node { asks, sends, source })
    }

    fn retrieved(&self, node: &Node, id: &UniqueId) -> Result<(usize, String)> {
        let message = message::retrieve(&[self.repository.request(id)?]);
        let got = node.sends.post(REPOSITORY, &message)?.retrieved()?;
        Ok((got.documents.len(), format!("{:?}", got.response).replace(id.as_str(), "ID")))
    }

    fn erased(&self, node: &Node, id: &UniqueId) -> Result<(Status, String)> {
        let message = message::remove_documents(&[self.repository.request(id)?]);
        let response = node.sends.post(REPOSITORY, &message)?.registry()?;
        Ok((response.status, format!("{response:?}").replace(id.as_str(), "ID")))
    }
}

impl Node {
    fn submit(&self, mut s: Submission) -> Result<RegistryResponse> {
        s.submission_set.source_id = self.source.clone();
        let message = message::provide_and_register(&s, &[b"x"]);
        self.sends.post(REPOSITORY, &message)?.registry()
    }

    /// What it finds at the registry, of whatever status.
    fn found(&self, patient: &PatientId) -> Result<Vec<UniqueId>> {
        let query = QueryBuilder::find_documents(patient, &AvailabilityStatus::ALL).build();
        let response = self.asks.post(REGISTRY, &message::query(&query))?.query()?;
        ensure!(response.status == Status::Success, "{response:?}");
        let id = |object| match object {
            RegistryObject::Entry(entry) => Some(entry.unique_id),
            _ => None,
        };
        Ok(response.objects.into_iter().filter_map(id).collect())
    }
}

#[test]
fn a_house_in_two_processes_decides_by_the_node_that_asked_first() -> Result<()> {
    let house = House::start()?;
    let (a, b) = (house.clinic("a")?, house.clinic("b")?);
    let patient = house.registry.patient();
    let theirs = sample::one(&patient, b"x");
    let first = theirs.entries[0].unique_id.clone();
    let response = a.submit(theirs)?;
    ensure!(response.status == Status::Success, "{response:?}");
    let entry = house.registry.document_of(&patient)?;

    // What it submitted is its own: it finds it, and has it. Nobody else has, nor hears that it is there.
    assert_eq!(a.found(&patient)?, std::slice::from_ref(&first));
    assert_eq!(b.found(&patient)?, []);
    assert_eq!(house.retrieved(&a, &first)?.0, 1);
    let nothing = sample::new_unique_id();
    assert_eq!(house.retrieved(&b, &first)?, house.retrieved(&b, &nothing)?);
    assert_eq!(house.retrieved(&b, &first)?.0, 0);

    // Nobody else replaces or erases it, and hears what an id would be told that names nothing.
    let replaced = |by: &Node, id: &ObjectId| -> Result<(Status, String)> {
        let response = by.submit(sample::replacement(&patient, b"x", id))?;
        Ok((response.status, format!("{response:?}").replace(&id.to_string(), "ID")))
    };
    let never = ObjectId::Uuid(EntryUuid(Uuid::new_v4()));
    assert_eq!(replaced(&b, &entry.id)?, replaced(&b, &never)?);
    assert_eq!(replaced(&b, &entry.id)?.0, Status::Failure);
    assert_eq!(house.erased(&b, &first)?, house.erased(&b, &nothing)?);
    assert_eq!(house.erased(&b, &first)?.0, Status::Failure);
    assert_eq!(replaced(&a, &entry.id)?.0, Status::Success);
    assert_eq!(a.found(&patient)?.len(), 2);
    assert_eq!(house.erased(&a, &first)?.0, Status::Success);
    assert_eq!(house.retrieved(&a, &first)?.0, 0);

    // What both sent neither erases, and each is answered as for what is not there.
    let both = sample::one(&patient, b"x");
    let shared = both.entries[0].unique_id.clone();
    let again = Submission { entries: both.entries.clone(), ..sample::one(&patient, b"x") };
    for (by, sent) in [(&a, both), (&b, again)] {
        let response = by.submit(sent)?;
        ensure!(response.status == Status::Success, "{response:?}");
        assert_eq!(house.retrieved(by, &shared)?.0, 1);
    }
    for by in [&a, &b] {
        assert_eq!(house.erased(by, &shared)?, house.erased(by, &nothing)?);
        assert_eq!(house.retrieved(by, &shared)?.0, 1);
    }

    // One that the registry lets in no more is named in vain: nothing is registered, and the log says what to do.
    let data = house.registry.renkei.place().data_dir().display().to_string();
    let output = program::run(&["pki", "revoke", "b", "--data-dir", &data])?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let began = Instant::now();
    while a.asks.connect().is_ok() && b.asks.connect()?.get("/").is_ok_and(|r| r.status != 403) {
        ensure!(began.elapsed() < Duration::from_secs(2), "not gone after two seconds");
    }
    let response = b.submit(sample::one(&patient, b"x"))?;
    let told = refused_with(&response, "XDSRegistryNotAvailable")?;
    ensure!(!told.context.contains("speaks-for"), "{}", told.context);
    assert_eq!(house.registry.documents_of(&patient)?.len(), 4);
    let log = house.repository.renkei.place().read_log();
    ensure!(log.contains("fault-not-spoken-for") && log.contains("--speaks-for"), "{log}");
    Ok(())
}

#[test]
fn who_does_not_speak_for_a_node_is_refused_whether_or_not_there_is_one() -> Result<()> {
    let house = House::start()?;
    house.clinic("a")?;
    let reader = house.registry.entitled("reader", &["consumer"], &["--scope", "domain"])?;
    let hidden = house.registry.entitled("hidden", &["source", "consumer"], &[])?;
    [&reader, &hidden, &house.known, &house.silent].into_iter().try_for_each(soon_known)?;
    let patient = house.registry.patient();
    let named = |node: &str, to_change| -> Result<String> {
        let block = OnBehalfOf { node: node.to_owned(), to_change }.header();
        Ok(block.context("no XML")?.as_xml().to_owned())
    };
    let mut set = sample::one(&patient, b"x");
    let id = RepositoryUniqueId::parse(&house.repository.renkei.ready.repository_unique_id)?;
    set.entries[0].repository = Some(id);
    let register = || message::register(&set);
    let query = || {
        let query = QueryBuilder::find_documents(&patient, &AvailabilityStatus::ALL).build();
        message::query(&query)
    };
    let remove = || message::remove_metadata(&[EntryUuid(Uuid::new_v4())]);
    let says = |by: &Caller, message: Message, blocks: &str| -> Result<String> {
        let reply = by.post(REGISTRY, &message::with_header(message, blocks))?;
        let fault = expect::fault(&reply, FaultCode::Sender)?;
        assert_eq!(expect::row(&fault)?, "fault-not-spoken-for");
        Ok(format!("{} {}", fault.ja, fault.en))
    };
    let (known, silent) = (&house.known, &house.silent);
    let administrator = &house.registry.administrator;
    let expected = says(silent, register(), &named("a", false)?)?;
    let one = named("a", false)?;
    let more = format!("<More xmlns='{ON_BEHALF}'/>");
    for (what, by, message, blocks) in [
        ("a consumer", &reader, query(), one.clone()),
        ("without the word, a query", silent, query(), one.clone()),
        ("without the word, nobody", silent, register(), named("nobody", false)?),
        ("nobody", known, register(), named("gone", false)?),
        ("one for whom it does not speak", known, register(), named("hidden", false)?),
        ("the house itself", known, register(), named("own.repository", false)?),
        ("no source", known, register(), named("reader", false)?),
        ("no administrator", known, query(), named("reader", true)?),
        ("nothing that is changed", known, register(), named("a", true)?),
        ("several", known, register(), one.repeat(2)),
        ("more than is understood", known, register(), format!("{one}{more}")),
        ("no name", known, register(), named("", false)?),
        ("another transaction", administrator, remove(), one.clone()),
    ] {
        assert_eq!(says(by, message, &blocks).context(what)?, expected, "{what}");
    }
    assert_eq!(house.registry.documents_of(&patient)?, []);

    // A node that is spoken for is answered as if it had asked itself, whatever the repository may see.
    let response = known.post(REGISTRY, &register())?.registry()?;
    ensure!(response.status == Status::Success, "{response:?}");
    let found = |by: &Caller, blocks: &str| -> Result<usize> {
        let reply = by.post(REGISTRY, &message::with_header(query(), blocks))?;
        Ok(reply.query()?.objects.len())
    };
    assert_eq!((found(known, "")?, found(known, &one)?), (1, 0));
    assert_eq!(found(known, &named("reader", false)?)?, 1);
    Ok(())
}
