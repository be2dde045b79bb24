//! A repository on each database, with a registry that answers as a test wants.
#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "shared by several test programs, which stop at the first surprise"
)]

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
    Dtm, HomeCommunityId, LanguageCode, MimeType, ObjectId, Oid, PatientId, RepositoryUniqueId,
    UniqueId,
};
use renkei_metadata::model::{
    Association, AssociationType, Author, Code, DocumentEntry, EntryType, LocalizedText,
    Submission, SubmissionSet, SubmissionSetStatus,
};
use renkei_repository::{
    Home, RegistryClient, Repository, RepositoryConfig, Retrieved, StreamError, Timing, Unreachable,
};
use renkei_sealing::KeyRing;
use renkei_xds::iti41::{Content, Document, Request};
use renkei_xds::iti43::DocumentRequest;
use renkei_xds::response::{RegistryError, RegistryResponse, Status};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

pub const REPOSITORY: &str = "2.999.10.1";
pub const HOME: &str = "urn:oid:2.999.1";

/// What the registry answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    Success,
    Refusal(&'static str),
    Silence,
}

/// Something to do while the registry is asked.
pub type Probe = Arc<dyn Fn() -> BoxFuture<'static, ()> + Send + Sync>;

/// A registry that remembers what it was asked.
pub struct FakeRegistry {
    pub answer: Mutex<Answer>,
    /// The SubmissionSets and documents that it holds; a silent one may have registered all the same.
    pub registered: Mutex<Vec<String>>,
    pub asks: Mutex<Result<(), ()>>,
    pub seen: Mutex<Vec<Submission>>,
    /// Whether it is a part of the repository's process.
    pub in_process: AtomicBool,
    /// Looked at while ITI-42 is under way.
    pub probe: Mutex<Option<Probe>>,
    /// Looked at between the registry's answer to a repair and its arrival.
    pub after_asked: Mutex<Option<Probe>>,
}

impl Default for FakeRegistry {
    fn default() -> Self {
        Self {
            answer: Mutex::new(Answer::Success),
            registered: Mutex::default(),
            asks: Mutex::new(Ok(())),
            seen: Mutex::default(),
            in_process: AtomicBool::new(false),
            probe: Mutex::default(),
            after_asked: Mutex::default(),
        }
    }
}

impl FakeRegistry {
    /// Registers the submission, whatever it answers.
    pub fn take(&self, submission: &Submission) {
        let ids = submission.entries.iter().map(|e| e.unique_id.to_string());
        let set = submission.submission_set.unique_id.to_string();
        self.registered.lock().unwrap().extend(ids.chain([set]));
    }

    /// Registers what it was asked to and did not answer.
    pub fn take_last(&self) {
        let last = self.seen.lock().unwrap().last().cloned().unwrap();
        self.take(&last);
    }
}

impl RegistryClient for FakeRegistry {
    fn register<'a>(
        &'a self,
        _ctx: &'a Ctx,
        submission: &'a Submission,
    ) -> BoxFuture<'a, Result<RegistryResponse, Unreachable>> {
        Box::pin(async move {
            self.seen.lock().unwrap().push(submission.clone());
            let probe = self.probe.lock().unwrap().clone();
            if let Some(probe) = probe {
                probe().await;
            }
            let answer = self.answer.lock().unwrap().clone();
            let errors = match answer {
                Answer::Success => {
                    self.take(submission);
                    vec![error("XDSExtraMetadataNotSaved", Severity::Warning)]
                }
                Answer::Refusal(code) => vec![error(code, Severity::Error)],
                Answer::Silence => return Err(Unreachable("no route".to_owned())),
            };
            let status = if answer == Answer::Success { Status::Success } else { Status::Failure };
            Ok(RegistryResponse { status, errors })
        })
    }

    fn holds<'a>(
        &'a self,
        _ctx: &'a Ctx,
        set: &'a Oid,
        documents: &'a [UniqueId],
    ) -> BoxFuture<'a, Result<bool, Unreachable>> {
        Box::pin(async move {
            self.asks.lock().unwrap().map_err(|()| Unreachable("no route".to_owned()))?;
            let mut all = documents.iter().map(UniqueId::as_str).chain([set.as_str()]);
            let holds = {
                let known = self.registered.lock().unwrap();
                all.all(|id| known.iter().any(|k| k == id))
            };
            let probe = self.after_asked.lock().unwrap().clone();
            if let Some(probe) = probe {
                probe().await;
            }
            Ok(holds)
        })
    }

    fn endpoint(&self) -> String {
        "https://registry.example/xds/registry".to_owned()
    }

    fn is_in_process(&self) -> bool {
        self.in_process.load(Ordering::Relaxed)
    }
}

