//! Answers that come as messages of their own to a listener of the same process (ITI TF-2: V.5): each goes to the
//! call that awaits it, and is read there as if it had come on the connection.

use crate::incoming::Incoming;
use bytes::Bytes;
use futures_util::stream::{self, StreamExt};
use std::collections::HashMap;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{mpsc, oneshot};
use url::Url;

/// Pieces of an answer that are here before they are read.
const AHEAD: usize = 2;

/// Where answers come, and the calls that await them. Clones are the same.
#[derive(Clone, Debug)]
pub struct Mailbox {
    /// wsa:ReplyTo.
    address: Url,
    waiting: Arc<Mutex<HashMap<String, Waiting>>>,
}

/// A call.
#[derive(Debug)]
struct Waiting {
    /// The node that may answer it.
    peer: String,
    to: oneshot::Sender<Incoming>,
}

/// Where one call has its answer sent.
#[derive(Clone, Debug)]
pub struct Pigeonhole {
    pub(crate) mailbox: Mailbox,
    /// The node that may answer.
    pub(crate) peer: String,
}

/// An answer that is awaited, until this is dropped.
pub(crate) struct Awaited {
    mailbox: Mailbox,
    message_id: String,
    comes: oneshot::Receiver<Incoming>,
}

/// The way of an answer to the call that awaits it.
#[derive(Debug)]
pub struct Delivery(mpsc::Sender<io::Result<Bytes>>);

impl Mailbox {
    /// Answers come to `address`.
    pub fn new(address: Url) -> Self {
        Self { address, waiting: Arc::default() }
    }

    /// Where the answers of the node `peer` are put.
    #[must_use]
    pub fn of(&self, peer: &str) -> Pigeonhole {
        Pigeonhole { mailbox: self.clone(), peer: peer.to_owned() }
    }

    /// The way to the call with this wsa:MessageID, for an answer that the node `from` brings. `None` if nobody
    /// awaits one of that node: a call takes one answer, and none when its time is over.
    pub fn deliver(&self, message_id: &str, from: &str, content_type: &str) -> Option<Delivery> {
        let waiting = {
            let mut waiting = self.waiting();
            let is_of = waiting.get(message_id).is_some_and(|waiting| waiting.peer == from);
            is_of.then(|| waiting.remove(message_id)).flatten()?
        };
        let (pieces, come) = mpsc::channel(AHEAD);
        let come = stream::unfold(come, |mut come| async move { Some((come.recv().await?, come)) });
        let incoming = Incoming::new(content_type, come.boxed());
        waiting.to.send(incoming).ok()?;
        Some(Delivery(pieces))
    }

    fn waiting(&self) -> std::sync::MutexGuard<'_, HashMap<String, Waiting>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Delivery {
    /// Gives on a piece, as fast as it is read; `false` if nobody reads any more.
    pub async fn piece(&self, piece: io::Result<Bytes>) -> bool {
        self.0.send(piece).await.is_ok()
    }
}

impl Pigeonhole {
    pub(crate) fn address(&self) -> &Url {
        &self.mailbox.address
    }

    /// From now on the answer to this message is awaited.
    pub(crate) fn awaits(&self, message_id: &str) -> Awaited {
        let (to, comes) = oneshot::channel();
        let waiting = Waiting { peer: self.peer.clone(), to };
        self.mailbox.waiting().insert(message_id.to_owned(), waiting);
        Awaited { mailbox: self.mailbox.clone(), message_id: message_id.to_owned(), comes }
    }
}

impl Awaited {
    /// The answer, when it begins to come. `None` is for a mailbox that is gone.
    pub(crate) async fn begins(&mut self) -> Option<Incoming> {
        (&mut self.comes).await.ok()
    }
}

impl Drop for Awaited {
    fn drop(&mut self) {
        self.mailbox.waiting().remove(&self.message_id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mailbox() -> Mailbox {
        Mailbox::new(Url::parse("https://localhost/answers").unwrap())
    }

    #[tokio::test]
    async fn an_answer_is_delivered_once_and_of_its_node() {
        let mailbox = mailbox();
        let mut awaited = mailbox.of("north").awaits("urn:uuid:1");
        assert!(mailbox.deliver("urn:uuid:2", "north", "text/plain").is_none(), "unknown");
        assert!(mailbox.deliver("urn:uuid:1", "south", "text/plain").is_none(), "somebody else");
        let delivery = mailbox.deliver("urn:uuid:1", "north", "text/plain").unwrap();
        assert!(mailbox.deliver("urn:uuid:1", "north", "text/plain").is_none(), "again");
        let mut incoming = awaited.begins().await.unwrap();
        assert!(delivery.piece(Ok(Bytes::from_static(b"a"))).await);
        assert_eq!(incoming.chunk().await.unwrap().unwrap().as_ref(), b"a");
        drop(incoming);
        assert!(!delivery.piece(Ok(Bytes::from_static(b"b"))).await, "nobody reads");
    }

    #[tokio::test]
    async fn of_several_calls_each_has_its_own_answer() {
        let north = mailbox().of("north");
        let [mut first, mut second] = ["urn:uuid:1", "urn:uuid:2"].map(|id| north.awaits(id));
        // They come in another order than they were asked for.
        for id in ["urn:uuid:2", "urn:uuid:1"] {
            drop(north.mailbox.deliver(id, "north", id).unwrap());
        }
        for (id, awaited) in [("urn:uuid:1", &mut first), ("urn:uuid:2", &mut second)] {
            assert_eq!(awaited.begins().await.unwrap().content_type, id);
        }
    }

    #[tokio::test]
    async fn what_is_over_is_awaited_no_more() {
        let mailbox = mailbox();
        drop(mailbox.of("north").awaits("urn:uuid:1"));
        assert!(mailbox.waiting().is_empty(), "nothing is left of it");
        assert!(mailbox.deliver("urn:uuid:1", "north", "text/plain").is_none());
    }
}
