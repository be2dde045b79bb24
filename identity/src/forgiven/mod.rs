//! How often other communities were forgiven what they did wrong, for whoever decides whether they still have to
//! be: it outlasts the process. No value of a patient is in it.

mod store;
#[cfg(test)]
mod tests;

use crate::{Identity, IdentityError};
use chrono::{DateTime, Utc};
use renkei_database::Db;
use renkei_metadata::ids::HomeCommunityId;
use std::collections::BTreeMap;

/// How often something was forgiven.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Forgiven {
    /// How many objects passed by it.
    pub times: u64,
    /// When the last of them did.
    pub last: DateTime<Utc>,
}

impl Identity {
    /// An answer of `home` was forgiven `quirk` in so many objects at `at`.
    ///
    /// # Errors
    /// When the database does not take it.
    pub async fn forgave(
        &self,
        home: &HomeCommunityId,
        quirk: &'static str,
        times: u64,
        at: DateTime<Utc>,
    ) -> Result<(), IdentityError> {
        let home = home.clone();
        let write = move |db: &mut Db| store::count(db, &home, quirk, Forgiven { times, last: at });
        self.inner.database.write(write).await
    }

    /// What was forgiven whom, by homeCommunityId and the name of what was forgiven.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn forgiven(&self) -> Result<BTreeMap<(String, String), Forgiven>, IdentityError> {
        self.inner.database.read(store::all).await
    }
}
