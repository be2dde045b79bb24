//! Web services: one way to call, and a method for each transaction.

use crate::answer::{DocumentSink, Retrieved};
use crate::attachment::Attachment;
use crate::error::ClientError;
use crate::identity::Identity;
use renkei_atna::build::Local;
use renkei_audit::Sink;
use renkei_metadata::model::Submission;
use renkei_soap::limits::MessageLimits;
use renkei_xds::iti18::{AdhocQuery, QueryResponse};
use renkei_xds::iti43::DocumentRequest;
use renkei_xds::response::RegistryResponse;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use url::Url;

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

/// Calls registries and repositories.
pub struct SoapClient {
    options: ClientOptions,
    sink: Arc<dyn Sink>,
    local: Local,
}

impl SoapClient {
    /// A client that presents `identity` and records every call in `sink` as the system `local`.
    pub fn new(
        _identity: &Identity,
        options: ClientOptions,
        sink: Arc<dyn Sink>,
        local: Local,
    ) -> Result<Self, ClientError> {
        Ok(Self { options, sink, local })
    }

    /// ITI-18.
    pub async fn query(
        &self,
        _registry: &Url,
        _query: &AdhocQuery,
    ) -> Result<QueryResponse, ClientError> {
        Err(self.absent())
    }

    /// ITI-42.
    pub async fn register(
        &self,
        _registry: &Url,
        _submission: &Submission,
    ) -> Result<RegistryResponse, ClientError> {
        Err(self.absent())
    }

    /// ITI-41.
    pub async fn provide_and_register(
        &self,
        _repository: &Url,
        _submission: &Submission,
        _attachments: Vec<Attachment>,
    ) -> Result<RegistryResponse, ClientError> {
        Err(self.absent())
    }

    /// ITI-43, the documents into `sink`.
    pub async fn retrieve(
        &self,
        _repository: &Url,
        _requests: &[DocumentRequest],
        _sink: &mut dyn DocumentSink,
    ) -> Result<Retrieved, ClientError> {
        Err(self.absent())
    }

    /// ITI-43, the documents into memory: together at most `most_bytes`.
    pub async fn retrieve_whole(
        &self,
        _repository: &Url,
        _requests: &[DocumentRequest],
        _most_bytes: usize,
    ) -> Result<(RegistryResponse, Vec<Vec<u8>>), ClientError> {
        Err(self.absent())
    }

    fn absent(&self) -> ClientError {
        let _ = (&self.options, &self.sink, &self.local);
        ClientError::Local(io::ErrorKind::Unsupported.into())
    }
}
