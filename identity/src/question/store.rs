//! The table of questions.

use super::Question;
use crate::error::IdentityError;
use crate::store::schema::question;
use crate::store::vault::Vault;
use chrono::{DateTime, Utc};
use diesel::dsl::count_star;
use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl};
use renkei_database::{Db, each};
use renkei_metadata::ids::{HomeCommunityId, PatientId};
use serde::{Deserialize, Serialize};

/// What is sealed of a row.
#[derive(Serialize, Deserialize)]
struct Content {
    patient: String,
    message: String,
    query: String,
    asked_by: [u8; 32],
    with_more: bool,
    heard: Option<(String, String)>,
}

/// id_hash, home, message_id, until, sealed.
type Row = (Vec<u8>, String, String, i64, Vec<u8>);

/// The last question about a person.
pub(crate) fn of(
    db: &mut Db,
    vault: &Vault,
    patient: &PatientId,
    home: &HomeCommunityId,
) -> Result<Option<Question>, IdentityError> {
    let query = question::table
        .filter(question::id_hash.eq(vault.id_hash(patient)))
        .filter(question::home.eq(home.as_str()));
    let row: Option<Row> = each!(db, |c| query.first(c).optional())?;
    Ok(row.map(|row| opened(vault, row)).transpose()?.map(|(_, question)| question))
}

/// The question with this wsa:MessageID, and to whom it went.
pub(crate) fn by_message(
    db: &mut Db,
    vault: &Vault,
    message_id: &str,
) -> Result<Option<(HomeCommunityId, Question)>, IdentityError> {
    let query = question::table.filter(question::message_id.eq(message_id));
    let row: Option<Row> = each!(db, |c| query.first(c).optional())?;
    row.map(|row| opened(vault, row)).transpose()
}

/// Awaits an answer to this question until then, if it is there and was not answered. Locks its row until the end
/// of the transaction and changes it in its place: what is settled at the same time on PostgreSQL stays so.
pub(crate) fn await_until(
    db: &mut Db,
    vault: &Vault,
    message_id: &str,
    until: DateTime<Utc>,
) -> Result<(), IdentityError> {
    let one = question::table.filter(question::message_id.eq(message_id));
    let row = match db {
        Db::Pg(c) => one.for_update().first::<Row>(c),
        Db::Sqlite(c) => one.first::<Row>(c),
    };
    let Some(row) = row.optional()? else { return Ok(()) };
    if opened(vault, row)?.1.heard.is_none() {
        let longer = diesel::update(one).set(question::until.eq(until.timestamp_micros()));
        each!(db, |c| longer.execute(c))?;
    }
    Ok(())
}

fn opened(vault: &Vault, row: Row) -> Result<(HomeCommunityId, Question), IdentityError> {
    let (hash, home, message_id, until, sealed) = row;
    let home = HomeCommunityId::parse(&home).map_err(|_| IdentityError::Content)?;
    let content: Content = vault.open_content(&context(&hash, &home), &sealed)?;
    let Content { patient, message, query, asked_by, with_more, heard } = content;
    let patient = PatientId::parse(&patient).map_err(|_| IdentityError::Content)?;
    let until = DateTime::from_timestamp_micros(until).ok_or(IdentityError::Content)?;
    let question =
        Question { patient, message_id, message, query, asked_by, with_more, heard, until };
    Ok((home, question))
}

/// Keeps it in the place of the one before.
pub(crate) fn keep(
    db: &mut Db,
    vault: &Vault,
    home: &HomeCommunityId,
    asked: &Question,
) -> Result<(), IdentityError> {
    let hash = vault.id_hash(&asked.patient);
    let content = Content {
        patient: asked.patient.to_string(),
        message: asked.message.clone(),
        query: asked.query.clone(),
        asked_by: asked.asked_by,
        with_more: asked.with_more,
        heard: asked.heard.clone(),
    };
    let sealed = vault.seal_content(&context(&hash, home), &content)?;
    let news = (
        question::message_id.eq(asked.message_id.clone()),
        question::until.eq(asked.until.timestamp_micros()),
        question::sealed.eq(sealed),
    );
    let row = (question::id_hash.eq(&hash), question::home.eq(home.as_str()));
    each!(db, |c| diesel::insert_into(question::table)
        .values((row, news.clone()))
        .on_conflict((question::id_hash, question::home))
        .do_update()
        .set(news)
        .execute(c))?;
    Ok(())
}

/// Drops the question with this wsa:MessageID; how many there were.
pub(crate) fn drop(db: &mut Db, message_id: &str) -> Result<usize, IdentityError> {
    let one = diesel::delete(question::table.filter(question::message_id.eq(message_id)));
    Ok(each!(db, |c| one.execute(c))?)
}

/// Drops the questions to a community, about one person or about all; how many there were.
pub(crate) fn forget(
    db: &mut Db,
    home: &HomeCommunityId,
    id_hash: Option<&[u8]>,
) -> Result<usize, IdentityError> {
    let all = question::table.filter(question::home.eq(home.as_str()));
    let count = match id_hash {
        Some(hash) => {
            let one = diesel::delete(all.filter(question::id_hash.eq(hash)));
            each!(db, |c| one.execute(c))?
        }
        None => each!(db, |c| diesel::delete(all).execute(c))?,
    };
    Ok(count)
}

/// Drops the questions about a person.
pub(crate) fn forget_persons(db: &mut Db, hashes: &[Vec<u8>]) -> Result<(), IdentityError> {
    let all = diesel::delete(question::table.filter(question::id_hash.eq_any(hashes)));
    each!(db, |c| all.execute(c))?;
    Ok(())
}

/// Drops those that are awaited no longer, and told no longer.
pub(crate) fn forget_ended(db: &mut Db, now: DateTime<Utc>) -> Result<(), IdentityError> {
    let ended = question::until.le(now.timestamp_micros());
    let ended = diesel::delete(question::table.filter(ended));
    each!(db, |c| ended.execute(c))?;
    Ok(())
}

/// How many there are to each community.
pub(crate) fn counts(db: &mut Db, now: DateTime<Utc>) -> Result<Vec<(String, i64)>, IdentityError> {
    let query = question::table
        .filter(question::until.gt(now.timestamp_micros()))
        .group_by(question::home)
        .select((question::home, count_star()));
    Ok(each!(db, |c| query.load(c))?)
}

/// What was asked opens in its own row only.
fn context(hash: &[u8], home: &HomeCommunityId) -> Vec<u8> {
    [b"question:", hash, home.as_str().as_bytes()].concat()
}
