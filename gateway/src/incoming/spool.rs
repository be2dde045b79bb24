//! Large documents on disk for a moment, sealed: whether they are whole is known before the answer that lists them
//! is begun.

use super::Lost;
use super::ahead::Terms;
use super::arriving::Arriving;
use super::pace::Pace;
use super::share::{Share, Taken};
use bytes::{Bytes, BytesMut};
use futures_util::{StreamExt, stream};
use renkei_client::{Body, Document};
use renkei_sealing::{CHUNK, ContentKey};
use rustix::fs::fstatvfs;
use std::fs::{DirBuilder, File};
use std::io;
use std::os::unix::fs::{DirBuilderExt, FileExt};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use uuid::Uuid;

/// Octets that stay free on the disk for those who keep something: databases, documents, audit records.
const LEFT_FREE: u64 = 256 << 20;

/// Why a document is not on disk.
#[derive(Debug, thiserror::Error)]
enum NotKept {
    #[error("gateway.spool_bytes is taken")]
    Full,
    #[error("the disk is nearly full")]
    DiskFull,
    #[error(transparent)]
    Disk(#[from] io::Error),
    #[error(transparent)]
    Seal(#[from] renkei_sealing::SealError),
}

/// Where the documents of one sender wait: one file without a name, whose key is nowhere but in memory. Whatever
/// becomes of this process, nobody reads what it leaves, and nobody has to clean up.
struct Shelf {
    file: File,
    key: ContentKey,
    /// Free again when the last of its documents has gone out.
    room: Mutex<Option<Taken>>,
}

/// Where those that are still to come are put.
pub(super) struct Place<'s> {
    share: &'s Share,
    shelf: Option<Arc<Shelf>>,
    /// Octets of its file.
    used: u64,
}

/// A document there.
struct Kept {
    shelf: Arc<Shelf>,
    id: Uuid,
    chunks: u32,
    /// Octets of the document.
    length: u64,
    /// Where it begins and ends in the file.
    start: u64,
    end: u64,
    /// Octets in the file of every chunk but the last.
    stride: u64,
}

impl<'s> Place<'s> {
    pub(super) fn new(share: &'s Share) -> Self {
        Self { share, shelf: None, used: 0 }
    }

    /// The rest of a document, and what came of it before.
    pub(super) async fn keep(
        &mut self,
        mut arriving: Arriving,
        terms: Terms<'_>,
        pace: &mut Pace,
    ) -> Result<Document, Lost> {
        let large = |error: NotKept| {
            tracing::warn!(%error, "a large document of another sender is not kept for a moment");
            Lost::Large
        };
        let mut kept = self.begin().await.map_err(large)?;
        let mut waiting = BytesMut::with_capacity(CHUNK);
        for piece in std::mem::take(&mut arriving.came).pieces() {
            self.write(&mut kept, &mut waiting, piece).await.map_err(large)?;
        }
        while let Some(piece) = arriving.piece(terms, pace).await? {
            self.write(&mut kept, &mut waiting, piece).await.map_err(large)?;
        }
        self.flush(&mut kept, waiting, true).await.map_err(large)?;
        Ok(Document { mime_type: arriving.mime_type, body: kept.body() })
    }

    async fn begin(&mut self) -> Result<Kept, NotKept> {
        let shelf = match &self.shelf {
            Some(shelf) => Arc::clone(shelf),
            None => {
                let directory = Arc::clone(&self.share.spool.directory);
                let shelf = Arc::new(run(move || Shelf::new(&directory)).await?);
                self.shelf.insert(shelf).clone()
            }
        };
        let (id, start) = (Uuid::new_v4(), self.used);
        Ok(Kept { shelf, id, chunks: 0, length: 0, start, end: start, stride: 0 })
    }

    /// Writes all but the last chunk, which waits until it is known to be the last.
    async fn write(
        &mut self,
        kept: &mut Kept,
        waiting: &mut BytesMut,
        mut piece: Bytes,
    ) -> Result<(), NotKept> {
        while !piece.is_empty() {
            if waiting.len() == CHUNK {
                let chunk = std::mem::replace(waiting, BytesMut::with_capacity(CHUNK));
                self.flush(kept, chunk, false).await?;
            }
            let room = CHUNK.saturating_sub(waiting.len());
            waiting.extend_from_slice(&piece.split_to(room.min(piece.len())));
        }
        Ok(())
    }

