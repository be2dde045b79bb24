//! What news change.

use super::persons::{self, Row, by_hash, by_key};
use super::schema::{clue, domain, person};
use super::{blocks, clusters, leads, pairs};
use crate::compare::{self, Clue};
use crate::error::IdentityError;
use crate::find::Found;
use crate::merge::{added, removed, without};
use crate::spoken::Spoken;
use crate::whence::{self, Whence};
use crate::{Inner, News, Told, correlation, question};
use diesel::{ExpressionMethods, QueryDsl, QueryResult, RunQueryDsl};
use renkei_database::{Db, each};
use renkei_matching::{Line, compare_forms};
use renkei_metadata::ids::PatientId;
use renkei_person::{Merge, Person};
use std::collections::{BTreeMap, BTreeSet};

/// Takes one piece of news.
pub(crate) fn take(db: &mut Db, inner: &Inner, told: &Told) -> Result<(), IdentityError> {
    let mut desk = Desk::new(db, inner, told.at.timestamp_micros());
    match &told.news {
        News::Of(person) => desk.tell(person, |_, _| Ok(true))?,
        News::Changed(person) => desk.tell(person, Desk::is_known)?,
        News::Merged(merge, person) => desk.merge(merge, person)?,
        News::Moved { previous, new, local, subsumed } => {
            for taken in [Some(local), subsumed.as_ref()].into_iter().flatten() {
                desk.change(previous, taken, removed)?;
                desk.leave(taken)?;
            }
            desk.change(new, local, added)?;
            if let Some(subsumed) = subsumed.as_ref().filter(|id| inner.is_of_record(id)) {
                let merge = Merge { survivor: local.clone(), subsumed: subsumed.clone() };
                desk.merge(&merge, &Person::default())?;
            }
        }
    }
    desk.settle()
}

/// Whoever is described otherwise, or became another, has to be asked for elsewhere again.
fn forget_elsewhere(db: &mut Db, id_hash: &[u8]) -> Result<(), IdentityError> {
    correlation::store::forget_person(db, id_hash)?;
    question::store::forget_person(db, id_hash)
}

/// What changes records.
pub(crate) struct Desk<'a> {
    pub(crate) db: &'a mut Db,
    pub(crate) inner: &'a Inner,
    /// When it was told, in microseconds since 1970.
    pub(crate) at: i64,
    /// The records of which something changed.
    touched: BTreeSet<i64>,
}

impl<'a> Desk<'a> {
    pub(crate) fn new(db: &'a mut Db, inner: &'a Inner, at: i64) -> Self {
        Self { db, inner, at, touched: BTreeSet::new() }
    }

    /// Remembers a person under each identifier that the message names and that is a record's.
    fn tell(
        &mut self,
        person: &Person,
        mut counts: impl FnMut(&mut Self, &PatientId) -> Result<bool, IdentityError>,
    ) -> Result<(), IdentityError> {
        for id in person.identifiers.iter().map(|i| &i.id) {
            if self.inner.is_of_record(id) && counts(self, id)? {
                self.remember(id, person)?;
            }
        }
        Ok(())
    }

    fn is_known(&mut self, id: &PatientId) -> Result<bool, IdentityError> {
        let hash = self.inner.vault.id_hash(id);
        Ok(by_hash(self.db, &self.inner.vault, &hash)?.is_some())
    }

    fn remember(&mut self, id: &PatientId, person: &Person) -> Result<(), IdentityError> {
        let row = self.row(id)?;
        let own = row.key;
        let mut root = self.now(row)?;
        let mut news = self.of_record(id, person)?;
        news.identifiers.retain(|i| root.spoken.is_news(&i.id, self.at));
        let is_own = root.key == own;
        let said = Whence::all(is_own, self.at);
        let (new, old) = ((&news, &said), (&root.found.person, &root.whence));
        // What is named last stands first. What comes again late changes not even that.
        let (all, whence) = match is_own && root.told <= self.at {
            true => whence::joined(new, old),
            false => whence::joined(old, new),
        };
        let told = if is_own { root.told.max(self.at) } else { root.told };
        self.keep(&Row { told, whence, ..root }, all)
    }

    /// What a message says of one of the records that it names. That several local identifiers are of one person
    /// is said of the one of the affinity domain, if there is one, and else of each other, unless one of both
    /// has gone to somebody else since.
    fn of_record(&mut self, id: &PatientId, person: &Person) -> Result<Person, IdentityError> {
        let inner = self.inner;
        let home = &inner.rules.home;
        let mut news = without(home, person);
        news.identifiers.retain(|i| i.id != *id);
        if id.authority == *home {
            return Ok(news);
        }
        let names_home = person.identifiers.iter().any(|i| i.id.authority == *home);
        let tells_of_others = !names_home && !self.has_left_since(id)?;
        let mut kept = Vec::new();
        for identifier in news.identifiers {
            let other = &identifier.id;
            if !inner.is_of_record(other) || tells_of_others && !self.has_left_since(other)? {
                kept.push(identifier);
            }
        }
        news.identifiers = kept;
        Ok(news)
    }

