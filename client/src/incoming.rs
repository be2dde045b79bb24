//! An answer that begins to come: on the connection of its request, or as a message of its own.

use bytes::Bytes;
use futures_util::stream::{self, BoxStream, StreamExt};
use renkei_soap::mime::is_identity;
use reqwest::StatusCode;
use reqwest::header::{CONTENT_ENCODING, CONTENT_TYPE};
use std::io;

/// What is known of it, and its octets.
pub(crate) struct Incoming {
    pub(crate) status: StatusCode,
    pub(crate) content_type: String,
    /// Whether its octets are those of the message.
    pub(crate) is_plain: bool,
    octets: BoxStream<'static, io::Result<Bytes>>,
}

impl Incoming {
    /// A message of its own.
    pub(crate) fn new(content_type: &str, octets: BoxStream<'static, io::Result<Bytes>>) -> Self {
        let content_type = content_type.to_owned();
        Self { status: StatusCode::OK, content_type, is_plain: true, octets }
    }

    /// The next octets; `None` at the end.
    pub(crate) async fn chunk(&mut self) -> Option<io::Result<Bytes>> {
        self.octets.next().await
    }
}

impl std::fmt::Debug for Incoming {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Incoming").field("content_type", &self.content_type).finish_non_exhaustive()
    }
}

impl From<reqwest::Response> for Incoming {
    fn from(response: reqwest::Response) -> Self {
        let headers = response.headers();
        let declared = headers.get(CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
        let mut codings = headers.get_all(CONTENT_ENCODING).iter();
        let is_plain = codings.all(|v| v.to_str().is_ok_and(is_identity));
        let (status, content_type) = (response.status(), declared.to_owned());
        let octets = stream::unfold(Some(response), |response| async {
            let mut response = response?;
            match response.chunk().await {
                Ok(Some(chunk)) => Some((Ok(chunk), Some(response))),
                Ok(None) => None,
                Err(error) => Some((Err(io::Error::other(error)), None)),
            }
        });
        Self { status, content_type, is_plain, octets: octets.boxed() }
    }
}
