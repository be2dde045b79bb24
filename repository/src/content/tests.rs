//! What every home has to do; a new one is a line in `homes`.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "tests stop at the first surprise"
)]

use super::{
    Arrival, ContentError, ContentStore, Directory, Location, Place, References, RowStore,
    SegmentStore, Span,
};
use crate::store;
use crate::store::chunks;
use crate::store::key::{ContentId, LeaseId, SegmentId};
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, join_all};
use renkei_database::testing::TestDatabase;
use renkei_database::{Database, Options};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use uuid::Uuid;

const CHUNK: usize = 64 * 1024;

/// The rows that say which documents there are, as far as a home needs them.
#[derive(Default)]
struct Documents(Mutex<HashMap<ContentId, Location>>);

impl References for Documents {
    fn within(&self, segment: SegmentId) -> BoxFuture<'_, Result<Vec<Span>, ContentError>> {
        let documents = self.0.lock().unwrap();
        let spans = documents.values().filter_map(|location| match location.place {
            Place::Segment { segment: s, position } if s == segment => {
                Some(Span { segment, position, length: location.length })
            }
            Place::Segment { .. } | Place::Rows => None,
        });
        std::future::ready(Ok(spans.collect())).boxed()
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Rows,
    Segments,
}

/// A home, the documents that belong to it, and what is below it.
struct World {
    kind: Kind,
    test: TestDatabase,
    folder: tempfile::TempDir,
    documents: Arc<Documents>,
    lease: LeaseId,
    home: Option<Box<dyn ContentStore>>,
    database: Option<Database>,
}

impl World {
    fn each() -> Vec<Self> {
        let rows = TestDatabase::each().unwrap().into_iter().map(|t| Self::on(Kind::Rows, t));
        let segments = Self::on(Kind::Segments, TestDatabase::sqlite().unwrap());
        rows.chain([segments]).collect()
    }

    fn on(kind: Kind, test: TestDatabase) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut world = Self {
            kind,
            test,
            folder,
            documents: Arc::default(),
            lease: LeaseId(Uuid::now_v7()),
            home: None,
            database: None,
        };
        world.open();
        world
    }

    fn open(&mut self) {
        let (home, database) = self.another(self.lease);
        self.home = Some(home);
        self.database = Some(database);
    }

    /// The same home as another process has it.
    fn another(&self, lease: LeaseId) -> (Box<dyn ContentStore>, Database) {
        let options = Options { readers: 2, writers: 2, ..Options::default() };
        let database = Database::open(self.test.url(), store::migrations(), options).unwrap();
        let home: Box<dyn ContentStore> = match self.kind {
            Kind::Rows => Box::new(RowStore::new(database.clone(), lease)),
            Kind::Segments => {
                let directory = Directory::open(self.folder.path()).unwrap();
                let references = Arc::clone(&self.documents) as Arc<dyn References>;
                Box::new(SegmentStore::open(directory, references).unwrap())
            }
        };
        (home, database)
    }

    fn home(&self) -> &dyn ContentStore {
        self.home.as_deref().unwrap()
    }

    fn database(&self) -> &Database {
        self.database.as_ref().unwrap()
    }

    /// Ends as `kill -9` does: nothing is closed, and the lease runs out.
    async fn kill(&mut self) {
        let gone = self.lease;
        self.home = None;
        self.database = None;
        self.lease = LeaseId(Uuid::now_v7());
        self.open();
        self.database().write(move |db| store::lease::give_up(db, gone)).await.unwrap();
    }

    /// The commit of the row.
    async fn commit(&self, id: ContentId, arrival: Arrival) -> Location {
        let (lease, location) = (self.lease, arrival.location);
        if self.kind == Kind::Rows {
            let arrived = self
                .database()
                .write(move |db| Ok::<_, ContentError>(chunks::arrived(db, lease, id)?));
            assert!(arrived.await.unwrap());
        }
        self.documents.0.lock().unwrap().insert(id, location);
        location
    }

    async fn put(&self, id: ContentId, chunks: &[Vec<u8>]) -> Location {
        let arrival = self.home().put(id, chunks.to_vec()).await.unwrap();
        self.commit(id, arrival).await
    }

    async fn begin(&self, id: ContentId, chunks: &[Vec<u8>]) -> Arrival {
        let mut long = self.home().begin(id).await.unwrap();
        for chunk in chunks {
            long.add(chunk.clone()).await.unwrap();
        }
        long.finish().await.unwrap()
    }

    async fn remove(&self, id: ContentId) {
        let location = self.documents.0.lock().unwrap().remove(&id).unwrap();
        self.home().erase(id, &location).await.unwrap();
    }

    async fn whole(
        &self,
        id: ContentId,
        location: &Location,
    ) -> Result<Vec<Vec<u8>>, ContentError> {
        let mut chunks = Vec::new();
        let mut number = 0;
        while location.chunk(number).is_some() {
            chunks.push(self.home().read(id, location, number).await?);
            number += 1;
        }
        Ok(chunks)
    }

    /// Whether these bytes are in any file, or in any row where rows are the home.
    async fn holds(&self, bytes: &[u8]) -> bool {
        let below = self.test.url().clone();
        if let renkei_database::DatabaseUrl::Postgres(_) = below {
            let wanted = bytes.to_vec();
            let found = self.database().read(move |db| {
                use diesel::prelude::{ExpressionMethods, QueryDsl, RunQueryDsl};
                use store::schema::chunk;
                let rows = chunk::table.filter(chunk::bytes.eq(&wanted)).count();
                Ok::<i64, ContentError>(rows.get_result(db)?)
            });
            return found.await.unwrap() > 0;
        }
        let mut files = files_below(self.folder.path());
        if let renkei_database::DatabaseUrl::Sqlite(path) = &below {
            files.extend(files_below(path.parent().unwrap()));
        }
        let some = &bytes[..64.min(bytes.len())];
        files.iter().any(|file| {
            let found = std::fs::read(file).unwrap_or_default();
            memchr::memmem::find(&found, some).is_some()
        })
    }

    async fn nothing_is_left(&self) {
        if self.kind == Kind::Rows {
            let counted = self.database().read(|db| {
                use diesel::prelude::{QueryDsl, RunQueryDsl};
                use store::schema::{arriving, chunk};
                let chunks: i64 = chunk::table.count().get_result(db)?;
                let arriving: i64 = arriving::table.count().get_result(db)?;
                Ok::<_, ContentError>((chunks, arriving))
            });
            assert_eq!(counted.await.unwrap(), (0, 0));
        }
    }
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for path in std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()) {
        if path.is_dir() {
            files.extend(files_below(&path));
        } else {
            files.push(path);
        }
    }
    files
}

