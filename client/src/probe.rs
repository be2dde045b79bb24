//! What can be told of another node before anything is asked of it: whether it is reached, accepts us, is
//! whom we take it for, and what time it has.

use crate::error::ClientError;
use crate::identity::Identity;
use crate::options::ClientOptions;
use crate::soap::http;
use chrono::{DateTime, Utc};
use reqwest::StatusCode;
use reqwest::header::DATE;
use url::Url;

/// Reaches the node at `url` as `identity` and gives its time (RFC 9110, 6.6.1), if it tells it, to the
/// second. Nothing is asked, so that nothing is recorded.
///
/// # Errors
/// When there is no connection with TLS, or this node is not let in.
pub async fn time_of(
    identity: &Identity,
    options: &ClientOptions,
    url: &Url,
) -> Result<Option<DateTime<Utc>>, ClientError> {
    let http = http(identity, options).map_err(|e| ClientError::Tls(e.to_string()))?;
    let asked = http.get(url.clone()).timeout(options.request_timeout).send();
    let response = asked.await.map_err(|e| ClientError::sending(&e))?;
    // Whether anything is served here is told by what is asked next.
    if response.status() == StatusCode::FORBIDDEN {
        return Err(ClientError::Http(response.status().as_u16()));
    }
    let date = response.headers().get(DATE).and_then(|date| date.to_str().ok());
    let date = date.and_then(|date| DateTime::parse_from_rfc2822(date).ok());
    Ok(date.map(|date| date.with_timezone(&Utc)))
}
