//! A PIX Consumer's listener: MLLP over TLS by hand, a connection after the other (ITI-10).

use crate::forge::Forged;
use anyhow::{Context, Result};
use openssl::nid::Nid;
use openssl::ssl::{SslAcceptor, SslMethod, SslStream, SslVerifyMode};
use openssl::x509::store::X509StoreBuilder;
use renkei_hl7v2::ack;
use renkei_hl7v2::adt::update::{self, Update};
use renkei_hl7v2::msh::Stamp;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver as Channel};
use std::thread;
use std::time::Duration;
use uuid::Uuid;

/// What arrives, until this is dropped; then the port is closed with the next connection.
pub struct Consumer {
    port: u16,
    arrived: Channel<Notified>,
    given_up: Arc<AtomicBool>,
    failures: Arc<AtomicUsize>,
}

/// A notification that was acknowledged.
pub struct Notified {
    /// Common name of the certificate of the node that sent it.
    pub from: String,
    /// The message.
    pub update: Update,
    /// As it came.
    pub text: String,
    /// What it was answered.
    pub answer: String,
    /// MSH-10 of the answer.
    pub control_id: String,
}

impl Drop for Consumer {
    fn drop(&mut self) {
        self.given_up.store(true, Ordering::Relaxed);
        // The listening thread hears of it with its next connection.
        drop(TcpStream::connect(("127.0.0.1", self.port)));
    }
}

impl Consumer {
    /// Listens on `port` with a certificate for `localhost` of `own`, for nodes with one of `peers`. The first
    /// `failures` messages it takes and does not acknowledge.
    pub fn listen(port: u16, own: &Forged, peers: &Forged, failures: usize) -> Result<Self> {
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
        let (sender, arrived) = mpsc::channel();
        let (given_up, failures) =
            (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(failures)));
        let (closed, refusing) = (Arc::clone(&given_up), Arc::clone(&failures));
        thread::spawn(move || {
            for tcp in listener.incoming().flatten() {
                if closed.load(Ordering::Relaxed) {
                    return;
                }
                // Connections are kept for later messages: each has a thread of its own.
                let (acceptor, sender, refusing) =
                    (acceptor.clone(), sender.clone(), Arc::clone(&refusing));
                thread::spawn(move || {
                    let Ok(mut stream) = acceptor.accept(tcp) else { return };
                    while let Ok(Some(notified)) = take(&mut stream, &refusing) {
                        if sender.send(notified).is_err() {
                            return;
                        }
                    }
                });
            }
        });
        Ok(Self { port, arrived, given_up, failures })
    }

    /// `mllps://localhost:port/APPLICATION/FACILITY`.
    pub fn url(port: u16) -> String {
        format!("mllps://localhost:{port}/PORTAL/INSURER")
    }

    /// How many messages it still leaves without an answer.
    pub fn failures_left(&self) -> usize {
        self.failures.load(Ordering::SeqCst)
    }

    /// The next notification.
    pub fn next(&self, most: Duration) -> Result<Notified> {
        self.arrived.recv_timeout(most).context("no notification came")
    }
}

/// Reads a message and acknowledges it, unless it is to be left without an answer.
fn take(stream: &mut SslStream<TcpStream>, failures: &AtomicUsize) -> Result<Option<Notified>> {
    let from = stream.ssl().peer_certificate().context("no certificate")?;
    let from = from.subject_name().entries_by_nid(Nid::COMMONNAME).next().context("no name")?;
    let from = from.data().to_string()?;
    let mut octets = Vec::new();
    let mut chunk = [0; 4096];
    let end = loop {
        if let Some(end) = octets.windows(2).position(|w| w == [0x1c, 0x0d]) {
            break end;
        }
        let n = stream.read(&mut chunk)?;
        if n == 0 {
            return Ok(None);
        }
        octets.extend_from_slice(chunk.get(..n).unwrap_or_default());
    };
    let is_failing = |left: usize| left.checked_sub(1);
    if failures.fetch_update(Ordering::SeqCst, Ordering::SeqCst, is_failing).is_ok() {
        return Ok(None);
    }
    let frame = octets.get(1..end).context("an empty frame")?;
    let update = update::read(frame)?;
    let stamp = Stamp::new(chrono::Utc::now(), Uuid::new_v4());
    let ack = ack::accept(&update.msh, &stamp);
    stream.write_all(&[&[0x0b], &ack[..], &[0x1c, 0x0d]].concat())?;
    stream.flush()?;
    let (text, answer) = (String::from_utf8(frame.to_vec())?, String::from_utf8(ack)?);
    Ok(Some(Notified { from, update, text, answer, control_id: stamp.control_id }))
}