/// Chunks that no other document has.
fn document(seed: u64, sizes: &[usize]) -> Vec<Vec<u8>> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut byte = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[3]
    };
    sizes.iter().map(|size| (0..*size).map(|_| byte()).collect()).collect()
}

fn id(n: u128) -> ContentId {
    ContentId(Uuid::from_u128(n))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_is_there_after_a_kill() {
    for mut world in World::each() {
        let short = document(1, &[CHUNK, CHUNK, 17]);
        let tiny = document(2, &[28]);
        let long = document(3, &[CHUNK, CHUNK, CHUNK, CHUNK]);
        let a = world.put(id(1), &short).await;
        let b = world.put(id(2), &tiny).await;
        let arrival = world.begin(id(3), &long).await;
        let c = world.commit(id(3), arrival).await;
        for _ in 0..2 {
            assert_eq!(world.whole(id(1), &a).await.unwrap(), short);
            assert_eq!(world.whole(id(2), &b).await.unwrap(), tiny);
            assert_eq!(world.whole(id(3), &c).await.unwrap(), long);
            world.kill().await;
            world.home().sweep().await.unwrap();
        }
        world.home().close().await;
        assert_eq!(
            world.whole(id(3), &c).await.unwrap(),
            long,
            "also when nothing arrives any more"
        );
        assert!(world.home().put(id(4), short).await.is_err() || world.kind == Kind::Rows);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_kill_left_without_a_row_is_swept_and_its_neighbours_stay() {
    for mut world in World::each() {
        let stays = document(1, &[1000]);
        let left = document(2, &[2000]);
        let cut_off = document(3, &[CHUNK, CHUNK]);
        let a = world.put(id(1), &stays).await;
        let kept = world.home().put(id(2), left.clone()).await.unwrap();
        let mut long = world.home().begin(id(3)).await.unwrap();
        for chunk in &cut_off {
            long.add(chunk.clone()).await.unwrap();
        }
        let b = world.put(id(4), &stays).await;
        assert!(world.holds(&left[0]).await);
        // No destructor runs in a process that is killed.
        std::mem::forget(kept);
        std::mem::forget(long);
        world.kill().await;
        world.home().sweep().await.unwrap();
        for gone in left.iter().chain(&cut_off) {
            assert!(!world.holds(gone).await, "{:?}", world.kind);
        }
        assert_eq!(world.whole(id(1), &a).await.unwrap(), stays);
        assert_eq!(world.whole(id(4), &b).await.unwrap(), stays);
        world.remove(id(1)).await;
        world.remove(id(4)).await;
        world.nothing_is_left().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_under_way_is_not_swept_by_anybody() {
    for world in World::each() {
        let short = document(1, &[5000]);
        let long = document(2, &[CHUNK, CHUNK, 3]);
        let arrival = world.home().put(id(1), short.clone()).await.unwrap();
        let mut arriving = world.home().begin(id(2)).await.unwrap();
        arriving.add(long[0].clone()).await.unwrap();
        let (other, database) = world.another(LeaseId(Uuid::now_v7()));
        // Leases are what tells living processes from gone ones where the home is a database.
        let lease = world.lease;
        world.database().write(move |db| store::lease::renew(db, lease)).await.unwrap();
        for home in [world.home(), other.as_ref()] {
            home.sweep().await.unwrap();
        }
        arriving.add(long[1].clone()).await.unwrap();
        arriving.add(long[2].clone()).await.unwrap();
        let b = arriving.finish().await.unwrap();
        other.sweep().await.unwrap();
        let a = world.commit(id(1), arrival).await;
        let b = world.commit(id(2), b).await;
        world.home().sweep().await.unwrap();
        other.sweep().await.unwrap();
        assert_eq!(world.whole(id(1), &a).await.unwrap(), short);
        assert_eq!(world.whole(id(2), &b).await.unwrap(), long);
        drop(other);
        database.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_given_up_is_swept() {
    for world in World::each() {
        let stays = document(1, &[100]);
        let a = world.put(id(1), &stays).await;
        drop(world.home().put(id(2), document(2, &[100])).await.unwrap());
        let long = document(3, &[CHUNK, CHUNK]);
        drop(world.begin(id(3), &long).await);
        world.home().sweep().await.unwrap();
        assert!(!world.holds(&document(2, &[100])[0]).await);
        assert!(!world.holds(&long[1]).await);
        assert_eq!(world.whole(id(1), &a).await.unwrap(), stays);
        world.remove(id(1)).await;
        world.nothing_is_left().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_erased_document_is_found_nowhere_and_erasing_again_is_nothing() {
    for mut world in World::each() {
        let gone = document(1, &[CHUNK, CHUNK, 77]);
        let long = document(2, &[CHUNK, CHUNK, CHUNK]);
        let stays = document(3, &[CHUNK, 5]);
        let a = world.put(id(1), &gone).await;
        let kept = world.put(id(3), &stays).await;
        let arrival = world.begin(id(2), &long).await;
        let b = world.commit(id(2), arrival).await;
        world.remove(id(1)).await;
        world.remove(id(2)).await;
        for chunk in gone.iter().chain(&long) {
            assert!(!world.holds(chunk).await, "{:?}", world.kind);
        }
        for (id, location) in [(id(1), a), (id(2), b)] {
            world.home().erase(id, &location).await.unwrap();
            let read = world.home().read(id, &location, 0).await;
            // Zeros do not open; most homes know that nothing is there.
            assert!(read.is_err() || read.unwrap().iter().all(|b| *b == 0));
        }
        world.kill().await;
        assert_eq!(world.whole(id(3), &kept).await.unwrap(), stays);
        world.remove(id(3)).await;
        world.home().sweep().await.unwrap();
        world.nothing_is_left().await;
        assert!(files_below(world.folder.path()).is_empty(), "segments without documents go");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn many_arrive_at_once() {
    for world in World::each() {
        let documents: Vec<_> = (0..200).map(|n| document(n, &[900 + n as usize])).collect();
        let put = documents.iter().enumerate().map(|(n, d)| world.put(id(n as u128), d));
        let locations = join_all(put).await;
        for (n, (location, document)) in locations.iter().zip(&documents).enumerate() {
            assert_eq!(&world.whole(id(n as u128), location).await.unwrap(), document);
        }
        if world.kind == Kind::Segments {
            assert!(files_below(world.folder.path()).len() <= 2, "one segment and its marker");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_segment_that_is_full_is_followed_by_another() {
    let world = World::on(Kind::Segments, TestDatabase::sqlite().unwrap());
    let chunk = vec![7; 1 << 20];
    let mut locations = Vec::new();
    for n in 0..70 {
        locations.push(world.put(id(n), std::slice::from_ref(&chunk)).await);
    }
    world.home().sweep().await.unwrap();
    assert_eq!(files_below(&world.folder.path().join("segments")).len(), 2);
    assert_eq!(files_below(&world.folder.path().join("open")).len(), 1, "the full one is settled");
    for n in 0..70_u32 {
        let location = &locations[n as usize];
        assert_eq!(world.home().read(id(n.into()), location, 0).await.unwrap(), chunk);
    }
    for n in 0..65 {
        world.remove(id(n)).await;
    }
    assert_eq!(files_below(&world.folder.path().join("segments")).len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_missing_or_cut_short_is_told_by_name() {
    for world in World::each() {
        let document = document(1, &[CHUNK, 100]);
        let location = world.put(id(1), &document).await;
        let past = world.home().read(id(1), &location, 2).await.unwrap_err();
        assert!(matches!(past, ContentError::CutShort), "{past:?}");
        match world.kind {
            Kind::Rows => {
                let other = world.home().read(id(9), &location, 0).await.unwrap_err();
                assert!(matches!(other, ContentError::Missing), "{other:?}");
            }
            Kind::Segments => {
                let file = &files_below(&world.folder.path().join("segments"))[0];
                let open = std::fs::OpenOptions::new().write(true).open(file).unwrap();
                open.set_len(CHUNK as u64 + 99).unwrap();
                let short = world.home().read(id(1), &location, 1).await.unwrap_err();
                assert!(matches!(short, ContentError::CutShort), "{short:?}");
                assert_eq!(world.home().read(id(1), &location, 0).await.unwrap(), document[0]);
                let place = Place::Segment { segment: SegmentId(Uuid::from_u128(5)), position: 0 };
                let nowhere = Location { place, ..location };
                let missing = world.home().read(id(1), &nowhere, 0).await.unwrap_err();
                assert!(matches!(missing, ContentError::Missing), "{missing:?}");
            }
        }
    }
}
