mod agreed;
mod listed;
mod pinned;
mod seen;
mod trusted;

use super::*;
use crate::pki::{Entitlement, Issue, Peer, PeerTable, Pki, ServerFiles, Terms};
use crate::settings::{TlsProfile, TlsVersion};
use openssl::ssl::{Ssl, SslContextBuilder, SslFiletype, SslMethod, SslVerifyMode, SslVersion};
use renkei_context::{Role, Roles};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::Receiver;
use tokio_openssl::SslStream;

/// A PKI, a gate of it, and what the gate reports.
pub(crate) struct Place {
    pub(crate) dir: TempDir,
    pub(crate) pki: Pki,
    pub(crate) peers: Arc<PeerTable>,
    pub(crate) gate: Gate,
    pub(crate) failures: Receiver<NodeFailure>,
}

impl Place {
    pub(crate) fn new(lowest: TlsVersion) -> Self {
        let dir = TempDir::new().unwrap();
        let pki = Pki::open(dir.path()).unwrap();
        let files = pki.server("localhost").unwrap();
        Self::with(dir, pki, &files, Suites { lowest, ..Suites::SAFEST })
    }

    /// A gate with these files and settings.
    fn with(dir: TempDir, pki: Pki, files: &ServerFiles, suites: Suites) -> Self {
        let peers = Arc::new(PeerTable::open(&pki, Terms::default()).unwrap());
        let (time, pins) = (Duration::from_secs(5), Some(Arc::clone(&peers)));
        let acceptor = Acceptor::new(files, suites, time, pins).unwrap();
        let (alarm, failures) = Alarm::new();
        let gate = Gate::new(acceptor, Arc::clone(&peers), alarm, "https://localhost:1");
        Self { dir, pki, peers, gate, failures }
    }

    pub(crate) fn issue(&self, name: &str, days: u32) -> (Peer, PathBuf) {
        let out = self.dir.path().join("issued").join(name);
        let roles = Roles::new([Role::Consumer]);
        let (password, hosts) = (String::new(), Vec::new());
        let entitlement = Entitlement::default();
        let name = name.parse().unwrap();
        let issue =
            Issue { name, roles, entitlement, days, password, hosts, overlap_days: 0, csr: None };
        (self.pki.issue(&issue, &out).unwrap(), out)
    }

    fn server_files(&self) -> ServerFiles {
        self.pki.server("localhost").unwrap()
    }

    fn trusted(&self) -> PathBuf {
        self.pki.authority_file()
    }

    pub(crate) async fn failure(&mut self) -> NodeFailure {
        tokio::time::timeout(Duration::from_secs(5), self.failures.recv()).await.unwrap().unwrap()
    }
}

/// A client's view of TLS: it trusts `ca` and presents the certificate and key given.
pub(crate) async fn connect(
    address: SocketAddr,
    ca: &Path,
    own: Option<(PathBuf, PathBuf)>,
    highest: SslVersion,
) -> Result<SslStream<TcpStream>, openssl::ssl::Error> {
    let mut context = SslContextBuilder::new(SslMethod::tls_client()).unwrap();
    context.set_ca_file(ca).unwrap();
    context.set_verify(SslVerifyMode::PEER);
    context.set_max_proto_version(Some(highest)).unwrap();
    if let Some((certificate, key)) = own {
        context.set_certificate_chain_file(certificate).unwrap();
        context.set_private_key_file(key, SslFiletype::PEM).unwrap();
    }
    let mut ssl = Ssl::new(&context.build()).unwrap();
    ssl.set_hostname("localhost").unwrap();
    ssl.param_mut().set_host("localhost").unwrap();
    let tcp = TcpStream::connect(address).await.unwrap();
    let mut stream = SslStream::new(ssl, tcp).unwrap();
    Pin::new(&mut stream).connect().await?;
    Ok(stream)
}

pub(crate) fn pair(dir: &Path) -> Option<(PathBuf, PathBuf)> {
    Some((dir.join("cert.pem"), dir.join("key.pem")))
}

/// Lets one client knock; returns whether the gate let it in and it could read a byte.
async fn knock(place: &Place, own: Option<(PathBuf, PathBuf)>, highest: SslVersion) -> bool {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let gate = place.gate.clone();
    let server = tokio::spawn(async move {
        let (tcp, from) = listener.accept().await.unwrap();
        let (mut stream, visitor) = gate.enter(tcp, Some(from)).await?;
        stream.write_all(b"x").await.ok()?;
        stream.flush().await.ok()?;
        Some(visitor)
    });
    let trusted = place.trusted();
    let client = async {
        let mut stream = connect(address, &trusted, own, highest).await.ok()?;
        let mut byte = [0];
        stream.read_exact(&mut byte).await.ok()
    };
    let (read, entered) = (client.await.is_some(), server.await.unwrap().is_some());
    assert_eq!(read, entered);
    entered
}

#[tokio::test]
async fn a_peer_of_the_ca_comes_in() {
    let place = Place::new(TlsVersion::V1_3);
    let (_, out) = place.issue("a", 1);
    assert!(knock(&place, pair(&out), SslVersion::TLS1_3).await);
}

#[tokio::test]
async fn without_certificate_nobody_comes_in() {
    let mut place = Place::new(TlsVersion::V1_3);
    assert!(!knock(&place, None, SslVersion::TLS1_3).await);
    let failure = place.failure().await;
    assert_eq!(failure.reason, "peer did not return a certificate");
    assert_eq!((failure.address.as_deref(), failure.subject), (Some("127.0.0.1"), None));
}

#[tokio::test]
async fn a_certificate_of_another_ca_does_not_come_in() {
    let mut place = Place::new(TlsVersion::V1_3);
    let stranger = Place::new(TlsVersion::V1_3);
    let (_, out) = stranger.issue("a", 1);
    assert!(!knock(&place, pair(&out), SslVersion::TLS1_3).await);
    let failure = place.failure().await;
    assert_eq!(failure.subject.as_deref(), Some("CN=a,O=Renkei"));
    assert!(failure.reason.contains("issuer"), "{}", failure.reason);
}

#[tokio::test]
async fn an_expired_certificate_does_not_come_in() {
    let mut place = Place::new(TlsVersion::V1_3);
    let (_, out) = place.issue("a", 0);
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    assert!(!knock(&place, pair(&out), SslVersion::TLS1_3).await);
    assert_eq!(place.failure().await.reason, "certificate has expired");
}

#[tokio::test]
async fn a_server_certificate_is_not_a_clients() {
    let mut place = Place::new(TlsVersion::V1_3);
    let files = place.server_files();
    assert!(!knock(&place, Some((files.certificate, files.key)), SslVersion::TLS1_3).await);
    let reason = place.failure().await.reason;
    assert!(reason.contains("purpose"), "{reason}");
}

#[tokio::test]
async fn the_lowest_version_is_a_setting() {
    let mut strict = Place::new(TlsVersion::V1_3);
    let (_, out) = strict.issue("a", 1);
    assert!(!knock(&strict, pair(&out), SslVersion::TLS1_2).await);
    assert_eq!(strict.failure().await.reason, "unsupported protocol");
    let lenient = Place::new(TlsVersion::V1_2);
    let (_, out) = lenient.issue("a", 1);
    assert!(knock(&lenient, pair(&out), SslVersion::TLS1_2).await);
    assert!(knock(&lenient, pair(&out), SslVersion::TLS1_3).await);
}
