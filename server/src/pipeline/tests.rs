//! A document that is handed on by a node that does not hold it: far repository, relay, reader.

use super::answer::{Answer, Body, BrokenOff};
use super::documents::Documents;
use super::request::RequestReader;
use crate::listen::{bind, systems};
use crate::settings::{Settings, Sources, TlsVersion};
use crate::tls::tests::Place;
use actix_web::web::{self, Data, Payload, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use futures_util::stream;
use renkei_atna::build::Local;
use renkei_atna::record::AuditRecord;
use renkei_atna::sink::{NotRecorded, Sink};
use renkei_client::{ClientOptions, DocumentSink, Identity, Listed, Retrieval, SoapClient};
use renkei_metadata::ids::{RepositoryUniqueId, UniqueId};
use renkei_soap::document::{self, Document};
use renkei_soap::envelope;
use renkei_soap::limits::MessageLimits;
use renkei_soap::message::Event;
use renkei_soap::tolerance::Tolerances;
use renkei_soap::xml::Reader;
use renkei_xds::iti43::{self, DocumentPart, DocumentRequest};
use renkei_xds::response::{RegistryResponse, Status};
use renkei_xds::transaction::ITI_43;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use url::Url;
use uuid::Uuid;

/// The document, octets.
const LARGE: u64 = 128 << 20;
const PIECE: usize = 64 << 10;
/// The most that this process may grow meanwhile, octets; all three nodes are in it.
const GROWTH: u64 = 40 << 20;

/// Keeps nothing.
struct Nowhere;

impl Sink for Nowhere {
    fn record<'a>(&'a self, _: AuditRecord) -> BoxFuture<'a, Result<(), NotRecorded>> {
        Box::pin(async { Ok(()) })
    }
}

/// The requests of a message, and what its answer relates to.
async fn asked(request: &HttpRequest, body: Payload) -> (Vec<DocumentRequest>, Option<String>) {
    let limits = MessageLimits::default();
    let idle = Duration::from_secs(9);
    let reader = RequestReader::new(request.headers(), body, &limits, idle);
    let mut reader = reader.unwrap_or_else(|_| panic!("refused"));
    let mut root = String::new();
    loop {
        match reader.next().await.unwrap() {
            Event::Root(text) => root = text,
            Event::End => break,
            other => panic!("{other:?}"),
        }
    }
    let mut reader = Reader::new(&root, limits.xml);
    let opened = envelope::open(&mut reader, &mut Tolerances::new()).unwrap();
    let requests = iti43::read_request_within(&ITI_43, &mut reader, &opened.body, &limits).unwrap();
    (requests.value.unwrap(), opened.addressing.message_id)
}

fn answer(
    relates_to: Option<&str>,
    parts: Vec<DocumentPart>,
    documents: Documents,
) -> HttpResponse {
    let response = RegistryResponse { status: Status::Success, errors: vec![] };
    let body = Body::whole(move |w| iti43::write_response(w, &response, &parts));
    let answer =
        Answer { body, documents, records: vec![], headers: Vec::new(), result: "success" };
    answer.into_response(&ITI_43, ITI_43.framing, relates_to, Uuid::new_v4())
}

/// The far repository: makes the document while it is sent.
async fn far(request: HttpRequest, body: Payload) -> HttpResponse {
    let (mut asked, relates_to) = asked(&request, body).await;
    let wanted = asked.remove(0);
    let size = if wanted.unique_id.as_str() == "1.1.1" { LARGE } else { PIECE as u64 };
    let piece = Bytes::from(vec![7; PIECE]);
    let pieces = usize::try_from(size).unwrap() / PIECE;
    let stream = stream::iter(std::iter::repeat_n(piece, pieces).map(Ok)).boxed();
    let body = document::Body::Stream { length: Some(size), stream };
    let document = Document { mime_type: "text/plain".into(), body };
    let parts = vec![DocumentPart {
        request: wanted,
        made: None,
        mime_type: "text/plain".to_owned(),
        content_id: "far@x".to_owned(),
    }];
    let documents = Documents::Known(vec![("far@x".to_owned(), document)]);
    answer(relates_to.as_deref(), parts, documents)
}

