//! HTTP/1.1 over mutual TLS by hand: what no well-behaved client would send, and load without the
//! cost of one. Blocking, one request at a time, keep-alive.

use anyhow::{Context, Result, bail};
use openssl::ssl::{SslConnector, SslFiletype, SslMethod, SslStream, SslVersion};
use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::time::Duration;

/// A connection.
pub struct Wire {
    stream: SslStream<TcpStream>,
    buffer: Vec<u8>,
}

/// An answer.
#[derive(Debug)]
pub struct Answer {
    /// Status code.
    pub status: u16,
    /// Header lines as they came.
    pub head: String,
    /// Body, chunks joined.
    pub body: Vec<u8>,
}

impl Answer {
    /// The body as text, as far as it is.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        header(&self.head, name)
    }
}

/// TLS settings of a client; `identity` is a directory as `renkei pki issue` writes it.
pub fn connector(ca: &Path, identity: Option<&Path>) -> Result<SslConnector> {
    let mut builder = SslConnector::builder(SslMethod::tls_client())?;
    builder.set_ca_file(ca)?;
    builder.set_min_proto_version(Some(SslVersion::TLS1_3))?;
    if let Some(directory) = identity {
        builder.set_certificate_chain_file(directory.join("cert.pem"))?;
        builder.set_private_key_file(directory.join("key.pem"), SslFiletype::PEM)?;
    }
    Ok(builder.build())
}

impl Wire {
    /// Connects to `127.0.0.1:port` as the server `localhost`.
    pub fn connect(connector: &SslConnector, port: u16) -> Result<Self> {
        let tcp = TcpStream::connect(("127.0.0.1", port))?;
        tcp.set_nodelay(true)?;
        tcp.set_read_timeout(Some(Duration::from_secs(120)))?;
        tcp.set_write_timeout(Some(Duration::from_secs(120)))?;
        let stream = connector.connect("localhost", tcp)?;
        Ok(Self { stream, buffer: Vec::with_capacity(64 * 1024) })
    }

    /// Sends a request and reads its answer.
    pub fn post(&mut self, path: &str, content_type: &str, body: &[u8]) -> Result<Answer> {
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {content_type}\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        self.send(head.as_bytes())?;
        self.send(body)?;
        self.answer()
    }

    /// Asks for a resource.
    pub fn get(&mut self, path: &str) -> Result<Answer> {
        self.send(format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n").as_bytes())?;
        self.answer()
    }

    /// Sends bytes as they are.
    pub fn send(&mut self, bytes: &[u8]) -> Result<()> {
        match self.stream.write_all(bytes) {
            Ok(()) => Ok(()),
            // The server may have answered and closed already; the answer tells.
            Err(e) if matches!(e.kind(), ErrorKind::BrokenPipe | ErrorKind::ConnectionReset) => {
                Ok(())
            }
            Err(e) => Err(e.into()),
        }
    }

    /// Reads an answer.
    pub fn answer(&mut self) -> Result<Answer> {
        let end = loop {
            if let Some(at) = self.buffer.windows(4).position(|w| w == b"\r\n\r\n") {
                break at + 4;
            }
            self.fill()?;
        };
        let head = String::from_utf8_lossy(self.buffer.get(..end).unwrap_or_default()).into_owned();
        self.buffer.drain(..end);
        let status = head.split(' ').nth(1).and_then(|s| s.parse().ok()).context("no status")?;
        let body = if let Some(length) = header(&head, "content-length") {
            self.take(length.parse()?)?
        } else if header(&head, "transfer-encoding").is_some() {
            self.chunks()?
        } else {
            Vec::new()
        };
        Ok(Answer { status, head, body })
    }

    fn chunks(&mut self) -> Result<Vec<u8>> {
        let mut body = Vec::new();
        loop {
            let line = loop {
                if let Some(at) = self.buffer.windows(2).position(|w| w == b"\r\n") {
                    let line = self.buffer.drain(..at + 2).take(at).collect::<Vec<u8>>();
                    break String::from_utf8(line)?;
                }
                self.fill()?;
            };
            let length = usize::from_str_radix(line.trim(), 16)?;
            body.extend(self.take(length)?);
            self.take(2)?;
            if length == 0 {
                return Ok(body);
            }
        }
    }

    fn take(&mut self, length: usize) -> Result<Vec<u8>> {
        while self.buffer.len() < length {
            self.fill()?;
        }
        Ok(self.buffer.drain(..length).collect())
    }

    fn fill(&mut self) -> Result<()> {
        let mut chunk = [0; 64 * 1024];
        let n = self.stream.read(&mut chunk)?;
        if n == 0 {
            bail!("the connection was closed");
        }
        self.buffer.extend_from_slice(chunk.get(..n).unwrap_or_default());
        Ok(())
    }
}

fn header<'h>(head: &'h str, name: &str) -> Option<&'h str> {
    head.lines()
        .filter_map(|l| l.split_once(':'))
        .find(|(n, _)| n.eq_ignore_ascii_case(name))
        .map(|(_, v)| v.trim())
}
