//! What can go wrong with a record.

use renkei_atna::sink::NotRecorded;
use renkei_database::{DatabaseError, OpenError};
use renkei_sealing::{KeyError, SealError};

/// A record was not written, read or moved. Never sent to a peer as it is.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    /// The database did not do its part.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// A body cannot be sealed or opened.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The keys of the records cannot be had.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The database cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// A record is longer than allowed.
    #[error("an audit record of {0} bytes; at most {max} (limits.audit_record_bytes)", max = crate::body::MAX_BYTES)]
    TooLong(usize),
    /// A body was opened but is no record of a format that this version knows.
    #[error("an audit record has an unknown format")]
    Format,
    /// The work was cut short because the program is ending.
    #[error("the program is ending")]
    Ending,
}

impl From<AuditError> for NotRecorded {
    fn from(error: AuditError) -> Self {
        match error {
            AuditError::TooLong(bytes) => Self::TooLong(bytes),
            AuditError::Database(DatabaseError::Busy(limit)) => Self::Busy(limit),
            AuditError::Database(DatabaseError::Full) => Self::Full,
            AuditError::Ending | AuditError::Database(DatabaseError::Closed) => Self::Closed,
            AuditError::Database(_)
            | AuditError::Seal(_)
            | AuditError::Key(_)
            | AuditError::Open(_)
            | AuditError::Format => Self::Failed(Box::new(error)),
        }
    }
}

impl From<diesel::result::Error> for AuditError {
    fn from(error: diesel::result::Error) -> Self {
        Self::Database(error.into())
    }
}
