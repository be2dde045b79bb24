//! What a record costs. The figures mean something in an optimised build only.

use super::records;
use crate::draft::Draft;
use crate::{Journal, Owner};
use renkei_sealing::KeyRing;
use std::time::{Duration, Instant};

/// Runs `work` for a while; microseconds each.
fn micros(mut work: impl FnMut()) -> f64 {
    let start = Instant::now();
    let mut times = 0;
    while start.elapsed() < Duration::from_millis(200) {
        work();
        times += 1;
    }
    start.elapsed().as_secs_f64() * 1e6 / f64::from(times)
}

#[tokio::test]
async fn a_record_is_small_and_made_once() {
    let dir = tempfile::tempdir().unwrap();
    let ring = KeyRing::open_or_create(&dir.path().join("keys")).unwrap();
    let record = records(1).remove(0);
    let json = serde_json::to_vec(&record).unwrap();
    let draft = Draft::of(&record).unwrap();
    eprintln!("JSON {} octets, packed {}", json.len(), draft.packed.len());
    eprintln!("JSON      {:7.2} us", micros(|| drop(serde_json::to_vec(&record).unwrap())));
    eprintln!("draft     {:7.2} us", micros(|| drop(Draft::of(&record).unwrap())));
    let journal = Journal::open(dir.path(), Owner::House, &ring).unwrap();
    eprintln!("seal      {:7.2} us", micros(|| drop(journal.seal(&draft).unwrap())));
    let group: Vec<_> = records(64);
    let start = Instant::now();
    for _ in 0..10 {
        journal.append(&group).await.unwrap();
    }
    eprintln!("in groups {:7.2} us", start.elapsed().as_secs_f64() * 1e6 / 640.0);
    assert!(draft.packed.len() * 4 < json.len(), "{} of {}", draft.packed.len(), json.len());
}
