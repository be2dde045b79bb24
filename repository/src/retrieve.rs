//! Retrieve Document Set (ITI TF-2: 3.43), and the same between communities (ITI TF-2: 3.39).

use crate::content::{ContentError, ContentStore};
use crate::failure::Failure;
use crate::store::read::{self, StoredDocument};
use crate::{Inner, Repository, rules};
use bytes::Bytes;
use futures_util::stream::{self, BoxStream, StreamExt};
use renkei_context::{Action, Ctx};
use renkei_metadata::finding::Finding;
use renkei_metadata::ids::UniqueId;
use renkei_sealing::ContentKey;
use renkei_xds::iti43::DocumentRequest;
use renkei_xds::transaction::{ITI_43, Transaction};
use std::collections::HashMap;
use std::sync::Arc;

/// Opened first chunks that one answer keeps in memory; those beyond are read again when their turn
/// comes.
const KEPT_BYTES: usize = 2 << 20;

/// The outcome of a retrieval: each request has either a finding or a document.
pub struct Retrieved {
    /// Located at the DocumentUniqueId asked for.
    pub findings: Vec<Finding>,
    /// In the order of the requests; a document asked for twice is there twice.
    pub documents: Vec<OpenDocument>,
}

/// A document whose key and first chunk were opened.
pub struct OpenDocument {
    /// The request it answers.
    pub request: DocumentRequest,
    /// As registered.
    pub mime_type: String,
    /// Octets.
    pub size: u64,
    /// The octets. After an error, which is audited, there is no more; the answer has to break off.
    pub stream: BoxStream<'static, Result<Bytes, StreamError>>,
}

/// A document that opened could not be read to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a stored document could not be read to its end")]
pub struct StreamError;

impl Repository {
    /// Opens the documents asked for (ITI-43). Keys are unwrapped and first chunks opened before
    /// this returns; each further chunk is read when it is asked for.
    pub async fn retrieve(&self, ctx: &Ctx, requests: Vec<DocumentRequest>) -> Retrieved {
        self.retrieve_by(&ITI_43, ctx, requests).await
    }

    /// The same for the transaction that asks, which is that of the audit records: ITI-43, or ITI-39
    /// from another community.
    pub async fn retrieve_by(
        &self,
        transaction: &'static Transaction,
        ctx: &Ctx,
        requests: Vec<DocumentRequest>,
    ) -> Retrieved {
        let (mine, others): (Vec<_>, Vec<_>) =
            requests.into_iter().partition(|r| r.repository == self.inner.unique_id);
        let mut findings: Vec<Finding> = others.iter().map(unknown_repository).collect();
        let wanted: Vec<&UniqueId> = mine.iter().map(|r| &r.unique_id).collect();
        let Ok(opened) = self.opened(ctx, Action::See, &wanted).await else {
            findings.extend(mine.iter().map(|r| on(&rules::BUSY, r)));
            return Retrieved { findings, documents: Vec::new() };
        };
        // What is not permitted is not looked for: its refusal takes no longer than that of what is not there.
        let permitted = mine.iter().map(|r| r.unique_id.as_str()).filter(|id| opened.holds(id));
        let unique_ids: Vec<String> = permitted.map(str::to_owned).collect();
        let found = self.inner.database.read_short(move |db| read::find(db, &unique_ids)).await;
        let found: HashMap<String, Arc<StoredDocument>> = match found {
            Ok(found) => found.into_iter().map(|d| (d.unique_id.clone(), Arc::new(d))).collect(),
            Err(error) => {
                findings.extend(mine.iter().map(|r| failed(&error, r)));
                return Retrieved { findings, documents: Vec::new() };
            }
        };
        let mut documents = Vec::new();
        let mut kept = 0;
        for request in mine {
            // What is not permitted is not there: the same is said of it, in the same place.
            let id = request.unique_id.as_str();
            let Some(stored) = found.get(id) else {
                findings.push(unknown_document(&request));
                continue;
            };
            match open(&self.inner, (transaction, ctx), request.clone(), stored, &mut kept).await {
                Ok(document) => documents.push(document),
                Err(error) => findings.push(failed(&error, &request)),
            }
        }
        Retrieved { findings, documents }
    }
}

