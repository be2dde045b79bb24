//! What can go wrong with an answer or a reply.

use renkei_database::DatabaseError;
use renkei_sealing::{KeyError, SealError};

/// An answer was not remembered or found, or a reply not kept. Never sent to a peer as it is.
#[derive(Debug, thiserror::Error)]
pub enum ExchangeError {
    /// The database did not do its part.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// It cannot be sealed or opened.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The keys cannot be had.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// Something was opened but has an unknown form.
    #[error("an answer has an unknown format")]
    Format,
    /// Too many replies wait; the name is that of the limit.
    #[error("too many replies wait ({0})")]
    Busy(&'static str),
    /// Too many replies of one partner wait; the name is that of the limit.
    #[error("too many replies of one partner wait ({0})")]
    PartnerBusy(&'static str),
}

impl From<postcard::Error> for ExchangeError {
    fn from(_: postcard::Error) -> Self {
        Self::Format
    }
}
