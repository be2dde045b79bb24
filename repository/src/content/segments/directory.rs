//! The folder of the segments.
//!
//! `segments/<xx>/<id>` are the files, `xx` being the last two digits of the id. `open/<id>` is an
//! empty file beside each segment that may hold bytes of no row: as long as a process writes to the
//! segment it has the lock of this marker. A marker without a lock is what a crash left.

use crate::content::ContentError;
use crate::store::key::SegmentId;
use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use uuid::Uuid;

/// The folder; all paths are made here.
#[derive(Clone, Debug)]
pub(crate) struct Directory {
    root: PathBuf,
}

/// The right to write to a segment, and the duty to sweep it.
#[derive(Debug)]
pub(super) struct Marker(#[expect(dead_code, reason = "holds the lock")] File);

impl Directory {
    /// Makes the folder, for its owner alone, where it is missing.
    pub(crate) fn open(root: &Path) -> Result<Self, ContentError> {
        let directory = Self { root: root.to_owned() };
        for part in ["open", "segments"] {
            make(&root.join(part)).map_err(error(part))?;
        }
        Ok(directory)
    }

    fn folder(&self, segment: SegmentId) -> PathBuf {
        let name = segment.file_name();
        self.root.join("segments").join(name.get(30..).unwrap_or_default())
    }

    fn path(&self, segment: SegmentId) -> PathBuf {
        self.folder(segment).join(segment.file_name())
    }

    fn marker(&self, segment: SegmentId) -> PathBuf {
        self.root.join("open").join(segment.file_name())
    }

    /// A new segment and its marker, locked.
    pub(super) fn create(&self, segment: SegmentId) -> Result<(File, Marker), ContentError> {
        let of_segment = || error(&segment.file_name());
        let mut options = OpenOptions::new();
        options.write(true).create_new(true).mode(0o600);
        let marker = options.open(self.marker(segment)).map_err(of_segment())?;
        // Whoever sweeps may have seen it already; then it is theirs.
        marker.try_lock().map_err(|e| of_segment()(unlocked(e)))?;
        let folder = self.folder(segment);
        make(&folder).map_err(of_segment())?;
        let file = options.read(true).open(self.path(segment)).map_err(of_segment())?;
        sync_folder(&self.root.join("open")).map_err(of_segment())?;
        sync_folder(&folder).map_err(of_segment())?;
        Ok((file, Marker(marker)))
    }

    /// The segments that have a marker.
    pub(super) fn marked(&self) -> Result<Vec<SegmentId>, ContentError> {
        let mut marked = Vec::new();
        for entry in fs::read_dir(self.root.join("open")).map_err(error("open"))? {
            let name = entry.map_err(error("open"))?.file_name();
            let id = name.to_str().and_then(|n| Uuid::try_parse(n).ok());
            marked.extend(id.map(SegmentId));
        }
        Ok(marked)
    }

    /// Takes over a segment that no process writes to any more; `None` when one does.
    pub(super) fn take_over(&self, segment: SegmentId) -> Result<Option<Marker>, ContentError> {
        let of_segment = || error(&segment.file_name());
        let marker = match OpenOptions::new().write(true).open(self.marker(segment)) {
            Ok(marker) => marker,
            Err(e) if e.kind() == ErrorKind::NotFound => return Ok(None),
            Err(e) => return Err(of_segment()(e)),
        };
        match marker.try_lock() {
            Ok(()) => Ok(Some(Marker(marker))),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(e)) => Err(of_segment()(e)),
        }
    }

    /// Whether the segment has a marker.
    pub(super) fn is_marked(&self, segment: SegmentId) -> bool {
        self.marker(segment).exists()
    }

    /// Takes the marker away: every byte of the segment belongs to a row.
    pub(super) fn unmark(&self, segment: SegmentId) -> Result<(), ContentError> {
        remove(&self.marker(segment)).map_err(error(&segment.file_name()))
    }

    /// Opens a segment; `None` when it is not there.
    pub(super) fn file(
        &self,
        segment: SegmentId,
        write: bool,
    ) -> Result<Option<File>, ContentError> {
        match OpenOptions::new().read(true).write(write).open(self.path(segment)) {
            Ok(file) => Ok(Some(file)),
            Err(e) if e.kind() == ErrorKind::NotFound => Ok(None),
            Err(e) => Err(error(&segment.file_name())(e)),
        }
    }

    /// Removes a segment of which nothing is needed.
    pub(super) fn remove(&self, segment: SegmentId) -> Result<(), ContentError> {
        let removed = remove(&self.path(segment)).and_then(|()| sync_folder(&self.folder(segment)));
        removed.map_err(error(&segment.file_name()))
    }
}

/// An error of the file `name`.
pub(super) fn error(name: &str) -> impl Fn(io::Error) -> ContentError + use<> {
    let name = name.to_owned();
    move |source| ContentError::File { name: name.clone(), source }
}

fn unlocked(error: TryLockError) -> io::Error {
    match error {
        TryLockError::Error(e) => e,
        TryLockError::WouldBlock => ErrorKind::WouldBlock.into(),
    }
}

/// Makes a folder and sees to it that its name outlives a crash.
fn make(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    folder.parent().map_or(Ok(()), sync_folder)
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(e) if e.kind() != ErrorKind::NotFound => Err(e),
        Ok(()) | Err(_) => Ok(()),
    }
}

fn sync_folder(folder: &Path) -> io::Result<()> {
    match File::open(folder) {
        Err(e) if e.kind() == ErrorKind::NotFound => Ok(()),
        opened => opened?.sync_all(),
    }
}
