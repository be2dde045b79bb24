//! The journal on its own: what was acknowledged comes back, and what is damaged is told.

use super::queue::{Append, Appended};
use super::*;
use crate::tests::{record, records};
use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

struct Fixture {
    dir: tempfile::TempDir,
    ring: KeyRing,
}

const SHAPE: Shape = Shape { segment_bytes: 16 << 20, key_block: 8 };

impl Fixture {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let ring = KeyRing::open_or_create(&dir.path().join("keys")).unwrap();
        Self { dir, ring }
    }

    fn at(&self, name: &str) -> Dir {
        Dir::new(self.dir.path().join(name))
    }

    fn open(&self, name: &str, shape: Shape) -> Journal {
        Journal::at(&self.at(name), shape, &self.ring).unwrap().unwrap()
    }

    /// A journal called `name` with these records, each flushed alone, closed in order or not.
    async fn written(&self, name: &str, records: &[AuditRecord]) -> Dir {
        let journal = self.open(name, SHAPE);
        for record in records {
            journal.append(std::slice::from_ref(record)).await.unwrap();
        }
        journal.close().await;
        self.at(name)
    }

    fn copy(&self, from: &Dir, name: &str) -> Dir {
        let to = self.dir.path().join(name);
        fs::remove_dir_all(&to).ok();
        fs::create_dir(&to).unwrap();
        for file in fs::read_dir(from.path()).unwrap() {
            let file = file.unwrap().path();
            fs::copy(&file, to.join(file.file_name().unwrap())).unwrap();
        }
        Dir::new(to)
    }
}

/// Everything that can be read from a journal, and everything that is told of it.
#[derive(Debug, Default)]
struct Read {
    numbers: Vec<u64>,
    records: Vec<AuditRecord>,
    told: Vec<String>,
}

fn read(dir: &Dir, ring: &KeyRing) -> Read {
    let mut read = Read::default();
    let mut position = None;
    let Some(mut reader) = JournalReader::new(dir, ring).unwrap() else {
        read.told.push("no journal".to_owned());
        return read;
    };
    while let Some(batch) = read_on(dir, position, None).unwrap() {
        for found in &batch.found {
            let Found::Entry { segment, offset, number, octets, .. } = found else {
                read.told.push(format!("{found:?}"));
                continue;
            };
            assert_eq!(&reader.octets(*segment, *offset).unwrap(), octets);
            read.numbers.push(*number);
            match reader.open(octets) {
                Ok(record) => read.records.push(record),
                Err(error) => read.told.push(error.to_string()),
            }
        }
        read.told.extend(batch.torn.map(|torn| format!("torn: {torn:?}")));
        position = Some(batch.position);
        if !batch.more {
            break;
        }
    }
    read
}

#[tokio::test]
async fn records_come_back_in_order_over_several_lives() {
    let f = Fixture::new();
    let all = records(30);
    for part in all.chunks(7) {
        f.written("j", part).await;
    }
    let read = read(&f.at("j"), &f.ring);
    assert_eq!(read.records, all);
    assert_eq!(read.numbers, (1..=30).collect::<Vec<_>>());
    assert!(read.told.is_empty(), "{read:?}");
    assert_eq!(f.at("j").segments().unwrap(), [1], "one day, one segment");
}

#[tokio::test]
async fn records_that_come_together_are_all_there_once() {
    let f = Fixture::new();
    let journal = f.open("j", SHAPE);
    let all = records(200);
    let tasks: Vec<_> = all
        .iter()
        .map(|record| {
            let (journal, record) = (journal.clone(), record.clone());
            tokio::spawn(async move { journal.record(record).await })
        })
        .collect();
    for task in tasks {
        task.await.unwrap().unwrap();
    }
    let read = read(&f.at("j"), &f.ring);
    assert_eq!(read.numbers, (1..=200).collect::<Vec<_>>());
    let ids: BTreeSet<_> = read.records.iter().map(|r| r.id).collect();
    assert_eq!(ids, all.iter().map(|r| r.id).collect());
    journal.close().await;
    assert!(matches!(journal.append(&all[..1]).await, Err(AuditError::Ending)));
}

