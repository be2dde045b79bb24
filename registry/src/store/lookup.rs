//! What a submission has to be compared with.
//!
//! On PostgreSQL a statement is a round trip, therefore one asks for many values as an array. On
//! SQLite it is a call, and one for each value is prepared once for all.

use super::columns::EncryptedColumn;
use super::key::{Id, Key};
use super::schema::{
    association, document_entry, folder, object, patient, submission_set, unique_id,
};
use super::vault::Vault;
use super::write::WriteError;
use super::{association_number, kind_of, status_number, status_of, type_number, type_of};
use crate::change::lifecycle::State;
use diesel::{
    BoolExpressionMethods, ExpressionMethods, JoinOnDsl, NullableExpressionMethods,
    OptionalExtension, QueryDsl, QueryResult, RunQueryDsl,
};
use renkei_database::{Db, each};
use renkei_metadata::model::{AssociationType, AvailabilityStatus, EntryType, ObjectKind};
use std::collections::{BTreeSet, HashMap};

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

/// Where a registered object is, or one that is being registered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(crate) kind: ObjectKind,
    pub(crate) patient_key: i64,
    pub(crate) key: Key,
}

impl From<&Known> for Place {
    fn from(object: &Known) -> Self {
        Self { kind: object.kind, patient_key: object.patient_key, key: object.key }
    }
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
    pub(crate) entry_type: EntryType,
    /// An On-Demand document has neither hash nor size.
    pub(crate) hash: Option<Vec<u8>>,
    pub(crate) size: Option<i64>,
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

/// What the entries of a uniqueId say of its content. They all say the same, but for earlier versions
/// of one whose hash or size was updated.
pub(crate) fn content(db: &mut Db, unique_id: &str) -> QueryResult<Option<Content>> {
    use document_entry as e;
    let query = e::table
        .filter(e::unique_id.eq(unique_id))
        .order((e::latest.desc(), e::key.desc()))
        .select((e::object_type, e::hash, e::size));
    let row: Option<(i16, Option<Vec<u8>>, Option<i64>)> =
        each!(db, |c| query.first(c).optional())?;
    Ok(row.map(|(number, hash, size)| Content { entry_type: type_of(number), hash, size }))
}

/// Whether a document has entries besides those of the document `lid`.
pub(crate) fn is_shared(db: &mut Db, unique_id: &str, lid: Id) -> QueryResult<bool> {
    use document_entry as e;
    let query = e::table.filter(e::unique_id.eq(unique_id)).filter(e::lid.ne(lid)).select(e::key);
    let other: Option<Key> = each!(db, |c| query.first(c).optional())?;
    Ok(other.is_some())
}

/// What a registered version is; `None` when it is gone.
pub(crate) fn state(db: &mut Db, at: &Place) -> QueryResult<Option<State>> {
    let place = (at.patient_key, at.key);
    let row: Option<(i16, i16)> = match at.kind {
        ObjectKind::DocumentEntry => {
            use document_entry as e;
            let query = e::table.find(place).select((e::status, e::latest));
            each!(db, |c| query.first(c).optional())?
        }
        ObjectKind::Folder => {
            let query = folder::table.find(place).select((folder::status, folder::latest));
            each!(db, |c| query.first(c).optional())?
        }
        // These have one version.
        ObjectKind::Association => {
            let query = association::table.find(at.key).select(association::status);
            let status: Option<i16> = each!(db, |c| query.first(c).optional())?;
            status.map(|s| (s, 1))
        }
        ObjectKind::SubmissionSet => {
            use submission_set as s;
            let query = s::table.find(place).select(s::status);
            let status: Option<i16> = each!(db, |c| query.first(c).optional())?;
            status.map(|s| (s, 1))
        }
    };
    Ok(row.map(|(status, latest)| State::of(status_of(status), latest == 1)))
}

/// The keyed hashes of an entry's reference ids.
pub(crate) fn reference_hashes(
    db: &mut Db,
    vault: &Vault,
    entry: &Place,
) -> Result<Vec<Vec<u8>>, WriteError> {
    use document_entry as e;
    let query = e::table.find((entry.patient_key, entry.key)).select(e::reference_ids);
    let sealed: Option<Option<Vec<u8>>> = each!(db, |c| query.first(c).optional())?;
    let Some(sealed) = sealed.flatten() else { return Ok(Vec::new()) };
    let column = EncryptedColumn::ReferenceIds.name();
    let framed = vault.open_values(ObjectKind::DocumentEntry, column, entry.key, &sealed)?;
    let values = framed.split('\n').filter(|v| !v.is_empty());
    Ok(values.map(|v| vault.reference_hash(v)).collect())
}

/// Holds these patients, and whatever is filed under them, against every other change until the
/// transaction ends; look at what they have afterwards. SQLite has one writer and needs no lock.
pub(crate) fn lock_patients(db: &mut Db, keys: &BTreeSet<i64>) -> QueryResult<()> {
    let Db::Pg(c) = db else { return Ok(()) };
    // One after the other and in order, so that two changes never wait for each other.
    for key in keys {
        patient::table.find(key).select(patient::key).for_update().first::<i64>(c).optional()?;
    }
    Ok(())
}

/// Holds these patients against [`lock_patients`] alone: something is to refer to what they have.
pub(crate) fn share_patients(db: &mut Db, keys: &BTreeSet<i64>) -> QueryResult<()> {
    let Db::Pg(c) = db else { return Ok(()) };
    for key in keys {
        patient::table.find(key).select(patient::key).for_key_share().first::<i64>(c).optional()?;
    }
    Ok(())
}

/// Whether a document is an On-Demand one.
pub(crate) fn is_on_demand(db: &mut Db, entry: &Place) -> QueryResult<bool> {
    use document_entry as e;
    let query = e::table.find((entry.patient_key, entry.key)).select(e::object_type);
    let found: Option<i16> = each!(db, |c| query.first(c).optional())?;
    Ok(found == Some(type_number(EntryType::OnDemand)))
}

/// Whether a document is the transformation of another.
pub(crate) fn is_transformation(db: &mut Db, document: Key) -> QueryResult<bool> {
    let is = association::association_type.nullable().eq(association_number(AssociationType::Xfrm));
    let query = association::table
        .filter(association::source_key.eq(document))
        .filter(is)
        .filter(association::status.eq(status_number(AvailabilityStatus::Approved)))
        .select(association::key);
    let found: Option<Key> = each!(db, |c| query.first(c).optional())?;
    Ok(found.is_some())
}

/// A registered version.
pub(crate) type Held = (Place, Id, State);

/// The transformations and addenda of a document, by associations that are current.
pub(crate) fn dependants(db: &mut Db, key: Key) -> QueryResult<Vec<Held>> {
    use document_entry as e;
    let is = |t| association::association_type.nullable().eq(association_number(t));
    let source =
        e::patient_key.eq(association::source_patient).and(e::key.eq(association::source_key));
    let query = association::table
        .inner_join(e::table.on(source))
        .filter(association::target_key.eq(key))
        .filter(is(AssociationType::Xfrm).or(is(AssociationType::Apnd)))
        .filter(association::status.eq(status_number(AvailabilityStatus::Approved)))
        .select((e::patient_key, e::key, e::id, e::status, e::latest));
    let rows: Vec<HeldRow> = each!(db, |c| query.load(c))?;
    Ok(rows.into_iter().map(|row| held(ObjectKind::DocumentEntry, row)).collect())
}

/// Patient key, key, id, status, latest.
type HeldRow = (i64, Key, Id, i16, i16);

fn held(kind: ObjectKind, (patient_key, key, id, status, latest): HeldRow) -> Held {
    (Place { kind, patient_key, key }, id, State::of(status_of(status), latest == 1))
}

/// The folders in which a document is, by memberships that are current.
pub(crate) fn folders_of(db: &mut Db, document: Key) -> QueryResult<Vec<(i64, Held)>> {
    let is_member =
        association::association_type.nullable().eq(association_number(AssociationType::HasMember));
    let source = folder::patient_key
        .eq(association::source_patient)
        .and(folder::key.eq(association::source_key));
    let query = association::table
        .inner_join(folder::table.on(source))
        .inner_join(patient::table.on(folder::patient_key.eq(patient::key)))
        .filter(association::target_key.eq(document))
        .filter(is_member)
        .filter(association::status.eq(status_number(AvailabilityStatus::Approved)))
        .order(association::key)
        .select((
            patient::survivor,
            (folder::patient_key, folder::key, folder::id, folder::status, folder::latest),
        ));
    let rows: Vec<(Option<i64>, HeldRow)> = each!(db, |c| query.load(c))?;
    let folder = |(root, row): (Option<i64>, HeldRow)| {
        (root.unwrap_or(row.0), held(ObjectKind::Folder, row))
    };
    Ok(rows.into_iter().map(folder).collect())
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
