//! Failures of the house as findings. What happened inside goes to the log, not to a peer.

use crate::rules;
use crate::store::search::SearchError;
use crate::store::write::WriteError;
use renkei_database::DatabaseError;
use renkei_metadata::finding::{Finding, Rule};

/// The finding for a failed write.
pub(crate) fn of_write(error: &WriteError, object: &str) -> Finding {
    match error {
        WriteError::Database(DatabaseError::Full) => {
            failed(&DatabaseError::Full, &rules::OUT_OF_SPACE, object)
        }
        WriteError::Database(e) => of_database(e, &rules::INTERNAL, object),
        WriteError::Seal(_)
        | WriteError::Vault(_)
        | WriteError::Missing(_)
        | WriteError::Audit(_) => {
            tracing::error!(%error, "a change of the registry failed");
            Finding::new(&rules::INTERNAL, object)
        }
    }
}

/// The finding for a failed search.
pub(crate) fn of_search(error: &SearchError, object: &str) -> Finding {
    match error {
        SearchError::Database(e) => of_database(e, &rules::NOT_ANSWERED, object),
        // It was told to nobody yet, and the next question gets the new state.
        SearchError::Overtaken => Finding::new(&rules::OVERTAKEN, object),
        SearchError::Vault(_) => {
            tracing::error!(%error, "a stored row cannot be opened");
            Finding::new(&rules::NOT_ANSWERED, object)
        }
    }
}

/// `otherwise` is what is told of an error that the caller can do nothing about.
fn of_database(error: &DatabaseError, otherwise: &'static Rule, object: &str) -> Finding {
    match error {
        DatabaseError::Busy(limit) => Finding::new(&rules::BUSY, object).attribute(*limit),
        DatabaseError::Full
        | DatabaseError::Unavailable
        | DatabaseError::Panicked
        | DatabaseError::Closed
        | DatabaseError::Query(_) => failed(error, otherwise, object),
    }
}

fn failed(error: &DatabaseError, rule: &'static Rule, object: &str) -> Finding {
    tracing::error!(%error, "the registry's database failed");
    Finding::new(rule, object)
}
