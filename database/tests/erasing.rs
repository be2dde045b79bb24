//! What is erased from a SQLite database is gone from its files.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test program stops at the first surprise")]

mod common;

use common::{NewNote, new_note, note, open};
use diesel::prelude::*;
use renkei_database::testing::TestDatabase;
use renkei_database::{Database, DatabaseError, DatabaseUrl, Db};
use std::path::Path;
use std::sync::mpsc;
use std::time::{Duration, Instant};

async fn put(db: &Database, n: i64, body: &[u8]) {
    let row = NewNote { body: body.to_vec(), ..new_note(n, "x") };
    let work = move |c: &mut Db| {
        diesel::insert_into(note::table).values(&row).execute(c)?;
        Ok::<_, DatabaseError>(())
    };
    db.write(work).await.unwrap();
}

fn remove_first(db: &mut Db) -> Result<(), DatabaseError> {
    diesel::delete(note::table.filter(note::size.eq(1))).execute(db)?;
    Ok(())
}

/// Whether `needle` is in the file of the database or in its log.
fn lies_in(path: &Path, needle: &[u8]) -> bool {
    [path, &path.with_extension("db-wal")].iter().any(|file| {
        std::fs::read(file).unwrap().windows(needle.len()).any(|octets| octets == needle)
    })
}

#[tokio::test]
async fn what_is_erased_lies_neither_in_the_file_nor_in_the_log() {
    let test = TestDatabase::sqlite().unwrap();
    let DatabaseUrl::Sqlite(path) = test.url().clone() else { panic!("not a file") };
    let db = open(&test);
    let secret = b"nobody may find these octets again";
    put(&db, 1, &secret.repeat(2_000)).await;
    put(&db, 2, b"this stays").await;
    db.checkpoint().await.unwrap();
    assert!(lies_in(&path, secret));
    db.write_erasing(remove_first).await.unwrap();
    assert!(!lies_in(&path, secret));
    assert!(lies_in(&path, b"this stays"));
    db.close().await;
}

#[tokio::test]
async fn what_an_earlier_process_left_in_the_log_goes_when_the_next_one_starts() {
    let test = TestDatabase::sqlite().unwrap();
    let DatabaseUrl::Sqlite(path) = test.url().clone() else { panic!("not a file") };
    let first = open(&test);
    let secret = b"these octets were deleted before the process died";
    put(&first, 1, secret).await;
    first.write(remove_first).await.unwrap();
    assert!(lies_in(&path, secret), "they are in the log still");
    let second = open(&test);
    assert!(!lies_in(&path, secret));
    second.close().await;
    first.close().await;
}

#[tokio::test]
async fn an_erasure_does_not_wait_long_for_a_reader_and_is_made_up_for() {
    let test = TestDatabase::sqlite().unwrap();
    let DatabaseUrl::Sqlite(path) = test.url().clone() else { panic!("not a file") };
    let db = open(&test);
    let secret = b"octets that a reader holds";
    put(&db, 1, secret).await;
    let (release, held) = mpsc::channel::<()>();
    let (start, started) = mpsc::channel::<()>();
    let reader = db.clone();
    let reading = tokio::spawn(async move {
        let work = move |c: &mut Db| {
            c.transaction(|c| {
                let count: i64 = note::table.count().get_result(c)?;
                start.send(()).unwrap();
                held.recv().unwrap();
                Ok::<_, DatabaseError>(count)
            })
        };
        reader.read(work).await
    });
    tokio::task::spawn_blocking(move || started.recv().unwrap()).await.unwrap();
    let before = Instant::now();
    db.write_erasing(remove_first).await.unwrap();
    // A reader that stays does not slow every later write down by as much.
    for n in 10..40 {
        put(&db, n, b"something else").await;
    }
    assert!(before.elapsed() < Duration::from_secs(8), "a reader held the writer up");
    assert!(lies_in(&path, secret), "the reader still needs it");
    release.send(()).unwrap();
    assert_eq!(reading.await.unwrap().unwrap(), 1);
    put(&db, 2, b"another").await;
    assert!(!lies_in(&path, secret));
    db.close().await;
}
