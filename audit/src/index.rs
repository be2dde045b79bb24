//! The searchable index behind the journals: which entries there are, when, of what, and where.
//!
//! In SQLite it holds places only. In PostgreSQL, which several processes share, it also holds the
//! entries themselves as they stand in the journals, each with its key, sealed.

use crate::error::AuditError;
use crate::journal::Position;
use crate::schema::{damage, entry, journal};
use chrono::{DateTime, Utc};
use diesel::dsl::max;
use diesel::{BoolExpressionMethods, ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl};
use diesel_migrations::{EmbeddedMigrations, embed_migrations};
use renkei_database::{Database, DatabaseUrl, Db, Dialect, Migrations, Options, Tables, each};
use uuid::Uuid;

const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/index/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/index/postgres");

/// Rows of one insert statement on PostgreSQL, which takes at most 65,535 parameters.
const ROWS: usize = 1000;

/// Ids that are asked for in one statement.
const IDS: usize = 500;

/// Which records are wanted; an absent condition holds for all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filter {
    /// EventTypeCode, such as `ITI-41`.
    pub event_type: Option<String>,
    /// Not before.
    pub from: Option<DateTime<Utc>>,
    /// Before.
    pub until: Option<DateTime<Utc>>,
    /// Those that come behind this place of the list, to read on.
    pub after: Option<Cursor>,
    /// At most this many.
    pub limit: u32,
}

impl Default for Filter {
    fn default() -> Self {
        Self { event_type: None, from: None, until: None, after: None, limit: 1000 }
    }
}

/// A place in the order of the list. It stays one when the record there is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    at: i64,
    num: i64,
}

/// How far a journal is indexed, and what was read last there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reached {
    pub(crate) position: Position,
    pub(crate) mark: Vec<u8>,
}

/// A row for an entry.
#[derive(Clone, Debug, diesel::Insertable)]
#[diesel(table_name = entry, treat_none_as_default_value = false)]
pub(crate) struct NewRow {
    pub(crate) id: Vec<u8>,
    pub(crate) at: i64,
    pub(crate) event: String,
    pub(crate) event_type: String,
    pub(crate) outcome: i32,
    pub(crate) source_id: String,
    pub(crate) journal: Vec<u8>,
    pub(crate) number: i64,
    pub(crate) segment: i64,
    pub(crate) place: i64,
    pub(crate) octets: Option<Vec<u8>>,
    pub(crate) wrapped_key: Option<Vec<u8>>,
}

/// What a search gives.
#[derive(Clone, Debug, diesel::Queryable)]
pub(crate) struct Row {
    pub(crate) num: i64,
    at: i64,
    pub(crate) id: Vec<u8>,
    pub(crate) journal: Vec<u8>,
    pub(crate) number: i64,
    pub(crate) segment: i64,
    pub(crate) place: i64,
    pub(crate) octets: Option<Vec<u8>>,
    pub(crate) wrapped_key: Option<Vec<u8>>,
}

impl Row {
    /// Where it stands in the list.
    pub(crate) fn cursor(&self) -> Cursor {
        Cursor { at: self.at, num: self.num }
    }
}

/// Something that could not be read; -1 stands for nothing.
#[derive(Clone, Debug, PartialEq, Eq, diesel::Insertable, diesel::Queryable)]
#[diesel(table_name = damage)]
pub(crate) struct DamageRow {
    pub(crate) journal: Vec<u8>,
    pub(crate) segment: i64,
    pub(crate) first: i64,
    pub(crate) last: i64,
    pub(crate) place: i64,
    pub(crate) octets: i64,
}

/// What one step of reading a journal found.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    pub(crate) journal: Uuid,
    pub(crate) rows: Vec<NewRow>,
    pub(crate) damages: Vec<DamageRow>,
    pub(crate) position: Position,
    pub(crate) mark: Vec<u8>,
}

/// A journal whose end moved back.
#[derive(Clone, Debug)]
pub(crate) struct Back {
    pub(crate) journal: Uuid,
    /// Where the index was.
    pub(crate) before: Position,
    /// From where it reads anew.
    pub(crate) start: Position,
    /// The first number that was lost.
    pub(crate) first: u64,
    pub(crate) damage: Option<DamageRow>,
}

/// The database of the index.
#[derive(Clone)]
pub(crate) struct Index {
    database: Database,
}

impl Index {
    /// Opens the index and brings its tables up to date. Blocks.
    pub(crate) fn open(url: &DatabaseUrl) -> Result<Self, AuditError> {
        let tables = Tables { sqlite: SQLITE, postgres: POSTGRES };
        let migrations = Migrations { actor: "audit", tables: vec![tables] };
        let options = Options { readers: 2, writers: 2, ..Options::default() };
        Ok(Self { database: Database::open(url, migrations, options)? })
    }

    pub(crate) fn database(&self) -> &Database {
        &self.database
    }

    /// Whether entries are delivered here, not only their places.
    pub(crate) fn holds_entries(&self) -> bool {
        match self.database.dialect() {
            Dialect::Postgres => true,
            Dialect::Sqlite => false,
        }
    }

