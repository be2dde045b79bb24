//! A well-behaved peer over the hand-made wire: submits, asks, fetches, and understands the answers.

use crate::message::{self, Message};
use crate::process::Renkei;
use crate::sample;
use crate::wire::{self, Answer, Wire};
use anyhow::{Context, Result, anyhow, bail};
use openssl::ssl::SslConnector;
use renkei_metadata::ids::{PatientId, RepositoryUniqueId, UniqueId};
use renkei_metadata::model::{DocumentEntry, RegistryObject, Submission};
use renkei_soap::envelope;
use renkei_soap::fault::Fault;
use renkei_soap::limits::MessageLimits;
use renkei_soap::message::{Event, MessageReader};
use renkei_soap::tolerance::Tolerances;
use renkei_soap::xml::{Element, Reader, XmlLimits};
use renkei_xds::iti18::{self, AdhocQuery, QueryBuilder, QueryResponse};
use renkei_xds::iti41::Content;
use renkei_xds::iti43::{self, DocumentRequest};
use renkei_xds::response::{RegistryResponse, Status};
use std::collections::HashMap;
use std::path::Path;

/// Where ITI-18 and ITI-42 go.
pub const REGISTRY: &str = "/xds/registry";
/// Where ITI-41 and ITI-43 go.
pub const REPOSITORY: &str = "/xds/repository";

/// A submission with its documents.
#[derive(Clone, Debug)]
pub struct Given {
    /// The metadata.
    pub submission: Submission,
    /// The content of each entry, in order.
    pub contents: Vec<Vec<u8>>,
}

impl Given {
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

    /// Sends a message and reads the answer's bytes; the connection is kept when that went well.
    pub fn post(&mut self, path: &str, message: &Message) -> Result<Answer> {
        let mut wire = match self.wire.take() {
            Some(wire) => wire,
            None => Wire::connect(&self.connector, self.port)?,
        };
        let answer = wire.post(path, &message.content_type, &message.body)?;
        let closes = |v: &str| v.eq_ignore_ascii_case("close");
        if !answer.header("connection").is_some_and(closes) {
            self.wire = Some(wire);
        }
        Ok(answer)
    }

    /// A connection of its own, for what is not a request and its answer.
    pub fn connect(&self) -> Result<Wire> {
        Wire::connect(&self.connector, self.port)
    }

    /// ITI-41.
    pub fn submit(&mut self, given: &Given) -> Result<RegistryResponse> {
        let answer = self.post(REPOSITORY, &given.message())?;
        registry_response(&answer)
    }

    /// ITI-18.
    pub fn query(&mut self, query: &AdhocQuery) -> Result<QueryResponse> {
        let answer = self.post(REGISTRY, &message::query(query))?;
        let (root, _) = read(&answer)?;
        within(&root, iti18::read_response)
    }

    /// The entries of these documents (GetDocuments).
    pub fn entries(&mut self, unique_ids: &[UniqueId]) -> Result<Vec<DocumentEntry>> {
        let answer = self.query(&QueryBuilder::get_documents_by_unique_id(unique_ids).build())?;
        if answer.status != Status::Success {
            bail!("GetDocuments: {:?}", answer.errors);
        }
        let entry = |object| match object {
            RegistryObject::Entry(entry) => Some(*entry),
            _ => None,
        };
        Ok(answer.objects.into_iter().filter_map(entry).collect())
    }

    /// The document, or `None` when the repository does not know it (ITI-43).
    pub fn document(&mut self, unique_id: &UniqueId) -> Result<Option<Vec<u8>>> {
        let answer = self.post(REPOSITORY, &message::retrieve(&[self.request(unique_id)]))?;
        let (root, mut parts) = read(&answer)?;
        let limits = MessageLimits::default();
        let mut tolerances = Tolerances::new();
        let response =
            within(&root, |r, body| iti43::read_response(r, body, &limits, &mut tolerances))?;
        if let Some(error) = response.registry.errors.first() {
            if error.code == "XDSDocumentUniqueIdError" && response.documents.is_empty() {
                return Ok(None);
            }
            bail!("ITI-43: {error:?}");
        }
        match response.documents.into_iter().next().map(|d| d.content) {
            Some(Content::Include(cid)) => {
                Ok(Some(parts.remove(&cid).context("a document without its part")?))
            }
            Some(Content::Inline(octets)) => Ok(Some(octets)),
            None => bail!("success without a document"),
        }
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

/// The registry response in an answer to ITI-41 or ITI-42.
pub fn registry_response(answer: &Answer) -> Result<RegistryResponse> {
    let (root, _) = read(answer)?;
    within(&root, RegistryResponse::read)
}

/// Takes an answer apart: its envelope, and its parts by Content-ID.
pub fn read(answer: &Answer) -> Result<(String, HashMap<String, Vec<u8>>)> {
    let content_type = answer.header("content-type").unwrap_or_default();
    let told = |f: Fault| anyhow!("HTTP {}: {}; {}", answer.status, f.en, answer.text());
    let mut reader = MessageReader::new(content_type, &MessageLimits::default()).map_err(told)?;
    reader.push(answer.body.clone().into());
    reader.finish();
    let mut root = None;
    let mut parts = HashMap::new();
    let mut current = None;
    loop {
        match reader.next().map_err(told)? {
            Event::Root(text) => root = Some(text),
            Event::PartStart(part) => current = Some((part.content_id, Vec::new())),
            Event::Data(octets) => {
                if let Some((_, content)) = &mut current {
                    content.extend_from_slice(&octets);
                }
            }
            Event::PartEnd => parts.extend(current.take()),
            Event::NeedMore => bail!("the answer ends early"),
            Event::End => return Ok((root.context("an answer without an envelope")?, parts)),
        }
    }
}

fn within<T>(
    root: &str,
    read: impl FnOnce(&mut Reader<'_>, &Element) -> Result<T, Fault>,
) -> Result<T> {
    let told = |f: Fault| anyhow!("{}; {root}", f.en);
    let mut reader = Reader::new(root, XmlLimits::default());
    let opened = envelope::open(&mut reader, &mut Tolerances::new()).map_err(told)?;
    read(&mut reader, &opened.body).map_err(told)
}
