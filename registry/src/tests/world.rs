//! A registry in an empty database, and what to fill it with.

use crate::change::Told;
use crate::inspect::Inspection;
use crate::{PatientPolicy, QueryAnswer, Registry, RegistryConfig, RegistryLimits};
use diesel::RunQueryDsl;
use diesel::sql_types::BigInt;
use futures_util::StreamExt;
use renkei_atna::record::AuditRecord;
use renkei_atna::sink::{BoxFuture, NotRecorded, Sink};
use renkei_audit::AuditContext;
use renkei_context::{Caller, Ctx, FixedClock};
use renkei_database::testing::TestDatabase;
use renkei_database::{DatabaseError, Options, each};
use renkei_metadata::codes::CodeList;
use renkei_metadata::finding::{Checked, Finding};
use renkei_metadata::ids::{
    Dtm, EntryUuid, LanguageCode, MimeType, ObjectId, Oid, PatientId, RepositoryUniqueId, Sha1Hash,
    UniqueId,
};
use renkei_metadata::model::{
    Association, AssociationType, Author, Code, DocumentEntry, EntryType, Folder, LocalizedText,
    RegistryObject, Submission, SubmissionSet, SubmissionSetStatus,
};
use renkei_metadata::rules::{self, Column};
use renkei_metadata::update::EntryAttribute;
use renkei_sealing::KeyRing;
use renkei_soap::xml::{Reader, XmlLimits};
use renkei_xds::iti18::{self, AdhocQuery, QueryResponse};
use renkei_xds::response::{RegistryResponse, Status};
use renkei_xds::transaction::ITI_42;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use uuid::Uuid;

pub(super) const AUTHORITY: &str = "1.2.392.200119.9";

/// Keeps records in memory.
#[derive(Default)]
pub(super) struct Records(pub(super) Mutex<Vec<AuditRecord>>);

impl Sink for Records {
    fn record<'a>(&'a self, record: AuditRecord) -> BoxFuture<'a, Result<(), NotRecorded>> {
        self.0.lock().unwrap().push(record);
        Box::pin(std::future::ready(Ok(())))
    }
}

pub(super) struct World {
    pub(super) registry: Registry,
    pub(super) records: Arc<Records>,
    pub(super) database: TestDatabase,
    keys: tempfile::TempDir,
}

impl World {
    /// One world a database there is.
    pub(super) fn each() -> Vec<World> {
        Self::each_with(PatientPolicy::AcceptAny, RegistryLimits::default())
    }

    pub(super) fn each_with(policy: PatientPolicy, limits: RegistryLimits) -> Vec<World> {
        let databases = TestDatabase::each().unwrap();
        databases.into_iter().map(|database| Self::on(database, policy, limits)).collect()
    }

    /// Worlds whose registry protects these attributes from restricted updates.
    pub(super) fn each_protecting(names: &[&str]) -> Vec<World> {
        let protected: Vec<_> = names.iter().map(|n| EntryAttribute::parse(n).unwrap()).collect();
        let on = |database: TestDatabase| {
            let (dir, records) = (tempfile::tempdir().unwrap(), Arc::new(Records::default()));
            let (policy, limits) = (PatientPolicy::AcceptAny, RegistryLimits::default());
            let sink = (records.clone(), protected.clone());
            let registry = open_protecting(&database, dir.path(), policy, limits, sink);
            World { registry, records, database, keys: dir }
        };
        TestDatabase::each().unwrap().into_iter().map(on).collect()
    }

    pub(super) fn on(
        database: TestDatabase,
        policy: PatientPolicy,
        limits: RegistryLimits,
    ) -> World {
        let dir = tempfile::tempdir().unwrap();
        let records = Arc::new(Records::default());
        let registry = open(&database, dir.path(), policy, limits, records.clone());
        World { registry, records, database, keys: dir }
    }

    /// An inspection of what the registry has of this repository.
    pub(super) fn inspection(&self, repository: &RepositoryUniqueId) -> Inspection {
        let keys = KeyRing::open_or_create(&self.keys.path().join("keys")).unwrap();
        Inspection::open(self.database.url(), &keys, repository).unwrap()
    }

    /// A second registry on the same database with the same keys.
    pub(super) fn beside(self) -> (World, Registry) {
        let (policy, limits) = (PatientPolicy::AcceptAny, RegistryLimits::default());
        let records = Arc::new(Records::default());
        let other = open(&self.database, self.keys.path(), policy, limits, records);
        (self, other)
    }

    pub(super) async fn register(&self, submission: Submission) -> RegistryResponse {
        self.registry.register(&ctx(), Checked::good(submission)).await
    }

    /// Registers at this moment what must be accepted.
    pub(super) async fn accept_at(&self, now: &str, submission: Submission) {
        let answer = self.registry.register(&ctx_at(now), Checked::good(submission)).await;
        assert_eq!(answer.status, Status::Success, "{:?}", answer.errors);
    }

