//! Whose tables a database holds. Actors number their migrations alike and have tables of the same
//! names, so that two of them on one database would each take what is there for its own.

use crate::db::Db;
use crate::each;
use diesel::prelude::{QueryDsl, RunQueryDsl};
use diesel::{QueryResult, sql_query};

diesel::table! {
    tables_of (actor) {
        actor -> Text,
    }
}

/// Takes the database for `actor` if it is nobody's, and answers whose it is. In PostgreSQL that goes
/// for the schema in which tables are made. Call it under the lock of migrations.
pub(crate) fn claim(db: &mut Db, actor: &'static str) -> QueryResult<String> {
    let make = "CREATE TABLE IF NOT EXISTS tables_of (actor TEXT NOT NULL PRIMARY KEY)";
    each!(db, |c| sql_query(make).execute(c))?;
    let take = format!(
        "INSERT INTO tables_of (actor) SELECT '{actor}' WHERE NOT EXISTS (SELECT 1 FROM tables_of)"
    );
    each!(db, |c| sql_query(take).execute(c))?;
    tables_of::table.select(tables_of::actor).first(db)
}