pub(crate) fn unknown_repository(request: &DocumentRequest) -> Finding {
    on(&rules::UNKNOWN_REPOSITORY, request)
        .attribute("RepositoryUniqueId")
        .value(request.repository.as_str())
}

fn unknown_document(request: &DocumentRequest) -> Finding {
    on(&rules::UNKNOWN_DOCUMENT, request)
        .attribute("DocumentUniqueId")
        .value(request.unique_id.as_str())
}

fn failed(error: &Failure, request: &DocumentRequest) -> Finding {
    let id = request.unique_id.as_str();
    match error {
        Failure::Database(_) | Failure::Audit(_) | Failure::Content(ContentError::Database(_)) => {
            error.finding(format!("Document {id}")).location(id)
        }
        Failure::Seal(_) | Failure::Content(_) | Failure::Incomplete => {
            tracing::error!(%error, "a stored document cannot be opened");
            on(&rules::UNREADABLE, request)
        }
    }
}

pub(crate) fn on(
    rule: &'static renkei_metadata::finding::Rule,
    request: &DocumentRequest,
) -> Finding {
    let id = request.unique_id.as_str();
    Finding::new(rule, format!("Document {id}")).location(id)
}

async fn open(
    inner: &Arc<Inner>,
    (transaction, ctx): (&'static Transaction, &Ctx),
    request: DocumentRequest,
    stored: &Arc<StoredDocument>,
    kept: &mut usize,
) -> Result<OpenDocument, Failure> {
    let mut reading = Reading {
        inner: Arc::clone(inner),
        transaction,
        ctx: ctx.clone(),
        request: request.clone(),
        key: inner.keys.unwrap(&stored.key)?,
        stored: Arc::clone(stored),
        next: 0,
        sent: 0,
        first: None,
    };
    let first = reading.read(0).await?;
    let total = kept.saturating_add(first.len());
    if total <= KEPT_BYTES {
        *kept = total;
        reading.first = Some(first);
    }
    let stream = stream::unfold(Some(reading), |reading| async { reading?.step().await }).boxed();
    Ok(OpenDocument { request, mime_type: stored.mime_type.clone(), size: stored.size, stream })
}

/// A document on its way out.
struct Reading {
    inner: Arc<Inner>,
    transaction: &'static Transaction,
    ctx: Ctx,
    request: DocumentRequest,
    key: ContentKey,
    stored: Arc<StoredDocument>,
    next: u32,
    sent: u64,
    first: Option<Bytes>,
}

impl Reading {
    async fn step(mut self) -> Option<(Result<Bytes, StreamError>, Option<Self>)> {
        if self.next == self.stored.chunks {
            return None;
        }
        let result = match self.first.take() {
            Some(bytes) => Ok(bytes),
            None => self.read(self.next).await,
        };
        let result = result.and_then(|bytes| self.count(bytes));
        match result {
            Ok(bytes) => Some((Ok(bytes), Some(self))),
            Err(error) => {
                tracing::error!(%error, chunk = self.next, "a retrieval was broken off");
                let Self { inner, transaction, ctx, request, .. } = &self;
                inner.record_broken_retrieval(transaction, ctx, request).await;
                Some((Err(StreamError), None))
            }
        }
    }

    /// The length was announced: what does not fit it is not sent.
    fn count(&mut self, bytes: Bytes) -> Result<Bytes, Failure> {
        self.next += 1;
        self.sent += bytes.len() as u64;
        let last = self.next == self.stored.chunks;
        let fits = if last { self.sent == self.stored.size } else { self.sent < self.stored.size };
        if fits { Ok(bytes) } else { Err(Failure::Incomplete) }
    }

    async fn read(&self, number: u32) -> Result<Bytes, Failure> {
        let StoredDocument { id, location, chunks, .. } = &*self.stored;
        let mut octets = self.inner.content.read(*id, location, number).await?;
        let last = number + 1 == *chunks;
        let opened = self.key.open_chunk_in_place(id.0, number, last, &mut octets)?;
        Ok(Bytes::from(octets).slice(opened))
    }
}
