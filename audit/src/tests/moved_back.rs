//! A journal whose end moved back behind what the index has read: all that is there is listed, what is
//! missing is told, and no number is given twice by who can know.

use super::{Fixture, ids, listed, record, records};
use crate::journal::{Dir, Shape};
use crate::{Archive, AuditError, Filter, Journal, Listed, Owner};
use renkei_database::Dialect;
use std::fs::{self, OpenOptions};
use std::path::{Path, PathBuf};
use uuid::Uuid;

impl Fixture {
    fn segment(&self) -> PathBuf {
        self.root().join("house").join(format!("{:020}.journal", 1))
    }

    /// Appends records one by one, as another life of the house; `knows` the index or not.
    async fn live(&self, archive: &Archive, knows: bool, count: std::ops::Range<i64>) -> Vec<Uuid> {
        let journal = self.journal(Owner::House);
        if knows {
            archive.keep_numbers(&journal).await.unwrap();
        }
        let mut written = Vec::new();
        for n in count {
            let record = record(n, "P^^^&2.999&ISO");
            journal.append(std::slice::from_ref(&record)).await.unwrap();
            written.push(record.id);
        }
        journal.close().await;
        written
    }
}

fn cut(path: &Path, length: u64) {
    OpenOptions::new().write(true).open(path).unwrap().set_len(length).unwrap();
}

async fn told(archive: &Archive) -> Vec<String> {
    archive.damages().await.unwrap().iter().map(ToString::to_string).collect()
}

/// What the list shows once three of six entries were lost and `new` came: delivered ones outlive
/// their journal.
fn expected(archive: &Archive, old: &[Uuid], new: &[Uuid]) -> Vec<Uuid> {
    let kept = match archive.database().dialect() {
        Dialect::Postgres => old,
        Dialect::Sqlite => &old[..3],
    };
    [kept, new].concat()
}

#[tokio::test]
async fn a_journal_that_was_cut_is_told_and_listed_on() {
    // With as many new records as were lost, with fewer, with more; none at all.
    for new in [0, 2, 3, 20] {
        for f in Fixture::each() {
            let archive = f.archive();
            let mut old = f.live(&archive, false, 0..3).await;
            let length = fs::metadata(f.segment()).unwrap().len();
            old.extend(f.live(&archive, false, 3..6).await);
            archive.catch_up(None).await.unwrap();
            cut(&f.segment(), length);
            let new = f.live(&archive, false, 100..100 + new).await;
            archive.catch_up(None).await.unwrap();
            let found = ids(&listed(&archive, Filter::default()).await);
            assert_eq!(found, expected(&archive, &old, &new));
            let told = told(&archive).await;
            assert_eq!(told.len(), 1, "{told:?}");
            assert!(told[0].contains("the entries 4 to 6 are not there any more"), "{told:?}");
            assert!(told[0].contains("末尾が"), "{told:?}");
        }
    }
}

#[tokio::test]
async fn an_older_copy_is_gone_on_with_behind_every_number_that_was_given() {
    for f in Fixture::each() {
        let archive = f.archive();
        let mut old = f.live(&archive, true, 0..3).await;
        let copy = fs::read(f.segment()).unwrap();
        old.extend(f.live(&archive, true, 3..6).await);
        archive.catch_up(None).await.unwrap();
        fs::write(f.segment(), copy).unwrap();
        let new = f.live(&archive, true, 100..104).await;
        archive.catch_up(None).await.unwrap();
        let found = ids(&listed(&archive, Filter::default()).await);
        assert_eq!(found, expected(&archive, &old, &new));
        assert_eq!(told(&archive).await.len(), 1, "the gap is not told again");
        let next = f.journal(Owner::House).durable().next;
        assert_eq!(next, 11, "six old numbers, four new ones");
        // An index that never saw what was lost tells the gap.
        let other = renkei_database::testing::TestDatabase::sqlite().unwrap();
        let anew = Archive::open(&f.root(), other.url(), &f.keys).unwrap();
        anew.catch_up(None).await.unwrap();
        let told = told(&anew).await;
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(told[0].contains("the entries 4 to 6 are not there;"), "{told:?}");
    }
}

#[tokio::test]
async fn who_looked_before_the_house_began_again_costs_no_number() {
    for f in Fixture::each() {
        let archive = f.archive();
        f.live(&archive, true, 0..3).await;
        let copy = fs::read(f.segment()).unwrap();
        f.live(&archive, true, 3..6).await;
        archive.catch_up(None).await.unwrap();
        fs::write(f.segment(), copy).unwrap();
        archive.catch_up(None).await.unwrap();
        f.live(&archive, true, 100..101).await;
        assert_eq!(f.journal(Owner::House).durable().next, 8, "six old numbers, a new one");
    }
}

