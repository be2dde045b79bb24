//! A repository on each database, with a registry that answers as a test wants.
#![allow(
    dead_code,
    unused_imports,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "shared by several test programs, which stop at the first surprise"
)]

mod damage;
mod registry;
mod rows;
mod samples;

pub use damage::*;
pub use registry::*;
pub use rows::*;
pub use samples::*;

use bytes::Bytes;
use diesel::connection::SimpleConnection;
use diesel::prelude::{QueryableByName, RunQueryDsl};
use diesel::sql_types::{BigInt, Binary, Integer, Nullable, Text};
use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use renkei_atna::build::{Local, Peer};
use renkei_atna::record::AuditRecord;
use renkei_atna::sink::{NotRecorded, Sink};
use renkei_context::{Caller, Ctx};
use renkei_database::testing::TestDatabase;
use renkei_database::{Database, DatabaseError, Dialect, Options, each};
use renkei_metadata::finding::{Checked, Severity};
use renkei_metadata::ids::{
    Dtm, EntryUuid, HomeCommunityId, LanguageCode, MimeType, ObjectId, Oid, PatientId,
    RepositoryUniqueId, UniqueId,
};
use renkei_metadata::model::{
    Association, AssociationType, Author, Code, DocumentEntry, EntryType, LocalizedText,
    Submission, SubmissionSet, SubmissionSetStatus,
};
use renkei_repository::{
    Home, RegistryClient, Repository, RepositoryConfig, Retrieved, StreamError, Timing,
    Unreachable, rules,
};
use renkei_sealing::KeyRing;
use renkei_xds::iti41::{Content, Document, Request};
use renkei_xds::iti43::DocumentRequest;
use renkei_xds::response::{RegistryError, RegistryResponse, Status};
use std::collections::HashMap;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

pub const REPOSITORY: &str = "2.999.10.1";
pub const HOME: &str = "urn:oid:2.999.1";

/// Keeps records in memory.
#[derive(Default)]
pub struct Records(pub Mutex<Vec<AuditRecord>>);

impl Sink for Records {
    fn record<'a>(&'a self, record: AuditRecord) -> BoxFuture<'a, Result<(), NotRecorded>> {
        self.0.lock().unwrap().push(record);
        Box::pin(async { Ok(()) })
    }
}

/// One repository and what is around it.
pub struct House {
    pub test: TestDatabase,
    pub home: Home,
    pub keys: KeyRing,
    /// The keys, and the segments.
    pub dir: tempfile::TempDir,
    pub registry: Arc<FakeRegistry>,
    pub records: Arc<Records>,
    pub repository: Repository,
}

pub const NO_WAIT: Timing = Timing {
    lease: Duration::ZERO,
    renew: Duration::from_secs(1),
    grace: Duration::ZERO,
    sweep: Duration::from_secs(1),
};

impl House {
    pub fn on(test: TestDatabase, home: Home) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let keys = KeyRing::open_or_create(&dir.path().join("keys")).unwrap();
        let registry = Arc::<FakeRegistry>::default();
        let records = Arc::<Records>::default();
        let place = (home, dir.path());
        let repository = open(&test, place, &keys, &registry, &records, Timing::default());
        Self { test, home, keys, dir, registry, records, repository }
    }

    /// Each database with each home of the content.
    pub fn each() -> Vec<Self> {
        let homes = [Home::Segments, Home::Rows];
        let on_each = |home| {
            let tests = TestDatabase::each().unwrap().into_iter();
            tests.map(move |test| Self::on(test, home))
        };
        homes.into_iter().flat_map(on_each).collect()
    }

    /// The files of the segments.
    pub fn segments(&self) -> Vec<std::path::PathBuf> {
        files_below(&self.dir.path().join("content/segments"))
    }

    /// The segments that are to be swept.
    pub fn marked(&self) -> usize {
        files_below(&self.dir.path().join("content/open")).len()
    }

    /// Another process on the same database.
    pub fn reopened(&self, timing: Timing) -> Repository {
        let place = (self.home, self.dir.path());
        open(&self.test, place, &self.keys, &self.registry, &self.records, timing)
    }

    pub fn answer(&self, answer: Answer) {
        *self.registry.answer.lock().unwrap() = answer;
    }

    pub async fn submit(&self, documents: &[(&str, &[u8])]) -> RegistryResponse {
        submit(&self.repository, documents).await
    }

    pub async fn rows(&self, table: &str) -> i64 {
        rows(self.repository.database(), table).await
    }

    pub async fn states(&self) -> Vec<i64> {
        states(self.repository.database()).await
    }
}

