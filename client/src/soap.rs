//! Web services: one way to call, and a method for each transaction.

mod call;
mod elsewhere;
mod patients;
mod record;
mod remove;
mod retrieval;
mod retrieve;

pub use elsewhere::Elsewhere;
pub use retrieval::Retrieval;

use crate::answer::{DocumentSink, Retrieved};
use crate::attachment::Attachment;
use crate::error::ClientError;
use crate::identity::Identity;
use crate::options::{CallOptions, ClientOptions};
pub(crate) use call::http;
use call::{Node, Nothing, Request};
pub(crate) use record::{Ending, endings};
use renkei_atna::build::{self, Local};
use renkei_atna::record::Object;
use renkei_atna::sink::Sink;
use renkei_metadata::ids::PatientId;
use renkei_metadata::model::{Submission, SubmissionSet};
use renkei_metadata::update::Update;
use renkei_soap::envelope::Envelope;
use renkei_soap::fault::Fault;
use renkei_soap::tolerance::Tolerances;
use renkei_soap::xml::{Element, Reader, Writer};
use renkei_xds::iti18::{self, AdhocQuery, QueryResponse};
use renkei_xds::iti43::DocumentRequest;
use renkei_xds::response::{RegistryError, RegistryResponse, Status};
use renkei_xds::transaction::{
    ITI_18, ITI_41, ITI_42, ITI_43, ITI_57, ITI_61, ITI_92, Transaction,
};
use renkei_xds::{catalogue, iti41, iti42, iti57, iti61, iti92};
use retrieve::RetrieveCall;
use std::sync::Arc;
use url::Url;
use uuid::Uuid;

/// Calls registries and repositories. Calls may be made at the same time; clones are the same client.
///
/// Every call is recorded, and its result is known only when the record is durable; a call that
/// cannot be recorded fails with [`ClientError::Audit`], whatever the peer said. A call whose future is
/// dropped is recorded as given up.
#[derive(Clone)]
pub struct SoapClient {
    node: Arc<Node>,
    call: CallOptions,
}

impl SoapClient {
    /// A client that presents `identity` and records every call in `sink` as the system `local`.
    pub fn new(
        identity: &Identity,
        options: ClientOptions,
        sink: Arc<dyn Sink>,
        local: Local,
    ) -> Result<Self, ClientError> {
        let node = Arc::new(Node::new(identity, options, sink, local)?);
        Ok(Self { node, call: CallOptions::default() })
    }

    /// The same client, which makes its calls in this way.
    #[must_use]
    pub fn with(&self, call: CallOptions) -> Self {
        Self { node: Arc::clone(&self.node), call }
    }

    /// ITI-18, or ITI-51 where the query is one of that: asks a registry.
    pub async fn query(
        &self,
        registry: &Url,
        query: &AdhocQuery,
    ) -> Result<QueryResponse, ClientError> {
        let transaction = catalogue::any_by_id(&query.id).map_or(&ITI_18, |def| def.transaction);
        self.query_as(transaction, registry, query, iti18::read_response, |a| (a.status, &a.errors))
            .await
    }

