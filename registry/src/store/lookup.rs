//! What a submission has to be compared with.
//!
//! On PostgreSQL a statement is a round trip, therefore one asks for many values as an array. On
//! SQLite it is a call, and one for each value is prepared once for all.

use super::key::{Id, Key};
use super::schema::{association, document_entry, object, patient, unique_id};
use super::{association_number, kind_number, kind_of, status_of};
use diesel::{
    BoolExpressionMethods, ExpressionMethods, JoinOnDsl, NullableExpressionMethods,
    OptionalExtension, QueryDsl, QueryResult, RunQueryDsl,
};
use renkei_database::{Db, each};
use renkei_metadata::model::{AssociationType, AvailabilityStatus, ObjectKind};
use std::collections::{HashMap, HashSet};

/// A patient identifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PatientRow {
    pub(crate) key: i64,
    /// The patient that it is now: itself, or the one it was merged into.
    pub(crate) root: i64,
}

/// A registered object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Known {
    pub(crate) kind: ObjectKind,
    pub(crate) patient_key: i64,
    /// The patient that this identifier is now.
    pub(crate) root: i64,
    pub(crate) key: Key,
}

/// What an entryUUID names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Named {
    Object(Known),
    /// An object that was removed; its id is taken for ever.
    Removed,
}

/// The content that a uniqueId stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Content {
    pub(crate) hash: Vec<u8>,
    pub(crate) size: i64,
}

/// The patient filed under `hash`.
pub(crate) fn patient(db: &mut Db, hash: &[u8]) -> QueryResult<Option<PatientRow>> {
    let query =
        patient::table.filter(patient::cx_hash.eq(hash)).select((patient::key, patient::survivor));
    let row: Option<(i64, Option<i64>)> = each!(db, |c| query.first(c).optional())?;
    Ok(row.map(found))
}

/// The same, held against other submissions for this patient until the transaction ends; those that
/// only refer to a document of this patient may go on. SQLite has one writer and needs no lock.
pub(crate) fn patient_locked(db: &mut Db, hash: &[u8]) -> QueryResult<Option<PatientRow>> {
    let Db::Pg(c) = db else { return patient(db, hash) };
    let row: Option<(i64, Option<i64>)> = patient::table
        .filter(patient::cx_hash.eq(hash))
        .select((patient::key, patient::survivor))
        .for_no_key_update()
        .first(c)
        .optional()?;
    Ok(row.map(found))
}

fn found((key, survivor): (i64, Option<i64>)) -> PatientRow {
    PatientRow { key, root: survivor.unwrap_or(key) }
}

type ObjectRow = (Id, i16, Option<i64>, Option<Key>, Option<i64>);

/// What these entryUUIDs name; those that name nothing are left out.
pub(crate) fn objects(db: &mut Db, ids: &[Id]) -> QueryResult<HashMap<Id, Named>> {
    let query = object::table
        .left_join(patient::table.on(object::patient_key.eq(patient::key.nullable())))
        .select((
            object::id,
            object::kind,
            object::patient_key,
            object::key,
            patient::survivor.nullable(),
        ));
    let rows: Vec<ObjectRow> = match db {
        Db::Pg(c) => query.filter(object::id.eq_any(ids)).load(c)?,
        Db::Sqlite(c) => {
            let one = |id: &Id| query.filter(object::id.eq(id)).first(c).optional().transpose();
            ids.iter().filter_map(one).collect::<QueryResult<_>>()?
        }
    };
    Ok(rows.into_iter().map(named).collect())
}

fn named((id, kind, patient_key, key, survivor): ObjectRow) -> (Id, Named) {
    let (Some(patient_key), Some(key)) = (patient_key, key) else { return (id, Named::Removed) };
    let root = survivor.unwrap_or(patient_key);
    (id, Named::Object(Known { kind: kind_of(kind), patient_key, root, key }))
}

/// The kinds of object that these uniqueIds name, or named; those that are free are left out.
pub(crate) fn unique_ids(db: &mut Db, values: &[&str]) -> QueryResult<HashMap<String, ObjectKind>> {
    let query = unique_id::table.select((unique_id::value, unique_id::kind));
    let rows: Vec<(String, i16)> = match db {
        Db::Pg(c) => query.filter(unique_id::value.eq_any(values)).load(c)?,
        Db::Sqlite(c) => {
            let one = |value: &&str| {
                query.filter(unique_id::value.eq(*value)).first(c).optional().transpose()
            };
            values.iter().filter_map(one).collect::<QueryResult<_>>()?
        }
    };
    Ok(rows.into_iter().map(|(value, kind)| (value, kind_of(kind))).collect())
}

