//! A document that is removed is in no file any more: neither its octets, sealed, nor its key.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test program")]

mod support;

use renkei_database::{Database, DatabaseUrl};
use renkei_xds::response::Status;
use support::{Answer, House, codes, ctx, files_below};

const CHUNK: usize = 256 * 1024;

/// Whether the bytes are in a file of the house, or in a row where the database is not a file.
async fn holds(house: &House, database: &Database, bytes: &[u8]) -> bool {
    let mut files = files_below(house.dir.path());
    match house.test.url() {
        DatabaseUrl::Sqlite(path) => files.extend(files_below(path.parent().unwrap())),
        DatabaseUrl::Postgres(_) => {
            let hex = hex::encode(bytes);
            for sql in [
                format!("SELECT id AS line FROM content WHERE key_bytes = '\\x{hex}'"),
                format!("SELECT content_id AS line FROM chunk WHERE bytes = '\\x{hex}'"),
            ] {
                if !support::lines(database, sql).await.is_empty() {
                    return true;
                }
            }
        }
    }
    let some = &bytes[..bytes.len().min(48)];
    files.iter().any(|file| memchr::memmem::find(&std::fs::read(file).unwrap(), some).is_some())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_document_leaves_nothing_in_any_file() {
    for house in House::each() {
        let long = vec![7; 5 * CHUNK];
        house.answer(Answer::Silence);
        let response = house.submit(&[("2.999.1", b"short"), ("2.999.2", &long)]).await;
        assert_eq!(codes(&response), ["XDSRegistryNotAvailable"]);
        let mut secrets = Vec::new();
        for unique_id in ["2.999.1", "2.999.2"] {
            secrets.push(house.kept(unique_id).await.key_bytes);
            secrets.push(house.sealed_chunk(unique_id, 0).await);
        }
        secrets.push(house.sealed_chunk("2.999.2", 4).await);
        let database = house.repository.database().clone();
        for secret in &secrets {
            assert!(holds(&house, &database, secret).await, "the test looks in the right places");
        }
        // Another document, whose neighbours the first two are.
        house.answer(Answer::Success);
        assert_eq!(house.submit(&[("2.999.3", b"stays")]).await.status, Status::Success);

        let other = house.reopened(support::NO_WAIT);
        assert_eq!(other.sweep(&ctx()).await.removed, 1);
        for secret in &secrets {
            assert!(!holds(&house, &database, secret).await, "in a running house");
        }
        assert_eq!(support::fetch(&house.repository, "2.999.3").await.unwrap(), b"stays");
        if matches!(house.test.url(), DatabaseUrl::Sqlite(_)) {
            other.close().await;
            house.repository.close().await;
            for secret in &secrets {
                assert!(!holds(&house, &database, secret).await, "in a closed house");
            }
        }
    }
}
