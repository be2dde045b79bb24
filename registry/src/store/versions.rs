//! What a metadata update has to know: the newest version of an object, and what that is joined to.

use super::key::{Id, Key};
use super::lookup::Place;
use super::rows::Origin;
use super::schema::{association, document_entry, folder, patient};
use super::{association_number, availability_of, kind_number, kind_of, status_number, status_of};
use crate::change::lifecycle::State;
use diesel::{
    BoolExpressionMethods, ExpressionMethods, JoinOnDsl, OptionalExtension, QueryDsl, QueryResult,
    RunQueryDsl,
};
use renkei_database::{Db, each};
use renkei_metadata::model::{
    AssociationType, AvailabilityStatus, DocumentAvailability, ObjectKind,
};

/// The newest version of a logical object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Latest {
    pub(crate) place: Place,
    pub(crate) id: Id,
    pub(crate) lid: Id,
    /// The patient that its identifier is now.
    pub(crate) root: i64,
    pub(crate) version: i32,
    pub(crate) state: State,
    pub(crate) home: Option<String>,
    /// documentAvailability of a DocumentEntry.
    pub(crate) availability: DocumentAvailability,
    /// lastUpdateTime of a Folder, 14 digits.
    pub(crate) last_update: Option<String>,
    /// Where a DocumentEntry comes from.
    pub(crate) origin: Origin,
}

type Columns = (i64, Key, Id, Id, Option<i64>, i32, i16, i16, Option<String>);

/// The newest version of the object of this kind with this logicalID.
pub(crate) fn latest(db: &mut Db, kind: ObjectKind, lid: Id) -> QueryResult<Option<Latest>> {
    match kind {
        ObjectKind::DocumentEntry => latest_entry(db, lid),
        ObjectKind::Folder => latest_folder(db, lid),
        // These have one version, and are not updated.
        ObjectKind::SubmissionSet | ObjectKind::Association => Ok(None),
    }
}

fn latest_entry(db: &mut Db, lid: Id) -> QueryResult<Option<Latest>> {
    use document_entry as e;
    let query = e::table
        .inner_join(patient::table.on(e::patient_key.eq(patient::key)))
        .filter(e::lid.eq(lid))
        .order(e::version.desc())
        .select((
            (
                e::patient_key,
                e::key,
                e::id,
                e::lid,
                patient::survivor,
                e::version,
                e::status,
                e::latest,
                e::home,
            ),
            (e::availability, e::recipient, e::submitter),
        ));
    type Row = (Columns, (i16, Option<String>, Option<String>));
    let row: Option<Row> = each!(db, |c| query.first(c).optional())?;
    Ok(row.map(|(row, (availability, recipient, submitter))| Latest {
        availability: availability_of(availability),
        origin: Origin { recipient, submitter },
        ..found(ObjectKind::DocumentEntry, row)
    }))
}

fn latest_folder(db: &mut Db, lid: Id) -> QueryResult<Option<Latest>> {
    use folder as f;
    let query = f::table
        .inner_join(patient::table.on(f::patient_key.eq(patient::key)))
        .filter(f::lid.eq(lid))
        .order(f::version.desc())
        .select((
            (
                f::patient_key,
                f::key,
                f::id,
                f::lid,
                patient::survivor,
                f::version,
                f::status,
                f::latest,
                f::home,
            ),
            f::last_update_time,
        ));
    let row: Option<(Columns, String)> = each!(db, |c| query.first(c).optional())?;
    Ok(row.map(|(row, time)| Latest { last_update: Some(time), ..found(ObjectKind::Folder, row) }))
}

fn found(kind: ObjectKind, row: Columns) -> Latest {
    let (patient_key, key, id, lid, survivor, version, status, latest, home) = row;
    Latest {
        place: Place { kind, patient_key, key },
        id,
        lid,
        root: survivor.unwrap_or(patient_key),
        version,
        state: State::of(status_of(status), latest == 1),
        home,
        availability: DocumentAvailability::Online,
        last_update: None,
        origin: Origin::default(),
    }
}

/// The logicalID of a version.
pub(crate) fn logical_id(db: &mut Db, at: &Place) -> QueryResult<Option<Id>> {
    let place = (at.patient_key, at.key);
    match at.kind {
        ObjectKind::DocumentEntry => {
            let query = document_entry::table.find(place).select(document_entry::lid);
            each!(db, |c| query.first(c).optional())
        }
        ObjectKind::Folder => {
            let query = folder::table.find(place).select(folder::lid);
            each!(db, |c| query.first(c).optional())
        }
        ObjectKind::SubmissionSet | ObjectKind::Association => Ok(None),
    }
}

