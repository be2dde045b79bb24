//! Records from where they are written to where they are kept, on every database there is.

use crate::{AuditContext, AuditError, Deliverer, Filter, Spool, Store, outbox};
use chrono::{DateTime, Duration, TimeZone, Utc};
use diesel_migrations::{EmbeddedMigrations, embed_migrations};
use renkei_atna::build;
use renkei_atna::record::{AuditRecord, Outcome};
use renkei_atna::sink::Sink;
use renkei_atna::spec::{AuditSpec, EventId, Payload, SideSpec};
use renkei_context::{Caller, Ctx, FixedClock};
use renkei_database::testing::TestDatabase;
use renkei_database::{Database, Db, Migrations, Options};
use renkei_sealing::KeyRing;
use std::path::Path;
use std::sync::Arc;

const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/outbox/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/outbox/postgres");

const SPEC: AuditSpec = AuditSpec {
    code: "ITI-18",
    text: "Registry Stored Query",
    client: SideSpec { event: EventId::Query, action: renkei_atna::record::Action::Execute },
    server: SideSpec { event: EventId::Query, action: renkei_atna::record::Action::Execute },
    payload: Payload::ClientToServer,
};

struct Fixture {
    dir: tempfile::TempDir,
    keys: KeyRing,
    actor_at: TestDatabase,
    store_at: TestDatabase,
}

impl Fixture {
    /// One for each kind of database.
    fn each() -> Vec<Self> {
        let databases =
            TestDatabase::each().unwrap().into_iter().zip(TestDatabase::each().unwrap());
        databases.map(|(actor_at, store_at)| Self::new(actor_at, store_at)).collect()
    }

    fn new(actor_at: TestDatabase, store_at: TestDatabase) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let keys = KeyRing::open_or_create(&dir.path().join("keys")).unwrap();
        Self { dir, keys, actor_at, store_at }
    }

    fn sqlite() -> Self {
        Self::new(TestDatabase::sqlite().unwrap(), TestDatabase::sqlite().unwrap())
    }

    fn actor(&self) -> Database {
        let migrations = Migrations { sqlite: SQLITE, postgres: POSTGRES };
        Database::open(self.actor_at.url(), migrations, Options::default()).unwrap()
    }

    fn store(&self) -> Store {
        Store::open(self.store_at.url(), &self.keys).unwrap()
    }

    fn spool(&self) -> Spool {
        Spool::open(&self.spool_file(), &self.keys).unwrap()
    }

    fn spool_file(&self) -> std::path::PathBuf {
        self.dir.path().join("spool.db")
    }

    fn deliver(&self, store: &Store, sources: Vec<(String, Database)>) -> Deliverer {
        Deliverer::start(store, sources, &self.keys).unwrap()
    }

    /// Puts records into the actor's outbox, in one transaction.
    async fn put(&self, actor: &Database, records: Vec<AuditRecord>) {
        let sealer = outbox::sealer(&self.keys).unwrap();
        let work = move |db: &mut Db| -> Result<(), AuditError> {
            records.iter().try_for_each(|record| outbox::insert(db, &sealer, record))
        };
        actor.write(work).await.unwrap();
    }
}

fn start() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 4, 1, 1, 15, 30).unwrap()
}

/// The n-th record of a test, n seconds after the first.
fn record(n: i64, patient: &str) -> AuditRecord {
    let mut ctx = Ctx::internal("registry", std::time::Duration::from_secs(1));
    ctx.clock = Arc::new(FixedClock(start() + Duration::seconds(n)));
    ctx.caller = Arc::new(Caller {
        subject: "CN=portal".into(),
        address: "192.0.2.44".into(),
        ..Caller::internal("portal")
    });
    ctx.endpoint = "https://localhost:8443/registry/iti18".into();
    let context = AuditContext::new("renkei", None, 4);
    context.server(&ctx, &SPEC, Outcome::Success, vec![build::patient(patient)], None)
}

fn records(count: i64) -> Vec<AuditRecord> {
    (0..count).map(|n| record(n, &format!("P{n}^^^&2.999&ISO"))).collect()
}

fn ids(records: &[AuditRecord]) -> Vec<uuid::Uuid> {
    records.iter().map(|r| r.id).collect()
}

