//! The request as it arrives: bytes in, events of the message out, never more than one chunk held.

use actix_web::web::Payload;
use futures_util::StreamExt;
use renkei_soap::fault::Fault;
use renkei_soap::limits::MessageLimits;
use renkei_soap::message::{Event, Framing, MessageReader};
use renkei_soap::tolerance::Tolerances;
use std::time::Duration;

/// A request being read. A transfer may take as long as it keeps moving.
pub(crate) struct RequestReader {
    body: Payload,
    message: MessageReader,
    idle: Duration,
    ended: bool,
}

/// How much of a refused message is still read, so that the sender gets to see the answer.
const DRAIN: u64 = 1024 * 1024;

impl RequestReader {
    /// Starts to read a body declared as `content_type`.
    pub(super) fn new(
        content_type: &str,
        body: Payload,
        limits: &MessageLimits,
        idle: Duration,
    ) -> Result<Self, Fault> {
        let message = MessageReader::new(content_type, limits)?;
        Ok(Self { body, message, idle, ended: false })
    }

    /// The next event; never [`Event::NeedMore`].
    pub(super) async fn next(&mut self) -> Result<Event, Fault> {
        loop {
            match self.message.next()? {
                Event::NeedMore if !self.ended => self.fill().await?,
                Event::NeedMore => return Ok(Event::End),
                event => return Ok(event),
            }
        }
    }

    /// What was tolerated so far.
    pub(super) fn tolerances(&self) -> &Tolerances {
        self.message.tolerances()
    }

    /// How the message is framed.
    pub(super) fn framing(&self) -> Framing {
        self.message.framing()
    }

    /// Reads a bounded rest of a message that is refused already, and throws it away. A sender that
    /// trickles gets no more time than one that is silent.
    pub(super) async fn drain(mut self) {
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
            Ok(Some(Ok(chunk))) => self.message.push(chunk),
            Ok(None) => {
                self.ended = true;
                self.message.finish();
            }
            Ok(Some(Err(_))) => return Err(cut_off()),
            Err(_) => return Err(Fault::stalled(self.idle.as_secs())),
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
