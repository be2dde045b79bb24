//! What the gateway lets through, to whom, and how it tells what came back.

use super::*;
use crate::incoming::Spool;
use futures_util::future::BoxFuture;
use futures_util::stream::{self, StreamExt};
use renkei_metadata::finding::{Finding, Severity};
use renkei_metadata::ids::{EntryUuid, PatientId, RepositoryUniqueId, UniqueId};
use renkei_metadata::model::AvailabilityStatus;
use renkei_soap::document::Body;
use renkei_xds::iti18::{AdhocQuery, QueryBuilder};
use renkei_xds::iti43::DocumentRequest;
use renkei_xds::response::{RegistryError, Status};
use std::collections::HashSet;
use std::sync::Mutex;
use std::time::Duration;

const HOME: &str = "urn:oid:2.999.1";
const OTHER: &str = "urn:oid:2.999.2";
const OWN: &str = "2.999.1.5";
/// The patient about whom the registry does not answer.
const SILENT: &str = "P-0";
/// The one about whom it cannot answer now.
const BUSY: &str = "P-00";
/// The one about whom it does not answer at all.
const WAITING: &str = "P-000";
/// One who was merged into the known one.
const SUBSUMED: &str = "P-9";

/// A registry that knows one patient, and what it was asked.
#[derive(Default)]
struct Asked {
    queries: Mutex<Vec<Vec<Finding>>>,
}

fn known() -> PatientId {
    PatientId::parse("P-1^^^&2.999.1.1&ISO").unwrap()
}

fn error(location: &str, context: &str) -> RegistryError {
    RegistryError {
        code: "XDSRegistryError".to_owned(),
        context: context.to_owned(),
        severity: Severity::Error,
        location: location.to_owned(),
    }
}

impl Registry for Asked {
    fn query<'a>(
        &'a self,
        _ctx: &'a Ctx,
        _query: &'a AdhocQuery,
        wrong: Vec<Finding>,
    ) -> BoxFuture<'a, Found> {
        let errors = wrong.iter().map(|f| error(&f.location, &f.context())).collect();
        let status = if wrong.is_empty() { Status::Success } else { Status::Failure };
        self.queries.lock().unwrap().push(wrong);
        Box::pin(async move { Found { status, errors, objects: stream::empty().boxed() } })
    }

    fn knows<'a>(&'a self, patient: &'a PatientId) -> BoxFuture<'a, Result<Known, Untold>> {
        let answer = match patient.id.as_str() {
            SILENT => Err(Untold::Failed("no answer".to_owned())),
            BUSY => Err(Untold::Busy("the queue is full".to_owned())),
            WAITING => return Box::pin(std::future::pending()),
            SUBSUMED => Ok(Known::Subsumed),
            _ if *patient == known() => Ok(Known::Active),
            _ => Ok(Known::Not),
        };
        Box::pin(async move { answer })
    }

    fn contents<'a>(&'a self, documents: &'a [UniqueId]) -> BoxFuture<'a, Vec<Content>> {
        let contents = documents.iter().map(|_| Content::default()).collect();
        Box::pin(async move { contents })
    }

    fn opens<'a>(
        &'a self,
        _ctx: &'a Ctx,
        _repository: &'a RepositoryUniqueId,
        _documents: &'a [UniqueId],
    ) -> BoxFuture<'a, Result<HashSet<String>, Untold>> {
        Box::pin(async { Err(Untold::Failed("no answer".to_owned())) })
    }

    fn update<'a>(
        &'a self,
        _ctx: &'a Ctx,
        _update: Checked<Update>,
    ) -> BoxFuture<'a, RegistryResponse> {
        let errors = vec![error("urn:uuid:x", "words"), error("", "no place")];
        Box::pin(async move { RegistryResponse { status: Status::Failure, errors } })
    }
}

/// A repository that has whatever does not end in 9.
struct Shelf(RepositoryUniqueId);

