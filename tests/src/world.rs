//! A running program with one identity for each role: what most tests need.

use crate::message::{self, Message};
use crate::mllp::Feed;
use crate::reply::{Reply, Retrieved};
use crate::undertaker::Undertaker;
use crate::wire::{Wire, connector};
use crate::{Form, Renkei, Start, postgres, sample};
use anyhow::{Context, Result, ensure};
use openssl::ssl::SslConnector;
use renkei_metadata::ids::{EntryUuid, HomeCommunityId, PatientId, RepositoryUniqueId, UniqueId};
use renkei_metadata::model::{AvailabilityStatus, DocumentEntry, RegistryObject, Submission};
use renkei_xds::iti18::{AdhocQuery, QueryBuilder, QueryResponse};
use renkei_xds::iti43::DocumentRequest;
use renkei_xds::response::{RegistryResponse, Status};
use renkei_xds::transaction::{ITI_38, ITI_39};
use std::path::PathBuf;
use std::sync::{Mutex, OnceLock};

/// The path of the registry.
pub const REGISTRY: &str = "/xds/registry";
/// The path of the repository.
pub const REPOSITORY: &str = "/xds/repository";

/// The path of the Initiating Gateway.
pub const INITIATING_GATEWAY: &str = "/xca/initiating";
/// The path of the Responding Gateway.
pub const RESPONDING_GATEWAY: &str = "/xca/responding";

/// The path of the patient feed over HL7 v3.
pub const PATIENT_FEED_V3: &str = "/patients/feed";

/// The path of the PIX Manager over HL7 v3.
pub const PIX_V3: &str = "/patients/pix";
/// The path of the Patient Demographics Supplier over HL7 v3.
pub const PDQ_V3: &str = "/patients/pdq";

/// The path of patient discovery.
pub const XCPD: &str = "/xcpd";

/// A node that calls.
pub struct Caller {
    /// Its name in the peer table.
    pub name: String,
    /// Its identity.
    pub directory: PathBuf,
    connector: SslConnector,
    port: u16,
}

impl Caller {
    /// The node with the identity in `directory`.
    pub fn new(renkei: &Renkei, name: &str, directory: PathBuf) -> Result<Self> {
        let connector = connector(&renkei.ready.ca, Some(&directory))?;
        Ok(Self { name: name.to_owned(), directory, connector, port: renkei.port() })
    }

    /// A connection of its own.
    pub fn connect(&self) -> Result<Wire> {
        Wire::connect(&self.connector, self.port)
    }

    /// Sends a message over a new connection.
    pub fn post(&self, path: &str, message: &Message) -> Result<Reply> {
        Reply::of(self.connect()?.post(path, &message.content_type, &message.body)?)
    }

    /// The TLS settings.
    pub fn connector(&self) -> &SslConnector {
        &self.connector
    }
}

/// A world that lives as long as this process and is cleaned up after it.
pub struct Kept {
    world: World,
    _undertaker: Undertaker,
}

impl Kept {
    /// Starts one for several tests.
    pub fn start(start: Start) -> Result<Self> {
        let world = World::start(start)?;
        let _undertaker = Undertaker::wait_with(&world.renkei.epitaph())?;
        Ok(Self { world, _undertaker })
    }
}

impl std::ops::Deref for Kept {
    type Target = World;

    fn deref(&self) -> &World {
        &self.world
    }
}

/// The program and its callers.
pub struct World {
    /// The program.
    pub renkei: Renkei,
    /// May call ITI-41.
    pub source: Caller,
    /// May call ITI-18 and ITI-43.
    pub consumer: Caller,
    /// May call ITI-42.
    pub repository: Caller,
    /// May call ITI-62 and ITI-86.
    pub administrator: Caller,
    /// May call ITI-8.
    pub feed: Caller,
    /// May call ITI-38 and ITI-39: the gateway of another community.
    pub gateway: Caller,
}

