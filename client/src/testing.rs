//! What the tests share: certificates, a sink that remembers, and servers that answer as told.

use crate::identity::Identity;
use openssl::asn1::Asn1Time;
use openssl::bn::BigNum;
use openssl::ec::{EcGroup, EcKey};
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use openssl::ssl::{Ssl, SslAcceptor, SslMethod, SslVerifyMode, SslVersion};
use openssl::x509::extension::{BasicConstraints, SubjectAlternativeName};
use openssl::x509::store::X509StoreBuilder;
use openssl::x509::{X509, X509Name};
use renkei_atna::build::Local;
use renkei_atna::record::AuditRecord;
use renkei_atna::sink::{BoxFuture, NotRecorded, Sink};
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_openssl::SslStream;
use url::Url;

pub(crate) fn local() -> Local {
    Local { source_id: "test".into(), site: None, source_type: 9, process_id: 1 }
}

/// Remembers records, or refuses them.
#[derive(Default)]
pub(crate) struct Memory {
    pub(crate) records: Mutex<Vec<AuditRecord>>,
    pub(crate) broken: bool,
}

impl Memory {
    pub(crate) fn taken(&self) -> Vec<AuditRecord> {
        std::mem::take(&mut self.records.lock().unwrap())
    }

    /// The records, as soon as there is one.
    pub(crate) async fn first(&self) -> Vec<AuditRecord> {
        for _ in 0..200 {
            let records = self.taken();
            if !records.is_empty() {
                return records;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("nothing was recorded");
    }
}

impl Sink for Memory {
    fn record<'a>(&'a self, record: AuditRecord) -> BoxFuture<'a, Result<(), NotRecorded>> {
        Box::pin(async move {
            if self.broken {
                return Err(NotRecorded::Closed);
            }
            self.records.lock().unwrap().push(record);
            Ok(())
        })
    }
}

/// A CA and what it signs.
pub(crate) struct Authority {
    certificate: X509,
    key: PKey<Private>,
}

impl Authority {
    pub(crate) fn new() -> Self {
        let (certificate, key) = certificate("CA", None, None);
        Self { certificate, key }
    }

    /// A client of this CA that trusts `trusted`.
    pub(crate) fn client(&self, trusted: &Self) -> Identity {
        Identity::load(self.files_trusting(trusted).path()).unwrap()
    }

    /// The files of a client of this CA that trusts it.
    pub(crate) fn files(&self) -> tempfile::TempDir {
        self.files_trusting(self)
    }

    fn files_trusting(&self, trusted: &Self) -> tempfile::TempDir {
        let (certificate, key) = certificate("client", None, Some(self));
        let dir = tempfile::tempdir().unwrap();
        let write = |name: &str, pem: Vec<u8>| std::fs::write(dir.path().join(name), pem).unwrap();
        write("cert.pem", certificate.to_pem().unwrap());
        write("key.pem", key.private_key_to_pem_pkcs8().unwrap());
        write("ca.pem", trusted.certificate.to_pem().unwrap());
        dir
    }

    /// An acceptor for `host` that asks for certificates of this CA.
    pub(crate) fn acceptor(&self, host: &str, newest: SslVersion) -> SslAcceptor {
        let (certificate, key) = certificate("server", Some(host), Some(self));
        let mut builder = SslAcceptor::mozilla_intermediate_v5(SslMethod::tls_server()).unwrap();
        builder.set_certificate(&certificate).unwrap();
        builder.set_private_key(&key).unwrap();
        let mut store = X509StoreBuilder::new().unwrap();
        store.add_cert(self.certificate.clone()).unwrap();
        builder.set_cert_store(store.build());
        builder.set_verify(SslVerifyMode::PEER | SslVerifyMode::FAIL_IF_NO_PEER_CERT);
        builder.set_max_proto_version(Some(newest)).unwrap();
        builder.set_session_id_context(b"test").unwrap();
        builder.build()
    }
}

fn certificate(
    name: &str,
    host: Option<&str>,
    signer: Option<&Authority>,
) -> (X509, PKey<Private>) {
    let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).unwrap();
    let key = PKey::from_ec_key(EcKey::generate(&group).unwrap()).unwrap();
    let mut subject = X509Name::builder().unwrap();
    subject.append_entry_by_nid(Nid::COMMONNAME, name).unwrap();
    let subject = subject.build();
    let mut builder = X509::builder().unwrap();
    builder.set_version(2).unwrap();
    let mut serial = BigNum::new().unwrap();
    serial.rand(120, openssl::bn::MsbOption::ONE, false).unwrap();
    builder.set_serial_number(&serial.to_asn1_integer().unwrap()).unwrap();
    builder.set_subject_name(&subject).unwrap();
    builder.set_issuer_name(signer.map_or(&*subject, |s| s.certificate.subject_name())).unwrap();
    builder.set_pubkey(&key).unwrap();
    builder.set_not_before(&Asn1Time::days_from_now(0).unwrap()).unwrap();
    builder.set_not_after(&Asn1Time::days_from_now(2).unwrap()).unwrap();
    if signer.is_none() {
        let extension = BasicConstraints::new().critical().ca().build().unwrap();
        builder.append_extension(extension).unwrap();
    }
    if let Some(host) = host {
        let context = builder.x509v3_context(None, None);
        let extension = SubjectAlternativeName::new().dns(host).build(&context).unwrap();
        builder.append_extension(extension).unwrap();
    }
    builder.sign(signer.map_or(&key, |s| &s.key), MessageDigest::sha256()).unwrap();
    (builder.build(), key)
}

