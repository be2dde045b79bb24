use super::*;
use crate::settings::{Limits, Settings, Sources, TlsVersion};
use crate::tls::caller;
use crate::tls::tests::{Place, connect, pair};
use actix_web::dev::ServerHandle;
use actix_web::web;
use actix_web::{HttpRequest, HttpResponse};
use bytes::Bytes;
use futures_util::future::BoxFuture;
use openssl::ssl::SslVersion;
use renkei_context::Caller;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_openssl::SslStream;

fn limits() -> Limits {
    let dir = tempfile::TempDir::new().unwrap();
    let set = vec!["limits.workers=1".to_owned()];
    let sources = Sources { data_dir: dir.path().to_owned(), config: None, set };
    Settings::load(&sources).unwrap().limits
}

fn free() -> Bound {
    bind("test", Some("127.0.0.1:0".parse().unwrap())).unwrap().unwrap()
}

async fn who(request: HttpRequest) -> HttpResponse {
    let caller = caller(&request).unwrap();
    HttpResponse::Ok().body(format!("{} {}", caller.name, caller.address))
}

async fn slow() -> HttpResponse {
    tokio::time::sleep(Duration::from_millis(300)).await;
    HttpResponse::Ok().body("slow")
}

fn serve(place: &Place) -> (SocketAddr, ServerHandle) {
    let bound = free();
    let address = bound.address;
    let server = systems(bound, place.gate.clone(), &limits(), |routes| {
        routes.route("/who", web::get().to(who)).route("/slow", web::get().to(slow));
    })
    .unwrap();
    let handle = server.handle();
    tokio::spawn(server);
    (address, handle)
}

async fn open(place: &Place, address: SocketAddr, dir: &Path) -> SslStream<TcpStream> {
    connect(address, &place.pki.authority_file(), pair(dir), SslVersion::TLS1_3).await.unwrap()
}

/// One request on an open connection; the head and body of the answer.
async fn get(stream: &mut SslStream<TcpStream>, path: &str) -> String {
    let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    loop {
        let mut piece = [0; 4096];
        let n = stream.read(&mut piece).await.unwrap_or(0);
        answer.extend_from_slice(&piece[..n]);
        let text = String::from_utf8_lossy(&answer).into_owned();
        let whole = text.split_once("\r\n\r\n").is_some_and(|(head, body)| {
            let length = head.lines().find_map(|l| l.strip_prefix("content-length: "));
            length.is_some_and(|l| body.len() >= l.parse::<usize>().unwrap())
        });
        if whole || n == 0 {
            return text;
        }
    }
}

#[tokio::test]
async fn a_request_knows_its_caller() {
    let place = Place::new(TlsVersion::V1_3);
    let (address, handle) = serve(&place);
    let (_, out) = place.issue("clinic", 1);
    let mut stream = open(&place, address, &out).await;
    let answer = get(&mut stream, "/who").await;
    assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("clinic 127.0.0.1"), "{answer}");
    handle.stop(false).await;
}

#[tokio::test]
async fn a_peer_taken_out_of_the_table_loses_its_open_connection() {
    let mut place = Place::new(TlsVersion::V1_3);
    let (address, handle) = serve(&place);
    let (_, out) = place.issue("clinic", 1);
    let mut stream = open(&place, address, &out).await;
    assert!(get(&mut stream, "/who").await.starts_with("HTTP/1.1 200"));
    // The folder is watched by the running house; here a second, unknown peer makes the table look.
    let (_, other) = place.issue("other", 1);
    std::fs::remove_file(place.pki.peers_dir().join("clinic.toml")).unwrap();
    assert!(
        get(&mut open(&place, address, &other).await, "/who").await.starts_with("HTTP/1.1 200")
    );
    let ended = tokio::time::timeout(Duration::from_secs(3), stream.read(&mut [0; 16])).await;
    assert_eq!(ended.unwrap().unwrap_or(0), 0, "it ends without a word");
    let answer = get(&mut open(&place, address, &out).await, "/who").await;
    assert!(answer.starts_with("HTTP/1.1 403") && answer.contains("CN=clinic"), "{answer}");
    let failure = place.failure().await;
    assert_eq!(failure.reason, "certificate is not in the peer table");
    assert_eq!(failure.subject.as_deref(), Some("CN=clinic,O=Renkei"));
    handle.stop(false).await;
}

#[tokio::test]
async fn stopping_answers_what_is_under_way_and_closes_what_is_idle() {
    let place = Place::new(TlsVersion::V1_3);
    let (address, handle) = serve(&place);
    let (_, out) = place.issue("clinic", 1);
    let mut idle = open(&place, address, &out).await;
    assert!(get(&mut idle, "/who").await.starts_with("HTTP/1.1 200"));
    let mut busy = open(&place, address, &out).await;
    let answer = tokio::spawn(async move { get(&mut busy, "/slow").await });
    tokio::time::sleep(Duration::from_millis(100)).await;
    let start = Instant::now();
    handle.stop(true).await;
    assert!(start.elapsed() < Duration::from_secs(3), "{:?}", start.elapsed());
    assert!(answer.await.unwrap().ends_with("slow"));
}

