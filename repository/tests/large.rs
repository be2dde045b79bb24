//! A document of any length goes in, out and away in flat memory. Alone in its process, whose memory
//! it measures.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test program")]

#[path = "house/support/mod.rs"]
mod support;

use bytes::Bytes;
use futures_util::StreamExt;
use renkei_database::testing::TestDatabase;
use renkei_repository::Home;
use renkei_xds::response::Status;
use support::{Answer, House, NO_WAIT, ctx, request, retrieve};

const PIECE: usize = 64 << 10;

/// What the process may grow by: chunks under way, and the caches of SQLite, which are bounded.
const GROWTH: usize = 48 << 20;

/// Without optimisation hashing takes a minute a gigabyte.
const LENGTH: usize = if cfg!(debug_assertions) { 128 << 20 } else { 1 << 30 };

#[tokio::test(flavor = "multi_thread")]
async fn a_long_document_is_kept_read_and_erased_in_flat_memory() {
    for (home, length) in [(Home::Segments, LENGTH), (Home::Rows, LENGTH / 8)] {
        let house = House::on(TestDatabase::sqlite().unwrap(), home);
        house.submit(&[("2.999.9", &vec![1; 2 << 20])]).await;
        let before = resident();
        let flat = |step: &str| {
            let grown = resident().saturating_sub(before);
            assert!(grown < GROWTH, "{step} of {length} took {grown} more ({home:?})");
        };
        let ctx = ctx();
        let mut upload = house.repository.begin(&ctx);
        let mut sink = upload.part(&ctx, "0@test");
        let piece = Bytes::from(vec![7; PIECE]);
        for _ in 0..length / PIECE {
            sink.write(piece.clone()).await;
        }
        sink.finish().await;
        house.answer(Answer::Silence);
        house.repository.provide_and_register(&ctx, upload, request(&["2.999.1"])).await;
        flat("putting");

        let document = retrieve(&house.repository, &["2.999.1"]).await.documents.remove(0);
        assert_eq!(document.size, length as u64);
        let mut stream = document.stream;
        let mut seen = 0;
        while let Some(bytes) = stream.next().await {
            let bytes = bytes.unwrap();
            assert!(bytes.iter().all(|b| *b == 7));
            seen += bytes.len();
        }
        assert_eq!(seen, length);
        drop(stream);
        flat("reading");

        let other = house.reopened(NO_WAIT);
        assert_eq!(other.sweep(&ctx).await.removed, 1);
        flat("erasing");
        other.close().await;
        // The file is overwritten; it goes when the process that wrote it lets it go.
        house.repository.sweep(&ctx).await;
        assert_eq!(house.segments().len(), usize::from(home == Home::Segments));
        house.answer(Answer::Success);
        assert_eq!(house.submit(&[("2.999.1", b"again")]).await.status, Status::Success);
    }
}

/// Bytes of memory that this process has.
fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|l| l.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<usize>().unwrap() * 1024
}
