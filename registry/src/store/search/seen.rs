//! What a scope opens of objects that are named by no query: before a document is handed out, and before
//! anything is joined or changed.

use super::super::columns::table;
use super::super::lookup::Place;
use super::super::statement::{Bind, Sql};
use super::visibility;
use diesel::sql_types::{Integer, Text};
use diesel::{QueryResult, RunQueryDsl};
use renkei_context::Scope;
use renkei_database::{Db, Dialect, each};
use renkei_metadata::model::ObjectKind;
use std::collections::HashSet;

/// Values of a statement that is kept prepared. Few values mean few shapes.
const KEPT_VALUES: usize = 16;

/// Of the documents with these uniqueIds those that `scope` opens in `repository`, by any version of an
/// entry that names it.
pub(crate) fn documents(
    db: &mut Db,
    scope: &Scope,
    repository: &str,
    unique_ids: &[String],
) -> QueryResult<HashSet<String>> {
    of_repository(db, scope, repository, unique_ids, &|_, _| ())
}

/// The same that are opened by every entry that names them: what others have an entry of is theirs, too.
pub(crate) fn documents_alone(
    db: &mut Db,
    scope: &Scope,
    repository: &str,
    unique_ids: &[String],
) -> QueryResult<HashSet<String>> {
    let alone = |sql: &mut Sql, dialect| visibility::alone(sql, scope, "o", dialect);
    of_repository(db, scope, repository, unique_ids, &alone)
}

fn of_repository(
    db: &mut Db,
    scope: &Scope,
    repository: &str,
    unique_ids: &[String],
    further: &dyn Fn(&mut Sql, Dialect),
) -> QueryResult<HashSet<String>> {
    if unique_ids.is_empty() || *scope == Scope::Nothing {
        return Ok(HashSet::new());
    }
    let mut sql = Sql::new("SELECT DISTINCT o.unique_id FROM document_entry o WHERE o.unique_id");
    sql.equals_one(unique_ids.iter().map(|id| Bind::Text(id.clone())).collect());
    sql.push(" AND o.repository = ").bind(Bind::Text(repository.to_owned()));
    let dialect = dialect(db);
    visibility::restrict(&mut sql, scope, ObjectKind::DocumentEntry, "o", dialect);
    further(&mut sql, dialect);
    let keep = sql.binds() <= KEPT_VALUES;
    let statement = sql.rows::<Text>(keep);
    let rows = each!(db, |c| statement.load::<String>(c))?;
    Ok(rows.into_iter().collect())
}

/// Whether `scope` opens a document of this patient. Where it is everything, it need not.
pub(crate) fn patient(db: &mut Db, scope: &Scope, patient_key: i64) -> QueryResult<bool> {
    match scope {
        Scope::Everything => return Ok(true),
        Scope::Nothing => return Ok(false),
        Scope::Labelled(_) => {}
    }
    let sql = of_patient(scope, patient_key, dialect(db));
    let keep = sql.binds() <= KEPT_VALUES;
    let statement = sql.rows::<Integer>(keep);
    Ok(!each!(db, |c| statement.load::<i32>(c))?.is_empty())
}

/// One row, if `scope` opens a document of the patient.
pub(crate) fn of_patient(scope: &Scope, patient_key: i64, dialect: Dialect) -> Sql {
    let mut sql = Sql::new("SELECT 1 FROM document_entry o WHERE o.patient_key = ");
    sql.bind(Bind::Big(patient_key));
    visibility::restrict(&mut sql, scope, ObjectKind::DocumentEntry, "o", dialect);
    sql.push(" LIMIT 1");
    sql
}

/// Whether `scope` opens the object at this place.
pub(crate) fn object(db: &mut Db, scope: &Scope, at: &Place) -> QueryResult<bool> {
    match scope {
        Scope::Everything => return Ok(true),
        Scope::Nothing => return Ok(false),
        Scope::Labelled(_) => {}
    }
    let mut sql = Sql::new("SELECT 1 FROM ");
    sql.push(table(at.kind)).push(" o WHERE o.key = ");
    sql.bind(Bind::Bytes(at.key.as_bytes().to_vec()));
    if at.kind != ObjectKind::Association {
        sql.push(" AND o.patient_key = ").bind(Bind::Big(at.patient_key));
    }
    visibility::restrict(&mut sql, scope, at.kind, "o", dialect(db));
    let keep = sql.binds() <= KEPT_VALUES;
    let statement = sql.rows::<Integer>(keep);
    Ok(!each!(db, |c| statement.load::<i32>(c))?.is_empty())
}

fn dialect(db: &Db) -> Dialect {
    match db {
        Db::Pg(_) => Dialect::Postgres,
        Db::Sqlite(_) => Dialect::Sqlite,
    }
}