#[tokio::test]
async fn records_of_outboxes_and_spools_arrive_in_order_and_leave_nothing() {
    for f in Fixture::each() {
        let (actor, store, spool) = (f.actor(), f.store(), f.spool());
        // More than two batches.
        let in_outbox = records(450);
        let in_spool = record(1000, "S^^^&2.999&ISO");
        f.put(&actor, in_outbox.iter().rev().cloned().collect()).await;
        spool.record(in_spool.clone()).await.unwrap();
        let sources = vec![
            ("registry".to_owned(), actor.clone()),
            ("spool".to_owned(), spool.database().clone()),
        ];
        let deliverer = f.deliver(&store, sources);
        deliverer.flush().await.unwrap();
        let kept = store.list(Filter::default()).await.unwrap();
        let expected: Vec<AuditRecord> = in_outbox.into_iter().chain([in_spool]).collect();
        assert_eq!(kept, expected);
        assert!(deliverer.backlog().iter().all(|b| b.waiting == 0 && b.unreadable == 0));
        deliverer.stop().await;
        // Nothing is left to deliver again.
        let empty = f.deliver(&store, vec![("registry".to_owned(), actor)]);
        empty.flush().await.unwrap();
        assert_eq!(store.count().await.unwrap(), 451);
        empty.stop().await;
    }
}

