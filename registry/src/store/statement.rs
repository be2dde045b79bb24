//! One SQL statement made of fixed text and bound values.
//!
//! The query table decides at run time which conditions there are; Diesel's own builder would need
//! a type for each. Text comes from this crate's constants alone, values are always bound.

use diesel::backend::Backend;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::serialize::ToSql;
use diesel::sql_types::{BigInt, Binary, HasSqlType, SmallInt, Text};
use diesel::{QueryResult, RunQueryDsl};
use std::marker::PhantomData;

/// A bound value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Bind {
    Text(String),
    Bytes(Vec<u8>),
    Small(i16),
    Big(i64),
}

#[derive(Clone, Debug)]
enum Piece {
    Sql(&'static str),
    Bind(Bind),
}

/// Fixed text and bound values in order.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sql {
    pieces: Vec<Piece>,
}

impl Sql {
    pub(crate) fn push(&mut self, sql: &'static str) -> &mut Self {
        self.pieces.push(Piece::Sql(sql));
        self
    }

    pub(crate) fn bind(&mut self, value: Bind) -> &mut Self {
        self.pieces.push(Piece::Bind(value));
        self
    }

    pub(crate) fn text(&mut self, value: &str) -> &mut Self {
        self.bind(Bind::Text(value.to_owned()))
    }

    pub(crate) fn append(&mut self, other: &Sql) -> &mut Self {
        self.pieces.extend(other.pieces.iter().cloned());
        self
    }

    /// `?, ?, ?`
    pub(crate) fn list(&mut self, values: impl IntoIterator<Item = Bind>) -> &mut Self {
        for (n, value) in values.into_iter().enumerate() {
            if n > 0 {
                self.push(", ");
            }
            self.bind(value);
        }
        self
    }

    /// The statement with rows of the SQL types `ST`.
    pub(crate) fn rows<ST>(self) -> Statement<ST> {
        Statement { sql: self, types: PhantomData }
    }

    /// The statement with its values written out; for plans only.
    #[cfg(test)]
    pub(crate) fn literal(&self, dialect: renkei_database::Dialect) -> String {
        use renkei_database::Dialect;
        let piece = |p: &Piece| match p {
            Piece::Sql(text) => (*text).to_owned(),
            Piece::Bind(Bind::Text(v)) => format!("'{}'", v.replace('\'', "''")),
            Piece::Bind(Bind::Bytes(v)) => {
                let hex: String = v.iter().map(|b| format!("{b:02x}")).collect();
                match dialect {
                    Dialect::Sqlite => format!("x'{hex}'"),
                    Dialect::Postgres => format!("'\\x{hex}'::bytea"),
                }
            }
            Piece::Bind(Bind::Small(v)) => v.to_string(),
            Piece::Bind(Bind::Big(v)) => v.to_string(),
        };
        self.pieces.iter().map(piece).collect()
    }

    fn binds(&self) -> usize {
        self.pieces.iter().filter(|p| matches!(p, Piece::Bind(_))).count()
    }
}

/// The most values of a statement that is kept prepared. Each shape of statement is kept as long as
/// its connection lives, and peers choose the shapes: few values mean few shapes.
const KEPT: usize = 9;

/// A statement that can be run.
pub(crate) struct Statement<ST> {
    sql: Sql,
    types: PhantomData<ST>,
}

impl<ST> QueryId for Statement<ST> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<ST> Query for Statement<ST> {
    type SqlType = ST;
}

impl<ST, Conn> RunQueryDsl<Conn> for Statement<ST> {}

impl<ST, DB> QueryFragment<DB> for Statement<ST>
where
    DB: Backend + HasSqlType<Text> + HasSqlType<Binary> + HasSqlType<SmallInt> + HasSqlType<BigInt>,
    String: ToSql<Text, DB>,
    Vec<u8>: ToSql<Binary, DB>,
    i16: ToSql<SmallInt, DB>,
    i64: ToSql<BigInt, DB>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        if self.sql.binds() > KEPT {
            out.unsafe_to_cache_prepared();
        }
        for piece in &self.sql.pieces {
            match piece {
                Piece::Sql(text) => out.push_sql(text),
                Piece::Bind(Bind::Text(v)) => out.push_bind_param::<Text, _>(v)?,
                Piece::Bind(Bind::Bytes(v)) => out.push_bind_param::<Binary, _>(v)?,
                Piece::Bind(Bind::Small(v)) => out.push_bind_param::<SmallInt, _>(v)?,
                Piece::Bind(Bind::Big(v)) => out.push_bind_param::<BigInt, _>(v)?,
            }
        }
        Ok(())
    }
}
