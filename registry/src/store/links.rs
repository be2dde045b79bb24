//! Associations by their keys and by their ends, for what changes with them.

use super::key::{Id, Key};
use super::lookup::{Held, Place};
use super::schema::{association, document_entry, folder, patient, submission_set};
use super::{association_number, association_of, kind_number, kind_of, status_of, versions};
use crate::change::lifecycle::State;
use diesel::{
    BoolExpressionMethods, ExpressionMethods, NullableExpressionMethods, OptionalExtension,
    QueryDsl, QueryResult, RunQueryDsl,
};
use renkei_database::{Db, each};
use renkei_metadata::model::{AssociationType, AvailabilityStatus, ObjectKind};
use std::collections::BTreeSet;

/// A registered Association.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Link {
    /// Where it is.
    pub(crate) place: Place,
    pub(crate) id: Id,
    pub(crate) association_type: AssociationType,
    pub(crate) status: AvailabilityStatus,
    pub(crate) source: Place,
    pub(crate) target: Place,
}

type End = (i16, i64, Key);
type Row = ((i64, Key, Id), i16, i16, End, End);

type Columns = (
    (association::patient_key, association::key, association::id),
    association::association_type,
    association::status,
    (association::source_kind, association::source_patient, association::source_key),
    (association::target_kind, association::target_patient, association::target_key),
);

const COLUMNS: Columns = (
    (association::patient_key, association::key, association::id),
    association::association_type,
    association::status,
    (association::source_kind, association::source_patient, association::source_key),
    (association::target_kind, association::target_patient, association::target_key),
);

fn link(((patient_key, key, id), number, status, source, target): Row) -> Link {
    let end = |(kind, patient_key, key): End| Place { kind: kind_of(kind), patient_key, key };
    Link {
        place: Place { kind: ObjectKind::Association, patient_key, key },
        id,
        association_type: association_of(number),
        status: status_of(status),
        source: end(source),
        target: end(target),
    }
}

/// The Associations with these keys, in the order of their keys.
pub(crate) fn by_keys(db: &mut Db, keys: &[Key]) -> QueryResult<Vec<Link>> {
    let query = association::table.select(COLUMNS);
    let rows: Vec<Row> = match db {
        Db::Pg(c) => query.filter(association::key.eq_any(keys)).order(association::key).load(c)?,
        Db::Sqlite(c) => {
            let one =
                |key: &Key| query.filter(association::key.eq(key)).first(c).optional().transpose();
            keys.iter().filter_map(one).collect::<QueryResult<_>>()?
        }
    };
    Ok(rows.into_iter().map(link).collect())
}

/// Associations that the object is the source of, `most` of them.
pub(crate) fn from(db: &mut Db, object: Key, most: i64) -> QueryResult<Vec<Link>> {
    let query =
        association::table.filter(association::source_key.eq(object)).limit(most).select(COLUMNS);
    let rows: Vec<Row> = each!(db, |c| query.load(c))?;
    Ok(rows.into_iter().map(link).collect())
}

/// Associations that the object is the target of, `most` of them.
pub(crate) fn to(db: &mut Db, object: Key, most: i64) -> QueryResult<Vec<Link>> {
    let query =
        association::table.filter(association::target_key.eq(object)).limit(most).select(COLUMNS);
    let rows: Vec<Row> = each!(db, |c| query.load(c))?;
    Ok(rows.into_iter().map(link).collect())
}

/// Memberships of the object in SubmissionSets, `most` of them.
pub(crate) fn submissions_of(db: &mut Db, object: Key, most: i64) -> QueryResult<Vec<Link>> {
    let is_member =
        association::association_type.nullable().eq(association_number(AssociationType::HasMember));
    let query = association::table
        .filter(association::target_key.eq(object))
        .filter(is_member)
        .filter(association::source_kind.eq(kind_number(ObjectKind::SubmissionSet)))
        .limit(most)
        .select(COLUMNS);
    let rows: Vec<Row> = each!(db, |c| query.load(c))?;
    Ok(rows.into_iter().map(link).collect())
}

/// The entryUUID of a registered object.
pub(crate) fn id_of(db: &mut Db, at: &Place) -> QueryResult<Option<Id>> {
    let place = (at.patient_key, at.key);
    match at.kind {
        ObjectKind::DocumentEntry => {
            let query = document_entry::table.find(place).select(document_entry::id);
            each!(db, |c| query.first(c).optional())
        }
        ObjectKind::Folder => {
            let query = folder::table.find(place).select(folder::id);
            each!(db, |c| query.first(c).optional())
        }
        ObjectKind::SubmissionSet => {
            let query = submission_set::table.find(place).select(submission_set::id);
            each!(db, |c| query.first(c).optional())
        }
        ObjectKind::Association => {
            let query = association::table.find(at.key).select(association::id);
            each!(db, |c| query.first(c).optional())
        }
    }
}

/// The versions of the logicalID of a registered version, the newest first; none of what has no
/// versions.
pub(crate) fn versions(db: &mut Db, at: &Place) -> QueryResult<Vec<Held>> {
    macro_rules! of {
        ($table:ident) => {{
            let own = $table::table.find((at.patient_key, at.key)).select($table::lid);
            let lid: Option<Id> = each!(db, |c| own.first(c).optional())?;
            let Some(lid) = lid else { return Ok(Vec::new()) };
            let all =
                $table::table.filter($table::lid.eq(lid)).order($table::version.desc()).select((
                    $table::patient_key,
                    $table::key,
                    $table::id,
                    $table::status,
                    $table::latest,
                ));
            let rows: Vec<(i64, Key, Id, i16, i16)> = each!(db, |c| all.load(c))?;
            rows
        }};
    }
    let rows = match at.kind {
        ObjectKind::DocumentEntry => of!(document_entry),
        ObjectKind::Folder => of!(folder),
        ObjectKind::SubmissionSet | ObjectKind::Association => return Ok(Vec::new()),
    };
    let held = |(patient_key, key, id, status, latest): (i64, Key, Id, i16, i16)| {
        let place = Place { kind: at.kind, patient_key, key };
        (place, id, State::of(status_of(status), latest == 1))
    };
    Ok(rows.into_iter().map(held).collect())
}

/// The patients of all versions of a document, whose labels change with those of its newest; they may be several
/// after a change of a local identifier, or after a merge.
pub(crate) fn of_versions(db: &mut Db, at: &Place) -> QueryResult<BTreeSet<i64>> {
    if at.kind != ObjectKind::DocumentEntry {
        return Ok(BTreeSet::new());
    }
    let patients = versions(db, at)?.iter().map(|(place, ..)| place.patient_key).collect();
    with_survivors(db, &patients)
}

/// These patients and those that they were merged into.
pub(crate) fn with_survivors(db: &mut Db, keys: &BTreeSet<i64>) -> QueryResult<BTreeSet<i64>> {
    let mut all = keys.clone();
    for key in keys {
        all.insert(versions::root(db, *key)?);
    }
    Ok(all)
}

/// The identifiers, sealed, of the patients that these are now.
pub(crate) fn sealed_patients(
    db: &mut Db,
    keys: &BTreeSet<i64>,
) -> QueryResult<Vec<(Vec<u8>, Vec<u8>)>> {
    let mut found = Vec::new();
    for key in keys {
        let query = patient::table
            .filter(patient::key.eq(key).and(patient::survivor.eq(patient::key.nullable())))
            .select((patient::cx_hash, patient::cx));
        let row: Option<(Vec<u8>, Vec<u8>)> = each!(db, |c| query.first(c).optional())?;
        found.extend(row);
    }
    Ok(found)
}
