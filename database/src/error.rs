//! What can go wrong between a caller and its database.

use diesel::result::{DatabaseErrorKind, Error};

/// A job was not done. Never sent to a peer as it is: the text may hold statements.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    /// A queue is full; the name is that of its limit.
    #[error("the queue is full ({0})")]
    Busy(&'static str),
    /// The database cannot be reached, or is locked by another program.
    #[error("the database cannot be reached")]
    Unavailable,
    /// The job panicked; its changes are undone.
    #[error("a database job failed unexpectedly")]
    Panicked,
    /// The database was closed.
    #[error("the database is closed")]
    Closed,
    /// The disk or a quota is full.
    #[error("the database has no space left")]
    Full,
    /// A statement failed.
    #[error(transparent)]
    Query(Error),
}

impl From<Error> for DatabaseError {
    fn from(error: Error) -> Self {
        match &error {
            Error::DatabaseError(DatabaseErrorKind::ClosedConnection, _)
            | Error::BrokenTransactionManager => Self::Unavailable,
            Error::DatabaseError(_, info) => match info.message() {
                "database or disk is full" => Self::Full,
                "database is locked" => Self::Unavailable,
                text if text.contains("No space left on device") => Self::Full,
                _ => Self::Query(error),
            },
            _ => Self::Query(error),
        }
    }
}

impl DatabaseError {
    /// Whether a statement broke a unique index or primary key.
    pub fn is_unique_violation(&self) -> bool {
        matches!(self, Self::Query(Error::DatabaseError(DatabaseErrorKind::UniqueViolation, _)))
    }
}

/// The database cannot be opened. For the operator.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// No connection; the text names the server or file, never a password.
    #[error("cannot open the database {url}: {reason}")]
    Connect {
        /// The URL without its password.
        url: String,
        /// What the database said.
        reason: String,
    },
    /// A migration failed.
    #[error("cannot bring the tables of {url} up to date: {reason}")]
    Migration {
        /// The URL without its password.
        url: String,
        /// What the database said.
        reason: String,
    },
    /// The operating system gave no thread.
    #[error("cannot start a database thread: {0}")]
    Thread(#[from] std::io::Error),
}
