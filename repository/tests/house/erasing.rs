//! A document that is removed is in no file any more: neither its octets, sealed, nor its key.

use crate::support::{Answer, House, change, ctx, files_below, own_rows};
use renkei_database::{Database, DatabaseUrl};
use renkei_xds::response::Status;

const CHUNK: usize = 256 * 1024;

/// Whether the bytes are in a file of the house, or in a row where the database is not a file.
async fn holds(house: &House, database: &Database, bytes: &[u8]) -> bool {
    let mut files = files_below(house.dir.path());
    match house.test.url() {
        DatabaseUrl::Sqlite(path) => files.extend(files_below(path.parent().unwrap())),
        DatabaseUrl::Postgres(_) => {
            let hex = hex::encode(bytes);
            for sql in [
                format!("SELECT mime_type AS line FROM content WHERE key_bytes = '\\x{hex}'"),
                format!("SELECT 'chunk' AS line FROM chunk WHERE bytes = '\\x{hex}'"),
            ] {
                if !crate::support::lines(database, sql).await.is_empty() {
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
        assert_eq!(own_rows(&response), ["registry-not-available"]);
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

        let other = house.reopened(crate::support::NO_WAIT);
        assert_eq!(other.sweep(&ctx()).await.removed, 1);
        for secret in &secrets {
            assert!(!holds(&house, &database, secret).await, "in a running house");
        }
        assert_eq!(crate::support::fetch(&house.repository, "2.999.3").await.unwrap(), b"stays");
        if matches!(house.test.url(), DatabaseUrl::Sqlite(_)) {
            other.close().await;
            house.repository.close().await;
            for secret in &secrets {
                assert!(!holds(&house, &database, secret).await, "in a closed house");
            }
        }
    }
}

/// As a crash between the steps leaves it: the key is gone, the octets are there.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_crash_left_half_removed_is_erased_by_the_next_sweep() {
    for house in House::each() {
        house.submit(&[("2.999.1", b"gone"), ("2.999.2", b"stays")]).await;
        let sealed = house.sealed_chunk("2.999.1", 0).await;
        change(
            house.repository.database(),
            "DELETE FROM entry WHERE content_id = (SELECT id FROM content WHERE unique_id = '2.999.1'); \
             UPDATE content SET state = 3, unique_id = NULL WHERE unique_id = '2.999.1'",
        )
        .await;
        let database = house.repository.database().clone();
        assert!(holds(&house, &database, &sealed).await);
        house.repository.sweep(&ctx()).await;
        assert!(!holds(&house, &database, &sealed).await);
        assert_eq!(house.states().await, [2]);
        assert_eq!(crate::support::fetch(&house.repository, "2.999.2").await.unwrap(), b"stays");
    }
}

/// What is wrong with one document does not keep the others here.
#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_says_nothing_does_not_stop_erasing() {
    for house in House::each() {
        house.submit(&[("2.999.1", b"first"), ("2.999.2", b"second")]).await;
        change(
            house.repository.database(),
            "DELETE FROM entry; UPDATE content SET home = 7 WHERE unique_id = '2.999.1'; \
             UPDATE content SET state = 3, unique_id = NULL",
        )
        .await;
        house.repository.sweep(&ctx()).await;
        assert_eq!(house.states().await, [3], "the operator has to look at it");
    }
}
