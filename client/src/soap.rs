//! Web services: one way to call, and a method for each transaction.

mod record;
mod retrieve;

use crate::answer::{DocumentSink, Retrieved};
use crate::attachment::Attachment;
use crate::error::ClientError;
use crate::identity::Identity;
use crate::incoming::{Incoming, Parts, receive};
use crate::outgoing::Outgoing;
use crate::progress::Progress;
use bytes::Bytes;
use chrono::Utc;
use futures_util::future::BoxFuture;
use record::{Ending, endings};
use renkei_atna::build::{self, Local, Peer, Side};
use renkei_atna::record::Object;
use renkei_atna::sink::Sink;
use renkei_metadata::model::Submission;
use renkei_soap::envelope;
use renkei_soap::fault::Fault;
use renkei_soap::limits::MessageLimits;
use renkei_soap::tolerance::Tolerances;
use renkei_soap::xml::{Element, Reader, Writer};
use renkei_xds::iti18::{self, AdhocQuery, QueryResponse};
use renkei_xds::iti43::DocumentRequest;
use renkei_xds::response::RegistryResponse;
use renkei_xds::transaction::{ITI_18, ITI_41, ITI_42, Transaction};
use renkei_xds::{catalogue, iti41, iti42};
use reqwest::header::{ACCEPT, CONTENT_LENGTH, CONTENT_TYPE};
use std::io;
use std::sync::Arc;
use std::time::Duration;
use url::Url;
use uuid::Uuid;

/// What a call may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientOptions {
    /// Bounds of an answer.
    pub limits: MessageLimits,
    /// Longest time until there is a connection with TLS.
    pub connect_timeout: Duration,
    /// Longest time in which nothing is sent or received.
    pub request_timeout: Duration,
    /// Longest time of a call from beginning to end.
    pub call_timeout: Duration,
    /// How long an unused connection is kept.
    pub idle_timeout: Duration,
}

impl Default for ClientOptions {
    fn default() -> Self {
        Self {
            limits: MessageLimits::default(),
            connect_timeout: Duration::from_secs(10),
            request_timeout: Duration::from_secs(60),
            call_timeout: Duration::from_secs(3600),
            idle_timeout: Duration::from_secs(20),
        }
    }
}

/// Calls registries and repositories. Calls may be made at the same time.
///
/// Every call is recorded, and its result is known only when the record is durable; a call that
/// cannot be recorded fails with [`ClientError::Audit`], whatever the peer said.
pub struct SoapClient {
    http: reqwest::Client,
    own: Peer,
    options: ClientOptions,
    sink: Arc<dyn Sink>,
    local: Local,
}

impl SoapClient {
    /// A client that presents `identity` and records every call in `sink` as the system `local`.
    pub fn new(
        identity: &Identity,
        options: ClientOptions,
        sink: Arc<dyn Sink>,
        local: Local,
    ) -> Result<Self, ClientError> {
        let own = Peer { user_id: identity.subject().to_owned(), address: None };
        let http = http(identity, &options).map_err(|e| ClientError::Tls(e.to_string()))?;
        Ok(Self { http, own, options, sink, local })
    }

    /// ITI-18: asks a registry.
    pub async fn query(
        &self,
        registry: &Url,
        query: &AdhocQuery,
    ) -> Result<QueryResponse, ClientError> {
        let write = |w: &mut Writer| iti18::write_request(w, query);
        let result = self.plain(&ITI_18, registry, write, vec![], iti18::read_response).await;
        let audit = &ITI_18.audit;
        let (xml, home) = (query.xml(), query.home.as_deref());
        // The patient, if the query names one (ITI TF-2: 3.18.5.1.1).
        let patient = catalogue::parse(query).value.and_then(|q| q.patient);
        let mut asked: Vec<Object> =
            patient.iter().map(|id| build::patient(&id.to_string())).collect();
        asked.push(build::stored_query(audit.code, audit.text, &query.id, &xml, home));
        for ending in endings(&result, |a| (a.status, &a.errors)) {
            self.record(&ITI_18, registry, ending, asked.clone()).await?;
        }
        result
    }

    /// ITI-42: gives metadata to a registry.
    pub async fn register(
        &self,
        registry: &Url,
        submission: &Submission,
    ) -> Result<RegistryResponse, ClientError> {
        let write = |w: &mut Writer| iti42::write_request(w, submission);
        self.submit(&ITI_42, registry, submission, write, vec![]).await
    }

    /// ITI-41: gives documents with their metadata to a repository. The documents are read while
    /// they are sent, each once.
    pub async fn provide_and_register(
        &self,
        repository: &Url,
        submission: &Submission,
        attachments: Vec<Attachment>,
    ) -> Result<RegistryResponse, ClientError> {
        let seed = Uuid::new_v4().simple();
        let documents: Vec<(String, Attachment)> = attachments
            .into_iter()
            .enumerate()
            .map(|(n, attachment)| (format!("{n}.{seed}@renkei"), attachment))
            .collect();
        let pairs: Vec<(String, String)> =
            documents.iter().map(|(cid, a)| (a.entry_id.clone(), cid.clone())).collect();
        let write = |w: &mut Writer| iti41::write_request(w, submission, &pairs);
        self.submit(&ITI_41, repository, submission, write, documents).await
    }

    /// ITI-43: fetches documents from a repository into `sink`, as they arrive.
    pub async fn retrieve(
        &self,
        repository: &Url,
        requests: &[DocumentRequest],
        sink: &mut dyn DocumentSink,
    ) -> Result<Retrieved, ClientError> {
        retrieve::recorded(self, repository, requests, sink).await
    }