    fn has_left_since(&mut self, id: &PatientId) -> Result<bool, IdentityError> {
        let row = by_hash(self.db, &self.inner.vault, &self.inner.vault.id_hash(id))?;
        Ok(row.and_then(|row| row.spoken.last(id)).is_some_and(|left| left > self.at))
    }

    /// Both rows become one person, under the surviving one or whoever that is by now.
    fn merge(&mut self, merge: &Merge, person: &Person) -> Result<(), IdentityError> {
        let (old, new) = (self.row(&merge.subsumed)?, self.row(&merge.survivor)?);
        if !without(&self.inner.rules.home, person).eq(&Person::default()) {
            self.remember(&merge.survivor, person)?;
        }
        let mut new = by_key(self.db, &self.inner.vault, new.root)?;
        if old.root == new.key {
            return Ok(());
        }
        let mut old = by_key(self.db, &self.inner.vault, old.root)?;
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
        let (mut all, whence) =
            whence::joined((&survivor, &new.whence), (&old.found.person, &old.whence.of_another()));
        all.identifiers.retain(|i| i.id != merge.survivor && i.id != merge.subsumed);
        self.keep(&Row { whence, ..new }, all)
    }

    /// Gives a person an identifier or takes it away, unless something newer was said of it.
    fn change(
        &mut self,
        id: &PatientId,
        moved: &PatientId,
        change: fn(&PatientId, &mut Person),
    ) -> Result<(), IdentityError> {
        let row = self.row(id)?;
        let mut root = self.now(row)?;
        let mut person = root.found.person.clone();
        if root.spoken.is_news(moved, self.at) {
            change(moved, &mut person);
        }
        self.keep(&root, person)
    }

    /// A local identifier goes to somebody else: what other local ones said of it before holds no more.
    fn leave(&mut self, id: &PatientId) -> Result<(), IdentityError> {
        if !self.inner.is_of_record(id) {
            return Ok(());
        }
        let row = self.row(id)?;
        let mut root = self.now(row)?;
        root.spoken.is_news(id, self.at);
        for other in pairs::that_tell_of(self.db, root.key)? {
            let other = by_key(self.db, &self.inner.vault, other)?;
            if other.found.id.authority != self.inner.rules.home {
                self.change(&other.found.id, id, removed)?;
            }
        }
        let mut person = root.found.person.clone();
        let is_local = |id: &PatientId| self.inner.is_of_record(id);
        person.identifiers.retain(|i| !is_local(&i.id) || root.spoken.last(&i.id) > Some(self.at));
        self.keep(&root, person)
    }

    /// The record that this one is by now.
    fn now(&mut self, row: Row) -> Result<Row, IdentityError> {
        if row.root == row.key {
            return Ok(row);
        }
        by_key(self.db, &self.inner.vault, row.root)
    }

    /// The row of an identifier, made if it is not there.
    fn row(&mut self, id: &PatientId) -> Result<Row, IdentityError> {
        let hash = self.inner.vault.id_hash(id);
        if let Some(row) = by_hash(self.db, &self.inner.vault, &hash)? {
            return Ok(row);
        }
        let found = Found { id: id.clone(), person: Person::default() };
        let sealed = self.inner.vault.seal(&hash, (&found, &Spoken::default(), None))?;
        let epoch = self.inner.in_force().epoch;
        let values = (
            person::id_hash.eq(&hash),
            person::told.eq(0),
            person::sealed.eq(sealed),
            person::is_home.eq(id.authority == self.inner.rules.home),
            person::epoch.eq(epoch),
        );
        let insert = diesel::insert_into(person::table).values(values).returning(person::key);
        let key: i64 = each!(self.db, |c| insert.get_result(c))?;
        let of_domain = domain::oid.eq(id.authority.to_string());
        let insert = diesel::insert_into(domain::table).values(of_domain);
        each!(self.db, |c| insert.on_conflict_do_nothing().execute(c))?;
        let own = diesel::update(person::table.filter(person::key.eq(key)))
            .set((person::survivor.eq(key), person::cluster.eq(key)));
        each!(self.db, |c| own.execute(c))?;
        self.clues(key, &found)?;
        self.touched.insert(key);
        let (told, spoken, whence) = (0, Spoken::default(), Whence::all(true, 0));
        Ok(Row { key, hash, root: key, told, cluster: key, epoch, found, spoken, whence })
    }

