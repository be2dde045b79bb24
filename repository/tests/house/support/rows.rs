//! What the tables hold, by SQL alone.

use super::*;

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    n: i64,
}

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

pub async fn rows(db: &Database, table: &str) -> i64 {
    let sql = format!("SELECT count(*) AS n FROM {table}");
    db.read(move |c| {
        let count: Number = diesel::sql_query(&sql).get_result(c)?;
        Ok::<_, DatabaseError>(count.n)
    })
    .await
    .unwrap()
}

pub async fn states(db: &Database) -> Vec<i64> {
    let sql = "SELECT CAST(state AS BIGINT) AS n FROM content ORDER BY state";
    db.read(move |c| {
        let all: Vec<Number> = diesel::sql_query(sql).load(c)?;
        Ok::<_, DatabaseError>(all.into_iter().map(|n| n.n).collect())
    })
    .await
    .unwrap()
}

/// The values of one text expression.
pub async fn lines(db: &Database, sql: impl Into<String>) -> Vec<String> {
    let sql = sql.into();
    db.read(move |c| {
        let all: Vec<Line> = diesel::sql_query(&sql).load(c)?;
        Ok::<_, DatabaseError>(all.into_iter().map(|l| l.line).collect())
    })
    .await
    .unwrap()
}

pub async fn change(db: &Database, sql: impl Into<String>) {
    let sql = sql.into();
    db.write(move |c| Ok::<_, DatabaseError>(each!(c, |c| c.batch_execute(&sql))?)).await.unwrap();
}

/// Octets as both dialects write them.
pub fn literal(db: &Database, bytes: &[u8]) -> String {
    let hex = hex::encode(bytes);
    match db.dialect() {
        Dialect::Sqlite => format!("x'{hex}'"),
        Dialect::Postgres => format!("'\\x{hex}'::bytea"),
    }
}

/// The lease of a process that is gone.
pub fn gone(db: &Database) -> String {
    literal(db, &[7; 16])
}
