//! The one way in which a message goes out and its answer comes in.

use super::record::Ending;
use crate::answer::DocumentSink;
use crate::attachment::Attachment;
use crate::error::ClientError;
use crate::identity::Identity;
use crate::incoming::Incoming;
use crate::mailbox::{Awaited, Pigeonhole};
use crate::on_record::{GIVEN_UP, OnRecord};
use crate::options::{CallOptions, ClientOptions, Retry};
use crate::outgoing::{Failure, Outgoing};
use crate::progress::Progress;
use crate::response::{Expected, Parts, malformed, receive};
use bytes::Bytes;
use chrono::Utc;
use futures_util::future::{BoxFuture, FusedFuture, FutureExt};
use renkei_atna::build::{self, Local, Peer, Side};
use renkei_atna::record::{AuditRecord, Object, Outcome};
use renkei_atna::sink::Sink;
use renkei_soap::envelope::{self, Envelope, ReplyAddresses};
use renkei_soap::tolerance::Tolerances;
use renkei_soap::xml::{Reader, Writer};
use renkei_xds::transaction::{Effect, Transaction};
use reqwest::StatusCode;
use reqwest::header::{ACCEPT, CONTENT_LENGTH, CONTENT_TYPE};
use std::future::Future;
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};
use url::Url;
use uuid::Uuid;

/// How long the acceptance of a request may come after its answer, before the connection is closed.
const ACCEPTED_AFTER: Duration = Duration::from_secs(1);

/// Who calls: a certificate, and where its calls are recorded.
pub(super) struct Node {
    http: reqwest::Client,
    own: Peer,
    pub(super) options: ClientOptions,
    sink: Arc<dyn Sink>,
    local: Local,
}

/// A request, written.
pub(super) struct Request {
    pub(super) transaction: &'static Transaction,
    pub(super) url: Url,
    message_id: String,
    envelope: Bytes,
    documents: Vec<(String, Attachment)>,
    deadline: Option<Instant>,
    retry: Retry,
    /// Where its answer is awaited, if not on the connection.
    answers: Option<Pigeonhole>,
}

/// A call, as records tell of it.
#[derive(Clone)]
pub(super) struct Called {
    pub(super) transaction: &'static Transaction,
    /// Whom.
    pub(super) url: Url,
    /// Where its answer goes, if not back on the connection.
    pub(super) reply_to: Option<String>,
}

impl Request {
    /// How it is recorded.
    pub(super) fn called(&self) -> Called {
        let reply_to = self.answers.as_ref().map(|answers| answers.address().to_string());
        Called { transaction: self.transaction, url: self.url.clone(), reply_to }
    }

    /// `write` writes the child of the body. Each document goes under its Content-ID.
    pub(super) fn new(
        transaction: &'static Transaction,
        url: &Url,
        call: &CallOptions,
        write: impl FnOnce(&mut Writer),
        documents: Vec<(String, Attachment)>,
    ) -> Self {
        let new = || format!("urn:uuid:{}", Uuid::new_v4());
        let message_id = call.message_id.clone().unwrap_or_else(new);
        let answers = call.answers.as_ref();
        let there = |to: &Pigeonhole| to.address().to_string();
        let address = answers.map(there);
        let to = match &address {
            Some(reply) => ReplyAddresses { reply, fault: None },
            None => ReplyAddresses::HERE,
        };
        let request = (message_id.as_str(), to);
        let request = Self::answered(request, transaction, url, call, write, documents);
        Self { answers: answers.cloned(), ..request }
    }

    /// The same under this wsa:MessageID, with the addresses to which its answer goes.
    pub(super) fn answered(
        (message_id, answer): (&str, ReplyAddresses<'_>),
        transaction: &'static Transaction,
        url: &Url,
        call: &CallOptions,
        write: impl FnOnce(&mut Writer),
        documents: Vec<(String, Attachment)>,
    ) -> Self {
        let (action, to, headers) = (transaction.request_action, url.as_str(), &call.headers);
        let envelope = envelope::write_request_with(action, message_id, to, answer, headers, write);
        let message_id = message_id.to_owned();
        Self {
            transaction,
            url: url.clone(),
            message_id,
            envelope: envelope.into(),
            documents,
            deadline: call.deadline,
            retry: call.retry,
            answers: None,
        }
    }
}

impl Node {
    pub(super) fn new(
        identity: &Identity,
        options: ClientOptions,
        sink: Arc<dyn Sink>,
        local: Local,
    ) -> Result<Self, ClientError> {
        let own = Peer { user_id: identity.subject().to_owned(), address: None };
        let http = http(identity, &options).map_err(|e| ClientError::Tls(e.to_string()))?;
        Ok(Self { http, own, options, sink, local })
    }