#[tokio::test]
async fn segments_that_are_gone_are_told_and_what_came_instead_is_listed() {
    let small = Shape { segment_bytes: 1, key_block: 2 };
    for f in Fixture::each() {
        let (archive, dir) = (f.archive(), Dir::new(f.root().join("house")));
        let all = records(8);
        for (part, life) in [&all[..6], &all[6..]].into_iter().zip(0..) {
            let journal = Journal::at(&dir, small, &f.keys).unwrap().unwrap();
            for record in part {
                journal.append(std::slice::from_ref(record)).await.unwrap();
            }
            journal.close().await;
            archive.catch_up(None).await.unwrap();
            for number in (4..=6).filter(|_| life == 0) {
                fs::remove_file(dir.segment(number)).unwrap();
                fs::remove_file(dir.keys(number)).unwrap();
            }
        }
        let found = ids(&listed(&archive, Filter::default()).await);
        let old = ids(&all[..6]);
        assert_eq!(found, expected(&archive, &old, &ids(&all[6..])));
        let told = told(&archive).await;
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(told[0].contains("the entries 4 to 6 are not there any more"), "{told:?}");
    }
}

#[tokio::test]
async fn a_journal_cut_under_its_running_writer_is_noticed_by_it() {
    for f in Fixture::each() {
        let (archive, journal) = (f.archive(), f.journal(Owner::House));
        journal.append(&records(3)).await.unwrap();
        archive.catch_up(Some(&journal)).await.unwrap();
        let length = fs::metadata(f.segment()).unwrap().len();
        cut(&f.segment(), length - 1);
        archive.catch_up(Some(&journal)).await.unwrap();
        let told = told(&archive).await;
        assert!(told.iter().any(|t| t.contains("the entries 3 to 3 are not there")), "{told:?}");
    }
}

#[tokio::test]
async fn a_last_entry_that_was_damaged_and_cut_off_hides_nothing() {
    for f in Fixture::each() {
        let archive = f.archive();
        let journal = f.journal(Owner::House);
        journal.append(&records(3)).await.unwrap();
        let whole = fs::read(f.segment()).unwrap();
        archive.catch_up(Some(&journal)).await.unwrap();
        journal.close().await;
        // As if the process had died, without the mark of an end in order, and then a bit had flipped.
        let mut damaged = whole;
        *damaged.last_mut().unwrap() ^= 1;
        fs::write(f.segment(), damaged).unwrap();
        let new = f.live(&archive, true, 100..110).await;
        archive.catch_up(None).await.unwrap();
        let found = ids(&listed(&archive, Filter::default()).await);
        assert!(found.ends_with(&new), "{found:?}");
        let told = told(&archive).await;
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(told[0].contains("the entries 3 to 3 are not there"), "{told:?}");
    }
}

#[tokio::test]
async fn a_journal_that_lost_its_mark_of_an_end_alone_lost_nothing() {
    for f in Fixture::each() {
        let (archive, journal) = (f.archive(), f.journal(Owner::House));
        journal.append(&records(3)).await.unwrap();
        let length = fs::metadata(f.segment()).unwrap().len();
        journal.close().await;
        archive.catch_up(None).await.unwrap();
        cut(&f.segment(), length);
        f.live(&archive, true, 100..101).await;
        archive.catch_up(None).await.unwrap();
        assert_eq!(listed(&archive, Filter::default()).await.len(), 4);
        assert!(told(&archive).await.is_empty());
    }
}

#[tokio::test]
async fn another_entry_at_the_place_of_a_row_is_told_and_never_erased() {
    use diesel::RunQueryDsl;
    let f = Fixture::sqlite();
    let (archive, journal): (Archive, Journal) = (f.archive(), f.journal(Owner::House));
    let all = records(3);
    journal.append(&all).await.unwrap();
    archive.catch_up(Some(&journal)).await.unwrap();
    let swap = |db: &mut renkei_database::Db| -> Result<usize, AuditError> {
        let sql = "UPDATE entry SET place = (SELECT place FROM entry WHERE number = 3) \
                   WHERE number = 1";
        Ok(diesel::sql_query(sql).execute(db)?)
    };
    archive.database().write(swap).await.unwrap();
    let lines = archive.list(Filter::default()).await.unwrap().lines;
    assert!(
        matches!(&lines[0], Listed::Unreadable(place, AuditError::Other) if place.number == 1),
        "{lines:?}"
    );
    assert!(matches!(archive.erase(all[0].id).await, Err(AuditError::Other)));
    assert_eq!(ids(&listed(&archive, Filter::default()).await), [all[1].id, all[2].id]);
    // A journal that is gone ends no list either.
    journal.close().await;
    fs::remove_dir_all(f.root()).unwrap();
    let lines = archive.list(Filter::default()).await.unwrap().lines;
    assert_eq!(lines.len(), 3);
    assert!(
        lines.iter().all(|line| matches!(line, Listed::Unreadable(_, AuditError::NoJournal))),
        "{lines:?}"
    );
}
