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

/// What SQLite says for its result codes SQLITE_FULL and SQLITE_BUSY, of which Diesel gives the text
/// alone. The library is built into the program and speaks English.
const SQLITE_FULL: &str = "database or disk is full";
const SQLITE_BUSY: &str = "database is locked";

/// What PostgreSQL quotes from its C library for ENOSPC, in English and Japanese. Only what the operator
/// is told depends on it; in other languages that is an internal error.
const NO_SPACE: [&str; 2] = ["No space left on device", "デバイスに空き領域がありません"];

impl From<Error> for DatabaseError {
    fn from(error: Error) -> Self {
        match &error {
            Error::DatabaseError(DatabaseErrorKind::ClosedConnection, _)
            | Error::BrokenTransactionManager => Self::Unavailable,
            Error::DatabaseError(_, info) => match info.message() {
                SQLITE_FULL => Self::Full,
                SQLITE_BUSY => Self::Unavailable,
                text if NO_SPACE.iter().any(|words| text.contains(words)) => Self::Full,
                _ => Self::Query(error),
            },
            _ => Self::Query(error),
        }
    }
}

impl DatabaseError {
    /// Whether the same may be done a moment later, without anybody's help.
    pub const fn passes(&self) -> bool {
        match self {
            Self::Busy(_) | Self::Unavailable | Self::Closed => true,
            Self::Panicked | Self::Full | Self::Query(_) => false,
        }
    }

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
    /// Another actor has its tables there.
    #[error(
        "{actor}.database に指定されたデータベース({url})は {owner}.database のデータベースです。アクターごとに別のデータベース、またはスキーマ(URLに ?options=-csearch_path%3Dスキーマ名 を付ける)を指定してください / {actor}.database names {url}, which is the database of {owner}.database: give each actor a database of its own, or a schema of its own (?options=-csearch_path%3DSCHEMA behind the URL)"
    )]
    OfAnother {
        /// Who wants it.
        actor: &'static str,
        /// Whose it is.
        owner: String,
        /// The URL without its password.
        url: String,
    },
    /// The operating system gave no thread.
    #[error("cannot start a database thread: {0}")]
    Thread(#[from] std::io::Error),
}