/// The uniqueIds of the documents of a SubmissionSet; `None` when it is not registered, or was removed.
pub(crate) fn documents_of(db: &mut Db, set: &str) -> QueryResult<Option<HashSet<String>>> {
    let query = unique_id::table
        .filter(unique_id::value.eq(set))
        .filter(unique_id::kind.eq(kind_number(ObjectKind::SubmissionSet)))
        .filter(unique_id::key.is_not_null())
        .select(unique_id::key.assume_not_null());
    let key: Option<Key> = each!(db, |c| query.first(c).optional())?;
    let Some(key) = key else { return Ok(None) };
    let is_member =
        association::association_type.nullable().eq(association_number(AssociationType::HasMember));
    let target = document_entry::patient_key
        .eq(association::target_patient)
        .and(document_entry::key.eq(association::target_key));
    let query = association::table
        .inner_join(document_entry::table.on(target))
        .filter(association::source_key.eq(key))
        .filter(is_member)
        .select(document_entry::unique_id);
    let found: Vec<String> = each!(db, |c| query.load(c))?;
    Ok(Some(found.into_iter().collect()))
}

/// What the entries of a uniqueId say of its content; they all say the same.
pub(crate) fn content(db: &mut Db, unique_id: &str) -> QueryResult<Option<Content>> {
    let query = document_entry::table
        .filter(document_entry::unique_id.eq(unique_id))
        .filter(document_entry::hash.is_not_null())
        .filter(document_entry::size.is_not_null())
        .select((document_entry::hash.assume_not_null(), document_entry::size.assume_not_null()));
    let row: Option<(Vec<u8>, i64)> = each!(db, |c| query.first(c).optional())?;
    Ok(row.map(|(hash, size)| Content { hash, size }))
}

/// availabilityStatus of a document.
pub(crate) fn status(db: &mut Db, known: &Known) -> QueryResult<Option<AvailabilityStatus>> {
    let query =
        document_entry::table.find((known.patient_key, known.key)).select(document_entry::status);
    let number: Option<i16> = each!(db, |c| query.first(c).optional())?;
    Ok(number.map(status_of))
}

/// The transformations and addenda of a document, by patient key and key.
pub(crate) fn dependants(db: &mut Db, key: Key) -> QueryResult<Vec<(i64, Key)>> {
    let is = |t| association::association_type.nullable().eq(association_number(t));
    let query = association::table
        .filter(association::target_key.eq(key))
        .filter(is(AssociationType::Xfrm).or(is(AssociationType::Apnd)))
        .select((association::source_patient, association::source_key));
    each!(db, |c| query.load(c))
}

/// What the columns say of the DocumentEntries of all patients, to be compared with their fragments:
/// entryUUID, uniqueId, hash, size, classCode, creationTime, home, status.
#[cfg(test)]
pub(crate) type Columns =
    (Id, String, Option<Vec<u8>>, Option<i64>, Option<String>, Option<String>, Option<String>, i16);

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

/// The associations by the ids of their ends: source, type, SubmissionSetStatus, target.
#[cfg(test)]
pub(crate) type Link = (Id, i16, Option<i16>, Id);

#[cfg(test)]
pub(crate) fn links(db: &mut Db) -> QueryResult<Vec<Link>> {
    use association as a;
    let (source, target) = diesel::alias!(object as source, object as target);
    let query = a::table
        .inner_join(source.on(source.field(object::key).eq(a::source_key.nullable())))
        .inner_join(target.on(target.field(object::key).eq(a::target_key.nullable())))
        .select((
            source.field(object::id),
            a::association_type,
            a::set_status,
            target.field(object::id),
        ));
    each!(db, |c| query.load(c))
}

/// The reference ids by their keyed hashes and the ids of the entries that carry them.
#[cfg(test)]
pub(crate) fn references(db: &mut Db) -> QueryResult<Vec<(Id, Vec<u8>)>> {
    use super::schema::reference as r;
    let query = r::table
        .inner_join(object::table.on(object::key.eq(r::key.nullable())))
        .select((object::id, r::hash));
    each!(db, |c| query.load(c))
}
