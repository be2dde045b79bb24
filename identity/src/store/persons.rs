//! Persons: remembered, merged, found.
//!
//! `survivor` leads to the person that it is now at once, never over another row. What was known of a person
//! who became another is in the row of the other, too, and leads there.

use super::schema::{clue, person};
use super::vault::Vault;
use crate::compare::{self, Clue};
use crate::error::IdentityError;
use crate::find::{Found, Pool};
use crate::merge::{added, newer_over_older, removed, without};
use crate::spoken::Spoken;
use crate::{IdentityRules, News, Told, correlation, question};
use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, QueryResult, RunQueryDsl};
use renkei_database::{Db, each};
use renkei_metadata::ids::PatientId;
use renkei_person::{Merge, Person};
use std::collections::BTreeSet;

/// The most persons who are looked at for one question.
const POOL: i64 = 50;

/// A row.
struct Row {
    key: i64,
    hash: Vec<u8>,
    /// The person that it is now.
    root: i64,
    told: i64,
    found: Found,
    spoken: Spoken,
}

/// Takes one piece of news.
pub(crate) fn take(
    db: &mut Db,
    vault: &Vault,
    rules: &IdentityRules,
    told: &Told,
) -> Result<(), IdentityError> {
    let at = told.at.timestamp_micros();
    let mut desk = Desk { db, vault, rules };
    match &told.news {
        News::Of(person) => {
            let mut own = person.identifiers.iter().filter(|i| i.id.authority == rules.home);
            own.try_for_each(|i| desk.remember(&i.id, person, at))
        }
        News::Changed(person) => {
            let own = person.identifiers.iter().filter(|i| i.id.authority == rules.home);
            for identifier in own {
                if by_hash(desk.db, vault, &vault.id_hash(&identifier.id))?.is_some() {
                    desk.remember(&identifier.id, person, at)?;
                }
            }
            Ok(())
        }
        News::Merged(merge, person) => desk.merge(merge, person, at),
        News::Moved { previous, new, local, subsumed } => {
            for taken in [Some(local), subsumed.as_ref()].into_iter().flatten() {
                desk.change(previous, taken, at, removed)?;
            }
            desk.change(new, local, at, added)
        }
    }
}

/// What is known under an identifier.
pub(crate) fn person(
    db: &mut Db,
    vault: &Vault,
    id: &PatientId,
) -> Result<Option<Found>, IdentityError> {
    let Some(row) = by_hash(db, vault, &vault.id_hash(id))? else { return Ok(None) };
    Ok(Some(by_key(db, vault, row.root)?.found))
}

/// The persons who have one of these clues, each once.
pub(crate) fn with_clues(
    db: &mut Db,
    vault: &Vault,
    clues: &BTreeSet<Clue>,
) -> Result<Pool, IdentityError> {
    let mut roots = BTreeSet::new();
    let mut is_cut = false;
    for hash in clues.iter().map(|clue| vault.clue_hash(clue)) {
        let query = clue::table
            .inner_join(person::table)
            .filter(clue::hash.eq(hash))
            .select((person::key, person::survivor))
            .limit(POOL + 1);
        let rows: Vec<(i64, Option<i64>)> = each!(db, |c| query.load(c))?;
        is_cut |= i64::try_from(rows.len()).is_ok_and(|n| n > POOL);
        roots.extend(rows.into_iter().map(|(key, root)| root.unwrap_or(key)));
    }
    // Several clues may lead to more persons than each of them alone.
    is_cut |= i64::try_from(roots.len()).is_ok_and(|n| n > POOL);
    let found = roots.into_iter().take(usize::try_from(POOL).unwrap_or(0));
    let found = found.map(|key| Ok(by_key(db, vault, key)?.found));
    Ok(Pool { found: found.collect::<Result<_, IdentityError>>()?, is_cut })
}

type Columns = (i64, Vec<u8>, Option<i64>, i64, Vec<u8>);

fn by_hash(db: &mut Db, vault: &Vault, hash: &[u8]) -> Result<Option<Row>, IdentityError> {
    let query = person::table.filter(person::id_hash.eq(hash));
    let row: Option<Columns> = each!(db, |c| query.first(c).optional())?;
    row.map(|row| opened(vault, row)).transpose()
}

fn by_key(db: &mut Db, vault: &Vault, key: i64) -> Result<Row, IdentityError> {
    let query = person::table.find(key);
    opened(vault, each!(db, |c| query.first(c))?)
}

fn opened(vault: &Vault, row: Columns) -> Result<Row, IdentityError> {
    let (key, hash, root, told, sealed) = row;
    let (found, spoken) = vault.open(&hash, &sealed)?;
    Ok(Row { key, hash, root: root.unwrap_or(key), told, found, spoken })
}

/// Whoever is described otherwise, or became another, has to be asked for elsewhere again.
fn forget_elsewhere(db: &mut Db, id_hash: &[u8]) -> Result<(), IdentityError> {
    correlation::store::forget_person(db, id_hash)?;
    question::store::forget_person(db, id_hash)
}

/// What changes rows.
struct Desk<'a> {
    db: &'a mut Db,
    vault: &'a Vault,
    rules: &'a IdentityRules,
}