    /// Sends the request and receives its answer within the times of the options. `read` reads the child
    /// of the body; parts of the answer go into `sink`. Not recorded.
    pub(super) async fn call<T>(
        &self,
        request: Request,
        sink: &mut dyn DocumentSink,
        read: impl FnOnce(&mut Reader<'_>, &Envelope, &mut Tolerances) -> Result<T, ClientError>,
    ) -> Result<(T, Parts), ClientError> {
        let (progress, failure) = (Progress::new(), Failure::default());
        let (transaction, message_id) = (request.transaction, request.message_id.clone());
        let deadline = request.deadline;
        // It may be answered before it is said to have been taken.
        let awaited = request.answers.as_ref().map(|answers| answers.awaits(&message_id));
        let work = async {
            let limits = &self.options.limits;
            let expected = Expected { transaction, message_id: &message_id, limits };
            let sent = self.send(request, &failure, &progress);
            match awaited {
                None => {
                    let response = sent.await?;
                    progress.moved();
                    receive(response.into(), &expected, sink, &progress, read).await
                }
                Some(awaited) => {
                    let accepted = async {
                        let response = sent.await?;
                        progress.moved();
                        taken(response, &expected, &progress).await
                    };
                    let answer = |incoming| receive(incoming, &expected, sink, &progress, read);
                    beside(accepted, awaited, answer).await
                }
            }
        };
        self.in_time(deadline, &progress, &failure, work).await
    }

    /// Sends a request whose answer goes to another address; what comes back says that it was taken
    /// (ITI TF-2: V.5). Not recorded.
    pub(super) async fn hand_over(&self, request: Request) -> Result<(), ClientError> {
        let (progress, failure) = (Progress::new(), Failure::default());
        let (transaction, message_id) = (request.transaction, request.message_id.clone());
        let deadline = request.deadline;
        let work = async {
            let response = self.send(request, &failure, &progress).await?;
            progress.moved();
            let limits = &self.options.limits;
            let expected = Expected { transaction, message_id: &message_id, limits };
            taken(response, &expected, &progress).await
        };
        self.in_time(deadline, &progress, &failure, work).await
    }

    /// Waits for a call within the times of the options.
    async fn in_time<T>(
        &self,
        deadline: Option<Instant>,
        progress: &Progress,
        failure: &Failure,
        work: impl Future<Output = Result<T, ClientError>>,
    ) -> Result<T, ClientError> {
        let longest = Instant::now() + self.options.call_timeout;
        let deadline = deadline.map_or(longest, |deadline| deadline.min(longest));
        let watched = progress.watch(self.options.request_timeout, work);
        let result = match tokio::time::timeout_at(deadline.into(), watched).await {
            Ok(Ok(result)) => result,
            Ok(Err(_)) | Err(_) => Err(ClientError::Timeout),
        };
        match failure.take() {
            Some(error) => Err(ClientError::Local(error)),
            None => result,
        }
    }

    /// Sends the request, again where that cannot do it twice, and gives the answer that begins.
    async fn send(
        &self,
        request: Request,
        failure: &Failure,
        progress: &Progress,
    ) -> Result<reqwest::Response, ClientError> {
        let Request { transaction, url, envelope, mut documents, retry, .. } = request;
        let mut attempt = 1;
        loop {
            let again = retry.pause_after(attempt).zip(again(&documents));
            let out = Outgoing::new(transaction, envelope.clone(), documents, failure.clone());
            let error = match self.post(&url, out, progress).await {
                Ok(response) => return Ok(response),
                Err(error) => error,
            };
            let (pause, rest) = match again {
                Some(again) if may_repeat(transaction.effect, &error) => again,
                Some(_) | None => return Err(ClientError::sending(&error)),
            };
            progress.moved();
            tokio::time::sleep(pause).await;
            (documents, attempt) = (rest, attempt + 1);
        }
    }

    async fn post(
        &self,
        url: &Url,
        out: Outgoing,
        progress: &Progress,
    ) -> Result<reqwest::Response, reqwest::Error> {
        let mut request = self
            .http
            .post(url.clone())
            .header(CONTENT_TYPE, &out.content_type)
            .header(ACCEPT, "multipart/related, application/soap+xml");
        if let Some(length) = out.length {
            request = request.header(CONTENT_LENGTH, length);
        }
        request.body(out.body(progress.clone())).send().await
    }

    /// A call about `objects` that begins.
    pub(super) fn on_record(
        self: &Arc<Self>,
        called: &Called,
        about: Vec<Vec<Object>>,
    ) -> OnRecord {
        let (node, called) = (Arc::clone(self), called.clone());
        OnRecord::of_several(Arc::clone(&self.sink), move || {
            let description = Some(GIVEN_UP.to_owned());
            let ending = Ending { outcome: Outcome::MajorFailure, description };
            let record = |objects| node.record(&called, ending.clone(), objects);
            about.into_iter().map(record).collect()
        })
    }

    /// The record of a call that has ended.
    pub(super) fn record(
        &self,
        called: &Called,
        ending: Ending,
        objects: Vec<Object>,
    ) -> AuditRecord {
        let record = build::transaction(
            &called.transaction.audit,
            Side::Client,
            ending.outcome,
            Utc::now(),
            Uuid::new_v4(),
            &self.own,
            called.url.as_str(),
            &self.local,
            objects,
            ending.description,
        );
        match &called.reply_to {
            Some(reply_to) => record.answered_at(reply_to),
            None => record,
        }
    }
}

/// Reads an answer that comes elsewhere, while its request is `accepted`. Nothing says which comes first (ITI
/// TF-2: V.5): who answers within the request sends its acceptance when its answer is read.
async fn beside<T, F: Future<Output = Result<T, ClientError>>>(
    accepted: impl Future<Output = Result<(), ClientError>>,
    mut awaited: Awaited,
    read: impl FnOnce(Incoming) -> F,
) -> Result<T, ClientError> {
    let mut accepted = pin!(accepted.fuse());
    let begun = tokio::select! {
        biased;
        begun = awaited.begins() => begun,
        accepted = &mut accepted => {
            accepted?;
            awaited.begins().await
        }
    };
    let begun = begun.ok_or_else(|| malformed("nobody takes answers any more"))?;
    let mut answer = pin!(read(begun));
    // Whatever is said of the request now, it is answered; but its connection is held.
    let answer = tokio::select! {
        answer = &mut answer => answer,
        _ = &mut accepted => answer.await,
    };
    if !accepted.is_terminated() {
        drop(tokio::time::timeout(ACCEPTED_AFTER, accepted).await);
    }
    answer
}

/// What comes back on the connection of a request whose answer goes elsewhere: that it was taken, or why not.
async fn taken(
    response: reqwest::Response,
    expected: &Expected<'_>,
    progress: &Progress,
) -> Result<(), ClientError> {
    if response.status() == StatusCode::ACCEPTED {
        return Ok(());
    }
    let read = |_: &mut Reader<'_>, _: &Envelope, _: &mut Tolerances| {
        Err(malformed(
            "it came back on the connection instead of going to the address that was named",
        ))
    };
    receive(response.into(), expected, &mut Nothing, progress, read).await.map(|((), _)| ())
}

/// The documents once more; `None` if one of them can be read only once.
fn again(documents: &[(String, Attachment)]) -> Option<Vec<(String, Attachment)>> {
    documents.iter().map(|(cid, document)| Some((cid.clone(), document.again()?))).collect()
}

/// Whether sending it again cannot do it twice: nothing went out, or it changes nothing.
fn may_repeat(effect: Effect, error: &reqwest::Error) -> bool {
    match ClientError::sending(error) {
        ClientError::Connect(_) => error.is_connect(),
        ClientError::Broken(_) => effect == Effect::Reads,
        ClientError::Timeout => error.is_connect(),
        ClientError::Tls(_)
        | ClientError::Http(_)
        | ClientError::Fault(_)
        | ClientError::Malformed(_)
        | ClientError::TooLarge(_)
        | ClientError::Audit(_)
        | ClientError::Local(_) => false,
    }
}

/// ITI TF-2: 3.19.6: both sides show certificates, and only those of the own CAs count.
pub(crate) fn http(
    identity: &Identity,
    options: &ClientOptions,
) -> Result<reqwest::Client, reqwest::Error> {
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
pub(super) struct Nothing;

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