fn error(code: &str, severity: Severity) -> RegistryError {
    RegistryError {
        code: code.to_owned(),
        context: "as the registry said it".to_owned(),
        severity,
        location: "there".to_owned(),
    }
}

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

/// What happens to a stored chunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Damage {
    /// One bit is another.
    Flipped,
    /// It is that of chunk 0 of another document.
    TakenFrom(&'static str),
    /// It and all behind it are missing.
    CutOff,
}

#[derive(Debug, QueryableByName)]
pub struct Kept {
    #[diesel(sql_type = Text)]
    pub id: String,
    #[diesel(sql_type = Nullable<Binary>)]
    segment: Option<Vec<u8>>,
    #[diesel(sql_type = BigInt)]
    position: i64,
    #[diesel(sql_type = BigInt)]
    pub sealed_size: i64,
    #[diesel(sql_type = Integer)]
    stride: i32,
    #[diesel(sql_type = Binary)]
    pub key_bytes: Vec<u8>,
}

#[derive(QueryableByName)]
struct Octets {
    #[diesel(sql_type = Binary)]
    bytes: Vec<u8>,
}

impl House {
    /// After a sweep there are this many chunks and nothing is on its way. (Rows can be counted.)
    pub async fn swept_to(&self, chunks: i64) {
        self.repository.sweep(&ctx()).await;
        if self.home == Home::Rows {
            assert_eq!(self.rows("chunk").await, chunks);
            assert_eq!(self.rows("arriving").await, 0);
        }
    }

    /// The row of a document.
    pub async fn kept(&self, unique_id: &str) -> Kept {
        let sql = format!(
            "SELECT id, segment, position, sealed_size, stride, key_bytes FROM content \
             WHERE unique_id = '{unique_id}'"
        );
        let found = self
            .repository
            .database()
            .read(move |c| Ok::<Kept, DatabaseError>(diesel::sql_query(&sql).get_result(c)?));
        found.await.unwrap()
    }

    fn segment(&self, kept: &Kept) -> std::path::PathBuf {
        let name = hex::encode(kept.segment.as_ref().unwrap());
        self.dir.path().join("content/segments").join(&name[30..]).join(&name)
    }

    /// A chunk of a document as it is stored.
    pub async fn sealed_chunk(&self, unique_id: &str, number: usize) -> Vec<u8> {
        let kept = self.kept(unique_id).await;
        if self.home == Home::Segments {
            let bytes = std::fs::read(self.segment(&kept)).unwrap();
            let whole = &bytes[kept.position as usize..][..kept.sealed_size as usize];
            return whole.chunks(kept.stride as usize).nth(number).unwrap().to_vec();
        }
        let id = &kept.id;
        let sql =
            format!("SELECT bytes FROM chunk WHERE content_id = '{id}' AND number = {number}");
        let found = self
            .repository
            .database()
            .read(move |c| Ok::<Octets, DatabaseError>(diesel::sql_query(&sql).get_result(c)?));
        found.await.unwrap().bytes
    }

