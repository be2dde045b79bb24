//! Failures of the house as findings. What happened inside goes to the log, not to a peer.

use crate::content::ContentError;
use crate::rules;
use renkei_audit::AuditError;
use renkei_database::DatabaseError;
use renkei_metadata::finding::Finding;
use renkei_sealing::SealError;

/// Something inside did not work.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// The database.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// Encryption, or a stored value that does not open.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// An audit record.
    #[error(transparent)]
    Audit(#[from] AuditError),
    /// The home of the content.
    #[error(transparent)]
    Content(#[from] ContentError),
    /// A row that must be there is not.
    #[error("stored content is incomplete")]
    Incomplete,
}

impl Failure {
    /// What the peer is told about `object`.
    pub(crate) fn finding(&self, object: impl Into<String>) -> Finding {
        let database = match self {
            Self::Database(e)
            | Self::Audit(AuditError::Database(e))
            | Self::Content(ContentError::Database(e)) => Some(e),
            Self::Seal(_) | Self::Audit(_) | Self::Content(_) | Self::Incomplete => None,
        };
        let full = match self {
            Self::Content(error) => error.is_full(),
            Self::Database(_) | Self::Seal(_) | Self::Audit(_) | Self::Incomplete => {
                matches!(database, Some(DatabaseError::Full))
            }
        };
        match database {
            Some(DatabaseError::Busy(limit)) => {
                Finding::new(&rules::BUSY, object).attribute(*limit)
            }
            _ if full => {
                tracing::error!(error = %self, "the repository is out of space");
                Finding::new(&rules::OUT_OF_SPACE, object)
            }
            _ => {
                tracing::error!(error = %self, "the repository failed");
                Finding::new(&rules::INTERNAL, object)
            }
        }
    }

    /// Whether another submission took a uniqueId at the same moment.
    pub(crate) fn is_collision(&self) -> bool {
        matches!(self, Self::Database(e) if e.is_unique_violation())
    }
}
