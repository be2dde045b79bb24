//! What a repository that has lost an answer asks: was it registered?

use crate::Registry;
use crate::store::lookup;
use renkei_database::DatabaseError;
use renkei_metadata::ids::{Oid, UniqueId};

impl Registry {
    /// Whether the SubmissionSet `set` is registered with each of `documents` as its member, in
    /// whatever status.
    ///
    /// The set decides: documents that were resubmitted under another one are registered whatever
    /// became of this (ITI TF-2: 3.42.4.1.3.3.1).
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn holds(&self, set: &Oid, documents: &[UniqueId]) -> Result<bool, DatabaseError> {
        let set = set.as_str().to_owned();
        let documents: Vec<String> = documents.iter().map(|u| u.as_str().to_owned()).collect();
        self.inner
            .database
            .read(move |db| {
                let members = lookup::documents_of(db, &set)?;
                Ok::<_, DatabaseError>(
                    members.is_some_and(|members| documents.iter().all(|id| members.contains(id))),
                )
            })
            .await
    }
}
