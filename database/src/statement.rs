//! One SQL statement made of fixed text and bound values.
//!
//! For what Diesel's own builder never keeps prepared (updates, upserts, lists on SQLite), and for
//! queries whose conditions are decided at run time, which would need a type for each. Text comes
//! from constants alone, values are always bound.

use crate::Dialect;
use diesel::backend::Backend;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::serialize::ToSql;
use diesel::sql_types::{BigInt, Binary, HasSqlType, Text};
use diesel::{QueryResult, RunQueryDsl};
use std::marker::PhantomData;

/// A bound value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Bind {
    /// Text.
    Text(String),
    /// A BLOB or BYTEA.
    Bytes(Vec<u8>),
    /// An integer of any size.
    Big(i64),
}

#[derive(Clone, Debug)]
enum Piece {
    Sql(&'static str),
    Bind(Bind),
}

/// Fixed text and bound values in order.
#[derive(Clone, Debug, Default)]
pub struct Sql {
    pieces: Vec<Piece>,
}

impl Sql {
    /// Begins with `sql`.
    pub fn new(sql: &'static str) -> Self {
        Self { pieces: vec![Piece::Sql(sql)] }
    }

    /// Goes on with `sql`.
    pub fn push(&mut self, sql: &'static str) -> &mut Self {
        self.pieces.push(Piece::Sql(sql));
        self
    }

    /// Goes on with a value.
    pub fn bind(&mut self, value: Bind) -> &mut Self {
        self.pieces.push(Piece::Bind(value));
        self
    }

    /// Goes on with another statement's text and values.
    pub fn append(&mut self, other: Sql) -> &mut Self {
        self.pieces.extend(other.pieces);
        self
    }

    /// ` = ?`, or ` IN (?, ...)` of a fixed length (see [`padded`]).
    pub fn equals_one(&mut self, values: Vec<Bind>) -> &mut Self {
        let mut values = padded(values);
        let (first, rest) = (values.next(), values);
        let Some(first) = first else { return self.push(" IS NULL AND 1 = 0") };
        if rest.len() == 0 {
            return self.push(" = ").bind(first);
        }
        self.push(" IN (").bind(first);
        for value in rest {
            self.push(", ").bind(value);
        }
        self.push(")")
    }

    /// How many values are bound.
    pub fn binds(&self) -> usize {
        self.pieces.iter().filter(|p| matches!(p, Piece::Bind(_))).count()
    }

    /// The statement with rows of the SQL types `ST`. `keep` it prepared for as long as its
    /// connection lives only when there are few of its shape: peers choose the shapes.
    pub fn rows<ST>(self, keep: bool) -> Statement<ST> {
        Statement { sql: self, keep, types: PhantomData }
    }

    /// The statement with its values written out; for plans only.
    pub fn literal(&self, dialect: Dialect) -> String {
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
            Piece::Bind(Bind::Big(v)) => v.to_string(),
        };
        self.pieces.iter().map(piece).collect()
    }

    /// The text alone: its shape; for tests.
    pub fn shape(&self) -> String {
        let piece = |p: &Piece| match p {
            Piece::Sql(text) => *text,
            Piece::Bind(_) => "?",
        };
        self.pieces.iter().map(piece).collect()
    }
}

/// The values, the last repeated until their number is a power of two: a list may have any length,
/// and each length would be a statement of its own to prepare.
pub fn padded<T: Clone>(values: Vec<T>) -> impl ExactSizeIterator<Item = T> {
    let mut values = values;
    if let Some(last) = values.last().cloned() {
        values.resize(values.len().next_power_of_two(), last);
    }
    values.into_iter()
}

/// A statement that can be run.
pub struct Statement<ST> {
    sql: Sql,
    keep: bool,
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
    DB: Backend + HasSqlType<Text> + HasSqlType<Binary> + HasSqlType<BigInt>,
    String: ToSql<Text, DB>,
    Vec<u8>: ToSql<Binary, DB>,
    i64: ToSql<BigInt, DB>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        if !self.keep {
            out.unsafe_to_cache_prepared();
        }
        for piece in &self.sql.pieces {
            match piece {
                Piece::Sql(text) => out.push_sql(text),
                Piece::Bind(Bind::Text(v)) => out.push_bind_param::<Text, _>(v)?,
                Piece::Bind(Bind::Bytes(v)) => out.push_bind_param::<Binary, _>(v)?,
                Piece::Bind(Bind::Big(v)) => out.push_bind_param::<BigInt, _>(v)?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_have_few_lengths() {
        let shape = |n: usize| {
            let mut sql = Sql::new("a");
            sql.equals_one((0..n).map(|i| Bind::Big(i as i64)).collect());
            sql.shape()
        };
        assert_eq!(shape(1), "a = ?");
        assert_eq!(shape(2), "a IN (?, ?)");
        assert_eq!(shape(3), "a IN (?, ?, ?, ?)");
        assert_eq!(shape(5), shape(8));
        assert_eq!(padded(vec![1, 2, 3]).collect::<Vec<_>>(), [1, 2, 3, 3]);
        assert_eq!(padded(Vec::<u8>::new()).len(), 0);
    }
}
