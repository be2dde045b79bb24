//! Documents that others are sending for one answer: another community, or another repository of this one. Which
//! are passed on, whether they are what their entries said, and what becomes of those that are not.
//!
//! The list of an answer leaves before its documents (MTOM), so that what goes wrong with one of them afterwards can
//! only break the whole answer off. What is read before the answer begins costs nobody but its sender anything.

mod ahead;
mod arriving;
mod pace;
mod share;
mod spool;
#[cfg(test)]
mod testing;

pub(crate) use ahead::{Gathered, Terms};
pub(crate) use arriving::{Arriving, Expected};
pub use share::{Share, Spool};

use crate::logged::logged;
use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use futures_util::stream::{self, BoxStream};
use renkei_client::{ClientError, Document, Retrieval};
use renkei_xds::iti43::DocumentRequest;
use std::collections::HashMap;
use std::sync::Arc;

/// A document that is not what its entry said, or broke off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mismatch {
    /// Which.
    pub request: DocumentRequest,
    /// In what: `size`, `hash`, or `end` where it did not come to one.
    pub differs: &'static str,
}

/// Who hears of it, before the answer breaks off.
pub type Tell = Arc<dyn Fn(Mismatch) -> BoxFuture<'static, ()> + Send + Sync>;

/// Who hears how the question ended, and keeps what was taken for it until then.
pub(crate) trait Asked: Send + Sync {
    /// The answer ended so; `None`: not in time.
    fn ended(&self, end: Option<Result<(), &ClientError>>);
    /// It broke off, or stood still.
    fn failed(&self);
}

/// Nobody.
impl Asked for () {
    fn ended(&self, _: Option<Result<(), &ClientError>>) {}
    fn failed(&self) {}
}

/// A document that is to come.
#[derive(Clone, Debug)]
pub(crate) struct Expecting {
    /// Under which Content-ID it goes out.
    pub(crate) name: String,
    pub(crate) request: DocumentRequest,
    pub(crate) expected: Expected,
}

/// Why a document is not given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lost {
    /// It is not what its entry said.
    Differs,
    /// It ended before its end.
    Broken,
    /// It was listed, and did not come.
    Missing,
    /// Nothing of it came in time, or next to nothing.
    Silent,
    /// It is more than the time or the room of what is given together.
    Large,
}

impl Lost {
    /// Whether the rest of the document comes all the same, for nobody.
    const fn is_passed_over(self) -> bool {
        match self {
            Self::Differs | Self::Large => true,
            Self::Broken | Self::Missing | Self::Silent => false,
        }
    }
}

/// The documents of one sender.
pub struct Incoming {
    retrieval: Retrieval,
    /// By the Content-IDs under which they come.
    names: HashMap<String, Expecting>,
    /// The one that is arriving.
    open: Option<(Expecting, Arriving)>,
    asked: Arc<dyn Asked>,
}

impl Incoming {
    /// What `retrieval` brings.
    pub(crate) fn new(
        retrieval: Retrieval,
        names: HashMap<String, Expecting>,
        asked: Arc<dyn Asked>,
    ) -> Self {
        Self { retrieval, names, open: None, asked }
    }

    /// The next that is passed on. What else comes is passed over.
    async fn next(&mut self) -> Option<(Expecting, Arriving)> {
        if let Some(open) = self.open.take() {
            return Some(open);
        }
        while let Some((theirs, document)) = self.retrieval.next().await {
            if let Some(expecting) = self.names.remove(&theirs) {
                let arriving = Arriving::new(document, &expecting);
                return Some((expecting, arriving));
            }
        }
        None
    }

    /// Those that are passed on, each under its name. An error breaks the answer off; `tell` hears before of the
    /// document that is not what its entry said, or broke off.
    pub fn documents(self, tell: Tell) -> BoxStream<'static, Result<(String, Document), String>> {
        stream::unfold(Some((self, tell)), |state| async move {
            let (mut incoming, tell) = state?;
            if let Some((expecting, arriving)) = incoming.next().await {
                let document = arriving.document(tell.clone(), Arc::clone(&incoming.asked));
                return Some((Ok((expecting.name, document)), Some((incoming, tell))));
            }
            let end = incoming.retrieval.end().await.map(drop);
            incoming.asked.ended(Some(end.as_ref().copied()));
            let error = match end {
                Ok(()) if incoming.names.is_empty() => return None,
                Ok(()) => "a document is missing".to_owned(),
                Err(error) => logged(&error),
            };
            Some((Err(error), None))
        })
        .boxed()
    }
}