impl Repository for Shelf {
    fn unique_id(&self) -> &RepositoryUniqueId {
        &self.0
    }

    fn retrieve<'a>(
        &'a self,
        _ctx: &'a Ctx,
        requests: Vec<DocumentRequest>,
    ) -> BoxFuture<'a, Held> {
        let mut held = Held { documents: Vec::new(), findings: Vec::new() };
        for request in requests {
            if request.unique_id.as_str().ends_with('9') {
                let id = request.unique_id.as_str();
                let rule = &renkei_xds::rules::RETRIEVE_DOCUMENT;
                held.findings.push(Finding::new(rule, format!("Document {id}")).location(id));
            } else {
                let body = Body::Bytes(request.unique_id.as_str().to_owned().into());
                let mime_type = "text/plain".to_owned();
                held.documents.push(DocumentResponse { request, made: None, mime_type, body });
            }
        }
        Box::pin(async move { held })
    }
}

fn gateway(unknown_patient: UnknownPatient) -> (Responding, Arc<Asked>) {
    let asked = Arc::new(Asked::default());
    let registry: Arc<dyn Registry> = Arc::<Asked>::clone(&asked);
    let gateway = Responding::new(Config {
        home: HomeCommunityId::parse(HOME).unwrap(),
        unknown_patient,
        registry,
        repository: Some(Arc::new(Shelf(RepositoryUniqueId::parse(OWN).unwrap()))),
        others: Others::none(),
        spool: Spool::new("nowhere".into(), 0, Duration::ZERO),
    });
    (gateway, asked)
}

fn ctx() -> Ctx {
    Ctx::internal("test", Duration::from_millis(100))
}

/// The codes with which the gateway refuses a query; it is asked of the registry in any case, which
/// keeps the record.
async fn refused(unknown_patient: UnknownPatient, query: QueryBuilder, home: &str) -> Vec<String> {
    let (gateway, asked) = gateway(unknown_patient);
    let mut query = query.build();
    query.home = Some(home.to_owned()).filter(|home| !home.is_empty());
    let found = gateway.query(&ctx(), &query).await;
    let wrong = asked.queries.lock().unwrap().pop().unwrap();
    assert!(found.errors.iter().all(|e| e.location == HOME), "{:?}", found.errors);
    assert_eq!(found.errors.len(), wrong.len());
    wrong.iter().map(|finding| finding.rule.id.to_owned()).collect()
}

#[tokio::test]
async fn a_query_is_answered_for_this_community_only() {
    let by_ids = || QueryBuilder::get_documents(&[EntryUuid(uuid::Uuid::nil())]);
    let by_patient = || QueryBuilder::find_documents(&known(), &AvailabilityStatus::ALL);
    let about = |id: &str| {
        let patient = PatientId::parse(&format!("{id}^^^&2.999.1.1&ISO")).unwrap();
        QueryBuilder::get_all(&patient, &AvailabilityStatus::ALL)
    };
    let unknown = || about("P-2");
    let no_query = || QueryBuilder::new("urn:uuid:00000000-0000-4000-8000-000000000000");
    let (empty, error) = (UnknownPatient::Empty, UnknownPatient::Error);
    let none: [&str; 0] = [];
    assert_eq!(refused(empty, by_ids(), HOME).await, none);
    assert_eq!(refused(empty, by_ids(), "").await, ["gateway-home-missing"]);
    assert_eq!(refused(empty, by_ids(), OTHER).await, ["gateway-unknown-community"]);
    assert_eq!(refused(empty, by_patient(), "").await, none);
    assert_eq!(refused(empty, by_patient(), HOME).await, none);
    assert_eq!(refused(empty, by_patient(), OTHER).await, ["gateway-unknown-community"]);
    assert_eq!(refused(error, by_patient(), "").await, none);
    assert_eq!(refused(empty, unknown(), "").await, none);
    assert_eq!(refused(error, unknown(), "").await, ["gateway-unknown-patient"]);
    assert_eq!(refused(error, unknown(), OTHER).await, ["gateway-unknown-community"]);
    for setting in [empty, error] {
        assert_eq!(refused(setting, about(SUBSUMED), "").await, ["gateway-unknown-patient"]);
        assert_eq!(refused(setting, about(SILENT), "").await, ["gateway-registry-silent"]);
        assert_eq!(refused(setting, about(BUSY), "").await, ["gateway-registry-busy"]);
        assert_eq!(refused(setting, about(WAITING), "").await, ["gateway-registry-busy"]);
    }
    // these are for the registry to tell
    assert_eq!(refused(empty, by_ids(), "2.999.1").await, none);
    assert_eq!(refused(error, no_query(), "").await, none);
}

