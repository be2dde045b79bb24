//! The table of replies that wait. Each belongs to a partner, who has a share of the table, and goes to a host,
//! which is called for one of them at a time.

use super::schema::reply;
use crate::error::ExchangeError;
use diesel::dsl::min;
use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, QueryResult, RunQueryDsl, sql_query};
use renkei_database::{Db, now_micros};
use renkei_sealing::Sealer;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// For how long a reply is tried, in microseconds.
const KEPT: i64 = 24 * 3600 * 1_000_000;
/// For how long whoever took a reply has it to himself, in microseconds.
const LEASE: i64 = 60 * 1_000_000;
/// The longest time between two attempts, in microseconds.
const LONGEST_PAUSE: i64 = 300 * 1_000_000;

/// The advisory lock under which replies are taken. PostgreSQL knows such locks by number; `renkei_database` and
/// `renkei_identity` have the four before it.
const TAKING_LOCK: i64 = 7_367_207;

/// A message on its way to another address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reply {
    /// The transaction, such as `ITI-18`; for logs.
    pub transaction: String,
    /// Where it goes.
    pub to: String,
    /// Content-Type.
    pub content_type: String,
    /// The entity.
    pub body: Vec<u8>,
}

/// Whose a reply is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Addressee<'a> {
    /// The node whose request it answers.
    pub partner: &'a str,
    /// Scheme, host and port of where it goes.
    pub host: &'a str,
}

/// A reply that is to be sent now, by whoever took it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Due {
    /// Its row.
    pub id: Uuid,
    /// How often it was tried, this time included.
    pub attempts: i32,
    /// What is sent.
    pub reply: Reply,
    made: i64,
}

/// Seals a reply for its row.
pub(crate) fn seal(sealer: &Sealer, id: Uuid, reply: &Reply) -> Result<Vec<u8>, ExchangeError> {
    Ok(sealer.seal(&context(id), &postcard::to_stdvec(reply)?)?)
}

/// A reply opens in its own row only.
fn context(id: Uuid) -> Vec<u8> {
    [b"reply/".as_slice(), id.as_bytes()].concat()
}

/// Whether less than `most` replies wait in all, and less than `of_one` of this partner.
pub(crate) fn room(
    db: &mut Db,
    partner: &str,
    (most, of_one): (i64, i64),
) -> Result<(), ExchangeError> {
    let its_own = reply::table.filter(reply::partner.eq(digest(partner)));
    let waiting: i64 = its_own.count().get_result(db)?;
    if waiting >= of_one {
        return Err(ExchangeError::PartnerBusy("async.partner_replies"));
    }
    let waiting: i64 = reply::table.count().get_result(db)?;
    if waiting >= most {
        return Err(ExchangeError::Busy("async.replies"));
    }
    Ok(())
}

/// By what partners and hosts are compared: where replies go is sealed.
fn digest(name: &str) -> Vec<u8> {
    Sha256::digest(name).to_vec()
}

/// An [`Addressee`], as rows have it.
pub(crate) struct Whose {
    partner: Vec<u8>,
    host: Vec<u8>,
}

impl From<Addressee<'_>> for Whose {
    fn from(addressee: Addressee<'_>) -> Self {
        let Addressee { partner, host } = addressee;
        Self { partner: digest(partner), host: digest(host) }
    }
}

/// Puts a sealed reply into the table.
pub(crate) fn put(db: &mut Db, id: Uuid, whose: &Whose, body: &[u8]) -> Result<(), ExchangeError> {
    let now = now_micros(db)?;
    diesel::insert_into(reply::table)
        .values((
            reply::id.eq(id.as_bytes().as_slice()),
            reply::made.eq(now),
            reply::due.eq(now),
            reply::attempts.eq(0),
            reply::body.eq(body),
            reply::partner.eq(&whose.partner),
            reply::host.eq(&whose.host),
            reply::under_way.eq(0),
        ))
        .execute(db)?;
    Ok(())
}

