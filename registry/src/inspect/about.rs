//! All that names a person here.

use super::Inspection;
use crate::store::names::{self, Names, NamesError};
use renkei_metadata::ids::PatientId;

impl Inspection {
    /// What names `person`; of one that was never announced, the id alone. What was removed (ITI-62) has left
    /// nothing but the record of that.
    ///
    /// # Errors
    /// When the database does not answer, or an id does not open.
    pub async fn names(&self, person: &PatientId) -> Result<Names, NamesError> {
        let (vault, person) = (self.vault.clone(), person.clone());
        self.database.read(move |db| names::of(db, &vault, &person)).await
    }
}
