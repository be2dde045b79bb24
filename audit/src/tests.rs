//! Records from where they are written to where they are found, on every database there is.

mod cost;
mod moved_back;

use crate::{Archive, AuditContext, AuditError, Deliverer, Filter, Journal, Listed, Owner, outbox};
use chrono::{DateTime, Duration, TimeZone, Utc};
use renkei_atna::build;
use renkei_atna::record::{AuditRecord, Outcome};
use renkei_atna::sink::Sink;
use renkei_atna::spec::{AuditSpec, EventId, Payload, SideSpec};
use renkei_context::{Caller, Ctx, FixedClock};
use renkei_database::testing::TestDatabase;
use renkei_database::{Database, Db, Migrations, Options};
use renkei_sealing::KeyRing;
use std::path::{Path, PathBuf};
use std::sync::Arc;

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
    index_at: TestDatabase,
}

impl Fixture {
    /// One for each kind of database.
    fn each() -> Vec<Self> {
        let databases =
            TestDatabase::each().unwrap().into_iter().zip(TestDatabase::each().unwrap());
        databases.map(|(actor_at, index_at)| Self::new(actor_at, index_at)).collect()
    }

    fn new(actor_at: TestDatabase, index_at: TestDatabase) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let keys = KeyRing::open_or_create(&dir.path().join("keys")).unwrap();
        Self { dir, keys, actor_at, index_at }
    }

    fn sqlite() -> Self {
        Self::new(TestDatabase::sqlite().unwrap(), TestDatabase::sqlite().unwrap())
    }

    fn actor(&self) -> Database {
        let migrations = Migrations { actor: "registry", tables: vec![outbox::tables()] };
        Database::open(self.actor_at.url(), migrations, Options::default()).unwrap()
    }

    fn root(&self) -> PathBuf {
        self.dir.path().join("audit")
    }

    fn archive(&self) -> Archive {
        Archive::open(&self.root(), self.index_at.url(), &self.keys).unwrap()
    }

    fn journal(&self, owner: Owner) -> Journal {
        Journal::open(&self.root(), owner, &self.keys).unwrap()
    }

    fn deliver(
        &self,
        journal: &Journal,
        archive: &Archive,
        outboxes: Vec<(String, Database)>,
    ) -> Deliverer {
        Deliverer::start(journal, archive, outboxes, &self.keys).unwrap()
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
pub(crate) fn record(n: i64, patient: &str) -> AuditRecord {
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

pub(crate) fn records(count: i64) -> Vec<AuditRecord> {
    (0..count).map(|n| record(n, &format!("P{n}^^^&2.999&ISO"))).collect()
}

fn ids(records: &[AuditRecord]) -> Vec<uuid::Uuid> {
    records.iter().map(|r| r.id).collect()
}

/// All of it, as far as it opens.
async fn listed(archive: &Archive, filter: Filter) -> Vec<AuditRecord> {
    let lines = archive.list(filter).await.unwrap().lines.into_iter();
    let record = |line| match line {
        Listed::Record(record) => Some(*record),
        Listed::Erased(_) | Listed::Unreadable(..) => None,
    };
    lines.filter_map(record).collect()
}

#[tokio::test]
async fn records_of_outboxes_and_journal_arrive_in_order_and_leave_nothing() {
    for f in Fixture::each() {
        let (actor, archive, journal) = (f.actor(), f.archive(), f.journal(Owner::House));
        // More than two batches.
        let in_outbox = records(450);
        let read = record(1000, "S^^^&2.999&ISO");
        f.put(&actor, in_outbox.iter().rev().cloned().collect()).await;
        journal.record(read.clone()).await.unwrap();
        let deliverer = f.deliver(&journal, &archive, vec![("registry".to_owned(), actor.clone())]);
        deliverer.flush().await.unwrap();
        let expected: Vec<AuditRecord> = in_outbox.into_iter().chain([read]).collect();
        assert_eq!(listed(&archive, Filter::default()).await, expected);
        assert!(deliverer.backlog().iter().all(|b| b.waiting == 0 && b.unreadable == 0));
        assert!(archive.damages().await.unwrap().is_empty());
        deliverer.stop().await;
        // Nothing is left to deliver again.
        let empty = f.deliver(&journal, &archive, vec![("registry".to_owned(), actor)]);
        empty.flush().await.unwrap();
        assert_eq!(archive.count().await.unwrap(), 451);
        empty.stop().await;
    }
}

#[tokio::test]
async fn the_tasks_deliver_by_themselves() {
    let f = Fixture::sqlite();
    let (actor, archive, journal) = (f.actor(), f.archive(), f.journal(Owner::House));
    let deliverer = f.deliver(&journal, &archive, vec![("registry".to_owned(), actor.clone())]);
    f.put(&actor, records(1)).await;
    deliverer.wake();
    for _ in 0..200 {
        if archive.count().await.unwrap() == 1 {
            return deliverer.stop().await;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("not delivered within ten seconds");
}

#[tokio::test]
async fn a_crash_between_journal_and_outbox_delivers_once() {
    for f in Fixture::each() {
        let (actor, archive, journal) = (f.actor(), f.archive(), f.journal(Owner::House));
        let waiting = records(3);
        f.put(&actor, waiting.clone()).await;
        // As if the program had ended before the rows were deleted: two are in the journal.
        journal.append(&waiting[..2]).await.unwrap();
        let deliverer = f.deliver(&journal, &archive, vec![("registry".to_owned(), actor)]);
        deliverer.flush().await.unwrap();
        assert_eq!(ids(&listed(&archive, Filter::default()).await), ids(&waiting));
        let entries = archive.list(Filter::default()).await.unwrap().lines.len();
        assert_eq!(entries, 3);
        assert_eq!(journal.durable().next, 4, "in the journal, too, each is once");
        deliverer.stop().await;
    }
}

#[tokio::test]
async fn an_index_that_was_lost_is_made_anew() {
    let f = Fixture::sqlite();
    let all = records(20);
    let journal = f.journal(Owner::House);
    journal.append(&all).await.unwrap();
    journal.close().await;
    let guest = f.journal(Owner::Guest);
    guest.append(&[record(100, "G")]).await.unwrap();
    let archive = f.archive();
    archive.catch_up(None).await.unwrap();
    let other = TestDatabase::sqlite().unwrap();
    let anew = Archive::open(&f.root(), other.url(), &f.keys).unwrap();
    anew.catch_up(None).await.unwrap();
    let expected = listed(&archive, Filter::default()).await;
    assert_eq!(expected.len(), 21);
    assert_eq!(listed(&anew, Filter::default()).await, expected);
}

#[tokio::test]
async fn several_processes_deliver_to_one_database_each_record_once() {
    for f in Fixture::each() {
        // Another data directory under the same keys.
        let other = tempfile::tempdir().unwrap();
        let archives =
            [f.archive(), Archive::open(other.path(), f.index_at.url(), &f.keys).unwrap()];
        let journals =
            [f.journal(Owner::House), Journal::open(other.path(), Owner::House, &f.keys).unwrap()];
        let all = records(40);
        for (n, record) in all.iter().enumerate() {
            journals[n % 2].append(std::slice::from_ref(record)).await.unwrap();
            if n % 5 == 0 {
                archives[n % 2].catch_up(Some(&journals[n % 2])).await.unwrap();
                archives[n % 2].catch_up(None).await.unwrap();
            }
        }
        for (archive, journal) in archives.iter().zip(&journals) {
            archive.catch_up(Some(journal)).await.unwrap();
        }
        assert_eq!(archives[0].count().await.unwrap(), 40);
        let found = listed(&archives[0], Filter::default()).await;
        match archives[0].database().dialect() {
            renkei_database::Dialect::Postgres => assert_eq!(found, all),
            // Places lead nowhere in another directory; that is why the default is one of its own.
            renkei_database::Dialect::Sqlite => assert_eq!(found.len(), 20),
        }
    }
}

#[tokio::test]
async fn an_erased_record_is_listed_as_erased_everywhere() {
    for f in Fixture::each() {
        let (archive, journal) = (f.archive(), f.journal(Owner::House));
        let all = records(3);
        journal.append(&all).await.unwrap();
        archive.catch_up(Some(&journal)).await.unwrap();
        assert!(archive.erase(all[1].id).await.unwrap());
        assert!(!archive.erase(uuid::Uuid::nil()).await.unwrap());
        let lines = archive.list(Filter::default()).await.unwrap().lines;
        assert!(matches!(&lines[1], Listed::Erased(place) if place.number == 2), "{lines:?}");
        assert_eq!(ids(&listed(&archive, Filter::default()).await), [all[0].id, all[2].id]);
        // What is indexed later finds it erased, too.
        let other = TestDatabase::sqlite().unwrap();
        let anew = Archive::open(&f.root(), other.url(), &f.keys).unwrap();
        anew.catch_up(Some(&journal)).await.unwrap();
        assert_eq!(listed(&anew, Filter::default()).await.len(), 2);
    }
}

#[tokio::test]
async fn a_record_that_does_not_open_stays_and_stops_nobody() {
    use diesel::RunQueryDsl;
    for f in Fixture::each() {
        let (actor, archive, journal) = (f.actor(), f.archive(), f.journal(Owner::House));
        f.put(&actor, records(3)).await;
        let damage = |db: &mut Db| -> Result<usize, AuditError> {
            let sql = "UPDATE audit_outbox SET body = (SELECT body FROM audit_outbox \
                       ORDER BY at DESC LIMIT 1) WHERE at % 60000000 / 1000000 = 30";
            Ok(diesel::sql_query(sql).execute(db)?)
        };
        assert_eq!(actor.write(damage).await.unwrap(), 1);
        let deliverer = f.deliver(&journal, &archive, vec![("registry".to_owned(), actor)]);
        deliverer.flush().await.unwrap();
        deliverer.flush().await.unwrap();
        assert_eq!(archive.count().await.unwrap(), 2);
        let backlog = deliverer.backlog().remove(0);
        assert_eq!((backlog.waiting, backlog.unreadable), (1, 1));
        deliverer.stop().await;
    }
}

#[tokio::test]
async fn an_effect_that_is_undone_leaves_no_record() {
    for f in Fixture::each() {
        let (actor, archive, journal) = (f.actor(), f.archive(), f.journal(Owner::House));
        let sealer = outbox::sealer(&f.keys).unwrap();
        let sent = record(0, "P");
        let work = move |db: &mut Db| -> Result<(), AuditError> {
            outbox::insert(db, &sealer, &sent)?;
            Err(AuditError::Format)
        };
        assert!(matches!(actor.write(work).await, Err(AuditError::Format)));
        let deliverer = f.deliver(&journal, &archive, vec![("registry".to_owned(), actor)]);
        deliverer.flush().await.unwrap();
        assert_eq!(archive.count().await.unwrap(), 0);
        deliverer.stop().await;
    }
}

#[tokio::test]
async fn records_are_found_by_kind_and_time() {
    for f in Fixture::each() {
        let (archive, journal) = (f.archive(), f.journal(Owner::House));
        let mut all = records(4);
        all[1].event_type.as_mut().unwrap().code = "ITI-43".into();
        journal.append(&all).await.unwrap();
        archive.catch_up(Some(&journal)).await.unwrap();
        archive.catch_up(Some(&journal)).await.unwrap();
        assert_eq!(archive.count().await.unwrap(), 4);
        let found = |filter: Filter| async { ids(&listed(&archive, filter).await) };
        let by_kind = Filter { event_type: Some("ITI-18".into()), ..Filter::default() };
        assert_eq!(found(by_kind).await, [all[0].id, all[2].id, all[3].id]);
        let by_time = Filter { from: Some(all[1].at), until: Some(all[3].at), ..Filter::default() };
        assert_eq!(found(by_time).await, [all[1].id, all[2].id]);
        assert_eq!(found(Filter { limit: 1, ..Filter::default() }).await, [all[0].id]);
        let behind = |limit| Filter { limit, ..Filter::default() };
        let after = archive.list(behind(2)).await.unwrap().next;
        // The list goes on, also behind a record that is gone meanwhile.
        archive.expire(all[2].at, 2).await.unwrap();
        let on = Filter { after, limit: 2, ..Filter::default() };
        assert_eq!(found(on.clone()).await, [all[2].id, all[3].id]);
        let after = archive.list(on).await.unwrap().next;
        let end = Filter { after, ..Filter::default() };
        assert!(archive.list(end).await.unwrap().next.is_none());
    }
}

#[tokio::test]
async fn expiry_removes_the_oldest_a_little_at_a_time() {
    for f in Fixture::each() {
        let (archive, journal) = (f.archive(), f.journal(Owner::House));
        let all = records(4);
        journal.append(&all).await.unwrap();
        archive.catch_up(Some(&journal)).await.unwrap();
        assert_eq!(archive.expire(all[3].at, 2).await.unwrap(), 2);
        assert_eq!(archive.expire(all[3].at, 2).await.unwrap(), 1);
        assert_eq!(archive.expire(all[3].at, 2).await.unwrap(), 0);
        assert_eq!(ids(&listed(&archive, Filter::default()).await), [all[3].id]);
        // The segment goes as a whole once it is older; what comes after is found as before.
        assert_eq!(journal.expire(Utc::now() + Duration::minutes(1)).await.unwrap(), 1);
        archive.catch_up(Some(&journal)).await.unwrap();
        journal.append(&[record(9, "P")]).await.unwrap();
        archive.catch_up(Some(&journal)).await.unwrap();
        let last = listed(&archive, Filter::default()).await.pop().unwrap();
        assert_eq!(last.at, start() + Duration::seconds(9));
        assert!(archive.damages().await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn damage_is_told_where_records_are_listed() {
    for f in Fixture::each() {
        let (archive, journal) = (f.archive(), f.journal(Owner::House));
        journal.append(&records(3)).await.unwrap();
        let dir = journal.dir().clone();
        journal.close().await;
        let mut bytes = std::fs::read(dir.segment(1)).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        std::fs::write(dir.segment(1), bytes).unwrap();
        archive.catch_up(None).await.unwrap();
        let told: Vec<String> =
            archive.damages().await.unwrap().iter().map(ToString::to_string).collect();
        assert_eq!(told.len(), 2, "{told:?}");
        assert!(told.iter().any(|t| t.contains("the entries 2 to 2 are not there")), "{told:?}");
        assert_eq!(listed(&archive, Filter::default()).await.len(), 2);
    }
}

#[tokio::test]
async fn no_file_shows_who_was_asked_for() {
    let f = Fixture::sqlite();
    let (archive, journal) = (f.archive(), f.journal(Owner::House));
    journal.record(record(0, "KN0001234^^^&2.999.1.1&ISO")).await.unwrap();
    let files = [journal.dir().path().to_owned(), index_dir(&f)];
    assert!(!readable(&files, b"KN0001234"));
    archive.catch_up(Some(&journal)).await.unwrap();
    assert_eq!(archive.count().await.unwrap(), 1);
    assert!(!readable(&files, b"KN0001234") && readable(&files, b"ITI-18"));
}

fn index_dir(f: &Fixture) -> PathBuf {
    match f.index_at.url() {
        renkei_database::DatabaseUrl::Sqlite(path) => path.parent().unwrap().to_owned(),
        renkei_database::DatabaseUrl::Postgres(_) => panic!("not a file"),
    }
}

fn readable(dirs: &[impl AsRef<Path>], text: &[u8]) -> bool {
    let entries = dirs.iter().flat_map(|d| std::fs::read_dir(d).unwrap());
    let files = entries.map(|e| e.unwrap().path()).filter(|p| p.is_file());
    files.into_iter().any(|p| std::fs::read(p).unwrap().windows(text.len()).any(|w| w == text))
}
