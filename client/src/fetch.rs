//! Fetches a file that anybody may read, such as what a CA publishes. Who serves it need not be trusted: whoever reads it
//! verifies its signature.

use std::time::Duration;
use thiserror::Error;

/// For the whole of it.
const TIME: Duration = Duration::from_secs(30);
/// Until there is a connection.
const CONNECT: Duration = Duration::from_secs(10);
/// From one address to the next.
const REDIRECTS: usize = 3;

/// Why there is no file.
#[derive(Debug, Error)]
pub enum FetchError {
    /// Nobody answered, or not in time.
    #[error("取得できません / cannot be fetched: {0}")]
    Unreachable(String),
    /// Another answer than the file.
    #[error("HTTP {0} という応答 / was answered with HTTP {0}")]
    Status(u16),
    /// A longer one than is taken.
    #[error("{0} バイトを超えています / is longer than {0} octets")]
    TooLong(usize),
}

/// The octets at `url` (http or https), `longest` of them at most, within half a minute.
///
/// # Errors
/// When nobody answers in time, with something else, or with too much.
pub async fn fetch(url: &url::Url, longest: usize) -> Result<Vec<u8>, FetchError> {
    let unreachable = |e: reqwest::Error| FetchError::Unreachable(causes(&e.without_url()));
    let http = reqwest::Client::builder()
        .http1_only()
        .redirect(reqwest::redirect::Policy::limited(REDIRECTS))
        .connect_timeout(CONNECT)
        .timeout(TIME)
        .build()
        .map_err(unreachable)?;
    let mut answer = http.get(url.clone()).send().await.map_err(unreachable)?;
    if !answer.status().is_success() {
        return Err(FetchError::Status(answer.status().as_u16()));
    }
    let mut octets = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(unreachable)? {
        if octets.len() + chunk.len() > longest {
            return Err(FetchError::TooLong(longest));
        }
        octets.extend_from_slice(&chunk);
    }
    Ok(octets)
}

/// An error with what led to it.
fn causes(error: &dyn std::error::Error) -> String {
    let mut told = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        told = format!("{told}: {error}");
        cause = error.source();
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    /// What is fetched, `longest` octets at most, of somebody who answers this to whatever is asked.
    async fn fetched(answer: &'static str, longest: usize) -> Result<Vec<u8>, FetchError> {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/list", listener.local_addr().unwrap()).parse().unwrap();
        let server = tokio::spawn(async move {
            let (mut caller, _) = listener.accept().await.unwrap();
            let mut asked = [0; 4096];
            assert!(caller.read(&mut asked).await.unwrap() > 0);
            // Whoever has enough does not read on.
            drop(caller.write_all(answer.as_bytes()).await);
        });
        let fetched = fetch(&url, longest).await;
        server.await.unwrap();
        fetched
    }

    #[tokio::test]
    async fn a_file_is_fetched_up_to_its_limit() {
        let answer = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nabcde";
        assert_eq!(fetched(answer, 5).await.unwrap(), b"abcde");
        assert!(matches!(fetched(answer, 4).await, Err(FetchError::TooLong(4))));
        let endless = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nabcde";
        assert!(matches!(fetched(endless, 4).await, Err(FetchError::TooLong(4))));
        let none = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
        assert!(matches!(fetched(none, 4).await, Err(FetchError::Status(404))));
        let cut = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\nConnection: close\r\n\r\nabcde";
        let told = fetched(cut, 9).await.unwrap_err().to_string();
        assert!(told.contains("cannot be fetched: "), "{told}");
    }
}
