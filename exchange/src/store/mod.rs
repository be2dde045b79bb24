//! The rows of answers and replies.

pub(crate) mod answered;
pub(crate) mod reply;
mod schema;

use crate::error::ExchangeError;
use renkei_database::DatabaseError;

impl From<diesel::result::Error> for ExchangeError {
    fn from(error: diesel::result::Error) -> Self {
        DatabaseError::from(error).into()
    }
}
