//! The one door to content: sealed documents, in whatever home keeps them.
//!
//! A home gets bytes that were sealed before and gives the same bytes back; it knows neither keys
//! nor metadata. A document lives in it as follows.
//!
//! 1. It arrives ([`ContentStore::put`] whole, [`ContentStore::begin`] piece by piece). When the
//!    [`Arrival`] is given, every byte is durable, so that what the registry hears of can be
//!    retrieved whatever happens then (ITI TF-2: 3.41.4.1.3.2).
//! 2. The row of `content` that holds its [`Location`] is committed. From then on it belongs to the
//!    repository; a dropped [`Arrival`] without such a row is a document nobody asked for, and so is
//!    what a crash left: [`ContentStore::sweep`] erases both.
//! 3. Its row is marked as being removed and loses its key, then [`ContentStore::erase`] overwrites
//!    its bytes, then the row goes.
//!
//! Every home passes the same test (`tests`). A home that is another machine fits: all verbs wait,
//! nothing is given to it unsealed, and what it lost or never finished is swept.

mod homes;
mod location;
mod rows;
mod segments;
#[cfg(test)]
mod tests;
mod under_way;

pub(crate) use homes::Homes;
pub use location::Home;
pub(crate) use location::{Location, Place};
pub(crate) use rows::RowStore;
pub(crate) use segments::{Directory, References, SegmentStore};
pub(crate) use under_way::{Span, UnderWay};

use crate::store::key::ContentId;
use futures_util::future::BoxFuture;
use renkei_database::DatabaseError;
use std::io;

/// A sealed chunk of a document, in the order of its number.
pub(crate) type SealedBytes = Vec<u8>;

/// A document whose bytes are durable, before its row is committed. Keep it until that happened.
#[derive(Debug)]
pub(crate) struct Arrival {
    /// For its row.
    pub(crate) location: Location,
    /// Keeps the sweep from taking it for something that was left behind.
    pub(crate) _under_way: UnderWay,
}

/// Keeps sealed documents.
pub(crate) trait ContentStore: Send + Sync {
    /// Keeps a short document; all its chunks but the last are of one length.
    fn put(
        &self,
        id: ContentId,
        chunks: Vec<SealedBytes>,
    ) -> BoxFuture<'_, Result<Arrival, ContentError>>;

    /// Begins a document that is too long to be held.
    fn begin(&self, id: ContentId) -> BoxFuture<'_, Result<Box<dyn LongArrival>, ContentError>>;

    /// A chunk as it was put.
    fn read<'a>(
        &'a self,
        id: ContentId,
        location: &'a Location,
        number: u32,
    ) -> BoxFuture<'a, Result<SealedBytes, ContentError>>;

    /// Overwrites every byte of a document; done again, it does nothing.
    fn erase<'a>(
        &'a self,
        id: ContentId,
        location: &'a Location,
    ) -> BoxFuture<'a, Result<(), ContentError>>;

    /// Erases what arrived and belongs to no row, unless a living process works on it.
    fn sweep(&self) -> BoxFuture<'_, Result<(), ContentError>>;

    /// Finishes what is under way; later arrivals are refused.
    fn close(&self) -> BoxFuture<'_, ()>;
}

/// A long document on its way in. Dropping it gives it up.
pub(crate) trait LongArrival: Send {
    /// Adds a chunk; resolves when there is room for the next.
    fn add(&mut self, chunk: SealedBytes) -> BoxFuture<'_, Result<(), ContentError>>;

    /// The document is complete. Durable when this resolves.
    fn finish(self: Box<Self>) -> BoxFuture<'static, Result<Arrival, ContentError>>;
}

/// A home could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ContentError {
    /// The database that holds the rows.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// A file.
    #[error("content file {name}: {source}")]
    File {
        /// Its name in the folder of the content.
        name: String,
        /// Why.
        source: io::Error,
    },
    /// The bytes are not where the row says.
    #[error("content is missing")]
    Missing,
    /// There are fewer bytes than the row says.
    #[error("content is cut short")]
    CutShort,
    /// The sweep took this arrival for abandoned: the process stood still longer than its lease.
    #[error("content was swept before it was complete")]
    Swept,
    /// The store was closed.
    #[error("the content store is closed")]
    Closed,
}

impl ContentError {
    /// Whether the disk or a quota is full.
    pub(crate) fn is_full(&self) -> bool {
        match self {
            Self::Database(e) => matches!(e, DatabaseError::Full),
            Self::File { source, .. } => {
                matches!(source.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
            }
            Self::Missing | Self::CutShort | Self::Swept | Self::Closed => false,
        }
    }
}