    /// Damages a chunk of a document.
    pub async fn damage(&self, unique_id: &str, number: usize, damage: Damage) {
        let kept = self.kept(unique_id).await;
        let bytes = match damage {
            Damage::Flipped => {
                let mut bytes = self.sealed_chunk(unique_id, number).await;
                bytes[20] ^= 1;
                bytes
            }
            Damage::TakenFrom(other) => self.sealed_chunk(other, 0).await,
            Damage::CutOff => Vec::new(),
        };
        if self.home == Home::Segments {
            let at = kept.position as u64 + number as u64 * kept.stride as u64;
            let file = std::fs::OpenOptions::new().write(true).open(self.segment(&kept)).unwrap();
            if damage == Damage::CutOff {
                file.set_len(at).unwrap();
            } else {
                std::os::unix::fs::FileExt::write_all_at(&file, &bytes, at).unwrap();
            }
            return;
        }
        let id = kept.id;
        let sql = if damage == Damage::CutOff {
            format!("DELETE FROM chunk WHERE content_id = '{id}' AND number >= {number}")
        } else {
            let value = match self.test.url().dialect() {
                Dialect::Sqlite => format!("x'{}'", hex::encode(bytes)),
                Dialect::Postgres => format!("'\\x{}'", hex::encode(bytes)),
            };
            format!(
                "UPDATE chunk SET bytes = {value} WHERE content_id = '{id}' AND number = {number}"
            )
        };
        change(self.repository.database(), sql).await;
    }
}

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    n: i64,
}

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

pub async fn rows(db: &Database, table: &str) -> i64 {
    let sql = format!("SELECT count(*) AS n FROM {table}");
    db.read(move |c| {
        let count: Number = diesel::sql_query(&sql).get_result(c)?;
        Ok::<_, DatabaseError>(count.n)
    })
    .await
    .unwrap()
}

pub async fn states(db: &Database) -> Vec<i64> {
    let sql = "SELECT CAST(state AS BIGINT) AS n FROM content ORDER BY state";
    db.read(move |c| {
        let all: Vec<Number> = diesel::sql_query(sql).load(c)?;
        Ok::<_, DatabaseError>(all.into_iter().map(|n| n.n).collect())
    })
    .await
    .unwrap()
}

/// The values of one text expression.
pub async fn lines(db: &Database, sql: impl Into<String>) -> Vec<String> {
    let sql = sql.into();
    db.read(move |c| {
        let all: Vec<Line> = diesel::sql_query(&sql).load(c)?;
        Ok::<_, DatabaseError>(all.into_iter().map(|l| l.line).collect())
    })
    .await
    .unwrap()
}

pub async fn change(db: &Database, sql: impl Into<String>) {
    let sql = sql.into();
    db.write(move |c| Ok::<_, DatabaseError>(each!(c, |c| c.batch_execute(&sql))?)).await.unwrap();
}

pub fn ctx() -> Ctx {
    let mut caller = Caller::internal("source");
    caller.address = "192.0.2.7".to_owned();
    Ctx::new(Arc::new(caller), "https://house.example/xds/repository", Duration::from_secs(30))
}

fn code(code: &str) -> Option<Code> {
    Some(Code {
        code: code.to_owned(),
        scheme: "2.999.6".to_owned(),
        display: LocalizedText::ja("コード"),
    })
}

fn dtm(s: &str) -> Dtm {
    Dtm::parse(s).unwrap()
}

