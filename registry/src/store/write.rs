//! Rows of one submission.

use super::key::{Id, Key};
use super::lookup::Known;
use super::rows::{EntryRow, FragmentRow, SetRow};
use super::schema::{
    association, document_entry, fragment, object, patient, reference, submission_set, unique_id,
};
use super::statement::{Bind, Sql};
use super::vault::Vault;
use super::{association_number, kind_number, set_status_number, status_number};
use diesel::{
    ExpressionMethods, Insertable, NullableExpressionMethods, QueryDsl, QueryResult, RunQueryDsl,
};
use renkei_audit::AuditError;
use renkei_database::{DatabaseError, Db, each};
use renkei_metadata::ids::PatientId;
use renkei_metadata::model::{Association, AvailabilityStatus, ObjectKind};
use renkei_sealing::SealError;

/// Why a row could not be written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WriteError {
    #[error(transparent)]
    Database(#[from] DatabaseError),
    #[error(transparent)]
    Seal(#[from] SealError),
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

/// Writes a DocumentEntry; `references` are the keyed hashes of its reference ids.
pub(crate) fn entry(
    db: &mut Db,
    patient_key: i64,
    row: &EntryRow,
    ebrim: &FragmentRow,
    references: &[Vec<u8>],
) -> QueryResult<()> {
    object(db, ObjectKind::DocumentEntry, patient_key, (row.key, row.id), ebrim)?;
    let values = (document_entry::patient_key.eq(patient_key), row);
    each!(db, |c| diesel::insert_into(document_entry::table).values(values).execute(c))?;
    for hash in references {
        let values = (
            reference::hash.eq(hash),
            reference::patient_key.eq(patient_key),
            reference::key.eq(row.key),
        );
        each!(db, |c| diesel::insert_into(reference::table).values(values).execute(c))?;
    }
    Ok(())
}

/// Writes a SubmissionSet and takes its uniqueId.
pub(crate) fn submission_set(
    db: &mut Db,
    patient_key: i64,
    row: &SetRow,
    ebrim: &FragmentRow,
) -> QueryResult<()> {
    let kind = ObjectKind::SubmissionSet;
    let name = (
        unique_id::value.eq(&row.unique_id),
        unique_id::kind.eq(kind_number(kind)),
        unique_id::patient_key.eq(patient_key),
        unique_id::key.eq(row.key),
    );
    each!(db, |c| diesel::insert_into(unique_id::table).values(name).execute(c))?;
    object(db, kind, patient_key, (row.key, row.id), ebrim)?;
    let values = (submission_set::patient_key.eq(patient_key), row);
    each!(db, |c| diesel::insert_into(submission_set::table).values(values).execute(c)).map(drop)
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

/// One end of an association.
#[derive(Clone, Copy, Debug)]
pub(crate) struct End {
    pub(crate) kind: ObjectKind,
    pub(crate) patient_key: i64,
    pub(crate) key: Key,
}

impl From<&Known> for End {
    fn from(object: &Known) -> Self {
        Self { kind: object.kind, patient_key: object.patient_key, key: object.key }
    }
}

/// Writes an Association between two ends.
pub(crate) fn association(
    db: &mut Db,
    patient_key: i64,
    (key, id): (Key, Id),
    a: &Association,
    [source, target]: [End; 2],
    ebrim: &FragmentRow,
) -> Result<(), WriteError> {
    let missing = WriteError::Missing("the number of an association's type");
    let row = AssociationRow {
        key,
        id,
        patient_key,
        association_type: association_number(a.association_type).ok_or(missing)?,
        status: status_number(AvailabilityStatus::Approved),
        set_status: a.submission_set_status.map(set_status_number),
        home: a.home.as_ref().map(|h| h.as_str()),
        source_kind: kind_number(source.kind),
        source_patient: source.patient_key,
        source_key: source.key,
        target_kind: kind_number(target.kind),
        target_patient: target.patient_key,
        target_key: target.key,
    };
    object(db, ObjectKind::Association, patient_key, (key, id), ebrim)?;
    each!(db, |c| diesel::insert_into(association::table).values(&row).execute(c))?;
    Ok(())
}

/// Sets a document's availabilityStatus to Deprecated. Diesel's own update is never kept prepared.
pub(crate) fn deprecate(db: &mut Db, patient_key: i64, key: Key) -> QueryResult<()> {
    let mut sql = Sql::new("UPDATE document_entry SET status = ");
    sql.bind(Bind::Big(i64::from(status_number(AvailabilityStatus::Deprecated))));
    sql.push(" WHERE patient_key = ").bind(Bind::Big(patient_key));
    sql.push(" AND key = ").bind(Bind::Bytes(key.as_bytes().to_vec()));
    let update = sql.rows::<()>(true);
    each!(db, |c| update.execute(c)).map(drop)
}
