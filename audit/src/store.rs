//! The Audit Record Repository: every record once, searchable by what happened and when.

use crate::body;
use crate::error::AuditError;
use crate::schema::record;
use chrono::{DateTime, Utc};
use diesel::{BoolExpressionMethods, ExpressionMethods, QueryDsl, RunQueryDsl};
use diesel_migrations::{EmbeddedMigrations, embed_migrations};
use renkei_atna::record::AuditRecord;
use renkei_database::{Database, DatabaseUrl, Db, Migrations, Options};
use renkei_sealing::{KeyRing, Sealer};
use uuid::Uuid;

const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/store/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/store/postgres");

const TABLE: &str = "record";

/// Rows of one insert statement on PostgreSQL, which takes at most 65,535 parameters.
const ROWS: usize = 1000;

/// A record sealed for the store.
#[derive(Debug, diesel::Insertable)]
#[diesel(table_name = record, treat_none_as_default_value = false)]
pub(crate) struct Row {
    id: String,
    at: String,
    event: String,
    event_type: String,
    outcome: i32,
    source_id: String,
    body: Vec<u8>,
}

/// Which records are wanted; an absent condition holds for all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filter {
    /// EventTypeCode, such as `ITI-41`.
    pub event_type: Option<String>,
    /// Not before.
    pub from: Option<DateTime<Utc>>,
    /// Before.
    pub until: Option<DateTime<Utc>>,
    /// Those that come after the record with this id, to read on.
    pub after: Option<Uuid>,
    /// At most this many.
    pub limit: u32,
}

impl Default for Filter {
    fn default() -> Self {
        Self { event_type: None, from: None, until: None, after: None, limit: 1000 }
    }
}

/// The store. Clones share it.
#[derive(Clone)]
pub struct Store {
    database: Database,
    sealer: Sealer,
}

impl Store {
    /// Opens or makes the store. Blocks; call it at start-up.
    ///
    /// # Errors
    /// When the database or the keys cannot be opened.
    pub fn open(url: &DatabaseUrl, keys: &KeyRing) -> Result<Self, AuditError> {
        let migrations = Migrations { sqlite: SQLITE, postgres: POSTGRES };
        let options = Options { readers: 2, writers: 2, ..Options::default() };
        let database = Database::open(url, migrations, options)?;
        Ok(Self { database, sealer: keys.sealer("audit.record")? })
    }

    /// The database, to close it at the end.
    pub fn database(&self) -> &Database {
        &self.database
    }

    /// Stores records; one whose id is known already is passed over. Returns how many were new.
    ///
    /// # Errors
    /// When a record cannot be sealed or the database fails; then none of them is stored.
    pub async fn append(&self, records: Vec<AuditRecord>) -> Result<usize, AuditError> {
        let rows: Result<Vec<Row>, AuditError> = records.iter().map(|r| self.seal(r)).collect();
        self.insert(rows?).await
    }

    pub(crate) fn seal(&self, record: &AuditRecord) -> Result<Row, AuditError> {
        let event_type = record.event_type.as_ref().map(|t| t.code.clone());
        Ok(Row {
            id: record.id.to_string(),
            at: body::time(record.at),
            event: record.event.code.clone(),
            event_type: event_type.unwrap_or_default(),
            outcome: i32::from(record.outcome.code()),
            source_id: record.source_id.clone(),
            body: body::seal(&self.sealer, TABLE, record)?,
        })
    }

    pub(crate) async fn insert(&self, rows: Vec<Row>) -> Result<usize, AuditError> {
        self.database.write(move |db: &mut Db| insert_new(db, &rows)).await
    }

    /// How many records there are.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn count(&self) -> Result<u64, AuditError> {
        let count =
            |db: &mut Db| -> Result<i64, AuditError> { Ok(record::table.count().get_result(db)?) };
        Ok(u64::try_from(self.database.read(count).await?).unwrap_or(0))
    }

    /// Removes the records of events before `limit` (`retention.audit_days`), at most `most` of
    /// them, so that one call holds the writer only briefly. Returns how many went.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn expire(&self, limit: DateTime<Utc>, most: u32) -> Result<usize, AuditError> {
        let before = body::time(limit);
        let remove = move |db: &mut Db| -> Result<usize, AuditError> {
            let old: Vec<i64> = record::table
                .filter(record::at.lt(&before))
                .order((record::at.asc(), record::seq.asc()))
                .limit(i64::from(most))
                .select(record::seq)
                .load(db)?;
            let removed = diesel::delete(record::table.filter(record::seq.eq_any(old)));
            Ok(removed.execute(db)?)
        };
        self.database.write(remove).await
    }

    /// The records that match, oldest first.
    ///
    /// # Errors
    /// When the database fails, or a record does not open.
    pub async fn list(&self, filter: Filter) -> Result<Vec<AuditRecord>, AuditError> {
        let sealer = self.sealer.clone();
        let read = move |db: &mut Db| -> Result<Vec<AuditRecord>, AuditError> {
            let mut query = record::table
                .select((record::id, record::body))
                .order((record::at.asc(), record::seq.asc()))
                .limit(i64::from(filter.limit))
                .into_boxed();
            if let Some(code) = &filter.event_type {
                query = query.filter(record::event_type.eq(code));
            }
            if let Some(from) = filter.from {
                query = query.filter(record::at.ge(body::time(from)));
            }
            if let Some(until) = filter.until {
                query = query.filter(record::at.lt(body::time(until)));
            }
            if let Some(id) = filter.after {
                let id = record::id.eq(id.to_string());
                let place = record::table.select((record::at, record::seq)).filter(id);
                let (at, seq): (String, i64) = place.first(db)?;
                let same_time = record::at.eq(at.clone()).and(record::seq.gt(seq));
                query = query.filter(record::at.gt(at).or(same_time));
            }
            let rows: Vec<(String, Vec<u8>)> = query.load(db)?;
            rows.iter().map(|(id, sealed)| body::open(&sealer, TABLE, id, sealed)).collect()
        };
        self.database.read(read).await
    }
}

/// Inserts what is not there. SQLite prepares a statement of many rows anew each time, and does
/// single rows faster.
fn insert_new(db: &mut Db, rows: &[Row]) -> Result<usize, AuditError> {
    let mut new = 0;
    match db {
        Db::Sqlite(c) => {
            for row in rows {
                let insert = diesel::insert_into(record::table).values(row);
                new += insert.on_conflict(record::id).do_nothing().execute(c)?;
            }
        }
        Db::Pg(c) => {
            for rows in rows.chunks(ROWS) {
                let insert = diesel::insert_into(record::table).values(rows);
                new += insert.on_conflict(record::id).do_nothing().execute(c)?;
            }
        }
    }
    Ok(new)
}
