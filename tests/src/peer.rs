//! A well-behaved peer over the hand-made wire: submits, asks, fetches, and understands the answers.

use crate::message::{self, Message};
use crate::process::Renkei;
use crate::reply::Reply;
use crate::sample;
use crate::wire::{self, Wire};
use crate::world::{REGISTRY, REPOSITORY};
use anyhow::{Result, bail};
use openssl::ssl::SslConnector;
use renkei_metadata::ids::{Oid, PatientId, RepositoryUniqueId, UniqueId};
use renkei_metadata::model::{DocumentEntry, RegistryObject, Submission};
use renkei_xds::iti18::{AdhocQuery, QueryBuilder};
use renkei_xds::iti43::DocumentRequest;
use renkei_xds::response::{RegistryResponse, Status};
use std::path::Path;

/// A submission with its documents.
#[derive(Clone, Debug)]
pub struct DocumentSet {
    /// The metadata.
    pub submission: Submission,
    /// The content of each entry, in order.
    pub contents: Vec<Vec<u8>>,
}

impl DocumentSet {
    /// A new submission of documents of these sizes, all different, for a new patient.
    pub fn new(authority: &str, sizes: &[usize]) -> Self {
        Self::of(&sample::patient(authority), sizes)
    }

    /// The same for a patient.
    pub fn of(patient: &PatientId, sizes: &[usize]) -> Self {
        let contents: Vec<Vec<u8>> = sizes.iter().map(|size| content(*size)).collect();
        let entries = contents.iter().enumerate().map(|(n, content)| {
            let mut entry = sample::entry(patient, content);
            entry.id = sample::symbol(&format!("Document{n:02}"));
            entry
        });
        Self { submission: sample::submission(patient, entries.collect()), contents }
    }

    /// The same documents under another SubmissionSet.
    pub fn again(&self) -> Self {
        let mut again = self.clone();
        again.submission.submission_set.unique_id = sample::new_oid();
        again
    }

    /// The uniqueIds of its documents.
    pub fn unique_ids(&self) -> Vec<UniqueId> {
        self.submission.entries.iter().map(|e| e.unique_id.clone()).collect()
    }

    /// Each document with its content.
    pub fn documents(&self) -> impl Iterator<Item = (&UniqueId, &[u8])> {
        let contents = self.contents.iter().map(Vec::as_slice);
        self.submission.entries.iter().map(|e| &e.unique_id).zip(contents)
    }

    /// As ITI-41.
    pub fn message(&self) -> Message {
        let contents: Vec<&[u8]> = self.contents.iter().map(Vec::as_slice).collect();
        message::provide_and_register(&self.submission, &contents)
    }
}

/// Octets that no other call gives.
fn content(size: usize) -> Vec<u8> {
    uuid::Uuid::new_v4().into_bytes().into_iter().cycle().take(size).collect()
}

/// A peer of a running program. Its connection is kept, and made anew after a failure.
pub struct Peer {
    connector: SslConnector,
    port: u16,
    repository: RepositoryUniqueId,
    wire: Option<Wire>,
}

impl Peer {
    /// A peer with an identity as `renkei pki issue` writes it.
    pub fn new(renkei: &Renkei, identity: &Path) -> Result<Self> {
        let connector = wire::connector(&renkei.ready.ca, Some(identity))?;
        let repository = RepositoryUniqueId::parse(&renkei.ready.repository_unique_id)?;
        Ok(Self { connector, port: renkei.port(), repository, wire: None })
    }

    /// Sends a message and reads the answer; the connection is kept when that went well.
    pub fn post(&mut self, path: &str, message: &Message) -> Result<Reply> {
        let mut wire = match self.wire.take() {
            Some(wire) => wire,
            None => self.connect()?,
        };
        let answer = wire.post(path, &message.content_type, &message.body)?;
        let closes = |v: &str| v.eq_ignore_ascii_case("close");
        if !answer.header("connection").is_some_and(closes) {
            self.wire = Some(wire);
        }
        Reply::of(answer)
    }

    /// A connection of its own, for what is not a request and its answer.
    pub fn connect(&self) -> Result<Wire> {
        Wire::connect(&self.connector, self.port)
    }

    /// ITI-41.
    pub fn submit(&mut self, given: &DocumentSet) -> Result<RegistryResponse> {
        self.post(REPOSITORY, &given.message())?.registry()
    }

    /// The entries of these documents (ITI-18, GetDocuments).
    pub fn entries(&mut self, unique_ids: &[UniqueId]) -> Result<Vec<DocumentEntry>> {
        self.ask(&QueryBuilder::get_documents_by_unique_id(unique_ids).build())
    }

    fn ask(&mut self, query: &AdhocQuery) -> Result<Vec<DocumentEntry>> {
        let answer = self.post(REGISTRY, &message::query(query))?.query()?;
        if answer.status != Status::Success {
            bail!("ITI-18: {:?}", answer.errors);
        }
        let entry = |object| match object {
            RegistryObject::Entry(entry) => Some(*entry),
            _ => None,
        };
        Ok(answer.objects.into_iter().filter_map(entry).collect())
    }

    /// The entries of a SubmissionSet (ITI-18, GetSubmissionSetAndContents).
    pub fn entries_of(&mut self, set: &Oid) -> Result<Vec<DocumentEntry>> {
        let query = QueryBuilder::get_submission_set_and_contents_by_unique_id(set).build();
        self.ask(&query)
    }

    /// The document, or `None` when the repository does not know it (ITI-43).
    pub fn document(&mut self, unique_id: &UniqueId) -> Result<Option<Vec<u8>>> {
        let message = message::retrieve(&[self.request(unique_id)]);
        let mut got = self.post(REPOSITORY, &message)?.retrieved()?;
        match (got.documents.pop(), got.response.errors.first()) {
            (Some(document), None) => Ok(Some(document.content)),
            (None, Some(error)) if error.code == "XDSDocumentUniqueIdError" => Ok(None),
            (_, error) => bail!("ITI-43: {error:?}"),
        }
    }

    /// Removes these documents (ITI-86).
    pub fn remove_documents(&mut self, unique_ids: &[UniqueId]) -> Result<RegistryResponse> {
        let requests: Vec<DocumentRequest> = unique_ids.iter().map(|id| self.request(id)).collect();
        self.post(REPOSITORY, &message::remove_documents(&requests))?.registry()
    }

    /// How a document is asked for.
    pub fn request(&self, unique_id: &UniqueId) -> DocumentRequest {
        DocumentRequest {
            home: None,
            repository: self.repository.clone(),
            unique_id: unique_id.clone(),
        }
    }
}