#[tokio::test]
async fn a_tail_torn_at_any_length_costs_nothing_acknowledged() {
    let f = Fixture::new();
    let all = records(3);
    let whole = f.written("whole", &all).await;
    let bytes = fs::read(whole.segment(1)).unwrap();
    let mut ends = Vec::new();
    for piece in frame::Pieces::new(&bytes) {
        let frame::Piece::Frame { payload, to, .. } = piece else { panic!("{piece:?}") };
        if matches!(entry::Payload::read(payload), entry::Payload::Entry(_)) {
            ends.push(to);
        }
    }
    let header = frame::parse(&bytes, 0).unwrap().1;
    for length in header..bytes.len() {
        let torn = f.copy(&whole, "torn");
        fs::write(torn.segment(1), &bytes[..length]).unwrap();
        let kept = ends.iter().filter(|end| **end <= length).count();
        f.written("torn", &[record(9, "after")]).await;
        let read = read(&torn, &f.ring);
        let expected: Vec<_> = all[..kept].iter().cloned().chain([record_of(&read)]).collect();
        assert_eq!(read.records, expected, "{length}");
        assert_eq!(read.numbers, (1..=kept as u64 + 1).collect::<Vec<_>>(), "{length}");
        assert!(read.told.is_empty(), "{length}: {read:?}");
        let cut: Vec<PathBuf> = fs::read_dir(torn.path())
            .unwrap()
            .map(|e| e.unwrap().path())
            .filter(|p| p.to_string_lossy().contains(".cut-"))
            .collect();
        let clean = length == header || ends.contains(&length);
        assert_eq!(cut.is_empty(), clean, "{length}: what is cut off is kept: {cut:?}");
    }
}

fn record_of(read: &Read) -> AuditRecord {
    read.records.last().unwrap().clone()
}

#[tokio::test]
async fn a_changed_bit_is_told_or_changes_nothing() {
    let f = Fixture::new();
    let all = records(3);
    let whole = f.written("whole", &all).await;
    for file in [whole.segment(1), whole.keys(1)] {
        let bytes = fs::read(&file).unwrap();
        for place in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[place] ^= 1 << (place % 8);
            let damaged = f.copy(&whole, "damaged");
            fs::write(damaged.path().join(file.file_name().unwrap()), changed).unwrap();
            let read = read(&damaged, &f.ring);
            let unharmed = read.records.iter().filter(|r| all.contains(r)).count();
            assert_eq!(unharmed, read.records.len(), "{place}: a record that nobody wrote");
            assert!(unharmed + 1 >= all.len(), "{place} hides others: {read:?}");
            assert!(unharmed == all.len() || !read.told.is_empty(), "{place} is not told");
        }
    }
}

#[tokio::test]
async fn damage_in_the_middle_stays_and_the_journal_goes_on() {
    let f = Fixture::new();
    let all = records(3);
    let dir = f.written("j", &all).await;
    let mut bytes = fs::read(dir.segment(1)).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0xff;
    fs::write(dir.segment(1), bytes).unwrap();
    f.written("j", &records(1)).await;
    let read = read(&dir, &f.ring);
    assert_eq!(read.numbers, [1, 3, 4]);
    assert_eq!(read.told.len(), 2, "octets and a number: {read:?}");
}

#[tokio::test]
async fn a_segment_whose_head_or_keys_are_lost_is_followed_by_another() {
    for keys in [false, true] {
        let f = Fixture::new();
        let dir = f.written("j", &records(3)).await;
        if keys {
            fs::remove_file(dir.keys(1)).unwrap();
        } else {
            let mut bytes = fs::read(dir.segment(1)).unwrap();
            bytes[10] ^= 1;
            fs::write(dir.segment(1), bytes).unwrap();
        }
        f.written("j", &records(1)).await;
        assert_eq!(dir.segments().unwrap(), [1, 4]);
        let read = read(&dir, &f.ring);
        assert_eq!(read.numbers, [1, 2, 3, 4]);
        assert_eq!(read.records.len(), if keys { 1 } else { 4 });
        assert!(!read.told.is_empty());
    }
}

const SMALL: Shape = Shape { segment_bytes: 1, key_block: 2 };

#[tokio::test]
async fn segments_follow_each_other_and_a_lost_one_is_told() {
    let f = Fixture::new();
    let all = records(5);
    let journal = f.open("j", SMALL);
    for record in &all {
        journal.append(std::slice::from_ref(record)).await.unwrap();
    }
    journal.close().await;
    let dir = f.at("j");
    assert_eq!(dir.segments().unwrap(), [1, 2, 3, 4, 5]);
    let whole = read(&dir, &f.ring);
    assert_eq!(whole.records, all);
    assert!(whole.told.is_empty(), "{whole:?}");
    fs::remove_file(dir.segment(3)).unwrap();
    let read = read(&dir, &f.ring);
    assert_eq!(read.numbers, [1, 2, 4, 5]);
    assert_eq!(read.told, ["Missing { segment: 2, numbers: 3..=3 }"]);
}

