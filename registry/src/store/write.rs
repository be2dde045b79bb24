//! Rows of new objects, and what becomes of them.

use super::codes;
use super::key::{Id, Key};
use super::lookup::Place;
use super::rows::FragmentRow;
use super::schema::{
    association, document_entry, folder, fragment, object, patient, reference, submission_set,
    unique_id,
};
use super::statement::{Bind, Sql};
use super::vault::{Vault, VaultError};
use super::{association_number, kind_number, set_status_number, status_number};
use crate::change::lifecycle::State;
use crate::change::objects::{NewAssociation, NewEntry, NewFolder, NewSet};
use diesel::{
    ExpressionMethods, Insertable, NullableExpressionMethods, QueryDsl, QueryResult, RunQueryDsl,
};
use renkei_audit::AuditError;
use renkei_database::{DatabaseError, Db, each};
use renkei_metadata::ids::PatientId;
use renkei_metadata::model::{AvailabilityStatus, ObjectKind};
use renkei_sealing::SealError;

/// Why a row could not be written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WriteError {
    #[error(transparent)]
    Database(#[from] DatabaseError),
    #[error(transparent)]
    Seal(#[from] SealError),
    /// A sealed column.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The rules let an object pass that lacks what a row must have.
    #[error("{0} is missing")]
    Missing(&'static str),
    /// The audit record of the change.
    #[error(transparent)]
    Audit(AuditError),
}

impl From<AuditError> for WriteError {
    fn from(error: AuditError) -> Self {
        match error {
            AuditError::Database(e) => Self::Database(e),
            other => Self::Audit(other),
        }
    }
}

impl From<diesel::result::Error> for WriteError {
    fn from(error: diesel::result::Error) -> Self {
        Self::Database(error.into())
    }
}

/// Files a patient identifier unless it is there already.
pub(crate) fn patient(db: &mut Db, vault: &Vault, cx: &PatientId) -> Result<(), WriteError> {
    let hash = vault.hash(cx);
    let sealed = vault.seal_cx(&hash, cx)?;
    let insert = diesel::insert_into(patient::table)
        .values((patient::cx_hash.eq(&hash), patient::cx.eq(&sealed)));
    let added = each!(db, |c| insert.on_conflict(patient::cx_hash).do_nothing().execute(c))?;
    if added > 0 {
        let own = diesel::update(patient::table.filter(patient::cx_hash.eq(&hash)))
            .set(patient::survivor.eq(patient::key.nullable()));
        each!(db, |c| own.execute(c))?;
    }
    Ok(())
}

/// Files an object under its entryUUID and keeps its ebRIM.
fn object(
    db: &mut Db,
    kind: ObjectKind,
    patient_key: i64,
    (key, id): (Key, Id),
    ebrim: &FragmentRow,
) -> QueryResult<()> {
    let name = (
        object::id.eq(id),
        object::kind.eq(kind_number(kind)),
        object::patient_key.eq(patient_key),
        object::key.eq(key),
    );
    each!(db, |c| diesel::insert_into(object::table).values(name).execute(c))?;
    each!(db, |c| diesel::insert_into(fragment::table).values(ebrim).execute(c))?;
    Ok(())
}

/// Takes a uniqueId for DocumentEntries. Its row names no object, since several entries may share it.
pub(crate) fn document_unique_id(db: &mut Db, value: &str) -> QueryResult<()> {
    let row =
        (unique_id::value.eq(value), unique_id::kind.eq(kind_number(ObjectKind::DocumentEntry)));
    each!(db, |c| diesel::insert_into(unique_id::table).values(row).execute(c)).map(drop)
}

/// Writes a version of a DocumentEntry.
pub(crate) fn entry(db: &mut Db, patient_key: i64, new: &NewEntry) -> QueryResult<()> {
    let row = &new.row;
    object(db, ObjectKind::DocumentEntry, patient_key, (row.key, row.id), &new.ebrim)?;
    let values = (document_entry::patient_key.eq(patient_key), row);
    each!(db, |c| diesel::insert_into(document_entry::table).values(values).execute(c))?;
    codes::note(db, patient_key, &row.leading_codes())?;
    for hash in &new.references {
        let values = (
            reference::hash.eq(hash),
            reference::patient_key.eq(patient_key),
            reference::key.eq(row.key),
        );
        each!(db, |c| diesel::insert_into(reference::table).values(values).execute(c))?;
    }
    Ok(())
}

/// Takes a uniqueId for one SubmissionSet or Folder.
fn own_unique_id(
    db: &mut Db,
    kind: ObjectKind,
    value: &str,
    (patient_key, key): (i64, Key),
) -> QueryResult<()> {
    let name = (
        unique_id::value.eq(value),
        unique_id::kind.eq(kind_number(kind)),
        unique_id::patient_key.eq(patient_key),
        unique_id::key.eq(key),
    );
    each!(db, |c| diesel::insert_into(unique_id::table).values(name).execute(c)).map(drop)
}

/// Writes a SubmissionSet and takes its uniqueId.
pub(crate) fn submission_set(db: &mut Db, patient_key: i64, new: &NewSet) -> QueryResult<()> {
    let (kind, row) = (ObjectKind::SubmissionSet, &new.row);
    own_unique_id(db, kind, &row.unique_id, (patient_key, row.key))?;
    object(db, kind, patient_key, (row.key, row.id), &new.ebrim)?;
    let values = (submission_set::patient_key.eq(patient_key), row);
    each!(db, |c| diesel::insert_into(submission_set::table).values(values).execute(c)).map(drop)
}

/// Writes a version of a Folder; the uniqueId leads to the newest.
pub(crate) fn folder(db: &mut Db, patient_key: i64, new: &NewFolder) -> QueryResult<()> {
    let (kind, row) = (ObjectKind::Folder, &new.row);
    let first = row.version == 1;
    if first {
        own_unique_id(db, kind, &row.unique_id, (patient_key, row.key))?;
    }
    object(db, kind, patient_key, (row.key, row.id), &new.ebrim)?;
    let values = (folder::patient_key.eq(patient_key), row);
    each!(db, |c| diesel::insert_into(folder::table).values(values).execute(c))?;
    codes::note(db, patient_key, &row.leading_codes())?;
    let place = Place { kind, patient_key, key: row.key };
    if first { Ok(()) } else { unique_id_leads_to(db, &place, Some(&place)) }
}

#[derive(Insertable)]
#[diesel(table_name = association, treat_none_as_default_value = false)]
struct AssociationRow<'a> {
    key: Key,
    id: Id,
    patient_key: i64,
    association_type: i16,
    status: i16,
    set_status: Option<i16>,
    home: Option<&'a str>,
    source_kind: i16,
    source_patient: i64,
    source_key: Key,
    target_kind: i16,
    target_patient: i64,
    target_key: Key,
}

/// Writes an Association between two ends.
pub(crate) fn association(
    db: &mut Db,
    patient_key: i64,
    a: &NewAssociation,
    [source, target]: [Place; 2],
) -> Result<(), WriteError> {
    let (key, id) = a.names;
    let missing = WriteError::Missing("the number of an association's type");
    let row = AssociationRow {
        key,
        id,
        patient_key,
        association_type: association_number(a.association_type).ok_or(missing)?,
        status: status_number(AvailabilityStatus::Approved),
        set_status: a.set_status.map(set_status_number),
        home: a.home.as_deref(),
        source_kind: kind_number(source.kind),
        source_patient: source.patient_key,
        source_key: source.key,
        target_kind: kind_number(target.kind),
        target_patient: target.patient_key,
        target_key: target.key,
    };
    object(db, ObjectKind::Association, patient_key, (key, id), &a.ebrim)?;
    each!(db, |c| diesel::insert_into(association::table).values(&row).execute(c))?;
    Ok(())
}

// Diesel's own updates and deletions are never kept prepared: here is their text.

/// Runs a statement that is kept prepared.
fn run(db: &mut Db, sql: Sql) -> QueryResult<()> {
    let statement = sql.rows::<()>(true);
    each!(db, |c| statement.execute(c)).map(drop)
}

fn bytes(id: &[u8]) -> Bind {
    Bind::Bytes(id.to_vec())
}

/// Ends a statement with the place of a row.
fn at(sql: &mut Sql, at: &Place) {
    match at.kind {
        ObjectKind::Association => sql.push(" WHERE key = "),
        ObjectKind::DocumentEntry | ObjectKind::SubmissionSet | ObjectKind::Folder => {
            sql.push(" WHERE patient_key = ").bind(Bind::Big(at.patient_key)).push(" AND key = ")
        }
    }
    .bind(bytes(at.key.as_bytes()));
}

/// Sets what is stored of a version's state. A SubmissionSet is Approved as long as it is there.
pub(crate) fn state(db: &mut Db, place: &Place, to: State) -> QueryResult<()> {
    let mut sql = match place.kind {
        ObjectKind::DocumentEntry => Sql::new("UPDATE document_entry SET status = "),
        ObjectKind::Folder => Sql::new("UPDATE folder SET status = "),
        ObjectKind::Association => Sql::new("UPDATE association SET status = "),
        ObjectKind::SubmissionSet => return Ok(()),
    };
    sql.bind(Bind::Big(i64::from(status_number(to.status()))));
    if place.kind != ObjectKind::Association {
        sql.push(", latest = ").bind(Bind::Big(i64::from(to.is_latest())));
    }
    at(&mut sql, place);
    run(db, sql)?;
    // After its newer version has gone, it is the one that its uniqueId leads to.
    if to.is_latest() { unique_id_leads_to(db, place, Some(place)) } else { Ok(()) }
}

/// Removes an object. Its id stays, and names nothing.
pub(crate) fn remove(db: &mut Db, place: &Place, id: Id) -> QueryResult<()> {
    let mut sql = Sql::new("DELETE FROM fragment WHERE key = ");
    sql.bind(bytes(place.key.as_bytes()));
    run(db, sql)?;
    unique_id_leads_to(db, place, None)?;
    let mut sql = match place.kind {
        ObjectKind::DocumentEntry => Sql::new("DELETE FROM document_entry"),
        ObjectKind::Folder => Sql::new("DELETE FROM folder"),
        ObjectKind::Association => Sql::new("DELETE FROM association"),
        ObjectKind::SubmissionSet => Sql::new("DELETE FROM submission_set"),
    };
    at(&mut sql, place);
    run(db, sql)?;
    let mut sql = Sql::new("UPDATE object SET patient_key = NULL, key = NULL WHERE id = ");
    sql.bind(bytes(id.as_bytes()));
    run(db, sql)
}

/// Removes a reference id of an entry, by its keyed hash.
pub(crate) fn unreferenced(db: &mut Db, entry: &Place, hash: &[u8]) -> QueryResult<()> {
    let mut sql = Sql::new("DELETE FROM reference");
    at(&mut sql, entry);
    sql.push(" AND hash = ").bind(bytes(hash));
    run(db, sql)
}

/// Lets the uniqueId of a SubmissionSet or Folder lead to this version, or away from it to nothing.
fn unique_id_leads_to(db: &mut Db, version: &Place, to: Option<&Place>) -> QueryResult<()> {
    let mut sql = Sql::new("UPDATE unique_id SET ");
    match to {
        Some(place) => {
            sql.push("patient_key = ").bind(Bind::Big(place.patient_key));
            sql.push(", key = ").bind(bytes(place.key.as_bytes()));
        }
        None => _ = sql.push("patient_key = NULL, key = NULL"),
    }
    sql.push(match version.kind {
        ObjectKind::SubmissionSet => " WHERE value = (SELECT unique_id FROM submission_set",
        ObjectKind::Folder => " WHERE value = (SELECT unique_id FROM folder",
        ObjectKind::DocumentEntry | ObjectKind::Association => return Ok(()),
    });
    at(&mut sql, version);
    sql.push(")");
    if to.is_none() {
        sql.push(" AND key = ").bind(bytes(version.key.as_bytes()));
    }
    run(db, sql)
}

/// Sets a Folder's lastUpdateTime, unless it is later already.
pub(crate) fn touch(db: &mut Db, place: &Place, now: &str) -> QueryResult<()> {
    let mut sql = Sql::new("UPDATE folder SET last_update_time = ");
    sql.bind(Bind::Text(now.to_owned()));
    at(&mut sql, place);
    sql.push(" AND last_update_time < ").bind(Bind::Text(now.to_owned()));
    run(db, sql)
}
