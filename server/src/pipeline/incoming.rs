//! The request as it arrives: bytes in, events of the message out, never more than one chunk held.

use actix_web::web::Payload;
use futures_util::StreamExt;
use renkei_soap::fault::Fault;
use renkei_soap::limits::MessageLimits;
use renkei_soap::message::{Event, MessageReader};
use renkei_soap::tolerance::Tolerances;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;

/// A message being read.
pub(crate) struct Incoming {
    body: Payload,
    reader: MessageReader,
    seen: u64,
    most: u64,
    idle: Duration,
    ended: bool,
    arrived: Arc<Notify>,
}

/// How much of a refused message is still read, so that the sender gets to see the answer.
const DRAIN: u64 = 1024 * 1024;

impl Incoming {
    /// Starts to read a body declared as `content_type`.
    pub(crate) fn new(
        content_type: &str,
        body: Payload,
        limits: &MessageLimits,
        idle: Duration,
    ) -> Result<Self, Fault> {
        let reader = MessageReader::new(content_type, limits)?;
        let most = limits.message_bytes;
        Ok(Self { body, reader, seen: 0, most, idle, ended: false, arrived: Arc::default() })
    }

    /// The next event; never [`Event::NeedMore`].
    pub(crate) async fn next(&mut self) -> Result<Event, Fault> {
        loop {
            match self.reader.next()? {
                Event::NeedMore if !self.ended => self.fill().await?,
                Event::NeedMore | Event::End => {
                    self.arrived.notify_one();
                    return Ok(Event::End);
                }
                event => return Ok(event),
            }
        }
    }

    /// Resolves when the message has been read to its end.
    pub(crate) fn arrived(&self) -> impl Future<Output = ()> + use<> {
        let arrived = Arc::clone(&self.arrived);
        async move { arrived.notified().await }
    }

    /// What was tolerated so far.
    pub(crate) fn tolerances(&self) -> &Tolerances {
        self.reader.tolerances()
    }

    /// How the message is framed.
    pub(crate) fn framing(&self) -> renkei_soap::message::Framing {
        self.reader.framing()
    }

    /// Reads a bounded rest of a message that is refused already, and throws it away. A sender that
    /// trickles gets no more time than one that is silent.
    pub(crate) async fn drain(mut self) {
        let body = &mut self.body;
        let drain = async {
            let mut drained = 0u64;
            while drained < DRAIN
                && let Some(Ok(chunk)) = body.next().await
            {
                drained += chunk.len() as u64;
            }
        };
        // Whether all of it came makes no difference to the refusal.
        drop(tokio::time::timeout(self.idle, drain).await);
    }

    async fn fill(&mut self) -> Result<(), Fault> {
        match tokio::time::timeout(self.idle, self.body.next()).await {
            Ok(Some(Ok(chunk))) => {
                self.seen += chunk.len() as u64;
                if self.seen > self.most {
                    return Err(Fault::limit("limits.message_bytes", self.most));
                }
                self.reader.push(chunk);
            }
            Ok(None) => {
                self.ended = true;
                self.arrived.notify_one();
                self.reader.finish();
            }
            Ok(Some(Err(_))) => return Err(cut_off()),
            Err(_) => return Err(Fault::limit("limits.idle_seconds", self.idle.as_secs())),
        }
        Ok(())
    }
}

/// The message ended before it was whole.
pub(super) fn cut_off() -> Fault {
    Fault::sender(
        "The message ended before it was complete. Send it again.",
        "メッセージが途中で終わりました。再送してください。",
    )
}
