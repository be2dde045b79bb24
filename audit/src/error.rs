//! What can go wrong with a record.

use renkei_atna::sink::NotRecorded;
use renkei_database::{DatabaseError, OpenError};
use renkei_sealing::{KeyError, SealError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A record was not written, read or moved. Never sent to a peer as it is.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    /// The database did not do its part.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// A record cannot be sealed or opened.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The keys of the records cannot be had.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The database cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// A file of the journal cannot be read or written.
    #[error("{path}: {error}", path = path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        error: Arc<io::Error>,
    },
    /// Another process writes this journal.
    #[error(
        "{path}: another process writes this audit journal / \
         別のプロセスがこの監査ジャーナルに書き込んでいます",
        path = .0.display()
    )]
    InUse(PathBuf),
    /// A record is longer than allowed.
    #[error("an audit record of {0} bytes; at most {max}, a fixed bound", max = crate::draft::MAX_BYTES)]
    TooLong(usize),
    /// Something was opened but is no record of a format that this version knows.
    #[error("an audit record has an unknown format")]
    Format,
    /// The index tells of an entry, and its place in the journal has none.
    #[error("there is no whole entry at its place / その位置に完全な記録がありません")]
    Lost,
    /// The index tells of an entry, and its place in the journal has another.
    #[error("another entry stands at its place / その位置に別の記録があります")]
    Other,
    /// The index tells of an entry, and its journal is not there.
    #[error("its journal is not there / ジャーナルがありません")]
    NoJournal,
    /// The key of the entry was destroyed.
    #[error("the audit record was erased")]
    Erased,
    /// Too many records wait to be written.
    #[error("the queue of the audit journal is full ({0})")]
    Busy(&'static str),
    /// The work was cut short because the program is ending.
    #[error("the program is ending")]
    Ending,
}

impl AuditError {
    pub(crate) fn file(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |error| Self::File { path, error: Arc::new(error) }
    }

    /// The same for another who waited for the same write.
    pub(crate) fn repeat(&self) -> Self {
        match self {
            Self::File { path, error } => {
                Self::File { path: path.clone(), error: Arc::clone(error) }
            }
            Self::Database(_)
            | Self::Seal(_)
            | Self::Key(_)
            | Self::Open(_)
            | Self::InUse(_)
            | Self::TooLong(_)
            | Self::Format
            | Self::Lost
            | Self::Other
            | Self::NoJournal
            | Self::Erased
            | Self::Busy(_)
            | Self::Ending => Self::Ending,
        }
    }
}

impl From<AuditError> for NotRecorded {
    fn from(error: AuditError) -> Self {
        match &error {
            AuditError::Database(DatabaseError::Busy(limit)) => Self::Busy(limit),
            AuditError::TooLong(bytes) => Self::TooLong(*bytes),
            AuditError::Busy(limit) => Self::Busy(limit),
            AuditError::Ending => Self::Closed,
            AuditError::File { error: io, .. } if io.kind() == io::ErrorKind::StorageFull => {
                Self::Full
            }
            AuditError::Database(_)
            | AuditError::Seal(_)
            | AuditError::Key(_)
            | AuditError::Open(_)
            | AuditError::File { .. }
            | AuditError::InUse(_)
            | AuditError::Format
            | AuditError::Lost
            | AuditError::Other
            | AuditError::NoJournal
            | AuditError::Erased => Self::Failed(Box::new(error)),
        }
    }
}

impl From<diesel::result::Error> for AuditError {
    fn from(error: diesel::result::Error) -> Self {
        DatabaseError::from(error).into()
    }
}