    /// The same by `transaction`, such as ITI-38 between communities: `read` reads the child of the body,
    /// and `judge` says how the query ended.
    pub async fn query_as<T>(
        &self,
        transaction: &'static Transaction,
        url: &Url,
        query: &AdhocQuery,
        read: impl FnOnce(&mut Reader<'_>, &Element) -> Result<T, Fault>,
        judge: impl FnOnce(&T) -> (Status, &[RegistryError]),
    ) -> Result<T, ClientError> {
        let write = |w: &mut Writer| iti18::write_request(w, query);
        let request = Request::new(transaction, url, &self.call, write, vec![]);
        self.plain(request, asked(transaction, query), read, judge).await
    }

    /// A transaction whose messages whoever calls knows, such as ITI-55, recorded about `about`: `write` writes
    /// the child of the body, `read` reads that of the answer, and `judge` says how the call ended.
    ///
    /// # Errors
    /// When there was no answer that could be read.
    pub async fn exchange<T>(
        &self,
        transaction: &'static Transaction,
        url: &Url,
        about: Vec<Object>,
        write: impl FnOnce(&mut Writer),
        read: impl FnOnce(&mut Reader<'_>, &Envelope) -> Result<T, Fault>,
        judge: impl FnOnce(&T) -> (Status, &[RegistryError]),
    ) -> Result<T, ClientError> {
        let request = Request::new(transaction, url, &self.call, write, vec![]);
        let all = vec![about];
        self.told(request, all.clone(), read, judge, |_, _| all.clone()).await
    }

    /// ITI-42: gives metadata to a registry.
    pub async fn register(
        &self,
        registry: &Url,
        submission: &Submission,
    ) -> Result<RegistryResponse, ClientError> {
        let write = |w: &mut Writer| iti42::write_request(w, submission);
        self.submit(&ITI_42, registry, &submission.submission_set, write, vec![]).await
    }

    /// ITI-57: changes what a registry has.
    pub async fn update(
        &self,
        registry: &Url,
        update: &Update,
    ) -> Result<RegistryResponse, ClientError> {
        let write = |w: &mut Writer| iti57::write_request(w, update);
        self.submit(&ITI_57, registry, &update.submission_set, write, vec![]).await
    }

    /// ITI-92: makes new versions of documents' metadata, where whoever answers keeps their identity
    /// and status as they are.
    pub async fn update_restricted(
        &self,
        responder: &Url,
        update: &Update,
    ) -> Result<RegistryResponse, ClientError> {
        let write = |w: &mut Writer| iti92::write_request(w, update);
        self.submit(&ITI_92, responder, &update.submission_set, write, vec![]).await
    }

    /// ITI-61: gives On-Demand entries to a registry.
    pub async fn register_on_demand(
        &self,
        registry: &Url,
        submission: &Submission,
    ) -> Result<RegistryResponse, ClientError> {
        let write = |w: &mut Writer| iti61::write_request(w, submission);
        self.submit(&ITI_61, registry, &submission.submission_set, write, vec![]).await
    }

    /// ITI-41: gives documents with their metadata to a repository. The documents are read while
    /// they are sent, each once.
    pub async fn provide_and_register(
        &self,
        repository: &Url,
        submission: &Submission,
        attachments: Vec<Attachment>,
    ) -> Result<RegistryResponse, ClientError> {
        let (documents, pairs) = in_parts(attachments);
        let write = |w: &mut Writer| iti41::write_request(w, submission, &pairs);
        self.submit(&ITI_41, repository, &submission.submission_set, write, documents).await
    }

    /// ITI-43: fetches documents from a repository into `sink`, as they arrive.
    pub async fn retrieve(
        &self,
        repository: &Url,
        requests: &[DocumentRequest],
        sink: &mut dyn DocumentSink,
    ) -> Result<Retrieved, ClientError> {
        RetrieveCall::new(self, &ITI_43, repository, requests).run(sink, |_| ()).await
    }

    /// ITI-43, or ITI-39 between communities, as `transaction` says: fetches documents; whoever has the
    /// [`Retrieval`] pulls them, one after the other, as they arrive. Needs a runtime.
    pub fn retrieve_streaming(
        &self,
        transaction: &'static Transaction,
        url: &Url,
        requests: &[DocumentRequest],
    ) -> Retrieval {
        Retrieval::begin(RetrieveCall::new(self, transaction, url, requests))
    }

    /// ITI-43: fetches documents into memory, together at most `most_bytes` octets, in the order
    /// of the requests; those that were not answered are left out.
    pub async fn retrieve_whole(
        &self,
        repository: &Url,
        requests: &[DocumentRequest],
        most_bytes: usize,
    ) -> Result<(RegistryResponse, Vec<Vec<u8>>), ClientError> {
        let mut memory = retrieve::Memory::with_room(most_bytes);
        let retrieved = self.retrieve(repository, requests, &mut memory).await?;
        let contents = memory.take_all(&retrieved.documents);
        Ok((retrieved.response, contents))
    }

    async fn submit(
        &self,
        transaction: &'static Transaction,
        url: &Url,
        set: &SubmissionSet,
        write: impl FnOnce(&mut Writer),
        documents: Vec<(String, Attachment)>,
    ) -> Result<RegistryResponse, ClientError> {
        let request = Request::new(transaction, url, &self.call, write, documents);
        let about = build::submission(set);
        let read = |r: &mut Reader<'_>, e: &Element| RegistryResponse::read(r, e);
        self.plain(request, vec![about], read, |a| (a.status, &a.errors)).await
    }

    /// A call whose answer has no documents, and its records: one about each of `about`.
    async fn plain<T>(
        &self,
        request: Request,
        about: Vec<Vec<Object>>,
        read: impl FnOnce(&mut Reader<'_>, &Element) -> Result<T, Fault>,
        judge: impl FnOnce(&T) -> (Status, &[RegistryError]),
    ) -> Result<T, ClientError> {
        let all = about.clone();
        let read = |r: &mut Reader<'_>, e: &Envelope| read(r, &e.body);
        self.told(request, about, read, judge, |_, _| all.clone()).await
    }

    /// The same, where the records of an ending are about what `told` says of it and of the answer;
    /// those of a call that is given up, about `all`.
    async fn told<T>(
        &self,
        request: Request,
        all: Vec<Vec<Object>>,
        read: impl FnOnce(&mut Reader<'_>, &Envelope) -> Result<T, Fault>,
        judge: impl FnOnce(&T) -> (Status, &[RegistryError]),
        told: impl Fn(&Ending, Option<&T>) -> Vec<Vec<Object>>,
    ) -> Result<T, ClientError> {
        let node = &self.node;
        let called = request.called();
        let on_record = node.on_record(&called, all);
        let limits = node.options.limits;
        let read = |r: &mut Reader<'_>, e: &Envelope, _: &mut Tolerances| {
            read(r, e).map_err(|fault| ClientError::unreadable(&fault, &limits))
        };
        let result = node.call(request, &mut Nothing, read).await.map(|(value, _)| value);
        let mut records = Vec::new();
        for ending in endings(&result, judge) {
            for about in told(&ending, result.as_ref().ok()) {
                records.push(node.record(&called, ending.clone(), about));
            }
        }
        on_record.settle(records).await?;
        result
    }
}

/// Attachments under their Content-IDs.
type Documents = Vec<(String, Attachment)>;

/// Gives each document a Content-ID; the second list says to which entry each belongs.
fn in_parts(attachments: Vec<Attachment>) -> (Documents, Vec<(String, String)>) {
    let seed = Uuid::new_v4().simple();
    let numbered = attachments.into_iter().enumerate();
    let documents: Documents =
        numbered.map(|(n, attachment)| (format!("{n}.{seed}@renkei"), attachment)).collect();
    let pairs = documents.iter().map(|(cid, a)| (a.entry_id.clone(), cid.clone())).collect();
    (documents, pairs)
}

/// The objects of a query's records: the patient that it names, one a record, and the query (ITI TF-2:
/// 3.18.5.1.1, 3.20.7.1).
fn asked(transaction: &Transaction, query: &AdhocQuery) -> Vec<Vec<Object>> {
    let audit = &transaction.audit;
    let (xml, home) = (query.xml(), query.home.as_deref());
    let asked = build::stored_query(audit.code, audit.text, &query.id, &xml, home);
    let stored = catalogue::parse(query).value;
    let patients = stored.iter().flat_map(|query| query.patients());
    let about = |id: &PatientId| vec![build::patient(&id.to_string()), asked.clone()];
    let records: Vec<Vec<Object>> = patients.map(about).collect();
    if records.is_empty() { vec![vec![asked]] } else { records }
}

#[cfg(test)]
mod tests;
