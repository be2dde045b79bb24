//! Documents that an answer said it gives, and that did not come to their end: on record before it breaks off.
//!
//! That they are given is on record before the first octet leaves (ITI TF-2: 3.43.6.1, 3.39.6.1). When one breaks off,
//! those behind it do not come either.

use super::documents::Documents;
use crate::house::House;
use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use futures_util::stream;
use renkei_atna::record::{AuditRecord, Object, Outcome};
use renkei_atna::sink::Sink;
use renkei_audit::AuditContext;
use renkei_context::Ctx;
use renkei_gateway::incoming::{Mismatch, Tell};
use renkei_metadata::finding::IheCode;
use renkei_soap::document::{Body, Document};
use renkei_xds::iti43::{DocumentPart, DocumentRequest};
use renkei_xds::transaction::Transaction;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// The documents of an answer that have not come to their end yet. Clones are the same.
#[derive(Clone)]
pub(super) struct Unfinished(Arc<Inner>);

struct Inner {
    sink: Arc<dyn Sink>,
    own: AuditContext,
    ctx: Ctx,
    transaction: &'static Transaction,
    /// By Content-ID.
    left: Mutex<BTreeMap<String, (DocumentRequest, Object)>>,
}

impl Unfinished {
    /// None yet, of an answer to `transaction`.
    pub(super) fn of(house: &House, ctx: &Ctx, transaction: &'static Transaction) -> Self {
        let own = AuditContext { local: house.local.clone() };
        let (sink, ctx, left) = (Arc::clone(&house.audit), ctx.clone(), Mutex::default());
        Self(Arc::new(Inner { sink, own, ctx, transaction, left }))
    }

    /// These are to come, each recorded as what `object` makes of it.
    pub(super) fn expect(
        &self,
        parts: &[DocumentPart],
        object: impl Fn(&DocumentRequest) -> Object,
    ) {
        let entry = |part: &DocumentPart| {
            (part.content_id.clone(), (part.request.clone(), object(&part.request)))
        };
        self.left().extend(parts.iter().map(entry));
    }

    /// The same documents; the first that does not come to its end has all on record that did not.
    pub(super) fn watch(&self, documents: Documents) -> Documents {
        match documents {
            Documents::Known(known) => {
                let watched = known.into_iter().map(|(id, document)| self.watched(id, document));
                Documents::Known(watched.collect())
            }
            Documents::Arriving(arriving) => {
                let this = self.clone();
                let watched = arriving.then(move |next| {
                    let this = this.clone();
                    async move {
                        match next {
                            Ok((id, document)) => Ok(this.watched(id, document)),
                            Err(error) => {
                                this.broken_off().await;
                                Err(error)
                            }
                        }
                    }
                });
                Documents::Arriving(watched.boxed_local())
            }
        }
    }

    fn watched(&self, id: String, document: Document) -> (String, Document) {
        let Document { mime_type, body } = document;
        let length = body.length();
        let state = Some((body.into_stream(), id.clone(), self.clone()));
        let octets = stream::unfold(state, |state| async move {
            let (mut octets, id, this) = state?;
            match octets.next().await {
                Some(Ok(piece)) => Some((Ok(piece), Some((octets, id, this)))),
                Some(Err(error)) => {
                    this.broken_off().await;
                    Some((Err(error), None))
                }
                None => {
                    this.left().remove(&id);
                    None
                }
            }
        });
        (id, Document { mime_type, body: Body::Stream { length, stream: octets.boxed() } })
    }

    /// Hears what is wrong with a document of another community, and has it on record with its code.
    pub(super) fn teller(&self) -> Tell {
        let this = self.clone();
        Arc::new(move |mismatch: Mismatch| -> BoxFuture<'static, ()> {
            let this = this.clone();
            Box::pin(async move { this.differs(mismatch).await })
        })
    }

    async fn differs(&self, mismatch: Mismatch) {
        let Mismatch { request, differs } = mismatch;
        tracing::error!(request = %self.0.ctx.request_id, differs, "a document was not given whole");
        let code = match differs {
            "end" => IheCode::UnavailableCommunity,
            "size" => IheCode::NonIdenticalSize,
            _ => IheCode::NonIdenticalHash,
        };
        let objects = {
            let mut left = self.left();
            let id =
                left.iter().find(|(_, (known, _))| *known == request).map(|(id, _)| id.clone());
            id.and_then(|id| left.remove(&id)).map(|(_, object)| object)
        };
        let text = code.name(self.0.transaction.reporter).to_owned();
        self.record(objects.into_iter().collect(), text).await;
    }

    /// All that is left does not come.
    async fn broken_off(&self) {
        let left = std::mem::take(&mut *self.left());
        let objects: Vec<Object> = left.into_values().map(|(_, object)| object).collect();
        self.record(objects, "the answer was broken off".to_owned()).await;
    }

    async fn record(&self, objects: Vec<Object>, text: String) {
        if objects.is_empty() {
            return;
        }
        keep(Arc::clone(&self.0.sink), self.0.told(objects, text)).await;
    }

    fn left(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, (DocumentRequest, Object)>> {
        self.0.left.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn told(&self, objects: Vec<Object>, text: String) -> AuditRecord {
        let failed = Outcome::SeriousFailure;
        self.own.server(&self.ctx, &self.transaction.audit, failed, objects, Some(text))
    }
}

async fn keep(sink: Arc<dyn Sink>, record: AuditRecord) {
    if let Err(error) = sink.record(record).await {
        tracing::error!(%error, "that documents did not come to their end is not on record");
    }
}

impl Drop for Inner {
    /// Nobody asks for the rest: whoever asked went away, or it is more than what may be sent elsewhere.
    fn drop(&mut self) {
        let left = std::mem::take(self.left.get_mut().unwrap_or_else(PoisonError::into_inner));
        let objects: Vec<Object> = left.into_values().map(|(_, object)| object).collect();
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        if objects.is_empty() {
            return;
        }
        let record = self.told(objects, "the answer was not taken to its end".to_owned());
        runtime.spawn(keep(Arc::clone(&self.sink), record));
    }
}
