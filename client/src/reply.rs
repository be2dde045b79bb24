//! Answers that are messages of their own (ITI TF-2: V.5). Their request was recorded where it was
//! carried out, so that nothing is recorded here.

use crate::error::ClientError;
use crate::identity::Identity;
use crate::options::ClientOptions;
use crate::soap::http;
use reqwest::header::CONTENT_TYPE;
use std::time::Duration;
use url::Url;

/// Sends replies. Clones are the same sender.
#[derive(Clone)]
pub struct ReplySender {
    http: reqwest::Client,
    longest: Duration,
}

impl ReplySender {
    /// A sender that presents `identity`.
    pub fn new(identity: &Identity, options: &ClientOptions) -> Result<Self, ClientError> {
        let http = http(identity, options).map_err(|e| ClientError::Tls(e.to_string()))?;
        Ok(Self { http, longest: options.call_timeout })
    }

    /// Sends a message that is written; it has arrived when the other side says so (HTTP 2xx).
    ///
    /// # Errors
    /// Why it has not; [`ClientError::is_final`] says whether it ever will.
    pub async fn send(
        &self,
        to: &str,
        content_type: &str,
        body: Vec<u8>,
    ) -> Result<(), ClientError> {
        let to = Url::parse(to).map_err(|e| ClientError::Malformed(e.to_string()))?;
        let request = self.http.post(to).timeout(self.longest);
        let request = request.header(CONTENT_TYPE, content_type).body(body);
        let response = request.send().await.map_err(|e| ClientError::sending(&e))?;
        match response.status() {
            status if status.is_success() => Ok(()),
            status => Err(ClientError::Http(status.as_u16())),
        }
    }
}
