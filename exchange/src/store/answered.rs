//! The table of messages that were carried out.

use super::schema::answered;
use crate::error::ExchangeError;
use crate::message::Answer;
use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl};
use renkei_context::Message;
use renkei_database::{DatabaseError, Db, each, now_micros};
use renkei_sealing::Sealer;

/// For how long a message is remembered, in microseconds.
const KEPT: i64 = 24 * 3600 * 1_000_000;

/// Octets of the digest of an envelope.
const ENVELOPE: usize = 32;

/// What is known of a message.
pub(crate) struct Found {
    envelope: Vec<u8>,
    /// `None`: it had none, or its transaction takes none.
    pub(crate) parts: Option<[u8; 32]>,
    /// `None`: it was carried out, and its answer did not get as far as here.
    pub(crate) answer: Option<Answer>,
}

impl Found {
    /// Whether it is the message with this envelope.
    pub(crate) fn is(&self, message: &Message) -> bool {
        self.envelope == message.envelope
    }
}

/// The digests of a message as its row has them: of the envelope, and behind it of the parts.
fn digest(message: &Message) -> Vec<u8> {
    [message.envelope.as_slice(), message.parts.as_ref().map_or(&[], |p| p.as_slice())].concat()
}

/// Notes, in the transaction of the change that it asked for, that a message was carried out.
///
/// # Errors
/// When the statement fails.
pub fn mark(db: &mut Db, message: &Message) -> Result<(), DatabaseError> {
    let row = (
        answered::key.eq(message.key.as_slice()),
        answered::at.eq(now_micros(db)?),
        answered::digest.eq(digest(message)),
    );
    each!(db, |c| diesel::insert_into(answered::table)
        .values(row)
        .on_conflict(answered::key)
        .do_nothing()
        .execute(c))?;
    Ok(())
}

/// Keeps the sealed answer to a message that was carried out.
pub(crate) fn keep(db: &mut Db, message: &Message, answer: &[u8]) -> Result<(), ExchangeError> {
    let row = (
        answered::key.eq(message.key.as_slice()),
        answered::at.eq(now_micros(db)?),
        answered::digest.eq(digest(message)),
        answered::answer.eq(Some(answer)),
    );
    each!(db, |c| diesel::insert_into(answered::table)
        .values(row)
        .on_conflict(answered::key)
        .do_update()
        .set(answered::answer.eq(Some(answer)))
        .execute(c))?;
    Ok(())
}

/// What is known of the message with this key.
pub(crate) fn find(
    db: &mut Db,
    sealer: &Sealer,
    key: &[u8],
) -> Result<Option<Found>, ExchangeError> {
    let since = now_micros(db)?.saturating_sub(KEPT);
    let found: Option<(Vec<u8>, Option<Vec<u8>>)> = answered::table
        .filter(answered::key.eq(key))
        .filter(answered::at.ge(since))
        .select((answered::digest, answered::answer))
        .first(db)
        .optional()?;
    let Some((digest, answer)) = found else { return Ok(None) };
    let answer = answer.map(|sealed| open(sealer, key, &sealed)).transpose()?;
    let (envelope, parts) = digest.split_at_checked(ENVELOPE).ok_or(ExchangeError::Format)?;
    let parts = parts.try_into().ok();
    Ok(Some(Found { envelope: envelope.to_vec(), parts, answer }))
}

/// Seals an answer for its row.
pub(crate) fn seal(sealer: &Sealer, key: &[u8], answer: &Answer) -> Result<Vec<u8>, ExchangeError> {
    Ok(sealer.seal(&context(key), &postcard::to_stdvec(answer)?)?)
}

fn open(sealer: &Sealer, key: &[u8], sealed: &[u8]) -> Result<Answer, ExchangeError> {
    Ok(postcard::from_bytes(&sealer.open(&context(key), sealed)?)?)
}

/// An answer opens in its own row only.
fn context(key: &[u8]) -> Vec<u8> {
    [b"answered/", key].concat()
}

/// Forgets what is older than a day, and the oldest beyond `most`.
pub(crate) fn forget(db: &mut Db, most: i64) -> Result<(), ExchangeError> {
    let since = now_micros(db)?.saturating_sub(KEPT);
    diesel::delete(answered::table.filter(answered::at.lt(since))).execute(db)?;
    let count: i64 = answered::table.count().get_result(db)?;
    if count > most {
        let oldest = answered::table.order(answered::at.asc()).offset(count - most - 1);
        let limit: i64 = oldest.select(answered::at).limit(1).get_result(db)?;
        diesel::delete(answered::table.filter(answered::at.le(limit))).execute(db)?;
    }
    Ok(())
}
