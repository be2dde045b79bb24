//! All rows, page by page in the order of their keys, to be opened once.

use super::key::{Id, Key};
use super::kind_number;
use super::schema::{
    association, document_entry, folder, fragment, patient, submission_set, unique_id,
};
use diesel::dsl::{exists, not};
use diesel::{
    BoolExpressionMethods, ExpressionMethods, OptionalExtension, QueryDsl, QueryResult, RunQueryDsl,
};
use renkei_database::{Db, each};
use renkei_metadata::model::ObjectKind;

/// Rows read by one job.
const PAGE: i64 = 200;

/// Where a page begins: behind this row.
pub(crate) type After = (i64, Option<Key>);

/// A DocumentEntry.
#[derive(Clone, Debug, diesel::Queryable)]
pub(crate) struct EntryFacts {
    pub(crate) patient_key: i64,
    pub(crate) key: Key,
    pub(crate) id: Id,
    pub(crate) unique_id: String,
    pub(crate) repository: String,
    /// 1 when it is the newest version.
    pub(crate) latest: i16,
    pub(crate) hash: Option<Vec<u8>>,
    pub(crate) size: Option<i64>,
    pub(crate) author_persons: Option<Vec<u8>>,
    pub(crate) reference_ids: Option<Vec<u8>>,
}

/// A SubmissionSet.
#[derive(Clone, Debug, diesel::Queryable)]
pub(crate) struct SetFacts {
    pub(crate) patient_key: i64,
    pub(crate) key: Key,
    pub(crate) id: Id,
    pub(crate) author_persons: Option<Vec<u8>>,
}

/// An object of another kind.
#[derive(Clone, Debug, diesel::Queryable)]
pub(crate) struct OtherFacts {
    pub(crate) patient_key: i64,
    pub(crate) key: Key,
    pub(crate) id: Id,
}

/// A patient identifier: key, hash and sealed text.
pub(crate) type PatientFacts = (i64, Vec<u8>, Vec<u8>);

/// A page of a table that is clustered by patient and key. Two statements, since a condition on both
/// columns at once would keep the planners from their place in the key.
macro_rules! page {
    ($db:expr, $after:expr, $table:ident: $row:ty => $($column:ident),+) => {{
        let (patient, key) = $after;
        let all = $table::table.select(($($table::$column),+));
        let mut rows: Vec<$row> = match key {
            Some(key) => {
                let same = all
                    .filter($table::patient_key.eq(patient))
                    .filter($table::key.gt(key))
                    .order($table::key)
                    .limit(PAGE);
                each!($db, |c| same.load(c))?
            }
            None => Vec::new(),
        };
        let rest = PAGE - i64::try_from(rows.len()).unwrap_or(PAGE);
        if rest > 0 {
            let next = all
                .filter($table::patient_key.gt(patient))
                .order(($table::patient_key, $table::key))
                .limit(rest);
            let more: Vec<$row> = each!($db, |c| next.load(c))?;
            rows.extend(more);
        }
        Ok(rows)
    }};
}

pub(crate) fn entries(db: &mut Db, after: After) -> QueryResult<Vec<EntryFacts>> {
    page!(db, after, document_entry: EntryFacts =>
        patient_key, key, id, unique_id, repository, latest, hash, size, author_persons, reference_ids)
}

pub(crate) fn sets(db: &mut Db, after: After) -> QueryResult<Vec<SetFacts>> {
    page!(db, after, submission_set: SetFacts => patient_key, key, id, author_persons)
}

pub(crate) fn folders(db: &mut Db, after: After) -> QueryResult<Vec<OtherFacts>> {
    page!(db, after, folder: OtherFacts => patient_key, key, id)
}

pub(crate) fn associations(db: &mut Db, after: After) -> QueryResult<Vec<OtherFacts>> {
    let query = association::table
        .select((association::patient_key, association::key, association::id))
        .order(association::key)
        .limit(PAGE);
    match after.1 {
        Some(key) => each!(db, |c| query.filter(association::key.gt(key)).load(c)),
        None => each!(db, |c| query.load(c)),
    }
}

pub(crate) fn patients(db: &mut Db, after: After) -> QueryResult<Vec<PatientFacts>> {
    let query = patient::table
        .filter(patient::key.gt(after.0))
        .order(patient::key)
        .limit(PAGE)
        .select((patient::key, patient::cx_hash, patient::cx));
    each!(db, |c| query.load(c))
}

/// The sealed ebRIM of an object.
pub(crate) fn sealed(db: &mut Db, key: Key) -> QueryResult<Option<Vec<u8>>> {
    let query = fragment::table.find(key).select(fragment::sealed);
    each!(db, |c| query.first(c).optional())
}

/// Whether an entry of the repository tells of the document.
pub(crate) fn is_entered(db: &mut Db, repository: &str, unique_id: &str) -> QueryResult<bool> {
    let query = document_entry::table
        .filter(document_entry::unique_id.eq(unique_id))
        .filter(document_entry::repository.eq(repository))
        .select(document_entry::patient_key)
        .limit(1);
    let found: Option<i64> = each!(db, |c| query.first(c).optional())?;
    Ok(found.is_some())
}

/// Whether the document was registered, and no entry is left that tells of it.
pub(crate) fn was_entered(db: &mut Db, value: &str) -> QueryResult<bool> {
    let name = unique_id::table
        .filter(unique_id::value.eq(value))
        .filter(unique_id::kind.eq(kind_number(ObjectKind::DocumentEntry)));
    let entry = document_entry::table.filter(document_entry::unique_id.eq(value));
    let query = diesel::select(exists(name).and(not(exists(entry))));
    each!(db, |c| query.get_result(c))
}