    /// Writes down who somebody is now.
    fn keep(&mut self, row: &Row, person: Person) -> Result<(), IdentityError> {
        let is_news = person != row.found.person;
        if is_news {
            forget_elsewhere(self.db, &row.hash)?;
        }
        let found = Found { id: row.found.id.clone(), person };
        // The usual case is not written: everything was told at once, under its own identifier.
        let whence = Some(&row.whence).filter(|w| **w != Whence::all(true, row.told));
        let sealed = self.inner.vault.seal(&row.hash, (&found, &row.spoken, whence))?;
        let update = diesel::update(person::table.filter(person::key.eq(row.key)))
            .set((person::told.eq(row.told), person::sealed.eq(sealed)));
        each!(self.db, |c| update.execute(c))?;
        if !is_news {
            return Ok(());
        }
        self.touched.insert(row.key);
        self.clues(row.key, &found)
    }

    /// The row of a person who became another leads there by its own identifier and by what the person was
    /// called. All other identifiers are those of the other from now on: one that is taken away from it must not
    /// lead there by the way of this row.
    fn reduce(&mut self, row: &Row) -> Result<(), IdentityError> {
        let mut found = row.found.clone();
        found.person.identifiers.clear();
        self.clues(row.key, &found)?;
        leads::keep(self.db, row.key, &BTreeSet::new())?;
        pairs::told_by(self.db, (row.key, self.at), &self.inner.vault, &BTreeSet::new())?;
        pairs::judged(self.db, &self.inner.vault, (row.key, self.at), &BTreeMap::new())?;
        self.touched.insert(row.key);
        Ok(())
    }

    /// What the person is found by from now on, and nothing that it was found by before. Other communities are
    /// answered by what the affinity domain calls a person.
    fn clues(&mut self, key: i64, found: &Found) -> Result<(), IdentityError> {
        let old = diesel::delete(clue::table.filter(clue::person_key.eq(key)));
        each!(self.db, |c| old.execute(c))?;
        let rules = &self.inner.rules;
        if found.id.authority != rules.home {
            return Ok(());
        }
        let mut all = compare::by_identifiers(rules, &found.person);
        all.extend(compare::by_demographics(&found.person));
        all.extend(compare::by_identifier(rules, &found.id));
        all.iter().try_for_each(|one| self.clue(one, key)).map_err(IdentityError::from)
    }

    fn clue(&mut self, one: &Clue, key: i64) -> QueryResult<()> {
        let row = (clue::hash.eq(self.inner.vault.clue_hash(one)), clue::person_key.eq(key));
        let insert = diesel::insert_into(clue::table).values(row);
        each!(self.db, |c| insert.execute(c)).map(drop)
    }

    /// Brings everything that follows from records up to what changed of them.
    pub(crate) fn settle(&mut self) -> Result<(), IdentityError> {
        let mut settled = BTreeSet::new();
        // A record that another names comes into being here, and names none itself.
        while let Some(key) = self.touched.pop_first() {
            if settled.insert(key) {
                self.settle_one(key)?;
            }
        }
        clusters::settle(self, &settled)
    }

    fn settle_one(&mut self, key: i64) -> Result<(), IdentityError> {
        let row = by_key(self.db, &self.inner.vault, key)?;
        if row.root != row.key {
            return Ok(());
        }
        let mut told = BTreeSet::new();
        for id in row.found.person.identifiers.iter().map(|i| &i.id) {
            if id.authority != self.inner.rules.home && self.inner.is_of_record(id) {
                let other = self.row(id)?.root;
                told.extend(Some(other).filter(|other| *other != key));
            }
        }
        pairs::told_by(self.db, (key, self.at), &self.inner.vault, &told)?;
        self.judge(&row)
    }

    /// Compares a record, as it is now, with all that have a lead in common with it.
    fn judge(&mut self, row: &Row) -> Result<(), IdentityError> {
        let inner = self.inner;
        let force = inner.in_force();
        let form = blocks::form(&row.found, &force);
        let (mut all, others) = blocks::of(self, row.key, &form)?;
        all.extend(leads::of(&inner.rules, &inner.vault, &row.found));
        leads::keep(self.db, row.key, &all)?;
        let mut said = BTreeMap::new();
        for other in persons::by_keys(self.db, &inner.vault, &others)? {
            if other.root != other.key {
                continue;
            }
            let verdict = compare_forms(&form, &blocks::form(&other.found, &force), &force.rules);
            if verdict.line > Line::Nothing {
                said.insert(other.key, verdict);
            }
        }
        pairs::judged(self.db, &inner.vault, (row.key, self.at), &said)?;
        if row.epoch != force.epoch {
            let judged = diesel::update(person::table.find(row.key));
            let judged = judged.set(person::epoch.eq(force.epoch));
            each!(self.db, |c| judged.execute(c))?;
        }
        Ok(())
    }

    /// Brings the clusters of these records up to what is known of pairs of them.
    pub(crate) fn cluster(&mut self, keys: &[i64]) -> Result<(), IdentityError> {
        clusters::settle(self, &keys.iter().copied().collect())
    }

    /// Has a record settled with all that changed.
    pub(crate) fn touch(&mut self, key: i64) {
        self.touched.insert(key);
    }
}
