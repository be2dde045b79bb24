//! One table on each database, for the tests of this crate.
#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    reason = "shared by several test programs, which stop at the first surprise"
)]

use diesel::prelude::{Insertable, Queryable};
use diesel_migrations::{EmbeddedMigrations, embed_migrations};
use renkei_database::testing::TestDatabase;
use renkei_database::{Database, Migrations, Options, Tables};

pub const SQLITE: EmbeddedMigrations = embed_migrations!("tests/migrations/sqlite");
pub const POSTGRES: EmbeddedMigrations = embed_migrations!("tests/migrations/postgres");

diesel::table! {
    note (id) {
        id -> BigInt,
        name -> Text,
        kind -> Text,
        size -> BigInt,
        body -> Binary,
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Insertable)]
#[diesel(table_name = note, treat_none_as_default_value = false)]
pub struct NewNote {
    pub name: String,
    pub kind: String,
    pub size: i64,
    pub body: Vec<u8>,
}

#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub struct Note {
    pub id: i64,
    pub name: String,
    pub kind: String,
    pub size: i64,
    pub body: Vec<u8>,
}

pub fn new_note(n: i64, kind: &str) -> NewNote {
    NewNote { name: format!("note {n:04}"), kind: kind.to_owned(), size: n, body: vec![0, 255] }
}

pub fn migrations() -> Migrations {
    Migrations { actor: "notes", tables: vec![Tables { sqlite: SQLITE, postgres: POSTGRES }] }
}

pub fn open_with(test: &TestDatabase, options: Options) -> Database {
    Database::open(test.url(), migrations(), options).unwrap()
}

pub fn open(test: &TestDatabase) -> Database {
    open_with(test, Options { readers: 2, writers: 3, ..Options::default() })
}
