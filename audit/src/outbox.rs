//! Records that wait in the database of the effect they tell of.
//!
//! Each such database has the table `audit_outbox` beside its own: [`tables`].

use crate::draft::Draft;
use crate::error::AuditError;
use crate::schema::audit_outbox;
use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl};
use diesel_migrations::{EmbeddedMigrations, embed_migrations};
use renkei_atna::record::AuditRecord;
use renkei_database::{Database, Db, Tables, each, uuid_column};
use renkei_sealing::{KeyRing, Sealer};

const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/outbox/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/outbox/postgres");

/// The table of an outbox, for the database of an actor.
pub fn tables() -> Tables {
    Tables { sqlite: SQLITE, postgres: POSTGRES }
}

uuid_column! {
    /// The id of a record that waits.
    pub struct RecordId;
}

/// The first byte of a body; another encoding is another format.
const FORMAT: u8 = 2;

/// How many rows are moved at a time.
const BATCH: i64 = 200;
/// How many sealed bytes are moved at a time; one row is, whatever its size.
const BATCH_BYTES: usize = 4 << 20;

/// A record sealed for an outbox, to be inserted later: sealing needs no database, and a writer
/// thread is better not kept waiting for it.
#[derive(Clone, Debug, PartialEq, Eq, diesel::Insertable)]
#[diesel(table_name = audit_outbox, treat_none_as_default_value = false)]
pub struct Row {
    id: RecordId,
    at: i64,
    body: Vec<u8>,
}

/// The sealer for the outboxes of all databases under one key ring.
///
/// # Errors
/// When the keys cannot be derived.
pub fn sealer(keys: &KeyRing) -> Result<Sealer, AuditError> {
    Ok(keys.sealer("audit.outbox")?)
}

/// Seals a record with the sealer of [`sealer`].
///
/// # Errors
/// When the record is too long or cannot be sealed.
pub fn seal(sealer: &Sealer, record: &AuditRecord) -> Result<Row, AuditError> {
    let id = RecordId(record.id);
    let sealed = sealer.seal(&context(id), &Draft::of(record)?.to_bytes())?;
    let mut body = Vec::with_capacity(sealed.len() + 1);
    body.push(FORMAT);
    body.extend(sealed);
    Ok(Row { id, at: record.at.timestamp_micros(), body })
}

/// Inserts a sealed record in the transaction that `db` is in.
///
/// # Errors
/// When the statement fails.
pub fn insert_sealed(db: &mut Db, row: &Row) -> Result<(), AuditError> {
    each!(db, |c| diesel::insert_into(audit_outbox::table).values(row).execute(c))?;
    Ok(())
}

/// Seals a record and inserts it in the transaction that `db` is in.
///
/// # Errors
/// When the record cannot be sealed or the statement fails.
pub fn insert(db: &mut Db, sealer: &Sealer, record: &AuditRecord) -> Result<(), AuditError> {
    insert_sealed(db, &seal(sealer, record)?)
}

/// A record opens in its own row only.
fn context(id: RecordId) -> Vec<u8> {
    [b"audit_outbox/".as_slice(), id.as_bytes()].concat()
}

/// The oldest rows of an outbox.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    pub(crate) rows: Vec<Waiting>,
    /// Rows in the outbox, those of this batch included.
    pub(crate) waiting: u64,
}

/// One row.
#[derive(Debug, diesel::Queryable)]
pub(crate) struct Waiting {
    pub(crate) id: RecordId,
    pub(crate) at: i64,
    pub(crate) body: Vec<u8>,
}

impl Waiting {
    pub(crate) fn open(&self, sealer: &Sealer) -> Result<Draft, AuditError> {
        match self.body.split_first() {
            Some((&FORMAT, sealed)) => Draft::from_bytes(&sealer.open(&context(self.id), sealed)?),
            Some(_) | None => Err(AuditError::Format),
        }
    }
}

/// Reads the oldest rows but those named in `except`, in order.
pub(crate) async fn oldest(
    database: &Database,
    except: Vec<RecordId>,
) -> Result<Batch, AuditError> {
    use audit_outbox::{at, id, table};
    let read = move |db: &mut Db| -> Result<Batch, AuditError> {
        // A list makes a statement that is not kept prepared on SQLite; nearly always it is empty.
        let oldest = table.order((at.asc(), id.asc())).limit(BATCH);
        let rows: Vec<Waiting> = match except.is_empty() {
            true => each!(db, |c| oldest.load(c))?,
            false => oldest.filter(id.ne_all(&except)).load(db)?,
        };
        let waiting = if rows.len() < usize::try_from(BATCH).unwrap_or(usize::MAX) {
            rows.len() + except.len()
        } else {
            usize::try_from(table.count().get_result::<i64>(db)?).unwrap_or(0)
        };
        let mut bytes = 0;
        let fits = |row: &Waiting| {
            let first = bytes == 0;
            bytes += row.body.len();
            first || bytes <= BATCH_BYTES
        };
        Ok(Batch { rows: rows.into_iter().take_while(fits).collect(), waiting: waiting as u64 })
    };
    database.read(read).await
}

/// Deletes rows that were delivered; `rows` are in order.
pub(crate) async fn delete(database: &Database, rows: Vec<Waiting>) -> Result<(), AuditError> {
    let keys: Vec<(i64, RecordId)> = rows.into_iter().map(|row| (row.at, row.id)).collect();
    if keys.is_empty() {
        return Ok(());
    }
    database.write(move |db: &mut Db| remove(db, &keys)).await
}

/// SQLite prepares a statement with a list anew each time, and does single rows by their key faster.
fn remove(db: &mut Db, keys: &[(i64, RecordId)]) -> Result<(), AuditError> {
    use audit_outbox::{at, id, table};
    match db {
        Db::Sqlite(c) => {
            for (time, record) in keys {
                diesel::delete(table.filter(at.eq(*time)).filter(id.eq(*record))).execute(c)?;
            }
        }
        Db::Pg(c) => {
            let (Some((from, _)), Some((to, _))) = (keys.first(), keys.last()) else {
                return Ok(());
            };
            let ids: Vec<RecordId> = keys.iter().map(|(_, record)| *record).collect();
            // The times let it find the rows by their key.
            let rows = table.filter(at.ge(*from)).filter(at.le(*to)).filter(id.eq_any(ids));
            diesel::delete(rows).execute(c)?;
        }
    }
    Ok(())
}