    /// How far a journal is indexed.
    pub(crate) async fn reached(&self, id: Uuid) -> Result<Option<Reached>, AuditError> {
        self.database.read(move |db: &mut Db| reached(db, id)).await
    }

    /// The number behind all that are known to have been given in a journal, also those that it lost.
    pub(crate) async fn next_number(&self, id: Uuid) -> Result<u64, AuditError> {
        let read = move |db: &mut Db| -> Result<u64, AuditError> {
            let next = reached(db, id)?.map_or(0, |reached| reached.position.next);
            let lost = damage::table.filter(damage::journal.eq(id.as_bytes().as_slice()));
            let lost: Option<i64> = lost.select(max(damage::last)).first(db)?;
            Ok(next.max(unsigned(lost.unwrap_or(-1).saturating_add(1))))
        };
        self.database.read(read).await
    }

    /// Goes back in a journal, unless somebody else moved in it meanwhile.
    pub(crate) async fn move_back(&self, back: Back) -> Result<(), AuditError> {
        self.database.write(move |db: &mut Db| move_back(db, &back)).await
    }

    /// The rows of a journal below `num`, those that were inserted last first.
    pub(crate) async fn newest(&self, journal: Uuid, num: i64) -> Result<Vec<Row>, AuditError> {
        let read = move |db: &mut Db| -> Result<Vec<Row>, AuditError> {
            let rows = entry::table
                .filter(entry::journal.eq(journal.as_bytes().as_slice()))
                .filter(entry::num.lt(num))
                .order(entry::num.desc());
            Ok(rows.limit(IDS as i64).select(COLUMNS).load(db)?)
        };
        self.database.read(read).await
    }

    /// Takes up a step, unless somebody else did so before.
    pub(crate) async fn advance(&self, step: Step) -> Result<(), AuditError> {
        self.database.write(move |db: &mut Db| advance(db, &step)).await
    }

    /// Which of these records are indexed.
    pub(crate) async fn known(&self, ids: Vec<Uuid>) -> Result<Vec<Uuid>, AuditError> {
        let find = move |db: &mut Db| -> Result<Vec<Uuid>, AuditError> {
            let mut known = Vec::new();
            for ids in ids.chunks(IDS) {
                let ids: Vec<&[u8]> = ids.iter().map(|id| id.as_bytes().as_slice()).collect();
                let query = entry::table.filter(entry::id.eq_any(ids)).select(entry::id);
                let rows: Vec<Vec<u8>> = query.load(db)?;
                known.extend(rows.iter().filter_map(|id| Uuid::from_slice(id).ok()));
            }
            Ok(known)
        };
        self.database.read(find).await
    }

    pub(crate) async fn count(&self) -> Result<u64, AuditError> {
        let count =
            |db: &mut Db| -> Result<i64, AuditError> { Ok(entry::table.count().get_result(db)?) };
        Ok(u64::try_from(self.database.read(count).await?).unwrap_or(0))
    }

    /// The damage met so far.
    pub(crate) async fn damages(&self) -> Result<Vec<DamageRow>, AuditError> {
        let read = |db: &mut Db| -> Result<Vec<DamageRow>, AuditError> {
            Ok(damage::table.order((damage::journal, damage::segment)).limit(1000).load(db)?)
        };
        self.database.read(read).await
    }

    /// Removes the rows of events before `limit`, at most `most` of them, so that one call holds the
    /// writer only briefly. Returns how many went.
    pub(crate) async fn expire(
        &self,
        limit: DateTime<Utc>,
        most: u32,
    ) -> Result<usize, AuditError> {
        let before = limit.timestamp_micros();
        let remove = move |db: &mut Db| -> Result<usize, AuditError> {
            let old: Vec<i64> = entry::table
                .filter(entry::at.lt(before))
                .order((entry::at.asc(), entry::num.asc()))
                .limit(i64::from(most))
                .select(entry::num)
                .load(db)?;
            Ok(diesel::delete(entry::table.filter(entry::num.eq_any(old))).execute(db)?)
        };
        self.database.write(remove).await
    }

    /// The row of a record.
    pub(crate) async fn find(&self, id: Uuid) -> Result<Option<Row>, AuditError> {
        let read = move |db: &mut Db| -> Result<Option<Row>, AuditError> {
            let row = entry::table.filter(entry::id.eq(id.as_bytes().as_slice()));
            Ok(row.select(COLUMNS).first(db).optional()?)
        };
        self.database.read(read).await
    }

    /// Forgets the key of a record.
    pub(crate) async fn forget_key(&self, id: Uuid) -> Result<(), AuditError> {
        let forget = move |db: &mut Db| -> Result<(), AuditError> {
            let row = entry::table.filter(entry::id.eq(id.as_bytes().as_slice()));
            diesel::update(row).set(entry::wrapped_key.eq(None::<Vec<u8>>)).execute(db)?;
            Ok(())
        };
        self.database.write(forget).await
    }

