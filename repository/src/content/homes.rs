//! Both homes behind one door: new documents go where the settings say, every other is looked for
//! where its row says. So the setting can change while documents are here.

use super::{
    Arrival, ContentError, ContentStore, Directory, Home, Location, LongArrival, Place, References,
    RowStore, SealedBytes, SegmentStore, Span,
};
use crate::store::key::{ContentId, LeaseId, SegmentId};
use crate::store::read;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use renkei_database::Database;
use std::path::Path;
use std::sync::Arc;

/// All content of a repository.
pub(crate) struct Homes {
    home: Home,
    rows: RowStore,
    /// `None` where documents were never kept in segments.
    segments: Option<SegmentStore>,
}

impl Homes {
    /// Opens the homes; `folder` is that of the segments.
    pub(crate) fn open(
        home: Home,
        folder: &Path,
        database: &Database,
        lease: LeaseId,
    ) -> Result<Self, ContentError> {
        let segments = if home == Home::Segments || folder.is_dir() {
            let references = Arc::new(ContentRows(database.clone()));
            Some(SegmentStore::open(Directory::open(folder)?, references)?)
        } else {
            None
        };
        Ok(Self { home, rows: RowStore::new(database.clone(), lease), segments })
    }

    fn new_home(&self) -> Result<&dyn ContentStore, ContentError> {
        match self.home {
            Home::Rows => Ok(&self.rows),
            Home::Segments => self.segments(),
        }
    }

    fn home_of(&self, location: &Location) -> Result<&dyn ContentStore, ContentError> {
        match location.place {
            Place::Rows => Ok(&self.rows),
            Place::Segment { .. } => self.segments(),
        }
    }

    fn segments(&self) -> Result<&dyn ContentStore, ContentError> {
        self.segments.as_ref().map(|s| s as &dyn ContentStore).ok_or(ContentError::Missing)
    }
}

impl ContentStore for Homes {
    fn put(
        &self,
        id: ContentId,
        chunks: Vec<SealedBytes>,
    ) -> BoxFuture<'_, Result<Arrival, ContentError>> {
        match self.new_home() {
            Ok(home) => home.put(id, chunks),
            Err(error) => std::future::ready(Err(error)).boxed(),
        }
    }

    fn begin(&self, id: ContentId) -> BoxFuture<'_, Result<Box<dyn LongArrival>, ContentError>> {
        match self.new_home() {
            Ok(home) => home.begin(id),
            Err(error) => std::future::ready(Err(error)).boxed(),
        }
    }

    fn read<'a>(
        &'a self,
        id: ContentId,
        location: &'a Location,
        number: u32,
    ) -> BoxFuture<'a, Result<SealedBytes, ContentError>> {
        match self.home_of(location) {
            Ok(home) => home.read(id, location, number),
            Err(error) => std::future::ready(Err(error)).boxed(),
        }
    }

    fn erase<'a>(
        &'a self,
        id: ContentId,
        location: &'a Location,
    ) -> BoxFuture<'a, Result<(), ContentError>> {
        match self.home_of(location) {
            Ok(home) => home.erase(id, location),
            Err(error) => std::future::ready(Err(error)).boxed(),
        }
    }

    fn sweep(&self) -> BoxFuture<'_, Result<(), ContentError>> {
        async move {
            self.rows.sweep().await?;
            match &self.segments {
                Some(segments) => segments.sweep().await,
                None => Ok(()),
            }
        }
        .boxed()
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        async move {
            self.rows.close().await;
            if let Some(segments) = &self.segments {
                segments.close().await;
            }
        }
        .boxed()
    }
}

/// The rows of the table `content`.
struct ContentRows(Database);

impl References for ContentRows {
    fn within(&self, segment: SegmentId) -> BoxFuture<'_, Result<Vec<Span>, ContentError>> {
        let found = self.0.read(move |db| Ok::<_, ContentError>(read::within(db, segment)?));
        found.boxed()
    }
}
