//! The home in the repository's database: a row a chunk. Several processes on one PostgreSQL share
//! it.
//!
//! A document on its way in has a row in `arriving`, which the commit of its `content` row takes
//! away. Those whose process is gone are swept.

use super::location::measure;
use super::under_way::{Arrivals, UnderWay};
use super::{Arrival, ContentError, ContentStore, Location, LongArrival, Place, SealedBytes};
use crate::store::chunks;
use crate::store::key::{ContentId, LeaseId};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use renkei_database::{Database, Db};

/// Rows of the table `chunk`.
pub(crate) struct RowStore {
    database: Database,
    /// The lease of this process.
    lease: LeaseId,
    arrivals: Arrivals,
}

impl RowStore {
    pub(crate) fn new(database: Database, lease: LeaseId) -> Self {
        Self { database, lease, arrivals: Arrivals::default() }
    }

    fn arrival(&self, id: ContentId) -> RowArrival {
        RowArrival {
            database: self.database.clone(),
            lease: self.lease,
            id,
            number: 0,
            length: 0,
            stride: 0,
            under_way: self.arrivals.enter(id, None),
        }
    }

    async fn remove(&self, id: ContentId) -> Result<(), ContentError> {
        let more = move |db: &mut Db| chunks::remove_some(db, id);
        while self.database.write_bulk(more).await? {}
        Ok(self.database.checkpoint().await?)
    }
}

impl ContentStore for RowStore {
    fn put(
        &self,
        id: ContentId,
        chunks: Vec<SealedBytes>,
    ) -> BoxFuture<'_, Result<Arrival, ContentError>> {
        let mut arrival = Box::new(self.arrival(id));
        async move {
            measure(&chunks).ok_or(ContentError::Missing)?;
            for chunk in chunks {
                arrival.add(chunk).await?;
            }
            arrival.finish().await
        }
        .boxed()
    }

    fn begin(&self, id: ContentId) -> BoxFuture<'_, Result<Box<dyn LongArrival>, ContentError>> {
        let arrival: Box<dyn LongArrival> = Box::new(self.arrival(id));
        async { Ok(arrival) }.boxed()
    }

    fn read<'a>(
        &'a self,
        id: ContentId,
        location: &'a Location,
        number: u32,
    ) -> BoxFuture<'a, Result<SealedBytes, ContentError>> {
        async move {
            let (_, length) = location.chunk(number).ok_or(ContentError::CutShort)?;
            let found = self.database.read_short(move |db| chunks::get(db, id, number)).await?;
            let bytes = found.ok_or(ContentError::Missing)?;
            if bytes.len() < length { Err(ContentError::CutShort) } else { Ok(bytes) }
        }
        .boxed()
    }

    fn erase<'a>(
        &'a self,
        id: ContentId,
        _location: &'a Location,
    ) -> BoxFuture<'a, Result<(), ContentError>> {
        self.remove(id).boxed()
    }

    fn sweep(&self) -> BoxFuture<'_, Result<(), ContentError>> {
        async move {
            let lease = self.lease;
            let left = self.database.read(move |db| chunks::left_behind(db, lease)).await?;
            let some = !left.is_empty();
            for id in left {
                // An arrival that ends here has its row by now, and then `sweep_some` finds that.
                if !self.arrivals.contains(id) {
                    let more = move |db: &mut Db| chunks::sweep_some(db, id);
                    while self.database.write_bulk(more).await? {}
                }
            }
            if some {
                self.database.checkpoint().await?;
            }
            Ok(())
        }
        .boxed()
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        std::future::ready(()).boxed()
    }
}

/// A document on its way into rows.
struct RowArrival {
    database: Database,
    lease: LeaseId,
    id: ContentId,
    number: u32,
    length: u64,
    stride: u32,
    under_way: UnderWay,
}

impl LongArrival for RowArrival {
    fn add(&mut self, chunk: SealedBytes) -> BoxFuture<'_, Result<(), ContentError>> {
        async move {
            let (id, lease, number) = (self.id, self.lease, self.number);
            let size = chunk.len();
            self.database.write_bulk(move |db| chunks::add(db, lease, id, number, &chunk)).await?;
            if number == 0 {
                self.stride = u32::try_from(size).map_err(|_| ContentError::CutShort)?;
            }
            self.length += size as u64;
            self.number = number.checked_add(1).ok_or(ContentError::CutShort)?;
            Ok(())
        }
        .boxed()
    }

    fn finish(self: Box<Self>) -> BoxFuture<'static, Result<Arrival, ContentError>> {
        let location = Location { place: Place::Rows, length: self.length, stride: self.stride };
        std::future::ready(Ok(Arrival { location, _under_way: self.under_way })).boxed()
    }
}
