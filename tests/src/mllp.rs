//! HL7 v2 over MLLP and TLS by hand.

use anyhow::{Context, Result, bail};
use openssl::ssl::{SslConnector, SslStream};
use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// A connection to a patient feed.
pub struct Feed {
    stream: SslStream<TcpStream>,
    buffer: Vec<u8>,
}

impl Feed {
    /// Connects to `127.0.0.1:port`.
    pub fn connect(connector: &SslConnector, port: u16) -> Result<Self> {
        let tcp = TcpStream::connect(("127.0.0.1", port))?;
        tcp.set_read_timeout(Some(Duration::from_secs(30)))?;
        Ok(Self { stream: connector.connect("localhost", tcp)?, buffer: Vec::new() })
    }

    /// Sends a message in its frame and answers the acknowledgement without frame.
    pub fn send(&mut self, message: &[u8]) -> Result<String> {
        let mut frame = vec![0x0b];
        frame.extend_from_slice(message);
        frame.extend_from_slice(&[0x1c, 0x0d]);
        self.raw(&frame)?;
        self.acknowledgement()
    }

    /// Sends bytes as they are.
    pub fn raw(&mut self, bytes: &[u8]) -> Result<()> {
        Ok(self.stream.write_all(bytes)?)
    }

    /// The next acknowledgement.
    pub fn acknowledgement(&mut self) -> Result<String> {
        loop {
            if let Some(end) = self.buffer.windows(2).position(|w| w == [0x1c, 0x0d]) {
                let frame: Vec<u8> = self.buffer.drain(..end + 2).collect();
                let inner = frame.get(1..end).context("empty frame")?;
                return Ok(String::from_utf8(inner.to_vec())?);
            }
            let mut chunk = [0; 4096];
            let n = match self.stream.read(&mut chunk) {
                // A signal, such as that of a child that ended.
                Err(e) if e.kind() == ErrorKind::Interrupted => continue,
                read => read?,
            };
            if n == 0 {
                bail!("the connection was closed");
            }
            self.buffer.extend_from_slice(chunk.get(..n).unwrap_or_default());
        }
    }
}
