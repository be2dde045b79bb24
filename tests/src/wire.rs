//! HTTP/1.1 over mutual TLS by hand: what no well-behaved client would send, and load without the
//! cost of one. Blocking, one request at a time, keep-alive.

use anyhow::{Context, Result, bail};
use openssl::ssl::{SslConnector, SslFiletype, SslMethod, SslStream, SslVersion};
use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::time::{Duration, Instant};

/// A connection.
pub struct Wire {
    stream: SslStream<TcpStream>,
    buffer: Vec<u8>,
    record: Box<[u8]>,
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
        // A TLS record holds at most 16 KiB.
        let record = vec![0; 16 * 1024].into_boxed_slice();
        Ok(Self { stream, buffer: Vec::with_capacity(64 * 1024), record })
    }

    /// The version of TLS that both sides agreed on, such as `TLSv1.3`.
    pub fn tls_version(&self) -> &'static str {
        self.stream.ssl().version_str()
    }

    /// Sends a request and reads its answer.
    pub fn post(&mut self, path: &str, content_type: &str, body: &[u8]) -> Result<Answer> {
        self.send_post(path, content_type, body)?;
        self.answer()
    }

    /// Sends a request and does not wait for its answer.
    pub fn send_post(&mut self, path: &str, content_type: &str, body: &[u8]) -> Result<()> {
        self.send_head(path, content_type, body.len() as u64)?;
        self.send(body)
    }

    /// Sends the head of a request whose body of `length` bytes follows by [`Wire::send`].
    pub fn send_head(&mut self, path: &str, content_type: &str, length: u64) -> Result<()> {
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {content_type}\r\nContent-Length: {length}\r\n\r\n",
        );
        self.send(head.as_bytes())
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

    /// Whether an answer has begun to arrive; waits a moment for it.
    pub fn answered(&mut self) -> Result<bool> {
        let wait = |stream: &SslStream<TcpStream>, time| stream.get_ref().set_read_timeout(time);
        wait(&self.stream, Some(Duration::from_millis(1)))?;
        let mut chunk = [0; 16 * 1024];
        let read = self.stream.read(&mut chunk);
        wait(&self.stream, Some(Duration::from_secs(120)))?;
        match read {
            Ok(n) => self.buffer.extend_from_slice(chunk.get(..n).unwrap_or_default()),
            Err(e) if matches!(e.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
            Err(e) => return Err(e.into()),
        }
        Ok(!self.buffer.is_empty())
    }

    /// Whether the other side ends the connection within `time`, whatever comes before.
    pub fn ends_within(&mut self, time: Duration) -> Result<bool> {
        let until = Instant::now() + time;
        while let Some(left) = until.checked_duration_since(Instant::now()).filter(|t| !t.is_zero())
        {
            self.stream.get_ref().set_read_timeout(Some(left))?;
            match self.stream.read(&mut self.record) {
                Ok(0) => return Ok(true),
                Ok(_) => {}
                Err(e) if matches!(e.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
                Err(_) => return Ok(true),
            }
        }
        Ok(false)
    }

    /// Reads an answer.
    pub fn answer(&mut self) -> Result<Answer> {
        let mut body = Vec::new();
        let collect = |_: &str, bytes: &[u8]| {
            body.extend_from_slice(bytes);
            Ok(())
        };
        let (status, head) = self.answer_to(collect)?;
        Ok(Answer { status, head, body })
    }

    /// Reads an answer and hands its body on, piece by piece with the head; gives status and head.
    pub fn answer_to(
        &mut self,
        mut sink: impl FnMut(&str, &[u8]) -> Result<()>,
    ) -> Result<(u16, String)> {
        let end = loop {
            if let Some(at) = self.buffer.windows(4).position(|w| w == b"\r\n\r\n") {
                break at + 4;
            }
            self.fill()?;
        };
        let head = String::from_utf8_lossy(self.buffer.get(..end).unwrap_or_default()).into_owned();
        self.buffer.drain(..end);
        let status = head.split(' ').nth(1).and_then(|s| s.parse().ok()).context("no status")?;
        if let Some(length) = header(&head, "content-length") {
            self.pass_on(length.parse()?, &mut |bytes| sink(&head, bytes))?;
        } else if header(&head, "transfer-encoding").is_some() {
            self.chunks(&mut |bytes| sink(&head, bytes))?;
        }
        Ok((status, head))
    }

    fn chunks(&mut self, sink: &mut dyn FnMut(&[u8]) -> Result<()>) -> Result<()> {
        loop {
            let line = loop {
                if let Some(at) = self.buffer.windows(2).position(|w| w == b"\r\n") {
                    let line = self.buffer.drain(..at + 2).take(at).collect::<Vec<u8>>();
                    break String::from_utf8(line)?;
                }
                self.fill()?;
            };
            let length = u64::from_str_radix(line.trim(), 16)?;
            self.pass_on(length, sink)?;
            self.pass_on(2, &mut |_| Ok(()))?;
            if length == 0 {
                return Ok(());
            }
        }
    }

    fn pass_on(&mut self, length: u64, sink: &mut dyn FnMut(&[u8]) -> Result<()>) -> Result<()> {
        let mut left = length;
        while left > 0 {
            if self.buffer.is_empty() {
                self.fill()?;
            }
            let n = self.buffer.len().min(usize::try_from(left).unwrap_or(usize::MAX));
            sink(self.buffer.get(..n).unwrap_or_default())?;
            self.buffer.drain(..n);
            left -= n as u64;
        }
        Ok(())
    }

    fn fill(&mut self) -> Result<()> {
        let n = loop {
            match self.stream.read(&mut self.record) {
                // A wait with a limit ends when the process is stopped and goes on (signal(7)).
                Err(e) if e.kind() == ErrorKind::Interrupted => {}
                read => break read?,
            }
        };
        if n == 0 {
            bail!("the connection was closed");
        }
        self.buffer.extend_from_slice(self.record.get(..n).unwrap_or_default());
        Ok(())
    }
}

/// The value of the header `name` in the lines of `head`.
pub fn header<'h>(head: &'h str, name: &str) -> Option<&'h str> {
    head.lines()
        .filter_map(|l| l.split_once(':'))
        .find(|(n, _)| n.eq_ignore_ascii_case(name))
        .map(|(_, v)| v.trim())
}