    /// The rows that match, oldest first.
    pub(crate) async fn search(&self, filter: Filter) -> Result<Vec<Row>, AuditError> {
        self.database.read(move |db: &mut Db| search(db, &filter)).await
    }
}

type Columns = (
    entry::num,
    entry::at,
    entry::id,
    entry::journal,
    entry::number,
    entry::segment,
    entry::place,
    entry::octets,
    entry::wrapped_key,
);

const COLUMNS: Columns = (
    entry::num,
    entry::at,
    entry::id,
    entry::journal,
    entry::number,
    entry::segment,
    entry::place,
    entry::octets,
    entry::wrapped_key,
);

fn search(db: &mut Db, filter: &Filter) -> Result<Vec<Row>, AuditError> {
    let mut query = entry::table
        .select(COLUMNS)
        .order((entry::at.asc(), entry::num.asc()))
        .limit(i64::from(filter.limit))
        .into_boxed();
    if let Some(code) = &filter.event_type {
        query = query.filter(entry::event_type.eq(code));
    }
    if let Some(from) = filter.from {
        query = query.filter(entry::at.ge(from.timestamp_micros()));
    }
    if let Some(until) = filter.until {
        query = query.filter(entry::at.lt(until.timestamp_micros()));
    }
    if let Some(Cursor { at, num }) = filter.after {
        let same_time = entry::at.eq(at).and(entry::num.gt(num));
        query = query.filter(entry::at.gt(at).or(same_time));
    }
    Ok(query.load(db)?)
}

fn reached(db: &mut Db, id: Uuid) -> Result<Option<Reached>, AuditError> {
    let row = journal::table.filter(journal::id.eq(id.as_bytes().as_slice())).select((
        journal::segment,
        journal::place,
        journal::next,
        journal::mark,
    ));
    let row: Option<(i64, i64, i64, Vec<u8>)> = each!(db, |c| row.first(c)).optional()?;
    Ok(row.map(|(segment, place, next, mark)| {
        let (segment, offset, next) = (unsigned(segment), unsigned(place), unsigned(next));
        Reached { position: Position { segment, offset, next }, mark }
    }))
}

/// What is in the index alone goes: the delivered entries stay, which outlive their journal.
fn move_back(db: &mut Db, back: &Back) -> Result<(), AuditError> {
    if reached(db, back.journal)?.is_none_or(|r| r.position != back.before) {
        return Ok(());
    }
    let id = back.journal.as_bytes().as_slice();
    let lost = entry::table
        .filter(entry::journal.eq(id))
        .filter(entry::number.ge(signed(back.first)))
        .filter(entry::octets.is_null());
    diesel::delete(lost).execute(db)?;
    if let Some(found) = &back.damage {
        insert_damage(db, found)?;
    }
    let place = (
        journal::segment.eq(signed(back.start.segment)),
        journal::place.eq(signed(back.start.offset)),
        journal::next.eq(signed(back.start.next)),
        journal::mark.eq(Vec::new()),
    );
    diesel::update(journal::table.filter(journal::id.eq(id))).set(place).execute(db)?;
    Ok(())
}

fn insert_damage(db: &mut Db, found: &DamageRow) -> Result<(), AuditError> {
    each!(db, |c| diesel::insert_into(damage::table)
        .values(found)
        .on_conflict_do_nothing()
        .execute(c))?;
    Ok(())
}

/// A number from a database.
pub(crate) fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

/// A number as the databases keep it.
pub(crate) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn advance(db: &mut Db, step: &Step) -> Result<(), AuditError> {
    let place = |p: Position| (p.segment, p.offset);
    let to = place(step.position);
    if reached(db, step.journal)?.is_some_and(|r| place(r.position) >= to) {
        return Ok(());
    }
    insert_new(db, &step.rows)?;
    for found in &step.damages {
        insert_damage(db, found)?;
    }
    let place = (
        journal::segment.eq(signed(step.position.segment)),
        journal::place.eq(signed(step.position.offset)),
        journal::next.eq(signed(step.position.next)),
        journal::mark.eq(&step.mark),
    );
    let id = step.journal.as_bytes().as_slice();
    each!(db, |c| diesel::insert_into(journal::table)
        .values((journal::id.eq(id), place))
        .on_conflict(journal::id)
        .do_update()
        .set(place)
        .execute(c))?;
    Ok(())
}

/// Inserts what is not there. SQLite prepares a statement of many rows anew each time, and does
/// single rows faster.
fn insert_new(db: &mut Db, rows: &[NewRow]) -> Result<(), AuditError> {
    match db {
        Db::Sqlite(c) => {
            for row in rows {
                let insert = diesel::insert_into(entry::table).values(row);
                insert.on_conflict(entry::id).do_nothing().execute(c)?;
            }
        }
        Db::Pg(c) => {
            for rows in rows.chunks(ROWS) {
                let insert = diesel::insert_into(entry::table).values(rows);
                insert.on_conflict(entry::id).do_nothing().execute(c)?;
            }
        }
    }
    Ok(())
}