    /// ITI-43: fetches documents into memory, together at most `most_bytes` octets, in the order
    /// of the requests; those that were not answered are left out.
    pub async fn retrieve_whole(
        &self,
        repository: &Url,
        requests: &[DocumentRequest],
        most_bytes: usize,
    ) -> Result<(RegistryResponse, Vec<Vec<u8>>), ClientError> {
        retrieve::whole(self, repository, requests, most_bytes).await
    }

    async fn submit(
        &self,
        transaction: &'static Transaction,
        url: &Url,
        submission: &Submission,
        write: impl FnOnce(&mut Writer),
        documents: Vec<(String, Attachment)>,
    ) -> Result<RegistryResponse, ClientError> {
        let read = |r: &mut Reader<'_>, e: &Element| RegistryResponse::read(r, e);
        let result = self.plain(transaction, url, write, documents, read).await;
        for ending in endings(&result, |a| (a.status, &a.errors)) {
            self.record(transaction, url, ending, build::submission(&submission.submission_set))
                .await?;
        }
        result
    }

    /// A call whose answer has no documents.
    async fn plain<T>(
        &self,
        transaction: &'static Transaction,
        url: &Url,
        write: impl FnOnce(&mut Writer),
        documents: Vec<(String, Attachment)>,
        read: impl FnOnce(&mut Reader<'_>, &Element) -> Result<T, Fault>,
    ) -> Result<T, ClientError> {
        let read = |r: &mut Reader<'_>, e: &Element, _: &mut Tolerances| read(r, e);
        let (value, _) = self.call(transaction, url, write, documents, &mut Nothing, read).await?;
        Ok(value)
    }

    /// The one way to call: `write` writes the body of the request, `read` reads that of the
    /// answer, whose parts have gone into `sink` by then. Not recorded.
    async fn call<T>(
        &self,
        transaction: &'static Transaction,
        url: &Url,
        write: impl FnOnce(&mut Writer),
        documents: Vec<(String, Attachment)>,
        sink: &mut dyn DocumentSink,
        read: impl FnOnce(&mut Reader<'_>, &Element, &mut Tolerances) -> Result<T, Fault>,
    ) -> Result<(T, Parts), ClientError> {
        let message_id = format!("urn:uuid:{}", Uuid::new_v4());
        let action = transaction.request_action;
        let text = envelope::write_request(action, &message_id, url.as_str(), write);
        let out = Outgoing::new(transaction, &text, documents);
        let failure = out.failure();
        let incoming = self.exchange(url, out, sink).await;
        if let Some(error) = failure.take() {
            return Err(ClientError::Local(error));
        }
        let incoming = incoming?;
        let value = incoming.read(transaction, &message_id, &self.options.limits, read)?;
        Ok((value, incoming.parts))
    }

    /// Sends and receives within the times of the options.
    async fn exchange(
        &self,
        url: &Url,
        out: Outgoing,
        sink: &mut dyn DocumentSink,
    ) -> Result<Incoming, ClientError> {
        let progress = Progress::new();
        let mut request = self
            .http
            .post(url.clone())
            .header(CONTENT_TYPE, &out.content_type)
            .header(ACCEPT, "multipart/related, application/soap+xml");
        if let Some(length) = out.length {
            request = request.header(CONTENT_LENGTH, length);
        }
        let request = request.body(out.body(progress.clone()));
        let work = async {
            let response = request.send().await.map_err(|e| ClientError::sending(&e))?;
            progress.moved();
            receive(response, &self.options.limits, sink, &progress).await
        };
        let watched = progress.watch(self.options.request_timeout, work);
        match tokio::time::timeout(self.options.call_timeout, watched).await {
            Ok(Ok(result)) => result,
            Ok(Err(_)) | Err(_) => Err(ClientError::Timeout),
        }
    }

    /// Writes one record and waits until it is durable.
    async fn record(
        &self,
        transaction: &'static Transaction,
        url: &Url,
        ending: Ending,
        objects: Vec<Object>,
    ) -> Result<(), ClientError> {
        let record = build::transaction(
            &transaction.audit,
            Side::Client,
            ending.outcome,
            Utc::now(),
            Uuid::new_v4(),
            &self.own,
            url.as_str(),
            &self.local,
            objects,
            ending.description,
        );
        self.sink.record(record).await.map_err(ClientError::Audit)
    }
}

/// ITI TF-2: 3.19.6: both sides show certificates, and only those of the own CAs count.
fn http(identity: &Identity, options: &ClientOptions) -> Result<reqwest::Client, reqwest::Error> {
    let (own, authorities) = identity.for_http()?;
    reqwest::Client::builder()
        .identity(own)
        .tls_certs_only(authorities)
        .tls_version_min(reqwest::tls::Version::TLS_1_3)
        .https_only(true)
        .http1_only()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(options.connect_timeout)
        .pool_idle_timeout(options.idle_timeout)
        .build()
}

/// For answers that should have no documents: those that come are dropped.
struct Nothing;

impl DocumentSink for Nothing {
    fn begin<'a>(&'a mut self, _content_id: &'a str) -> BoxFuture<'a, io::Result<()>> {
        Box::pin(async { Ok(()) })
    }

    fn data(&mut self, _octets: Bytes) -> BoxFuture<'_, io::Result<()>> {
        Box::pin(async { Ok(()) })
    }

    fn end(&mut self) -> BoxFuture<'_, io::Result<()>> {
        Box::pin(async { Ok(()) })
    }
}

#[cfg(test)]
mod tests;