#[tokio::test]
async fn the_task_delivers_by_itself() {
    let f = Fixture::sqlite();
    let (spool, store) = (f.spool(), f.store());
    let deliverer = f.deliver(&store, vec![("spool".to_owned(), spool.database().clone())]);
    spool.record(record(0, "P")).await.unwrap();
    deliverer.wake();
    for _ in 0..100 {
        if store.count().await.unwrap() == 1 {
            return deliverer.stop().await;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("not delivered within five seconds");
}

#[tokio::test]
async fn a_crash_between_store_and_outbox_delivers_once() {
    for f in Fixture::each() {
        let (actor, store) = (f.actor(), f.store());
        let waiting = records(3);
        f.put(&actor, waiting.clone()).await;
        // As if the program had ended after the insert: two are in the store, all are waiting.
        assert_eq!(store.append(waiting[..2].to_vec()).await.unwrap(), 2);
        let deliverer = f.deliver(&store, vec![("registry".to_owned(), actor)]);
        deliverer.flush().await.unwrap();
        assert_eq!(ids(&store.list(Filter::default()).await.unwrap()), ids(&waiting));
        deliverer.stop().await;
    }
}

#[tokio::test]
async fn what_is_spooled_survives_the_program() {
    let f = Fixture::sqlite();
    let sent = record(0, "P");
    let spool = f.spool();
    spool.record(sent.clone()).await.unwrap();
    spool.database().close().await;
    let (spool, store) = (f.spool(), f.store());
    let deliverer = f.deliver(&store, vec![("spool".to_owned(), spool.database().clone())]);
    deliverer.flush().await.unwrap();
    assert_eq!(store.list(Filter::default()).await.unwrap(), [sent]);
    deliverer.stop().await;
}

#[tokio::test]
async fn a_record_that_does_not_open_stays_and_stops_nobody() {
    use diesel::RunQueryDsl;
    for f in Fixture::each() {
        let (actor, store) = (f.actor(), f.store());
        f.put(&actor, records(3)).await;
        let damage = |db: &mut Db| -> Result<usize, AuditError> {
            let sql = "UPDATE audit_outbox SET body = (SELECT body FROM audit_outbox \
                       ORDER BY at DESC LIMIT 1) WHERE at LIKE '%:30.%'";
            Ok(diesel::sql_query(sql).execute(db)?)
        };
        assert_eq!(actor.write(damage).await.unwrap(), 1);
        let deliverer = f.deliver(&store, vec![("registry".to_owned(), actor)]);
        deliverer.flush().await.unwrap();
        deliverer.flush().await.unwrap();
        assert_eq!(store.count().await.unwrap(), 2);
        let backlog = deliverer.backlog().remove(0);
        assert_eq!((backlog.waiting, backlog.unreadable), (1, 1));
        deliverer.stop().await;
    }
}

#[tokio::test]
async fn an_effect_that_is_undone_leaves_no_record() {
    for f in Fixture::each() {
        let actor = f.actor();
        let sealer = outbox::sealer(&f.keys).unwrap();
        let sent = record(0, "P");
        let work = move |db: &mut Db| -> Result<(), AuditError> {
            outbox::insert(db, &sealer, &sent)?;
            Err(AuditError::Format)
        };
        assert!(matches!(actor.write(work).await, Err(AuditError::Format)));
        let store = f.store();
        let deliverer = f.deliver(&store, vec![("registry".to_owned(), actor)]);
        deliverer.flush().await.unwrap();
        assert_eq!(store.count().await.unwrap(), 0);
        deliverer.stop().await;
    }
}

#[tokio::test]
async fn the_store_keeps_each_record_once_and_finds_it_by_kind_and_time() {
    for f in Fixture::each() {
        let store = f.store();
        let mut all = records(4);
        all[1].event_type.as_mut().unwrap().code = "ITI-43".into();
        assert_eq!(store.append(all.clone()).await.unwrap(), 4);
        assert_eq!(store.append(all.clone()).await.unwrap(), 0);
        assert_eq!(store.count().await.unwrap(), 4);
        let found = |filter: Filter| async { ids(&store.list(filter).await.unwrap()) };
        let by_kind = Filter { event_type: Some("ITI-18".into()), ..Filter::default() };
        assert_eq!(found(by_kind).await, [all[0].id, all[2].id, all[3].id]);
        let by_time = Filter { from: Some(all[1].at), until: Some(all[3].at), ..Filter::default() };
        assert_eq!(found(by_time).await, [all[1].id, all[2].id]);
        assert_eq!(found(Filter { limit: 1, ..Filter::default() }).await, [all[0].id]);
        let on = Filter { after: Some(all[1].id), limit: 2, ..Filter::default() };
        assert_eq!(found(on).await, [all[2].id, all[3].id]);
        let end = Filter { after: Some(all[3].id), ..Filter::default() };
        assert!(found(end).await.is_empty());
    }
}

#[tokio::test]
async fn expiry_removes_the_oldest_a_little_at_a_time() {
    for f in Fixture::each() {
        let store = f.store();
        let all = records(4);
        store.append(all.clone()).await.unwrap();
        assert_eq!(store.expire(all[3].at, 2).await.unwrap(), 2);
        assert_eq!(store.expire(all[3].at, 2).await.unwrap(), 1);
        assert_eq!(store.expire(all[3].at, 2).await.unwrap(), 0);
        assert_eq!(ids(&store.list(Filter::default()).await.unwrap()), [all[3].id]);
    }
}

#[tokio::test]
async fn no_file_shows_who_was_asked_for() {
    let f = Fixture::sqlite();
    let (spool, store) = (f.spool(), f.store());
    spool.record(record(0, "KN0001234^^^&2.999.1.1&ISO")).await.unwrap();
    let files = [f.spool_file().parent().unwrap().to_owned(), store_dir(&f)];
    assert!(!readable(&files, b"KN0001234"));
    let deliverer = f.deliver(&store, vec![("spool".to_owned(), spool.database().clone())]);
    deliverer.flush().await.unwrap();
    assert_eq!(store.count().await.unwrap(), 1);
    assert!(!readable(&files, b"KN0001234") && readable(&files, b"ITI-18"));
    deliverer.stop().await;
}

fn store_dir(f: &Fixture) -> std::path::PathBuf {
    match f.store_at.url() {
        renkei_database::DatabaseUrl::Sqlite(path) => path.parent().unwrap().to_owned(),
        renkei_database::DatabaseUrl::Postgres(_) => panic!("not a file"),
    }
}

fn readable(dirs: &[impl AsRef<Path>], text: &[u8]) -> bool {
    let entries = dirs.iter().flat_map(|d| std::fs::read_dir(d).unwrap());
    let files = entries.map(|e| e.unwrap().path()).filter(|p| p.is_file());
    files.into_iter().any(|p| std::fs::read(p).unwrap().windows(text.len()).any(|w| w == text))
}