impl World {
    /// Starts one for a single test.
    pub fn start(start: Start) -> Result<Self> {
        let renkei = start.go()?;
        let ids = renkei.identities();
        let caller = |name: &str, role: &str| Caller::new(&renkei, name, ids.issue(name, &[role])?);
        Ok(Self {
            source: caller("test-source", "source")?,
            consumer: caller("test-consumer", "consumer")?,
            repository: caller("test-repository", "repository")?,
            administrator: caller("test-administrator", "administrator")?,
            feed: caller("test-feed", "feed")?,
            gateway: caller("test-gateway", "gateway")?,
            renkei,
        })
    }

    /// The one that all tests of a form share: each test has patients of its own, so that they do
    /// not meet. `None` where the form cannot run.
    pub fn shared(form: Form) -> Result<Option<&'static Self>> {
        static WORLDS: [OnceLock<Kept>; 4] = [const { OnceLock::new() }; 4];
        static STARTING: Mutex<()> = Mutex::new(());
        if form.postgres && postgres::server().is_none() {
            eprintln!("note: no PostgreSQL here, left out");
            return Ok(None);
        }
        let number = usize::from(form.postgres) * 2 + usize::from(form.wired);
        let place = WORLDS.get(number).context("no such form")?;
        let _one_at_a_time = STARTING.lock();
        if place.get().is_none() {
            drop(place.set(Kept::start(Start::new(form))?));
        }
        Ok(place.get().map(|kept| &kept.world))
    }

    /// A new identity of this community.
    pub fn caller(&self, name: &str, roles: &[&str]) -> Result<Caller> {
        Caller::new(&self.renkei, name, self.renkei.identities().issue(name, roles)?)
    }

    /// A new identity that is entitled to what `words` say and to nothing else.
    pub fn entitled(&self, name: &str, roles: &[&str], words: &[&str]) -> Result<Caller> {
        let identity = self.renkei.identities().entitled(name, roles, words)?;
        Caller::new(&self.renkei, name, identity)
    }

    /// A new patient id of the affinity domain.
    pub fn patient(&self) -> PatientId {
        sample::patient(&self.renkei.ready.assigning_authority)
    }

    /// ITI-41; fails on anything but a registry response.
    pub fn submit(&self, submission: &Submission, contents: &[&[u8]]) -> Result<RegistryResponse> {
        let message = message::provide_and_register(submission, contents);
        self.source.post(REPOSITORY, &message)?.registry()
    }

    /// ITI-41 that has to succeed without a word.
    pub fn submitted(&self, submission: &Submission, contents: &[&[u8]]) -> Result<()> {
        let response = self.submit(submission, contents)?;
        ensure!(response.status == Status::Success, "{response:?}");
        ensure!(response.errors.is_empty(), "{response:?}");
        Ok(())
    }

    /// ITI-42 by the repository.
    pub fn register(&self, submission: &Submission) -> Result<RegistryResponse> {
        self.repository.post(REGISTRY, &message::register(submission))?.registry()
    }

    /// ITI-18 by the consumer.
    pub fn query(&self, query: &AdhocQuery) -> Result<QueryResponse> {
        self.consumer.post(REGISTRY, &message::query(query))?.query()
    }

    /// The entries that a query answers; it has to succeed.
    pub fn entries(&self, query: QueryBuilder) -> Result<Vec<DocumentEntry>> {
        let response = self.query(&query.build())?;
        ensure!(response.status == Status::Success, "{response:?}");
        let entry = |object| match object {
            RegistryObject::Entry(entry) => Some(*entry),
            _ => None,
        };
        Ok(response.objects.into_iter().filter_map(entry).collect())
    }

    /// Every document of a patient, whatever its status.
    pub fn documents_of(&self, patient: &PatientId) -> Result<Vec<DocumentEntry>> {
        self.entries(QueryBuilder::find_documents(patient, &AvailabilityStatus::ALL))
    }

    /// The one document of a patient.
    pub fn document_of(&self, patient: &PatientId) -> Result<DocumentEntry> {
        let mut found = self.documents_of(patient)?;
        ensure!(found.len() == 1, "{} documents", found.len());
        found.pop().context("no document")
    }

    /// A request for a document of this repository.
    pub fn request(&self, unique_id: &UniqueId) -> Result<DocumentRequest> {
        let repository = RepositoryUniqueId::parse(&self.renkei.ready.repository_unique_id)?;
        Ok(DocumentRequest { home: None, repository, unique_id: unique_id.clone() })
    }

    /// ITI-43 by the consumer.
    pub fn retrieve(&self, requests: &[DocumentRequest]) -> Result<Retrieved> {
        self.consumer.post(REPOSITORY, &message::retrieve(requests))?.retrieved()
    }

    /// The community.
    pub fn home(&self) -> Result<HomeCommunityId> {
        Ok(HomeCommunityId::parse(&self.renkei.ready.home_community_id)?)
    }

    /// ITI-38 by the gateway of another community.
    pub fn query_across(&self, query: &AdhocQuery) -> Result<QueryResponse> {
        self.gateway.post(RESPONDING_GATEWAY, &message::query_by(&ITI_38, query))?.query()
    }

    /// ITI-39 by the gateway of another community.
    pub fn retrieve_across(&self, requests: &[DocumentRequest]) -> Result<Retrieved> {
        let message = message::retrieve_by(&ITI_39, requests);
        self.gateway.post(RESPONDING_GATEWAY, &message)?.retrieved()
    }

    /// A request for a document of this community.
    pub fn request_across(&self, unique_id: &UniqueId) -> Result<DocumentRequest> {
        Ok(DocumentRequest { home: Some(self.home()?), ..self.request(unique_id)? })
    }

    /// ITI-86 by the administrator.
    pub fn remove_documents(&self, requests: &[DocumentRequest]) -> Result<RegistryResponse> {
        self.administrator.post(REPOSITORY, &message::remove_documents(requests))?.registry()
    }

    /// ITI-62 by the administrator.
    pub fn remove_metadata(&self, ids: &[EntryUuid]) -> Result<RegistryResponse> {
        self.administrator.post(REGISTRY, &message::remove_metadata(ids))?.registry()
    }

    /// The octets of one document, which has to be there.
    pub fn content(&self, unique_id: &UniqueId) -> Result<Vec<u8>> {
        let mut got = self.retrieve(&[self.request(unique_id)?])?;
        ensure!(got.response.status == Status::Success, "{:?}", got.response);
        Ok(got.documents.pop().context("no document")?.content)
    }

    /// Fails unless nothing of a refused submission is left: no entry of the patient, no document.
    pub fn nothing_of(&self, submission: &Submission) -> Result<()> {
        if let Some(patient) = &submission.submission_set.patient_id {
            let found = self.documents_of(patient)?;
            ensure!(found.is_empty(), "{found:?}");
        }
        for entry in &submission.entries {
            let got = self.retrieve(&[self.request(&entry.unique_id)?])?;
            ensure!(got.documents.is_empty(), "{} can be retrieved", entry.unique_id);
            let codes: Vec<&str> = got.response.errors.iter().map(|e| e.code.as_str()).collect();
            ensure!(codes == ["XDSDocumentUniqueIdError"], "{codes:?}");
        }
        Ok(())
    }

    /// A connection to the patient feed as `caller`.
    pub fn feed_as(&self, caller: &Caller) -> Result<Feed> {
        Feed::connect(caller.connector(), self.feed_port()?)
    }

    /// The port of the patient feed.
    pub fn feed_port(&self) -> Result<u16> {
        let address = self.renkei.ready.endpoints.patient_feed.as_deref().context("no feed")?;
        Ok(address.rsplit_once(':').context("no port")?.1.parse()?)
    }
}
