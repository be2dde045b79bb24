//! Statements of a submission are prepared once, whatever it holds.

use crate::support::{House, ctx, rename_set, request, send};
use diesel::Connection;
use diesel::connection::InstrumentationEvent;
use renkei_database::{DatabaseError, Db, Dialect};
use renkei_repository::Home;
use renkei_xds::response::Status;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};

/// What the writer's connection did: each statement that it prepared, and each that it ran.
#[derive(Default)]
struct Seen {
    prepared: Vec<String>,
    run: Vec<String>,
}

/// Watches the writer of SQLite, of which there is one.
async fn watch(house: &House) -> Arc<Mutex<Seen>> {
    let seen = Arc::new(Mutex::new(Seen::default()));
    let shared = Arc::clone(&seen);
    let done = house.repository.database().write(move |db: &mut Db| {
        let Db::Sqlite(c) = db else { return Err(DatabaseError::Closed) };
        let shared = Arc::clone(&shared);
        c.set_instrumentation(move |event: InstrumentationEvent<'_>| match event {
            InstrumentationEvent::CacheQuery { sql, .. } => {
                shared.lock().unwrap().prepared.push(sql.to_owned());
            }
            InstrumentationEvent::StartQuery { query, .. } => {
                let text = query.to_string();
                let sql = text.split(" -- binds").next().unwrap_or_default();
                shared.lock().unwrap().run.push(sql.to_owned());
            }
            _ => {}
        });
        Ok(())
    });
    done.await.unwrap();
    seen
}

async fn submit(house: &House, n: u8, documents: &[&str]) {
    let mut one = request(documents);
    rename_set(&mut one, &format!("2.999.4.{n}"));
    let octets: Vec<&[u8]> = documents.iter().map(|name| name.as_bytes()).collect();
    let response = send(&house.repository, one, &octets).await;
    assert_eq!(response.status, Status::Success, "{response:?}");
    house.repository.drain().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_submission_prepares_what_another_has_prepared() {
    for house in House::each() {
        // A document that is put into rows renews the lease with them, by an upsert.
        if house.repository.database().dialect() != Dialect::Sqlite || house.home == Home::Rows {
            continue;
        }
        house.registry.in_process.store(true, Ordering::Relaxed);
        house.repository.sweep(&ctx()).await;
        let seen = watch(&house).await;
        submit(&house, 1, &["2.999.1", "2.999.2"]).await;
        submit(&house, 2, &["2.999.1", "2.999.3"]).await;
        let first = std::mem::take(&mut *seen.lock().unwrap());
        // One that is here, and more that are not.
        submit(&house, 3, &["2.999.2", "2.999.4", "2.999.5"]).await;
        let second = std::mem::take(&mut *seen.lock().unwrap());
        assert_eq!(second.prepared, Vec::<String>::new());
        let words = ["BEGIN", "COMMIT", "SAVEPOINT", "RELEASE"];
        let unprepared: Vec<&String> = second
            .run
            .iter()
            .filter(|sql| !words.iter().any(|word| sql.starts_with(word)))
            .filter(|sql| !first.prepared.contains(sql))
            .collect();
        assert_eq!(unprepared, Vec::<&String>::new());
        assert!(second.run.len() > 20, "{:?}", second.run);
    }
}
