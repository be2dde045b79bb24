//! The promises of `Database`: isolation of jobs, durability, refusals, recovery.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test program stops at the first surprise")]

mod common;

use common::{NewNote, new_note, note, open, open_with};
use diesel::prelude::*;
use renkei_database::testing::TestDatabase;
use renkei_database::{
    Database, DatabaseError, DatabaseUrl, Db, Dialect, Migrations, Options, now_micros,
};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use tokio::task::JoinSet;

fn insert(db: &mut Db, row: &NewNote) -> Result<(), DatabaseError> {
    diesel::insert_into(note::table).values(row).execute(db)?;
    Ok(())
}

async fn names(db: &Database) -> Vec<String> {
    db.read(|c| {
        note::table.select(note::name).order(note::name).load(c).map_err(DatabaseError::from)
    })
    .await
    .unwrap()
}

#[tokio::test]
async fn a_failing_or_panicking_job_undoes_itself_alone() {
    for test in TestDatabase::each().unwrap() {
        let db = open(&test);
        let mut set = JoinSet::new();
        for n in 0..60 {
            let db = db.clone();
            set.spawn(async move {
                let result = db
                    .write(move |c| {
                        insert(c, &new_note(n, "x"))?;
                        c.transaction(|c| {
                            insert(c, &new_note(1000 + n, "x"))?;
                            assert!(n % 3 != 1, "this job panics inside a savepoint");
                            Ok::<_, DatabaseError>(())
                        })?;
                        if n % 3 == 2 { Err(DatabaseError::Busy("own error")) } else { Ok(()) }
                    })
                    .await;
                match n % 3 {
                    0 => assert!(result.is_ok()),
                    1 => assert!(matches!(result, Err(DatabaseError::Panicked))),
                    _ => assert!(matches!(result, Err(DatabaseError::Busy("own error")))),
                }
            });
        }
        set.join_all().await;
        let expected: Vec<String> = (0..60)
            .chain(1000..1060)
            .filter(|n| n % 1000 % 3 == 0)
            .map(|n| new_note(n, "").name)
            .collect();
        assert_eq!(names(&db).await, expected);
        db.close().await;
    }
}

#[tokio::test]
async fn a_job_that_hides_an_error_is_never_reported_as_stored_when_it_is_not() {
    for test in TestDatabase::each().unwrap() {
        let db = open(&test);
        db.write(|c| insert(c, &new_note(1, "x"))).await.unwrap();
        let result = db
            .write(|c| {
                insert(c, &new_note(2, "x"))?;
                assert!(insert(c, &new_note(1, "x")).unwrap_err().is_unique_violation());
                Ok::<_, DatabaseError>(())
            })
            .await;
        assert_eq!(result.is_ok(), names(&db).await.len() == 2, "{:?}", db.dialect());
        db.close().await;
    }
}

#[tokio::test]
async fn what_was_answered_is_there_after_a_reopen() {
    for test in TestDatabase::each().unwrap() {
        let db = open(&test);
        db.write(|c| insert(c, &new_note(1, "x"))).await.unwrap();
        db.close().await;
        assert!(matches!(
            db.write(|c| insert(c, &new_note(2, "x"))).await,
            Err(DatabaseError::Closed)
        ));
        let db = open(&test);
        assert_eq!(names(&db).await.len(), 1);
        db.close().await;
    }
}

#[tokio::test]
async fn readers_cannot_write_and_survive_a_panic() {
    for test in TestDatabase::each().unwrap() {
        let db = open_with(&test, Options { readers: 1, ..Options::default() });
        assert!(db.read(|c| insert(c, &new_note(1, "x"))).await.is_err());
        let panicked = db
            .read(|c| c.transaction::<(), DatabaseError, _>(|_| panic!("inside a transaction")))
            .await;
        assert!(matches!(panicked, Err(DatabaseError::Panicked)));
        db.write(|c| insert(c, &new_note(1, "x"))).await.unwrap();
        // An old snapshot left open by the panic would not see the row.
        assert_eq!(names(&db).await.len(), 1);
        db.close().await;
    }
}

