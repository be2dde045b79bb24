//! A requester's listener for replies: HTTPS by hand, one message a connection, each answered with 202.

use crate::forge::Forged;
use crate::reply::Reply;
use crate::wire::{Answer, header};
use anyhow::{Context, Result, bail};
use openssl::nid::Nid;
use openssl::ssl::{SslAcceptor, SslMethod, SslStream, SslVerifyMode};
use openssl::x509::store::X509StoreBuilder;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver as Channel};
use std::thread;
use std::time::Duration;

/// What arrives, until this is dropped; then the port is closed with the next connection.
pub struct Receiver {
    port: u16,
    arrived: Channel<Received>,
    given_up: Arc<AtomicBool>,
    /// How many messages it still refuses.
    failures: Arc<AtomicUsize>,
    /// As ones that are wrong.
    for_good: Arc<AtomicBool>,
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.given_up.store(true, Ordering::Relaxed);
        // The listening thread hears of it with its next connection.
        drop(TcpStream::connect(("127.0.0.1", self.port)));
    }
}

/// A message that arrived.
pub struct Received {
    /// The path it was posted to.
    pub path: String,
    /// Common name of the certificate of the node that sent it.
    pub from: String,
    /// The message.
    pub reply: Reply,
}

impl Receiver {
    /// Listens on a port (0 takes a free one) with a certificate for `localhost` of `own`, for nodes with
    /// a certificate of `peers`.
    pub fn listen(port: u16, own: &Forged, peers: &Forged) -> Result<Self> {
        let node = own.server("localhost")?;
        let mut builder = SslAcceptor::mozilla_modern_v5(SslMethod::tls_server())?;
        builder.set_certificate(&node.certificate)?;
        builder.set_private_key(&node.key)?;
        let mut store = X509StoreBuilder::new()?;
        store.add_cert(peers.certificate.clone())?;
        builder.set_verify_cert_store(store.build())?;
        builder.set_verify(SslVerifyMode::PEER | SslVerifyMode::FAIL_IF_NO_PEER_CERT);
        let acceptor = builder.build();
        let listener = TcpListener::bind(("127.0.0.1", port))?;
        let port = listener.local_addr()?.port();
        let (sender, arrived) = mpsc::channel();
        let given_up = Arc::new(AtomicBool::new(false));
        let closed = Arc::clone(&given_up);
        let failures = Arc::new(AtomicUsize::new(0));
        let for_good = Arc::new(AtomicBool::new(false));
        let refusing = (Arc::clone(&failures), Arc::clone(&for_good));
        thread::spawn(move || {
            for tcp in listener.incoming().flatten() {
                if closed.load(Ordering::Relaxed) {
                    return;
                }
                let received = tcp
                    .set_read_timeout(Some(Duration::from_secs(30)))
                    .map_err(anyhow::Error::from)
                    .and_then(|()| Ok(acceptor.accept(tcp)?))
                    .and_then(|mut stream| take(&mut stream, &refusing.0, &refusing.1));
                // Whoever does not get through the handshake is none of ours.
                if let Ok(Some(received)) = received
                    && sender.send(received).is_err()
                {
                    return;
                }
            }
        });
        Ok(Self { port, arrived, given_up, failures, for_good })
    }

    /// [`Self::listen`] on a port that another one has just given up.
    pub fn listen_again(port: u16, own: &Forged, peers: &Forged) -> Result<Self> {
        for _ in 0..200 {
            if let Ok(receiver) = Self::listen(port, own, peers) {
                return Ok(receiver);
            }
            // A connection that nobody waits for ends the one that is given up.
            drop(TcpStream::connect(("127.0.0.1", port)));
            thread::sleep(Duration::from_millis(50));
        }
        bail!("port {port} is not free")
    }

    /// Answers the next messages with 503, as if they had not come.
    pub fn fail(&self, messages: usize) {
        self.for_good.store(false, Ordering::SeqCst);
        self.failures.store(messages, Ordering::SeqCst);
    }

    /// Answers the next messages with 400: they are wrong.
    pub fn refuse(&self, messages: usize) {
        self.for_good.store(true, Ordering::SeqCst);
        self.failures.store(messages, Ordering::SeqCst);
    }

    /// How many messages it still refuses.
    pub fn failures_left(&self) -> usize {
        self.failures.load(Ordering::SeqCst)
    }

    /// The address of a path here.
    pub fn url(&self, path: &str) -> String {
        format!("https://localhost:{}{path}", self.port)
    }

    /// The port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The next message.
    pub fn next(&self, most: Duration) -> Result<Received> {
        self.arrived.recv_timeout(most).context("no reply came")
    }
}

/// Reads a message and acknowledges it, unless it is to be refused.
fn take(
    stream: &mut SslStream<TcpStream>,
    failures: &AtomicUsize,
    for_good: &AtomicBool,
) -> Result<Option<Received>> {
    let from = stream.ssl().peer_certificate().context("no certificate")?;
    let from = from.subject_name().entries_by_nid(Nid::COMMONNAME).next().context("no name")?;
    let from = from.data().to_string()?;
    let mut octets = Vec::new();
    let mut chunk = [0; 16 * 1024];
    let (head, length, start) = loop {
        let n = stream.read(&mut chunk)?;
        if n == 0 {
            bail!("closed in the head");
        }
        octets.extend_from_slice(chunk.get(..n).unwrap_or_default());
        if let Some(at) = octets.windows(4).position(|w| w == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(octets.get(..at).unwrap_or_default()).into_owned();
            let length: usize = header(&head, "content-length").context("no length")?.parse()?;
            break (head, length, at + 4);
        }
    };
    while octets.len() < start + length {
        let n = stream.read(&mut chunk)?;
        if n == 0 {
            bail!("closed in the body");
        }
        octets.extend_from_slice(chunk.get(..n).unwrap_or_default());
    }
    let refused = failures.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |n| n.checked_sub(1));
    let status = match refused.is_ok() {
        true if for_good.load(Ordering::SeqCst) => "400 Bad Request",
        true => "503 Service Unavailable",
        false => "202 Accepted",
    };
    let answer = format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    stream.write_all(answer.as_bytes())?;
    drop(stream.shutdown());
    if refused.is_ok() {
        return Ok(None);
    }
    let path = head.split(' ').nth(1).context("no path")?.to_owned();
    let body = octets.split_off(start);
    let reply = Reply::of(Answer { status: 200, head: format!("{head}\r\n\r\n"), body })?;
    Ok(Some(Received { path, from, reply }))
}