    async fn flush(&mut self, kept: &mut Kept, plain: BytesMut, last: bool) -> Result<(), NotKept> {
        kept.shelf.takes(self.share.chunk().ok_or(NotKept::Full)?);
        let (shelf, id, number, at) = (Arc::clone(&kept.shelf), kept.id, kept.chunks, kept.end);
        let length = plain.len() as u64;
        let octets = run(move || {
            let free = fstatvfs(&shelf.file).map_err(io::Error::from)?;
            if free.f_bavail.saturating_mul(free.f_frsize) < LEFT_FREE {
                return Err(NotKept::DiskFull);
            }
            let chunk = shelf.key.seal_chunk(id, number, last, &plain)?;
            shelf.file.write_all_at(&chunk, at)?;
            Ok(chunk.len() as u64)
        })
        .await?;
        if number == 0 {
            kept.stride = octets;
        }
        kept.chunks = number.saturating_add(1);
        kept.length = kept.length.saturating_add(length);
        kept.end = kept.end.saturating_add(octets);
        self.used = kept.end;
        Ok(())
    }
}

impl Shelf {
    fn new(directory: &PathBuf) -> Result<Self, NotKept> {
        DirBuilder::new().recursive(true).mode(0o700).create(directory)?;
        let file = tempfile::tempfile_in(directory)?;
        Ok(Self { file, key: ContentKey::kept_nowhere()?, room: Mutex::default() })
    }

    fn takes(&self, chunk: Taken) {
        let mut room = self.room.lock().unwrap_or_else(PoisonError::into_inner);
        match &mut *room {
            Some(held) => held.merge(chunk),
            None => *room = Some(chunk),
        }
    }
}

impl Kept {
    /// The document, opened chunk by chunk as it goes out.
    fn body(self) -> Body {
        let length = Some(self.length);
        let chunks = stream::unfold((self, 0), |(kept, number)| async move {
            if number >= kept.chunks {
                return None;
            }
            let chunk = kept.open(number).await.map_err(io::Error::other);
            let next = if chunk.is_ok() { number.saturating_add(1) } else { u32::MAX };
            Some((chunk, (kept, next)))
        });
        Body::Stream { length, stream: chunks.boxed() }
    }

    async fn open(&self, number: u32) -> Result<Bytes, NotKept> {
        let start = self.start.saturating_add(self.stride.saturating_mul(u64::from(number)));
        let end = start.saturating_add(self.stride).min(self.end);
        let (shelf, id) = (Arc::clone(&self.shelf), self.id);
        let last = number.saturating_add(1) == self.chunks;
        run(move || {
            let size = usize::try_from(end.saturating_sub(start)).unwrap_or_default();
            let mut chunk = vec![0; size];
            shelf.file.read_exact_at(&mut chunk, start)?;
            let place = shelf.key.open_chunk_in_place(id, number, last, &mut chunk)?;
            Ok(Bytes::from(chunk).slice(place))
        })
        .await
    }
}

/// Runs what waits for a disk.
async fn run<T: Send + 'static>(
    job: impl FnOnce() -> Result<T, NotKept> + Send + 'static,
) -> Result<T, NotKept> {
    tokio::task::spawn_blocking(job).await.map_err(io::Error::other)?
}

#[cfg(test)]
mod tests {
    use super::super::share::Spool;
    use super::super::testing::{arriving, pieces};
    use super::*;
    use futures_util::TryStreamExt;
    use std::time::{Duration, Instant};

    const TIME: Duration = Duration::from_millis(500);

    /// What comes back of documents of one sender.
    async fn kept(share: &Share, arriving: Vec<Arriving>) -> Result<Vec<Vec<u8>>, Lost> {
        let terms = Terms { deadline: Instant::now() + TIME, share: Some(share) };
        let (mut place, mut pace) = (Place::new(share), Pace::new(Instant::now()));
        let mut documents = Vec::new();
        for arriving in arriving {
            documents.push(place.keep(arriving, terms, &mut pace).await?);
        }
        drop(place);
        let mut all = Vec::new();
        for document in documents {
            let Body::Stream { length, stream } = document.body else { panic!("not on disk") };
            let octets = stream.map_ok(|piece| piece.to_vec()).try_concat().await.unwrap();
            assert_eq!(length, Some(octets.len() as u64));
            all.push(octets);
        }
        Ok(all)
    }

    fn octets(length: usize) -> Vec<u8> {
        (0..length).map(|n| (n % 251) as u8).collect()
    }