#[tokio::test]
async fn a_short_read_stays_on_the_thread_of_a_sqlite_caller() {
    for test in TestDatabase::each().unwrap() {
        let db = open_with(&test, Options { readers: 1, ..Options::default() });
        let here = std::thread::current().id();
        let there =
            db.read_short(|_| Ok::<_, DatabaseError>(std::thread::current().id())).await.unwrap();
        assert_eq!(here == there, db.dialect() == Dialect::Sqlite);
        assert!(db.read_short(|c| insert(c, &new_note(1, "x"))).await.is_err());
        let panicked = db
            .read_short(|c| c.transaction::<(), DatabaseError, _>(|_| panic!("in a transaction")))
            .await;
        assert!(matches!(panicked, Err(DatabaseError::Panicked)));
        db.write(|c| insert(c, &new_note(1, "x"))).await.unwrap();
        // A snapshot left open by the panic would not see the row.
        let count =
            |c: &mut Db| note::table.count().get_result::<i64>(c).map_err(DatabaseError::from);
        assert_eq!(db.read_short(count).await.unwrap(), 1);
        db.close().await;
        assert!(matches!(db.read_short(count).await, Err(DatabaseError::Closed)));
    }
}

#[tokio::test]
async fn the_clock_of_the_database_goes_on_inside_a_transaction() {
    for test in TestDatabase::each().unwrap() {
        let db = open(&test);
        let (before, after) = db
            .write(|c| {
                let before = now_micros(c)?;
                std::thread::sleep(Duration::from_millis(5));
                Ok::<_, DatabaseError>((before, now_micros(c)?))
            })
            .await
            .unwrap();
        assert!(after - before >= 5_000, "{before} {after}");
        let own = i64::try_from(std::time::UNIX_EPOCH.elapsed().unwrap().as_micros()).unwrap();
        assert!((own - after).abs() < 60_000_000, "the test server runs on this machine");
        db.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn short_reads_and_long_ones_share_the_connections() {
    for test in TestDatabase::each().unwrap() {
        let db = open_with(&test, Options { readers: 1, ..Options::default() });
        let hold = Arc::new(std::sync::Barrier::new(2));
        let (long, held) = (db.clone(), Arc::clone(&hold));
        let long = tokio::spawn(async move {
            let work = move |_: &mut Db| {
                held.wait();
                held.wait();
                Ok::<_, DatabaseError>(())
            };
            long.read(work).await
        });
        hold.wait();
        // The only connection is away: these wait in the queue, and their threads stay free.
        let mut short = JoinSet::new();
        for n in 0..20 {
            let db = db.clone();
            short.spawn(async move { db.read_short(move |_| Ok::<_, DatabaseError>(n)).await });
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
        hold.wait();
        long.await.unwrap().unwrap();
        let mut all: Vec<i32> = short.join_all().await.into_iter().map(Result::unwrap).collect();
        all.sort_unstable();
        assert_eq!(all, (0..20).collect::<Vec<_>>());
        db.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_queue_refuses_by_name_and_bulk_waits() {
    for test in TestDatabase::each().unwrap() {
        let options = Options { write_queue: 2, bulk_queue: 1, writers: 1, ..Options::default() };
        let db = open_with(&test, options);
        let hold = Arc::new(std::sync::Barrier::new(2));
        let mut set = JoinSet::new();
        let (blocked, held) = (db.clone(), Arc::clone(&hold));
        set.spawn(async move {
            blocked
                .write(move |_| {
                    held.wait();
                    held.wait();
                    Ok::<_, DatabaseError>(())
                })
                .await
        });
        hold.wait();
        for n in 0..2 {
            let db = db.clone();
            set.spawn(async move { db.write(move |c| insert(c, &new_note(n, "x"))).await });
        }
        for n in 10..14 {
            let db = db.clone();
            set.spawn(async move { db.write_bulk(move |c| insert(c, &new_note(n, "x"))).await });
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
        let refused = db.write(|c| insert(c, &new_note(9, "x"))).await;
        assert!(matches!(refused, Err(DatabaseError::Busy("limits.write_queue"))));
        hold.wait();
        assert!(set.join_all().await.into_iter().all(|r| r.is_ok()));
        assert_eq!(names(&db).await.len(), 6);
        db.close().await;
    }
}

#[tokio::test]
async fn many_jobs_share_a_commit_on_sqlite() {
    let test = TestDatabase::sqlite().unwrap();
    let db = open(&test);
    let DatabaseUrl::Sqlite(path) = test.url() else { panic!("not SQLite") };
    let log = path.with_extension("db-wal");
    let before = std::fs::metadata(&log).unwrap().len();
    let mut set = JoinSet::new();
    for n in 0..200 {
        let db = db.clone();
        set.spawn(async move { db.write(move |c| insert(c, &new_note(n, "x"))).await.unwrap() });
    }
    set.join_all().await;
    // One commit each would write at least three pages of 4 KiB each.
    let written = std::fs::metadata(&log).unwrap().len() - before;
    assert!(written < 200 * 3 * 4096 / 2, "{written}");
    db.close().await;
    assert!(!log.exists(), "a closed database has no log beside it");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_stays_small_under_readers_that_follow_each_other() {
    let test = TestDatabase::sqlite().unwrap();
    let db = open(&test);
    let DatabaseUrl::Sqlite(path) = test.url() else { panic!("not SQLite") };
    let log = path.with_extension("db-wal");
    let stop = Arc::new(AtomicU32::new(0));
    let mut readers = JoinSet::new();
    for _ in 0..4 {
        let (db, stop) = (db.clone(), Arc::clone(&stop));
        readers.spawn(async move {
            while stop.load(Ordering::Relaxed) == 0 {
                drop(names(&db).await);
            }
        });
    }
    for n in 0..300 {
        let row = NewNote { body: vec![7; 256 * 1024], ..new_note(n, "x") };
        db.write_bulk(move |c| insert(c, &row)).await.unwrap();
    }
    let size = std::fs::metadata(&log).unwrap().len();
    stop.store(1, Ordering::Relaxed);
    readers.join_all().await;
    assert!(size < 64 * 1024 * 1024, "{size}");
    db.close().await;
}

/// Eight jobs that touch the same two rows in both orders, so that they stop each other.
async fn cross(db: &Database) {
    for n in 0..2 {
        db.write(move |c| insert(c, &new_note(n, "x"))).await.unwrap();
    }
    let touch = |c: &mut Db, n: i64| {
        let row = note::table.filter(note::name.eq(new_note(n, "").name));
        diesel::update(row).set(note::size.eq(note::size + 1)).execute(c)
    };
    let mut set = JoinSet::new();
    for n in 0..8 {
        let db = db.clone();
        set.spawn(async move {
            db.write(move |c| {
                touch(c, n % 2)?;
                std::thread::sleep(Duration::from_millis(20));
                touch(c, (n + 1) % 2)?;
                Ok::<_, DatabaseError>(())
            })
            .await
        });
    }
    for result in set.join_all().await {
        result.unwrap();
    }
    let sum: Vec<i64> = db
        .read(|c| {
            note::table.select(note::size).order(note::id).load(c).map_err(DatabaseError::from)
        })
        .await
        .unwrap();
    assert_eq!(sum, [8, 9], "{:?}", db.dialect());
}

#[tokio::test(flavor = "multi_thread")]
async fn jobs_that_deadlock_on_postgres_are_repeated() {
    for test in TestDatabase::each().unwrap() {
        let db = open(&test);
        cross(&db).await;
        db.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deadlock_is_repeated_whatever_language_the_server_speaks() {
    for test in TestDatabase::each().unwrap() {
        if test.url().dialect() == Dialect::Sqlite {
            continue;
        }
        let db = open(&test);
        let japanese = "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET lc_messages = %L', \
                        current_database(), 'ja_JP.UTF-8'); END $$";
        let set = move |c: &mut Db| {
            diesel::sql_query(japanese).execute(c)?;
            Ok::<_, DatabaseError>(())
        };
        if let Err(error) = db.write(set).await {
            eprintln!("note: this server speaks no Japanese ({error}), the test is left out");
            continue;
        }
        db.close().await;
        let db = open(&test);
        let wrong = |c: &mut Db| {
            diesel::sql_query("SELECT nothing").execute(c)?;
            Ok::<_, DatabaseError>(())
        };
        let words = db.read(wrong).await.unwrap_err().to_string();
        assert!(!words.is_ascii(), "{words}");
        cross(&db).await;
        db.close().await;
    }
}

#[tokio::test]
async fn a_job_that_fails_for_no_known_reason_is_run_again_a_bounded_number_of_times() {
    for test in TestDatabase::each().unwrap() {
        if test.url().dialect() == Dialect::Sqlite {
            continue;
        }
        let db = open(&test);
        // 40P01 is a deadlock, 22012 a division by zero: Diesel has a name for neither.
        for (code, fails, tries) in [("40P01", 2, 3), ("22012", 100, 5)] {
            let ran = Arc::new(AtomicU32::new(0));
            let count = Arc::clone(&ran);
            let work = move |c: &mut Db| {
                if count.fetch_add(1, Ordering::SeqCst) < fails {
                    let raise = format!("DO $$ BEGIN RAISE 'x' USING ERRCODE = '{code}'; END $$");
                    diesel::sql_query(raise).execute(c)?;
                }
                Ok::<_, DatabaseError>(())
            };
            assert_eq!(db.write(work).await.is_ok(), fails == 2);
            assert_eq!(ran.load(Ordering::SeqCst), tries, "{code}");
        }
        // What has a name is not repeated.
        db.write(|c| insert(c, &new_note(1, "x"))).await.unwrap();
        let ran = Arc::new(AtomicU32::new(0));
        let count = Arc::clone(&ran);
        let work = move |c: &mut Db| {
            count.fetch_add(1, Ordering::SeqCst);
            insert(c, &new_note(1, "x"))
        };
        assert!(db.write(work).await.unwrap_err().is_unique_violation());
        assert_eq!(ran.load(Ordering::SeqCst), 1);
        db.close().await;
    }
}

#[tokio::test]
async fn a_lost_postgres_connection_is_replaced() {
    for test in TestDatabase::each().unwrap() {
        if test.url().dialect() == Dialect::Sqlite {
            continue;
        }
        let db = open_with(&test, Options { readers: 1, writers: 1, ..Options::default() });
        let kill = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                    WHERE datname = current_database() AND pid <> pg_backend_pid()";
        // The reader ends the writer's session.
        db.read(move |c| diesel::sql_query(kill).execute(c).map_err(DatabaseError::from))
            .await
            .unwrap();
        db.write(|c| insert(c, &new_note(1, "x"))).await.unwrap();
        db.write(move |c| diesel::sql_query(kill).execute(c).map_err(DatabaseError::from))
            .await
            .unwrap();
        tokio::time::sleep(Duration::from_millis(1100)).await;
        assert_eq!(names(&db).await.len(), 1);
        db.close().await;
    }
}

#[test]
fn migrations_run_once_and_again_and_concurrently() {
    for test in TestDatabase::each().unwrap() {
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| drop(open(&test)));
            }
        });
    }
}

#[test]
fn a_mistyped_url_makes_no_file_and_shows_no_password() {
    let base = std::path::Path::new("/base");
    for bad in ["postgres", "mysql://x/y", "/etc/x.db", "sqlite:", "sqlite::memory:", "data.db"] {
        assert!(DatabaseUrl::parse(bad, base).is_err(), "{bad}");
    }
    let relative = DatabaseUrl::parse("sqlite:var/r.db", base).unwrap();
    assert_eq!(relative, DatabaseUrl::Sqlite("/base/var/r.db".into()));
    let absolute = DatabaseUrl::parse("sqlite:///var/r.db", base).unwrap();
    assert_eq!(absolute, DatabaseUrl::Sqlite("/var/r.db".into()));
    let secret = DatabaseUrl::parse("postgres://u:secret@h/db?x=secret", base).unwrap();
    assert_eq!(format!("{secret} {secret:?}"), "postgres://h/db postgres://h/db");
    let nowhere = DatabaseUrl::Postgres("postgres://u:secret@127.0.0.1:1/db".to_owned());
    let error = Database::open(&nowhere, common::migrations(), Options::default()).err().unwrap();
    assert!(!error.to_string().contains("secret"), "{error}");
}

#[test]
fn migrations_of_one_version_are_refused_before_one_of_them_runs() {
    for test in TestDatabase::each().unwrap() {
        let mut twice = common::migrations();
        twice.tables.extend(common::migrations().tables);
        let refused = Database::open(test.url(), twice, Options::default()).err().unwrap();
        assert!(refused.to_string().contains("have one version"), "{refused}");
        Database::open(test.url(), common::migrations(), Options::default()).unwrap();
    }
}

#[tokio::test]
async fn a_database_holds_the_tables_of_one_actor() {
    for test in TestDatabase::each().unwrap() {
        // Several processes of one actor share it.
        let (first, second) = (open(&test), open(&test));
        let other = Migrations { actor: "pictures", ..common::migrations() };
        let refused = Database::open(test.url(), other, Options::default()).err().unwrap();
        let told = refused.to_string();
        for part in ["pictures.database", "notes.database", "別のデータベース", "of its own"]
        {
            assert!(told.contains(part), "{part} in {told}");
        }
        first.write(|c| insert(c, &new_note(1, "x"))).await.unwrap();
        second.write(|c| insert(c, &new_note(2, "x"))).await.unwrap();
        first.close().await;
        second.close().await;
        open(&test).close().await;
    }
}

/// As docs tell those who have one database only.
#[tokio::test]
async fn two_actors_have_a_schema_each_in_one_database() {
    for test in TestDatabase::each().unwrap() {
        let DatabaseUrl::Postgres(text) = test.url() else { continue };
        let url = |schema: &str| {
            DatabaseUrl::Postgres(format!("{text}?options=-csearch_path%3D{schema}"))
        };
        let whole = open(&test);
        for actor in ["one", "two"] {
            let make = diesel::sql_query(format!("CREATE SCHEMA {actor}"));
            whole
                .write(move |c| make.clone().execute(c).map_err(DatabaseError::from))
                .await
                .unwrap();
        }
        for actor in ["one", "two"] {
            let migrations = Migrations { actor, ..common::migrations() };
            let db = Database::open(&url(actor), migrations, Options::default()).unwrap();
            db.write(|c| insert(c, &new_note(1, "x"))).await.unwrap();
            db.close().await;
        }
        whole.close().await;
    }
}

#[tokio::test]
async fn a_new_database_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("databases").join("notes.sqlite");
    let url = DatabaseUrl::Sqlite(path.clone());
    let db = Database::open(&url, common::migrations(), Options::default()).unwrap();
    db.write(|c| insert(c, &new_note(1, "x"))).await.unwrap();
    let mode =
        |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(path.parent().unwrap()), 0o700);
    assert_eq!(mode(&path), 0o600);
    assert_eq!(mode(&path.with_extension("sqlite-wal")), 0o600);
    db.close().await;
}

#[tokio::test]
async fn a_bulk_job_keeps_its_place_when_nobody_waits_for_it() {
    for test in TestDatabase::each().unwrap() {
        if test.url().dialect() != Dialect::Sqlite {
            continue;
        }
        let db = open_with(&test, Options { bulk_queue: 1, ..Options::default() });
        let (hold, held) = std::sync::mpsc::channel::<()>();
        let held = Arc::new(std::sync::Mutex::new(held));
        let ran = Arc::new(AtomicU32::new(0));
        let bulk = |ran: &Arc<AtomicU32>| {
            let (db, ran, held) = (db.clone(), Arc::clone(ran), Arc::clone(&held));
            async move {
                db.write_bulk(move |_| {
                    ran.fetch_add(1, Ordering::SeqCst);
                    held.lock().unwrap().recv().unwrap_err();
                    Ok::<_, DatabaseError>(())
                })
                .await
            }
        };
        // The writer is at the first; those who gave up have not put further ones into the queue.
        for _ in 0..3 {
            let waited = tokio::time::timeout(Duration::from_millis(50), bulk(&ran)).await;
            assert!(waited.is_err());
        }
        drop(hold);
        db.write(|_| Ok::<_, DatabaseError>(())).await.unwrap();
        db.close().await;
        assert_eq!(ran.load(Ordering::SeqCst), 1);
    }
}