struct Echo;

impl FrameHandler for Echo {
    fn handle(&self, caller: Arc<Caller>, frame: Bytes) -> BoxFuture<'_, Vec<u8>> {
        Box::pin(async move { [caller.name.as_bytes(), b" ", &frame[..]].concat() })
    }
}

#[tokio::test]
async fn mllp_answers_each_message_and_drains() {
    let mut place = Place::new(TlsVersion::V1_3);
    let bound = free();
    let address = bound.address;
    let listener =
        MllpListener::start(bound, place.gate.clone(), &limits(), Arc::new(Echo)).unwrap();
    let (_, out) = place.issue("feed", 1);
    let mut stream = open(&place, address, &out).await;
    stream.write_all(b"\x0bone\x1c\r\x0btwo\x1c\r").await.unwrap();
    let mut answer = vec![0; 22];
    stream.read_exact(&mut answer).await.unwrap();
    assert_eq!(answer, b"\x0bfeed one\x1c\r\x0bfeed two\x1c\r");

    std::fs::remove_file(place.pki.peers_dir().join("feed.toml")).unwrap();
    let (_, other) = place.issue("other", 1);
    let mut second = open(&place, address, &other).await;
    second.write_all(b"\x0bone\x1c\r").await.unwrap();
    second.read_exact(&mut answer[..12]).await.unwrap();
    // Taken out of the table: the connection ends, and another one is reported.
    assert_eq!(stream.read(&mut answer).await.unwrap_or(0), 0);
    let mut again = open(&place, address, &out).await;
    again.write_all(b"\x0bone\x1c\r").await.unwrap();
    assert_eq!(again.read(&mut answer).await.unwrap_or(0), 0);
    assert_eq!(place.failure().await.subject.as_deref(), Some("CN=feed,O=Renkei"));
    tokio::time::timeout(Duration::from_secs(3), listener.drain()).await.unwrap();
    assert_eq!(second.read(&mut answer).await.unwrap_or(0), 0);
}

#[tokio::test]
async fn a_long_message_is_refused_by_the_name_of_the_limit() {
    let place = Place::new(TlsVersion::V1_3);
    let bound = free();
    let address = bound.address;
    let mut limits = limits();
    limits.mllp_frame_bytes = 1024;
    let listener = MllpListener::start(bound, place.gate.clone(), &limits, Arc::new(Echo)).unwrap();
    let (_, out) = place.issue("feed", 1);
    let mut stream = open(&place, address, &out).await;
    let long = [b"\x0b".as_slice(), &vec![b'x'; 100_000]].concat();
    stream.write_all(&long).await.unwrap();
    let mut answer = Vec::new();
    // The answer may be followed by a close or a reset; what matters is that it came.
    drop(stream.read_to_end(&mut answer).await);
    let answer = String::from_utf8_lossy(&answer).into_owned();
    assert!(answer.contains("MSA|A") && answer.contains("limits.mllp_frame_bytes"), "{answer}");
    drop(stream);
    tokio::time::timeout(Duration::from_secs(3), listener.drain()).await.unwrap();
}

#[tokio::test]
async fn the_administrator_sees_readiness_and_metrics() {
    let bound = free();
    let address = bound.address;
    let readiness = Readiness::default();
    let mut registry = prometheus_client::registry::Registry::default();
    crate::metrics::Metrics::new(&mut registry).refused();
    let servers = Vec::new();
    let clock = crate::time::Clock::new(&crate::settings::TimeSettings {
        servers,
        poll_seconds: 64,
        limit_ms: 1000,
        stop_submissions: false,
    });
    let folder = tempfile::tempdir().unwrap();
    let terms = crate::pki::Terms::default();
    let peers =
        crate::pki::PeerTable::open(&crate::pki::Pki::open(folder.path()).unwrap(), terms).unwrap();
    let peers = Arc::new(peers);
    let server = admin(bound, readiness.clone(), clock, peers, Arc::new(registry)).unwrap();
    let handle = server.handle();
    tokio::spawn(server);
    let get = async |path: &str| {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    };
    assert!(get("/health/live").await.starts_with("HTTP/1.1 200"));
    assert!(get("/health/ready").await.starts_with("HTTP/1.1 503"));
    readiness.set(true);
    let ready = get("/health/ready").await;
    assert!(ready.starts_with("HTTP/1.1 200"));
    assert!(ready.ends_with(r#"{"status":"ready","time":"unchecked"}"#), "{ready}");
    assert!(get("/metrics").await.contains("renkei_nodes_refused_total 1"));
    handle.stop(false).await;
}