/// The hosts that somebody calls at this moment. They are few: each process calls a handful at a time.
fn called(db: &mut Db, now: i64) -> QueryResult<Vec<Vec<u8>>> {
    reply::table.filter(reply::under_way.gt(now)).select(reply::host).load(db)
}

/// Waits until nobody else takes a reply, until the end of the transaction. PostgreSQL would let two take replies
/// to one host. SQLite has one writer.
fn alone(db: &mut Db) -> QueryResult<()> {
    match db {
        Db::Pg(c) => {
            sql_query(format!("SELECT pg_advisory_xact_lock({TAKING_LOCK})")).execute(c).map(drop)
        }
        Db::Sqlite(_) => Ok(()),
    }
}

/// Takes a reply that is due to a host that nobody calls: of those that were tried least, the first. Nobody else
/// gets it, or calls that host, while the lease lasts.
pub(crate) fn take(db: &mut Db) -> Result<Option<Taken>, ExchangeError> {
    alone(db)?;
    let now = now_micros(db)?;
    let first = reply::table
        .filter(reply::due.le(now))
        .filter(reply::host.ne_all(called(db, now)?))
        .order((reply::attempts.asc(), reply::due.asc()))
        .select((reply::id, reply::made, reply::attempts, reply::body));
    let first: Option<(Vec<u8>, i64, i32, Vec<u8>)> = first.first(db).optional()?;
    let Some((id, made, tried, body)) = first else { return Ok(None) };
    let (attempts, until) = (tried.saturating_add(1), now.saturating_add(LEASE));
    let lease = (reply::due.eq(until), reply::under_way.eq(until), reply::attempts.eq(attempts));
    diesel::update(reply::table.filter(reply::id.eq(&id))).set(lease).execute(db)?;
    let id = Uuid::from_slice(&id).map_err(|_| ExchangeError::Format)?;
    Ok(Some(Taken { id, attempts, made, body }))
}

/// A reply that was taken, sealed.
pub(crate) struct Taken {
    id: Uuid,
    attempts: i32,
    made: i64,
    body: Vec<u8>,
}

impl Taken {
    /// Opens it, outside of the transaction: one that cannot be opened keeps its lease, and nobody else waiting.
    pub(crate) fn open(self, sealer: &Sealer) -> Result<Due, ExchangeError> {
        let Self { id, attempts, made, body } = self;
        let reply = postcard::from_bytes(&sealer.open(&context(id), &body)?)?;
        Ok(Due { id, attempts, reply, made })
    }
}

/// Removes a reply that is there, or never will be.
pub(crate) fn remove(db: &mut Db, id: Uuid) -> Result<(), ExchangeError> {
    diesel::delete(reply::table.filter(reply::id.eq(id.as_bytes().as_slice()))).execute(db)?;
    Ok(())
}

/// Puts a reply off that did not get there, each time for longer; `false` when it is given up.
pub(crate) fn put_off(db: &mut Db, due: &Due) -> Result<bool, ExchangeError> {
    let now = now_micros(db)?;
    if now.saturating_sub(due.made) >= KEPT {
        remove(db, due.id)?;
        return Ok(false);
    }
    let doublings = u32::try_from(due.attempts - 1).unwrap_or(0).min(16);
    let pause = 1_000_000_i64.saturating_mul(1 << doublings).min(LONGEST_PAUSE);
    diesel::update(reply::table.filter(reply::id.eq(due.id.as_bytes().as_slice())))
        .set((reply::due.eq(now.saturating_add(pause)), reply::under_way.eq(0)))
        .execute(db)?;
    Ok(true)
}

/// In how many microseconds the next reply is due to a host that nobody calls now; `None` when none waits.
pub(crate) fn next(db: &mut Db) -> Result<Option<i64>, ExchangeError> {
    let now = now_micros(db)?;
    let free = reply::table.filter(reply::host.ne_all(called(db, now)?));
    let first: Option<i64> = free.select(min(reply::due)).get_result(db)?;
    Ok(first.map(|due| due.saturating_sub(now).max(0)))
}
