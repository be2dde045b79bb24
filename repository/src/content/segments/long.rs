//! A document that is too long to be held: a segment of its own.

use super::directory::error;
use super::{Shared, on_disk};
use crate::content::under_way::{Span, UnderWay};
use crate::content::{Arrival, ContentError, Location, LongArrival, Place, SealedBytes};
use crate::store::key::{ContentId, SegmentId};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::sync::Arc;
use uuid::Uuid;

/// Flushed this often, so that the last flush is not that of a gigabyte, for which all others would
/// have to wait.
const FLUSHED: u64 = 8 << 20;

struct LongSegment {
    file: Arc<File>,
    segment: SegmentId,
    length: u64,
    stride: u32,
    unflushed: u64,
    under_way: UnderWay,
}

pub(super) fn begin(
    shared: &Shared,
    id: ContentId,
) -> Result<impl LongArrival + use<>, ContentError> {
    let segment = SegmentId(Uuid::now_v7());
    // It is under way before anybody can see it; how long it becomes is not known.
    let span = Span { segment, position: 0, length: u64::MAX };
    let under_way = shared.arrivals.enter(id, Some(span));
    let file = Arc::new(shared.begin_segment(segment)?);
    Ok(LongSegment { file, segment, length: 0, stride: 0, unflushed: 0, under_way })
}

impl LongArrival for LongSegment {
    fn add(&mut self, chunk: SealedBytes) -> BoxFuture<'_, Result<(), ContentError>> {
        async move {
            let (file, position, segment) = (Arc::clone(&self.file), self.length, self.segment);
            let size = chunk.len() as u64;
            if position == 0 {
                self.stride = u32::try_from(size).map_err(|_| ContentError::CutShort)?;
            }
            self.unflushed += size;
            let flush = self.unflushed >= FLUSHED;
            if flush {
                self.unflushed = 0;
            }
            on_disk(move || {
                let written = file.write_all_at(&chunk, position);
                let flushed = written.and_then(|()| if flush { file.sync_data() } else { Ok(()) });
                flushed.map_err(error(&segment.file_name()))
            })
            .await?;
            self.length += size;
            Ok(())
        }
        .boxed()
    }

    fn finish(self: Box<Self>) -> BoxFuture<'static, Result<Arrival, ContentError>> {
        async move {
            let Self { file, segment, length, stride, under_way, .. } = *self;
            on_disk(move || file.sync_data().map_err(error(&segment.file_name()))).await?;
            let place = Place::Segment { segment, position: 0 };
            Ok(Arrival { location: Location { place, length, stride }, _under_way: under_way })
        }
        .boxed()
    }
}
