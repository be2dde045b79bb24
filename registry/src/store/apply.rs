//! Effects become rows.

use super::codes;
use super::labels;
use super::news;
use super::write::{self, WriteError};
use crate::change::effect::Effect;
use crate::change::lifecycle::State;
use renkei_database::Db;

/// Carries out `effects`, one after the other, in the transaction that `db` is in.
pub(crate) fn apply(db: &mut Db, effects: &[Effect]) -> Result<(), WriteError> {
    for effect in effects {
        match effect {
            Effect::Set(patient, set) => write::submission_set(db, *patient, set)?,
            Effect::Entry(patient, entry) => write::entry(db, *patient, entry)?,
            Effect::DocumentUniqueId(value) => write::document_unique_id(db, value)?,
            Effect::Folder(patient, folder) => write::folder(db, *patient, folder)?,
            Effect::Association(patient, association, ends) => {
                write::association(db, *patient, association, *ends)?;
            }
            Effect::Becomes(place, id, State::Removed) => write::remove(db, place, *id)?,
            Effect::Becomes(place, _, state) => write::state(db, place, *state)?,
            Effect::Unreferenced(entry, hash) => write::unreferenced(db, entry, hash)?,
            Effect::Uncoded(noted) => codes::forget(db, noted)?,
            Effect::Touched(folder, now) => write::touch(db, folder, now)?,
            Effect::Labelled(documents) => labels::carry(db, documents)?,
            Effect::News(row) => news::insert(db, row)?,
        }
    }
    Ok(())
}
