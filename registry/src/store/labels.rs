//! By which labels somebody may know of a document: every version of it by those of its newest.
//!
//! A correction takes the labels that were wrong from the earlier versions, too: these stand in the same repository
//! under the same uniqueId. What each version said itself stays in its ebRIM.

use super::columns::framed;
use super::key::{Id, Key};
use super::lookup::Place;
use super::rows;
use super::schema::{association, document_entry};
use super::statement::{Bind, Sql};
use super::{association_number, kind_number, set_status_number};
use diesel::{
    BoolExpressionMethods, ExpressionMethods, JoinOnDsl, NullableExpressionMethods,
    OptionalExtension, QueryDsl, QueryResult, RunQueryDsl,
};
use renkei_database::{Db, each};
use renkei_metadata::model::{AssociationType, DocumentEntry, ObjectKind, SubmissionSetStatus};
use std::collections::BTreeSet;

/// The labels of a document that its newest version says itself, as they stand in columns. Its recipients and its
/// submitter are not among them: no update takes those away ([`rows::Origin::of_version`]).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Labelled {
    /// logicalID.
    pub(crate) lid: Id,
    author_institution: Option<String>,
    audience: Option<String>,
}

impl Labelled {
    /// Those of the document `lid`, whose newest version is `entry`.
    pub(crate) fn new(lid: Id, entry: &DocumentEntry) -> Self {
        Self {
            lid,
            author_institution: rows::institutions(&entry.authors),
            audience: rows::audience([entry]),
        }
    }

    /// As they stand in the row of a version.
    pub(crate) fn columns(self) -> Columns {
        (self.author_institution, self.audience)
    }
}

/// Gives these labels to all versions of these documents, and to the SubmissionSets that brought them.
pub(crate) fn carry(db: &mut Db, documents: &[Labelled]) -> QueryResult<()> {
    let mut sets = BTreeSet::new();
    for document in documents {
        if of_versions(db, document)? > 0 {
            sets.extend(sets_of(db, document.lid)?);
        }
    }
    // Each once, whatever of it was corrected.
    sets.into_iter().try_for_each(|set| of_set(db, set))
}

/// How many versions had others.
fn of_versions(db: &mut Db, document: &Labelled) -> QueryResult<usize> {
    let statement = labelling(document).rows::<()>(true);
    each!(db, |c| statement.execute(c))
}

/// The statement for that, by the index on logicalIDs.
pub(crate) fn labelling(document: &Labelled) -> Sql {
    let Labelled { lid, author_institution, audience } = document;
    let mut sql = Sql::new("UPDATE document_entry SET author_institution = ");
    text(&mut sql, author_institution.as_ref()).push(", audience = ");
    text(&mut sql, audience.as_ref()).push(" WHERE lid = ");
    sql.bind(Bind::Bytes(lid.as_bytes().to_vec()));
    sql.push(" AND (author_institution IS DISTINCT FROM ");
    text(&mut sql, author_institution.as_ref()).push(" OR audience IS DISTINCT FROM ");
    text(&mut sql, audience.as_ref()).push(")");
    sql
}

fn text<'a>(sql: &'a mut Sql, value: Option<&String>) -> &'a mut Sql {
    match value {
        Some(value) => sql.bind(Bind::Text(value.clone())),
        None => sql.push("NULL"),
    }
}

/// The SubmissionSets that brought a version of the document.
fn sets_of(db: &mut Db, lid: Id) -> QueryResult<Vec<(i64, Key)>> {
    use document_entry as e;
    let query = e::table
        .inner_join(association::table.on(association::target_key.eq(e::key)))
        .filter(e::lid.eq(lid))
        .filter(association::association_type.nullable().eq(has_member()))
        .filter(association::set_status.eq(original()))
        .filter(association::source_kind.eq(kind_number(ObjectKind::SubmissionSet)))
        .select((association::source_patient, association::source_key));
    each!(db, |c| query.load(c))
}

/// A SubmissionSet has the audiences of the documents that it brought, as they are now.
fn of_set(db: &mut Db, (patient_key, key): (i64, Key)) -> QueryResult<()> {
    use document_entry as e;
    let target =
        e::patient_key.eq(association::target_patient).and(e::key.eq(association::target_key));
    let brought = association::table
        .inner_join(e::table.on(target))
        .filter(association::source_key.eq(key))
        .filter(association::association_type.nullable().eq(has_member()))
        .filter(association::set_status.eq(original()))
        .select(e::audience);
    let brought: Vec<Option<String>> = each!(db, |c| brought.load(c))?;
    let values = brought.iter().flatten().flat_map(|framed| framed.split('\n'));
    let audience = framed(values.filter(|value| !value.is_empty()).collect::<BTreeSet<_>>());
    let mut sql = Sql::new("UPDATE submission_set SET audience = ");
    text(&mut sql, audience.as_ref()).push(" WHERE patient_key = ");
    sql.bind(Bind::Big(patient_key)).push(" AND key = ");
    sql.bind(Bind::Bytes(key.as_bytes().to_vec()));
    let statement = sql.rows::<()>(true);
    each!(db, |c| statement.execute(c)).map(drop)
}

fn has_member() -> Option<i16> {
    association_number(AssociationType::HasMember)
}

const fn original() -> i16 {
    set_status_number(SubmissionSetStatus::Original)
}

/// The institutions of the authors of a document; none of what is no document.
pub(crate) fn institutions(db: &mut Db, at: &Place) -> QueryResult<Vec<String>> {
    if at.kind != ObjectKind::DocumentEntry {
        return Ok(Vec::new());
    }
    let query = document_entry::table
        .find((at.patient_key, at.key))
        .select(document_entry::author_institution);
    let framed: Option<Option<String>> = each!(db, |c| query.first(c).optional())?;
    let framed = framed.flatten().unwrap_or_default();
    Ok(framed.split('\n').filter(|value| !value.is_empty()).map(str::to_owned).collect())
}

/// The labels in the columns of the newest version: institutions of authors, and audience.
pub(crate) type Columns = (Option<String>, Option<String>);

/// Those of the newest version of the document `lid`.
pub(crate) fn of_newest(db: &mut Db, lid: Id) -> QueryResult<Option<Columns>> {
    use document_entry as e;
    let query = e::table
        .filter(e::lid.eq(lid))
        .order(e::version.desc())
        .select((e::author_institution, e::audience));
    each!(db, |c| query.first(c).optional())
}
