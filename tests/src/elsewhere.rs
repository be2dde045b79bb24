//! The gateway of another community, by hand: HTTPS that answers each message as it is told, one a
//! connection.

use crate::forge::Forged;
use crate::wire::header;
use anyhow::{Context, Result, bail};
use chrono::TimeDelta;
use openssl::ssl::{SslAcceptor, SslMethod, SslStream, SslVerifyMode};
use openssl::x509::store::X509StoreBuilder;
use renkei_soap::envelope;
use renkei_soap::limits::MessageLimits;
use renkei_soap::message::{Event, MessageReader};
use renkei_soap::multipart::{MultipartWriter, simple_content_type};
use renkei_soap::tolerance::Tolerances;
use renkei_soap::xml::{Reader, Writer, XmlLimits};
use renkei_xds::transaction::Transaction;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;
use uuid::Uuid;

/// The connection on which an answer goes.
pub type Stream = SslStream<TcpStream>;

/// A message that was asked.
pub struct Asked {
    /// wsa:MessageID.
    pub message_id: String,
    /// The envelope.
    pub envelope: String,
}

/// What a gateway answers to a GET, by which whoever means to ask it looks whether it is there.
#[derive(Clone, Copy)]
pub struct Look {
    /// The status.
    pub status: u16,
    /// How much its clock is off ours; without it, it tells no time.
    pub off: Option<TimeDelta>,
}

impl Default for Look {
    fn default() -> Self {
        Self { status: 405, off: Some(TimeDelta::zero()) }
    }
}

impl Look {
    fn answer(self) -> String {
        let date = self.off.map(|off| {
            let date = (chrono::Utc::now() + off).to_rfc2822().replace("+0000", "GMT");
            format!("Date: {date}\r\n")
        });
        let (status, date) = (self.status, date.unwrap_or_default());
        format!("HTTP/1.1 {status} No\r\n{date}Content-Length: 0\r\nConnection: close\r\n\r\n")
    }
}

/// A gateway that runs until it is dropped.
pub struct Elsewhere {
    port: u16,
    over: Arc<AtomicBool>,
    asked: Arc<AtomicUsize>,
}

impl Drop for Elsewhere {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
        // The listening thread hears of it with its next connection.
        drop(TcpStream::connect(("127.0.0.1", self.port)));
    }
}

impl Elsewhere {
    /// A gateway with the certificate `own` that lets in whom `peers` vouch for.
    pub fn serve(
        own: &Forged,
        peers: &Forged,
        answer: impl Fn(&Asked, &mut Stream) -> Result<()> + Send + Sync + 'static,
    ) -> Result<Self> {
        Self::serve_looked(own, peers, Look::default(), answer)
    }

    /// One that answers a GET like this.
    pub fn serve_looked(
        own: &Forged,
        peers: &Forged,
        look: Look,
        answer: impl Fn(&Asked, &mut Stream) -> Result<()> + Send + Sync + 'static,
    ) -> Result<Self> {
        Self::serve_at(0, own, peers, look, answer)
    }

    /// One on a port that was known before (0 takes a free one).
    pub fn serve_at(
        port: u16,
        own: &Forged,
        peers: &Forged,
        look: Look,
        answer: impl Fn(&Asked, &mut Stream) -> Result<()> + Send + Sync + 'static,
    ) -> Result<Self> {
        let mut builder = SslAcceptor::mozilla_modern_v5(SslMethod::tls_server())?;
        builder.set_certificate(&own.certificate)?;
        builder.set_private_key(&own.key)?;
        let mut store = X509StoreBuilder::new()?;
        store.add_cert(peers.certificate.clone())?;
        builder.set_verify_cert_store(store.build())?;
        builder.set_verify(SslVerifyMode::PEER | SslVerifyMode::FAIL_IF_NO_PEER_CERT);
        let (acceptor, answer) = (Arc::new(builder.build()), Arc::new(answer));
        let listener = TcpListener::bind(("127.0.0.1", port))?;
        let port = listener.local_addr()?.port();
        let (over, asked) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
        let (is_over, counted) = (Arc::clone(&over), Arc::clone(&asked));
        thread::spawn(move || {
            for tcp in listener.incoming().flatten() {
                if is_over.load(Ordering::Relaxed) {
                    return;
                }
                let (acceptor, answer) = (Arc::clone(&acceptor), Arc::clone(&answer));
                let counted = Arc::clone(&counted);
                thread::spawn(move || -> Result<()> {
                    tcp.set_read_timeout(Some(Duration::from_secs(30)))?;
                    let mut stream = acceptor.accept(tcp)?;
                    let Some(asked) = take(&mut stream, look)? else {
                        return Ok(());
                    };
                    counted.fetch_add(1, Ordering::SeqCst);
                    answer(&asked, &mut stream)?;
                    drop(stream.shutdown());
                    Ok(())
                });
            }
        });
        Ok(Self { port, over, asked })
    }

