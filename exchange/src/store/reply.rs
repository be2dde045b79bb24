//! The table of replies that wait.

use super::schema::reply;
use crate::error::ExchangeError;
use diesel::dsl::min;
use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl};
use renkei_database::{Db, now_micros};
use renkei_sealing::Sealer;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// For how long a reply is tried, in microseconds.
const KEPT: i64 = 24 * 3600 * 1_000_000;
/// For how long whoever took a reply has it to himself, in microseconds.
const LEASE: i64 = 60 * 1_000_000;
/// The longest time between two attempts, in microseconds.
const LONGEST_PAUSE: i64 = 300 * 1_000_000;

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

/// Whether less than `most` replies wait.
pub(crate) fn room(db: &mut Db, most: i64) -> Result<(), ExchangeError> {
    let waiting: i64 = reply::table.count().get_result(db)?;
    if waiting >= most {
        return Err(ExchangeError::Busy("async.replies"));
    }
    Ok(())
}

/// Puts a sealed reply into the table.
pub(crate) fn put(db: &mut Db, id: Uuid, body: &[u8]) -> Result<(), ExchangeError> {
    let now = now_micros(db)?;
    diesel::insert_into(reply::table)
        .values((
            reply::id.eq(id.as_bytes().as_slice()),
            reply::made.eq(now),
            reply::due.eq(now),
            reply::attempts.eq(0),
            reply::body.eq(body),
        ))
        .execute(db)?;
    Ok(())
}

/// Takes the reply that is due first; nobody else gets it while the lease lasts.
pub(crate) fn take(db: &mut Db, sealer: &Sealer) -> Result<Option<Due>, ExchangeError> {
    let now = now_micros(db)?;
    let first: Option<(Vec<u8>, i64, i32)> = reply::table
        .filter(reply::due.le(now))
        .order(reply::due.asc())
        .select((reply::id, reply::due, reply::attempts))
        .first(db)
        .optional()?;
    let Some((id, due, tried)) = first else { return Ok(None) };
    // Another process may have taken it at the same moment.
    let row = reply::table.filter(reply::id.eq(&id)).filter(reply::due.eq(due));
    let attempts = tried.saturating_add(1);
    let lease = (reply::due.eq(now.saturating_add(LEASE)), reply::attempts.eq(attempts));
    if diesel::update(row).set(lease).execute(db)? == 0 {
        return Ok(None);
    }
    let (made, body): (i64, Vec<u8>) =
        reply::table.filter(reply::id.eq(&id)).select((reply::made, reply::body)).first(db)?;
    let id = Uuid::from_slice(&id).map_err(|_| ExchangeError::Format)?;
    let reply = postcard::from_bytes(&sealer.open(&context(id), &body)?)?;
    Ok(Some(Due { id, attempts, reply, made }))
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
        .set(reply::due.eq(now.saturating_add(pause)))
        .execute(db)?;
    Ok(true)
}

/// In how many microseconds the next reply is due; `None` when none waits.
pub(crate) fn next(db: &mut Db) -> Result<Option<i64>, ExchangeError> {
    let first: Option<i64> = reply::table.select(min(reply::due)).get_result(db)?;
    let now = now_micros(db)?;
    Ok(first.map(|due| due.saturating_sub(now).max(0)))
}