pub(crate) type Stream = SslStream<TcpStream>;

/// A TLS server on a free port of this machine, until the end of the test.
pub(crate) struct Server {
    pub(crate) port: u16,
    /// How many connections there were.
    pub(crate) connections: Arc<AtomicUsize>,
}

impl Server {
    /// Serves each connection with `serve`.
    pub(crate) async fn start<F>(
        acceptor: SslAcceptor,
        serve: impl Fn(Stream) -> F + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let listener = TcpListener::bind(("localhost", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let connections = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&connections);
        tokio::spawn(async move {
            loop {
                let (tcp, _) = listener.accept().await.unwrap();
                let ssl = Ssl::new(acceptor.context()).unwrap();
                let mut stream = SslStream::new(ssl, tcp).unwrap();
                if Pin::new(&mut stream).accept().await.is_ok() {
                    counter.fetch_add(1, Ordering::SeqCst);
                    tokio::spawn(serve(stream));
                } else {
                    // A reset would overtake the alert.
                    tokio::time::sleep(Duration::from_millis(200)).await;
                }
            }
        });
        Self { port, connections }
    }

    pub(crate) fn url(&self) -> Url {
        format!("https://localhost:{}/xds", self.port).parse().unwrap()
    }
}

/// A request as it arrived.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Request {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().filter_map(|l| l.split_once(": "));
        lines.filter(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| value).next()
    }

    /// The wsa:MessageID.
    pub(crate) fn message_id(&self) -> String {
        let text = String::from_utf8_lossy(&self.body);
        let (_, rest) = text.split_once("<wsa:MessageID>").unwrap();
        rest.split_once('<').unwrap().0.to_owned()
    }
}

/// What an HTTP server does with a request.
pub(crate) enum Reply {
    /// Answers, and keeps the connection.
    Answer { status: u16, content_type: String, body: Vec<u8> },
    /// Says it sends one octet more than it does, and closes.
    Broken { content_type: String, body: Vec<u8> },
    /// Keeps silent.
    Nothing,
    /// Closes the connection.
    Closed,
    /// Does this first.
    After(BoxFuture<'static, ()>, Box<Self>),
}

/// Serves HTTP requests one after the other.
pub(crate) async fn http(mut stream: Stream, answer: Arc<dyn Fn(&Request) -> Reply + Send + Sync>) {
    while let Some(request) = read_request(&mut stream).await {
        let reply = match answer(&request) {
            Reply::After(first, then) => {
                first.await;
                *then
            }
            reply => reply,
        };
        let (status, content_type, body, more) = match reply {
            Reply::Answer { status, content_type, body } => (status, content_type, body, 0),
            Reply::Broken { content_type, body } => (200, content_type, body, 1),
            Reply::Closed | Reply::After(..) => return,
            Reply::Nothing => return tokio::time::sleep(Duration::from_secs(60)).await,
        };
        let length = body.len() + more;
        let head = format!(
            "HTTP/1.1 {status} X\r\nContent-Type: {content_type}\r\nContent-Length: {length}\r\n\r\n"
        );
        let message = [head.into_bytes(), body].concat();
        if stream.write_all(&message).await.is_err() || more > 0 {
            break;
        }
    }
}

async fn read_request(stream: &mut Stream) -> Option<Request> {
    let mut all = Vec::new();
    let end = loop {
        if let Some(at) = find(&all, b"\r\n\r\n") {
            break at + 4;
        }
        stream.read_buf(&mut all).await.ok().filter(|n| *n > 0)?;
    };
    let head = String::from_utf8(all[..end].to_vec()).unwrap();
    let mut body = all.split_off(end);
    let mut request = Request { head, body: Vec::new() };
    match request.header("content-length").map(|l| l.parse::<usize>().unwrap()) {
        Some(length) => {
            while body.len() < length {
                stream.read_buf(&mut body).await.ok().filter(|n| *n > 0)?;
            }
            request.body = body;
        }
        None => {
            while !body.ends_with(b"0\r\n\r\n") {
                stream.read_buf(&mut body).await.ok().filter(|n| *n > 0)?;
            }
            request.body = unchunked(&body);
        }
    }
    Some(request)
}

fn unchunked(mut body: &[u8]) -> Vec<u8> {
    let mut all = Vec::new();
    loop {
        let line = find(body, b"\r\n").unwrap();
        let size = usize::from_str_radix(std::str::from_utf8(&body[..line]).unwrap(), 16).unwrap();
        if size == 0 {
            return all;
        }
        all.extend_from_slice(&body[line + 2..line + 2 + size]);
        body = &body[line + 4 + size..];
    }
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|w| w == needle)
}