pub fn entry(id: &str, unique_id: &str) -> DocumentEntry {
    DocumentEntry {
        id: ObjectId::Symbol(id.to_owned()),
        lid: None,
        version: None,
        home: None,
        status: None,
        object_type: EntryType::Stable,
        mime_type: MimeType::parse("text/csv").unwrap(),
        title: Some(LocalizedText::ja("健診結果")),
        comments: None,
        authors: vec![Author {
            person: Some("1234^山田^太郎".to_owned()),
            institutions: vec!["健診機関^^^^^^^^^1.2.3".to_owned()],
            ..Author::default()
        }],
        class_code: code("class"),
        confidentiality_codes: vec![code("N").unwrap()],
        event_codes: vec![],
        format_code: code("format"),
        facility_type_code: code("facility"),
        practice_setting_code: code("setting"),
        type_code: code("type"),
        creation_time: Some(dtm("20240401")),
        availability: None,
        hash: None,
        size: None,
        language: Some(LanguageCode::parse("ja-JP").unwrap()),
        legal_authenticator: None,
        reference_ids: vec![],
        repository: None,
        service_start: None,
        service_stop: None,
        source_patient_id: Some("1^^^&2.999.5&ISO".to_owned()),
        source_patient_info: vec![],
        uri: None,
        patient_id: Some(patient()),
        unique_id: UniqueId::parse(unique_id).unwrap(),
        extra: vec![],
    }
}

fn patient() -> PatientId {
    PatientId::parse("100234^^^&2.999.1.1&ISO").unwrap()
}

pub fn submission(entries: Vec<DocumentEntry>) -> Submission {
    let set = ObjectId::Symbol("SubmissionSet01".to_owned());
    let member = |(n, entry): (usize, &DocumentEntry)| Association {
        id: ObjectId::Symbol(format!("Association{n:02}")),
        lid: None,
        version: None,
        home: None,
        status: None,
        association_type: AssociationType::HasMember,
        source: set.clone(),
        target: entry.id.clone(),
        submission_set_status: Some(SubmissionSetStatus::Original),
        previous_version: None,
        documentation: None,
        extra: vec![],
    };
    Submission {
        associations: entries.iter().enumerate().map(member).collect(),
        submission_set: SubmissionSet {
            id: set,
            lid: None,
            version: None,
            home: None,
            status: None,
            title: None,
            comments: None,
            authors: vec![],
            content_type_code: code("content"),
            intended_recipients: vec![],
            patient_id: Some(patient()),
            source_id: Oid::parse("2.999.3").unwrap(),
            submission_time: dtm("20240402120000"),
            unique_id: Oid::parse("2.999.4.1").unwrap(),
            extra: vec![],
        },
        entries,
        folders: vec![],
    }
}

/// A request for documents with these uniqueIds, each in a part `<n>@test`.
pub fn request(unique_ids: &[&str]) -> Request {
    let entries =
        unique_ids.iter().enumerate().map(|(n, uid)| entry(&format!("Document{n:02}"), uid));
    let documents = (0..unique_ids.len()).map(|n| Document {
        id: format!("Document{n:02}"),
        content: Content::Include(format!("{n}@test")),
    });
    Request {
        submission: Checked::good(submission(entries.collect())),
        documents: documents.collect(),
    }
}

/// Gives the SubmissionSet of a request another uniqueId.
pub fn rename_set(request: &mut Request, unique_id: &str) {
    let submission = request.submission.value.as_mut().unwrap();
    submission.submission_set.unique_id = Oid::parse(unique_id).unwrap();
}

pub async fn submit(repository: &Repository, documents: &[(&str, &[u8])]) -> RegistryResponse {
    let unique_ids: Vec<&str> = documents.iter().map(|(uid, _)| *uid).collect();
    let contents: Vec<&[u8]> = documents.iter().map(|(_, bytes)| *bytes).collect();
    send(repository, request(&unique_ids), &contents).await
}

pub async fn send(repository: &Repository, request: Request, parts: &[&[u8]]) -> RegistryResponse {
    let ctx = ctx();
    let mut upload = repository.begin(&ctx);
    for (n, part) in parts.iter().enumerate() {
        let mut sink = upload.part(&ctx, &format!("{n}@test"));
        for piece in part.chunks(60_000) {
            sink.write(Bytes::copy_from_slice(piece)).await;
        }
        sink.finish().await;
    }
    repository.provide_and_register(&ctx, upload, request).await.response
}

pub fn codes(response: &RegistryResponse) -> Vec<&str> {
    response.errors.iter().map(|e| e.code.as_str()).collect()
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
