//! All that names a person here: what a record of a deed may name in the place of the patient.

use super::key::Id;
use super::lookup;
use super::schema::{document_entry, patient, submission_set};
use super::vault::{Vault, VaultError};
use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl};
use renkei_database::{DatabaseError, Db, each};
use renkei_metadata::ids::PatientId;
use std::collections::BTreeSet;

/// What names a person.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    /// All ids that are the person's, merged ones among them.
    pub patients: BTreeSet<PatientId>,
    /// uniqueIds of documents.
    pub documents: BTreeSet<String>,
    /// uniqueIds of SubmissionSets, and the entryUUIDs of these and of the documents.
    pub others: BTreeSet<String>,
}

/// Why it cannot be told.
#[derive(Debug, thiserror::Error)]
pub enum NamesError {
    /// The database does not answer.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// An id does not open.
    #[error("an id of the patient does not open")]
    Sealed,
}

impl From<diesel::result::Error> for NamesError {
    fn from(error: diesel::result::Error) -> Self {
        Self::Database(error.into())
    }
}

impl From<VaultError> for NamesError {
    fn from(_: VaultError) -> Self {
        Self::Sealed
    }
}

/// What names `person`.
pub(crate) fn of(db: &mut Db, vault: &Vault, person: &PatientId) -> Result<Names, NamesError> {
    let mut names = Names { patients: [person.clone()].into(), ..Names::default() };
    let Some(row) = lookup::patient(db, &vault.hash(person))? else {
        return Ok(names);
    };
    let ids = patient::table.filter(patient::survivor.eq(row.root)).select((
        patient::key,
        patient::cx_hash,
        patient::cx,
    ));
    let ids: Vec<(i64, Vec<u8>, Vec<u8>)> = each!(db, |c| ids.load(c))?;
    for (key, hash, sealed) in ids {
        names.patients.insert(vault.open_cx(&hash, &sealed)?);
        let documents = document_entry::table
            .filter(document_entry::patient_key.eq(key))
            .select((document_entry::unique_id, document_entry::id));
        let documents: Vec<(String, Id)> = each!(db, |c| documents.load(c))?;
        let sets = submission_set::table
            .filter(submission_set::patient_key.eq(key))
            .select((submission_set::unique_id, submission_set::id));
        let sets: Vec<(String, Id)> = each!(db, |c| sets.load(c))?;
        let uuid = |id: &Id| id.0.urn().to_string();
        names.others.extend(documents.iter().chain(&sets).map(|(_, id)| uuid(id)));
        names.documents.extend(documents.into_iter().map(|(id, _)| id));
        names.others.extend(sets.into_iter().map(|(id, _)| id));
    }
    Ok(names)
}
