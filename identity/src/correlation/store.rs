//! The table of correlations.

use super::{Correlation, Count};
use crate::error::IdentityError;
use crate::question;
use crate::store::schema::correlation;
use crate::store::vault::Vault;
use chrono::{DateTime, Utc};
use diesel::dsl::count_star;
use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl};
use renkei_database::{Db, each};
use renkei_metadata::ids::{HomeCommunityId, PatientId};
use std::collections::BTreeMap;

/// What is sealed of a row: theirs, by what was asked, how sure.
type Content = (Option<String>, [u8; 32], Option<u8>);

/// What a community told of a person.
pub(crate) fn of(
    db: &mut Db,
    vault: &Vault,
    patient: &PatientId,
    home: &HomeCommunityId,
) -> Result<Option<Correlation>, IdentityError> {
    let hash = vault.id_hash(patient);
    let query = correlation::table
        .filter(correlation::id_hash.eq(&hash))
        .filter(correlation::home.eq(home.as_str()))
        .select((correlation::since, correlation::until, correlation::sealed));
    let row: Option<(i64, i64, Vec<u8>)> = each!(db, |c| query.first(c).optional())?;
    let Some((since, until, sealed)) = row else { return Ok(None) };
    opened(vault, &context(&hash, home), (since, until), &sealed).map(Some)
}

/// The communities that know a person, with what they told.
pub(crate) fn known_elsewhere(
    db: &mut Db,
    vault: &Vault,
    patient: &PatientId,
    now: DateTime<Utc>,
) -> Result<Vec<(HomeCommunityId, Correlation)>, IdentityError> {
    let hash = vault.id_hash(patient);
    let query = correlation::table
        .filter(correlation::id_hash.eq(&hash))
        .filter(correlation::is_nobody.eq(false))
        .filter(correlation::until.gt(now.timestamp_micros()))
        .order(correlation::home)
        .select((correlation::home, correlation::since, correlation::until, correlation::sealed));
    let rows: Vec<(String, i64, i64, Vec<u8>)> = each!(db, |c| query.load(c))?;
    let told = rows.into_iter().map(|(home, since, until, sealed)| {
        let home = HomeCommunityId::parse(&home).map_err(|_| IdentityError::Content)?;
        let told = opened(vault, &context(&hash, &home), (since, until), &sealed)?;
        Ok((home, told))
    });
    told.collect()
}

/// What a row says.
fn opened(
    vault: &Vault,
    context: &[u8],
    (since, until): (i64, i64),
    sealed: &[u8],
) -> Result<Correlation, IdentityError> {
    let (theirs, asked_by, degree): Content = vault.open_content(context, sealed)?;
    let theirs = theirs.map(|id| PatientId::parse(&id).map_err(|_| IdentityError::Content));
    let at = |micros| DateTime::from_timestamp_micros(micros).ok_or(IdentityError::Content);
    let (since, until) = (at(since)?, at(until)?);
    Ok(Correlation { theirs: theirs.transpose()?, asked_by, degree, since, until })
}

/// Keeps it.
pub(crate) fn keep(
    db: &mut Db,
    vault: &Vault,
    (patient, home): (&PatientId, &HomeCommunityId),
    told: &Correlation,
) -> Result<(), IdentityError> {
    let hash = vault.id_hash(patient);
    let theirs = told.theirs.as_ref().map(ToString::to_string);
    let content: Content = (theirs, told.asked_by, told.degree);
    let sealed = vault.seal_content(&context(&hash, home), &content)?;
    let news = (
        correlation::is_nobody.eq(told.theirs.is_none()),
        correlation::since.eq(told.since.timestamp_micros()),
        correlation::until.eq(told.until.timestamp_micros()),
        correlation::sealed.eq(sealed),
    );
    let row = (correlation::id_hash.eq(&hash), correlation::home.eq(home.as_str()));
    each!(db, |c| diesel::insert_into(correlation::table)
        .values((row, news.clone()))
        .on_conflict((correlation::id_hash, correlation::home))
        .do_update()
        .set(news)
        .execute(c))?;
    Ok(())
}

/// Forgets what a community told, of one person or of all.
pub(crate) fn forget(
    db: &mut Db,
    home: &HomeCommunityId,
    id_hash: Option<&[u8]>,
) -> Result<usize, IdentityError> {
    let all = correlation::table.filter(correlation::home.eq(home.as_str()));
    let count = match id_hash {
        Some(hash) => {
            let one = diesel::delete(all.filter(correlation::id_hash.eq(hash)));
            each!(db, |c| one.execute(c))?
        }
        None => each!(db, |c| diesel::delete(all).execute(c))?,
    };
    Ok(count)
}

/// Forgets what anybody told of a person.
pub(crate) fn forget_persons(db: &mut Db, hashes: &[Vec<u8>]) -> Result<(), IdentityError> {
    let all = diesel::delete(correlation::table.filter(correlation::id_hash.eq_any(hashes)));
    each!(db, |c| all.execute(c))?;
    Ok(())
}

/// Forgets what holds no more.
pub(crate) fn forget_ended(db: &mut Db, now: DateTime<Utc>) -> Result<(), IdentityError> {
    let ended = correlation::until.le(now.timestamp_micros());
    let ended = diesel::delete(correlation::table.filter(ended));
    each!(db, |c| ended.execute(c))?;
    Ok(())
}

/// How many there are that hold.
pub(crate) fn counts(
    db: &mut Db,
    now: DateTime<Utc>,
) -> Result<BTreeMap<String, Count>, IdentityError> {
    let query = correlation::table
        .filter(correlation::until.gt(now.timestamp_micros()))
        .group_by((correlation::home, correlation::is_nobody))
        .select((correlation::home, correlation::is_nobody, count_star()));
    let rows: Vec<(String, bool, i64)> = each!(db, |c| query.load(c))?;
    let mut counts: BTreeMap<String, Count> = BTreeMap::new();
    for (home, is_nobody, count) in rows {
        let of = counts.entry(home).or_default();
        let place = if is_nobody { &mut of.nobody } else { &mut of.known };
        *place = u64::try_from(count).unwrap_or_default();
    }
    for (home, count) in question::store::counts(db, now)? {
        counts.entry(home).or_default().asked = u64::try_from(count).unwrap_or_default();
    }
    Ok(counts)
}

/// What was told opens in its own row only.
fn context(hash: &[u8], home: &HomeCommunityId) -> Vec<u8> {
    [b"correlation:", hash, home.as_str().as_bytes()].concat()
}