    /// Enters a submission; if not, why, rule by rule.
    pub(super) async fn enter(&self, submission: Submission) -> Result<(), Vec<Finding>> {
        let findings = rules::check(&submission, Column::XdsDr, None, &[]);
        let prepared = self.registry.registration(&ctx(), submission, findings);
        let told = Told { spec: ITI_42.audit, objects: Vec::new() };
        self.registry.carry_out(&ctx(), &told, prepared).await.map(drop)
    }

    /// Registers what must be accepted.
    pub(super) async fn accept(&self, submission: Submission) {
        let answer = self.register(submission).await;
        assert_eq!(answer.status, Status::Success, "{:?}", answer.errors);
    }

    /// The codes for which a submission is refused.
    pub(super) async fn refuse(&self, submission: Submission) -> Vec<String> {
        let answer = self.register(submission).await;
        assert_eq!(answer.status, Status::Failure);
        answer.errors.into_iter().map(|e| e.code).collect()
    }

    /// How many audit records wait beside what they tell of.
    pub(super) async fn outbox(&self) -> i64 {
        let count = self.registry.database().read(|db| {
            let count = diesel::dsl::sql::<BigInt>("SELECT count(*) FROM audit_outbox");
            each!(db, |c| count.get_result::<i64>(c)).map_err(DatabaseError::from)
        });
        count.await.unwrap()
    }

    /// How many rows a table has.
    pub(super) async fn rows(&self, table: &str) -> i64 {
        let sql = format!("(SELECT count(*) FROM {table})");
        let count = self.registry.database().read(move |db| {
            let count = diesel::select(diesel::dsl::sql::<BigInt>(&sql));
            each!(db, |c| count.get_result::<i64>(c)).map_err(DatabaseError::from)
        });
        count.await.unwrap()
    }

    pub(super) async fn query(&self, query: &AdhocQuery) -> QueryResponse {
        read(self.registry.query(&ctx(), query).await).await
    }

    /// The DocumentEntries that a query finds.
    pub(super) async fn entries(&self, query: &AdhocQuery) -> Vec<DocumentEntry> {
        let answer = self.query(query).await;
        assert_eq!(answer.status, Status::Success, "{:?}", answer.errors);
        let entry = |o| match o {
            RegistryObject::Entry(e) => Some(*e),
            _ => None,
        };
        answer.objects.into_iter().filter_map(entry).collect()
    }
}

fn open(
    database: &TestDatabase,
    directory: &Path,
    policy: PatientPolicy,
    limits: RegistryLimits,
    records: Arc<Records>,
) -> Registry {
    open_protecting(database, directory, policy, limits, (records, Vec::new()))
}

fn open_protecting(
    database: &TestDatabase,
    directory: &Path,
    policy: PatientPolicy,
    limits: RegistryLimits,
    (records, protected): (Arc<Records>, Vec<EntryAttribute>),
) -> Registry {
    let keys = KeyRing::open_or_create(&directory.join("keys")).unwrap();
    Registry::open(RegistryConfig {
        url: database.url().clone(),
        database: Options { readers: 2, writers: 3, ..Options::default() },
        home: None,
        policy,
        codes: Arc::new(CodeList::default()),
        assigning_authority: Oid::parse(AUTHORITY).unwrap(),
        namespaces: ["HOUSE", "OTHER=2.99.1"].map(|name| name.parse().unwrap()).into(),
        protected,
        limits,
        keys: &keys,
        audit: AuditContext::new("registry", None, 4),
        sink: records,
    })
    .unwrap()
}

/// An answer as its receiver reads it.
pub(super) async fn read(mut answer: QueryAnswer) -> QueryResponse {
    let (mut xml, tail) = iti18::response_frame(answer.status, &answer.errors);
    while let Some(piece) = answer.body.next().await {
        xml.push_str(std::str::from_utf8(&piece.unwrap()).unwrap());
    }
    xml.push_str(&tail);
    let mut reader = Reader::new(&xml, XmlLimits::default());
    let root = reader.root().unwrap();
    let response = iti18::read_response(&mut reader, &root).unwrap();
    reader.finish().unwrap();
    assert_eq!(response.findings, [], "{xml}");
    response
}

pub(super) fn ctx() -> Ctx {
    ctx_at("2026-04-01T00:00:00Z")
}

pub(super) fn ctx_at(now: &str) -> Ctx {
    let caller = Arc::new(Caller::internal("repository"));
    let mut ctx = Ctx::new(caller, "https://localhost/xds/registry", Duration::from_secs(60));
    ctx.clock = Arc::new(FixedClock(now.parse().unwrap()));
    ctx
}

pub(super) fn patient(id: &str) -> PatientId {
    PatientId::parse(&format!("{id}^^^&{AUTHORITY}&ISO")).unwrap()
}

pub(super) fn code(code: &str) -> Code {
    Code { code: code.into(), scheme: "1.2.3".into(), display: LocalizedText::ja("表示") }
}

pub(super) fn hash(n: u8) -> Sha1Hash {
    Sha1Hash::from_digest([n; 20])
}

pub(super) fn dtm(text: &str) -> Dtm {
    Dtm::parse(text).unwrap()
}

pub(super) fn new_oid() -> Oid {
    Oid::from_uuid(Uuid::new_v4())
}

