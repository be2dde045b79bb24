//! Query plans.

use crate::db::{Db, Dialect};
use crate::error::DatabaseError;
use diesel::sql_types::Text;
use diesel::{QueryableByName, RunQueryDsl, sql_query};

#[derive(QueryableByName)]
struct SqliteStep {
    #[diesel(sql_type = Text)]
    detail: String,
}

#[derive(QueryableByName)]
struct PostgresStep {
    #[diesel(sql_type = Text)]
    #[diesel(column_name = "QUERY PLAN")]
    step: String,
}

/// The plan of `sql` on an open connection, one line a step.
///
/// # Errors
/// When the database refuses the statement.
pub fn explain_on(db: &mut Db, sql: &str) -> Result<String, DatabaseError> {
    let steps: Vec<String> = match db.dialect() {
        Dialect::Sqlite => sql_query(format!("EXPLAIN QUERY PLAN {sql}"))
            .load::<SqliteStep>(db)?
            .into_iter()
            .map(|s| s.detail)
            .collect(),
        Dialect::Postgres => sql_query(format!("EXPLAIN (COSTS OFF) {sql}"))
            .load::<PostgresStep>(db)?
            .into_iter()
            .map(|s| s.step)
            .collect(),
    };
    Ok(steps.join("\n"))
}