#[tokio::test]
async fn expiry_drops_whole_segments_and_their_keys() {
    let f = Fixture::new();
    let all = records(5);
    let journal = f.open("j", SMALL);
    for record in &all[..4] {
        journal.append(std::slice::from_ref(record)).await.unwrap();
    }
    assert_eq!(journal.expire(Utc::now() - chrono::Duration::days(1)).await.unwrap(), 0);
    assert_eq!(read(&f.at("j"), &f.ring).records, all[..4]);
    // Everything is older than what is to come.
    assert_eq!(journal.expire(Utc::now() + chrono::Duration::minutes(1)).await.unwrap(), 4);
    let dir = f.at("j");
    assert_eq!(dir.segments().unwrap(), [5]);
    assert_eq!(
        dir.key_files().unwrap(),
        [4, 5],
        "the first entries may have keys of the one before"
    );
    journal.append(&all[4..]).await.unwrap();
    journal.close().await;
    let read = read(&dir, &f.ring);
    assert_eq!((read.numbers, read.records), (vec![5], all[4..].to_vec()));
    assert!(read.told.is_empty(), "what expired is not missing: {:?}", read.told);
}

#[tokio::test]
async fn a_key_of_long_ago_is_not_written_but_drawn_anew() {
    let f = Fixture::new();
    let journal = f.open("j", SMALL);
    let late = journal.seal(&Draft::of(&record(0, "late")).unwrap()).unwrap();
    let mut all = records(3);
    for record in &all {
        journal.append(std::slice::from_ref(record)).await.unwrap();
    }
    let (answer, waiting) = oneshot::channel();
    journal.inner.queue.push(Append { entries: vec![late], answer }).unwrap();
    assert_eq!(waiting.await.unwrap().unwrap(), Appended::Stale);
    all.push(record(4, "P"));
    journal.append(&all[3..]).await.unwrap();
    assert_eq!(read(&f.at("j"), &f.ring).records, all);
}

#[tokio::test]
async fn a_destroyed_key_erases_one_record_and_changes_no_entry() {
    let f = Fixture::new();
    let all = records(3);
    let dir = f.written("j", &all).await;
    let before = fs::read(dir.segment(1)).unwrap();
    let found = read_on(&dir, None, None).unwrap().unwrap().found;
    let Found::Entry { key, octets, .. } = &found[1] else { panic!("{found:?}") };
    let hash = frame::leaf_hash(octets);
    destroy_key(&dir, key.segment, key.slot).unwrap();
    let after = read(&dir, &f.ring);
    assert_eq!(after.records, [all[0].clone(), all[2].clone()]);
    assert_eq!(after.told, ["the audit record was erased"]);
    let mut reader = JournalReader::new(&dir, &f.ring).unwrap().unwrap();
    assert!(matches!(reader.open(octets), Err(AuditError::Erased)));
    assert_eq!(fs::read(dir.segment(1)).unwrap(), before);
    // The hash stands behind its entry, computed without a key.
    assert!(before.windows(hash.len()).any(|w| w == hash));
    // Neither does a later life use the place again.
    f.written("j", &records(1)).await;
    assert_eq!(read(&dir, &f.ring).records.len(), 3);
}

#[test]
fn each_guest_has_a_journal_of_its_own() {
    let f = Fixture::new();
    let root = f.dir.path().join("audit");
    let open = |owner| Journal::open(&root, owner, &f.ring).unwrap();
    let house = open(Owner::House);
    let (first, second) = (open(Owner::Guest), open(Owner::Guest));
    let names = [house.dir().name(), first.dir().name(), second.dir().name()];
    assert_eq!(names, ["house", "guest-1", "guest-2"]);
    assert!(!first.dir().is_free());
    assert!(Journal::at(first.dir(), SHAPE, &f.ring).unwrap().is_none());
}

#[tokio::test]
async fn a_record_that_is_too_long_is_refused_alone() {
    let f = Fixture::new();
    let journal = f.open("j", SHAPE);
    let mut long = record(0, "P");
    long.outcome_description = Some("x".repeat(17 << 20));
    assert!(matches!(journal.record(long).await, Err(NotRecorded::TooLong(_))));
    let mut large = record(1, "P");
    large.outcome_description = Some("健診".repeat(2 << 20));
    journal.append(&[large.clone(), record(2, "P")]).await.unwrap();
    assert_eq!(read(&f.at("j"), &f.ring).records[0], large);
}
