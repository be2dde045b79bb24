//! What became of an identifier: before a merge is taken, its sender is told what forbids it (ITI TF-2: 3.8.4.2.3).

use crate::store::persons;
use crate::{Identity, IdentityError};
use renkei_database::Db;
use renkei_metadata::ids::PatientId;
use std::sync::Arc;

/// What became of an identifier of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Nobody has told of it.
    Unknown,
    /// It is a record's.
    Active,
    /// It was merged, and the record has this identifier now.
    Became(PatientId),
}

impl Identity {
    /// What became of an identifier.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn standing(&self, id: &PatientId) -> Result<Standing, IdentityError> {
        let (inner, id) = (Arc::clone(&self.inner), id.clone());
        let read = move |db: &mut Db| {
            let row = persons::by_hash(db, &inner.vault, &inner.vault.id_hash(&id))?;
            let Some(row) = row else { return Ok(Standing::Unknown) };
            if row.root == row.key {
                return Ok(Standing::Active);
            }
            let root = persons::by_key(db, &inner.vault, row.root)?;
            Ok(Standing::Became(root.found.id))
        };
        self.inner.database.read_short(read).await
    }
}