pub fn files_below(folder: &Path) -> Vec<std::path::PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut files = Vec::new();
    for path in entries.map(|e| e.unwrap().path()) {
        if path.is_dir() {
            files.extend(files_below(&path));
        } else {
            files.push(path);
        }
    }
    files.sort();
    files
}

fn open(
    test: &TestDatabase,
    (home, dir): (Home, &Path),
    keys: &KeyRing,
    registry: &Arc<FakeRegistry>,
    records: &Arc<Records>,
    timing: Timing,
) -> Repository {
    let config = RepositoryConfig {
        url: test.url().clone(),
        database: Options { readers: 2, writers: 2, ..Options::default() },
        content: home,
        segments: dir.join("content"),
        unique_id: RepositoryUniqueId::parse(REPOSITORY).unwrap(),
        home: Some(HomeCommunityId::parse(HOME).unwrap()),
        keys,
        local: Local { source_id: "test".into(), site: None, source_type: 4, process_id: 1 },
        own: Peer { user_id: "CN=repository".into(), address: None },
        sink: Arc::clone(records) as Arc<dyn Sink>,
        timing,
    };
    Repository::open(config, Arc::clone(registry) as Arc<dyn RegistryClient>).unwrap()
}

pub fn ctx() -> Ctx {
    let mut caller = Caller::internal("source");
    caller.address = "192.0.2.7".to_owned();
    Ctx::new(Arc::new(caller), "https://house.example/xds/repository", Duration::from_secs(30))
}

pub async fn submit(repository: &Repository, documents: &[(&str, &[u8])]) -> RegistryResponse {
    let unique_ids: Vec<&str> = documents.iter().map(|(uid, _)| *uid).collect();
    let contents: Vec<&[u8]> = documents.iter().map(|(_, bytes)| *bytes).collect();
    send(repository, request(&unique_ids), &contents).await
}

pub async fn send(repository: &Repository, request: Request, parts: &[&[u8]]) -> RegistryResponse {
    send_as(&ctx(), repository, request, parts).await
}

/// The same by whom `ctx` says.
pub async fn send_as(
    ctx: &Ctx,
    repository: &Repository,
    request: Request,
    parts: &[&[u8]],
) -> RegistryResponse {
    let mut upload = repository.begin(ctx);
    for (n, part) in parts.iter().enumerate() {
        let mut sink = upload.part(ctx, &format!("{n}@test"));
        for piece in part.chunks(60_000) {
            sink.write(Bytes::copy_from_slice(piece)).await;
        }
        sink.finish().await;
    }
    repository.provide_and_register(ctx, upload, request).await.response
}

pub fn codes(response: &RegistryResponse) -> Vec<&str> {
    response.errors.iter().map(|e| e.code.as_str()).collect()
}

/// The rows of the repository's own table that a response tells.
pub fn own_rows(response: &RegistryResponse) -> Vec<&'static str> {
    let row = |context: &str| rules::all().iter().find(|rule| rule.is_told_in(context));
    response.errors.iter().filter_map(|e| row(&e.context)).map(|rule| rule.id).collect()
}

pub fn wanted(unique_id: &str) -> DocumentRequest {
    DocumentRequest {
        home: None,
        repository: RepositoryUniqueId::parse(REPOSITORY).unwrap(),
        unique_id: UniqueId::parse(unique_id).unwrap(),
    }
}

pub async fn retrieve(repository: &Repository, unique_ids: &[&str]) -> Retrieved {
    repository.retrieve(&ctx(), unique_ids.iter().map(|uid| wanted(uid)).collect()).await
}

/// The octets of a document, or how many came before the error.
pub async fn octets(
    document: renkei_repository::OpenDocument,
) -> Result<Vec<u8>, (usize, StreamError)> {
    let mut all = Vec::new();
    let mut stream = document.stream;
    while let Some(piece) = stream.next().await {
        match piece {
            Ok(bytes) => all.extend_from_slice(&bytes),
            Err(error) => return Err((all.len(), error)),
        }
    }
    Ok(all)
}

pub async fn fetch(repository: &Repository, unique_id: &str) -> Option<Vec<u8>> {
    let retrieved = retrieve(repository, &[unique_id]).await;
    match retrieved.documents.into_iter().next() {
        Some(document) => Some(octets(document).await.unwrap()),
        None => None,
    }
}