/// The relay: asks the far one and hands on what comes.
async fn relay(request: HttpRequest, body: Payload, to: Data<(SoapClient, Url)>) -> HttpResponse {
    let (asked, relates_to) = asked(&request, body).await;
    let mut retrieval = to.0.retrieve_streaming(&ITI_43, &to.1, &asked);
    let listing = retrieval.list().await.expect("the list comes first");
    let parts = listing.documents.into_iter().map(|d| {
        let Listed { request, made, mime_type, content_id } = d;
        DocumentPart { request, made, mime_type, content_id }
    });
    let arriving = stream::unfold(Some(retrieval), handed_on).boxed_local();
    answer(relates_to.as_deref(), parts.collect(), Documents::Arriving(arriving))
}

type HandedOn = Result<(String, Document), BrokenOff>;

async fn handed_on(retrieval: Option<Retrieval>) -> Option<(HandedOn, Option<Retrieval>)> {
    let mut retrieval = retrieval?;
    match retrieval.next().await {
        Some(document) => Some((Ok(document), Some(retrieval))),
        None => match retrieval.end().await {
            Ok(_) => None,
            Err(error) => Some((Err(BrokenOff(error.to_string())), None)),
        },
    }
}

/// Counts octets, and how large this process was meanwhile.
#[derive(Default)]
struct Counted {
    octets: u64,
    resident: u64,
}

impl DocumentSink for Counted {
    fn begin<'a>(&'a mut self, _: &'a str) -> BoxFuture<'a, io::Result<()>> {
        Box::pin(async { Ok(()) })
    }

    fn data(&mut self, octets: Bytes) -> BoxFuture<'_, io::Result<()>> {
        let before = self.octets / (4 << 20);
        self.octets += octets.len() as u64;
        if self.octets / (4 << 20) > before {
            self.resident = self.resident.max(resident());
        }
        Box::pin(async { Ok(()) })
    }

    fn end(&mut self) -> BoxFuture<'_, io::Result<()>> {
        Box::pin(async { Ok(()) })
    }
}

/// Resident memory of this process, octets.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|l| l.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() << 10
}

fn node(
    place: &Place,
    routes: impl Fn(&mut ServiceConfig) + Clone + Send + 'static,
) -> (Url, actix_web::dev::ServerHandle) {
    let dir = tempfile::TempDir::new().unwrap();
    let set = vec!["limits.workers=1".to_owned()];
    let sources = Sources { data_dir: dir.path().to_owned(), config: None, set };
    let limits = Settings::load(&sources).unwrap().limits;
    let bound = bind("test", Some("127.0.0.1:0".parse().unwrap())).unwrap().unwrap();
    let url = format!("https://localhost:{}/xds", bound.address.port()).parse().unwrap();
    let server = systems(bound, place.gate.clone(), &limits, routes).unwrap();
    let handle = server.handle();
    tokio::spawn(server);
    (url, handle)
}

#[tokio::test]
async fn a_large_document_is_handed_on_in_flat_memory() {
    let place = Place::new(TlsVersion::V1_3);
    let client = |name: &str| {
        let identity = Identity::load(&place.issue(name, 1).1).unwrap();
        let local = Local { source_id: name.into(), site: None, source_type: 4, process_id: 1 };
        SoapClient::new(&identity, ClientOptions::default(), Arc::new(Nowhere), local).unwrap()
    };
    let (far_url, far_node) = node(&place, |routes| {
        routes.route("/xds", web::post().to(far));
    });
    let to = Data::new((client("relay"), far_url));
    let (relay_url, relay_node) = node(&place, move |routes| {
        routes.app_data(to.clone()).route("/xds", web::post().to(relay));
    });
    let reader = client("reader");
    let wanted = |id: &str| DocumentRequest {
        home: None,
        repository: RepositoryUniqueId::parse("1.2.9").unwrap(),
        unique_id: UniqueId::parse(id).unwrap(),
    };
    let mut small = Counted::default();
    reader.retrieve(&relay_url, &[wanted("1.1.2")], &mut small).await.unwrap();
    assert_eq!(small.octets, PIECE as u64);
    let before = resident();
    let mut large = Counted::default();
    let retrieved = reader.retrieve(&relay_url, &[wanted("1.1.1")], &mut large).await.unwrap();
    assert_eq!((large.octets, retrieved.documents[0].size), (LARGE, LARGE));
    let growth = large.resident.saturating_sub(before);
    assert!(growth < GROWTH, "grew by {} MB", growth >> 20);
    far_node.stop(false).await;
    relay_node.stop(false).await;
}