/// The patient that an identifier is now.
pub(crate) fn root(db: &mut Db, patient_key: i64) -> QueryResult<i64> {
    let query = patient::table.find(patient_key).select(patient::survivor);
    let survivor: Option<Option<i64>> = each!(db, |c| query.first(c).optional())?;
    Ok(survivor.flatten().unwrap_or(patient_key))
}

/// An association, and what it joins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Joint {
    pub(crate) key: Key,
    pub(crate) id: Id,
    pub(crate) home: Option<String>,
    pub(crate) source: Place,
    pub(crate) target: Place,
}

type Ends = (i16, i64, Key, i16, i64, Key);

const ENDS: (
    association::source_kind,
    association::source_patient,
    association::source_key,
    association::target_kind,
    association::target_patient,
    association::target_key,
) = (
    association::source_kind,
    association::source_patient,
    association::source_key,
    association::target_kind,
    association::target_patient,
    association::target_key,
);

fn ends(ends: Ends) -> (Place, Place) {
    let place = |kind, patient_key, key| Place { kind: kind_of(kind), patient_key, key };
    (place(ends.0, ends.1, ends.2), place(ends.3, ends.4, ends.5))
}

/// The Approved associations that a version has, `most` at each end at most: memberships in Folders
/// and relationships, but not what a SubmissionSet holds.
pub(crate) fn joints(db: &mut Db, version: Key, most: i64) -> QueryResult<Vec<Joint>> {
    let from_set = kind_number(ObjectKind::SubmissionSet);
    let current = association::table
        .filter(association::status.eq(status_number(AvailabilityStatus::Approved)))
        .filter(association::source_kind.ne(from_set))
        .order(association::key)
        .limit(most)
        .select((association::key, association::id, association::home, ENDS));
    let of_source = current.filter(association::source_key.eq(version));
    let of_target = current.filter(association::target_key.eq(version));
    let mut rows: Vec<(Key, Id, Option<String>, Ends)> = each!(db, |c| of_source.load(c))?;
    rows.extend(each!(db, |c| of_target.load::<(Key, Id, Option<String>, Ends)>(c))?);
    Ok(rows
        .into_iter()
        .map(|(key, id, home, both)| {
            let (source, target) = ends(both);
            Joint { key, id, home, source, target }
        })
        .collect())
}

/// The type of a registered association and what it joins.
pub(crate) fn joint_of(db: &mut Db, association: Key) -> QueryResult<Option<(i16, Place, Place)>> {
    let query = association::table.find(association).select((association::association_type, ENDS));
    let row: Option<(i16, Ends)> = each!(db, |c| query.first(c).optional())?;
    Ok(row.map(|(number, both)| {
        let (source, target) = ends(both);
        (number, source, target)
    }))
}

/// The current versions to which a document leads by Approved relationships, `most` at most and one more.
pub(crate) fn related(db: &mut Db, document: Key, most: i64) -> QueryResult<Vec<Key>> {
    use document_entry as e;
    let is_member = association_number(AssociationType::HasMember).unwrap_or_default();
    let target =
        e::patient_key.eq(association::target_patient).and(e::key.eq(association::target_key));
    let query = association::table
        .inner_join(e::table.on(target))
        .filter(association::source_key.eq(document))
        .filter(association::association_type.ne(is_member))
        .filter(association::status.eq(status_number(AvailabilityStatus::Approved)))
        .filter(e::latest.eq(1))
        .limit(most.saturating_add(1))
        .select(e::key);
    each!(db, |c| query.load(c))
}

/// Whether an Approved association of this type joins the two.
pub(crate) fn is_joined(
    db: &mut Db,
    association_type: AssociationType,
    source: Key,
    target: Key,
) -> QueryResult<bool> {
    let Some(number) = association_number(association_type) else { return Ok(false) };
    is_joined_by(db, number, source, target)
}

/// The same by the number of the type.
pub(crate) fn is_joined_by(
    db: &mut Db,
    number: i16,
    source: Key,
    target: Key,
) -> QueryResult<bool> {
    let query = association::table
        .filter(association::source_key.eq(source))
        .filter(association::target_key.eq(target))
        .filter(association::association_type.eq(number))
        .filter(association::status.eq(status_number(AvailabilityStatus::Approved)))
        .select(association::key)
        .limit(1);
    let found: Option<Key> = each!(db, |c| query.first(c).optional())?;
    Ok(found.is_some())
}
