//! What rows are called: keys in the order of time, as short as they are.

use crate::support::{House, ctx, lines, rename_set, request, send};
use bytes::Bytes;
use renkei_database::{Database, Dialect};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

/// Every column of keys and digests, and its octets.
const COLUMNS: [(&str, &str, usize); 13] = [
    ("lease", "id", 16),
    ("submission", "id", 16),
    ("submission", "lease", 16),
    ("content", "id", 16),
    ("content", "sha1", 20),
    ("content", "sha256", 32),
    ("content", "segment", 16),
    ("entry", "content_id", 16),
    ("entry", "submission_id", 16),
    ("arriving", "content_id", 16),
    ("arriving", "lease", 16),
    ("chunk", "content_id", 16),
    ("audit_outbox", "id", 16),
];

/// The different types and lengths of the values in a column.
async fn shapes(database: &Database, table: &str, column: &str) -> Vec<String> {
    let kind = match database.dialect() {
        Dialect::Sqlite => "typeof",
        Dialect::Postgres => "pg_typeof",
    };
    let sql = format!(
        "SELECT DISTINCT CAST({kind}({column}) AS TEXT) || ' ' || CAST(length({column}) AS TEXT) AS line \
         FROM {table} WHERE {column} IS NOT NULL"
    );
    lines(database, sql).await
}

/// The columns in which something was seen.
type Seen = Mutex<BTreeSet<(&'static str, &'static str, &'static str)>>;

/// Looks at all columns that hold something now.
async fn look(database: &Database, seen: &Seen) {
    let octets = match database.dialect() {
        Dialect::Sqlite => "blob",
        Dialect::Postgres => "bytea",
    };
    for (table, column, length) in COLUMNS {
        let found = shapes(database, table, column).await;
        if !found.is_empty() {
            assert_eq!(found, [format!("{octets} {length}")], "{table}.{column}");
            seen.lock().unwrap().insert((octets, table, column));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_and_digests_are_their_octets_on_both_databases() {
    let seen = Arc::new(Seen::default());
    for house in House::each() {
        let (database, during) = (house.repository.database().clone(), Arc::clone(&seen));
        *house.registry.probe.lock().unwrap() = Some(Arc::new(move || {
            let (database, during) = (database.clone(), Arc::clone(&during));
            Box::pin(async move { look(&database, &during).await })
        }));
        house.submit(&[("2.999.1", b"one")]).await;
        // On its way in, longer than what is held.
        let ctx = ctx();
        let mut upload = house.repository.begin(&ctx);
        let mut sink = upload.part(&ctx, "0@test");
        sink.write(Bytes::from(vec![5; 2 << 20])).await;
        look(house.repository.database(), &seen).await;
    }
    let seen = seen.lock().unwrap();
    let dialects = seen.iter().map(|(octets, ..)| *octets).collect::<BTreeSet<_>>().len();
    assert_eq!(seen.len(), COLUMNS.len() * dialects, "{seen:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_lie_in_the_order_in_which_they_came() {
    for house in House::each() {
        let names: Vec<String> = (1..=12).map(|n| format!("2.999.{n}")).collect();
        for (n, pair) in names.chunks(2).enumerate() {
            let ids: Vec<&str> = pair.iter().map(String::as_str).collect();
            let mut both = request(&ids);
            rename_set(&mut both, &format!("2.999.4.{n}"));
            send(&house.repository, both, &[b"one", b"other"]).await;
        }
        let database = house.repository.database();
        let sql = "SELECT unique_id AS line FROM content ORDER BY id";
        assert_eq!(lines(database, sql).await, names);
        let hex = match database.dialect() {
            Dialect::Sqlite => "lower(hex(id))",
            Dialect::Postgres => "encode(id, 'hex')",
        };
        let sql = format!("SELECT {hex} AS line FROM content UNION ALL SELECT {hex} FROM lease");
        let versions = lines(database, sql).await.into_iter().map(|id| id.as_bytes()[12]);
        assert!(versions.into_iter().all(|version| version == b'7'));
    }
}
