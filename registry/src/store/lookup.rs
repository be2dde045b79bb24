//! What a submission has to be compared with.

use super::schema::{association, document_entry, identifier, patient};
use super::{IdKind, kind_of, status_of};
use diesel::{ExpressionMethods, JoinOnDsl, OptionalExtension, QueryDsl, QueryResult, RunQueryDsl};
use renkei_database::{Db, each};
use renkei_metadata::model::{AssociationType, AvailabilityStatus, ObjectKind};
use std::collections::HashMap;

/// A patient identifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PatientRow {
    pub(crate) key: i64,
    /// The patient that it is now: itself, or the one it was merged into.
    pub(crate) root: i64,
}

/// A registered object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Known {
    pub(crate) patient_key: i64,
    pub(crate) root: i64,
    /// Its entryUUID, bare.
    pub(crate) id: String,
    pub(crate) kind: ObjectKind,
}

/// How many values one statement asks for.
const AT_ONCE: usize = 500;

/// The patient filed under `hash`.
pub(crate) fn patient(db: &mut Db, hash: &[u8]) -> QueryResult<Option<PatientRow>> {
    let query =
        patient::table.filter(patient::cx_hash.eq(hash)).select((patient::key, patient::survivor));
    let row: Option<(i64, Option<i64>)> = each!(db, |c| query.first(c).optional())?;
    Ok(row.map(found))
}

/// The same, held against other submissions for this patient until the transaction ends. SQLite has
/// one writer and needs no lock.
pub(crate) fn patient_locked(db: &mut Db, hash: &[u8]) -> QueryResult<Option<PatientRow>> {
    let Db::Pg(c) = db else { return patient(db, hash) };
    let row: Option<(i64, Option<i64>)> = patient::table
        .filter(patient::cx_hash.eq(hash))
        .select((patient::key, patient::survivor))
        .for_update()
        .first(c)
        .optional()?;
    Ok(row.map(found))
}

fn found((key, survivor): (i64, Option<i64>)) -> PatientRow {
    PatientRow { key, root: survivor.unwrap_or(key) }
}

/// The registered objects among `values`.
pub(crate) fn identifiers(
    db: &mut Db,
    kind: IdKind,
    values: &[String],
) -> QueryResult<HashMap<String, Known>> {
    let mut all = HashMap::with_capacity(values.len());
    for chunk in values.chunks(AT_ONCE) {
        let query = identifier::table
            .inner_join(patient::table.on(patient::key.eq(identifier::patient_key)))
            .filter(identifier::kind.eq(kind.number()))
            .filter(identifier::value.eq_any(chunk))
            .select((
                identifier::value,
                identifier::patient_key,
                patient::survivor,
                identifier::object_id,
                identifier::object_kind,
            ));
        let rows: Vec<(String, i64, Option<i64>, String, i16)> = each!(db, |c| query.load(c))?;
        all.extend(rows.into_iter().map(|(value, patient_key, survivor, id, kind)| {
            let root = survivor.unwrap_or(patient_key);
            (value, Known { patient_key, root, id, kind: kind_of(kind) })
        }));
    }
    Ok(all)
}

/// Hash and size of a document.
pub(crate) fn content(db: &mut Db, known: &Known) -> QueryResult<Option<(String, i64)>> {
    let query = document_entry::table
        .find((known.patient_key, known.id.as_str()))
        .select((document_entry::hash, document_entry::size));
    each!(db, |c| query.first(c).optional())
}

/// availabilityStatus of a document.
pub(crate) fn status(db: &mut Db, known: &Known) -> QueryResult<Option<AvailabilityStatus>> {
    let query = document_entry::table
        .find((known.patient_key, known.id.as_str()))
        .select(document_entry::status);
    let number: Option<i16> = each!(db, |c| query.first(c).optional())?;
    Ok(number.map(status_of))
}

/// The transformations and addenda of a document, by patient key and id.
pub(crate) fn dependants(
    db: &mut Db,
    patient_key: i64,
    id: &str,
) -> QueryResult<Vec<(i64, String)>> {
    let types = [AssociationType::Xfrm.urn(), AssociationType::Apnd.urn()];
    let query = association::table
        .filter(association::target_key.eq(patient_key))
        .filter(association::target_id.eq(id))
        .filter(association::association_type.eq_any(types))
        .select((association::patient_key, association::source_id));
    each!(db, |c| query.load(c))
}

/// What the columns say of the DocumentEntries of all patients, to be compared with their fragments:
/// id, uniqueId, hash, size, classCode, creationTime, home, status.
#[cfg(test)]
pub(crate) type Columns =
    (String, String, String, i64, Option<String>, Option<String>, Option<String>, i16);

#[cfg(test)]
pub(crate) fn columns(db: &mut Db) -> QueryResult<Vec<Columns>> {
    use document_entry as e;
    let query = e::table.order(e::id).select((
        e::id,
        e::unique_id,
        e::hash,
        e::size,
        e::class_code,
        e::creation_time,
        e::home,
        e::status,
    ));
    each!(db, |c| query.load(c))
}