    /// Its address.
    pub fn url(&self) -> String {
        format!("https://localhost:{}/gateway", self.port)
    }

    /// How many messages came.
    pub fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

/// Reads a message to its end; a GET, such as one that looks at the clock, is answered and none.
fn take(stream: &mut Stream, look: Look) -> Result<Option<Asked>> {
    let mut octets = Vec::new();
    let mut chunk = [0; 16 * 1024];
    let mut read = |octets: &mut Vec<u8>, stream: &mut Stream| -> Result<()> {
        match stream.read(&mut chunk)? {
            0 => bail!("closed inside the message"),
            n => octets.extend_from_slice(chunk.get(..n).unwrap_or_default()),
        }
        Ok(())
    };
    let start = loop {
        if let Some(at) = octets.windows(4).position(|w| w == b"\r\n\r\n") {
            break at + 4;
        }
        read(&mut octets, stream)?;
    };
    let head = String::from_utf8_lossy(octets.get(..start).unwrap_or_default()).into_owned();
    if head.starts_with("GET ") {
        stream.write_all(look.answer().as_bytes())?;
        return Ok(None);
    }
    let length: usize = header(&head, "content-length").context("no length")?.parse()?;
    while octets.len() < start + length {
        read(&mut octets, stream)?;
    }
    let content_type = header(&head, "content-type").context("no type")?.to_owned();
    let mut reader = MessageReader::new(&content_type, &MessageLimits::default())?;
    reader.push(octets.split_off(start).into());
    reader.finish();
    loop {
        match reader.next()? {
            Event::Root(text) => {
                let mut xml = Reader::new(&text, XmlLimits::default());
                let opened = envelope::open(&mut xml, &mut Tolerances::default())?;
                let message_id = opened.addressing.message_id.context("no MessageID")?;
                return Ok(Some(Asked { message_id, envelope: text }));
            }
            Event::End => bail!("no envelope"),
            _ => {}
        }
    }
}

/// The head of an HTTP message with a body of so many octets.
pub fn http_head(content_type: &str, length: u64) -> Vec<u8> {
    format!(
        "HTTP/1.1 200 OK\r\nContent-Type: {content_type}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
    )
    .into_bytes()
}

/// The HTTP message that answers with a body of these octets.
pub fn http(content_type: &str, body: &[u8]) -> Vec<u8> {
    [&http_head(content_type, body.len() as u64), body].concat()
}

/// A simple SOAP answer.
pub fn simple(asked: &Asked, by: &Transaction, write: impl FnOnce(&mut Writer)) -> Vec<u8> {
    let envelope = envelope::write_response(by.response_action, Some(&asked.message_id), write);
    http(&simple_content_type(None), envelope.as_bytes())
}

/// An answer with parts.
pub fn multipart(
    asked: &Asked,
    by: &Transaction,
    parts: &[(&str, &[u8])],
    write: impl FnOnce(&mut Writer),
) -> Vec<u8> {
    let envelope = envelope::write_response(by.response_action, Some(&asked.message_id), write);
    let writer = MultipartWriter::new(Uuid::new_v4());
    let mut body = writer.root(&envelope).to_vec();
    for (content_id, content) in parts {
        body.extend_from_slice(&writer.part_start(content_id, "application/octet-stream"));
        body.extend_from_slice(content);
    }
    body.extend_from_slice(&writer.close());
    http(&writer.content_type(Some(by.response_action)), &body)
}

/// An answer with one part whose octets come from elsewhere: its Content-Type, what is before them, and what
/// is behind.
pub fn multipart_ends(
    asked: &Asked,
    by: &Transaction,
    content_id: &str,
    write: impl FnOnce(&mut Writer),
) -> (String, Vec<u8>, Vec<u8>) {
    let envelope = envelope::write_response(by.response_action, Some(&asked.message_id), write);
    let writer = MultipartWriter::new(Uuid::new_v4());
    let mut before = writer.root(&envelope).to_vec();
    before.extend_from_slice(&writer.part_start(content_id, "application/octet-stream"));
    (writer.content_type(Some(by.response_action)), before, writer.close().to_vec())
}
