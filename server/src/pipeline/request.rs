//! The request as it arrives: bytes in, events of the message out, never more than one chunk held.

use super::headers;
use super::refusal::Refusal;
use actix_web::http::header::HeaderMap;
use actix_web::web::{Bytes, BytesMut, Payload};
use futures_util::StreamExt;
use renkei_soap::fault::{Fault, rows};
use renkei_soap::limits::MessageLimits;
use renkei_soap::message::{Event, Framing, MessageReader};
use renkei_soap::tolerance::Tolerances;
use std::time::Duration;

/// A request being read. A transfer may take as long as it keeps moving.
pub(crate) struct RequestReader {
    rest: Rest,
    message: MessageReader,
    ended: bool,
    /// What came, as it came, for whoever reads it once more.
    kept: Option<BytesMut>,
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
            Ok(message) => Ok(Self { rest, message, ended: false, kept: None }),
            Err(refusal) => Err((refusal, rest)),
        }
    }

    /// Keeps what comes, too, until the rest is wanted.
    #[must_use]
    pub(super) fn keeping(self) -> Self {
        Self { kept: Some(BytesMut::new()), ..self }
    }

    /// What was kept, and the rest.
    pub(super) fn raw(self) -> (Bytes, Rest) {
        (self.kept.unwrap_or_default().freeze(), self.rest)
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
        match self.rest.next().await? {
            Some(chunk) => {
                if let Some(kept) = &mut self.kept {
                    kept.extend_from_slice(&chunk);
                }
                self.message.push(chunk);
            }
            None => {
                self.ended = true;
                self.message.finish();
            }
        }
        Ok(())
    }
}

impl Rest {
    /// The next octets; `None` at the end.
    pub(super) async fn next(&mut self) -> Result<Option<Bytes>, Fault> {
        match tokio::time::timeout(self.idle, self.body.next()).await {
            Ok(Some(Ok(chunk))) => Ok(Some(chunk)),
            Ok(None) => Ok(None),
            Ok(Some(Err(_))) => Err(cut_off()),
            Err(_) => Err(Fault::stalled(self.idle.as_secs())),
        }
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
}

/// The message ended before it was whole.
pub(super) fn cut_off() -> Fault {
    Fault::of(&rows::CUT_OFF, &[])
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::error::PayloadError;
    use actix_web::http::header::{CONTENT_TYPE, HeaderValue};
    use actix_web::test::TestRequest;
    use actix_web::{FromRequest, dev};
    use futures_util::{Stream, stream};

    /// The row of what a body that sends nothing, or breaks, is refused by.
    async fn row(
        body: impl Stream<Item = Result<Bytes, PayloadError>> + 'static,
    ) -> Option<&'static str> {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/soap+xml"));
        let (limits, idle) = (MessageLimits::default(), Duration::from_millis(20));
        let mut body = dev::Payload::Stream { payload: body.boxed_local() };
        let request = TestRequest::default().to_http_request();
        let body = Payload::from_request(&request, &mut body).await.unwrap();
        let reader = RequestReader::new(&headers, body, &limits, idle);
        let fault = reader.ok().unwrap().next().await.unwrap_err();
        rows::of(&fault).map(|row| row.id)
    }

    #[actix_web::test]
    async fn a_message_that_stops_names_its_row() {
        assert_eq!(row(stream::pending()).await, Some("fault-stalled"));
        let broken = stream::iter([Err(PayloadError::Incomplete(None))]);
        assert_eq!(row(broken).await, Some("fault-cut-off"));
    }
}
