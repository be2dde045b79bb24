//! The rules that were put in force.

use super::schema::{person, rules};
use crate::error::IdentityError;
use crate::force::RuleBook;
use diesel::dsl::max;
use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl};
use renkei_database::{Db, each};

/// The number of the rules in force; 0 for none.
pub(crate) fn epoch(db: &mut Db) -> Result<i64, IdentityError> {
    let query = rules::table.select(max(rules::epoch));
    let found: Option<i64> = each!(db, |c| query.first(c))?;
    Ok(found.unwrap_or_default())
}

/// The rules in force.
pub(crate) fn in_force(db: &mut Db) -> Result<Option<(i64, RuleBook)>, IdentityError> {
    let query = rules::table.order(rules::epoch.desc()).select((
        rules::epoch,
        rules::version,
        rules::toml,
        rules::terms,
    ));
    let row: Option<(i64, String, String, String)> = each!(db, |c| query.first(c).optional())?;
    let book = |(epoch, version, toml, terms)| (epoch, RuleBook::of_store(version, toml, terms));
    Ok(row.map(book))
}

/// Puts rules in force; their number. All pairs are to be judged by them, unless nobody is known.
pub(crate) fn put(db: &mut Db, book: &RuleBook, since: i64) -> Result<i64, IdentityError> {
    let next = epoch(db)? + 1;
    let is_nobody = is_nobody(db)?;
    let (toml, terms) = book.texts();
    let row = (
        rules::epoch.eq(next),
        rules::version.eq(book.version()),
        rules::toml.eq(toml),
        rules::terms.eq(terms),
        rules::since.eq(since),
        rules::is_done.eq(is_nobody),
    );
    each!(db, |c| diesel::insert_into(rules::table).values(row).execute(c))?;
    Ok(next)
}

fn is_nobody(db: &mut Db) -> Result<bool, IdentityError> {
    let anybody = person::table.filter(person::key.gt(0)).select(person::key);
    let anybody: Option<i64> = each!(db, |c| anybody.first(c).optional())?;
    Ok(anybody.is_none())
}

/// Whether all pairs were judged by the rules in force; those of a store from before there were rules were not.
pub(crate) fn is_done(db: &mut Db) -> Result<bool, IdentityError> {
    let query = rules::table.order(rules::epoch.desc()).select(rules::is_done);
    let done: Option<bool> = each!(db, |c| query.first(c).optional())?;
    done.map_or_else(|| is_nobody(db), Ok)
}

/// All pairs were judged by these.
pub(crate) fn done(db: &mut Db, epoch: i64) -> Result<(), IdentityError> {
    let update = diesel::update(rules::table.find(epoch)).set(rules::is_done.eq(true));
    each!(db, |c| update.execute(c))?;
    Ok(())
}