impl Desk<'_> {
    fn remember(&mut self, id: &PatientId, person: &Person, at: i64) -> Result<(), IdentityError> {
        let row = self.row(id)?;
        let mut root = by_key(self.db, self.vault, row.root)?;
        let mut news = without(&self.rules.home, person);
        news.identifiers.retain(|i| root.spoken.is_news(&i.id, at));
        // Of somebody whom it became it says what nobody else did.
        let is_newer = root.key == row.key && root.told <= at;
        let all = match is_newer {
            true => newer_over_older(&news, &root.found.person),
            false => newer_over_older(&root.found.person, &news),
        };
        let told = if is_newer { at } else { root.told };
        self.keep(&Row { told, ..root }, all)
    }

    /// Both rows become one person, under the surviving one or whoever that is by now.
    fn merge(&mut self, merge: &Merge, person: &Person, at: i64) -> Result<(), IdentityError> {
        let (old, new) = (self.row(&merge.subsumed)?, self.row(&merge.survivor)?);
        if !without(&self.rules.home, person).eq(&Person::default()) {
            self.remember(&merge.survivor, person, at)?;
        }
        let mut new = by_key(self.db, self.vault, new.root)?;
        if old.root == new.key {
            return Ok(());
        }
        let mut old = by_key(self.db, self.vault, old.root)?;
        let moved = diesel::update(person::table.filter(person::survivor.eq(old.key)))
            .set(person::survivor.eq(new.key));
        each!(self.db, |c| moved.execute(c))?;
        self.reduce(&old)?;
        for became in [&old, &new] {
            forget_elsewhere(self.db, &became.hash)?;
        }
        let mut survivor = new.found.person.clone();
        new.spoken.taken_away(&mut survivor, (&old.spoken, &old.found.person));
        old.spoken.taken_away(&mut old.found.person, (&new.spoken, &new.found.person));
        new.spoken = new.spoken.joined(&old.spoken);
        let all = newer_over_older(&survivor, &old.found.person);
        self.keep(&new, all)
    }

    /// Gives a person an identifier or takes it away, unless something newer was said of it.
    fn change(
        &mut self,
        id: &PatientId,
        moved: &PatientId,
        at: i64,
        change: fn(&PatientId, &mut Person),
    ) -> Result<(), IdentityError> {
        let row = self.row(id)?;
        let mut root = by_key(self.db, self.vault, row.root)?;
        let mut person = root.found.person.clone();
        if root.spoken.is_news(moved, at) {
            change(moved, &mut person);
        }
        self.keep(&root, person)
    }

    /// The row of an identifier, made if it is not there.
    fn row(&mut self, id: &PatientId) -> Result<Row, IdentityError> {
        let hash = self.vault.id_hash(id);
        if let Some(row) = by_hash(self.db, self.vault, &hash)? {
            return Ok(row);
        }
        let found = Found { id: id.clone(), person: Person::default() };
        let values = (
            person::id_hash.eq(&hash),
            person::told.eq(0),
            person::sealed.eq(self.vault.seal(&hash, (&found, &Spoken::default()))?),
        );
        let insert = diesel::insert_into(person::table).values(values);
        each!(self.db, |c| insert.on_conflict(person::id_hash).do_nothing().execute(c))?;
        let row = by_hash(self.db, self.vault, &hash)?.ok_or(IdentityError::Content)?;
        let own = diesel::update(person::table.filter(person::key.eq(row.key)))
            .set(person::survivor.eq(row.root));
        each!(self.db, |c| own.execute(c))?;
        self.clues(row.key, &row.found)?;
        Ok(row)
    }

    /// Writes down who somebody is now.
    fn keep(&mut self, row: &Row, person: Person) -> Result<(), IdentityError> {
        if person != row.found.person {
            forget_elsewhere(self.db, &row.hash)?;
        }
        let found = Found { id: row.found.id.clone(), person };
        let sealed = self.vault.seal(&row.hash, (&found, &row.spoken))?;
        let update = diesel::update(person::table.filter(person::key.eq(row.key)))
            .set((person::told.eq(row.told), person::sealed.eq(sealed)));
        each!(self.db, |c| update.execute(c))?;
        self.clues(row.key, &found)
    }

    /// The row of a person who became another leads there by its own identifier and by what the person was
    /// called. All other identifiers are those of the other from now on: one that is taken away from it must not
    /// lead there by the way of this row.
    fn reduce(&mut self, row: &Row) -> Result<(), IdentityError> {
        let mut found = row.found.clone();
        found.person.identifiers.clear();
        self.clues(row.key, &found)
    }

    /// What the person is found by from now on, and nothing that it was found by before.
    fn clues(&mut self, key: i64, found: &Found) -> Result<(), IdentityError> {
        let old = diesel::delete(clue::table.filter(clue::person_key.eq(key)));
        each!(self.db, |c| old.execute(c))?;
        let mut all = compare::by_identifiers(self.rules, &found.person);
        all.extend(compare::by_demographics(&found.person));
        all.extend(compare::by_identifier(self.rules, &found.id));
        all.iter().try_for_each(|one| self.clue(one, key)).map_err(IdentityError::from)
    }

    fn clue(&mut self, one: &Clue, key: i64) -> QueryResult<()> {
        let row = (clue::hash.eq(self.vault.clue_hash(one)), clue::person_key.eq(key));
        let insert = diesel::insert_into(clue::table).values(row);
        // Another process may take the same news at this moment.
        each!(self.db, |c| insert
            .on_conflict((clue::hash, clue::person_key))
            .do_nothing()
            .execute(c))
        .map(drop)
    }
}
