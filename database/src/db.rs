//! The connection of either database.

use diesel::pg::PgConnection;
use diesel::sqlite::SqliteConnection;

/// A connection to PostgreSQL or SQLite. Diesel queries that both understand run on it directly;
/// for multi-row inserts, upserts and row locks take the inner connection with [`each!`](crate::each).
#[derive(diesel::MultiConnection)]
pub enum Db {
    /// PostgreSQL.
    Pg(PgConnection),
    /// SQLite.
    Sqlite(SqliteConnection),
}

/// Evaluates one expression on the concrete connection inside a `&mut Db`:
/// `each!(db, |c| diesel::insert_into(t::table).values(&rows).execute(c))`.
#[macro_export]
macro_rules! each {
    ($db:expr, |$c:ident| $body:expr) => {
        match $db {
            $crate::Db::Pg($c) => $body,
            $crate::Db::Sqlite($c) => $body,
        }
    };
}

/// Which database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// SQLite.
    Sqlite,
    /// PostgreSQL.
    Postgres,
}

impl Db {
    /// Which database this is connected to.
    pub fn dialect(&self) -> Dialect {
        match self {
            Self::Pg(_) => Dialect::Postgres,
            Self::Sqlite(_) => Dialect::Sqlite,
        }
    }
}
