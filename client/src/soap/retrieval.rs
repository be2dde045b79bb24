//! ITI-43 by pulling: the documents of an answer as streams, in the order in which they arrive.

use super::retrieve::RetrieveCall;
use crate::answer::{DocumentSink, Listing, Retrieved};
use crate::error::ClientError;
use bytes::Bytes;
use futures_util::future::BoxFuture;
use futures_util::stream::{self, StreamExt};
use renkei_atna::sink::NotRecorded;
use renkei_soap::document::{Body, Document, Octets};
use std::io;
use std::sync::{Arc, OnceLock};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

/// Pieces of a document that are here before they are asked for.
const AHEAD: usize = 2;

/// A retrieval under way. It goes on only as fast as its documents are pulled; the times of the client
/// count meanwhile, and so does its deadline.
///
/// Dropped before its end, it stops, and is recorded as a failure.
pub struct Retrieval {
    listing: Option<oneshot::Receiver<Listing>>,
    arrivals: mpsc::Receiver<Arrival>,
    /// A document that came before the list.
    early: Option<Arrival>,
    listed: Arc<OnceLock<Listing>>,
    ended: JoinHandle<Result<Retrieved, ClientError>>,
}

/// A document that begins to arrive, and its pieces.
struct Arrival {
    content_id: String,
    pieces: mpsc::Receiver<Piece>,
}

enum Piece {
    Data(Bytes),
    /// The document is complete. Without it, the pieces are not all.
    End,
}

impl Retrieval {
    pub(super) fn begin(call: RetrieveCall) -> Self {
        let (told, listing) = oneshot::channel();
        let (to, arrivals) = mpsc::channel(1);
        let listed = Arc::new(OnceLock::new());
        let shared = Arc::clone(&listed);
        let ended = tokio::spawn(async move {
            let mut arriving = Arriving { to, open: None };
            let tell = move |listing: &Listing| {
                // Neither fails but when it was told already, or nobody asks.
                drop(shared.set(listing.clone()));
                drop(told.send(listing.clone()));
            };
            call.run(&mut arriving, tell).await
        });
        Self { listing: Some(listing), arrivals, early: None, listed, ended }
    }

    /// The list of the answer. `None` when a document comes before it, or when there is none because the
    /// call failed, which [`Retrieval::end`] tells.
    pub async fn list(&mut self) -> Option<Listing> {
        if let Some(listing) = self.listing.as_mut() {
            tokio::select! {
                biased;
                _ = listing => self.listing = None,
                arrival = self.arrivals.recv(), if self.early.is_none() => self.early = arrival,
            }
        }
        self.listed.get().cloned()
    }

    /// The next document that arrives, with its Content-ID. What is left of the one before is passed
    /// over. Its type is that of the list, if that came already.
    pub async fn next(&mut self) -> Option<(String, Document)> {
        let arrival = match self.early.take() {
            Some(early) => early,
            None => self.arrivals.recv().await?,
        };
        let Arrival { content_id, pieces } = arrival;
        let mut listed = self.listed.get().into_iter().flat_map(|l| &l.documents);
        let listed = listed.find(|d| d.content_id == content_id);
        let mime_type =
            listed.map_or_else(|| "application/octet-stream".to_owned(), |d| d.mime_type.clone());
        let body = Body::Stream { length: None, stream: octets(pieces) };
        Some((content_id, Document { mime_type, body }))
    }

    /// Passes over what is left, and tells how the call ended, once that is on record.
    ///
    /// # Errors
    /// As any call; what was pulled of the documents is then not to be used.
    pub async fn end(mut self) -> Result<Retrieved, ClientError> {
        self.early = None;
        while self.arrivals.recv().await.is_some() {}
        // Only a runtime that goes down ends it otherwise.
        (&mut self.ended).await.unwrap_or(Err(ClientError::Audit(NotRecorded::Closed)))
    }
}

impl Drop for Retrieval {
    fn drop(&mut self) {
        // Whatever it waits for: a peer may never answer.
        self.ended.abort();
    }
}

fn octets(pieces: mpsc::Receiver<Piece>) -> Octets {
    stream::unfold(Some(pieces), |pieces| async {
        let mut pieces = pieces?;
        match pieces.recv().await {
            Some(Piece::Data(octets)) => Some((Ok(octets), Some(pieces))),
            Some(Piece::End) => None,
            None => Some((Err(io::ErrorKind::UnexpectedEof.into()), None)),
        }
    })
    .boxed()
}

/// The sending end.
struct Arriving {
    to: mpsc::Sender<Arrival>,
    open: Option<mpsc::Sender<Piece>>,
}

impl Arriving {
    /// A document whose reader went away is passed over.
    async fn send(&mut self, piece: Piece) {
        if let Some(open) = &self.open
            && open.send(piece).await.is_err()
        {
            self.open = None;
        }
    }
}

impl DocumentSink for Arriving {
    fn begin<'a>(&'a mut self, content_id: &'a str) -> BoxFuture<'a, io::Result<()>> {
        Box::pin(async move {
            let (open, pieces) = mpsc::channel(AHEAD);
            let arrival = Arrival { content_id: content_id.to_owned(), pieces };
            // Nobody asks for the rest: the call is over.
            self.to.send(arrival).await.map_err(|_| io::ErrorKind::BrokenPipe)?;
            self.open = Some(open);
            Ok(())
        })
    }

    fn data(&mut self, octets: Bytes) -> BoxFuture<'_, io::Result<()>> {
        Box::pin(async move {
            if self.to.is_closed() && self.open.is_none() {
                return Err(io::ErrorKind::BrokenPipe.into());
            }
            self.send(Piece::Data(octets)).await;
            Ok(())
        })
    }

    fn end(&mut self) -> BoxFuture<'_, io::Result<()>> {
        Box::pin(async move {
            self.send(Piece::End).await;
            self.open = None;
            Ok(())
        })
    }

    /// Whoever pulls the octets compares them with what they expect.
    fn is_hashed(&self) -> bool {
        false
    }
}
