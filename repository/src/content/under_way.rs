//! Documents that arrived and whose row is not committed yet.

use crate::store::key::{ContentId, SegmentId};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Bytes of a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    /// The file.
    pub(crate) segment: SegmentId,
    /// Its first byte.
    pub(crate) position: u64,
    /// How many.
    pub(crate) length: u64,
}

/// The documents under way in this process, with what they take of a segment.
#[derive(Clone, Debug, Default)]
pub(crate) struct Arrivals(Arc<Mutex<HashMap<ContentId, Option<Span>>>>);

/// Says that a document is under way, for as long as it exists.
#[derive(Debug)]
pub(crate) struct UnderWay {
    arrivals: Arrivals,
    id: ContentId,
}

impl Arrivals {
    // Each use of the map is one call, which a panic cannot leave half done: a poisoned lock is used
    // on.
    fn lock(&self) -> MutexGuard<'_, HashMap<ContentId, Option<Span>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The document `id` arrives at `span`.
    pub(crate) fn enter(&self, id: ContentId, span: Option<Span>) -> UnderWay {
        self.lock().insert(id, span);
        UnderWay { arrivals: self.clone(), id }
    }

    /// Whether the document is under way.
    pub(crate) fn contains(&self, id: ContentId) -> bool {
        self.lock().contains_key(&id)
    }

    /// What is under way in a segment.
    pub(crate) fn within(&self, segment: SegmentId) -> Vec<Span> {
        self.lock().values().flatten().filter(|s| s.segment == segment).copied().collect()
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.arrivals.lock().remove(&self.id);
    }
}