    fn whole(octets: &[u8]) -> Arriving {
        let pieces = octets.chunks(60_001).map(Bytes::copy_from_slice).collect();
        arriving(pieces, None, octets.len() as u64)
    }

    fn spool(chunks: usize) -> (tempfile::TempDir, Spool) {
        let dir = tempfile::tempdir().unwrap();
        let spool = Spool::new(dir.path().join("spool"), (chunks * CHUNK) as u64, TIME);
        (dir, spool)
    }

    #[tokio::test]
    async fn what_is_kept_comes_back_and_leaves_nothing_behind() {
        let (dir, spool) = spool(64);
        let lengths = [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK, 3 * CHUNK + 7];
        let documents: Vec<Vec<u8>> = lengths.into_iter().map(octets).collect();
        let arriving = documents.iter().map(|octets| whole(octets)).collect();
        let came = kept(&spool.share("caller"), arriving).await.unwrap();
        assert!(came == documents);
        assert_eq!(std::fs::read_dir(dir.path().join("spool")).unwrap().count(), 0);
        assert_eq!(spool.free(), 64, "what has gone out takes no room");
    }

    #[tokio::test]
    async fn what_is_wrong_with_it_is_known_before_it_leaves() {
        let (_dir, spool) = spool(64);
        let told = async |then, size| {
            let came = arriving(vec![Bytes::from(octets(100_000))], then, size);
            kept(&spool.share("caller"), vec![came]).await.err()
        };
        assert_eq!(told(None, 100_000).await, None);
        assert_eq!(told(None, 100_001).await, Some(Lost::Differs));
        assert_eq!(told(None, 99_999).await, Some(Lost::Differs));
        assert_eq!(told(Some("breaks"), 100_001).await, Some(Lost::Broken));
        assert_eq!(told(Some("hangs"), 100_001).await, Some(Lost::Large), "it was still sending");
        let came = arriving(pieces(&["next to nothing"]), Some("hangs"), 100);
        assert_eq!(kept(&spool.share("caller"), vec![came]).await.err(), Some(Lost::Silent));
        assert_eq!(spool.free(), 64);
    }

    #[tokio::test]
    async fn one_caller_takes_a_fourth_of_the_room_and_all_together_no_more_than_it() {
        let (_dir, spool) = spool(8);
        let two = octets(2 * CHUNK);
        let (first, second) = (spool.share("caller"), spool.share("caller"));
        assert!(kept(&first, vec![whole(&octets(2 * CHUNK + 1))]).await == Err(Lost::Large));
        let held = [first.chunk().unwrap(), second.chunk().unwrap()];
        assert!(
            kept(&second, vec![whole(&two)]).await == Err(Lost::Large),
            "both answers together"
        );
        assert!(kept(&spool.share("another"), vec![whole(&two)]).await.is_ok());
        drop(held);
        assert!(kept(&second, vec![whole(&two)]).await.is_ok());
        let held: Vec<_> = (0..8).map(|n| spool.share(&n.to_string()).chunk().unwrap()).collect();
        assert!(kept(&spool.share("caller"), vec![whole(&two)]).await == Err(Lost::Large));
        drop(held);
        assert!(kept(&spool.share("caller"), vec![whole(&two)]).await.is_ok());
        let (dir, _) = self::spool(8);
        std::fs::write(dir.path().join("file"), "").unwrap();
        let nowhere = Spool::new(dir.path().join("file/spool"), 8 * CHUNK as u64, TIME);
        assert!(kept(&nowhere.share("caller"), vec![whole(&two)]).await == Err(Lost::Large));
    }

    #[tokio::test]
    async fn nobody_reads_it_from_the_disk() {
        let (_dir, spool) = spool(8);
        let share = spool.share("caller");
        let mut place = Place::new(&share);
        let mut kept = place.begin().await.unwrap();
        let secret = b"of a patient";
        place.flush(&mut kept, BytesMut::from(&secret[..]), true).await.unwrap();
        let mut there = vec![0; usize::try_from(kept.end).unwrap()];
        kept.shelf.file.read_exact_at(&mut there, 0).unwrap();
        assert!(there.len() > secret.len());
        assert!(!there.windows(secret.len()).any(|octets| octets == secret));
        kept.shelf.file.write_all_at(b"x", 0).unwrap();
        assert!(kept.open(0).await.is_err(), "what was changed does not open");
    }
}
