//! What can go wrong. None of it is about a person, and none of it reaches a peer.

use renkei_database::{DatabaseError, OpenError};
use renkei_sealing::{KeyError, SealError};

/// Why nothing was remembered or found.
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    /// The database.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// A seal.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// A seal opened, and what it held is no person.
    #[error("a sealed row holds no person")]
    Content,
}

/// Why it cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum IdentityOpenError {
    /// The database.
    #[error(transparent)]
    Database(#[from] OpenError),
    /// The keys.
    #[error(transparent)]
    Keys(#[from] KeyError),
    /// The rules of matching.
    #[error(transparent)]
    Rules(#[from] IdentityError),
}