fn request(home: Option<&str>, repository: &str, id: &str) -> DocumentRequest {
    DocumentRequest {
        home: home.map(|h| HomeCommunityId::parse(h).unwrap()),
        repository: RepositoryUniqueId::parse(repository).unwrap(),
        unique_id: UniqueId::parse(id).unwrap(),
    }
}

#[tokio::test]
async fn each_document_has_one_outcome() {
    let (gateway, _) = gateway(UnknownPatient::Empty);
    let all = vec![
        request(Some(HOME), OWN, "1.1"),
        request(None, OWN, "1.2"),
        request(Some(OTHER), OWN, "1.3"),
        request(Some(HOME), "2.999.7", "1.4"),
        request(Some(HOME), OWN, "1.9"),
        request(Some(HOME), OWN, "1.5"),
    ];
    let got = gateway.retrieve(&ctx(), Checked::good(all), None).await;
    assert_eq!(got.response.status, Status::PartialSuccess);
    let told: Vec<(&str, bool)> = got
        .response
        .errors
        .iter()
        .map(|e| (e.code.as_str(), e.location == HOME && e.context.contains("Document 1.")))
        .collect();
    let expected = [
        "XDSMissingHomeCommunityId",
        "XDSUnknownCommunity",
        "XDSUnknownRepositoryId",
        "XDSDocumentUniqueIdError",
    ];
    assert_eq!(told, expected.map(|code| (code, true)));
    let parts: Vec<(&str, &str)> =
        got.parts.iter().map(|p| (p.request.unique_id.as_str(), p.content_id.as_str())).collect();
    let held: Vec<&str> = got.held.iter().map(|(content_id, _)| content_id.as_str()).collect();
    assert_eq!(parts.iter().map(|(id, _)| *id).collect::<Vec<_>>(), ["1.1", "1.5"]);
    assert_eq!(parts.iter().map(|(_, cid)| *cid).collect::<Vec<_>>(), held);
    assert_ne!(held[0], held[1]);
    assert!(got.arriving.is_empty());
}

#[tokio::test]
async fn the_status_follows_from_what_came() {
    let (gateway, _) = gateway(UnknownPatient::Empty);
    let status = async |requests: Vec<DocumentRequest>| {
        gateway.retrieve(&ctx(), Checked::good(requests), None).await.response.status
    };
    let (there, missing) = (request(Some(HOME), OWN, "1.1"), request(None, OWN, "1.2"));
    assert_eq!(status(vec![there.clone()]).await, Status::Success);
    assert_eq!(status(vec![missing.clone()]).await, Status::Failure);
    assert_eq!(status(vec![missing, there]).await, Status::PartialSuccess);
}

#[tokio::test]
async fn an_error_is_located_at_the_community_and_keeps_its_object() {
    let (gateway, _) = gateway(UnknownPatient::Empty);
    let response = gateway.update(&ctx(), Checked::bad(Vec::new())).await;
    let told: Vec<(&str, &str)> =
        response.errors.iter().map(|e| (e.location.as_str(), e.context.as_str())).collect();
    assert_eq!(told, [(HOME, "words [urn:uuid:x]"), (HOME, "no place")]);
}