/// A complete DocumentEntry with the symbol `Document`.
pub(super) fn entry(patient: &PatientId) -> DocumentEntry {
    DocumentEntry {
        id: ObjectId::Symbol("Document".into()),
        lid: None,
        version: None,
        home: None,
        status: None,
        object_type: EntryType::Stable,
        mime_type: MimeType::parse("text/csv").unwrap(),
        title: Some(LocalizedText::ja("健診結果")),
        comments: None,
        authors: vec![Author { person: Some("D1^山田^太郎".into()), ..Author::default() }],
        class_code: Some(code("class")),
        confidentiality_codes: vec![code("N")],
        event_codes: Vec::new(),
        format_code: Some(code("format")),
        facility_type_code: Some(code("facility")),
        practice_setting_code: Some(code("practice")),
        type_code: Some(code("type")),
        creation_time: Some(dtm("20260401")),
        availability: None,
        hash: Some(hash(1)),
        size: Some(100),
        language: LanguageCode::parse("ja-JP").ok(),
        legal_authenticator: None,
        reference_ids: Vec::new(),
        repository: Some(RepositoryUniqueId(Oid::parse("1.2.3.4").unwrap())),
        service_start: Some(dtm("20260331")),
        service_stop: Some(dtm("20260331")),
        source_patient_id: Some("9^^^&1.2.3.9&ISO".into()),
        source_patient_info: vec!["PID-5|健診^花子".into()],
        uri: None,
        patient_id: Some(patient.clone()),
        unique_id: UniqueId::from(new_oid()),
        extra: Vec::new(),
    }
}

/// A Folder with a final id.
pub(super) fn folder(patient: &PatientId) -> (Folder, EntryUuid) {
    let id = EntryUuid(Uuid::new_v4());
    let folder = Folder {
        id: ObjectId::Uuid(id),
        lid: None,
        version: None,
        home: None,
        status: None,
        title: Some(LocalizedText::ja("2026年度 健診")),
        comments: None,
        codes: vec![code("folder")],
        last_update_time: None,
        patient_id: Some(patient.clone()),
        unique_id: new_oid(),
        extra: Vec::new(),
    };
    (folder, id)
}

/// Adds `folder` to a submission.
pub(super) fn bring(s: &mut Submission, folder: Folder) {
    s.associations.push(link(AssociationType::HasMember, &s.submission_set.id, &folder.id));
    s.folders.push(folder);
}

/// Adds a membership of `document` in `folder`, as part of the submission.
pub(super) fn file(s: &mut Submission, folder: EntryUuid, document: &ObjectId) {
    let member = link(AssociationType::HasMember, &ObjectId::Uuid(folder), document);
    let of_set = link(AssociationType::HasMember, &s.submission_set.id, &member.id);
    s.associations.extend([member, of_set]);
}

pub(super) fn link(
    association_type: AssociationType,
    source: &ObjectId,
    target: &ObjectId,
) -> Association {
    let id = ObjectId::Symbol(format!("link{}", Uuid::new_v4()));
    Association::joining(id, association_type, source, target)
}

pub(super) fn member(
    set: &SubmissionSet,
    target: &ObjectId,
    status: SubmissionSetStatus,
) -> Association {
    let mut a = link(AssociationType::HasMember, &set.id, target);
    a.submission_set_status = Some(status);
    a
}

/// A submission of new documents; those that have the same symbol get one each.
pub(super) fn submission(patient: &PatientId, mut entries: Vec<DocumentEntry>) -> Submission {
    for (n, e) in entries.iter_mut().enumerate() {
        if e.id.uuid().is_none() {
            e.id = ObjectId::Symbol(format!("Document{n}"));
        }
    }
    let submission_set = SubmissionSet {
        id: ObjectId::Symbol("Set".into()),
        lid: None,
        version: None,
        home: None,
        status: None,
        title: None,
        comments: None,
        authors: Vec::new(),
        content_type_code: Some(code("checkup")),
        intended_recipients: vec!["産業医事務所^^^^^^^^^1.2.3.77".into()],
        patient_id: Some(patient.clone()),
        source_id: Oid::parse("1.2.3.5").unwrap(),
        submission_time: dtm("20260401120000"),
        unique_id: new_oid(),
        extra: Vec::new(),
    };
    let original = SubmissionSetStatus::Original;
    let associations = entries.iter().map(|e| member(&submission_set, &e.id, original)).collect();
    Submission { submission_set, entries, folders: Vec::new(), associations }
}

/// A submission of `new` in place of the registered document `old`.
pub(super) fn replacement(patient: &PatientId, new: DocumentEntry, old: EntryUuid) -> Submission {
    let mut s = submission(patient, vec![new]);
    let rplc = link(AssociationType::Rplc, &s.entries[0].id, &ObjectId::Uuid(old));
    s.associations.push(rplc);
    s
}

/// The same with an id chosen by the sender.
pub(super) fn with_uuid(mut e: DocumentEntry) -> (DocumentEntry, EntryUuid) {
    let id = EntryUuid(Uuid::new_v4());
    e.id = ObjectId::Uuid(id);
    (e, id)
}
