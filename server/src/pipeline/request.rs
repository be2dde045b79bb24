//! The request as it arrives: bytes in, events of the message out, never more than one chunk held.

use super::headers;
use super::refusal::Refusal;
use actix_web::http::header::HeaderMap;
use actix_web::web::Payload;
use futures_util::StreamExt;
use renkei_soap::fault::Fault;
use renkei_soap::limits::MessageLimits;
use renkei_soap::message::{Event, Framing, MessageReader};
use renkei_soap::tolerance::Tolerances;
use std::time::Duration;

/// A request being read. A transfer may take as long as it keeps moving.
pub(crate) struct RequestReader {
    rest: Rest,
    message: MessageReader,
    ended: bool,
}

/// What has not been read of a request.
pub(super) struct Rest {
    body: Payload,
    idle: Duration,
}

/// How much of a refused message is still read, so that the sender gets to see the answer.
const DRAIN: u64 = 1024 * 1024;

impl RequestReader {
    /// Starts to read a body that these headers describe; what is refused comes back to be drained.
    pub(super) fn new(
        headers: &HeaderMap,
        body: Payload,
        limits: &MessageLimits,
        idle: Duration,
    ) -> Result<Self, (Refusal, Rest)> {
        let rest = Rest { body, idle };
        let message = headers::content_type(headers)
            .and_then(|declared| Ok(MessageReader::new(declared, limits)?));
        match message {
            Ok(message) => Ok(Self { rest, message, ended: false }),
            Err(refusal) => Err((refusal, rest)),
        }
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

    /// What is left of the message.
    pub(super) fn rest(self) -> Rest {
        self.rest
    }

    async fn fill(&mut self) -> Result<(), Fault> {
        let Rest { body, idle } = &mut self.rest;
        match tokio::time::timeout(*idle, body.next()).await {
            Ok(Some(Ok(chunk))) => self.message.push(chunk),
            Ok(None) => {
                self.ended = true;
                self.message.finish();
            }
            Ok(Some(Err(_))) => return Err(cut_off()),
            Err(_) => return Err(Fault::stalled(idle.as_secs())),
        }
        Ok(())
    }
}

impl Rest {
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
}

/// The message ended before it was whole.
pub(super) fn cut_off() -> Fault {
    Fault::sender(
        "The message ended before it was complete. Send it again.",
        "メッセージが途中で終わりました。再送してください。",
    )
}
